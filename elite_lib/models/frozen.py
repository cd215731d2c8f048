"""The frozen batch: what was decided of every line, and the messages as they leave."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from elite_lib.models.dispatch import Disposition, LineKind, Period
from elite_lib.models.journaling import JournalMark
from elite_lib.models.mailing import Recipient
from elite_lib.models.problems import ProblemCode


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """What must not change once accepted: three short hashes, so that one can say which changed."""

    addresses: str
    documents: str
    text: str

    def __str__(self) -> str:
        return f"{self.addresses}:{self.documents}:{self.text}"

    @classmethod
    def parse(cls, text: str) -> Fingerprint:
        addresses, documents, words = text.split(":")
        return cls(addresses=addresses, documents=documents, text=words)


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchLine:
    """A line as it was decided at freezing; every line of the period, mailed or not."""

    key: str
    kind: LineKind
    month: str
    amount: Decimal
    resident: str  # code
    disposition: Disposition
    reasons: tuple[ProblemCode, ...] = ()
    paper: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchMessage:
    """A frozen message. ``key`` is its parcel's key; the bytes are in ``file``, ``sha256`` proves them.

    Parcels of one guardian may share a message (``group``): each keeps its line, documents and fingerprint.
    """

    key: str
    line: str
    month: str
    file: str  # relative to the batch's folder
    sha256: str
    size: int  # bytes on the wire before dot-stuffing
    sender: str  # envelope
    recipients: tuple[Recipient, ...]
    message_id: str
    envid: str
    subject: str
    attachments: tuple[str, ...]  # file names
    documents: tuple[str, ...]  # numbers of the invoice and of the relevé that it carries
    fingerprint: Fingerprint
    replaces: str = ""  # Message-ID of the earlier message that a person said it replaces
    group: str = ""  # key of the parcel that leads the message which this one shares with other residents'

    @property
    def leads(self) -> bool:
        """Whether it leaves by itself, or leads those that leave with it."""
        return self.group in ("", self.key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What was decided to be sent: frozen, deterministic id, written before anything is sent."""

    id: str  # "2026-10-3f9c0a1b2c4d"
    establishment: str
    account: str
    period: Period
    created: datetime  # aware UTC
    expires: datetime
    operator: str
    journal: JournalMark  # invariant 9
    lines: tuple[BatchLine, ...]
    messages: tuple[BatchMessage, ...]
    archive: str = ""  # gets a copy of each message, as a further RCPT

    @property
    def departures(self) -> tuple[BatchMessage, ...]:
        """What leaves: of the parcels that share a message, the one that leads."""
        return tuple(message for message in self.messages if message.leads)

    def parts(self, message: BatchMessage) -> tuple[BatchMessage, ...]:
        """List the parcels that leave with the message, itself first."""
        if not message.group:
            return (message,)
        return tuple(one for one in self.messages if one.group == message.group)

    @property
    def size(self) -> int:
        return sum(m.size for m in self.departures)
