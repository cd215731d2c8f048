"""The dispatch slip on the page: every box opens its lines; what waits for a person has its actions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

import anywidget
import traitlets

from elite_lib import formats
from elite_lib.labels import _, ngettext, total_of, word
from elite_lib.models import Box, BoxTotal, LineKind, ProblemCode, Resolution, Slip, SlipLine
from elite_lib.ui import panels
from elite_lib.ui.rows import GROUPS, instant
from elite_lib.ui.scripts import script

_SHOWN = 200  # lines of an opened box; the list above shows them all
# Boxes whose lines a person settles here: what each offers, in this order.
_OFFERED: dict[str, tuple[Resolution, ...]] = {
    "uncertain": (Resolution.ACCEPTED, Resolution.RESEND),
    "refused": (Resolution.POSTED, Resolution.RESEND),
    "bounced": (Resolution.POSTED, Resolution.RESEND),
}

Settle = Callable[[str, Resolution, tuple[str, ...]], None]


class SlipTable(anywidget.AnyWidget):
    """Draw the slip; ``on_settle`` is told what a person decided of a line, ``on_show`` which box to list."""

    _esm = script("make", "slip")

    slip = traitlets.Dict().tag(sync=True)
    opened = traitlets.Dict().tag(sync=True)
    texts = traitlets.Dict().tag(sync=True)

    def __init__(self, *, on_settle: Settle, on_show: Callable[[str], None]) -> None:
        texts = {"cancel": _("Cancel"), "show": _("Show in the list")}
        super().__init__(texts=texts)
        self._slip: Slip | None = None
        self._on_settle, self._on_show = on_settle, on_show
        self.on_msg(self._on_message)

    def fill(self, slip: Slip) -> None:
        """Show this slip; boxes that are open stay open."""
        self._slip = slip
        self.slip = facts(slip)
        self.opened = {name: opened for name in self.opened if (opened := self._lines(name))["lines"]}

    def _lines(self, box: str) -> dict[str, Any]:
        assert self._slip is not None  # noqa: S101 (nothing is opened before a slip is shown)
        lines = [line for line in self._slip.lines if line.box.value == box]
        more = len(lines) - _SHOWN
        text = ngettext("{n} more line", "{n} more lines", more).format(n=more) if more > 0 else ""
        return {"lines": [_line(line) for line in lines[:_SHOWN]], "more": text}

    def _on_message(self, _widget: object, content: dict[str, Any], _buffers: object) -> None:
        kind, box = content.get("type"), str(content.get("box"))
        if kind == "toggle" and self._slip is not None:
            kept = {name: lines for name, lines in self.opened.items() if name != box}
            self.opened = kept if box in self.opened else kept | {box: self._lines(box)}
        elif kind == "show":
            self._on_show(GROUPS.get(box, ""))
        elif kind == "act":
            to = tuple(filter(None, re.split(r"[;,\s]+", str(content.get("value") or ""))))
            self._on_settle(str(content["key"]), Resolution(str(content["action"])), to)


def facts(slip: Slip) -> dict[str, Any]:
    """Give the slip as the page draws it: boxes in order of precedence, totals, the balance."""
    boxes = [
        _box(box, total, lines=any(line.box is box for line in slip.lines))
        for box, total in slip.boxes.items()
        if total.count or slip.statements[box].count or box in (Box.PENDING, Box.ACCEPTED)
    ]
    foot = [
        _total(_("Total of the boxes"), _sum(slip.boxes.values())),
        _total(total_of(slip.period), BoxTotal(count=slip.invoices, euros=slip.euros)),
    ]
    alone = _sum(slip.statements.values())
    if alone.count:
        foot.append(_total(_("Statements alone, apart"), alone))
    balance = (
        _("The boxes add up to the billing.") if slip.balanced else _("THE BOXES DO NOT ADD UP. Report this.")
    )
    gone = ""
    if slip.vanished:
        numbers = ", ".join(f"{line.key} ({word(line.box)})" for line in slip.vanished)
        gone = _("Sent, or perhaps sent, and no longer in the workbook: {lines}").format(lines=numbers)
    return {
        "caption": caption(slip),
        "head": [_("Box"), _("Certificates") if slip.period.year else _("Invoices"), _("Euros")],
        "boxes": boxes,
        "foot": foot,
        "balanced": slip.balanced,
        "balance": balance,
        "vanished": gone,
    }


def caption(slip: Slip) -> str:
    """Name the slip by its months."""
    first, last = slip.period.first, slip.period.last
    if first == last:
        return _("Dispatch slip, {month}").format(month=formats.month(first))
    return _("Dispatch slip, {first} to {last}").format(first=formats.month(first), last=formats.month(last))


def _box(box: Box, total: BoxTotal, *, lines: bool) -> dict[str, Any]:
    label = word(box)
    return _total(label[:1].upper() + label[1:], total) | {
        "name": box.value,
        "lines": lines,
        "filter": GROUPS.get(box.value),
    }


def _total(label: str, total: BoxTotal) -> dict[str, Any]:
    return {"label": label, "count": total.count, "euros": formats.amount(total.euros)}


def _sum(totals: Iterable[BoxTotal]) -> BoxTotal:
    totals = list(totals)
    return BoxTotal(
        count=sum(total.count for total in totals), euros=sum((t.euros for t in totals), Decimal(0))
    )


def _line(line: SlipLine) -> dict[str, Any]:
    why = line.note or ", ".join(map(word, line.reasons))
    who = ", ".join(address for address, _status in line.recipients)
    when = instant(line.at) if line.at else ""
    alone = word(LineKind.STATEMENT) if line.kind is LineKind.STATEMENT else ""
    return {
        "key": line.key,
        "number": panels.quoted(line.key.partition("@")[0]),
        "resident": panels.quoted(line.name),
        "amount": formats.amount(line.amount),
        "note": " · ".join(filter(None, (alone, when, who, why))),
        "actions": [*_to_whom(line), *(_action(resolution) for resolution in _offered(line))],
    }


def _to_whom(line: SlipLine) -> list[dict[str, str]]:
    """Offer to say to whom a deceased resident's invoice goes: an heir, a notary."""
    if line.box is not Box.HELD or ProblemCode.RESIDENT_DECEASED not in line.reasons:
        return []
    words = {"label": _("It goes to this address"), "input": _("E-mail of the heir or notary")}
    return [{"name": Resolution.RESEND.value, "confirm": "", "yes": ""} | words]


def _offered(line: SlipLine) -> tuple[Resolution, ...]:
    if line.box is Box.HELD:
        changed = ProblemCode.CHANGED_AFTER_ACCEPTANCE in line.reasons
        return (Resolution.POSTED, Resolution.RESEND) if changed else (Resolution.POSTED,)
    return _OFFERED.get(line.box.value, ())


def _action(resolution: Resolution) -> dict[str, str]:
    action = {"name": resolution.value, "label": "", "confirm": "", "yes": ""}
    if resolution is Resolution.ACCEPTED:
        return action | {"label": _("Checked: it left")}
    if resolution is Resolution.POSTED:
        return action | {"label": _("Sent by post")}
    return action | {
        "label": _("Send again"),
        "confirm": _("The family may receive it twice. It leaves with the next sending of this month."),
        "yes": _("Yes, send again"),
    }
