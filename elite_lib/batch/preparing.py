"""Prepare: gather, decide, render, compose, freeze. Nothing is sent here."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from elite_lib import composition, outcomes, selection, sources
from elite_lib.batch.enclosures import general_enclosures, mail_logo, own_enclosures
from elite_lib.batch.office import LOCK_WAIT, Office, utc_now
from elite_lib.batch.rendering import document_numbers, held, render_documents, store_documents
from elite_lib.exceptions import JournalLockedError, TemplateError
from elite_lib.journal import is_locked
from elite_lib.models import (
    Attachment,
    Batch,
    BatchLine,
    DispatchLine,
    Disposition,
    DocumentKind,
    Entry,
    EntryKind,
    Parcel,
    Period,
    Plan,
    Problem,
    ProblemCode,
    RecipientState,
    Tables,
    Wording,
)
from elite_lib.outbox import Freezing, PreparedMessage

States = Mapping[tuple[str, str, str], RecipientState]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A month decided and composed. A rehearsal's batch is described only: it is not in the outbox."""

    plan: Plan  # with what rendering and composing held
    problems: tuple[Problem, ...]
    batch: Batch

    @property
    def held(self) -> tuple[DispatchLine, ...]:
        return tuple(line for line in self.plan.lines if line.disposition is Disposition.HELD)


def load_tables(office: Office) -> Tables:
    """Read the home's workbook; raises ``SourceError`` with every fatal problem."""
    settings = office.settings
    return sources.load(
        settings.data.source, aliases=settings.data.aliases, creditor_id=settings.establishment.creditor_id
    )


def read_plan(office: Office, period: Period, *, tables: Tables | None = None) -> tuple[Plan, list[Entry]]:
    """Select the period's lines with what the journal knows of them, in this month or in any other.

    An invoice whose date was corrected after it left belongs to another month now, and has left all
    the same: what is known of a line is looked up by its number.
    """
    tables = tables or load_tables(office)
    plan = selection.select(tables, period)
    numbers = {line.key for line in plan.lines}
    numbers |= {line.statement.number for line in plan.lines if line.statement is not None}
    found = office.journal.entries(period=period) + office.journal.entries(lines=numbers)
    entries = sorted({entry.id: entry for entry in found}.values(), key=lambda entry: entry.id)
    unticked, released = outcomes.unticked(entries), outcomes.released(entries)
    if unticked or released:
        plan = selection.select(tables, period, unticked=unticked, released=released)
    return plan, entries


def prepare(
    office: Office,
    period: Period,
    *,
    freeze: bool = True,
    only: Collection[str] | None = None,
    wording: Wording | None = None,
    tables: Tables | None = None,
) -> Prepared:
    """Decide who gets what, make and prove the PDFs, compose the messages, and freeze the batch.

    ``only`` restricts the messages to these line keys (the page's ticks); every line of the period
    is in the batch all the same, with what was decided of it. Preparing again with the same input
    gives the same batch. ``freeze=False`` is a rehearsal: documents and messages are made and
    hashed, nothing is stored.

    Raises:
        SourceError, ConfigError, TemplateError: see ``sources.load``, ``composition.check``.
        JournalLockedError: a run is under way and the new batch would supersede its own.
        StorageError: disk full; nothing half done.
    """
    wording = wording or office.settings.wording
    composition.check(wording)
    account = office.account
    if freeze:
        wait_for_account(office)
    plan, entries = read_plan(office, period, tables=tables)
    states = outcomes.fold(entries)
    composer = _Composer(office, wording=wording, states=states, store=freeze)
    lines: list[DispatchLine] = []
    messages: list[PreparedMessage] = []
    for line in plan.lines:
        wanted = line.disposition is Disposition.MAIL and (only is None or line.key in only)
        decided, mine = composer.line(line) if wanted else (line, ())
        lines.append(decided)
        messages.extend(mine)
    plan = replace(plan, lines=tuple(lines))
    made = tuple(problem for line in lines for problem in line.reasons if problem not in plan.problems)
    freezing = Freezing(
        lines=[batch_line(line) for line in plan.lines],
        messages=messages,
        establishment=office.settings.establishment.key,
        account=account.key,
        archive=account.archive,
        period=period,
        operator=office.operator,
        created=utc_now(),
        lifetime=dt.timedelta(days=office.settings.batch_lifetime_days),
        journal=office.journal.mark(),
    )
    batch = _freeze(office, freezing) if freeze else office.outbox.describe(freezing)
    return Prepared(plan=plan, problems=plan.problems + made, batch=batch)


def wait_for_account(office: Office, *, wait: float = LOCK_WAIT) -> None:
    """Wait until no run holds the account: a new batch would supersede what that run still has to send.

    Raises:
        JournalLockedError: still held after ``wait`` seconds.
    """
    deadline = time.monotonic() + wait
    while (holder := is_locked(office.settings.home.locks, office.account.key)) is not None:
        if time.monotonic() >= deadline:
            raise JournalLockedError("locked", since=holder.since, run=holder.run, operator=holder.operator)
        time.sleep(0.2)


def _freeze(office: Office, freezing: Freezing) -> Batch:
    """Freeze, and note in the journal that this batch now stands for its period."""
    newest = newest_batch(office, freezing.period)
    batch = office.outbox.freeze(freezing)
    if newest is None or newest.id != batch.id:
        office.journal.append(
            Entry(
                kind=EntryKind.BATCH_PREPARED,
                operator=office.operator,
                account=batch.account,
                month=batch.period.key,
                batch=batch.id,
                data={
                    "first": batch.period.first,
                    "last": batch.period.last,
                    "messages": len(batch.messages),
                },
            )
        )
        office.outbox.remember(office.journal.mark(), durable=True)
    return batch


def newest_batch(office: Office, period: Period) -> Batch | None:
    """Find the batch that stands for the period: the newest that touches any of its months.

    A later batch supersedes what an earlier one has not attempted yet.
    """
    prepared = office.journal.entries(kinds=[EntryKind.BATCH_PREPARED], period=period)
    return office.outbox.listed(prepared[-1].batch) if prepared else None


def batch_line(line: DispatchLine) -> BatchLine:
    """Keep of a line what the slip and the guard need, without names."""
    return BatchLine(
        key=line.key,
        kind=line.kind,
        month=line.month,
        amount=line.amount,
        resident=line.resident.code if line.resident else "",
        disposition=line.disposition,
        reasons=tuple(problem.code for problem in line.reasons),
        paper=line.paper,
    )


class _Composer:
    """Render, prove and compose one line after the other."""

    def __init__(self, office: Office, *, wording: Wording, states: States, store: bool) -> None:
        self.office, self.wording, self.states, self.store = office, wording, states, store
        self.general, self.trouble = general_enclosures(office.settings)
        self.logo = mail_logo(office.settings)

    def line(self, line: DispatchLine) -> tuple[DispatchLine, tuple[PreparedMessage, ...]]:
        own, own_trouble = own_enclosures(self.office.settings, line.key)
        problems = [replace(problem, held=(line.key,)) for problem in (*self.trouble, *own_trouble)]
        made, trouble = render_documents(self.office, line)
        problems += trouble
        numbers = dict(document_numbers(line))
        left = outcomes.left_elsewhere(numbers.values(), line.key, self.states)
        if left:
            facts = {"changes": "documents", "left": ", ".join(left)}
            problems.append(held(ProblemCode.CHANGED_AFTER_ACCEPTANCE, line, **facts))
        messages: list[PreparedMessage] = []
        if not problems:
            for parcel in line.parcels:
                enclosures = [made[kind] for kind in parcel.documents] + [*self.general, *own]
                message, problem = self._message(line, parcel, enclosures, numbers=numbers)
                if problem is not None:
                    problems.append(problem)
                elif message is not None:
                    messages.append(message)
        if problems:
            return replace(line, disposition=Disposition.HELD, reasons=line.reasons + tuple(problems)), ()
        if self.store:
            store_documents(self.office.settings.home.documents / line.month, made.values())
        return line, tuple(messages)

    def _message(
        self,
        line: DispatchLine,
        parcel: Parcel,
        attachments: Sequence[Attachment],
        *,
        numbers: Mapping[DocumentKind, str],
    ) -> tuple[PreparedMessage | None, Problem | None]:
        account = self.office.account
        try:
            draft = composition.write(
                line,
                parcel,
                attachments,
                wording=self.wording,
                account=account,
                establishment=self.office.settings.establishment,
                logo=self.logo,
            )
        except TemplateError as error:
            if error.code != "header_invalid":
                raise  # the wording itself is wrong: no message can be written
            facts = {name: str(value) for name, value in error.fields.items()}
            return None, held(ProblemCode.HEADER_INVALID, line, **facts)
        fingerprint = composition.fingerprint(draft)
        changes = outcomes.changed(fingerprint, parcel, line.key, self.states)
        if changes:
            return None, held(ProblemCode.CHANGED_AFTER_ACCEPTANCE, line, changes=",".join(changes))
        return (
            PreparedMessage(
                key=parcel.key,
                line=line.key,
                month=line.month,
                draft=draft,
                documents=tuple(numbers[kind] for kind in parcel.documents),
                fingerprint=fingerprint,
                sender=account.sender,
                replaces=outcomes.replaced(parcel, line.key, self.states),
            ),
            None,
        )


def month_batch(office: Office, period: Period, *, batch: str = "", send: bool = False) -> Batch:
    """Give the monthly notebook its batch: the frozen one of this id, else the month prepared now.

    A rehearsal (neither ``batch`` nor ``send``) describes the batch and freezes nothing. Raises as
    :func:`prepare`; OutboxError when there is no such batch.
    """
    if batch:
        return office.outbox.read(batch)
    return prepare(office, period, freeze=send).batch
