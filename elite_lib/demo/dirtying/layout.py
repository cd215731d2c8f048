"""Traps of the layout: titles above, headers of two lines, other columns; and what makes a file unusable."""

from __future__ import annotations

import random
from dataclasses import replace

from elite_lib.demo.dirtying.drafts import Cell, Dirt, Draft, Named, Page, SheetTrap, Spot, Truth
from elite_lib.demo.dirtying.sheets import KEYS
from elite_lib.models import CellType, Column, ProblemCode

_C = ProblemCode


def title_above(draft: Draft, chance: random.Random, _truth: Truth) -> Dirt:
    """Put a title, and perhaps notes, above the header."""
    page = draft.pages[chance.choice(tuple(KEYS))]
    page.above = [["Résidence Les Tilleuls"], [], ["Facturation d'octobre 2026", "", "éditée le 02/11/2026"]]
    page.above = page.above[: chance.randrange(1, 4)]
    return Dirt(trap="title above")


def header_of_two_lines(draft: Draft, _chance: random.Random, _truth: Truth) -> Dirt | None:
    """Part the titles of the totals into two lines."""
    page = draft.pages["invoices"]
    if page.upper or not {"total_before_tax", "total"} <= page.titles.keys():
        return None
    page.titles |= {"total_before_tax": "HT", "total": "TTC"}
    page.upper = {"total_before_tax": "Total", "total": "Total"}
    return Dirt(trap="header of two lines")


def dressed_titles(draft: Draft, chance: random.Random, _truth: Truth) -> Dirt:
    """Write titles as people do: capitals, line breaks, other signs for N°, remarks."""
    page = draft.pages[chance.choice(tuple(KEYS))]
    for name, title in list(page.titles.items()):
        if name not in page.upper:
            page.titles[name] = chance.choice(
                (
                    title.upper(),
                    title.replace(" ", "\n", 1),
                    title.replace("N°", "Numéro"),
                    title.replace("N°", "No"),
                    f"{title} *",
                    f" {title}\u00a0",
                    title.replace("'", "’"),
                    f"{title} (à compléter)",
                )
            )
    return Dirt(trap="titles dressed up")


def other_columns(draft: Draft, chance: random.Random, _truth: Truth) -> Dirt:
    """Shuffle the columns, and add some that are not ours."""
    page = draft.pages[chance.choice(tuple(KEYS))]
    names = list(page.titles)
    chance.shuffle(names)
    page.titles = {name: page.titles[name] for name in names} | {"observations": "Observations internes"}
    for row in page.rows:
        row.cells["observations"] = Cell(value="à rappeler" if chance.random() < 0.3 else None)
    return Dirt(trap="columns in another order")


def old_days(draft: Draft, _chance: random.Random, _truth: Truth) -> Dirt | None:
    """Count the days from 1904, as old Macintosh workbooks do."""
    if draft.medium != "xlsx" or any(_is_serial(draft, spot) for spot in draft.taken):
        return None
    draft.epoch_1904 = True
    return Dirt(trap="days from 1904")


def _is_serial(draft: Draft, spot: Spot) -> bool:
    rows = draft.pages[spot.sheet].rows
    value = next(row for row in rows if row.origin == spot.row).cells[spot.column].value
    kind = _column(draft.pages[spot.sheet], spot.column).type
    return kind is CellType.DATE and isinstance(value, float)


def _column(page: Page, name: str) -> Column:
    return next(column for column in page.sheet.columns if column.name == name)


# --- what makes a file unusable ------------------------------------------------------------------------


def column_missing(draft: Draft, chance: random.Random, _truth: Truth) -> Dirt:
    """Leave out a column that sending needs."""
    page = draft.pages[chance.choice(("residents", "contacts", "invoices", "lines"))]
    name = chance.choice([c.name for c in page.sheet.columns if c.required and c.name in page.titles])
    page.titles = {other: title for other, title in page.titles.items() if other != name}
    return Dirt(trap="column missing", named=(Named(code=_C.COLUMN_MISSING),), fatal=True)


def column_twice(draft: Draft, chance: random.Random, _truth: Truth) -> Dirt | None:
    """Have a column twice: which one counts?"""
    page = draft.pages[chance.choice(tuple(KEYS))]
    if page.upper:
        return None
    page.twice.append(chance.choice([c.name for c in page.sheet.columns if c.name in page.titles]))
    return Dirt(trap="column twice", named=(Named(code=_C.COLUMN_TWICE),), fatal=True)


def sheet_missing(draft: Draft, chance: random.Random, _truth: Truth) -> Dirt:
    """Leave out a sheet that sending needs."""
    del draft.pages[chance.choice(("residents", "contacts", "invoices", "lines"))]
    return Dirt(trap="sheet missing", named=(Named(code=_C.SHEET_MISSING),), fatal=True)


def sheet_twice(draft: Draft, _chance: random.Random, _truth: Truth) -> Dirt | None:
    """Have Contacts beside Famille."""
    if "contacts" not in draft.pages:
        return None
    draft.pages["family"] = replace(draft.pages["contacts"], title="Famille")
    return Dirt(trap="sheet twice", named=(Named(code=_C.SHEET_TWICE),), fatal=True)


LAYOUT_TRAPS: tuple[SheetTrap, ...] = (title_above, header_of_two_lines, dressed_titles, other_columns)
FATAL_TRAPS: tuple[SheetTrap, ...] = (column_missing, column_twice, sheet_missing, sheet_twice)
