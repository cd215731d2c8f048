"""Say which message may leave next, when, and when the last one will have left."""

from elite_lib.pacing.lanes import (
    Departure,
    Traffic,
    Waiting,
    choose,
    departures,
    expected_end,
    pick_canaries,
)
from elite_lib.pacing.pace import BACKOFF, backoff, backoff_concurrency, blocked_until, forecast, next_slot
from elite_lib.pacing.providers import PROVIDERS, LaneTable, Provider, about_mailbox
from elite_lib.pacing.slowing import Deferral, Heard, Slowness, heard_in_reports, heard_in_verdict, slowed

__all__ = [
    "BACKOFF",
    "PROVIDERS",
    "Deferral",
    "Departure",
    "Heard",
    "LaneTable",
    "Provider",
    "Slowness",
    "Traffic",
    "Waiting",
    "about_mailbox",
    "backoff",
    "backoff_concurrency",
    "blocked_until",
    "choose",
    "departures",
    "expected_end",
    "forecast",
    "heard_in_reports",
    "heard_in_verdict",
    "next_slot",
    "pick_canaries",
    "slowed",
]
