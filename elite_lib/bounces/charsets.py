"""Bytes and header words to text, by hand: real bounces lie about their charset, and no lie may raise."""

from __future__ import annotations

import base64
import binascii
import quopri
import re
import unicodedata

_ENCODED_WORD = re.compile(r"=\?([^?\s]+)\?([bq])\?([^?]*)\?=", re.IGNORECASE)
_BETWEEN_WORDS = re.compile(r"(\?=)\s+(=\?)")
_ISO_2022 = re.compile(rb"\x1b[$(]")
_ALIASES = {
    "unicode-1-1-utf-7": "utf-7",
    "unknown-8bit": "utf-8",
    "x-unknown": "utf-8",
    "shift-jis": "shift_jis",
}
_NOT_BASE64 = bytes(
    set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
)
_LONGEST = 4_000  # characters of a header value
_QUOTES = str.maketrans(
    {"ł": "l", "Ł": "l", "’": "'", "‘": "'", "´": "'", "“": '"', "”": '"', "\u00a0": " ", "\u202f": " "}
)


def decode(content: bytes, charset: str = "") -> str:
    """Decode as declared, else as UTF-8, else as windows-1252 with every byte kept. Never raises.

    UTF-7 is not honoured: Exchange declares it (``unicode-1-1-utf-7``) on plain ASCII, and a
    decoder of shift states has no business with untrusted text.
    """
    name = _ALIASES.get(charset.strip("\"' ").lower(), charset.strip("\"' ").lower())
    if _ISO_2022.search(content):
        name = "iso-2022-jp"
    if content.isascii() and name != "iso-2022-jp":
        return content.decode("ascii")
    for candidate in (name, "utf-8"):
        if candidate in ("", "utf-7", "us-ascii", "ascii"):
            continue
        try:
            return content.decode(candidate)
        except (UnicodeError, LookupError, ValueError):
            continue
    if name == "iso-2022-jp":
        return content.decode("iso-2022-jp", "replace")
    return content.decode("cp1252", "replace")


def raw(text: object) -> bytes:
    """Give back the bytes of a value that the parser decoded with ``surrogateescape``."""
    return str(text).encode("utf-8", "surrogateescape")


def transfer_decode(content: bytes, encoding: str) -> bytes:
    """Undo base64 or quoted-printable; broken input gives what can be read of it."""
    encoding = encoding.strip().lower()
    if encoding == "quoted-printable":
        return quopri.decodestring(content)
    if encoding == "base64":
        return _base64(content)
    return content


def _base64(content: bytes) -> bytes:
    body = content.translate(None, _NOT_BASE64)
    body = body[:-1] if len(body) % 4 == 1 else body
    try:
        return base64.b64decode(body + b"=" * (-len(body) % 4))
    except (binascii.Error, ValueError):
        return b""


def header(value: object) -> str:
    """Unfold a header value and decode its encoded words (RFC 2047)."""
    text = "" if value is None else value if isinstance(value, str) else str(value)
    text = text[:_LONGEST]
    if not text.isascii() or "\x1b$" in text:
        text = decode(raw(text))
    if "=?" in text:
        text = _ENCODED_WORD.sub(_word, _BETWEEN_WORDS.sub(r"\1\2", text))
    return " ".join(text.split())


def _word(match: re.Match[str]) -> str:
    charset, kind, body = match.groups()
    content = raw(body)
    if kind in "bB":
        return decode(_base64(content), charset.partition("*")[0])
    return decode(quopri.decodestring(content.replace(b"_", b" ")), charset.partition("*")[0])


def xtext(value: str) -> str:
    """Decode RFC 3461 xtext: ``+2B`` is ``+``."""
    return re.sub(r"\+([0-9A-F]{2})", lambda m: chr(int(m[1], 16)), value)


def fold(text: str) -> str:
    """Lower case, one space, no Latin accent, straight quotes: what the tables of phrases are written in."""
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text.translate(_QUOTES))
        text = re.sub("[\u0300-\u036f]", "", text)
        text = unicodedata.normalize("NFC", text)
    return " ".join(text.lower().split())
