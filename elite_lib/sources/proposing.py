"""Propose which sheet and column of another program's export is which: by titles, then by what is in them.

A proposal is shown and confirmed; nothing is read by it before it stands in ``elite.toml``. What could be two
things is said to be unsure, and is not written without a person's word.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from elite_lib.models import SHEETS, TABLE
from elite_lib.sources import headers, reading
from elite_lib.sources.grid import Grid
from elite_lib.sources.headers import Layout, normalised
from elite_lib.sources.supposing import Certainty, ProposedSheet, missing_of, suppose

_OF_TABLE = {"number", "net", "email"}  # one table has them all; of the six sheets, none has


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What a file holds, as far as it can be told. ``missing``: our sheets that it lacks."""

    source: Path
    sheets: tuple[ProposedSheet, ...]
    missing: tuple[str, ...] = ()
    tabs: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """Tell whether nothing is missing or unsure."""
        unsure = any(c.certainty is Certainty.UNSURE for sheet in self.sheets for c in sheet.columns)
        return not (unsure or self.missing or any(sheet.missing for sheet in self.sheets))

    @property
    def layout(self) -> Layout:
        """Give the names as ``load`` takes them: what is sure or likely, and is not understood by itself."""
        aliases: dict[str, dict[str, str]] = {}
        sheets: dict[str, str] = {}
        table = ""
        for proposed in self.sheets:
            if proposed.sheet is TABLE:
                table = proposed.title
            elif headers.sheet_named(proposed.title) is not proposed.sheet:
                sheets[proposed.title] = proposed.sheet.title
            for column in proposed.columns:
                if column.certainty is Certainty.LIKELY:
                    aliases.setdefault(proposed.sheet.title, {})[column.title] = column.ours
        return Layout(aliases=aliases, sheets=sheets, table=table)

    def told(self, words: Mapping[str, str]) -> Proposal:
        """Take a person's word: title of a column (or of a tab) -> our title of it.

        Raises:
            KeyError: no such column in the file, or none of ours of that name.
        """
        left = dict(words)
        sheets = tuple(_told(sheet, left) for sheet in self.sheets)
        if left:
            raise KeyError(next(iter(left)))
        return replace(self, sheets=sheets)


def propose(
    source: Path, *, said: Mapping[str, str] | None = None, password: Callable[[], str] = str
) -> Proposal:
    """Look into any workbook, CSV or folder of CSVs and propose what its sheets and columns are.

    ``said``: a person's word, title of a tab -> our title of its sheet, "" where it is none; then the
    tabs are what they are said to be, and only the columns are supposed.

    Raises:
        SourceError: ``unusable``: the file cannot be read at all.
    """
    grids, _warnings = reading.read_where(source, Layout(), wanted=lambda _title: True, password=password)
    grids = [grid for grid in grids if any(any(row) for row in grid.rows)]
    tabs = tuple(grid.title for grid in grids)
    if said is None:
        tables = [suppose(grid, TABLE) for grid in grids]
        fit = max(tables, key=_fitness, default=None)
        if fit is not None and _OF_TABLE.issubset(_found(fit)):
            return Proposal(source=source, sheets=(fit,), tabs=tabs)
        chosen = list(_as_sheets(grids))
    else:
        chosen = list(_as_said(grids, said))
        if table := [proposed for proposed in chosen if proposed.sheet is TABLE]:
            return Proposal(source=source, sheets=tuple(table), tabs=tabs)
    there = {proposed.sheet.name for proposed in chosen}
    missing = tuple(sheet.title for sheet in SHEETS if sheet.required and sheet.name not in there)
    return Proposal(source=source, sheets=tuple(chosen), missing=missing, tabs=tabs)


def _as_sheets(grids: Sequence[Grid]) -> Iterator[ProposedSheet]:
    """Give each of our sheets the tab that bears its name, else the one that fits it best."""
    left = list(grids)
    for sheet in SHEETS:
        named = [grid for grid in left if headers.sheet_named(grid.title) is sheet]
        others = [grid for grid in left if headers.sheet_named(grid.title) is None]
        fits = [suppose(grid, sheet) for grid in named or others]
        best = max(fits, key=_fitness, default=None)
        if best is not None and (named or not best.missing):
            left = [grid for grid in left if grid.title != best.title]
            yield best


def _as_said(grids: Sequence[Grid], said: Mapping[str, str]) -> Iterator[ProposedSheet]:
    sheets = {sheet.title: sheet for sheet in (*SHEETS, TABLE)}
    for grid in grids:
        if ours := said.get(grid.title):
            yield suppose(grid, sheets[ours])


def _fitness(proposed: ProposedSheet) -> tuple[int, int]:
    """Order proposals: few needed columns missing, many known by their titles."""
    sure = sum(column.certainty is Certainty.SURE for column in proposed.columns)
    return -len(proposed.missing), sure


def _found(proposed: ProposedSheet) -> Iterator[str]:
    titles = {column.title: column.name for column in proposed.sheet.columns}
    return (titles[column.ours] for column in proposed.columns if column.ours)


def _told(proposed: ProposedSheet, words: dict[str, str]) -> ProposedSheet:
    ours = {normalised(column.title): column.title for column in proposed.sheet.columns}
    said = {
        column.title: ours[normalised(words[column.title])]
        for column in proposed.columns
        if column.title in words and normalised(words[column.title]) in ours
    }
    for title in said:
        words.pop(title)
    columns = []
    for column in proposed.columns:
        if column.title in said:
            columns.append(replace(column, ours=said[column.title], certainty=Certainty.LIKELY))
        elif column.ours in said.values():
            columns.append(replace(column, ours="", certainty=Certainty.UNUSED))
        else:
            columns.append(column)
    names = {column.title: column.name for column in proposed.sheet.columns}
    there = {names[column.ours] for column in columns if column.ours}
    return replace(proposed, columns=tuple(columns), missing=missing_of(proposed.sheet, there))
