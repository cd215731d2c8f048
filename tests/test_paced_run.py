"""A run keeps exactly the time that was foreseen, when nothing but the pace takes any.

What the machine adds is measured by ``benchmarks/bench_pace.py``.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from elite_lib import batch as batches
from elite_lib import pacing
from elite_lib.journal import open_journal
from elite_lib.models import EntryKind, Pace
from elite_lib.transports.smtp import SmtpTransport
from tests.support import offices
from tests.support.clocks import START, ManualClock
from tests.support.offices import OCTOBER
from tests.support.smtp_server import SmtpServer


@pytest.mark.parametrize(
    "pace",
    [
        Pace(),
        Pace(between=0.3, every=4, pause=1.1),
        Pace(between=2, every=0, per_minute=7),
        Pace(between=1, every=3, pause=2, per_hour=8),
    ],
    ids=["usual", "quick", "per_minute", "per_hour"],
)
def test_a_paced_run_takes_exactly_its_theoretical_time(tmp_path: Path, pace: Pace) -> None:
    count, clock = 13, ManualClock()
    root = offices.make_home(tmp_path / "home", count)
    with (
        offices.open_office(root) as office,
        open_journal(root / "journal.sqlite", establishment="tilleuls", clock=clock.now) as journal,
        SmtpServer() as server,
    ):
        batch = batches.prepare(office, OCTOBER).batch
        transport = SmtpTransport(replace(office.account, port=server.port))
        timed = replace(office, journal=journal)
        assert offices.run(timed, batch, transport, pace=pace, clock=clock).sent == count
        left = [entry.at for entry in journal.entries(kinds=[EntryKind.ATTEMPTING])]
    expected: list[dt.datetime] = []
    for number in range(count):
        now = expected[-1] if expected else START
        expected.append(pacing.next_slot(now, expected, pace, in_run=number))
    late = [abs((at - slot).total_seconds()) for at, slot in zip(left, expected, strict=True) if at]
    assert max(late) < 0.001  # the clock adds half seconds in floating point
    theory = pacing.forecast(count, START, [], pace) - START
    assert clock.slept == pytest.approx(theory.total_seconds())
