"""Passwords: looked up when they are needed, never in ``elite.toml``, the journal or an error.

Order: environment, file named by the environment, systemd credential, keyring, private file of the
home, prompt. The first that has one wins.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Literal, Protocol

from elite_lib import storage
from elite_lib.config import Home
from elite_lib.exceptions import ConfigError

Name = Literal["mail", "dashboard", "imap", "archive", "oauth", "workbook", "pop3"]
SERVICE = "elite"  # in the keyring; the user name there is "mail@/path/of/the/home"


class Keyring(Protocol):
    """The part of ``keyring.backend.KeyringBackend`` that is used here."""

    def get_password(self, service: str, username: str, /) -> str | None: ...

    def set_password(self, service: str, username: str, password: str, /) -> None: ...


def find(
    name: Name,
    *,
    home: Home,
    environ: Mapping[str, str],
    prompt: Callable[[], str] | None = None,
    keyring: Keyring | None = None,
) -> str:
    """Find the password called ``name``. ``keyring``: the system's when it is not given.

    For ``mail``: ``ELITE_MAIL_PASSWORD``; the file ``ELITE_MAIL_PASSWORD_FILE``;
    ``$CREDENTIALS_DIRECTORY/elite-mail``; the keyring; ``secrets/mail`` of the home; ``prompt``,
    which only an attended command gives.

    Raises:
        ConfigError: ``secret_missing`` (name, variable, file, keyring: why that one had none:
            "empty", "none", "plaintext", "failed"), ``secret_unreadable`` (path, detail),
            ``secret_readable_by_others`` (path, mode), ``secret_empty`` (path).
    """
    variable = f"ELITE_{name.upper()}_PASSWORD"
    if given := environ.get(variable):
        return given
    if given := environ.get(f"{variable}_FILE"):
        # Its mode is not checked: containers mount secrets as 0444 in a place of their own.
        return _read(Path(given))
    if folder := environ.get("CREDENTIALS_DIRECTORY"):
        credential = Path(folder) / f"elite-{name}"
        if credential.exists():
            return _read(credential)
    found, reason = _from_keyring(name, home, environ, keyring=keyring)
    if found:
        return found
    own = home.secrets / name
    if own.exists():
        _check_private(own)
        return _read(own)
    if prompt is not None and (given := prompt()):
        return given
    raise ConfigError("secret_missing", name=name, variable=variable, file=str(own), keyring=reason)


Origin = Literal["", "environment", "named_file", "credential", "keyring", "file"]


def origin(name: Name, *, home: Home, environ: Mapping[str, str], keyring: Keyring | None = None) -> Origin:
    """Say where :func:`find` takes the password from, without it; "" where there is none."""
    variable = f"ELITE_{name.upper()}_PASSWORD"
    if environ.get(variable):
        return "environment"
    if environ.get(f"{variable}_FILE"):
        return "named_file"
    folder = environ.get("CREDENTIALS_DIRECTORY")
    if folder and (Path(folder) / f"elite-{name}").exists():
        return "credential"
    if _from_keyring(name, home, environ, keyring=keyring)[0]:
        return "keyring"
    return "file" if (home.secrets / name).exists() else ""


def store(
    name: Name,
    password: str,
    *,
    home: Home,
    where: Literal["keyring", "file"] = "file",
    environ: Mapping[str, str] | None = None,
    keyring: Keyring | None = None,
) -> None:
    """Keep a password in the keyring or in the home's private file.

    The file unless told otherwise: a keyring is only there while its user is logged in, and a
    scheduled run needs the password as well. ``environ`` is looked at for
    ``PYTHON_KEYRING_BACKEND`` only.

    Raises:
        ConfigError: ``keyring_unusable`` (reason), ``secret_empty``.
        StorageError: the file cannot be written.
    """
    if not password:
        raise ConfigError("secret_empty", path="")
    if where == "file":
        storage.make_folder(home.secrets)
        storage.replace(home.secrets / name, password.encode())
        return
    import keyring.errors as keyring_errors  # noqa: PLC0415 (see _system)

    backend = next(_usable(keyring or _system(), environ or {}), None)
    if backend is None:
        raise ConfigError("keyring_unusable", reason="none")
    try:
        backend.set_password(SERVICE, _user(name, home), password)
    except keyring_errors.KeyringError as error:
        raise ConfigError("keyring_unusable", reason=type(error).__name__) from error


def private_text(path: Path) -> str:
    """Read a private file of the home; "" when it is not there.

    Raises:
        ConfigError: ``secret_readable_by_others``, ``secret_unreadable``, ``secret_empty``.
    """
    if not path.exists():
        return ""
    _check_private(path)
    return _read(path)


def _user(name: Name, home: Home) -> str:
    return f"{name}@{home.root}"


def _read(path: Path) -> str:
    try:
        # An editor's byte order mark and last line end are no part of the password.
        password = path.read_text(encoding="utf-8-sig").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        detail = error.strerror if isinstance(error, OSError) else "UTF-8"
        raise ConfigError("secret_unreadable", path=str(path), detail=detail) from error
    if not password:
        raise ConfigError("secret_empty", path=str(path))
    return password


def _check_private(path: Path) -> None:
    if os.name == "nt":
        return  # access lists, not mode bits, decide there
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ConfigError("secret_readable_by_others", path=str(path), mode=f"{mode:04o}")


def _from_keyring(
    name: Name, home: Home, environ: Mapping[str, str], *, keyring: Keyring | None
) -> tuple[str, str]:
    """Return the password or "", and why there is none. No keyring is no error: servers have none."""
    reason = "none"
    chosen = keyring or _system()
    for backend in _each(chosen):
        if _refused(backend, environ):
            reason = "plaintext" if _alternative(backend) else reason
            continue
        try:
            found = backend.get_password(SERVICE, _user(name, home))
        except Exception as error:  # a locked or absent desktop service raises its library's own errors
            reason = f"failed:{type(error).__name__}"
            continue
        if found:
            return found, ""
        reason = "empty"
    return "", reason


def _system() -> Keyring:
    import keyring  # noqa: PLC0415 (0.1 s and a look at every backend: only who reaches this step pays)

    return keyring.get_keyring()


def _each(keyring: Keyring) -> Iterator[Keyring]:
    """Take a chain of keyrings apart: it would ask, and fill, the refused ones too."""
    from keyring.backends.chainer import ChainerBackend  # noqa: PLC0415 (see _system)

    if isinstance(keyring, ChainerBackend):
        yield from keyring.backends
    else:
        yield keyring


def _usable(keyring: Keyring, environ: Mapping[str, str]) -> Iterator[Keyring]:
    return (backend for backend in _each(keyring) if not _refused(backend, environ))


def _refused(backend: Keyring, environ: Mapping[str, str]) -> bool:
    """Refuse the keyrings that keep nothing, and those that keep base64 for a secret.

    ``keyrings.alt`` once installed is chosen in silence; naming it in ``PYTHON_KEYRING_BACKEND``
    (keyring's own setting) is asking for it.
    """
    kind = type(backend)
    if kind.__module__ in ("keyring.backends.fail", "keyring.backends.null"):
        return True
    asked = environ.get("PYTHON_KEYRING_BACKEND") == f"{kind.__module__}.{kind.__qualname__}"
    return _alternative(backend) and not asked


def _alternative(backend: Keyring) -> bool:
    return any(f"{base.__module__}.".startswith("keyrings.alt.") for base in type(backend).__mro__)
