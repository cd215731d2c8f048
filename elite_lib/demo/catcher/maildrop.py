"""Keep what the catcher receives as a Maildir, one file per accepted recipient, and read it back."""

from __future__ import annotations

import mailbox
import re
from dataclasses import dataclass
from pathlib import Path

from elite_lib import storage

_NAME = re.compile(r"([0-9]+)\.M([0-9]+)P[0-9]+Q([0-9]+)\.")  # as mailbox.Maildir names its files
_HEADERS = 3  # lines written before the message as it came


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One message as one recipient has it; ``content`` is what went over the wire, CRLF line ends."""

    sender: str
    recipient: str
    content: bytes


def keep(folder: Path, sender: str, recipients: list[str], content: bytes) -> None:
    """Deliver to each recipient; everything is on disk before this returns, or nothing is kept.

    Line ends become LF, as in every Maildir on disk; :func:`deliveries` gives CRLF back.

    Raises:
        OSError: disk full, no permission.
    """
    maildir = mailbox.Maildir(folder, create=True)
    body = content.replace(b"\r\n", b"\n")
    kept: list[str] = []
    try:
        for recipient in recipients:
            head = f"Return-Path: <{sender}>\nDelivered-To: {recipient}\nX-Envelope-To: {recipient}\n"
            kept.append(maildir.add(head.encode("utf-8", "surrogateescape") + body))
        storage.sync(folder / "new")  # the file itself was synced by add(); its name is not until now
    except OSError:
        for key in kept:
            maildir.discard(key)
        raise


def deliveries(folder: Path) -> tuple[Delivery, ...]:
    """List what was kept, in the order of arrival; none when the catcher never ran."""
    new = folder / "new"
    files = sorted(new.iterdir(), key=_arrival) if new.is_dir() else []
    return tuple(_read(file.read_bytes().replace(b"\r\n", b"\n")) for file in files)


def _read(kept: bytes) -> Delivery:
    *head, content = kept.split(b"\n", _HEADERS)
    sender, recipient, _ = (line.partition(b": ")[2].decode("utf-8", "surrogateescape") for line in head)
    return Delivery(sender=sender.strip("<>"), recipient=recipient, content=content.replace(b"\n", b"\r\n"))


def _arrival(file: Path) -> tuple[int, ...]:
    """Order by second, microsecond and count: as text, M9 would come after M10."""
    match = _NAME.match(file.name)
    return tuple(map(int, match.groups())) if match else ()
