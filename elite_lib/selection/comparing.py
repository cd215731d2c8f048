"""Compare who is written to this month with who was written to in the last one that was sent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from elite_lib.models import (
    Change,
    ChangeKind,
    Contact,
    DispatchLine,
    Disposition,
    Plan,
    Quality,
    RecipientState,
    Status,
    Tables,
)
from elite_lib.selection.building import families

# What did not leave, or not by mail, says nothing of an address.
_NOT_WRITTEN = frozenset({Status.PENDING, Status.DEFERRED, Status.POSTED})
_MANY = frozenset({Quality.GUARDIAN, Quality.ORGANISATION})  # rightly of many residents

Addresses = dict[str, str]  # mailbox (lower case) -> contact


@dataclass(slots=True, kw_only=True)
class _Resident:
    """One resident this month and then."""

    name: str = ""
    now: Addresses = field(default_factory=dict)
    then: Addresses = field(default_factory=dict)
    set_aside: set[str] = field(default_factory=set)  # told as what came back, not as a change
    lines: list[DispatchLine] = field(default_factory=list)
    line_of: dict[str, str] = field(default_factory=dict)  # mailbox -> key

    @property
    def billed(self) -> bool:
        return any(line.disposition is not Disposition.EXCLUDED for line in self.lines)

    @property
    def first_line(self) -> str:
        return next((line.key for line in self.lines if line.disposition is not Disposition.EXCLUDED), "")

    @property
    def held(self) -> bool:
        """Whether a line is held: to whom it would go is not decided, so nothing has vanished."""
        return any(line.disposition is Disposition.HELD for line in self.lines)


def compare(
    plan: Plan,
    tables: Tables,
    before: Iterable[RecipientState],
    *,
    month: str,
    meant_provider: Callable[[str], str],
) -> tuple[Change, ...]:
    """List what is worth a look: shared and misspelt addresses first, then what changed since ``month``.

    ``before`` is what the journal knows of that month; "" and nothing where none was sent. A contact is told
    by its resident and rank, an address by its letters, whatever their case.
    """
    residents = _residents(plan, before)
    found = [
        *_shared(residents, tables, month=month),
        *_misspelt(residents, meant_provider, month=month),
    ]
    if month:
        for code, resident in residents.items():
            found += _since(code, resident, month=month)
    order = list(ChangeKind)
    return tuple(sorted(found, key=lambda change: (change.known, order.index(change.kind))))


def _residents(plan: Plan, before: Iterable[RecipientState]) -> Mapping[str, _Resident]:
    found: defaultdict[str, _Resident] = defaultdict(_Resident)
    for line in plan.lines:
        if line.resident is None:
            continue
        resident = found[line.resident.code]
        resident.name = line.resident.name
        resident.lines.append(line)
        resident.set_aside.update(recipient.address.lower() for recipient in line.set_aside)
        for parcel in line.parcels:
            for recipient in parcel.recipients:
                mailbox = recipient.address.lower()
                resident.now.setdefault(mailbox, recipient.contact)
                resident.line_of.setdefault(mailbox, line.key)
    for state in before:
        code = state.contact.rpartition("/")[0]
        if code and state.address and state.status not in _NOT_WRITTEN:
            found[code].then.setdefault(state.address.lower(), state.contact)
    return found


def _since(code: str, resident: _Resident, *, month: str) -> Iterator[Change]:
    def change(kind: ChangeKind, address: str, contact: str, *, before: str = "") -> Change:
        line = resident.line_of.get(address) or resident.first_line
        return Change(
            kind=kind,
            resident=code,
            name=resident.name,
            line=line,
            contact=contact,
            address=address,
            before=before,
            month=month,
        )

    if not resident.then:
        yield from (change(ChangeKind.FIRST, address, contact) for address, contact in resident.now.items())
        return
    if not resident.billed:
        yield change(ChangeKind.NO_INVOICE, ", ".join(resident.then), "")
        return
    if resident.held:
        return
    there = resident.now.keys() | resident.set_aside
    gone = {mailbox: contact for mailbox, contact in resident.then.items() if mailbox not in there}
    for mailbox, contact in resident.now.items():
        if mailbox not in resident.then:
            before = next((old for old, theirs in gone.items() if theirs and theirs == contact), "")
            gone.pop(before, None)
            kind = ChangeKind.CHANGED if before else ChangeKind.NEW
            yield change(kind, mailbox, contact, before=before)
    yield from (change(ChangeKind.VANISHED, mailbox, contact) for mailbox, contact in gone.items())


def _misspelt(
    residents: Mapping[str, _Resident], meant_provider: Callable[[str], str], *, month: str
) -> Iterator[Change]:
    for code, resident in residents.items():
        for mailbox, contact in resident.now.items():
            if meant := meant_provider(mailbox.rpartition("@")[2]):
                yield Change(
                    kind=ChangeKind.MISSPELT,
                    resident=code,
                    name=resident.name,
                    line=resident.line_of[mailbox],
                    contact=contact,
                    address=mailbox,
                    meant=meant,
                    month=month,
                    known=mailbox in resident.then,
                )


def _shared(residents: Mapping[str, _Resident], tables: Tables, *, month: str) -> Iterator[Change]:
    """List addresses that receive for a resident and are another's too, save where all of them are many's."""
    people = families(tables)
    owners: defaultdict[str, dict[str, Sequence[Contact]]] = defaultdict(dict)
    for code, family in people.items():
        for bearer in family.contacts:
            for address in bearer.emails:
                mine = owners[address.lower()]
                mine[code] = (*mine.get(code, ()), bearer)
    for code, resident in residents.items():
        for mailbox, contact in resident.now.items():
            bearers = owners.get(mailbox, {})
            others = [other for other in bearers if other != code]
            if not others or all(c.quality in _MANY for contacts in bearers.values() for c in contacts):
                continue
            then = [residents[other].then for other in others if other in residents]
            yield Change(
                kind=ChangeKind.SHARED,
                resident=code,
                name=resident.name,
                line=resident.line_of[mailbox],
                contact=contact,
                address=mailbox,
                others=tuple(people[other].resident.name for other in others),
                month=month,
                known=mailbox in resident.then and any(mailbox in addresses for addresses in then),
            )
