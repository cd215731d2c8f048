"""Hand one message over to a mail program, where a person looks at it and sends it: one protocol, a way each.

Whoever hands over does not know whether it left. That is told by a copy that comes back to a tagged address
of ours (the Bcc), by the folder of sent messages, or by a person.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from elite_lib.models import Draft, Way

__all__ = ["Handed", "HandoverMethod", "Letter"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A message that is written, and what its copy is known by."""

    draft: Draft
    message_id: str  # with its angle brackets; most programs put their own in its place
    date: dt.datetime  # aware
    bcc: str = ""  # tagged address of ours; "": our mailbox takes no tags


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """What a person has in hand now."""

    content: bytes = b""  # of an .eml to be downloaded
    files: tuple[Path, ...] = ()  # to be attached by hand
    link: str = ""  # mailto:


class HandoverMethod(Protocol):
    """A mail program, or a mailbox that one opens."""

    way: Way

    def available(self) -> bool:
        """Tell whether this machine has it; quick, and nothing is started."""

    def hand_over(self, letter: Letter, folder: Path) -> Handed:
        """Open the message there, ready to be sent. ``folder`` is private and this message's own.

        Raises:
            HandoverError: ``program_missing``, ``program_failed`` (detail); nothing was opened.
            TransportError, ConfigError: a mailbox cannot be used.
            StorageError: the attachments cannot be written.
        """
