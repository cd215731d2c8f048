"""What the examination of a mail account finds, step by step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class CheckStep(StrEnum):
    """What is examined, in this order (with implicit TLS the encryption comes before the greeting)."""

    DNS = "dns"  # the server's name
    TCP = "tcp"  # its port
    GREETING = "greeting"  # what answers there is a mail server
    TLS = "tls"  # encryption and certificate
    AUTH = "auth"  # login
    SIZE = "size"  # the largest message that it takes (RFC 1870)
    DSN = "dsn"  # delivery reports on request (RFC 3461)
    MAIL_FROM = "mail_from"  # the sender's address
    SPF = "spf"  # RFC 7208
    DKIM = "dkim"  # RFC 6376
    DMARC = "dmarc"  # RFC 7489
    PTR = "ptr"  # the name of the home's own server's address
    MX = "mx"  # the recipients' domains
    MISSPELT = "misspelt"  # domains that look like a provider's


class CheckVerdict(StrEnum):
    OK = "ok"
    WARNING = "warning"  # sending works; something should be looked at
    FAILED = "failed"  # sending does not work, or families would not receive
    SKIPPED = "skipped"  # not examined; the code says why


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """One answer about one step; ``labels.describe_diagnosis`` words it from its code and facts."""

    step: CheckStep
    verdict: CheckVerdict
    code: str
    facts: Mapping[str, str] = field(default_factory=dict)
