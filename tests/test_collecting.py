"""Collecting what came back: written once, tied or not; ordinary mail left alone; a source that fails."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from elite_lib import batch as batches
from elite_lib import bounces, config, outcomes
from elite_lib.batch import Collected, Means, Office, SystemClock
from elite_lib.batch.accompanying import Listener
from elite_lib.exceptions import ConfigError, EliteError, ServerUnavailableError
from elite_lib.mailbox import Fetched, Position, Source
from elite_lib.mailbox.fake import FakeMailbox
from elite_lib.mailbox.folder import FolderSource
from elite_lib.models import (
    Batch,
    BatchMessage,
    Box,
    DispatchLine,
    Disposition,
    Entry,
    EntryKind,
    Period,
    ProblemCode,
    Reply,
    ReturnKind,
    Status,
    StopReason,
)
from elite_lib.transports.fake import FakeTransport
from tests.support import databases, needs, offices, returns, workbooks
from tests.support.campaigns import until
from tests.support.command import boxes, elite
from tests.support.offices import OCTOBER, address, code, invoice_number

KEY = "imap:compta@imap.example/INBOX"
AWAY = ServerUnavailableError("refused", host="imap.example", port=993, detail="")


def inbox(*messages: bytes, move_to: str = "") -> tuple[FakeMailbox, FolderSource]:
    mailbox = FakeMailbox({"INBOX": messages, "Retours": ()})
    return mailbox, FolderSource(mailbox, "INBOX", key=KEY, move_to=move_to)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with offices.open_office(offices.make_home(tmp_path / "home", 4)) as opened:
        yield opened


def sent(office: Office) -> Batch:
    """Send the month; every message is accepted."""
    batch = batches.prepare(office, OCTOBER).batch
    assert offices.run(office, batch).sent == len(batch.messages)
    return batch


def of(batch: Batch, number: int) -> BatchMessage:
    return next(m for m in batch.messages if m.line == invoice_number(number))


def failed(batch: Batch, number: int, **facts: Any) -> bytes:
    message = of(batch, number)
    return returns.report(message.recipients[0].address, message_id=message.message_id, **facts)


def take(office: Office, *messages: bytes) -> Collected:
    return batches.collect(office, sources=[inbox(*messages)[1]])


def of_kind(office: Office, kind: EntryKind) -> list[Entry]:
    return office.journal.entries(kinds=[kind])


def states(office: Office) -> dict[str, Status]:
    return {s.address: s.status for s in outcomes.fold(office.journal.entries(period=OCTOBER)).values()}


def kept(office: Office) -> list[Path]:
    folder = office.settings.home.returns
    return sorted(folder.iterdir()) if folder.exists() else []


# -- what is written -------------------------------------------------------------------------------


def test_a_return_is_tied_written_kept_and_shown(office: Office) -> None:
    batch = sent(office)
    content = failed(batch, 1)
    collected = take(office, content)
    assert (collected.read, collected.returns, collected.tied, collected.untied) == (1, 1, 1, 0)
    (entry,) = of_kind(office, EntryKind.RETURNED)
    message = of(batch, 1)
    attempt = next(e for e in of_kind(office, EntryKind.ATTEMPTING) if e.line == message.line)
    assert (entry.line, entry.month, entry.batch, entry.message, entry.attempt, entry.account) == (
        message.line, "2026-10", batch.id, message.key, attempt.id, batch.account,
    )  # fmt: skip
    (outcome,) = entry.recipients
    assert (outcome.contact, outcome.address, outcome.status) == (
        message.recipients[0].contact, address(1), Status.BOUNCED,
    )  # fmt: skip
    assert outcome.reply == Reply(
        code=550, text=f"5.1.1 <{address(1)}>: Recipient address rejected: User unknown"
    )
    known = ("kind", "class", "final", "status", "reply_code", "ours", "tied", "message_id", "source", "part")
    assert {name: entry.data[name] for name in known} == {
        "kind": "bounce", "class": "hard", "final": True, "status": "5.1.1", "reply_code": "550",
        "ours": False, "tied": "message_id", "message_id": message.message_id, "source": KEY, "part": 0,
    }  # fmt: skip
    assert entry.data["attempted"] == (attempt.at.isoformat() if attempt.at else "")
    (file,) = kept(office)
    assert (file.name, file.read_bytes()) == (f"{entry.data['digest']}.eml", content)
    assert file.stat().st_mode & 0o777 == 0o600
    slip = batches.survey(office, OCTOBER).slip
    assert (slip.boxes[Box.REFUSED].count, slip.boxes[Box.ACCEPTED].count, slip.balanced) == (1, 3, True)


def test_ordinary_mail_is_neither_kept_nor_written(office: Office) -> None:
    batch = sent(office)
    quoting = returns.letter(address(1), f"Bonjour,\n> {failed(batch, 1).decode()}")
    collected = take(office, returns.letter(address(2), "Merci pour la facture."), quoting)
    assert (collected.read, collected.returns) == (2, 0)
    assert (of_kind(office, EntryKind.RETURNED), kept(office)) == ([], [])


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_same_message_from_another_source_is_known(office: Office, end: str) -> None:
    batch = sent(office)
    content = failed(batch, 1)
    take(office, content)
    other = FakeMailbox({"INBOX": [content.replace(b"\n", end.encode()) + end.encode()]})
    again = batches.collect(office, sources=[FolderSource(other, "INBOX", key="maildir:/elsewhere")])
    assert (again.read, again.returns) == (1, 0)
    assert len(of_kind(office, EntryKind.RETURNED)) == len(kept(office)) == 1


def test_collecting_again_changes_nothing_at_all(office: Office) -> None:
    batch = sent(office)
    _, source = inbox(failed(batch, 1), failed(batch, 2, action="delayed", status="4.4.1"))
    batches.collect(office, sources=[source])
    before = office.journal.mark()
    again = batches.collect(office, sources=[source])
    assert (again.read, again.returns) == (0, 0)
    assert office.journal.mark() == before
    fresh = batches.collect(office, sources=[FolderSource(source._mailbox, "INBOX", key="imap:other")])
    assert (fresh.read, fresh.returns) == (2, 0)
    assert len(of_kind(office, EntryKind.RETURNED)) == 2


def test_a_purged_message_is_not_kept_again(office: Office) -> None:
    batch = sent(office)
    content = failed(batch, 1)
    take(office, content)
    (file,) = kept(office)
    file.unlink()
    batches.collect(office, sources=[FolderSource(FakeMailbox({"INBOX": [content]}), "INBOX", key="other")])
    assert kept(office) == []


def test_a_message_about_several_has_an_entry_for_each(office: Office) -> None:
    batch = sent(office)
    message = of(batch, 1)
    content = returns.report("x@relay.example", message_id=message.message_id, others=("y@relay.example",))
    take(office, content)
    entries = of_kind(office, EntryKind.RETURNED)
    assert [entry.data["part"] for entry in entries] == [0, 1]
    assert {entry.recipients[0].address for entry in entries} == {address(1)}
    assert [entry.data["reported"] for entry in entries] == ["x@relay.example", "y@relay.example"]


@pytest.mark.parametrize(
    ("content", "status", "facts"),
    [
        (
            lambda m: returns.report(address(1), message_id=m, action="delivered", status="2.1.5"),
            Status.ACCEPTED,
            {"kind": "delivered", "class": "delivered"},
        ),
        (
            lambda m: returns.report(
                address(1), message_id=m, action="delayed", status="4.4.1", said="connection timed out"
            ),
            Status.DEFERRED,
            {"kind": "bounce", "final": False},
        ),
        (
            lambda m: returns.receipt(address(1), m),
            Status.ACCEPTED,
            {"kind": "mdn", "class": "", "disposition": "displayed"},
        ),
    ],
    ids=["delivered", "delayed", "read"],
)
def test_what_is_no_failure_leaves_the_line_accepted(
    office: Office, content: Callable[[str], bytes], status: Status, facts: dict[str, object]
) -> None:
    batch = sent(office)
    take(office, content(of(batch, 1).message_id))
    (entry,) = of_kind(office, EntryKind.RETURNED)
    assert entry.recipients[0].status is status
    assert entry.recipients[0].address == address(1)
    assert {name: entry.data[name] for name in facts} == facts
    assert states(office)[address(1)] is Status.ACCEPTED
    assert batches.survey(office, OCTOBER).slip.remainder == 0


# -- forged and foreign ----------------------------------------------------------------------------


def test_a_forged_return_changes_nothing_and_is_seen(office: Office) -> None:
    sent(office)
    forged = returns.report(address(1), message_id="<autre@tilleuls.example>")
    collected = take(office, forged)
    assert (collected.returns, collected.tied, collected.untied) == (1, 0, 1)
    (entry,) = of_kind(office, EntryKind.RETURNED)
    assert (entry.line, entry.message, entry.attempt, entry.data["tied"]) == ("", "", None, "")
    assert (entry.recipients[0].contact, entry.recipients[0].address) == ("", address(1))
    assert set(states(office).values()) == {Status.ACCEPTED}
    assert batches.addresses_set_aside(office) == {}


@pytest.mark.parametrize(
    "content",
    [
        returns.receipt(address(1), "<private@example.com>"),
        returns.report(address(1), message_id="<private@example.com>", action="delivered", status="2.0.0"),
        returns.letter(address(1), "Je suis absente.").replace(
            b"\n\n", b"\nAuto-Submitted: auto-replied\n\n", 1
        ),
    ],
    ids=["receipt", "delivered", "absent"],
)
def test_only_failures_are_shown_when_they_are_about_nothing_of_ours(office: Office, content: bytes) -> None:
    """A receipt for a private message is nobody's business."""
    sent(office)
    assert bounces.classify(content).kind is not ReturnKind.NONE
    assert take(office, content).returns == 0
    assert (of_kind(office, EntryKind.RETURNED), kept(office)) == ([], [])


def test_a_persons_message_changes_nothing(office: Office) -> None:
    sent(office)
    text = f"Message non remis.\nLe destinataire {address(1)} est inconnu : 550 5.1.1 User unknown"
    take(office, returns.letter("quelqu-un@example.net", text))
    assert set(states(office).values()) == {Status.ACCEPTED}
    assert of_kind(office, EntryKind.RETURNED) == []


def test_without_identity_the_address_and_the_time_decide(office: Office) -> None:
    sent(office)
    now = dt.datetime.now(dt.UTC)
    early, late = returns.report(address(1), at=now - dt.timedelta(days=2)), returns.report(address(2))
    collected = take(office, early, late)
    assert (collected.tied, collected.untied) == (1, 1)
    assert states(office)[address(1)] is Status.ACCEPTED  # it came before the invoice left
    assert states(office)[address(2)] is Status.BOUNCED
    assert [e.data["tied"] for e in of_kind(office, EntryKind.RETURNED)] == ["", "address"]


def test_another_establishments_message_is_not_ours(tmp_path: Path) -> None:
    """Two homes of one group read one mailbox: each ties its own, and neither hides the other's."""
    place, homes = databases.new_database(), []
    for name in ("tilleuls", "erables"):
        root = offices.make_home(tmp_path / name, 1)
        config.save(config.Home(root=root), {"home": {"establishment": name}, "journal": {"url": place}})
        homes.append(root)
    with offices.open_office(homes[0]) as one, offices.open_office(homes[1]) as other:
        batch, another = sent(one), sent(other)
        mailbox, _ = inbox(failed(batch, 1), failed(another, 1), move_to="Retours")
        for office in (one, other):
            source = FolderSource(mailbox, "INBOX", key=KEY, move_to="Retours")
            collected = batches.collect(office, sources=[source])
            assert (collected.tied, collected.untied) == (1, 1 if office is one else 0)
            assert states(office)[address(1)] is Status.BOUNCED


# -- next month ------------------------------------------------------------------------------------


def test_a_hard_address_is_set_aside_and_a_person_brings_it_back(office: Office) -> None:
    batch = sent(office)
    take(office, failed(batch, 1), failed(batch, 2, status="5.2.2", said="552 5.2.2 Mailbox full"))
    lines = _next_month(office)
    assert lines[1].disposition is Disposition.TO_PRINT
    said = {problem.code: problem for problem in (*lines[1].reasons, *lines[1].warnings)}
    assert "User unknown" in str(said[ProblemCode.ADDRESS_SET_ASIDE].facts["reason"])
    assert lines[2].disposition is Disposition.MAIL  # half a point
    root = office.settings.home.root
    listed = elite("bounces", "aside", "--json", home=root).json
    assert [(one["address"], one["class"]) for one in listed] == [(address(1), "hard")]
    assert address(1) in elite("bounces", "aside", home=root).out
    cleared = elite("bounces", "clear", address(1).upper(), "--operator", "Claire", home=root)
    assert (cleared.code, address(1) in cleared.out) == (0, True)
    (entry,) = of_kind(office, EntryKind.CLEARED)
    assert (entry.operator, entry.month, entry.recipients[0].address) == ("Claire", "", address(1))
    assert _next_month(office)[1].disposition is Disposition.MAIL
    again = elite("bounces", "clear", address(1), home=root)
    assert (again.code, len(of_kind(office, EntryKind.CLEARED))) == (1, 1)


@pytest.mark.parametrize(("action", "aside"), [("delivered", set()), ("relayed", {address(1)})])
def test_only_what_reached_the_mailbox_speaks_for_an_address(
    office: Office, action: str, aside: set[str]
) -> None:
    """A server that took it over and tells no more may still send it back."""
    batch = sent(office)
    take(office, failed(batch, 1), failed(batch, 1, action=action, status="2.0.0", said="250 ok"))
    assert {e.data.get("relayed") for e in of_kind(office, EntryKind.RETURNED)} == {
        None, True if aside else None,
    }  # fmt: skip
    assert set(batches.addresses_set_aside(office)) == aside


def _next_month(office: Office) -> dict[int, DispatchLine]:
    numbers, dates = range(1, 5), {"Date": dt.date(2026, 11, 30), "Échéance": dt.date(2026, 12, 10)}
    dates |= {"Début période": dt.date(2026, 11, 1), "Fin période": dt.date(2026, 11, 30)}
    offices.write_workbook(
        office.settings.data.source,
        4,
        factures=[workbooks.invoice(f"F2026-11-{n:05}", code(n), **dates) for n in numbers],
        lignes=[workbooks.line(f"F2026-11-{n:05}", amount=2000.0) for n in numbers],
    )
    plan, _ = batches.read_plan(office, Period.parse("2026-11"))
    return {int(line.key[-5:]): line for line in plan.lines}


# -- sources that fail -----------------------------------------------------------------------------


class Cut(FakeMailbox):
    """A mailbox that goes away after some messages."""

    def __init__(self, messages: Sequence[bytes], *, after: int) -> None:
        super().__init__({"INBOX": messages})
        self.left: int | None = after

    def fetch(
        self, folder: str, since: Position | None = None, *, not_before: dt.datetime | None = None
    ) -> Iterator[Fetched]:
        for fetched in super().fetch(folder, since):
            if self.left == 0:
                raise AWAY
            self.left = None if self.left is None else self.left - 1
            yield fetched


def test_a_source_that_fails_half_way_goes_on_next_time(office: Office) -> None:
    batch = sent(office)
    mailbox = Cut([failed(batch, n) for n in (1, 2, 3)], after=2)
    source = FolderSource(mailbox, "INBOX", key=KEY)
    other = FolderSource(FakeMailbox({"INBOX": [failed(batch, 4)]}), "INBOX", key="other")
    first = batches.collect(office, sources=[source, other])
    assert [(r.read, r.returns, r.error) for r in first.readings] == [(2, 2, AWAY), (1, 1, None)]
    note = office.journal.latest(EntryKind.COLLECTED, KEY)
    assert note is not None
    assert (note.data["uid"], note.data["ok"], note.month) == (2, False, "")
    assert "refused" in str(note.data["detail"])
    mailbox.left = None
    second = batches.collect(office, sources=[source])
    assert (second.read, second.returns, second.errors) == (1, 1, ())
    assert set(states(office).values()) == {Status.BOUNCED}


def test_a_killed_collection_loses_and_doubles_nothing(office: Office) -> None:
    """Killed between two findings, or between a message's file and its entry."""
    batch = sent(office)
    message = of(batch, 1)
    content = returns.report("x@r.example", message_id=message.message_id, others=("y@r.example",))

    class Killed(BaseException):
        pass

    def kill(entry: Entry) -> None:
        if entry.kind is EntryKind.RETURNED:
            raise Killed

    _, source = inbox(content, failed(batch, 2))
    with pytest.raises(Killed):
        batches.collect(office, sources=[source], on_entry=kill)
    assert len(of_kind(office, EntryKind.RETURNED)) == 1
    assert of_kind(office, EntryKind.COLLECTED) == []
    collected = batches.collect(office, sources=[source])
    assert collected.returns == 2
    assert [e.data["part"] for e in of_kind(office, EntryKind.RETURNED)] == [0, 1, 0]
    assert len(kept(office)) == 2


def test_it_can_be_stopped_between_two_messages(office: Office) -> None:
    batch = sent(office)
    _, source = inbox(*(failed(batch, n) for n in (1, 2, 3)))
    asked = iter([False, True])
    first = batches.collect(office, sources=[source], should_stop=lambda: next(asked))
    assert (first.read, batches.collect(office, sources=[source]).read) == (2, 1)


def test_returns_of_ours_are_moved_when_asked_and_nothing_else(office: Office) -> None:
    batch = sent(office)
    mine, foreign = failed(batch, 1), returns.report("x@example.net", message_id="<private@example.com>")
    letter = returns.letter(address(2), "Bonjour")
    mailbox, source = inbox(letter, mine, foreign, move_to="Retours")
    batches.collect(office, sources=[source])
    assert mailbox.folders["Retours"] == [mine]
    assert [m for m in mailbox.folders["INBOX"] if m] == [letter, foreign]


def test_a_move_that_fails_loses_nothing(office: Office) -> None:
    batch = sent(office)
    mailbox, source = inbox(failed(batch, 1), move_to="Absent")
    collected = batches.collect(office, sources=[source])
    (error,) = collected.errors
    assert isinstance(error, ConfigError)
    assert (error.code, collected.tied) == ("folder_missing", 1)
    note = office.journal.latest(EntryKind.COLLECTED, KEY)
    assert note is not None
    assert note.data["ok"] is False
    assert len(mailbox.folders["INBOX"]) == 1
    mailbox.folders["Absent"] = []  # somebody makes the folder
    again = batches.collect(office, sources=[source])
    assert (again.returns, again.errors, len(mailbox.folders["Absent"])) == (0, (), 1)
    assert len(of_kind(office, EntryKind.RETURNED)) == 1


def test_the_command(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    batch, root = sent(office), office.settings.home.root
    (tmp_path / "retours").mkdir()
    (tmp_path / "retours" / "a.eml").write_bytes(failed(batch, 1))
    assert elite("collect", home=root).code == 1  # nowhere to look
    monkeypatch.chdir(tmp_path)  # a name is that of where the command is typed
    said = elite("collect", "--from", "retours", "--json", home=root)
    assert (said.code, said.json["read"], said.json["returns"], said.json["tied"]) == (0, 1, 1, 1)
    assert boxes(root) == {"refused": 1, "accepted": 3}
    config.save(config.Home(root=root), {"returns": {"sources": [str(tmp_path / "retours"), "/nowhere"]}})
    said = elite("collect", home=root)
    assert (said.code, "/nowhere" in said.err) == (4, True)
    assert "1 message" in said.out
    assert len(of_kind(office, EntryKind.RETURNED)) == 1


# -- beside a run ----------------------------------------------------------------------------------


def test_a_run_collects_before_and_after(office: Office) -> None:
    """What came back of an earlier run is known before the next; what came meanwhile at its end."""
    batch = batches.prepare(office, OCTOBER).batch
    transport = FakeTransport()
    first_two = lambda: len(transport.calls) >= 2  # noqa: E731
    batches.send(office, batch.id, transport=transport, should_stop=first_two)
    mailbox, source = inbox(failed(batch, 1))
    seen: list[Entry] = []

    def on_entry(entry: Entry) -> None:
        seen.append(entry)
        if entry.kind is EntryKind.VERDICT and entry.line == invoice_number(4):
            mailbox.folders["INBOX"].append(failed(batch, 3))

    ended = batches.send(
        office, batch.id, transport=transport, sources=lambda _office: [source], on_entry=on_entry
    )
    assert (ended.sent, ended.stopped) == (2, None)
    kinds = (EntryKind.RETURNED, EntryKind.RUN_STARTED, EntryKind.RUN_ENDED)
    told = [e.kind for e in seen if e.kind in kinds]
    assert told == [EntryKind.RETURNED, EntryKind.RUN_STARTED, EntryKind.RUN_ENDED, EntryKind.RETURNED]
    assert list(states(office).values()).count(Status.BOUNCED) == 2
    assert len(transport.stored) == 4


def test_who_stops_a_run_does_not_wait_for_a_mailbox(office: Office) -> None:
    batch = batches.prepare(office, OCTOBER).batch
    mailbox, source = inbox()
    transport = FakeTransport()
    ended = batches.send(
        office,
        batch.id,
        transport=transport,
        sources=lambda _office: [source],
        should_stop=lambda: bool(transport.calls),
    )
    assert ended.stopped is not None
    assert ended.stopped.reason is StopReason.REQUESTED
    assert mailbox.calls == 1  # before the run


@pytest.mark.parametrize("fails", [AWAY, ConfigError("folder_missing", folder="Retours")])
def test_a_source_that_fails_stops_no_run(office: Office, fails: EliteError) -> None:
    batch = batches.prepare(office, OCTOBER).batch
    mailbox, source = inbox()
    mailbox.fails = fails  # type: ignore[assignment]
    ended = batches.send(office, batch.id, transport=FakeTransport(), sources=lambda _o: [source])
    assert (ended.sent, ended.stopped) == (4, None)
    assert [e.data["ok"] for e in of_kind(office, EntryKind.COLLECTED)][-1] is False


def test_settings_that_name_no_source_stop_no_run(office: Office) -> None:
    def wrong(_office: Office) -> Sequence[Source]:
        raise ConfigError("source_invalid", value="ftp://x")

    batch = batches.prepare(office, OCTOBER).batch
    ended = batches.send(office, batch.id, transport=FakeTransport(), sources=wrong)
    assert (ended.sent, ended.stopped) == (4, None)
    assert [e.data["act"] for e in of_kind(office, EntryKind.MAILBOX)] == ["collect", "collect"]


@pytest.fixture(params=["sqlite", "postgresql"])
def shared(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    root = offices.make_home(tmp_path / "home", 4)
    if request.param == "postgresql":
        needs.program("setpriv")
        config.save(config.Home(root=root), {"journal": {"url": databases.new_database()}})
    with offices.open_office(root) as opened:
        yield opened


class Waiting(FakeMailbox):
    """A mailbox whose server does not answer until it is told to."""

    def __init__(self, *messages: bytes) -> None:
        super().__init__({"INBOX": messages})
        self.asked, self.answer, self.interrupted = threading.Event(), threading.Event(), threading.Event()

    def fetch(
        self, folder: str, since: Position | None = None, *, not_before: dt.datetime | None = None
    ) -> Iterator[Fetched]:
        self.asked.set()
        assert self.answer.wait(30)
        yield from super().fetch(folder, since)

    def interrupt(self) -> None:
        self.interrupted.set()
        self.answer.set()


def test_the_listener_writes_while_a_run_sends(shared: Office) -> None:
    batch = sent(shared)
    _, source = inbox(failed(batch, 1))
    listener = Listener(shared, [source], pause=0.01, alone=0)
    listener.start()
    until(lambda: bool(of_kind(shared, EntryKind.RETURNED)), "a return")
    listener.stop()
    assert states(shared)[address(1)] is Status.BOUNCED


def test_nothing_is_written_after_the_run(office: Office) -> None:
    """Its server answers only once the run is over: the message is read by the next collection."""
    batch = sent(office)
    mailbox = Waiting(failed(batch, 1))
    listener = Listener(office, [FolderSource(mailbox, "INBOX", key=KEY)], pause=0.01, alone=0)
    listener.start()
    assert mailbox.asked.wait(30)
    before = office.journal.mark()
    listener.stop()
    assert mailbox.interrupted.is_set()
    assert not any(thread.name == "elite-returns" for thread in threading.enumerate())
    assert office.journal.mark() == before
    assert take(office, failed(batch, 1)).tied == 1


def test_whatever_a_mailbox_raises_the_listener_goes_on(office: Office) -> None:
    batch = sent(office)

    class Broken(FakeMailbox):
        failures = 2

        def fetch(
            self, folder: str, since: Position | None = None, *, not_before: dt.datetime | None = None
        ) -> Iterator[Fetched]:
            if self.failures:
                self.failures -= 1
                raise AssertionError("a bug")
            return super().fetch(folder, since)

    mailbox = Broken({"INBOX": [failed(batch, 1)]})
    listener = Listener(office, [FolderSource(mailbox, "INBOX", key=KEY)], pause=0.01, alone=0)
    listener.start()
    until(lambda: bool(of_kind(office, EntryKind.RETURNED)), "a return")
    listener.stop()


def test_it_looks_oftener_while_the_first_messages_are_alone(office: Office) -> None:
    listener = Listener(office, [], pause=120.0, alone=2)
    tried = [Entry(kind=EntryKind.ATTEMPTING, message=f"m{n}") for n in range(3)]
    waits = [listener._wait()]
    for entry in [*tried[:2], replace(tried[1], kind=EntryKind.VERDICT), tried[2]]:
        listener.observe(entry)
        waits.append(listener._wait())
    assert waits == [20.0, 20.0, 20.0, 20.0, 120.0]


def test_a_canary_that_comes_back_stops_a_real_run(tmp_path: Path) -> None:
    """The listener reads it while the others wait, and the run stops before they leave."""
    root = offices.make_home(tmp_path / "home", 6)
    config.save(config.Home(root=root), {"canary": {"messages": 2, "minutes": 10, "from": 4}})
    with offices.open_office(root) as office:
        batch = batches.prepare(office, OCTOBER).batch
        mailbox = FakeMailbox({"INBOX": ()})
        transport = FakeTransport()

        def on_entry(entry: Entry) -> None:
            if entry.kind is EntryKind.VERDICT and not mailbox.folders["INBOX"]:
                said = "550 5.7.1 Message rejected as spam by Content Filtering"
                message = next(m for m in batch.messages if m.key == entry.message)
                content = returns.report(
                    message.recipients[0].address, message_id=message.message_id, status="5.7.1", said=said
                )
                mailbox.folders["INBOX"].append(content)

        listener = Listener(office, [FolderSource(mailbox, "INBOX", key=KEY)], pause=0.05, alone=0)
        means = Means(
            transport=transport, journal=office.journal, outbox=office.outbox, pace=offices.FAST,
            clock=SystemClock(), canary=office.settings.canary,
        )  # fmt: skip
        listener.start()
        ended = batches.run(batch, means, run_id="r", operator="Claire", on_entry=on_entry)
        listener.stop()
    assert ended.stopped is not None
    assert ended.stopped.reason is StopReason.CANARY
    assert "spam" in ended.stopped.detail
    assert len(transport.calls) <= 2
