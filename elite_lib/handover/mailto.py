"""The default mail program by a ``mailto:`` link (RFC 6068), with the files shown to be attached by hand.

A link cannot carry a file. On Windows, Simple MAPI can: see ``mapi``.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from elite_lib.handover import Handed, Letter
from elite_lib.handover.thunderbird import write_files
from elite_lib.models import Way


class DefaultClient:
    """Gives the link; the page shows it beside the files."""

    way = Way.MAILTO

    def available(self) -> bool:
        """Tell yes: what opens the link is the browser's affair."""
        return True

    def hand_over(self, letter: Letter, folder: Path) -> Handed:
        """Write the files, and the link to click."""
        return Handed(files=write_files(letter.draft, folder), link=link(letter))


def link(letter: Letter) -> str:
    """Write the link: addresses, then the fields; line ends are CRLF (RFC 6068 section 5)."""
    draft = letter.draft
    to = ",".join(quote(recipient.address, safe="@") for recipient in draft.recipients)
    fields = {"subject": draft.subject, "bcc": letter.bcc, "body": draft.text.replace("\n", "\r\n")}
    query = "&".join(f"{name}={quote(value, safe='@')}" for name, value in fields.items() if value)
    return f"mailto:{to}?{query}"
