"""The sheet of returns on paper: A4 landscape, with the look of the home's documents.

Imported by name only: drawing loads reportlab and the fonts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from elite_lib.documents.landscape import ACROSS, DOWN, MARGIN, LandscapePen
from elite_lib.documents.layout import accent_of
from elite_lib.documents.pen import GREY, Align, Colour, wrap
from elite_lib.documents.table import legible, tint
from elite_lib.labels import _
from elite_lib.models import Establishment
from elite_lib.notices.calls import Part, ReturnSheet, cells, column_titles, part_title
from elite_lib.notices.calls_xlsx import settled_sentence
from elite_lib.notices.composing import months

_CONTENT = ACROSS - 2 * MARGIN
_SHARES = (13, 13, 10, 17, 12, 17, 19, 17)  # of the width, column by column
_WIDTHS = tuple(_CONTENT * share / sum(_SHARES) for share in _SHARES)
_SIZE, _LEADING, _GAP, _PADDING = 8.0, 10.0, 6.0, 3.0
_LINES = 8  # of one cell
_HEAD, _FOOT = 32.0, 14.0
_TITLE = 38.0  # of a part: its name, and the heads of the columns
_ALARM: Colour = (0.99, 0.91, 0.9)


class _Kind(StrEnum):
    FAULT = "fault"
    PART = "part"  # the title of a part and the heads of the columns
    LINE = "line"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class _Row:
    kind: _Kind
    texts: tuple[Sequence[str], ...]  # lines of each cell

    @property
    def height(self) -> float:
        lines = max(map(len, self.texts), default=1)
        return _TITLE if self.kind is _Kind.PART else lines * _LEADING + _GAP


def sheet_pdf(
    sheet: ReturnSheet, *, establishment: Establishment, now: dt.datetime, language: str = "fr"
) -> bytes:
    """Draw the sheet; the same bytes for the same input and ``now`` (aware)."""
    title = _("Sheet of returns")
    if sheet.period is not None:
        title += f" — {months(sheet.period)}"
    pen = LandscapePen(
        title=title,
        author=establishment.name,
        lang=language,
        stamp=f"D:{now.astimezone(dt.UTC):%Y%m%d%H%M%S}+00'00'",
    )
    accent = accent_of(establishment.colour)
    made = _("Made on {time}").format(time=f"{now.astimezone():%d/%m/%Y %H:%M}")
    pages = list(_pages(list(_rows(sheet)), room=DOWN - 2 * MARGIN - _HEAD - _FOOT))
    for number, rows in enumerate(pages, start=1):
        half, ink = _CONTENT / 2, legible(accent)
        pen.text(MARGIN, MARGIN + 11, establishment.name, size=12, width=half, bold=True, colour=ink)
        pen.text(ACROSS - MARGIN, MARGIN + 11, title, size=12, width=half, bold=True, align=Align.RIGHT)
        pen.rule(MARGIN, MARGIN + 18, _CONTENT)
        y = MARGIN + _HEAD
        for row in rows:
            _draw(pen, row, y, accent=accent)
            y += row.height
        foot = f"{made} — {number}/{len(pages)}"
        pen.text(ACROSS - MARGIN, DOWN - MARGIN, foot, size=7, width=half, align=Align.RIGHT, colour=GREY)
        pen.end_page()
    return pen.save()


def _rows(sheet: ReturnSheet) -> Iterator[_Row]:
    for fault in sheet.faults:
        yield _Row(_Kind.FAULT, (wrap(fault.sentence, _SIZE, _CONTENT - 14, lines=4, bold=True),))
    for part in Part:
        calls = sheet.of(part)
        if calls:
            yield _Row(_Kind.PART, ((f"{part_title(part)} ({len(calls)})",),))
        for call in calls:
            texts = zip(cells(call), _WIDTHS, strict=True)
            yield _Row(_Kind.LINE, tuple(_broken(text, width - 2 * _PADDING) for text, width in texts))
    if sheet.empty:
        yield _Row(_Kind.NOTE, ((_("Nothing came back that needs somebody."),),))
    if sheet.settled:
        yield _Row(_Kind.NOTE, ((settled_sentence(sheet),),))


def _broken(text: str, width: float) -> Sequence[str]:
    """Break a cell; an address that is too long for it goes on after its @."""
    lines = wrap(text, _SIZE, width, lines=_LINES)
    if len(lines) == 1 and "@" in text and " " not in text:
        local, _at, domain = text.rpartition("@")
        if len(wrap(f"{local}@ {domain}", _SIZE, width, lines=2)) == 2:
            return (f"{local}@", domain)
    return lines


def _pages(rows: list[_Row], *, room: float) -> Iterator[list[_Row]]:
    """Part the rows into pages. A title is never last of its page, and comes again where its part goes on."""
    page: list[_Row] = []
    used, title = 0.0, None
    for place, row in enumerate(rows):
        title = row if row.kind is _Kind.PART else title
        needed = row.height + (rows[place + 1].height if row.kind is _Kind.PART else 0.0)
        if page and used + needed > room:
            yield page
            page, used = [], 0.0
            if row.kind is _Kind.LINE and title is not None:
                page, used = [title], title.height
        page.append(row)
        used += row.height
    yield page


def _draw(pen: LandscapePen, row: _Row, y: float, *, accent: Colour) -> None:
    if row.kind is _Kind.LINE:
        _cells(pen, row.texts, y + 9.5)
        pen.rule(MARGIN, y + row.height, _CONTENT)
    elif row.kind is _Kind.PART:
        pen.text(MARGIN, y + 14, row.texts[0][0], size=10, width=_CONTENT, bold=True, colour=legible(accent))
        pen.band(MARGIN, y + 20, _CONTENT, height=_TITLE - 20, colour=tint(accent))
        _cells(pen, tuple((title,) for title in column_titles()), y + 32, bold=True)
    else:
        if row.kind is _Kind.FAULT:
            pen.band(MARGIN, y, _CONTENT, height=row.height - 2, colour=_ALARM)
        for place, line in enumerate(row.texts[0]):
            bold = row.kind is _Kind.FAULT
            pen.text(MARGIN + 7, y + 11 + place * _LEADING, line, size=_SIZE, width=_CONTENT - 14, bold=bold)


def _cells(pen: LandscapePen, texts: Sequence[Sequence[str]], y: float, *, bold: bool = False) -> None:
    x = MARGIN
    for width, lines in zip(_WIDTHS, texts, strict=True):
        for place, line in enumerate(lines):
            down = y + place * _LEADING
            pen.text(x + _PADDING, down, line, size=_SIZE, width=width - 2 * _PADDING, bold=bold)
        x += width
