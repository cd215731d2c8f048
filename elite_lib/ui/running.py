"""Send: ask, freeze what was confirmed, start the run, follow it in the journal."""

from __future__ import annotations

import asyncio
import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

from elite_lib import launcher, secrets
from elite_lib.batch import Prepared
from elite_lib.exceptions import ConfigError
from elite_lib.labels import _
from elite_lib.models import EntryKind
from elite_lib.ui import panels
from elite_lib.ui.following import Follower, RunView
from elite_lib.ui.month import Order
from elite_lib.ui.progress import ProgressPanel
from elite_lib.ui.rows import due
from elite_lib.ui.sending import Confirmation, Intent, SendPanel
from elite_lib.ui.spawning import spawn

if TYPE_CHECKING:
    from elite_lib.ui.dispatch import DispatchTab


_ANY_END = dt.datetime.min.replace(tzinfo=dt.UTC)


class RunPanel:
    """The Send bar and the progress, always in sight; the page only watches once a run was started."""

    def __init__(self, tab: DispatchTab) -> None:
        self.tab = tab
        self.launched: launcher.Launched | None = None
        self.view: RunView | None = None
        self.busy = False  # a batch is being prepared
        self.asked: object = None  # what the question on the page repeats
        self.follower = Follower(tab.office)
        self.progress = ProgressPanel(self.order_run)
        self.send = SendPanel(on_ask=self.ask, on_confirm=self.confirm, on_resume=self.resume)
        # the strip is above to the eye; from the confirmation, Tab leads to Pause and Stop
        self.widget = panels.column(self.send.widget, self.progress.strip, style="elite-sticky")

    @property
    def under_way(self) -> bool:
        return self.busy or self.launched is not None or (self.view is not None and self.view.active)

    def show_readiness(self) -> None:
        """Say beside the Send button what it would send, or why it cannot."""
        if self.busy:
            return
        text, enabled = self.tab.readiness
        self.send.ready(text, enabled=enabled)
        month = self.tab.month
        waiting = month.waiting() if month is not None and not self.under_way and self._cut_short else 0
        self.send.resumable(waiting)
        panels.show(self.send.widget, not (self.view is not None and self.view.active))

    @property
    def _cut_short(self) -> bool:
        """Tell whether the newest batch was begun: one that only waits is sent by Send."""
        month = self.tab.month
        if month is None or month.batch is None:
            return False
        batch = month.batch.id
        tried = (EntryKind.ATTEMPTING, EntryKind.VERDICT)
        known = any(entry.batch == batch and entry.kind in tried for entry in month.entries)
        return known or (self.view is not None and self.view.batch == batch)

    # -- sending ---------------------------------------------------------------------------------

    def ask(self) -> None:
        """Repeat what is about to leave."""
        tab, month = self.tab, self.tab.month
        if month is None:
            return
        tab.forecast()
        besides = []
        if tab.enclosures.names:
            besides.append((_("Attached for everybody"), ", ".join(tab.enclosures.names)))
        if tab.message.receipt.value:
            besides.append((_("Read receipt"), _("asked for")))
        if tab.cadence.changes:
            besides.append((_("Pace"), _("changed; saved in the settings")))
        intent = month.intent(tab.checklist.selected, due(month.rows()), pace=tab.cadence.pace)
        self.asked = self._looks(intent)
        self.send.ask(intent, besides=besides)

    def _looks(self, intent: Intent) -> object:
        """Say what a person agrees to: a tick or a word that reaches us later is not in it."""
        tab = self.tab
        told = replace(intent, expected_end=_ANY_END)
        pace, logo = sorted(tab.cadence.changes.items()), sorted(tab.message.changes.items())
        return told, tuple(tab.checklist.selected), tab.enclosures.names, tab.message.wording, pace, logo

    def order(self, *, leave_out: bool) -> Order:
        """Put what is on the page in values.

        Raises:
            ConfigError: no period is shown.
        """
        tab, month = self.tab, self.tab.month
        if month is None:
            raise ConfigError("no_invoice", file=str(tab.office.settings.data.source))
        return month.order(
            tab.checklist.selected,
            month.rows(),
            wording=tab.message.wording,
            leave_out=leave_out,
            settings={"pace": tab.cadence.changes, "message": tab.message.changes},
        )

    def confirm(self, confirmation: Confirmation) -> None:
        """Freeze what was confirmed, then start the run; the page only watches from then on."""
        if self.tab.month is None or self.under_way:
            return
        self._require_password(confirmation.password)
        tab, month = self.tab, self.tab.month
        intent = month.intent(tab.checklist.selected, due(month.rows()), pace=tab.cadence.pace)
        if self._looks(intent) != self.asked:
            self.ask()
            self.send.notice.tell(_("Something changed meanwhile: look again, then confirm."), kind="warn")
            return
        order = self.order(leave_out=confirmation.leave_out)
        environ = {"ELITE_MAIL_PASSWORD": confirmation.password} if confirmation.password else {}
        self.busy = True
        self.follower.attach("")  # the run before this one is history
        self.progress.clear()
        self.send.working(_("The documents are being made… Keep this page open until the sending starts."))
        spawn(self._freeze_and_start(order, environ))

    def _require_password(self, given: str) -> None:
        tab = self.tab
        if tab.month is not None and tab.month.intent((), ()).login and not given:
            secrets.find("mail", home=tab.office.settings.home, environ={})  # says what is missing

    async def _freeze_and_start(self, order: Order, environ: dict[str, str]) -> None:
        try:
            prepared = await asyncio.to_thread(order.freeze)
            if order.settings:
                self.tab.on_saved()
            self._start(prepared, environ)
        except Exception as error:
            self.send.notice.fail(error)
        finally:
            self.busy = False
            self.tab.look()
            self.show_readiness()

    def _start(self, prepared: Prepared, environ: dict[str, str]) -> None:
        month = self.tab.month
        if month is not None:
            month.beside.found = prepared.problems
            month.beside.again.clear()
        if not prepared.batch.messages:
            self.send.notice.tell(_("Nothing is ready to leave: see the reasons in the list."))
            return
        self._launch(prepared.plan.period.key, prepared.batch.id, environ)

    def resume(self) -> None:
        """Send on what was confirmed before: the same frozen batch, whatever is ticked now."""
        month = self.tab.month
        if month is None or month.batch is None or self.under_way:
            return
        self._require_password("")
        self.follower.attach("")
        self.progress.clear()
        self._launch(month.batch.period.key, month.batch.id, {})
        self.show_readiness()

    def _launch(self, month: str, batch: str, environ: dict[str, str]) -> None:
        self.launched = launcher.start(self.tab.office, month, batch=batch, send=True, environ=environ)
        self.follower.attach(self.launched.launch.run)
        self.progress.starting()

    # -- the run ---------------------------------------------------------------------------------

    def order_run(self, kind: EntryKind) -> None:
        """Ask the run to pause, go on or stop."""
        launcher.request(self.tab.office, kind, run=self.follower.run)
        self.tab.look()

    def look(self) -> None:
        """Look at the journal once, and show what changed."""
        tab, month = self.tab, self.tab.month
        if month is None:
            return
        fresh = self.follower.fresh()
        if fresh:
            about = month.absorb(fresh)
            if about is None or about:
                tab.checklist.patch(month.rows(about))
                tab.show_sums()
        before, self.view = self.view, self.follower.view()
        if self.launched is not None:
            self._watch_start(self.launched)
        if self.launched is None and (self.view is not None or before is not None):
            self.progress.update(self.view, month.names())
        if bool(before and before.active) != bool(self.view and self.view.active):
            if before and before.active:  # ended or killed: what it left in doubt is shown now
                month.refresh()
                tab.checklist.patch(month.rows())
                tab.show_sums()
            self.show_readiness()

    def _watch_start(self, launched: launcher.Launched) -> None:
        """Wait for the run's first words; its process may die before them."""
        spoke = self.view is not None and self.view.run == launched.launch.run
        if spoke:
            self.launched = None
        elif launched.process.poll() is not None:
            self.launched = None
            self.progress.failed(str(launched.launch.folder))
            self.show_readiness()
