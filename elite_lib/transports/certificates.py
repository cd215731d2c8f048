"""The certificate that a mail server shows, right or wrong: whose, by whom, from when until when."""

from __future__ import annotations

import contextlib
import datetime as dt
import ssl
from dataclasses import dataclass, replace

from cryptography import x509
from cryptography.x509.oid import NameOID

from elite_lib.exceptions import ServerUnavailableError
from elite_lib.models import MailAccount
from elite_lib.transports.opening import Reached, opening
from elite_lib.transports.session import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    names: tuple[str, ...]  # hosts and addresses that it is for
    issuer: str
    not_before: dt.datetime
    not_after: dt.datetime


def of_session(session: Session) -> Certificate | None:
    """Read the certificate of an encrypted session."""
    if not isinstance(session.sock, ssl.SSLSocket):
        return None
    content = session.sock.getpeercert(binary_form=True)
    return _read(content) if content else None


def shown(account: MailAccount) -> Certificate | None:
    """Fetch the certificate that a handshake refused, over a connection that says nothing else.

    None when there is none to be had: the server is away, or speaks no TLS.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # to look at what is shown; nothing is told to it
    steps = opening(replace(account, login=""), None, context=context)
    with contextlib.suppress(ServerUnavailableError), contextlib.closing(steps):
        for reached, session in steps:
            if reached is Reached.ENCRYPTED:
                return of_session(session)
    return None


def _read(content: bytes) -> Certificate | None:
    try:
        found = x509.load_der_x509_certificate(content)
        return Certificate(
            names=_names(found),
            issuer=_issuer(found),
            not_before=found.not_valid_before_utc,
            not_after=found.not_valid_after_utc,
        )
    except ValueError:  # what no library reads is no certificate to describe
        return None


def _names(certificate: x509.Certificate) -> tuple[str, ...]:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return tuple(str(a.value) for a in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME))
    addresses = (str(address) for address in names.get_values_for_type(x509.IPAddress))
    return (*names.get_values_for_type(x509.DNSName), *addresses)


def _issuer(certificate: x509.Certificate) -> str:
    for kind in (NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME):
        if found := certificate.issuer.get_attributes_for_oid(kind):
            return str(found[0].value)
    return certificate.issuer.rfc4514_string()
