"""Single cells: dates, e-mail addresses, codes, words, flags."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from elite_lib.models import SHEETS, Column, ProblemCode
from elite_lib.sources import cells, dates, emails
from elite_lib.sources.cellformats import shown
from elite_lib.sources.cells import Surroundings
from elite_lib.sources.numbers import UnreadableError

OCTOBER = dt.date(2026, 10, 31)


def column(sheet: str, name: str) -> Column:
    return next(c for s in SHEETS if s.name == sheet for c in s.columns if c.name == name)


def parsed(
    sheet: str, name: str, *values: object, **around: object
) -> tuple[list[object], list[ProblemCode]]:
    result, flaws = cells.parse(column(sheet, name), values, Surroundings(**around))  # type: ignore[arg-type]
    return result, [flaw.code for flaw in flaws]


# --- dates ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "31/10/2026",
        "31-10-2026",
        "31.10.2026",
        "31 10 2026",
        "2026-10-31",
        "2026-10-31 00:00:00",
        "2026-10-31T00:00:00Z",
        "31/10/2026 00:00",
        "20261031",
        "31 octobre 2026",
        "samedi 31 oct. 2026",
        "31\u00a0octobre\u202f2026",
        "46326",
    ],
)
def test_typed_dates_are_read_day_first(text: str) -> None:
    assert dates.typed(text) == OCTOBER


def test_the_first_of_a_month_in_words() -> None:
    assert dates.typed("1er août 2026") == dt.date(2026, 8, 1)


@pytest.mark.parametrize(
    "text",
    [
        "10/31/2026",
        "31/10/26",
        "31/02/2026",
        "31/10/0206",
        "31/10/2206",
        "2026",
        "1932",
        "31/10-2026",
        "hier",
        "31102026",
    ],
)
def test_a_date_that_could_be_another_or_none_is_refused(text: str) -> None:
    with pytest.raises(UnreadableError) as refusal:
        dates.typed(text)
    assert refusal.value.code is ProblemCode.DATE_INVALID


def test_serial_numbers_follow_the_date_system_of_the_workbook() -> None:
    assert dates.serial(46326) == OCTOBER
    assert dates.serial(46326 - 1462, epoch_1904=True) == OCTOBER


@pytest.mark.parametrize("value", [0.0, 1.0, 2026.0, 46326.5, 1e9, -3.0])
def test_a_number_that_is_no_plausible_day_is_refused(value: float) -> None:
    with pytest.raises(UnreadableError):
        dates.serial(value)


@given(st.dates(min_value=dt.date(1900, 1, 1), max_value=dt.date(2099, 12, 31)))
def test_typed_dates_round_trip(day: dt.date) -> None:
    assert dates.typed(day.strftime("%d/%m/%Y")) == day
    assert dates.typed(day.isoformat()) == day


_PIECE = st.integers(0, 40).map(str) | st.sampled_from(["99", "1899", "1900", "2026", "46326", "oct", "mars"])
_JOINT = st.sampled_from(["/", "-", ".", " ", "", ",", " de "])


@example("0", "", "36", "", "99")
@given(_PIECE, _JOINT, _PIECE, _JOINT, _PIECE)
def test_a_date_is_what_stands_there_or_refused(a: str, j: str, b: str, k: str, c: str) -> None:
    """Day, month and year of whatever is read stand in the text, the day before the month."""
    text = f"{a}{j}{b}{k}{c}"
    try:
        day = dates.typed(text)
    except UnreadableError as refusal:
        assert refusal.code is ProblemCode.DATE_INVALID
        return
    readings = {
        f"{d}{x}{m}{x}{day.year}"
        for x in "/-. "
        for d in (f"{day.day}", f"{day:%d}")
        for m in (f"{day.month}", f"{day:%m}", {3: "mars", 10: "oct"}.get(day.month, "?"))
    }
    serial = str((day - dt.date(1899, 12, 30)).days)
    assert text in readings | {f"{day:%Y-%m-%d}", f"{day:%Y%m%d}", serial}
    assert 1900 <= day.year <= 2099


@given(st.text(max_size=24))
def test_any_text_is_a_date_or_refused(text: str) -> None:
    try:
        assert 1900 <= dates.typed(text).year <= 2099
    except UnreadableError as refusal:
        assert refusal.code is ProblemCode.DATE_INVALID


def test_real_dates_beside_typed_ones_and_serials() -> None:
    values = (OCTOBER, dt.datetime(2026, 10, 31, 12, 5), "31/10/2026", 46326.0, "", "  ")  # noqa: DTZ001
    assert parsed("invoices", "date", *values) == ([OCTOBER] * 4 + [None] * 2, [])
    assert parsed("invoices", "date", True, dt.time(12), dt.date(1899, 12, 31)) == (
        [None] * 3,
        [ProblemCode.DATE_INVALID] * 3,
    )


# --- e-mail --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "usable"),
    [
        ("a@example.com", ("a@example.com",)),
        ("a@example.com / b@example.org", ("a@example.com", "b@example.org")),
        ("a@example.com;b@example.org", ("a@example.com", "b@example.org")),
        ("a@example.com,b@example.org", ("a@example.com", "b@example.org")),
        ("a@example.com, b@example.org", ("a@example.com", "b@example.org")),
        ("a@example.com\nb@example.org", ("a@example.com", "b@example.org")),
        ("a@example.com et b@example.org", ("a@example.com", "b@example.org")),
        ("a@example.com b@example.org;", ("a@example.com", "b@example.org")),
        ("a@example.com\u00a0", ("a@example.com",)),
        ("\u200ba@example.com\u202f", ("a@example.com",)),
        ("Hélène Lefèvre <a@example.com>", ("a@example.com",)),
        ("Lefèvre, Hélène <a@example.com>; Paul <b@example.org>", ("a@example.com", "b@example.org")),
        ('"Lefèvre" <a@example.com>', ("a@example.com",)),
        ("a@example.com, Paul <b@example.org>", ("a@example.com", "b@example.org")),
        ("<a@example.com>", ("a@example.com",)),
        ("a@example.com (sa fille)", ("a@example.com",)),
        ("a@example.com - b@example.org", ("a@example.com", "b@example.org")),
        ("mailto:a@example.com", ("a@example.com",)),
        ("a@example.com.", ("a@example.com",)),
        ("A@Example.COM / a@example.com", ("A@example.com",)),
        ("a@home.test", ("a@home.test",)),
        ("a@home.example", ("a@home.example",)),
        ("a@hôpital.example", ("a@xn--hpital-ixa.example",)),
        ("o'brien+home@example.com", ("o'brien+home@example.com",)),
    ],
)
def test_usable_addresses_are_taken_out_of_a_cell(text: str, usable: tuple[str, ...]) -> None:
    assert emails.addresses(text) == (usable, ())


@pytest.mark.parametrize(
    "text",
    [
        "dupont@orange,fr",
        "dupont@orange, fr",
        "dupont @orange.fr",
        "dupont@orange .fr",
        "dupont.orange.fr",
        "dupont@orange",
        "dupont@@orange.fr",
        "dupont@.fr",
        "@orange.fr",
        "dupont@",
        "dupont@test",
        "jean dupont@orange.fr",
        "jean.\ndupont@orange.fr",
        "Hélène : helene@orange.fr",
        "a@example.com Paul <b@example.org>",
        "a..b@example.com",
        "pas d'adresse",
        "non",
        "06 12 34 56 78",
    ],
)
def test_a_slip_is_shown_and_never_repaired(text: str) -> None:
    usable, flaws = emails.addresses(text)
    assert usable == ()
    assert flaws == ((ProblemCode.EMAIL_INVALID, " ".join(text.split())),)


def test_an_accent_before_the_at_is_unusable_and_the_good_one_beside_it_stays() -> None:
    usable, flaws = emails.addresses("hélène@example.com ; paul@example.com")
    assert usable == ("paul@example.com",)
    assert flaws == ((ProblemCode.EMAIL_NOT_ASCII, "hélène@example.com"),)


def test_no_usable_address_is_not_the_same_as_none() -> None:
    assert parsed("contacts", "email", "", "orange,fr", "\u00a0") == (
        [None, (), None],
        [ProblemCode.EMAIL_INVALID],
    )


@given(st.text(max_size=40))
def test_every_piece_of_a_cell_is_usable_or_reported(text: str) -> None:
    usable, flaws = emails.addresses(text)
    assert all(address.isascii() and address.count("@") == 1 and " " not in address for address in usable)
    assert usable or flaws or not any(c.isalnum() for c in text)


_PIECES = st.lists(
    st.sampled_from(
        [
            "a@x.fr",
            "b.c@orange.fr",
            "@",
            ",",
            ";",
            " ",
            "/",
            "<",
            ">",
            "Nom",
            "(",
            ")",
            "€",
            "mailto:",
            "\n",
            "a",
            ".",
        ]
    ),
    max_size=8,
)


@given(_PIECES.map("".join))
def test_no_address_is_made_up(text: str) -> None:
    """Each usable address stands in the cell, letter by letter, and is no part of a longer one."""
    usable, _flaws = emails.addresses(text)
    for address in map(str.casefold, usable):
        assert address in text.casefold()
        places = [i for i in range(len(text)) if text.casefold().startswith(address, i)]
        ends = [(text[:i][-1:], text[i + len(address) :][:1]) for i in places]
        assert any(not before.isalnum() and not after.isalnum() and after != "@" for before, after in ends), (
            ends
        )


_WORD = st.text("abcxyz019", min_size=1, max_size=12)
_LOCAL = st.lists(_WORD, min_size=1, max_size=4).map(".".join) | st.lists(_WORD, max_size=3).map("-".join)
_DOMAIN = st.lists(_WORD, max_size=3).map(".".join) | st.sampled_from(
    [
        "orange.fr",
        "example.com",
        "a.test",
        "x.local",
        "localhost",
        "a.invalid",
        "1.2.3.4",
        "aa--b.fr",
        "y.arpa",
    ]
)


@given(_LOCAL, _DOMAIN)
def test_the_short_way_for_plain_addresses_judges_as_the_long_one(local: str, domain: str) -> None:
    address = f"{local}@{domain}"
    long_way = emails.addresses(f"<{address}>")  # the brackets are no plain address
    assert emails.addresses(address)[0] == long_way[0]
    assert [code for code, _ in emails.addresses(address)[1]] == [code for code, _ in long_way[1]]


def test_a_remark_alone_is_no_empty_cell() -> None:
    assert emails.addresses("(pas d'adresse)") == ((), ((ProblemCode.EMAIL_INVALID, "(pas d'adresse)"),))


# --- codes, words, flags -------------------------------------------------------------------------


def test_codes_keep_zeros_and_words_that_pandas_takes_for_nothing() -> None:
    values = ("000123", "NA", "Null", "None", "nan", " F\u00a01 ", 123.0, 12.5, "")
    expected = ["000123", "NA", "Null", "None", "nan", "F 1", "123", "12,5", None]
    assert parsed("invoices", "number", *values) == (expected, [])
    assert parsed("residents", "last_name", "Null", "NA", " None ") == (["Null", "NA", "None"], [])


def test_a_code_whose_digits_excel_lost_is_refused() -> None:
    values, codes = parsed("invoices", "number", 7.32829e15, "7,32829E+13")
    assert values == [None, None]
    assert codes == [ProblemCode.NUMBER_INVALID] * 2


@pytest.mark.parametrize(
    ("value", "form", "text"),
    [
        (123.0, "000000", "000123"),
        (1234567.0, "000000", "1234567"),
        (42.0, '"F"00000', "F00042"),
        (42.0, "\\F0", "F42"),
        (612345678.0, '0#" "##" "##" "##" "##', "06 12 34 56 78"),
        (1000.0, "00000", "01000"),
        (0.055, "0.0%", "5,5%"),
        (0.2, "0%", "20%"),
        (0.0, "000", "000"),
        (5.0, "0000;-0000", "0005"),
        (123.0, "General", None),
        (123.0, "0", None),
        (1234.0, "#,##0", None),
        (12.0, "0.00", None),
        (46326.0, "dd/mm/yyyy", None),
        (12.5, "000", None),
        (-5.0, "000", None),
        (123.0, "@", None),
    ],
)
def test_formats_that_carry_meaning_are_applied(value: float, form: str, text: str | None) -> None:
    assert shown(value, form) == text


def test_flags() -> None:
    yes = ("O", "oui", "X", "vrai", "TRUE", "1", 1.0, True)
    no = ("N", "non", "faux", "false", "0", 0.0, False, "", " ")
    assert parsed("contacts", "gets_invoices", *yes) == ([True] * 8, [])
    assert parsed("contacts", "gets_invoices", *no) == ([False] * 9, [])
    assert parsed("contacts", "gets_invoices", "peut-être", 2.0) == (
        [None, None],
        [ProblemCode.VALUE_UNKNOWN] * 2,
    )


def test_words_are_matched_without_case_or_accents() -> None:
    values = ("Mail", "COURRIER", "les  deux", "", "pigeon")
    assert parsed("residents", "delivery", *values) == (
        ["mail", "paper", "both", None, None],
        [ProblemCode.VALUE_UNKNOWN],
    )
    assert parsed("invoices", "status", "Émise", "EMISE", "brouillon", "Annulée")[0] == [
        "issued",
        "issued",
        "draft",
        "cancelled",
    ]
    assert parsed("residents", "joint", "joint", "Séparé")[0] == ["joint", "separate"]


def test_an_unknown_way_to_pay_is_other_and_said() -> None:
    assert parsed("invoices", "payment_mode", "Troc") == (["other"], [ProblemCode.VALUE_UNKNOWN])


def test_whole_numbers() -> None:
    assert parsed("contacts", "rank", 1.0, "2", "3,0", "") == ([1, 2, 3, None], [])
    assert parsed("contacts", "rank", 1.5, "un") == ([None, None], [ProblemCode.NUMBER_INVALID] * 2)


def test_an_error_value_as_text_is_an_error_and_no_value() -> None:
    for text in ("#N/A", "#REF!", "#VALEUR!", "#DIV/0!", "#####", "Err:502"):
        assert parsed("residents", "first_name", text) == ([None], [ProblemCode.CELL_ERROR])
    assert parsed("residents", "room", "#12") == (["#12"], [])
    assert parsed("contacts", "gets_invoices", "#N/A", "")[0] == [None, False]


def test_a_rate_is_per_cent_only_when_the_file_says_so() -> None:
    assert parsed("lines", "vat_rate", 5.5, "5,5 %", 0.0)[0] == [pytest.approx(5.5), pytest.approx(5.5), 0]
    values, codes = parsed("lines", "vat_rate", 0.055, 0.055, shown={0: "5,5%"})
    assert (str(values[0]), values[1], codes) == ("5.5", None, [ProblemCode.NUMBER_AMBIGUOUS])


def test_a_tick_beside_a_number_is_not_the_number_one() -> None:
    values, flaws = parsed("contacts", "rank", 1.0, True, 2.0, 1)
    assert (values, flaws) == ([1, None, 2, 1], [ProblemCode.NUMBER_INVALID])


@given(st.lists(st.text(" \t\u00a0\u200bab\0é,E+1#", max_size=5), max_size=6))
def test_a_whole_column_is_read_as_its_cells_are(texts: list[str]) -> None:
    for name in ("code", "last_name"):
        whole, flaws = parsed("residents", name, *texts)
        single = [parsed("residents", name, text, "\u00a0") for text in texts]  # never the short way
        assert whole == [values[0] for values, _ in single]
        assert flaws == [flaw for _, found in single for flaw in found]
