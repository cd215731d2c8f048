"""A preparation that the page began and that broke off: its kernel dies with the tab, in the middle of it.

A mark lies in ``locks`` while documents are being made, beside a lock of the operating system, which is free
as soon as its holder is dead: a mark whose lock is free is of a preparation that came to nothing. It sends
nothing by itself, so nothing left; somebody has to be told that they have to send.
"""

from __future__ import annotations

import datetime as dt
import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from elite_lib import formats, storage
from elite_lib.batch import Office
from elite_lib.config import Home
from elite_lib.exceptions import ConfigError
from elite_lib.labels import _
from elite_lib.models import EntryKind, Period
from elite_lib.ui.rows import instant

_MARK = "preparing-"
_WAIT = 2.0  # seconds: who looks whether a mark is dead holds its lock for an instant


@dataclass(frozen=True, slots=True, kw_only=True)
class _Begun:
    period: str
    operator: str
    at: str  # ISO 8601, UTC


@contextmanager
def marked(home: Home, period: Period, *, operator: str) -> Iterator[None]:
    """Mark a preparation for the block. Those that broke off before are history: somebody is at it again.

    Raises:
        StorageError: the mark cannot be written; nothing was begun.
    """
    storage.make_folder(home.locks)
    for mark in list(_dead(home)):
        _forget(mark)
    mark = home.locks / f"{_MARK}{secrets.token_hex(8)}.json"
    begun = _Begun(period=period.key, operator=operator, at=dt.datetime.now(dt.UTC).isoformat())
    with storage.writing(mark):
        lock = _lock(mark)
        lock.acquire(timeout=_WAIT)
    try:
        storage.replace(mark, json.dumps(asdict(begun)).encode())
        yield
    finally:
        with suppress(OSError):
            mark.unlink()
        lock.release()
        with suppress(OSError):
            Path(lock.lock_file).unlink()


def sentences(office: Office) -> list[str]:
    """Tell of preparations that broke off, and that nobody took up since."""
    said = []
    for mark in sorted(_dead(office.settings.home)):
        begun = _read(mark)
        if begun is None or _taken_up(office, begun):
            continue
        text = _(
            "The documents of {month} were being made at this page for {operator}, {when}, when it broke "
            "off: nothing left. Look at the list, then send again."
        )
        month = " – ".join(dict.fromkeys(map(formats.month, begun.period.split(".."))))
        when = instant(dt.datetime.fromisoformat(begun.at))
        said.append(text.format(month=month, operator=begun.operator, when=when))
    return list(dict.fromkeys(said))


def _taken_up(office: Office, begun: _Begun) -> bool:
    """Tell whether that period was frozen or sent since, wherever from."""
    since = dt.datetime.fromisoformat(begun.at)
    kinds = [EntryKind.BATCH_PREPARED, EntryKind.RUN_STARTED]
    return bool(office.journal.entries(period=Period.parse(begun.period), kinds=kinds, since=since))


def _dead(home: Home) -> Iterator[Path]:
    """Find the marks whose holder is gone."""
    for mark in home.locks.glob(f"{_MARK}*.json"):
        lock = _lock(mark)
        try:
            lock.acquire(blocking=False)
        except (Timeout, OSError):
            continue
        lock.release()
        yield mark


def _forget(mark: Path) -> None:
    with suppress(OSError):
        mark.unlink()
        Path(_lock(mark).lock_file).unlink()


def _lock(mark: Path) -> FileLock:
    # thread_local=False: it is given back by whichever thread ends the preparation
    return FileLock(
        mark.with_suffix(".lock"), mode=storage.PRIVATE_FILE, thread_local=False, fallback_to_soft=False
    )


def _read(mark: Path) -> _Begun | None:
    try:
        begun = _Begun(**json.loads(mark.read_bytes()))
        dt.datetime.fromisoformat(begun.at)
        Period.parse(begun.period)
    except (OSError, ValueError, TypeError, ConfigError):
        return None
    return begun
