"""Draw the dispatch slip: every line of the period in exactly one box (invariant 7)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from elite_lib.models import (
    Batch,
    BatchLine,
    Box,
    BoxTotal,
    DispatchLine,
    Disposition,
    Entry,
    EntryKind,
    LineKind,
    Plan,
    ProblemCode,
    RecipientState,
    Slip,
    SlipLine,
    Status,
)
from elite_lib.outcomes.folding import Key, printed
from elite_lib.outcomes.guarding import state_of

_RANK = {box: rank for rank, box in enumerate(Box)}  # 0 is the worst
_SHOWN_AS = {Status.BOUNCED: Box.REFUSED, Status.HANDED: Box.UNCERTAIN}
_BOX_OF = {status: _SHOWN_AS.get(status) or Box(status.value) for status in Status}
_DOUBTFUL = frozenset({Status.UNCERTAIN, Status.HANDED})
_FAILED = frozenset({Status.REFUSED, Status.BOUNCED})
_DONE = frozenset({Status.ACCEPTED, Status.POSTED})
_SETTLED = frozenset({Box.ACCEPTED, Box.POSTED})

# Decided when the messages are made, after selection: only the batch knows of these.
_AT_FREEZING = frozenset(
    {
        ProblemCode.PDF_MISSING,
        ProblemCode.PDF_NOT_PROVED,
        ProblemCode.PDF_NOT_PROTECTED,
        ProblemCode.ATTACHMENT_MISSING,
        ProblemCode.ATTACHMENT_FORMAT,
        ProblemCode.MESSAGE_TOO_BIG,
        ProblemCode.HEADER_INVALID,
        ProblemCode.CHANGED_AFTER_ACCEPTANCE,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Standing:
    """What is known of one line."""

    now: tuple[tuple[str, Status, RecipientState | None], ...]  # who counts: address, status, whence
    complete: bool  # it went to, or was posted for, everybody that it is (or was) for
    whole: RecipientState | None  # what a person decided of the whole line
    at: datetime | None  # of the newest fact
    frozen: tuple[ProblemCode, ...]  # why the batch holds it


def slip(
    plan: Plan,
    states: Mapping[Key, RecipientState],
    *,
    batch: Batch | None = None,
    entries: Iterable[Entry] = (),
) -> Slip:
    """Put each line of the plan in the box of the worst that is known of it.

    ``states`` is the fold of the period's entries. ``batch`` is the newest batch: a line that it
    held for what only freezing can see (a PDF not proved, a change after acceptance) is held until a
    RESOLVED among ``entries`` is newer than the batch; they tell as well what was printed.

    Which recipients count: those of the line's parcels; any address in doubt, for a doubt does not
    end because an address was corrected; and, of a line that has no parcel (any more), those whom
    it reached. An address that is set aside still counts where the line's own message came back from
    it: nobody there has it. An address that is no longer the line's and refused or deferred it counts
    no more: the line goes by what it is now.
    """
    entries = list(entries)
    of_line = _by_line(states)
    frozen, on_paper = _frozen(batch, entries), printed(entries)
    lines, recipients = [], dict.fromkeys(Status, 0)
    for line in plan.lines:
        standing = _standing(line, of_line.get(line.key, ()), states, frozen=frozen.get(line.key, ()))
        for _, status, _ in standing.now:
            recipients[status] += 1
        lines.append(_slip_line(line, standing, printed=line.key in on_paper))
    return Slip(
        period=plan.period,
        invoices=plan.invoices,
        euros=plan.euros,
        boxes=_totals(lines, plan.kind),
        statements=_totals(lines, LineKind.STATEMENT),
        recipients=recipients,
        lines=tuple(lines),
        vanished=_vanished(plan, of_line),
    )


def _by_line(states: Mapping[Key, RecipientState]) -> Mapping[str, Sequence[RecipientState]]:
    found: defaultdict[str, list[RecipientState]] = defaultdict(list)
    for state in states.values():
        found[state.line].append(state)
    return found


def _vanished(plan: Plan, of_line: Mapping[str, Sequence[RecipientState]]) -> tuple[SlipLine, ...]:
    """List what left, or may have, in the period, and is no longer in the workbook: never out of sight."""
    here = {line.key for line in plan.lines}
    found = []
    for key, states in of_line.items():
        gone = [s for s in states if s.status in (*_DOUBTFUL, Status.ACCEPTED) and s.address]
        if key in here or not any(state.month in plan.period for state in gone):
            continue
        found.append(
            SlipLine(
                key=key,
                kind=LineKind.INVOICE,
                month=gone[0].month,
                box=_worst(state.status for state in gone),
                amount=Decimal(gone[0].amount or 0),
                resident=gone[0].contact.partition("/")[0],
                name="",
                recipients=tuple((state.address, state.status) for state in gone),
                at=max((state.at for state in gone if state.at is not None), default=None),
            )
        )
    return tuple(found)


def _frozen(batch: Batch | None, entries: Iterable[Entry]) -> dict[str, tuple[ProblemCode, ...]]:
    """Give the lines that the batch holds for its own reasons, and that no person settled since."""
    if batch is None:
        return {}
    held = {line.key: _reasons(line) for line in batch.lines if line.disposition is Disposition.HELD}
    for entry in entries:
        by_evidence = entry.data.get("by") == "evidence"  # that it left says nothing of the new one
        if entry.kind is EntryKind.RESOLVED and not by_evidence and _newer(entry, batch):
            held.pop(entry.line, None)
    return {key: reasons for key, reasons in held.items() if reasons}


def _reasons(line: BatchLine) -> tuple[ProblemCode, ...]:
    return tuple(code for code in line.reasons if code in _AT_FREEZING)


def _newer(entry: Entry, batch: Batch) -> bool:
    return entry.at > batch.created if entry.at is not None else entry.id > batch.journal.entry


def _standing(
    line: DispatchLine,
    known: Sequence[RecipientState],
    states: Mapping[Key, RecipientState],
    *,
    frozen: tuple[ProblemCode, ...],
) -> _Standing:
    own = {(state.contact, state.address): state for state in known}
    whole = own.pop(("", ""), None)
    recipients = [
        (recipient.address, state_of(line.key, recipient, states, documents=line.carried(parcel)))
        for parcel in line.parcels
        for recipient in parcel.recipients
    ]
    statuses = [state.status if state else Status.PENDING for _, state in recipients]
    now: list[tuple[str, Status, RecipientState | None]] = []
    for (address, state), status in zip(recipients, statuses, strict=True):
        tried = state is not None and own.pop((state.contact, state.address), None) is not None
        if tried or line.disposition is Disposition.MAIL:
            now.append((address, status, state))
    counted = _DONE if not recipients else frozenset[Status]()
    aside = {recipient.address for recipient in line.set_aside}
    for state in own.values():  # of addresses that the line no longer has
        came_back = state.status is Status.BOUNCED and state.address in aside
        if state.status in _DOUBTFUL or state.status in counted or came_back:
            now.append((state.address, state.status, state))
    considered = statuses if recipients else [state.status for state in own.values()]
    return _Standing(
        now=tuple(now),
        complete=bool(considered) and _DONE.issuperset(considered),
        whole=whole,
        at=max((state.at for state in known if state.at is not None), default=None),
        frozen=frozen,
    )


def _box(line: DispatchLine, standing: _Standing) -> Box:
    """Choose a line's box: facts first, then decisions.

    1. Any doubt: uncertain, whatever was decided of the line since.
    2. What a person settled as a whole (posted; accepted, sent by hand) is settled, also when it is
       held or to be printed, unless one of its recipients was released or tried again since.
    3. Excluded: in the box of those whom it reached all the same, else excluded.
    4. Held, by selection or by the batch: held, unless the plan would mail it and it was refused; or
       unless nothing but a death holds it and it had reached everybody: nothing is left to decide.
    5. To print, and unticked: accepted (or posted) if it reached everybody. A refusal of an unticked
       line, and a message that came back, stay to be settled; what is deferred or was never tried is
       not going to be: unticked.
    6. Mailed: its worst recipient's.
    """
    statuses = {status for _, status, _ in standing.now}
    if statuses & _DOUBTFUL:
        return Box.UNCERTAIN
    whole = standing.whole
    if whole is not None and whole.status in _DONE and statuses <= _DONE:
        return _worst({whole.status} | statuses)
    return _decided(line, standing, statuses) or _worst(statuses or {Status.PENDING})


def _decided(line: DispatchLine, standing: _Standing, statuses: set[Status]) -> Box | None:
    """Give the box of a line that was decided not to leave; None where the recipients say."""
    reached, refused = statuses & _DONE, bool(statuses & _FAILED)
    if line.disposition is Disposition.EXCLUDED:
        return _worst(reached) if reached else Box.EXCLUDED
    if line.disposition is Disposition.HELD or standing.frozen:
        if standing.complete and not standing.frozen and _only_dead(line):
            return None
        return Box.REFUSED if refused else Box.HELD
    if line.disposition is Disposition.MAIL or standing.complete:
        return None
    if line.disposition is Disposition.TO_PRINT:
        return Box.REFUSED if Status.BOUNCED in statuses else Box.TO_PRINT
    return Box.REFUSED if refused else Box.UNTICKED


def _only_dead(line: DispatchLine) -> bool:
    return {problem.code for problem in line.reasons} == {ProblemCode.RESIDENT_DECEASED}


def _worst(statuses: Iterable[Status]) -> Box:
    return min((_BOX_OF[status] for status in statuses), key=_RANK.__getitem__)


def _slip_line(line: DispatchLine, standing: _Standing, *, printed: bool) -> SlipLine:
    """Say a line as a person needs it. ``paper`` is true as long as a copy remains to be printed."""
    box = _box(line, standing)
    words = [
        f"{state.reply.code} {state.reply.text}".strip()
        for _, status, state in standing.now
        if state is not None and state.reply is not None and _BOX_OF[status] is box
    ]
    codes = [problem.code for problem in line.reasons]
    return SlipLine(
        key=line.key,
        kind=line.kind,
        month=line.month,
        box=box,
        amount=line.amount,
        resident=line.resident.code if line.resident else "",
        name=line.resident.name if line.resident else "",
        recipients=tuple((address, status) for address, status, _ in standing.now),
        reasons=() if box in _SETTLED else tuple(dict.fromkeys((*codes, *standing.frozen))),
        at=standing.at,
        paper=line.paper and not printed,
        # The reply to RCPT of a message in doubt says nothing about the doubt.
        note=words[0] if words and box is not Box.UNCERTAIN else "",
    )


def _totals(lines: Iterable[SlipLine], kind: LineKind) -> dict[Box, BoxTotal]:
    counts, euros = dict.fromkeys(Box, 0), dict.fromkeys(Box, Decimal(0))
    for line in lines:
        if line.kind is kind:
            counts[line.box] += 1
            euros[line.box] += line.amount
    return {box: BoxTotal(count=counts[box], euros=euros[box]) for box in Box}
