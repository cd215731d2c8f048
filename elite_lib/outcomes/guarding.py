"""Keep a message from leaving twice: what is still to be sent, and what changed since it left."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from elite_lib.models import (
    Batch,
    BatchMessage,
    Fingerprint,
    Parcel,
    Recipient,
    RecipientState,
    Status,
)
from elite_lib.outcomes.folding import Key, States

_OPEN = (Status.PENDING, Status.DEFERRED)
_PARTS = ("addresses", "documents", "text")


def status_of(line: str, recipient: Recipient, states: Mapping[Key, RecipientState]) -> Status:
    """Give what is known of a recipient: by itself, else by what was decided of its whole line."""
    state = states.get((line, recipient.contact, recipient.address)) or states.get((line, "", ""))
    return state.status if state else Status.PENDING


def remaining(message: BatchMessage, states: Mapping[Key, RecipientState]) -> tuple[Recipient, ...]:
    """List the recipients of a message that still need it: pending or deferred ones only."""
    return tuple(r for r in message.recipients if status_of(message.line, r, states) in _OPEN)


def pending(batch: Batch, states: Mapping[Key, RecipientState]) -> tuple[BatchMessage, ...]:
    """List the messages still to be sent, in the order of the batch.

    A message with a recipient in doubt is none of them (invariant 4), and neither is one to a
    contact of the line who is in doubt at another address: the doubt does not end because the
    address was corrected. Refused recipients are not tried again.
    """
    doubted: defaultdict[str, list[RecipientState]] = defaultdict(list)
    for state in states.values():
        if state.status is Status.UNCERTAIN:
            doubted[state.line].append(state)
    return tuple(
        message
        for message in batch.messages
        if remaining(message, states)
        and not any(_same(state, message.recipients) for state in doubted.get(message.line, ()))
    )


def changed(
    fingerprint: Fingerprint, message: Parcel | BatchMessage, line: str, states: Mapping[Key, RecipientState]
) -> tuple[str, ...]:
    """Say what differs from the message that a contact of this one already has, or may have.

    Any of ``addresses``, ``documents``, ``text``; empty when nothing does, when nothing went yet,
    or when a person said since that it may go again. Keyed on line and contact, so that another
    address of the same contact does not go round it. Who released another recipient of the message
    released this contact only as far as nothing more goes to it.
    """
    found: set[str] = set()
    known = [state for state in _of_line(states, line) if _same(state, message.recipients)]
    again = [state for state in known if state.status is Status.PENDING]
    still = [r for r in message.recipients if status_of(line, r, states) in _OPEN]
    for state in known:
        gone = state.status in (Status.ACCEPTED, Status.UNCERTAIN) and state.fingerprint
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
    now travels with an invoice. Empty when a person said that the line may go all the same."""
    whole = states.get((line, "", ""))
    if whole is not None and whole.status is Status.PENDING:
        return ()
    gone: dict[str, set[str]] = defaultdict(set)
    for state in states.values():
        if state.line != line and state.status in (Status.ACCEPTED, Status.UNCERTAIN):
            for number in state.documents:
                gone[number].add(state.line)
    return tuple(number for number in documents if number in gone)


def _of_line(states: Mapping[Key, RecipientState], line: str) -> Iterable[RecipientState]:
    if isinstance(states, States):
        return states.of_line(line)
    return [state for state in states.values() if state.line == line]


def _same(state: RecipientState, recipients: Iterable[Recipient]) -> bool:
    """Tell whether a state is about one of the recipients; an address typed by hand is nobody else's."""
    if not state.contact:
        return any(not r.contact and r.address == state.address for r in recipients)
    return any(r.contact == state.contact for r in recipients)


def _waived(state: RecipientState, again: Iterable[RecipientState], *, still: Iterable[Recipient]) -> bool:
    later = [waiver for waiver in again if _later(waiver, state)]
    own = any(_same(waiver, (_recipient(state),)) for waiver in later)
    return own or (bool(later) and not _same(state, still))


def _recipient(state: RecipientState) -> Recipient:
    return Recipient(contact=state.contact, address=state.address)


def _later(one: RecipientState, other: RecipientState) -> bool:
    return one.at is not None and other.at is not None and one.at >= other.at
