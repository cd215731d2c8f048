"""What persons decide: settle, untick, print. All of it is in the journal, under their name."""

from __future__ import annotations

from collections.abc import Sequence

from elite_lib import composition, outcomes
from elite_lib.batch.office import Office
from elite_lib.batch.preparing import read_plan
from elite_lib.exceptions import ConfigError
from elite_lib.models import (
    DispatchLine,
    Entry,
    EntryKind,
    Period,
    RecipientOutcome,
    RecipientState,
    Resolution,
    Status,
)

_STATUS = {
    Resolution.ACCEPTED: Status.ACCEPTED,
    Resolution.RESEND: Status.PENDING,
    Resolution.POSTED: Status.POSTED,
}


def settle(
    office: Office, period: Period, invoice: str, *, resolution: Resolution, to: Sequence[str] = ()
) -> Entry:
    """Settle a line by a person's word: it did go, it may go again, or it was posted.

    ``to`` narrows it to these addresses of the line. For a deceased resident's line, ``RESEND`` with
    addresses says to whom it goes (a notary, an heir): these may be new.

    Raises:
        ConfigError: no such line in the period (``line_unknown``); an address that the line does not
            have (``address_unknown``); nothing to settle as accepted (``nothing_sent``).
    """
    plan, entries = read_plan(office, period)
    line = next((line for line in plan.lines if invoice in (line.key, line.number)), None)
    key = line.key if line is not None else invoice
    states = [state for state in outcomes.fold(entries).values() if state.line == key]
    if line is None and not states:  # one that left may be gone from the workbook, and still be settled
        raise ConfigError("line_unknown", value=invoice, period=period.key)
    if resolution is Resolution.ACCEPTED and all(state.status is Status.PENDING for state in states):
        raise ConfigError("nothing_sent", value=key)
    resident = line.resident if line is not None else None
    deceased = resident is not None and resident.death_date is not None
    recipients = _chosen(line, states, to=to, may_be_new=deceased and resolution is Resolution.RESEND)
    return office.journal.append(
        Entry(
            kind=EntryKind.RESOLVED,
            operator=office.operator,
            month=(line.month if line is not None else states[0].month) or period.first,
            line=key,
            recipients=tuple(
                RecipientOutcome(contact=contact, address=address, status=_STATUS[resolution])
                for contact, address in recipients
            ),
            data={"resolution": resolution.value, "by": "person", **({"deceased": True} if deceased else {})},
        )
    )


def _chosen(
    line: DispatchLine | None, states: Sequence[RecipientState], *, to: Sequence[str], may_be_new: bool
) -> list[tuple[str, str]]:
    parcels = line.parcels if line is not None else ()
    known = {(r.contact, r.address) for parcel in parcels for r in parcel.recipients}
    known |= {(state.contact, state.address) for state in states if state.address}
    if not to:
        return []  # the whole line
    wanted = [composition.canonical_address(address) for address in to]
    missing = [address for address in wanted if address not in {a for _, a in known}]
    if missing and not may_be_new:
        raise ConfigError("address_unknown", value=missing[0])
    return [pair for pair in sorted(known) if pair[1] in wanted] + [("", address) for address in missing]


def untick(office: Office, period: Period, invoices: Sequence[str], *, ticked: bool = False) -> list[Entry]:
    """Leave lines out (or, with ``ticked``, take them in again), for scheduled runs too.

    Raises:
        ConfigError: no such line in the period; nothing is recorded then.
    """
    plan, _ = read_plan(office, period)
    lines = {line.key: line for line in plan.lines}
    for invoice in invoices:
        if invoice not in lines:
            raise ConfigError("line_unknown", value=invoice, period=period.key)
    return [
        office.journal.append(
            Entry(
                kind=EntryKind.TICKED if ticked else EntryKind.UNTICKED,
                operator=office.operator,
                month=lines[invoice].month or period.first,
                line=invoice,
            )
        )
        for invoice in invoices
    ]


def record_printed(office: Office, lines: Sequence[DispatchLine], *, period: Period) -> None:
    """Note that these lines' documents were printed, by whom and when."""
    for line in lines:
        office.journal.append(
            Entry(
                kind=EntryKind.PRINTED,
                operator=office.operator,
                month=line.month or period.first,
                line=line.key,
            )
        )
