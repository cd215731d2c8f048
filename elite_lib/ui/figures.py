"""The month in one line of figures, and what is wrong in the workbook, folded."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from elite_lib import formats
from elite_lib.labels import _, describe_problem, ngettext, total_of, word
from elite_lib.models import Problem, Severity, Slip
from elite_lib.ui.rows import here

_FIGURE = Markup(
    '<div class="elite-figure" data-box="{box}"><dt>{name}</dt><dd>{count}</dd><dd>{euros}</dd></div>'
)
_GRAVEST = (Severity.FATAL, Severity.HOLD, Severity.WARNING)


def figures(slip: Slip) -> str:
    """Show the month's billing, then every box that holds something, with counts and euros."""
    name = total_of(slip.period) if slip.period.year else _("Billed")
    shown = [_FIGURE.format(box="all", name=name, count=slip.invoices, euros=formats.amount(slip.euros))]
    shown += [
        _FIGURE.format(box=box.value, name=word(box), count=total.count, euros=formats.amount(total.euros))
        for box, total in slip.boxes.items()
        if total.count
    ]
    alone = sum(total.count for total in slip.statements.values())
    if alone:
        euros = sum((total.euros for total in slip.statements.values()), start=slip.euros * 0)
        shown.append(
            _FIGURE.format(
                box="statements", name=_("Statements alone"), count=alone, euros=formats.amount(euros)
            )
        )
    return str(Markup('<dl class="elite-figures">{}</dl>').format(Markup("").join(shown)))


def problems(found: Sequence[Problem]) -> str:
    """Fold every problem away, worst first, behind a line that says how many hold something."""
    if not found:
        return str(Markup('<p class="elite-quiet">{}</p>').format(_("Nothing to correct in the workbook.")))
    held = {key for problem in found for key in problem.held}
    summary = ngettext("{n} point to check", "{n} points to check", len(found)).format(n=len(found))
    if held:
        summary += " · " + ngettext("{n} invoice held", "{n} invoices held", len(held)).format(n=len(held))
    items = Markup("").join(
        Markup('<li data-severity="{severity}">{text} <span class="elite-tag">{word}</span></li>').format(
            severity=problem.severity.value, text=here(describe_problem(problem)), word=word(problem.severity)
        )
        for problem in sorted(found, key=lambda problem: _GRAVEST.index(problem.severity))
    )
    fold = Markup('<details class="elite-fold"><summary>{}</summary><ul>{}</ul></details>')
    return str(fold.format(summary, items))
