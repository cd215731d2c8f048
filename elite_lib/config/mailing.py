"""Read what concerns the mail account and our own mailbox: ``[mail]`` and ``[imap]``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from elite_lib import tagging
from elite_lib.config.home import Home
from elite_lib.config.providing import Tell
from elite_lib.models import (
    Auth,
    ImapAccount,
    MailAccount,
    OAuth,
    ReturnRule,
    ReturnSettings,
    Security,
)

PORTS = {Security.STARTTLS: 587, Security.TLS: 465, Security.PLAIN: 25}  # RFC 6409, RFC 8314, RFC 5321
IMAP_PORTS = {Security.STARTTLS: 143, Security.TLS: 993, Security.PLAIN: 143}  # RFC 3501, RFC 8314


def read_account(mail: Mapping[str, Any], home: Home) -> MailAccount:
    """Make the mail account of checked values."""
    security = Security(mail["security"])
    return MailAccount(
        **{
            **{key: value for key, value in mail.items() if key != "preset"},
            "security": security,
            "auth": Auth(mail["auth"]),
            "port": mail["port"] or PORTS[security],
            "ca_file": _path(mail["ca_file"], home),
        }
    )


def read_imap(imap: Mapping[str, Any], mail: Mapping[str, Any], home: Home) -> ImapAccount | None:
    """Make the mailbox of checked values; what it does not say is the mail account's. None without a host."""
    if not imap["host"]:
        return None
    security = Security(imap["security"])
    return ImapAccount(
        **{
            **imap,
            "security": security,
            "port": imap["port"] or IMAP_PORTS[security],
            "login": imap["login"] or mail["login"],
            "auth": Auth(mail["auth"]),
            "ca_file": _path(mail["ca_file"], home),
        }
    )


def read_oauth(oauth: Mapping[str, Any], mail: Mapping[str, Any]) -> OAuth | None:
    """Make our registration of checked values; None where the login is made with a password."""
    auth = Auth(mail["auth"])
    if auth is Auth.PASSWORD:
        return None
    return OAuth(**{**oauth, "provider": auth, "login": mail["login"], "tenant": oauth["tenant"] or "common"})


def read_returns(returns: Mapping[str, Any]) -> ReturnSettings:
    """Make of checked values where returned messages are read, and what they weigh."""
    rule = ReturnRule(threshold=returns["threshold"], forget_days=returns["forget_days"])
    where = {key: value for key, value in returns.items() if key not in ("threshold", "forget_days")}
    return ReturnSettings(rule=rule, **where)


def check_oauth(oauth: Mapping[str, Any], mail: Mapping[str, Any], error: Tell) -> None:
    """Refuse a login by tokens that lacks what the provider asks for."""
    auth = Auth(mail["auth"])
    if auth is Auth.PASSWORD:
        return
    if not mail["login"]:
        error("value_missing", "mail.login")
    if not oauth["client_id"]:
        error("value_missing", "oauth.client_id")
    if oauth["unattended"] and auth is Auth.MICROSOFT and not oauth["tenant"]:
        error("value_missing", "oauth.tenant")  # "common" has no application of its own
    if auth is Auth.MICROSOFT and oauth["endpoint"].startswith("http:"):
        error("value_invalid", "oauth.endpoint", value=oauth["endpoint"], expected="https")
    if oauth["unattended"] and auth is Auth.GOOGLE:
        error("value_invalid", "oauth.unattended", value="true", expected="choice:false")


def check_tag(mail: Mapping[str, Any], error: Tell) -> None:
    """Refuse a tag for a sender's address that has one already, or has no room for it."""
    if mail["tag_returns"] and mail["sender"] and not tagging.may_be_tagged(mail["sender"]):
        error("value_invalid", "mail.tag_returns", value="true", expected="choice:false")


def check_imap(imap: Mapping[str, Any], mail: Mapping[str, Any], error: Tell) -> None:
    """Refuse a mailbox that nobody can log in to, or only by showing the password to the network."""
    if not imap["host"]:
        return
    if not (imap["login"] or mail["login"]):
        error("value_missing", "imap.login")
    if imap["security"] == Security.PLAIN and not loopback(imap["host"]):
        error("value_invalid", "imap.security", value=imap["security"], expected="encryption")


def loopback(host: str) -> bool:
    """Tell whether a host is this very machine."""
    return host in ("localhost", "::1") or host.startswith("127.")


def _path(name: str, home: Home) -> str:
    return str(home.root / name) if name else ""
