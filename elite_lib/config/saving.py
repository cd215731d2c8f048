"""Write single values back into ``elite.toml`` and leave the office's comments where they are."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit import TOMLDocument
from tomlkit.items import Item

from elite_lib import storage
from elite_lib.config.home import Home
from elite_lib.config.reading import Settings, parse, read_text, toml
from elite_lib.exceptions import ConfigError

# table (a path where a name has dots of its own) -> key -> value, as in {"mail": {"port": 465}}
Changes = Mapping[str | tuple[str, ...], Mapping[str, object] | None]


def save(home: Path | Home, changes: Changes, *, seen: str | None = None) -> Settings:
    """Change these values, check the whole file, then replace it in one step (0600).

    A table within a table is written with dots (``data.aliases.Factures``), or as a path
    (``("lanes", "tutelle.example")``). None takes a key or a table away: the example's value stands
    again. ``seen``: the text that the changes were made upon; another one in the file is not written over.
    Returns the settings as they are now.

    Raises:
        ConfigError: as ``config.load``, or ``file_changed``; the file is left as it was.
        StorageError: it cannot be written; the file is left as it was.
    """
    home = home if isinstance(home, Home) else Home(root=home.resolve())
    before = read_text(home)
    if seen is not None and before != seen:
        raise ConfigError("file_changed", file=str(home.toml))
    toml(before, str(home.toml))  # the reader's own error; what else is wrong may be mended here
    after = changed(before, changes)
    settings = parse(after, home=home)
    if after != before:
        storage.replace(home.toml, after.encode())
    return settings


def changed(before: str, changes: Changes) -> str:
    """Give the text of an ``elite.toml`` with these changes, its comments where they were."""
    parsed = tomlkit.parse(before)
    for name, values in changes.items():
        path = tuple(name.split(".")) if isinstance(name, str) else name
        if values is None:
            _remove(parsed, path)
            continue
        parsed, table = _table(parsed, path)
        for key, value in values.items():
            if value is None:
                table.pop(key, None)
            else:
                table[key] = _item(value)
    return tomlkit.dumps(parsed)


def _remove(document: TOMLDocument, path: tuple[str, ...]) -> None:
    found: Any = document
    for part in path[:-1]:
        found = found.get(part, {})
    found.pop(path[-1], None)


def _table(document: TOMLDocument, path: tuple[str, ...]) -> tuple[TOMLDocument, MutableMapping[str, Any]]:
    """Find a table; a new one goes to the end: within, it would part a section from its comment."""
    found: Any = document
    for part in path:
        if part not in found:
            header = ".".join(tomlkit.key(word).as_string() for word in path)
            return _table(tomlkit.parse(f"{tomlkit.dumps(document).rstrip()}\n\n\n[{header}]\n"), path)
        found = found[part]
    return document, found


def _item(value: object) -> Item:
    if isinstance(value, str):
        if "\n" in value:
            return tomlkit.string("{}\n".format(value.strip("\n")), multiline=True)
        return tomlkit.string(str(value))  # a StrEnum's value
    if isinstance(value, list | tuple):
        array = tomlkit.array().multiline(len(value) > 1)
        array.extend(value)
        return array
    return tomlkit.item(value)
