"""Measure how exactly a paced run keeps its time: the engine on the real clock against ``pacing.forecast``.

A home of ``--messages`` invoices sends them over SMTP to a server process on 127.0.0.1, with the journal's
two durable entries for each. Theoretical time: the forecast of the pace, in which a message takes no time
at all. Target: within 1 % with the pace that a home has when nothing is set (2 s, and 10 s every 10).

Run: python benchmarks/bench_pace.py [--messages 60] [--between 2] [--every 10] [--pause 10]
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # for the tests' homes and server

TARGET = 0.01


def serve(pipe: Connection) -> None:
    """Accept everything until something arrives or the pipe is closed."""
    from tests.support.smtp_server import SmtpServer  # noqa: PLC0415 (each process reads this file again)

    with SmtpServer() as server:
        pipe.send(server.port)
        pipe.poll(None)
        pipe.recv()
        server.stop()
        pipe.send(len(server.stored))


def main() -> int:
    from elite_lib import batch as batches  # noqa: PLC0415
    from elite_lib import pacing  # noqa: PLC0415
    from elite_lib.models import EntryKind  # noqa: PLC0415
    from tests.support import offices  # noqa: PLC0415

    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--messages", type=int, default=60)
    parser.add_argument("--between", type=float, default=2.0)
    parser.add_argument("--every", type=int, default=10)
    parser.add_argument("--pause", type=float, default=10.0)
    chosen = parser.parse_args()
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.Process(target=serve, args=(theirs,), daemon=True)
    server.start()
    pace = {"between": chosen.between, "every": chosen.every, "pause": chosen.pause}
    account: dict[str, object] = {"sender": "compta@tilleuls.example", "host": "127.0.0.1"}
    account |= {"port": ours.recv(), "security": "plain"}
    settings = {"mail": account, "pace": pace, "canary": {"messages": 0}}
    with (
        tempfile.TemporaryDirectory() as folder,
        offices.open_office(
            offices.make_home(Path(folder) / "home", chosen.messages, settings=settings)
        ) as office,
    ):
        batch = batches.prepare(office, offices.OCTOBER).batch
        now = batches.SystemClock().now()
        theory = (pacing.forecast(chosen.messages, now, [], office.settings.pace) - now).total_seconds()
        began, used = time.monotonic(), time.process_time()
        ended = batches.send(office, batch.id)
        took, used = time.monotonic() - began, time.process_time() - used
        times = [e.at for e in office.journal.entries(kinds=[EntryKind.ATTEMPTING]) if e.at]
    ours.send("done")
    assert (ended.sent, ended.stopped, ours.recv()) == (chosen.messages, None, chosen.messages)
    between = (times[-1] - times[0]).total_seconds()
    print(f"{chosen.messages} messages, {chosen.between:g} s and {chosen.pause:g} s every {chosen.every}")
    print(f"theoretical time            {theory:9.3f} s")
    print(f"first to last message       {between:9.3f} s  {between / theory:.4f}")
    print(f"the whole run               {took:9.3f} s  {took / theory:.4f}")
    print(f"CPU of the run              {used:9.3f} s")
    met = abs(took / theory - 1) <= TARGET
    print("target met" if met else "TARGET MISSED")
    return not met


if __name__ == "__main__":
    sys.exit(main())
