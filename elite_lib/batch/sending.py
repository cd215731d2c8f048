"""Send a frozen batch: take the account's lock, check every guard, run, end in the journal."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import time
import uuid
from collections.abc import Callable

from elite_lib import tokens
from elite_lib.batch.accompanying import Companion, Sources
from elite_lib.batch.ending import Run, record_end, stop_of
from elite_lib.batch.keeping import back_up_after_run
from elite_lib.batch.means import Means, Serve
from elite_lib.batch.office import LOCK_WAIT, Office, check_journal, utc_now
from elite_lib.batch.preparing import newest_id
from elite_lib.batch.queued import serve
from elite_lib.batch.running import run
from elite_lib.exceptions import EliteError, OutboxError
from elite_lib.mailbox.opening import Mailboxes
from elite_lib.models import Batch, Entry
from elite_lib.transports import Transport
from elite_lib.transports.smtp import SmtpTransport


class SystemClock:
    """The real clock."""

    def now(self) -> dt.datetime:
        return utc_now()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


def new_run_id() -> str:
    """Make an id for one execution: ``20261031T170000Z-3f9c``."""
    return f"{utc_now():%Y%m%dT%H%M%SZ}-{uuid.uuid4().hex[:4]}"


def smtp_transport(office: Office) -> Transport:
    """Make the SMTP transport of the home's account; the password is looked up when it is needed."""

    login = office.account.login
    return SmtpTransport(office.account, tokens.credential(office.settings, os.environ) if login else None)


def send(
    office: Office,
    batch: str,
    *,
    run_id: str = "",
    transport: Transport | None = None,
    on_entry: Callable[[Entry], None] = lambda _entry: None,
    should_stop: Callable[[], bool] = bool,
    lock_wait: float = LOCK_WAIT,
    mailboxes: Mailboxes | None = None,
    sources: Sources | None = None,
) -> Run:
    """Send what remains of the batch with this id, and say how it ended.

    ``mailboxes`` (the home's): what is in doubt is looked for there first, and copies of what is
    accepted go there, if the settings want it. ``sources`` makes (the home's) what returns are read
    from: before, meanwhile, after. What stops it (another run, a wrong journal, a refused login, an
    altered batch) is in ``Run.stopped`` and in the journal, so that whoever started it learns why.

    Raises:
        OutboxError: there is no such batch.
    """
    frozen = office.outbox.read(batch)
    run_id, account = run_id or new_run_id(), frozen.account
    beside = Companion(office, frozen, run=run_id, mailboxes=mailboxes, sources=sources, on_entry=on_entry)
    try:
        with office.journal.hold_account(account, wait=lock_wait, run=run_id, operator=office.operator):
            _check(office, frozen)
            means = _means(office, transport)
            with beside:
                ended = _run(office, frozen, means, beside=beside, run_id=run_id, should_stop=should_stop)
    except EliteError as error:
        ended = Run(id=run_id, stopped=stop_of(error))
        with contextlib.suppress(EliteError):  # the journal itself may be what cannot be written
            record_end(office.journal, ended, batch=frozen, operator=office.operator, on_entry=on_entry)
        return ended
    beside.look_again(ended)
    # only after a run that was let begin: copies of a wrong journal would drive out the good ones
    back_up_after_run(office)
    return ended


def _run(
    office: Office,
    batch: Batch,
    means: Means,
    *,
    beside: Companion,
    run_id: str,
    should_stop: Callable[[], bool],
) -> Run:
    return run(
        batch,
        means,
        run_id=run_id,
        operator=office.operator,
        on_entry=beside.observe,
        should_stop=should_stop,
        serve=server(means, beside.on_entry),
    )


def server(means: Means, on_entry: Callable[[Entry], None]) -> Serve:
    """Let a run send with these means what others queued; see ``queued``."""

    def served(entry: Entry, should_stop: Callable[[], bool]) -> None:
        serve(entry, means, on_entry=on_entry, should_stop=should_stop)

    return served


def _means(office: Office, transport: Transport | None) -> Means:
    return Means(
        transport=transport or smtp_transport(office),
        journal=office.journal,
        outbox=office.outbox,
        pace=office.settings.pace,
        clock=SystemClock(),
        lanes=office.settings.lanes,
        canary=office.settings.canary,
    )


def _check(office: Office, batch: Batch) -> None:
    """Refuse what must not leave: a foreign journal, an expired, foreign or superseded batch."""
    check_journal(office)
    if batch.account != office.account.key:
        raise OutboxError("batch_of_other_account", batch=batch.id, account=batch.account)
    if utc_now() > batch.expires:
        raise OutboxError("batch_expired", batch=batch.id, expires=batch.expires.isoformat())
    newest = newest_id(office, batch.period)
    if newest != batch.id:
        raise OutboxError("batch_superseded", batch=batch.id, newest=newest)
