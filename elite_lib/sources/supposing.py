"""Suppose which column of a tab is which: by its title, by a title that is near, by what it holds."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from elite_lib.models import TABLE, Column, Sheet
from elite_lib.sources import headers
from elite_lib.sources.contents import Content, content_of
from elite_lib.sources.grid import Grid
from elite_lib.sources.headers import Header, normalised
from elite_lib.sources.texts import seen, single_spaced

_NEAR = 0.84  # likeness of two titles from which a slip or an inflexion is supposed
_EXAMPLES = 3
# What a content may be, in the order in which it is supposed; only what sending cannot do without is guessed.
_MEANT: Mapping[Content, tuple[str, ...]] = {
    Content.EMAIL: ("email",),
    Content.DATE: ("date",),
    Content.AMOUNT: ("net", "amount"),
    Content.NUMBER: ("number", "code"),
    Content.CODE: ("resident", "number"),
    Content.NAME: ("last_name",),
}


class Certainty(StrEnum):
    """How far a column is known."""

    SURE = "sure"  # by its title
    LIKELY = "likely"  # by its content, and nothing else could be it
    UNSURE = "unsure"  # one of several: a person must say
    UNUSED = "unused"  # nothing of ours


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedColumn:
    """One column of the file. ``ours`` is our title of it, "" where it is unused.

    ``near``: supposed because its title is nearly one that is known, not by what it holds.
    """

    title: str
    ours: str = ""
    certainty: Certainty = Certainty.UNUSED
    content: Content = Content.EMPTY
    near: bool = False
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedSheet:
    """One tab or CSV, and which of our sheets it is. ``missing``: our titles that sending needs."""

    title: str
    sheet: Sheet
    header: int  # row that Excel shows
    columns: tuple[ProposedColumn, ...]
    missing: tuple[str, ...] = ()


def suppose(grid: Grid, sheet: Sheet) -> ProposedSheet:
    """Suppose of every column of a tab what it is, if the tab is ``sheet``."""
    header = headers.find(grid.rows, headers.names(sheet, {})) or _supposed_header(grid)
    width = max(map(len, grid.rows))
    titles = [_title(grid, header.last, place) for place in range(width)]
    body = [row for row in grid.rows[header.last + 1 :] if any(row)]
    values = [[row[place] if place < len(row) else "" for row in body] for place in range(width)]
    contents = [content_of(column) for column in values]
    ours = _by_title(sheet, header, titles)
    near = _near(sheet, titles, contents, taken=ours)
    ours |= near
    ours |= _by_content(sheet, titles, contents, taken=ours)
    names = {column.name: column for column in sheet.columns}
    columns = tuple(
        ProposedColumn(
            title=title,
            ours=names[ours[place][0]].title if place in ours else "",
            certainty=ours[place][1] if place in ours else Certainty.UNUSED,
            content=contents[place],
            near=place in near,
            examples=_examples(values[place]),
        )
        for place, title in enumerate(titles)
        if title
    )
    return ProposedSheet(
        title=grid.title,
        sheet=sheet,
        header=header.last + 1,
        columns=columns,
        missing=missing_of(sheet, {name for name, _ in ours.values()}),
    )


Ours = dict[int, tuple[str, Certainty]]  # position -> name of our column


def _by_title(sheet: Sheet, header: Header, titles: Sequence[str]) -> Ours:
    """Take the titles that are known; of one that is there twice, nobody knows which is meant."""
    known = headers.names(sheet, {})
    found: Ours = {}
    for name, place in header.columns.items():
        twice = [p for p, title in enumerate(titles) if known.get(normalised(title), (0, ""))[1] == name]
        certain = Certainty.UNSURE if header.titles[name] in header.twice else Certainty.SURE
        found |= dict.fromkeys(twice if certain is Certainty.UNSURE else [place], (name, certain))
    return found


def _near(sheet: Sheet, titles: Sequence[str], contents: Sequence[Content], *, taken: Ours) -> Ours:
    """Take titles that are nearly known, where the content does not speak against it."""
    known = headers.names(sheet, {})
    there = {name for name, _ in taken.values()}
    found: Ours = {}
    for place, title in enumerate(titles):
        near = difflib.get_close_matches(normalised(title), known, n=1, cutoff=_NEAR) if title else []
        name = known[near[0]][1] if near else ""
        if place not in taken and name and name not in there and _may_be(name, contents[place]):
            found[place] = (name, Certainty.LIKELY)
            there.add(name)
    return found


def _may_be(name: str, content: Content) -> bool:
    """Tell whether the content does not speak against it: what is never supposed from it may be anything."""
    guessed = {meant for names in _MEANT.values() for meant in names}
    return name not in guessed or name in _MEANT.get(content, ())


def _by_content(sheet: Sheet, titles: Sequence[str], contents: Sequence[Content], *, taken: Ours) -> Ours:
    """Suppose what is still needed from what the columns hold; several that could be it are all unsure."""
    names = {column.name: column for column in sheet.columns}
    found: Ours = {}
    for content, meant in _MEANT.items():
        there = {name for name, _ in (taken | found).values()}
        wanted = [n for n in meant if n in names and n not in there and _needed(names[n], sheet)]
        free = [
            place
            for place, title in enumerate(titles)
            if title and contents[place] is content and place not in taken and place not in found
        ]
        if wanted and free:
            certain = Certainty.LIKELY if len(free) == 1 else Certainty.UNSURE
            found |= dict.fromkeys(free, (wanted[0], certain))
    return found


def _needed(column: Column, sheet: Sheet) -> bool:
    return column.required or (sheet is TABLE and column.name in ("resident", "last_name"))


def missing_of(sheet: Sheet, there: set[str]) -> tuple[str, ...]:
    missing = tuple(c.title for c in sheet.columns if c.required and c.name not in there)
    if sheet is TABLE and not there & {"resident", "last_name"}:
        missing += ("Code résident",)
    return missing


def _supposed_header(grid: Grid) -> Header:
    """Suppose the first row that has about as many texts as the widest has cells."""
    rows = grid.rows[:40]
    texts = [len({cell for cell in row if isinstance(cell, str) and cell.strip()}) for row in rows]
    widest = max(texts, default=0)
    last = next((index for index, count in enumerate(texts) if count and count >= 0.8 * widest), 0)
    return Header(last=last, columns={}, titles={}, twice=(), seen=())


def _title(grid: Grid, row: int, place: int) -> str:
    cells = grid.rows[row]
    cell = cells[place] if place < len(cells) else ""
    return single_spaced(cell) if isinstance(cell, str) else ""


def _examples(values: Sequence[object]) -> tuple[str, ...]:
    texts = (single_spaced(seen(value)) for value in values if value not in (None, ""))
    return tuple(list(dict.fromkeys(text for text in texts if text))[:_EXAMPLES])
