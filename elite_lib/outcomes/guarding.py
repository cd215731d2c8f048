"""Keep a message from leaving twice: what is still to be sent, and what changed since it left."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal

from elite_lib import formats
from elite_lib.models import (
    Batch,
    BatchMessage,
    DispatchLine,
    Fingerprint,
    Parcel,
    Recipient,
    RecipientState,
    Status,
)
from elite_lib.outcomes.folding import Key, States
from elite_lib.outcomes.pseudonyms import is_pseudonym

_OPEN = (Status.PENDING, Status.DEFERRED)
_GONE = (Status.ACCEPTED, Status.UNCERTAIN, Status.POSTED, Status.HANDED)
_MAY_HAVE_LEFT = (Status.ACCEPTED, Status.UNCERTAIN, Status.HANDED)
_IN_DOUBT = (Status.UNCERTAIN, Status.HANDED)
_UNDELIVERED = (Status.DEFERRED, Status.REFUSED, Status.BOUNCED)
_PARTS = ("addresses", "documents", "text")


def state_of(
    line: str, recipient: Recipient, states: Mapping[Key, RecipientState], *, documents: Collection[str]
) -> RecipientState | None:
    """Give what is known of a recipient, to whom ``documents`` (numbers) would go.

    By itself; else by its mailbox, where that has all of them already: a contact that got another
    rank or code, or whose address is now written in capitals, is still the same family. Else what
    was decided of its whole line.
    """
    own = states.get((line, recipient.contact, recipient.address))
    if own is not None and own.status not in _UNDELIVERED:
        return own
    for state in _of_line(states, line):
        has_all = not state.documents or set(documents) <= set(state.documents)
        if state.status in _GONE and has_all and _is_theirs(state, recipient):
            return state
    return own or states.get((line, "", ""))


def status_of(
    line: str, recipient: Recipient, states: Mapping[Key, RecipientState], *, documents: Collection[str]
) -> Status:
    """Give the status of :func:`state_of`; pending where nothing is known."""
    state = state_of(line, recipient, states, documents=documents)
    return state.status if state else Status.PENDING


def remaining(message: BatchMessage, states: Mapping[Key, RecipientState]) -> tuple[Recipient, ...]:
    """List the recipients of a message that still need it: pending or deferred ones only."""
    return tuple(
        recipient
        for recipient in message.recipients
        if status_of(message.line, recipient, states, documents=message.documents) in _OPEN
    )


def untouched(
    line: str,
    recipients: Sequence[Recipient],
    states: Mapping[Key, RecipientState],
    *,
    documents: Collection[str],
) -> bool:
    """Tell whether nothing left to any of these recipients, nor may have: all of them still need it."""
    return all(
        status_of(line, recipient, states, documents=documents) in _OPEN for recipient in recipients
    ) and not any(
        state.status in _IN_DOUBT and _same(state, recipients, documents=documents)
        for state in _of_line(states, line)
    )


def pending(batch: Batch, states: Mapping[Key, RecipientState]) -> tuple[BatchMessage, ...]:
    """List the messages still to be sent, in the order of the batch; of those that share one, the leading.

    A message with a recipient in doubt is none of them (invariant 4), and neither is one to a
    contact of the line who is in doubt at another address, or to that address of another contact:
    the doubt does not end because the workbook was corrected. Refused recipients are not tried again.
    A message that several parcels share is pending as long as all of them still need it, for the same
    addresses: where one was settled, preparing again writes to the guardian for the others.
    """
    doubted: defaultdict[str, list[RecipientState]] = defaultdict(list)
    for state in states.values():
        if state.status in _IN_DOUBT:
            doubted[state.line].append(state)
    shared: defaultdict[str, list[frozenset[str]]] = defaultdict(list)
    open_: list[tuple[BatchMessage, frozenset[str]]] = []
    for message in batch.messages:
        in_doubt = any(
            _same(state, message.recipients, documents=message.documents)
            for state in doubted.get(message.line, ())
        )
        left = frozenset() if in_doubt else frozenset(r.address for r in remaining(message, states))
        if message.group:
            shared[message.group].append(left)
        if left and message.leads:
            open_.append((message, left))
    return tuple(message for message, left in open_ if set(shared.get(message.group, ())) <= {left})


def changed(
    fingerprint: Fingerprint,
    message: Parcel | BatchMessage,
    line: str,
    states: Mapping[Key, RecipientState],
    *,
    documents: Collection[str] = (),
) -> tuple[str, ...]:
    """Say what differs from the message that a contact of this one already has, or may have.

    Any of ``addresses``, ``documents``, ``text``; empty when nothing does, when nothing went yet,
    or when a person said since that it may go again. Keyed on line and contact, so that another
    address of the same contact does not go round it; and on the mailbox, so that another rank does
    not. Who released another recipient of the message released this contact only as far as nothing
    more goes to it. ``documents``: the numbers that a parcel carries; a frozen message knows its own.
    """
    if isinstance(message, BatchMessage):
        documents = message.documents
    found: set[str] = set()
    known = [s for s in _of_line(states, line) if _same(s, message.recipients, documents=documents)]
    again = [state for state in known if state.status is Status.PENDING]
    still = [r for r in message.recipients if status_of(line, r, states, documents=documents) in _OPEN]
    for state in known:
        gone = state.status in _MAY_HAVE_LEFT and state.fingerprint
        if gone and not _waived(state, again, still=still):
            before = Fingerprint.parse(state.fingerprint)
            found.update(part for part in _PARTS if getattr(before, part) != getattr(fingerprint, part))
    return tuple(part for part in _PARTS if part in found)


def replaced(message: Parcel | BatchMessage, line: str, states: Mapping[Key, RecipientState]) -> str:
    """Give the Message-ID of the earlier message that a person said this one replaces, or ``""``."""
    known = [s for s in _of_line(states, line) if s.status is Status.PENDING and s.message_id]
    earlier = [state for state in known if _same(state, message.recipients)]
    return earlier[-1].message_id if earlier else ""


def left_elsewhere(
    documents: Iterable[str], line: str, states: Mapping[Key, RecipientState]
) -> tuple[str, ...]:
    """List the documents that left, or may have, under another line: a relevé that was mailed alone and
    now travels with an invoice. Not those that left under this line too, nor what had left when a person
    said that this line may go all the same."""
    mine = list(_of_line(states, line))
    here = {number for state in mine if state.status in _GONE for number in state.documents}
    again = [state for state in mine if state.status is Status.PENDING]
    return tuple(
        number
        for number in documents
        if number not in here
        and any(
            state.line != line and _left(state) and not any(_later(waiver, state) for waiver in again)
            for state in _carrying(states, number)
        )
    )


def vanished(states: Mapping[Key, RecipientState], present: Collection[str]) -> tuple[RecipientState, ...]:
    """List what left, or may have, under lines that are no longer ``present`` in the workbook."""
    return tuple(state for state in states.values() if state.line not in present and _left(state))


def renumbered(
    line: DispatchLine, gone: Iterable[RecipientState], states: Mapping[Key, RecipientState]
) -> tuple[str, ...]:
    """List the lines of ``gone`` that are this one under another number, as it seems: the same resident,
    month and euros. A program that drops leading zeros renumbers a whole month, and would send it again.
    Empty when a person said that the line may go all the same, and for a line that left by itself."""
    mine = list(_of_line(states, line.key))
    if any(_left(state) for state in mine):
        return ()
    again = [state for state in mine if state.status is Status.PENDING]
    return tuple(
        sorted(
            {
                state.line
                for state in gone
                if _alike(state, line) and not any(_later(waiver, state) for waiver in again)
            }
        )
    )


def _alike(state: RecipientState, line: DispatchLine) -> bool:
    same = state.month == line.month and state.amount != "" and Decimal(state.amount) == line.amount
    resident = line.resident.code if line.resident else ""
    return same and (
        state.contact.partition("/")[0] == resident
        if state.contact
        else any(_is_theirs(state, r) for parcel in line.parcels for r in parcel.recipients)
    )


def _left(state: RecipientState) -> bool:
    return state.status in _MAY_HAVE_LEFT and state.address != ""


def _carrying(states: Mapping[Key, RecipientState], document: str) -> Iterable[RecipientState]:
    if isinstance(states, States):
        return states.carriers(document)
    return [state for state in states.values() if document in state.documents]


def _of_line(states: Mapping[Key, RecipientState], line: str) -> Iterable[RecipientState]:
    if isinstance(states, States):
        return states.of_line(line)
    return [state for state in states.values() if state.line == line]


def _same(state: RecipientState, recipients: Iterable[Recipient], *, documents: Collection[str] = ()) -> bool:
    """Tell whether a state is about one of the recipients: their contact, or their mailbox.

    Two contacts may share a mailbox and get different documents there: those are two messages.
    """
    if not state.address:
        return False  # of a whole line
    apart = documents and state.documents and set(documents).isdisjoint(state.documents)
    return any(
        (state.contact and r.contact == state.contact) or (not apart and _is_theirs(state, r))
        for r in recipients
    )


def _is_theirs(state: RecipientState, recipient: Recipient) -> bool:
    """Tell whether a state is about a recipient's mailbox.

    Of an address that was put away only the contact and the mask are left; either is enough to wait.
    """
    if not is_pseudonym(state.address):
        return _mailbox(state) == _mailbox(recipient)
    same_contact = bool(state.contact) and state.contact == recipient.contact
    return same_contact or state.address.partition("#")[0] == formats.masked(recipient.address)


def _mailbox(of: Recipient | RecipientState) -> str:
    """The same mailbox in practice, whatever RFC 5321 2.4 allows; selection counts it once as well."""
    return of.address.lower()


def _waived(state: RecipientState, again: Iterable[RecipientState], *, still: Iterable[Recipient]) -> bool:
    later = [waiver for waiver in again if _later(waiver, state)]
    own = any(_same(waiver, (_recipient(state),)) for waiver in later)
    return own or (bool(later) and not _same(state, still))


def _recipient(state: RecipientState) -> Recipient:
    return Recipient(contact=state.contact, address=state.address)


def _later(one: RecipientState, other: RecipientState) -> bool:
    return one.entry > other.entry
