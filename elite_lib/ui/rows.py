"""Plan and slip → rows of the checklist: what is shown of a line, and whether it can be ticked."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from elite_lib import formats
from elite_lib.labels import _, describe_change, describe_problem, word
from elite_lib.models import (
    Box,
    Change,
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
from elite_lib.ui import panels
from elite_lib.ui.checklist import Row

GROUPS: dict[str, str] = {
    "pending": "unsent",
    "deferred": "unsent",
    "unticked": "unsent",
    "held": "held",
    "to_print": "to_print",
    "accepted": "sent",
    "refused": "refused",
    "bounced": "refused",
    "uncertain": "uncertain",
}
_ORDER = tuple(Box)
# Boxes whose lines a run would send: already accepted, refused or in doubt is settled elsewhere.
_OPEN = (Box.PENDING, Box.DEFERRED, Box.UNTICKED)


@dataclass(slots=True, kw_only=True)
class Beside:
    """What the page knows of lines, by key, beside the plan and the slip."""

    found: tuple[Problem, ...] = ()  # what only freezing saw (a PDF not proved…)
    foreseen: dict[str, tuple[Problem, ...]] = field(default_factory=dict)  # what freezing will see
    weights: dict[str, int] = field(default_factory=dict)  # bytes of the heaviest message
    enclosed: dict[str, tuple[str, ...]] = field(default_factory=dict)  # names of its own attachments
    changes: Mapping[str, tuple[Change, ...]] = field(default_factory=dict)  # since the last month sent
    again: set[str] = field(default_factory=set)  # sent already; a person wants it sent once more


def build(
    plan: Plan, slip: Slip, *, only: Collection[str] | None = None, beside: Beside | None = None
) -> list[Row]:
    """Show the lines of a period, or those of ``only``, in the plan's order."""
    beside = beside or Beside()
    lines = {line.key: line for line in plan.lines}
    facts = {(key, problem.code): problem for problem in beside.found for key in problem.held}
    return [
        _row(lines[seen.key], seen, beside=beside, facts=facts)
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


def _row(
    line: DispatchLine, seen: SlipLine, *, beside: Beside, facts: dict[tuple[str, ProblemCode], Problem]
) -> Row:
    key = line.key
    addresses = [r.address for parcel in line.parcels for r in parcel.recipients]
    addresses += [address for address, _status in seen.recipients]
    own = beside.enclosed.get(key, ())
    marks = tuple(dict.fromkeys(word(change.kind) for change in beside.changes.get(key, ())))
    mailable = bool(line.parcels) and line.disposition is not Disposition.HELD
    groups = (
        GROUPS.get(seen.box.value, ""),
        "to_print" if line.paper else "",
        "changed" if marks else "",
        "enclosed" if own else "",
    )
    return Row(
        key=key,
        number=panels.quoted(line.number),
        resident=panels.quoted(seen.name),
        addresses=tuple(dict.fromkeys(addresses)),
        attachments=(*_documents(line), *own),
        weight=formats.size(beside.weights[key]) if key in beside.weights else "",
        marks=marks,
        amount=formats.amount(line.amount),
        cents=int(line.amount * 100),
        state=seen.box.value,
        label=word(seen.box),
        when=instant(seen.at) if seen.at else "",
        at=seen.at.isoformat() if seen.at else "",
        rank=f"{_ORDER.index(seen.box):02}",
        groups=tuple(filter(None, dict.fromkeys(groups))),
        tickable=mailable and (seen.box in _OPEN or (seen.box is Box.ACCEPTED and key in beside.again)),
        ask=mailable and seen.box is Box.ACCEPTED and key not in beside.again,
        reason=_reason(line, seen, beside=beside, facts=facts),
    )


def _documents(line: DispatchLine) -> tuple[str, ...]:
    kinds = {kind for parcel in line.parcels for kind in parcel.documents}
    if line.invoice is not None:
        kinds.add(DocumentKind.INVOICE)
    if line.certificate is not None:
        kinds.add(DocumentKind.CERTIFICATE)
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


def _reason(
    line: DispatchLine, seen: SlipLine, *, beside: Beside, facts: dict[tuple[str, ProblemCode], Problem]
) -> str:
    """Say why it is not mailed, what the server answered, or what is worth a look."""
    if seen.box in (Box.HELD, Box.TO_PRINT, Box.EXCLUDED):
        known = {problem.code: problem for problem in line.reasons}
        problems = [
            known.get(code)
            or facts.get((line.key, code))
            or Problem(code=code, severity=Severity.HOLD, held=(line.key,))
            for code in seen.reasons
        ]
        return " ".join(sentence(problem) for problem in problems)
    if seen.box is Box.ACCEPTED and line.key in beside.again:
        return _("Sent already: it will leave once more, as you asked.")
    if seen.box.remainder and seen.box is not Box.PENDING and seen.note:
        return seen.note
    foreseen = beside.foreseen.get(line.key, ()) if seen.box in _OPEN else ()
    if foreseen:
        return _("Will be held: {why}").format(why=" ".join(sentence(problem) for problem in foreseen))
    worth_a_look = [sentence(problem) for problem in line.warnings]
    if seen.box in _OPEN:
        worth_a_look += map(describe_change, beside.changes.get(line.key, ()))
    return " ".join(worth_a_look)


_COMMAND = re.compile(r"[«“]\s*elite (?P<name>\w+)[^»”]*[»”]")


def here(text: str) -> str:
    """Name the place on the page instead of a command that somebody at a terminal would type."""
    return _COMMAND.sub(lambda found: _place(found["name"]), text)


def _place(command: str) -> str:
    if command == "bounces":
        return _("in the tab of returns")
    return _("below, in the dispatch slip")


def sentence(problem: Problem) -> str:
    """Say a problem without its place in the workbook: the row says whose it is."""
    text = here(describe_problem(replace(problem, file="", sheet="", row=None, column="")))
    return text[:1].upper() + text[1:]
