"""How a step is told."""

from __future__ import annotations

from elite_lib.models import CheckStep, CheckVerdict, Diagnosis


def told(step: CheckStep, verdict: CheckVerdict, code: str, /, **facts: str) -> Diagnosis:
    """Make a diagnosis; ``facts`` are what its sentence needs."""
    return Diagnosis(step=step, verdict=verdict, code=code, facts=facts)
