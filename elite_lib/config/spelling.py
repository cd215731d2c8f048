"""Names of settings as people write them: close to a known one, or that of a secret."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from elite_lib.config.keys import KEYS

SECRET = re.compile(r"passw|passphrase|motdepasse|mdp|secret|token|apikey", re.IGNORECASE)


def secret_keys(table: Mapping[str, object], above: str = "") -> Iterator[str]:
    """List the keys that look like a secret's: it must not be in this file."""
    for key, value in table.items():
        dotted = f"{above}{key}"
        if dotted in ("data.aliases", "data.sheets"):
            continue  # titles of the office
        if isinstance(value, dict):
            yield from secret_keys(value, f"{dotted}.")
        elif SECRET.search(plain(key)):
            yield dotted


def plain(name: str) -> str:
    """Drop case, accents, spaces and signs: ``Mot de passe`` -> ``motdepasse``."""
    letters = unicodedata.normalize("NFKD", name.casefold().replace("œ", "oe"))
    return re.sub(r"[\W_]", "", "".join(c for c in letters if not unicodedata.combining(c)))


def nearest(name: str, known: Any) -> str:
    """Name the known word that was meant, or ""."""
    words = {plain(word): word for word in known}
    found = difflib.get_close_matches(plain(name), words, n=1)
    return words[found[0]] if found else ""


def nearest_key(table: str, key: str) -> str:
    """Name the known key that was meant: of the same table, else the same word in another one."""
    if near := nearest(key, KEYS[table]):
        return f"{table}.{near}"
    return next((f"{name}.{key}" for name, keys in KEYS.items() if key in keys), "")
