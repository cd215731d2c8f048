"""Appends per second of the journal beside bare durable sqlite3 commits, interleaved in one run.

Target: an append (an entry with one recipient, indexes, guards) costs at most 3 bare commits.
Run: python benchmarks/bench_journal.py [--appends 300] [--rounds 5] [--folder .]
"""

from __future__ import annotations

import argparse
import sqlite3
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from elite_lib.journal import open_journal
from elite_lib.models import Entry, EntryKind, RecipientOutcome, Reply, Status

TARGET = 3.0

ENTRY = Entry(
    kind=EntryKind.ATTEMPTING,
    operator="Claire Martin",
    account="compta@example.com@smtp.example.com:587",
    month="2026-10",
    batch="2026-10-3f9c0a1b2c4d",
    run="20261031T170000Z-3f9c",
    line="F2026-10-00042",
    message="F2026-10-00042~1",
    recipients=(
        RecipientOutcome(
            contact="R00042/1",
            address="famille@example.com",
            status=Status.UNCERTAIN,
            reply=Reply(code=250, text="2.1.5 Ok"),
        ),
    ),
    data={"message_id": "<3f9c0a1b2c4d3f9c0a1b2c4d@example.com>", "fingerprint": f"{0:016}:{1:016}:{2:016}"},
)


def bare(folder: Path) -> tuple[Callable[[int], None], Callable[[], None]]:
    """One row of the entry's weight, one table, no index: what a durable commit costs by itself."""
    connection = sqlite3.connect(folder / "bare.sqlite", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE entry (id INTEGER PRIMARY KEY, body TEXT NOT NULL)")
    body = repr(ENTRY)[:400]

    def commit(count: int) -> None:
        for _ in range(count):
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT INTO entry (body) VALUES (?)", (body,))
            connection.execute("COMMIT")

    return commit, connection.close


def ours(folder: Path) -> tuple[Callable[[int], None], Callable[[], None]]:
    journal = open_journal(folder / "journal.sqlite", establishment="bench", create=True)

    def append(count: int) -> None:
        for _ in range(count):
            journal.append(ENTRY)

    return append, journal.close


def measure(appends: int, rounds: int, folder: Path) -> dict[str, float]:
    """Return the best seconds per append of each way; rounds take turns, so that both meet the same disk."""
    ways = {"sqlite3, bare commit": bare(folder), "Journal.append": ours(folder)}
    best = dict.fromkeys(ways, float("inf"))
    for act, _ in ways.values():
        act(20)  # warm: compiled statements, first pages of the write-ahead log
    for _ in range(rounds):
        for name, (act, _) in ways.items():
            start = time.perf_counter()
            act(appends)
            best[name] = min(best[name], (time.perf_counter() - start) / appends)
    for _, close in ways.values():
        close()
    return best


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--appends", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", type=Path, default=Path.cwd(), help="on the disk to be measured")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        best = measure(options.appends, options.rounds, Path(folder))
    floor = best["sqlite3, bare commit"]
    print(f"{'way':24} {'µs':>8} {'per s':>8} {'ratio':>6}")
    for name, seconds in best.items():
        print(f"{name:24} {seconds * 1e6:8.0f} {1 / seconds:8.0f} {seconds / floor:6.2f}")
    ratio = best["Journal.append"] / floor
    print(f"target: at most {TARGET:.0f} bare commits; {'reached' if ratio <= TARGET else 'MISSED'}")
    return 0 if ratio <= TARGET else 1


if __name__ == "__main__":
    raise SystemExit(main())
