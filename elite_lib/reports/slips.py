"""The month in tables: problems, batch, run, slip, journal. Their columns have the titles of the screen."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from elite_lib import formats
from elite_lib.batch import Run
from elite_lib.exceptions import RunError
from elite_lib.labels import _, advise, explain, total_of, word
from elite_lib.models import Batch, Box, Entry, Problem, Slip, SlipLine, StopReason
from elite_lib.reports.frames import frame


def problem_table(problems: Iterable[Problem]) -> pd.DataFrame:
    """List problems: file, sheet, row, column, value, gravity, sentence, lines held."""
    return frame(
        (
            (
                problem.file,
                problem.sheet,
                problem.row,
                problem.column,
                problem.value,
                word(problem.severity),
                advise(problem),
                ", ".join(problem.held),
            )
            for problem in problems
        ),
        (_("file"), _("sheet"), _("row"), _("column"), _("value"), _("gravity"), _("what to do"), _("holds")),
    )


def batch_table(batch: Batch) -> pd.DataFrame:
    """List every line of a batch: number, resident, euros, what was decided, recipients, weight."""
    weights: dict[str, int] = {}
    recipients: dict[str, list[str]] = {}
    for message in batch.messages:
        weights[message.line] = weights.get(message.line, 0) + message.size
        recipients.setdefault(message.line, []).extend(r.address for r in message.recipients)
    return frame(
        (
            (
                line.key,
                line.resident,
                line.amount,
                word(line.disposition),
                ", ".join(recipients.get(line.key, [])),
                formats.size(weights[line.key]) if line.key in weights else "",
                ", ".join(map(word, line.reasons)),
            )
            for line in batch.lines
        ),
        (_("number"), _("resident"), _("euros"), _("decided"), _("recipients"), _("weight"), _("reasons")),
    )


def run_table(run: Run) -> pd.DataFrame:
    """Say how an execution ended: messages accepted, attempted, why it stopped."""
    stop = run.stopped
    return frame(
        [
            (
                run.id,
                run.sent,
                run.attempted,
                word(stop.reason) if stop else "",
                stop.detail if stop else "",
            )
        ],
        (_("run"), _("sent"), _("attempted"), _("stopped"), _("detail")),
    )


def slip_table(slip: Slip) -> pd.DataFrame:
    """Give the dispatch slip: a row per box in order of precedence, count and euros, then the total."""
    rows: list[tuple[str, int, object]] = [
        (word(box), total.count, total.euros) for box, total in slip.boxes.items()
    ]
    rows.append((_("Total of the boxes"), sum(t.count for t in slip.boxes.values()), _sum(slip)))
    rows.append((total_of(slip.period), slip.invoices, slip.euros))
    alone = sum(t.count for t in slip.statements.values())
    if alone:
        rows.append((_("Statements alone, apart"), alone, sum(t.euros for t in slip.statements.values())))
    return frame(rows, (_("box"), _("count"), _("euros")))


def _sum(slip: Slip) -> object:
    return sum(total.euros for total in slip.boxes.values())


def remainder_table(slip: Slip) -> pd.DataFrame:
    """List the lines that still need the program or a person, worst first."""
    return line_table([line for line in (*slip.lines, *slip.vanished) if line.box.remainder])


def line_table(lines: Iterable[SlipLine]) -> pd.DataFrame:
    """List lines of the slip: number, resident, euros, box, recipients and status, the server's words."""
    order = list(Box)
    return frame(
        (
            (
                line.key,
                line.name,
                line.amount,
                word(line.box),
                ", ".join(f"{address} ({word(status)})" for address, status in line.recipients),
                ", ".join(map(word, line.reasons)),
                line.note,
                line.at,
            )
            for line in sorted(lines, key=lambda line: order.index(line.box))
        ),
        (
            _("number"),
            _("resident"),
            _("euros"),
            _("box"),
            _("recipients"),
            _("reasons"),
            _("answer"),
            _("when"),
        ),
    )


def journal_table(entries: Iterable[Entry]) -> pd.DataFrame:
    """List journal entries, a row per recipient: when (aware UTC), who, what, address, status, answer."""
    rows = []
    for entry in entries:
        for outcome in entry.recipients or (None,):
            reply = outcome.reply if outcome else None
            rows.append(
                (
                    entry.id,
                    entry.at,
                    entry.operator,
                    entry.kind.value,
                    entry.month,
                    entry.batch,
                    entry.run,
                    entry.line,
                    outcome.address if outcome else "",
                    outcome.status.value if outcome else "",
                    reply.code if reply else None,
                    reply.text if reply else "",
                )
            )
    columns = "id at operator kind month batch run line address status code answer"
    return frame(rows, columns.split())


def conclude(slip: Slip, run: Run, *, strict: bool = False) -> str:
    """Say how the month stands, as the last cell of an unattended notebook.

    Raises:
        RunError: ``unbalanced``; ``stopped`` (for another reason than a request or a quota);
            with ``strict`` also ``remainder``. The executed notebook is written all the same.
    """
    if not slip.balanced:
        raise RunError("unbalanced", invoices=slip.invoices, euros=slip.euros)
    stop = run.stopped
    if stop is not None and stop.reason not in (StopReason.REQUESTED, StopReason.QUOTA):
        why = explain(stop.error) if stop.error else word(stop.reason)
        raise RunError("stopped", why=why, detail="" if stop.error else stop.detail)
    if strict and slip.remainder:
        raise RunError("remainder", count=slip.remainder)
    if slip.remainder:
        return _("{n} lines remain; the slip balances.").format(n=slip.remainder)
    return _("Nothing remains; the slip balances.")
