"""Say an exception in the current language: choose its sentence, show its fields as the office writes them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import partial

from elite_lib import formats
from elite_lib.exceptions import EliteError, SourceError
from elite_lib.labels.catalogue import _
from elite_lib.labels.errors import ADOPT, ERRORS, SINGLE_BRACE, WITHOUT
from elite_lib.labels.problems import describe_problem
from elite_lib.labels.terms import HINTS, PASSWORDS, WHERE, expected, why
from elite_lib.labels.words import WORDS
from elite_lib.models import ProblemCode


class _Fields(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "…"


def explain(error: BaseException) -> str:
    """Say an error in the current language; one that is not ours is named as a bug."""
    if not isinstance(error, EliteError):
        return _("Unexpected error ({name}). Nothing more is done; please report it with the log.").format(
            name=type(error).__name__
        )
    lines = [_sentence(error)]
    if isinstance(error, SourceError):
        lines += [f"  {describe_problem(problem)}" for problem in error.problems]
    others = error.fields.get("others")
    if isinstance(others, tuple):
        lines += [_sentence(other) for other in others if isinstance(other, EliteError)]
    return "\n".join(lines)


def _sentence(error: EliteError) -> str:
    template = _template(error)
    if not template:
        return str(error)
    fields = {name: _field(error.code, name, value) for name, value in error.fields.items()}
    text = _(template).format_map(_Fields({"adopt": _(ADOPT)} | fields)).strip()
    return text[:1].upper() + text[1:] if template.startswith(("{where}", "{header}")) else text


def _template(error: EliteError) -> str:
    if error.code == "template_syntax" and str(error.fields.get("detail")).startswith("{"):
        return SINGLE_BRACE
    for (code, field), template in WITHOUT.items():
        if code == error.code and error.fields.get(field) in (None, ""):
            return template
    known = (ERRORS.get(kind, {}).get(error.code, "") for kind in type(error).__mro__)
    return next(filter(None, known), "")


def _field(code: str, name: str, value: object) -> str:
    """Show one field: ours as words, times and amounts as the office writes them."""
    if isinstance(value, Decimal):
        return formats.amount(value)
    text = ", ".join(map(str, value)) if isinstance(value, tuple | list) else str(value)
    text = "" if value is None else text
    show = _SHOWN.get(name) or _SHOWN.get(f"{code}.{name}", str)
    return show(text) or "…"


def _local(text: str) -> str:
    """Show an instant that the journal keeps as ISO text in the office's time."""
    try:
        return f"{dt.datetime.fromisoformat(text).astimezone():%d/%m/%Y %H:%M}"
    except ValueError:
        return text


def _named(table: Mapping[str, str], text: str) -> str:
    return _(table[text]) if text in table else text


def _problem(code: str) -> str:
    return _(WORDS[ProblemCode][ProblemCode(code)]) if code in set(ProblemCode) else code


_SHOWN: Mapping[str, Callable[[str], str]] = {
    "since": _local,
    "expires": _local,
    "expected": expected,
    "detail": why,
    "reason": why,
    "where": partial(_named, WHERE),
    "header": partial(_named, WHERE),
    "codes": lambda text: ", ".join(_problem(code) for code in text.split(", ")),
    "hint": lambda text: _named(HINTS, text or "none"),
    "secret_missing.name": partial(_named, PASSWORDS),
}
