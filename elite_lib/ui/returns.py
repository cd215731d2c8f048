"""The tab *Retours*: whom to call, what is ours to mend, addresses set aside, receipts, the analysis."""

from __future__ import annotations

import asyncio
import datetime as dt
from pathlib import Path
from typing import Any

import ipywidgets as widgets
from markupsafe import Markup

from elite_lib import batch as batches
from elite_lib import notices
from elite_lib.batch import Collected, Office
from elite_lib.exceptions import EliteError
from elite_lib.labels import _, explain, ngettext
from elite_lib.models import Period, Tables
from elite_lib.notices import ReturnSheet
from elite_lib.reports.drawing import Drawings
from elite_lib.ui import panels
from elite_lib.ui.analysis import months_sent
from elite_lib.ui.aside import AsideList, rows
from elite_lib.ui.downloads import XLSX, Download, File
from elite_lib.ui.period import PeriodPanel
from elite_lib.ui.spawning import spawn

_STYLE = Path(__file__).parent / "static" / "returns.css"


class ReturnsTab:
    """The tab's panels. Nothing is read before it is opened for the first time."""

    title = property(lambda _self: _("Returns"))

    def __init__(self, office: Office) -> None:
        self.office = office
        self.sheet: ReturnSheet | None = None
        self._seen = -1  # the journal's last entry that is shown
        self._workbook: tuple[float, Tables | None] = (-1.0, None)
        self.notice = panels.Notice()
        guarded = self.notice.guarded
        self.period = PeriodPanel(guarded(self.choose))
        self.collect_button = panels.button(_("Collect now"), guarded(self.collect), style="elite-main")
        self.banner, self.list = widgets.HTML(), widgets.HTML()
        self.xlsx = Download(_("Sheet of returns (.xlsx)"), self._file_xlsx)
        self.pdf = Download(_("Sheet of returns (PDF)"), self._file_pdf)
        self.aside = AsideList(guarded(self.clear))
        self.receipts, self.analysis = widgets.HTML(), widgets.HTML()
        self.study = panels.button(_("Show the analysis"), guarded(self.analyse))
        self.widget = self._laid_out()

    def _laid_out(self) -> Any:
        style = widgets.HTML(f"<style>{_STYLE.read_text(encoding='utf-8')}</style>")
        top = panels.row(self.period.widget, self.collect_button, style="elite-head")
        exports = panels.row(self.xlsx, self.pdf, style="elite-actions")
        return panels.column(
            style,
            top,
            self.notice,
            self.banner,
            panels.column(panels.heading(_("Sheet of returns")), self.list, exports, style="elite-card"),
            panels.column(panels.heading(_("Addresses set aside")), self.aside, style="elite-card"),
            panels.column(panels.heading(_("Read receipts")), self.receipts, style="elite-card"),
            panels.column(panels.heading(_("Analysis")), self.study, self.analysis, style="elite-card"),
        )

    def adopt(self, office: Office) -> None:
        """Work with changed settings."""
        self.office = office
        self._seen = -1

    def opened(self) -> None:
        """Read what is new, if there is anything."""
        self.notice.guarded(self._open)()

    def _open(self) -> None:
        if self.office.journal.mark().entry == self._seen:
            return
        months = months_sent(self.office)
        known = self.period.period
        if known is None or not {known.first, known.last} <= set(months):
            self.period.fill(months, chosen=months[-1] if months else "")
        self.refresh()

    def choose(self, _period: Period) -> None:
        """Show another period."""
        self.refresh()

    def refresh(self) -> None:
        """Read everything again but an unchanged workbook.

        Raises:
            JournalError: it cannot be read.
        """
        self._seen = self.office.journal.mark().entry
        period, tables = self.period.period, self._tables()
        self.sheet = notices.return_sheet(self.office, period, tables=tables)
        self.banner.value = notices.banner_html(self.sheet)
        self.list.value = notices.sheet_html(self.sheet, banner=False)
        found = notices.findings(self.office, tables=tables)
        self.aside.rows = rows(batches.addresses_set_aside(self.office), found)
        self.receipts.value = self._drawings().receipts()
        self.analysis.value = ""
        panels.show(self.study, True)

    def _tables(self) -> Tables | None:
        """Read the workbook where it changed; without it there are codes and addresses, no names."""
        source = self.office.settings.data.source
        try:
            stamp = source.stat().st_mtime if source.is_file() else dt.datetime.now(dt.UTC).timestamp()
            if stamp != self._workbook[0]:
                self._workbook = (stamp, batches.load_tables(self.office))
        except (EliteError, OSError):
            self._workbook = (-1.0, None)
        return self._workbook[1]

    # -- what is pressed -------------------------------------------------------------------------

    def collect(self) -> None:
        """Read the mailbox for what came back, beside the page."""
        self.collect_button.disabled = True
        self.notice.tell(_("The returns are being collected…"), kind="info")
        spawn(self._collect())

    async def _collect(self) -> None:
        try:
            found = await asyncio.to_thread(self._collected)
            self.refresh()
            self._tell(found)
        except Exception as error:
            self.notice.fail(error)
        finally:
            self.collect_button.disabled = False

    def _collected(self) -> Collected:
        with batches.open_home(self.office.settings.home.root, operator=self.office.operator) as office:
            return batches.collect(office)

    def _tell(self, found: Collected) -> None:
        if found.errors:
            self.notice.tell("\n".join(explain(error) for error in found.errors))
            return
        text = ngettext(
            "{n} new return, of {read} messages read.",
            "{n} new returns, of {read} messages read.",
            found.returns,
        )
        self.notice.tell(text.format(n=found.returns, read=found.read), kind="good")

    def clear(self, address: str) -> None:
        """Take an address up again, by the word of who presses the button."""
        batches.clear_address(self.office, address)
        self.refresh()
        self.notice.tell(_("{address} is written to again from now on.").format(address=address), kind="good")

    def analyse(self) -> None:
        """Draw the charts, beside the page: that takes some seconds the first time."""
        self.study.disabled = True
        self.notice.tell(_("The charts are being drawn…"), kind="info")
        spawn(self._analyse())

    async def _analyse(self) -> None:
        try:
            self.analysis.value = await asyncio.to_thread(self._pieces, self._drawings())
            panels.show(self.study, False)
            self.notice.clear()
        except Exception as error:
            self.notice.fail(error)
        finally:
            self.study.disabled = False

    @staticmethod
    def _pieces(drawn: Drawings) -> str:
        pieces = [drawn.rates("provider"), drawn.rates("month"), drawn.rates("class"), drawn.delays()]
        pieces += [drawn.deferrals(), _titled(_("Suggested pace"), drawn.pace())]
        return "".join([*pieces, _titled(_("Addresses that fail most"), drawn.worst())])

    def _drawings(self) -> Drawings:
        return Drawings(self.office, self.period.period, tables=self._workbook[1])

    # -- files -----------------------------------------------------------------------------------

    def _file_xlsx(self) -> File | None:
        if self.sheet is None:
            return None
        return File(name=f"{self._name()}.xlsx", content=notices.sheet_xlsx(self.sheet), media_type=XLSX)

    def _file_pdf(self) -> File | None:
        from elite_lib.notices.calls_pdf import sheet_pdf  # noqa: PLC0415 (reportlab: only who prints pays)

        if self.sheet is None:
            return None
        settings = self.office.settings
        content = sheet_pdf(
            self.sheet,
            establishment=settings.establishment,
            now=dt.datetime.now(dt.UTC),
            language=settings.language,
        )
        return File(name=f"{self._name()}.pdf", content=content, media_type="application/pdf")

    def _name(self) -> str:
        period = self.period.period
        return _("returns_{month}").format(month=period.key.replace("..", "_") if period else "")


def _titled(title: str, drawn: str) -> str:
    return str(Markup("<h3>{}</h3>").format(title) + Markup(drawn))  # noqa: S704 (escaped where it is drawn)
