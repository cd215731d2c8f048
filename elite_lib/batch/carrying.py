"""What one message carries: its parcels, to whom each still goes, and what the journal keeps of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from elite_lib import outcomes, tagging
from elite_lib.models import (
    Batch,
    BatchMessage,
    Entry,
    EntryKind,
    Recipient,
    RecipientOutcome,
    Reply,
    Transaction,
)

Facts = dict[str, str | int | bool | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """One parcel of a message that is about to leave."""

    parcel: BatchMessage
    recipients: tuple[Recipient, ...]  # those that still need it
    facts: Facts

    def intent(self, rcpt: Sequence[tuple[str, Reply]], archive: Reply | None) -> Entry:
        """Say that it is about to leave, with the replies to RCPT."""
        told: Facts = {"archive": archive.code if archive else None, "replaces": self.parcel.replaces}
        return self._entry(
            EntryKind.ATTEMPTING,
            recipients=outcomes.attempting(self.recipients, rcpt),
            data=self.facts | told,
        )

    def verdict(self, transaction: Transaction, attempt: int | None) -> Entry:
        """Say what became of it. ``attempt``: the id of its intent, where it got so far."""
        told: Facts = {"stage": transaction.stage.value, "error": transaction.error}
        found = self._entry(
            EntryKind.VERDICT,
            recipients=outcomes.verdict(self.recipients, transaction),
            data=self.facts | told,
        )
        return replace(found, attempt=attempt)

    def _entry(self, kind: EntryKind, *, recipients: tuple[RecipientOutcome, ...], data: Facts) -> Entry:
        parcel = self.parcel
        return Entry(
            kind=kind,
            month=parcel.month,
            line=parcel.line,
            message=parcel.key,
            recipients=recipients,
            data=data,
        )


def carried_by(
    batch: Batch, message: BatchMessage, states: outcomes.States, *, amounts: Mapping[str, str]
) -> tuple[Carried, ...]:
    """List the parcels of a message, the leading one first. ``amounts``: euros by line."""
    return tuple(
        Carried(
            parcel=parcel,
            recipients=outcomes.remaining(parcel, states),
            facts=_facts(parcel, message, amount=amounts.get(parcel.line, "")),
        )
        for parcel in batch.parts(message)
    )


def _facts(parcel: BatchMessage, leading: BatchMessage, *, amount: str) -> Facts:
    return {
        "message_id": parcel.message_id,
        "fingerprint": str(parcel.fingerprint),
        "documents": "\n".join(parcel.documents),
        "amount": amount,
        "token": tagging.token_of(parcel.sender),
        **({"shared": True} if parcel.group else {}),
        **({"part_of": leading.key} if parcel is not leading else {}),  # see Entry.follows
    }
