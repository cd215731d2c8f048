"""Copies of a journal that is a file: made while it is written to, proved before they count, and put back.

What a copy has forgotten is the outbox's affair: a shorter journal than it knows stops everything
until it is adopted.
"""

from __future__ import annotations

import datetime as dt
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from elite_lib import storage
from elite_lib.exceptions import JournalError
from elite_lib.journal import sqlite
from elite_lib.journal.lock import utc_now
from elite_lib.journal.opening import discard, making, prove

_NAME = re.compile(r"journal-\d{8}T\d{6}Z\.sqlite")
_DRAFT = ".new-copy.sqlite"


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What was put back, and where the journal that it replaced is kept."""

    entry: int  # how far the restored journal goes
    replaced: Path | None  # None: there was none


def back_up(journal: Path, folder: Path, *, keep: int, clock: Callable[[], dt.datetime] = utc_now) -> Path:
    """Copy the journal into the folder, under its date, and remove all but the newest ``keep`` copies.

    SQLite's online backup: one state of the journal, while others write on. A copy has its name
    only once it was read through and the disk has it; older ones go only then.

    Raises:
        StorageError: it cannot be written; the earlier copies are as they were.
        JournalError: ``journal_unreadable``: the journal is damaged.
    """
    storage.make_folder(folder)
    place = folder / f"journal-{clock().astimezone(dt.UTC):%Y%m%dT%H%M%SZ}.sqlite"
    with storage.writing(place), _alone(folder):
        draft = folder / _DRAFT
        discard(draft)  # of a crash
        try:
            _copy(journal, draft)
            draft.replace(place)  # of the same second: this one holds all that the other did
        finally:
            discard(draft)
        storage.sync(folder)
        copies = sorted(path for path in folder.iterdir() if _NAME.fullmatch(path.name) and path != place)
        for old in copies[: max(0, len(copies) + 1 - max(1, keep))]:
            old.unlink()
    return place


def forget(folder: Path, *, but: Path | None) -> None:
    """Remove every copy, and every journal that a copy replaced, but one: they hold what was put away.

    Raises:
        StorageError: one could not be removed; looking again finds it.
    """
    if not folder.is_dir():
        return
    with storage.writing(folder), _alone(folder):
        for path in sorted(folder.iterdir()):
            ours = _NAME.fullmatch(path.name) or path.name.startswith("replaced-")
            if ours and path != but:
                path.unlink()
        storage.sync(folder)


def restore(
    file: Path, journal: Path, folder: Path, *, clock: Callable[[], dt.datetime] = utc_now
) -> Restored:
    """Put a copy in the journal's place; the journal that was there is kept in the folder.

    The copy is read through beside the journal first, and renamed into its place: a crash leaves
    the old journal, the new one, or none at all, which stops everything as well. ``file`` stays.

    Raises:
        JournalError: ``backup_missing``, ``backup_unusable`` (detail): nothing was changed;
            ``journal_open``: somebody has it open.
        StorageError: it cannot be written.
    """
    if not file.is_file():
        raise JournalError("backup_missing", path=str(file), folder=str(folder))
    storage.make_folder(folder)
    draft = journal.with_name(f"{journal.name}.restored")
    replaced = folder / f"replaced-{clock().astimezone(dt.UTC):%Y%m%dT%H%M%S.%fZ}.sqlite"
    with storage.writing(journal), making(journal):
        discard(draft)  # of a crash
        try:
            last = _proved_copy(file, draft)
            with _closed(journal):
                kept = _set_aside(journal, replaced)
                draft.rename(journal)
        finally:
            discard(draft)
        storage.sync(journal.parent)
        storage.sync(folder)
    return Restored(entry=last, replaced=kept)


def _alone(folder: Path) -> FileLock:
    return FileLock(folder / ".backup.lock", mode=storage.PRIVATE_FILE, fallback_to_soft=False)


def _copy(journal: Path, draft: Path) -> None:
    storage.write_new(draft, b"")  # 0600
    try:
        # by its URI: read-only, so that a journal that is gone meanwhile is not made anew
        with (
            closing(sqlite3.connect(f"{journal.absolute().as_uri()}?mode=ro", uri=True)) as source,
            closing(sqlite3.connect(draft, isolation_level=None)) as target,
        ):
            source.backup(target)  # all pages in one step: a writer does not make it start again
            target.execute("PRAGMA journal_mode=DELETE")  # one file, nothing beside it
            found = target.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.Error as error:
        raise sqlite.explain_at(error, journal) from error
    if found != "ok":
        raise JournalError("journal_unreadable", path=str(journal), detail=found)
    storage.sync(draft)


def _proved_copy(file: Path, draft: Path) -> int:
    """Copy byte by byte: it may lie where SQLite cannot open it, and may still have its log beside it."""
    for suffix in ("", "-wal"):
        beside = file.with_name(file.name + suffix)
        if beside.is_file():
            storage.write_new(draft.with_name(draft.name + suffix), b"")
            shutil.copyfile(beside, draft.with_name(draft.name + suffix))
    try:
        last = prove(draft)
    except JournalError as error:
        detail = error.fields.get("detail") or error.fields.get("revision") or error.code
        raise JournalError("backup_unusable", path=str(file), detail=detail) from error
    storage.sync(draft)
    return last


@contextmanager
def _closed(journal: Path) -> Iterator[None]:
    """Make sure that nobody has the journal open: it would write on into the file that was replaced.

    SQLite leaves the write-ahead log only when no other connection is there. The caller holds
    the lock under which a journal is opened, so that nobody comes in between.
    """
    if _is_database(journal):
        try:
            with closing(sqlite3.connect(journal, timeout=0)) as connection:
                mode = connection.execute("PRAGMA journal_mode=DELETE").fetchone()[0]
        except sqlite3.Error as error:
            found = sqlite.explain_at(error, journal)
            if found.code == "journal_busy":
                raise JournalError("journal_open", path=str(journal)) from error
            if found.code != "journal_unreadable":
                raise found from error
        else:
            if mode != "delete":
                raise JournalError("journal_open", path=str(journal))
    yield


def _is_database(journal: Path) -> bool:
    """What is not one cannot be asked, nor worked with: SQLite would only clear its log away."""
    if not journal.exists():
        return False
    with journal.open("rb") as file:
        return file.read(16) == b"SQLite format 3\0"


def _set_aside(journal: Path, replaced: Path) -> Path | None:
    """Keep the journal with all its files; itself first: a log without it is of no journal."""
    kept = None
    for suffix in sqlite.SUFFIXES:
        file = journal.with_name(journal.name + suffix)
        if file.exists():
            file.rename(replaced.with_name(replaced.name + suffix))
            kept = replaced
    return kept
