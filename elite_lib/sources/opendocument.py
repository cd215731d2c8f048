"""Look into an .ods for what the fast reader drops: displayed text, error values, hidden rows.

Same promise as ``ooxml``. An .ods keeps beside each value the text that was shown (OpenDocument 1.3 part 3,
9.1.4 and 19.385), which says more than a format.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from html import unescape
from itertools import chain, pairwise

from elite_lib.sources.grid import Cell, Oddity

_TAG = re.compile(r"<table:(table|table-row|covered-table-cell|table-cell)(?=[\s/>])([^>]*?)(/?)>")
_ATTRIBUTE = re.compile(r"([a-z-]+:[a-z-]+)=\"([^\"]*)\"")
_PARAGRAPH = re.compile(r"<text:p\b[^>]*>(.*?)</text:p>", re.DOTALL)
_MARKUP = re.compile(r"<[^>]*>")
_REPEATED = 2000  # a longer run of equal cells or rows is the empty rest of the sheet


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tag:
    table: str
    kind: str  # row, cell
    row: int
    column: int
    repeated: int
    attributes: Mapping[str, str]
    inside: str


class OpenDocument:
    """One .ods file. Positions count rows and columns from 0."""

    def __init__(self, content: bytes) -> None:
        self._package = content

    @cached_property
    def _content(self) -> str:
        with zipfile.ZipFile(io.BytesIO(self._package)) as package:
            return package.read("content.xml").decode()

    @cached_property
    def epoch_1904(self) -> bool:
        return re.search(r"<table:null-date\b[^>]*table:date-value=\"1904-01-01\"", self._content) is not None

    def hidden_rows(self, sheet: str) -> frozenset[int]:
        """List the rows that a filter or a person hid."""
        if "table:visibility=" not in self._content:
            return frozenset()
        hidden: set[int] = set()
        for tag in self._tags(sheet):
            state = tag.attributes.get("table:visibility")
            if tag.kind == "row" and state in ("collapse", "filter") and tag.repeated < _REPEATED:
                hidden.update(range(tag.row, tag.row + tag.repeated))
        return frozenset(hidden)

    def oddities(self, sheet: str) -> Mapping[Cell, Oddity]:
        """List the cells that show an error; no program we know writes a formula without its result."""
        if 'calcext:value-type="error"' not in self._content:
            return {}
        return {
            (tag.row, tag.column + offset): Oddity(error=_text(tag.inside) or "#N/A")
            for tag in self._tags(sheet)
            if tag.kind == "cell"
            and tag.attributes.get("calcext:value-type") == "error"
            and tag.repeated < _REPEATED
            for offset in range(tag.repeated)
        }

    def shown(self, sheet: str, cells: Mapping[Cell, float]) -> Mapping[Cell, str]:
        """Say how these numbers are shown, where that adds leading zeros, letters or a per cent sign."""
        texts: dict[Cell, str] = {}
        for tag in self._tags(sheet):
            if tag.kind != "cell" or tag.repeated >= _REPEATED:
                continue
            for column in range(tag.column, tag.column + tag.repeated):
                if (tag.row, column) in cells and _telling(text := _text(tag.inside), cells[tag.row, column]):
                    texts[tag.row, column] = text
        return texts

    def _tags(self, sheet: str) -> Iterator[_Tag]:
        """Walk over the rows and cells of one table; rows that are repeated are given once per row."""
        table, row, column, rows, following_rows = "", 0, 0, 1, 1
        for match, following in pairwise(chain(_TAG.finditer(self._content), (None,))):
            if match is None:
                continue
            attributes = {name: unescape(value) for name, value in _ATTRIBUTE.findall(match[2])}
            if match[1] == "table":
                table, row, following_rows = attributes.get("table:name", ""), 0, 0
                continue
            if table != sheet:
                continue
            if match[1] == "table-row":
                row += following_rows
                rows = following_rows = int(attributes.get("table:number-rows-repeated", "1"))
                column = 0
                yield _Tag(
                    table=table,
                    kind="row",
                    row=row,
                    column=-1,
                    repeated=rows,
                    attributes=attributes,
                    inside="",
                )
                continue
            repeated = int(attributes.get("table:number-columns-repeated", "1"))
            end = following.start() if following else len(self._content)
            inside = "" if match[3] else self._content[match.end() : end]
            for offset in range(rows if rows < _REPEATED else 1):
                yield _Tag(
                    table=table,
                    kind="cell",
                    row=row + offset,
                    column=column,
                    repeated=repeated,
                    attributes=attributes,
                    inside=inside,
                )
            column += repeated


def _text(inside: str) -> str:
    paragraph = _PARAGRAPH.search(inside)
    return unescape(_MARKUP.sub(" ", paragraph[1])).strip() if paragraph else ""


def _telling(text: str, value: float) -> bool:
    """Tell whether the shown text is more than the number: not for thousands, decimals or exponents."""
    if text.endswith("%"):
        return True
    if value < 0 or value != int(value):
        return False
    bare = "".join(c for c in text if c.isalnum())
    return (
        bare != str(int(value)) and bare.endswith(str(int(value))) and (bare[0] == "0" or bare[0].isalpha())
    )
