"""One run at a time per sending account, wherever the journal is: in a file, or on a server."""

from __future__ import annotations

import datetime as dt
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from elite_lib import batch as batches
from elite_lib import config
from elite_lib.batch.office import journal_place
from elite_lib.exceptions import JournalError, JournalLockedError
from elite_lib.journal import Journal, LockHolder, open_journal
from elite_lib.models import Box, Entry, EntryKind, Envelope, Reply, Stage, StopReason, Transaction
from elite_lib.transports import BeforeDot
from elite_lib.transports.fake import FakeTransport
from tests.support import databases, offices
from tests.support.offices import OCTOBER, address
from tests.support.processes import Child, account_holder, child

ACCOUNT = "compta@example.com@smtp.example.com:587"
OTHER = "direction@example.com@smtp.example.com:587"


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return str(tmp_path / "journal.sqlite") if request.param == "sqlite" else databases.new_database()


@pytest.fixture
def journal(place: str) -> Iterator[Journal]:
    with open_journal(place, establishment="tilleuls", create=True) as opened:
        yield opened


@contextmanager
def another_run(place: str, account: str = ACCOUNT) -> Iterator[Child]:
    """A real process that holds the account until its pipe is closed."""
    with child(account_holder, place, account) as run:
        assert run.pipe.recv() == "held"
        yield run


def test_second_run_is_told_who_sends_since_when(journal: Journal, place: str) -> None:
    with another_run(place) as run:
        with (
            pytest.raises(JournalLockedError) as raised,
            journal.hold_account(ACCOUNT, wait=0, run="r2", operator="Paul"),
        ):
            pytest.fail("two runs at once")
        fields = raised.value.fields
        assert (raised.value.code, fields["account"]) == ("locked", ACCOUNT)
        assert (fields["run"], fields["operator"]) == ("r1", "Claire Martin")
        assert isinstance(fields["since"], dt.datetime)
        assert fields["since"].tzinfo is not None
        held = journal.account_holder(ACCOUNT)
        assert held is not None
        assert (held.run, held.operator, held.pid) == ("r1", "Claire Martin", run.process.pid)


def test_other_accounts_are_free(journal: Journal, place: str) -> None:
    with another_run(place), journal.hold_account(OTHER, wait=0):
        held = journal.account_holder(OTHER)
        assert held is not None
        assert held.pid == os.getpid()
    assert journal.account_holder(OTHER) is None


def test_killed_holder_frees_the_account_at_once(journal: Journal, place: str) -> None:
    with another_run(place) as run:
        run.process.kill()
        run.process.join()
        start = time.monotonic()
        with journal.hold_account(ACCOUNT, wait=1, run="r2", operator="Paul"):
            assert time.monotonic() - start < 1
            held = journal.account_holder(ACCOUNT)
            assert held is not None
            assert (held.run, held.operator) == ("r2", "Paul")
        assert journal.account_holder(ACCOUNT) is None


def test_waiting_ends_with_the_other_run(journal: Journal, place: str) -> None:
    seen: list[LockHolder] = []
    with another_run(place) as run:

        def ask_it_to_end(holder: LockHolder) -> None:
            seen.append(holder)
            run.pipe.send("end")

        with journal.hold_account(ACCOUNT, wait=30, run="r2", on_wait=ask_it_to_end):
            run.process.join()
            assert run.process.exitcode == 0
    assert [holder.run for holder in seen] == ["r1"]


def test_nobody_is_told_to_wait_for_a_free_account(journal: Journal) -> None:
    seen: list[LockHolder] = []
    with journal.hold_account(ACCOUNT, wait=5, on_wait=seen.append):
        assert seen == []


def test_second_run_over_one_journal_is_refused_too(journal: Journal) -> None:
    with (
        journal.hold_account(ACCOUNT, wait=0, run="r1"),
        pytest.raises(JournalLockedError) as raised,
        journal.hold_account(ACCOUNT, wait=0, run="r2"),
    ):
        pytest.fail("two runs at once")
    assert raised.value.fields["run"] == "r1"


def test_account_is_freed_when_the_run_fails(journal: Journal) -> None:
    with pytest.raises(ZeroDivisionError), journal.hold_account(ACCOUNT, wait=0):
        _ = 1 / 0
    assert journal.account_holder(ACCOUNT) is None
    with journal.hold_account(ACCOUNT, wait=0):
        assert journal.account_holder(ACCOUNT) is not None


def test_asking_never_counts_as_a_run(journal: Journal) -> None:
    done = threading.Event()

    def ask() -> None:
        while not done.is_set():
            journal.account_holder(ACCOUNT)

    asking = [threading.Thread(target=ask) for _ in range(2)]
    for thread in asking:
        thread.start()
    taken = 0
    try:
        for _ in range(15):
            with journal.hold_account(ACCOUNT, wait=0):
                taken += 1
    finally:
        done.set()
        for thread in asking:
            thread.join()
    assert taken == 15


# -- the server only -----------------------------------------------------------------------------------


@pytest.fixture
def url() -> str:
    return databases.new_database()


def cut(url: str) -> None:
    engine = create_engine(url)
    with engine.connect() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    engine.dispose()


def test_no_intent_is_written_once_the_lock_was_lost(url: str) -> None:
    """A cut connection frees the account; another run may have begun: nothing more may leave from here."""
    intent = Entry(kind=EntryKind.ATTEMPTING, account=ACCOUNT, line="F1")
    verdict = Entry(kind=EntryKind.VERDICT, account=ACCOUNT, line="F1")
    with open_journal(url, establishment="t", create=True) as journal:
        with journal.hold_account(ACCOUNT, wait=0):
            journal.append(intent)
            cut(url)
            codes = []
            for _ in range(3):
                with pytest.raises(JournalError) as raised:
                    journal.append(intent)
                codes.append(raised.value.code)
            assert codes == ["journal_unreachable", "lock_lost", "lock_lost"]
            assert journal.append(verdict).id == 2  # what is known of the last one is still written down
            with open_journal(url, establishment="t") as another, another.hold_account(ACCOUNT, wait=0):
                assert another.append(intent).id == 3
        with journal.hold_account(ACCOUNT, wait=0):
            assert journal.append(intent).id == 4


class _Cutting:
    """A transport whose network to the database is cut between the body and the dot of a message."""

    def __init__(self, url: str, at: int) -> None:
        self.url, self.at = url, at
        self.sent: list[str] = []
        self.begun = 0

    def open(self) -> None: ...

    def close(self) -> None: ...

    def send(self, envelope: Envelope, content: bytes, before_dot: BeforeDot) -> Transaction:
        ok = Reply(code=250)
        rcpt = tuple((a, ok) for a in envelope.recipients)
        self.begun += 1
        if self.begun == self.at:
            cut(self.url)
        before_dot(rcpt, None)
        self.sent += envelope.recipients
        return Transaction(stage=Stage.DOT, mail=ok, rcpt=rcpt, data=Reply(code=354), final=ok)


def home(root: Path, url: str, count: int = 3, *, key: str = "tilleuls", sender: str = "tilleuls") -> Path:
    offices.make_home(root, count, settings={"journal": {"url": url}, "home": {"establishment": key}})
    config.save(root, {"mail": {"sender": f"compta@{sender}.example"}})
    return root


def test_environment_names_the_journal_before_the_file_does(tmp_path: Path) -> None:
    settings = config.load(offices.make_home(tmp_path / "home", 1))
    assert journal_place(settings, environ={}) == tmp_path / "home" / "journal.sqlite"
    written = "postgresql://elite@db.example.com/elite"
    settings = config.save(tmp_path / "home", {"journal": {"url": written}})
    assert journal_place(settings, environ={}) == written
    given = "postgresql://elite:s3cret@db.example.com/other"
    assert journal_place(settings, environ={"ELITE_JOURNAL_URL": given}) == given


def test_run_stops_before_the_dot_when_the_database_is_cut_off(tmp_path: Path, url: str) -> None:
    root = home(tmp_path / "home", url)
    with offices.open_office(root) as office:
        batch = batches.prepare(office, OCTOBER).batch
        transport = _Cutting(url, at=2)
        ended = batches.send(office, batch.id, transport=transport)
        assert ended.stopped is not None
        assert ended.stopped.reason is StopReason.JOURNAL
        assert transport.sent == [address(1)]
        again = FakeTransport()
        assert batches.send(office, batch.id, transport=again).sent == 2
        assert offices.recipients(again) == [address(2), address(3)]


class _Idle:
    """A transport that looks, while a message is under way, for a session that holds a transaction open."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.states: list[str] = []

    def open(self) -> None: ...

    def close(self) -> None: ...

    def send(self, envelope: Envelope, content: bytes, before_dot: BeforeDot) -> Transaction:
        ok = Reply(code=250)
        rcpt = tuple((a, ok) for a in envelope.recipients)
        self._look()
        before_dot(rcpt, None)
        self._look()
        return Transaction(stage=Stage.DOT, mail=ok, rcpt=rcpt, data=Reply(code=354), final=ok)

    def _look(self) -> None:
        engine = create_engine(self.url)
        with engine.connect() as connection:
            self.states += connection.execute(
                text(
                    "SELECT state FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            ).scalars()
        engine.dispose()


def test_no_transaction_is_open_while_a_message_is_sent(tmp_path: Path, url: str) -> None:
    with offices.open_office(home(tmp_path / "home", url, 2)) as office:
        transport = _Idle(url)
        assert batches.send(office, batches.prepare(office, OCTOBER).batch.id, transport=transport).sent == 2
    assert set(transport.states) == {"idle"}


def test_two_workstations_of_one_home(tmp_path: Path, url: str) -> None:
    """Two homes with one journal: one sends, the other is told so; then it knows what was sent."""
    here, there = home(tmp_path / "here", url), home(tmp_path / "there", url)
    with offices.open_office(there) as other:
        with another_run(url, other.account.key):
            with pytest.raises(JournalLockedError) as raised:
                batches.preparing.wait_for_account(other, wait=0)
            assert raised.value.fields["operator"] == "Claire Martin"
        with offices.open_office(here) as office:
            batch = batches.prepare(office, OCTOBER).batch
            with another_run(url, batch.account):
                ended = batches.send(office, batch.id, transport=FakeTransport(), lock_wait=0)
                assert ended.stopped is not None
                assert ended.stopped.reason is StopReason.LOCKED
                assert isinstance(ended.stopped.error, JournalLockedError)
                assert ended.stopped.error.fields["operator"] == "Claire Martin"
                assert ended.stopped.error.fields["since"] is not None
            assert batches.send(office, batch.id, transport=FakeTransport()).sent == 3
        assert batches.survey(other, OCTOBER).slip.balanced  # its batch is in the other's outbox
        assert batches.newest_batch(other, OCTOBER) is None
        transport = FakeTransport()
        offices.run(other, batches.prepare(other, OCTOBER).batch, transport)
        assert transport.calls == []


def test_several_establishments_in_one_database_run_side_by_side(tmp_path: Path, url: str) -> None:
    keys = ("tilleuls", "lilas", "acacias")
    roots = [home(tmp_path / key, url, key=key, sender=key) for key in keys]
    sent: dict[str, list[str]] = {}
    together = threading.Barrier(len(keys))

    class Meeting(FakeTransport):
        """Goes on only when all the others are in the middle of a message too."""

        def send(self, envelope: Envelope, content: bytes, before_dot: BeforeDot) -> Transaction:
            together.wait(timeout=60)
            return super().send(envelope, content, before_dot)

    def work(root: Path) -> None:
        with offices.open_office(root) as office:
            transport = Meeting()
            ended = batches.send(office, batches.prepare(office, OCTOBER).batch.id, transport=transport)
            assert ended.sent == 3
            sent[root.name] = offices.recipients(transport)

    threads = [threading.Thread(target=work, args=(root,)) for root in roots]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sent == {key: [address(1), address(2), address(3)] for key in keys}
    for root in roots:
        with offices.open_office(root) as office:
            slip = batches.survey(office, OCTOBER).slip
            assert slip.balanced
            assert slip.boxes[Box.ACCEPTED].count == 3
            assert office.journal.account_holder(office.account.key) is None


def test_journal_that_is_shorter_than_the_outbox_knows_stops_everything(tmp_path: Path, url: str) -> None:
    """Invariant 9, on a server: another database, or one restored from an older dump."""
    root = home(tmp_path / "home", url)
    with offices.open_office(root) as office:
        offices.run(office, batches.prepare(office, OCTOBER).batch)
    empty = databases.new_database()
    config.save(root, {"journal": {"url": empty}})
    with pytest.raises(JournalError) as raised:
        offices.open_office(root)
    assert raised.value.code == "journal_missing"
    open_journal(empty, establishment="tilleuls", create=True).close()
    with pytest.raises(JournalError) as raised:
        offices.open_office(root)
    assert raised.value.code == "journal_foreign"
    assert batches.adopt_journal(root, operator="Claire") == 3
    with offices.open_office(root) as office:
        transport = FakeTransport()
        offices.run(office, batches.prepare(office, OCTOBER).batch, transport)
        assert transport.calls == []
