"""The year's tax certificates, as files for the office. They are sent as any period is: ``ATT-2026``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from elite_lib.batch.office import Office
from elite_lib.batch.preparing import read_plan
from elite_lib.batch.rendering import render_documents, store_documents
from elite_lib.exceptions import ConfigError
from elite_lib.models import (
    Attachment,
    DispatchLine,
    Disposition,
    DocumentKind,
    Period,
    Plan,
    Problem,
    ProblemCode,
    Severity,
    Tables,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Certified:
    """What became of a year's certificates."""

    plan: Plan
    made: tuple[DispatchLine, ...]
    empty: tuple[DispatchLine, ...]  # nothing to certify
    left_out: tuple[Problem, ...]  # what keeps the others from being made


def certificate_period(year: str) -> Period:
    """Give the period of a year's certificates.

    Raises:
        ConfigError: ``year_invalid``.
    """
    if not (len(year) == 4 and year.isascii() and year.isdigit()):
        raise ConfigError("year_invalid", value=year)
    return Period.parse(f"ATT-{year}")


def make_certificates(
    office: Office, period: Period, *, folder: Path | None = None, tables: Tables | None = None
) -> Certified:
    """Make and prove every certificate of the year; store them in ``folder`` (0700, files 0600) if given.

    A deceased resident's is made as well: to whom it goes is another question.

    Raises:
        ConfigError: ``no_certificate``: nobody was billed in that year.
        SourceError, StorageError.
    """
    plan, _ = read_plan(office, period, tables=tables)
    if not plan.lines:
        raise ConfigError("no_certificate", year=period.year)
    made: list[DispatchLine] = []
    left_out: list[Problem] = []
    empty = tuple(line for line in plan.lines if line.disposition is Disposition.EXCLUDED)
    for line in plan.lines:
        if line in empty:
            continue
        problems = [problem for problem in line.reasons if _holds(problem)]
        documents: Mapping[DocumentKind, Attachment] = {}
        if not problems:
            documents, problems = render_documents(office, line)
        left_out += problems
        if not problems:
            made.append(line)
            if folder is not None:
                store_documents(folder, documents.values())
    return Certified(plan=plan, made=tuple(made), empty=empty, left_out=tuple(left_out))


def _holds(problem: Problem) -> bool:
    return problem.severity is Severity.HOLD and problem.code is not ProblemCode.RESIDENT_DECEASED
