"""Turn a grid and its header into parsed columns: which rows count, what each cell holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import zip_longest
from typing import Any

from elite_lib.models import CellType, Column, ProblemCode, Sheet
from elite_lib.sources import cells
from elite_lib.sources.cells import Flaw, Surroundings
from elite_lib.sources.grid import Cell, Grid, Oddity
from elite_lib.sources.headers import Header
from elite_lib.sources.keeping import Body
from elite_lib.sources.texts import folded, seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One sheet, parsed. ``rows`` are the numbers that Excel shows; ``columns`` has all of the sheet's."""

    sheet: Sheet
    file: str = ""
    title: str = ""
    titles: Mapping[str, str]  # name -> title as the file has it; only of columns that are there
    rows: tuple[int, ...] = ()
    columns: Mapping[str, list[Any]]
    raw: Mapping[str, Sequence[object]]
    flaws: Mapping[str, list[Flaw]]  # by column, as found
    hidden: tuple[int, ...] = ()  # numbers of the kept rows that are hidden

    def title_of(self, column: str) -> str:
        """Return the column's title: as in the file, else as we write it."""
        own = next(c.title for c in self.sheet.columns if c.name == column)
        return self.titles.get(column, own)

    def text(self, column: str, index: int) -> str:
        """Return what is seen in a cell."""
        values = self.raw.get(column)
        return "" if values is None else seen(values[index])


def empty(sheet: Sheet) -> Table:
    """Make the table of an optional sheet that is not there."""
    return Table(sheet=sheet, titles={}, columns={c.name: [] for c in sheet.columns}, raw={}, flaws={})


def parse(sheet: Sheet, grid: Grid, header: Header) -> Table:
    """Parse every row below the header that holds something, blank lines and totals aside."""
    columns = [column for column in sheet.columns if column.name in header.columns]
    first = header.last + 1
    oddities = _oddities(grid, header, first)
    # The fast reader stops at the last value: rows of nothing but uncalculated formulas come after it.
    below = max((row + 1 for row, _ in oddities), default=0) - len(grid.rows[first:])
    body = [*grid.rows[first:], *([()] * below)]
    whole = _columns(body, {c.name: header.columns[c.name] for c in columns})
    kept = Body(columns=columns, cells=whole, titles=header.titles, odd=oddities.keys()).kept()
    raw = whole
    if len(kept) < len(body):
        raw = {name: [values[i] for i in kept] for name, values in whole.items()}
    places = [first + i for i in kept]
    shown = _shown(grid, columns, raw, header=header, places=places)
    parsed: dict[str, list[Any]] = {}
    flaws: dict[str, list[Flaw]] = {}
    for column in sheet.columns:
        name = column.name
        if name not in raw:
            parsed[name] = [False if column.type is CellType.FLAG else None] * len(kept)
            continue
        around = Surroundings(epoch_1904=grid.parts.epoch_1904, shown=shown.get(name, {}))
        parsed[name], found = cells.parse(column, raw[name], around)
        odd = [oddities.get((i, name)) for i in kept] if oddities else []
        flaws[name] = _explained(column, parsed[name], found, odd=odd)
    hidden = grid.parts.hidden_rows(grid.title)
    table = Table(
        sheet=sheet,
        file=grid.file,
        title=grid.title,
        titles=header.titles,
        rows=tuple(place + 1 for place in places),
        columns=parsed,
        raw=raw,
        flaws=flaws,
        hidden=tuple(place + 1 for place in places if place in hidden),
    )
    return _repaired(_without_sum(table))


def overflowing(grid: Grid, header: Header) -> int | None:
    """Return the first record of a CSV that has more fields than titles, or None.

    An unquoted comma or semicolon has moved every field behind it: nothing of the file can be trusted.
    """
    if not grid.delimited:
        return None
    width = len(grid.rows[header.last])
    for index, row in enumerate(grid.rows[header.last + 1 :], start=header.last + 2):
        if len(row) > width and any(str(value).strip() for value in row[width:]):
            return index
    return None


def _columns(body: Sequence[Sequence[object]], positions: Mapping[str, int]) -> dict[str, Sequence[object]]:
    """Turn rows into columns; records of a CSV, and the rows below the last value, may be short."""
    if not body:
        return {name: [] for name in positions}
    short = min(map(len, body)) <= max(positions.values())
    columns = list(zip_longest(*body, fillvalue="") if short else zip(*body, strict=False))
    return {name: columns[p] if p < len(columns) else [""] * len(body) for name, p in positions.items()}


def _oddities(grid: Grid, header: Header, first: int) -> dict[tuple[int, str], Oddity]:
    names = {position: name for name, position in header.columns.items()}
    found = grid.parts.oddities(grid.title)
    return {(row - first, names[c]): odd for (row, c), odd in found.items() if row >= first and c in names}


def _shown(
    grid: Grid,
    columns: Sequence[Column],
    raw: Mapping[str, Sequence[object]],
    *,
    header: Header,
    places: Sequence[int],
) -> dict[str, dict[int, str]]:
    """Ask the file how numbers are shown in the columns where that carries meaning: codes and rates."""
    wanted: dict[Cell, float] = {}
    telling = [c.name for c in columns if c.type is CellType.CODE or c.name == "vat_rate"]
    for name in telling:
        position = header.columns[name]
        values = raw[name]
        wanted |= {
            (places[i], position): v for i, v in enumerate(values) if type(v) is float or type(v) is int
        }
    if not wanted:
        return {}
    indices = {place: index for index, place in enumerate(places)}
    names = {header.columns[name]: name for name in telling}
    shown: dict[str, dict[int, str]] = {name: {} for name in telling}
    for (row, column), text in grid.parts.shown(grid.title, wanted).items():
        shown[names[column]][indices[row]] = text
    return shown


def _explained(
    column: Column, values: list[Any], found: list[Flaw], *, odd: Sequence[Oddity | None]
) -> list[Flaw]:
    """Add why a cell is empty: an error, an uncalculated formula, or nothing although it must be filled."""
    flawed = {flaw.index for flaw in found}
    added = []
    for index, oddity in enumerate(odd):
        if oddity is not None and index not in flawed:
            code = ProblemCode.CELL_ERROR if oddity.error else ProblemCode.FORMULA_WITHOUT_VALUE
            added.append(Flaw(index=index, code=code, value=oddity.error))
            flawed.add(index)
            if column.type is CellType.FLAG:
                values[index] = None
    if column.filled and None in values:
        added += [
            Flaw(index=index, code=ProblemCode.VALUE_MISSING)
            for index, value in enumerate(values)
            if value is None and index not in flawed
        ]
    return found + added


def _without_sum(table: Table) -> Table:
    """Drop a last row that holds nothing but the sums of the rows above it: Excel's AutoSum has no label."""
    last = len(table.rows) - 1
    if last < 1 or any(
        table.columns[c.name][last] not in (None, False)
        for c in table.sheet.columns
        if c.type not in (CellType.AMOUNT, CellType.NUMBER)
    ):
        return table
    sums = [
        (values[last], sum((v for v in values[:last] if v is not None), Decimal(0)))
        for c in table.sheet.columns
        if c.type in (CellType.AMOUNT, CellType.NUMBER)
        and (values := table.columns[c.name])[last] is not None
    ]
    if not sums or any(shown != total for shown, total in sums) or _odd_last(table, last):
        return table
    return replace(
        table,
        rows=table.rows[:last],
        columns={name: values[:last] for name, values in table.columns.items()},
        raw={name: values[:last] for name, values in table.raw.items()},
        flaws={name: [f for f in flaws if f.index != last] for name, flaws in table.flaws.items()},
        hidden=tuple(row for row in table.hidden if row != table.rows[last]),
    )


def _odd_last(table: Table, last: int) -> bool:
    """Tell whether the last row has a flaw beyond empty cells: then it is no mere sum."""
    return any(
        flaw.index == last and flaw.code is not ProblemCode.VALUE_MISSING
        for flaws in table.flaws.values()
        for flaw in flaws
    )


def _repaired(table: Table) -> Table:
    """Give back the zero that Excel took from French postcodes (1000 -> 01000) and telephone numbers."""
    if table.sheet.name != "contacts":
        return table
    columns = table.columns
    for index, code in enumerate(columns["postcode"]):
        if code and len(code) == 4 and code.isdecimal() and _is_french(columns["country"][index]):
            columns["postcode"][index] = f"0{code}"
    phones = table.raw.get("phone", ())
    for index, phone in enumerate(phones):
        text = columns["phone"][index]
        if isinstance(phone, float) and text and len(text) == 9 and text.isdecimal():
            columns["phone"][index] = f"0{text}"
    return table


def _is_french(country: str | None) -> bool:
    return country is None or folded(country) in ("france", "fr", "fra")
