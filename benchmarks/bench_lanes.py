"""Simulate one month over scripted providers: a fixed pace in one line against lanes. Takes no real time.

Two worlds, one fake clock. *Relay*: a server of one's own hands each message to its provider at once and
passes the refusal on. *Submission*: the account's server takes everything within its quota, tries the
provider by itself, again and again, and reports what is late by DSN. A provider takes so many messages in
a window; who comes too often is shut out for a while, as Free and Orange do.

Run: python benchmarks/bench_lanes.py [--messages 300] [--seed 1] [--recovery 1 2 3 5]
"""

from __future__ import annotations

import argparse
import datetime as dt
import heapq
import random
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from elite_lib.models import Pace
from elite_lib.pacing import Heard, Traffic, Waiting, backoff, choose, expected_end, slowing

START = dt.datetime(2026, 11, 2, 9, 0, tzinfo=dt.UTC)
FIXED = Pace()  # 2 s, 10 s more every 10: what the office's former program did
QUICK = Pace(between=0.5, every=0, pause=0, per_minute=30)  # within the account's quota (Microsoft 365)
# What an office writes in [lanes] once it knows the two strict ones.
PACED = {name: Pace(between=21, every=0, pause=0) for name in ("orange", "free")}
QUOTA = 30  # messages a minute that the submission server takes
SHARES = {"gmail": 35, "orange": 22, "free": 12, "sfr": 8, "laposte": 8, "outlook": 8, "yahoo": 3, "other": 4}


@dataclass
class Provider:
    """Take ``most`` messages in ``window`` seconds; then shut out for ``penalty`` seconds."""

    most: int
    window: float
    penalty: float
    taken: deque[dt.datetime] = field(default_factory=deque)
    shut: dt.datetime | None = None
    deferrals: int = 0

    def takes(self, now: dt.datetime) -> bool:
        while self.taken and self.taken[0] <= now - dt.timedelta(seconds=self.window):
            self.taken.popleft()
        if (self.shut is not None and now < self.shut) or len(self.taken) >= self.most:
            if self.shut is None or now >= self.shut:
                self.shut = now + dt.timedelta(seconds=self.penalty)
            self.deferrals += 1
            return False
        self.taken.append(now)
        return True


def providers() -> dict[str, Provider]:
    """Give fresh ones: two are strict, the others easy."""
    strict = {"orange": Provider(6, 120, 60), "free": Provider(3, 60, 300)}
    return {name: strict.get(name) or Provider(60, 60, 10) for name in SHARES}


@dataclass
class World:
    """What is behind our server. A relay answers at once; a submission server reports later."""

    direct: bool
    providers: dict[str, Provider] = field(default_factory=providers)
    queue: list[tuple[dt.datetime, int, str, dt.datetime, int]] = field(default_factory=list)
    reports: list[tuple[dt.datetime, str, dt.datetime]] = field(default_factory=list)
    taken: deque[dt.datetime] = field(default_factory=deque)
    delivered: list[dt.datetime] = field(default_factory=list)
    number: int = 0
    quota: int = 0  # refusals of the server itself

    RETRIES = (300, 600, 1200, 2400, 3600)  # seconds: the submission server's own queue
    WARNS = 240.0  # after that, it reports a delay: once per message

    def submit(self, provider: str, now: dt.datetime) -> str:
        """Say ``taken``, ``provider`` (it refuses for now) or ``quota`` (the server does)."""
        self.advance(now)
        if self.direct:
            if not self.providers[provider].takes(now):
                return "provider"
            self.delivered.append(now)
            return "taken"
        while self.taken and self.taken[0] <= now - dt.timedelta(minutes=1):
            self.taken.popleft()
        if len(self.taken) >= QUOTA:
            self.quota += 1
            return "quota"
        self.taken.append(now)
        self._try(provider, now, sent=now, tries=0)
        return "taken"

    def advance(self, now: dt.datetime) -> None:
        """Let the submission server's queue work until now."""
        while self.queue and self.queue[0][0] <= now:
            at, _, provider, sent, tries = heapq.heappop(self.queue)
            self._try(provider, at, sent=sent, tries=tries)

    def _try(self, provider: str, at: dt.datetime, *, sent: dt.datetime, tries: int) -> None:
        if self.providers[provider].takes(at):
            self.delivered.append(at)
            return
        self.number += 1
        if tries == 0:
            self.reports.append((at + dt.timedelta(seconds=self.WARNS), provider, sent))
        wait = self.RETRIES[min(tries, len(self.RETRIES) - 1)]
        again = at + dt.timedelta(seconds=wait)
        heapq.heappush(self.queue, (again, self.number, provider, sent, tries + 1))

    def heard(self, now: dt.datetime) -> list[Heard]:
        """Collect the reports that came back until now."""
        self.advance(now)
        came = [report for report in self.reports if report[0] <= now]
        self.reports = [report for report in self.reports if report[0] > now]
        return [Heard(lane=lane, at=at, attempted=sent, deferred=True) for at, lane, sent in came]


@dataclass(frozen=True)
class Result:
    way: str
    foreseen: float  # minutes, before the first message
    ended: float  # minutes until the run has nothing left to do
    delivered: float  # minutes until the last message is at its provider
    deferrals: int
    quota: int
    given_up: int


def month(count: int, seed: int) -> list[str]:
    rng = random.Random(seed)
    return rng.choices(list(SHARES), weights=list(SHARES.values()), k=count)


def simulate(
    way: str, families: Sequence[str], pace: Pace, *, direct: bool, paces: Mapping[str, Pace] | None = None
) -> Result:
    """Run a month by the library's own ``choose``, as a run does; ``paces`` None: one line."""
    world, traffic, now = World(direct=direct), Traffic(pace, lanes=paces), START
    lanes = families if paces is not None else ["all"] * len(families)
    remaining = {str(n): Waiting(key=str(n), lanes=(lane,)) for n, lane in enumerate(lanes)}
    foreseen = expected_end(remaining.values(), START, traffic)
    refusals: Counter[str] = Counter()
    given_up = 0
    while (turn := choose(remaining.values(), now, traffic)) is not None:
        now, key = turn.at, turn.waiting.key
        provider = families[int(key)]
        said = world.submit(provider, now)
        traffic.left(turn, now)
        if paces is not None:
            told = Heard(lane=provider, at=now, attempted=now, deferred=said == "provider")
            traffic.hear([*world.heard(now), *([told] if said != "quota" else [])])
        waiting, pause = remaining.pop(key), backoff(refusals[key])
        refusals[key] += 1
        if said != "taken" and pause is not None:
            remaining[key] = replace(waiting, due=now + pause)
        given_up += said != "taken" and pause is None
    world.advance(now + dt.timedelta(days=2))
    deferrals = sum(known.deferrals for known in world.providers.values())
    ends = (_minutes(foreseen), _minutes(now), _minutes(max(world.delivered)))
    return Result(way, *ends, deferrals, world.quota, given_up)


def _minutes(at: dt.datetime) -> float:
    return (at - START).total_seconds() / 60


def compare(families: Sequence[str], recoveries: Sequence[int], *, direct: bool) -> list[Result]:
    """Run the ways one after the other: the two of one line first, then lanes for each recovery."""
    rows = [
        simulate("one line, 2 s + 10 s every 10", families, FIXED, direct=direct),
        simulate("one line, 30 a minute", families, QUICK, direct=direct),
    ]
    kept = slowing.RECOVERY
    for recovery in recoveries:
        slowing.RECOVERY = recovery
        name = f", recovery {recovery}" if len(recoveries) > 1 else ""
        rows += [
            simulate(f"lanes, the same pace{name}", families, FIXED, direct=direct, paces={}),
            simulate(f"lanes, 30 a minute{name}", families, QUICK, direct=direct, paces={}),
            simulate(f"lanes, 30 a minute, two paced{name}", families, QUICK, direct=direct, paces=PACED),
        ]
    slowing.RECOVERY = kept
    return rows


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--recovery", type=int, nargs="*", default=[slowing.RECOVERY])
    options = parser.parse_args()
    families = month(options.messages, options.seed)
    missed = 0
    for direct in (True, False):
        print(f"\n{'own relay' if direct else 'submission server'}, {len(families)} messages; minutes")
        titles = ("way", "foreseen", "ended", "delivered", "deferrals", "quota", "later run")
        print("{:34} {:>8} {:>7} {:>9} {:>9} {:>6} {:>9}".format(*titles))
        rows = compare(families, options.recovery, direct=direct)
        for row in rows:
            print(
                f"{row.way:34} {row.foreseen:8.1f} {row.ended:7.1f} {row.delivered:9.1f} "
                f"{row.deferrals:9} {row.quota:6} {row.given_up:9}"
            )
        one, same = rows[0], rows[2]
        reached = 2 * same.deferrals <= one.deferrals and same.given_up <= one.given_up
        missed += not reached
        print(f"target: half the deferrals of one line, no more left; {'reached' if reached else 'MISSED'}")
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
