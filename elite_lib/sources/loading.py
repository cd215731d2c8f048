"""Put the reading together: a file in, validated frames and every problem out."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pandas as pd

from elite_lib.exceptions import SourceError
from elite_lib.models import SHEETS, TABLE, Problem, ProblemCode, Severity, Sheet, Tables
from elite_lib.sources import checks, headers, reading, rows, sums
from elite_lib.sources.grid import Grid
from elite_lib.sources.headers import Layout
from elite_lib.sources.holding import Holding
from elite_lib.sources.opening import CSV_SUFFIXES
from elite_lib.sources.rows import Table
from elite_lib.sources.single import taken_apart

_ORDER = {sheet.name: number for number, sheet in enumerate(SHEETS)}


def load(
    source: Path,
    *,
    layout: Layout | None = None,
    creditor_id: str = "",
    password: Callable[[], str] = str,
    papers: bool = False,
) -> Tables:
    """Read a workbook, or a folder of CSVs named by the sheets' titles, and check all of it.

    Every problem is reported at once. Rows with problems stay in the frames, their unreadable cells None;
    a problem says which dispatch lines it holds, so that the others go on.

    Args:
        source: an .xlsx, .xlsm, .xls or .ods file, a folder, or one CSV: a table with a row per invoice.
        layout: a home's own titles of sheets and columns.
        creditor_id: the home's ICS; without it, direct debits get a warning.
        password: gives the workbook's password; asked only where the file wants one.
        papers: the PDFs are made elsewhere, so that an invoice needs no lines.

    Raises:
        SourceError: ``unusable``, with every fatal problem: the file cannot be read, or a sheet or column
            that sending needs is missing or there twice.
        ConfigError: ``value_invalid``, a name for a sheet or column that does not exist.
    """
    layout = layout or Layout()
    layout.check()
    if source.suffix.lower() in CSV_SUFFIXES and not layout.table and not source.is_dir():
        layout = replace(layout, table="*")
    with _uncollected():
        grids, told = reading.read(source, layout, password=password)
        tables = _sheets(grids, layout, source=source)
        problems = told + _problems(tables, creditor_id=creditor_id, papers=papers)
        frames = {name: _frame(table) for name, table in tables.items()}
        titles = {name: table.title for name, table in tables.items() if table.title}
        return Tables(**frames, problems=problems, file=source.name, titles=titles)


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


def _sheets(grids: Sequence[Grid], layout: Layout, *, source: Path) -> Mapping[str, Table]:
    tables: dict[str, Table] = {}
    fatal: list[Problem] = []
    for sheet in (TABLE,) if layout.table else SHEETS:
        mine = [grid for grid in grids if layout.sheet(grid.title) is sheet]
        wanted = layout.table.strip("*") or sheet.title
        tables[sheet.name], problems = _table(sheet, mine, layout, source=source, wanted=wanted)
        fatal += problems
    if fatal:
        raise SourceError("unusable", problems=tuple(fatal), file=source.name)
    return taken_apart(tables[TABLE.name]) if layout.table else tables


def _table(
    sheet: Sheet, found: Sequence[Grid], layout: Layout, *, source: Path, wanted: str
) -> tuple[Table, list[Problem]]:
    """Parse one sheet, or say what makes it unusable."""
    if len(found) > 1:
        facts = {"sheets": ", ".join(grid.title for grid in found)}
        return rows.empty(sheet), [_fatal(ProblemCode.SHEET_TWICE, found[0], value=wanted, facts=facts)]
    if not found or not any(any(row) for row in found[0].rows):
        if not sheet.required:
            return rows.empty(sheet), []
        missing = Problem(
            code=ProblemCode.SHEET_MISSING,
            severity=Severity.FATAL,
            file=source.name,
            sheet=found[0].title if found else "",
            value=wanted,
        )
        return rows.empty(sheet), [missing]
    grid = found[0]
    header = headers.find(grid.rows, layout.names(sheet))
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
    if sheet is TABLE and not {"resident", "last_name"} & there.keys():
        missing.append(_fatal(ProblemCode.COLUMN_MISSING, grid, value="Code résident", facts=facts))
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


def _problems(tables: Mapping[str, Table], *, creditor_id: str, papers: bool) -> tuple[Problem, ...]:
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
        *_named(tables, sums.totals(tables, holding, papers=papers)),
        *_named(tables, sums.lines(tables, holding, papers=papers)),
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
