"""Choose which message leaves next, and at what instant: one queue per provider, interleaved.

Every lane has its pace and its slowness; the account's pace and caps bind all of them. Whoever can
leave soonest leaves; of several, what was never tried before what was deferred, then the lane whose
turn is longest overdue. Nothing here asks the time: the same input gives the same order.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from elite_lib.models import Pace
from elite_lib.pacing.pace import next_slot
from elite_lib.pacing.slowing import Heard, Slowness, slowed

_FULL = Slowness()


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A message that may leave."""

    key: str
    lanes: tuple[str, ...]  # of its recipients, each once: it waits in the slowest
    due: datetime | None = None  # deferred before: not earlier; None: never tried
    canary: bool = False  # leaves before all others, which then wait


@dataclass(frozen=True, slots=True)
class Departure:
    """Which message, when."""

    waiting: Waiting
    at: datetime


class Traffic:
    """Remember what left and what was heard: of the account, of each lane.

    ``times`` are the account's attempts, ascending, at least those of the last 24 hours;
    ``lanes`` the paces of lanes that have one; ``patience`` how long all wait after a canary.
    """

    def __init__(
        self,
        pace: Pace,
        *,
        lanes: Mapping[str, Pace] | None = None,
        times: Iterable[datetime] = (),
        in_run: int = 0,
        patience: timedelta = timedelta(),
    ) -> None:
        self.pace, self.patience = pace, patience
        self.paces = {name: own for name, own in (lanes or {}).items() if own != _UNBOUND}
        self.times = list(times)
        self.in_run = in_run
        self.of_lane: dict[str, list[datetime]] = {}
        self.slowness: dict[str, Slowness] = {}
        self.hold: datetime | None = None  # nothing but canaries before
        self._turns: dict[str, int] = {}  # lane -> how many of this run had left when it was served
        self._left = 0

    def copy(self) -> Traffic:
        """Give one of its own, for a forecast."""
        other = Traffic(self.pace, times=self.times, in_run=self.in_run, patience=self.patience)
        other.paces, other.hold, other._left = self.paces, self.hold, self._left
        other.of_lane = {name: list(times) for name, times in self.of_lane.items()}
        other.slowness, other._turns = dict(self.slowness), dict(self._turns)
        return other

    def left(self, waiting: Waiting, at: datetime) -> None:
        """Note that a message was attempted."""
        self.times.append(at)
        self.in_run += 1
        self._left += 1
        self.left_earlier(waiting.lanes, at)
        self._turns.update(dict.fromkeys(waiting.lanes, self._left))
        if waiting.canary:
            self.hold = at + self.patience

    def left_earlier(self, lanes: Iterable[str], at: datetime) -> None:
        """Note an attempt that ``times`` holds already: of an earlier run, read in the journal."""
        for lane in lanes:
            self.of_lane.setdefault(lane, []).append(at)

    def hear(self, facts: Iterable[Heard]) -> None:
        """Let lanes slow down and recover."""
        for fact in facts:
            before = self.slowness.get(fact.lane, _FULL)
            if fact.deferred or before.step:
                self.slowness[fact.lane] = slowed(before, fact)

    def account_slot(self, now: datetime) -> datetime:
        return next_slot(now, self.times, self.pace, in_run=self.in_run)

    def lane_slot(self, lane: str, now: datetime) -> datetime:
        """Give the instant from which this lane alone would allow one more."""
        slow, pace = self.slowness.get(lane, _FULL), self.paces.get(lane)
        times = self.of_lane.get(lane, ())
        slot = next_slot(now, times, pace, in_run=0) if pace else now
        if slow.step:
            slot = max(slot, slow.until or slot, times[-1] + slow.gap if times else slot)
        return slot

    def overdue(self, lane: str, waiting: int) -> int:
        """Say how overdue a lane's turn is: its share of what waits, times how many left since its last.

        A lane with twice as many messages comes twice as often, so that all end together; what
        waits longer and longer comes in the end, however few it is. A lane that was held up has one
        turn to catch up, not a burst.
        """
        return (self._left + 1 - self._turns.get(lane, 0)) * waiting


_UNBOUND = Pace(between=0, every=0, pause=0)


class _Lineup:
    """What waits, by lane: so that choosing looks at the heads only."""

    def __init__(self, waiting: Iterable[Waiting]) -> None:
        self._fresh: dict[tuple[str, ...], deque[tuple[int, Waiting]]] = {}
        self._deferred: dict[int, Waiting] = {}
        self._canaries: dict[int, Waiting] = {}
        for order, one in enumerate(waiting):
            if one.canary:
                self._canaries[order] = one
            elif one.due is not None:
                self._deferred[order] = one
            else:
                self._fresh.setdefault(one.lanes, deque()).append((order, one))

    def take(self, now: datetime, traffic: Traffic) -> Departure | None:
        """Take out what leaves next; None when nothing waits."""
        if self._canaries:
            return self._soonest(self._canaries, traffic.account_slot(now), traffic, now=now)
        floor = max(traffic.account_slot(now), traffic.hold or now)
        heads = self._heads(now, traffic)
        best: tuple[datetime, int, int, tuple[str, ...]] | None = None
        for slot, (lane, order, group, count) in heads:
            rank = (max(floor, slot), -traffic.overdue(lane, count), order, group)
            best = rank if best is None or rank < best else best
        again = self._deferred and min(
            max(floor, one.due or floor, _slowest(one.lanes, now, traffic)[0])
            for one in self._deferred.values()
        )
        if best is None or (again and again < best[0]):
            return self._soonest(self._deferred, floor, traffic, now=now) if self._deferred else None
        queue = self._fresh[best[3]]
        _, chosen = queue.popleft()
        if not queue:
            del self._fresh[best[3]]
        return Departure(chosen, best[0])

    def _heads(
        self, now: datetime, traffic: Traffic
    ) -> Iterator[tuple[datetime, tuple[str, int, tuple[str, ...], int]]]:
        """List the first message of each lane: a message to several is in the slowest of its lanes."""
        first: dict[str, tuple[datetime, int, tuple[str, ...]]] = {}
        count: Counter[str] = Counter()
        for group, queue in self._fresh.items():
            slot, lane = _slowest(group, now, traffic)
            count[lane] += len(queue)
            order = queue[0][0]
            if lane not in first or order < first[lane][1]:
                first[lane] = (slot, order, group)
        for lane, (slot, order, group) in first.items():
            yield slot, (lane, order, group, count[lane])

    def _soonest(
        self, among: dict[int, Waiting], floor: datetime, traffic: Traffic, *, now: datetime
    ) -> Departure:
        slots = {
            order: max(floor, one.due or floor, _slowest(one.lanes, now, traffic)[0])
            for order, one in among.items()
        }
        order = min(slots, key=lambda order: (slots[order], among[order].due or floor, order))
        return Departure(among.pop(order), slots[order])


def _slowest(lanes: Sequence[str], now: datetime, traffic: Traffic) -> tuple[datetime, str]:
    if len(lanes) == 1:
        return traffic.lane_slot(lanes[0], now), lanes[0]
    slots = [(traffic.lane_slot(lane, now), lane) for lane in lanes]
    return max(slots, key=lambda found: found[0], default=(now, ""))


def choose(waiting: Iterable[Waiting], now: datetime, traffic: Traffic) -> Departure | None:
    """Choose which message leaves next, and at what instant, ``now`` or later; None when none waits."""
    return _Lineup(waiting).take(now, traffic)


def departures(waiting: Iterable[Waiting], now: datetime, traffic: Traffic) -> Iterator[Departure]:
    """Simulate the run: every message at its instant, each accepted at once. ``traffic`` is left as it is."""
    traffic, lineup = traffic.copy(), _Lineup(waiting)
    while (departure := lineup.take(now, traffic)) is not None:
        now = departure.at
        traffic.left(departure.waiting, now)
        traffic.hear(
            Heard(lane=lane, at=now, attempted=now, deferred=False) for lane in departure.waiting.lanes
        )
        yield departure


def expected_end(waiting: Iterable[Waiting], now: datetime, traffic: Traffic) -> datetime:
    """Give the instant of the last departure; ``now`` when nothing waits.

    It is the mechanism itself: every pause, every cap, every slow lane and the canary's wait are in
    it. What the server takes to answer, and what will be refused, it cannot know.
    """
    for departure in departures(waiting, now, traffic):
        now = departure.at
    return now


def pick_canaries(waiting: Iterable[Waiting], count: int, *, flown: Iterable[str] = ()) -> frozenset[str]:
    """Pick the first ``count`` messages to try alone: the first of the biggest lanes, one per lane at most.

    ``flown`` are lanes that have had theirs.
    """
    waiting = list(waiting)
    sizes = Counter(lane for one in waiting for lane in one.lanes)
    used, picked = set(flown), []
    order = {lane: place for place, (lane, _) in enumerate(sizes.most_common())}
    for one in sorted(waiting, key=lambda one: min((order[lane] for lane in one.lanes), default=0)):
        if len(picked) < count and one.due is None and not used.intersection(one.lanes):
            picked.append(one.key)
            used.update(one.lanes)
    return frozenset(picked)
