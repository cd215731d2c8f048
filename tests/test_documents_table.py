"""Rows over pages: nothing lost, nothing orphaned, sums carried over."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from elite_lib.documents.pen import INK, WHITE, fit, wrap
from elite_lib.documents.table import Column, Row, RowKind, Table, legible, on, paginate

_HEADER, _ROW = 18.0, 15.0
COLUMNS = (
    Column(key="a", title="A", width=100, wide=True),
    Column(key="b", title="B", width=80, figures=True),
)


def line(amount: str = "1", lines: int = 1) -> Row:
    return Row(kind=RowKind.LINE, cells=(("x",) * lines, ("1",)), amount=Decimal(amount))


SECTION = Row(kind=RowKind.SECTION, cells=(("Section",),))
SUBTOTAL = Row(kind=RowKind.SUBTOTAL, cells=(("Sous-total",),), amount=Decimal(99))


def test_what_fits_is_one_page_without_sums() -> None:
    pages = paginate(Table(columns=COLUMNS, rows=(line(), line())), first=200, later=400, closing=100)
    assert [(len(page.rows), page.forward, page.over) for page in pages] == [(2, None, None)]


def test_the_sum_so_far_is_carried_over_and_forward() -> None:
    table = Table(columns=COLUMNS, rows=tuple(line("10.50") for _ in range(30)))
    pages = paginate(table, first=200, later=200, closing=50)
    assert len(pages) > 2
    assert pages[0].over == pages[1].forward == Decimal("10.50") * len(pages[0].rows)
    assert pages[-1].over is None


def test_the_sums_at_the_end_never_stand_alone() -> None:
    table = Table(columns=COLUMNS, rows=tuple(line() for _ in range(10)))
    pages = paginate(table, first=_HEADER + 11 * _ROW, later=600, closing=300)
    assert [len(page.rows) for page in pages] == [9, 1]


def test_an_empty_table_is_a_page() -> None:
    assert len(paginate(Table(columns=COLUMNS, rows=()), first=400, later=600, closing=100)) == 1


groups = st.lists(st.tuples(st.integers(1, 30), st.integers(1, 3)), min_size=1, max_size=8)


@given(groups, st.integers(280, 450), st.integers(450, 750), st.integers(0, 250))
def test_rows_keep_their_order_and_their_company(
    shape: list[tuple[int, int]], first: int, later: int, closing: int
) -> None:
    rows: list[Row] = []
    for count, lines in shape:
        rows += [SECTION, *(line(lines=lines) for _ in range(count)), SUBTOTAL]
    pages = paginate(Table(columns=COLUMNS, rows=tuple(rows)), first=first, later=later, closing=closing)
    assert [row for page in pages for row in page.rows] == rows
    for place, page in enumerate(pages):
        assert page.rows
        room = (later if place else first) - _HEADER
        sums = (page.forward is not None) + (page.over is not None) + bool(page.section)
        # a section is named again where it goes on, and only there
        goes_on = place > 0 and bool(page.rows) and page.rows[0].kind is not RowKind.SECTION
        assert bool(page.section) is goes_on
        ends = closing if page is pages[-1] else 0
        assert sum(row.height for row in page.rows) + sums * _ROW + ends <= room
        if page is not pages[-1]:
            assert page.rows[-1].kind is not RowKind.SECTION
            # a section of one line, alone on its page: its subtotal may follow on the next
            assert pages[place + 1].rows[0].kind is not RowKind.SUBTOTAL or len(page.rows) <= 2


def test_a_text_is_shrunk_then_cut() -> None:
    assert fit("court", 10, 100) == ("court", 10)
    text, size = fit("un peu trop long pour cela", 10, 110)
    assert text == "un peu trop long pour cela"
    assert 8 <= size < 10
    text, size = fit("beaucoup trop long pour la place qu'il y a", 10, 60)
    assert size == 8
    assert text.startswith("beau")
    assert text.endswith("…")


def test_a_figure_is_never_cut() -> None:
    text, size = fit("123 456 789 012 345 678,90 €", 10, 40, whole=True)
    assert text == "123 456 789 012 345 678,90 €"
    assert size < 4


def test_a_text_is_broken_at_spaces_and_its_last_line_keeps_the_rest() -> None:
    assert wrap("un deux", 10, 200, lines=2) == ["un deux"]
    assert wrap("un deux trois quatre cinq", 10, 55, lines=2) == ["un deux", "trois quatre cinq"]
    assert wrap("anticonstitutionnellement vôtre", 10, 40, lines=3) == ["anticonstitutionnellement", "vôtre"]
    assert wrap("", 10, 40, lines=3) == [""]
    assert "".join(wrap("mot " * 5000, 10, 400, lines=500)).endswith("…")


def test_a_light_accent_is_replaced_where_it_could_not_be_read() -> None:
    yellow, blue = (0.95, 0.8, 0.2), (0.12, 0.34, 0.45)
    assert (on(yellow), legible(yellow)) == (INK, INK)
    assert (on(blue), legible(blue)) == (WHITE, blue)
