"""Serve the dashboard: Voila on one notebook, with our template, behind a login.

Voila by itself asks for no password, serves every image below the notebook's folder to anybody,
takes another port when its own is taken, and loads fonts from elsewhere. All of that is settled in
one configuration file, readable by the user alone: nothing secret is on a command line.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from elite_lib import config, storage
from elite_lib.exceptions import ConfigError
from elite_lib.labels import _, use_language
from elite_lib.launcher import notebook_path

NOTEBOOK = "dashboard.ipynb"
START_TIMEOUT = 60.0  # seconds until Voila answers
STOP_TIMEOUT = 10.0  # seconds for it to shut its kernels down
IDLE_TIMEOUT = 3600  # seconds before a kernel without a page is shut down (~100 MB each)
MESSAGE_LIMIT = 64 * 1024 * 1024  # bytes: tornado's 10 MiB drop a larger upload without a word

# Everything comes from this server; anywidget imports its modules from blob: addresses, JupyterLab's
# schema validator compiles functions.
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "connect-src 'self' ws: wss: blob:; frame-src 'self' blob:; object-src 'none'; base-uri 'self'; "
    "form-action 'self'; frame-ancestors 'none'"
)


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
    password_hash: str,
    on_ready: Callable[[str], None],
) -> None:
    """Serve the dashboard of ``home`` until it is interrupted; ``on_ready`` is told its address.

    ``password_hash`` is what ``jupyter_server.auth.passwd`` makes of the password (argon2).

    Raises:
        ConfigError: ``password_missing``, ``port_taken``, or ``dashboard_failed`` with its log.
    """
    with serving(home, host=host, port=port, password_hash=password_hash) as server:
        on_ready(server.url)
        with contextlib.suppress(KeyboardInterrupt):
            server.process.wait()


@contextmanager
def serving(
    home: Path, *, password_hash: str, host: str = "127.0.0.1", port: int = 8866, notebook: Path | None = None
) -> Iterator[Server]:
    """Serve for a ``with`` block: enter when Voila answers, leave when it is gone.

    Raises:
        ConfigError: as :func:`serve`.
    """
    if not password_hash:
        raise ConfigError("password_missing", file=str(home))
    _check_port(host, port)
    settings = config.load(home)
    use_language(settings.language)
    folder = settings.home.runs / f"dashboard-{port}"
    storage.make_folder(folder)
    words = _texts(settings.establishment.name, settings.language)
    chosen = configuration(
        notebook or notebook_path(NOTEBOOK), host=host, port=port, password_hash=password_hash, texts=words
    )
    file, log = folder / "voila.json", folder / "voila.log"
    storage.replace(file, json.dumps(chosen, indent=1).encode(), durable=False)
    storage.replace(log, b"", durable=False)
    process = _start(settings.home.root, folder, log)
    try:
        _wait_until_ready(process, f"http://{_reachable(host)}:{port}", log)
        yield Server(url=f"http://{_reachable(host)}:{port}/", process=process, log=log)
    finally:
        _stop(process)
        file.unlink(missing_ok=True)


def configuration(
    notebook: Path, *, host: str, port: int, password_hash: str, texts: Mapping[str, str]
) -> dict[str, dict[str, Any]]:
    """Build Voila's configuration; each line is there because the default is not safe for us."""
    return {
        "Voila": {
            "notebook_path": str(notebook),  # one notebook, never a folder: that lists and renders all
            "ip": host,
            "port": port,
            "port_retries": 0,  # else it silently takes another port
            "open_browser": False,
            "identity_provider_class": "elite_lib.serving.login.OfficeIdentityProvider",
            "tornado_settings": {
                "headers": {"X-Frame-Options": "DENY", "Content-Security-Policy": POLICY},
                "websocket_max_message_size": MESSAGE_LIMIT,
                "elite_texts": dict(texts),
            },
        },
        "PasswordIdentityProvider": {
            "hashed_password": password_hash,
            "password_required": True,
            "allow_password_change": False,
            "cookie_options": {"samesite": "Strict"},
        },
        "VoilaConfiguration": _pages(texts),
        "HTMLExporter": {"language_code": texts["language"]},
        "MappingKernelManager": {
            "cull_idle_timeout": IDLE_TIMEOUT,
            "cull_interval": 300,
            "cull_connected": False,
        },
        # a checklist of 10,000 rows is above the default rate of 1 MB a second
        "ZMQChannelsWebsocketConnection": {"limit_rate": False},
    }


def _pages(texts: Mapping[str, str]) -> dict[str, Any]:
    return {
        "template": "elite",
        "theme": "light",  # our page has its own colours, dark ones included
        "allow_template_override": "NO",
        "allow_theme_override": "NO",
        "resources": {"elite": dict(texts)},
        "file_allowlist": [],  # /voila/files asks for no login
        "file_denylist": [".*"],
        "show_tracebacks": False,
        "strip_sources": True,
    }


def _texts(establishment: str, language: str) -> dict[str, str]:
    return {
        "language": language,
        "establishment": establishment,
        "title": _("Sending of the invoices"),
        "password": _("Password"),
        "log_in": _("Log in"),
        "log_out": _("Log out"),
        "refused": _("This is not the password."),
        "loading": _("The page is being prepared…"),
        "slow": _("This takes longer than usual. If nothing changes within a minute, reload the page."),
        "no_script": _("This page needs JavaScript. Allow it for this address."),
    }


def _environment(home: Path, folder: Path) -> dict[str, str]:
    """Tell the kernel its home, and keep whatever the user has installed for Jupyter out of the page."""
    environment = {name: value for name, value in os.environ.items() if "ELITE_DASHBOARD" not in name}
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
