"""Pick one invoice out of the workbook, and to whom it goes; what they have of it already."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from enum import StrEnum

from elite_lib import composition, outcomes, selection
from elite_lib.batch.office import Office
from elite_lib.batch.preparing import read_plan
from elite_lib.exceptions import ConfigError
from elite_lib.models import (
    Contact,
    DispatchLine,
    Disposition,
    DocumentKind,
    Entry,
    Parcel,
    Period,
    ProblemCode,
    Recipient,
    Status,
    Tables,
)
from elite_lib.outbox import PreparedMessage


class Already(StrEnum):
    """What a recipient has, or may have, of this line."""

    ACCEPTED = "accepted"
    UNCERTAIN = "uncertain"
    HANDED = "handed"
    POSTED = "posted"
    LEFT_ELSEWHERE = "left_elsewhere"  # one of the documents travelled with another line


def find(office: Office, invoice: str, tables: Tables) -> tuple[DispatchLine, list[Entry]]:
    month = selection.month_of_document(tables, invoice)
    if month is None:
        raise ConfigError("invoice_unknown", value=invoice)
    plan, entries = read_plan(office, Period(first=month, last=month), tables=tables)
    line = next((line for line in plan.lines if invoice in (line.key, line.number)), None)
    if line is None:
        raise ConfigError("invoice_unknown", value=invoice)
    return line, [entry for entry in entries if entry.line]


def refuse_held(line: DispatchLine, *, named: bool) -> None:
    """A problem in the data holds it; a death does not, where a person names whom it goes to."""
    if line.disposition is Disposition.EXCLUDED:
        raise ConfigError("single_excluded", value=line.key)
    codes = {problem.code for problem in line.reasons}
    if line.disposition is Disposition.HELD and not (named and codes == {ProblemCode.RESIDENT_DECEASED}):
        raise ConfigError("single_held", value=line.key, codes=tuple(sorted(codes)))


def parcels(line: DispatchLine, to: Sequence[str], tables: Tables) -> tuple[Parcel, ...]:
    """Make a parcel for each set of documents: two contacts may get different ones."""
    if not to:
        return line.parcels
    resident = line.resident
    people = {
        address.lower(): contact
        for contact in reversed(selection.contacts(tables, resident.code if resident else ""))
        for address in contact.emails
    }
    groups: defaultdict[tuple[DocumentKind, ...], list[Recipient]] = defaultdict(list)
    for address in dict.fromkeys(map(composition.canonical_address, to)):
        contact = people.get(address.lower())
        recipient = Recipient(
            contact=contact.key if contact else "", address=address, name=contact.name if contact else ""
        )
        groups[_documents(line, contact)].append(recipient)
    deceased = resident is not None and resident.death_date is not None
    return tuple(
        Parcel(
            key=f"{line.key}~single~{number}",
            recipients=tuple(recipients),
            documents=documents,
            addressee=", ".join(filter(None, (r.name for r in recipients))),
            deceased=deceased,
        )
        for number, (documents, recipients) in enumerate(groups.items(), start=1)
    )


def _documents(line: DispatchLine, contact: Contact | None) -> tuple[DocumentKind, ...]:
    kinds = [DocumentKind.INVOICE] if line.invoice is not None else []
    alone = not kinds
    if line.statement is not None and (alone or (contact is not None and contact.gets_statements)):
        kinds.append(DocumentKind.STATEMENT)
    return tuple(kinds)


# -- what they have already --------------------------------------------------------------------------

_ALREADY = {
    Status.ACCEPTED: Already.ACCEPTED,
    Status.UNCERTAIN: Already.UNCERTAIN,
    Status.HANDED: Already.HANDED,
    Status.POSTED: Already.POSTED,
}


def already_has(message: PreparedMessage, states: outcomes.States) -> list[tuple[str, Already]]:
    found: list[tuple[str, Already]] = []
    for recipient in message.draft.recipients:
        status = outcomes.status_of(message.line, recipient, states, documents=message.documents)
        if status in _ALREADY:
            found.append((recipient.address, _ALREADY[status]))
    elsewhere = outcomes.left_elsewhere(message.documents, message.line, states)
    found += [(number, Already.LEFT_ELSEWHERE) for number in elsewhere]
    return found


def replaces(message: PreparedMessage, states: outcomes.States) -> str:
    """Name the earlier message to the same contact, or to the same mailbox; "" where there is none."""
    contacts = {r.contact for r in message.draft.recipients if r.contact}
    mailboxes = {r.address.lower() for r in message.draft.recipients}
    earlier = [
        state
        for state in states.of_line(message.line)
        if state.message_id and (state.contact in contacts or state.address.lower() in mailboxes)
    ]
    if not earlier and not all(r.contact for r in message.draft.recipients):
        # a corrected address, typed by hand: of the message that did not arrive
        failed = (Status.BOUNCED, Status.REFUSED)
        earlier = [s for s in states.of_line(message.line) if s.message_id and s.status in failed]
    return max(earlier, key=lambda state: state.entry).message_id if earlier else ""
