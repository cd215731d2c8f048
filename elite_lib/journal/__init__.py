"""The journal: an append-only record in order of time, and the lock of a sending account."""

from elite_lib.journal.lock import LockHolder, is_locked, lock_account
from elite_lib.journal.opening import open_journal
from elite_lib.journal.record import Journal

__all__ = ["Journal", "LockHolder", "is_locked", "lock_account", "open_journal"]
