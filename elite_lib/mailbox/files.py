"""Returned messages in files: a maildir, an mbox, a folder of .eml and .msg, a single file. Only read."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from elite_lib.exceptions import ConfigError
from elite_lib.mailbox import outlook
from elite_lib.mailbox.protocols import Fetched, Position

_SUFFIXES = frozenset({".eml", ".msg"})
_MBOX = b"From "  # RFC 4155
_QUOTED = re.compile(rb">+From ")  # such a line of the message itself, as it is kept
_Stamp = tuple[str, int, int]  # name, size, time of change in nanoseconds


class FileSource:
    """Files on this computer. They have no order to go on from: all are read each time.

    One and the same source passes over those that it has yielded before and that have not changed
    since: a run looks every few minutes.
    """

    def __init__(self, path: Path, kind: str) -> None:
        """``kind``: "maildir", "mbox", "folder", "file"; "": look what it is when it is read."""
        self._path, self._kind = path, kind
        self._seen: set[_Stamp] = set()
        self.key = f"{kind or 'files'}:{path}"

    def fetch(
        self,
        since: Position | None = None,  # noqa: ARG002 (protocol)
        *,
        not_before: dt.datetime | None = None,  # noqa: ARG002 (a copied file keeps no date of arrival)
    ) -> Iterator[Fetched]:
        """Yield every message; one that cannot be read is told of after the others.

        Raises:
            ConfigError: ``source_missing`` (path), ``source_unreadable`` (path, detail).
        """
        unread: ConfigError | None = None
        kind = self._kind or kind_of(self._path)
        for file in self._files(kind):
            try:
                stamp = _stamp(file)
                if stamp in self._seen:
                    continue
                for content in _contents(file, mbox=kind == "mbox"):
                    yield Fetched(content=content, position=Position())
                self._seen.add(stamp)
            except FileNotFoundError:
                continue  # a mail program moved it meanwhile: the next look finds it
            except (OSError, outlook.NotOutlookError) as error:
                unread = unread or ConfigError("source_unreadable", path=str(file), detail=_words(error))
        if unread is not None:
            raise unread

    def _files(self, kind: str) -> list[Path]:
        path = self._path
        folders = [path / "new", path / "cur"] if kind == "maildir" else [path]
        if not all(folder.exists() for folder in folders):
            raise ConfigError("source_missing", path=str(path))
        if kind in ("mbox", "file"):
            return [path]
        try:
            files = [file for folder in folders for file in folder.iterdir() if _holds(file, kind)]
        except OSError as error:
            raise ConfigError("source_unreadable", path=str(path), detail=_words(error)) from error
        return sorted(files, key=lambda file: file.name)

    def put_away(self, read: Sequence[Position]) -> None:
        """Files stay where they are."""

    def interrupt(self) -> None:
        """A disk answers by itself."""

    def close(self) -> None:
        """Nothing is kept open."""


def kind_of(path: Path) -> str:
    """Tell what a path names: a maildir has ``new`` and ``cur``, an mbox begins with ``From ``.

    Raises:
        ConfigError: ``source_missing``, ``source_unreadable``.
    """
    if not path.exists():
        raise ConfigError("source_missing", path=str(path))
    if path.is_dir():
        return "maildir" if (path / "new").is_dir() and (path / "cur").is_dir() else "folder"
    try:
        with path.open("rb") as file:
            return "mbox" if file.read(len(_MBOX)) == _MBOX else "file"
    except OSError as error:
        raise ConfigError("source_unreadable", path=str(path), detail=_words(error)) from error


def _holds(file: Path, kind: str) -> bool:
    if kind == "maildir":
        return not file.name.startswith(".")
    return file.suffix.lower() in _SUFFIXES and file.is_file()


def _contents(file: Path, *, mbox: bool) -> Iterator[bytes]:
    if mbox:
        yield from _split(file)
        return
    content = file.read_bytes()
    yield outlook.as_message(content) if outlook.is_outlook(content) else content


def _split(file: Path) -> Iterator[bytes]:
    """Take an mbox apart (RFC 4155): a ``From `` line behind an empty one begins a message."""
    lines: list[bytes] = []
    with file.open("rb") as opened:
        empty = True
        for line in opened:
            if empty and line.startswith(_MBOX):
                if lines:
                    yield b"".join(lines)
                lines = []
            else:
                lines.append(line[1:] if _QUOTED.match(line) else line)
            empty = not line.strip(b"\r\n")
    if lines:
        yield b"".join(lines)


def _stamp(file: Path) -> _Stamp:
    found = file.stat()
    name = file.name.partition(":")[0]  # of a maildir: what follows are flags
    return name, found.st_size, found.st_mtime_ns


def _words(error: Exception) -> str:
    return error.strerror or str(error) if isinstance(error, OSError) else str(error)
