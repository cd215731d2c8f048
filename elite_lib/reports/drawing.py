"""The pieces of the analysis as HTML: each a picture, a table, or both. Nothing in them can act."""

from __future__ import annotations

from typing import Any

import pandas as pd
from markupsafe import Markup

from elite_lib.batch import Office, load_tables
from elite_lib.exceptions import EliteError
from elite_lib.labels import _
from elite_lib.models import Period, Tables
from elite_lib.reports import charts
from elite_lib.reports.frames import laid
from elite_lib.reports.pace import deferral_table, suggested_pace
from elite_lib.reports.rates import By, bounce_delays, bounce_rates
from elite_lib.reports.receipts import receipt_table
from elite_lib.reports.returns import bounce_table, worst_addresses


class Drawings:
    """What came back to one home in one period (None: of all times).

    ``masked``: no names, no telephones, and not whose an address is. ``tables``: the workbook, for
    names; it is read when first needed where it is not given.
    """

    def __init__(
        self,
        office: Office,
        period: Period | None = None,
        *,
        masked: bool = False,
        tables: Tables | None = None,
    ) -> None:
        self.office, self.period, self.masked = office, period, masked
        self._tables = tables
        self._read = tables is not None

    def rates(self, by: By) -> str:
        """Draw the share of what came back for good; by month of all of them: one alone says nothing."""
        period = None if by == "month" else self.period
        return charts.rates_picture(bounce_rates(self.office, period, by=by)).html()

    def delays(self) -> str:
        """Draw how long it takes until something comes back."""
        table = bounce_table(self.office, self.period)
        return charts.delays_picture(table, bounce_delays(self.office, self.period)).html()

    def deferrals(self) -> str:
        """Draw which providers made us wait, run by run."""
        return charts.deferrals_picture(deferral_table(self.office, self.period)).html()

    def pace(self) -> str:
        """Say what the pace should be, and why."""
        columns = ["provider", "attempted", "deferred", "reports", "peak", "advice", "why", "setting"]
        return laid(_("Suggested pace"), suggested_pace(self.office, self.period)[columns])

    def receipts(self) -> str:
        """List the read receipts that were asked for, those that came first."""
        table = receipt_table(self.office, self.period, tables=self._workbook(), masked=self.masked)
        asked = table[(table["asked"] == True) | table["received"].notna()]  # noqa: E712 (None: not known)
        first = asked.sort_values("received", kind="stable", na_position="last", key=_instants)
        said = Markup("<p>{}</p>").format(charts.receipts_sentence(table))
        columns = ["sent", "line", "contact", "address", "receipt"]
        return str(said) + laid(_("Read receipts"), first[columns])

    def worst(self) -> str:
        """List the addresses that fail most."""
        found = worst_addresses(self.office, self.period, tables=self._workbook(), masked=self.masked)
        columns = ["address", "provider", "resident", "contact", "phone", "returned", "delayed", "class"]
        return laid(_("Addresses that fail most"), found[[*columns, "last", "todo", "set_aside"]])

    def messages(self) -> str:
        """List everything that came back."""
        columns = ["received", "line", "contact", "address", "kind", "class", "final", "reason", "happened"]
        return laid(_("Messages that came back"), self.table()[columns])

    def table(self) -> pd.DataFrame:
        """Give everything that came back."""
        return bounce_table(self.office, self.period, tables=self._workbook(), masked=self.masked)

    def _workbook(self) -> Tables | None:
        if not self._read and not self.masked:
            self._read = True
            try:
                self._tables = load_tables(self.office)
            except EliteError:  # codes and addresses, and no names
                self._tables = None
        return self._tables


def _instants(column: pd.Series[Any]) -> pd.Series[Any]:
    return pd.to_datetime(column, utc=True)
