"""Send one invoice: to whom, with what words and files, by which way; shown as it will leave, then sent."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import ipywidgets as widgets

from elite_lib import batch as batches
from elite_lib.batch import Addressee, Already, Office, Single
from elite_lib.batch.previewing import Written
from elite_lib.labels import N_, _, word
from elite_lib.models import Attachment, Tables, Way, Wording
from elite_lib.ui import panels
from elite_lib.ui.journal import ways
from elite_lib.ui.journal.extras import ExtraFiles
from elite_lib.ui.journal.family import WhomPanel
from elite_lib.ui.journal.leaving import Leaving, handed, sent
from elite_lib.ui.journal.replacing import named
from elite_lib.ui.journal.ways import Workstation
from elite_lib.ui.message import MessagePanel
from elite_lib.ui.preview import PreviewPanel
from elite_lib.ui.spawning import Later, spawn

_SOON = 0.4  # seconds of rest before the message is written again
ALREADY: Mapping[Already, str] = {
    Already.ACCEPTED: N_("has it already"),
    Already.UNCERTAIN: N_("may have it already (uncertain)"),
    Already.HANDED: N_("was handed to the mail program already"),
    Already.POSTED: N_("had it by post"),
    Already.LEFT_ELSEWHERE: N_("left already with another invoice"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is asked, as values: another thread writes it."""

    invoice: str
    to: tuple[str, ...]
    wording: Wording
    attachments: tuple[Attachment, ...]

    def write(self, office: Office, *, tables: Tables | None = None) -> Single:
        """Write the message with a journal of this thread's own; without ``tables`` the workbook is read."""
        with batches.open_home(office.settings.home.root, operator=office.operator) as mine:
            return batches.write_single(
                mine,
                self.invoice,
                to=self.to,
                wording=self.wording,
                attachments=self.attachments,
                tables=tables,
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """What is known of an invoice before anything is asked."""

    tables: Tables
    people: tuple[Addressee, ...]
    deceased: bool


class SendPanel:
    """One invoice's form; made anew for each. ``on_change``: the journal has something new."""

    def __init__(
        self,
        office: Office,
        invoice: str,
        family: Family,
        *,
        title: str,
        station: Workstation,
        on_change: Callable[[], None],
        on_close: Callable[[], None],
    ) -> None:
        self.office, self.invoice, self._family, self._on_change = office, invoice, family, on_change
        self.single: Single | None = None  # as it is shown; None while it is being written, or cannot be
        self._order: Order | None = None
        self._tables: Tables | None = family.tables  # None: they changed, the workbook is read each time
        self._asked = 0
        self._sending = False
        self.station = station
        self.notice, self.warning, self.outcome = panels.Notice(), panels.Notice(), panels.Notice()
        later = Later(self.notice.guarded(self._write), after=_SOON)
        self.whom = WhomPanel(family.people, on_change=lambda: self._changed(later))
        self.files = ExtraFiles(office, on_change=lambda: self._changed(later))
        self.message = MessagePanel(self._settings(), on_change=lambda: self._changed(later))
        for needless in (self.message.save, self.message.logo):
            panels.show(needless, False)
        self.preview = _preview(office)
        self.way, self.reasons = self._ways()
        self.confirm = _tick(_("I confirm: this replaces the earlier sending"))
        self.confirm.observe(lambda _change: self._paint(), names="value")
        self.send = panels.button(_("Send this invoice"), self.notice.guarded(self._send), style="elite-main")
        self.leaving = Leaving()
        self.close = panels.button(_("Close"), self.notice.guarded(on_close))
        self.form = self._form()
        self.widget = panels.column(
            panels.heading(_("Send by e-mail: {invoice}").format(invoice=title)),
            *(self.form, self.outcome, self.leaving.widget, panels.row(self.close)),
            style="elite-card elite-single",
        )
        self._paint()
        self._write()

    def _form(self) -> panels.Widget:
        return panels.column(
            self.whom.widget,
            self.files.widget,
            self.message.widget,
            self.preview.widget,
            panels.column(self.way, self.reasons, style="elite-ways"),
            self.notice,
            self.warning,
            panels.row(self.confirm, self.send, style="elite-actions"),
        )

    def _settings(self) -> panels.Widget:
        """Give the settings whose wording is this invoice's: after a death there is another one."""
        settings = self.office.settings
        known = settings.wording
        if not self._family.deceased:
            return settings
        words = replace(known, subject=known.deceased_subject, text=known.deceased_text)
        return replace(settings, wording=words)

    def _ways(self) -> tuple[panels.Widget, panels.Widget]:
        offered = ways.offered(self.office, self.station)
        open_ = [one.way for one in offered if not one.why_not]
        way = widgets.RadioButtons(
            description=_("How to send"),
            options=[(word(one), one.value) for one in open_],
            value=ways.chosen(offered, self.station.preferred()).value,
        )
        way.add_class("elite-radio")
        return way, widgets.HTML(ways.told(offered))

    # -- written as it will leave ----------------------------------------------------------------

    def _changed(self, later: Later) -> None:
        if not hasattr(self, "form"):  # while the panel is being made
            return
        self._asked += 1
        self.single = None
        self._paint()
        later()

    def _ordered(self) -> Order | None:
        """Take what is asked, or say what is missing."""
        self.notice.clear()
        if self.whom.wrong or not self.message.valid:
            return None  # said at its field
        if not self.whom.to:
            self.notice.tell(_("Choose at least one recipient."), kind="info")
            return None
        wording = self.message.wording
        if self._family.deceased:
            wording = replace(wording, deceased_subject=wording.subject, deceased_text=wording.text)
        return Order(
            invoice=self.invoice, to=self.whom.to, wording=wording, attachments=self.files.attachments
        )

    def _write(self) -> None:
        self._order = self._ordered()
        if self._order is None:
            self._show(None)
            return
        spawn(self._compose(self._order, self._asked))

    async def _compose(self, order: Order, asked: int) -> None:
        try:
            single = await asyncio.to_thread(order.write, self.office, tables=self._tables)
        except Exception as error:
            if asked == self._asked:
                self._show(None)
                self.notice.fail(error)
            return
        if asked == self._asked:  # else something changed meanwhile, and it is being written again
            self._show(single)

    def _show(self, single: Single | None) -> None:
        self.single = single
        self.confirm.value = False
        drafts = tuple(message.draft for message in single.messages) if single is not None else ()
        self.preview.show_written(Written(drafts=drafts))
        self.warning.clear()
        if single is not None:
            self._warn(single)
        self._paint()

    def _warn(self, single: Single) -> None:
        """Say who has it already, and which earlier message this one replaces."""
        lines = [f"{panels.quoted(whom)} : {_(ALREADY[what])}." for whom, what in single.already]
        entries = self.office.journal.entries(lines=[single.line.key])
        lines += dict.fromkeys(filter(None, (named(one.replaces, entries) for one in single.messages)))
        self.warning.tell("\n".join(lines), kind="warn" if single.already else "info")

    def _paint(self) -> None:
        asks = self.single is not None and bool(self.single.already)
        panels.show(self.confirm, asks)
        ready = self.single is not None and (not asks or bool(self.confirm.value))
        self.send.disabled = self._sending or not ready

    # -- and sent --------------------------------------------------------------------------------

    def _send(self) -> None:
        if self._sending or self.send.disabled or self._order is None or self.single is None:
            return
        self._sending = True
        self._paint()
        self.outcome.tell(_("Being sent…"), kind="info")
        spawn(self._go(self._order, self.single, Way(self.way.value), asked=self._asked))

    async def _go(self, order: Order, shown: Single, way: Way, *, asked: int) -> None:
        confirmed = bool(self.confirm.value)
        try:
            single = await asyncio.to_thread(order.write, self.office)
            # a choice or a word made just before the click may reach us only now
            if asked != self._asked or looks(single) != looks(shown):
                self._tables = None
                self.outcome.tell(_("Something changed meanwhile: look at the message again."), kind="warn")
                return
            self.station.prefer(way)
            act = sent if way is Way.INTERNAL else handed
            done = await act(
                self.office, single, way, confirmed=confirmed, tell=partial(self.outcome.tell, kind="info")
            )
            self.leaving.show(done)
            self.outcome.tell(done.sentence, kind=done.kind)
            panels.show(self.form, not done.good)
            if done.good:
                self.close.focus()
        except Exception as error:
            self.outcome.fail(error)
        finally:
            self._sending = False
            self.single = None
            self._asked += 1
            self._paint()
            self._on_change()
            if self.form.layout.display != "none":
                self._write()


def _preview(office: Office) -> PreviewPanel:
    made = PreviewPanel(office, on_step=lambda _step: None)
    made.heading.value = panels.heading(_("Preview"), level=3).value
    for needless in (made.previous, made.next):
        panels.show(needless, False)
    return made


def _tick(text: str) -> widgets.Checkbox:
    made = widgets.Checkbox(description=text, indent=False)
    made.add_class("elite-check")
    return made


def looks(single: Single) -> Sequence[object]:
    """Say what a person agreed to: whom, the words, the files, and what they have already."""
    drafts = [message.draft for message in single.messages]
    seen = [
        (d.recipients, d.subject, d.text, d.html, [(a.name, a.sha256) for a in d.attachments]) for d in drafts
    ]
    return (single.already, seen)
