"""What reading hands to parsing: raw cells, and what is known about them beside their values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

Cell = tuple[int, int]  # row, column; both from 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Oddity:
    """Why a cell that looks empty is not: it shows an error, or its formula was never calculated."""

    error: str = ""  # "#N/A"
    formula: bool = False


class Parts(Protocol):
    """The inside of a workbook file: what its cells' values do not say."""

    @property
    def epoch_1904(self) -> bool: ...

    def hidden_rows(self, sheet: str, /) -> frozenset[int]: ...

    def oddities(self, sheet: str, /) -> Mapping[Cell, Oddity]: ...

    def shown(self, sheet: str, cells: Mapping[Cell, float], /) -> Mapping[Cell, str]: ...


class Bare:
    """Parts of a file that has no inside: CSV."""

    epoch_1904 = False

    def hidden_rows(self, _sheet: str) -> frozenset[int]:
        return frozenset()

    def oddities(self, _sheet: str) -> Mapping[Cell, Oddity]:
        return {}

    def shown(self, _sheet: str, _cells: Mapping[Cell, float]) -> Mapping[Cell, str]:
        return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """One tab or CSV as it was read: every row from the first of the sheet on, empty ones too."""

    file: str
    title: str  # as the file has it
    rows: Sequence[Sequence[object]]
    parts: Parts
    delimited: bool = False  # a CSV: a field too many has moved the others
