"""Traps of the file itself: encodings, separators, passwords, what is cut off or is something else."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from pathlib import Path

from elite_lib import storage
from elite_lib.demo.dirtying.drafts import Dirt, Draft, Named
from elite_lib.models import ProblemCode

_C = ProblemCode
FileTrap = Callable[[Path, random.Random], Dirt | None]


def dialect(draft: Draft, chance: random.Random) -> Dirt | None:
    """Write a CSV as another program does: any of its encodings and separators."""
    if draft.medium != "csv":
        return None
    draft.encoding = chance.choice(("utf-8", "utf-8-sig", "cp1252", "utf-16"))
    draft.separator = chance.choice((";", "\t", ","))
    return Dirt(trap=f"CSV in {draft.encoding} with {draft.separator!r}")


def lock_beside(path: Path, _chance: random.Random) -> Dirt | None:
    """Leave the workbook open in a spreadsheet."""
    if path.is_dir():
        return None
    storage.replace(path.with_name(f"~${path.name}"), b"\x06Claire", durable=False)
    return Dirt(trap="open elsewhere", named=(Named(code=_C.FILE_OPEN),))


def cut_off(path: Path, chance: random.Random) -> Dirt | None:
    """Cut the workbook off, as a broken transfer does."""
    if path.is_dir():
        return None
    content = path.read_bytes()
    storage.replace(path, content[: chance.randrange(1, len(content) - 100)], durable=False)
    return Dirt(trap="cut off", named=(Named(code=_C.FILE_UNREADABLE),), fatal=True)


def web_page(path: Path, _chance: random.Random) -> Dirt | None:
    """Save a web page under a workbook's name."""
    if path.is_dir():
        return None
    storage.replace(path, b"<html><body><table><tr><td>N\xc2\xb0 facture</td></tr></table>", durable=False)
    return Dirt(trap="web page", named=(Named(code=_C.FILE_UNREADABLE),), fatal=True)


def password(path: Path, _chance: random.Random) -> Dirt | None:
    """Protect the workbook, and tell nobody the password."""
    if path.is_dir():
        return None
    from msoffcrypto.format.ooxml import OOXMLFile  # noqa: PLC0415 (only who dirties pays)

    locked = io.BytesIO()
    OOXMLFile(io.BytesIO(path.read_bytes())).encrypt("Tilleuls", locked)
    storage.replace(path, locked.getvalue(), durable=False)
    return Dirt(trap="password", named=(Named(code=_C.FILE_PROTECTED),), fatal=True)


def field_too_many(path: Path, chance: random.Random) -> Dirt | None:
    """Let an unquoted separator move the fields behind it."""
    return _appended(path, chance, "x;" * 40 + "x\r\n", trap="field too many")


def open_quote(path: Path, chance: random.Random) -> Dirt | None:
    """Let a quotation mark swallow the rest of a CSV."""
    return _appended(path, chance, '"F2026-10-09999;jamais fermé\r\n', trap="open quote")


def _appended(path: Path, chance: random.Random, text: str, *, trap: str) -> Dirt | None:
    if not path.is_dir():
        return None
    file = chance.choice([file for file in sorted(path.iterdir()) if file.stem in ("Factures", "Lignes")])
    content = file.read_bytes()
    encoding = "utf-16-le" if content.startswith(b"\xff\xfe") else "utf-8"
    if ";".encode(encoding) not in content:
        return None  # another separator: the text would be one field
    storage.replace(file, content + text.encode(encoding), durable=False)
    return Dirt(trap=trap, named=(Named(code=_C.FILE_UNREADABLE),), fatal=True)


FILE_TRAPS: tuple[FileTrap, ...] = (lock_beside, cut_off, web_page, password, field_too_many, open_quote)
