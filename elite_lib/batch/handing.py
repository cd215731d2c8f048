"""Hand a single over to a mail program: in the journal first; "handed over" until something tells more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from elite_lib import tagging
from elite_lib.batch.evidence import mailboxes_of
from elite_lib.batch.office import Office, handed_folder, utc_now
from elite_lib.batch.single import Single, freeze_single
from elite_lib.exceptions import EliteError
from elite_lib.handover import Handed, HandoverMethod, Letter
from elite_lib.handover.drafts import DraftInMailbox
from elite_lib.handover.eml import EmlFile
from elite_lib.handover.mailto import DefaultClient
from elite_lib.handover.mapi import SimpleMapi
from elite_lib.handover.outlook import Outlook
from elite_lib.handover.thunderbird import Thunderbird
from elite_lib.mailbox import Mailbox
from elite_lib.models import (
    Batch,
    BatchMessage,
    Draft,
    Entry,
    EntryKind,
    RecipientOutcome,
    Resolution,
    Status,
    Way,
)

# What opens a window on the machine that serves the page: of no use to a browser elsewhere.
LOCAL = frozenset({Way.THUNDERBIRD, Way.OUTLOOK, Way.MAPI})


def handover_methods(office: Office) -> Mapping[Way, HandoverMethod]:
    """Give every way but our own; ask each whether it is ``available``."""
    methods: tuple[HandoverMethod, ...] = (
        DraftInMailbox(lambda: _own_mailbox(office)),
        EmlFile(),
        Thunderbird(),
        Outlook(),
        DefaultClient(),
        SimpleMapi(),
    )
    return {method.way: method for method in methods}


def _own_mailbox(office: Office) -> Mailbox | None:
    mailboxes = mailboxes_of(office)
    return mailboxes.own if mailboxes is not None else None


def hand_over(
    office: Office, single: Single, method: HandoverMethod, *, confirmed: bool = False
) -> tuple[Handed, ...]:
    """Open each message in a mail program; it is "handed over" until something tells more.

    The journal has it before the program opens: whatever happens then, it is not sent a second time
    without a word. What could not be opened is released again.

    Raises:
        ConfigError: ``single_confirm``: see :func:`freeze_single`.
        HandoverError, TransportError, ConfigError, StorageError: it could not be opened.
    """
    frozen = freeze_single(office, single, confirmed=confirmed)
    drafts = {message.key: message.draft for message in single.messages}
    return tuple(_hand(office, frozen, one, drafts[one.key], method=method) for one in frozen.messages)


def _hand(
    office: Office, frozen: Batch, message: BatchMessage, draft: Draft, *, method: HandoverMethod
) -> Handed:
    tag = message.sender if tagging.token_of(message.sender) else ""
    letter = Letter(draft=draft, message_id=message.message_id, date=utc_now(), bcc=tag)
    folder = handed_folder(office, frozen.id, message.file)
    entry = office.journal.append(_handed_over(office, frozen, message, method))
    office.outbox.remember(office.journal.mark(), durable=True)
    try:
        return method.hand_over(letter, folder)
    except EliteError:
        office.journal.append(_not_handed(entry))
        raise


def _handed_over(office: Office, frozen: Batch, message: BatchMessage, method: HandoverMethod) -> Entry:
    return Entry(
        kind=EntryKind.HANDED_OVER,
        operator=office.operator,
        account=frozen.account,
        month=message.month,
        batch=frozen.id,
        line=message.line,
        message=message.key,
        recipients=tuple(
            RecipientOutcome(contact=r.contact, address=r.address, status=Status.HANDED)
            for r in message.recipients
        ),
        data={
            "way": method.way.value,
            "message_id": message.message_id,
            "token": tagging.token_of(message.sender),
            "fingerprint": str(message.fingerprint),
            "documents": "\n".join(message.documents),
            "amount": str(frozen.lines[0].amount),
            "replaces": message.replaces,
        },
    )


def _not_handed(entry: Entry) -> Entry:
    """The program did not open: nothing was handed over, and it may go again."""
    return replace(
        entry,
        kind=EntryKind.RESOLVED,
        recipients=tuple(replace(outcome, status=Status.PENDING) for outcome in entry.recipients),
        data={"resolution": Resolution.RESEND.value, "by": "failure"},
    )
