"""Every setting as a field of a form: made from the known keys, explained by the example's comments.

A key that is new in ``config.keys`` and the example has its field here without more: its kind is told by
what its check expects, its explanation by the comment above it, and it stands with the further settings.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from elite_lib import config
from elite_lib.config.checks import Unusable
from elite_lib.config.keys import KEYS
from elite_lib.labels import _
from elite_lib.ui.settings.words import CHOICES, HELP, LABELS

ROWS = ("lanes", "data.sheets", "data.aliases")  # tables of tables, which are shown as rows (``rows``)
_KINDS = {"whole": "number", "seconds": "number", "flag": "flag", "lines": "lines", "text": "text"}
_COLOURS = ("letterhead.colour",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One setting. ``default`` is the example's value."""

    key: str  # with its table: "mail.port"
    kind: str  # a word of settings.js
    default: Any
    words: tuple[str, ...] = ()  # of a choice

    def shown(self, value: Any) -> Any:
        """Give a value of the file as the form has it."""
        if self.kind == "number":
            return format(value, ".12g").replace(".", ",")
        if self.kind == "lines":
            return "\n".join(value)
        return value.strip("\n") if self.kind == "text" else value

    def raw(self, typed: Any) -> Any:
        """Give what was typed as the file has it; what is no number stays, for its check to refuse."""
        if self.kind == "number":
            number = _number(str(typed))
            whole = isinstance(number, int) and isinstance(self.default, float)
            return float(number) if whole else number  # as the file had it: 2.0
        if self.kind == "lines":
            return [line.strip() for line in str(typed).splitlines() if line.strip()]
        if self.kind == "flag":
            return bool(typed)
        return str(typed).replace("\r\n", "\n").replace("\r", "\n")

    def spec(self, **more: Any) -> dict[str, Any]:
        """Describe the field to the page, in the current language."""
        table, name = self.key.split(".")
        spec: dict[str, Any] = {
            "key": self.key,
            "kind": self.kind,
            "label": _(LABELS.get(self.key, self.key)),
            "help": _(HELP[self.key])
            if HELP.get(self.key)
            else ""
            if self.key in HELP
            else _told(table, name),
        }
        if self.kind == "choice":
            known = CHOICES.get(self.key, {})
            spec["choices"] = [{"value": word, "label": _(known.get(word, word))} for word in self.words]
        return spec | more


@cache
def known() -> Mapping[str, Field]:
    """Give every setting but the tables of tables, in the example's order."""
    example = tomllib.loads(config.example())
    found = {}
    for table, values in example.items():
        for name, default in values.items():
            if name in KEYS.get(table, {}):
                field = _field(f"{table}.{name}", default)
                found[field.key] = field
    return found


def _field(key: str, default: Any) -> Field:
    table, name = key.split(".")
    check = KEYS[table][name]
    try:
        check(object())
        expected = ""
    except Unusable as reason:
        expected = reason.expected
    word, _colon, rest = expected.partition(":")
    if word == "choice":
        words = rest.split(",")
        try:
            check("")
            words.insert(0, "")
        except Unusable:
            pass
        return Field(key=key, kind="choice", default=default, words=tuple(words))
    kind = "colour" if key in _COLOURS else _KINDS.get(word, "line")
    return Field(key=key, kind=kind, default=default)


def _number(typed: str) -> int | float | str:
    plain = re.sub(r"[\s\u00a0\u202f]", "", typed).replace(",", ".")
    if re.fullmatch(r"[+-]?[0-9]{1,15}", plain):
        return int(plain)
    if re.fullmatch(r"[+-]?[0-9]{1,15}\.[0-9]{1,6}", plain):
        return float(plain)
    return typed


# -- the example's comments ----------------------------------------------------------------------------


def _told(table: str, name: str) -> str:
    return _comments().get(f"{table}.{name}", "")


def intro(table: str) -> str:
    """Give what the example says above a table."""
    return _comments().get(table, "")


@cache
def _comments() -> Mapping[str, str]:
    return dict(_commented(config.example()))


def _commented(text: str) -> Iterator[tuple[str, str]]:
    table, block = "", list[str]()
    for line in text.splitlines():
        if line.startswith("# --"):
            block = []  # a part begins
        elif line.startswith("#"):
            block.append(line[2:])
        else:
            header, key = re.match(r"\[([\w.]+)\]", line), re.match(r"(\w+) = ", line)
            if header:
                table = header[1]
            if (header or key) and block:
                yield (table if header else f"{table}.{key[1]}" if key else table), _joined(block)
            block = []


def _joined(lines: list[str]) -> str:
    """Join the lines of a comment again; what was set in columns keeps its lines."""
    text = ""
    for line in lines:
        text += ("\n" if line.startswith("  ") or not line or text.endswith("\n") else " ") + line.rstrip()
    return re.sub(r"(?<=«) | (?=[:;?!»](?:\s|$))", "\u00a0", text.strip())  # as French sets them
