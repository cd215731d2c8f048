"""What changed since the last month that was sent: the journal asked, beside the workbook as it is now."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from elite_lib import misspelling, outcomes, selection
from elite_lib.batch.loading import load_tables
from elite_lib.batch.office import Office
from elite_lib.batch.preparing import read_plan
from elite_lib.batch.purging import recognised
from elite_lib.models import Change, EntryKind, Period, Plan, RecipientState, Tables

_LOOKED_BACK = 6  # months: a home that sends less often knows its families' addresses otherwise
_FACTS = (EntryKind.ATTEMPTING, EntryKind.VERDICT, EntryKind.RESOLVED)


def changes_since_last_month(
    office: Office, period: Period, plan: Plan | None = None, *, tables: Tables | None = None
) -> tuple[Change, ...]:
    """List what is worth a look before ``period`` is sent; nothing is changed.

    Compared is the newest month before it in which something was mailed, of the six before.

    Raises:
        SourceError, JournalError.
    """
    tables = tables or load_tables(office)
    plan = plan or read_plan(office, period, tables=tables)[0]
    month, before = _last_mailed(office, period, selection.addresses(tables))
    return selection.compare(plan, tables, before, month=month, meant_provider=misspelling.meant_provider)


def marks(changes: Iterable[Change]) -> Mapping[str, tuple[Change, ...]]:
    """Group by dispatch line what is new: what the page marks a row with."""
    found: defaultdict[str, list[Change]] = defaultdict(list)
    for change in changes:
        if change.line and not change.known:
            found[change.line].append(change)
    return {line: tuple(mine) for line, mine in found.items()}


def _last_mailed(
    office: Office, period: Period, addresses: Sequence[str]
) -> tuple[str, Collection[RecipientState]]:
    month = period.first
    for _back in range(_LOOKED_BACK):
        month = _month_before(month)
        entries = recognised(office, office.journal.entries(months=[month], kinds=_FACTS), addresses)
        states = [state for state in outcomes.fold(entries).values() if state.message and state.address]
        if states:
            return month, states
    return "", ()


def _month_before(month: str) -> str:
    last = Period(first=month, last=month).start - dt.timedelta(days=1)
    return f"{last.year:04d}-{last.month:02d}"
