"""Protect what leaves with a password that the family knows by another way, where the home wants it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from elite_lib.batch.rendering import held
from elite_lib.config import Settings
from elite_lib.models import Attachment, DispatchLine, DocumentKind, Problem, ProblemCode

Papers = Mapping[DocumentKind, Attachment]


def protected(settings: Settings, line: DispatchLine, made: Papers) -> tuple[Papers, list[Problem]]:
    """Encrypt the documents of a line, which were proved before; what the rule lacks holds the line.

    What is compared and hashed is the clear document and its password, so that preparing again gives
    the same batch although the encrypted bytes never come twice.
    """
    if not settings.protect or not made:
        return made, []
    from elite_lib.documents import protecting  # noqa: PLC0415 (see rendering)

    password = _password(settings.protect, line)
    if not password:
        return made, [held(ProblemCode.PDF_NOT_PROTECTED, line, rule=settings.protect)]
    return {
        kind: replace(
            paper,
            content=protecting.protect(paper.content, password),
            identity=protecting.identity(paper.content, password),
            clear=paper.content,
        )
        for kind, paper in made.items()
    }, []


def _password(rule: str, line: DispatchLine) -> str:
    """Give the password of a line's documents: ``17051934`` or the resident's code; "" when it lacks."""
    if line.resident is None:
        return ""
    if rule == "resident_code":
        return line.resident.code
    return f"{line.resident.birth_date:%d%m%Y}" if line.resident.birth_date else ""
