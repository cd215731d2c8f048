"""Voila's configuration: each line is there because the default is not safe for us."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

IDLE_TIMEOUT = 3600  # seconds before a kernel without a page is shut down (~100 MB each)
MESSAGE_LIMIT = 64 * 1024 * 1024  # bytes: tornado's 10 MiB drop a larger upload without a word
SESSION_DAYS = 0.5  # a working day: a login that is forgotten ends by itself

# Who is logged in, on the way from the login to the kernel: our identity provider sets this header itself.
USER_HEADER = "X-Elite-User"
USER_VARIABLE = "HTTP_X_ELITE_USER"  # what Voila makes of it (RFC 3875 4.1.18)
ADDRESS_HEADER = "X-Elite-Address"  # where the browser is: only one here sees the windows that open here
ADDRESS_VARIABLE = "HTTP_X_ELITE_ADDRESS"

# Everything comes from this server; anywidget imports its modules from blob: addresses, JupyterLab's
# schema validator compiles functions.
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "connect-src 'self' ws: wss: blob:; frame-src 'self' blob:; object-src 'none'; base-uri 'self'; "
    "form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "same-origin",  # the address may hold a one-time link
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "X-Robots-Tag": "noindex, nofollow",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrance:
    """Who gets in beside the users of the home's file, and through what."""

    first: str = ""  # name of the user whose password a secret of the server's holds
    password_hash: str = ""  # what ``jupyter_server.auth.passwd`` makes of that password (argon2)
    welcome: str = ""  # token of the link that makes the first user where there is none
    behind_proxy: bool = False  # a proxy with TLS is in front: its X-Forwarded-For is believed

    @property
    def closed(self) -> bool:
        return not (self.password_hash or self.welcome)


def configuration(
    notebook: Path, *, home: Path, host: str, port: int, entrance: Entrance, texts: Mapping[str, str]
) -> dict[str, dict[str, Any]]:
    """Build Voila's configuration."""
    return {
        "Voila": {
            "notebook_path": str(notebook),  # one notebook, never a folder: that lists and renders all
            "ip": host,
            "port": port,
            "port_retries": 0,  # else it silently takes another port
            "open_browser": False,
            "identity_provider_class": "elite_lib.serving.login.OfficeIdentityProvider",
            "tornado_settings": _web(home, entrance, texts),
        },
        "PasswordIdentityProvider": {
            "hashed_password": entrance.password_hash,
            "password_required": True,
            "allow_password_change": False,
            # a session of the browser's, HttpOnly; ended by the server after a working day
            "cookie_options": {"samesite": "Strict", "expires_days": None},
            "get_secure_cookie_kwargs": {"max_age_days": SESSION_DAYS},
            "secure_cookie": True if entrance.behind_proxy else None,
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


def _web(home: Path, entrance: Entrance, texts: Mapping[str, str]) -> dict[str, Any]:
    return {
        "headers": HEADERS,
        "websocket_max_message_size": MESSAGE_LIMIT,
        "xsrf_cookie_kwargs": {"samesite": "Strict", "secure": entrance.behind_proxy},
        "elite_texts": dict(texts),
        "elite_home": str(home),
        "elite_first": entrance.first,
        "elite_welcome": _hashed(entrance.welcome),
        "elite_behind_proxy": entrance.behind_proxy,
    }


def logged_in(environ: Mapping[str, str]) -> str:
    """Name who is logged in to the page that this kernel serves; "" outside of our server."""
    return unquote(environ.get(USER_VARIABLE, ""))


def proxied(headers: Iterable[str]) -> bool:
    """Tell whether somebody passed a request on: its address is theirs, not the browser's."""
    return not {"forwarded", "via", "x-forwarded-for", "x-real-ip"}.isdisjoint(map(str.lower, headers))


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest() if token else ""


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
        "http_header_envs": [USER_HEADER, ADDRESS_HEADER],
    }
