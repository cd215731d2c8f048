"""The print pile: what cannot go by mail, or everything, as one PDF in resident order."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from elite_lib import storage
from elite_lib.batch.office import Office
from elite_lib.batch.rendering import held, render_documents
from elite_lib.batch.settling import record_printed
from elite_lib.batch.surveying import survey
from elite_lib.exceptions import ConfigError
from elite_lib.models import Box, DispatchLine, Period, Problem, ProblemCode

# no address + refused + held; what is unticked or excluded was left out by a person or is not issued
_UNMAILED = frozenset({Box.TO_PRINT, Box.REFUSED, Box.HELD})


@dataclass(frozen=True, slots=True, kw_only=True)
class Pile:
    lines: tuple[DispatchLine, ...]
    left_out: tuple[Problem, ...]  # lines that have no document to print, and why
    file: Path


def print_pile(office: Office, period: Period, *, file: Path, everything: bool = False) -> Pile:
    """Merge the documents to print into ``file`` (0600) and note in the journal that they were printed.

    Raises:
        ConfigError: ``nothing_to_print``.
        DocumentError, StorageError: nothing is written then.
    """
    from elite_lib import documents  # noqa: PLC0415 (see rendering)

    view = survey(office, period)
    boxes = {line.key: line.box for line in view.slip.lines}
    lines: list[DispatchLine] = []
    pages: list[tuple[str, bytes]] = []
    left_out: list[Problem] = []
    for line in view.plan.lines:
        box = boxes[line.key]
        if box is Box.EXCLUDED or not (everything or box in _UNMAILED or line.paper):
            continue
        made, problems = render_documents(office, line)
        if not made and not problems:
            problems = [held(ProblemCode.PDF_MISSING, line, path="", detail="")]
        left_out.extend(problems)
        if made:
            lines.append(line)
            pages.extend((attachment.name, attachment.content) for attachment in made.values())
    if not pages:
        raise ConfigError("nothing_to_print", period=period.key)
    storage.replace(file, documents.merge(pages))
    record_printed(office, lines, period=period)
    return Pile(lines=tuple(lines), left_out=tuple(left_out), file=file)
