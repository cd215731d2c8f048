"""Reading the workbook: validated frames against the raw cells, in one interleaved run.

The floor is what calamine itself takes to hand over the same sheets as Python lists. The house target is
≤ 3 × with every check included, uncalculated formulas and formats too. Two workbooks: one sheet of 100,000
invoices of twelve columns, and a month of equal sheets. Memory is the peak of a process that reads once.
Run: ``python benchmarks/bench_reading.py [invoices]``.
"""

from __future__ import annotations

import datetime as dt
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import openpyxl
from python_calamine import CalamineWorkbook

from elite_lib import sources
from tests.support import workbooks

ROUNDS = 3
RESIDENTS = 500
TITLES = (
    *("N° facture", "Type", "Date", "Échéance", "Code résident", "Début période", "Fin période"),
    *("Total HT", "TVA", "Total TTC", "Net à payer", "PDF"),
)


def cpu(work: Callable[[], object]) -> float:
    """CPU seconds of one call in this process."""
    start = time.process_time()
    work()
    return time.process_time() - start


def raw(path: Path) -> list[object]:
    """Hand over every cell of every sheet, and nothing else."""
    book = CalamineWorkbook.from_path(str(path))
    return [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]


def write_invoices(path: Path, count: int) -> Path:
    """Write one long sheet: amounts that differ, months that repeat."""
    book = openpyxl.Workbook(write_only=True)
    codes = [f"R{n:05}" for n in range(RESIDENTS)]
    people = {
        "Résidents": workbooks.table("Résidents", [workbooks.resident(code) for code in codes]),
        "Contacts": workbooks.table("Contacts", [workbooks.contact(code) for code in codes]),
        "Factures": [TITLES, *invoices(count, codes)],
        "Lignes": [["N° facture", "Désignation", "Montant"]],
    }
    for title, rows in people.items():
        tab = book.create_sheet(title)
        for row in rows:
            tab.append(row)
    book.save(path)
    return path


def invoices(count: int, codes: list[str]) -> Iterator[list[object]]:
    chance = random.Random(2026)
    for place in range(count):
        first = dt.date(2020 + place % 60 // 12, place % 12 + 1, 1)
        last, number = first.replace(day=28), f"F{place:06}"
        total = chance.randrange(100_000, 400_000) / 100
        yield [
            *(number, "facture", last, last + dt.timedelta(days=10), codes[place % RESIDENTS], first, last),
            *(total, 0.0, total, total, f"pdf/{number}.pdf"),
        ]


def write_month(path: Path, count: int) -> Path:
    """Write as many residents, contacts, invoices and lines, every contact with an address of its own."""
    codes = {f"R{n:05}": f"F2026-10-{n:05}" for n in range(count)}
    return workbooks.workbook(
        path,
        residents=[workbooks.resident(code) for code in codes],
        contacts=[workbooks.contact(code, **{"E-mail": f"{code.lower()}@example.com"}) for code in codes],
        factures=[workbooks.invoice(number, code) for code, number in codes.items()],
        lignes=[workbooks.line(number, amount=2000.0) for number in codes.values()],
    )


def compare(title: str, path: Path) -> None:
    floors, ours = [], []
    for _round in range(ROUNDS):  # interleaved: the machine is as slow for one as for the other
        floors.append(cpu(lambda: raw(path)))
        ours.append(cpu(lambda: sources.load(path)))
    problems = len(sources.load(path).problems)
    floor, mine = min(floors), min(ours)
    print(f"{title}; CPU s, best of {ROUNDS}, interleaved; {problems} problems")
    print(f"{'raw calamine read':<40}{floor:>8.2f} s{peak('raw', path):>8.0f} MB")
    print(f"{'sources.load, every check included':<40}{mine:>8.2f} s{peak('load', path):>8.0f} MB", end="")
    print(f"{mine / floor:>8.1f} ×")


def peak(which: str, path: Path) -> float:
    """Peak memory, in MB of 10^6 bytes, of a process that reads once."""
    command = [sys.executable, __file__, f"--{which}", str(path)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def read_once(which: str, path: Path) -> None:
    kept = raw(path) if which == "--raw" else sources.load(path)
    # Linux's own mark: ru_maxrss is that of the process that started this one, if it was bigger.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    print(int(status.partition("VmHWM:")[2].split()[0]) * 1024 / 1e6)
    del kept


def main() -> None:
    if len(sys.argv) == 3:
        read_once(sys.argv[1], Path(sys.argv[2]))
        return
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as folder:
        long = write_invoices(Path(folder) / "factures.xlsx", count)
        month = write_month(Path(folder) / "mois.xlsx", count // 10)
        compare(f"{count} invoices of {len(TITLES)} columns", long)
        compare(f"{count // 10} residents, contacts, invoices and lines", month)


if __name__ == "__main__":
    main()
