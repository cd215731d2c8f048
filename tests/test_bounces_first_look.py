"""Messages as servers outside the corpora write them, on which no rule was ever tuned.

They were written with their expectations before the classifier saw them. What it said at the first look is
the floor: 50 of 50 recipients, 46 of 50 classes, no false hard. Nothing is mended from them; whoever does
moves the messages concerned to the corpus, and writes fresh ones.
"""

from __future__ import annotations

import json
from pathlib import Path

from elite_lib import bounces
from elite_lib.models import Finding, ReturnClass

FOLDER = Path(__file__).parent / "data" / "bounces" / "first-look"
EXPECTED = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))


def said(name: str) -> dict[str, Finding]:
    report = bounces.classify((FOLDER / name).read_bytes())
    return {found.recipient.lower(): found for found in report.reports}


def failures() -> list[tuple[Finding | None, dict[str, object]]]:
    """Pair what was expected of each failed recipient with what was said."""
    return [
        (said(name).get(str(wanted["recipient"]).lower()), wanted)
        for name, mail in EXPECTED.items()
        if mail["kind"] == "bounce"
        for wanted in mail["reports"]
    ]


def test_every_message_is_expected() -> None:
    assert {file.name for file in FOLDER.glob("*.eml")} == set(EXPECTED)


def test_kinds_are_told_apart() -> None:
    kinds = {name: bounces.classify((FOLDER / name).read_bytes()).kind for name in EXPECTED}
    assert kinds == {name: mail["kind"] for name, mail in EXPECTED.items()}


def test_every_recipient_is_found_and_whether_the_server_gave_up() -> None:
    found = failures()
    assert len(found) == 50
    assert all(one is not None and one.final is wanted["final"] for one, wanted in found)


def test_classes_are_at_least_as_right_as_at_the_first_look() -> None:
    right = [one is not None and one.cls == wanted["class"] for one, wanted in failures()]
    assert sum(right) >= 46


def test_no_good_address_is_lost() -> None:
    hard = ReturnClass.HARD
    false = [one for one, wanted in failures() if one and one.cls is hard and wanted["class"] != hard]
    assert false == []
