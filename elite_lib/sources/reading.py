"""Open a workbook or a folder of CSVs and return its raw cells; say what makes a file unusable."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import python_calamine
from python_calamine import CalamineError, PasswordError, SheetTypeEnum

from elite_lib.exceptions import SourceError
from elite_lib.models import Problem, ProblemCode, Severity
from elite_lib.sources import delimited
from elite_lib.sources.grid import Bare, Grid, Parts
from elite_lib.sources.headers import sheet_named
from elite_lib.sources.ooxml import Package
from elite_lib.sources.opendocument import OpenDocument

_OLE = bytes.fromhex("D0CF11E0A1B11AE1")  # [MS-CFB] 2.2: old .xls, and the wrapping of an encrypted .xlsx
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")  # [MS-OFFCRYPTO] 2.3.4.4
_OLD_BOOK = "Workbook".encode("utf-16-le")  # [MS-XLS] 2.1.2
_ZIP = b"PK\x03\x04"
_CSV_SUFFIXES = frozenset({".csv", ".txt", ".tsv"})


def unusable(code: ProblemCode, path: Path, **facts: str) -> SourceError:
    """Make the error of a file that cannot be read at all."""
    problem = Problem(code=code, severity=Severity.FATAL, file=path.name, facts=facts)
    return SourceError("unusable", problems=(problem,), file=path.name)


def read(source: Path) -> list[Grid]:
    """Read every tab (or CSV) whose title is one of ours, in the order of the file.

    Raises:
        SourceError: ``unusable``, with the problem: missing, protected, not a workbook, damaged.
    """
    try:
        if source.is_dir():
            return _read_folder(source)
        if not source.exists():
            raise unusable(ProblemCode.FILE_MISSING, source)
        return _read_workbook(source)
    except PermissionError:
        # Excel on Windows keeps an open workbook from being read.
        raise unusable(ProblemCode.FILE_UNREADABLE, source, why="open_elsewhere") from None
    except OSError as error:
        raise unusable(ProblemCode.FILE_UNREADABLE, source, why=error.strerror or "damaged") from error


def _read_workbook(path: Path) -> list[Grid]:
    if path.name.startswith(("~$", ".~lock.")):
        raise unusable(ProblemCode.FILE_UNREADABLE, path, why="lock_file")
    _sniff(path)
    try:
        # Given an open file calamine goes by its content; given a path, by a suffix that may be wrong.
        with path.open("rb") as file, python_calamine.load_workbook(file) as book:
            parts = _parts(path)
            tabs = [
                tab
                for tab in book.sheets_metadata
                if tab.typ is SheetTypeEnum.WorkSheet and sheet_named(tab.name)
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
    except (CalamineError, zipfile.BadZipFile, ValueError) as error:
        raise unusable(ProblemCode.FILE_UNREADABLE, path, why="damaged") from error


def _parts(path: Path) -> Parts:
    """Choose by content who looks inside: files are renamed."""
    if not zipfile.is_zipfile(path):
        return Bare()  # an old .xls keeps no leading zeros that we could find
    with zipfile.ZipFile(path) as package:
        is_ods = "content.xml" in package.namelist()
    return OpenDocument(path) if is_ods else Package(path)


def _sniff(path: Path) -> None:
    """Recognise by its first bytes what is no readable workbook, whatever its name says.

    Raises:
        SourceError: protected by a password, or a web page or text file renamed to .xls.
    """
    with path.open("rb") as file:
        start = file.read(512)
        if start.startswith(_OLE):
            content = start + file.read()
            if _ENCRYPTED in content or _OLD_BOOK not in content:
                raise unusable(ProblemCode.FILE_PROTECTED, path)
            return
    if start.startswith(_ZIP):
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as package, suppress(KeyError):
                # OpenDocument 1.3 part 2, 4.8.1: each encrypted entry is declared so, newer wrappings too.
                if b"encryption-data" in package.read("META-INF/manifest.xml"):
                    raise unusable(ProblemCode.FILE_PROTECTED, path)
        return
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not text:
        raise unusable(ProblemCode.FILE_UNREADABLE, path, why="empty")
    if text.startswith((b"<html", b"<!doctype", b"<table", b"<?xml", b"<head", b"<meta", b"<body", b"<div")):
        raise unusable(ProblemCode.FILE_UNREADABLE, path, why="web_page")
    if path.suffix.lower() in _CSV_SUFFIXES or b"\0" not in start:
        raise unusable(ProblemCode.FILE_UNREADABLE, path, why="text_file")
    raise unusable(ProblemCode.FILE_UNREADABLE, path, why="damaged")


def _read_folder(folder: Path) -> list[Grid]:
    """Read the CSVs that are named by the sheet titles; lock files and others are left alone.

    Raises:
        SourceError: with one problem for each CSV that cannot be read.
    """
    grids: list[Grid] = []
    problems: list[Problem] = []
    for path in _csvs(folder):
        try:
            rows = delimited.rows(path)
        except delimited.UndecodableError as error:
            problems += unusable(ProblemCode.FILE_UNREADABLE, path, why=error.why).problems
            continue
        grids.append(Grid(file=path.name, title=path.stem, rows=rows, parts=Bare(), delimited=True))
    if problems:
        raise SourceError("unusable", problems=tuple(problems), file=folder.name)
    return grids


def _csvs(folder: Path) -> Sequence[Path]:
    found = []
    for path in sorted(folder.iterdir()):
        if (
            path.suffix.lower() in _CSV_SUFFIXES
            and not path.name.startswith(("~$", "."))
            and sheet_named(path.stem)
        ):
            with suppress(OSError):
                if path.is_file():
                    found.append(path)
    return found
