"""A batch as JSON, and the seal that tells whether a byte of it changed since."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from elite_lib.models import (
    Batch,
    BatchLine,
    BatchMessage,
    Disposition,
    Fingerprint,
    JournalMark,
    LineKind,
    Period,
    ProblemCode,
    Recipient,
)

FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """What proves a manifest, and what is often asked of a batch without reading all of it."""

    manifest: str  # sha256
    created: dt.datetime
    journal: JournalMark

    @classmethod
    def of(cls, batch: Batch, content: bytes) -> Seal:
        return cls(manifest=sha256(content), created=batch.created, journal=batch.journal)

    @classmethod
    def parse(cls, content: bytes) -> Seal:
        """Read a seal; raises ValueError, KeyError or TypeError when it is none."""
        facts = json.loads(content)
        return cls(
            manifest=facts["manifest"],
            created=dt.datetime.fromisoformat(facts["created"]),
            journal=JournalMark(**facts["journal"]),
        )

    def dump(self) -> bytes:
        return canonical(
            {
                "manifest": self.manifest,
                "created": self.created.isoformat(),
                "journal": mark_facts(self.journal),
            }
        )


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def canonical(facts: Mapping[str, Any]) -> bytes:
    """Write JSON in the one way that gives the same bytes for the same facts."""
    return json.dumps(facts, sort_keys=True, separators=(",", ":")).encode("ascii")


def mark_facts(mark: JournalMark) -> dict[str, Any]:
    return {"journal": mark.journal, "entry": mark.entry}


def line_facts(line: BatchLine) -> dict[str, Any]:
    return {
        "key": line.key,
        "kind": line.kind,
        "month": line.month,
        "amount": str(line.amount),
        "resident": line.resident,
        "disposition": line.disposition,
        "reasons": list(line.reasons),
        "paper": line.paper,
    }


def recipient_facts(recipient: Recipient) -> dict[str, Any]:
    return {"contact": recipient.contact, "address": recipient.address, "name": recipient.name}


def dump(batch: Batch) -> bytes:
    """Write a manifest: everything of the batch but the messages' bytes, whose hashes it holds."""
    return canonical(
        {
            "format": FORMAT,
            "id": batch.id,
            "establishment": batch.establishment,
            "account": batch.account,
            "archive": batch.archive,
            "period": [batch.period.first, batch.period.last],
            "created": batch.created.isoformat(),
            "expires": batch.expires.isoformat(),
            "operator": batch.operator,
            "journal": mark_facts(batch.journal),
            "lines": [line_facts(line) for line in batch.lines],
            "messages": [_message_facts(message) for message in batch.messages],
        }
    )


def _message_facts(message: BatchMessage) -> dict[str, Any]:
    return {
        "key": message.key,
        "line": message.line,
        "month": message.month,
        "file": message.file,
        "sha256": message.sha256,
        "size": message.size,
        "sender": message.sender,
        "recipients": [recipient_facts(recipient) for recipient in message.recipients],
        "message_id": message.message_id,
        "envid": message.envid,
        "subject": message.subject,
        "attachments": list(message.attachments),
        "documents": list(message.documents),
        "fingerprint": str(message.fingerprint),
        "replaces": message.replaces,
        **({"group": message.group} if message.group else {}),
    }


def load(content: bytes) -> Batch:
    """Read a manifest; raises ValueError, KeyError or TypeError when it is none of this format."""
    facts = json.loads(content)
    if facts["format"] != FORMAT:
        raise ValueError(facts["format"])
    first, last = facts["period"]
    return Batch(
        id=facts["id"],
        establishment=facts["establishment"],
        account=facts["account"],
        archive=facts["archive"],
        period=Period(first=first, last=last),
        created=dt.datetime.fromisoformat(facts["created"]),
        expires=dt.datetime.fromisoformat(facts["expires"]),
        operator=facts["operator"],
        journal=JournalMark(**facts["journal"]),
        lines=tuple(map(_line, facts["lines"])),
        messages=tuple(map(_message, facts["messages"])),
    )


def _line(facts: Mapping[str, Any]) -> BatchLine:
    return BatchLine(
        **{
            **facts,
            "kind": LineKind(facts["kind"]),
            "amount": Decimal(facts["amount"]),
            "disposition": Disposition(facts["disposition"]),
            "reasons": tuple(map(ProblemCode, facts["reasons"])),
        }
    )


def _message(facts: Mapping[str, Any]) -> BatchMessage:
    return BatchMessage(
        **{
            **facts,
            "recipients": tuple(Recipient(**recipient) for recipient in facts["recipients"]),
            "attachments": tuple(facts["attachments"]),
            "documents": tuple(facts["documents"]),
            "fingerprint": Fingerprint.parse(facts["fingerprint"]),
        }
    )
