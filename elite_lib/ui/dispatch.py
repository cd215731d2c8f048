"""The tab *Envoi du mois*: choose a month, tick, enclose, write, try, send, watch, settle."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import ipywidgets as widgets

from elite_lib import batch as batches
from elite_lib.batch import Office
from elite_lib.exceptions import ConfigError
from elite_lib.labels import _, ngettext
from elite_lib.models import EntryKind, Period, Resolution, Tables
from elite_lib.ui import figures, panels, reading
from elite_lib.ui.asking import Question
from elite_lib.ui.banner import Banner
from elite_lib.ui.cadence import CadencePanel
from elite_lib.ui.checklist import Checklist
from elite_lib.ui.enclosing import EnclosurePanel
from elite_lib.ui.message import MessagePanel
from elite_lib.ui.month import Month, months
from elite_lib.ui.papers import PaperPanel
from elite_lib.ui.period import PeriodPanel
from elite_lib.ui.preview import PreviewPanel
from elite_lib.ui.rows import due
from elite_lib.ui.running import RunPanel
from elite_lib.ui.slip import SlipTable
from elite_lib.ui.spawning import Later, is_looping, spawn
from elite_lib.ui.trying import TestOrder, TryingPanel
from elite_lib.ui.weighing import Weigher
from elite_lib.ui.workbook import WorkbookPanel

_DRAWN = 1.5  # seconds: the list is drawn before the first preview is made


class DispatchTab:
    """The tab's panels, and what passes between them."""

    def __init__(self, office: Office, *, on_saved: panels.Action = lambda: None) -> None:
        self.office = office
        self.on_saved = on_saved
        self.month: Month | None = None
        self.tables: Tables | None = None
        self.title = _("Sending of the month")
        self._make_panels()
        self.widget = self._lay_out()
        if is_looping():
            self._await_reading()
            self.notice.tell(_("The workbook is being read…"), kind="info")
            spawn(self._first())
        else:
            self.notice.guarded(self.reload)()

    def _make_panels(self) -> None:
        office, settings = self.office, self.office.settings
        self.notice = panels.Notice()
        guarded = self.notice.guarded
        self.forecast = Later(guarded(self._forecast), after=0.3)
        self.repaint = Later(guarded(self._preview), after=0.25)
        self.banner = Banner(office)
        self.period = PeriodPanel(guarded(self.choose))
        self.workbook = WorkbookPanel(on_reload=guarded(self.reload))
        self.figures = widgets.HTML()
        self.checklist = Checklist(caption=_("Invoices of the period"))
        self.checklist.observe(self._ticked, names="selected")
        self.checklist.observe(lambda _change: guarded(self._point)(), names="current")
        self.checklist.on_ask = guarded(self._ask_again)
        self.again = Question(_("Yes, send once more"), _("No"))
        self.run = RunPanel(self)
        self.settled = panels.Notice()
        self.slip = SlipTable(on_settle=self.settled.guarded(self.settle), on_show=self.checklist.show_group)
        self.preview = PreviewPanel(office, on_step=self._step)
        self.enclosures = EnclosurePanel(office, on_change=self._enclosed, weight=self._weight)
        self.cadence = CadencePanel(settings.pace, on_change=self.changed)
        self.message = MessagePanel(settings, on_change=self._written, on_saved=self.on_saved)
        self.trying = TryingPanel(
            office,
            order=self._test_order,
            ticked=lambda: (self.checklist.current, self.checklist.selected),
            rehearse=lambda: self.run.order(leave_out=False).rehearse,
        )
        self.papers = PaperPanel(office, slip=lambda: self.month.slip if self.month else None)
        self.weigher = Weigher(office, on_weighed=self._weighed)

    def _lay_out(self) -> panels.Widget:
        self.body = panels.column(
            self.figures,
            self.workbook.widget,
            panels.section(_("Recipients"), self.again.widget, self.checklist),
            panels.section(_("Attachments"), self.enclosures.widget),
            panels.section(
                _("Message"), panels.row(self.message.widget, self.preview.widget, style="elite-halves")
            ),
            panels.section(_("Pace"), self.cadence.widget),
            panels.section(_("Try before sending"), self.trying.widget),
            self.run.widget,
            self.run.progress.widget,
            panels.section(_("Dispatch slip"), self.settled, self.slip, self.papers.widget),
        )
        top = panels.row(self.period.widget, self.workbook.head, style="elite-head")
        return panels.column(top, self.banner.widget, self.notice, self.body)

    def opened(self) -> None:
        """Look at once: much may have happened while another tab was shown."""
        self.look()

    def adopt(self, office: Office) -> None:
        """Work with changed settings; what was typed and ticked stays."""
        self.office = office
        for part in (self.banner, self.preview, self.trying, self.papers, self.weigher, self.run.follower):
            part.office = office
        self.trying.adopt(office)
        self.enclosures.adopt(office)
        self.message.adopt(office.settings)
        self.cadence.adopt(office.settings.pace)
        if self.month is not None:
            self.month.office = office
        self.changed()
        self.repaint()

    # -- the month -------------------------------------------------------------------------------

    def reload(self) -> None:
        """Read the workbook, and stay on the period if it is still there."""
        self._await_reading()
        self._take(reading.read(self.office, shown=self.period.period))

    async def _first(self) -> None:
        """Read beside the page, which is drawn meanwhile; two readings never overlap."""
        office = self.office
        try:
            self._take(await asyncio.to_thread(reading.read, office, shown=None))
        except Exception as error:
            self.notice.fail(error)

    def _await_reading(self) -> None:
        panels.show(self.body, False)
        self.notice.clear()
        self.workbook.read(self.office.settings.data.source)

    def _take(self, read: reading.Reading) -> None:
        self.notice.clear()
        self.tables = read.tables
        self.banner.look(read.tables)
        if read.chosen:
            self.period.fill(read.months, chosen=read.chosen, years=read.years)
        self._show(read.month)

    def choose(self, period: Period) -> None:
        """Show another period."""
        if self.tables is not None:
            self.notice.clear()
            self._show(reading.month_of(self.office, self.tables, period))

    def _show(self, month: Month) -> None:
        self.again.drop()
        self.weigher.stop()
        self.month = month
        self.month.look_at_enclosures()
        rows = self.month.rows()
        self.checklist.fill(rows, selected=due(rows))
        self.enclosures.show_period(month.period, months(month.tables))
        self.message.show_period(month.period)
        self.workbook.show(self.month.plan.problems)
        self.show_sums()
        panels.show(self.body, True)
        self.look()
        self._point()
        self.repaint(after=_DRAWN)
        self.changed()
        self._weigh()

    def show_sums(self) -> None:
        """Draw figures and slip again."""
        if self.month is not None:
            self.figures.value = figures.figures(self.month.slip)
            self.slip.fill(self.month.slip)

    def look(self) -> None:
        """Look at the journal, at a test and at the workbook once, and show what changed."""
        if self.month is not None:
            self.run.look()
            self.trying.look()
            self.workbook.look(self.office.settings.data.source)

    # -- what is ticked, pointed at, enclosed, written ----------------------------------------------

    def changed(self) -> None:
        """Say beside the Send button what it would send now, and when that would end."""
        if hasattr(self, "body"):  # panels speak up while the page is being built
            self.run.show_readiness()
            self.forecast()

    def _ticked(self, _change: object) -> None:
        self.changed()
        if self.office.settings.wording.group:
            self.repaint()  # who is ticked shares a guardian's message

    def _forecast(self) -> None:
        month, ticked = self.month, self.checklist.selected
        if month is None or self.office.settings.mail is None or not ticked or not self.cadence.valid:
            self.cadence.expect(None)
            return
        self.cadence.expect(month.intent(ticked, (), pace=self.cadence.pace).expected_end)

    def _ask_again(self, key: str) -> None:
        month = self.month
        if month is None:
            return
        (row,) = month.rows({key})
        text = _("{number}, {resident}: sent already, {when}. Send it once more?")

        def allow() -> None:
            month.beside.again.add(key)
            self.checklist.patch(month.rows({key}))
            self.checklist.selected = [*self.checklist.selected, key]

        self.again.ask(
            text.format(number=row.number, resident=row.resident, when=row.when),
            allow,
            after=lambda: self.checklist.focus_row(key),
        )

    def _point(self) -> None:
        line = self.month.line(self.checklist.current) if self.month is not None else None
        self.enclosures.show_line(line)
        self.repaint()

    def _step(self, by: int) -> None:
        keys = [row["key"] for row in self.checklist.rows]
        if self.checklist.current in keys:
            at = keys.index(self.checklist.current) + by
            self.checklist.current = keys[min(max(at, 0), len(keys) - 1)]

    def _written(self) -> None:
        self.changed()
        if hasattr(self, "body"):
            self.repaint()

    def _preview(self) -> None:
        line = self.month.line(self.checklist.current) if self.month is not None else None
        if self.message.valid:
            self.preview.show(self.month, line, self.message.wording, ticked=self.checklist.selected)

    def _enclosed(self, keys: Sequence[str] | None) -> None:
        if self.month is None:
            return
        self.month.look_at_enclosures()
        self.checklist.patch(self.month.rows(keys))
        self._weigh(keys)
        self.repaint()

    def _weigh(self, only: Sequence[str] | None = None) -> None:
        if self.month is not None and self.office.settings.mail is not None:
            spawn(self.weigher.weigh(self.month, self.message.wording, only=only), later=True)

    def _weighed(self, keys: Sequence[str]) -> None:
        if self.month is not None:
            self.checklist.patch(self.month.rows(keys))

    def _weight(self, key: str | None) -> int:
        weights = self.month.beside.weights if self.month is not None else {}
        return max(weights.values(), default=0) if key is None else weights.get(key, 0)

    def _test_order(self, lines: Sequence[str]) -> TestOrder:
        if self.month is None or not self.message.valid:
            raise ConfigError("test_empty")
        month = self.month
        return TestOrder(period=month.period, lines=lines, wording=self.message.wording, tables=month.tables)

    # -- what a person settles, and orders -----------------------------------------------------------

    def settle(self, key: str, resolution: Resolution, to: Sequence[str]) -> None:
        """Note a person's word about a line, under their name; it can be ticked then, if it may leave."""
        if self.month is not None:
            batches.settle(self.office, self.month.period, key, resolution=resolution, to=to)
            self.settled.clear()
            self.look()

    def order_run(self, kind: EntryKind) -> None:
        """Ask the run to pause, go on or stop."""
        self.run.order_run(kind)

    @property
    def readiness(self) -> tuple[str, bool]:
        """Say what the Send button would send, or why it cannot."""
        count = len(self.checklist.selected)
        if self.office.settings.mail is None:
            return _("The mail account is not filled in: see [mail] in elite.toml."), False
        if self.run.under_way:
            return _("A sending is under way: the next one can follow it."), False
        if not self.message.valid:
            return _("Correct the message first."), False
        if not self.cadence.valid:
            return _("Correct the pace first."), False
        if not count:
            return _("Tick the lines to send."), False
        return ngettext("{n} line ticked", "{n} lines ticked", count).format(n=count), True
