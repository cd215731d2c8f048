"""Write files so that a crash, a full disk or a curious neighbour does no harm.

Everything of a home is private (0600, folders 0700: GIR is health data), and
a file is either the old one or the new one, never half of either.
"""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from elite_lib.exceptions import StorageError

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700

_CODES = {
    errno.ENOSPC: "disk_full",
    errno.EDQUOT: "disk_full",
    errno.EFBIG: "disk_full",  # the process's own limit (RLIMIT_FSIZE): the same to who waits
    errno.EROFS: "read_only",
    errno.EACCES: "no_permission",
    errno.EPERM: "no_permission",
}


def storage_error(cause: OSError, path: Path) -> StorageError:
    """Return what an operating system's refusal means, with the path in question."""
    code = _CODES.get(cause.errno or 0, "write_failed")
    return StorageError(code, path=str(path), detail=cause.strerror or str(cause))


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn every ``OSError`` of the block into a :class:`StorageError` about ``path``.

    Raises:
        StorageError: disk full, read-only, no permission, or another refusal.
    """
    try:
        yield
    except OSError as cause:
        raise storage_error(cause, path) from cause


def make_folder(path: Path) -> Path:
    """Make a private folder (0700) and its missing parents; one that is there keeps its mode.

    Raises:
        StorageError: it cannot be made.
    """
    with writing(path):
        for folder in (*reversed(path.parents), path):
            if not folder.exists():
                folder.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
    return path


def write_new(path: Path, content: bytes) -> None:
    """Write a private file that must not exist yet; not durable before :func:`sync`.

    Raises:
        OSError: left as it is: the caller undoes the folder that the file belongs to.
    """
    descriptor = os.open(
        path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), PRIVATE_FILE
    )
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)


def replace(path: Path, content: bytes, *, durable: bool = True) -> None:
    """Put ``content`` at ``path``, private, in one step: a reader sees the old or the new file.

    With ``durable`` it is on disk before this returns. Without, a power cut may bring
    the old file back.

    Raises:
        StorageError: nothing changed.
    """
    with writing(path):
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}-", suffix=".tmp", dir=path.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                if durable:
                    file.flush()
                    os.fsync(file.fileno())
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        if durable:
            sync(path.parent)


def sync(path: Path) -> None:
    """Have the disk confirm a file or a folder (a rename is durable once its folder is).

    Raises:
        OSError: the disk refused; what was written must not be relied on.
    """
    if os.name == "nt" and path.is_dir():
        return  # Windows has no descriptor of a folder; NTFS journals the rename
    descriptor = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
