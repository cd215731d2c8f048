"""Certificates of an authority of the tests: a right one, and each way of being wrong."""

from __future__ import annotations

import datetime as dt
import ssl
from dataclasses import dataclass
from pathlib import Path

import trustme

AUTHORITY = "Autorité d'essai"


@dataclass(frozen=True)
class Certificates:
    """``authority`` and ``other`` are paths of PEM files; the others contexts for a server on 127.0.0.1."""

    authority: str
    other: str  # of an authority that signed nothing here
    right: ssl.SSLContext
    expired: ssl.SSLContext  # ended on 31/01/2020
    misnamed: ssl.SSLContext  # for smtp.ailleurs.example
    ending: ssl.SSLContext  # within three days
    unborn: ssl.SSLContext  # valid from tomorrow on


def served(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


def issue(folder: Path) -> Certificates:
    """Make the authorities and their certificates; ``folder`` keeps the PEM files."""
    authority = trustme.CA(organization_name=AUTHORITY)
    authority.cert_pem.write_to_path(folder / "ca.pem")
    trustme.CA().cert_pem.write_to_path(folder / "other.pem")
    now, day, past = dt.datetime.now(dt.UTC), dt.timedelta(days=1), dt.datetime(2020, 1, 1, tzinfo=dt.UTC)

    def valid(start: dt.datetime, end: dt.datetime) -> ssl.SSLContext:
        return served(authority.issue_cert("127.0.0.1", not_before=start, not_after=end))

    return Certificates(
        authority=str(folder / "ca.pem"),
        other=str(folder / "other.pem"),
        right=served(authority.issue_cert("127.0.0.1", "localhost")),
        expired=valid(past, past + 30 * day),
        misnamed=served(authority.issue_cert("smtp.ailleurs.example")),
        ending=valid(past, now + 3 * day),
        unborn=valid(now + day, now + 30 * day),
    )
