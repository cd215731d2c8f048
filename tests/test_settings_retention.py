"""What has been kept for its time, on the tab of the settings: shown, then put away by who confirms."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from elite_lib import batch as batches
from elite_lib.batch import Office
from elite_lib.labels import _
from elite_lib.models import EntryKind, Period
from elite_lib.serving import Server
from elite_lib.ui.settings import SettingsTab
from tests.support import offices, workbooks
from tests.support.forms import Page
from tests.support.pages import PATIENCE, Accountant, open_dashboard

OLD = Period.parse("2024-03")


def old_home(root: Path) -> Path:
    """A home that sent a month so long ago that its messages and PDFs have had their time."""
    numbers = range(1, 4)
    factures = [
        workbooks.invoice(
            offices.invoice_number(n),
            offices.code(n),
            Date=dt.date(2024, 3, 31),
            Échéance=dt.date(2024, 4, 15),
            **{"Début période": dt.date(2024, 3, 1), "Fin période": dt.date(2024, 3, 31)},
        )
        for n in numbers
    ]
    offices.make_home(root, 3, factures=factures, settings={"batch": {"lifetime_days": 1}})
    with offices.open_office(root) as office:
        prepared = batches.prepare(office, OLD)
        with office.journal.hold_account(office.account.key, wait=0):
            offices.run(office, prepared.batch)
    return root


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with offices.open_office(old_home(tmp_path / "home")) as opened:
        yield opened


@pytest.fixture
def page(office: Office) -> Page:
    tab = SettingsTab(office, on_saved=lambda: None, environ={})
    tab.opened()
    return Page(tab.form)


def documents(office: Office) -> Path:
    return office.settings.home.documents / "2024-03"


def rows(page: Page) -> dict[str, list[str]]:
    (table,) = [block for block in page.form.blocks["retention"] if block["kind"] == "table"]
    return {row[0]: row[1:] for row in table["rows"]}


def buttons(page: Page) -> list[str]:
    shown = [block for block in page.form.blocks["retention"] if block["kind"] == "actions"]
    return [one["name"] for block in shown for one in block["actions"]]


def test_what_is_past_its_time_is_shown_and_nothing_goes(page: Page, office: Office) -> None:
    entries = office.journal.mark().entry
    page.press("purge_look")
    shown = rows(page)
    kept, before, count, weight = shown[_("documents")]
    assert kept == "13 mois"
    assert before.split()[0].isalpha()
    assert count == "3"
    assert weight.endswith("Ko")
    assert shown[_("messages")][2:] == ["0", "–"], "its batch may still be sent"
    assert shown[_("journal entries with an address")][0] == "36 mois"
    assert buttons(page) == ["purge"]
    assert documents(office).is_dir()
    assert office.journal.mark().entry == entries
    assert page.sent[-1] == {"type": "done", "name": "purge_look"}


def test_what_was_shown_goes_under_the_name_of_who_confirms(page: Page, office: Office) -> None:
    page.press("purge")
    assert documents(office).is_dir(), "nothing was shown yet"
    page.press("purge_look")
    page.press("purge")
    assert not documents(office).exists()
    last = office.journal.entries(kinds=[EntryKind.PURGED])[-1]
    assert (last.operator, last.data["documents"]) == ("Claire", 1)
    assert "3" in page.told("retention")
    page.press("purge_look")
    assert rows(page)[_("documents")][2] == "0"
    assert buttons(page) == []


def test_while_a_run_holds_the_account_it_is_refused_and_said_by_whom(page: Page, office: Office) -> None:
    page.press("purge_look")
    with office.journal.hold_account(office.account.key, wait=0, run="r", operator="Mme Martin"):
        page.press("purge")
        assert "Mme Martin" in page.told("retention")
        assert documents(office).is_dir()
    page.press("purge")
    assert not documents(office).exists()


def test_what_came_to_its_end_meanwhile_is_shown_before_it_goes(page: Page, office: Office) -> None:
    page.press("purge_look")
    run = office.settings.home.runs / "2024-03_x"
    run.mkdir(parents=True)
    (run / "monthly_batch.html").write_text("carnet", encoding="utf-8")
    page.press("purge")
    assert documents(office).is_dir()
    assert run.is_dir()
    assert rows(page)[_("executed notebooks")][2] == "1"
    page.press("purge")
    assert not run.exists()


def test_months_of_keeping_that_are_not_saved_are_not_what_is_shown(page: Page) -> None:
    page.press("purge_look", retention__documents="1")
    assert page.form.blocks["retention"][0]["tone"] == "error"
    assert buttons(page) == []


def test_kept_for_ever_is_said_and_keeps(page: Page, office: Office) -> None:
    page.press("save", retention__documents="0")
    page.press("purge_look")
    assert rows(page)[_("documents")] == [_("ever"), "–", "0", "–"]
    assert buttons(page) == []


# -- in the browser ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return old_home(tmp_path_factory.mktemp("retention") / "home")


def opened(chromium: Browser, url: str) -> Accountant:
    person = open_dashboard(chromium, url)
    person.page.get_by_role("tab", name=_("Settings")).click()
    expect(person.button(_("Show what is past its time"))).to_be_visible(timeout=PATIENCE)
    return person


@pytest.mark.slow
def test_by_keyboard_then_by_mouse_what_had_its_time_goes(
    chromium: Browser, server: Server, root: Path
) -> None:
    person = opened(chromium, server.url)
    page = person.page
    person.tab_to(_("What is kept, and how long"))
    person.press("Enter")
    person.tab_to(_("Show what is past its time"))
    person.press("Enter")
    confirm = person.button(_("Put it away for good"))
    expect(confirm).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_role("rowheader", name=_("documents"), exact=True)).to_be_visible()
    person.is_accessible()
    person.tab_to(_("Put it away for good"))
    with offices.open_office(root) as office:
        with office.journal.hold_account(office.account.key, wait=0, run="r", operator="Mme Martin"):
            person.press("Enter")
            person.sees("Mme Martin")
        assert documents(office).is_dir()
        confirm.click()
        person.sees(_("The journal says so, with your name."))
        assert not documents(office).exists()
    expect(confirm).to_have_count(0)
    person.is_accessible()
    person.leave()
