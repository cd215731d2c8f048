"""French typography of amounts, dates, months and weights."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from elite_lib import formats


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("1234567.891", "1\u00a0234\u00a0567,89\u00a0€"),
        ("-5.2", "\u22125,20\u00a0€"),
        ("0", "0,00\u00a0€"),
        ("-0.001", "0,00\u00a0€"),
        ("0.005", "0,01\u00a0€"),
    ],
)
def test_amount(value: str, text: str) -> None:
    assert formats.amount(Decimal(value)) == text


@pytest.mark.parametrize(
    ("value", "text"), [("31", "31"), ("31.00", "31"), ("2.50", "2,5"), ("1000", "1\u00a0000")]
)
def test_quantity(value: str, text: str) -> None:
    assert formats.quantity(Decimal(value)) == text


def test_dates_and_months() -> None:
    assert formats.date(dt.date(2026, 10, 1)) == "01/10/2026"
    assert formats.long_date(dt.date(2026, 10, 1)) == "1er\u00a0octobre 2026"
    assert [formats.of_month(f"2026-{m:02}") for m in (4, 5, 8, 10)] == [
        "d’avril 2026",
        "de mai 2026",
        "d’août 2026",
        "d’octobre 2026",
    ]


def test_sizes() -> None:
    assert [formats.size(n) for n in (812, 146_400, 2_140_000)] == [
        "812\u00a0octets",
        "146\u00a0Ko",
        "2,1\u00a0Mo",
    ]


def test_plain_amount_and_printable() -> None:
    assert formats.plain_amount(Decimal("-1234.5")) == "-1234.50"
    assert formats.printable("1\u202f234") == "1\u00a0234"
