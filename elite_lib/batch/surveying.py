"""Survey: the month as it stands now, from the workbook and the journal; nothing is changed."""

from __future__ import annotations

from dataclasses import dataclass

from elite_lib import outcomes
from elite_lib.batch.loading import load_tables
from elite_lib.batch.office import Office
from elite_lib.batch.preparing import newest_batch, read_plan
from elite_lib.models import Batch, Period, Plan, Slip, Tables
from elite_lib.outcomes import States


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """A period seen from all sides at one instant."""

    plan: Plan
    states: States
    slip: Slip
    batch: Batch | None = None  # the one that stands for the period


def survey(
    office: Office, period: Period, *, tables: Tables | None = None, batch: Batch | None = None
) -> Survey:
    """Read the workbook and the journal and draw the dispatch slip.

    ``batch`` is a rehearsal's, whose held lines count although it was not frozen; else the newest.

    Raises:
        SourceError, JournalError, OutboxError.
    """
    tables = tables or load_tables(office)
    plan, entries = read_plan(office, period, tables=tables)
    states = outcomes.fold(entries)
    newest = batch or newest_batch(office, period)
    slip = outcomes.slip(plan, states, batch=newest, entries=entries)
    return Survey(plan=plan, states=states, slip=slip, batch=newest)
