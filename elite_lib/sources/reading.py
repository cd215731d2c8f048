"""Open a workbook, a CSV or a folder of CSVs and return its raw cells; say what makes a file unusable."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import python_calamine
from python_calamine import CalamineError, PasswordError, SheetTypeEnum

from elite_lib.exceptions import SourceError
from elite_lib.models import Problem, ProblemCode
from elite_lib.sources import delimited
from elite_lib.sources.biff import OldWorkbook
from elite_lib.sources.grid import Bare, Grid, Parts
from elite_lib.sources.headers import Layout
from elite_lib.sources.ooxml import Package
from elite_lib.sources.opendocument import OpenDocument
from elite_lib.sources.opening import CSV_SUFFIXES, Kind, unusable, warnings, workbook

_PARTS: dict[Kind, Callable[[bytes], Parts]] = {
    Kind.OOXML: Package,
    Kind.OPENDOCUMENT: OpenDocument,
    Kind.BIFF: OldWorkbook,
}

Wanted = Callable[[str], bool]  # the title of a tab, or the name of a CSV without its suffix


def read(
    source: Path, layout: Layout, *, password: Callable[[], str] = str
) -> tuple[list[Grid], tuple[Problem, ...]]:
    """Read every tab (or CSV) whose title is one of ours, in the order of the file, and what to warn of.

    Raises:
        SourceError: ``unusable``, with the problem: missing, protected, not a workbook, damaged.
    """
    return read_where(source, layout, password=password, wanted=lambda title: layout.sheet(title) is not None)


def read_where(
    source: Path, layout: Layout, *, wanted: Wanted, password: Callable[[], str] = str
) -> tuple[list[Grid], tuple[Problem, ...]]:
    """Read the tabs (or CSVs) with a title that is wanted; raises as ``read``."""
    try:
        if source.is_dir():
            return _read_folder(source, layout, wanted=wanted), ()
        if not source.exists():
            raise unusable(ProblemCode.FILE_MISSING, source)
        if source.suffix.lower() in CSV_SUFFIXES:
            return [_read_csv(source, layout)], warnings(source)
        return _read_workbook(source, wanted=wanted, password=password), warnings(source)
    except PermissionError:
        # Excel on Windows keeps an open workbook from being read.
        raise unusable(ProblemCode.FILE_UNREADABLE, source, why="open_elsewhere") from None
    except OSError as error:
        raise unusable(ProblemCode.FILE_UNREADABLE, source, why=error.strerror or "damaged") from error


def _read_workbook(path: Path, *, wanted: Wanted, password: Callable[[], str]) -> list[Grid]:
    content, kind = workbook(path, password=password)
    try:
        # Given an open file calamine goes by its content; given a path, by a suffix that may be wrong.
        with python_calamine.load_workbook(io.BytesIO(content)) as book:
            parts = _PARTS[kind](content)
            tabs = [
                tab for tab in book.sheets_metadata if tab.typ is SheetTypeEnum.WorkSheet and wanted(tab.name)
            ]
            return [
                Grid(
                    file=path.name,
                    title=tab.name,
                    rows=book.get_sheet_by_name(tab.name).to_python(skip_empty_area=False),
                    parts=parts,
                )
                for tab in tabs
            ]
    except PasswordError:
        raise unusable(ProblemCode.FILE_PROTECTED, path) from None
    except (CalamineError, zipfile.BadZipFile, ValueError, OSError) as error:
        raise unusable(ProblemCode.FILE_UNREADABLE, path, why="damaged") from error


def _read_csv(path: Path, layout: Layout) -> Grid:
    sheet = layout.sheet(path.stem)
    try:
        rows = delimited.rows(path.read_bytes(), layout.names(sheet) if sheet else {})
    except delimited.UndecodableError as error:
        raise unusable(ProblemCode.FILE_UNREADABLE, path, why=error.why) from error
    return Grid(file=path.name, title=path.stem, rows=rows, parts=Bare(), delimited=True)


def _read_folder(folder: Path, layout: Layout, *, wanted: Wanted) -> list[Grid]:
    """Read the CSVs that are named by the sheet titles; lock files and others are left alone.

    Raises:
        SourceError: with one problem for each CSV that cannot be read.
    """
    grids: list[Grid] = []
    problems: list[Problem] = []
    for path in _csvs(folder, wanted=wanted):
        try:
            grids.append(_read_csv(path, layout))
        except SourceError as error:
            problems += error.problems
    if problems:
        raise SourceError("unusable", problems=tuple(problems), file=folder.name)
    return grids


def _csvs(folder: Path, *, wanted: Wanted) -> Sequence[Path]:
    found = []
    for path in sorted(folder.iterdir()):
        if (
            path.suffix.lower() in CSV_SUFFIXES
            and not path.name.startswith(("~$", "."))
            and wanted(path.stem)
        ):
            with suppress(OSError):
                if path.is_file():
                    found.append(path)
    return found
