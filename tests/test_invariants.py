"""The nine invariants of ARCHITECTURE.md, each by its number and name."""

from __future__ import annotations

import datetime as dt
import hashlib
import shutil
import sqlite3
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest

from elite_lib import batch as batches
from elite_lib.batch import Office
from elite_lib.exceptions import JournalError
from elite_lib.journal import lock_account, open_journal
from elite_lib.mailbox.fake import FakeMailbox
from elite_lib.mailbox.folder import FolderSource
from elite_lib.models import (
    Box,
    EntryKind,
    Envelope,
    Pace,
    Reply,
    Resolution,
    Stage,
    StopReason,
    Transaction,
)
from elite_lib.transports import BeforeDot
from elite_lib.transports.fake import Answers, FakeTransport
from tests.support import offices, returns, workbooks
from tests.support.clocks import ManualClock
from tests.support.offices import OCTOBER, address


def test_1_nothing_is_sent_that_is_not_in_the_outbox(tmp_path: Path) -> None:
    with _office(tmp_path, 3) as office:
        batch = batches.prepare(office, OCTOBER).batch
        altered = office.outbox.folder / batch.id / batch.messages[1].file
        transport = FakeTransport()
        altered.write_bytes(altered.read_bytes().replace(b"\r\n\r\n", b"\r\n\r\n ", 1))
        ended = offices.run(office, batch, transport)
        assert ended.stopped is not None
        assert ended.stopped.reason is StopReason.OUTBOX
        frozen = {message.sha256 for message in batch.messages}
        left = [hashlib.sha256(sent.content).hexdigest() for sent in transport.calls]
        assert len(left) == 1
        assert set(left) <= frozen


class _Witness:
    """A transport that looks into the journal file, by itself, between the body and the dot."""

    def __init__(self, journal: Path) -> None:
        self.journal = journal
        self.seen: list[tuple[str, ...]] = []

    def open(self) -> None: ...

    def close(self) -> None: ...

    def send(self, envelope: Envelope, content: bytes, before_dot: BeforeDot) -> Transaction:
        ok = Reply(code=250)
        rcpt = tuple((a, ok) for a in envelope.recipients)
        assert self._attempting() == self.seen
        before_dot(rcpt, None)
        self.seen.append(envelope.recipients)
        assert self._attempting() == self.seen
        return Transaction(stage=Stage.DOT, mail=ok, rcpt=rcpt, data=Reply(code=354), final=ok)

    def _attempting(self) -> list[tuple[str, ...]]:
        query = (
            "SELECT e.id, r.address FROM entry e JOIN entry_recipient r ON r.entry = e.id "
            "WHERE e.kind = 'attempting' ORDER BY e.id, r.position"
        )
        with sqlite3.connect(self.journal) as connection:
            rows = connection.execute(query).fetchall()
        connection.close()
        found: dict[int, list[str]] = {}
        for entry, recipient in rows:
            found.setdefault(entry, []).append(recipient)
        return [tuple(addresses) for addresses in found.values()]


def test_2_the_intent_is_on_disk_before_the_final_dot_leaves(tmp_path: Path) -> None:
    with _office(tmp_path, 3) as office:
        batch = batches.prepare(office, OCTOBER).batch
        witness = _Witness(office.settings.home.journal)
        ended = offices.run(office, batch, witness)
    assert ended.sent == 3
    assert len(witness.seen) == 3


def test_3_a_journal_entry_is_never_changed_or_deleted(tmp_path: Path) -> None:
    with _office(tmp_path, 1) as office:
        offices.run(office, batches.prepare(office, OCTOBER).batch)
        path = office.settings.home.journal
    statements = (
        "UPDATE entry SET operator = 'nobody'",
        "DELETE FROM entry",
        "UPDATE entry_recipient SET status = 'pending'",
        "DELETE FROM entry_recipient",
    )
    connection = sqlite3.connect(path)
    for statement in statements:
        with pytest.raises(sqlite3.Error):
            connection.execute(statement)
    connection.close()


def test_4_an_uncertain_message_is_not_resent_without_a_resolved_entry(tmp_path: Path) -> None:
    with _office(tmp_path, 1) as office:
        batch = batches.prepare(office, OCTOBER).batch
        first = FakeTransport([Answers(cut=Stage.DOT, kept=True)])
        offices.run(office, batch, first)
        assert _boxes(office)[Box.UNCERTAIN] == 1
        again = FakeTransport()
        offices.run(office, batches.prepare(office, OCTOBER).batch, again)
        assert again.calls == []
        batches.settle(office, OCTOBER, offices.invoice_number(1), resolution=Resolution.RESEND)
        entry = office.journal.entries(kinds=[EntryKind.RESOLVED])[-1]
        assert entry.operator == "Claire"
        offices.run(office, batches.prepare(office, OCTOBER).batch, again)
        assert offices.recipients(again) == [address(1)]
        assert _boxes(office)[Box.ACCEPTED] == 1


@pytest.mark.parametrize(
    "first", [Answers(), Answers(cut=Stage.DOT, kept=True)], ids=["accepted", "uncertain"]
)
@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"status": "5.2.2", "said": "552 5.2.2 Mailbox full"},
        {"action": "delayed", "status": "4.4.1", "said": "connection timed out"},
        {"action": "delivered", "status": "2.0.0", "said": "250 ok"},
    ],
    ids=["unknown", "full", "delayed", "delivered"],
)
def test_4_whatever_came_back_nothing_is_sent_again_by_the_program(
    tmp_path: Path, first: Answers, facts: dict[str, str]
) -> None:
    with _office(tmp_path, 1) as office:
        batch = batches.prepare(office, OCTOBER).batch
        offices.run(office, batch, FakeTransport([first]))
        content = returns.report(address(1), message_id=batch.messages[0].message_id, **facts)  # type: ignore[arg-type]
        source = FolderSource(FakeMailbox({"INBOX": [content]}), "INBOX", key="imap:x/INBOX")
        assert batches.collect(office, sources=[source]).tied == 1
        again = FakeTransport()
        for _attempt in range(2):  # the same batch, and the month prepared anew
            offices.run(office, batches.newest_batch(office, OCTOBER) or batch, again)
            batches.prepare(office, OCTOBER)
        assert again.calls == []
        batches.survey(office, OCTOBER)
        assert sum(_boxes(office).values()) == 1


def test_5_one_run_at_a_time_per_sending_account(tmp_path: Path) -> None:
    with _office(tmp_path, 1) as office:
        batch = batches.prepare(office, OCTOBER).batch
        transport = FakeTransport()
        with lock_account(office.settings.home.locks, batch.account, wait=0, run="other", operator="Paul"):
            ended = batches.send(office, batch.id, transport=transport, lock_wait=0)
        assert ended.stopped is not None
        assert ended.stopped.reason is StopReason.LOCKED
        assert transport.calls == []
        assert batches.send(office, batch.id, transport=transport, lock_wait=0).sent == 1


def test_6_a_quota_holds_across_restarts(tmp_path: Path) -> None:
    root = offices.make_home(tmp_path / "home", 5)
    clock = ManualClock()
    pace = Pace(between=0, every=0, pause=0, per_day=3, reserve=1)
    sent: list[str] = []
    resume: list[dt.datetime | None] = []
    for _restart in range(3):
        with offices.open_office(root) as office, _timed(office, clock) as timed:
            transport = FakeTransport()
            ended = offices.run(
                timed, batches.prepare(timed, OCTOBER).batch, transport, pace=pace, clock=clock
            )
            sent += offices.recipients(transport)
            assert ended.stopped is not None
            assert ended.stopped.reason is StopReason.QUOTA
            resume.append(ended.stopped.resume_at)
        clock.advance(3600)
    assert sent == [address(1), address(2)]
    assert resume == [clock.instant - dt.timedelta(hours=3) + dt.timedelta(days=1)] * 3


def test_7_every_invoice_of_a_period_is_in_exactly_one_box_and_the_euros_add_up(tmp_path: Path) -> None:
    factures = [
        workbooks.invoice(offices.invoice_number(1), offices.code(1)),
        workbooks.invoice(offices.invoice_number(2), offices.code(2), Statut="brouillon"),
        workbooks.invoice(offices.invoice_number(3), offices.code(3), **{"Net à payer": 1999.99}),
        workbooks.invoice(offices.invoice_number(4), offices.code(4)),
        workbooks.invoice(offices.invoice_number(5), offices.code(5)),
        workbooks.invoice(offices.invoice_number(6), offices.code(6), Statut="inconnu"),
    ]
    contacts = [
        workbooks.contact(offices.code(n), **{"E-mail": "" if n == 5 else address(n)}) for n in range(1, 7)
    ]
    with _office(tmp_path, 6, factures=factures, contacts=contacts) as office:
        batch = batches.prepare(office, OCTOBER).batch
        script = {address(4): Answers(rcpt=Reply(code=550, text="5.1.1 unknown"))}
        offices.run(office, batch, FakeTransport(script))
        slip = batches.survey(office, OCTOBER).slip
    assert slip.balanced
    assert sorted(line.key for line in slip.lines) == [offices.invoice_number(n) for n in range(1, 7)]
    counted = {box: total.count for box, total in slip.boxes.items() if total.count}
    assert counted == {Box.ACCEPTED: 1, Box.EXCLUDED: 1, Box.HELD: 2, Box.REFUSED: 1, Box.TO_PRINT: 1}
    assert slip.euros == Decimal("11999.99")


def test_8_what_leaves_is_what_was_confirmed(tmp_path: Path) -> None:
    with _office(tmp_path, 2) as office:
        batch = batches.prepare(office, OCTOBER).batch
        confirmed = [office.outbox.content(batch, message) for message in batch.messages]
        offices.write_workbook(
            office.settings.data.source,
            2,
            contacts=[workbooks.contact(offices.code(n), **{"E-mail": "autre@example.com"}) for n in (1, 2)],
        )
        transport = FakeTransport()
        offices.run(office, batch, transport)
    assert [sent.content for sent in transport.stored] == confirmed
    assert offices.recipients(transport) == [address(1), address(2)]


@pytest.mark.parametrize("accident", ["restored", "removed", "foreign"])
def test_9_nothing_is_sent_when_the_journal_is_not_the_one_that_the_outbox_knows(
    tmp_path: Path, accident: str
) -> None:
    root = offices.make_home(tmp_path / "home", 3)
    journal, copy = root / "journal.sqlite", tmp_path / "copy.sqlite"
    with offices.open_office(root) as office:
        batch = batches.prepare(office, OCTOBER).batch
        _copy(journal, copy)
        offices.run(office, batch)
    if accident == "foreign":
        copy.unlink()
        open_journal(copy, establishment="tilleuls", create=True).close()
    for file in root.glob("journal.sqlite*"):
        file.unlink()
    if accident != "removed":
        shutil.copy(copy, journal)
    with pytest.raises(JournalError) as caught:
        offices.open_office(root)
    assert (
        caught.value.code
        == {
            "restored": "journal_short",
            "removed": "journal_missing",
            "foreign": "journal_foreign",
        }[accident]
    )
    # A person decides: what may have left is uncertain then, and still does not go out again.
    assert batches.adopt_journal(root, operator="Claire") == 3
    with offices.open_office(root) as office:
        transport = FakeTransport()
        offices.run(office, batches.prepare(office, OCTOBER).batch, transport)
        assert transport.calls == []
        assert _boxes(office)[Box.UNCERTAIN] == 3


def _copy(source: Path, target: Path) -> None:
    with sqlite3.connect(source) as one, sqlite3.connect(target) as other:
        one.backup(other)
    one.close()
    other.close()


def _boxes(office: Office) -> dict[Box, int]:
    slip = batches.survey(office, OCTOBER).slip
    assert slip.balanced
    return {box: total.count for box, total in slip.boxes.items()}


def _office(tmp_path: Path, count: int, **sheets: Sequence[workbooks.Row]) -> Office:
    return offices.open_office(offices.make_home(tmp_path / "home", count, **sheets))


def _timed(office: Office, clock: ManualClock) -> Office:
    """Open the same home with a journal whose clock is ours."""
    journal = open_journal(office.settings.home.journal, establishment="tilleuls", clock=clock.now)
    return Office(settings=office.settings, outbox=office.outbox, journal=journal, operator="Claire")
