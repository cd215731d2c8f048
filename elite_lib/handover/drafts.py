"""A draft in the mailbox (IMAP APPEND): any webmail, Outlook and Thunderbird see it there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from elite_lib.exceptions import ConfigError
from elite_lib.handover import Handed, Letter
from elite_lib.handover.eml import unsent
from elite_lib.mailbox import Mailbox
from elite_lib.models import Way

DRAFTS = "\\Drafts"  # RFC 6154
_FLAGS = ("\\Draft", "\\Seen")


class DraftInMailbox:
    """``mailbox``: makes the home's own, or None where ``[imap]`` is not filled in."""

    way = Way.DRAFT

    def __init__(self, mailbox: Callable[[], Mailbox | None]) -> None:
        self._mailbox = mailbox

    def available(self) -> bool:
        """Tell whether there is a mailbox."""
        return self._mailbox() is not None

    def hand_over(self, letter: Letter, folder: Path) -> Handed:  # noqa: ARG002 (protocol)
        """Put the message into the folder that the server marks for drafts.

        Raises:
            ConfigError: ``imap_missing``; ``folder_missing``: the server marks none.
            TransportError: the mailbox cannot be used.
        """
        mailbox = self._mailbox()
        if mailbox is None:
            raise ConfigError("imap_missing", file="")
        try:
            name = mailbox.special().get(DRAFTS, "")
            if not name:
                raise ConfigError("folder_missing", folder=DRAFTS)
            mailbox.append(unsent(letter), name, at=letter.date, flags=_FLAGS)
        finally:
            mailbox.close()
        return Handed()
