"""One invoice: its history in words, its messages, and what a person decides of what is in doubt."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import ipywidgets as widgets
from markupsafe import Markup

from elite_lib import batch as batches
from elite_lib import outcomes
from elite_lib.batch import Office, Sought
from elite_lib.labels import _, explain, ngettext
from elite_lib.labels.history import tell_entry
from elite_lib.models import Attachment, Entry, Period, Resolution, Status
from elite_lib.ui import panels
from elite_lib.ui.asking import Question
from elite_lib.ui.downloads import Download, File
from elite_lib.ui.journal.letters import LetterPanel
from elite_lib.ui.journal.replacing import replacements
from elite_lib.ui.rows import here, instant
from elite_lib.ui.spawning import spawn

_DOUBTFUL = frozenset({Status.UNCERTAIN, Status.HANDED})


class InvoicePanel:
    """``on_change``: the journal has something new; ``on_write``: it is to be sent; ``on_close``."""

    def __init__(
        self,
        office: Office,
        *,
        on_change: Callable[[], None],
        on_write: Callable[[str], None],
        on_close: Callable[[], None],
    ) -> None:
        self.office, self._on_change = office, on_change
        self.row: Mapping[str, Any] = {}
        self.notice = panels.Notice()
        guarded = self.notice.guarded
        self.heading, self.history = widgets.HTML(), widgets.HTML()
        self.write = panels.button(
            _("Send by e-mail…"), guarded(lambda: on_write(self.key)), style="elite-main"
        )
        self.print = Download(_("Print (PDF)"), guarded(self._print))
        self.close = panels.button(_("Close"), guarded(on_close))
        self.left = panels.button(_("Checked: it left"), self._settling(Resolution.ACCEPTED))
        self.again = panels.button(_("It may go again"), guarded(self._ask_again))
        self.posted = panels.button(_("Sent by post"), self._settling(Resolution.POSTED))
        self.prove = panels.button(_("Look for the proof"), guarded(self._prove))
        self.question = Question(_("Yes, it may go again"), _("No"))
        self.letters = LetterPanel(office)
        self.doubts = panels.row(self.left, self.again, self.posted, self.prove, style="elite-actions")
        self.widget = panels.column(
            self.heading,
            panels.row(self.write, self.print, self.close, style="elite-actions"),
            self.doubts,
            self.question.widget,
            self.notice,
            panels.heading(_("History"), level=3),
            self.history,
            self.letters.widget,
            style="elite-card elite-invoice",
        )
        panels.show(self.widget, False)

    @property
    def key(self) -> str:
        return str(self.row.get("key", ""))

    @property
    def _period(self) -> Period:
        month = str(self.row["month_key"])
        return Period(first=month, last=month)

    def adopt(self, office: Office) -> None:
        """Take changed settings."""
        self.office = self.letters.office = office

    def show(self, row: Mapping[str, Any]) -> None:
        """Show another invoice, or the same one again."""
        if row["key"] != self.key:
            self.notice.clear()
            self.question.drop()
        self.row = row
        title = " – ".join(
            filter(None, (row["number"], row["resident"], row["month"], row["amount"], row["label"]))
        )
        self.heading.value = panels.heading(title).value
        entries = batches.history(self.office, self.key)
        self.history.value = told(entries, replacements(self.office.journal.entries(lines=[self.key])))
        self.letters.show(entries)
        panels.show(self.doubts, bool(self._doubtful()))
        panels.show(self.widget, True)

    def hide(self) -> None:
        """Show nothing."""
        self.row = {}
        self.question.drop()
        panels.show(self.widget, False)

    def _doubtful(self) -> list[str]:
        """List the addresses of this invoice of which nobody knows: a decision is about these alone."""
        states = outcomes.fold(self.office.journal.entries(lines=[self.key])).values()
        return [state.address for state in states if state.line == self.key and state.status in _DOUBTFUL]

    # -- what a person decides -------------------------------------------------------------------

    def _settling(self, resolution: Resolution) -> Callable[[], None]:
        return self.notice.guarded(lambda: self._settle(resolution))

    def _ask_again(self) -> None:
        text = _("The family may receive it twice. It leaves with the next sending of this month, or singly.")
        self.question.ask(text, self._settling(Resolution.RESEND))

    def _settle(self, resolution: Resolution) -> None:
        addresses = self._doubtful()
        if not addresses:
            self.notice.tell(_("Nothing of it is in doubt any more."), kind="info")
        else:
            batches.settle(self.office, self._period, self.key, resolution=resolution, to=addresses)
            self.notice.tell(_("Noted in the journal, under your name."), kind="good")
        self._on_change()

    def _prove(self) -> None:
        self.prove.disabled = True
        self.notice.tell(_("Looking in the mailboxes…"), kind="info")
        spawn(self._look(self.key, self._period))

    async def _look(self, key: str, period: Period) -> None:
        try:
            sought = await asyncio.to_thread(_sought, self.office, period, key)
            if key == self.key:
                self._tell(sought)
            self._on_change()
        except Exception as error:
            self.notice.fail(error)
        finally:
            self.prove.disabled = False

    def _tell(self, sought: Sought) -> None:
        if n := len(sought.settled):
            text = ngettext(
                "{n} proof found: it left. It is noted in the journal.",
                "{n} proofs found: it left. They are noted in the journal.",
                n,
            ).format(n=n)
            self.notice.tell(text, kind="good")
        else:
            self.notice.tell(_("No proof was found. That does not prove that it did not leave."), kind="warn")
        for error in sought.errors:
            self.notice.add(here(explain(error)))

    # -- paper -----------------------------------------------------------------------------------

    def _print(self) -> None:
        self.print.disabled = True
        self.notice.tell(_("The document is being made…"), kind="info")
        spawn(self._make(self.key))

    async def _make(self, key: str) -> None:
        try:
            made = await asyncio.to_thread(_printed, self.office, key)
            self.print.hand_over(File(name=made.name, content=made.content, media_type=made.media_type))
            self.notice.tell(_("Noted in the journal as printed. Print the file."), kind="good")
            self._on_change()
        except Exception as error:
            self.notice.fail(error)
        finally:
            self.print.disabled = False


def _sought(office: Office, period: Period, key: str) -> Sought:
    with batches.open_home(office.settings.home.root, operator=office.operator) as mine:
        return batches.settle_by_evidence(mine, period, invoice=key)


def _printed(office: Office, key: str) -> Attachment:
    with batches.open_home(office.settings.home.root, operator=office.operator) as mine:
        return batches.print_one(mine, key)


def told(entries: Iterable[Entry], replaced: Mapping[int, str]) -> str:
    """Draw a history: when, who, and what happened, oldest first; ``replaced``: words to add, by entry."""
    items = [
        Markup('<li><span class="elite-when">{}</span>{}</li>').format(
            " · ".join(filter(None, (instant(entry.at) if entry.at else "", entry.operator))),
            f"{text} {replaced.get(entry.id, '')}".strip(),
        )
        for entry in entries
        if (text := tell_entry(entry))
    ]
    if not items:
        return str(Markup('<p class="elite-quiet">{}</p>').format(_("Nothing happened to it yet.")))
    return str(Markup('<ol class="elite-history">{}</ol>').format(Markup("").join(items)))
