"""The office's own words for the printed documents: ``documents.toml`` over the default one.

``documents.toml`` of this room is the one place that holds the default words, their order, and
so what a home's file may say: a key that is not there is an error, one that is left out has the
default's value.
"""

from __future__ import annotations

import difflib
import functools
import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from elite_lib.config.reading import toml
from elite_lib.documents.pattern import PLACEHOLDERS, Pattern
from elite_lib.exceptions import ConfigError, EliteError

FILE = "documents.toml"

# Lists of closed words, with what must be among them: without its sums a document is none.
ORDERS: Mapping[str, tuple[str, ...]] = {
    "blocks": ("table", "totals"),
    "columns": ("label", "amount", "base"),
    "sections": ("HEB", "DEP", "PRE", "DIV"),
}
_BLOCKS = ("table", "totals", "notes", "payment", "closing")

Value = str | bool | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Template:
    """The words by their dotted keys: ``invoice.totals.net``."""

    words: Mapping[str, str]
    lists: Mapping[str, tuple[str, ...]]
    flags: Mapping[str, bool]
    patterns: Mapping[str, tuple[Pattern, ...]]

    def __getitem__(self, key: str) -> str:
        return self.words[key]

    def shown(self, key: str, values: Mapping[str, str]) -> tuple[str, ...]:
        """Fill in the lines of ``key``; one that lacks a value, or is of blanks only, is left out."""
        filled = [pattern.shown(values) for pattern in self.patterns[key]]
        return tuple(line for text in filled for line in text.split("\n") if line.strip())

    def said(self, key: str, values: Mapping[str, str]) -> str:
        """Fill in the single line of ``key``."""
        return " ".join(self.shown(key, values))


def default_text() -> str:
    """Return the default ``documents.toml``, with its explanations."""
    return (resources.files("elite_lib.documents") / FILE).read_text(encoding="utf-8")


def load(home: Path) -> Template:
    """Read the words of the home at ``home``, again only when its file changed.

    Raises:
        ConfigError: as :func:`parse`; ``toml_unreadable``.
        TemplateError: as :func:`parse`.
    """
    file = os.path.join(home, FILE)  # noqa: PTH118 (for each document: a Path takes ten times as long)
    try:
        state = os.stat(file)  # noqa: PTH116
    except FileNotFoundError:
        return default()
    return _read(file, state.st_mtime_ns, state.st_size)


@functools.lru_cache(maxsize=8)
def _read(file: str, _changed: int, _size: int) -> Template:
    try:
        content = Path(file).read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError("toml_unreadable", file=file, detail=str(error)) from error
    return parse(content, file=file)


@functools.cache
def default() -> Template:
    """Return the default words."""
    return _built(_flat(tomllib.loads(default_text())), FILE)


def parse(content: str, *, file: str = FILE) -> Template:
    """Check the text of a ``documents.toml``.

    Raises:
        ConfigError: ``toml_syntax``, ``key_unknown``, ``value_invalid``: the first thing that is wrong;
            ``fields["others"]`` holds the further ones.
        TemplateError: ``placeholder_unknown`` or ``template_syntax`` of one of its lines.
    """
    known = dict(_flat(tomllib.loads(default_text())))
    values: dict[str, Value] = dict(known)
    errors: list[EliteError] = []
    for key, value in _flat(toml(content, file)):
        if key not in known:
            nearest = difflib.get_close_matches(key, known, n=1)
            errors.append(ConfigError("key_unknown", file=file, key=key, nearest="".join(nearest)))
        elif expected := _wrong(key, value, known[key]):
            errors.append(ConfigError("value_invalid", file=file, key=key, value=value, expected=expected))
        else:
            values[key] = value
    if errors:
        raise ConfigError(errors[0].code, **errors[0].fields, others=tuple(errors[1:]))
    return _built(values.items(), file)


def _flat(table: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{above}{key}.")
        else:
            yield above + key, tuple(value) if isinstance(value, list) else value


def _wrong(key: str, value: object, model: Value) -> str:
    """Say what ``value`` should have been, or "" when it is as the default is."""
    if isinstance(model, bool):
        return "" if isinstance(value, bool) else "flag"
    if isinstance(model, str):
        return "" if isinstance(value, str) and "\n" not in value else "line"
    if not isinstance(value, tuple) or not all(isinstance(item, str) for item in value):
        return "lines"
    *_, name = key.split(".")
    if name not in ORDERS:
        return ""
    allowed = _BLOCKS if name == "blocks" else model
    needed = [word for word in ORDERS[name] if word in model]
    complete = set(needed) <= set(value) <= set(allowed) and len(set(value)) == len(value)
    return "" if complete else f"choice:{','.join(allowed)}"


def _built(values: Any, file: str) -> Template:
    words: dict[str, str] = {}
    lists: dict[str, tuple[str, ...]] = {}
    flags: dict[str, bool] = {}
    patterns: dict[str, tuple[Pattern, ...]] = {}
    for key, value in values:
        if isinstance(value, bool):
            flags[key] = value
        elif isinstance(value, str):
            words[key] = value
            patterns[key] = (Pattern.parse(value, where=f"{Path(file).name}, {key}"),)
        elif key.rpartition(".")[2] in ORDERS:
            lists[key] = value
        else:
            patterns[key] = tuple(
                Pattern.parse(line, where=f"{Path(file).name}, {key}", line=place)
                for place, line in enumerate(value, start=1)
            )
    return Template(words=words, lists=lists, flags=flags, patterns=patterns)


__all__ = ["FILE", "PLACEHOLDERS", "Template", "default", "default_text", "load", "parse"]
