"""Get at the bytes of a workbook: what it really is, its password, who has it open."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum
from pathlib import Path

import msoffcrypto
import olefile
from msoffcrypto.exceptions import DecryptionError, FileFormatError, InvalidKeyError, ParseError

from elite_lib.exceptions import SourceError
from elite_lib.models import Problem, ProblemCode, Severity

CSV_SUFFIXES = frozenset({".csv", ".txt", ".tsv"})
_OLE = bytes.fromhex("D0CF11E0A1B11AE1")  # [MS-CFB] 2.2: old .xls, and the wrapping of an encrypted .xlsx
_ZIP = b"PK\x03\x04"
_WEB = (b"<html", b"<!doctype", b"<table", b"<?xml", b"<head", b"<meta", b"<body", b"<div", b"<style")
# [MS-OFFCRYPTO] 2.3.6.4 note: Excel itself uses this one where only writing is protected, and opens such a
# workbook without asking.
_UNASKED = "VelvetSweatshop"


class Kind(StrEnum):
    """What a workbook is, by its content: files are renamed."""

    OOXML = "ooxml"  # .xlsx, .xlsm
    OPENDOCUMENT = "opendocument"  # .ods
    BIFF = "biff"  # .xls of Excel 97 to 2003


def unusable(code: ProblemCode, path: Path, **facts: str) -> SourceError:
    """Make the error of a file that cannot be read at all."""
    problem = Problem(code=code, severity=Severity.FATAL, file=path.name, facts=facts)
    return SourceError("unusable", problems=(problem,), file=path.name)


def workbook(path: Path, *, password: Callable[[], str]) -> tuple[bytes, Kind]:
    """Read a workbook whole, opened with its password where it has one, and say what it is.

    ``password`` is asked only when the file needs one; "" is none.

    Raises:
        SourceError: protected (``why``: ``wrong_password`` where one was given), damaged, empty, or a web
            page, text or binary format under a wrong name.
    """
    if path.name.startswith(("~$", ".~lock.")):
        raise unusable(ProblemCode.FILE_UNREADABLE, path, why="lock_file")
    content = path.read_bytes()
    if content.startswith(_OLE):
        return _from_container(path, content, password=password)
    return content, _sniffed(path, content)


def warnings(path: Path) -> tuple[Problem, ...]:
    """Warn of a workbook that is open in a spreadsheet: what is not saved yet is not read."""
    for name, encoding in ((f"~${path.name}", "cp1252"), (f".~lock.{path.name}#", "utf-8")):
        with suppress(OSError):
            lock = path.with_name(name).read_bytes()
            user = _user(lock.decode(encoding, errors="replace"), excel=name.startswith("~$"))
            return (
                Problem(
                    code=ProblemCode.FILE_OPEN,
                    severity=Severity.WARNING,
                    file=path.name,
                    facts={"user": user} if user else {},
                ),
            )
    return ()


def _user(lock: str, *, excel: bool) -> str:
    """Read who locked: Excel writes a length and the name, LibreOffice fields with commas."""
    if excel:
        name = lock[1 : 1 + ord(lock[0])] if lock else ""
    else:
        name = next((field for field in lock.split(",")[:2] if field.strip()), "")
    return "".join(c for c in name if c.isprintable()).strip()[:60]


def _from_container(path: Path, content: bytes, *, password: Callable[[], str]) -> tuple[bytes, Kind]:
    """Tell an old workbook from the wrapping of an encrypted one, and open what is encrypted."""
    try:
        with olefile.OleFileIO(io.BytesIO(content)) as container:
            wrapped = container.exists("EncryptedPackage")  # [MS-OFFCRYPTO] 2.3.4.4
            if not wrapped and not container.exists("Workbook"):  # [MS-XLS] 2.1.2
                why = "old_excel" if container.exists("Book") else "damaged"
                raise unusable(ProblemCode.FILE_UNREADABLE, path, why=why)
        office = msoffcrypto.OfficeFile(io.BytesIO(content))
        if wrapped or office.is_encrypted():
            content = _decrypted(path, content, password=password)
    except (OSError, FileFormatError, ParseError, ValueError, TypeError, IndexError, KeyError) as error:
        raise unusable(ProblemCode.FILE_UNREADABLE, path, why="damaged") from error
    return content, _sniffed(path, content) if wrapped else Kind.BIFF


def _decrypted(path: Path, content: bytes, *, password: Callable[[], str]) -> bytes:
    for key in (_UNASKED, None):
        given = password() if key is None else key
        if not given:
            raise unusable(ProblemCode.FILE_PROTECTED, path)
        opened = io.BytesIO()
        try:
            office = msoffcrypto.OfficeFile(io.BytesIO(content))
            office.load_key(password=given)
            office.decrypt(opened)
        except (InvalidKeyError, DecryptionError):
            continue
        except (FileFormatError, ParseError):
            raise unusable(ProblemCode.FILE_PROTECTED, path, why="encryption") from None
        return opened.getvalue()
    raise unusable(ProblemCode.FILE_PROTECTED, path, why="wrong_password")


def _sniffed(path: Path, content: bytes) -> Kind:
    """Recognise by its first bytes what is no readable workbook, whatever its name says."""
    start = content[:512]
    if start.startswith(_ZIP):
        return _zipped(path, content)
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not text:
        why = "empty"
    elif text.startswith(_WEB):
        why = "web_page"
    elif (
        path.suffix.lower() in CSV_SUFFIXES
        or b"\0" not in start
        or start.startswith((b"\xff\xfe", b"\xfe\xff"))
    ):
        why = "text_file"
    else:
        why = "damaged"
    raise unusable(ProblemCode.FILE_UNREADABLE, path, why=why)


def _zipped(path: Path, content: bytes) -> Kind:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            names = set(package.namelist())
            manifest = package.read("META-INF/manifest.xml") if "META-INF/manifest.xml" in names else b""
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, RuntimeError) as error:
        raise unusable(ProblemCode.FILE_UNREADABLE, path, why="damaged") from error
    if b"encryption-data" in manifest:
        # OpenDocument 1.3 part 2, 4.8.1: each encrypted entry is declared so, newer wrappings too.
        raise unusable(ProblemCode.FILE_PROTECTED, path, why="encryption")
    if "xl/workbook.bin" in names:
        raise unusable(ProblemCode.FILE_UNREADABLE, path, why="binary_workbook")
    return Kind.OPENDOCUMENT if "content.xml" in names else Kind.OOXML
