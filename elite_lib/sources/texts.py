"""Clean and compare what people type: spaces that look alike, accents, case, invisible characters."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata

# Zero-width and direction marks, soft hyphen, BOM: pasted with text, seen by nobody, and a different code.
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff]")
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "Œ": "OE", "Æ": "AE", "ß": "ss"})  # NFKD keeps them

VALUE_LENGTH = 200  # of what a problem shows of a cell


def clean(text: str) -> str:
    """Strip the ends (U+00A0, U+202F, U+2009 count as spaces) and drop invisible characters."""
    return text.strip() if text.isascii() else _INVISIBLE.sub("", text).strip()


def single_spaced(text: str) -> str:
    """Make every run of spaces, of whatever kind, one ordinary space: two codes that look alike are alike."""
    return " ".join(clean(text).split())


def folded(text: str) -> str:
    """Return ``text`` in lower case, without accents and ligatures, its spaces single."""
    text = single_spaced(text)
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", text.translate(_LIGATURES))
        text = "".join(c for c in decomposed if not unicodedata.combining(c))
    return text.casefold()


def number_text(value: float) -> str:
    """Write a numeric cell as a French Excel shows it without a format: ``123``, ``12,5``."""
    if abs(value) < 1e15 and value == int(value):
        return str(int(value))
    return f"{value:.15g}".replace(".", ",")


def seen(value: object) -> str:
    """Say what is in a cell, as far as possible as Excel shows it; at most 200 characters."""
    if isinstance(value, bool):
        return "VRAI" if value else "FAUX"
    if isinstance(value, int | float):
        return number_text(value)
    if isinstance(value, dt.datetime):
        pattern = "%d/%m/%Y" if value.time() == dt.time() else "%d/%m/%Y %H:%M:%S"
        return value.strftime(pattern)
    if isinstance(value, dt.date):
        return value.strftime("%d/%m/%Y")
    return str(value)[:VALUE_LENGTH]
