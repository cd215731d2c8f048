"""A clock that tests move: sleeping is instant, and remembered."""

from __future__ import annotations

import datetime as dt

START = dt.datetime(2026, 11, 2, 9, 0, tzinfo=dt.UTC)


class ManualClock:
    """Time that passes only by ``sleep`` and ``advance``."""

    def __init__(self, start: dt.datetime = START) -> None:
        self.instant = start
        self.slept = 0.0

    def now(self) -> dt.datetime:
        return self.instant

    def sleep(self, seconds: float) -> None:
        self.slept += seconds
        self.instant += dt.timedelta(seconds=seconds)

    def advance(self, seconds: float) -> None:
        self.instant += dt.timedelta(seconds=seconds)
