"""Make a line's PDFs, prove each to be this resident's, store them."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable
from pathlib import Path

from elite_lib import composition, storage
from elite_lib.batch.office import Office
from elite_lib.batch.papers import Papers
from elite_lib.exceptions import DocumentError
from elite_lib.labels import explain
from elite_lib.models import (
    SHEETS,
    Attachment,
    DispatchLine,
    DocumentKind,
    LineKind,
    Problem,
    ProblemCode,
    Severity,
)


def held(code: ProblemCode, line: DispatchLine, /, **facts: str) -> Problem:
    """Make the problem that holds ``line``."""
    name = "disbursements" if line.kind is LineKind.STATEMENT else "invoices"
    return Problem(
        code=code,
        severity=Severity.HOLD,
        sheet=next(sheet.title for sheet in SHEETS if sheet.name == name),
        row=line.row,
        held=(line.key,),
        value=line.number,
        facts=facts,
    )


def render_documents(
    office: Office, line: DispatchLine, *, papers: Papers | None = None
) -> tuple[dict[DocumentKind, Attachment], list[Problem]]:
    """Make (or read) a line's PDFs and prove each to be this resident's; what is wrong holds the line.

    ``papers`` are those that another program made, beside the lines of the whole period: without them only
    a file that is plainly this document's is taken.
    """
    from elite_lib import documents  # noqa: PLC0415 (reportlab and pikepdf, 0.5 s: only who prints pays)

    made: dict[DocumentKind, Attachment] = {}
    problems: list[Problem] = []
    name = line.resident.last_name if line.resident else ""
    papers = papers or Papers(office.settings, [line], whole=False)
    for kind, number in document_numbers(line):
        try:
            content, doubt = _content(office, line, kind, papers=papers, number=number)
        except (DocumentError, OSError) as error:
            detail = (error.strerror or "") if isinstance(error, OSError) else explain(error)
            where = line.invoice.pdf if line.invoice else ""
            problems.append(held(ProblemCode.PDF_MISSING, line, path=where, detail=detail))
            continue
        doubt = doubt or documents.prove(content, number=number, name=name)
        if doubt:
            problems.append(held(ProblemCode.PDF_NOT_PROVED, line, why=doubt, document=number))
            continue
        made[kind] = Attachment(name=composition.file_name(kind, number, name), content=content)
    return made, problems


def document_numbers(line: DispatchLine) -> list[tuple[DocumentKind, str]]:
    """List what a line carries: its invoice, its relevé, or its certificate, with their numbers."""
    numbers = []
    if line.invoice is not None:
        numbers.append((DocumentKind.INVOICE, line.invoice.number))
    if line.statement is not None:
        numbers.append((DocumentKind.STATEMENT, line.statement.number))
    if line.certificate is not None:
        numbers.append((DocumentKind.CERTIFICATE, line.certificate.number))
    return numbers


def _content(
    office: Office, line: DispatchLine, kind: DocumentKind, *, papers: Papers, number: str
) -> tuple[bytes, str]:
    """Read or make one document, and say what makes it doubtful before it is proved."""
    elsewhere = None
    if kind is DocumentKind.INVOICE and line.invoice is not None and line.invoice.pdf:
        elsewhere = papers.named(line.invoice.pdf, number)
    elif kind is not DocumentKind.CERTIFICATE:
        elsewhere = papers.of(number)
    if elsewhere is not None:
        return elsewhere.content, elsewhere.doubt
    if kind is DocumentKind.INVOICE and papers.folder is not None:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(papers.folder))
    return _rendered(office, line, kind), ""


def _rendered(office: Office, line: DispatchLine, kind: DocumentKind) -> bytes:
    from elite_lib import documents  # noqa: PLC0415 (see render_documents)

    home, establishment = office.settings.home.root, office.settings.establishment
    if kind is DocumentKind.STATEMENT:
        return documents.render_statement(line, establishment=establishment, home=home)
    if kind is DocumentKind.CERTIFICATE:
        return documents.render_certificate(line, establishment=establishment, home=home)
    return documents.render_invoice(line, establishment=establishment, home=home)


def store_documents(folder: Path, attachments: Iterable[Attachment]) -> None:
    """Store PDFs in ``folder``, private and whole.

    Raises:
        StorageError: disk full or no permission.
    """
    storage.make_folder(folder)
    for attachment in attachments:
        storage.replace(folder / attachment.name, attachment.content, durable=False)
