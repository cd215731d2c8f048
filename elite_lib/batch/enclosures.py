"""Extra attachments: always (``[message] attachments``), for a month, or for one invoice.

Those of a month lie in ``attachments/tous/2026-10/``, those of an invoice in ``attachments/<number>/``.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
from pathlib import Path

from elite_lib import composition
from elite_lib.config import Settings
from elite_lib.exceptions import ConfigError
from elite_lib.models import Attachment, Problem, ProblemCode, Severity

EVERYBODY = "tous"  # folder, within attachments, of what goes to everybody

# What any family can open: the first bytes prove the extension. Office files are not in it on purpose
# (the family may not have the program), nor are archives and programs (mail filters refuse them).
READABLE = {
    ".pdf": ("application/pdf", (b"%PDF-",)),
    ".png": ("image/png", (b"\x89PNG\r\n\x1a\n",)),
    ".jpg": ("image/jpeg", (b"\xff\xd8\xff",)),
    ".jpeg": ("image/jpeg", (b"\xff\xd8\xff",)),
    ".txt": ("text/plain", ()),
}


def general_enclosures(settings: Settings) -> tuple[tuple[Attachment, ...], tuple[Problem, ...]]:
    """Read what goes to everybody; a missing or unreadable file is a problem that holds every line."""
    return _read([settings.home.root / name for name in settings.attachments])


def month_folder(settings: Settings, month: str) -> Path:
    """Say where the files are that go to everybody with the messages of ``month``."""
    return settings.home.attachments / EVERYBODY / month


def line_folder(settings: Settings, line: str) -> Path:
    """Say where the files of one line are; a number that cannot name a folder gets a name of its own.

    No number leads out of ``attachments`` or to another line's files, nor to those for everybody.
    """
    name, plain = line, re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9._@ -]*[A-Za-z0-9])?", line)
    if not plain or line.lower() == EVERYBODY:
        name = f"{composition.safe_name(line)}_{hashlib.sha256(line.encode()).hexdigest()[:8]}"
    return settings.home.attachments / name


def month_enclosures(settings: Settings, month: str) -> tuple[tuple[Attachment, ...], tuple[Problem, ...]]:
    """Read what goes to everybody with this month's messages, by name."""
    return _read_folder(month_folder(settings, month)) if month else ((), ())


def own_enclosures(settings: Settings, line: str) -> tuple[tuple[Attachment, ...], tuple[Problem, ...]]:
    """Read what goes with one invoice only, by name."""
    return _read_folder(line_folder(settings, line))


def _read_folder(folder: Path) -> tuple[tuple[Attachment, ...], tuple[Problem, ...]]:
    if not folder.is_dir():
        return (), ()
    return _read(sorted(path for path in folder.iterdir() if not path.name.startswith(".")))


def mail_logo(settings: Settings) -> Attachment | None:
    """Read the letterhead's logo for the HTML part of the messages, unless the home wants none there.

    Mail programs do not show an SVG: it is drawn.

    Raises:
        ConfigError: the file is missing or cannot be drawn.
    """
    name = settings.establishment.logo
    if not name or not settings.message_logo:
        return None
    path = settings.home.root / name
    if path.suffix.lower() in (".svg", ".svgz"):
        from elite_lib.documents import logo  # noqa: PLC0415 (reportlab: only who has an SVG pays)

        with contextlib.suppress(OSError, ValueError):
            return Attachment(name=f"{path.stem}.png", content=logo.rasterised(path), media_type="image/png")
    attachments, problems = _read([path])
    if problems or not attachments[0].media_type.startswith("image/"):
        raise ConfigError("logo_unreadable", file=str(settings.home.toml), key="letterhead.logo", value=name)
    return attachments[0]


def _read(paths: list[Path]) -> tuple[tuple[Attachment, ...], tuple[Problem, ...]]:
    attachments: list[Attachment] = []
    problems: list[Problem] = []
    for path in paths:
        try:
            content = path.read_bytes()
        except OSError as error:
            problems.append(
                _problem(ProblemCode.ATTACHMENT_MISSING, path, detail=error.strerror or str(error))
            )
            continue
        media_type, magic = READABLE.get(path.suffix.lower(), ("", ()))
        if not media_type or (magic and not content.startswith(magic)):
            problems.append(_problem(ProblemCode.ATTACHMENT_FORMAT, path, allowed=" ".join(READABLE)))
            continue
        attachments.append(Attachment(name=path.name, content=content, media_type=media_type))
    return tuple(attachments), tuple(problems)


def _problem(code: ProblemCode, path: Path, **facts: str) -> Problem:
    return Problem(code=code, severity=Severity.HOLD, file=path.name, value=str(path), facts=facts)
