"""Serve the dashboard: Voila on one notebook, with our template, behind a login.

Voila by itself asks for no password, serves every image below the notebook's folder to anybody,
takes another port when its own is taken, and loads fonts from elsewhere. All of that is settled in
one configuration file, readable by the user alone: nothing secret is on a command line.
"""

from __future__ import annotations

import contextlib
import getpass
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from elite_lib import config, storage
from elite_lib.exceptions import ConfigError
from elite_lib.labels import _, use_language
from elite_lib.launcher import notebook_path
from elite_lib.serving.configuring import (
    HEADERS,
    POLICY,
    USER_VARIABLE,
    Entrance,
    configuration,
    logged_in,
)
from elite_lib.serving.users import LONGEST_NAME, SHORTEST, User, Users, checked_name

NOTEBOOK = "dashboard.ipynb"
START_TIMEOUT = 60.0  # seconds until Voila answers
STOP_TIMEOUT = 10.0  # seconds for it to shut its kernels down

__all__ = [
    "HEADERS", "POLICY", "Entrance", "Server", "User", "Users", "checked_name", "configuration", "logged_in",
    "serve", "serving",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A dashboard that answers."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path


def serve(
    home: Path,
    *,
    host: str = "127.0.0.1",
    port: int = 8866,
    entrance: Entrance | None = None,
    on_ready: Callable[[str], None],
) -> None:
    """Serve the dashboard of ``home`` until it is interrupted; ``on_ready`` is told its address.

    ``home`` need not be one yet: its page then makes it.

    Raises:
        ConfigError: ``password_missing``, ``port_taken``, or ``dashboard_failed`` with its log.
    """
    with serving(home, host=host, port=port, entrance=entrance) as server:
        on_ready(server.url)
        with contextlib.suppress(KeyboardInterrupt):
            server.process.wait()


@contextmanager
def serving(
    home: Path,
    *,
    entrance: Entrance | None = None,
    password_hash: str = "",
    host: str = "127.0.0.1",
    port: int = 8866,
    notebook: Path | None = None,
) -> Iterator[Server]:
    """Serve for a ``with`` block: enter when Voila answers, leave when it is gone.

    ``password_hash`` is short for an entrance of the first user alone.

    Raises:
        ConfigError: as :func:`serve`.
    """
    place = config.Home(root=home.expanduser().resolve())
    settings = config.load(place) if place.toml.exists() else None
    entrance = _entrance(entrance or Entrance(password_hash=password_hash), settings)
    if entrance.closed and not Users(place).all():
        raise ConfigError("password_missing", file=str(home))
    _check_port(host, port)
    use_language(settings.language if settings else "fr")
    folder = storage.make_folder(place.runs / f"dashboard-{port}")
    page, texts = notebook or notebook_path(NOTEBOOK), _texts(settings)
    chosen = configuration(page, home=place.root, host=host, port=port, entrance=entrance, texts=texts)
    file, log = folder / "voila.json", folder / "voila.log"
    storage.replace(file, json.dumps(chosen, indent=1).encode(), durable=False)
    storage.replace(log, b"", durable=False)
    process = _start(place.root, folder, log)
    try:
        _wait_until_ready(process, f"http://{_reachable(host)}:{port}", log)
        yield Server(url=f"http://{_reachable(host)}:{port}/", process=process, log=log)
    finally:
        _stop(process)
        file.unlink(missing_ok=True)


def _entrance(given: Entrance, settings: config.Settings | None) -> Entrance:
    """Name the first user: who sends, as the settings have it, else the session of this computer."""
    named = given.first or (settings.operator if settings else "") or getpass.getuser()
    return replace(given, first=named)


def _texts(settings: config.Settings | None) -> dict[str, str]:
    return {
        "language": settings.language if settings else "fr",
        "establishment": settings.establishment.name if settings else "",
        "title": _("Sending of the invoices"),
        "password": _("Password"),
        "log_in": _("Log in"),
        "log_out": _("Log out"),
        "name": _("Your name"),
        "refused": _("This is not the password."),
        "refused_named": _("The name or the password is not right."),
        "slowed": _("Too many attempts. Wait {seconds} s, then try again."),
        "nobody": _("Nobody can log in yet. Open the link that the start of the dashboard printed."),
        "welcome": _("Choose your name and your password."),
        "name_hint": _("The journal keeps it: it says by whom the invoices were sent."),
        "password_hint": _("{n} characters or more.").format(n=SHORTEST),
        "again": _("Password, once more"),
        "unequal": _("The two passwords are not the same."),
        "password_short": _("This password is too short: {n} characters or more.").format(n=SHORTEST),
        "user_name_invalid": _("Write a name on one line, of at most {n} characters.").format(n=LONGEST_NAME),
        "loading": _("The page is being prepared…"),
        "slow": _("This takes longer than usual. If nothing changes within a minute, reload the page."),
        "no_script": _("This page needs JavaScript. Allow it for this address."),
    }


def _environment(home: Path, folder: Path) -> dict[str, str]:
    """Tell the kernel its home, and keep whatever the user has installed for Jupyter out of the page."""
    kept_back = ("ELITE_DASHBOARD", USER_VARIABLE)
    environment = {
        name: value for name, value in os.environ.items() if not any(word in name for word in kept_back)
    }
    paths = [str(Path(__file__).parent / "jupyter"), environment.get("JUPYTER_PATH", "")]
    return environment | {
        "ELITE_HOME": str(home),
        "JUPYTER_PATH": os.pathsep.join(filter(None, paths)),  # our template, also of an editable install
        "JUPYTER_PREFER_ENV_PATH": "1",  # a user's own python3 kernel would shadow ours
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_DATA_DIR": str(folder / "data"),
    }


def _start(home: Path, folder: Path, log: Path) -> subprocess.Popen[bytes]:
    with log.open("ab") as stream:
        return subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "voila", f"--Voila.config_file_paths={folder}"],
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            cwd=folder,
            env=_environment(home, folder),
        )


def _reachable(host: str) -> str:
    return {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)  # noqa: S104


def _check_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        if os.name == "posix":  # on Windows this option would let two servers share the port
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise ConfigError("port_taken", host=host, port=port, detail=error.strerror or "") from error


def _wait_until_ready(process: subprocess.Popen[bytes], origin: str, log: Path) -> None:
    """Poll a static file: every look at the page itself would start a kernel."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + START_TIMEOUT
    while time.monotonic() < deadline:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.1)
            break  # it ended
        with contextlib.suppress(urllib.error.URLError, OSError):
            opener.open(f"{origin}/voila/static/voila.js", timeout=5).close()
            return
    raise ConfigError("dashboard_failed", log=str(log), exit=process.poll())


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(STOP_TIMEOUT)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
