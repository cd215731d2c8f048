"""Slots, caps, forecast and back-off."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elite_lib.models import Pace
from elite_lib.pacing import backoff, backoff_concurrency, blocked_until, forecast, next_slot

UNHURRIED = settings(deadline=None, max_examples=100)  # a busy machine is no failure

NOW = dt.datetime(2026, 10, 31, 9, 0, tzinfo=dt.UTC)
WINDOWS = {"per_minute": 60, "per_hour": 3600, "per_day": 86400}


def ago(*seconds: float) -> list[dt.datetime]:
    return [NOW - dt.timedelta(seconds=s) for s in seconds]


def after(seconds: float) -> dt.datetime:
    return NOW + dt.timedelta(seconds=seconds)


def simulate(count: int, now: dt.datetime, pace: Pace, *, sent: list[dt.datetime]) -> list[dt.datetime]:
    """Run the mechanism: each message leaves at its slot, at once."""
    times = list(sent)
    for in_run in range(count):
        now = next_slot(now, times, pace, in_run=in_run)
        times.append(now)
    return times[len(sent) :]


# -- the steady pace -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "in_run", "slot"),
    [
        ([], 0, 0),  # nothing sent: now
        ([0], 1, 2),  # 2 s after the last one
        ([1.5], 1, 0.5),
        ([60], 1, 0),  # long ago: now
        ([0], 9, 2),
        ([0], 10, 12),  # 10 s more after each tenth
        ([5], 10, 7),
        ([0], 11, 2),
        ([0], 20, 12),
        ([0], 0, 2),  # the last message of another run counts too
    ],
)
def test_between_and_pause(sent: list[float], in_run: int, slot: float) -> None:
    assert next_slot(NOW, ago(*sent), Pace(), in_run=in_run) == after(slot)


def test_every_zero_means_no_pause() -> None:
    assert next_slot(NOW, ago(0), Pace(every=0), in_run=10) == after(2)


def test_the_default_pace_of_thirty_messages() -> None:
    times = simulate(30, NOW, Pace(), sent=[])
    gaps = [(b - a).total_seconds() for a, b in pairwise(times)]
    assert gaps == ([2.0] * 9 + [12.0]) * 2 + [2.0] * 9


# -- caps ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pace", "sent", "slot"),
    [
        (Pace(between=0, per_minute=2), [30, 10], 30),
        (Pace(between=0, per_minute=2), [60, 10], None),  # exactly a minute ago: outside the window
        (Pace(between=0, per_minute=2), [10], None),
        (Pace(between=0, per_hour=1), [600], 3000),
        (Pace(between=0, per_day=2), [86000, 600], 400),
        (Pace(between=0, per_day=3, reserve=1), [86000, 600], 400),  # the reserve is not ours
        (Pace(between=0, per_day=3, reserve=9), [600], 85800),  # nothing left: one a day, not never
        (Pace(between=0, per_minute=1, per_hour=2), [1800, 30], 1800),  # the strictest decides
        (Pace(between=0), [0, 0, 0], None),
    ],
)
def test_blocked_until(pace: Pace, sent: list[float], slot: float | None) -> None:
    expected = None if slot is None else after(slot)
    assert blocked_until(NOW, ago(*sent), pace) == expected
    assert next_slot(NOW, ago(*sent), pace, in_run=1) == (expected or NOW)


def test_a_cap_and_the_pause_do_not_add_up() -> None:
    pace = Pace(between=2, every=10, pause=10, per_minute=3)
    assert next_slot(NOW, ago(50, 40, 0), pace, in_run=10) == after(12)
    assert next_slot(NOW, ago(20, 10, 0), pace, in_run=10) == after(40)


_PACES = st.builds(
    Pace,
    between=st.sampled_from([0, 0.5, 2, 30]),
    every=st.integers(0, 4),
    pause=st.sampled_from([0, 10, 100]),
    per_minute=st.integers(0, 5),
    per_hour=st.integers(0, 12),
    per_day=st.integers(0, 30),
    reserve=st.integers(0, 5),
)
_PAST = st.lists(st.floats(0, 90000), max_size=20).map(lambda seconds: ago(*sorted(seconds, reverse=True)))


def compliant(times: list[dt.datetime], pace: Pace) -> bool:
    caps = {"per_minute": pace.per_minute, "per_hour": pace.per_hour, "per_day": pace.per_day}
    for name, window in WINDOWS.items():
        cap = caps[name]
        for first, later in zip(times, times[cap:], strict=False) if cap else ():
            if (later - first).total_seconds() < window:
                return False
    return True


@UNHURRIED
@given(_PACES, st.integers(0, 40))
def test_no_window_ever_holds_more_than_its_quota(pace: Pace, count: int) -> None:
    assert compliant(simulate(count, NOW, pace, sent=[]), pace)


@UNHURRIED
@given(_PACES, _PAST, st.integers(1, 20))
def test_a_quota_holds_across_restarts(pace: Pace, sent: list[dt.datetime], count: int) -> None:
    """However much an earlier run sent, no window that a new message is in exceeds its quota."""
    for index, time in enumerate(simulate(count, NOW, pace, sent=sent)):
        known = sent + simulate(index, NOW, pace, sent=sent)
        for name, window in WINDOWS.items():
            cap = getattr(pace, name) - (pace.reserve if name == "per_day" else 0)
            if getattr(pace, name):
                recent = [t for t in known if t > time - dt.timedelta(seconds=window)]
                assert len(recent) + 1 <= max(1, cap)


@UNHURRIED
@given(_PACES, _PAST, st.integers(0, 9))
def test_slots_never_go_back(pace: Pace, sent: list[dt.datetime], in_run: int) -> None:
    slot = next_slot(NOW, sent, pace, in_run=in_run)
    assert slot >= NOW
    assert next_slot(slot, sent, pace, in_run=in_run) == slot


# -- the forecast ----------------------------------------------------------------------------------


@UNHURRIED
@given(_PACES, _PAST, st.integers(0, 40))
def test_the_forecast_is_the_simulated_run(pace: Pace, sent: list[dt.datetime], count: int) -> None:
    times = simulate(count, NOW, pace, sent=sent)
    assert forecast(count, NOW, sent, pace) == (times[-1] if times else NOW)


def test_the_forecast_goes_on_from_the_middle_of_a_run() -> None:
    times = simulate(25, NOW, Pace(), sent=[])
    assert forecast(12, times[12], times[:13], Pace(), in_run=13) == times[-1]


def test_the_forecast_leaves_what_it_is_given() -> None:
    sent = ago(5)
    forecast(3, NOW, sent, Pace())
    assert sent == ago(5)


# -- waits after a refusal -------------------------------------------------------------------------


def test_backoff() -> None:
    waits = [backoff(n) for n in range(7)]
    assert [w and w.total_seconds() for w in waits] == [10, 30, 60, 300, 900, None, None]


def test_backoff_concurrency() -> None:
    assert [backoff_concurrency(n).total_seconds() for n in (0, 1, 10, 177, 1000)] == [
        30,
        40,
        130,
        1800,
        1800,
    ]
