"""What a run works with: a transport, the journal, the outbox, a pace, the time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from elite_lib.batch.queueing import NO_CANARY
from elite_lib.journal import Journal
from elite_lib.models import Canary, Entry, Lane, Pace
from elite_lib.outbox import Outbox
from elite_lib.transports import Transport


class Clock(Protocol):
    """Time, as an argument: tests bring their own."""

    def now(self) -> dt.datetime: ...

    def sleep(self, seconds: float) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What a run works with. What comes back meanwhile it reads in the journal: see ``collecting``."""

    transport: Transport
    journal: Journal
    outbox: Outbox
    pace: Pace
    clock: Clock
    lanes: Sequence[Lane] = ()
    canary: Canary = NO_CANARY


Serve = Callable[[Entry, Callable[[], bool]], None]
"""Sends what an entry QUEUED asks for; stops between two messages when the second argument says so."""
