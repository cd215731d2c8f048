"""Choose which message leaves next, and at what instant: one queue per provider, interleaved.

Every lane has its pace and its slowness; the account's pace and caps bind all of them. Whoever can
leave soonest leaves; of several, what was never tried before what was deferred, then the lane whose
turn is longest overdue. Nothing here asks the time: the same input gives the same order.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """Which message, when, and whose turn it is: the slowest of its lanes."""

    waiting: Waiting
    at: datetime
    lane: str


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

    def left(self, departure: Departure, at: datetime) -> None:
        """Note that a message was attempted."""
        self.rewind(at)  # the clock may have been set back while it was sent, or the machine slept
        self.times.append(at)
        self.in_run += 1
        self._left += 1
        self._turns[departure.lane] = self._left
        self.left_earlier(departure.waiting.lanes, at)
        if departure.waiting.canary:
            self.hold = at + self.patience

    def left_earlier(self, lanes: Iterable[str], at: datetime) -> None:
        """Note an attempt that ``times`` holds already: of an earlier run, read in the journal."""
        for lane in lanes:
            self.of_lane.setdefault(lane, []).append(at)

    def rewind(self, now: datetime) -> None:
        """Meet a clock that was set back: what lies in its future counts as now, not as a long wait."""
        if not self.times or self.times[-1] <= now:
            return
        self.times = [min(at, now) for at in self.times]
        self.of_lane = {lane: [min(at, now) for at in times] for lane, times in self.of_lane.items()}
        self.hold = min(self.hold, now + self.patience) if self.hold else None
        self.slowness = {
            lane: replace(slow, until=min(slow.until, now + slow.gap) if slow.until else None)
            for lane, slow in self.slowness.items()
        }

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
        floor = traffic.account_slot(now)
        if self._canaries:
            return self._take_due(self._canaries, floor, now, traffic=traffic)
        floor = max(floor, traffic.hold or floor)
        heads = [
            (max(floor, slot), -traffic.overdue(lane, count), order, lane, group)
            for lane, (slot, order, group, count) in self._heads(now, traffic).items()
        ]
        slot, _, _, lane, group = min(heads, default=(None, 0, 0, "", ()))
        if self._deferred:
            again = min(self._due(self._deferred, floor, now, traffic=traffic))[0]
            if slot is None or again < slot:
                return self._take_due(self._deferred, floor, now, traffic=traffic)
        if slot is None:
            return None
        queue = self._fresh[group]
        _, chosen = queue.popleft()
        if not queue:
            del self._fresh[group]
        return Departure(waiting=chosen, at=slot, lane=lane)

    def _heads(
        self, now: datetime, traffic: Traffic
    ) -> dict[str, tuple[datetime, int, tuple[str, ...], int]]:
        """Give each lane's slot, its first message (order, group) and how many wait in it.

        A message to several is in the slowest of its lanes.
        """
        found: dict[str, tuple[datetime, int, tuple[str, ...], int]] = {}
        for group, queue in self._fresh.items():
            slot, lane = _slowest(group, now, traffic)
            order, count, first = queue[0][0], len(queue), group
            if lane in found:
                _, before, among, others = found[lane]
                count += others
                order, first = min((order, first), (before, among))
            found[lane] = (slot, order, first, count)
        return found

    @staticmethod
    def _due(
        among: dict[int, Waiting], floor: datetime, now: datetime, *, traffic: Traffic
    ) -> Iterator[tuple[datetime, datetime, int, str]]:
        """List when each may leave, when it is due, its order and its lane."""
        for order, one in among.items():
            slot, lane = _slowest(one.lanes, now, traffic)
            due = one.due or now
            yield max(floor, slot, due), due, order, lane

    def _take_due(
        self, among: dict[int, Waiting], floor: datetime, now: datetime, *, traffic: Traffic
    ) -> Departure:
        slot, _, order, lane = min(self._due(among, floor, now, traffic=traffic))
        return Departure(waiting=among.pop(order), at=slot, lane=lane)


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
        traffic.left(departure, now)
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
    used, picked = set(flown), list[str]()
    order = {lane: place for place, (lane, _) in enumerate(sizes.most_common())}
    for one in sorted(waiting, key=lambda one: min((order[lane] for lane in one.lanes), default=0)):
        if len(picked) < count and one.due is None and not used.intersection(one.lanes):
            picked.append(one.key)
            used.update(one.lanes)
    return frozenset(picked)
