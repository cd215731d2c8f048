"""A sentence for every diagnosis: what it means, what to do, whom to ask."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from elite_lib import formats
from elite_lib.labels.catalogue import N_, _
from elite_lib.labels.doctor.domains import DOMAINS
from elite_lib.labels.doctor.server import SERVER
from elite_lib.labels.terms import PASSWORDS, why
from elite_lib.models import CheckStep, Diagnosis

# Filled in with the diagnosis' facts; one that is missing or empty is shown as "…".
SENTENCES: Mapping[CheckStep, Mapping[str, str]] = {**SERVER, **DOMAINS}

ANY_STEP: Mapping[str, str] = {
    "not_reached": N_("not examined: an earlier step failed."),
    "unexpected": N_("this examination failed by itself ({name}: {detail}). Please report it."),
}


class _Facts(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "…"


def describe_diagnosis(diagnosis: Diagnosis) -> str:
    """Say one diagnosis in the current language, to follow the step's word and a colon."""
    template = SENTENCES[diagnosis.step].get(diagnosis.code) or ANY_STEP.get(diagnosis.code)
    if template is None:  # a code that was forgotten here must not hide what was found
        return f"{diagnosis.code} {dict(diagnosis.facts)}"
    shown = {name: _shown(name, text) for name, text in diagnosis.facts.items() if text}
    return _(template).format_map(_Facts(shown))


def _shown(name: str, text: str) -> str:
    if name in ("until", "since"):
        return formats.date(dt.datetime.fromisoformat(text).astimezone().date())
    if name == "limit":
        return formats.size(int(text))
    if name == "detail":
        return why(text)
    return _(PASSWORDS[text]) if name == "name" and text in PASSWORDS else text
