"""The run as the journal tells it: what a page shows while it goes, whoever started it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from elite_lib import pacing
from elite_lib.batch import Office, Outlook, testing
from elite_lib.exceptions import OutboxError
from elite_lib.models import Entry, EntryKind, Status

_FAILED = frozenset({Status.REFUSED, Status.UNCERTAIN})
_ORDERS = (EntryKind.STOP, EntryKind.PAUSE, EntryKind.RESUME)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunView:
    """One run at one instant. Counts are messages; ``sent`` were accepted for somebody."""

    run: str
    batch: str
    month: str
    operator: str
    started: dt.datetime
    planned: int
    done: int  # with a definite answer, good or bad
    sent: int
    failed: int = 0  # refused or in doubt for somebody
    expected_end: dt.datetime | None = None
    held_until: dt.datetime | None = None  # the first messages left alone; the others wait
    paused: bool = False
    stopping: bool = False
    ended: Entry | None = None
    vanished: bool = False  # neither at work nor ended: its process was killed
    last: tuple[Entry, ...] = ()  # newest verdicts, newest first

    @property
    def remaining(self) -> int:
        return max(0, self.planned - self.done)

    @property
    def active(self) -> bool:
        return self.ended is None and not self.vanished


class Follower:
    """Read the journal on from where it was read last."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.after = office.journal.mark().entry
        self._entries: list[Entry] = []  # of the run that is followed
        self._orders: list[Entry] = []
        self._outlook: Outlook | None = None
        self.attach(_newest_run(office))

    def attach(self, run: str) -> None:
        """Follow this run; an empty id follows none until one starts."""
        self.run, self._outlook = run, None
        self._entries = self.office.journal.entries(run=run) if run else []
        since = self._entries[0].id if self._entries else self.after
        self._orders = self.office.journal.entries(kinds=_ORDERS, after=since)

    def fresh(self) -> list[Entry]:
        """Give the entries that came since the last look; a run that starts is followed from then on."""
        found = self.office.journal.entries(after=self.after)
        for entry in found:
            self.after = entry.id
            if testing.is_test(entry):  # told by the panel that asked for it
                continue
            if entry.kind is EntryKind.RUN_STARTED and entry.account == self.office.account.key:
                self.run, self._entries, self._orders, self._outlook = entry.run, [], [], None
            if entry.kind in _ORDERS:
                self._orders.append(entry)
            elif self.run and entry.run == self.run:
                self._entries.append(entry)
        return found

    def view(self, *, last: int = 6) -> RunView | None:
        """Say how the followed run stands, or None when there is none."""
        # what kept a run from starting (another one, a wrong journal) is its only entry
        framing = (EntryKind.RUN_STARTED, EntryKind.RUN_ENDED)
        started = next((e for e in self._entries if e.kind in framing), None)
        if started is None or started.at is None:
            return None
        verdicts = [e for e in self._entries if e.kind is EntryKind.VERDICT and not e.follows]
        ended = next((e for e in reversed(self._entries) if e.kind is EntryKind.RUN_ENDED), None)
        statuses = {e.message: {o.status for o in e.recipients} for e in verdicts}  # the newest of each
        done = sum(Status.DEFERRED not in found for found in statuses.values())
        planned = int(started.data.get("planned") or 0)
        paused, stopping = _obeying(self._orders, self.run)
        if ended is None and not self._is_at_work():
            # it may have ended since the last look: its lock is freed after its last entry
            ended = next(iter(self.office.journal.entries(run=self.run, kinds=[EntryKind.RUN_ENDED])), None)
        vanished = ended is None and not self._is_at_work()
        going = ended is None and not vanished
        end = self._forecast(started, planned - done, len(verdicts)) if going else None
        return RunView(
            run=started.run,
            batch=started.batch,
            month=started.month,
            operator=started.operator,
            started=started.at,
            planned=planned,
            done=done,
            sent=sum(Status.ACCEPTED in found for found in statuses.values()),
            failed=sum(bool(found & _FAILED) for found in statuses.values()),
            expected_end=end,
            held_until=self._outlook.held_until if going and self._outlook else None,
            paused=paused,
            stopping=stopping,
            ended=ended,
            vanished=vanished,
            last=tuple(reversed(verdicts[-last:])),
        )

    def _is_at_work(self) -> bool:
        """Ask the lock: it is freed when its holder dies, whatever the journal says."""
        return self.office.journal.account_holder(self.office.account.key) is not None

    def _forecast(self, started: Entry, count: int, attempted: int) -> dt.datetime:
        """Ask the run's own mechanism; of a batch that cannot be read, know how many remain only."""
        now = dt.datetime.now(dt.UTC)
        if self._outlook is None:
            try:
                batch = self.office.outbox.read(started.batch)
            except OutboxError:
                account, pace = self.office.account, self.office.settings.pace
                times = self.office.journal.attempt_times(account.key, since=now - dt.timedelta(days=1))
                return pacing.forecast(max(0, count), now, times, pace, in_run=attempted)
            self._outlook = Outlook(self.office, batch, self.run, now=now)
        self._outlook.absorb(self._entries, now=now)
        return self._outlook.end(now)


def _newest_run(office: Office) -> str:
    """Find the account's newest run of this home; empty when it has ended."""
    if office.settings.mail is None:
        return ""
    started = office.journal.latest(EntryKind.RUN_STARTED, office.account.key)
    if started is None or testing.is_test(started):
        return ""
    if started.establishment != office.settings.establishment.key:
        return ""
    return "" if office.journal.entries(run=started.run, kinds=[EntryKind.RUN_ENDED]) else started.run


def _obeying(orders: Iterable[Entry], run: str) -> tuple[bool, bool]:
    paused = stopping = False
    for entry in orders:
        if entry.run in ("", run):
            stopping = stopping or entry.kind is EntryKind.STOP
            if entry.kind is not EntryKind.STOP:
                paused = entry.kind is EntryKind.PAUSE
    return paused, stopping
