"""Thunderbird's compose window, by its command line (developer.thunderbird.net, "Command line arguments").

What was found with Thunderbird 153: newlines of the body stay as they are, ``format=2`` is plain text, the
path of an attachment is a file URL without a bare comma, and an apostrophe ends a value.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from elite_lib import storage
from elite_lib.exceptions import HandoverError
from elite_lib.handover import Handed, Letter
from elite_lib.models import Draft, Way

Start = Callable[[Sequence[str]], None]

_MACOS = ("/Applications/Thunderbird.app/Contents/MacOS/thunderbird",)
_WINDOWS = ("ProgramFiles", "ProgramFiles(x86)", "LocalAppData")


class Thunderbird:
    """``start`` starts a program and does not wait for its end."""

    way = Way.THUNDERBIRD

    def __init__(self, *, program: str = "", start: Start | None = None) -> None:
        self._program = program
        self._start = start or started

    def available(self) -> bool:
        """Tell whether the program is on this machine."""
        return bool(self._program or find())

    def hand_over(self, letter: Letter, folder: Path) -> Handed:
        """Open a filled compose window; the files stay in ``folder`` until it is purged."""
        program = self._program or find()
        if not program:
            raise HandoverError("program_missing", program="Thunderbird")
        files = write_files(letter.draft, folder)
        try:
            self._start([program, "-compose", compose_line(letter, files)])
        except OSError as error:
            raise HandoverError("program_failed", program="Thunderbird", detail=str(error)) from error
        return Handed(files=files)


def find() -> str:
    """Find the program on this machine: in the path, else where its installer puts it; "" if nowhere."""
    if found := shutil.which("thunderbird"):
        return found
    places = [Path(place) for place in _MACOS] if sys.platform == "darwin" else []
    if sys.platform == "win32":
        folders = filter(None, map(os.environ.get, _WINDOWS))
        places = [Path(folder) / "Mozilla Thunderbird" / "thunderbird.exe" for folder in folders]
    return next((str(place) for place in places if place.is_file()), "")


def compose_line(letter: Letter, files: Sequence[Path]) -> str:
    """Write the argument of ``-compose``: values in apostrophes, which none of them holds."""
    draft = letter.draft
    fields = {
        "to": ",".join(recipient.address for recipient in draft.recipients),
        "bcc": letter.bcc,
        "subject": draft.subject,
        "body": draft.text,
        "format": "2",
        "attachment": ",".join(map(file_url, files)),
    }
    return ",".join(f"{name}='{_inside(value)}'" for name, value in fields.items() if value)


def file_url(path: Path) -> str:
    """Give the URL of a file, its commas encoded too: a bare one separates two attachments."""
    return path.absolute().as_uri().replace(",", "%2C").replace("'", "%27")


def write_files(draft: Draft, folder: Path) -> tuple[Path, ...]:
    """Write a message's attachments into a private folder, under the names that the family will see."""
    storage.make_folder(folder)
    files = tuple(folder / item.name for item in draft.attachments)
    for file, item in zip(files, draft.attachments, strict=True):
        storage.replace(file, item.content)
    return files


def started(command: Sequence[str]) -> None:
    """Start a program that outlives us, away from our own input and output."""
    subprocess.Popen(  # noqa: S603 (a program that was found, and arguments without a shell)
        list(command),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _inside(value: str) -> str:
    return value.replace("'", "’")
