"""Read what happened: replies -> verdict, entries -> states, plan and states -> dispatch slip."""

from elite_lib.outcomes.balancing import slip
from elite_lib.outcomes.doubting import Doubt, doubts
from elite_lib.outcomes.folding import States, fold, printed, released, unticked
from elite_lib.outcomes.guarding import (
    changed,
    left_elsewhere,
    pending,
    remaining,
    renumbered,
    replaced,
    status_of,
    untouched,
    vanished,
)
from elite_lib.outcomes.recognising import HandedMessage, handed, recognise
from elite_lib.outcomes.suspending import set_aside
from elite_lib.outcomes.tying import WINDOW, Tied, by_address, named, tie
from elite_lib.outcomes.verdicts import Effect, attempting, effect, too_many_failures, verdict

__all__ = [
    "WINDOW",
    "Doubt",
    "Effect",
    "HandedMessage",
    "States",
    "Tied",
    "attempting",
    "by_address",
    "changed",
    "doubts",
    "effect",
    "fold",
    "handed",
    "left_elsewhere",
    "named",
    "pending",
    "printed",
    "recognise",
    "released",
    "remaining",
    "renumbered",
    "replaced",
    "set_aside",
    "slip",
    "status_of",
    "tie",
    "too_many_failures",
    "unticked",
    "untouched",
    "vanished",
    "verdict",
]
