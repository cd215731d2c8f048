"""Name the places that returned messages are read from: the mailbox of the settings, and others beside it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

from elite_lib import secrets, tokens
from elite_lib.config import Settings
from elite_lib.exceptions import ConfigError
from elite_lib.mailbox.files import FileSource
from elite_lib.mailbox.folder import FolderSource
from elite_lib.mailbox.opening import home_mailboxes
from elite_lib.mailbox.pop3 import PORTS, Pop3Source
from elite_lib.mailbox.protocols import Source
from elite_lib.models import ImapAccount, Security


def sources_of(
    settings: Settings, *, environ: Mapping[str, str] = os.environ, timeout: float | None = None
) -> tuple[Source, ...]:
    """Make the home's sources: its mailbox, when it has one, then ``[returns] sources``; none is opened yet.

    ``timeout``: seconds for each answer, instead of the settings'.

    Raises:
        ConfigError: see :func:`source_of`.
    """
    names = [*(["imap"] if settings.imap is not None else []), *settings.returns.sources]
    return tuple(source_of(name, settings, environ=environ, timeout=timeout) for name in dict.fromkeys(names))


def source_of(
    text: str,
    settings: Settings,
    *,
    environ: Mapping[str, str] = os.environ,
    timeout: float | None = None,
    folder: Path | None = None,
) -> Source:
    """Make the source that a text names: ``imap``, ``pop3://login@host``, ``maildir:``, ``mbox:`` or a path.

    A path is looked at: a maildir, an mbox, a folder of .eml and .msg, or one message. Relative ones start
    at ``folder``, the home's if there is none. POP3 is encrypted: TLS, or STLS at port 110.

    Raises:
        ConfigError: ``imap_missing``, ``source_invalid`` (value). What is not there is told when it is read.
    """
    if text == "imap":
        return _imap(settings, environ, timeout=timeout)
    if text.startswith("pop3:"):
        return _pop3(text, settings, environ, timeout=timeout)
    scheme, colon, rest = text.partition(":")
    kind, path = (scheme, rest) if colon and scheme in ("maildir", "mbox") else ("", text)
    if not kind and ("://" in text or not text.strip()):
        raise ConfigError("source_invalid", value=text)
    return FileSource(((folder or settings.home.root) / Path(path).expanduser()).resolve(), kind)


def _imap(settings: Settings, environ: Mapping[str, str], *, timeout: float | None) -> Source:
    if settings.imap is None:
        raise ConfigError("imap_missing", file=str(settings.home.toml))
    account = replace(settings.imap, timeout=timeout) if timeout else settings.imap
    opened = home_mailboxes(
        account, home=settings.home, environ=environ, tokens=tokens.of_home(settings, environ)
    )
    folder = settings.returns.folder
    key = f"imap:{account.login}@{account.host}/{folder}"
    return FolderSource(opened.own, folder, key=key, move_to=settings.returns.move_to)


def _pop3(text: str, settings: Settings, environ: Mapping[str, str], *, timeout: float | None) -> Source:
    """Read ``pop3://login@host[:port]``; the login may hold an @ itself. A password there is refused."""
    try:
        parts = urlsplit(text)
        port, host = parts.port, parts.hostname or ""
    except ValueError:
        raise ConfigError("source_invalid", value=text) from None
    login, _, _ = parts.netloc.rpartition("@")
    if not host or not login or parts.path.strip("/") or ":" in login:
        # never repeated as it is: what follows a colon may be a password
        raise ConfigError("source_invalid", value=f"pop3://…@{host}")
    security = Security.STARTTLS if port == PORTS[Security.STARTTLS] else Security.TLS
    account = ImapAccount(
        host=host,
        port=port or PORTS[security],
        security=security,
        login=unquote(login),
        ca_file=settings.mail.ca_file if settings.mail else "",
        timeout=timeout or 30.0,
    )
    return Pop3Source(account, lambda: secrets.find("pop3", home=settings.home, environ=environ))
