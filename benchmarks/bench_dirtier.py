"""Read thousands of dirtied workbooks: every problem named, no wrong value accepted, no traceback.

Run: ``python benchmarks/bench_dirtier.py [files] [first seed]``. Exits with 1 on any complaint, and names
the seed, which makes the same file again.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path

from elite_lib.demo import build
from elite_lib.demo.dirtying import Dirtied, Dirtier, complaints

RESIDENTS = 8
SHOWN = 20


def judged(dirtier: Dirtier, dirtied: Dirtied) -> list[str]:
    """Read one file; an exception is a complaint too."""
    try:
        return complaints(dirtier, dirtied)
    except Exception:
        return [traceback.format_exc(limit=-3)]


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 3000
    first = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    traps: Counter[str] = Counter()
    wrong = cells = 0
    start = time.process_time()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        book, _facts = build(folder / "classeur.xlsx", residents=RESIDENTS, months=("2026-10",))
        dirtier = Dirtier(book, folder)
        cells = sum(len(rows) * len(rows[0]) for rows in book.values() if rows)
        for seed in range(first, first + count):
            place = folder / "dirtied"
            shutil.rmtree(place, ignore_errors=True)
            place.mkdir()
            dirtied = dirtier.dirtied(place, seed)
            traps.update(one.trap for one in dirtied.dirt)
            found = judged(dirtier, dirtied)
            wrong += bool(found)
            if found and wrong <= SHOWN:
                print(f"seed {seed}: {[one.trap for one in dirtied.dirt]}", *found[:5], sep="\n    ")
    for trap, times in sorted(traps.items()):
        print(f"{trap:<50}{times:>7}")
    spent = time.process_time() - start
    kinds = f"{sum(traps.values())} traps of {len(traps)} kinds"
    print(f"{count} files of {cells} cells, {kinds}: {wrong} files wrong")
    print(f"{1000 * spent / count:.0f} ms of CPU a file, writing, reading and comparing")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
