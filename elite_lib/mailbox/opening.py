"""Make the home's mailboxes of its settings; the passwords are looked up when a server asks for them."""

from __future__ import annotations

from collections.abc import Mapping

from elite_lib import secrets
from elite_lib.config import Home
from elite_lib.exceptions import ConfigError
from elite_lib.mailbox import Mailbox
from elite_lib.mailbox.imap import ImapMailbox
from elite_lib.models import ImapAccount


def own_mailbox(account: ImapAccount, *, home: Home, environ: Mapping[str, str]) -> Mailbox:
    """Make the mailbox of ``[imap] login``."""
    return ImapMailbox(account, lambda: password(home=home, environ=environ))


def archive_mailbox(account: ImapAccount, *, home: Home, environ: Mapping[str, str]) -> Mailbox:
    """Make the mailbox that the archive copies arrive in: of its own login, or our own."""
    if not account.archive_login or account.archive_login == account.login:
        return own_mailbox(account, home=home, environ=environ)
    return ImapMailbox(
        account,
        lambda: secrets.find("archive", home=home, environ=environ),
        login=account.archive_login,
    )


def password(*, home: Home, environ: Mapping[str, str]) -> str:
    """Find the mailbox's password: its own, else the mail account's.

    Raises:
        ConfigError: neither is to be found, or one cannot be read.
    """
    try:
        return secrets.find("imap", home=home, environ=environ)
    except ConfigError as error:
        if error.code != "secret_missing":
            raise
    return secrets.find("mail", home=home, environ=environ)
