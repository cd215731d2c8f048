"""One folder of a mailbox as a place that returned messages are read from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from elite_lib.mailbox.protocols import Fetched, Mailbox, Position


class FolderSource:
    """A folder; ``move_to``: the one that returns are moved to once they were read, or ""."""

    def __init__(self, mailbox: Mailbox, folder: str, *, key: str, move_to: str = "") -> None:
        self._mailbox, self._folder, self._move_to = mailbox, folder, move_to
        self.key = key

    def fetch(
        self, since: Position | None = None, *, not_before: dt.datetime | None = None
    ) -> Iterator[Fetched]:
        """Yield what is behind the position."""
        return self._mailbox.fetch(self._folder, since, not_before=not_before)

    def put_away(self, read: Sequence[Position]) -> None:
        """Move the returns, where a folder for them is named."""
        if self._move_to and read:
            self._mailbox.move(read, self._folder, self._move_to)

    def interrupt(self) -> None:
        """End another thread's wait."""
        self._mailbox.interrupt()

    def close(self) -> None:
        """Log out."""
        self._mailbox.close()
