"""One run at a time per sending account, on a PostgreSQL server: an advisory lock of the session that writes.

The server frees it when the session ends: at once when its process is killed, within a minute when
its machine is cut off. As the same session writes the journal, an intent that could be written
proves that the account was still held (:meth:`AdvisoryLocks.confirm`).
"""

from __future__ import annotations

import datetime as dt
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from sqlalchemy import Connection, delete, select, text
from sqlalchemy.dialects.postgresql import insert

from elite_lib.exceptions import JournalError, StorageError
from elite_lib.journal import schema
from elite_lib.journal.engine import Pinned, explained
from elite_lib.journal.lock import POLL, LockHolder, locked, utc_now
from elite_lib.journal.postgresql import lock_key

_HOLDER = schema.account_holder

# pg_locks shows a 64-bit advisory lock as two halves: https://www.postgresql.org/docs/current/view-pg-locks.html
_HELD = """
SELECT l.pid FROM pg_locks l
WHERE l.locktype = 'advisory' AND l.objsubid = 1 AND l.granted
AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
AND l.classid::bigint = :high AND l.objid::bigint = :low
"""
_HELD_BY = text(_HELD)
_HELD_BY_US = text(f"{_HELD} AND l.pid = pg_backend_pid()")
_TRY = text("SELECT pg_try_advisory_lock(:key)")
_UNLOCK = text("SELECT pg_advisory_unlock(:key)")
_SESSION = text("SELECT pg_backend_pid()")


class AdvisoryLocks:
    """The account locks of one open journal."""

    def __init__(self, pinned: Pinned, *, clock: Callable[[], dt.datetime] = utc_now) -> None:
        self._pinned = pinned
        self._clock = clock
        self._held: set[str] = set()  # a session may take its own lock twice: the second run is refused here

    @contextmanager
    def hold(
        self,
        account: str,
        *,
        wait: float,
        run: str = "",
        operator: str = "",
        on_wait: Callable[[LockHolder], None] | None = None,
    ) -> Iterator[None]:
        """Hold the account for the block; see :func:`elite_lib.journal.lock.lock_account`."""
        if not self._try(account):
            holder = self.holder(account) or LockHolder()
            if wait > 0 and on_wait is not None:
                on_wait(holder)
            deadline = time.monotonic() + wait
            while not self._try(account):
                if time.monotonic() >= deadline:
                    raise locked(account, holder)
                time.sleep(POLL)
        try:
            self._describe(account, LockHolder(since=self._clock(), run=run, operator=operator))
            yield
        finally:
            with suppress(JournalError, StorageError):  # the session is gone, and the lock with it
                self._free(account)
            self._held.discard(account)

    def holder(self, account: str) -> LockHolder | None:
        with explained(self._pinned.engines), self._pinned.engines.reader.begin() as connection:
            session = connection.execute(_HELD_BY, _halves(account)).scalar()
            if session is None:
                return None
            query = select(_HOLDER).where(_HOLDER.c.account == account, _HOLDER.c.session == session)
            row = connection.execute(query).mappings().first()
        if row is None:
            return LockHolder()  # held, and not described yet
        since = dt.datetime.fromisoformat(row["since"])
        return LockHolder(
            since=since, run=row["run"], operator=row["operator"], host=row["host"], pid=row["pid"]
        )

    def confirm(self, connection: Connection, account: str) -> None:
        if account in self._held and connection.execute(_HELD_BY_US, _halves(account)).scalar() is None:
            raise JournalError("lock_lost", path=self._pinned.engines.name, account=account)

    def _try(self, account: str) -> bool:
        taken = False
        try:
            with self._pinned.transaction() as connection:
                if account not in self._held:
                    taken = connection.execute(_TRY, {"key": lock_key(account)}).scalar() is True
                if taken:
                    self._held.add(account)  # the lock is the session's: it outlives this transaction
        except (JournalError, StorageError):
            if taken:  # cut before the transaction ended, and the lock went with the session
                self._held.discard(account)
            raise
        return taken

    def _free(self, account: str) -> None:
        with self._pinned.transaction() as connection:
            ours = _HOLDER.c.session == connection.execute(_SESSION).scalar_one()
            connection.execute(delete(_HOLDER).where(_HOLDER.c.account == account, ours))
            connection.execute(_UNLOCK, {"key": lock_key(account)})

    def _describe(self, account: str, holder: LockHolder) -> None:
        facts = {
            "since": (holder.since or utc_now()).astimezone(dt.UTC).isoformat(timespec="microseconds"),
            "run": holder.run,
            "operator": holder.operator,
            "host": socket.gethostname(),
            "pid": os.getpid(),
        }
        with self._pinned.transaction() as connection:
            facts["session"] = connection.execute(_SESSION).scalar_one()
            row = insert(_HOLDER).values(account=account, **facts)
            connection.execute(row.on_conflict_do_update(index_elements=["account"], set_=facts))


def _halves(account: str) -> dict[str, int]:
    key = lock_key(account)
    return {"high": (key >> 32) & 0xFFFFFFFF, "low": key & 0xFFFFFFFF}
