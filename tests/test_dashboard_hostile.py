"""Bad input at the page: a clear sentence in place, never a traceback, never a dead page."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import expect

from elite_lib import batch as batches
from elite_lib.batch import Office
from elite_lib.exceptions import StorageError
from elite_lib.journal import lock_account
from elite_lib.labels import _, explain
from elite_lib.serving import serving
from elite_lib.ui import panels
from elite_lib.ui.dispatch import DispatchTab
from elite_lib.ui.month import Order
from elite_lib.ui.papers import month_workbook, problem_workbook, workbook
from tests.support import browser as browsing
from tests.support import offices, workbooks
from tests.support.pages import PATIENCE, open_dashboard

NAMES = (
    "<script>window.hacked = 1</script>",
    "<img src=x onerror=window.hacked=2>",
    "{{ 7*7 }} {% raw %}",
    '+HYPERLINK("http://nuisible.example","Cliquez")',
    "\u202eTNOPUD gauche",
    "Dupont" * 1700,  # 10,200 characters
    "@SUM(1+1)*cmd",
)


def hostile_home(root: Path) -> Path:
    residents = [
        workbooks.resident(offices.code(n), Nom=name, Prénom="") for n, name in enumerate(NAMES, start=1)
    ]
    return offices.make_home(root, len(NAMES), residents=residents)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with offices.open_office(hostile_home(tmp_path / "home")) as opened:
        yield opened


def test_what_turns_or_never_ends_is_tamed() -> None:
    assert panels.quoted("\u202eTNOPUD\u2066 \u200fx\n y") == "TNOPUD x y"
    assert len(panels.quoted("x" * 10_000)) < 200


def test_no_cell_of_an_export_is_a_formula(office: Office) -> None:
    page = DispatchTab(office)
    assert page.month is not None
    bare = workbook(("=1+1", ("=A1", "+B"), [("=1+1", "+33"), ("-2", "@SUM(1)"), (" =2", "\t=3")]))
    for content in (bare, month_workbook(page.month.slip), problem_workbook(page.month.plan.problems)):
        book = openpyxl.load_workbook(io.BytesIO(content))
        cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value]
        assert all(cell.data_type != "f" for cell in cells)
        texts = [str(cell.value) for cell in cells if isinstance(cell.value, str)]
        assert not [text for text in texts if text.lstrip().startswith(("=", "+", "-", "@"))]
    names = [row["resident"] for row in page.checklist.rows]
    assert any("HYPERLINK" in name for name in names)


def test_a_full_disk_is_said_and_the_page_goes_on(office: Office) -> None:
    """The order is frozen in a thread; what it raises is told beside the Send button."""
    page = DispatchTab(office)
    assert page.month is not None
    full = StorageError("disk_full", path="outbox")

    class FullDisk(Order):
        def freeze(self) -> batches.Prepared:
            raise full

    made = page.run.order(leave_out=False)
    page.run.order = lambda *, leave_out: FullDisk(  # type: ignore[method-assign]
        **{name: getattr(made, name) for name in made.__slots__}
    )
    page.run.send.send.click()
    page.run.send.confirm.click()
    assert explain(full).split(":")[0] in page.run.send.notice.value.replace("&#39;", "'")
    assert not page.run.busy
    assert not page.run.send.send.disabled
    assert page.run.launched is None


@pytest.mark.slow
def test_a_hostile_workbook_and_a_day_when_everything_fails(tmp_path: Path) -> None:
    root = hostile_home(tmp_path / "home")
    workbook = root / "factures.xlsx"
    with (
        browsing.chromium() as chromium,
        serving(root, password_hash=browsing.HASH, port=browsing.free_port()) as server,
    ):
        at = open_dashboard(chromium, server.url)
        page = at.page
        rows = page.locator(".elite-checklist tbody tr")
        expect(rows).to_have_count(len(NAMES))
        expect(rows.filter(has_text="<script>window.hacked").first).to_be_visible()
        for _number in range(len(NAMES)):
            at.button(_("Next line")).click()
        expect(page.locator(".elite-preview")).to_be_visible()
        assert page.evaluate("window.hacked") is None
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

        # another run holds the account: the page says whose it is, and goes on
        with (
            offices.open_office(root) as office,
            lock_account(root / "locks", office.account.key, wait=0, operator="Mme Autre"),
        ):
            at.ask()
            at.confirm()
            expect(page.get_by_role("alert").filter(has_text="Mme Autre")).to_be_visible(timeout=PATIENCE)
        # the mail server is gone: nothing left, and that is said
        at.ask()
        at.confirm()
        expect(page.locator(".elite-run").get_by_role("alert")).to_be_visible(timeout=PATIENCE)
        expect(at.send).to_be_visible()

        # the workbook is replaced while the page is open, by something that is none
        kept = tmp_path / "kept.xlsx"
        shutil.copy(workbook, kept)
        workbook.write_bytes(b"nothing of a workbook")
        expect(page.locator(".elite-changed")).to_be_visible(timeout=PATIENCE)
        at.button(_("Read the workbook again")).click()
        expect(page.get_by_role("alert").filter(has_text=workbook.name)).to_be_visible(timeout=PATIENCE)
        shutil.copy(kept, workbook)
        at.button(_("Read the workbook again")).click()
        expect(rows).to_have_count(len(NAMES), timeout=PATIENCE)
        assert "Traceback" not in page.content()
        at.leave()
