"""One invoice, sent when somebody asks: to family members that were picked, or to an address typed by hand.

The same documents, the same proof, the same outbox and journal as for a month; a batch of its own, which
supersedes nothing. What the line's contacts already have is said first, and goes again only when confirmed.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from elite_lib import composition, outcomes, selection
from elite_lib.batch.composing import Composer
from elite_lib.batch.ending import Run, record_end, stop_of
from elite_lib.batch.keeping import back_up_after_run
from elite_lib.batch.loading import load_tables
from elite_lib.batch.means import Means
from elite_lib.batch.office import Office, check_journal, utc_now
from elite_lib.batch.papers import Papers
from elite_lib.batch.picking import Already, already_has, find, parcels, refuse_held, replaces
from elite_lib.batch.preparing import batch_line
from elite_lib.batch.queued import in_turn
from elite_lib.batch.running import run
from elite_lib.batch.sending import SystemClock, new_run_id, smtp_transport
from elite_lib.exceptions import ConfigError, EliteError, JournalLockedError
from elite_lib.models import (
    Attachment,
    Batch,
    Contact,
    DispatchLine,
    Disposition,
    Entry,
    EntryKind,
    Period,
    RecipientOutcome,
    RecipientState,
    Resolution,
    Status,
    Tables,
    Wording,
)
from elite_lib.outbox import Freezing, PreparedMessage
from elite_lib.transports import Transport

LIFETIME = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """One address that an invoice could go to."""

    contact: Contact
    address: str
    marked: bool  # receives this invoice when the month is sent
    statement: bool  # may receive the relevé
    state: RecipientState | None  # what is known of it


@dataclass(frozen=True, slots=True, kw_only=True)
class Single:
    """One invoice, written for the recipients that were picked; nothing is frozen or sent yet."""

    line: DispatchLine
    messages: tuple[PreparedMessage, ...]
    already: tuple[tuple[str, Already], ...]  # address, what it has: to be confirmed


def addressees(office: Office, invoice: str, *, tables: Tables | None = None) -> tuple[Addressee, ...]:
    """List the addresses of the resident's contacts, marked or not, by rank.

    Raises:
        ConfigError: ``invoice_unknown``.
    """
    tables = tables or load_tables(office)
    line, entries = find(office, invoice, tables)
    states = outcomes.fold(entries)
    code = line.resident.code if line.resident else ""
    marked = {(r.contact, r.address) for parcel in line.parcels for r in parcel.recipients}
    return tuple(
        Addressee(
            contact=contact,
            address=address,
            marked=(contact.key, address) in marked,
            statement=contact.gets_statements,
            state=states.get((line.key, contact.key, address)),
        )
        for contact in selection.contacts(tables, code)
        for address in contact.emails
    )


def write_single(
    office: Office,
    invoice: str,
    *,
    to: Sequence[str] = (),
    wording: Wording | None = None,
    attachments: Sequence[Attachment] = (),
    tables: Tables | None = None,
) -> Single:
    """Write an invoice's messages for ``to``: addresses of the family or any other; else whom the month has.

    The relevé goes along only to a contact that is marked for it.

    Raises:
        ConfigError: ``invoice_unknown``; ``address_invalid``; ``single_nobody``: no address was given and
            the line has none; ``single_held`` (codes): a problem holds the line, ``single_excluded``.
        SourceError, TemplateError, DocumentError.
    """
    tables = tables or load_tables(office)
    wording = wording or office.settings.wording
    composition.check(wording)
    line, entries = find(office, invoice, tables)
    states = outcomes.fold(entries)
    picked = replace(line, parcels=parcels(line, to, tables), disposition=Disposition.MAIL)
    refuse_held(line, named=bool(to))
    if not picked.parcels:
        raise ConfigError("single_nobody", value=line.key)
    composer = Composer(office, wording=wording, states=outcomes.fold([]), store=True)
    composer.general = (*composer.general, *attachments)
    month = Period(first=line.month, last=line.month)
    composer.papers = Papers(office.settings, selection.select(tables, month).lines)
    decided, messages = composer.line(picked)
    if not messages:
        raise ConfigError("single_held", value=line.key, codes=tuple(p.code for p in decided.reasons))
    known = [replace(m, replaces=replaces(m, states)) for m in messages]
    already = tuple(pair for message in messages for pair in already_has(message, states))
    return Single(line=picked, messages=tuple(known), already=already)


def freeze_single(office: Office, single: Single, *, confirmed: bool = False) -> Batch:
    """Freeze it; where a recipient has it already, note first under whose name it may go again.

    Raises:
        ConfigError: ``single_confirm`` (already): it would be a second one, and nobody said so.
    """
    if single.already and not confirmed:
        raise ConfigError(
            "single_confirm", value=single.line.key, already=tuple(whom for whom, _ in single.already)
        )
    check_journal(office)
    if single.already:
        office.journal.append(_released(office, single))
    return office.outbox.freeze(
        Freezing(
            lines=[batch_line(single.line)],
            messages=single.messages,
            establishment=office.settings.establishment.key,
            account=office.account.key,
            archive=office.account.archive,
            period=Period(first=single.line.month, last=single.line.month),
            operator=office.operator,
            created=utc_now(),
            lifetime=LIFETIME,
            journal=office.journal.mark(),
            tagged=office.account.tag_returns,
        )
    )


def send_single(
    office: Office,
    batch: str,
    *,
    run_id: str = "",
    transport: Transport | None = None,
    on_entry: Callable[[Entry], None] = lambda _entry: None,
) -> Run:
    """Send a frozen single by the mail account, as a run of its own; see ``batch.send``.

    A run that holds the account takes it between two messages; where it does not come by within
    ``queued.PATIENCE``, the single did not leave, and ``Run.stopped`` says who holds the account.

    Raises:
        OutboxError: there is no such batch.
    """
    frozen = office.outbox.read(batch)
    run_id = run_id or new_run_id()

    def send(wait: float) -> Run:
        return _send(office, frozen, run_id, wait=wait, transport=transport, on_entry=on_entry)

    try:
        return in_turn(office, frozen, send, run_id=run_id)
    except JournalLockedError as error:
        return Run(id=run_id, stopped=stop_of(error))


def _send(
    office: Office,
    frozen: Batch,
    run_id: str,
    *,
    wait: float,
    transport: Transport | None,
    on_entry: Callable[[Entry], None],
) -> Run:
    operator = office.operator
    try:
        with office.journal.hold_account(frozen.account, wait=wait, run=run_id, operator=operator):
            check_journal(office)
            means = Means(
                transport=transport or smtp_transport(office),
                journal=office.journal,
                outbox=office.outbox,
                pace=office.settings.pace,
                clock=SystemClock(),
                lanes=office.settings.lanes,
            )
            ended = run(frozen, means, run_id=run_id, operator=operator, on_entry=on_entry)
    except JournalLockedError:
        raise
    except EliteError as error:
        ended = Run(id=run_id, stopped=stop_of(error))
        with contextlib.suppress(EliteError):
            record_end(office.journal, ended, batch=frozen, operator=operator, on_entry=on_entry)
        return ended
    back_up_after_run(office)
    return ended


def _released(office: Office, single: Single) -> Entry:
    """A person's word that it goes again to these recipients (invariant 4)."""
    recipients = [recipient for message in single.messages for recipient in message.draft.recipients]
    return Entry(
        kind=EntryKind.RESOLVED,
        operator=office.operator,
        month=single.line.month,
        line=single.line.key,
        recipients=tuple(
            RecipientOutcome(contact=r.contact, address=r.address, status=Status.PENDING) for r in recipients
        ),
        data={"resolution": Resolution.RESEND.value, "by": "single"},
    )
