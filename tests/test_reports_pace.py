"""The pace that is suggested, from attempts at known instants."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elite_lib.labels import use_language
from elite_lib.reports.pace import _peak, _suggest, _Traffic, _within

NOON = dt.datetime(2026, 11, 5, 12, 0, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)


def every(seconds: float, count: int) -> list[dt.datetime]:
    return [NOON + dt.timedelta(seconds=seconds * number) for number in range(count)]


def suggested(lane: str, times: list[dt.datetime], slow: list[dt.datetime]) -> dict[str, object]:
    use_language("en")
    names = ("provider", "attempted", "deferred", "reports", "peak")
    names += ("advice", "per_minute", "per_hour", "why", "setting")
    try:
        row = _suggest(lane, _Traffic(times=times, deferred=slow, slow=slow))
    finally:
        use_language("fr")
    return dict(zip(names, row, strict=True))


def test_half_of_what_had_left_in_the_minute_before_the_first_that_was_too_fast() -> None:
    times = every(2, 60)
    found = suggested("orange", times, [times[45], times[50]])
    assert (found["advice"], found["per_minute"], found["per_hour"]) == ("slow", 15, None)
    assert found["setting"] == "[lanes.orange] per_minute = 15"
    assert found["why"] == (
        "2 messages of 60 were found too fast, the first when 30 had left within a minute: half of it, "
        "15 a minute."
    )
    assert found["peak"] == 30


def test_who_is_too_fast_at_next_to_nothing_a_minute_gets_a_cap_per_hour() -> None:
    times = every(60, 50)
    found = suggested("free", times, [times[39]])
    assert (found["advice"], found["per_minute"], found["per_hour"]) == ("slow", None, 20)
    assert found["setting"] == "[lanes.free] per_hour = 20"


@pytest.mark.parametrize(("count", "few"), [(19, True), (20, False)])
def test_a_provider_that_never_complained_keeps_its_pace(count: int, few: bool) -> None:
    found = suggested("gmail", every(1, count), [])
    assert (found["advice"], found["setting"]) == ("keep", "")
    assert ("Too few" in str(found["why"])) is few


def test_a_single_first_message_that_is_too_fast_still_gives_a_cap() -> None:
    found = suggested("example.com", every(1, 1), every(1, 1))
    assert found["setting"] == '[lanes."example.com"] per_hour = 1'


@settings(deadline=None, max_examples=100)
@given(st.lists(st.integers(0, 30).map((20).__mul__), min_size=1, max_size=60))
def test_the_most_in_a_minute_is_what_counting_each_minute_gives(seconds: list[int]) -> None:
    times = sorted(NOON + dt.timedelta(seconds=second) for second in seconds)
    assert _peak(times) == max(_within(times, at, MINUTE) for at in times)
