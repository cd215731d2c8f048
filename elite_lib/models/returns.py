"""What a message that came back says: its kind, and a finding for each recipient that it names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ReturnKind(StrEnum):
    """What sort of message it is. Everything but BOUNCE says nothing about a failure."""

    BOUNCE = "bounce"  # a failure or a delay, told by a mail system (RFC 3464 or free text)
    DELIVERED = "delivered"  # a delivery report that was asked for (RFC 3461 NOTIFY=SUCCESS)
    AUTO_REPLY = "auto_reply"  # out of office, acknowledgement (RFC 3834)
    COMPLAINT = "complaint"  # "this is spam", forwarded by the provider (RFC 5965)
    MDN = "mdn"  # read receipt (RFC 8098)
    CHALLENGE = "challenge"  # "prove that you are human": held until a person clicks
    NONE = "none"  # an ordinary message, whatever it quotes


class ReturnClass(StrEnum):
    """What to think of one recipient."""

    HARD = "hard"  # no such mailbox or domain, closed, moved: do not write there again
    MAILBOX_FULL = "mailbox_full"  # exists, may be emptied
    SOFT = "soft"  # network, server, expiry: may work later
    RATE_LIMITED = "rate_limited"  # too much, too fast: slow down
    BLOCK = "block"  # policy, spam, reputation, authentication: the address may be good
    AUTO_REPLY = "auto_reply"
    COMPLAINT = "complaint"
    DELIVERED = "delivered"
    UNKNOWN = "unknown"  # a failure whose words say nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One recipient of the message that came back."""

    recipient: str  # "" when nothing names one: only the message is then known
    aliases: tuple[
        str, ...
    ] = ()  # other addresses of the same recipient (Original-Recipient, "expanded from")
    cls: ReturnClass
    status: str = ""  # RFC 3463, "5.1.1"
    reply_code: str = ""  # RFC 5321, "550"
    reason: str = ""  # the server's own words, on one line
    ours_to_fix: bool = False  # set-up, address or size of ours: nothing that the family could do
    remote_server: str = ""
    rule: str = ""  # which rule of `bounces` spoke


@dataclass(frozen=True, slots=True, kw_only=True)
class MailReport:
    """The answer of `bounces.classify`."""

    kind: ReturnKind
    reports: tuple[Finding, ...] = ()
    message_id: str = ""  # of the original message, with its angle brackets
    envid: str = ""  # RFC 3461, xtext decoded
    token: str = ""  # tag of the plus-address that it came back to
    detector: str = ""  # which detector recognised it
    disposition: str = ""  # MDN: "displayed", "deleted" …
    recipient: str = ""  # MDN: whose receipt
    date: datetime | None = None  # MDN: when, aware
