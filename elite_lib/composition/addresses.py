"""E-mail addresses as they travel: ASCII, domain in punycode."""

from __future__ import annotations

import re

import idna

from elite_lib.exceptions import ConfigError, TemplateError

# RFC 5321 4.1.2 without quoted local parts and address literals: no family has one, and both are
# ways to smuggle a second address or parameter into a command.
_MAILBOX = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9]([A-Za-z0-9.-]{0,253}[A-Za-z0-9])?")


def canonical_address(address: str) -> str:
    """Write a typed address as envelopes, headers and journal have it: domain lower-case, in punycode.

    The local part is kept as typed: only its server knows whether case matters (RFC 5321 2.4).

    Raises:
        ConfigError: not an address, or an accent before the @ (the message *and* its bounce can be lost).
    """
    local, at, domain = address.strip().rpartition("@")
    try:
        canonical = f"{local}{at}{idna.encode(domain, uts46=True).decode()}"
    except (idna.IDNAError, UnicodeError) as error:
        raise ConfigError("address_invalid", value=address) from error
    if not _MAILBOX.fullmatch(canonical):
        raise ConfigError("address_invalid", value=address)
    return canonical


def checked_address(address: str, *, header: str) -> str:
    """Return ``address`` if it may stand in a header and in an SMTP command.

    Raises:
        TemplateError: not ASCII, or not a plain mailbox.
    """
    if not _MAILBOX.fullmatch(address):
        raise TemplateError("header_invalid", header=header, value=address)
    return address
