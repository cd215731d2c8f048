"""Read the workbook and the month to show first: it takes long, and needs no widget: a thread does it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from elite_lib import batch as batches
from elite_lib.batch import Office
from elite_lib.exceptions import ConfigError
from elite_lib.models import Period, Tables
from elite_lib.ui.month import Month, months
from elite_lib.ui.period import default_month, years_over


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What was read. ``chosen`` is the month to show; empty: the period that is shown is still there."""

    tables: Tables
    months: tuple[str, ...]
    years: tuple[str, ...]  # whose tax certificates can be sent
    chosen: str
    month: Month


def read(office: Office, *, shown: Period | None) -> Reading:
    """Read the workbook, and the period ``shown``, else the latest month that is not fully sent.

    Raises:
        SourceError: the workbook cannot be used.
        ConfigError: ``no_invoice``.
        JournalError, OutboxError.
    """
    tables = batches.load_tables(office)
    known = months(tables)
    years = years_over(known, today=dt.datetime.now().astimezone().date())
    if shown is not None and (shown.year in years or {shown.first, shown.last} <= set(known)):
        month = month_of(office, tables, shown)
        return Reading(tables=tables, months=known, years=years, chosen="", month=month)
    looked: dict[str, Month] = {}

    def remains(month: str) -> bool:
        looked[month] = Month(office, tables, Period.parse(month))
        return looked[month].slip.remainder > 0

    chosen = default_month(known, remains)
    if not chosen:
        raise ConfigError("no_invoice", file=tables.file)
    looked[chosen].look_back()
    return Reading(tables=tables, months=known, years=years, chosen=chosen, month=looked[chosen])


def month_of(office: Office, tables: Tables, period: Period) -> Month:
    """Read one period, with what changed since the last month that was sent.

    Raises:
        JournalError, OutboxError.
    """
    month = Month(office, tables, period)
    if not period.year:  # a year of certificates has no month before
        month.look_back()
    return month
