"""What travels: recipients, drafts, envelopes, and what a server answered."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """An addressee of one message."""

    contact: str  # Contact.key, or "" for an address typed by hand
    address: str  # RFC 5321 mailbox, ASCII, domain in punycode
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    name: str  # ASCII-safe file name (RFC 2231 continuations break in Outlook)
    content: bytes
    media_type: str = "application/pdf"
    identity: str = ""  # what it is recognised by, where its bytes never come twice (a protected PDF)
    clear: bytes = b""  # of a protected PDF, for whoever prepares it; never sent

    @property
    def sha256(self) -> str:
        return self.identity or hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A message in words: everything but Message-ID, Date and boundaries, which freezing adds."""

    sender: str
    sender_name: str
    reply_to: str
    recipients: tuple[Recipient, ...]
    subject: str
    text: str
    html: str
    attachments: tuple[Attachment, ...]
    logo: Attachment | None = None  # shown inline in the HTML part
    receipt: bool = False  # asks for a read receipt (RFC 8098)


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """RFC 5321: MAIL FROM, RCPT TO, and what is asked of a server that announces DSN (RFC 3461)."""

    sender: str
    recipients: tuple[str, ...]
    archive: str = ""  # asked last, only after a family's RCPT got its 250; no recipient of the slip
    envid: str = ""


class Way(StrEnum):
    """How one invoice is sent; chosen per workstation."""

    INTERNAL = "internal"  # by this program, through the mail account
    DRAFT = "draft"  # a draft in the mailbox: any webmail
    EML = "eml"  # a file that a mail program opens as a message to be sent
    THUNDERBIRD = "thunderbird"
    OUTLOOK = "outlook"  # classic Outlook
    MAILTO = "mailto"  # the default program, the files attached by hand
    MAPI = "mapi"  # the default program of Windows, with the files


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One SMTP reply. ``text`` keeps the enhanced status code (RFC 3463) where the server gave one."""

    code: int
    text: str = ""

    @property
    def accepted(self) -> bool:
        return 200 <= self.code < 300

    @property
    def temporary(self) -> bool:
        return 400 <= self.code < 500


class Stage(StrEnum):
    """How far a transaction got."""

    CONNECT = "connect"  # no session: nothing went
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"  # DATA refused, or cut while the body was written: nothing went
    DOT = "dot"  # the final dot was written: only a reply can tell


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """One SMTP transaction, as read from the wire. Two families only: *definite* and *in doubt*.

    In doubt is: ``stage`` is DOT and ``final`` is None (RFC 5321 6.1: the server may have it).
    """

    stage: Stage
    mail: Reply | None = None
    rcpt: tuple[tuple[str, Reply], ...] = ()  # every family address asked, in order; without the archive
    archive: Reply | None = None
    data: Reply | None = None
    final: Reply | None = None
    error: str = ""  # what cut it: exception class and text, for the journal

    @property
    def in_doubt(self) -> bool:
        return self.stage is Stage.DOT and self.final is None
