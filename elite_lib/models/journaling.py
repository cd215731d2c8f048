"""What the journal remembers, and what is read back from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from elite_lib.models.mailing import Reply


class Status(StrEnum):
    """What is known of one recipient of one dispatch line. Never "delivered" on a 250."""

    PENDING = "pending"  # not tried yet, or released by a person
    ACCEPTED = "accepted"  # our server said 250 after the dot
    DEFERRED = "deferred"  # temporary refusal or a cut before the dot: will be tried again
    REFUSED = "refused"  # our server said 5xx
    BOUNCED = "bounced"  # accepted by our server; a permanent failure came back
    UNCERTAIN = "uncertain"  # the final dot went out, no reply was read
    POSTED = "posted"  # a person settled it by post
    HANDED = "handed"  # opened in a mail program; it left or it did not: a copy or a person tells


class EntryKind(StrEnum):
    JOURNAL_ADOPTED = "journal_adopted"  # a person decided to go on with a journal the outbox did not know
    BATCH_PREPARED = "batch_prepared"
    RUN_STARTED = "run_started"
    RUN_ENDED = "run_ended"
    ATTEMPTING = "attempting"  # durable before the final dot; carries the RCPT replies
    HANDED_OVER = "handed_over"  # durable before a mail program opens
    VERDICT = "verdict"  # what became of an attempt, per recipient
    RESOLVED = "resolved"  # evidence or a named person settled recipients
    UNTICKED = "unticked"
    TICKED = "ticked"
    PRINTED = "printed"
    RETURNED = "returned"  # what a message that came back says of one recipient
    COLLECTED = "collected"  # a source of returned messages was read, up to where
    CLEARED = "cleared"  # a person says that an address may be written to again
    PURGED = "purged"  # what was past its time was put away (data: what, how many)
    MAILBOX = "mailbox"  # our own mailbox was used (data: act "copy" or "evidence", ok, detail)
    NOTICED = "noticed"  # an unattended command told somebody (data: ok, to, subject, detail, trouble)
    QUEUED = "queued"  # a single that the run which holds the account takes between two messages
    STOP = "stop"  # a running run obeys these three between two messages
    PAUSE = "pause"
    RESUME = "resume"


class StopReason(StrEnum):
    """Why a run ended before its work was done."""

    REQUESTED = "requested"  # Stop, Ctrl-C, SIGTERM
    LOCKED = "locked"  # another run holds the account
    AUTHENTICATION = "authentication"  # going on would lock the account
    SERVER = "server"  # away, and still away after the retries
    SENDER_REFUSED = "sender_refused"  # 5xx at MAIL: nothing else will pass
    TOO_MANY_FAILURES = "too_many_failures"
    CANARY = "canary"  # the first messages came back: the others did not leave
    QUOTA = "quota"  # a cap: goes on at ``resume_at``
    SUPERSEDED = "superseded"  # a newer batch stands for the period
    JOURNAL = "journal"  # it cannot be written, or is not the one the outbox knows
    OUTBOX = "outbox"  # the batch is missing, altered or expired


class Resolution(StrEnum):
    ACCEPTED = "accepted"  # it did go
    RESEND = "resend"  # it may go again: also confirms that a change replaces the earlier message
    POSTED = "posted"  # settled by post


class EvidencePlace(StrEnum):
    """Where the proof was found that a message in doubt was accepted; ``where`` of a RESOLVED entry."""

    ARCHIVE = "archive"  # the archive mailbox: a further RCPT of the same transaction
    SENT = "sent"  # the folder of sent messages
    REPORT = "report"  # a DSN or bounce about it
    COPY = "copy"  # its blind copy came to our own tagged address


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipientOutcome:
    """One recipient within an entry. In ATTEMPTING, ``reply`` is the answer to RCPT and
    ``status`` is UNCERTAIN where that was a 2xx: what is true if nothing more is ever written."""

    contact: str
    address: str
    status: Status
    reply: Reply | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One appended fact. ``id`` and ``at`` are 0/None until the journal wrote it."""

    kind: EntryKind
    id: int = 0
    at: datetime | None = None  # aware UTC
    establishment: str = ""
    operator: str = ""  # par qui
    account: str = ""  # MailAccount.key
    month: str = ""  # the dispatch line's own month, "2026-10"; for a batch or run, its period
    batch: str = ""
    run: str = ""
    line: str = ""  # DispatchLine.key
    message: str = ""  # BatchMessage.key
    attempt: int | None = None  # a VERDICT's ATTEMPTING entry id
    recipients: tuple[RecipientOutcome, ...] = ()
    data: Mapping[str, str | int | bool | None] = field(default_factory=dict)

    @property
    def follows(self) -> bool:
        """Whether it is about a parcel that shared another one's message: one transaction, counted there."""
        return bool(self.data.get("part_of"))


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalMark:
    """How far the outbox has seen a journal: its identity and its last entry."""

    journal: str
    entry: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipientState:
    """The fold of all entries about one (line, contact, address)."""

    line: str
    contact: str
    address: str
    status: Status
    at: datetime | None = None
    reply: Reply | None = None
    batch: str = ""
    message: str = ""
    message_id: str = ""
    fingerprint: str = ""  # of the message that was accepted or is in doubt: "addresses:documents:text"
    documents: tuple[str, ...] = ()  # numbers of what that message carried
    amount: str = ""  # euros of its line then, for when the line is gone from the workbook
    month: str = ""
    deferrals: int = 0  # consecutive
    entry: int = 0  # id of the entry that set it: what is later is told by this, never by the clock
