"""A month in a journal of many years and homes beside the same month in a journal that holds only it.

Target: what `elite status` reads, the entries of a month, and what a run reads before it begins cost
at most twice as much in the large journal. Whole size: 10 years x 400 homes x 100 invoices, 4.8 million
invoices, 9.7 million entries; a 20th of the homes by default.
Run: python benchmarks/bench_scale.py [--years 10] [--homes 20] [--invoices 100]
     [--database sqlite|postgresql] [--folder .] [--repeats 15]
PostgreSQL: a server of its own is started from Debian's package, as for the tests.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine

from elite_lib import outcomes
from elite_lib.journal import Journal, open_journal, schema
from elite_lib.models import EntryKind, Period

sys.path.insert(0, str(Path(__file__).parents[1]))  # for the tests' server

TARGET = 2.0
AT_ONCE = 8  # homes that send side by side: their entries alternate
LAST = 2026 * 12 + 9  # 2026-10
NUMBERS = {name: [column.name for column in schema.metadata.tables[name].c] for name in
           ("entry", "entry_recipient", "entry_document")}  # fmt: skip
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    months: int
    homes: int
    invoices: int

    @property
    def entries(self) -> int:
        return self.months * self.homes * (2 * self.invoices + 3)


def month(number: int) -> str:
    return f"{number // 12:04}-{number % 12 + 1:02}"


def key(home: int) -> str:
    return f"maison-{home:03}"


def account(home: int) -> str:
    return f"compta@{key(home)}.example@smtp.example.com:587"


def invoice(number: int, home: int, n: int) -> str:
    return f"F{month(number)}-{home:03}-{n:05}"


def rows(size: Size) -> Iterator[tuple[str, Row]]:
    """Give every row of every table, month after month, in the order in which runs would write them."""
    entry = 0
    for number in range(LAST - size.months + 1, LAST + 1):
        start = dt.datetime(number // 12, number % 12 + 1, 5, 9, tzinfo=dt.UTC)
        for first in range(0, size.homes, AT_ONCE):
            homes = range(first, min(first + AT_ONCE, size.homes))
            steps = [_run(number, home, size.invoices) for home in homes]
            seconds = 0
            for together in zip(*steps, strict=True):
                for values in together:
                    entry += 1
                    at = (start + dt.timedelta(seconds=seconds)).isoformat(timespec="microseconds")
                    yield from _rows(entry, at, values)
                seconds += 2


def _run(number: int, home: int, invoices: int) -> Iterator[dict[str, Any]]:
    about = {"home": home, "month": month(number), "batch": f"{month(number)}-{home:012x}"}
    run = f"{month(number)}-{home}"
    yield {**about, "kind": "batch_prepared", "run": "", "data": {"messages": invoices}}
    yield {**about, "kind": "run_started", "run": run, "data": {"planned": invoices}}
    for n in range(invoices):
        line = invoice(number, home, n)
        documents = [line, f"D{line}"] if n % 5 == 0 else [line]
        data = {"documents": "\n".join(documents), "fingerprint": f"{n:016}:{n:016}:{n:016}",
                "message_id": f"<{n:024x}@{key(home)}.example>"}  # fmt: skip
        told = {**about, "run": run, "line": line, "data": data}
        yield {**told, "kind": "attempting", "status": "uncertain", "documents": documents[1:]}
        yield {**told, "kind": "verdict", "status": "accepted"}
    yield {**about, "kind": "run_ended", "run": run, "data": {"sent": invoices, "attempted": invoices}}


def _rows(entry: int, at: str, values: dict[str, Any]) -> Iterator[tuple[str, Row]]:
    home, line = values["home"], values.get("line", "")
    verdict = values["kind"] == "verdict"
    yield "entry", (
        entry, at, values["kind"], key(home), "Claire Martin", account(home), values["month"], None, None,
        values["batch"], values["run"], line, f"{line}~1" if line else "",
        None, json.dumps(values["data"], sort_keys=True),
    )  # fmt: skip
    if line:
        yield "entry_recipient", (
            entry, 0, f"R{line}/1", f"famille-{line.lower()}@example.com", values["status"], 250,
            "2.0.0 Ok: queued" if verdict else "2.1.5 Ok",
        )  # fmt: skip
        for document in values.get("documents", ()):
            yield "entry_document", (entry, document, key(home))


def load(place: str, size: Size) -> float:
    """Make a journal and fill it past its ``append``: durable one by one would take hours."""
    started = time.perf_counter()
    open_journal(place, establishment=key(0), create=True).close()
    fill = _fill_postgresql if "://" in place else _fill_sqlite
    fill(place, size)
    return time.perf_counter() - started


def _blocks(size: Size) -> Iterator[dict[str, list[Row]]]:
    """Parcel the rows out; an entry's own come right after it, so that no block knows too little."""
    source = rows(size)
    while block := list(islice(source, 200_000)):
        tables: dict[str, list[Row]] = {name: [] for name in NUMBERS}
        for name, row in block:
            tables[name].append(row)
        yield tables


def _fill_sqlite(place: str, size: Size) -> None:
    connection = sqlite3.connect(place, isolation_level=None)
    connection.execute("PRAGMA journal_mode=DELETE")
    connection.execute("PRAGMA journal_mode=OFF")  # nothing to go back to: the file is thrown away
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("PRAGMA cache_size=-1000000")
    connection.execute("BEGIN")
    for tables in _blocks(size):
        for name, found in tables.items():
            marks = ", ".join("?" * len(NUMBERS[name]))
            connection.executemany(f"INSERT INTO {name} VALUES ({marks})", found)
    connection.execute("COMMIT")
    connection.close()


def _fill_postgresql(place: str, size: Size) -> None:
    engine = create_engine(place)
    with engine.begin() as connection:
        raw: Any = connection.connection.driver_connection
        raw.execute("SET session_replication_role = replica")  # foreign keys row by row: half an hour
        for tables in _blocks(size):
            for name, found in tables.items():
                with raw.cursor().copy(f"COPY {name} FROM STDIN") as copy:
                    for row in found:
                        copy.write_row(row)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE")  # as autovacuum does within minutes
    engine.dispose()


def questions(journal: Journal, home: int, number: int, invoices: int) -> dict[str, Callable[[], int]]:
    period = Period.parse(month(number))
    lines = {invoice(number, home, n) for n in range(invoices)}
    statements = {f"D{line}" for line in lines}
    kinds = [EntryKind.ATTEMPTING, EntryKind.VERDICT]
    batch = f"{month(number)}-{home:012x}"
    since = dt.datetime(number // 12, number % 12 + 1, 5, tzinfo=dt.UTC)

    def status() -> int:
        numbers = lines | statements | journal.carriers(statements)
        found = journal.entries(period=period) + journal.entries(lines=numbers)
        prepared = journal.entries(kinds=[EntryKind.BATCH_PREPARED], period=period)
        entries = sorted({entry.id: entry for entry in found}.values(), key=lambda entry: entry.id)
        return len(outcomes.fold(entries)) + len(prepared)

    def entries_of_month() -> int:
        return len(journal.entries(period=period))

    def pending() -> int:
        states = outcomes.fold(journal.entries(lines=lines))
        journal.entries(kinds=[EntryKind.STOP], run="none")
        journal.entries(batch=batch, kinds=kinds)
        journal.entries(kinds=kinds, account=account(home), since=since)
        return len(states) + len(journal.attempt_times(account(home), since=since))

    return {"status": status, "entries of the month": entries_of_month, "pending": pending}


def compare(large: str, small: str, size: Size, *, repeats: int) -> bool:
    """Ask both in turn; the best of each, so that both meet the same machine."""
    home, reached = size.homes // 2, True
    with (
        open_journal(large, establishment=key(home)) as many,
        open_journal(small, establishment=key(home)) as one,
    ):
        pairs = zip(
            questions(many, home, LAST, size.invoices).items(),
            questions(one, home, LAST, size.invoices).values(),
            strict=True,
        )
        for (name, ask_many), ask_one in pairs:
            assert ask_many() == ask_one() > 0
            best = [float("inf"), float("inf")]
            for _ in range(repeats):
                for which, ask in enumerate((ask_many, ask_one)):
                    started = time.perf_counter()
                    ask()
                    best[which] = min(best[which], time.perf_counter() - started)
            ratio = best[0] / best[1]
            reached = reached and ratio <= TARGET
            print(f"  {name:22} {best[0] * 1e3:8.1f} ms {best[1] * 1e3:8.1f} ms {ratio:6.2f}")
    return reached


def places(database: str, folder: Path) -> tuple[str, str]:
    if database == "sqlite":
        return str(folder / "large.sqlite"), str(folder / "month.sqlite")
    from tests.support import databases  # noqa: PLC0415

    return databases.new_database(), databases.new_database()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--years", type=int, default=10)
    parser.add_argument("--homes", type=int, default=20)
    parser.add_argument("--invoices", type=int, default=100, help="of a home in a month")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), action="append")
    parser.add_argument("--folder", type=Path, default=Path.cwd(), help="on the disk to be measured")
    parser.add_argument("--repeats", type=int, default=15)
    options = parser.parse_args()
    size = Size(months=12 * options.years, homes=options.homes, invoices=options.invoices)
    alone = Size(months=1, homes=options.homes, invoices=options.invoices)
    print(f"{size.months} months x {size.homes} homes x {size.invoices} invoices: {size.entries} entries")
    reached = True
    for database in options.database or ("sqlite", "postgresql"):
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            large, small = places(database, Path(folder))
            print(f"{database}: loaded in {load(large, size) + load(small, alone):.0f} s")
            print(f"  {'':22} {'large':>11} {'month':>11} {'ratio':>6}")
            reached &= compare(large, small, size, repeats=options.repeats)
    print(f"target: at most {TARGET:.0f} times a month by itself; {'reached' if reached else 'MISSED'}")
    return 0 if reached else 1


if __name__ == "__main__":
    raise SystemExit(main())
