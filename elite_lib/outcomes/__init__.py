"""Read what happened: replies -> verdict, entries -> states, plan and states -> dispatch slip."""

from elite_lib.outcomes.balancing import slip
from elite_lib.outcomes.folding import States, fold, printed, released, unticked
from elite_lib.outcomes.guarding import (
    carried,
    changed,
    left_elsewhere,
    pending,
    remaining,
    replaced,
    status_of,
)
from elite_lib.outcomes.verdicts import Effect, attempting, effect, too_many_failures, verdict

__all__ = [
    "Effect",
    "States",
    "attempting",
    "carried",
    "changed",
    "effect",
    "fold",
    "left_elsewhere",
    "pending",
    "printed",
    "released",
    "remaining",
    "replaced",
    "slip",
    "status_of",
    "too_many_failures",
    "unticked",
    "verdict",
]
