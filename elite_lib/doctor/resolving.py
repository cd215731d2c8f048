"""Questions to the DNS whose failures are answers too."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import dns.exception
import dns.rdatatype
import dns.resolver
from dns.rdata import Rdata

_PER_TRY = 2.0  # seconds
_PER_QUESTION = 5.0  # seconds, over all servers and tries


class AnswerKind(StrEnum):
    FOUND = "found"
    EMPTY = "empty"  # the name exists, without such a record
    NO_DOMAIN = "no_domain"  # NXDOMAIN
    FAILED = "failed"  # SERVFAIL, REFUSED, or a name that cannot be asked
    TIMEOUT = "timeout"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    kind: AnswerKind
    records: tuple[str, ...] = ()  # texts joined, hosts without their last dot, MX hosts by preference

    @property
    def certain(self) -> bool:
        """Whether the DNS answered at all: no record is an answer, silence is none."""
        return self.kind not in (AnswerKind.FAILED, AnswerKind.TIMEOUT)


class Resolver(Protocol):
    """Answers DNS questions; never raises."""

    def ask(self, name: str, record: str) -> Answer:
        """Ask for ``A``, ``AAAA``, ``MX``, ``PTR`` or ``TXT``. A null MX (RFC 7505) is the record ``""``."""


class DnsResolver:
    """The system's DNS servers, or those that are given."""

    def __init__(
        self, nameservers: Iterable[str] = (), port: int = 53, *, patience: float = _PER_QUESTION
    ) -> None:
        servers = list(nameservers)
        try:
            self._resolver = dns.resolver.Resolver(configure=not servers)
        except dns.resolver.NoResolverConfiguration:
            self._resolver = dns.resolver.Resolver(configure=False)  # without servers each question fails
        if servers:
            self._resolver.nameservers = servers
            self._resolver.port = port
        self._resolver.timeout = min(_PER_TRY, patience)
        self._resolver.lifetime = patience

    def ask(self, name: str, record: str) -> Answer:
        """Ask one question; see ``Resolver.ask``."""
        try:
            found = self._resolver.resolve(f"{name.rstrip('.')}.", record, search=False)
        except dns.resolver.NXDOMAIN:
            return Answer(kind=AnswerKind.NO_DOMAIN)
        except dns.resolver.NoAnswer:
            return Answer(kind=AnswerKind.EMPTY)
        except dns.exception.Timeout:
            return Answer(kind=AnswerKind.TIMEOUT)
        except (dns.exception.DNSException, OSError, UnicodeError):
            return Answer(kind=AnswerKind.FAILED)
        rows = sorted(found, key=lambda row: int(getattr(row, "preference", 0)))
        return Answer(kind=AnswerKind.FOUND, records=tuple(map(_text, rows)))


def _text(row: Rdata) -> str:
    if row.rdtype == dns.rdatatype.TXT:  # RFC 7208 3.3: the strings of one record are one text
        return b"".join(row.strings).decode("utf-8", "replace")  # type: ignore[attr-defined]
    if row.rdtype == dns.rdatatype.MX:
        return str(row.exchange).rstrip(".").lower()  # type: ignore[attr-defined]
    return row.to_text().rstrip(".").lower()
