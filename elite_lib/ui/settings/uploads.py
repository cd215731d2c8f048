"""Files that come through the page: the logo and the workbook. Looked at first, kept under a safe name."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import re
import tempfile
import unicodedata
from pathlib import Path

from elite_lib import storage
from elite_lib.config import Home
from elite_lib.exceptions import DocumentError, SourceError

LOGO_LIMIT = 5_000_000  # bytes
WORKBOOK_LIMIT = 40_000_000  # bytes: within what one message of the page may weigh (serving)
WORKBOOKS = (".xlsx", ".xlsm", ".ods", ".xls", ".csv")
_LOGOS = {b"\x89PNG": ".png", b"\xff\xd8\xff": ".jpg"}


def keep_logo(home: Home, content: bytes) -> tuple[str, bytes]:
    """Put a logo into the home; give its name there, and a small PNG to show.

    The name is made of the content: the logo before it stays what it was.

    Raises:
        DocumentError: ``logo_unreadable``. StorageError.
    """
    suffix = next((kind for start, kind in _LOGOS.items() if content.startswith(start)), "")
    if not suffix and b"<svg" in content[:10_000].lower():
        suffix = ".svg"
    if not suffix or len(content) > LOGO_LIMIT:
        raise DocumentError("logo_unreadable", name="", detail="PNG, JPEG, SVG?")
    with tempfile.TemporaryDirectory() as folder:
        tried = Path(folder) / f"logo{suffix}"
        tried.write_bytes(content)
        shown = small(tried)
    name = f"logo-{hashlib.sha256(content).hexdigest()[:8]}{suffix}"
    storage.replace(home.root / name, content)
    return name, shown


def small(file: Path) -> bytes:
    """Draw a logo as a small PNG.

    Raises:
        DocumentError: ``logo_unreadable``: the documents could not show it either.
    """
    from PIL import Image  # noqa: PLC0415 (only who looks at a logo pays)

    from elite_lib.documents import logo  # noqa: PLC0415

    logo.load(file)  # as the documents will
    drawn = logo.rasterised(file) if file.suffix.lower() in (".svg", ".svgz") else file.read_bytes()
    with Image.open(io.BytesIO(drawn)) as picture:
        picture.thumbnail((640, 240))
        kept = io.BytesIO()
        picture.convert("RGBA").save(kept, "PNG")
    return kept.getvalue()


def keep_workbook(home: Home, name: str, content: bytes) -> str:
    """Put a workbook into the home; give its name there. One of that name that was there is kept aside.

    Raises:
        SourceError: ``unusable``: it is no workbook by its name. StorageError.
    """
    plain = safe_name(name)
    if Path(plain).suffix.lower() not in WORKBOOKS or len(content) > WORKBOOK_LIMIT:
        raise SourceError("unusable", file=plain)
    target = home.root / plain
    if target.is_dir():
        raise SourceError("unusable", file=plain)
    if target.exists() and target.read_bytes() != content:
        stamp = f"{dt.datetime.now().astimezone():%Y%m%d-%H%M%S}"
        with storage.writing(target):
            target.rename(target.with_name(f"{target.stem}-{stamp}{target.suffix}"))
    storage.replace(target, content)
    return plain


def safe_name(name: str) -> str:
    """Give a file name without its folders, and without what a file system or a terminal trips over."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    plain = re.sub(r'[\x00-\x1f\x7f-\x9f<>:"|?*\u202a-\u202e\u2066-\u2069]', "", last).strip(" .")
    stem, _dot, suffix = plain.rpartition(".")
    return f"{stem[:100]}.{suffix[:10]}" if stem and suffix else "classeur"
