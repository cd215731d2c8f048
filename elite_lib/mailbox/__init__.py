"""Our own mailboxes, read and added to: one protocol. Nothing is ever changed, moved or deleted there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

__all__ = ["SENT", "Fetched", "Mailbox", "Position"]

SENT = "\\Sent"  # RFC 6154


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """How far a folder was read. A folder with another ``uidvalidity`` is a new one (RFC 3501 2.3.1.1)."""

    uidvalidity: int
    uid: int = 0  # the last that was read


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """One message as the server keeps it, and the position behind it."""

    content: bytes
    position: Position


class Mailbox(Protocol):
    """One login at one mail server; it connects when it is first needed.

    Every method raises what stops the mailbox: AuthenticationError, ServerUnavailableError,
    ConfigError (``folder_missing``: the server has no such folder).
    """

    def special(self) -> dict[str, str]:
        """Give the folders that the server marks (RFC 6154): ``\\Sent`` -> its name."""

    def count(self, message_id: str, folder: str) -> int:
        """Count the messages of a folder that have exactly this Message-ID (with its angle brackets)."""

    def append(self, content: bytes, folder: str, *, at: dt.datetime) -> None:
        """Add a message that is read already (``\\Seen``), with this date."""

    def fetch(self, folder: str, since: Position | None = None) -> Iterator[Fetched]:
        """Yield the messages behind a position, oldest first; all of them when the folder is a new one."""

    def close(self) -> None:
        """Log out. Never raises."""
