"""The tab *Retours*: what it shows, what its buttons do, by mouse and by keyboard alone."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Browser, expect

from elite_lib import batch as batches
from elite_lib import demo
from elite_lib.batch import Office
from elite_lib.labels import _, use_language
from elite_lib.models import EntryKind, Period, ReturnClass, ReturnKind
from elite_lib.serving import serving
from elite_lib.ui.dashboard import Dashboard
from elite_lib.ui.returns import ReturnsTab
from tests.support import browser as browsing
from tests.support import offices, workbooks
from tests.support.command import elite
from tests.support.offices import address, code, invoice_number
from tests.support.pages import PATIENCE, Accountant, open_dashboard
from tests.support.returning import Mailbag

C, K = ReturnClass, ReturnKind


@pytest.fixture(autouse=True)
def _french() -> Iterator[None]:
    use_language("fr")
    yield
    use_language("fr")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    contacts = [
        workbooks.contact(code(n), **{"E-mail": address(n), "Téléphone": f"01 99 00 00 {n:02}"})
        for n in range(1, 5)
    ]
    (tmp_path / "home" / "retours").mkdir(parents=True)
    settings = {"returns": {"sources": ["retours"]}, "message": {"receipt": True}}
    return offices.make_home(tmp_path / "home", 4, settings=settings, contacts=contacts)


@pytest.fixture
def office(root: Path) -> Iterator[Office]:
    with offices.open_office(root) as opened:
        yield opened


@pytest.fixture
def bag(office: Office) -> Mailbag:
    bag = Mailbag(office)
    bag.send()
    return bag


def came_back(message_id: str, to: str) -> bytes:
    """Write a report (RFC 3464) about one of our messages."""
    return (
        "From: MAILER-DAEMON@mx.example.com\r\nSubject: Undelivered Mail\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nIt could not be taken.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.com\r\n\r\n"
        f"Final-Recipient: rfc822; {to}\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        "Diagnostic-Code: smtp; 550 5.1.1 no such user\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {message_id}\r\n\r\n--b--\r\n"
    ).encode()


def opened(office: Office) -> ReturnsTab:
    tab = ReturnsTab(office)
    tab.opened()
    assert tab.notice.value == "", tab.notice.value
    return tab


# -- what it shows -------------------------------------------------------------------------------------


def test_nothing_is_read_before_the_tab_is_opened(office: Office, bag: Mailbag) -> None:
    bag.back(address(1))
    tab = ReturnsTab(office)
    assert tab.sheet is None
    assert (tab.list.value, tab.aside.rows) == ("", [])
    assert tab.title == "Retours"
    assert ReturnsTab in {type(other) for other in Dashboard(office).tabs.tabs}


def test_an_opened_tab_shows_the_sheet_the_banner_and_who_is_set_aside(office: Office, bag: Mailbag) -> None:
    bag.back(address(1))
    bag.back(address(2), C.BLOCK, ours=True, rule="authentication")
    bag.back(address(3), None, kind=K.MDN)
    tab = opened(office)
    assert "DUPONT1" in tab.list.value
    assert "01 99 00 00 01" in tab.list.value
    assert "SPF" in tab.banner.value
    assert 'role="alert"' in tab.banner.value
    assert 'role="alert"' not in tab.list.value, "said once"
    (row,) = tab.aside.rows
    assert row["address"] == address(1)
    assert "M. Hélène LEFÈVRE" in " ".join(row["cells"])
    assert "reçu le" in tab.receipts.value
    assert "1 accusé est venu, 4 demandés" in tab.receipts.value


def test_what_is_new_is_read_when_the_tab_is_opened_again_and_nothing_else(
    office: Office, bag: Mailbag
) -> None:
    tab = opened(office)
    before = tab.sheet
    tab.opened()
    assert tab.sheet is before
    bag.back(address(1))
    tab.opened()
    assert tab.sheet is not before
    assert "DUPONT1" in tab.list.value


def test_a_home_that_sent_nothing_has_an_empty_tab(office: Office) -> None:
    tab = opened(office)
    assert "Rien n’est revenu" in tab.list.value
    assert tab.aside.rows == []


def test_without_its_workbook_the_tab_has_codes(office: Office, bag: Mailbag, root: Path) -> None:
    bag.back(address(1))
    (root / "factures.xlsx").unlink()
    assert code(1) in opened(office).list.value


# -- what its buttons do -------------------------------------------------------------------------------


def test_an_address_is_taken_up_again_by_whoever_presses(office: Office, bag: Mailbag) -> None:
    bag.back(address(1))
    tab = opened(office)
    tab.aside._on_message(tab.aside, {"type": "clear", "address": address(1)}, [])
    assert tab.aside.rows == []
    (cleared,) = office.journal.entries(kinds=[EntryKind.CLEARED])
    assert (cleared.operator, cleared.recipients[0].address) == ("Claire", address(1))
    assert address(1) in tab.notice.value
    assert batches.addresses_set_aside(office) == {}


def test_returns_are_collected_beside_the_page_and_shown(office: Office, bag: Mailbag, root: Path) -> None:
    (attempt,) = office.journal.attempts(address=address(2))
    message_id = str(attempt.data["message_id"])
    (root / "retours" / "1.eml").write_bytes(came_back(message_id, address(2)))
    tab = opened(office)
    tab.collect()
    assert "1 nouveau retour, sur 1 message" in tab.notice.value
    assert "DUPONT2" in tab.list.value
    assert not tab.collect_button.disabled


def test_a_place_that_cannot_be_read_is_said(office: Office, bag: Mailbag, root: Path) -> None:
    (root / "retours").rmdir()
    tab = opened(office)
    tab.collect()
    assert 'role="alert"' in tab.notice.value
    assert not tab.collect_button.disabled


def test_the_files_hold_the_sheet(office: Office, bag: Mailbag) -> None:
    bag.back(address(1))
    tab = opened(office)
    book, paper = tab._file_xlsx(), tab._file_pdf()
    assert book is not None
    assert paper is not None
    assert (book.name, paper.name) == ("retours_2026-10.xlsx", "retours_2026-10.pdf")
    page = openpyxl.load_workbook(io.BytesIO(book.content)).active
    assert page is not None
    assert address(1) in {cell.value for row in page.iter_rows() for cell in row}
    assert paper.content.startswith(b"%PDF")


def test_the_analysis_is_drawn_when_it_is_asked_for(office: Office, bag: Mailbag) -> None:
    bag.back(address(1))
    tab = opened(office)
    assert tab.analysis.value == ""
    tab.analyse()
    assert tab.analysis.value.count("<img ") >= 4
    assert "Cadence proposée" in tab.analysis.value


def test_a_scheduler_collects_and_tells(office: Office, bag: Mailbag, root: Path) -> None:
    (attempt,) = office.journal.attempts(address=address(2))
    (root / "retours" / "1.eml").write_bytes(came_back(str(attempt.data["message_id"]), address(2)))
    said = elite("bounces", "sheet", "2026-10", home=root)
    assert address(2) not in said.out
    assert elite("collect", "--notify", home=root).code == 0
    assert address(2) in elite("bounces", "sheet", "2026-10", home=root).out
    assert invoice_number(2) in elite("bounces", "sheet", "2026-10", home=root).out


# -- in the browser ------------------------------------------------------------------------------------


@pytest.fixture
def accountant(chromium: Browser, tmp_path: Path) -> Iterator[Accountant]:
    made = demo.make_home(tmp_path / "home", residents=12)
    with batches.open_home(made.root, operator="Mme Essai") as office:
        bag = Mailbag(office)
        bag.send(Period.parse("2026-10"))
        known = [
            entry.recipients[0].address for entry in office.journal.entries(kinds=[EntryKind.ATTEMPTING])
        ]
        bag.back(known[0])
        bag.back(known[1])
        bag.back(known[2], C.BLOCK, ours=True, rule="authentication")
    with serving(made.root, password_hash=browsing.HASH, port=browsing.free_port()) as server:
        yield open_dashboard(chromium, server.url)


@pytest.mark.slow
def test_the_tab_by_keyboard_alone(accountant: Accountant) -> None:
    page = accountant.page
    accountant.tab_to(_("Sending of the month"))
    accountant.press("ArrowRight", "ArrowRight")
    assert accountant.focused() == "Retours"
    expect(page.get_by_role("heading", name="Feuille des retours")).to_be_visible(timeout=PATIENCE)
    expect(page.locator(".elite-returns").first).to_be_visible(timeout=PATIENCE)
    accountant.is_accessible()
    rows = page.locator(".elite-aside tbody tr")
    expect(rows).to_have_count(2)
    accountant.tab_to("Rétablir")
    accountant.press("Enter")
    expect(rows).to_have_count(1, timeout=PATIENCE)
    assert accountant.focused().startswith("Rétablir"), "the keyboard stays where it was"
    accountant.press("Enter")
    expect(page.get_by_text("Aucune adresse n’est de côté.")).to_be_visible(timeout=PATIENCE)
    accountant.tab_to("Montrer l’analyse")
    accountant.press("Enter")
    expect(page.locator("figure img")).to_have_count(4, timeout=PATIENCE)
    accountant.is_accessible()
    accountant.leave()


@pytest.mark.slow
def test_the_sheet_is_saved_from_the_tab(accountant: Accountant) -> None:
    page = accountant.page
    page.get_by_role("tab", name="Retours").click()
    expect(page.locator(".elite-returns").first).to_be_visible(timeout=PATIENCE)
    for name, start in (("(.xlsx)", b"PK"), ("(PDF)", b"%PDF")):
        with page.expect_download(timeout=PATIENCE) as download:
            page.get_by_role("button", name=f"Feuille des retours {name}").click()
        assert Path(download.value.path()).read_bytes().startswith(start)
    accountant.leave()
