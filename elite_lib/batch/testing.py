"""Tests: the messages of some lines, to the office's own address only. They never count as sent.

A test is a frozen batch of its own, on the same sending path, in a process of its own. What keeps it apart:

- its period is no month (:data:`TEST_PERIOD`) and it is not announced in the journal, so that it
  supersedes nothing;
- its messages carry no document numbers and their lines are called ``test/…``;
- each of its entries says ``{"test": True}``, and ``outcomes.fold`` passes over these.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import replace

from elite_lib import composition, outcomes
from elite_lib.batch.composing import Composer
from elite_lib.batch.ending import Run, record_end, stop_of
from elite_lib.batch.marking import TestJournal
from elite_lib.batch.means import Means
from elite_lib.batch.office import Office, check_journal, utc_now
from elite_lib.batch.preparing import read_plan
from elite_lib.batch.queued import PATIENCE, in_turn
from elite_lib.batch.running import run
from elite_lib.batch.sending import SystemClock, new_run_id, smtp_transport
from elite_lib.config import Settings
from elite_lib.exceptions import ConfigError, EliteError
from elite_lib.models import (
    Batch,
    Entry,
    Period,
    Recipient,
    Tables,
    Wording,
)
from elite_lib.outbox import Freezing, PreparedMessage
from elite_lib.transports import Transport

TEST_PERIOD = Period(first="0001-01", last="0001-01")  # no month of any workbook
LIFETIME = dt.timedelta(hours=1)


def own_addresses(settings: Settings) -> tuple[str, ...]:
    """List the office's own addresses: a test goes nowhere else."""
    mail = settings.mail
    if mail is None:
        return ()
    known = (mail.reply_to, mail.sender, settings.notice.to, settings.establishment.email)
    return tuple(dict.fromkeys(filter(None, known)))


def is_test(entry: Entry) -> bool:
    """Tell whether an entry is about a test."""
    return entry.data.get("test") is True


def prepare_test(
    office: Office,
    period: Period,
    lines: Collection[str],
    *,
    to: str,
    wording: Wording | None = None,
    tables: Tables | None = None,
) -> Batch:
    """Freeze the messages of these lines as they would leave, addressed to ``to`` and marked as tests.

    Raises:
        ConfigError: ``test_address``: not one of :func:`own_addresses`; ``test_empty``: no message.
        SourceError, TemplateError, StorageError: as ``prepare``.
    """
    if to not in own_addresses(office.settings):
        raise ConfigError("test_address", value=to)
    wording = wording or office.settings.wording
    composition.check(wording)
    plan, _entries = read_plan(office, period, tables=tables)
    # without states: what was accepted already can be tested too, and is neither "changed" nor "replaced"
    composer = Composer(office, wording=wording, states=outcomes.fold([]), store=False)
    _plan, made = composer.month(plan, only=lines)
    if not made:
        raise ConfigError("test_empty")
    now = utc_now()
    freezing = Freezing(
        lines=(),
        messages=[_as_test(message, to, stamp=f"{now:%Y%m%dT%H%M%S}") for message in made],
        establishment=office.settings.establishment.key,
        account=office.account.key,
        archive="",
        period=TEST_PERIOD,
        operator=office.operator,
        created=now,
        lifetime=LIFETIME,
        journal=office.journal.mark(),
    )
    return office.outbox.freeze(freezing)


def _as_test(message: PreparedMessage, to: str, *, stamp: str) -> PreparedMessage:
    draft = replace(
        message.draft,
        recipients=(Recipient(contact="", address=to),),
        subject=f"[TEST] {message.draft.subject}",
        receipt=False,
    )
    key = f"test/{stamp}/{message.key}"  # its own each time: a mailbox drops a Message-ID that it knows
    return replace(
        message,
        key=key,
        line=f"test/{message.line}",
        month=TEST_PERIOD.first,
        draft=draft,
        documents=(),
        fingerprint=composition.fingerprint(draft),
        replaces="",
        group=f"test/{stamp}/{message.group}" if message.group else "",
        recipients=draft.recipients if message.recipients else (),
    )


def send_test(
    office: Office,
    batch: str,
    *,
    run_id: str = "",
    transport: Transport | None = None,
    patience: dt.timedelta = PATIENCE,
) -> Run:
    """Send a frozen test. A run that holds the account takes it between two messages; where it does not come
    by within ``patience``, the test did not leave, and ``Run.stopped`` says who holds the account.

    Raises:
        OutboxError: there is no such batch.
    """
    frozen = office.outbox.read(batch)
    run_id = run_id or new_run_id()
    journal = TestJournal(office.journal, run_id)

    def send(wait: float) -> Run:
        with office.journal.hold_account(frozen.account, wait=wait, run=run_id, operator=office.operator):
            means = Means(
                transport=transport or smtp_transport(office),
                journal=journal,
                outbox=office.outbox,
                pace=office.settings.pace,
                clock=SystemClock(),
                lanes=office.settings.lanes,
            )
            return run(frozen, means, run_id=run_id, operator=office.operator)

    try:
        _check(office, frozen)
        return in_turn(office, frozen, send, run_id=run_id, test=True, patience=patience)
    except EliteError as error:
        ended = Run(id=run_id, stopped=stop_of(error))
        record_end(journal, ended, batch=frozen, operator=office.operator, on_entry=lambda _entry: None)
        return ended


def _check(office: Office, batch: Batch) -> None:
    """Refuse what is no test, or would reach anybody else: settings may have changed since."""
    check_journal(office)
    own = own_addresses(office.settings)
    for message in batch.messages:
        for recipient in message.recipients:
            if recipient.address not in own:
                raise ConfigError("test_address", value=recipient.address)
    if batch.period != TEST_PERIOD or batch.account != office.account.key:
        raise ConfigError("test_address", value=batch.account)
