"""Amounts and numbers: every notation of a French office, and never a guess."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elite_lib import formats
from elite_lib.models import ProblemCode
from elite_lib.sources import numbers
from elite_lib.sources.numbers import UnreadableError

CENTS = st.integers(min_value=-(10**13), max_value=10**13).map(lambda n: Decimal(n) / 100)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1234,56", "1234.56"),
        ("1234.56", "1234.56"),
        ("1 234,56 €", "1234.56"),
        ("1\u00a0234,56\u00a0€", "1234.56"),
        ("1\u202f234,56", "1234.56"),
        ("1\u2009234,56", "1234.56"),
        ("12\u00a0345\u00a0678,90", "12345678.90"),
        ("1.234,56", "1234.56"),
        ("1,234.56", "1234.56"),
        ("1'234.50", "1234.50"),
        ("1.234.567", "1234567.00"),
        ("\u22125,20", "-5.20"),
        ("–5,20", "-5.20"),
        ("-5,20", "-5.20"),
        ("- 5,20 €", "-5.20"),
        ("5,20-", "-5.20"),
        ("5,20 €-", "-5.20"),
        ("(5,20)", "-5.20"),
        ("(5,20 €)", "-5.20"),
        ("+5,2", "5.20"),
        ("€ 12", "12.00"),
        ("12 EUR", "12.00"),
        ("12 euros", "12.00"),
        (",5", "0.50"),
        ("0,500", "0.50"),
        ("1234,500", "1234.50"),
        ("-0,00", "0.00"),
        ("1 234", "1234.00"),
    ],
)
def test_amount_reads_what_offices_write(text: str, value: str) -> None:
    assert str(numbers.amount(text)) == value


@pytest.mark.parametrize("text", ["1.234", "-1.234", "(1.234)", "1,234", "12.345 €", "999.000", "31,000"])
def test_an_ambiguous_amount_is_refused(text: str) -> None:
    with pytest.raises(UnreadableError) as refusal:
        numbers.amount(text)
    assert refusal.value.code is ProblemCode.NUMBER_AMBIGUOUS


@pytest.mark.parametrize(
    "text",
    [
        "abc",
        "€",
        "-",
        "12,345 678",
        "12 34",
        "1 23,4",
        "1234 567",
        "0 123,45",
        "1,234,56",
        "1.234.56",
        "5€20",
        "€5€",
        "-(5,20)",
        "(-5,20)",
        "-5-",
        "1e5",
        "nan",
        "inf",
        "5 %",
        "12,3456",
        "0,005",
        "١٢",
        "9" * 40,
        "5,",
    ],
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(UnreadableError) as refusal:
        numbers.amount(text)
    assert refusal.value.code is ProblemCode.NUMBER_INVALID


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("31", "31"),
        ("2,5", "2.5"),
        ("5,5 %", "5.5"),
        ("31,000", "31.000"),
        ("64,125", "64.125"),
        ("0.125", "0.125"),
    ],
)
def test_number_keeps_every_digit(text: str, value: str) -> None:
    assert str(numbers.number(text)) == value


@pytest.mark.parametrize("text", ["31.000", "1.234"])
def test_a_number_with_a_point_before_three_digits_is_refused(text: str) -> None:
    with pytest.raises(UnreadableError) as refusal:
        numbers.number(text)
    assert refusal.value.code is ProblemCode.NUMBER_AMBIGUOUS


def test_cents_take_off_floating_noise_and_nothing_more() -> None:
    assert numbers.cents(0.1 + 0.2) == Decimal("0.30")
    assert str(numbers.cents(-0.0)) == "0.00"
    for value in (12.345, math.nan, math.inf, 1e13):
        with pytest.raises(UnreadableError):
            numbers.cents(value)


@given(CENTS)
def test_cents_of_a_cell_round_trip(value: Decimal) -> None:
    if abs(value) <= 10**11:
        assert numbers.cents(float(value)) == value


@given(CENTS, st.sampled_from([" ", "\u00a0", "\u202f", "\u2009", "", "'", "."]))
def test_an_amount_as_offices_print_it_round_trips(value: Decimal, group: str) -> None:
    whole, _, decimals = f"{abs(value):,.2f}".partition(".")
    text = f"{whole.replace(',', group)},{decimals}"
    signed = (text, text) if value >= 0 else (f"−{text}", f"({text} €)")
    assert [numbers.amount(form) for form in signed] == [value, value]


@given(CENTS)
def test_an_amount_as_we_print_it_round_trips(value: Decimal) -> None:
    assert numbers.amount(formats.amount(value)) == value


def _readings(text: str) -> set[Decimal]:
    """List every reading of a bare number: which separator, if any, is the decimal one."""
    found = set()
    for decimal, group in ((",", "."), (".", ","), (",", " "), (".", " ")):
        if any(c not in f"0123456789{decimal}{group}" for c in text) or text.count(decimal) > 1:
            continue
        whole, _, decimals = text.partition(decimal)
        parts = whole.split(group)
        grouped = len(parts) == 1 or (
            1 <= len(parts[0]) <= 3 and not parts[0].startswith("0") and all(len(p) == 3 for p in parts[1:])
        )
        if (
            grouped
            and group not in decimals
            and (whole or decimals)
            and not (decimal in text and not decimals)
        ):
            found.add(Decimal(f"{''.join(parts) or '0'}.{decimals or '0'}"))
    return found


@given(st.text(alphabet="0123456789., ", min_size=1, max_size=12).map(str.strip).filter(bool))
def test_amount_never_guesses(text: str) -> None:
    """What is read is the only reading of the text; a text with two readings is refused."""
    try:
        value = numbers.amount(text)
    except UnreadableError:
        return
    assert _readings(" ".join(text.split())) == {value}


@given(st.text(max_size=20))
def test_any_text_is_read_or_refused(text: str) -> None:
    for parse in (numbers.amount, numbers.number):
        try:
            assert isinstance(parse(text), Decimal)
        except UnreadableError as refusal:
            assert refusal.code in (ProblemCode.NUMBER_INVALID, ProblemCode.NUMBER_AMBIGUOUS)


@given(st.lists(st.one_of(st.floats(), st.integers(-(10**14), 10**14).map(lambda c: c / 100)), max_size=8))
def test_many_cents_at_once_are_those_of_each_one(values: list[float]) -> None:
    each: dict[float, Decimal] | None = {}
    for value in values:
        try:
            each[value] = numbers.cents(value)  # type: ignore[index]
        except UnreadableError:
            each = None
            break
    many = numbers.all_cents(values)
    assert many == each
    assert {str(cents) for cents in (many or {}).values()} == {str(cents) for cents in (each or {}).values()}
