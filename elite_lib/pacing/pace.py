"""Give the next allowed instant, the expected end, and the waits after a refusal.

Nothing is counted here: ``sent``, the times of the account's attempts, comes from the journal, so
that a quota holds across restarts (invariant 6). Instants are aware UTC, durations seconds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from elite_lib.models import Pace

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

# How long to wait before the same message, or after the server went away (mail.md, retry table).
BACKOFF = (10, 30, 60, 300, 900)


def next_slot(now: datetime, sent: Sequence[datetime], pace: Pace, *, in_run: int) -> datetime:
    """Give the first instant, ``now`` or later, at which the next message may be attempted.

    ``sent`` are the account's attempts, ascending, at least those of the last 24 hours, of every
    run; ``in_run`` counts those of this run, after each ``pace.every`` of which the pause is made.
    Caps are counted over rolling windows: no minute, hour or day ever holds more than allowed,
    wherever it begins.
    """
    slot = now
    if sent:
        gap = timedelta(seconds=pace.between)
        if pace.every > 0 and in_run > 0 and in_run % pace.every == 0:
            gap += timedelta(seconds=pace.pause)
        slot = max(slot, sent[-1] + gap)
    return max(slot, blocked_until(now, sent, pace) or slot)


def blocked_until(now: datetime, sent: Sequence[datetime], pace: Pace) -> datetime | None:
    """Give the instant at which the caps allow one more message, or None when they do now."""
    free = [sent[-cap] + window for cap, window in _caps(pace) if len(sent) >= cap]
    latest = max(free, default=now)
    return latest if latest > now else None


def forecast(count: int, now: datetime, sent: Sequence[datetime], pace: Pace, *, in_run: int = 0) -> datetime:
    """Give the instant of the last of ``count`` further messages; ``now`` when there is none.

    It runs the mechanism itself, so it knows every pause and every cap; what the server takes to
    answer, and what it refuses, it cannot know.
    """
    times = list(sent)
    for attempted in range(in_run, in_run + count):
        now = next_slot(now, times, pace, in_run=attempted)
        times.append(now)
    return now


def backoff(waits: int) -> timedelta | None:
    """Give the wait after a temporary refusal: 10, 30, 60, 300, 900 s; then None, a later run's turn.

    ``waits`` counts the consecutive waits already made, so the first refusal asks with 0.
    """
    return timedelta(seconds=BACKOFF[waits]) if waits < len(BACKOFF) else None


def backoff_concurrency(waits: int) -> timedelta:
    """Give the wait after 432 (Microsoft: too many connections): 30 s and 10 more each time, at most 1800."""
    return timedelta(seconds=min(30 + 10 * waits, 1800))


def _caps(pace: Pace) -> Iterator[tuple[int, timedelta]]:
    """List the caps that are set: how many, in what window.

    The day's is less by the reserve, kept for mail that the account sends outside the program. A
    reserve that leaves nothing would mean never: one message a day is the least.
    """
    if pace.per_minute > 0:
        yield pace.per_minute, MINUTE
    if pace.per_hour > 0:
        yield pace.per_hour, HOUR
    if pace.per_day > 0:
        yield max(1, pace.per_day - pace.reserve), DAY
