"""A whole month: where the time goes from the workbook to the frozen batch, step by step.

    python benchmarks/bench_month.py [residents]

A demo home of 2,000 residents, two months in its workbook; the second is prepared. Each step is done by
itself for the whole month, in CPU seconds; then the whole, as ``elite prepare`` does it, in CPU and in wall
time, the disk's confirmations included. One process.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from elite_lib import batch as batches
from elite_lib import composition, demo, documents, outcomes, selection
from elite_lib.batch import Office
from elite_lib.batch.rendering import document_numbers, render_documents
from elite_lib.models import Attachment, DispatchLine, Disposition, DocumentKind, Period

T = TypeVar("T")
RESIDENTS = 2000
MONTH = Period.parse("2026-10")
_RENDER = {
    DocumentKind.INVOICE: documents.render_invoice,
    DocumentKind.STATEMENT: documents.render_statement,
}


def timed(name: str, work: Callable[[], T], *, count: int = 0) -> T:
    """Do ``work``, print its CPU seconds and, of ``count`` things, milliseconds for one."""
    start = time.process_time()
    done = work()
    spent = time.process_time() - start
    print(f"{name:44} {spent:8.2f}" + (f" {spent / count * 1e3:8.2f}" if count else ""), flush=True)
    return done


def bench(office: Office) -> None:
    """Print the table."""
    settings = office.settings
    print(f"{'step':44} {'CPU s':>8} {'ms each':>8}")
    tables = timed("read and check the workbook", lambda: batches.load_tables(office))
    plan = timed("select: who gets what", lambda: selection.select(tables, MONTH))
    lines = [line for line in plan.lines if line.disposition is Disposition.MAIL]
    papers = [(line, kind, number) for line in lines for kind, number in document_numbers(line)]
    where = {"establishment": settings.establishment, "home": settings.home.root}
    made = timed(
        "render every document",
        lambda: [_RENDER[kind](line, **where) for line, kind, _ in papers],
        count=len(papers),
    )
    timed(
        "prove that each is this resident's",
        lambda: [
            documents.prove(content, number=number, name=line.resident.last_name if line.resident else "")
            for content, (line, _, number) in zip(made, papers, strict=True)
        ],
        count=len(papers),
    )
    written = [(line, render_documents(office, line)[0]) for line in lines]
    timed(
        "write the messages", lambda: [write(office, line, mine) for line, mine in written], count=len(lines)
    )
    start, wall = time.process_time(), time.perf_counter()
    prepared = batches.prepare(office, MONTH, tables=tables)
    spent, wall = time.process_time() - start, time.perf_counter() - wall
    size, count = prepared.batch.size / 1e6, len(prepared.batch.messages)
    print(f"{'all of it after reading: elite prepare':44} {spent:8.2f} {spent / count * 1e3:8.2f}")
    print(f"  wall {wall:.1f} s: {count} messages, {len(papers)} documents, {size:.0f} MB in the outbox")
    timed("prepared again: the same batch", lambda: batches.prepare(office, MONTH, tables=tables))
    timed(
        "the print pile of everything",
        lambda: batches.print_pile(
            office, MONTH, file=settings.home.root / "pile.pdf", everything=True, duplex=True
        ),
    )
    print(f"  {(settings.home.root / 'pile.pdf').stat().st_size / 1e6:.1f} MB")


def write(office: Office, line: DispatchLine, made: dict[DocumentKind, Attachment]) -> None:
    """Write the drafts of a line and what is compared of them."""
    for parcel in line.parcels:
        if all(kind in made for kind in parcel.documents):
            draft = composition.write(
                line,
                parcel,
                [made[kind] for kind in parcel.documents],
                wording=office.settings.wording,
                account=office.account,
                establishment=office.settings.establishment,
            )
            outcomes.changed(composition.fingerprint(draft), parcel, line.key, {})


def main() -> None:
    """Make the home and measure."""
    residents = int(sys.argv[1]) if len(sys.argv) > 1 else RESIDENTS
    with tempfile.TemporaryDirectory() as folder:
        home = demo.make_home(Path(folder) / "home", residents=residents)
        with batches.open_home(home.root, operator="bench") as office:
            bench(office)


if __name__ == "__main__":
    main()
