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
    final: bool = True  # the server gave up; False: it goes on trying, and may still deliver
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


class Tie(StrEnum):
    """By what a returned message was tied to an attempt, the strongest first."""

    TOKEN = "token"  # noqa: S105 (the tag of our return path)
    MESSAGE_ID = "message_id"
    ENVID = "envid"
    ADDRESS = "address"  # it bears no identity: an address that we wrote to shortly before


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside:
    """An address that is not written to until the workbook changes it or a person clears it."""

    address: str  # as the newest report about it was tied
    score: float
    since: datetime  # aware UTC, of the report that reached the threshold
    cls: ReturnClass
    reason: str = ""  # the server's own words
    entry: int = 0  # id of the newest report that counted


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnRule:
    """When an address is set aside. A permanent failure scores 1, a transient one 0.5, once a day."""

    threshold: float = 1.0
    forget_days: int = 100  # a transient failure older than this counts no more
