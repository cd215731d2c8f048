"""The dispatch slip on the page: every box, the total, and what still needs somebody."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from markupsafe import Markup

from elite_lib import formats
from elite_lib.labels import _, word
from elite_lib.models import Box, BoxTotal, Slip

_ROW = Markup('<tr data-box="{box}"><th scope="row">{name}</th><td>{count}</td><td>{euros}</td></tr>')


def table(slip: Slip) -> str:
    """Draw the slip: boxes in order of precedence, their total, the month's billing, and the balance."""
    rows = [
        _row(box.value, word(box), total)
        for box, total in slip.boxes.items()
        if total.count or box in (Box.PENDING, Box.ACCEPTED)
    ]
    foot = [
        _row("total", _("Total of the boxes"), _sum(slip.boxes.values())),
        _row("billing", _("Month's billing"), BoxTotal(count=slip.invoices, euros=slip.euros)),
    ]
    alone = _sum(slip.statements.values())
    if alone.count:
        foot.append(_row("statements", _("Statements alone, apart"), alone))
    balance = (
        Markup('<p class="elite-balance">{}</p>').format(_("The boxes add up to the billing."))
        if slip.balanced
        else Markup('<p class="elite-balance elite-alarm" role="alert">{}</p>').format(
            _("THE BOXES DO NOT ADD UP. Report this.")
        )
    )
    gone = Markup("")
    if slip.vanished:
        text = _("Sent, or perhaps sent, and no longer in the workbook: {lines}")
        numbers = ", ".join(f"{line.key} ({word(line.box)})" for line in slip.vanished)
        gone = Markup('<p class="elite-balance elite-alarm">{}</p>').format(text.format(lines=numbers))
    head = Markup("").join(
        Markup('<th scope="col">{}</th>').format(title) for title in (_("Box"), _("Invoices"), _("Euros"))
    )
    return str(
        Markup(
            '<table class="elite-slip"><caption>{}</caption><thead><tr>{}</tr></thead>'
            "<tbody>{}</tbody><tfoot>{}</tfoot></table>{}{}"
        ).format(_caption(slip), head, Markup("").join(rows), Markup("").join(foot), balance, gone)
    )


def _caption(slip: Slip) -> str:
    first, last = slip.period.first, slip.period.last
    if first == last:
        return _("Dispatch slip, {month}").format(month=formats.month(first))
    return _("Dispatch slip, {first} to {last}").format(first=formats.month(first), last=formats.month(last))


def _row(box: str, name: str, total: BoxTotal) -> Markup:
    return _ROW.format(box=box, name=name, count=total.count, euros=formats.amount(total.euros))


def _sum(totals: Iterable[BoxTotal]) -> BoxTotal:
    totals = list(totals)
    return BoxTotal(
        count=sum(total.count for total in totals), euros=sum((t.euros for t in totals), Decimal(0))
    )
