"""Settle what was handed to a mail program by its copies in our mailbox: the tagged blind copy, or Sent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from elite_lib import composition, outcomes
from elite_lib.batch.office import Office
from elite_lib.exceptions import ConfigError, EliteError, TransportError
from elite_lib.mailbox import Mailbox
from elite_lib.mailbox.opening import Mailboxes
from elite_lib.models import (
    Entry,
    EntryKind,
    EvidencePlace,
    RecipientOutcome,
    RecipientState,
    Resolution,
    Status,
)
from elite_lib.outcomes import HandedMessage

Place = tuple[EvidencePlace, Mailbox, str]  # what a copy there is, which mailbox, which folder


def settle_handed(
    office: Office, mailboxes: Mailboxes, *, lines: Sequence[str]
) -> tuple[tuple[Entry, ...], tuple[str, ...], tuple[EliteError, ...]]:
    """Look for copies of what is still handed over: what was settled, the lines that were not, what failed.

    A folder that cannot be read is passed over: the others may still tell. Not found proves nothing.

    Raises:
        StorageError, JournalError: it cannot be written.
    """
    entries = office.journal.entries(lines=lines) if lines else []
    waiting = list(outcomes.handed(entries, outcomes.fold(entries)))
    settled: list[Entry] = []
    errors: list[EliteError] = []
    for place in _places(office, mailboxes, errors) if waiting else ():
        try:
            settled += _look(office, place, waiting)
        except (ConfigError, TransportError) as error:
            errors.append(error)
    if settled:
        office.outbox.remember(office.journal.mark(), durable=True)
    return tuple(settled), tuple(dict.fromkeys(one.entry.line for one in waiting)), tuple(errors)


def _places(office: Office, mailboxes: Mailboxes, errors: list[EliteError]) -> Iterator[Place]:
    yield EvidencePlace.COPY, mailboxes.own, office.settings.returns.folder
    if mailboxes.archive is not mailboxes.own:
        yield EvidencePlace.COPY, mailboxes.archive, mailboxes.archive_folder
    try:
        yield EvidencePlace.SENT, mailboxes.own, mailboxes.sent_folder()
    except (ConfigError, TransportError) as error:
        errors.append(error)


def _look(office: Office, place: Place, waiting: list[HandedMessage]) -> Iterator[Entry]:
    where, mailbox, folder = place
    since = min((message.entry.at for message in waiting if message.entry.at), default=None)
    for fetched in mailbox.fetch(folder, not_before=since):
        copies = outcomes.recognise(
            fetched.content, waiting, sender=office.account.sender, digest=composition.documents_digest
        )
        for message, states in list(copies):
            if states:
                yield office.journal.append(_left(office, message, states, where=where))
                waiting.remove(message)  # an address that was taken out stays in doubt, for a person


def _left(
    office: Office, message: HandedMessage, states: Sequence[RecipientState], *, where: EvidencePlace
) -> Entry:
    entry = message.entry
    return Entry(
        kind=EntryKind.RESOLVED,
        operator=office.operator,
        month=entry.month,
        batch=entry.batch,
        line=entry.line,
        message=entry.message,
        recipients=tuple(
            RecipientOutcome(contact=s.contact, address=s.address, status=Status.ACCEPTED) for s in states
        ),
        data={
            "resolution": Resolution.ACCEPTED.value,
            "by": "evidence",
            "where": where.value,
            "message_id": str(entry.data.get("message_id") or ""),
        },
    )
