"""Go on with a journal that the outbox does not know: a person's decision, and a careful one."""

from __future__ import annotations

import os
from pathlib import Path

from elite_lib import config, outcomes
from elite_lib.batch.office import Office, journal_place
from elite_lib.batch.testing import TEST_PERIOD
from elite_lib.journal import open_journal
from elite_lib.models import Batch, Entry, EntryKind, RecipientOutcome, Status
from elite_lib.outbox import Outbox


def adopt_journal(home: str | Path | None, *, operator: str) -> int:
    """Adopt the journal that is there (an empty one if it is missing) and doubt what it does not know.

    Every message of the outbox without a trace in the adopted journal may have left before the
    backup was restored: it becomes *uncertain*, and is not sent again until a person settles it.
    Returns how many messages became uncertain.

    Raises:
        ConfigError, JournalError: no home, or a journal that cannot be read.
    """
    root = config.find_home(Path(home) if home else None, environ=os.environ, cwd=Path.cwd())
    settings = config.load(root)
    outbox = Outbox(settings.home.outbox)
    journal = open_journal(journal_place(settings), establishment=settings.establishment.key, create=True)
    office = Office(settings=settings, outbox=outbox, journal=journal, operator=operator)
    try:
        known = outbox.mark()
        journal.append(
            Entry(
                kind=EntryKind.JOURNAL_ADOPTED,
                operator=operator,
                data={
                    "known_journal": known.journal if known else "",
                    "known_entry": known.entry if known else 0,
                },
            )
        )
        # tests went to the office itself: whether they left is nobody's question
        months = [batch for batch in outbox.batches() if batch.period != TEST_PERIOD]
        doubted = sum(_doubt(office, batch) for batch in months)
        outbox.remember(journal.mark(), durable=True, adopted=True)
    finally:
        office.close()
    return doubted


def _doubt(office: Office, batch: Batch) -> int:
    states = outcomes.fold(office.journal.entries(lines={message.line for message in batch.messages}))
    amounts = {line.key: str(line.amount) for line in batch.lines}
    doubted = 0
    for message in batch.messages:
        unknown = [r for r in message.recipients if (message.line, r.contact, r.address) not in states]
        if not unknown:
            continue
        doubted += 1
        office.journal.append(
            Entry(
                kind=EntryKind.ATTEMPTING,
                operator=office.operator,
                account=batch.account,
                month=message.month,
                batch=batch.id,
                line=message.line,
                message=message.key,
                recipients=tuple(
                    RecipientOutcome(contact=r.contact, address=r.address, status=Status.UNCERTAIN)
                    for r in unknown
                ),
                data={
                    "message_id": message.message_id,
                    "fingerprint": str(message.fingerprint),
                    "documents": "\n".join(message.documents),
                    "amount": amounts.get(message.line, ""),
                    "doubted": True,
                },
            )
        )
    return doubted
