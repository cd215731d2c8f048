"""Read amounts and numbers as French offices write them, and refuse what can be read in two ways.

``1 234,56 €`` with any of the no-break spaces, ``1.234,56``, ``1,234.56``, ``5,20-``, ``(5,20)``, ``−5,20``
are each one number. ``1.234`` is 1,234 or 1234: refused, never guessed.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Collection
from decimal import Decimal

from elite_lib.models import ProblemCode


class UnreadableError(ValueError):
    """A cell does not hold what its column promises; ``code`` says in which way."""

    def __init__(self, code: ProblemCode, **facts: str) -> None:
        self.code = code
        self.facts = facts
        super().__init__(code)


# U+2010 to U+2013: hyphens and the en dash that word processors put for a minus; U+2212 is the real one.
_MINUS = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2212\ufe63\uff0d", "-"))
_CURRENCY = re.compile(r"€|eur(?:os?)?", re.IGNORECASE)
_PLAIN = re.compile(r"[0-9]+(?:[.,][0-9]+)?|[.,][0-9]+", re.ASCII)
_GROUPED = re.compile(
    r"(?P<head>[0-9]{1,3})(?P<group>[ .,'’])[0-9]{3}(?:(?P=group)[0-9]{3})*"
    r"(?:(?P<point>[.,])(?P<cents>[0-9]+))?",
    re.ASCII,
)
_SUM_NOISE = (
    5e-7  # euros: what binary floating point adds to a sum of cents; half a cent is 10 000 times more
)
_MAGNITUDE = 10**12  # euros: above it a double no longer holds every cent safely

_CENT = Decimal("0.01")
_ZERO = Decimal(0)


def amount(text: str) -> Decimal:
    """Read a typed amount in euros, to the cent.

    Raises:
        UnreadableError: not a number, more than two decimals, or readable in two ways.
    """
    digits, sign = _unsigned(_without_currency(text))
    value = _decimal(digits, money=True)
    if value > _MAGNITUDE:
        raise UnreadableError(ProblemCode.NUMBER_INVALID)
    if value != value.quantize(_CENT):
        raise UnreadableError(ProblemCode.NUMBER_INVALID, why="decimals")
    return sign * value.quantize(_CENT) + 0  # "+ 0": -0.00 becomes 0.00


def number(text: str) -> Decimal:
    """Read a typed quantity, price or rate (``5,5 %`` is 5.5) of any precision.

    Raises:
        UnreadableError: not a number, or readable in two ways.
    """
    stripped = _without_currency(text)
    digits, sign = _unsigned(stripped.removesuffix("%").rstrip() if stripped.count("%") == 1 else stripped)
    return sign * _decimal(digits, money=False) + 0


def cents(value: float) -> Decimal:
    """Round a numeric cell to the cent, taking off the noise of floating point and nothing more.

    Raises:
        UnreadableError: more than two decimals (Excel hides them): which cents are meant, the sheet must say.
    """
    if not math.isfinite(value) or abs(value) > _MAGNITUDE:
        raise UnreadableError(ProblemCode.NUMBER_INVALID)
    text = f"{value:.2f}"
    if abs(float(text) - value) > _SUM_NOISE:
        raise UnreadableError(ProblemCode.NUMBER_INVALID, why="decimals")
    return Decimal(text) + 0


def all_cents(values: Collection[float]) -> dict[float, Decimal] | None:
    """Do what ``cents`` does for many values at once; None when it would refuse any of them."""
    texts = list(map("%.2f".__mod__, values))
    if not all(map(math.isfinite, values)) or max(map(abs, values), default=0) > _MAGNITUDE:
        return None
    if max(map(abs, map(operator.sub, map(float, texts), values)), default=0) > _SUM_NOISE:
        return None
    return dict(zip(values, map(_ZERO.__add__, map(Decimal, texts)), strict=True))


def exact(value: float) -> Decimal:
    """Turn a numeric cell into a decimal of at most 12 significant digits (``31``, ``0.3``).

    Raises:
        UnreadableError: not finite.
    """
    if not math.isfinite(value):
        raise UnreadableError(ProblemCode.NUMBER_INVALID)
    return Decimal(f"{value:.12g}") + 0


def _without_currency(text: str) -> str:
    """Normalise spaces and minus signs, and take off one currency sign at either end."""
    text = " ".join(text.translate(_MINUS).split())
    found = _CURRENCY.findall(text)
    if len(found) > 1:
        raise UnreadableError(ProblemCode.NUMBER_INVALID)
    return _CURRENCY.sub(" ", text).strip() if found and _at_an_end(text) else text


def _at_an_end(text: str) -> bool:
    match = _CURRENCY.search(text)
    assert match is not None  # noqa: S101 - the caller found one
    before, after = text[: match.start()].strip(" -+("), text[match.end() :].strip(" -)")
    return not before or not after


def _unsigned(text: str) -> tuple[str, int]:
    """Split off one sign: ``-5``, ``5-``, ``(5)``; two of them say nothing certain."""
    sign = 1
    if text.startswith("(") and text.endswith(")"):
        return text[1:-1].strip(), -1
    if text.startswith(("-", "+")):
        sign, text = (-1 if text[0] == "-" else 1), text[1:].lstrip()
    elif text.endswith("-"):
        sign, text = -1, text[:-1].rstrip()
    return text, sign


def _decimal(digits: str, *, money: bool) -> Decimal:
    if _PLAIN.fullmatch(digits):
        if _ambiguous(digits, money=money):
            raise UnreadableError(ProblemCode.NUMBER_AMBIGUOUS)
        return Decimal(digits.replace(",", "."))
    match = _GROUPED.fullmatch(digits)
    if match is None or match["head"].startswith("0") or match["point"] == match["group"]:
        raise UnreadableError(ProblemCode.NUMBER_INVALID)
    whole = digits[: match.start("point")] if match["point"] else digits
    return Decimal(f"{whole.replace(match['group'], '')}.{match['cents'] or '0'}")


def _ambiguous(digits: str, *, money: bool) -> bool:
    """Tell whether one separator before three digits may group thousands.

    ``1.234`` may. ``0,125`` and ``1234,567`` cannot. ``31,000`` may in money, where three decimals
    make no sense; elsewhere the comma is the French decimal sign (quantities are exported so).
    """
    whole, separator, decimals = digits.partition("," if "," in digits else ".")
    if len(decimals) != 3 or not 1 <= len(whole) <= 3 or whole.startswith("0"):
        return False
    return separator == "." or money
