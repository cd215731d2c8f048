"""What a second process gains for the documents, beside what it gains for a bare loop in the same minute.

    python benchmarks/bench_processes.py

Wall time: on a machine with less than two free cores it says nothing, and the loop tells that it does not.
"""

from __future__ import annotations

import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from multiprocessing import get_context
from pathlib import Path

from bench_documents import HOME, draw_logo, line_of

from elite_lib import documents
from elite_lib.models import PaymentMode

TARGET = 1.8  # two processes against one
ROUNDS = 60
INVOICES = 60  # a tenth of a second for each of two: short enough to find two free cores


def _render_share(home: Path, first: int, count: int) -> float:
    """Render a share of the documents in a process of its own; give its CPU seconds."""
    start = time.process_time()
    for place in range(first, first + count):
        line = line_of(place, PaymentMode.TRANSFER)
        documents.render_invoice(line, establishment=HOME, home=home)
    return time.process_time() - start


def _count_share(_home: Path, _first: int, count: int) -> float:
    """Do nothing but count: what the machine itself gives to a second process."""
    start = time.process_time()
    sum(range(count * 400_000))
    return time.process_time() - start


def bench_processes(home: Path) -> None:
    """Print what a second process gains, its start not counted: it lives as long as the month.

    The rounds are short and many, and the best counts, so that they find a moment with two free cores; the
    floor is a bare loop in the same rounds.
    """
    works = {"invoices": _render_share, "a bare loop": _count_share}
    walls = {(name, workers): float("inf") for name in works for workers in (1, 2)}
    spent = dict(walls)
    with ExitStack() as stack:
        pools = {
            workers: stack.enter_context(ProcessPoolExecutor(workers, mp_context=get_context("spawn")))
            for workers in (1, 2)
        }
        for _ in range(ROUNDS):
            for name, workers in tuple(walls):
                share = INVOICES // workers
                firsts = [share * place for place in range(workers)]
                start = time.perf_counter()
                cpu = sum(pools[workers].map(works[name], [home] * workers, firsts, [share] * workers))
                walls[name, workers] = min(walls[name, workers], time.perf_counter() - start)
                spent[name, workers] = min(spent[name, workers], cpu)
    gain = {name: walls[name, 1] / walls[name, 2] for name in works}
    met = gain["invoices"] >= TARGET
    cost = spent["invoices", 2] / spent["invoices", 1]
    print(f"two processes against one, {INVOICES} invoices: {gain['invoices']:.2f} x, {cost:.2f} x the CPU")
    print(f"a bare loop in the same rounds: {gain['a bare loop']:.2f} x")
    print(f"target {TARGET:g} x: {'met' if met else 'MISSED (are two cores free?)'}\n")


def main() -> None:
    """Measure in a folder with a logo."""
    with tempfile.TemporaryDirectory() as folder:
        draw_logo(Path(folder) / HOME.logo)
        bench_processes(Path(folder))


if __name__ == "__main__":
    main()
