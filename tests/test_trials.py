"""A test to oneself: the same path, another addressee; it counts nowhere and reaches no family."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from elite_lib import batch as batches
from elite_lib.batch import Office, testing
from elite_lib.batch.queued import await_queued, queue_single
from elite_lib.exceptions import ConfigError
from elite_lib.journal import lock_account
from elite_lib.models import Box, Entry, EntryKind, Status, StopReason
from elite_lib.transports.fake import FakeTransport
from tests.support import offices
from tests.support.offices import OCTOBER

OWN = "compta@tilleuls.example"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with offices.open_office(offices.make_home(tmp_path / "home")) as opened:
        yield opened


def sent_to_oneself(office: Office, *numbers: int) -> FakeTransport:
    transport = FakeTransport()
    batch = testing.prepare_test(office, OCTOBER, [offices.invoice_number(n) for n in numbers], to=OWN)
    assert testing.send_test(office, batch.id, transport=transport).stopped is None
    return transport


def test_a_test_goes_to_oneself_only_marked_and_once(office: Office) -> None:
    transport = sent_to_oneself(office, 1, 2)
    assert offices.recipients(transport) == [OWN, OWN]
    for sent in transport.stored:
        message = message_from_bytes(sent.content, policy=policy.default)
        assert str(message["Subject"]).startswith("[TEST] ")
        assert str(message["To"]) == OWN
        assert len(list(message.iter_attachments())) == 1, "the invoice travels with it"


def test_a_test_is_journalled_as_one_and_counts_nowhere(office: Office) -> None:
    before = batches.survey(office, OCTOBER).slip
    sent_to_oneself(office, 1)
    about = [entry for entry in office.journal.entries() if entry.run]
    assert {entry.kind for entry in about} == {
        EntryKind.RUN_STARTED,
        EntryKind.ATTEMPTING,
        EntryKind.VERDICT,
        EntryKind.RUN_ENDED,
    }
    assert all(testing.is_test(entry) for entry in about)
    assert {outcome.address for entry in about for outcome in entry.recipients} == {OWN}
    after = batches.survey(office, OCTOBER).slip
    assert after == before
    assert after.recipients[Status.ACCEPTED] == 0
    assert office.journal.entries(period=OCTOBER) == []


def test_after_a_test_the_month_leaves_whole_and_a_sent_line_can_be_tested(office: Office) -> None:
    sent_to_oneself(office, 1)
    transport = FakeTransport()
    offices.run(office, batches.prepare(office, OCTOBER).batch, transport)
    assert sorted(offices.recipients(transport)) == [offices.address(n) for n in (1, 2, 3)]
    sent_to_oneself(office, 1)
    assert batches.survey(office, OCTOBER).slip.boxes[Box.ACCEPTED].count == 3
    again = batches.prepare(office, OCTOBER)
    assert not again.held, "a test is no earlier version of the invoice"


def test_a_test_supersedes_no_batch(office: Office) -> None:
    month = batches.prepare(office, OCTOBER).batch
    sent_to_oneself(office, 1)
    newest = batches.newest_batch(office, OCTOBER)
    assert newest is not None
    assert newest.id == month.id


def test_two_tests_are_two_messages(office: Office) -> None:
    """A mailbox drops a message whose Message-ID it knows."""
    first = testing.prepare_test(office, OCTOBER, [offices.invoice_number(1)], to=OWN)
    second = testing.prepare_test(
        office,
        OCTOBER,
        [offices.invoice_number(1)],
        to=OWN,
        wording=replace(office.settings.wording, subject="Autre"),
    )
    ids = {message.message_id for batch in (first, second) for message in batch.messages}
    assert len(ids) == 2


@pytest.mark.parametrize("address", [offices.address(1), "quelqu-un@example.net", ""])
def test_a_test_never_goes_to_anybody_else(office: Office, address: str) -> None:
    with pytest.raises(ConfigError) as refused:
        testing.prepare_test(office, OCTOBER, [offices.invoice_number(1)], to=address)
    assert refused.value.code == "test_address"


def test_a_frozen_month_is_no_test(office: Office) -> None:
    """Even by its id: the families' messages do not leave as a test."""
    month, transport = batches.prepare(office, OCTOBER).batch, FakeTransport()
    ended = testing.send_test(office, month.id, transport=transport)
    assert ended.stopped is not None
    assert transport.stored == []


def test_a_lost_journal_puts_no_test_in_doubt(office: Office) -> None:
    sent_to_oneself(office, 1)
    home = office.settings.home
    office.close()
    for part in home.root.glob(f"{home.journal.name}*"):
        part.unlink()
    assert batches.adopt_journal(home.root, operator="Claire") == 0


def test_nothing_to_test_is_said(office: Office) -> None:
    with pytest.raises(ConfigError) as refused:
        testing.prepare_test(office, OCTOBER, ["F-inconnue"], to=OWN)
    assert refused.value.code == "test_empty"


def test_a_run_that_holds_the_account_is_told_of(office: Office) -> None:
    batch = testing.prepare_test(office, OCTOBER, [offices.invoice_number(1)], to=OWN)
    transport = FakeTransport()
    with lock_account(office.settings.home.locks, office.account.key, wait=0):
        soon = dt.timedelta(seconds=1)
        ended = testing.send_test(office, batch.id, transport=transport, patience=soon)
    assert ended.stopped is not None
    assert ended.stopped.reason is StopReason.LOCKED
    assert transport.stored == []


def test_a_run_takes_a_test_between_two_messages(office: Office) -> None:
    """It leaves on the run's session, marked as a test, to oneself only; the month is as it was."""
    month = batches.prepare(office, OCTOBER).batch
    trial = testing.prepare_test(office, OCTOBER, [offices.invoice_number(1)], to=OWN)
    transport, asked = FakeTransport(), list[str]()

    def observe(entry: Entry) -> None:
        if entry.kind is EntryKind.VERDICT and not asked:
            asked.append("r-test")
            queue_single(office, trial, run_id="r-test", test=True)

    with office.journal.hold_account(office.account.key, wait=0, run="r0", operator="Paul"):
        offices.run(office, month, transport, on_entry=observe, serve=True)
    assert [sent.envelope.recipients for sent in transport.stored][1] == (OWN,)
    assert offices.recipients(transport).count(OWN) == 1
    assert len(transport.stored) == len(month.messages) + 1
    assert transport.opened == 1
    told = office.journal.entries(run="r-test")
    assert told
    assert all(entry.data.get("test") for entry in told)
    ended = await_queued(office, "r-test", account=office.account.key)
    assert ended is not None
    assert (ended.sent, ended.stopped) == (1, None)
    assert batches.survey(office, OCTOBER).slip.boxes[Box.ACCEPTED].count == len(month.messages)
