"""French amounts, quantities, dates and months, as printed and as mailed.

Own formatters: Babel's currency format costs some 33 µs an amount, and puts U+202F
(narrow no-break space) between thousands, which many fonts lack. Here it is U+00A0.
"""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal

NBSP = "\u00a0"
MINUS = "\u2212"  # the real minus sign: a hyphen may break at the line's end
_CENT = Decimal("0.01")

MONTHS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)


def number(value: Decimal, decimals: int = 2) -> str:
    """Format ``-1234.5`` as ``−1 234,50`` (no-break spaces, real minus, half up)."""
    rounded = abs(value).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    text = f"{rounded:,.{decimals}f}".replace(",", NBSP).replace(".", ",")
    return (MINUS if value < 0 and rounded else "") + text


def amount(value: Decimal) -> str:
    """Format euros: ``1 234,56 €``."""
    return number(value) + NBSP + "€"


def quantity(value: Decimal) -> str:
    """Format a quantity without needless zeros: ``31``, ``2,5``."""
    exponent = value.normalize().as_tuple().exponent
    return number(value, max(0, -exponent) if isinstance(exponent, int) else 0)


def plain_amount(value: Decimal) -> str:
    """Format for machines (``--json``): ``-1234.50``."""
    return str(value.quantize(_CENT, rounding=ROUND_HALF_UP))


def date(value: dt.date) -> str:
    """Format ``31/10/2026``."""
    return f"{value:%d/%m/%Y}"


def long_date(value: dt.date) -> str:
    """Format ``1er octobre 2026``."""
    day = "1er" if value.day == 1 else str(value.day)
    return f"{day}{NBSP}{MONTHS[value.month - 1]} {value.year}"


def month(key: str) -> str:
    """Format the month key ``2026-10`` as ``octobre 2026``, a year's ``ATT-2026`` as ``année 2026``."""
    if key.startswith("ATT-"):
        return f"année {key[4:]}"
    return f"{MONTHS[int(key[5:7]) - 1]} {key[:4]}"


def of_month(key: str) -> str:
    """Format ``2026-10`` with its preposition: ``d’octobre 2026``, ``de mai 2026``."""
    name = month(key)
    if key.startswith("ATT-"):
        return f"de l’{name}"
    return ("d’" if name[0] in "aoé" else "de ") + name


def size(count: int) -> str:
    """Format a weight in bytes: ``812 octets``, ``146 Ko``, ``2,1 Mo`` (decimal units)."""
    if count < 1000:
        return f"{count}{NBSP}octets"
    if count < 1_000_000:
        return f"{round(count / 1000)}{NBSP}Ko"
    return f"{number(Decimal(count) / 1_000_000, 1)}{NBSP}Mo"


def printable(text: str) -> str:
    """Replace spaces that the embedded fonts lack (U+202F, U+2009) by a no-break space."""
    return text.replace("\u202f", NBSP).replace("\u2009", NBSP)


def masked(address: str) -> str:
    """Hide whose an address is, and keep what a study needs: ``c•••@example.com``."""
    local, at, domain = address.rpartition("@")
    return f"{local[:1]}•••{at}{domain}" if at else ("•••" if address else "")


def percent(share: float) -> str:
    """Format a share of 1: ``12,5 %``; ``0 %`` and ``100 %`` without decimals."""
    tenths = round(share * 1000)
    text = str(tenths // 10) if tenths % 10 == 0 else f"{tenths // 10},{tenths % 10}"
    return f"{text}{NBSP}%"


def duration(seconds: float) -> str:
    """Format a length of time by its two largest units: ``8 s``, ``2 min``, ``3 h 05``, ``2 j 4 h``."""
    minutes = int(seconds // 60)
    if minutes < 1:
        return f"{int(seconds)}{NBSP}s"
    if minutes < 60:
        return f"{minutes}{NBSP}min"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours}{NBSP}h{NBSP}{minutes:02}"
    days, hours = divmod(hours, 24)
    return f"{days}{NBSP}j" + (f"{NBSP}{hours}{NBSP}h" if hours else "")
