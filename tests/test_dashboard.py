"""The accountant's page: what it shows, what its Send button does, and that it never sends itself."""

from __future__ import annotations

import dataclasses
import re
import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from elite_lib import batch as batches
from elite_lib import config, demo, outcomes
from elite_lib.batch import Office
from elite_lib.batch.enclosing import enclosed, take_out
from elite_lib.batch.enclosures import line_folder
from elite_lib.demo import DemoHome
from elite_lib.exceptions import ConfigError
from elite_lib.journal import lock_account
from elite_lib.labels import _, word
from elite_lib.models import (
    Box,
    ChangeKind,
    Disposition,
    Entry,
    EntryKind,
    Period,
    ProblemCode,
    RecipientOutcome,
    Reply,
    Status,
    StopReason,
)
from elite_lib.serving import serving
from elite_lib.ui import figures, slip
from elite_lib.ui.checklist import filters, texts
from elite_lib.ui.dispatch import DispatchTab
from elite_lib.ui.following import Follower
from elite_lib.ui.message import MessagePanel
from elite_lib.ui.month import Month
from elite_lib.ui.period import PeriodPanel, default_month
from elite_lib.ui.progress import standing
from elite_lib.ui.rows import due
from tests.support import browser as browsing

OCTOBER = Period.parse("2026-10")
RESIDENTS = 24


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> DemoHome:
    return demo.make_home(tmp_path_factory.mktemp("demo") / "home", residents=RESIDENTS)


@pytest.fixture
def made(pristine: DemoHome, tmp_path: Path) -> DemoHome:
    """A demo home of this test's own."""
    shutil.copytree(pristine.root, tmp_path / "home")
    return DemoHome(home=config.Home(root=tmp_path / "home"), facts=pristine.facts)


@pytest.fixture
def office(made: DemoHome) -> Iterator[Office]:
    with batches.open_home(made.root, operator="Mme Essai") as opened:
        yield opened


def month_of(office: Office) -> Month:
    return Month(office, batches.load_tables(office), OCTOBER)


# -- the month -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("remaining", "expected"),
    [({"2026-09", "2026-10"}, "2026-10"), ({"2026-09"}, "2026-09"), (set(), "2026-10")],
)
def test_the_latest_month_that_is_not_fully_sent_is_chosen(remaining: set[str], expected: str) -> None:
    assert default_month(["2026-08", "2026-09", "2026-10"], remaining.__contains__) == expected


def test_no_month_at_all() -> None:
    assert default_month([], lambda _month: True) == ""


def test_a_period_can_span_months_and_never_ends_before_it_begins() -> None:
    chosen: list[Period] = []
    panel = PeriodPanel(chosen.append)
    panel.fill(["2026-08", "2026-09", "2026-10"], chosen="2026-09")
    assert panel.period == Period.parse("2026-09")
    panel.last.value = "2026-10"
    assert panel.period == Period.parse("2026-09..2026-10")
    panel.first.value = "2026-10"
    assert chosen == [Period.parse("2026-09..2026-10"), OCTOBER]


def test_rows_are_the_lines_of_the_month_and_only_mailable_ones_can_be_ticked(
    office: Office, made: DemoHome
) -> None:
    facts = {line.key: line for line in made.facts.lines if line.month == "2026-10"}
    rows = month_of(office).rows()
    assert {row.key for row in rows} == set(facts)
    for row in rows:
        expected = facts[row.key]
        assert row.tickable == (expected.disposition is Disposition.MAIL), row.key
        assert Decimal(row.cents) == expected.amount * 100
        if expected.disposition is Disposition.MAIL:
            assert set(row.addresses) == set(expected.addresses)
        if expected.reason is not None:
            assert row.reason, "a line that is not mailed says why"
    assert set(due(rows)) == {key for key, line in facts.items() if line.disposition is Disposition.MAIL}


def test_the_intent_counts_what_would_really_leave(office: Office, made: DemoHome) -> None:
    month, facts = month_of(office), made.facts.month("2026-10")
    ticked = due(month.rows())
    intent = month.intent(ticked, ticked)
    assert (intent.messages, intent.recipients, intent.left) == (facts.messages, facts.recipients, 0)
    assert intent.invoices == facts.dispositions[Disposition.MAIL]
    assert intent.statements == facts.statements_alone
    assert intent.sender.endswith("<facturation@les-tilleuls.example>")
    assert intent.login == "", "the demo home keeps its password"
    assert month.intent(ticked[1:], ticked).left == 1


def test_a_password_that_nothing_holds_is_asked_for(office: Office) -> None:
    (office.settings.home.secrets / "mail").unlink()
    month = month_of(office)
    assert month.intent((), ()).login == office.account.login


def test_what_is_not_ticked_is_recorded_only_if_it_is_to_stay_out(office: Office) -> None:
    month = month_of(office)
    rows = month.rows()
    first, *others = due(rows)
    wording = office.settings.wording
    leaving = month.order(others, rows, wording=wording, leave_out=True)
    assert (leaving.out, leaving.back) == ((first,), ())
    assert month.order(others, rows, wording=wording, leave_out=False).out == ()
    batches.untick(office, OCTOBER, [first])
    month.refresh()
    again = month.order([first, *others], month.rows(), wording=wording, leave_out=True)
    assert (again.out, again.back) == ((), (first,))


def test_freezing_sends_nothing_and_takes_only_what_is_ticked(office: Office, made: DemoHome) -> None:
    month = month_of(office)
    first, *others = due(month.rows())
    order = month.order(others, month.rows(), wording=office.settings.wording, leave_out=True)
    prepared = order.freeze()
    assert {message.line for message in prepared.batch.messages} == set(others)
    assert office.journal.entries(kinds=[EntryKind.ATTEMPTING]) == []
    (left_out,) = office.journal.entries(kinds=[EntryKind.UNTICKED])
    assert (left_out.line, left_out.operator) == (first, "Mme Essai")
    month.refresh()
    assert {line.key: line.box for line in month.slip.lines}[first] is Box.UNTICKED


# -- what the panels say -------------------------------------------------------------------------------


def test_figures_and_slip_show_the_billing_and_escape_nothing_by_accident(office: Office) -> None:
    month = month_of(office)
    shown = figures.figures(month.slip)
    assert f"<dd>{month.slip.invoices}</dd>" in shown
    drawn = slip.facts(month.slip)
    assert drawn["balance"] == _("The boxes add up to the billing.")
    total, billing, *_apart = drawn["foot"]
    assert (total["count"], total["euros"]) == (billing["count"], billing["euros"])


def test_problems_are_folded_worst_first(office: Office) -> None:
    month = month_of(office)
    shown = figures.problems(month.plan.problems)
    severities = re.findall(r'data-severity="(\w+)"', shown)
    assert severities == sorted(severities, key=["fatal", "hold", "warning"].index)
    assert len(severities) == len(month.plan.problems)
    assert figures.problems(()) != ""


def test_a_wrong_placeholder_is_shown_where_it_stands(office: Office) -> None:
    panel = MessagePanel(office.settings, on_change=lambda: None)
    editor = panel.editor
    assert panel.valid
    editor.text = "Madame, Monsieur,\n\nBonjour {{ residant }}, voici"
    assert not panel.valid
    assert "residant" in editor.errors["text"]["sentence"]
    assert editor.errors["text"]["place"] == ("Bonjour ", "{{ residant }}", ", voici")
    assert "subject" not in editor.errors
    editor.text = "Bonjour {{ resident }}"
    editor.subject = "{{ montent }}"
    assert "text" not in editor.errors
    assert "montent" in editor.errors["subject"]["sentence"]
    editor.subject = "Facture {{ numero }}"
    assert panel.valid
    assert (panel.wording.subject, panel.wording.text) == ("Facture {{ numero }}", "Bonjour {{ resident }}")


def test_without_a_mail_account_nothing_can_be_sent(made: DemoHome) -> None:
    text = made.home.toml.read_text(encoding="utf-8")
    made.home.toml.write_text(re.sub(r'(?m)^(sender|host) = ".*"', r'\1 = ""', text), encoding="utf-8")
    with batches.open_home(made.root) as office:
        assert office.settings.mail is None
        page = DispatchTab(office)
        assert page.run.send.send.disabled
        assert page.checklist.rows, "the month is shown all the same"


def test_a_workbook_that_cannot_be_read_is_said_and_can_be_read_again(made: DemoHome) -> None:
    workbook = batches_source(made)
    kept = workbook.read_bytes()
    workbook.write_bytes(b"not a workbook")
    with batches.open_home(made.root) as office:
        page = DispatchTab(office)
        assert workbook.name in page.notice.value
        assert "Traceback" not in page.notice.value
        workbook.write_bytes(kept)
        page.workbook.reload.click()
        assert page.notice.value == ""
        assert page.checklist.rows


def batches_source(made: DemoHome) -> Path:
    return config.load(made.home).data.source


# -- what a person does in place -------------------------------------------------------------------------


def held_for_death(made: DemoHome) -> str:
    (key,) = [
        line.key
        for line in made.facts.lines
        if line.month == "2026-10" and line.reason is ProblemCode.RESIDENT_DECEASED
    ]
    return key


def test_no_command_is_shown_on_the_page(office: Office, made: DemoHome) -> None:
    month = month_of(office)
    (row,) = month.rows({held_for_death(made)})
    assert "elite " not in row.reason
    assert _("below, in the dispatch slip") in row.reason
    assert "elite settle" not in figures.problems(month.plan.problems)


def test_a_person_says_to_whom_a_deceased_residents_invoice_goes(office: Office, made: DemoHome) -> None:
    page, key = DispatchTab(office), held_for_death(made)
    ask = {"type": "act", "key": key, "action": "resend", "value": "notaire@etude.example"}
    page.slip._on_message(None, {**ask, "value": "pas une adresse"}, None)
    assert "elite-error" in page.settled.value
    page.slip._on_message(None, ask, None)
    assert page.settled.value == ""
    (row,) = [row for row in page.checklist.rows if row["key"] == key]
    assert (row["tickable"], row["addresses"]) == (True, ("notaire@etude.example",))
    assert key not in page.checklist.selected, "it is ticked by a person"
    (settled,) = office.journal.entries(kinds=[EntryKind.RESOLVED])
    assert settled.operator == "Mme Essai"


def test_a_line_that_left_asks_before_it_is_ticked_again(office: Office) -> None:
    page = DispatchTab(office)
    key = accept_first(office, page)
    (row,) = [row for row in page.checklist.rows if row["key"] == key]
    assert (row["ask"], row["tickable"]) == (True, False)
    page.checklist.selected = [key]
    assert page.checklist.selected == [], "the page alone cannot tick it"
    page.checklist._on_message(None, {"type": "ask", "key": key}, None)
    page.again.no.click()
    assert key not in page.checklist.selected
    page.checklist._on_message(None, {"type": "ask", "key": key}, None)
    page.again.yes.click()
    assert key in page.checklist.selected
    assert page.month is not None
    assert page.month.intent([key], ()).again == 1
    order = page.run.order(leave_out=False)
    assert order.again == (key,)
    assert office.journal.entries(kinds=[EntryKind.RESOLVED]) == [], "nothing is decided before the sending"
    prepared = order.freeze()
    states = outcomes.fold(office.journal.entries())
    assert key in {message.line for message in outcomes.pending(prepared.batch, states)}
    (settled,) = office.journal.entries(kinds=[EntryKind.RESOLVED])
    assert (settled.line, settled.operator) == (key, "Mme Essai")


def test_an_address_that_changed_since_last_month_is_marked(office: Office) -> None:
    month = month_of(office)
    key = due(month.rows())[0]
    line = month.line(key)
    assert line is not None
    assert line.resident is not None
    recipient = line.parcels[0].recipients[0]
    before = RecipientOutcome(
        contact=recipient.contact, address="ancienne@example.net", status=Status.ACCEPTED
    )
    office.journal.append(
        Entry(
            kind=EntryKind.VERDICT,
            account=office.account.key,
            month="2026-09",
            line="F2026-09-00999",
            message="F2026-09-00999~1",
            recipients=(before,),
        )
    )
    month.look_back()
    (row,) = month.rows({key})
    assert word(ChangeKind.CHANGED) in row.marks
    assert "ancienne@example.net" in row.reason
    assert "changed" in row.groups
    assert "changed" in {one["value"] for one in filters()}


def test_a_pace_that_was_typed_binds_the_run(office: Office) -> None:
    page = DispatchTab(office)
    assert page.cadence.changes == {}
    page.cadence._fields["between"].value = "2,5"
    page.cadence._fields["per_hour"].value = "120"
    assert page.cadence.pace.between == 2.5
    page.cadence._fields["pause"].value = "-1"
    assert not page.cadence.valid
    assert page.run.send.send.disabled
    page.cadence._fields["pause"].value = "0"
    order = page.run.order(leave_out=False)
    assert office.settings.pace.between != 2.5, "not before it is confirmed"
    order.freeze()
    saved = config.load(office.settings.home).pace
    assert (saved.between, saved.per_hour, saved.pause) == (2.5, 120, 0)


def test_the_expected_end_follows_what_is_typed(office: Office) -> None:
    month = month_of(office)
    ticked = due(month.rows())
    slow = dataclasses.replace(office.settings.pace, between=3600)
    assert month.intent(ticked, (), pace=slow).expected_end > month.intent(ticked, ()).expected_end


# -- following a run -----------------------------------------------------------------------------------


def say(office: Office, kind: EntryKind, *, run: str = "r1", **facts: object) -> Entry:
    return office.journal.append(
        Entry(
            kind=kind, account=office.account.key, month="2026-10", batch="b", run=run, operator="x", **facts
        )  # type: ignore[arg-type]
    )


def ending(stopped: str | None = None) -> dict[str, str | int | None]:
    return {"sent": 1, "attempted": 1, "stopped": stopped, "detail": "", "resume_at": None, "error": None}


def verdict(office: Office, line: str, status: Status) -> Entry:
    outcome = RecipientOutcome(
        contact="R/1", address="a@example.com", status=status, reply=Reply(code=250, text="ok")
    )
    return say(office, EntryKind.VERDICT, line=line, message=f"{line}~1", recipients=(outcome,))


def test_a_run_is_followed_from_its_start_to_its_end(office: Office) -> None:
    follower = Follower(office)
    assert follower.view() is None
    with lock_account(office.settings.home.locks, office.account.key, wait=0):
        say(office, EntryKind.RUN_STARTED, data={"planned": 3})
        verdict(office, "F1", Status.ACCEPTED)
        verdict(office, "F2", Status.DEFERRED)
        assert len(follower.fresh()) == 3
        view = follower.view()
        assert view is not None
        assert (view.planned, view.done, view.sent, view.remaining) == (3, 1, 1, 2)
        assert view.active
        assert view.expected_end is not None
        say(office, EntryKind.PAUSE)
        follower.fresh()
        view = follower.view()
        assert view is not None
        assert view.paused
        say(office, EntryKind.RESUME)
        verdict(office, "F2", Status.ACCEPTED)
        say(office, EntryKind.STOP)
        follower.fresh()
        view = follower.view()
        assert view is not None
        assert (view.paused, view.stopping, view.done) == (False, True, 2)
        say(office, EntryKind.RUN_ENDED, data=ending("requested"))
    follower.fresh()
    view = follower.view()
    assert view is not None
    assert not view.active
    assert word(StopReason.REQUESTED) in standing(view)[0]


def test_a_page_opened_later_finds_the_run_and_an_ended_one_no_more(office: Office) -> None:
    with lock_account(office.settings.home.locks, office.account.key, wait=0):
        say(office, EntryKind.RUN_STARTED, data={"planned": 2})
        verdict(office, "F1", Status.ACCEPTED)
        view = Follower(office).view()
        assert view is not None
        assert (view.run, view.sent) == ("r1", 1)
        say(office, EntryKind.RUN_ENDED, data=ending())
    assert Follower(office).view() is None


def test_a_run_whose_process_was_killed_is_said_to_be_cut_short(office: Office) -> None:
    say(office, EntryKind.RUN_STARTED, data={"planned": 2})
    view = Follower(office).view()
    assert view is not None
    assert view.vanished
    assert not view.active
    assert standing(view)[1] == "error"


def test_a_run_that_never_started_says_why(office: Office) -> None:
    follower = Follower(office)
    follower.attach("r1")
    say(office, EntryKind.RUN_ENDED, data=ending("locked"))
    follower.fresh()
    view = follower.view()
    assert view is not None
    assert word(StopReason.LOCKED) in standing(view)[0]


def accept_first(office: Office, page: DispatchTab) -> str:
    """Let the journal say that the first ticked line was accepted; give its key."""
    key: str = page.checklist.selected[0]
    assert page.month is not None
    line = page.month.line(key)
    assert line is not None
    recipients = tuple(
        RecipientOutcome(contact=r.contact, address=r.address, status=Status.ACCEPTED)
        for parcel in line.parcels
        for r in parcel.recipients
    )
    say(office, EntryKind.VERDICT, line=key, message=line.parcels[0].key, recipients=recipients)
    page.look()
    return key


def test_the_page_patches_the_lines_that_the_journal_speaks_of(office: Office) -> None:
    page = DispatchTab(office)
    key = accept_first(office, page)
    (row,) = [row for row in page.checklist.rows if row["key"] == key]
    assert (row["state"], row["tickable"]) == ("accepted", False)
    assert key not in page.checklist.selected
    assert word(Box.ACCEPTED) in page.figures.value


def test_an_order_without_its_password_is_refused_before_anything_is_frozen(office: Office) -> None:
    (office.settings.home.secrets / "mail").unlink()
    page = DispatchTab(office)
    page.run.send.send.click()
    page.run.send.confirm.click()
    assert "elite-error" in page.run.send.notice.value
    assert not page.run.busy
    with pytest.raises(ConfigError):
        page.run.confirm(page.run.send._confirmation())
    assert office.journal.entries(kinds=[EntryKind.BATCH_PREPARED]) == []


def test_what_changed_after_the_question_is_asked_again(office: Office) -> None:
    """A tick may reach us after the click on Send: what leaves is what was confirmed, or nothing."""
    page = DispatchTab(office)
    page.run.send.send.click()
    asked = page.run.send.title.value
    page.checklist.selected = page.checklist.selected[1:]
    page.run.send.confirm.click()
    assert not page.run.busy
    assert page.run.send.asking
    assert page.run.send.title.value != asked
    assert "elite-warn" in page.run.send.notice.value
    assert office.journal.entries(kinds=[EntryKind.BATCH_PREPARED]) == []


def test_a_file_goes_with_the_line_that_was_pointed_at_when_it_was_chosen(office: Office) -> None:
    page = DispatchTab(office)
    first, second = page.checklist.selected[:2]

    def point(key: str) -> None:
        page.checklist._handle_custom_msg({"type": "point", "key": key}, [])

    point(first)
    assert page.checklist.current == first
    page.enclosures.own._handle_custom_msg({"type": "begin", "take": "1"}, [])
    point(second)  # while the file is on its way
    piece = {"type": "piece", "take": "1", "transfer": "a", "name": "mot.txt", "size": 3, "last": True}
    page.enclosures.own._handle_custom_msg(piece, [memoryview(b"mot")])
    names = {
        key: [one.name for one in enclosed(line_folder(office.settings, key))] for key in (first, second)
    }
    assert names == {first: ["mot.txt"], second: []}
    take_out(line_folder(office.settings, first), "mot.txt")


# -- in the browser ------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_home_that_cannot_be_opened_is_a_sentence_and_no_traceback(
    chromium: Browser, made: DemoHome
) -> None:
    with serving(made.root, password_hash=browsing.HASH, port=browsing.free_port()) as server:
        made.home.toml.write_text("ceci n'est pas du TOML", encoding="utf-8")
        page = browsing.open_page(chromium)
        browsing.log_in(page, server.url)
        alert = page.get_by_role("alert")
        expect(alert).to_contain_text("elite.toml", timeout=60_000)
        assert "Traceback" not in page.content()
        assert texts()["search"] not in page.locator("main").inner_text()
        page.close(run_before_unload=True)
