"""A file that a mail program opens as a message to be sent (``X-Unsent``): works with any browser.

Thunderbird opens it filled in; so does classic Outlook; the new Outlook may show it as a received message.
"""

from __future__ import annotations

from pathlib import Path

from elite_lib import composition
from elite_lib.handover import Handed, Letter
from elite_lib.models import Way


class EmlFile:
    """Gives the bytes; the page offers them as a download."""

    way = Way.EML

    def available(self) -> bool:
        """Tell yes: it needs nothing here."""
        return True

    def hand_over(self, letter: Letter, folder: Path) -> Handed:  # noqa: ARG002 (protocol)
        """Write the message to be opened; see ``HandoverMethod.hand_over``."""
        return Handed(content=unsent(letter))


def unsent(letter: Letter) -> bytes:
    """Write a message that is still to be sent, for a mail program or for the folder of drafts."""
    return composition.assemble_unsent(
        letter.draft, message_id=letter.message_id, date=letter.date, bcc=letter.bcc
    )
