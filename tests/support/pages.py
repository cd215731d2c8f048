"""The accountant at the page: what a person does there, by mouse or by keyboard alone, and what they see."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Locator, Page, expect

from elite_lib.labels import _
from tests.support import browser as browsing

PATIENCE = 60_000  # milliseconds: the machine may be busy
_MOST = 120  # presses of Tab until a control counts as out of reach
_FOCUSED = """() => {
  let at = document.activeElement;
  if (!at || at === document.body) return "";
  const label = at.labels?.length ? at.labels[0].textContent : "";
  return (at.getAttribute("aria-label") || label || at.textContent || at.title || "").trim();
}"""


@dataclass(frozen=True, slots=True)
class Accountant:
    """One person at one open page."""

    page: Page

    # -- looking ---------------------------------------------------------------------------------

    @property
    def send(self) -> Locator:
        return self.page.get_by_role("button", name=_("Send…"))

    @property
    def status(self) -> Locator:
        """Say how many lines are ticked."""
        return self.page.locator(".cl-count")

    def row(self, key: str) -> Locator:
        return self.page.locator(f"tr[data-key='{key}']")

    def box(self, name: str) -> Locator:
        """Find a box of the dispatch slip by its word in the code."""
        return self.page.locator(f".elite-slip tr[data-box='{name}']")

    def section(self, title: str) -> Locator:
        return self.page.locator(".elite-card", has=self.page.get_by_role("heading", name=title, exact=True))

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    # -- by mouse --------------------------------------------------------------------------------

    def attach(self, place: int, *files: tuple[str, bytes]) -> None:
        """Choose files; ``place`` 0: for everybody, 1: for the line pointed at."""
        made: list[Any] = [
            {"name": name, "mimeType": "application/octet-stream", "buffer": content}
            for name, content in files
        ]
        self.page.locator(".dz-file").nth(place).set_input_files(made)

    def ask(self) -> Locator:
        """Press Send, and give the question."""
        self.send.click()
        question = self.page.locator(".elite-question")
        expect(question).to_be_visible()
        return question

    def confirm(self) -> None:
        self.button(_("Confirm the sending")).click()

    def sees_it_going(self) -> None:
        """Wait until a message of a run was reported."""
        expect(self.page.locator(".elite-run progress")).to_be_visible(timeout=PATIENCE)
        expect(self.page.locator(".elite-last li").first).to_be_visible(timeout=PATIENCE)

    def sees(self, text: str | re.Pattern[str]) -> None:
        expect(self.page.get_by_text(text).locator("visible=true").first).to_be_visible(timeout=PATIENCE)

    # -- by keyboard alone -----------------------------------------------------------------------

    def tab_to(self, name: str, *, most: int = _MOST, exactly: bool = False) -> None:
        """Press Tab until a control whose name holds ``name`` has the keyboard."""
        for _press in range(most):
            self.page.keyboard.press("Tab")
            found = self.page.evaluate(_FOCUSED)
            if name == found or (name in found and not exactly):
                return
        raise AssertionError(f"out of reach by keyboard: {name}")

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def focused(self) -> str:
        found: str = self.page.evaluate(_FOCUSED)
        return found

    # -- judged ----------------------------------------------------------------------------------

    def is_accessible(self, **only: list[str]) -> None:
        """Let axe-core look for violations of WCAG 2.2 A and AA and of its best practices."""
        # not into the sandboxed preview: it runs no script, axe would wait for its answer
        options = {"resultTypes": ["violations"], "iframes": False} | only
        found = Axe().run(self.page, options=options).response["violations"]
        told = [(one["id"], one["help"], [node["html"][:160] for node in one["nodes"]][:4]) for one in found]
        assert not found, json.dumps(told, indent=1, ensure_ascii=False)

    def leave(self) -> None:
        """Close the tab as a person does; nothing broke in the page, and nothing was asked elsewhere."""
        errors: list[str] = self.page.errors  # type: ignore[attr-defined]
        requested: list[str] = self.page.requested  # type: ignore[attr-defined]
        assert errors == []
        foreign = [
            url
            for url in requested
            if not re.match(r"(https?|wss?)://127\.0\.0\.1[:/]|data:|blob:|about:", url)
        ]
        assert foreign == []
        self.page.close(run_before_unload=True)


def open_dashboard(chromium: Browser, url: str, **options: Any) -> Accountant:
    """Log in, and wait until the month is shown."""
    expect.set_options(timeout=PATIENCE / 2)
    page = browsing.open_page(chromium, **options)
    page.set_default_timeout(PATIENCE)
    browsing.log_in(page, url)
    expect(page.locator(".elite-checklist table").or_(page.get_by_role("alert")).first).to_be_visible(
        timeout=PATIENCE
    )
    return Accountant(page)
