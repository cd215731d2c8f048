"""The Send button, and the confirmation that repeats what is about to leave."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

import ipywidgets as widgets
from markupsafe import Markup

from elite_lib import formats
from elite_lib.labels import _, ngettext
from elite_lib.ui import panels


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """What a person is asked to confirm."""

    invoices: int
    euros: Decimal  # of the invoices
    statements: int = 0  # statements alone, counted apart as on the slip
    statement_euros: Decimal = Decimal(0)
    messages: int
    recipients: int
    shared: int = 0  # of the messages, those to a guardian with the documents of several residents
    residents: int = 0
    sender: str
    expected_end: dt.datetime
    again: int = 0  # lines that were sent already and leave once more
    left: int = 0  # lines that would have been sent and are not ticked
    year: str = ""  # of tax certificates, which are counted in the invoices' place
    login: str = ""  # asked for its password, which no place holds; empty: found


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    leave_out: bool  # what is not ticked stays out of scheduled sendings too
    password: str = ""


class SendPanel:
    """Two steps: ask, confirm. ``on_ask`` computes the intent; ``on_confirm`` freezes and starts.

    ``on_resume`` starts once more what was confirmed before and has not left.
    """

    def __init__(
        self,
        *,
        on_ask: Callable[[], None],
        on_confirm: Callable[[Confirmation], None],
        on_resume: Callable[[], None] = lambda: None,
    ) -> None:
        self.notice = panels.Notice()
        self.summary, self.intent = widgets.HTML(), widgets.HTML()
        self.send = panels.button(_("Send…"), self.notice.guarded(on_ask), style="elite-main")
        self.resume = panels.button(_("Resume"), self.notice.guarded(on_resume))
        self.others = widgets.RadioButtons()
        self.others.add_class("elite-radio")
        self.password = widgets.Password(description=_("Password"))
        self.password.add_class("elite-field")
        confirm = self.notice.guarded(lambda: on_confirm(self._confirmation()))
        self.confirm = panels.button(_("Confirm the sending"), confirm, style="elite-main")
        self.cancel = panels.button(_("Cancel"), self.close)
        self.title = widgets.HTML()
        self.question = panels.column(
            self.title,
            self.intent,
            self.others,
            self.password,
            panels.row(self.confirm, self.cancel, style="elite-actions"),
            style="elite-question",
        )
        self.idle = panels.row(self.summary, self.resume, self.send, style="elite-sendbar")
        self.widget = panels.column(self.notice, self.question, self.idle, style="elite-send")
        panels.show(self.question, False)
        self.resumable(0)

    @property
    def asking(self) -> bool:
        return bool(self.question.layout.display != "none")

    def resumable(self, count: int) -> None:
        """Offer to send on what was confirmed before and has not left."""
        text = ngettext("Resume ({n} message left)", "Resume ({n} messages left)", count)
        self.resume.description = text.format(n=count)
        panels.show(self.resume, count > 0)

    def ready(self, text: str, *, enabled: bool) -> None:
        """Say beside the button what it would send, or why it cannot."""
        self.summary.value = str(Markup('<p role="status">{}</p>').format(text))
        self.send.disabled = not enabled

    def ask(self, intent: Intent, *, besides: Sequence[tuple[str, str]] = ()) -> None:
        """Show the confirmation, with the keyboard on it; ``besides``: what else is to be known."""
        self.notice.clear()
        self.title.value = panels.heading(_question(intent)).value
        self.intent.value = _describe(intent, besides)
        self.others.options = [
            (_("leave them out, of scheduled sendings too (noted in the journal)"), True),
            (_("keep them for a later sending"), False),
        ]
        self.others.value = True
        n = intent.left
        left = ngettext("{n} line to be sent is not ticked", "{n} lines to be sent are not ticked", n)
        self.others.description = left.format(n=n)
        panels.show(self.others, n > 0)
        self.password.value = ""
        self.password.description = _("Password of {login}").format(login=intent.login)
        panels.show(self.password, bool(intent.login))
        panels.show(self.idle, False)
        panels.show(self.question, True)
        self.confirm.focus()

    def close(self) -> None:
        """Go back to the button."""
        self.password.value = ""
        panels.show(self.question, False)
        panels.show(self.idle, True)

    def working(self, text: str) -> None:
        """Say what is being done; nothing can be clicked meanwhile."""
        self.close()
        self.ready(text, enabled=False)

    def _confirmation(self) -> Confirmation:
        return Confirmation(leave_out=bool(self.others.value), password=self.password.value)


def _question(intent: Intent) -> str:
    n = intent.messages
    messages = ngettext("{n} message", "{n} messages", n).format(n=n)
    n = intent.residents
    residents = ngettext("{n} resident", "{n} residents", n).format(n=n)
    return _("Send {messages} for {residents}, {euros}?").format(
        messages=messages, residents=residents, euros=formats.amount(intent.euros + intent.statement_euros)
    )


def _describe(intent: Intent, besides: Sequence[tuple[str, str]]) -> str:
    n = intent.recipients
    what = _("Tax certificates") if intent.year else _("Invoices")
    found = [
        (_("Recipients"), ngettext("{n} address", "{n} addresses", n).format(n=n)),
        (what, f"{intent.invoices} · {formats.amount(intent.euros)}"),
    ]
    if intent.shared:
        found.append((_("Messages for several residents"), str(intent.shared)))
    if intent.statements:
        found.append(
            (_("Statements alone"), f"{intent.statements} · {formats.amount(intent.statement_euros)}")
        )
    found += [(_("Sender"), intent.sender), (_("Expected end"), _end(intent.expected_end))]
    if intent.again:
        found.append((_("Sent already, once more"), str(intent.again)))
    return panels.facts([*found, *besides])


def _end(at: dt.datetime) -> str:
    local = at.astimezone()
    today = local.date() == dt.datetime.now().astimezone().date()
    return f"{local:%H:%M}" if today else f"{local:%d/%m %H:%M}"
