"""The tab *Journal*: the invoices of a period or of one resident, each with its sign."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ipywidgets as widgets
import pandas as pd

from elite_lib import batch as batches
from elite_lib import reports, selection
from elite_lib.batch import Office
from elite_lib.exceptions import ConfigError
from elite_lib.labels import _
from elite_lib.models import Period, Tables
from elite_lib.selection.building import families
from elite_lib.ui import panels
from elite_lib.ui.downloads import XLSX, Download, File
from elite_lib.ui.journal import exports, ways
from elite_lib.ui.journal.invoice import InvoicePanel
from elite_lib.ui.journal.rows import build
from elite_lib.ui.journal.sending import Family, SendPanel
from elite_lib.ui.journal.table import JournalTable
from elite_lib.ui.period import PeriodPanel
from elite_lib.ui.spawning import spawn

_STYLE = Path(__file__).parent.parent / "static" / "journal.css"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """What a thread read: the workbook where it changed, and the journal of what is chosen."""

    stamp: float
    tables: Tables
    months: tuple[str, ...]
    period: Period
    journal: pd.DataFrame
    mark: int


class JournalTab:
    """The tab's panels. Nothing is read, and nothing of it is on the page, before it is opened once."""

    title = property(lambda _self: _("Journal"))

    def __init__(self, office: Office) -> None:
        self.office = office
        self.journal: pd.DataFrame | None = None
        self.sending: SendPanel | None = None
        self.station = ways.environment()
        self._read: _Read | None = None
        self._asked = 0
        self.notice = panels.Notice()
        guarded = self.notice.guarded
        self.period = PeriodPanel(lambda _period: self.refresh())
        self.resident = widgets.Dropdown(description=_("Resident"), options=[(_("all residents"), "")])
        self.resident.add_class("elite-field")
        self.resident.add_class("elite-broad")
        self.resident.observe(lambda _change: self._chosen(), names="value")
        self.again = panels.button(_("Read again"), guarded(self.refresh))
        self.clear = widgets.Checkbox(description=_("Whole addresses"), indent=False)
        self.clear.add_class("elite-check")
        self.xlsx = Download(_("Export (.xlsx)"), lambda: self._file("xlsx"))
        self.csv = Download(_("Export (.csv)"), lambda: self._file("csv"))
        self.table = JournalTable(on_open=guarded(self.open), on_write=guarded(self.write))
        self.invoice = InvoicePanel(
            office, on_change=self.refresh, on_write=guarded(self.write), on_close=self._closed
        )
        self.place = panels.column()  # of the form that sends one
        self.widget = panels.column()

    def _laid_out(self) -> tuple[Any, ...]:
        style = widgets.HTML(f"<style>{_STYLE.read_text(encoding='utf-8')}</style>")
        chosen = panels.row(
            self.period.widget, self.resident, self.again, style="elite-actions elite-end"
        )  # fmt: skip
        exported = panels.row(self.xlsx, self.csv, self.clear, style="elite-actions")
        table = panels.column(panels.heading(_("Invoice journal")), self.table, exported, style="elite-card")
        head = panels.row(chosen, style="elite-head")
        return style, head, self.notice, table, self.invoice.widget, self.place

    def adopt(self, office: Office) -> None:
        """Work with changed settings."""
        self.office = office
        self._read = None
        self.invoice.adopt(office)

    def opened(self) -> None:
        """Read what is new, if there is anything."""
        if not self.widget.children:
            self.widget.children = self._laid_out()
        if self._read is None or self.office.journal.mark().entry != self._read.mark:
            self.refresh()

    def _chosen(self) -> None:
        panels.show(self.period.widget, not self.resident.value)
        self.refresh()

    def refresh(self) -> None:
        """Read everything again but an unchanged workbook, beside the page."""
        self._asked += 1
        spawn(self._refresh(self._asked))

    async def _refresh(self, asked: int) -> None:
        try:
            found = await asyncio.to_thread(
                _read, self.office, self._read, self.period.period, str(self.resident.value)
            )
            if asked == self._asked:
                self._take(found)
                self.notice.clear()
        except Exception as error:
            self.notice.fail(error)

    def _take(self, found: _Read) -> None:
        fresh = self._read is None or found.stamp != self._read.stamp
        self._read, self.journal = found, found.journal
        self.table.rows = build(found.journal)
        if fresh:
            self.period.fill(found.months, chosen=found.period.first)
            self._name_residents(found.tables)
        row = self._row(self.invoice.key)
        if row is not None:
            self.invoice.show(row)

    def _name_residents(self, tables: Tables) -> None:
        people = [family.resident for family in families(tables).values()]
        named = sorted((f"{one.last_name.upper()} {one.first_name}", one.code) for one in people)
        chosen = self.resident.value
        with self.resident.hold_trait_notifications():
            self.resident.options = [
                (_("all residents"), ""),
                *((f"{panels.quoted(n)} ({c})", c) for n, c in named),
            ]
            self.resident.value = chosen if chosen in {code for _name, code in named} else ""

    def _row(self, key: str) -> dict[str, Any] | None:
        return next((row for row in self.table.rows if row["key"] == key), None)

    # -- one line --------------------------------------------------------------------------------

    def open(self, key: str) -> None:
        """Show the history of an invoice."""
        row = self._row(key)
        if row is not None:
            self.table.current = key
            self.invoice.show(row)
            self._drop()
            self.table.reach(".elite-invoice .elite-main")

    def write(self, key: str) -> None:
        """Open the form that sends this invoice alone."""
        row = self._row(key)
        if row is None or self._read is None:
            return
        if self.office.settings.mail is None:
            raise ConfigError("mail_missing", file=str(self.office.settings.home.toml))
        self.table.current = key
        self.invoice.show(row)
        tables = self._read.tables
        people = batches.addressees(self.office, key, tables=tables)
        family = families(tables).get(str(self._facts(key)["resident"]))
        deceased = family is not None and family.resident.death_date is not None
        self.sending = SendPanel(
            self.office,
            key,
            Family(tables=tables, people=people, deceased=deceased),
            title=f"{row['number']} – {row['resident']}",
            station=self.station,
            on_change=self.refresh,
            on_close=self._dropped,
        )
        self.place.children = [self.sending.widget]
        where = ".fam-list" if people else ".elite-single input[type=text]"
        self.table.reach(f".elite-single {where}" if people else where)

    def _facts(self, key: str) -> dict[Any, Any]:
        assert self.journal is not None  # noqa: S101 (a row is shown)
        return next(facts for facts in self.journal.to_dict("records") if facts["number"] == key)

    def _drop(self) -> None:
        self.sending, self.place.children = None, []

    def _dropped(self) -> None:
        self._drop()
        self.table.reach(".elite-invoice .elite-main")

    def _closed(self) -> None:
        key = self.invoice.key
        self._drop()
        self.invoice.hide()
        self.table.back(key)

    # -- files -----------------------------------------------------------------------------------

    def _file(self, kind: str) -> File | None:
        if self.journal is None or self._read is None:
            return None
        clear = bool(self.clear.value)
        name = _("invoice-journal_{month}").format(month=self._read.period.key.replace("..", "_"))
        if kind == "csv":
            content = exports.as_csv(self.journal, clear=clear)
            return File(name=f"{name}.csv", content=content, media_type="text/csv")
        return File(name=f"{name}.xlsx", content=exports.xlsx(self.journal, clear=clear), media_type=XLSX)


def _read(office: Office, known: _Read | None, period: Period | None, resident: str) -> _Read:
    """Read with a journal of this thread's own. Of one resident: every month.

    Raises:
        SourceError, JournalError. ConfigError: ``no_invoice``.
    """
    source = office.settings.data.source
    stamp = source.stat().st_mtime if source.is_file() else 0.0  # a folder, or none: read anew
    with batches.open_home(office.settings.home.root, operator=office.operator) as mine:
        mark = mine.journal.mark().entry
        kept = known is not None and stamp != 0.0 and stamp == known.stamp
        tables = known.tables if kept and known is not None else batches.load_tables(mine)
        months = selection.months(tables)
        if not months:
            raise ConfigError("no_invoice", file=tables.file)
        if resident:
            period = Period(first=months[0], last=months[-1])
        elif period is None or not {period.first, period.last} <= set(months):
            period = Period(first=months[-1], last=months[-1])
        journal = reports.invoice_journal(mine, period, resident=resident, tables=tables)
    return _Read(stamp=stamp, tables=tables, months=months, period=period, journal=journal, mark=mark)
