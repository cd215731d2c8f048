"""Take the usable addresses out of an e-mail cell, and say which are not usable and why."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from email_validator import EmailNotValidError, validate_email

from elite_lib.models import ProblemCode
from elite_lib.sources.texts import clean

_COMMENT = re.compile(r"\([^()@]*\)")  # "a@x.fr (sa fille)", RFC 5322 3.2.2
_NAMED = re.compile(r"(?:^|[;|/,\n\r])[^<>;|/\n\r@]*<([^<>]*)>")  # "Lefèvre, Hélène <a@x.fr>", RFC 5322 3.4
_SEPARATORS = re.compile(r"[;|/]|\s(?:et|ou|and)\s", re.IGNORECASE)
_QUOTES = "\"'«»“”‘’()[]"
# What nearly every cell is: one address of plain letters, far below the limits of RFC 5321 4.5.3.1.
_PLAIN = re.compile(r"([a-z0-9]+(?:[._+-][a-z0-9]+){0,6})@([a-z0-9]+(?:[.-][a-z0-9]+){1,6})", re.ASCII)
_PLAIN_LENGTH = 64
_CACHED = 8192  # distinct addresses of a large workbook, kept so that a household is validated once

Flaw = tuple[ProblemCode, str]  # what is wrong, and the text that is


def addresses(text: str) -> tuple[tuple[str, ...], tuple[Flaw, ...]]:
    """Split a cell into usable addresses (domain in punycode, order kept, each once) and flaws.

    ``a@x.fr / b@y.fr``, ``;``, line breaks, commas, ``Nom <a@x.fr>`` and ``mailto:`` are understood. A piece
    that is not an address is a flaw, never dropped: it may be half of the family's only address.
    """
    if len(text) <= _PLAIN_LENGTH and (plain := _PLAIN.fullmatch(text)):
        domain = _domain(plain[2])
        if domain is not None:
            return (f"{plain[1]}@{domain}",), ()
    usable: dict[str, str] = {}
    flaws: list[Flaw] = []
    for candidate in _candidates(clean(text)):
        code, address = _judge(candidate)
        if code is None:
            usable.setdefault(address.casefold(), address)
        else:
            flaws.append((code, candidate))
    return tuple(usable.values()), tuple(flaws)


def _candidates(text: str) -> Iterator[str]:
    """Cut a cell into what should be one address each.

    A word without "@" beside one with it makes the whole piece doubtful: of ``jean dupont@x.fr`` nobody
    knows whether ``dupont@x.fr`` is the daughter or a stranger. Only addresses may stand side by side.
    """
    bare = _COMMENT.sub(" ", text)
    # "(pas d'adresse)" alone is no remark beside an address: somebody must look at it.
    text = _NAMED.sub(r";\1;", bare if any(map(str.isalnum, bare)) else text)
    for piece in _SEPARATORS.split(text):
        parts = piece.split(",")  # a separator only between addresses: "orange,fr" is a slip
        for part in parts if all("@" in part for part in parts if part.strip()) else [piece]:
            words = [word for word in part.split() if any(c.isalnum() or c == "@" for c in word)]
            if all("@" in word for word in words):
                yield from words
            else:
                yield " ".join(part.split())


@lru_cache(maxsize=_CACHED)
def _domain(domain: str) -> str | None:
    """Return a domain as it goes on the wire, or None; the families of a home share a dozen."""
    code, address = _judge(f"a@{domain}")
    return address.partition("@")[2] if code is None else None


@lru_cache(maxsize=_CACHED)
def _judge(candidate: str) -> tuple[ProblemCode | None, str]:
    """Return no code and the address as it goes on the wire, or what is wrong."""
    address = candidate.strip(_QUOTES + ".,:")
    if address.casefold().startswith("mailto:"):
        address = address[len("mailto:") :]
    local, at, _domain = address.rpartition("@")
    if " " in address:
        return ProblemCode.EMAIL_INVALID, ""  # several words; a quoted local part is no family's address
    if at and local and not local.isascii():
        # RFC 6531 needs every server on the way to announce SMTPUTF8; where one does not, the message
        # and the notice of its failure can both be lost.
        return ProblemCode.EMAIL_NOT_ASCII, ""
    try:
        # test_environment is per call and only lets the reserved .test through; nothing is looked up.
        valid = validate_email(
            address, allow_smtputf8=False, check_deliverability=False, test_environment=True
        )
    except EmailNotValidError:
        return ProblemCode.EMAIL_INVALID, ""
    if valid.ascii_email is None or "." not in valid.ascii_domain:
        return ProblemCode.EMAIL_INVALID, ""
    return None, valid.ascii_email
