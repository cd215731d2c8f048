"""The print pile: what cannot go by mail, or everything, as one PDF in resident order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from elite_lib import selection, storage
from elite_lib.batch.loading import load_tables
from elite_lib.batch.office import Office, utc_now
from elite_lib.batch.papers import Papers
from elite_lib.batch.picking import find
from elite_lib.batch.rendering import document_numbers, held, render_documents
from elite_lib.batch.settling import record_printed
from elite_lib.batch.surveying import Survey, survey
from elite_lib.exceptions import ConfigError
from elite_lib.labels import describe_problem, word
from elite_lib.models import (
    Attachment,
    Box,
    Delivery,
    DispatchLine,
    Disposition,
    Period,
    Problem,
    ProblemCode,
)

# no address + refused + held; what is unticked or excluded was left out by a person or is not issued
_UNMAILED = frozenset({Box.TO_PRINT, Box.REFUSED, Box.HELD})


@dataclass(frozen=True, slots=True, kw_only=True)
class Pile:
    lines: tuple[DispatchLine, ...]
    left_out: tuple[Problem, ...]  # lines that have no document to print, and why
    file: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class _Printed:
    """One line as it goes into the pile: its documents, and why it is there."""

    line: DispatchLine
    papers: tuple[tuple[str, bytes], ...]  # bookmark, content
    why: str
    problems: list[Problem] = field(default_factory=list)


def print_pile(
    office: Office,
    period: Period,
    *,
    file: Path,
    everything: bool = False,
    cover: bool = True,
    duplex: bool = False,
) -> Pile:
    """Merge the documents to print into ``file`` (0600) and note in the journal that they were printed.

    ``cover``: a first page says what is in the pile and why. ``duplex``: each document begins on a sheet
    of its own.

    Raises:
        ConfigError: ``nothing_to_print``.
        DocumentError, StorageError: nothing is written then.
    """
    from elite_lib import documents  # noqa: PLC0415 (see rendering)

    found = list(_printed(office, survey(office, period), everything=everything))
    lines = [one.line for one in found if one.papers]
    if not lines:
        raise ConfigError("nothing_to_print", period=period.key)
    papers = [paper for one in found for paper in one.papers]
    if cover:
        papers.insert(0, _cover(office, period, found))
    storage.replace(file, documents.merge(papers, duplex=duplex))
    record_printed(office, lines, period=period)
    left_out = tuple(problem for one in found for problem in one.problems)
    return Pile(lines=tuple(lines), left_out=left_out, file=file)


def print_one(office: Office, invoice: str) -> Attachment:
    """Merge the documents of one invoice into a file to print, and note in the journal that it was printed.

    Raises:
        ConfigError: ``invoice_unknown``; ``single_excluded``; ``single_held`` (codes): one of its documents
            cannot be made, or is not proved to be its own.
        SourceError, DocumentError.
    """
    from elite_lib import documents  # noqa: PLC0415 (see rendering)

    tables = load_tables(office)
    line, _entries = find(office, invoice, tables)
    if line.disposition is Disposition.EXCLUDED:
        raise ConfigError("single_excluded", value=line.key)
    month = Period(first=line.month, last=line.month)
    papers = Papers(office.settings, selection.select(tables, month).lines)
    made, problems = render_documents(office, line, papers=papers)
    if problems or not made:
        codes = [problem.code for problem in problems] or [ProblemCode.PDF_MISSING]
        raise ConfigError("single_held", value=line.key, codes=tuple(codes))
    numbers = dict(document_numbers(line))
    content = documents.merge([(_title(line, numbers[kind]), paper.content) for kind, paper in made.items()])
    record_printed(office, [line], period=month)
    return Attachment(name=next(iter(made.values())).name, content=content)


def _printed(office: Office, view: Survey, *, everything: bool) -> Iterator[_Printed]:
    """Make the documents of every line that is to be printed, in resident order."""
    slip = {line.key: line for line in view.slip.lines}
    elsewhere = Papers(office.settings, view.plan.lines)
    for line in view.plan.lines:
        box = slip[line.key].box
        if box is Box.EXCLUDED or not (everything or box in _UNMAILED or line.paper):
            continue
        made, problems = render_documents(office, line, papers=elsewhere)
        if not made and not problems:
            problems = [held(ProblemCode.PDF_MISSING, line, path="", detail="")]
        numbers = dict(document_numbers(line))
        papers = tuple((_title(line, numbers[kind]), paper.content) for kind, paper in made.items())
        yield _Printed(
            line=line,
            papers=papers,
            why=_why(line, box, slip[line.key].reasons),
            problems=problems,
        )


def _title(line: DispatchLine, number: str) -> str:
    if line.resident is None:
        return number
    return f"{line.resident.last_name.upper()} {line.resident.first_name} — {number}"


def _why(line: DispatchLine, box: Box, reasons: tuple[ProblemCode, ...]) -> str:
    """Say why a line is printed: in the words of the slip, with what is wrong where something is."""
    if box in _UNMAILED:
        detail = ", ".join(dict.fromkeys(map(word, reasons)))
        wanted = "" if detail or line.resident is None else word(line.resident.delivery)
        return " — ".join(filter(None, (word(box), detail or wanted)))
    return word(Delivery.BOTH) if line.paper else word(box)


def _cover(office: Office, period: Period, found: list[_Printed]) -> tuple[str, bytes]:
    from elite_lib.documents.cover import CoverEntry, render_cover  # noqa: PLC0415 (see rendering)
    from elite_lib.documents.pile import page_count  # noqa: PLC0415

    entries = [
        CoverEntry(
            resident=one.line.resident.name if one.line.resident else "",
            documents=", ".join(number for _, number in document_numbers(one.line)) or one.line.key,
            pages=sum(page_count(content) for _, content in one.papers),
            reason=" ".join(map(describe_problem, one.problems)) if not one.papers else one.why,
        )
        for one in found
    ]
    content = render_cover(
        entries,
        period=period,
        day=utc_now().astimezone().date(),
        operator=office.operator,
        establishment=office.settings.establishment,
        home=office.settings.home.root,
    )
    return period.key, content
