"""The tab *Envoi du mois*: choose a month, tick, write, send, watch."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import ipywidgets as widgets

from elite_lib import batch as batches
from elite_lib import launcher, secrets
from elite_lib.batch import Office, Prepared
from elite_lib.exceptions import ConfigError
from elite_lib.labels import _, ngettext
from elite_lib.models import EntryKind, Period, Tables
from elite_lib.ui import figures, panels, slip
from elite_lib.ui.banner import Banner
from elite_lib.ui.checklist import Checklist
from elite_lib.ui.following import Follower, RunView
from elite_lib.ui.message import MessagePanel
from elite_lib.ui.month import Month, has_remainder, months
from elite_lib.ui.period import PeriodPanel, default_month
from elite_lib.ui.progress import ProgressPanel
from elite_lib.ui.rows import due
from elite_lib.ui.sending import Confirmation, SendPanel
from elite_lib.ui.spawning import spawn


class DispatchTab:
    """The tab's panels, and what passes between them."""

    title = property(lambda _self: _("Sending of the month"))

    def __init__(self, office: Office) -> None:
        self.office = office
        self.month: Month | None = None
        self.launched: launcher.Launched | None = None
        self.view: RunView | None = None
        self.busy = False  # a batch is being prepared
        self.tables: Tables | None = None
        self.notice = panels.Notice()
        self.banner = Banner(office)
        guarded = self.notice.guarded
        self.period = PeriodPanel(guarded(self.choose))
        self.reload_button = panels.button(_("Read the workbook again"), guarded(self.reload))
        self.figures, self.problems, self.slip = widgets.HTML(), widgets.HTML(), widgets.HTML()
        self.checklist = Checklist(caption=_("Invoices of the period"))
        self.checklist.observe(lambda _change: self._show_readiness(), names="selected")
        self.message = MessagePanel(office.settings.wording, on_change=self._show_readiness_later)
        self.progress = ProgressPanel(self.order_run)
        self.send = SendPanel(on_ask=self.ask, on_confirm=self.confirm)
        self.follower = Follower(office)
        self.body = panels.column(
            self.figures,
            self.problems,
            self.progress.widget,
            panels.column(panels.heading(_("Invoices")), self.checklist, style="elite-card"),
            self.message.widget,
            self.send.widget,
            panels.column(panels.heading(_("Dispatch slip")), self.slip, style="elite-card"),
        )
        top = panels.row(self.period.widget, self.reload_button, style="elite-head")
        self.widget = panels.column(top, self.banner.widget, self.notice, self.body)
        guarded(self.reload)()

    def opened(self) -> None:
        """Look at once: much may have happened while another tab was shown."""
        self.look()

    # -- the month -------------------------------------------------------------------------------

    def reload(self) -> None:
        """Read the workbook, and stay on the period if it is still there."""
        panels.show(self.body, False)
        self.notice.clear()
        tables = batches.load_tables(self.office)
        self.tables = tables
        self.banner.look(tables)
        known = months(tables)
        period = self.period.period
        if period is None or not {period.first, period.last} <= set(known):
            chosen = default_month(known, lambda month: has_remainder(self.office, tables, month))
            self.period.fill(known, chosen=chosen)
            period = self.period.period
        if period is None:
            raise ConfigError("no_invoice", file=tables.file)
        self.choose(period)

    def choose(self, period: Period) -> None:
        """Show another period."""
        if self.tables is None:
            return
        self.notice.clear()
        self.month = Month(self.office, self.tables, period)
        rows = self.month.rows()
        self.checklist.fill(rows, selected=due(rows))
        self.problems.value = figures.problems(self.month.plan.problems)
        self._show_sums()
        panels.show(self.body, True)
        self.look()
        self._show_readiness()

    def _show_sums(self) -> None:
        if self.month is not None:
            self.figures.value = figures.figures(self.month.slip)
            self.slip.value = slip.table(self.month.slip)

    def _show_readiness_later(self) -> None:
        if hasattr(self, "send"):  # the message is checked once while the page is being built
            self._show_readiness()

    def _show_readiness(self) -> None:
        """Say beside the Send button what it would send, or why it cannot."""
        count = len(self.checklist.selected)
        if self.busy:
            return
        if self.office.settings.mail is None:
            text, enabled = _("The mail account is not filled in: see [mail] in elite.toml."), False
        elif self._running():
            text, enabled = _("A sending is under way: the next one can follow it."), False
        elif not self.message.valid:
            text, enabled = _("Correct the message first."), False
        elif not count:
            text, enabled = _("Tick the lines to send."), False
        else:
            text = ngettext("{n} line ticked", "{n} lines ticked", count).format(n=count)
            enabled = True
        self.send.ready(text, enabled=enabled)

    def _running(self) -> bool:
        return self.launched is not None or (self.view is not None and self.view.active)

    # -- sending ---------------------------------------------------------------------------------

    def ask(self) -> None:
        """Repeat what is about to leave."""
        if self.month is not None:
            shown = self.month.rows()
            self.send.ask(self.month.intent(self.checklist.selected, due(shown)))

    def confirm(self, confirmation: Confirmation) -> None:
        """Freeze what was confirmed, then start the run; the page only watches from then on."""
        month = self.month
        if month is None or self.busy:
            return
        if month.intent((), ()).login and not confirmation.password:
            secrets.find("mail", home=self.office.settings.home, environ={})  # says what is missing
        order = month.order(
            self.checklist.selected,
            month.rows(),
            wording=self.message.wording,
            leave_out=confirmation.leave_out,
        )
        environ = {"ELITE_MAIL_PASSWORD": confirmation.password} if confirmation.password else {}
        self.busy = True
        self.follower.attach("")  # the run before this one is history
        self.progress.clear()
        self.send.working(_("The documents are being made… Keep this page open until the sending starts."))
        spawn(self._freeze_and_start(order.freeze, environ))

    async def _freeze_and_start(self, freeze: Callable[[], Prepared], environ: dict[str, str]) -> None:
        try:
            prepared = await asyncio.to_thread(freeze)
            self._start(prepared, environ)
        except Exception as error:
            self.send.notice.fail(error)
        finally:
            self.busy = False
            self.look()
            self._show_readiness()

    def _start(self, prepared: Prepared, environ: dict[str, str]) -> None:
        if self.month is not None:
            self.month.found = prepared.problems
        if not prepared.batch.messages:
            self.send.notice.tell(_("Nothing is ready to leave: see the reasons in the list."))
            return
        self.launched = launcher.start(
            self.office, prepared.plan.period.key, batch=prepared.batch.id, send=True, environ=environ
        )
        self.follower.attach(self.launched.launch.run)
        self.progress.starting()

    # -- the run ---------------------------------------------------------------------------------

    def order_run(self, kind: EntryKind) -> None:
        """Ask the run to pause, go on or stop."""
        launcher.request(self.office, kind, run=self.follower.run)
        self.look()

    def look(self) -> None:
        """Look at the journal once, and show what changed."""
        if self.month is None:
            return
        fresh = self.follower.fresh()
        if fresh:
            about = self.month.absorb(fresh)
            if about is None or about:
                self.checklist.patch(self.month.rows(about))
                self._show_sums()
        before, self.view = self.view, self.follower.view()
        if self.launched is not None:
            self._watch_start(self.launched)
        if self.launched is None and (self.view is not None or before is not None):
            self.progress.update(self.view, self.month.names())
        if bool(before and before.active) != bool(self.view and self.view.active):
            if before and before.active:  # ended or killed: what it left in doubt is shown now
                self.month.refresh()
                self.checklist.patch(self.month.rows())
                self._show_sums()
            self._show_readiness()

    def _watch_start(self, launched: launcher.Launched) -> None:
        """Wait for the run's first words; its process may die before them."""
        spoke = self.view is not None and self.view.run == launched.launch.run
        if spoke:
            self.launched = None
        elif launched.process.poll() is not None:
            self.launched = None
            self.progress.failed(str(launched.launch.folder))
            self._show_readiness()
