"""Traps of rows: totals, blank ones, repeated headers, hidden ones; doubles, sums, who is not there."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from elite_lib.demo.dirtying.drafts import Cell, Dirt, Draft, Named, Page, Row, SheetTrap, Spot, Truth, Value
from elite_lib.models import CellType, ProblemCode

_C = ProblemCode
_AMOUNTS = (CellType.AMOUNT, CellType.NUMBER)
KEYS = {
    "residents": "code",
    "contacts": "resident",
    "invoices": "number",
    "lines": "number",
    "disbursements": "statement",
    "provisions": "resident",
}


def _spot(draft: Draft, sheet: str, row: Row, column: str) -> Spot | None:
    """Take a cell, if no earlier trap has."""
    if row.origin is None:
        return None
    spot = Spot(sheet=sheet, row=row.origin, column=column)
    if spot in draft.taken:
        return None
    draft.taken.add(spot)
    return spot


def _rows(page: Page) -> list[Row]:
    return [row for row in page.rows if row.origin is not None]


def _put(row: Row, column: str, value: Value) -> None:
    row.cells[column] = replace(row.cells[column], value=value)


# --- rows that are none ------------------------------------------------------------------------------


def total_row(draft: Draft, chance: random.Random, _truth: Truth) -> Dirt:
    """Add a row that is labelled as a total at the end, sums and all."""
    page = draft.pages[chance.choice(tuple(KEYS))]
    label = chance.choice(("Total", "TOTAL GÉNÉRAL", "Sous-total", "Somme :"))
    cells = _sums(page) | {KEYS[page.sheet.name]: Cell(value=label)}
    page.rows.append(Row(origin=None, cells=cells))
    return Dirt(trap="row of totals")


def automatic_sum(draft: Draft, chance: random.Random, _truth: Truth) -> Dirt | None:
    """Add a last row of nothing but sums, as the button for it does."""
    page = draft.pages[chance.choice(("invoices", "lines", "disbursements", "provisions"))]
    sums = _sums(page)
    touched = any(spot.sheet == page.sheet.name and spot.column in sums for spot in draft.taken)
    if not sums or touched or any(row.origin is None for row in page.rows):
        return None
    page.rows.append(Row(origin=None, cells=sums))
    return Dirt(trap="sum without a label")


def _sums(page: Page) -> dict[str, Cell]:
    cells = {}
    for column in page.sheet.columns:
        if column.type is CellType.AMOUNT:
            values = [row.cells[column.name].value for row in _rows(page)]
            numbers = [value for value in values if isinstance(value, Decimal)]
            cells[column.name] = Cell(value=sum(numbers, Decimal(0)))
    return cells


def blank_rows(draft: Draft, chance: random.Random, _truth: Truth) -> Dirt:
    """Put blank rows, or rows of spaces, between blocks."""
    page = draft.pages[chance.choice(tuple(KEYS))]
    for _blank in range(chance.randrange(1, 4)):
        cells = {name: Cell(value=" ") for name in page.titles} if chance.random() < 0.3 else {}
        page.rows.insert(chance.randrange(len(page.rows) + 1), Row(origin=None, cells=cells))
    return Dirt(trap="blank rows")


def repeated_header(draft: Draft, chance: random.Random, _truth: Truth) -> Dirt:
    """Repeat the titles on each printed page."""
    page = draft.pages[chance.choice(tuple(KEYS))]
    cells = {name: Cell(value=title) for name, title in page.titles.items()}
    page.rows.insert(chance.randrange(1, len(page.rows) + 1), Row(origin=None, cells=cells))
    return Dirt(trap="header repeated")


def hidden_row(draft: Draft, chance: random.Random, _truth: Truth) -> Dirt | None:
    """Hide a row by a filter: it is read, with a warning."""
    if draft.medium != "xlsx":
        return None
    page = draft.pages[chance.choice(tuple(KEYS))]
    chance.choice(_rows(page)).hidden = True
    return Dirt(trap="hidden row", named=(Named(code=_C.HIDDEN_ROWS, sheet=page.sheet.name),))


# --- rows against each other -------------------------------------------------------------------------


def duplicate_invoice(draft: Draft, chance: random.Random, _truth: Truth) -> Dirt | None:
    """Give two invoices one number."""
    return _doubled(draft, chance, ("invoices", "number"), code=_C.DUPLICATE_NUMBER)


def duplicate_resident(draft: Draft, chance: random.Random, _truth: Truth) -> Dirt | None:
    """Give two residents one code."""
    return _doubled(draft, chance, ("residents", "code"), code=_C.DUPLICATE_RESIDENT)


def _doubled(
    draft: Draft, chance: random.Random, place: tuple[str, str], *, code: ProblemCode
) -> Dirt | None:
    sheet, column = place
    first, second = chance.sample(_rows(draft.pages[sheet]), 2)
    spots = [_spot(draft, sheet, row, column) for row in (first, second)]
    if spots[0] is None or spots[1] is None:
        return None
    value = first.cells[column].value
    _put(second, column, value)
    named = tuple(Named(code=code, sheet=sheet, row=row.origin, column=column) for row in (first, second))
    return Dirt(trap=f"doubled {sheet}", named=named, spots={spots[1]: value})


def unknown_resident(draft: Draft, chance: random.Random, _truth: Truth) -> Dirt | None:
    """Bill, or write to, a resident who is not there."""
    sheet = chance.choice(("invoices", "contacts", "disbursements", "provisions"))
    return _changed(
        draft, chance, (sheet, "resident"), code=_C.RESIDENT_UNKNOWN, change=lambda _value: "R99999"
    )


def unknown_payer(draft: Draft, chance: random.Random, _truth: Truth) -> Dirt | None:
    """Name a payer who is no contact."""
    return _changed(
        draft, chance, ("invoices", "payer_rank"), code=_C.PAYER_UNKNOWN, change=lambda _value: 9, empty=True
    )


def unknown_invoice(draft: Draft, chance: random.Random, _truth: Truth) -> Dirt | None:
    """Give a line to an invoice that is not there."""
    return _changed(
        draft, chance, ("lines", "number"), code=_C.INVOICE_UNKNOWN, change=lambda _value: "F0000-00-00000"
    )


def wrong_net(draft: Draft, chance: random.Random, _truth: Truth) -> Dirt | None:
    """Let an invoice not add up by a cent."""
    return _changed(
        draft, chance, ("invoices", "net"), code=_C.NET_SUM, change=lambda value: value + Decimal("0.01")
    )


def reversed_period(draft: Draft, chance: random.Random, _truth: Truth) -> Dirt | None:
    """End a period before it begins."""
    return _changed(
        draft,
        chance,
        ("invoices", "end"),
        code=_C.PERIOD_REVERSED,
        change=lambda value: value - dt.timedelta(days=400),
    )


def _changed(
    draft: Draft,
    chance: random.Random,
    place: tuple[str, str],
    *,
    code: ProblemCode,
    change: Callable[..., Value],
    empty: bool = False,
) -> Dirt | None:
    sheet, column = place
    rows = [
        row
        for row in _rows(draft.pages[sheet])
        if (row.cells[column].value is None) is empty
        and not _is_touched(draft, sheet, row)
        and _is_issued(row)
    ]
    if not rows:
        return None
    row = chance.choice(rows)
    value = change(row.cells[column].value)
    spot = _spot(draft, sheet, row, column)
    if spot is None:
        return None
    _put(row, column, value)
    # A later trap in the same row would hide it: of a sum with a cell that was refused, nothing is said.
    draft.taken |= {replace(spot, column=other.name) for other in draft.pages[sheet].sheet.columns}
    return Dirt(
        trap=f"{code.value} in {sheet}",
        named=(Named(code=code, sheet=sheet, row=row.origin, column=column),),
        spots={spot: value},
    )


def _is_issued(row: Row) -> bool:
    """Tell whether a row is no draft or cancelled invoice: these are not checked before they are issued."""
    return "status" not in row.cells or row.cells["status"].value == "émise"


def _is_touched(draft: Draft, sheet: str, row: Row) -> bool:
    """Tell whether an earlier trap is in the row: what it hides is not looked for."""
    return any(spot.sheet == sheet and spot.row == row.origin for spot in draft.taken)


SHEET_TRAPS: tuple[SheetTrap, ...] = (
    *(total_row, blank_rows, repeated_header, hidden_row, duplicate_invoice, duplicate_resident),
    *(unknown_resident, unknown_payer, unknown_invoice, wrong_net, reversed_period),
)
