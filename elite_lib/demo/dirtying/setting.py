"""Set traps in a clean book: which, how many, in which kind of file."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

from elite_lib import sources
from elite_lib.demo.dirtying.cells import CELL_TRAPS, null_trap
from elite_lib.demo.dirtying.drafts import Dirt, Draft, Medium, Spot, copy_of, draft_of
from elite_lib.demo.dirtying.files import FILE_TRAPS, dialect
from elite_lib.demo.dirtying.layout import FATAL_TRAPS, LAYOUT_TRAPS, old_days
from elite_lib.demo.dirtying.sheets import SHEET_TRAPS, automatic_sum
from elite_lib.demo.rows import Book
from elite_lib.models import SHEETS, Tables

_CELL_TRAPS = (*(trap.set for trap in CELL_TRAPS), null_trap)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dirtied:
    """A dirtied file and its oracle."""

    path: Path
    draft: Draft
    dirt: tuple[Dirt, ...]

    @property
    def fatal(self) -> bool:
        """Whether the file cannot be used at all."""
        return any(one.fatal for one in self.dirt)

    @property
    def spots(self) -> dict[Spot, object]:
        """What each touched cell holds when it is read."""
        return {spot: value for one in self.dirt for spot, value in one.spots.items()}


class Dirtier:
    """Dirty one book many times, each time by its own seed."""

    def __init__(self, book: Book, folder: Path) -> None:
        """``folder``: where the clean file is written and read once, to know the truth."""
        self._drafts: dict[Medium, Draft] = {"xlsx": draft_of(book, "xlsx"), "csv": draft_of(book, "csv")}
        self.truth: Tables = sources.load(self._drafts["xlsx"].write(folder))
        self._columns = {
            (sheet.name, column.name): getattr(self.truth, sheet.name)[column.name].tolist()
            for sheet in SHEETS
            for column in sheet.columns
        }

    def value(self, spot: Spot) -> object:
        """Tell what a cell of the clean book holds."""
        return self._columns[spot.sheet, spot.column][spot.row]

    def clean(self, folder: Path, medium: Medium) -> Dirtied:
        """Write the clean book as a file of this kind, without any trap.

        Raises:
            StorageError: it cannot be written.
        """
        draft = copy_of(self._drafts[medium])
        return Dirtied(path=draft.write(folder), draft=draft, dirt=())

    def dirtied(self, folder: Path, seed: int) -> Dirtied:
        """Set up to six traps, and perhaps one of the file, and write it into ``folder``.

        Raises:
            StorageError: it cannot be written.
        """
        chance = random.Random(seed)  # noqa: S311 - the same seed must give the same file
        medium: Medium = "xlsx" if chance.random() < 0.6 else "csv"
        draft = copy_of(self._drafts[medium])
        dirt: list[Dirt | None] = [dialect(draft, chance) if chance.random() < 0.7 else None]
        for _trap in range(chance.randrange(1, 7)):
            traps = _CELL_TRAPS if chance.random() < 0.65 else (*SHEET_TRAPS, *LAYOUT_TRAPS)
            dirt.append(chance.choice(traps)(draft, chance, self.value))
        if chance.random() < 0.15:
            dirt.append(old_days(draft, chance, self.value))
        if chance.random() < 0.15:  # after the others: it holds what they left
            dirt.append(automatic_sum(draft, chance, self.value))
        if chance.random() < 0.06:
            dirt.append(chance.choice(FATAL_TRAPS)(draft, chance, self.value))
        path = draft.write(folder)
        if chance.random() < 0.08:
            dirt.append(chance.choice(FILE_TRAPS)(path, chance))
        return Dirtied(path=path, draft=draft, dirt=tuple(one for one in dirt if one is not None))
