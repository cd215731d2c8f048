"""Extra attachments: for everybody (``[message] attachments``) or one invoice (``attachments/<number>/``)."""

from __future__ import annotations

from pathlib import Path

from elite_lib.config import Settings
from elite_lib.exceptions import ConfigError
from elite_lib.models import Attachment, Problem, ProblemCode, Severity

# What any family can open: the first bytes prove the extension. Office files are not in it on purpose
# (the family may not have the program), nor are archives and programs (mail filters refuse them).
_READABLE = {
    ".pdf": ("application/pdf", (b"%PDF-",)),
    ".png": ("image/png", (b"\x89PNG\r\n\x1a\n",)),
    ".jpg": ("image/jpeg", (b"\xff\xd8\xff",)),
    ".jpeg": ("image/jpeg", (b"\xff\xd8\xff",)),
    ".txt": ("text/plain", ()),
}


def general_enclosures(settings: Settings) -> tuple[tuple[Attachment, ...], tuple[Problem, ...]]:
    """Read what goes to everybody; a missing or unreadable file is a problem that holds every line."""
    return _read([settings.home.root / name for name in settings.attachments])


def own_enclosures(settings: Settings, line: str) -> tuple[tuple[Attachment, ...], tuple[Problem, ...]]:
    """Read what goes with one invoice only: the files of ``attachments/<N° facture>/``, by name."""
    folder = settings.home.attachments / line
    if not folder.is_dir():
        return (), ()
    return _read(sorted(path for path in folder.iterdir() if not path.name.startswith(".")))


def mail_logo(settings: Settings) -> Attachment | None:
    """Read the letterhead's logo for the HTML part of the messages, unless the home wants none there.

    Raises:
        ConfigError: the file is missing or is neither PNG nor JPEG.
    """
    name = settings.establishment.logo
    if not name or not settings.message_logo:
        return None
    attachments, problems = _read([settings.home.root / name])
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
        media_type, magic = _READABLE.get(path.suffix.lower(), ("", ()))
        if not media_type or (magic and not content.startswith(magic)):
            problems.append(_problem(ProblemCode.ATTACHMENT_FORMAT, path, allowed=" ".join(_READABLE)))
            continue
        attachments.append(Attachment(name=path.name, content=content, media_type=media_type))
    return tuple(attachments), tuple(problems)


def _problem(code: ProblemCode, path: Path, **facts: str) -> Problem:
    return Problem(code=code, severity=Severity.HOLD, file=path.name, value=str(path), facts=facts)
