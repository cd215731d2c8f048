"""The expected end of a run, by the run's own mechanism: before it begins, and for whoever follows it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import replace

from elite_lib import outcomes, pacing
from elite_lib.batch.office import Office
from elite_lib.batch.queueing import Queue, Rules, Turn, read_traffic
from elite_lib.models import Batch, BatchMessage, Entry, EntryKind, Status
from elite_lib.pacing import LaneTable, Waiting


class Outlook:
    """The expected end of a run, for whoever follows it in the journal."""

    def __init__(self, office: Office, batch: Batch, run: str, *, now: dt.datetime) -> None:
        self.run = run
        self._lines = {message.line for message in batch.messages}
        self._messages = {message.key: message for message in batch.messages}
        entries = office.journal.entries(lines=self._lines)
        mine = [entry.id for entry in entries if entry.run == run]
        before = [entry for entry in entries if not mine or entry.id < mine[0]]
        self._states = outcomes.fold(before)
        self._queue = Queue(batch, office.journal, rules_of(office), now=now)
        self._seen = 0
        self.absorb(entries[len(before) :], now=now, counted=True)

    def absorb(self, entries: Iterable[Entry], *, now: dt.datetime, counted: bool = False) -> None:
        """Take in entries that came since; ``counted``: the traffic has them already."""
        fresh = [entry for entry in entries if entry.id > self._seen]
        if not fresh:
            return
        self._seen = fresh[-1].id
        if not counted:  # whichever line it is about: its provider's lane slows down
            self._queue.returned((entry for entry in fresh if entry.kind is EntryKind.RETURNED), now)
        fresh = [entry for entry in fresh if entry.line in self._lines]
        self._states = outcomes.fold(fresh, onto=self._states)
        for entry in fresh:
            message = self._messages.get(entry.message)
            if entry.run == self.run and message is not None and not entry.follows:
                self._ours(entry, message, at=min(entry.at or now, now), counted=counted)

    def _ours(self, entry: Entry, message: BatchMessage, *, at: dt.datetime, counted: bool) -> None:
        """Count an attempt once: at ATTEMPTING, at VERDICT if the server refused before the dot."""
        queue, verdict = self._queue, entry.kind is EntryKind.VERDICT
        if entry.kind is EntryKind.ATTEMPTING or (verdict and entry.attempt is None):
            if counted:
                queue.traffic.in_run += 1
            else:
                queue.left(self._turn(entry, message, at), at)
        if verdict and not counted:
            queue.heard(entry.recipients, at)
        if verdict and any(outcome.status is Status.DEFERRED for outcome in entry.recipients):
            queue.defer(message, self._states, at)

    def _turn(self, entry: Entry, message: BatchMessage, at: dt.datetime) -> Turn:
        lanes = self._queue.table.lanes(outcome.address for outcome in entry.recipients)
        canary = message.key in self._queue.canaries and message.key not in self._queue.flown
        waiting = Waiting(key=message.key, lanes=lanes, canary=canary)
        departure = pacing.Departure(waiting=waiting, at=at, lane=lanes[0] if lanes else "")
        return Turn(message=message, departure=departure)

    @property
    def held_until(self) -> dt.datetime | None:
        """Say until when the others wait for what the canaries meet; None when they do not."""
        queue = self._queue
        waiting = queue.watching and queue.flown and queue.canaries.issubset(queue.flown)
        return queue.traffic.hold if waiting else None

    def end(self, now: dt.datetime) -> dt.datetime:
        """Give the instant at which the last message is expected to leave."""
        return pacing.expected_end(self._queue.waiting(self._states)[1], now, self._queue.traffic)


def rules_of(office: Office) -> Rules:
    """Take what the settings say of speed."""
    settings = office.settings
    return Rules(pace=settings.pace, lanes=settings.lanes, canary=settings.canary)


def expected_end(
    office: Office, messages: Iterable[tuple[str, Sequence[str]]], *, now: dt.datetime
) -> dt.datetime:
    """Give the expected end of a run over messages that are not frozen yet: key and addresses of each."""
    rules, account = rules_of(office), office.account
    table = LaneTable(rules.lanes, host=account.host)
    waiting = [Waiting(key=key, lanes=table.lanes(addresses)) for key, addresses in messages]
    if rules.canary.messages and len(waiting) >= max(rules.canary.least, rules.canary.messages + 1):
        picked = pacing.pick_canaries(waiting, rules.canary.messages)
        waiting = [replace(one, canary=one.key in picked) for one in waiting]
    traffic = read_traffic(office.journal, account.key, rules, table=table, now=now)
    return pacing.expected_end(waiting, now, traffic)
