"""Read dates: real ones, serial numbers without a format, and typed ones, day first."""

from __future__ import annotations

import datetime as dt
import re

from elite_lib.models import ProblemCode
from elite_lib.sources.numbers import UnreadableError
from elite_lib.sources.texts import folded

# Serial numbers count days (ECMA-376 part 1, 18.17.4). Day 1 of the 1900 system is 1 January 1900, but
# day 60 is a 29 February that never was: from March 1900 on the origin is in effect 30 December 1899.
_ORIGIN_1900 = dt.date(1899, 12, 30)
_ORIGIN_1904 = dt.date(1904, 1, 1)

# A year typed alone (2026) would be a day of 1905: serials below 1 January 1910 are refused.
_FIRST_SERIAL = dt.date(1910, 1, 1)
_FIRST_YEAR, _LAST_YEAR = 1900, 2099  # 0206 and 2206 are slips of the finger

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("janvier", "janv", "jan"),
            ("fevrier", "fevr", "fev"),
            ("mars", "mar"),
            ("avril", "avr"),
            ("mai",),
            ("juin",),
            ("juillet", "juil"),
            ("aout",),
            ("septembre", "sept", "sep"),
            ("octobre", "oct"),
            ("novembre", "nov"),
            ("decembre", "dec"),
        ),
        start=1,
    )
    for name in names
}
_TIME = r"(?:[ t]00:00(?::00(?:\.0+)?)?z?)?"  # exports of databases write midnight behind a date
_DAY_FIRST = re.compile(r"([0-9]{1,2})([/.\- ])([0-9]{1,2})\2([0-9]{4})" + _TIME)
_ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})" + _TIME)
_COMPACT = re.compile(r"((?:19|20)[0-9]{2})([0-9]{2})([0-9]{2})")  # ISO 8601 basic format
_WORDS = re.compile(r"(?:[a-z]+\.? )?([0-9]{1,2})(?:er)? ([a-z]+)\.? ([0-9]{4})")
_SERIAL = re.compile(r"[1-9][0-9]{3,4}")  # with a zero before it, it is a postcode


def checked(day: dt.date) -> dt.date:
    """Return ``day`` if its year is one of a living person's.

    Raises:
        UnreadableError: a year before 1900 or after 2099.
    """
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise UnreadableError(ProblemCode.DATE_INVALID)
    return day


def serial(value: float, *, epoch_1904: bool = False) -> dt.date:
    """Read a day number that lost its date format, in the workbook's date system.

    Raises:
        UnreadableError: not a whole number, or no day from 1910 to 2099 (a year alone, say).
    """
    if not 0 < value < 100_000 or value != int(value):
        raise UnreadableError(ProblemCode.DATE_INVALID)
    day = (_ORIGIN_1904 if epoch_1904 else _ORIGIN_1900) + dt.timedelta(days=int(value))
    if day < _FIRST_SERIAL or 1900 <= value <= 2100:
        raise UnreadableError(ProblemCode.DATE_INVALID)
    return checked(day)


def typed(text: str) -> dt.date:
    """Read ``31/10/2026``, ``2026-10-31``, ``1er octobre 2026``, ``20261031`` or ``46326``.

    The day comes first, as in France; a year of two digits could be of two centuries and is refused.

    Raises:
        UnreadableError: anything else, and days that do not exist.
    """
    text = folded(text)
    if match := _DAY_FIRST.fullmatch(text):
        day, month, year = match[1], match[3], match[4]
    elif match := _ISO.fullmatch(text) or _COMPACT.fullmatch(text):
        year, month, day = match.groups()
    elif _SERIAL.fullmatch(text):
        return serial(int(text))
    elif (match := _WORDS.fullmatch(text)) and match[2] in _MONTHS:
        day, month, year = match[1], str(_MONTHS[match[2]]), match[3]
    else:
        raise UnreadableError(ProblemCode.DATE_INVALID)
    try:
        return checked(dt.date(int(year), int(month), int(day)))
    except ValueError:  # 31 February, and UnreadableError itself
        raise UnreadableError(ProblemCode.DATE_INVALID) from None
