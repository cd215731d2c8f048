"""A workbook while it is dirtied: cells, rows and layout, before a file is written of it."""

from __future__ import annotations

import copy
import csv
import datetime as dt
import io
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Literal, TypeAlias

from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from elite_lib import storage
from elite_lib.demo.rows import Book
from elite_lib.models import SHEETS, CellType, ProblemCode, Sheet

Medium: TypeAlias = Literal["xlsx", "csv"]
Value: TypeAlias = str | int | float | Decimal | dt.date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What is written into a cell; ``form`` is its number format."""

    value: Value
    form: str = ""


@dataclass(slots=True, kw_only=True)
class Row:
    """One row below the header. ``origin``: its place in the clean sheet, from 0; None: it is no row."""

    origin: int | None
    cells: dict[str, Cell]
    hidden: bool = False


@dataclass(slots=True, kw_only=True)
class Page:
    """One sheet as it will be written."""

    sheet: Sheet
    title: str
    titles: dict[str, str]  # column -> title, in the order of the file
    rows: list[Row]
    above: list[list[str]] = field(default_factory=list)  # rows before the header
    upper: dict[str, str] = field(default_factory=dict)  # upper line of a header of two lines
    twice: list[str] = field(default_factory=list)  # columns that are there again at the end

    @property
    def first(self) -> int:
        """The number that Excel shows of the first row below the header."""
        return len(self.above) + (1 if self.upper else 0) + 2

    def grid(self) -> list[list[Cell]]:
        """Lay out everything, header and all."""
        names = [*self.titles, *self.twice]
        rows = [[Cell(value=text or None) for text in texts] for texts in self.above]
        if self.upper:
            rows.append([Cell(value=self.upper.get(name)) for name in names])
        rows.append([Cell(value=self.titles[name]) for name in names])
        empty = Cell(value=None)
        return rows + [[row.cells.get(name, empty) for name in names] for row in self.rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A cell of the clean workbook: English sheet and column, place from 0."""

    sheet: str
    row: int
    column: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A problem that must be named; ``row``: a place in the clean sheet, None for any."""

    code: ProblemCode
    sheet: str = ""
    row: int | None = None
    column: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dirt:
    """One trap that was set: what must be named, what the touched cells hold when they are read."""

    trap: str
    named: tuple[Named, ...] = ()
    spots: dict[Spot, object] = field(default_factory=dict)
    fatal: bool = False


@dataclass(slots=True, kw_only=True)
class Draft:
    """The whole workbook, and how its file is written."""

    medium: Medium
    pages: dict[str, Page]
    epoch_1904: bool = False
    encoding: str = "utf-8-sig"
    separator: str = ";"
    taken: set[Spot] = field(default_factory=set)  # cells that an earlier trap has touched

    def write(self, folder: Path) -> Path:
        """Write ``folder/classeur.xlsx``, or the CSVs ``folder/csv/``; return which."""
        return (
            self._write_workbook(folder / "classeur.xlsx")
            if self.medium == "xlsx"
            else self._write_csvs(folder)
        )

    def _write_workbook(self, path: Path) -> Path:
        book = Workbook()
        book.remove(book.worksheets[0])
        if self.epoch_1904:
            book.epoch = CALENDAR_MAC_1904
        for page in self.pages.values():
            tab = book.create_sheet(page.title)
            for number, cells in enumerate(page.grid(), start=1):
                for place, cell in enumerate(cells, start=1):
                    if cell.value is not None:
                        written = tab.cell(row=number, column=place, value=cell.value)
                        if cell.form:
                            written.number_format = cell.form
            for number, row in enumerate(page.rows, start=page.first):
                if row.hidden:
                    tab.row_dimensions[number].hidden = True
        buffer = io.BytesIO()
        book.save(buffer)
        storage.replace(path, buffer.getvalue(), durable=False)
        return path

    def _write_csvs(self, folder: Path) -> Path:
        storage.make_folder(folder / "csv")
        for page in self.pages.values():
            text = io.StringIO(newline="")
            writer = csv.writer(text, delimiter=self.separator)
            writer.writerows([_text(cell.value) for cell in cells] for cells in page.grid())
            content = _encoded(text.getvalue(), self.encoding)
            storage.replace(folder / "csv" / f"{page.title}.csv", content, durable=False)
        return folder / "csv"


def draft_of(book: Book, medium: Medium) -> Draft:
    """Lay out a clean book; what is written of it reads as it is."""
    pages = {}
    for sheet in SHEETS:
        rows = [
            Row(origin=place, cells={c.name: _clean(row[c.name], c.type) for c in sheet.columns})
            for place, row in enumerate(book[sheet.name])
        ]
        titles = {column.name: column.title for column in sheet.columns}
        pages[sheet.name] = Page(sheet=sheet, title=sheet.title, titles=titles, rows=rows)
    return Draft(medium=medium, pages=pages)


def copy_of(draft: Draft) -> Draft:
    """Copy a draft, so that one clean one serves many dirtied ones; cells are shared, they never change."""
    made = copy.copy(draft)
    made.taken = set()
    made.pages = {
        name: Page(
            sheet=page.sheet,
            title=page.title,
            titles=dict(page.titles),
            rows=[Row(origin=row.origin, cells=dict(row.cells)) for row in page.rows],
        )
        for name, page in draft.pages.items()
    }
    return made


def _clean(value: Value, kind: CellType) -> Cell:
    return Cell(value=value, form="dd/mm/yyyy" if kind is CellType.DATE else "")


def _encoded(text: str, encoding: str) -> bytes:
    """Encode as the program would; what its code page lacks, it could not have written."""
    try:
        return text.encode(encoding)
    except UnicodeEncodeError:
        return text.encode("utf-8-sig")


def _text(value: Value) -> str:
    """Write a cell as a French program exports it."""
    if value is None:
        return ""
    if isinstance(value, dt.date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, float | Decimal):
        return (
            f"{value:f}".replace(".", ",") if isinstance(value, Decimal) else f"{value!r}".replace(".", ",")
        )
    return str(value)


Truth: TypeAlias = Callable[[Spot], object]  # what a cell of the clean workbook holds
SheetTrap: TypeAlias = Callable[[Draft, random.Random, Truth], Dirt | None]
