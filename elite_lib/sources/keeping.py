"""Decide which rows below a header count: blank lines, totals and repeated headers do not."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from elite_lib.models import CellType, Column
from elite_lib.sources.headers import normalised
from elite_lib.sources.texts import folded

_TOTAL = re.compile(r"(?:sous[- ]?)?tota(?:l|ux)\b|cumul\b|somme\b")
# A row is there because of one of these; words, flags and ranks are copied down far below the last row.
_CONTENT = frozenset(
    {CellType.TEXT, CellType.CODE, CellType.AMOUNT, CellType.NUMBER, CellType.DATE, CellType.EMAIL}
)
_IDENTITY = frozenset({CellType.CODE, CellType.DATE, CellType.INTEGER, CellType.TEXT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """What stands below the header, by column. ``odd``: rows and columns of errors and empty formulas."""

    columns: Sequence[Column]
    cells: Mapping[str, Sequence[object]]
    titles: Mapping[str, str]
    odd: Collection[tuple[int, str]] = ()

    @property
    def identity(self) -> list[str]:
        """Name the columns that say what a row is about: number, code, date."""
        return [c.name for c in self.columns if c.filled and c.type in _IDENTITY]

    def kept(self) -> list[int]:
        """List the rows that count, by position.

        A row whose key is an error or an uncalculated formula counts, though it looks blank: a workbook
        of such rows must not pass for an empty one.
        """
        identity = self.identity
        odd_rows = {row for row, name in self.odd if name in identity}
        key, *others = (self.cells[name] for name in identity)
        # May be a header again, "Total", "Somme", "Cumul", or nothing but spaces: looked at more closely.
        suspect = self.titles[identity[0]][:1] + "TtSsCc \t\n\r\u00a0"
        if all(map(all, others)) and _all_begin_otherwise(key, suspect):
            return list(range(len(key)))
        rows = []
        for index, value in enumerate(key):
            plain = value[:1] not in suspect if type(value) is str else bool(value)
            plain = plain and all(column[index] for column in others)
            if plain or index in odd_rows or (self._holds_something(index) and not self._is_noise(index)):
                rows.append(index)
        return rows

    def _holds_something(self, index: int) -> bool:
        return any(_holds(c, self.cells[c.name][index]) for c in self.columns if c.type in _CONTENT)

    def _is_noise(self, index: int) -> bool:
        """Tell whether a row is labelled as a total, in whichever cell, or repeats the header.

        A total lacks its identity: where a number, a date or a code stands beside the label, it is a row.
        """
        row = {name: values[index] for name, values in self.cells.items()}
        texts = {name: value for name, value in row.items() if isinstance(value, str) and value.strip()}
        labels = {name for name, text in texts.items() if _TOTAL.match(folded(text))}
        if labels and all(name in labels or not row[name] for name in self.identity):
            return True
        same = [name for name, text in texts.items() if normalised(text) == normalised(self.titles[name])]
        return len(same) > len(texts) // 2


def _all_begin_otherwise(key: Sequence[object], suspect: str) -> bool:
    texts = [value for value in key if type(value) is str and value]
    return len(texts) == len(key) and {text[:1] for text in texts}.isdisjoint(suspect)


def _holds(column: Column, value: object) -> bool:
    """Tell whether a cell holds anything; a zero that a formula left behind is nothing."""
    if type(value) is not str:
        return bool(value)
    text = value.strip()
    if column.type in (CellType.AMOUNT, CellType.NUMBER):
        return bool(text.strip("0,.-€ \u00a0\u202f"))
    return bool(text)
