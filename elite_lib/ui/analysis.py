"""What came back, studied: the pieces of ``bounce_analysis.ipynb``.

With a month they are plain HTML, for the report that papermill leaves; without one they are widgets that
follow a period chooser.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import ipywidgets as widgets
from IPython.display import HTML
from markupsafe import Markup

from elite_lib import formats
from elite_lib.batch import Office
from elite_lib.exceptions import EliteError
from elite_lib.labels import _, explain, use_language, word
from elite_lib.models import EntryKind, Period
from elite_lib.reports import ReturnedMessage, returned_message
from elite_lib.reports.drawing import Drawings
from elite_lib.reports.rates import By
from elite_lib.ui import panels

_STATIC = Path(__file__).parent / "static"
_ALL = ""  # of the chooser: of all times
_GAPS = re.compile(r"\n{3,}")

Draw = Callable[[Drawings], str]


def months_sent(office: Office) -> list[str]:
    """List the months of every batch, ascending.

    Raises:
        JournalError: it cannot be read.
    """
    periods = {entry.month for entry in office.journal.entries(kinds=[EntryKind.BATCH_PREPARED])}
    return sorted({month for key in periods if key for month in _within(Period.parse(key))})


def _within(period: Period) -> list[str]:
    first, last = (int(text[:4]) * 12 + int(text[5:]) - 1 for text in (period.first, period.last))
    return [f"{number // 12:04}-{number % 12 + 1:02}" for number in range(first, last + 1)]


class Analysis:
    """One home's returns. ``month`` (or a period): HTML of that; ``""``: widgets with a chooser.

    ``addresses``: names, telephones and addresses in full in the HTML, too.

    Raises:
        ConfigError: ``month_invalid``.
    """

    def __init__(self, office: Office, month: str = "", *, addresses: bool = False) -> None:
        use_language(office.settings.language)
        self.office = office
        self.fixed = bool(month)
        self.drawings = Drawings(
            office, Period.parse(month) if month else None, masked=self.fixed and not addresses
        )
        self._drawn: list[tuple[Any, Draw]] = []

    # -- the period ------------------------------------------------------------------------------

    @property
    def chooser(self) -> Any:
        """Give the period chooser; where the period is fixed, its name."""
        if self.fixed:
            return HTML(str(Markup("<p>{}</p>").format(self._period_name())))  # type: ignore[no-untyped-call]
        months = months_sent(self.office)
        options = [(formats.month(month), month) for month in reversed(months)]
        box = widgets.Dropdown(description=_("Period"), options=[*options, (_("Everything"), _ALL)])
        box.add_class("elite-field")
        box.value = months[-1] if months else _ALL
        self.choose(box.value)
        box.observe(lambda change: self.choose(change["new"]), names="value")
        return _dressed(box)

    def choose(self, month: str) -> None:
        """Show another period in everything that was drawn."""
        self.drawings = Drawings(self.office, Period.parse(month) if month else None)
        for widget, draw in self._drawn:
            widget.value = self._safely(draw)

    def _period_name(self) -> str:
        period = self.drawings.period
        if period is None:
            return _("Everything")
        names = dict.fromkeys((formats.month(period.first), formats.month(period.last)))
        return " – ".join(names)

    # -- the pieces ------------------------------------------------------------------------------

    def rates(self, by: By) -> Any:
        """Share of what came back for good: ``provider``, ``month`` or ``class``."""
        return self._piece(lambda drawings: drawings.rates(by))

    def delays(self) -> Any:
        """How long it takes until something comes back."""
        return self._piece(Drawings.delays)

    def deferrals(self) -> Any:
        """Which providers made us wait, run by run."""
        return self._piece(Drawings.deferrals)

    def pace(self) -> Any:
        """What the pace should be."""
        return self._piece(Drawings.pace)

    def receipts(self) -> Any:
        """Read receipts: received on a day, or no information."""
        return self._piece(Drawings.receipts)

    def worst(self) -> Any:
        """Addresses that fail most."""
        return self._piece(Drawings.worst)

    def messages(self) -> Any:
        """Everything that came back; on the page a list to choose from, and the message below."""
        return self._piece(Drawings.messages) if self.fixed else _dressed(self._reader())

    # -- how they are shown ----------------------------------------------------------------------

    def _reader(self) -> Any:
        choice = widgets.Dropdown(description=_("Message"))
        choice.add_class("elite-field")
        choice.layout.width = "100%"
        filling, page = widgets.HTML(), widgets.HTML()

        def fill(drawings: Drawings) -> str:
            found = enumerate(drawings.table().to_dict("records"))
            options = [(_label(row), f"{row['digest']}/{number}") for number, row in found]
            choice.options = [(_("choose a message…"), ""), *options]
            choice.value = ""
            return ""

        def read(change: dict[str, Any]) -> None:
            digest = str(change["new"] or "").partition("/")[0]
            page.value = self._safely(lambda _drawings: self._message(digest)) if digest else ""

        choice.observe(read, names="value")
        filling.value = self._safely(fill)
        self._drawn.append((filling, fill))
        return panels.column(choice, filling, page)

    def _message(self, digest: str) -> str:
        return message_html(returned_message(self.office, digest))

    def _piece(self, draw: Draw) -> Any:
        if self.fixed:
            return HTML(draw(self.drawings))  # type: ignore[no-untyped-call]
        widget = widgets.HTML(self._safely(draw))
        self._drawn.append((widget, draw))
        return _dressed(widget)

    def _safely(self, draw: Draw) -> str:
        """Draw, or say in words why not: the other pieces stay."""
        try:
            return draw(self.drawings)
        except EliteError as error:
            return str(Markup('<p class="elite-alarm" role="alert">{}</p>').format(explain(error)))


def _dressed(widget: Any) -> Any:
    """Give the page's own look to a widget that stands outside of the dashboard."""
    sheets = "".join((_STATIC / name).read_text(encoding="utf-8") for name in ("page.css", "returns.css"))
    return panels.column(widgets.HTML(f"<style>{sheets}</style>"), widget, style="elite-dashboard")


def _label(row: dict[Any, Any]) -> str:
    came = row["received"]
    day = f"{came.astimezone():%d/%m/%Y %H:%M}" if came is not None else ""
    return " · ".join(filter(None, (day, str(row["address"]), word(row["class"] or row["kind"]))))


def message_html(message: ReturnedMessage) -> str:
    """Show a message that came back: text only, all of it escaped."""
    head = [(_("From"), message.sender), (_("Subject"), message.subject), (_("Date"), message.date)]
    parts = [Markup('<article class="elite-message"><dl>{}</dl>').format(_pairs(head))]
    parts.append(Markup('<pre tabindex="0">{}</pre>').format(_GAPS.sub("\n\n", message.text)))
    for title, pairs in (
        (_("What the server wrote for machines"), message.machine),
        (_("Our message, as it brings it back"), message.original),
    ):
        if pairs:
            fold = Markup("<details><summary>{}</summary><dl>{}</dl></details>")
            parts.append(fold.format(title, _pairs(pairs)))
    return str(Markup("").join(parts) + Markup("</article>"))


def _pairs(pairs: Iterable[tuple[str, str]]) -> Markup:
    return Markup("").join(Markup("<dt>{}</dt><dd>{}</dd>").format(name, value) for name, value in pairs)
