"""The queue of a run: what waits, lane by lane, and what the journal knows of each lane.

The lanes decide in ``pacing``; here they are told of messages and entries. Whoever follows a run
builds the same queue from the journal, so that the expected end is the run's own mechanism.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from elite_lib import outcomes, pacing
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
    Reply,
    ReturnClass,
    ReturnKind,
    Status,
    StopReason,
)
from elite_lib.outcomes import States
from elite_lib.pacing import LaneTable, Traffic, Waiting

DAY = dt.timedelta(days=1)
SEASON = dt.timedelta(days=62)  # the last month that was sent, and the one before, are within it
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
        self.came_back: dict[int, Entry] = {}  # of the canaries
        self._release(rules.canary, journal, now=now)

    def _release(self, canary: Canary, journal: Journal, *, now: dt.datetime) -> None:
        """Choose the canaries, or take over those of a run that was cut short.

        No second time: not when the others had begun to leave, nor when they stopped a run and a
        person started the next.
        """
        if not canary.messages or len(self.batch.departures) < max(canary.least, canary.messages + 1):
            return
        kinds = [EntryKind.ATTEMPTING, EntryKind.VERDICT, EntryKind.RUN_ENDED, EntryKind.RETURNED]
        entries = journal.entries(batch=self.batch.id, kinds=kinds)
        stopped = any(entry.data.get("stopped") == StopReason.CANARY for entry in entries)
        ours = [entry for entry in reversed(entries) if entry.message and not entry.follows]
        tried = {entry.message: min(entry.at or now, now) for entry in ours}
        self.came_back = {entry.id: entry for entry in entries if entry.kind is EntryKind.RETURNED}
        if stopped or len(tried) > canary.messages:
            return
        first = [message for message in self.batch.departures if message.key in tried]
        others = [self._waiting(message) for message in self.batch.departures if message.key not in tried]
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

    def returned(self, entries: Iterable[Entry], now: dt.datetime) -> None:
        """Take in what came back: lanes slow down for what was delayed or limited, canaries are watched."""
        mine = [e for e in entries if e.account == self.batch.account and not e.follows]
        self.traffic.hear(pacing.heard_in_returns(mine, now, self.table))
        if self.watching:
            self.came_back |= {entry.id: entry for entry in mine if entry.batch == self.batch.id}

    def left_beside(self, entries: Iterable[Entry], now: dt.datetime) -> None:
        """Count what just left on this account beside the run: a single that it took between two messages."""
        for entry in entries:
            if entry.kind is EntryKind.ATTEMPTING and not entry.follows:
                self.traffic.times.append(now)
                self.traffic.left_earlier(self.table.lanes(o.address for o in entry.recipients), now)

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
        """Quote what says that the others should not leave: "no" to the canaries, not to their addresses.

        Said by our server at once, or by a provider in a report that came back. An address that does
        not exist (RFC 3463, X.1 and X.2) says nothing of the others, unless no canary was taken at all.
        """
        flown = [m for m in self.batch.messages if m.key in self.flown]
        known = [states.get((m.line, r.contact, r.address)) for m in flown for r in m.recipients]
        refused = [state for state in known if state and state.status in (Status.REFUSED, Status.BOUNCED)]
        ours = [s for s in refused if s.status is Status.REFUSED and not about_address(s.reply)]
        if known and len(refused) == len(known) and self.canaries.issubset(self.flown):
            ours = refused
        said = [f"{s.address}: {s.reply.code} {s.reply.text}" if s.reply else s.address for s in ours]
        back = [entry for entry in self.came_back.values() if entry.message in self.flown and warns(entry)]
        return list(dict.fromkeys([*said, *map(_quoted, back)]))


def about_address(reply: Reply | None) -> bool:
    return reply is not None and pacing.about_mailbox(reply)


def warns(entry: Entry) -> bool:
    """Tell whether what came back of a first message would come back of the others as well.

    A permanent failure that is ours to fix, a policy's (spam, reputation, authentication), or whose words say
    nothing; and a provider that limits us, were it to take the message in the end.
    """
    if not entry.line or entry.data.get("kind") != ReturnKind.BOUNCE:
        return False
    found, final = entry.data.get("class"), entry.data.get("final") is True
    if found == ReturnClass.RATE_LIMITED or (final and entry.data.get("ours") is True):
        return True
    of_mailbox = about_address(Reply(code=0, text=str(entry.data.get("status") or "")))
    return final and (found == ReturnClass.BLOCK or (found == ReturnClass.UNKNOWN and not of_mailbox))


def _quoted(entry: Entry) -> str:
    outcome = entry.recipients[0]
    said = f"{outcome.reply.code} {outcome.reply.text}" if outcome.reply else str(entry.data.get("reason"))
    return f"{outcome.address or entry.data.get('reported') or entry.message}: {said}"


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
    begun = traffic.times[0] if traffic.times else now
    traffic.slowness = _usual(journal, account, before=since, begun=begun, table=table)
    kinds = [EntryKind.ATTEMPTING, EntryKind.VERDICT, EntryKind.RETURNED]
    for entry in journal.entries(kinds=kinds, account=account, since=since):
        at = min(entry.at, now) if entry.at else now
        if entry.follows:
            continue
        if entry.kind is EntryKind.ATTEMPTING:
            traffic.left_earlier(table.lanes(o.address for o in entry.recipients), at)
        elif entry.kind is EntryKind.VERDICT:
            traffic.hear(pacing.heard_in_verdict(entry.recipients, at, table))
        else:
            traffic.hear(pacing.heard_in_returns([entry], now, table))
    return traffic


def _usual(
    journal: Journal, account: str, *, before: dt.datetime, begun: dt.datetime, table: LaneTable
) -> dict[str, pacing.Slowness]:
    """Say how slow lanes begin, by what came back of the past months; see ``pacing.usual_slowness``."""
    since = before - SEASON
    returned = journal.entries(kinds=[EntryKind.RETURNED], account=account, since=since)
    limited = [e for e in returned if e.at and e.at < before and not e.follows and pacing.limits(e)]
    if not limited:
        return {}
    attempts = journal.entries(kinds=[EntryKind.ATTEMPTING], account=account, since=since)
    messages = Counter(
        lane
        for entry in attempts
        if entry.at and entry.at < before and not entry.follows
        for lane in table.lanes(outcome.address for outcome in entry.recipients)
    )
    return pacing.usual_slowness(limited, messages, begun, table=table)
