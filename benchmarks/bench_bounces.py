"""Measure `bounces.classify` against its floor: the bare parse of the same messages, in the same run.

Run: ``python benchmarks/bench_bounces.py [FOLDER]`` (default: the project's own corpus). CPU time of one
core. Targets: ≥ 1,000 messages a second, 10 MB in less than a second.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from email import message_from_bytes
from pathlib import Path

from elite_lib import bounces

OWN = Path(__file__).resolve().parents[1] / "tests" / "data" / "bounces"
ROUNDS = 7
TARGET = 1_000
LARGE = 10_000_000


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else OWN
    contents = [file.read_bytes() for file in sorted(folder.glob("*.eml"))]
    measure(bounces.classify, contents[:20])  # expressions are compiled at first use
    floor = min(measure(message_from_bytes, contents) for _ in range(ROUNDS))
    ours = min(measure(bounces.classify, contents) for _ in range(ROUNDS))
    rate = len(contents) / ours
    print(
        f"{len(contents)} messages of {folder.name}/, {sum(map(len, contents)) // len(contents):,} bytes each"
    )
    print(f"bare parse  {len(contents) / floor:8,.0f} messages/s")
    print(f"classify    {rate:8,.0f} messages/s   {ours / floor:.1f} x the bare parse")
    large = contents[0] + b"x" * 70 + b"\n" + (b"y" * 75 + b"\n") * (LARGE // 76)
    print(f"10 MB       {measure(bounces.classify, [large]):8.3f} s")
    print("target met" if rate >= TARGET else f"below {TARGET:,} messages/s")


def measure(function: Callable[[bytes], object], contents: Sequence[bytes]) -> float:
    start = time.process_time()
    for content in contents:
        function(content)
    return time.process_time() - start


if __name__ == "__main__":
    main()
