"""The table of a document: columns, rows, and how they go over several pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from elite_lib import formats
from elite_lib.documents.pen import INK, WHITE, Align, Colour, Pen, wrap

SIZE = 9.0  # the readers are old
_PADDING = 3.0  # inside a cell, left and right
_HEADER = 18.0
_ROW = 15.0
_MORE = 11.0  # each further line of a label
_LABEL_LINES = 3
_TINT = 0.12  # how much of the accent is in a band


class RowKind(StrEnum):
    SECTION = "section"  # heading of a group: never the last row of a page
    LINE = "line"
    SUBTOTAL = "subtotal"  # never the first row of a page


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """``wide`` columns are broken over several lines when the text is longer; those of ``figures``
    stand at the right and are never cut."""

    key: str
    title: str
    width: float  # points
    figures: bool = False
    wide: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    kind: RowKind
    cells: tuple[tuple[str, ...], ...]  # of a section or subtotal: its name
    amount: Decimal = Decimal(0)  # of a line: adds to the sum that is carried over; of a subtotal: shown

    @property
    def height(self) -> float:
        return _ROW + _MORE * (max(map(len, self.cells), default=1) - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The rows of one page and the sums that link it to its neighbours, where there are some."""

    rows: tuple[Row, ...]
    forward: Decimal | None  # from the page before
    over: Decimal | None  # to the page after
    section: str = ""  # that goes on from the page before


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    carried_forward: str = ""  # labels of the sums that link two pages; "" = there is nothing to add up
    carried_over: str = ""
    continued: str = ""  # after the name of a section that goes on

    def draw(self, pen: Pen, page: Page, *, left: float, top: float, accent: Colour) -> float:
        """Draw one page of the table; return where it ends."""
        width = sum(column.width for column in self.columns)
        pen.band(left, top, width, height=_HEADER, colour=tint(accent))
        self._cells(pen, tuple((c.title,) for c in self.columns), left=left, y=top + 12.2, bold=True)
        y = top + _HEADER
        if page.forward is not None and self.carried_forward:
            self._sum(pen, self.carried_forward, page.forward, left=left, y=y)
            y += _ROW
        if page.section:
            self._section(pen, f"{page.section} {self.continued}".strip(), left=left, y=y, accent=accent)
            pen.rule(left, y + _ROW, width)
            y += _ROW
        for row in page.rows:
            self._row(pen, row, left=left, y=y, accent=accent)
            y += row.height
        if page.over is not None and self.carried_over:
            self._sum(pen, self.carried_over, page.over, left=left, y=y)
            y += _ROW
        return y

    def _row(self, pen: Pen, row: Row, *, left: float, y: float, accent: Colour) -> None:
        width = sum(column.width for column in self.columns)
        if row.kind is RowKind.SECTION:
            self._section(pen, row.cells[0][0], left=left, y=y, accent=accent)
        elif row.kind is RowKind.SUBTOTAL:
            self._sum(pen, row.cells[0][0], row.amount, left=left, y=y)
        else:
            self._cells(pen, row.cells, left=left, y=y + 10.5)
        pen.rule(left, y + row.height, width)

    def _section(self, pen: Pen, name: str, *, left: float, y: float, accent: Colour) -> None:
        width = sum(column.width for column in self.columns)
        colour = legible(accent)
        pen.text(left + _PADDING, y + 11, name, size=SIZE, width=width, bold=True, colour=colour)

    def _cells(
        self, pen: Pen, cells: tuple[tuple[str, ...], ...], *, left: float, y: float, bold: bool = False
    ) -> None:
        x = left
        for column, lines in zip(self.columns, cells, strict=True):
            room = column.width - 2 * _PADDING
            anchor, align = x + _PADDING, Align.LEFT
            if column.figures:
                anchor, align = x + column.width - _PADDING, Align.RIGHT
            for place, line in enumerate(lines):
                down = y + _MORE * place
                pen.text(
                    anchor, down, line, size=SIZE, width=room, bold=bold, whole=column.figures, align=align
                )
            x += column.width

    def _sum(self, pen: Pen, label: str, value: Decimal, *, left: float, y: float) -> None:
        width = sum(column.width for column in self.columns)
        last = self.columns[-1].width
        right = left + width
        pen.text(
            right - last - _PADDING,
            y + 10.7,
            label,
            size=SIZE,
            width=width - last - 2 * _PADDING,
            bold=True,
            align=Align.RIGHT,
        )
        room = last - 2 * _PADDING
        text = formats.amount(value)
        pen.text(
            right - _PADDING, y + 10.7, text, size=SIZE, width=room, bold=True, whole=True, align=Align.RIGHT
        )


def cells(columns: Sequence[Column], texts: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """Break each text to its column: a wide one over several lines, the others fitted to one."""
    return tuple(
        tuple(wrap(text, SIZE, column.width - 2 * _PADDING, lines=_LABEL_LINES)) if column.wide else (text,)
        for column, text in zip(columns, texts, strict=True)
    )


def tint(accent: Colour) -> Colour:
    """Return a light shade of ``accent`` to print black on."""
    red, green, blue = (1 - _TINT * (1 - part) for part in accent)
    return (red, green, blue)


def on(accent: Colour) -> Colour:
    """Return the colour of a text on a band of ``accent``: white, or ink on a light one."""
    return WHITE if _dark(accent) else INK


def legible(accent: Colour) -> Colour:
    """Return the colour of an accented text on white: the accent, or ink when it is too light."""
    return accent if _dark(accent) else INK


def _dark(accent: Colour) -> bool:
    return 0.2126 * accent[0] + 0.7152 * accent[1] + 0.0722 * accent[2] < 0.55


def paginate(table: Table, *, first: float, later: float, closing: float) -> list[Page]:
    """Spread the rows over pages of ``first``, then ``later`` points, header included.

    The last page has room for ``closing`` points after its rows, and at least one row when
    there are several pages. Each page but the last ends with the sum so far.
    """
    pages: list[Page] = []
    rest = table.rows
    room = first - _HEADER
    forward: Decimal | None = None
    section = ""
    while True:
        used = 0.0 if forward is None else _ROW
        if section:
            used += _ROW
        if used + sum(row.height for row in rest) + closing <= room or (not rest and pages):
            return [*pages, Page(rows=rest, forward=forward, over=None, section=section)]
        count = _breaking(rest, room - used - _ROW)
        added = sum((row.amount for row in rest[:count] if row.kind is RowKind.LINE), Decimal(0))
        over = (forward or Decimal(0)) + added
        pages.append(Page(rows=rest[:count], forward=forward, over=over, section=section))
        section = _open_section(rest[:count], section)
        rest, forward, room = rest[count:], over, later - _HEADER
        if not rest or rest[0].kind is RowKind.SECTION:
            section = ""


def _open_section(rows: tuple[Row, ...], before: str) -> str:
    """Name the section that is open after ``rows``; "" where there are none."""
    for row in reversed(rows):
        if row.kind is RowKind.SECTION:
            return row.cells[0][0]
    return before


def _breaking(rows: tuple[Row, ...], room: float) -> int:
    """Count the rows that go on a page of ``room`` points when others follow."""
    most = 0
    for row in rows[:-1]:  # one at least goes with the sums at the end
        room -= row.height
        if room < 0:
            break
        most += 1
    for count in range(most, 0, -1):
        if rows[count - 1].kind is not RowKind.SECTION and rows[count].kind is not RowKind.SUBTOTAL:
            return count
    return max(most, 1)
