"""Find each sheet by its title and its header row, whatever the case, accents, ``N°`` or line breaks."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from elite_lib.exceptions import ConfigError
from elite_lib.models import SHEETS, TABLE, Sheet
from elite_lib.sources.aliases import COLUMN_ALIASES, SHEET_ALIASES, TABLE_ALIASES
from elite_lib.sources.texts import folded, single_spaced

_SEARCHED = 40  # rows from the top in which the header must be: titles, logo and notes come before
_TITLE_LENGTH = 80  # a longer cell is prose
_NUMBER_SIGN = re.compile(r"n\s*[°º]|\b(?:numero|num|nr|no)\b\.?")
_UNITS = re.compile(r"€|\beur(?:os?)?\b|\*")
_ASIDE = re.compile(r"\([^()]*\)")
_WORD = re.compile(r"[a-z0-9%]+")

Row = Sequence[object]
Names = Mapping[str, tuple[int, str]]  # normalised title -> priority (lower wins), name of the column


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """Where a sheet's columns are. ``columns``: name -> position from 0; ``titles``: as the file has them."""

    last: int  # index of the (last) header row; data begin below
    columns: Mapping[str, int]
    titles: Mapping[str, str]
    twice: tuple[str, ...]  # titles of columns that the sheet has twice
    seen: tuple[str, ...]  # every title of the row, for the message that one is missing


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What a home calls its sheets and columns, beside the names that we know.

    ``sheets``: title of a tab (or name of a CSV) -> our title of it. ``aliases``: our title of a sheet ->
    title of a column -> our title of it. ``table``: the tab that is the one table, a row per invoice; then
    no other is read. "*" is the only tab there is.
    """

    aliases: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    sheets: Mapping[str, str] = field(default_factory=dict)
    table: str = ""

    def sheet(self, title: str) -> Sheet | None:
        """Return the sheet that a tab (or a CSV's name) means, or None."""
        if self.table:
            return (
                TABLE if self.table in ("*", title) or normalised(self.table) == normalised(title) else None
            )
        own = {normalised(theirs): ours for theirs, ours in self.sheets.items()}
        return sheet_named(own.get(normalised(title), title))

    def check(self) -> None:
        """Check that the home's names lead to sheets and columns of ours.

        Raises:
            ConfigError: ``value_invalid``.
        """
        for sheet in (*SHEETS, TABLE):
            self.names(sheet)
        for theirs, ours in self.sheets.items():
            if sheet_named(ours) is None:
                raise _refusal(f"data.sheets.{theirs}", ours, [sheet.title for sheet in SHEETS])

    def names(self, sheet: Sheet) -> Names:
        """List the titles that mean a column of ``sheet``: the home's first, then ours, then known aliases.

        Raises:
            ConfigError: ``value_invalid``, an alias for a sheet or a column that does not exist.
        """
        return names(sheet, self.aliases)


@lru_cache(maxsize=4096)
def normalised(title: str) -> str:
    """Reduce a title to what counts: ``"N° de\\nfacture (*)"`` and ``"Numéro de facture"`` are one."""
    text = _UNITS.sub(" ", folded(title).replace("’", "'"))
    return "".join(_WORD.findall(_NUMBER_SIGN.sub(" n ", text)))


def sheet_named(title: str) -> Sheet | None:
    """Return the sheet that a tab (or a CSV's name) means, or None."""
    wanted = normalised(title)
    for sheet in SHEETS:
        if wanted in {normalised(name) for name in (sheet.title, *SHEET_ALIASES.get(sheet.name, ()))}:
            return sheet
    return None


def names(sheet: Sheet, aliases: Mapping[str, Mapping[str, str]]) -> Names:
    """List the titles that mean a column of ``sheet``: the home's first, then ours, then known aliases.

    Raises:
        ConfigError: ``value_invalid``, an alias for a sheet or a column that does not exist.
    """
    found: dict[str, tuple[int, str]] = {}
    for column in sheet.columns:
        found[normalised(column.title)] = (1, column.name)
    known = TABLE_ALIASES if sheet is TABLE else COLUMN_ALIASES[sheet.name]
    for name, others in known.items():
        for other in others:
            found.setdefault(normalised(other), (2, name))
    for title, columns in aliases.items():
        if _checked_sheet(title) is not sheet:
            continue
        for alias, target in columns.items():
            found[normalised(alias)] = (0, _checked_column(sheet, target, key=f"{title}.{alias}"))
    return found


def find(rows: Sequence[Row], titles: Names) -> Header | None:
    """Find the header row: the one (or two) with most known titles; None where none has two.

    A title above, merged over two columns, counts for both (``Total`` over ``HT`` and ``TTC``).
    """
    best: Header | None = None
    for index, row in enumerate(rows[:_SEARCHED]):
        below = rows[index + 1] if index + 1 < len(rows) else ()
        for candidate in (
            _header(index, row, titles),
            _header(index + 1, _joined(row, below, titles), titles),
        ):
            if len(candidate.columns) > (len(best.columns) if best else 1):
                best = candidate
    return best


def _header(last: int, row: Row, titles: Names) -> Header:
    places: dict[str, list[tuple[int, int]]] = {}
    shown = [single_spaced(cell) if isinstance(cell, str) else "" for cell in row]
    for position, title in enumerate(shown):
        if match := _match(title, titles):
            places.setdefault(match[1], []).append((match[0], position))
    columns, twice = {}, []
    for name, found in places.items():
        found.sort()
        columns[name] = found[0][1]
        if len(found) > 1 and found[1][0] == found[0][0]:
            twice.append(shown[found[0][1]])
    return Header(
        last=last,
        columns=columns,
        titles={name: shown[position] for name, position in columns.items()},
        twice=tuple(twice),
        seen=tuple(title for title in shown if title),
    )


def _match(title: str, titles: Names) -> tuple[int, str] | None:
    """Look a title up, then without what stands in brackets: ``Destinataire facture (O/N)``."""
    if not title or len(title) > _TITLE_LENGTH:
        return None
    return titles.get(normalised(title)) or titles.get(normalised(_ASIDE.sub(" ", title)))


def _joined(above: Row, below: Row, titles: Names) -> list[str]:
    """Read two rows as one header: the two titles together, else the one below, else the one above."""
    joined, last = [], ""
    for position in range(max(len(above), len(below))):
        upper = above[position] if position < len(above) else ""
        lower = below[position] if position < len(below) else ""
        upper = upper if isinstance(upper, str) else ""
        lower = lower if isinstance(lower, str) else ""
        last = upper or last
        # How far a merged title reaches is not known: beside it, a title that is known by itself is itself.
        both = (f"{upper} {lower}", lower) if upper else (lower, f"{last} {lower}")
        choices = (*both, upper) if lower else (upper,)
        joined.append(
            next((choice for choice in choices if _match(single_spaced(choice), titles)), lower or upper)
        )
    return joined


def _checked_sheet(title: str) -> Sheet:
    if normalised(title) == normalised(TABLE.title):
        return TABLE
    if sheet := sheet_named(title):
        return sheet
    raise _refusal(f"data.aliases.{title}", title, [sheet.title for sheet in (*SHEETS, TABLE)])


def _checked_column(sheet: Sheet, target: str, *, key: str) -> str:
    for column in sheet.columns:
        if normalised(column.title) == normalised(target):
            return column.name
    raise _refusal(f"data.aliases.{key}", target, [column.title for column in sheet.columns])


def _refusal(key: str, value: str, expected: Sequence[str]) -> ConfigError:
    return ConfigError("value_invalid", file="elite.toml", key=key, value=value, expected=", ".join(expected))
