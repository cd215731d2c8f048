"""Killed at any instant, again and again: nothing reaches a family twice, nothing is lost, one doubt a kill.

The short form of ``benchmarks/bench_kills.py``: a real Postfix, real mailboxes, ``SIGKILL``.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import killing, mailrig
from tests.support.killing import Killer
from tests.support.mailrig import MailRig

pytestmark = pytest.mark.slow
RESIDENTS, ENTRIES, SEED = 40, 13, 20261031


def test_kill_9_at_random_instants_sends_nothing_twice_and_loses_nothing(tmp_path: Path) -> None:
    mailrig.installed()
    with MailRig(killing.mailboxes(RESIDENTS)) as rig:
        killer = Killer(
            rig, killing.make_home(tmp_path / "frozen", RESIDENTS, rig), seed=SEED, entries=ENTRIES
        )
        killer.month(tmp_path / "home")
    figures = killer.figures
    assert figures.kills >= 5, "it was hardly ever killed"
    assert (figures.twice, figures.lost, figures.unknown) == ([], [], [])
    assert figures.copies == {1: figures.recipients}
    assert set(figures.doubts) <= {0, 1}
