"""Who may open the dashboard: a name, which the journal keeps as *par qui*, and a password's hash.

The hashes (argon2id, RFC 9106, as ``jupyter_server.auth`` makes them) are in ``secrets/users.json`` of the
home, 0600. A login is good until its user's hash changes: who is removed, or gets another password, is out.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from filelock import FileLock

from elite_lib import secrets, storage
from elite_lib.config import Home
from elite_lib.exceptions import ConfigError

FILE = "users.json"
SHORTEST = 10  # characters: wrong passwords are slowed down (``attempts``), so that is not guessed
LONGEST_NAME = 60

_WAIT = 10.0  # seconds: two commands at once are rare, and quick


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    name: str
    password_hash: str
    since: str = ""  # ISO date


class Users:
    """The users of one home. Every look reads the file: a running dashboard sees a change at once."""

    def __init__(self, home: Home) -> None:
        self.home = home

    @property
    def file(self) -> Path:
        return self.home.secrets / FILE

    def all(self) -> tuple[User, ...]:
        """List the users, by name.

        Raises:
            ConfigError: ``users_unreadable``, ``secret_readable_by_others``, ``secret_unreadable``.
        """
        text = secrets.private_text(self.file)
        try:
            found = [User(**one) for one in json.loads(text)["users"]] if text else []
        except (ValueError, TypeError, KeyError) as error:
            raise ConfigError("users_unreadable", file=str(self.file)) from error
        return tuple(sorted(found, key=lambda user: same(user.name)))

    def add(self, name: str, password: str, *, replace: bool = False) -> User:
        """Let somebody in. ``replace``: give who is there already another password.

        Raises:
            ConfigError: ``user_name_invalid``, ``user_exists``, ``user_unknown``, ``password_short``.
            StorageError: the file cannot be written.
        """
        from jupyter_server.auth.security import passwd  # noqa: PLC0415 (0.2 s: only who sets one pays)

        name = checked_name(name)
        if len(password) < SHORTEST:
            raise ConfigError("password_short", least=SHORTEST)
        hashed = str(passwd(password))  # type: ignore[no-untyped-call]
        with self._alone():
            known = {same(user.name): user for user in self.all()}
            if replace and same(name) not in known:
                raise ConfigError("user_unknown", name=name)
            if not replace and same(name) in known:
                raise ConfigError("user_exists", name=name)
            kept = known.get(same(name), User(name=name, password_hash="")).name
            today = dt.datetime.now().astimezone().date().isoformat()
            user = known[same(name)] = User(name=kept, password_hash=hashed, since=today)
            self._write(known.values())
        return user

    def remove(self, name: str) -> User:
        """Let somebody in no more.

        Raises:
            ConfigError: ``user_unknown``. StorageError.
        """
        with self._alone():
            known = {same(user.name): user for user in self.all()}
            removed = known.pop(same(name), None)
            if removed is None:
                raise ConfigError("user_unknown", name=name)
            self._write(known.values())
        return removed

    def _alone(self) -> FileLock:
        storage.make_folder(self.home.locks)
        return FileLock(self.home.locks / "users.lock", timeout=_WAIT)

    def _write(self, users: Iterable[User]) -> None:
        storage.make_folder(self.home.secrets)
        content = json.dumps({"users": [asdict(user) for user in users]}, ensure_ascii=False, indent=1)
        storage.replace(self.file, content.encode())


def checked_name(name: str) -> str:
    """Take a name as a person writes theirs: one line, no control characters.

    Raises:
        ConfigError: ``user_name_invalid``.
    """
    plain = unicodedata.normalize("NFC", " ".join(name.split()))
    if not plain or len(plain) > LONGEST_NAME or re.search(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]", plain):
        raise ConfigError("user_name_invalid", value=plain, most=LONGEST_NAME)
    return plain


def same(name: str) -> str:
    """Give what two spellings of one name have in common: case, accents' encoding and spaces do not count."""
    return unicodedata.normalize("NFC", " ".join(name.split())).casefold()
