"""Look into an old .xls for what the fast reader drops: formats, error values, hidden rows.

Same promise as ``ooxml``. The file is a stream of records, each a type and a length of two bytes
([MS-XLS] 2.1.4); of a few hundred types these matter. A formula is never without its result here.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import olefile

from elite_lib.sources.cellformats import BUILT_IN, shown
from elite_lib.sources.grid import Cell, Oddity

# [MS-XLS] 2.3.2
_FORMULA, _EOF, _DATE_MODE, _BOUND_SHEET = 0x0006, 0x000A, 0x0022, 0x0085
_MUL_RK, _XF, _NUMBER, _BOOL_ERR, _ROW, _RK, _FORMAT = 0x00BD, 0x00E0, 0x0203, 0x0205, 0x0208, 0x027E, 0x041E
# 2.5.10 BErr
_ERRORS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
}
_HIDDEN = 0x20  # 2.4.221 Row: fDyZero


class _Styled(NamedTuple):
    row: int
    column: int
    style: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    hidden: frozenset[int]
    oddities: Mapping[Cell, Oddity]
    styles: Mapping[Cell, int]  # of numbers


class OldWorkbook:
    """One .xls file of Excel 97 to 2003. Positions count rows and columns from 0."""

    def __init__(self, content: bytes) -> None:
        with olefile.OleFileIO(io.BytesIO(content)) as container:
            self._stream: bytes = container.openstream("Workbook").read()
        self._pages: dict[str, _Page] = {}

    @cached_property
    def epoch_1904(self) -> bool:
        """Whether days are counted from 1 January 1904 (old Macintosh workbooks)."""
        return any(body[:2] == b"\1\0" for kind, body in self._records(0) if kind == _DATE_MODE)

    def hidden_rows(self, sheet: str) -> frozenset[int]:
        """List the rows that a filter or a person hid."""
        return self._page(sheet).hidden

    def oddities(self, sheet: str) -> Mapping[Cell, Oddity]:
        """List the cells that show an error."""
        return self._page(sheet).oddities

    def shown(self, sheet: str, cells: Mapping[Cell, float]) -> Mapping[Cell, str]:
        """Say how Excel shows these numbers, where their format adds digits, letters or a per cent sign."""
        styles, formats = self._page(sheet).styles, self._formats
        texts = {
            place: shown(value, formats.get(styles.get(place, -1), "General"))
            for place, value in cells.items()
        }
        return {place: text for place, text in texts.items() if text is not None}

    @cached_property
    def _formats(self) -> Mapping[int, str]:
        """Number format of each cell style (2.4.353 XF, 2.4.126 Format)."""
        custom: dict[int, str] = {}
        numbers: list[int] = []
        for kind, body in self._records(0):
            if kind == _FORMAT:
                custom[_word(body, 0)] = _text(body[2:], long=True)
            elif kind == _XF:
                numbers.append(_word(body, 2))
        return {
            style: custom.get(number) or BUILT_IN.get(number, "General")
            for style, number in enumerate(numbers)
        }

    def _page(self, sheet: str) -> _Page:
        if sheet not in self._pages:
            self._pages = {sheet: self._read(self._places.get(sheet))}  # one at a time, as in ooxml
        return self._pages[sheet]

    @cached_property
    def _places(self) -> Mapping[str, int]:
        """Where each sheet's records begin (2.4.28 BoundSheet8)."""
        return {
            _text(body[6:], long=False): struct.unpack_from("<I", body)[0]
            for kind, body in self._records(0)
            if kind == _BOUND_SHEET
        }

    def _read(self, place: int | None) -> _Page:
        hidden: set[int] = set()
        oddities: dict[Cell, Oddity] = {}
        styles: dict[Cell, int] = {}
        for kind, body in self._records(place) if place is not None else ():
            if kind == _ROW and body[12] & _HIDDEN:
                hidden.add(_word(body, 0))
            elif kind in (_BOOL_ERR, _FORMULA) and (error := _error(kind, body)):
                oddities[_word(body, 0), _word(body, 2)] = Oddity(error=error)
            else:
                styles.update({(row, column): style for row, column, style in _numbers(kind, body)})
        return _Page(hidden=frozenset(hidden), oddities=oddities, styles=styles)

    def _records(self, place: int) -> Iterator[tuple[int, bytes]]:
        """Walk over the records from ``place`` to the end of its part; a cut one ends it."""
        while place + 4 <= len(self._stream):
            kind, length = struct.unpack_from("<HH", self._stream, place)
            body = self._stream[place + 4 : place + 4 + length]
            place += 4 + length
            if kind == _EOF or len(body) < length:
                return
            yield kind, body


def _numbers(kind: int, body: bytes) -> Iterator[_Styled]:
    """List the numeric cells of a record with their styles (2.4.180 Number, 2.4.220 RK, 2.4.175 MulRk)."""
    if kind in (_NUMBER, _RK, _FORMULA):
        yield _Styled(*struct.unpack_from("<HHH", body))
    elif kind == _MUL_RK:
        row, first = struct.unpack_from("<HH", body)
        for offset, place in enumerate(range(4, len(body) - 2, 6)):
            yield _Styled(row, first + offset, _word(body, place))


def _error(kind: int, body: bytes) -> str:
    """Word an error value, also one that a formula gave (2.5.133 FormulaValue); "" for other values."""
    if kind == _BOOL_ERR:
        return _ERRORS.get(body[6], "#N/A") if body[7] else ""
    is_error = body[12:14] == b"\xff\xff" and body[6] == 2
    return _ERRORS.get(body[8], "#N/A") if is_error else ""


def _word(body: bytes, place: int) -> int:
    return int(struct.unpack_from("<H", body, place)[0])


def _text(body: bytes, *, long: bool) -> str:
    """Read a text with its length before it (2.5.294 XLUnicodeString, 2.5.240 ShortXLUnicodeString)."""
    count = _word(body, 0) if long else body[0]
    flags, start = (body[2], 3) if long else (body[1], 2)
    if flags & 1:
        return body[start : start + 2 * count].decode("utf-16-le", errors="replace")
    return body[start : start + count].decode("latin-1")
