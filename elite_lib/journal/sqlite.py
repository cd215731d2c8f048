"""The journal in a file: what only SQLite needs is here, and in ``backup``."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event

from elite_lib.exceptions import EliteError, JournalError, StorageError
from elite_lib.journal.engine import PATIENCE, Engines, explained

SUFFIXES = ("", "-wal", "-shm", "-journal")  # the files of one database
_READ_THROUGH = 100_000_000  # bytes; ten years of a home are a quarter of it


def connect(path: Path, *, patience: float = PATIENCE) -> Engines:
    """Make the engines of a file that exists; nothing is opened yet.

    The writer begins IMMEDIATE: a deferred transaction that reads first and writes then fails at
    once when another one wrote in between, whatever the busy timeout. The reader is deferred and
    may not write. ``synchronous=FULL``: with NORMAL, WAL loses commits at a power cut.
    """
    # not as a string: a "?" in the name of a folder would end it
    url = URL.create("sqlite+pysqlite", database=str(path))
    arguments = {"timeout": patience, "check_same_thread": False}
    writer = create_engine(url, connect_args=arguments)
    reader = create_engine(url, connect_args=arguments)

    _set_up_writer(writer, path)
    _set_up_reader(reader)

    def explain(cause: BaseException) -> EliteError:
        return explain_at(cause, path)

    return Engines(
        writer=writer,
        reader=reader,
        name=str(path),
        explain=explain,
        driver_error=sqlite3.Error,
        path=path,
    )


def _set_up_writer(writer: Engine, path: Path) -> None:
    @event.listens_for(writer, "connect")
    def _writer_connected(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself
        mode = connection.execute("PRAGMA journal_mode=WAL").fetchone()[0]
        if mode != "wal":  # a network share: no shared memory, no safe locks
            raise JournalError("journal_place", path=str(path), mode=mode)
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")

    @event.listens_for(writer, "begin")
    def _writer_begins(connection: Any) -> None:
        # by the driver itself: through SQLAlchemy these two words cost a fifth of a commit
        connection.connection.driver_connection.execute("BEGIN IMMEDIATE")


def _set_up_reader(reader: Engine) -> None:
    @event.listens_for(reader, "connect")
    def _reader_connected(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA query_only=ON")

    @event.listens_for(reader, "begin")
    def _reader_begins(connection: Any) -> None:
        # one state of the journal for all the queries of a reading
        connection.connection.driver_connection.execute("BEGIN")


# Result codes, low byte: https://www.sqlite.org/rescode.html
_STORAGE = {
    sqlite3.SQLITE_FULL: "journal_full",
    sqlite3.SQLITE_READONLY: "journal_read_only",
    sqlite3.SQLITE_PERM: "journal_no_permission",
    sqlite3.SQLITE_CANTOPEN: "journal_no_permission",  # of the file, or of the -wal and -shm beside it
    sqlite3.SQLITE_IOERR: "journal_write_failed",
}
_JOURNAL = {
    sqlite3.SQLITE_BUSY: "journal_busy",
    sqlite3.SQLITE_LOCKED: "journal_busy",
    sqlite3.SQLITE_CORRUPT: "journal_unreadable",
    sqlite3.SQLITE_NOTADB: "journal_unreadable",
}


def explain_at(cause: BaseException, path: Path) -> EliteError:
    """Say what SQLite's refusal about the file at ``path`` means."""
    extended = getattr(cause, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    code, fields = extended & 0xFF, {"path": str(path), "detail": str(cause)}
    if extended == sqlite3.SQLITE_IOERR_SHMSIZE:  # no room for the index of the write-ahead log
        code = sqlite3.SQLITE_FULL
    if code in _STORAGE:
        return StorageError(_STORAGE[code], **fields)
    return JournalError(_JOURNAL.get(code, "journal_failed"), **fields)


def check_intact(engines: Engines, path: Path, *, whole: bool = False) -> None:
    """Read through the whole file once (some 3 ms a megabyte).

    Where hundreds of homes share a file it is too large for that at each opening: a damaged page is
    then found when it is read, and by the backup after each run. ``whole``: whatever its size.

    Raises:
        JournalError: ``journal_unreadable``: pages are damaged. What cannot be read back cannot
            tell what was sent.
    """
    if not whole and path.stat().st_size > _READ_THROUGH:
        return
    with explained(engines), engines.reader.begin() as connection:
        found = str(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar())
    if found != "ok":
        raise JournalError("journal_unreadable", path=engines.name, detail=found)


def settle(engines: Engines) -> None:
    """Move the write-ahead log into the database, so that the file by itself is all of it.

    Raises:
        JournalError: ``journal_busy``; StorageError: it cannot be written.
    """
    with explained(engines):
        connection = engines.writer.raw_connection()
        try:
            busy = connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        finally:
            connection.close()
    if busy:
        raise JournalError("journal_busy", path=engines.name, detail="checkpoint")
