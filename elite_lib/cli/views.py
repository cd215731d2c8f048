"""What the terminal shows: tables without wrapping, JSON objects with the promised shape."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

import typer

from elite_lib import formats
from elite_lib.batch import Run, Unplaced
from elite_lib.labels import _, describe_change, describe_problem, ngettext, total_of, word
from elite_lib.labels.terms import why
from elite_lib.models import Batch, Box, BoxTotal, Change, Problem, Severity, Slip
from elite_lib.notices import stop_sentence

REMAINDER = 3
STOPPED = 4
INTERRUPTED = 130


def say(text: str = "") -> None:
    """Write one line for a person, on standard output."""
    typer.echo(text)


def note(text: str) -> None:
    """Write one line beside the result, on standard error."""
    typer.echo(text, err=True)


def emit(value: object) -> None:
    """Write the promised JSON object on standard output."""
    typer.echo(json.dumps(value, ensure_ascii=False))


def table(rows: Iterable[Sequence[str]], *, right: frozenset[int] = frozenset()) -> None:
    """Align columns; those of ``right`` to the right."""
    cells = [list(row) for row in rows]
    widths = [max(len(row[i]) for row in cells) for i in range(len(cells[0]))] if cells else []
    for row in cells:
        parts = [
            c.rjust(w) if i in right else c.ljust(w) for i, (c, w) in enumerate(zip(row, widths, strict=True))
        ]
        say("  " + "   ".join(parts).rstrip())


def slip(view: Slip) -> None:
    """Show the dispatch slip, and what remains of it line by line."""
    say(_("Dispatch slip, {month}").format(month=view.period.key))
    rows = [
        (word(box), str(total.count), formats.amount(total.euros))
        for box, total in view.boxes.items()
        if total.count or box is Box.ACCEPTED
    ]
    rows.append((total_of(view.period), str(view.invoices), formats.amount(view.euros)))
    table(rows, right=frozenset({1, 2}))
    sums = (
        _("The boxes add up to the billing.") if view.balanced else _("THE BOXES DO NOT ADD UP. Report this.")
    )
    say(f"  {sums}")
    alone = sum(total.count for total in view.statements.values())
    if alone:
        apart = ngettext("{n} statement alone, apart", "{n} statements alone, apart", alone)
        say("  " + apart.format(n=alone))
    remaining = [line for line in (*view.lines, *view.vanished) if line.box.remainder]
    if remaining:
        say()
        say(_("Remaining:"))
        table(
            (
                line.key,
                line.name,
                word(line.box),
                line.note or ", ".join(map(word, line.reasons)),
            )
            for line in remaining
        )
    gone = [line.key for line in view.vanished]
    if gone:
        say()
        say(_("Sent, and no longer in the workbook: {lines}").format(lines=", ".join(gone)))


def slip_json(view: Slip) -> dict[str, object]:
    """Give the status object: every box present, amounts as text with two decimals."""
    return {
        "month": view.period.key,
        "invoices": view.invoices,
        "euros": formats.plain_amount(view.euros),
        "balanced": view.balanced,
        "boxes": _boxes(view.boxes.items()),
        "statements": _boxes(view.statements.items()),
        "recipients": {status.value: count for status, count in view.recipients.items()},
    }


def _boxes(items: Iterable[tuple[Box, BoxTotal]]) -> dict[str, dict[str, object]]:
    return {
        box.value: {"count": total.count, "euros": formats.plain_amount(total.euros)} for box, total in items
    }


def problem_json(problem: Problem) -> dict[str, object]:
    """Give one problem as promised by ``check --json``."""
    return {
        "file": problem.file,
        "sheet": problem.sheet,
        "row": problem.row,
        "column": problem.column,
        "value": problem.value,
        "code": problem.code.value,
        "severity": problem.severity.value,
        "message": describe_problem(problem),
        "held": list(problem.held),
    }


def change_json(change: Change) -> dict[str, object]:
    """Give one change as promised by ``check --json``."""
    return {
        "kind": change.kind.value,
        "line": change.line,
        "resident": change.resident,
        "contact": change.contact,
        "address": change.address,
        "known": change.known,
        "message": describe_change(change),
    }


def changes(found: Sequence[Change]) -> None:
    """List what changed since the last month that was sent; what was so then already comes last."""
    if found:
        say()
        say(_("To look at before sending:"))
    for change in found:
        mark = "·" if change.known else "!"
        where, sentence = change.name or change.resident, describe_change(change)
        say(f"  {mark} " + _("{where}: {sentence}").format(where=where, sentence=sentence))


def unplaced(found: Sequence[Unplaced]) -> None:
    """List the PDFs of the documents folder that were given to no invoice."""
    if found:
        say()
        say(_("In the documents folder, and no document of this month:"))
    for one in found:
        pages = _("pages {pages}").format(pages=", ".join(map(str, one.pages))) if one.pages else ""
        detail = ", ".join(filter(None, (pages, why(one.why) if one.why else "")))
        say(f"  · {one.file}" + (f" ({detail})" if detail else ""))


def problems(found: Sequence[Problem], *, to_stderr: bool = False) -> None:
    """List problems, those that hold an invoice first."""
    write = note if to_stderr else say
    for problem in sorted(found, key=lambda p: p.severity is Severity.WARNING):
        mark = "✗" if problem.severity is not Severity.WARNING else "·"
        held = " [" + ", ".join(problem.held) + "]" if problem.held else ""
        write(f"  {mark} {describe_problem(problem)}{held}")


def batch(view: Batch) -> None:
    """Say what a batch holds, in one line."""
    count = len(view.messages)
    weight = ngettext("{n} message, {size}", "{n} messages, {size}", count).format(
        n=count, size=formats.size(view.size)
    )
    say(weight + " · " + _("batch {id}").format(id=view.id))


def stop_json(run: Run) -> dict[str, str] | None:
    """Give ``stopped`` of ``send --json``."""
    if run.stopped is None:
        return None
    return {"code": run.stopped.reason.value, "message": stop_sentence(run)}
