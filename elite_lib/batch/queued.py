"""Singles that a run takes between two messages: the account has one run at a time, whoever wants to send.

Who wants to send one appends QUEUED and waits; the run that holds the account sends it on its own session
and within its own caps, as a run of its own in the journal. What nobody waits for any more is passed over.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import time
from collections.abc import Callable
from dataclasses import replace

from elite_lib.batch.ending import Run, run_of
from elite_lib.batch.marking import TestJournal
from elite_lib.batch.means import Means
from elite_lib.batch.office import LOCK_WAIT, Office, utc_now
from elite_lib.batch.running import run
from elite_lib.exceptions import JournalLockedError, OutboxError
from elite_lib.models import Batch, Entry, EntryKind, Envelope, Transaction
from elite_lib.transports import BeforeDot, Transport

PATIENCE = dt.timedelta(minutes=2)  # a run comes by between two messages: 12 s at the usual pace
_LOOK = 0.5  # seconds
_BRIEFLY = 0.2  # seconds for the account, before the run that holds it is asked


def in_turn(
    office: Office,
    batch: Batch,
    send: Callable[[float], Run],
    *,
    run_id: str,
    test: bool = False,
    patience: dt.timedelta = PATIENCE,
) -> Run:
    """Send a frozen single or test: by ``send`` (seconds to wait for the account), or by the run that has it.

    Raises:
        JournalLockedError: a run holds the account, and did not come by within ``patience``.
    """
    with contextlib.suppress(JournalLockedError):
        return send(_BRIEFLY)
    queue_single(office, batch, run_id=run_id, test=test, patience=patience)
    served = await_queued(office, run_id, account=batch.account, patience=patience)
    return served if served is not None else send(LOCK_WAIT)


def queue_single(
    office: Office, batch: Batch, *, run_id: str, test: bool = False, patience: dt.timedelta = PATIENCE
) -> None:
    """Ask the run that holds the account to send a frozen single, or a test."""
    office.journal.append(
        Entry(
            kind=EntryKind.QUEUED,
            operator=office.operator,
            account=batch.account,
            month=batch.period.key,
            batch=batch.id,
            run=run_id,
            data={"until": (utc_now() + patience).isoformat(), **({"test": True} if test else {})},
        )
    )


def await_queued(
    office: Office, run_id: str, *, account: str, patience: dt.timedelta = PATIENCE
) -> Run | None:
    """Wait until a run has sent it: how that ended, or None when no run holds the account any more."""
    deadline = time.monotonic() + patience.total_seconds()
    while time.monotonic() < deadline:
        if ended := office.journal.entries(kinds=[EntryKind.RUN_ENDED], run=run_id):
            return run_of(ended[-1])
        if office.journal.account_holder(account) is None:
            return None
        time.sleep(_LOOK)
    return None


def serve(
    entry: Entry, means: Means, *, on_entry: Callable[[Entry], None], should_stop: Callable[[], bool]
) -> None:
    """Send what an entry QUEUED asks for, unless its time is over or its batch is on another machine."""
    until = dt.datetime.fromisoformat(str(entry.data["until"]))
    if means.clock.now() > until:
        return
    with contextlib.suppress(OutboxError):
        batch = means.outbox.read(entry.batch)
        journal = TestJournal(means.journal, entry.run) if entry.data.get("test") else means.journal
        kept = replace(means, transport=_Kept(means.transport), journal=journal)
        run(
            batch, kept, run_id=entry.run, operator=entry.operator, on_entry=on_entry, should_stop=should_stop
        )


class _Kept(Transport):
    """The session of the run that serves, which goes on with it."""

    def __init__(self, session: Transport) -> None:
        self._session = session

    def open(self) -> None:
        self._session.open()

    def send(self, envelope: Envelope, content: bytes, before_dot: BeforeDot) -> Transaction:
        return self._session.send(envelope, content, before_dot)

    def close(self) -> None:
        """Leave it open."""
