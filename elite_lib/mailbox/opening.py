"""Make the home's mailboxes of its settings; the passwords are looked up when a server asks for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from elite_lib import secrets
from elite_lib.config import Home
from elite_lib.exceptions import ConfigError
from elite_lib.mailbox.imap import ImapMailbox
from elite_lib.mailbox.protocols import SENT, Mailbox
from elite_lib.models import ImapAccount
from elite_lib.tokens import Tokens


@dataclass(slots=True)
class Mailboxes:
    """What a home may look into: its own mailbox, and the one that the archive copies arrive in."""

    own: Mailbox
    archive: Mailbox  # the same, where it has no login of its own
    archive_folder: str = "INBOX"
    copy: bool = False
    sent: str = ""  # "" = the marked one
    _found: str = field(default="", init=False)

    def sent_folder(self) -> str:
        """Name the folder of sent messages; the server is asked once.

        Raises:
            ConfigError: ``folder_missing``: none is named, and the server marks none.
            TransportError: the mailbox cannot be used.
        """
        if not self._found:
            self._found = self.sent or self.own.special().get(SENT, "")
        if not self._found:
            raise ConfigError("folder_missing", folder=SENT)
        return self._found

    def close(self) -> None:
        """Log out everywhere. Never raises."""
        self.own.close()
        if self.archive is not self.own:
            self.archive.close()


def home_mailboxes(
    account: ImapAccount, *, home: Home, environ: Mapping[str, str], tokens: Tokens | None = None
) -> Mailboxes:
    """Make the mailboxes of ``[imap]``; nothing is connected yet. ``tokens``: instead of passwords."""
    own: Mailbox = ImapMailbox(account, tokens or (lambda: password(home=home, environ=environ)))
    archive = own
    if account.archive_login not in ("", account.login):
        archive = ImapMailbox(
            account,
            tokens or (lambda: secrets.find("archive", home=home, environ=environ)),
            login=account.archive_login,
        )
    return Mailboxes(
        own=own,
        archive=archive,
        archive_folder=account.archive_folder,
        copy=account.copy,
        sent=account.sent,
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
