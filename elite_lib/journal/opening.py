"""Make a journal, or open one: only a whole one, of a revision that this program knows."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock
from sqlalchemy import URL, Connection, func, insert, inspect, select, text

from elite_lib import storage
from elite_lib.exceptions import JournalError
from elite_lib.journal import migrating, postgresql, schema, sqlite
from elite_lib.journal.advisory import AdvisoryLocks
from elite_lib.journal.engine import PATIENCE, Engines, Pinned, explained, place
from elite_lib.journal.lock import FileLocks, shared_folder, utc_now
from elite_lib.journal.record import Journal

_TABLES = frozenset({"alembic_version", "journal"})
_MAKING = text(f"SELECT pg_advisory_xact_lock({postgresql.lock_key('making')})")


def open_journal(
    url_or_path: str | Path,
    *,
    establishment: str,
    create: bool = False,
    clock: Callable[[], dt.datetime] = utc_now,
    patience: float = PATIENCE,
) -> Journal:
    """Open the journal at a path, ``sqlite:///`` or ``postgresql://`` URL; ``create``: make a missing one.

    A new journal is made beside its place and renamed into it, or in one transaction: a crash
    leaves none, not half a one. ``patience``: seconds that ``append`` waits for another writer.
    The account locks of a file are in ``locks`` beside it.

    Raises:
        JournalError: ``journal_missing``, ``journal_unreadable`` (damaged, or no journal),
            ``journal_newer`` (revision: written by a later version), ``journal_place`` (a file
            system without shared memory: never on a network share), ``journal_url``,
            ``journal_driver``, ``journal_server``, ``journal_unreachable``.
        StorageError: it cannot be written.
    """
    found = place(url_or_path)
    engines = (
        _server(found, create=create, clock=clock, patience=patience)
        if isinstance(found, URL)
        else _file(found.absolute(), create=create, clock=clock, patience=patience)
    )
    try:
        return _open(engines, establishment=establishment, clock=clock)
    except BaseException:
        engines.dispose()
        raise


def _open(engines: Engines, *, establishment: str, clock: Callable[[], dt.datetime]) -> Journal:
    with _undisturbed(engines.path):
        if engines.path is not None:
            sqlite.check_intact(engines, engines.path)
        identity = _identity(engines)
        with explained(engines):
            pinned = Pinned(engines)  # kept open: what somebody has opened is not replaced by a restore
    locks = (
        AdvisoryLocks(pinned, clock=clock)
        if engines.path is None
        else FileLocks(folder=engines.path.parent / "locks", shared=shared_folder(), clock=clock)
    )
    return Journal(pinned, id=identity, establishment=establishment, clock=clock, accounts=locks)


# -- a file ------------------------------------------------------------------------------------------


def _file(path: Path, *, create: bool, clock: Callable[[], dt.datetime], patience: float) -> Engines:
    if not path.exists():
        if not create:
            raise JournalError("journal_missing", path=str(path))
        _make(path, clock)
    return sqlite.connect(path, patience=patience)


def making(path: Path) -> FileLock:
    """One process at a time makes, migrates or replaces a journal; freed by the system if it is killed."""
    return FileLock(path.with_name(f"{path.name}.lock"), mode=storage.PRIVATE_FILE, fallback_to_soft=False)


@contextmanager
def _undisturbed(path: Path | None) -> Iterator[None]:
    """Open a file while nobody replaces it."""
    lock = making(path) if path is not None else None
    try:
        if lock is not None:
            lock.acquire()
    except OSError:
        lock = None  # where no lock can be written, nothing can be replaced either
    try:
        yield
    finally:
        if lock is not None:
            lock.release()


def _make(path: Path, clock: Callable[[], dt.datetime]) -> None:
    storage.make_folder(path.parent)
    draft = path.with_name(f"{path.name}.new")
    with storage.writing(path), making(path):
        if path.exists():
            return  # another process was faster
        discard(draft)  # of a crash
        storage.write_new(draft, b"")  # 0600; SQLite gives -wal and -shm the mode of their database
        try:
            engines = sqlite.connect(draft)
            try:
                with explained(engines), engines.writer.begin() as connection:
                    _fill(connection, clock)
                sqlite.settle(engines)  # only the database itself is renamed
            finally:
                engines.dispose()
            storage.sync(draft)
            for suffix in sqlite.SUFFIXES[1:]:  # of a journal that is gone: SQLite would read it as ours
                if (stray := path.with_name(path.name + suffix)).exists():
                    stray.rename(path.with_name(f"{path.name}.stray{suffix}"))
            draft.rename(path)
        finally:
            discard(draft)
        storage.sync(path.parent)


def discard(path: Path) -> None:
    """Remove the files of a database that never became one."""
    for suffix in sqlite.SUFFIXES:
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def prove(path: Path) -> int:
    """Read through a copy of a journal, bring it to our revision, and say how far it goes.

    Afterwards it is all in one file.

    Raises:
        JournalError: as :func:`open_journal`.
    """
    engines = sqlite.connect(path)
    try:
        sqlite.check_intact(engines, path, whole=True)
        _identity(engines)
        with explained(engines), engines.reader.begin() as connection:
            last = int(connection.execute(select(func.max(schema.entry.c.id))).scalar() or 0)
        sqlite.settle(engines)
    finally:
        engines.dispose()
    return last


# -- a server ----------------------------------------------------------------------------------------


def _server(url: URL, *, create: bool, clock: Callable[[], dt.datetime], patience: float) -> Engines:
    engines = postgresql.connect(url, patience=patience)
    try:
        postgresql.check_keeps(engines)
        with explained(engines), engines.reader.begin() as connection:
            there = _TABLES & set(inspect(connection).get_table_names())
        if not there:
            if not create:
                raise JournalError("journal_missing", path=engines.name)
            with explained(engines), engines.writer.begin() as connection:
                connection.execute(_MAKING)
                if not _TABLES & set(inspect(connection).get_table_names()):  # nobody was faster
                    _fill(connection, clock)
    except BaseException:
        engines.dispose()
        raise
    return engines


# -- either ------------------------------------------------------------------------------------------


def _fill(connection: Connection, clock: Callable[[], dt.datetime]) -> None:
    migrating.upgrade(connection)
    created = clock().astimezone(dt.UTC).isoformat(timespec="microseconds")
    connection.execute(insert(schema.journal), {"id": uuid.uuid4().hex, "created": created})


def _identity(engines: Engines) -> str:
    with explained(engines), engines.reader.begin() as connection:
        revision = _revision(connection, engines)
    if revision != schema.REVISION:
        _migrate(engines, revision)
    with explained(engines), engines.reader.begin() as connection:
        found = connection.execute(select(schema.journal.c.id)).scalars().all()
    if len(found) != 1:
        raise JournalError("journal_unreadable", path=engines.name, detail="identity")
    return str(found[0])


def _revision(connection: Connection, engines: Engines) -> str:
    if not set(inspect(connection).get_table_names()) >= _TABLES:
        raise JournalError("journal_unreadable", path=engines.name, detail="tables")
    return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar())


def _migrate(engines: Engines, revision: str) -> None:
    """Bring an older journal forward; what a later version wrote is not guessed at."""
    if revision not in migrating.known_revisions():
        raise JournalError("journal_newer", path=engines.name, revision=revision)
    with explained(engines), engines.writer.begin() as connection:
        if engines.path is None:  # else the file's lock is held
            connection.execute(_MAKING)
        migrating.upgrade(connection)
