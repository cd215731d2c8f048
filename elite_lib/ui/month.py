"""The period that the page shows, kept up to date from the journal; no widget knows more than this."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path

from elite_lib import batch as batches
from elite_lib import config, outcomes, secrets, selection
from elite_lib.batch import Office, Prepared
from elite_lib.batch.enclosing import enclosed
from elite_lib.batch.enclosures import line_folder
from elite_lib.exceptions import ConfigError
from elite_lib.models import (
    DispatchLine,
    Entry,
    EntryKind,
    LineKind,
    Pace,
    Period,
    Resolution,
    Status,
    Tables,
    Wording,
)
from elite_lib.ui import broken_off, panels, rows
from elite_lib.ui.checklist import Row
from elite_lib.ui.sending import Intent

# What changes the plan itself, and not only what is known of its lines.
_DECISIONS = (EntryKind.UNTICKED, EntryKind.TICKED, EntryKind.RESOLVED, EntryKind.BATCH_PREPARED)
_OPEN = (Status.PENDING, Status.DEFERRED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What was confirmed, as values: freezing happens in another thread, with a journal of its own."""

    home: Path
    operator: str
    period: Period
    tables: Tables  # those that the page shows: what is frozen is what was confirmed
    wording: Wording
    only: frozenset[str]
    out: tuple[str, ...] = ()  # to be left out from now on, by who confirms
    back: tuple[str, ...] = ()  # left out before, taken in again
    again: tuple[str, ...] = ()  # accepted before, to be sent once more
    settings: Mapping[str, Mapping[str, object]] = field(default_factory=dict)  # changed for this sending

    def rehearse(self) -> Prepared:
        """Make everything as for a sending, and store nothing.

        Raises:
            EliteError: as ``batch.prepare``.
        """
        with batches.open_home(self.home, operator=self.operator) as office:
            return batches.prepare(
                office, self.period, freeze=False, only=self.only, wording=self.wording, tables=self.tables
            )

    def freeze(self) -> Prepared:
        """Record the ticks, make the documents, freeze the batch; marked while it lasts (``broken_off``).

        Raises:
            EliteError: as ``batch.prepare``.
        """
        with broken_off.marked(config.Home(root=self.home), self.period, operator=self.operator):
            return self._freeze()

    def _freeze(self) -> Prepared:
        with batches.open_home(self.home, operator=self.operator) as office:
            batches.wait_for_account(office)  # before anything is noted: a run that goes on stops it all here
        if self.settings:  # the run reads the settings: what is typed binds it because it is written there
            config.save(self.home, dict(self.settings.items()))
        with batches.open_home(self.home, operator=self.operator) as office:
            if self.out:
                batches.untick(office, self.period, self.out)
            if self.back:
                batches.untick(office, self.period, self.back, ticked=True)
            for key in self.again:
                batches.settle(office, self.period, key, resolution=Resolution.RESEND)
            return batches.prepare(
                office, self.period, only=self.only, wording=self.wording, tables=self.tables
            )


class Month:
    """Plan, states and slip of one period."""

    def __init__(self, office: Office, tables: Tables, period: Period) -> None:
        self.office, self.tables, self.period = office, tables, period
        self.beside = rows.Beside()
        self.refresh()

    def refresh(self) -> None:
        """Read everything again but the workbook.

        Raises:
            JournalError, OutboxError.
        """
        self.plan, self.entries = batches.read_plan(self.office, self.period, tables=self.tables)
        self.states = outcomes.fold(self.entries)
        self.batch = batches.newest_batch(self.office, self.period)
        self._balance()

    def absorb(self, fresh: Iterable[Entry]) -> frozenset[str] | None:
        """Take in entries that came since; give the lines that they are about, None for all of them."""
        fresh = list(fresh)
        if any(entry.kind in _DECISIONS for entry in fresh):
            self.refresh()
            return None
        # a line whose date was corrected after it left has entries under another month
        keys = {line.key for line in self.plan.lines}
        mine = [
            entry
            for entry in fresh
            # what is under way is no doubt yet: its verdict comes, or the end of the run reads everything
            if entry.line
            and entry.kind is not EntryKind.ATTEMPTING
            and (entry.month in self.period or entry.line in keys)
        ]
        about = frozenset(entry.line for entry in mine)
        if about:
            self.entries = [*self.entries, *mine]
            self.states = outcomes.fold(mine, onto=self.states)
            self._balance()
        return about

    def _balance(self) -> None:
        self.slip = outcomes.slip(self.plan, self.states, batch=self.batch, entries=self.entries)

    def rows(self, only: Collection[str] | None = None) -> list[Row]:
        return rows.build(self.plan, self.slip, only=only, beside=self.beside)

    def line(self, key: str) -> DispatchLine | None:
        return next((line for line in self.plan.lines if line.key == key), None)

    def look_back(self) -> None:
        """Note what changed since the last month that was sent: new, changed, doubtful addresses.

        Raises:
            JournalError.
        """
        changes = batches.changes_since_last_month(self.office, self.period, self.plan, tables=self.tables)
        self.beside.changes = batches.marks(changes)

    def look_at_enclosures(self) -> None:
        """Note which lines have attachments of their own: one look at the folder, however many lines."""
        settings = self.office.settings
        there = {path.name for path in _folders(settings.home.attachments)}
        found: dict[str, tuple[str, ...]] = {}
        for line in self.plan.lines:
            folder = line_folder(settings, line.key)
            if folder.name in there:
                found[line.key] = tuple(one.name for one in enclosed(folder))
        self.beside.enclosed = {key: names for key, names in found.items() if names}

    def names(self) -> dict[str, str]:
        """Give the resident of each line."""
        return {line.key: panels.quoted(line.name) for line in self.slip.lines}

    def waiting(self) -> int:
        """Count the messages of the frozen batch that were confirmed and have not left."""
        return len(outcomes.pending(self.batch, self.states)) if self.batch is not None else 0

    def intent(self, ticked: Collection[str], due: Collection[str], *, pace: Pace | None = None) -> Intent:
        """Say what the ticked lines would send, for a person to confirm; ``pace`` instead of the settings'.

        Raises:
            ConfigError: the mail account is not filled in.
        """
        account = self.office.account
        settings = replace(self.office.settings, pace=pace or self.office.settings.pace)
        office = replace(self.office, settings=settings)
        chosen = [line for line in self.plan.lines if line.key in ticked]
        leaving = self._leaving(chosen)
        messages = [(parcels[0][0], parcels[0][1]) for parcels in leaving]
        now = dt.datetime.now(dt.UTC)
        invoices = [line.amount for line in chosen if line.kind is not LineKind.STATEMENT]
        alone = [line.amount for line in chosen if line.kind is LineKind.STATEMENT]
        return Intent(
            invoices=len(invoices),
            euros=sum(invoices, Decimal(0)),
            statements=len(alone),
            statement_euros=sum(alone, Decimal(0)),
            messages=len(messages),
            recipients=sum(len(addresses) for parcels in leaving for _key, addresses, _code in parcels),
            shared=sum(len(parcels) > 1 for parcels in leaving),
            residents=len({line.resident.code for line in chosen if line.resident is not None}),
            sender=f"{account.name} <{account.sender}>" if account.name else account.sender,
            expected_end=batches.expected_end(office, messages, now=now),
            left=len(set(due) - set(ticked)),
            again=len(self.beside.again & set(ticked)),
            login=self._login_without_password(),
            year=self.period.year,
        )

    def _leaving(self, lines: Iterable[DispatchLine]) -> list[list[tuple[str, list[str], str]]]:
        """Give each message's parcels: key, addresses that still need it, resident."""
        mates: dict[batches.Mate, list[tuple[str, list[str], str]]] = {}
        group = self.office.settings.wording.group and not self.period.year
        for line in lines:
            for parcel in line.parcels:
                documents = line.carried(parcel)
                waiting = [
                    r.address
                    for r in parcel.recipients
                    if line.key in self.beside.again
                    or outcomes.status_of(line.key, r, self.states, documents=documents) in _OPEN
                ]
                code = line.resident.code if line.resident else ""
                if waiting:
                    mate = batches.mate(line, parcel) if group else (parcel.key,)
                    mates.setdefault(mate, []).append((parcel.key, waiting, code))
        found = []
        for parcels in mates.values():
            together = len({code for _key, _addresses, code in parcels}) > 1
            found += [parcels] if together else [[parcel] for parcel in parcels]
        return found

    def _login_without_password(self) -> str:
        """Give the login whose password nothing holds: the page asks for it, once, and keeps it nowhere."""
        login = self.office.account.login
        if not login:
            return ""
        try:
            secrets.find("mail", home=self.office.settings.home, environ=os.environ)
        except ConfigError as error:
            if error.code != "secret_missing":
                raise
            return login
        return ""

    def order(
        self,
        ticked: Collection[str],
        shown: Iterable[Row],
        *,
        wording: Wording,
        leave_out: bool,
        settings: Mapping[str, Mapping[str, object]] | None = None,
    ) -> Order:
        """Put what was confirmed in values; ``settings``: those that were changed on the page."""
        shown = list(shown)
        return Order(
            home=self.office.settings.home.root,
            operator=self.office.operator,
            period=self.period,
            tables=self.tables,
            wording=wording,
            only=frozenset(ticked),
            out=tuple(key for key in rows.due(shown) if leave_out and key not in ticked),
            back=tuple(row.key for row in shown if row.state == "unticked" and row.key in ticked),
            again=tuple(sorted(self.beside.again & set(ticked))),
            settings={table: values for table, values in (settings or {}).items() if values},
        )


def _folders(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.is_dir() else []


def months(tables: Tables) -> tuple[str, ...]:
    """List the months that have invoices, ascending."""
    return selection.months(tables)
