"""What a batch is made of: its id, its messages' ids and bytes, all derived from the input."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from elite_lib import composition, tagging
from elite_lib.exceptions import OutboxError
from elite_lib.models import (
    Attachment,
    Batch,
    BatchLine,
    BatchMessage,
    Draft,
    Fingerprint,
    JournalMark,
    Period,
    Recipient,
)
from elite_lib.outbox.manifest import FORMAT, canonical, line_facts, recipient_facts, sha256


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedMessage:
    """A message that is decided and written, before freezing gives it its ids, date and bytes."""

    key: str  # of its parcel
    line: str
    month: str
    draft: Draft
    documents: tuple[str, ...]  # numbers of the invoice and of the relevé that it carries
    fingerprint: Fingerprint
    sender: str  # envelope
    replaces: str = ""  # Message-ID of the earlier message that a person said it replaces
    group: str = ""  # key of the parcel that leads, where several share ``draft``
    recipients: tuple[Recipient, ...] = ()  # of its own, where ``draft`` names those of the one that leads


@dataclass(frozen=True, slots=True, kw_only=True)
class Freezing:
    """One call of ``Outbox.freeze``: the input, and what follows from it."""

    lines: Sequence[BatchLine]
    messages: Sequence[PreparedMessage]
    establishment: str
    account: str
    archive: str
    period: Period
    operator: str
    created: dt.datetime
    lifetime: dt.timedelta
    journal: JournalMark
    tagged: bool = False  # each message has an envelope sender of its own

    def ids(self) -> Iterator[str]:
        """Yield the batch's id, then the ids that it has once the earlier ones expired.

        It hashes everything that would be sent or shown; when, by whom and the journal's mark are
        left out. An expired batch never goes out any more: the same month prepared again is a new one.
        """
        facts = self._facts()
        for renewal in range(1_000_000):
            digest = sha256(canonical({**facts, "renewal": renewal}))
            yield f"{self.period.key}-{digest[:12]}"

    def _facts(self) -> dict[str, Any]:
        return {
            **({"tagged": True} if self.tagged else {}),  # absent: batches from before it could be chosen
            "format": FORMAT,
            "establishment": self.establishment,
            "account": self.account,
            "archive": self.archive,
            "period": self.period.key,
            "lines": [line_facts(line) for line in self.lines],
            "messages": [_prepared_facts(message) for message in self.messages],
        }

    def contents(self, batch_id: str) -> Iterator[tuple[BatchMessage, bytes | None]]:
        """Yield each message with its bytes, one at a time: a month weighs more than the memory should.

        None: its bytes are those of the parcel that leads, which came before.

        Raises:
            OutboxError: ``message_twice`` (key): one parcel cannot be two messages.
        """
        seen: dict[str, BatchMessage] = {}
        for number, prepared in enumerate(self.messages, start=1):
            if prepared.key in seen:
                raise OutboxError("message_twice", batch=batch_id, key=prepared.key)
            leading = seen.get(prepared.group)
            message, content = (
                (_sharing(leading, prepared), None) if leading else self._frozen(batch_id, prepared, number)
            )
            seen[prepared.key] = message
            yield message, content

    def _frozen(self, batch_id: str, prepared: PreparedMessage, number: int) -> tuple[BatchMessage, bytes]:
        draft = prepared.draft
        token = hashlib.sha256((batch_id + prepared.key).encode()).hexdigest()[:24]
        unique = f"{token}@{prepared.sender.rpartition('@')[2]}"
        content = composition.assemble(draft, message_id=f"<{unique}>", date=self.created)
        message = BatchMessage(
            key=prepared.key,
            line=prepared.line,
            month=prepared.month,
            file=f"{number:05}.eml",
            sha256=sha256(content),
            size=len(content),
            sender=tagging.tagged(prepared.sender, unique) if self.tagged else prepared.sender,
            recipients=draft.recipients,
            message_id=f"<{unique}>",
            envid=unique,  # RFC 3461 4.4: unique; printable and free of "+" and "=", so xtext is itself
            subject=draft.subject,
            attachments=tuple(item.name for item in draft.attachments),
            documents=prepared.documents,
            fingerprint=prepared.fingerprint,
            replaces=prepared.replaces,
            group=prepared.group,
        )
        return message, content

    def batch(self, batch_id: str, messages: Sequence[BatchMessage]) -> Batch:
        return Batch(
            id=batch_id,
            establishment=self.establishment,
            account=self.account,
            archive=self.archive,
            period=self.period,
            created=self.created,
            expires=self.created + self.lifetime,
            operator=self.operator,
            journal=self.journal,
            lines=tuple(self.lines),
            messages=tuple(messages),
        )


def _sharing(leading: BatchMessage, prepared: PreparedMessage) -> BatchMessage:
    """Give a parcel that shares the message of the one that leads what is its own."""
    return replace(
        leading,
        key=prepared.key,
        line=prepared.line,
        month=prepared.month,
        recipients=prepared.recipients,
        documents=prepared.documents,
        fingerprint=prepared.fingerprint,
        replaces=prepared.replaces,
    )


def _prepared_facts(prepared: PreparedMessage) -> Mapping[str, Any]:
    draft = prepared.draft
    shared = {"group": prepared.group, "own": [recipient_facts(one) for one in prepared.recipients]}
    return {
        **(shared if prepared.group else {}),  # absent: batches from before it could be chosen
        "key": prepared.key,
        "line": prepared.line,
        "month": prepared.month,
        "envelope": prepared.sender,
        "replaces": prepared.replaces,
        "documents": list(prepared.documents),
        "fingerprint": str(prepared.fingerprint),
        "sender": draft.sender,
        "sender_name": draft.sender_name,
        "reply_to": draft.reply_to,
        "recipients": [recipient_facts(recipient) for recipient in draft.recipients],
        "subject": draft.subject,
        "text": draft.text,
        "html": draft.html,
        "attachments": [_attachment_facts(item) for item in draft.attachments],
        "logo": _attachment_facts(draft.logo) if draft.logo else None,
        "receipt": draft.receipt,
    }


def _attachment_facts(item: Attachment) -> Sequence[str]:
    return (item.name, item.media_type, item.sha256)
