"""Take the dashboard's pictures of the guide again: ``python -m tests.support.pictures [FOLDER]``.

A sample home, its catcher, the real page in Chromium; no person's data is in them.
"""

from __future__ import annotations

import io
import os
import re
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Locator, expect

from elite_lib import demo
from elite_lib.demo import DemoHome
from elite_lib.labels import _, word
from elite_lib.models import Way
from elite_lib.serving import serving
from tests.support import browser as browsing
from tests.support.pages import PATIENCE, Accountant, open_dashboard

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
RESIDENTS = 60
MENU = b"%PDF-1.4\n%" + b"0" * 180_000


class Album:
    """Keep pictures as small PNGs: few colours, no dithering."""

    def __init__(self, folder: Path, at: Accountant) -> None:
        self.folder, self.at = folder, at

    def page(self, name: str) -> None:
        self._keep(name, self.at.page.screenshot())

    def part(self, name: str, part: Locator) -> None:
        part.scroll_into_view_if_needed()
        # what is always in sight would lie over it
        self.at.page.add_style_tag(content=".elite-sticky { position: static !important; }")
        self._keep(name, part.screenshot())
        self.at.page.evaluate("document.head.lastElementChild.remove()")

    def _keep(self, name: str, content: bytes) -> None:
        picture = Image.open(io.BytesIO(content)).convert("RGB")
        small = picture.quantize(colors=256, dither=Image.Dither.NONE)
        small.save(self.folder / f"{name}.png", optimize=True)


def take(folder: Path, made: DemoHome, url: str) -> None:
    """Send a month, and take a picture of each state."""
    with browsing.chromium() as chromium:
        at = open_dashboard(chromium, url)
        album = Album(folder, at)
        page = at.page
        key = next(line.key for line in made.facts.lines if line.month == "2026-10" and line.messages)
        at.row(key).locator(".cl-resident").click()
        expect(page.locator(".cl-weight:not(:empty)").nth(40)).to_be_attached(timeout=PATIENCE)
        album.page("dashboard")
        album.page("liste")
        page.get_by_label(_("Show"), exact=True).first.select_option("held")
        page.get_by_role("group").or_(page.locator("details")).first.evaluate("e => e.open = true")
        album.page("raisons")
        page.locator("details").first.evaluate("e => e.open = false")
        page.get_by_label(_("Show"), exact=True).first.select_option("")

        at.attach(1, ("Mot pour la famille.txt", "Bon rétablissement.".encode()))
        at.attach(0, ("Menu de Noël.pdf", MENU), ("lettre.docx", b"PK"))
        expect(page.get_by_role("alert").filter(has_text="lettre.docx")).to_be_visible()
        album.part("pieces-jointes", at.section(_("Attachments")))
        shown = page.locator(".elite-preview").get_by_label(_("Show"))
        expect(page.locator(".elite-preview")).to_contain_text("Menu_de_Noel.pdf")
        page.wait_for_timeout(800)
        album.part("message", at.section(_("Message")))
        shown.select_option(index=2)
        expect(page.locator(".elite-preview img").first).to_be_visible()
        page.get_by_label(_("Subject"), exact=True).fill("Facture {{ residant }}")
        expect(page.locator(".ed-place mark")).to_be_visible()
        album.part("mot-inconnu", at.section(_("Message")))
        page.get_by_label(_("Subject"), exact=True).fill("Facture {{ numero }} – {{ resident }}")

        at.button(_("Send me a test")).click()
        at.sees(re.compile("essai accepté"))
        at.button(_("Simulate")).click()
        at.sees(_("Simulation ended. Nothing left, nothing was stored."))
        album.part("essai", at.section(_("Try before sending")))
        page.evaluate("scrollTo(0, 0)")
        at.row(key).get_by_role("checkbox").click()
        at.ask()
        album.page("confirmation")
        at.confirm()
        at.sees_it_going()
        expect(page.locator(".elite-last li").nth(5)).to_be_visible(timeout=PATIENCE)
        page.evaluate("scrollTo(0, 0)")
        album.page("envoi")
        at.sees(re.compile(re.escape(_("Finished."))))
        at.box("refused").get_by_role("button").click()
        page.locator(".sl-lines li").first.wait_for()
        album.part("bordereau", at.section(_("Dispatch slip")))
        at.leave()


def take_journal(folder: Path, made: DemoHome, url: str) -> None:
    """Show the invoices of a month that was sent, the history of one, and how a single one is sent."""
    with browsing.chromium() as chromium:
        at = open_dashboard(chromium, url)
        album = Album(folder, at)
        page = at.page
        page.get_by_role("tab", name=_("Journal")).click()
        sent = page.locator(".elite-journal-table tr[data-envelope=sent]")
        expect(sent.first).to_be_visible(timeout=PATIENCE)
        numbers = [sent.nth(place).get_attribute("data-key") for place in (0, 1)]
        first, second = (page.locator(f".elite-journal-table tr[data-key='{key}']") for key in numbers)
        single, panel = page.locator(".elite-single"), page.locator(".elite-invoice")
        second.locator(".cl-resident").dblclick()
        single.get_by_label(word(Way.EML), exact=True).check()
        single.get_by_label(_("I confirm: this replaces the earlier sending")).check()
        with page.expect_download():
            single.get_by_role("button", name=_("Send this invoice")).click()
        expect(second).to_have_attribute("data-envelope", "handed", timeout=PATIENCE)
        single.get_by_role("button", name=_("Close")).click()
        with page.expect_download():
            panel.get_by_role("button", name=_("Print (PDF)")).click()
        expect(panel.locator(".elite-history")).to_contain_text("Imprimé", timeout=PATIENCE)
        expect(panel.get_by_role("button", name=_("Print (PDF)"))).to_be_enabled()
        page.set_viewport_size({"width": 1100, "height": 1000})
        album.part("historique", panel)
        panel.get_by_role("button", name=_("Close")).click()
        page.set_viewport_size({"width": 1280, "height": 800})
        page.evaluate("scrollTo(0, 0)")
        album.page("journal")
        page.set_viewport_size({"width": 900, "height": 2000})
        first.locator(".cl-resident").dblclick()
        expect(single.frame_locator("iframe").locator("body")).to_contain_text("Bonjour")
        page.wait_for_timeout(800)
        single.get_by_label(word(Way.INTERNAL), exact=True).check()
        album.part("une-facture", single)
        at.leave()


def main() -> None:
    """Take them all; the folder is the guide's unless another is named."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURES
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["LOGNAME"] = "Mme Martin"  # who sends, prints and settles in the pictures
    with tempfile.TemporaryDirectory(prefix="elite-") as place:
        os.environ["XDG_CONFIG_HOME"] = str(Path(place) / "config")  # not this workstation's own choices
        made = demo.make_home(Path(place) / "home", residents=RESIDENTS)
        with (
            demo.catcher_for(made, delay=0.1),
            serving(made.root, password_hash=browsing.HASH, port=browsing.free_port()) as server,
        ):
            take(folder, made, server.url)
            take_journal(folder, made, server.url)


if __name__ == "__main__":
    main()
