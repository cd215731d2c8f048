"""Name dispatch lines, months and ranks of order: what several modules of selection agree on."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata

_DIGITS = re.compile(r"([0-9]+)")
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "Œ": "OE", "Æ": "AE"})  # NFKD keeps them

NaturalKey = tuple[tuple[int, int, str], ...]


def line_key(number: str | None, row: int, duplicate: bool) -> str:
    """Name the dispatch line of one row: the document's number, when that is enough.

    A missing number, or one that another row bears as well, is told apart by the row that
    Excel shows, so that each row of the sheet has exactly one line of its own. Such a line
    is always held: its key changes when a row is inserted above, so nothing may be sent
    under it.
    """
    return number if number and not duplicate else f"{number or ''}@{row}"


def month_of(day: dt.date | None) -> str:
    """Give ``2026-10``, or ``""`` for no date."""
    return f"{day.year:04d}-{day.month:02d}" if day else ""


def natural(number: str | None) -> NaturalKey:
    """Order document numbers as people do: F9 before F10, whatever their leading zeros."""
    parts = _DIGITS.split(number or "")
    return tuple((1, int(part), part) if part.isdecimal() else (0, 0, part) for part in parts if part)


def alphabetical(name: str) -> str:
    """Order names as the office does: without accents, ligatures or case (BŒUF as BOEUF)."""
    flat = unicodedata.normalize("NFKD", name.translate(_LIGATURES))
    return "".join(c for c in flat if not unicodedata.combining(c)).casefold()
