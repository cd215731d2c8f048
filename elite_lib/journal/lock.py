"""One run at a time per sending account: a lock of the operating system, freed when its holder dies.

A row in the journal would stay after a kill. The lock says *that* somebody sends; a small file
beside it says who, as far as is known.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import platformdirs
from filelock import FileLock, Timeout
from sqlalchemy import Connection

from elite_lib import storage
from elite_lib.exceptions import JournalLockedError, StorageError

POLL = 0.05  # seconds between two tries
_PROBE = 0.25  # seconds: is_locked holds the lock for an instant, which must not count as a run


@dataclass(frozen=True, slots=True, kw_only=True)
class LockHolder:
    """Who holds an account; empty where the holder could not say yet."""

    since: dt.datetime | None = None
    run: str = ""
    operator: str = ""
    host: str = ""
    pid: int = 0


def utc_now() -> dt.datetime:
    """Tell the time, aware, in UTC."""
    return dt.datetime.now(dt.UTC)


class AccountLock(Protocol):
    """One run at a time per sending account, wherever the journal is kept."""

    def hold(
        self,
        account: str,
        *,
        wait: float,
        run: str = "",
        operator: str = "",
        on_wait: Callable[[LockHolder], None] | None = None,
    ) -> AbstractContextManager[None]:
        """Hold the account for the block; see :func:`lock_account`."""

    def holder(self, account: str) -> LockHolder | None:
        """Tell who holds the account now, or None."""

    def confirm(self, connection: Connection, account: str) -> None:
        """Refuse to go on, within the journal's own transaction, with a lock that was lost.

        Raises:
            JournalError: ``lock_lost``.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLocks:
    """The account locks beside a journal that is a file, and those of this user's other homes.

    Two homes may send by the same account: what holds it is then looked up in ``shared`` as well, a
    folder of the user. Where it cannot be written (a service without a place of its own), the home's
    lock holds all the same.
    """

    folder: Path
    shared: Path | None = None
    clock: Callable[[], dt.datetime] = utc_now

    def hold(
        self,
        account: str,
        *,
        wait: float,
        run: str = "",
        operator: str = "",
        on_wait: Callable[[LockHolder], None] | None = None,
    ) -> AbstractContextManager[None]:
        return self._hold(account, wait=wait, run=run, operator=operator, on_wait=on_wait)

    @contextmanager
    def _hold(
        self,
        account: str,
        *,
        wait: float,
        run: str,
        operator: str,
        on_wait: Callable[[LockHolder], None] | None,
    ) -> Iterator[None]:
        with ExitStack() as held:
            # everybody in this order: none waits for ever
            for folder in filter(None, (self.shared, self.folder)):
                lock = lock_account(
                    folder,
                    account,
                    wait=wait,
                    run=run,
                    operator=operator,
                    on_wait=on_wait,
                    clock=self.clock,
                )
                with suppress(StorageError, NotImplementedError) if folder is self.shared else nullcontext():
                    held.enter_context(lock)
            yield

    def holder(self, account: str) -> LockHolder | None:
        """Tell who holds the account in this home: another one's run supersedes nothing here."""
        return is_locked(self.folder, account)

    def confirm(self, connection: Connection, account: str) -> None:
        """The system frees a file lock with the process only: it cannot be lost before."""


def shared_folder() -> Path:
    """Name the place of this user's account locks, whatever the home: in ``~/.local/state`` on Linux."""
    return platformdirs.user_state_path("elite", appauthor=False) / "locks"


@contextmanager
def lock_account(
    folder: Path,
    account: str,
    *,
    wait: float,
    run: str = "",
    operator: str = "",
    on_wait: Callable[[LockHolder], None] | None = None,
    clock: Callable[[], dt.datetime] = utc_now,
) -> Iterator[None]:
    """Hold the account for the block. ``wait``: seconds to wait for another run's end.

    ``on_wait`` is called once, with the holder, when there is somebody to wait for.

    Raises:
        JournalLockedError: ``locked`` (account, since, run, operator, host).
        StorageError: the lock cannot be written.
    """
    storage.make_folder(folder)
    lock, details = _files(folder, account)
    with storage.writing(details):
        try:
            lock.acquire(timeout=_PROBE, poll_interval=POLL)
        except Timeout:
            _wait(lock, account, wait=wait - _PROBE, holder=_holder(details), on_wait=on_wait)
    try:
        _describe(details, LockHolder(since=clock(), run=run, operator=operator))
        yield
    finally:
        with suppress(OSError):
            details.unlink()  # before the release: the next holder writes its own
        lock.release()


def is_locked(folder: Path, account: str) -> LockHolder | None:
    """Tell who holds the account now, or None. Nothing is made or kept."""
    lock, details = _files(folder, account)
    if not Path(lock.lock_file).exists():
        return None
    with storage.writing(details):
        try:
            lock.acquire(blocking=False)
        except Timeout:
            return _holder(details)
    lock.release()
    return None


def _files(folder: Path, account: str) -> tuple[FileLock, Path]:
    name = hashlib.sha256(account.encode()).hexdigest()[:16]
    lock = FileLock(
        folder / f"{name}.lock",
        mode=storage.PRIVATE_FILE,
        thread_local=False,  # released by whoever ends the run
        fallback_to_soft=False,  # a lock that is a mere file would outlive its holder
    )
    return lock, folder / f"{name}.json"


def _wait(
    lock: FileLock,
    account: str,
    *,
    wait: float,
    holder: LockHolder,
    on_wait: Callable[[LockHolder], None] | None,
) -> None:
    if wait > 0:
        if on_wait is not None:
            on_wait(holder)
        try:
            lock.acquire(timeout=wait, poll_interval=POLL)
            return
        except Timeout:
            pass
    raise locked(account, holder)


def locked(account: str, holder: LockHolder) -> JournalLockedError:
    """Say that another run holds the account."""
    return JournalLockedError(
        "locked",
        account=account,
        since=holder.since,
        run=holder.run,
        operator=holder.operator,
        host=holder.host,
    )


def _describe(details: Path, holder: LockHolder) -> None:
    facts = {
        "since": holder.since.isoformat() if holder.since else "",
        "run": holder.run,
        "operator": holder.operator,
        "host": socket.gethostname(),
        "pid": os.getpid(),
    }
    storage.replace(details, json.dumps(facts).encode(), durable=False)


def _holder(details: Path) -> LockHolder:
    try:
        facts = json.loads(details.read_bytes())
        since = dt.datetime.fromisoformat(facts["since"]) if facts["since"] else None
        return LockHolder(**{**facts, "since": since})
    except (OSError, ValueError, TypeError, KeyError):
        return LockHolder()  # held, and not described yet
