"""What each layer of the bounce rules brings to the class: from a plain table of numbers to everything.

The recipients are found in the same way on every rung; only what judges them grows. The first rung knows
nothing of ours: a table learned from the other kinds of servers of the collection, the majority of each
pair (status, reply code), else of the status, else of the code.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import ablation

from elite_lib.bounces.classes import deciding

Answers = dict[str, dict[str, Any]]


def rungs(folder: Path) -> Iterator[tuple[str, Answers, Answers | None]]:
    """Yield a rung's name, its answers with everything read, and with the message's kind of server unread."""
    yield "table of (status, reply code) learned from the other kinds", learned(folder), None
    for name, patches in _LAYERS:
        with _patched(patches):
            yield name, ablation.plain_answers(folder), ablation.answers(folder, "family")


def learned(folder: Path) -> Answers:
    """Answer with the class that the other kinds of servers most often mean by the numbers."""
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    family = {row["file"]: row["family"] for row in truth}
    answers: Answers = dict(ablation.plain_answers(folder))
    votes = _votes(truth, answers)
    for name, answer in answers.items():
        for report in answer["reports"]:
            report["class"] = _majority(votes, report, leaving=family[name])
    return answers


_Votes = dict[tuple[str, str], Counter[tuple[str, str]]]


def _votes(truth: list[dict[str, Any]], answers: Answers) -> _Votes:
    """Count, for each key, which class each family gives it."""
    votes: _Votes = defaultdict(Counter)
    for row in truth:
        wanted = {(e["recipient"] or "").lower(): e["cls"] for e in row["expected"]}
        for report in answers[row["file"]]["reports"]:
            if cls := wanted.get(report["recipient"].lower()):
                for key in _keys(report):
                    votes[key][row["family"], cls] += 1
    return votes


def _keys(report: dict[str, Any]) -> list[tuple[str, str]]:
    status, code = report["status"], report["reply_code"]
    return [(status, code), (status, "*"), ("*", code), ("*", "*")]


def _majority(votes: _Votes, report: dict[str, Any], *, leaving: str) -> str:
    for key in _keys(report):
        counts: Counter[str] = Counter()
        for (family, cls), count in votes[key].items():
            counts[cls] += count * (family != leaving)
        if counts.total():
            return counts.most_common(1)[0][0]
    return "unknown"


def _nothing(*_: object) -> None:
    return None


_NO_WORDS = {"_by_words": _nothing}
_NO_COMMAND = {"_command": ""}
_LAYERS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("our table of statuses and reply codes", {**_NO_WORDS, **_NO_COMMAND}),
    ("and the command", _NO_WORDS),
    ("and phrases", {"_by_provider": _nothing, "_said": _nothing}),
    ("and sayings", {"_by_provider": _nothing}),
    ("and providers' codes: everything", {}),
)


@contextmanager
def _patched(patches: dict[str, Any]) -> Iterator[None]:
    """Put the named functions of `deciding` aside; ``_command`` stands for the command of its facts."""
    facts, command = deciding.Facts, deciding.Facts.command
    kept = {name: getattr(deciding, name) for name in patches if name != "_command"}
    try:
        for name, value in patches.items():
            if name == "_command":
                facts.command = property(lambda _: "")  # type: ignore[method-assign,assignment]
            else:
                setattr(deciding, name, value)
        yield
    finally:
        facts.command = command  # type: ignore[method-assign]
        for name, value in kept.items():
            setattr(deciding, name, value)
