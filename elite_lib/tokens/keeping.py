"""The private file that tokens are kept in: a secret of the home, for one login at one provider."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from elite_lib import secrets, storage


class TokenFile:
    """``secrets/tokens``. What was kept for another login, client or provider counts as nothing."""

    def __init__(self, path: Path, *, owner: str) -> None:
        self._path, self._owner = path, owner

    def read(self) -> dict[str, str]:
        """Give what was kept; nothing where there is none that can be read as ours.

        Raises:
            ConfigError: others can read the file.
        """
        text = secrets.private_text(self._path)
        try:
            kept = json.loads(text) if text else {}
        except ValueError:
            return {}
        mine = isinstance(kept, dict) and kept.get("for") == self._owner
        return {name: value for name, value in kept.items() if isinstance(value, str)} if mine else {}

    def write(self, kept: Mapping[str, str]) -> None:
        """Keep these instead; raises ``StorageError``."""
        storage.make_folder(self._path.parent)
        storage.replace(self._path, json.dumps({"for": self._owner, **kept}).encode())
