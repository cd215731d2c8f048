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


def save(home: Path | Home, changes: Mapping[str, Mapping[str, object]]) -> Settings:
    """Change these values, check the whole file, then replace it in one step (0600).

    ``changes``: table -> key -> value, as in ``{"mail": {"port": 465}}``; a table within a table is
    written with dots (``data.aliases.Factures``). None takes a key away: the example's value
    stands again. Returns the settings as they are now.

    Raises:
        ConfigError: as ``config.load``; the file is left as it was.
        StorageError: it cannot be written; the file is left as it was.
    """
    home = home if isinstance(home, Home) else Home(root=home.resolve())
    before = read_text(home)
    toml(before, str(home.toml))  # the reader's own error; what else is wrong may be mended here
    parsed = tomlkit.parse(before)
    for name, values in changes.items():
        parsed, table = _table(parsed, name)
        for key, value in values.items():
            if value is None:
                table.pop(key, None)
            else:
                table[key] = _item(value)
    after = tomlkit.dumps(parsed)
    settings = parse(after, home=home)
    if after != before:
        storage.replace(home.toml, after.encode())
    return settings


def _table(document: TOMLDocument, name: str) -> tuple[TOMLDocument, MutableMapping[str, Any]]:
    """Find a table; a new one goes to the end: within, it would part a section from its comment."""
    found: Any = document
    for part in name.split("."):
        if part not in found:
            header = ".".join(tomlkit.key(word).as_string() for word in name.split("."))
            return _table(tomlkit.parse(f"{tomlkit.dumps(document).rstrip()}\n\n\n[{header}]\n"), name)
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
