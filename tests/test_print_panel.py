"""The print pile from the page: which lines, a first page, sheets of their own; noted as printed."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from elite_lib import batch as batches
from elite_lib.labels import _, ngettext
from elite_lib.models import EntryKind
from elite_lib.serving import Server
from elite_lib.ui.downloads import File
from elite_lib.ui.papers import PaperPanel
from tests.support import offices, workbooks
from tests.support.pages import PATIENCE, open_dashboard
from tests.support.printed import pages_of


def home(root: Path) -> Path:
    """Three residents; the second family has no address, so that its invoice is to be printed."""
    contacts = [
        workbooks.contact(offices.code(n), **{"E-mail": "" if n == 2 else offices.address(n)})
        for n in (1, 2, 3)
    ]
    return offices.make_home(root, 3, contacts=contacts)


def pile(tmp_path: Path, **chosen: bool) -> tuple[list[str], list[str]]:
    """Press the button with these choices; give the text of each page, and the lines noted as printed."""
    files: list[File] = []
    with offices.open_office(home(tmp_path / "home")) as office:
        slip = batches.survey(office, offices.OCTOBER).slip
        panel = PaperPanel(office, slip=lambda: slip)
        panel.printing.hand_over = files.append
        for name, value in chosen.items():
            getattr(panel, name).value = value
        panel.printing._make()
        printed = office.journal.entries(kinds=[EntryKind.PRINTED])
        assert {entry.operator for entry in printed} == {"Claire"}
        assert not panel.printing.disabled
    (made,) = files
    return pages_of(made.content), [entry.line for entry in printed]


def test_what_remains_with_a_first_page_that_says_why(tmp_path: Path) -> None:
    (cover, invoice), printed = pile(tmp_path)
    assert "à imprimer — pas d’adresse" in cover
    assert offices.invoice_number(2) in invoice
    assert printed == [offices.invoice_number(2)]


def test_without_the_first_page(tmp_path: Path) -> None:
    (invoice,), _printed = pile(tmp_path, cover=False)
    assert offices.invoice_number(2) in invoice


def test_everything_each_on_a_sheet_of_its_own(tmp_path: Path) -> None:
    pages, printed = pile(tmp_path, what=True, duplex=True, cover=False)
    assert [bool(page.strip()) for page in pages] == [True, False] * 3
    assert printed == [offices.invoice_number(n) for n in (1, 2, 3)]


# -- in the browser ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return home(tmp_path_factory.mktemp("printing") / "home")


@pytest.mark.slow
def test_the_pile_is_chosen_and_downloaded_by_keyboard(chromium: Browser, server: Server, root: Path) -> None:
    at = open_dashboard(chromium, server.url)
    page = at.page
    page.get_by_label(_("To print")).select_option(label=_("every invoice"))
    at.tab_to(_("A first page that says what is in it, and why"))
    at.press("Space")
    at.tab_to(_("Each document on a new sheet (two-sided printing)"))
    at.press("Space")
    expect(page.get_by_label(_("A first page that says what is in it, and why"))).not_to_be_checked()
    with page.expect_download(timeout=PATIENCE) as download:
        at.tab_to(_("Print pile (PDF)"))
        at.press("Enter")
    pages = pages_of(download.value.path().read_bytes())
    assert [bool(text.strip()) for text in pages] == [True, False] * 3
    said = "{n} lines are in the pile; they are noted in the journal as printed."
    at.sees(ngettext("{n} line is in the pile; it is noted in the journal as printed.", said, 3).format(n=3))
    at.is_accessible()
    with offices.open_office(root) as office:
        assert len(office.journal.entries(kinds=[EntryKind.PRINTED])) == 3
    at.leave()
