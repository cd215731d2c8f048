"""Measure `bounces.classify`: its speed against its floor, and what it would make of unread messages.

Run: ``python benchmarks/bench_bounces.py [FOLDER]`` (default: the project's own corpus): the bare parse of
the same messages, in the same run, is the floor. CPU time of one core. Targets: ≥ 1,000 messages a second,
10 MB in less than a second.

``--unread COLLECTION``: the folder with mail/, truth.json and score.py; each kind of server, then each group
of near copies, is classified without what only it has taught (`ablation`): an estimate on the low side.

``--ladder COLLECTION``: the class accuracy that each layer of the rules brings (`ladder`).

``--truncations``: every message cut after every byte, and with other line ends; takes minutes.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import time
from collections.abc import Callable, Sequence
from email import message_from_bytes
from pathlib import Path
from types import ModuleType

import ablation
import ladder

from elite_lib import bounces

OWN = Path(__file__).resolve().parents[1] / "tests" / "data" / "bounces"
ROUNDS = 7
TARGET = 1_000
LARGE = 10_000_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=OWN)
    parser.add_argument("--unread", type=Path, metavar="COLLECTION")
    parser.add_argument("--ladder", type=Path, metavar="COLLECTION")
    parser.add_argument("--truncations", action="store_true")
    asked = parser.parse_args()
    if asked.unread:
        unread(asked.unread)
    elif asked.ladder:
        climb(asked.ladder)
    elif asked.truncations:
        truncations(asked.folder)
    else:
        speed(asked.folder)


def speed(folder: Path) -> None:
    contents = [file.read_bytes() for file in sorted(folder.glob("*.eml"))]
    measure(bounces.classify, contents[:20])  # expressions are compiled at first use
    floor = min(measure(message_from_bytes, contents) for _ in range(ROUNDS))
    ours = min(measure(bounces.classify, contents) for _ in range(ROUNDS))
    rate = len(contents) / ours
    print(
        f"{len(contents)} messages of {folder.name}/, {sum(map(len, contents)) // len(contents):,} bytes each"
    )
    print(f"bare parse  {len(contents) / floor:8,.0f} messages/s")
    print(f"classify    {rate:8,.0f} messages/s   {ours / floor:.1f} x the bare parse")
    large = contents[0] + b"x" * 70 + b"\n" + (b"y" * 75 + b"\n") * (LARGE // 76)
    print(f"10 MB       {measure(bounces.classify, [large]):8.3f} s")
    print("target met" if rate >= TARGET else f"below {TARGET:,} messages/s")


def unread(collection: Path) -> None:
    score = _scorer(collection / "score.py").score
    truth = json.loads((collection / "truth.json").read_text(encoding="utf-8"))
    known = ablation.attested(OWN)
    for label, answers in (
        ("all read", ablation.plain_answers(collection)),
        ("its kind of server unread", ablation.answers(collection, "family")),
        ("it and its near copies unread", ablation.answers(collection, "cluster")),
        (
            "its kind unread, what is attested elsewhere kept",
            ablation.answers(collection, "family", attested=known),
        ),
        (
            "near copies unread, what is attested kept",
            ablation.answers(collection, "cluster", attested=known),
        ),
    ):
        figures, _ = score(truth, answers)
        print(label, {name: figures[name] for name in FIGURES})


def climb(collection: Path) -> None:
    score = _scorer(collection / "score.py").score
    truth = json.loads((collection / "truth.json").read_text(encoding="utf-8"))
    for name, read, kind_unread in ladder.rungs(collection):
        for label, answers in (("all read", read), ("kind unread", kind_unread)):
            if answers is not None:
                figures, _ = score(truth, answers)
                print(f"{name}, {label}: class {figures['class_accuracy']:.3f}", end=" ")
                print(f"false hard {figures['false_hard']:.3f}, missed hard {figures['missed_hard']:.3f}")


FIGURES = ("recipient_recall", "recipient_precision", "class_accuracy", "false_hard", "missed_hard")


def _scorer(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("bounces_score", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def truncations(folder: Path) -> None:
    count = 0
    for file in sorted(folder.glob("*.eml")):
        content = file.read_bytes().replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        answer = bounces.classify(content)
        assert bounces.classify(content.replace(b"\n", b"\r\n")) == answer, file.name
        assert bounces.classify(content.replace(b"\n", b"\r")) == answer, file.name
        person = answer.kind.value in ("none", "auto_reply", "mdn", "complaint", "challenge")
        for length in range(len(content)):
            cut = bounces.classify(content[:length])
            assert not (person and cut.kind == "bounce"), (file.name, length)
            count += 1
    print(f"{count:,} truncated messages, each answered; none of a person's became a failure")


def measure(function: Callable[[bytes], object], contents: Sequence[bytes]) -> float:
    start = time.process_time()
    for content in contents:
        function(content)
    return time.process_time() - start


if __name__ == "__main__":
    main()
