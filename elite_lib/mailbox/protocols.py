"""What is promised of our own mailboxes, and of whatever else returned messages are read from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

SENT = "\\Sent"  # RFC 6154
SEEN = ("\\Seen",)  # RFC 3501 2.3.2
FEW = 3  # messages that ``newest`` gives at most


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """How far a folder was read. A folder with another ``uidvalidity`` is a new one (RFC 3501 2.3.1.1).

    A place that knows no such numbers is at 0: what was read there before is read again.
    """

    uidvalidity: int = 0
    uid: int = 0  # the last that was read
    mark: str = ""  # the name of the last that was read, where messages have names instead (RFC 1939 UIDL)


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

    def append(self, content: bytes, folder: str, *, at: dt.datetime, flags: Sequence[str] = SEEN) -> None:
        """Add a message, with this date; it is read already (``\\Seen``) unless the flags say otherwise."""

    def fetch(
        self, folder: str, since: Position | None = None, *, not_before: dt.datetime | None = None
    ) -> Iterator[Fetched]:
        """Yield the messages behind a position, oldest first; all of them when the folder is a new one.

        ``not_before``: of a new folder, those only that arrived that day or later.
        """

    def newest(self, sender: str, folder: str, *, not_before: dt.datetime) -> list[bytes]:
        """Give the last few messages (``FEW``) from an address since a day, the newest first."""

    def move(self, read: Sequence[Position], folder: str, to: str) -> None:
        """Move messages that were fetched from one folder to another; those that are gone are passed over."""

    def interrupt(self) -> None:
        """Make another thread's wait for this server end at once: it fails there. Never raises."""

    def close(self) -> None:
        """Log out. Never raises."""


class Source(Protocol):
    """A place that returned messages are read from. Nothing is deleted there, nothing is marked as read.

    What stops it is raised, as of a mailbox: what was yielded before is good.
    """

    @property
    def key(self) -> str:
        """Name the place, the same each time, never with a password: the journal keeps the position by it."""

    def fetch(
        self, since: Position | None = None, *, not_before: dt.datetime | None = None
    ) -> Iterator[Fetched]:
        """Yield messages, at least those behind the position, oldest first.

        ``not_before``: what arrived before that day need not be yielded.
        """

    def put_away(self, read: Sequence[Position]) -> None:
        """Move what was read as a return to where the settings want it, if they do."""

    def interrupt(self) -> None:
        """Make another thread's wait end at once; see ``Mailbox.interrupt``."""

    def close(self) -> None:
        """End the session. Never raises."""
