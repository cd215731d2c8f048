"""Make a journal, or open one: only a whole one, of a revision that this program knows."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock
from sqlalchemy import Connection, insert, inspect, select, text

from elite_lib import storage
from elite_lib.exceptions import JournalError
from elite_lib.journal import migrating, schema
from elite_lib.journal.engine import PATIENCE, Engines, check_intact, connect, explained, settle, sqlite_path
from elite_lib.journal.record import Journal, utc_now


def open_journal(
    url_or_path: str | Path,
    *,
    establishment: str,
    create: bool = False,
    clock: Callable[[], dt.datetime] = utc_now,
    patience: float = PATIENCE,
) -> Journal:
    """Open the journal at a path or ``sqlite:///`` URL; with ``create``, make it if it is not there.

    A new journal is made beside its place and renamed into it: a crash leaves none, not half a one.
    ``patience``: seconds that ``append`` waits for another writer.

    Raises:
        JournalError: ``journal_missing``, ``journal_unreadable`` (damaged, or no journal),
            ``journal_newer`` (revision: written by a later version), ``journal_place`` (a file
            system without shared memory: never on a network share), ``journal_url``.
        StorageError: it cannot be written.
    """
    path = sqlite_path(url_or_path).absolute()
    if not path.exists():
        if not create:
            raise JournalError("journal_missing", path=str(path))
        _make(path, clock)
    engines = connect(path, patience=patience)
    try:
        check_intact(engines)
        identity = _identity(engines)
        with explained(path):
            return Journal(engines, id=identity, establishment=establishment, clock=clock)
    except BaseException:
        engines.dispose()
        raise


def _making(path: Path) -> FileLock:
    """One process at a time makes or migrates a journal; freed by the system if it is killed."""
    return FileLock(path.with_name(f"{path.name}.lock"), mode=storage.PRIVATE_FILE, fallback_to_soft=False)


def _make(path: Path, clock: Callable[[], dt.datetime]) -> None:
    storage.make_folder(path.parent)
    draft = path.with_name(f"{path.name}.new")
    with storage.writing(path), _making(path):
        if path.exists():
            return  # another process was faster
        _discard(draft)  # of a crash
        storage.write_new(draft, b"")  # 0600; SQLite gives -wal and -shm the mode of their database
        try:
            _fill(draft, clock)
            storage.sync(draft)
            draft.rename(path)
        finally:
            _discard(draft)
        storage.sync(path.parent)


def _discard(draft: Path) -> None:
    for file in (draft, *(draft.with_name(draft.name + end) for end in ("-wal", "-shm", "-journal"))):
        file.unlink(missing_ok=True)


def _fill(path: Path, clock: Callable[[], dt.datetime]) -> None:
    engines = connect(path)
    values = {
        "id": uuid.uuid4().hex,
        "created": clock().astimezone(dt.UTC).isoformat(timespec="microseconds"),
    }
    try:
        with explained(path), engines.writer.begin() as connection:
            migrating.upgrade(connection)
            connection.execute(insert(schema.journal), values)
        settle(engines)  # only the database itself is renamed
    finally:
        engines.dispose()


def _identity(engines: Engines) -> str:
    with explained(engines.path), engines.reader.begin() as connection:
        revision = _revision(connection, engines.path)
    if revision != schema.REVISION:
        _migrate(engines, revision)
    with explained(engines.path), engines.reader.begin() as connection:
        found = connection.execute(select(schema.journal.c.id)).scalars().all()
    if len(found) != 1:
        raise JournalError("journal_unreadable", path=str(engines.path), detail="identity")
    return str(found[0])


def _revision(connection: Connection, path: Path) -> str:
    tables = set(inspect(connection).get_table_names())
    if not {"alembic_version", "journal"} <= tables:
        raise JournalError("journal_unreadable", path=str(path), detail="tables")
    return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar())


def _migrate(engines: Engines, revision: str) -> None:
    """Bring an older journal forward; what a later version wrote is not guessed at."""
    if revision not in migrating.known_revisions():
        raise JournalError("journal_newer", path=str(engines.path), revision=revision)
    path = engines.path
    with storage.writing(path), _making(path), explained(path), engines.writer.begin() as connection:
        migrating.upgrade(connection)
