"""Prepare: gather, decide, render, compose, freeze. Nothing is sent here."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from elite_lib import composition, outcomes, selection
from elite_lib.batch.composing import Composer
from elite_lib.batch.loading import load_tables
from elite_lib.batch.office import LOCK_WAIT, Office, utc_now
from elite_lib.batch.purging import recognised
from elite_lib.exceptions import JournalLockedError, OutboxError
from elite_lib.models import (
    Batch,
    BatchLine,
    DispatchLine,
    Disposition,
    Entry,
    EntryKind,
    MailAccount,
    Period,
    Plan,
    Problem,
    SetAside,
    Tables,
    Wording,
)
from elite_lib.outbox import Freezing, PreparedMessage


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A month decided and composed. A rehearsal's batch is described only: it is not in the outbox."""

    plan: Plan  # with what rendering and composing held
    problems: tuple[Problem, ...]
    batch: Batch

    @property
    def held(self) -> tuple[DispatchLine, ...]:
        return tuple(line for line in self.plan.lines if line.disposition is Disposition.HELD)


def read_plan(office: Office, period: Period, *, tables: Tables | None = None) -> tuple[Plan, list[Entry]]:
    """Select the period's lines with what the journal knows of them, in this month or in any other.

    An invoice whose date was corrected after it left belongs to another month now, and has left all
    the same: what is known of a line is looked up by its number, and of a relevé by the lines that
    ever carried it.
    """
    tables = tables or load_tables(office)
    plan = selection.plan(tables, period)
    statements = {line.statement.number for line in plan.lines if line.statement is not None}
    numbers = {line.key for line in plan.lines} | statements | office.journal.carriers(statements)
    found = office.journal.entries(period=period) + office.journal.entries(lines=numbers)
    entries = sorted({entry.id: entry for entry in found}.values(), key=lambda entry: entry.id)
    entries = recognised(office, entries, selection.addresses(tables))
    unticked, released = outcomes.unticked(entries), outcomes.released(entries)
    aside = addresses_set_aside(office, tables)
    if unticked or released or aside:
        plan = selection.plan(tables, period, unticked=unticked, released=released, set_aside=aside)
    return plan, entries


def addresses_set_aside(office: Office, tables: Tables | None = None) -> Mapping[str, SetAside]:
    """Give the addresses that are not written to, in small letters: see ``outcomes.set_aside``.

    ``tables``: so that addresses of the workbook are known again which the journal holds no more.
    """
    reports = office.journal.returns()
    if not reports:
        return {}
    entries = [*reports, *office.journal.entries(kinds=[EntryKind.CLEARED], months=[""])]
    if tables is not None:
        entries = recognised(office, entries, selection.addresses(tables))
    return outcomes.set_aside(entries, office.settings.returns.rule, now=utc_now())


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
    if period.year:
        wording = wording.of_certificates
    composition.check(wording)
    account = office.account
    if freeze:
        wait_for_account(office)
    read, entries = read_plan(office, period, tables=tables)
    composer = Composer(office, wording=wording, states=outcomes.fold(entries), store=freeze)
    plan, messages = composer.month(read, only=only)
    found = (problem for line in plan.lines for problem in line.reasons)
    made = tuple(problem for problem in found if problem not in plan.problems)
    freezing = _freezing(office, plan, messages, account=account)
    batch = _freeze(office, freezing) if freeze else office.outbox.describe(freezing)
    return Prepared(plan=plan, problems=plan.problems + made, batch=batch)


def wait_for_account(office: Office, *, wait: float = LOCK_WAIT) -> None:
    """Wait until no run holds the account: a new batch would supersede what that run still has to send.

    Raises:
        JournalLockedError: still held after ``wait`` seconds.
    """
    deadline = time.monotonic() + wait
    while (holder := office.journal.account_holder(office.account.key)) is not None:
        if time.monotonic() >= deadline:
            raise JournalLockedError("locked", since=holder.since, run=holder.run, operator=holder.operator)
        time.sleep(0.2)


def _freezing(
    office: Office, plan: Plan, messages: Sequence[PreparedMessage], *, account: MailAccount
) -> Freezing:
    return Freezing(
        lines=[batch_line(line) for line in plan.lines],
        messages=messages,
        establishment=office.settings.establishment.key,
        account=account.key,
        archive=account.archive,
        period=plan.period,
        operator=office.operator,
        created=utc_now(),
        lifetime=dt.timedelta(days=office.settings.batch_lifetime_days),
        journal=office.journal.mark(),
        tagged=account.tag_returns,
    )


def _freeze(office: Office, freezing: Freezing) -> Batch:
    """Freeze, and note in the journal that this batch now stands for its period."""
    newest = newest_id(office, freezing.period)
    batch = office.outbox.freeze(freezing)
    if newest != batch.id:
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
                    "messages": len(batch.departures),
                },
            )
        )
        office.outbox.remember(office.journal.mark(), durable=True)
    return batch


def newest_batch(office: Office, period: Period) -> Batch | None:
    """Find the batch that stands for the period, if it is in this outbox.

    Where workstations share a journal, it may be in the outbox of another one.

    Raises:
        OutboxError: ``batch_altered``; ``batch_missing``: nobody else could have it.
    """
    newest = newest_id(office, period)
    try:
        return office.outbox.listed(newest) if newest else None
    except OutboxError as error:
        elsewhere = office.journal.path is None
        if error.code == "batch_missing" and (elsewhere or _was_purged(office, newest)):
            return None
        raise


def _was_purged(office: Office, batch: str) -> bool:
    return bool(office.journal.entries(kinds=[EntryKind.PURGED], batch=batch))


def newest_id(office: Office, period: Period) -> str:
    """Name the batch that stands for the period: the newest that touches any of its months; else "".

    A later batch supersedes what an earlier one has not attempted yet.
    """
    prepared = office.journal.entries(kinds=[EntryKind.BATCH_PREPARED], period=period)
    return prepared[-1].batch if prepared else ""


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


def month_batch(office: Office, period: Period, *, batch: str = "", send: bool = False) -> Batch:
    """Give the monthly notebook its batch: the frozen one of this id, else the month prepared now.

    A rehearsal (neither ``batch`` nor ``send``) describes the batch and freezes nothing. Raises as
    :func:`prepare`; OutboxError when there is no such batch.
    """
    if batch:
        return office.outbox.read(batch)
    return prepare(office, period, freeze=send).batch
