"""Take the usable addresses out of an e-mail cell, and say which are not usable and why."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from email_validator import EmailNotValidError, validate_email

from elite_lib.models import ProblemCode
from elite_lib.sources.texts import clean

_BRACKETED = re.compile(r"[^<>;\n\r|]*<([^<>]*)>")  # Nom <a@x.fr>: the words before are a display name
_SEPARATORS = re.compile(r"[\s;/|]+")  # a comma is one only between two addresses: "orange,fr" is a slip
_WORDS_BETWEEN = frozenset({"et", "ou", "&", "-", "and", "puis"})
_QUOTES = "\"'«»“”‘’()[]"
_CACHED = 8192  # distinct addresses of a large workbook, kept so that a household is validated once

Flaw = tuple[ProblemCode, str]  # what is wrong, and the text that is


def addresses(text: str) -> tuple[tuple[str, ...], tuple[Flaw, ...]]:
    """Split a cell into usable addresses (domain in punycode, order kept, each once) and flaws.

    ``a@x.fr / b@y.fr``, ``;``, line breaks, commas, ``Nom <a@x.fr>`` and ``mailto:`` are understood. A piece
    that is not an address is a flaw, never dropped: it may be half of the family's only address.
    """
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
    if "<" in text:
        text = _BRACKETED.sub(r" \1 ", text)
    pieces = [piece for piece in _SEPARATORS.split(text) if piece.strip(",:" + _QUOTES)]
    words = [piece for piece in pieces if piece.casefold() not in _WORDS_BETWEEN]
    stray = [
        w for w in words if "@" not in w.strip("@" + _QUOTES) or w.startswith(("@", ",")) or w.endswith("@")
    ]
    if stray and len(words) > 1 and sum("@" in word for word in words) == 1:
        yield text  # "dupont @orange.fr", "dupont@orange, fr": one broken address, shown whole
        return
    for word in words:
        parts = word.split(",")
        if all("@" in part for part in parts if part):
            yield from filter(None, parts)
        else:
            yield word.strip(",")  # "dupont@orange,fr"


@lru_cache(maxsize=_CACHED)
def _judge(candidate: str) -> tuple[ProblemCode | None, str]:
    """Return no code and the address as it goes on the wire, or what is wrong."""
    address = candidate.strip(_QUOTES + ".,:")
    if address.casefold().startswith("mailto:"):
        address = address[len("mailto:") :]
    local, at, _domain = address.rpartition("@")
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
