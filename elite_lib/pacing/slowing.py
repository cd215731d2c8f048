"""Slow one lane down when its provider says so, and let it recover by degrees.

A lane hears of refusals in two ways: at once, in a reply that our server relays; and late, in a
report (DSN) about a message that our server had accepted. So an acceptance by our server proves
something only once a report about it would have come: the last report tells how long they take.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from elite_lib.models import (
    Entry,
    EntryKind,
    RecipientOutcome,
    Reply,
    ReturnClass,
    ReturnKind,
    Status,
)
from elite_lib.pacing.pace import BACKOFF, backoff
from elite_lib.pacing.providers import LaneTable, about_mailbox

# Acceptances that bring a lane one step back; one ends a wait of five minutes or more, which would else
# be made once for each. Chosen by benchmarks/bench_lanes.py: with 5, half the deferrals of 2, no later.
RECOVERY = 5
_PROBE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A provider took a message, or wants less."""

    lane: str
    at: datetime  # when it was heard
    attempted: datetime  # when that message left
    deferred: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Slowness:
    """How slow a lane is: the first ``step`` waits of the back-off were made; 0 is its full pace."""

    step: int = 0
    until: datetime | None = None  # nothing before
    since: datetime | None = None  # of the last slow-down
    trusted: datetime | None = None  # acceptances of what left earlier prove nothing
    accepted: int = 0  # since the last step

    @property
    def gap(self) -> timedelta:
        """Give what is kept between two messages while the lane is slow."""
        return timedelta(seconds=BACKOFF[self.step - 1]) if self.step else timedelta()


def slowed(state: Slowness, fact: Heard) -> Slowness:
    """Give the state after a fact: one step slower, one faster, or the same.

    What left before the last slow-down tells nothing new: ten reports about one burst are one step.
    """
    if fact.deferred:
        if state.since is not None and fact.attempted < state.since:
            return replace(state, accepted=0)
        step = min(state.step + 1, len(BACKOFF))
        wait = backoff(step - 1) or timedelta()
        return Slowness(
            step=step,
            until=fact.at + wait,
            since=fact.at,
            trusted=fact.at + (fact.at - fact.attempted),
        )
    if not state.step or (state.trusted is not None and fact.attempted < state.trusted):
        return state
    if state.accepted + 1 < (1 if state.step >= _PROBE else RECOVERY):
        return replace(state, accepted=state.accepted + 1)
    return replace(state, step=state.step - 1, accepted=0, until=None)


def heard_in_verdict(outcomes: Iterable[RecipientOutcome], at: datetime, table: LaneTable) -> Iterator[Heard]:
    """Read what a verdict says of its recipients' lanes: one fact each, a refusal before an acceptance."""
    found: dict[str, bool] = {}
    for outcome in outcomes:
        lane = table.of(outcome.address)
        if outcome.status is Status.DEFERRED and outcome.reply and table.spoke(lane, outcome.reply):
            found[lane] = True
        elif outcome.status is Status.ACCEPTED:
            found.setdefault(lane, False)
    for lane, deferred in found.items():
        yield Heard(lane=lane, at=at, attempted=at, deferred=deferred)


def heard_in_returns(entries: Iterable[Entry], now: datetime, table: LaneTable) -> Iterator[Heard]:
    """Read what came back of the lanes: reports that a provider delays our mail, or limits it."""
    for entry in entries:
        attempted = _attempted(entry)
        if attempted is None or not limits(entry):
            continue
        at = min(entry.at or now, now)
        for lane in table.lanes(outcome.address for outcome in entry.recipients if outcome.address):
            yield Heard(lane=lane, at=at, attempted=min(attempted, at), deferred=True)


def limits(entry: Entry) -> bool:
    """Tell whether an entry says that a provider delays our mail, or limits it.

    What is wrong with one mailbox, or with our own set-up, is no reason to go slower; nor is what
    names no message of ours.
    """
    if entry.kind is not EntryKind.RETURNED or not entry.line or entry.data.get("kind") != ReturnKind.BOUNCE:
        return False
    found = entry.data.get("class")
    if found in _OF_A_MAILBOX or entry.data.get("ours") is True or _of_mailbox(entry):
        return False
    return entry.data.get("final") is not True or found in _TRANSIENT or _put_off(entry)


_OF_A_MAILBOX = frozenset({ReturnClass.HARD, ReturnClass.MAILBOX_FULL})
_TRANSIENT = frozenset({ReturnClass.RATE_LIMITED, ReturnClass.SOFT})


def _put_off(entry: Entry) -> bool:
    """Tell whether a server gave up after temporary refusals that named no cause."""
    status = str(entry.data.get("status") or "") or str(entry.data.get("reply_code") or "")
    return entry.data.get("class") == ReturnClass.UNKNOWN and status.startswith("4")


def _of_mailbox(entry: Entry) -> bool:
    return about_mailbox(Reply(code=0, text=str(entry.data.get("status") or "")))


def _attempted(entry: Entry) -> datetime | None:
    at = str(entry.data.get("attempted") or "")
    return datetime.fromisoformat(at) if at else None


def usual_slowness(
    entries: Iterable[Entry], messages: Mapping[str, int], start: datetime, *, table: LaneTable
) -> dict[str, Slowness]:
    """Say how slow lanes begin: one step, where the provider limited us often when we last sent.

    ``entries`` are what came back in the past months; ``messages`` how many left then, by lane. Three
    reports are often, or one for each twenty messages. ``start``: of the sending that begins; what leaves
    in it proves nothing before a report about it would have come.
    """
    late: dict[str, list[timedelta]] = {}
    for entry in entries:
        attempted = _attempted(entry)
        if attempted is not None and limits(entry):
            received = str(entry.data.get("received") or "")
            arrived = datetime.fromisoformat(received) if received else attempted
            for lane in table.lanes(outcome.address for outcome in entry.recipients if outcome.address):
                late.setdefault(lane, []).append(max(arrived - attempted, timedelta()))
    return {
        lane: Slowness(step=1, trusted=start + min(sorted(lags)[len(lags) // 2], _LONGEST_LAG))
        for lane, lags in late.items()
        if len(lags) >= _OFTEN or len(lags) >= _SHARE * messages.get(lane, 0)
    }


_OFTEN, _SHARE = 3, 0.05
_LONGEST_LAG = timedelta(minutes=30)
