"""Header fields: checked, encoded (RFC 2047), folded at 76 columns.

Written here and not left to the standard library, whose folding of encoded display names differs
from one Python to the next (CVE-2025-1795: the comma between two addresses was encoded away): a frozen
batch must have the same bytes everywhere.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from elite_lib.composition.addresses import checked_address
from elite_lib.exceptions import TemplateError

COLUMNS = 76  # RFC 2047 section 2: a line with an encoded word has at most 76 characters
_BREAKING = {"Cc", "Zl", "Zp", "Cs"}  # controls, line and paragraph separators, lone surrogates
_PLAIN = re.compile(r"[!-~]+( [!-~]+)*")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+( [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_SPECIALS = re.compile(r'[@:,;"<>()\[\]\\\s]+')
# RFC 2047 section 5 (3): what stays as it is in a "Q" word that stands in a display name.
_SAFE = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")


def checked(header: str, value: str) -> str:
    """Return ``value`` if it is one line without control characters.

    Raises:
        TemplateError: a line break (of any kind), a control character, a lone surrogate.
    """
    if any(unicodedata.category(character) in _BREAKING for character in value):
        raise TemplateError("header_invalid", header=header, value=value)
    return value


def display_name(header: str, name: str) -> str:
    """Take out of a name what mail programs take for address syntax: ``@ : , "`` and the like.

    Raises:
        TemplateError: see :func:`checked`.
    """
    return _SPECIALS.sub(" ", checked(header, name)).strip()


def text_field(header: str, value: str) -> str:
    """Write an unstructured field (Subject)."""
    checked(header, value)
    line = f"{header}: {value}"
    if len(line) <= COLUMNS and _PLAIN.fullmatch(value) and "=?" not in value:
        return line + "\r\n"
    return _folded(header, _encoded(value, width=_width(header)))


def address_field(header: str, mailboxes: Iterable[tuple[str, str]]) -> str:
    """Write an address field from (name, address) pairs."""
    tokens: list[str] = []
    for name, address in mailboxes:
        if tokens:
            tokens[-1] += ","
        checked_address(address, header=header)
        phrase = _phrase(display_name(header, name), width=_width(header))
        tokens += [*phrase, f"<{address}>"] if phrase else [address]
    return _folded(header, tokens)


def _width(header: str) -> int:
    """Longest word that fits beside the field's name, and within RFC 2047's 75 characters."""
    return COLUMNS - len(f"{header}: ")


def _phrase(name: str, *, width: int) -> list[str]:
    short = name.isascii() and len(name) <= width - 2 and "=?" not in name
    if short and _ATOMS.fullmatch(name):
        return name.split(" ")
    if short and name:
        return [f'"{name}"']  # "M. Jean DUPONT": a dot may not stand in a bare phrase
    return _encoded(name, width=width)


def _encoded(text: str, *, width: int) -> list[str]:
    """Encode as "Q" words, as few as can be, never cutting a character (RFC 2047 section 5)."""
    words, current = [], ""
    for character in text:
        piece = "".join(
            "_" if byte == 0x20 else chr(byte) if byte in _SAFE else f"={byte:02X}"
            for byte in character.encode()
        )
        if len(current) + len(piece) + len("=?utf-8?q??=") > width:
            words.append(current)
            current = ""
        current += piece
    return [f"=?utf-8?q?{word}?=" for word in (*words, current) if word]


def _folded(header: str, tokens: list[str]) -> str:
    lines, line = [], f"{header}:"
    for position, token in enumerate(tokens):
        if position and len(line) + 1 + len(token) > COLUMNS:
            lines.append(line)
            line = ""
        line += f" {token}"
    return "\r\n".join((*lines, line)) + "\r\n"
