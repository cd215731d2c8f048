"""The page in Chromium: how soon it is there, how soon a tick is answered, how it bears a run's updates.

Each figure stands beside its floor of the same run: an empty page of the same server, or the same page with
few residents. Needs Chromium and nothing else; everything happens on this machine.

Run: python benchmarks/bench_dashboard.py [--residents 2000] [--many 10000] [--rounds 3] [--journal]
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page

from elite_lib import demo
from elite_lib.demo.generator import generate
from elite_lib.serving import serving
from tests.support import browser as browsing

EMPTY = (
    "import ipywidgets; from IPython.display import display; display(ipywidgets.HTML('<p id=there>vide</p>'))"
)
IMPORTS = """
import elite_lib.ui.dashboard, elite_lib.sources, pandas, openpyxl
import ipywidgets
from IPython.display import display
display(ipywidgets.HTML('<p id=there>rien</p>'))
"""
TABLE = """
import asyncio, time
import ipywidgets
from IPython.display import display
from elite_lib.ui.checklist import Checklist, Row

def row(i, state="pending"):
    return Row(key=f"F{i}", number=f"F2026-10-{i:05}", resident=f"Mme Nom{i % 500}", cents=i, state=state,
               addresses=(f"famille{i}@example.com",), attachments=("facture",), amount="1 000,00 €",
               label=state, groups=("unsent",), tickable=state == "pending")

table = Checklist([row(i) for i in range(COUNT)], selected=[f"F{i}" for i in range(COUNT)])
answer = ipywidgets.HTML()
answer.add_class("answer")
def tell(_change):
    answer.value = f"{len(table.selected)} cochées"
table.observe(tell, names="selected")
start = ipywidgets.Button(description="vingt")
async def twenty():
    for i in range(20):
        table.patch([row(COUNT - 1 - i, "accepted")])
        await asyncio.sleep(0.05)
start.on_click(lambda _b: asyncio.get_running_loop().create_task(twenty()))
display(start, answer, table)
"""


@contextmanager
def served(root: Path, notebook: Path | None = None) -> Iterator[str]:
    port = browsing.free_port()
    with serving(root, password_hash=browsing.HASH, port=port, notebook=notebook) as server:
        yield server.url


def seconds(browser: Browser, url: str, selector: str, rounds: int) -> float:
    """Take the median time from asking for the page to seeing ``selector``, logged in already."""
    page = browsing.open_page(browser)
    page.set_default_timeout(180_000)
    browsing.log_in(page, url)
    page.locator(selector).first.wait_for()
    taken = []
    for _round in range(rounds):
        began = time.perf_counter()
        page.goto(url, wait_until="commit")
        page.locator(selector).first.wait_for()
        taken.append(time.perf_counter() - began)
    page.close(run_before_unload=True)
    return statistics.median(taken)


def answered(page: Page, row: str, rounds: int) -> float:
    """Take the median time from a click on a row's checkbox to Python's answer in the page."""
    taken = []
    for _round in range(rounds * 15):
        taken.append(
            page.evaluate(
                """async (row) => {
                  const box = document.querySelector(`[data-key="${row}"] input`);
                  const answer = document.querySelector(".answer");
                  const before = answer.textContent;
                  const began = performance.now();
                  box.click();
                  while (answer.textContent === before) await new Promise(requestAnimationFrame);
                  return performance.now() - began;
                }""",
                row,
            )
        )
    return statistics.median(taken) / 1000


def updates(page: Page, count: int) -> tuple[float, bool]:
    """Start twenty updates, 20 a second, far below; say how long they took, and whether it stood still."""
    scrolled = "document.querySelector('.cl-region').scrollTop"
    page.evaluate(f"{scrolled} = 600")
    before = page.evaluate(scrolled)
    began = time.perf_counter()
    page.get_by_role("button", name="vingt").click()
    page.wait_for_function(
        f"document.querySelector('.answer').textContent.startsWith('{count - 20} ')", timeout=60_000
    )
    took = time.perf_counter() - began
    return took, page.evaluate(scrolled) == before


def table_page(browser: Browser, folder: Path, count: int, rounds: int) -> dict[str, float]:
    """Measure the checklist alone with ``count`` rows."""
    home = demo.make_home(folder / "home", residents=5).root
    code = TABLE.replace("COUNT", str(count))
    notebook = browsing.write_notebook(folder / f"table-{count}.ipynb", code)
    with served(home, notebook) as url:
        visible = seconds(browser, url, "tr[data-key=F0]", rounds)
        page = browsing.open_page(browser)
        page.set_default_timeout(180_000)
        browsing.log_in(page, url)
        page.locator("tr[data-key=F0]").wait_for()
        tick = answered(page, "F3", rounds)
        if page.locator("tr[data-key=F3] input").is_checked() is False:
            page.locator("tr[data-key=F3] input").check()
        page.get_by_text(f"{count} cochées", exact=True).wait_for()
        took, still = updates(page, count)
        began = time.perf_counter()
        page.get_by_role("searchbox").fill(f"famille{count - 7}@")
        page.locator(f"tr[data-key=F{count - 7}]").wait_for()
        found = time.perf_counter() - began
        page.close(run_before_unload=True)
    return {"visible": visible, "tick": tick, "updates": took, "still": float(still), "search": found}


def month_page(browser: Browser, folder: Path, residents: int, rounds: int) -> tuple[float, float]:
    """Give the time to the frame of the real page, and to its first line."""
    home = demo.make_home(folder / f"home-{residents}", residents=residents).root
    with served(home) as url:
        frame = seconds(browser, url, ".elite-top", rounds)
        return frame, seconds(browser, url, ".elite-checklist tbody tr[data-key]", rounds)


GAPS = """() => {
  window.longest = 0;
  let last = performance.now();
  const look = (now) => {
    window.longest = Math.max(window.longest, now - last);
    last = now;
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}"""


def journal_page(browser: Browser, root: Path, residents: int) -> None:
    """Open the invoice journal of a home of twelve months; then all of them at once."""
    made = demo.make_home(root / "year", residents=5)
    months = tuple(f"2026-{month:02}" for month in range(1, 13))
    generate(made.root, residents=residents, months=months)
    with served(made.root) as url:
        page = browsing.open_page(browser)
        page.set_default_timeout(180_000)
        browsing.log_in(page, url)
        page.locator(".elite-checklist tbody tr[data-key]").first.wait_for()
        page.evaluate(GAPS)
        rows, count = (
            page.locator(".elite-journal-table tbody tr[data-key]"),
            ".elite-journal-table .cl-count",
        )
        began = time.perf_counter()
        page.get_by_role("tab", name="Journal d’envoi").click()
        rows.first.wait_for()
        told("the journal opened (the workbook is read)", began, page, page.locator(count).inner_text())
        for place, choice in (("first", len(months) - 1), ("last", len(months) - 1)):
            few = page.locator(count).inner_text()
            began = time.perf_counter()
            chosen = page.locator("[data-open] .elite-period select")
            (chosen.first if place == "first" else chosen.last).select_option(index=choice)
            page.wait_for_function(
                "([where, few]) => document.querySelector(where).innerText !== few", arg=[count, few]
            )
        told("the twelve months", began, page, page.locator(count).inner_text())
        began = time.perf_counter()
        page.locator(".elite-journal-table input[type=search]").fill("00777")
        page.wait_for_function("document.querySelectorAll('.elite-journal-table tbody tr').length < 40")
        told("a search among them", began, page, page.locator(count).inner_text())
        began = time.perf_counter()
        rows.first.locator("td").nth(1).dblclick()
        page.locator(".elite-single .fam-list").wait_for()
        told("the form that sends one", began, page, "")
        began = time.perf_counter()
        page.locator(".elite-single iframe").wait_for()
        told("its message", began, page, "")
        page.close(run_before_unload=True)


def told(name: str, began: float, page: Page, count: str) -> None:
    """Print how long it took, and the longest time in which the page drew nothing."""
    took = time.perf_counter() - began
    longest = page.evaluate("() => { const found = window.longest; window.longest = 0; return found; }")
    print(f"{name:<48} {took:7.2f} s   longest standstill {longest:6.0f} ms   {count}", flush=True)


def show(name: str, floor: float, ours: float) -> None:
    print(f"{name:<62} floor {floor:7.3f} s   ours {ours:7.3f} s   {ours / floor:5.2f} ×", flush=True)


def main(argv: list[str] | None = None) -> None:
    """Measure, and print each figure beside its floor."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--residents", type=int, default=2000)
    parser.add_argument("--many", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--journal", action="store_true", help="only the tab of the invoice journal")
    asked = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="elite-") as name, browsing.chromium() as browser:
        journal_page(browser, Path(name), asked.residents)
        if asked.journal:
            return
        measure(browser, Path(name), asked.residents, many=asked.many, rounds=asked.rounds)


def measure(browser: Browser, root: Path, residents: int, *, many: int, rounds: int) -> None:
    home = demo.make_home(root / "floor", residents=5).root
    floors: dict[str, float] = {}
    for name, code in (("empty", EMPTY), ("imports", IMPORTS)):
        with served(home, browsing.write_notebook(root / f"{name}.ipynb", code)) as url:
            floors[name] = seconds(browser, url, "#there", rounds)
    frame, month = month_page(browser, root, residents, rounds)
    show("frame of the page visible; floor: an empty page", floors["empty"], frame)
    show(f"month of {residents} residents; floor: a page that imports the same", floors["imports"], month)
    few = table_page(browser, root / "few", 100, rounds)
    table = table_page(browser, root / "table", residents, rounds)
    large = table_page(browser, root / "large", many, rounds)
    show(
        f"checklist of {residents} alone; floor: a page that imports the same",
        floors["imports"],
        table["visible"],
    )
    same = floors["imports"]
    show(f"a tick answered, {residents} residents; floor: 100", few["tick"], table["tick"])
    for count, taken in ((residents, table), (many, large)):
        show(f"20 updates in a second, {count} residents; floor: the second", 1.0, taken["updates"])
        print(f"  scroll and ticks kept: {'yes' if taken['still'] else 'NO'}")
    show(f"checklist of {many}; floor: a page that imports the same", same, large["visible"])
    show(f"a tick answered, {many} residents; floor: 100", few["tick"], large["tick"])
    print(f"search among {many}: {large['search'] * 1000:.0f} ms")


if __name__ == "__main__":
    main()
