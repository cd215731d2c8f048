"""Put the reading together: a file in, validated frames and every problem out."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

from elite_lib.exceptions import SourceError
from elite_lib.models import SHEETS, Problem, ProblemCode, Severity, Sheet, Tables
from elite_lib.sources import checks, headers, reading, rows, sums
from elite_lib.sources.grid import Grid
from elite_lib.sources.holding import Holding
from elite_lib.sources.rows import Table

_ORDER = {sheet.name: number for number, sheet in enumerate(SHEETS)}


def load(
    source: Path, *, aliases: Mapping[str, Mapping[str, str]] | None = None, creditor_id: str = ""
) -> Tables:
    """Read a workbook, or a folder of CSVs named by the sheets' titles, and check all of it.

    Every problem is reported at once. Rows with problems stay in the frames, their unreadable cells None;
    a problem says which dispatch lines it holds, so that the others go on.

    Args:
        source: an .xlsx, .xlsm or .ods file, or a folder.
        aliases: a home's own titles, by sheet: ``{"Factures": {"Ma colonne": "N° facture"}}``.
        creditor_id: the home's ICS; without it, direct debits get a warning.

    Raises:
        SourceError: ``unusable``, with every fatal problem: the file cannot be read, or a sheet or column
            that sending needs is missing or there twice.
        ConfigError: ``value_invalid``, an alias for a sheet or column that does not exist.
    """
    with _uncollected():
        return _load(source, aliases=aliases or {}, creditor_id=creditor_id)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Let no cycle be looked for while millions of cells are made, none of which is in one.

    The collector would walk over all of them again and again: a sixth of the whole time.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _load(source: Path, *, aliases: Mapping[str, Mapping[str, str]], creditor_id: str) -> Tables:
    titles = {sheet.name: headers.names(sheet, aliases) for sheet in SHEETS}
    grids = reading.read(source)
    tables: dict[str, Table] = {}
    fatal: list[Problem] = []
    for sheet in SHEETS:
        tables[sheet.name], problems = _table(sheet, grids, titles[sheet.name], source=source)
        fatal += problems
    if fatal:
        raise SourceError("unusable", problems=tuple(fatal), file=source.name)
    frames = {name: _frame(table) for name, table in tables.items()}
    return Tables(**frames, problems=_problems(tables, creditor_id=creditor_id), file=source.name)


def _table(
    sheet: Sheet, grids: Sequence[Grid], titles: headers.Names, *, source: Path
) -> tuple[Table, list[Problem]]:
    """Parse one sheet, or say what makes it unusable."""
    found = [grid for grid in grids if headers.sheet_named(grid.title) is sheet]
    if len(found) > 1:
        facts = {"sheets": ", ".join(grid.title for grid in found)}
        return rows.empty(sheet), [_fatal(ProblemCode.SHEET_TWICE, found[0], value=sheet.title, facts=facts)]
    if not found or not any(any(row) for row in found[0].rows):
        if not sheet.required:
            return rows.empty(sheet), []
        facts = {"sheets": ", ".join(grid.title for grid in grids)}
        missing = Problem(
            code=ProblemCode.SHEET_MISSING,
            severity=Severity.FATAL,
            file=source.name,
            sheet=found[0].title if found else "",
            value=sheet.title,
            facts=facts,
        )
        return rows.empty(sheet), [missing]
    grid = found[0]
    header = headers.find(grid.rows, titles)
    problems = _unusable_columns(sheet, grid, header)
    if problems or header is None:
        return rows.empty(sheet), problems
    if (record := rows.overflowing(grid, header)) is not None:
        return rows.empty(sheet), [
            _fatal(ProblemCode.FILE_UNREADABLE, grid, row=record, facts={"why": "too_many_fields"})
        ]
    return rows.parse(sheet, grid, header), []


def _unusable_columns(sheet: Sheet, grid: Grid, header: headers.Header | None) -> list[Problem]:
    """List the required columns that are missing, and those that are there twice: which one counts?"""
    there = header.columns if header else {}
    facts = {"columns": ", ".join(header.seen)} if header else {}
    missing = [
        _fatal(ProblemCode.COLUMN_MISSING, grid, value=column.title, facts=facts)
        for column in sheet.columns
        if column.required and column.name not in there
    ]
    row = header.last + 1 if header else None
    return missing + [
        _fatal(ProblemCode.COLUMN_TWICE, grid, row=row, value=title)
        for title in (header.twice if header else ())
    ]


def _fatal(
    code: ProblemCode,
    grid: Grid,
    *,
    row: int | None = None,
    value: str = "",
    facts: Mapping[str, str] | None = None,
) -> Problem:
    return Problem(
        code=code,
        severity=Severity.FATAL,
        file=grid.file,
        sheet=grid.title,
        row=row,
        column=value if code is ProblemCode.COLUMN_TWICE else "",
        value=value,
        facts=facts or {},
    )


def _frame(table: Table) -> pd.DataFrame:
    """Make the frame of one sheet: object columns, None where nothing is, and the row that Excel shows."""
    columns = {name: pd.Series(values, dtype=object) for name, values in table.columns.items()}
    return pd.DataFrame(columns | {"row": pd.Series(table.rows, dtype="int64")})


def _problems(tables: Mapping[str, Table], *, creditor_id: str) -> tuple[Problem, ...]:
    """Gather every problem, in the order of sheets, rows and columns."""
    holding = Holding(tables)
    found: list[tuple[Problem, str]] = [
        *_named(tables, checks.hidden_rows(tables)),
        *_of_cells(tables, holding),
        *_named(tables, checks.duplicates(tables, holding)),
        *_named(tables, checks.residents_known(tables, holding)),
        *_named(tables, checks.payers_known(tables, holding)),
        *_named(tables, checks.invoices_known(tables, holding)),
        *_named(tables, checks.statements_single(tables, holding)),
        *_named(tables, checks.direct_debits(tables, holding, creditor_id=creditor_id)),
        *_named(tables, sums.totals(tables, holding)),
        *_named(tables, sums.lines(tables, holding)),
        *_named(tables, sums.periods(tables, holding)),
    ]
    return tuple(problem for problem, _ in sorted(found, key=lambda p: (_ORDER[p[1]], p[0].row or 0)))


def _named(tables: Mapping[str, Table], problems: Iterator[Problem]) -> Iterator[tuple[Problem, str]]:
    """Put beside each problem the name of its sheet, whatever the file calls it."""
    names = {table.title: name for name, table in tables.items() if table.title}
    return ((problem, names[problem.sheet]) for problem in problems)


def _of_cells(tables: Mapping[str, Table], holding: Holding) -> Iterator[tuple[Problem, str]]:
    for name, table in tables.items():
        for column in table.sheet.columns:
            for flaw in table.flaws.get(column.name, ()):
                if problem := holding.of_flaw((name, column.name), flaw):
                    yield problem, name
