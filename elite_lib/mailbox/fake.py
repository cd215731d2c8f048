"""A mailbox without a network: for tests and rehearsals. It obeys the protocol of the real one."""

from __future__ import annotations

import datetime as dt
import email
from collections.abc import Iterator, Mapping, Sequence

from elite_lib.exceptions import ConfigError, TransportError
from elite_lib.mailbox.protocols import FEW, SEEN, Fetched, Position

_VALIDITY = 1


class FakeMailbox:
    """Folders of messages in memory. ``fails``: raised by each call until it is None again."""

    def __init__(
        self,
        folders: Mapping[str, Sequence[bytes]] | None = None,
        *,
        marks: Mapping[str, str] | None = None,
        fails: TransportError | None = None,
    ) -> None:
        self.folders = {name: list(messages) for name, messages in (folders or {"INBOX": ()}).items()}
        self.marks = dict(marks or {})
        self.fails = fails
        self.flags: list[tuple[str, ...]] = []  # of what was appended
        self.calls = 0
        self.closed = 0

    def special(self) -> dict[str, str]:
        """Give ``marks``."""
        self._called()
        return dict(self.marks)

    def count(self, message_id: str, folder: str) -> int:
        """Count the messages with this Message-ID."""
        messages = self._folder(folder)
        return sum(email.message_from_bytes(m).get("Message-ID", "") == message_id for m in messages)

    def append(
        self,
        content: bytes,
        folder: str,
        *,
        at: dt.datetime,  # noqa: ARG002 (protocol)
        flags: Sequence[str] = SEEN,
    ) -> None:
        """Add a message; its flags are noted."""
        self._folder(folder).append(content)
        self.flags.append(tuple(flags))

    def fetch(
        self,
        folder: str,
        since: Position | None = None,
        *,
        not_before: dt.datetime | None = None,  # noqa: ARG002 (protocol)
    ) -> Iterator[Fetched]:
        """Yield the messages behind a position."""
        known = since.uid if since is not None and since.uidvalidity == _VALIDITY else 0
        for uid, content in enumerate(self._folder(folder)[known:], start=known + 1):
            self._called()
            if content:  # b"": it was moved, and its number is not given again
                yield Fetched(content=content, position=Position(uidvalidity=_VALIDITY, uid=uid))

    def newest(
        self,
        sender: str,
        folder: str,
        *,
        not_before: dt.datetime,  # noqa: ARG002 (protocol)
    ) -> list[bytes]:
        """Give the last few messages from an address."""
        found = [m for m in self._folder(folder) if sender in email.message_from_bytes(m).get("From", "")]
        return found[: -FEW - 1 : -1]

    def move(self, read: Sequence[Position], folder: str, to: str) -> None:
        """Move messages; their numbers stay taken."""
        source, target = self._folder(folder), self._folder(to)
        for uid in [one.uid for one in read]:
            target.append(source[uid - 1])
            source[uid - 1] = b""

    def interrupt(self) -> None:
        """Nothing waits here."""

    def close(self) -> None:
        """End the pretended session."""
        self.closed += 1

    def _called(self) -> None:
        self.calls += 1
        if self.fails is not None:
            raise self.fails

    def _folder(self, name: str) -> list[bytes]:
        self._called()
        if name not in self.folders:
            raise ConfigError("folder_missing", folder=name)
        return self.folders[name]
