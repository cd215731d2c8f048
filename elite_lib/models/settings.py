"""What a home sets once: who it is, its mail account, its pace, its wording."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum

from elite_lib.models.returns import ReturnRule


class Security(StrEnum):
    STARTTLS = "starttls"  # port 587
    TLS = "tls"  # implicit TLS, port 465
    PLAIN = "plain"  # port 25, no encryption: warned about, login refused unless on loopback


class Auth(StrEnum):
    """What a login is made with."""

    PASSWORD = "password"  # noqa: S105 (a word of the settings)
    MICROSOFT = "microsoft"  # OAuth2 (XOAUTH2), Microsoft 365
    GOOGLE = "google"  # the same, Gmail and Google Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuth:
    """Our registration at the provider, and where its tokens are asked for."""

    provider: Auth
    login: str  # whose tokens
    client_id: str
    tenant: str = "common"
    unattended: bool = False  # client credentials: a server without a person
    endpoint: str = ""  # "" = the provider's
    device_endpoint: str = ""
    scope: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Establishment:
    """Letterhead and legal text. Mentions and rates are the home's text, never constants in code."""

    key: str  # short stable key in the journal
    name: str
    legal_form: str = ""
    address: tuple[str, ...] = ()
    phone: str = ""
    email: str = ""
    siret: str = ""
    finess: str = ""
    vat_number: str = ""
    ape: str = ""
    mentions: tuple[str, ...] = ()  # foot of the invoice
    statement_mentions: tuple[str, ...] = ()  # foot of the relevé de débours
    mediator: str = ""  # consumer mediator
    iban: str = ""
    bic: str = ""
    creditor_id: str = ""  # ICS, for direct debits
    logo: str = ""  # PNG, JPEG or SVG, relative to the home
    colour: str = "#1f5673"


MAX_SIZE = 20.0  # MB; most providers take 25 or more


@dataclass(frozen=True, slots=True, kw_only=True)
class MailAccount:
    sender: str
    name: str = ""
    reply_to: str = ""
    host: str
    port: int
    security: Security = Security.STARTTLS
    login: str = ""
    auth: Auth = Auth.PASSWORD
    ca_file: str = ""  # absolute path; "" = the system's authorities
    archive: str = ""  # address that gets a copy of each message, or ""
    timeout: float = 60.0  # seconds, per reply
    max_size: float = MAX_SIZE  # MB of a whole message (10^6 bytes, as sent): heavier ones are held
    tag_returns: bool = False  # the envelope's sender is compta+<token>@…: see tagging

    @property
    def key(self) -> str:
        """What the lock and the quotas are keyed on: one sending account."""
        return f"{self.login or self.sender}@{self.host}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImapAccount:
    """Where our own mail is read: copies that prove that a message left, reports that came back."""

    host: str
    port: int
    security: Security = Security.TLS
    login: str
    auth: Auth = Auth.PASSWORD  # the mail account's
    sent: str = ""  # folder; "" = the one that the server marks \\Sent (RFC 6154)
    copy: bool = False  # put a copy of each accepted message into it
    archive_login: str = ""  # of the archive mailbox, where it has a login of its own
    archive_folder: str = "INBOX"  # where the copies arrive in it
    ca_file: str = ""  # absolute path; "" = the system's authorities
    timeout: float = 30.0  # seconds, per answer: searching a big mailbox takes some time


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Allowed rate. Seconds and messages; a cap of 0 means none."""

    between: float = 2.0
    every: int = 10
    pause: float = 10.0
    per_minute: int = 0
    per_hour: int = 0
    per_day: int = 0
    reserve: int = 0  # messages a day kept for mail that the account sends outside the program


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """What the office says of one provider of its families (``[lanes.orange]``)."""

    name: str
    domains: tuple[str, ...] = ()  # beside those that the table knows
    pace: Pace = field(default_factory=lambda: Pace(between=0, every=0, pause=0))  # within the account's


@dataclass(frozen=True, slots=True, kw_only=True)
class Canary:
    """The first messages leave alone; the others wait for what comes back. 0 messages: no canary."""

    messages: int = 3
    minutes: int = 10
    least: int = 50  # ``from``: not for a batch with fewer messages to send


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeRule:
    """Who is told of a sending that nobody watched."""

    to: str = ""  # "" = nobody
    when: str = "always"  # or "remainder": only when something remains, or went wrong
    due_day: int = 5  # day of the following month by which a month should have left; 0: none


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnSettings:
    """Where the messages that come back are read, and when they set an address aside."""

    sources: tuple[str, ...] = ()  # beside [imap]: see ``mailbox.source_of``
    folder: str = "INBOX"  # of [imap]
    move_to: str = ""  # folder of [imap] that what was read as a return is moved to; "": it stays
    every: int = 2  # minutes between two looks while a batch is being sent
    rule: ReturnRule = field(default_factory=ReturnRule)


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionRule:
    """How many whole months are kept, counted from the end of the month in question; 0: for ever."""

    messages: int = 13  # frozen messages in the outbox
    documents: int = 13  # PDFs, which can be made again from the workbook, and attachments of one invoice
    notebooks: int = 13  # executed notebooks
    returns: int = 13  # messages that came back
    addresses: int = 36  # in the journal; then they are put away


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """Templates of the messages (Jinja2, sandboxed). The office's content, not catalogue entries."""

    subject: str
    text: str
    signature: str = ""
    deceased_subject: str = ""
    deceased_text: str = ""
    certificate_subject: str = ""  # of the year's tax certificates, whoever they are for
    certificate_text: str = ""
    receipt: bool = False
    group: bool = False  # a guardian or an organisation gets one message for several residents
    grouped_subject: str = ""
    grouped_text: str = ""

    @property
    def of_certificates(self) -> Wording:
        """The same words for tax certificates, which say nothing of a month or an amount due."""
        subject, text = self.certificate_subject, self.certificate_text
        words = replace(self, subject=subject, text=text, deceased_subject=subject, deceased_text=text)
        return replace(words, group=False)
