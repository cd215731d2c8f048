"""Plan and slip → rows of the checklist: what is shown of a line, and whether it can be ticked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import replace

from elite_lib import formats
from elite_lib.labels import _, describe_problem, word
from elite_lib.models import (
    Box,
    DispatchLine,
    Disposition,
    DocumentKind,
    InvoiceKind,
    Plan,
    Problem,
    ProblemCode,
    Severity,
    Slip,
    SlipLine,
)
from elite_lib.ui.checklist import Row

GROUPS: dict[Box, str] = {
    Box.PENDING: "unsent",
    Box.DEFERRED: "unsent",
    Box.UNTICKED: "unsent",
    Box.HELD: "held",
    Box.TO_PRINT: "to_print",
    Box.ACCEPTED: "sent",
    Box.REFUSED: "refused",
    Box.UNCERTAIN: "uncertain",
}
_ORDER = tuple(Box)
# Boxes whose lines a run would send: already accepted, refused or in doubt is settled elsewhere.
_OPEN = (Box.PENDING, Box.DEFERRED, Box.UNTICKED)


def build(
    plan: Plan, slip: Slip, *, only: Collection[str] | None = None, found: Iterable[Problem] = ()
) -> list[Row]:
    """Show the lines of a period, or those of ``only``, in the plan's order.

    ``found`` are problems that only freezing saw (a PDF not proved…), for the words of the reason.
    """
    lines = {line.key: line for line in plan.lines}
    facts = {(key, problem.code): problem for problem in found for key in problem.held}
    return [
        _row(lines[seen.key], seen, facts=facts)
        for seen in slip.lines
        if seen.key in lines and (only is None or seen.key in only)
    ]


def due(rows: Iterable[Row]) -> list[str]:
    """List the keys ticked by default: what was never accepted and nobody left out."""
    return [row.key for row in rows if row.tickable and row.state in (Box.PENDING, Box.DEFERRED)]


def instant(at: dt.datetime) -> str:
    """Say an instant in the office's local time: ``31/10/2026 14:05``."""
    local = at.astimezone()
    return f"{formats.date(local.date())} {local:%H:%M}"


def _row(line: DispatchLine, seen: SlipLine, *, facts: dict[tuple[str, ProblemCode], Problem]) -> Row:
    addresses = [r.address for parcel in line.parcels for r in parcel.recipients]
    addresses += [address for address, _status in seen.recipients]
    group = GROUPS.get(seen.box, "")
    paper = "to_print" if line.paper else ""
    return Row(
        key=line.key,
        number=line.number,
        resident=seen.name,
        addresses=tuple(dict.fromkeys(addresses)),
        attachments=_documents(line),
        amount=formats.amount(line.amount),
        cents=int(line.amount * 100),
        state=seen.box.value,
        label=word(seen.box),
        when=instant(seen.at) if seen.at else "",
        at=seen.at.isoformat() if seen.at else "",
        rank=f"{_ORDER.index(seen.box)}",
        groups=tuple(filter(None, dict.fromkeys((group, paper)))),
        tickable=seen.box in _OPEN and bool(line.parcels) and line.disposition is not Disposition.HELD,
        reason=_reason(line, seen, facts=facts),
    )


def _documents(line: DispatchLine) -> tuple[str, ...]:
    kinds = {kind for parcel in line.parcels for kind in parcel.documents}
    if line.invoice is not None:
        kinds.add(DocumentKind.INVOICE)
    if line.statement is not None and not line.parcels:
        kinds.add(DocumentKind.STATEMENT)
    names = []
    for kind in DocumentKind:
        if kind in kinds:
            credit = (
                kind is DocumentKind.INVOICE and line.invoice and line.invoice.kind is InvoiceKind.CREDIT_NOTE
            )
            names.append(_("credit note") if credit else word(kind))
    return tuple(names)


def _is_credit(line: DispatchLine) -> bool:
    return line.invoice is not None and line.invoice.kind is InvoiceKind.CREDIT_NOTE


def _reason(line: DispatchLine, seen: SlipLine, *, facts: dict[tuple[str, ProblemCode], Problem]) -> str:
    """Say why it is not mailed, what the server answered, or what is worth a look."""
    if seen.box in (Box.HELD, Box.TO_PRINT, Box.EXCLUDED):
        known = {problem.code: problem for problem in line.reasons}
        problems = [
            known.get(code)
            or facts.get((line.key, code))
            or Problem(code=code, severity=Severity.HOLD, held=(line.key,))
            for code in seen.reasons
        ]
        return " ".join(_sentence(problem) for problem in problems)
    if seen.box in (Box.REFUSED, Box.DEFERRED, Box.UNCERTAIN):
        return seen.note
    return " ".join(_sentence(problem) for problem in line.warnings)


def _sentence(problem: Problem) -> str:
    """Say a problem without its place in the workbook: the row says whose it is."""
    text = describe_problem(replace(problem, file="", sheet="", row=None, column=""))
    return text[:1].upper() + text[1:]
