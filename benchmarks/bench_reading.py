"""Reading the workbook: validated frames against the raw cells, in one interleaved run.

The floor is what calamine itself takes to hand over the same sheets as Python lists. The house
target is ≤ 3 × with every check included. Run: ``python benchmarks/bench_reading.py [invoices]``.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from python_calamine import CalamineWorkbook

from elite_lib import sources
from tests.support import offices

ROUNDS = 3


def cpu(work: Callable[[], object]) -> float:
    """CPU seconds of one call in this process."""
    start = time.process_time()
    work()
    return time.process_time() - start


def raw(path: Path) -> list[object]:
    """Hand over every cell of every sheet, and nothing else."""
    book = CalamineWorkbook.from_path(str(path))
    return [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory() as folder:
        path = offices.write_workbook(Path(folder) / "classeur.xlsx", count)
        floors, ours = [], []
        for _round in range(ROUNDS):  # interleaved: the machine is as slow for one as for the other
            floors.append(cpu(lambda: raw(path)))
            ours.append(cpu(lambda: sources.load(path)))
    floor, mine = min(floors), min(ours)
    print(f"{count} residents, contacts, invoices and lines; CPU s, best of {ROUNDS}, interleaved")
    print(f"{'raw calamine read':<40}{floor:>8.2f}{1:>8.1f} ×")
    print(f"{'sources.load, every check included':<40}{mine:>8.2f}{mine / floor:>8.1f} ×")


if __name__ == "__main__":
    main()
