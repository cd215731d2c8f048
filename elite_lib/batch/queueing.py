"""The queue of a run: what waits, lane by lane, and what the journal knows of each lane.

The lanes decide in ``pacing``; here they are told of messages and entries. Whoever follows a run
builds the same queue from the journal, so that the expected end is the run's own mechanism.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from elite_lib import outcomes, pacing
from elite_lib.batch.office import Office
from elite_lib.journal import Journal
from elite_lib.models import (
    Batch,
    BatchMessage,
    Canary,
    Entry,
    EntryKind,
    Lane,
    Pace,
    RecipientOutcome,
    Status,
    StopReason,
)
from elite_lib.outcomes import States
from elite_lib.pacing import Deferral, LaneTable, Traffic, Waiting

DAY = dt.timedelta(days=1)
LONGEST_BACKOFF = dt.timedelta(seconds=pacing.BACKOFF[-1])
NO_CANARY = Canary(messages=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """The message whose turn is next, and when."""

    message: BatchMessage
    departure: pacing.Departure


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What the settings say of a run's speed."""

    pace: Pace
    lanes: Sequence[Lane] = ()
    canary: Canary = NO_CANARY


class Queue:
    """What waits of a batch. Deferrals of earlier runs are tried again as if they were new."""

    def __init__(self, batch: Batch, journal: Journal, rules: Rules, *, now: dt.datetime) -> None:
        self.batch = batch
        self.table = LaneTable(rules.lanes, host=batch.account.rpartition("@")[2].partition(":")[0])
        self.traffic = read_traffic(journal, batch.account, rules, table=self.table, now=now)
        self.due: dict[str, dt.datetime] = {}  # message key -> not before
        self.given_up: set[str] = set()  # deferred too often for this run: a later one takes them
        self.canaries: frozenset[str] = frozenset()
        self.flown: dict[str, dt.datetime] = {}  # canaries that left, and when
        self.watching = False  # until the others leave, what the canaries meet decides
        self._release(rules.canary, journal, now=now)

    def _release(self, canary: Canary, journal: Journal, *, now: dt.datetime) -> None:
        """Choose the canaries, or take over those of a run that was cut short.

        No second time: not when the others had begun to leave, nor when they stopped a run and a
        person started the next.
        """
        if not canary.messages or len(self.batch.messages) < max(canary.least, canary.messages + 1):
            return
        kinds = [EntryKind.ATTEMPTING, EntryKind.VERDICT, EntryKind.RUN_ENDED]
        entries = journal.entries(batch=self.batch.id, kinds=kinds)
        stopped = any(entry.data.get("stopped") == StopReason.CANARY for entry in entries)
        tried = {entry.message: min(entry.at or now, now) for entry in reversed(entries) if entry.message}
        if stopped or len(tried) > canary.messages:
            return
        first = [message for message in self.batch.messages if message.key in tried]
        others = [self._waiting(message) for message in self.batch.messages if message.key not in tried]
        lanes = {lane for message in first for lane in self._waiting(message).lanes}
        self.canaries = pacing.pick_canaries(others, canary.messages - len(first), flown=lanes)
        self.flown, self.watching = tried, True
        if tried:
            self.traffic.hold = max(tried.values()) + self.traffic.patience

    def _waiting(self, message: BatchMessage, states: States | None = None) -> Waiting:
        recipients = message.recipients if states is None else outcomes.remaining(message, states)
        return Waiting(
            key=message.key,
            lanes=self.table.lanes(recipient.address for recipient in recipients),
            due=self.due.get(message.key),
            canary=message.key in self.canaries and message.key not in self.flown,
        )

    def waiting(self, states: States) -> tuple[dict[str, BatchMessage], list[Waiting]]:
        """List what this run may still send, in the order of the batch."""
        messages = {m.key: m for m in outcomes.pending(self.batch, states) if m.key not in self.given_up}
        return messages, [self._waiting(message, states) for message in messages.values()]

    def next(self, states: States, now: dt.datetime) -> Turn | None:
        """Choose the next message and its instant; None when nothing is left for this run."""
        self.traffic.rewind(now)
        latest = now + LONGEST_BACKOFF  # later than that only after the clock was set back
        self.due = {key: min(due, latest) for key, due in self.due.items()}
        messages, waiting = self.waiting(states)
        departure = pacing.choose(waiting, now, self.traffic)
        if departure is None:
            return None
        return Turn(message=messages[departure.waiting.key], departure=departure)

    def left(self, turn: Turn, at: dt.datetime) -> None:
        """Note that a message was attempted."""
        self.traffic.left(turn.departure, at)
        if turn.departure.waiting.canary:
            self.flown[turn.message.key] = at
        else:
            self.watching = False

    def heard(self, verdict: Iterable[RecipientOutcome], at: dt.datetime) -> None:
        """Let the lanes of the recipients slow down or recover."""
        self.traffic.hear(pacing.heard_in_verdict(verdict, at, self.table))

    def reported(self, reports: Iterable[Deferral]) -> None:
        """Let lanes slow down for what came back about messages that our server had taken."""
        self.traffic.hear(pacing.heard_in_reports(reports, self.table))

    def defer(self, message: BatchMessage, states: States, now: dt.datetime) -> None:
        """Put a message off; too many deferrals leave it to a later run."""
        known = [states.get((message.line, r.contact, r.address)) for r in message.recipients]
        deferrals = max((state.deferrals for state in known if state), default=1)
        pause = pacing.backoff(max(0, deferrals - 1))
        if pause is None:
            self.given_up.add(message.key)  # stays deferred: a later run takes it again
        else:
            self.due[message.key] = now + pause

    def refusals(self, states: States) -> list[str]:
        """Quote what says that the others should not leave: refusals of canaries, not of their addresses.

        An address that does not exist (RFC 3463, X.1 and X.2) says nothing of the others, unless no
        canary was taken at all.
        """
        flown = [m for m in self.batch.messages if m.key in self.flown]
        known = [states.get((m.line, r.contact, r.address)) for m in flown for r in m.recipients]
        refused = [state for state in known if state and state.status is Status.REFUSED]
        ours = [s for s in refused if not (s.reply and pacing.about_mailbox(s.reply))]
        if known and len(refused) == len(known) and self.canaries.issubset(self.flown):
            ours = refused
        return [f"{s.address}: {s.reply.code} {s.reply.text}" if s.reply else s.address for s in ours]


def read_traffic(
    journal: Journal, account: str, rules: Rules, *, table: LaneTable, now: dt.datetime
) -> Traffic:
    """Read what the account sent in the last 24 hours, and how its lanes stand since (invariant 6).

    A clock that was set back left attempts in its future: they count as made now, not as a long wait.
    Quotas count every establishment of the account; lanes know their own only.
    """
    since = now - DAY
    traffic = Traffic(
        rules.pace,
        lanes=table.paces,
        times=[min(at, now) for at in journal.attempt_times(account, since=since)],
        patience=dt.timedelta(minutes=rules.canary.minutes),
    )
    kinds = [EntryKind.ATTEMPTING, EntryKind.VERDICT]
    for entry in journal.entries(kinds=kinds, account=account, since=since):
        at = min(entry.at, now) if entry.at else now
        if entry.kind is EntryKind.ATTEMPTING:
            traffic.left_earlier(table.lanes(o.address for o in entry.recipients), at)
        else:
            traffic.hear(pacing.heard_in_verdict(entry.recipients, at, table))
    return traffic


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
        fresh = [entry for entry in entries if entry.line in self._lines and entry.id > self._seen]
        if not fresh:
            return
        self._seen = fresh[-1].id
        self._states = outcomes.fold(fresh, onto=self._states)
        for entry in fresh:
            message = self._messages.get(entry.message)
            if entry.run == self.run and message is not None:
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
