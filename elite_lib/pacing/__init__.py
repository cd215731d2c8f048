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
from elite_lib.pacing.slowing import (
    Heard,
    Slowness,
    heard_in_returns,
    heard_in_verdict,
    limits,
    slowed,
    usual_slowness,
)

__all__ = [
    "BACKOFF",
    "PROVIDERS",
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
    "heard_in_returns",
    "heard_in_verdict",
    "limits",
    "next_slot",
    "pick_canaries",
    "slowed",
    "usual_slowness",
]
