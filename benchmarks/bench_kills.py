"""Months sent through a real Postfix by processes killed at random instants, until each month is done.

Target: no message twice in a mailbox, none lost, at most one in doubt after a kill. The same seed draws the
same instants; where in a message they fall is the machine's affair. The short form is tests/test_kills.py.
Run: python benchmarks/bench_kills.py [--months 32] [--residents 100] [--entries 34] [--seed 7]
Needs root and the packages of tests/support/mailrig.py. A kill costs about half a second on an idle machine.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # for the tests' rig


def main() -> int:
    from tests.support import killing  # noqa: PLC0415 (each killed process reads this file again)
    from tests.support.mailrig import MailRig  # noqa: PLC0415

    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--months", type=int, default=32)
    parser.add_argument("--residents", type=int, default=100)
    parser.add_argument("--entries", type=int, default=34, help="journal entries before a kill, at most")
    parser.add_argument("--seed", type=int, default=7)
    chosen = parser.parse_args()
    mailboxes = killing.mailboxes(chosen.residents)
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, MailRig(mailboxes) as rig:
        frozen = killing.make_home(Path(folder) / "frozen", chosen.residents, rig)
        killer = killing.Killer(rig, frozen, seed=chosen.seed, entries=chosen.entries)
        for month in range(1, chosen.months + 1):
            killer.month(Path(folder) / f"home{month}")
            print(f"month {month}: {killer.figures.kills} kills", flush=True)
    figures = killer.figures
    print(f"python benchmarks/bench_kills.py {' '.join(sys.argv[1:])}; {os.cpu_count()} cores")
    print("\n".join(figures.lines()))
    print(f"seconds                       {time.monotonic() - began:.0f}")
    met = not (figures.twice or figures.lost or figures.unknown) and set(figures.doubts) <= {0, 1}
    print("target met" if met else "TARGET MISSED")
    return not met


if __name__ == "__main__":
    sys.exit(main())
