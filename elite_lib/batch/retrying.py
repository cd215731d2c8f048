"""Try refused recipients again, because a person asks for it: nobody who was accepted or is in doubt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from elite_lib import outcomes
from elite_lib.batch.office import Office
from elite_lib.batch.preparing import newest_batch
from elite_lib.models import (
    Batch,
    BatchMessage,
    Entry,
    EntryKind,
    Period,
    Recipient,
    RecipientOutcome,
    Resolution,
    Status,
)

# A permanent "no", of our server or of a report that came back.
_REFUSED = frozenset({Status.REFUSED, Status.BOUNCED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """A frozen message, and those of its recipients who would be asked again."""

    message: BatchMessage
    recipients: tuple[Recipient, ...]


def refused(office: Office, batch: Batch) -> tuple[Retry, ...]:
    """List what a batch would try again, in its order; a rehearsal's batch will do.

    Only what the batch would send: an address that was corrected since has nothing to be tried again,
    and a line that is held has no message. A message with a recipient in doubt waits until that is
    settled (invariant 4).
    """
    lines = {message.line for message in batch.messages}
    states = outcomes.fold(office.journal.entries(lines=lines)) if lines else outcomes.States()
    found: list[Retry] = []
    for message in batch.messages:
        known = {
            recipient: outcomes.status_of(message.line, recipient, states, documents=message.documents)
            for recipient in message.recipients
        }
        again = tuple(recipient for recipient, status in known.items() if status in _REFUSED)
        if again and Status.UNCERTAIN not in known.values():
            found.append(Retry(message=message, recipients=again))
    return tuple(found)


def retry_refused(office: Office, period: Period) -> list[Entry]:
    """Let every refused recipient of the period's newest batch be tried again, under the operator's name.

    To be called after ``prepare``, so that what changed or is held is not released in passing; and before
    another ``prepare``, which lets a message that came back be replaced by one with its own Message-ID.
    Nothing is sent here. One entry per message names the recipients concerned; the others of the line stay
    as they are.

    Raises:
        OutboxError: the batch was altered or is missing. StorageError, JournalError: it cannot be written.
    """
    batch = newest_batch(office, period)
    retries: Sequence[Retry] = refused(office, batch) if batch is not None else ()
    entries = [office.journal.append(_resolved(office, retry)) for retry in retries]
    if entries:
        office.outbox.remember(office.journal.mark(), durable=True)
    return entries


def _resolved(office: Office, retry: Retry) -> Entry:
    return Entry(
        kind=EntryKind.RESOLVED,
        operator=office.operator,
        month=retry.message.month,
        line=retry.message.line,
        recipients=tuple(
            RecipientOutcome(contact=r.contact, address=r.address, status=Status.PENDING)
            for r in retry.recipients
        ),
        data={"resolution": Resolution.RESEND.value, "by": "retry"},
    )
