"""Put files beside the invoices: for everybody of a month, or for one line; look at them, take them away.

They are files of the home (see ``enclosures``): a closed page loses nothing, a scheduled run sends the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from elite_lib import composition, storage
from elite_lib.batch.enclosures import READABLE
from elite_lib.exceptions import ConfigError
from elite_lib.models import Attachment

ADVISED = 1_000_000  # bytes: above, a family's mailbox or patience may be too small
_PHOTOS = frozenset({".heic", ".heif", ".webp", ".avif", ".tif", ".tiff", ".bmp", ".gif", ".svg"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosed:
    """A file that lies beside the invoices."""

    name: str
    size: int  # bytes


def enclosed(folder: Path) -> tuple[Enclosed, ...]:
    """List what lies in ``folder`` (see ``month_folder``, ``line_folder``), by name."""
    if not folder.is_dir():
        return ()
    files = sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    return tuple(Enclosed(name=path.name, size=path.stat().st_size) for path in files)


def as_attachment(name: str, content: bytes) -> Attachment:
    """Make an attachment of a file that somebody chose, under a name that every mail program shows.

    Raises:
        ConfigError: ``attachment_photo``, ``attachment_format``: families could not open it;
            ``attachment_content``: it is not what its name says; ``attachment_empty``.
    """
    shown = Path(name.replace("\\", "/")).name
    ending = Path(shown).suffix.lower()
    if ending not in READABLE:
        raise ConfigError("attachment_photo" if ending in _PHOTOS else "attachment_format", name=shown)
    if not content:
        raise ConfigError("attachment_empty", name=shown)
    media_type, magic = READABLE[ending]
    if (magic and not content.startswith(magic)) or (not magic and b"\0" in content):
        raise ConfigError("attachment_content", name=shown, ending=ending.lstrip(".").upper())
    return Attachment(name=composition.safe_name(shown), content=content, media_type=media_type)


def enclose(folder: Path, name: str, content: bytes) -> Enclosed:
    """Put a file into ``folder``; one of the same name is replaced.

    Raises:
        ConfigError: see :func:`as_attachment`.
        StorageError: it cannot be written; nothing changed.
    """
    made = as_attachment(name, content)
    storage.make_folder(folder)
    storage.replace(folder / made.name, made.content)
    return Enclosed(name=made.name, size=len(content))


def take_out(folder: Path, name: str) -> None:
    """Take a file away; one that is gone already is no error.

    Raises:
        StorageError: it cannot be removed.
    """
    if name in {one.name for one in enclosed(folder)}:
        with storage.writing(folder / name):
            (folder / name).unlink(missing_ok=True)


def encoded(size: int) -> int:
    """Give the bytes that a file of ``size`` bytes takes in a message: base64 in lines of 76."""
    return -(-size // 57) * 78 + 300
