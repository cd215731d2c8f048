"""What the rules would have made of a message that nobody had read: an estimate by ablation.

For each group of messages (a kind of server, or near copies of one message) every phrase, provider's code,
dialect and alternative that occurs in no other group of the collection is taken out of the tables, and the
group is classified with what is left. It cannot un-read a message, and it also takes away what was written
from a server's manual and happens to occur once: it errs on the low side.

``attested`` keeps what is met outside the collection too: in a reply that a manual documents (replies.tsv),
or in a message that a real server wrote on loopback. It errs on the high side, as the replies were gathered
by people who had read the collection.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from elite_lib import bounces
from elite_lib.bounces import charsets, dialects, failing
from elite_lib.bounces.classes import mailboxes, providers, refusals, rows, sayings, sending
from elite_lib.bounces.parsing import parse
from elite_lib.models import MailReport

_EXPRESSIONS: tuple[tuple[ModuleType, str], ...] = ((failing, "SUBJECT"), (failing, "WORDS"))
_TABLES: tuple[tuple[ModuleType, str], ...] = (
    (sending, "SENDING"),
    (mailboxes, "MAILBOX"),
    (mailboxes, "HOST"),
    (mailboxes, "UNKNOWN_USER"),
    (mailboxes, "ADDRESS_REFUSED"),
    (mailboxes, "AGENTS"),
    (refusals, "ORDER"),
    (refusals, "VAGUE"),
    (refusals, "HINTS"),
    (sayings, "NOUNS"),
    (sayings, "SENDER"),
    (sayings, "RECIPIENT"),
    (sayings, "RESOLVER"),
    (sayings, "CROWD"),
    (sayings, "SIZE"),
    (sayings, "MESSAGE"),
    (providers, "CODES"),
    (dialects, "SERVERS"),
    (dialects, "SERVICES"),
)
Known = Callable[[str], bool]  # whether a phrase, by its name, stays


def answers(folder: Path, group: str, *, attested: str = "") -> dict[str, dict[str, object]]:
    """Classify each message without what only its own group taught. ``group`` is "family" or "cluster".

    ``attested`` is a folded text: what occurs in it stays.
    """
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    contents = {row["file"]: (folder / "mail" / row["file"]).read_bytes() for row in truth}
    groups = {row["file"]: row[group] for row in truth}
    texts = {name: _heard(content) for name, content in contents.items()}
    where = {
        piece: {groups[name] for name, text in texts.items() if occurs(text)}
        | ({""} if occurs(attested) else set())
        for piece, occurs in _pieces()
    }
    given: dict[str, dict[str, object]] = {}
    for one in sorted(set(groups.values())):
        with _without(lambda piece, one=one: where[piece] != {one}):  # type: ignore[misc]
            for name in (n for n, g in groups.items() if g == one):
                given[name] = record(bounces.classify(contents[name]))
    return given


def attested(own: Path) -> str:
    """Give what servers say elsewhere: documented replies, messages of real servers on loopback."""
    replies = (own / "replies.tsv").read_text(encoding="utf-8").splitlines()
    written = [charsets.fold(line.split("\t")[3]) for line in replies if line and not line.startswith("#")]
    servers = [
        _heard(file.read_bytes())
        for file in sorted(own.glob("server-*.eml")) + sorted(own.glob("real-*.eml"))
    ]
    return "\n".join([*written, *servers])


def plain_answers(folder: Path) -> dict[str, dict[str, object]]:
    """Classify each message with everything that is known."""
    return {
        file.name: record(bounces.classify(file.read_bytes())) for file in (folder / "mail").glob("*.eml")
    }


def record(report: MailReport) -> dict[str, object]:
    """Give what the scorer looks at."""
    return {
        "kind": report.kind.value,
        "reports": [
            {"recipient": f.recipient, "class": f.cls.value, "status": f.status, "reply_code": f.reply_code}
            for f in report.reports
            if f.recipient
        ],
    }


def _heard(content: bytes) -> str:
    mail = parse(content)
    fields = [f"{v}" for kind in mail.blocks.values() for block in kind for v in block.values()]
    return charsets.fold("\n".join([*mail.headers.values(), mail.notice, *fields]))


def _pieces() -> Iterator[tuple[str, Callable[[str], bool]]]:
    """Yield every piece of the tables by its name, and a test whether a folded text has it."""
    for module, name in _TABLES:
        table = getattr(module, name)
        for row in table if isinstance(table, tuple) else (table,):
            for field in _fields(row):
                for phrase in getattr(_lexeme(row), field).split("|"):
                    stem = phrase.removesuffix(".")
                    yield phrase, lambda text, stem=stem: rows.mentions(stem, text)  # type: ignore[misc]
            if isinstance(row, rows.Code):
                yield row.rule, lambda text, row=row: bool(rows.compiled(row.text).search(text))  # type: ignore[misc]
    for digits in providers.FRENCH_CODES:
        yield digits, lambda text, digits=digits: digits in providers.FRENCH.findall(text)  # type: ignore[misc]
    for module, name in _EXPRESSIONS:
        for part in _alternatives(getattr(module, name).pattern):
            yield part, lambda text, part=part: bool(re.search(part, text, re.IGNORECASE))  # type: ignore[misc]


def _fields(row: Any) -> list[str]:
    row = _lexeme(row)
    return [name for name in ("phrases", "known", "words") if getattr(row, name, "")]


def _lexeme(row: Any) -> Any:
    """Give the predicate of a saying, and any other row as it is."""
    return row[0] if isinstance(row, tuple) else row


def _alternatives(pattern: str) -> list[str]:
    """Split an expression at its outermost bars."""
    parts, depth = [""], 0
    for char in pattern:
        depth += (char == "(") - (char == ")")
        if char == "|" and not depth:
            parts.append("")
        else:
            parts[-1] += char
    return parts


@contextmanager
def _without(stays: Known) -> Iterator[None]:
    """Put reduced tables in the modules' place, and the whole ones back."""
    whole = [(m, n, getattr(m, n)) for m, n in (*_TABLES, *_EXPRESSIONS)]
    french = providers.FRENCH_CODES
    try:
        for module, name, value in whole:
            if isinstance(value, re.Pattern):
                kept = "|".join(filter(stays, _alternatives(value.pattern)))
                setattr(module, name, re.compile(kept, value.flags))
            elif isinstance(value, tuple):
                setattr(module, name, tuple(r for row in value if (r := _reduced(row, stays)) is not None))
            else:
                setattr(module, name, _reduced(value, stays) or dataclasses.replace(value, phrases="\0"))
        providers.FRENCH_CODES = {d: c for d, c in french.items() if stays(d)}
        yield
    finally:
        for module, name, value in whole:
            setattr(module, name, value)
        providers.FRENCH_CODES = french


def _reduced(row: Any, stays: Known) -> Any:
    if isinstance(row, rows.Code):
        return row if stays(row.rule) else None
    if isinstance(row, tuple):
        lexeme = _reduced(row[0], stays)
        return None if lexeme is None else (lexeme, *row[1:])
    kept = {field: "|".join(filter(stays, getattr(row, field).split("|"))) for field in _fields(row)}
    return dataclasses.replace(row, **kept) if all(kept.values()) else None
