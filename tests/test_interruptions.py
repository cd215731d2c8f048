"""The machine fails under a run: a full disk, a closed terminal, a computer put to sleep and woken later.

Real SMTP servers and real processes; nothing is stored twice, nothing is lost, and what is not known is
in doubt.
"""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import threading
from collections import Counter
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import pairwise
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from elite_lib import batch as batches
from elite_lib import outcomes
from elite_lib.journal import open_journal
from elite_lib.models import Entry, EntryKind, Pace, Status, StopReason
from elite_lib.transports.smtp import SmtpTransport
from tests.support import offices
from tests.support.campaigns import ELITE, campaign, end, parent, until
from tests.support.clocks import ManualClock
from tests.support.disks import on_small_disk
from tests.support.offices import OCTOBER, address
from tests.support.processes import child
from tests.support.smtp_server import Script, Slow, SmtpServer

linux = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="finds processes by /proc")


# -- a full disk ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("when", ["attempting", "verdict"])
def test_a_full_disk_stops_the_run_before_the_next_message(tmp_path: Path, when: str) -> None:
    """The second message's intent cannot be written: no dot. Or its verdict cannot: it is in doubt."""
    script = f"""
        import json
        from collections import Counter
        from elite_lib import batch as batches
        from elite_lib import outcomes
        from tests.support import offices
        from tests.support.smtp_server import SmtpServer

        before = {"verdict" if when == "attempting" else "attempting"!r}  # what is written last
        with SmtpServer() as server:
            mail = {{"sender": "compta@tilleuls.example", "host": "127.0.0.1", "security": "plain"}}
            mail |= {{"port": server.port, "timeout": 5.0}}
            root = offices.make_home(disk / "home", 4, settings={{"mail": mail}})
            with offices.open_office(root) as office:
                batch = batches.prepare(office, offices.OCTOBER).batch
                second = batch.messages[1 if before == "attempting" else 0].key
                def full(entry):
                    if entry.kind == before and entry.message == second:
                        fill()
                ended = batches.send(office, batch.id, on_entry=full)
            server.stop()
        said = [ended.stopped.reason, ended.stopped.error.code, len(server.stored), len(server.unfinished)]
        empty()
        with SmtpServer(port=server.port) as well, offices.open_office(root) as office:
            states = outcomes.fold(office.journal.entries()).values()
            said.append(sorted(state.status for state in states))
            ended = batches.send(office, batch.id)
            states = outcomes.fold(office.journal.entries()).values()
            said.append(sorted(state.status for state in states))
            well.stop()
        received = Counter(a for one in (*server.stored, *well.stored) for a in one.recipients)
        said += [sorted(received.values()), ended.stopped]
        print(json.dumps(said))
    """
    (line,) = on_small_disk(tmp_path / "disk", script, size="8m")
    reason, error, stored, unfinished, after, finally_, received, stopped = json.loads(line)
    assert (reason, stopped) == ("journal", None)
    assert error in ("journal_full", "disk_full")
    if when == "attempting":
        assert (stored, unfinished) == (1, 1)
        assert after in (["accepted"], ["accepted", "uncertain"])  # an intent that was written, and no dot
        assert finally_.count("accepted") == (4 if after == ["accepted"] else 3)
        assert received == [1] * finally_.count("accepted")
    else:
        assert (stored, unfinished) == (2, 0)
        assert after == ["accepted", "uncertain"]
        assert finally_ == ["accepted"] * 3 + ["uncertain"]
        assert received == [1] * 4


# -- a closed terminal ---------------------------------------------------------------------------------

_ON_A_TERMINAL = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""


@pytest.mark.slow
@linux
def test_a_closed_terminal_stops_between_two_messages(tmp_path: Path) -> None:
    with campaign(tmp_path / "home", 8, delay=0.25) as month:
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            [
                *(sys.executable, "-c", _ON_A_TERMINAL),
                *(ELITE, "send", "2026-10", "--yes", "--operator", "Paul", "--home", str(month.root)),
            ],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        month.middle(process)
        os.close(ours)  # the window is closed
        assert process.wait(90) == 130
        (ended,) = month.endings()
        assert ended.data["stopped"] == StopReason.REQUESTED
        with offices.open_office(month.root) as office:
            stops = office.journal.entries(kinds=[EntryKind.STOP])
        assert {stop.operator for stop in stops} == {"Paul"}
        assert month.in_doubt() == []
        assert 0 < month.counts()["accepted"] < 8
        assert sum(month.families().values()) == month.counts()["accepted"]

        returned, _out, err = end(month.start())
        assert returned == 0, err
        assert month.families() == {address(n): 1 for n in range(1, 9)}


@pytest.mark.slow
@linux
def test_a_hangup_is_obeyed_and_ignored_where_it_was_ignored(tmp_path: Path) -> None:
    with campaign(tmp_path / "home", 6, delay=0.25) as month:
        process = month.start()
        month.middle(process)
        os.killpg(process.pid, signal.SIGHUP)
        returned, out, err = end(process)
        assert (returned, json.loads(out)["stopped"]["code"]) == (130, "requested"), err
        assert month.in_doubt() == []

        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does; children inherit it
        try:
            process = month.start()
        finally:
            signal.signal(signal.SIGHUP, signal.SIG_DFL)
        month.middle(process)
        os.killpg(process.pid, signal.SIGHUP)
        returned, out, err = end(process)
        assert (returned, json.loads(out)["stopped"]) == (0, None), err
        assert month.families() == {address(n): 1 for n in range(1, 7)}


# -- sleep and waking ----------------------------------------------------------------------------------

COUNT = 4
CUT_AFTER = 0.6  # seconds without a word, after which the server cuts the connection
PACE = Pace(between=5, every=0, pause=0, per_minute=2)


class Sleeper(ManualClock):
    """A clock whose machine is put to sleep once: it wakes ``hours`` later, or earlier, by its own clock."""

    def __init__(self, place: str, hours: float) -> None:
        super().__init__()
        self.place, self.hours = place, hours
        self.naps = 0

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        self.naps += 1
        if self.place == "waiting" and self.naps == 3:
            self.suspend()

    def seen(self, entry: Entry) -> None:
        second = entry.recipients and entry.recipients[0].address == address(2)
        if second and entry.kind.value == self.place:
            self.suspend()

    def suspend(self) -> None:
        self.place = ""
        os.kill(os.getpid(), signal.SIGSTOP)  # until somebody sends SIGCONT
        self.advance(3600 * self.hours)


@dataclass(frozen=True, kw_only=True)
class Sleep:
    """When the machine is put to sleep, and what the run meets there."""

    place: str
    doubts: int | None  # None: the system decides
    script: Script = field(default_factory=dict)
    timeout: float = 5.0


SLEEPS = [
    Sleep(place="waiting", doubts=0),  # between two messages: the server has cut the idle connection
    Sleep(place="attempting", doubts=1),  # before the dot: it has cut the transaction
    Sleep(place="verdict", doubts=0),
    Sleep(place="answer", doubts=0, script={"stored": [None, Slow(1.0)]}),  # the answer came meanwhile
    # and later than the client would wait
    Sleep(place="answer", doubts=None, script={"stored": [None, Slow(1.0)]}, timeout=0.02),
]


def sleeping_run(pipe: Connection, root: Path, port: int, *, sleep: Sleep, hours: float) -> None:
    """Run the home's batch on the clock of a machine that is put to sleep; tell how it ended."""
    clock = Sleeper(sleep.place, hours)
    with offices.open_office(root) as office:
        (batch,) = office.outbox.batches()
        account = replace(office.account, port=port, timeout=sleep.timeout)
        with open_journal(root / "journal.sqlite", establishment="tilleuls", clock=clock.now) as journal:
            slept: list[float] = []

            def on_entry(entry: Entry) -> None:
                if entry.kind is EntryKind.ATTEMPTING:
                    slept.append(clock.slept)
                clock.seen(entry)

            transport = SmtpTransport(account)
            timed = replace(office, journal=journal)
            ended = offices.run(timed, batch, transport, pace=PACE, clock=clock, on_entry=on_entry)
            pipe.send((ended.stopped.reason.value if ended.stopped else None, slept))


@linux
@pytest.mark.parametrize("hours", [0.0, 3.0, -3.0])
@pytest.mark.parametrize("sleep", SLEEPS, ids=lambda sleep: f"{sleep.place}-{sleep.timeout}")
def test_a_machine_that_sleeps_sends_nothing_twice(tmp_path: Path, sleep: Sleep, hours: float) -> None:
    root = offices.make_home(tmp_path / "home", COUNT)
    with offices.open_office(root) as office:
        batches.prepare(office, OCTOBER)
    with (
        SmtpServer(sleep.script, limit=CUT_AFTER) as server,
        child(partial(sleeping_run, sleep=sleep, hours=hours), root, server.port) as sleeping,
    ):
        pid = sleeping.process.pid
        assert pid is not None
        if sleep.place == "answer":
            until(lambda: len(server.stored) == 2, "the second message is stored")
            os.kill(pid, signal.SIGSTOP)
        until(lambda: _asleep(pid), "the run is suspended")
        until(server.alone, "the server cut the connection")
        os.kill(pid, signal.SIGCONT)
        stopped, slept = sleeping.pipe.recv()
        server.stop()
    received = Counter(one.recipients[0] for one in server.stored)
    with offices.open_office(root) as office:
        entries = office.journal.entries()
        assert batches.survey(office, OCTOBER).slip.balanced
    states = {state.address: state.status for state in outcomes.fold(entries).values()}
    assert stopped is None
    assert set(states) == {address(n) for n in range(1, COUNT + 1)}
    uncertain = [a for a, status in states.items() if status is Status.UNCERTAIN]
    assert set(uncertain) <= {address(2)}
    assert sleep.doubts is None or len(uncertain) == sleep.doubts
    assert all(status in (Status.ACCEPTED, Status.UNCERTAIN) for status in states.values())
    assert set(received.values()) == {1}
    assert {a for a, status in states.items() if status is Status.ACCEPTED} <= set(received)
    _pace_holds(entries, slept, hours)


def _pace_holds(entries: list[Entry], slept: list[float], hours: float) -> None:
    """No window is over its quota: by the clock, or where that was set back by the time that passed."""
    times = [entry.at for entry in entries if entry.kind is EntryKind.ATTEMPTING and entry.at]
    start = times[0]
    seconds = slept if hours < 0 else [(at - start).total_seconds() for at in times]
    assert all(later - earlier >= PACE.between for earlier, later in pairwise(seconds))
    assert all(later - earlier >= 60 for earlier, later in zip(seconds, seconds[2:], strict=False))


def _asleep(pid: int) -> bool:
    status = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    return status.rpartition(")")[2].split()[0] == "T"


@pytest.mark.slow
@linux
def test_a_whole_sending_that_is_suspended_goes_on(tmp_path: Path) -> None:
    with campaign(tmp_path / "home", 8, delay=0.2) as month:
        process = month.start()
        month.middle(process)
        kernel = month.kernel()
        pids = [process.pid, parent(kernel), kernel]
        for _ in range(2):
            for pid in pids:
                os.kill(pid, signal.SIGSTOP)
            until(lambda: all(_asleep(pid) for pid in pids), "all are suspended")
            count = month.received()
            threading.Event().wait(1.5)  # not for something to happen: they sleep so long
            assert month.received() <= count + 1  # what was in flight
            for pid in pids:
                os.kill(pid, signal.SIGCONT)
            month.middle(process)
        returned, out, err = end(process)
        assert (returned, json.loads(out)["stopped"]) == (0, None), err
        assert month.counts() == {"accepted": 8}
        assert month.families() == {address(n): 1 for n in range(1, 9)}
