"""The sheet of returns (*feuille des retours*): whom to call, what to say, and what is ours to mend.

What is our own fault is told apart, on top, and blames no address.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from elite_lib.batch import Office
from elite_lib.labels import _, ngettext, word
from elite_lib.models import Period, ReturnClass, ReturnKind, Tables
from elite_lib.notices.findings import Returned, findings, states_of, still_open

SEVERAL = 3  # addresses blocked by one provider: it is us, whatever it says


class Part(StrEnum):
    """A part of the sheet, the most urgent first."""

    CALL = "call"  # families to call
    AGAIN = "again"  # good addresses: to be sent again once our own mail is in order
    WATCH = "watch"  # nothing to do yet
    UNTIED = "untied"  # about no message of ours


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One line of the sheet: one address of one contact, with every document that came back."""

    part: Part
    resident: str  # name, else code
    name: str
    phone: str
    address: str
    lines: tuple[str, ...]
    happened: str
    todo: str
    reason: str  # the server's own words
    at: dt.datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnFault:
    """Something of ours that made messages come back."""

    happened: str
    todo: str
    addresses: int
    lanes: tuple[str, ...]
    reason: str

    @property
    def sentence(self) -> str:
        """Say it on one line, for a banner."""
        text = ngettext(
            "{n} address concerned ({providers}).", "{n} addresses concerned ({providers}).", self.addresses
        )
        about = text.format(n=self.addresses, providers=", ".join(self.lanes))
        return f"{self.happened} {self.todo} {about}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnSheet:
    """What came back about a period and still needs somebody, ready to be shown."""

    period: Period | None
    faults: tuple[OwnFault, ...] = ()
    calls: tuple[Call, ...] = ()  # by part, then urgency, then resident
    settled: int = 0  # failures that need nobody any more

    def of(self, part: Part) -> tuple[Call, ...]:
        return tuple(call for call in self.calls if call.part is part)

    @property
    def empty(self) -> bool:
        return not (self.faults or self.calls)


def part_title(part: Part) -> str:
    """Name a part of the sheet."""
    return {
        Part.CALL: _("Families to call"),
        Part.AGAIN: _("To be sent again once our mail is in order"),
        Part.WATCH: _("To be watched: nothing to do yet"),
        Part.UNTIED: _("Tied to no message"),
    }[part]


def column_titles() -> tuple[str, ...]:
    """Name the columns of the sheet, in the order of :func:`cells`."""
    return (
        _("Resident"), _("Contact"), _("Telephone"), _("Address"), _("Documents"),
        _("What happened"), _("What to do"), _("Words of the server"),
    )  # fmt: skip


def cells(call: Call) -> tuple[str, ...]:
    """Give a line's cells as they are shown."""
    return (
        call.resident, call.name, call.phone, call.address, ", ".join(call.lines),
        call.happened, call.todo, call.reason,
    )  # fmt: skip


def return_sheet(
    office: Office, period: Period | None = None, *, tables: Tables | None = None
) -> ReturnSheet:
    """Draw the sheet of a period; ``tables`` (the workbook) bring names and telephones.

    Raises:
        JournalError: it cannot be read.
    """
    found = findings(office, period, tables=tables)
    return sheet_of(found, still_open(found, states_of(office, found)), period=period)


def recent_faults(office: Office, since: dt.datetime) -> tuple[OwnFault, ...]:
    """Say what of ours made messages come back since an instant, and is not settled yet.

    Raises:
        JournalError: it cannot be read.
    """
    found = [one for one in findings(office) if one.read >= since]
    return own_faults(still_open(found, states_of(office, found)))


def sheet_of(found: Sequence[Returned], current: Sequence[Returned], *, period: Period | None) -> ReturnSheet:
    """Make the sheet of what is ``current`` of all that was ``found``."""
    blamed = {one.entry: one for one in our_own(current)}
    grouped: dict[tuple[str, ...], Call] = {}
    shown = [blamed.get(one.entry, one) for one in current]
    for one in sorted(shown, key=lambda one: _order(one, one.entry in blamed)):
        part = _part(one, one.entry in blamed)
        if part is None:
            continue
        call = _call(one, part)
        key = (part, one.contact, one.address.lower(), call.happened)
        before = grouped.get(key)
        lines = dict.fromkeys((*(before.lines if before else ()), *call.lines))
        grouped[key] = replace(before or call, lines=tuple(lines))
    failures = {one.entry for one in found if one.failed}
    return ReturnSheet(
        period=period,
        faults=own_faults(current),
        calls=tuple(grouped.values()),
        settled=len(failures - {one.entry for one in current}),
    )


def our_own(found: Iterable[Returned]) -> list[Returned]:
    """Pick what is our own fault: what says so, and a provider that blocks several addresses.

    A delay is one only where we are blocked: a pace that is too fast mends itself.
    """
    failures = [
        one
        for one in found
        if one.kind is ReturnKind.BOUNCE
        and one.tied is not None
        and (one.final or one.cls is ReturnClass.BLOCK)
    ]
    blocked: dict[str, set[str]] = {}
    for one in failures:
        if one.cls is ReturnClass.BLOCK and one.final:
            blocked.setdefault(one.lane, set()).add(one.address.lower())
    return [
        replace(one, ours=True)
        for one in failures
        if one.ours or (one.cls is ReturnClass.BLOCK and len(blocked.get(one.lane, ())) >= SEVERAL)
    ]


def own_faults(found: Iterable[Returned]) -> tuple[OwnFault, ...]:
    """Say what of ours made messages come back, the fault that touches most addresses first."""
    groups: dict[tuple[str, str], list[Returned]] = {}
    for one in our_own(found):
        groups.setdefault((one.saying.happened, one.saying.todo), []).append(one)
    faults = [
        OwnFault(
            happened=happened,
            todo=todo,
            addresses=len({one.address.lower() for one in group}),
            lanes=tuple(sorted({one.lane for one in group})),
            reason=group[-1].reason,
        )
        for (happened, todo), group in groups.items()
    ]
    return tuple(sorted(faults, key=lambda fault: -fault.addresses))


_URGENT = (
    ReturnClass.HARD,
    ReturnClass.COMPLAINT,
    ReturnClass.BLOCK,
    ReturnClass.MAILBOX_FULL,
    ReturnClass.UNKNOWN,
    ReturnClass.SOFT,
    ReturnClass.RATE_LIMITED,
)
_ASKS = (ReturnKind.COMPLAINT, ReturnKind.CHALLENGE)


def _part(one: Returned, ours: bool) -> Part | None:
    """Say where a return stands in the sheet; None: good news."""
    if one.kind in (ReturnKind.DELIVERED, ReturnKind.MDN):
        return None
    if one.tied is None:
        return Part.UNTIED if one.kind in (ReturnKind.BOUNCE, ReturnKind.COMPLAINT) else None
    if one.failed:
        return Part.AGAIN if ours else Part.CALL
    return Part.CALL if one.kind in _ASKS else Part.WATCH


def _order(one: Returned, ours: bool) -> tuple[int, int, str, int]:
    part = _part(one, ours)
    place = list(Part).index(part) if part else len(Part)
    urgency = _URGENT.index(one.cls) if one.cls in _URGENT else len(_URGENT)
    return place, urgency, one.resident_name or one.resident, one.entry


def _call(one: Returned, part: Part) -> Call:
    happened, todo = one.saying
    words = " ".join(filter(None, (one.code, one.reason))) if one.code not in one.reason else one.reason
    return Call(
        part=part,
        resident=one.resident_name or one.resident,
        name=one.name,
        phone=one.phone,
        address=one.address,
        lines=(one.line,) if one.line else (),
        happened=happened,
        todo=todo,
        reason=words or (word(one.cls) if one.cls else ""),
        at=one.received,
    )
