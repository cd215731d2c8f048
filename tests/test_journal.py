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
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import DBAPIError

from elite_lib.exceptions import JournalError, StorageError
from elite_lib.journal import Journal, migrating, open_journal, schema
from elite_lib.journal.postgresql import lock_key
from elite_lib.journal.sqlite import connect
from elite_lib.models import (
    Entry,
    EntryKind,
    JournalMark,
    Period,
    RecipientOutcome,
    Reply,
    Status,
)
from tests.support import databases
from tests.support.disks import on_small_disk
from tests.support.processes import appender, child

NOON = dt.datetime(2026, 10, 31, 12, 0, tzinfo=dt.UTC)
TABLES = ("journal", "entry", "entry_recipient", "entry_document", "entry_key")
OK = Reply(code=250, text="2.1.5 Ok")
ACCOUNT = "compta@example.com@smtp.example.com:587"


def ticking(start: dt.datetime = NOON) -> Callable[[], dt.datetime]:
    """Make a clock whose first answer, a second early, goes into the journal's own creation."""
    return (start + dt.timedelta(seconds=n) for n in itertools.count(-1)).__next__


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite"


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, path: Path) -> str:
    """Where a journal may be, and is not yet: each kind of database in turn."""
    return str(path) if request.param == "sqlite" else databases.new_database()


@pytest.fixture
def journal(place: str) -> Iterator[Journal]:
    with open_journal(place, establishment="tilleuls", create=True, clock=ticking()) as opened:
        yield opened


@pytest.fixture
def file_journal(path: Path) -> Iterator[Journal]:
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


def test_instants_are_utc_whatever_zone_the_clock_has(place: str) -> None:
    paris = dt.timezone(dt.timedelta(hours=2))
    with open_journal(place, establishment="t", create=True, clock=lambda: NOON.astimezone(paris)) as journal:
        assert journal.append(attempting()).at == NOON
        assert journal.entries()[0].at == NOON


def test_order_is_that_of_ids_when_the_clock_is_set_back(place: str) -> None:
    clock = iter([NOON, NOON + dt.timedelta(hours=2), NOON - dt.timedelta(hours=1), NOON]).__next__
    with open_journal(place, establishment="t", create=True, clock=clock) as journal:
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


def test_following_reads_the_new_ids_only(file_journal: Journal, path: Path) -> None:
    file_journal.append(attempting())
    with closing(sqlite3.connect(path)) as raw:
        plan = raw.execute(
            "EXPLAIN QUERY PLAN SELECT * FROM entry WHERE (establishment || '') = 't' AND id > 5"
        ).fetchall()
    assert "INTEGER PRIMARY KEY (rowid>?)" in str(plan)


def test_establishments_of_one_journal_are_kept_apart_but_for_the_account(place: str) -> None:
    with (
        open_journal(place, establishment="tilleuls", create=True, clock=ticking()) as tilleuls,
        open_journal(place, establishment="lilas", clock=ticking(NOON + dt.timedelta(hours=1))) as lilas,
    ):
        mine, theirs = tilleuls.append(attempting()), lilas.append(attempting())
        lilas.append(attempting(account="other@example.com@smtp.example.com:587"))
        assert tilleuls.entries() == [mine]
        assert tilleuls.id == lilas.id
        assert tilleuls.mark() == JournalMark(journal=tilleuls.id, entry=3)
        since = NOON - dt.timedelta(days=1)
        assert tilleuls.attempt_times(ACCOUNT, since) == [mine.at, theirs.at]
        assert tilleuls.latest(EntryKind.ATTEMPTING, ACCOUNT) == theirs


def test_periods_of_several_months_are_found_in_each_of_them_and_in_no_other(journal: Journal) -> None:
    for month in (
        "2025-12",
        "2026-01..2026-03",
        "2026-02",
        "2026-03..2026-03",
        "2025-11..2026-06",
        "2026-07",
    ):
        journal.append(Entry(kind=EntryKind.BATCH_PREPARED, month=month))
    found = {
        period: [entry.id for entry in journal.entries(period=Period.parse(period))]
        for period in ("2025-10", "2025-12", "2026-03", "2026-04", "2026-07", "2026-02..2026-07")
    }
    assert found == {
        "2025-10": [],
        "2025-12": [1, 5],
        "2026-03": [2, 4, 5],
        "2026-04": [5],
        "2026-07": [6],
        "2026-02..2026-07": [2, 3, 4, 5, 6],
    }


def test_carriers_of_a_document_are_the_lines_that_were_attempted_with_it(journal: Journal) -> None:
    for line, documents, kind in (
        ("F1", "F1\nD1", EntryKind.ATTEMPTING),
        ("F2", "F2", EntryKind.ATTEMPTING),
        ("F3", "D1\nF3", EntryKind.ATTEMPTING),
        ("F4", "F4\nD1", EntryKind.VERDICT),
        ("D2", "D2", EntryKind.ATTEMPTING),
        ("F5", "", EntryKind.ATTEMPTING),
    ):
        journal.append(attempting(line, data={"documents": documents}, kind=kind))
    assert journal.carriers(["D1"]) == {"F1", "F3"}
    assert journal.carriers(["D2", "F2", "D9"]) == {"D2", "F2"}
    assert journal.carriers([]) == set()


@pytest.mark.parametrize(
    ("question", "index"),
    [
        ("month IN ('2026-10') AND last_month IS NULL", "ix_entry_establishment_month_kind"),
        ("last_month IS NOT NULL AND last_month >= '2026-10'", "ix_entry_establishment_last_month"),
        ("line IN ('F1')", "ix_entry_establishment_line"),
        ("run = 'r1'", "ix_entry_establishment_run"),
        ("batch = 'b1' AND kind IN ('attempting')", "ix_entry_establishment_batch"),
        (f"account = '{ACCOUNT}' AND kind IN ('attempting') AND at >= '2'", "ix_entry_account_kind_at"),
    ],
)
def test_no_question_reads_the_whole_journal(
    file_journal: Journal, path: Path, question: str, index: str
) -> None:
    file_journal.append(attempting())
    with closing(sqlite3.connect(path)) as raw:
        plan = raw.execute(
            f"EXPLAIN QUERY PLAN SELECT * FROM entry WHERE establishment = 't' AND id > 0 AND {question}"
        ).fetchall()
    assert f"USING INDEX {index} (" in str(plan)


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


def test_identity_is_kept_and_differs_between_journals(journal: Journal, place: str, tmp_path: Path) -> None:
    with open_journal(place, establishment="tilleuls") as again:
        assert again.id == journal.id
    with open_journal(tmp_path / "other.sqlite", establishment="tilleuls", create=True) as other:
        assert other.id != journal.id
    assert len(journal.id) == 32


def test_url_names_the_same_file(file_journal: Journal, path: Path) -> None:
    with open_journal(f"sqlite:///{path}", establishment="tilleuls") as again:
        assert again.id == file_journal.id


@pytest.mark.parametrize(
    "url",
    [
        "mysql://elite:s3cret@db.example.com/elite",
        "postgresql+psycopg2://elite:s3cret@db.example.com/elite",
        "postgresql://elite:s3cret@db.example.com",
        "sqlite://",
        "://",
    ],
)
def test_url_that_is_not_understood_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(JournalError) as raised:
        open_journal(url, establishment="tilleuls", create=True)
    assert raised.value.code == "journal_url"
    assert "s3cret" not in str(raised.value)


def test_folder_with_signs_that_urls_and_alembic_read_otherwise(tmp_path: Path) -> None:
    with open_journal(tmp_path / "100 % été ? #1" / "j.sqlite", establishment="t", create=True) as journal:
        assert journal.append(attempting()).id == 1
    assert [folder.name for folder in tmp_path.iterdir()] == ["100 % été ? #1"]


def test_missing_journal_is_never_made_unasked(place: str) -> None:
    for _ in range(2):
        assert code_of(lambda: open_journal(place, establishment="tilleuls")) == "journal_missing"


@pytest.mark.skipif(os.name == "nt", reason="mode bits do not decide on Windows")
def test_files_are_private(file_journal: Journal, path: Path) -> None:
    file_journal.append(attempting())
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


def test_journal_of_a_later_version_is_not_guessed_at(place: str) -> None:
    open_journal(place, establishment="t", create=True).close()
    with any_program(place) as connection, connection.begin():
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    assert code_of(lambda: open_journal(place, establishment="t")) == "journal_newer"


@contextmanager
def any_program(place: str) -> Iterator[Connection]:
    """A connection with none of our settings."""
    engine = create_engine(place if "://" in place else f"sqlite:///{place}")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


# -- append-only ---------------------------------------------------------------------------------------

FORBIDDEN = [
    "UPDATE entry SET kind = 'verdict'",
    "DELETE FROM entry",
    "UPDATE entry_recipient SET status = 'accepted'",
    "DELETE FROM entry_recipient",
    "UPDATE entry_document SET document = 'D9'",
    "DELETE FROM entry_document",
    "UPDATE journal SET id = 'x'",
    "DELETE FROM journal",
    "INSERT INTO journal VALUES ('x', 'y')",
]
FORBIDDEN_TO_SQLITE = [
    "REPLACE INTO entry SELECT * FROM entry",
    "INSERT OR REPLACE INTO entry SELECT * FROM entry WHERE id = 1",
    "REPLACE INTO entry_recipient SELECT * FROM entry_recipient",
    "REPLACE INTO entry_document SELECT * FROM entry_document",
]
FORBIDDEN_TO_POSTGRESQL = [
    "TRUNCATE entry CASCADE",
    "TRUNCATE entry_recipient",
    "TRUNCATE entry_document",
    "TRUNCATE journal",
    "DELETE FROM entry WHERE false",
    "INSERT INTO entry SELECT * FROM entry ON CONFLICT (id) DO UPDATE SET kind = 'verdict'",
    "SET session_replication_role = replica; DELETE FROM entry_recipient",
]


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_journal_entry_is_never_changed_or_deleted(journal: Journal, place: str, statement: str) -> None:
    assert_refused(journal, place, statement)


@pytest.mark.parametrize("statement", FORBIDDEN_TO_SQLITE)
def test_journal_entry_is_never_replaced(file_journal: Journal, path: Path, statement: str) -> None:
    assert_refused(file_journal, str(path), statement)


@pytest.mark.parametrize("place", ["postgresql"], indirect=True)
@pytest.mark.parametrize("statement", FORBIDDEN_TO_POSTGRESQL)
def test_journal_is_never_emptied(journal: Journal, place: str, statement: str) -> None:
    assert_refused(journal, place, statement)


def assert_refused(journal: Journal, place: str, statement: str) -> None:
    written = journal.append(attempting(data={"documents": "F1\nD1"}))
    with any_program(place) as connection, pytest.raises(DBAPIError, match="append-only"):
        connection.exec_driver_sql(statement)
    assert journal.entries() == [written]
    assert journal.carriers(["D1"]) == {"F1"}


def test_verdict_needs_its_attempt(journal: Journal) -> None:
    assert code_of(lambda: journal.append(attempting(kind=EntryKind.VERDICT, attempt=99))) == "journal_failed"
    assert journal.entries() == []


# -- what came back ------------------------------------------------------------------------------------


def returned(**values: Any) -> Entry:
    data = {"digest": "ab12", "part": 0, "kind": "bounce"} | values.pop("data", {})
    return Entry(kind=EntryKind.RETURNED, month="2026-10", line="F1", data=data, **values)


def test_attempts_are_found_by_message_id_by_tag_and_by_address(journal: Journal) -> None:
    with journal.hold_account(ACCOUNT, wait=0):
        first = journal.append(attempting(data={"message_id": "<one@example.com>", "token": "k3"}))
        second = journal.append(attempting(line="F2", data={"message_id": "<two@example.com>"}))
    found = journal.attempts(message_id="<one@example.com>")
    assert found == [first]
    assert journal.attempts(token="k3") == [first]
    assert journal.attempts(message_id="<two@example.com>", token="k3") == [first, second]
    address = first.recipients[0].address
    assert journal.attempts(address=address.upper()) == [first, second]
    assert journal.attempts(address=address, since=second.at) == [
        e for e in (first, second) if e.at >= second.at
    ]
    assert journal.attempts(message_id="<foreign@example.com>") == []
    assert journal.attempts(token="") == []


def test_attempts_of_another_establishment_are_not_found(place: str) -> None:
    with open_journal(place, establishment="a", create=True) as mine:
        with mine.hold_account(ACCOUNT, wait=0):
            mine.append(attempting(data={"message_id": "<one@example.com>"}))
        mine.append_once(returned())
        with open_journal(place, establishment="b") as others:
            assert others.attempts(message_id="<one@example.com>") == []
            assert others.returns() == []
            assert others.append_once(returned())


def test_what_came_back_is_written_once(journal: Journal) -> None:
    (first,) = journal.append_once(returned())
    assert journal.append_once(returned()) == []
    (second,) = journal.append_once(returned(data={"part": 1}))
    assert journal.returns() == [first, second]


def test_two_collectors_of_one_message_write_one_entry(place: str) -> None:
    with open_journal(place, establishment="t", create=True) as journal:

        def collect() -> None:
            with open_journal(place, establishment="t") as own:
                for part in range(20):
                    own.append_once(returned(data={"part": part}))

        threads = [threading.Thread(target=collect) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(entry.data["part"] for entry in journal.returns()) == list(range(20))


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


def test_schema_is_what_the_migrations_make(place: str) -> None:
    open_journal(place, establishment="t", create=True).close()
    with any_program(place) as connection:
        dialect = connection.dialect.name

        def belongs(found: Any, *_about: object) -> bool:
            return found.info.get("only", dialect) == dialect

        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "include_object": belongs}
        )
        assert compare_metadata(context, schema.metadata) == []


@pytest.mark.parametrize("place", ["postgresql"], indirect=True)
def test_guards_of_a_server_are_there_and_always_on(journal: Journal, place: str) -> None:
    with any_program(place) as connection:
        found = connection.execute(
            text("SELECT tgname, tgenabled FROM pg_trigger WHERE NOT tgisinternal AND tgname LIKE '%never%'")
        ).all()
    assert {name: enabled for name, enabled in found if not name.endswith("replaced")} == {
        f"{table}_never_{what}": "A" for table in TABLES for what in ("updated", "deleted", "truncated")
    }


def test_guards_are_there_after_every_migration(tmp_path: Path) -> None:
    path = tmp_path / "stepwise.sqlite"
    for revision in revisions():
        migrated(path, revision)
        guards = {name for kind, name, _ in objects(path) if kind == "trigger"}
        assert guards == {
            f"{table}_never_{what}"
            for table in (TABLES[:-1] if revision == "0001" else TABLES)
            for what in ("updated", "deleted", "replaced")
        }


def test_attempts_of_before_the_keys_are_found_by_their_message_id(path: Path) -> None:
    """A journal of revision 0001 has no keys: the migration gives its attempts theirs."""
    migrated(path, "0001")
    with closing(sqlite3.connect(path)) as raw, raw:
        raw.execute("INSERT INTO journal VALUES ('j', '2026-10-31')")
        for number, data in (
            (1, '{"message_id": "<one@example.com>"}'),
            (2, "{}"),
            (3, '{"message_id": ""}'),
        ):
            raw.execute(
                "INSERT INTO entry VALUES (?, '2026-10-31T12:00:00.000000+00:00', 'attempting', 't', '', '',"
                " '2026-10', NULL, NULL, '', '', 'F1', '', NULL, ?)",
                (number, data),
            )
    with open_journal(path, establishment="t") as opened:
        assert [entry.id for entry in opened.attempts(message_id="<one@example.com>")] == [1]


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


def assert_whole(place: str) -> list[Entry]:
    if "://" not in place:
        with closing(sqlite3.connect(place)) as raw:
            assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            assert raw.execute("PRAGMA foreign_key_check").fetchall() == []
    with open_journal(place, establishment="t") as journal:
        entries = journal.entries()
    assert [entry.id for entry in entries] == list(range(1, len(entries) + 1))
    assert {len(entry.recipients) for entry in entries} <= {3}
    return entries


def test_two_processes_make_and_append_to_one_journal(place: str) -> None:
    with child(appender, place, "a", 150) as one, child(appender, place, "b", 150) as two:
        ids = {"a": one.rest(), "b": two.rest()}
        one.process.join()
        two.process.join()
        assert (one.process.exitcode, two.process.exitcode) == (0, 0)
    entries = assert_whole(place)
    assert sorted(ids["a"] + ids["b"]) == list(range(1, 301))
    for name, of_process in ids.items():
        assert [entry.id for entry in entries if entry.run == name] == of_process
        assert [entry.line for entry in entries if entry.run == name] == [str(n) for n in range(150)]


def test_killed_appender_leaves_every_answered_entry_whole(place: str) -> None:
    chance = random.Random(20261031)
    for attempt in range(12):
        with child(appender, place, f"run-{attempt}", 1_000_000) as run:
            seen = [run.pipe.recv() for _ in range(chance.randint(1, 60))]
            run.process.kill()
            seen += run.rest()
        entries = assert_whole(place)
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


def test_open_reader_does_not_hold_up_the_writer(journal: Journal, place: str) -> None:
    journal.append(attempting())
    with any_program(place) as reader:
        seen = reader.exec_driver_sql("SELECT count(*) FROM entry")
        journal.append(attempting())
        assert seen.scalar() == 1
    assert len(journal.entries()) == 2


def test_open_writer_does_not_hold_up_readers_nor_show_what_is_not_durable(path: Path) -> None:
    with open_journal(path, establishment="tilleuls", create=True, clock=ticking(), patience=0.05) as journal:
        journal.append(attempting())
        with closing(sqlite3.connect(path, isolation_level=None)) as writer:
            writer.execute("BEGIN IMMEDIATE")
            writer.execute(
                "INSERT INTO entry SELECT 2, at, kind, establishment, operator, account, month, first_month,"
                " last_month, batch, run, line, message, attempt, data FROM entry"
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


# -- the server ----------------------------------------------------------------------------------------


@pytest.fixture
def on_server() -> str:
    return databases.new_database()


def test_who_follows_sees_ids_in_their_order_and_misses_none(on_server: str) -> None:
    """A later id must never be seen before an earlier one: a Stop would be passed over."""
    with open_journal(on_server, establishment="t", create=True) as journal:
        with child(appender, on_server, "a", 120) as one, child(appender, on_server, "b", 120) as two:
            seen: list[int] = []
            while len(seen) < 240:
                seen += [entry.id for entry in journal.entries(after=seen[-1] if seen else 0)]
            one.rest()
            two.rest()
        assert seen == list(range(1, 241))


def test_writer_that_holds_on_for_too_long_is_told(on_server: str) -> None:
    with open_journal(on_server, establishment="t", create=True, patience=0.2) as journal:
        with any_program(on_server) as other:
            other.execute(text(f"SELECT pg_advisory_xact_lock({lock_key('append')})"))
            assert code_of(lambda: journal.append(attempting())) == "journal_busy"
        assert journal.append(attempting()).id == 1


def test_server_that_is_away_is_told_without_the_password() -> None:
    url = "postgresql://elite:s3cret@127.0.0.1:1/elite"
    with pytest.raises(JournalError) as raised:
        open_journal(url, establishment="t", create=True)
    assert raised.value.code == "journal_unreachable"
    assert raised.value.fields["path"] == "postgresql://127.0.0.1:1/elite"
    assert "s3cret" not in str(raised.value)


def test_journal_goes_on_after_its_connection_was_cut(on_server: str) -> None:
    with open_journal(on_server, establishment="t", create=True) as journal:
        journal.append(attempting())
        cut(on_server)
        assert code_of(lambda: journal.append(attempting())) == "journal_unreachable"
        assert journal.append(attempting()).id == 2
        assert len(journal.entries()) == 2


def cut(url: str) -> None:
    """End every session on the database but our own, as a restart of the server does."""
    with any_program(url) as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )


def test_database_that_cannot_write_every_name_is_refused() -> None:
    url = databases.new_database(encoding="LATIN1")
    with pytest.raises(JournalError) as raised:
        open_journal(url, establishment="t", create=True)
    assert (raised.value.code, raised.value.fields["setting"]) == ("journal_server", "LATIN1")


def test_database_of_another_program_is_left_alone(on_server: str) -> None:
    with any_program(on_server) as connection, connection.begin():
        connection.execute(text("CREATE TABLE journal (numero text)"))
    assert code_of(lambda: open_journal(on_server, establishment="t", create=True)) == "journal_unreadable"


def test_user_who_may_not_write_is_told(on_server: str) -> None:
    open_journal(on_server, establishment="t", create=True).close()
    with any_program(on_server) as connection, connection.begin():
        connection.execute(text("DROP ROLE IF EXISTS reader_only"))
        connection.execute(text("CREATE ROLE reader_only LOGIN"))
        connection.execute(text("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader_only"))
    url = on_server.replace("postgres@", "reader_only@")
    with open_journal(url, establishment="t") as journal, pytest.raises(StorageError) as raised:
        journal.append(attempting())
    assert raised.value.code == "journal_no_permission"
    with any_program(on_server) as connection, connection.begin():
        connection.execute(text("DROP OWNED BY reader_only"))
        connection.execute(text("DROP ROLE reader_only"))
