"""Before sending: a test to oneself, and a simulation that stores nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import ipywidgets as widgets
from markupsafe import Markup

from elite_lib import formats, launcher
from elite_lib.batch import Office, Prepared, run_of, testing
from elite_lib.labels import _, explain, ngettext, word
from elite_lib.models import Entry, EntryKind, Period, Status, StopReason, Tables, Wording
from elite_lib.ui import panels
from elite_lib.ui.rows import sentence
from elite_lib.ui.spawning import spawn

MOST = 5  # messages of one test
_SHOWN = 300  # messages that a simulation lists


@dataclass(frozen=True, slots=True, kw_only=True)
class TestOrder:
    """What is to be tested, as values: it is frozen in another thread."""

    __test__ = False  # no test of pytest's

    period: Period
    lines: Sequence[str]
    wording: Wording
    tables: Tables


class TryingPanel:
    """Buttons for a test and for a simulation, and what came of them."""

    def __init__(
        self,
        office: Office,
        *,
        order: Callable[[Sequence[str]], TestOrder],
        ticked: Callable[[], tuple[str, Sequence[str]]],
        rehearse: Callable[[], Callable[[], Prepared]],
    ) -> None:
        self.office, self._order, self._ticked, self._rehearse = office, order, ticked, rehearse
        self.launched: launcher.Launched | None = None
        self._after = 0
        self.notice, self.simulated = panels.Notice(), panels.Notice()
        self.result = widgets.HTML()
        self.to = widgets.Dropdown(description=_("My address"))
        self.lines = widgets.Dropdown(
            description=_("Lines"),
            options=[(_("the line of the preview"), "current"), (_("the first ticked lines"), "ticked")],
        )
        for choice in (self.to, self.lines):
            choice.add_class("elite-field")
            choice.add_class("elite-broad")
        guarded = self.notice.guarded
        self.test = panels.button(_("Send me a test"), guarded(self._test))
        self.simulate = panels.button(_("Simulate"), self.simulated.guarded(self._simulate))
        self.widget = panels.column(
            panels.row(
                panels.row(self.to, self.lines, self.test, style="elite-actions elite-end"),
                self.simulate,
                style="elite-actions elite-end elite-apart",
            ),
            self.notice,
            self.simulated,
            self.result,
            style="elite-trying",
        )
        self.adopt(office)

    def adopt(self, office: Office) -> None:
        """Take changed settings."""
        self.office = office
        own, chosen = testing.own_addresses(office.settings), self.to.value
        self.to.options = own
        self.to.value = chosen if chosen in own else next(iter(own), None)
        self.test.disabled = self.simulate.disabled = not self.to.options

    # -- a test ----------------------------------------------------------------------------------

    def _test(self) -> None:
        current, ticked = self._ticked()
        lines = [current] if self.lines.value == "current" else list(ticked[:MOST])
        order, to = self._order([line for line in lines if line]), str(self.to.value)
        self.test.disabled = True
        self.notice.tell(_("The test is being made…"), kind="info")
        spawn(self._make(order, to))

    async def _make(self, order: TestOrder, to: str) -> None:
        def freeze() -> str:
            return testing.prepare_test(
                self.office, order.period, order.lines, to=to, wording=order.wording, tables=order.tables
            ).id

        try:
            batch = await asyncio.to_thread(freeze)
            self._after = self.office.journal.mark().entry
            self.launched = launcher.start(self.office, testing.TEST_PERIOD.key, batch=batch, test=True)
            under_way = self.office.journal.account_holder(self.office.account.key) is not None
            text = (
                _("A sending is under way: the test to {address} leaves between two of its messages…")
                if under_way
                else _("The test is leaving for {address}…")
            )
            self.notice.tell(text.format(address=to), kind="info")
        except Exception as error:
            self.notice.fail(error)
            self.test.disabled = False

    def look(self) -> None:
        """Look whether the test that was started has ended."""
        launched = self.launched
        if launched is None:
            return
        gone = launched.process.poll() is not None
        entries = self.office.journal.entries(run=launched.launch.run, after=self._after)
        ended = next((entry for entry in entries if entry.kind is EntryKind.RUN_ENDED), None)
        if ended is None and not gone:
            return
        self.launched, self.test.disabled = None, False
        if ended is None:
            path = str(launched.launch.folder)
            self.notice.tell(_("The test could not start. Its log: {path}").format(path=path))
        else:
            self._tell(ended, [entry for entry in entries if entry.kind is EntryKind.VERDICT])

    def _tell(self, ended: Entry, verdicts: Sequence[Entry]) -> None:
        outcomes = [outcome for entry in verdicts for outcome in entry.recipients]
        good = [outcome for outcome in outcomes if outcome.status is Status.ACCEPTED]
        if good and len(good) == len(outcomes):
            n, address = len(good), good[0].address
            text = ngettext(
                "{n} test message accepted for {address}. No family received anything.",
                "{n} test messages accepted for {address}. No family received anything.",
                n,
            )
            self.notice.tell(text.format(n=n, address=address), kind="good")
            return
        stop = run_of(ended).stopped
        if stop is not None and stop.reason is StopReason.LOCKED:
            why = _("A sending is under way with this account: test again when it has ended.")
        elif stop is not None:
            why = explain(stop.error) if stop.error else " ".join((word(stop.reason), stop.detail)).strip()
        else:
            replies = [o.reply for o in outcomes if o.reply is not None and not o.reply.accepted]
            why = f"{replies[0].code} {replies[0].text}" if replies else ""
        self.notice.tell(_("The test did not pass. {why}").format(why=why).strip())

    # -- a simulation ----------------------------------------------------------------------------

    def _simulate(self) -> None:
        rehearse = self._rehearse()
        self.result.value = ""
        self.simulate.disabled = True
        self.simulated.tell(_("The documents are being made. Nothing leaves…"), kind="info")
        spawn(self._show(rehearse))

    async def _show(self, rehearse: Callable[[], Prepared]) -> None:
        try:
            prepared = await asyncio.to_thread(rehearse)
            self.result.value = simulation(prepared)
            self.simulated.tell(_("Simulation ended. Nothing left, nothing was stored."), kind="good")
        except Exception as error:
            self.simulated.fail(error)
        finally:
            self.simulate.disabled = not self.to.options


def simulation(prepared: Prepared) -> str:
    """Draw what would leave, and what would be held."""
    batch = prepared.batch
    recipients = sum(len(message.recipients) for message in batch.messages)
    names = {
        line.key: panels.quoted(line.resident.name)
        for line in prepared.plan.lines
        if line.resident is not None
    }
    held = [line for line in prepared.held if line.parcels]
    pairs = [
        (_("Messages"), str(len(batch.messages))),
        (_("Recipients"), str(recipients)),
        (_("Weight in all"), formats.size(batch.size)),
        (_("Would be held"), str(len(held))),
    ]
    reasons = Markup("").join(
        Markup("<li>{} – {}</li>").format(
            f"{line.number} {names.get(line.key, '')}", " ".join(map(sentence, line.reasons))
        )
        for line in held
    )
    listed = str(Markup("<ul>{}</ul>").format(reasons) if held else "")
    return panels.facts(pairs) + listed + _table(prepared, names)


def _table(prepared: Prepared, names: Mapping[str, str]) -> str:
    head = (_("Resident"), _("Recipients"), _("Subject"), _("Attachments"), _("Weight"))
    rows = Markup("").join(
        _row(
            (
                names.get(message.line, message.line),
                ", ".join(recipient.address for recipient in message.recipients),
                message.subject,
                ", ".join(message.attachments),
                formats.size(message.size),
            )
        )
        for message in prepared.batch.messages[:_SHOWN]
    )
    table = Markup(
        '<div class="elite-planned" tabindex="0" role="region" aria-label="{0}"><table>'
        "<caption>{0}</caption><thead><tr>{1}</tr></thead><tbody>{2}</tbody></table></div>"
    ).format(
        _("What would leave"),
        Markup("").join(Markup('<th scope="col">{}</th>').format(title) for title in head),
        rows,
    )
    return str(table)


def _row(cells: Sequence[str]) -> Markup:
    return Markup("<tr>{}</tr>").format(Markup("").join(Markup("<td>{}</td>").format(c) for c in cells))
