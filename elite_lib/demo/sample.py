"""Write the small sample that is committed: ``python -m elite_lib.demo.sample [FOLDER]``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from elite_lib.demo.facts import DemoFacts
from elite_lib.demo.generator import WORKBOOK, build
from elite_lib.demo.workbook import save_csvs, save_workbook

FOLDER = Path("data/samples")
RESIDENTS = 8
MONTHS = ("2026-10",)


def write(folder: Path) -> DemoFacts:
    """Write ``classeur.xlsx`` and the same tables as ``csv/``.

    Raises:
        StorageError: they cannot be written.
    """
    book, facts = build(folder / WORKBOOK, residents=RESIDENTS, months=MONTHS)
    save_csvs(book, folder / "csv")
    save_workbook(book, facts.workbook)
    return facts


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the sample into the folder named, ``data/samples`` when none is."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    write(Path(given[0]) if given else FOLDER)
    return 0


if __name__ == "__main__":
    sys.exit(main())
