from __future__ import annotations

import datetime as dt
import itertools
import os
import random
import sqlite3
import stat
import textwrap
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from elite_lib.exceptions import JournalError
from elite_lib.journal import Journal, migrating, open_journal, schema
from elite_lib.journal.engine import connect
from elite_lib.models import (
    Entry,
    EntryKind,
    JournalMark,
    Period,
    RecipientOutcome,
    Reply,
    Status,
)
from tests.support.disks import on_small_disk
from tests.support.processes import appender, child

NOON = dt.datetime(2026, 10, 31, 12, 0, tzinfo=dt.UTC)
OK = Reply(code=250, text="2.1.5 Ok")
ACCOUNT = "compta@example.com@smtp.example.com:587"


def ticking(start: dt.datetime = NOON) -> Callable[[], dt.datetime]:
    """Make a clock whose first answer, a second early, goes into the journal's own creation."""
    return (start + dt.timedelta(seconds=n) for n in itertools.count(-1)).__next__


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    with open_journal(path, establishment="tilleuls", create=True, clock=ticking()) as opened:
        yield opened


def attempting(line: str = "F1", **fields: object) -> Entry:
    return Entry(
        **{  # type: ignore[arg-type]
            "kind": EntryKind.ATTEMPTING,
            "operator": "Claire",
            "account": ACCOUNT,
            "month": "2026-10",
            "batch": "2026-10-3f9c0a1b2c4d",
            "run": "r1",
            "line": line,
            "message": f"{line}~1",
            "recipients": (
                RecipientOutcome(
                    contact="R1/1", address="a@example.com", status=Status.UNCERTAIN, reply=OK
                ),
                RecipientOutcome(contact="R1/2", address="b@example.com", status=Status.DEFERRED),
            ),
            "data": {"message_id": "<x@example.com>", "n": 1, "yes": True, "no": None, "é": "œ"},
            **fields,
        }
    )  # fmt: skip


def code_of(act: Callable[[], object]) -> str:
    with pytest.raises(JournalError) as raised:
        act()
    return raised.value.code


# -- append and read -----------------------------------------------------------------------------------


def test_entry_comes_back_as_it_was_appended(journal: Journal) -> None:
    first = journal.append(attempting())
    second = journal.append(Entry(kind=EntryKind.VERDICT, attempt=first.id, month="2026-10"))
    assert (first.id, second.id) == (1, 2)
    assert (first.at, second.at) == (NOON, NOON + dt.timedelta(seconds=1))
    assert first.establishment == "tilleuls"
    assert journal.entries() == [first, second]


def test_recipients_keep_their_order(journal: Journal) -> None:
    recipients = tuple(
        RecipientOutcome(contact=f"R1/{n}", address=f"{n}@example.com", status=Status.REFUSED)
        for n in (5, 3, 9, 1)
    )
    journal.append(attempting(recipients=recipients))
    journal.append(attempting(recipients=recipients[::-1]))
    assert [entry.recipients for entry in journal.entries()] == [recipients, recipients[::-1]]


@pytest.mark.parametrize("said", ["nul \x00", "latin-1 \udce9", "œ “”", "'; DROP TABLE entry; --", "a\r\nb"])
def test_whatever_a_server_says_can_be_written_down(journal: Journal, said: str) -> None:
    outcome = RecipientOutcome(
        contact="", address="a@example.com", status=Status.REFUSED, reply=Reply(code=550, text=said)
    )
    journal.append(attempting(recipients=(outcome,), data={"error": said}))
    (found,) = journal.entries()
    reply = found.recipients[0].reply
    assert reply is not None
    assert reply.text == said.replace("\x00", "\\x00").replace("\udce9", "\\udce9")
    assert found.data == {"error": said}


def test_instants_are_utc_whatever_zone_the_clock_has(path: Path) -> None:
    paris = dt.timezone(dt.timedelta(hours=2))
    with open_journal(path, establishment="t", create=True, clock=lambda: NOON.astimezone(paris)) as journal:
        assert journal.append(attempting()).at == NOON
        assert journal.entries()[0].at == NOON


def test_order_is_that_of_ids_when_the_clock_is_set_back(path: Path) -> None:
    clock = iter([NOON, NOON + dt.timedelta(hours=2), NOON - dt.timedelta(hours=1), NOON]).__next__
    with open_journal(path, establishment="t", create=True, clock=clock) as journal:
        written = [journal.append(attempting(line)) for line in ("F1", "F2", "F3")]
        assert journal.entries() == written
        assert journal.latest(EntryKind.ATTEMPTING, ACCOUNT) == written[-1]
        times = journal.attempt_times(ACCOUNT, NOON - dt.timedelta(days=1))
        assert times == sorted(times)


def test_entries_are_chosen_by_every_condition(journal: Journal) -> None:
    for month, line, kind, batch, run in (
        ("2026-09", "F1", EntryKind.ATTEMPTING, "b1", "r1"),
        ("2026-10", "F2", EntryKind.VERDICT, "b1", "r1"),
        ("2026-10", "F3", EntryKind.ATTEMPTING, "b2", "r2"),
        ("2026-09..2026-10", "", EntryKind.BATCH_PREPARED, "b2", ""),
        ("2027-01", "F4", EntryKind.RESOLVED, "", ""),
        ("", "", EntryKind.STOP, "", ""),
    ):
        journal.append(attempting(line, month=month, kind=kind, batch=batch, run=run, recipients=()))

    def ids(**conditions: object) -> list[int]:
        return [entry.id for entry in journal.entries(**conditions)]  # type: ignore[arg-type]

    assert ids() == [1, 2, 3, 4, 5, 6]
    assert ids(months=["2026-10"]) == [2, 3]
    assert ids(months=["2026-09", "2026-10"]) == [1, 2, 3]
    assert ids(months=[]) == []
    assert ids(period=Period.parse("2026-10")) == [2, 3, 4]
    assert ids(period=Period.parse("2026-10..2027-03")) == [2, 3, 4, 5]
    assert ids(period=Period.parse("2026-11")) == []
    assert ids(lines=["F1", "F4"]) == [1, 5]
    assert ids(lines=["F1", "F4"], months=["2027-01"]) == [5]
    assert ids(kinds=[EntryKind.ATTEMPTING]) == [1, 3]
    assert ids(kinds=[EntryKind.ATTEMPTING, EntryKind.STOP], after=1) == [3, 6]
    assert ids(after=4) == [5, 6]
    assert ids(batch="b2") == [3, 4]
    assert ids(run="r1") == [1, 2]


def test_following_reads_the_new_ids_only(journal: Journal, path: Path) -> None:
    journal.append(attempting())
    with closing(sqlite3.connect(path)) as raw:
        plan = raw.execute(
            "EXPLAIN QUERY PLAN SELECT * FROM entry WHERE (establishment || '') = 't' AND id > 5"
        ).fetchall()
    assert "INTEGER PRIMARY KEY (rowid>?)" in str(plan)


def test_establishments_of_one_journal_are_kept_apart_but_for_the_account(path: Path) -> None:
    with (
        open_journal(path, establishment="tilleuls", create=True, clock=ticking()) as tilleuls,
        open_journal(path, establishment="lilas", clock=ticking(NOON + dt.timedelta(hours=1))) as lilas,
    ):
        mine, theirs = tilleuls.append(attempting()), lilas.append(attempting())
        lilas.append(attempting(account="other@example.com@smtp.example.com:587"))
        assert tilleuls.entries() == [mine]
        assert tilleuls.id == lilas.id
        assert tilleuls.mark() == JournalMark(journal=tilleuls.id, entry=3)
        since = NOON - dt.timedelta(days=1)
        assert tilleuls.attempt_times(ACCOUNT, since) == [mine.at, theirs.at]
        assert tilleuls.latest(EntryKind.ATTEMPTING, ACCOUNT) == theirs


def test_attempt_times_count_attempts_since_an_instant(journal: Journal) -> None:
    for _ in range(3):
        journal.append(attempting())
        journal.append(attempting(kind=EntryKind.VERDICT))
    since = NOON + dt.timedelta(seconds=2)
    assert journal.attempt_times(ACCOUNT, since) == [since, NOON + dt.timedelta(seconds=4)]


def test_latest_of_nothing(journal: Journal) -> None:
    assert journal.latest(EntryKind.STOP, ACCOUNT) is None


def test_mark_of_an_empty_journal(journal: Journal) -> None:
    assert journal.mark() == JournalMark(journal=journal.id, entry=0)


# -- opening -------------------------------------------------------------------------------------------


def test_identity_is_kept_and_differs_between_journals(journal: Journal, path: Path, tmp_path: Path) -> None:
    with open_journal(path, establishment="tilleuls") as again:
        assert again.id == journal.id
    with open_journal(tmp_path / "other.sqlite", establishment="tilleuls", create=True) as other:
        assert other.id != journal.id
    assert len(journal.id) == 32


def test_url_names_the_same_file(journal: Journal, path: Path) -> None:
    with open_journal(f"sqlite:///{path}", establishment="tilleuls") as again:
        assert again.id == journal.id


@pytest.mark.parametrize("url", ["postgresql://elite:s3cret@db.example.com/elite", "sqlite://", "://"])
def test_url_that_is_not_understood_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(JournalError) as raised:
        open_journal(url, establishment="tilleuls", create=True)
    assert raised.value.code == "journal_url"
    assert "s3cret" not in str(raised.value)


def test_folder_with_signs_that_urls_and_alembic_read_otherwise(tmp_path: Path) -> None:
    with open_journal(tmp_path / "100 % été ? #1" / "j.sqlite", establishment="t", create=True) as journal:
        assert journal.append(attempting()).id == 1
    assert [folder.name for folder in tmp_path.iterdir()] == ["100 % été ? #1"]


def test_missing_journal_is_never_made_unasked(path: Path) -> None:
    assert code_of(lambda: open_journal(path, establishment="tilleuls")) == "journal_missing"
    assert not path.exists()


@pytest.mark.skipif(os.name == "nt", reason="mode bits do not decide on Windows")
def test_files_are_private(journal: Journal, path: Path) -> None:
    journal.append(attempting())
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert {"journal.sqlite", "journal.sqlite-wal"} <= modes.keys()
    assert set(modes.values()) == {0o600}


def test_settings_of_the_connections(path: Path) -> None:
    open_journal(path, establishment="t", create=True).close()
    engines = connect(path)
    with engines.writer.begin() as connection:
        pragmas = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in
                   ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")}  # fmt: skip
        assert connection.connection.driver_connection.in_transaction  # type: ignore[union-attr]
    with engines.reader.begin() as connection:
        assert connection.exec_driver_sql("PRAGMA query_only").scalar() == 1
    engines.dispose()
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 10_000}


def test_crash_while_a_journal_is_made_leaves_none(path: Path) -> None:
    draft = path.with_name("journal.sqlite.new")
    draft.write_bytes(b"torn")
    with open_journal(path, establishment="t", create=True) as journal:
        assert journal.append(attempting()).id == 1
    assert not draft.exists()


@pytest.mark.parametrize("damage", ["header", "page", "text", "empty", "truncated", "other"])
def test_damaged_file_is_unreadable(path: Path, damage: str) -> None:
    with open_journal(path, establishment="t", create=True) as journal:
        for number in range(200):
            journal.append(attempting(f"F{number}"))
    content = bytearray(path.read_bytes())
    if damage == "header":
        content[:100] = bytes(100)
    elif damage == "page":
        middle = len(content) // 2 // 4096 * 4096
        content[middle : middle + 4096] = b"\xa5" * 4096
    elif damage == "text":
        content = bytearray("ceci n’est pas un journal".encode() * 1000)
    elif damage == "empty":
        content.clear()
    elif damage == "truncated":
        del content[len(content) // 2 :]
    path.write_bytes(content)
    if damage == "other":
        path.unlink()
        with closing(sqlite3.connect(path)) as raw:
            raw.execute("CREATE TABLE factures (numero TEXT)")
    before = path.read_bytes()
    assert code_of(lambda: open_journal(path, establishment="t", create=True)) == "journal_unreadable"
    assert path.read_bytes() == before


def test_journal_of_a_later_version_is_not_guessed_at(path: Path) -> None:
    open_journal(path, establishment="t", create=True).close()
    with closing(sqlite3.connect(path)) as raw, raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    assert code_of(lambda: open_journal(path, establishment="t")) == "journal_newer"


# -- append-only ---------------------------------------------------------------------------------------

FORBIDDEN = [
    "UPDATE entry SET kind = 'verdict'",
    "DELETE FROM entry",
    "REPLACE INTO entry SELECT * FROM entry",
    "INSERT OR REPLACE INTO entry SELECT * FROM entry WHERE id = 1",
    "UPDATE entry_recipient SET status = 'accepted'",
    "DELETE FROM entry_recipient",
    "REPLACE INTO entry_recipient SELECT * FROM entry_recipient",
    "UPDATE journal SET id = 'x'",
    "DELETE FROM journal",
    "INSERT INTO journal VALUES ('x', 'y')",
]


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_journal_entry_is_never_changed_or_deleted(journal: Journal, path: Path, statement: str) -> None:
    written = journal.append(attempting())
    with closing(sqlite3.connect(path)) as raw:  # any other program, with none of our settings
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            raw.execute(statement)
        raw.rollback()
    assert journal.entries() == [written]


def test_verdict_needs_its_attempt(journal: Journal) -> None:
    assert code_of(lambda: journal.append(attempting(kind=EntryKind.VERDICT, attempt=99))) == "journal_failed"
    assert journal.entries() == []


# -- migrations ----------------------------------------------------------------------------------------


def objects(path: Path) -> set[tuple[str, str, str]]:
    with closing(sqlite3.connect(path)) as raw:
        return set(raw.execute("SELECT type, name, coalesce(sql, '') FROM sqlite_master").fetchall())


def migrated(path: Path, revision: str) -> None:
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        command.upgrade(migrating.settings(connection), revision)
    engine.dispose()


def revisions() -> list[str]:
    scripts = ScriptDirectory.from_config(migrating.settings())
    return [script.revision for script in scripts.walk_revisions()][::-1]


def test_fresh_journal_equals_the_one_migrated_step_by_step(path: Path, tmp_path: Path) -> None:
    open_journal(path, establishment="t", create=True).close()
    stepwise = tmp_path / "stepwise.sqlite"
    for revision in revisions():
        migrated(stepwise, revision)
    assert objects(stepwise) == objects(path)
    assert revisions()[-1] == schema.REVISION


def test_schema_is_what_the_migrations_make(path: Path) -> None:
    open_journal(path, establishment="t", create=True).close()
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, schema.metadata) == []
    engine.dispose()


def test_guards_are_there_after_every_migration(tmp_path: Path) -> None:
    path = tmp_path / "stepwise.sqlite"
    for revision in revisions():
        migrated(path, revision)
        guards = {name for kind, name, _ in objects(path) if kind == "trigger"}
        assert guards == {
            f"{table}_never_{what}"
            for table in ("journal", "entry", "entry_recipient")
            for what in ("updated", "deleted", "replaced")
        }


def test_migration_that_fails_leaves_nothing_behind(path: Path) -> None:
    """BEGIN IMMEDIATE by hand makes SQLite's DDL transactional: half a schema cannot exist."""
    path.touch()
    engines = connect(path)
    with pytest.raises(ZeroDivisionError), engines.writer.begin() as connection:
        migrating.upgrade(connection)
        _ = 1 / 0
    engines.dispose()
    assert objects(path) == set()


# -- several at once -----------------------------------------------------------------------------------


def assert_whole(path: Path) -> list[Entry]:
    with closing(sqlite3.connect(path)) as raw:
        assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert raw.execute("PRAGMA foreign_key_check").fetchall() == []
    with open_journal(path, establishment="t") as journal:
        entries = journal.entries()
    assert [entry.id for entry in entries] == list(range(1, len(entries) + 1))
    assert {len(entry.recipients) for entry in entries} <= {3}
    return entries


def test_two_processes_make_and_append_to_one_journal(path: Path) -> None:
    with child(appender, path, "a", 150) as one, child(appender, path, "b", 150) as two:
        ids = {"a": one.rest(), "b": two.rest()}
        one.process.join()
        two.process.join()
        assert (one.process.exitcode, two.process.exitcode) == (0, 0)
    entries = assert_whole(path)
    assert sorted(ids["a"] + ids["b"]) == list(range(1, 301))
    for name, of_process in ids.items():
        assert [entry.id for entry in entries if entry.run == name] == of_process
        assert [entry.line for entry in entries if entry.run == name] == [str(n) for n in range(150)]


def test_killed_appender_leaves_every_answered_entry_whole(path: Path) -> None:
    chance = random.Random(20261031)
    for attempt in range(12):
        with child(appender, path, f"run-{attempt}", 1_000_000) as run:
            seen = [run.pipe.recv() for _ in range(chance.randint(1, 60))]
            run.process.kill()
            seen += run.rest()
        entries = assert_whole(path)
        # at most one more: durable, and its number not told yet
        assert seen[-1] <= len(entries) <= seen[-1] + 1


def test_threads_share_a_journal(journal: Journal) -> None:
    def work(name: int) -> None:
        for number in range(30):
            journal.append(attempting(f"{name}-{number}"))
            journal.mark()

    threads = [threading.Thread(target=work, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [entry.id for entry in journal.entries()] == list(range(1, 121))


def test_open_reader_does_not_hold_up_the_writer(journal: Journal, path: Path) -> None:
    journal.append(attempting())
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM entry").fetchone() == (1,)
        journal.append(attempting())
        assert reader.execute("SELECT count(*) FROM entry").fetchone() == (1,)
    assert len(journal.entries()) == 2


def test_open_writer_does_not_hold_up_readers_nor_show_what_is_not_durable(path: Path) -> None:
    with open_journal(path, establishment="tilleuls", create=True, clock=ticking(), patience=0.05) as journal:
        journal.append(attempting())
        with closing(sqlite3.connect(path, isolation_level=None)) as writer:
            writer.execute("BEGIN IMMEDIATE")
            writer.execute(
                "INSERT INTO entry SELECT 2, at, kind, establishment, operator, account, month, batch, run,"
                " line, message, attempt, data FROM entry"
            )
            assert [entry.id for entry in journal.entries()] == [1]
            assert code_of(lambda: journal.append(attempting())) == "journal_busy"
            writer.execute("ROLLBACK")
        assert journal.append(attempting()).id == 2


# -- the disk ------------------------------------------------------------------------------------------

DISK = """
from elite_lib.exceptions import EliteError
from elite_lib.journal import open_journal
from elite_lib.models import Entry, EntryKind
def told(act):
    try:
        return act()
    except EliteError as error:
        return f"{type(error).__name__}:{error.code}"
"""


def test_full_disk_stops_an_append_and_harms_nothing(tmp_path: Path) -> None:
    script = DISK + textwrap.dedent("""
    journal = open_journal(disk / "journal.sqlite", establishment="t", create=True)
    for _ in range(3):
        journal.append(Entry(kind=EntryKind.STOP))
    fill()
    big = Entry(kind=EntryKind.STOP, data={"x": "y" * 9000})
    print({told(lambda: journal.append(big)) for _ in range(3)}, len(journal.entries()), journal.mark().entry)
    empty()
    print(journal.append(Entry(kind=EntryKind.STOP)).id)
    journal.close()
    with open_journal(disk / "journal.sqlite", establishment="t") as journal:
        print(len(journal.entries()))
    """)
    assert on_small_disk(tmp_path / "disk", script, size="2m") == [
        "{'StorageError:journal_full'} 3 3",
        "4",
        "4",
    ]


def test_full_disk_leaves_no_half_made_journal(tmp_path: Path) -> None:
    script = DISK + textwrap.dedent("""
    fill(spare=20_000)
    path = disk / "journal.sqlite"
    print(told(lambda: open_journal(path, establishment="t", create=True)))
    print(sorted(file.name for file in disk.iterdir()))
    empty()
    print(open_journal(path, establishment="t", create=True).append(Entry(kind=EntryKind.STOP)).id)
    """)
    assert on_small_disk(tmp_path / "disk", script, size="2m") == [
        "StorageError:journal_full",
        "['filler', 'journal.sqlite.lock']",
        "1",
    ]


def test_read_only_disk_is_told(tmp_path: Path) -> None:
    script = DISK + textwrap.dedent("""
    path = disk / "journal.sqlite"
    journal = open_journal(path, establishment="t", create=True)
    journal.append(Entry(kind=EntryKind.STOP))
    journal.close()
    freeze_disk("ro")
    opened = told(lambda: open_journal(path, establishment="t"))
    print(opened if isinstance(opened, str) else told(lambda: opened.append(Entry(kind=EntryKind.STOP))))
    print(told(lambda: open_journal(disk / "other.sqlite", establishment="t", create=True)))
    """)
    first, second = on_small_disk(tmp_path / "disk", script, size="2m")
    assert first in ("StorageError:journal_no_permission", "StorageError:journal_read_only")
    assert second == "StorageError:read_only"
