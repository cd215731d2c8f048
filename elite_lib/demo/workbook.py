"""Write the sample tables as a workbook, or as a folder of CSV files."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import zipfile
from decimal import Decimal
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from elite_lib import storage
from elite_lib.demo.rows import Book, Cell
from elite_lib.models import SHEETS, CellType, Column, Sheet

STAMP = dt.datetime(2026, 1, 1)  # noqa: DTZ001 - openpyxl wants it naive; fixed, so that equal input gives equal bytes
_FORMATS = {
    CellType.DATE: "dd/mm/yyyy",
    CellType.AMOUNT: '#,##0.00\\ "€"',
    CellType.NUMBER: "0.00##",
    CellType.INTEGER: "0",
}
_TEXT_FORMAT = "@"  # Excel then keeps 01000 as it was typed
_HEADER_FONT = "FFFFFFFF"
_HEADER_FILL = "FF1F5673"


def save_workbook(book: Book, path: Path) -> None:
    """Write the six sheets. The same book gives the same bytes: no timestamp of the moment is kept.

    Raises:
        StorageError: it cannot be written.
    """
    workbook = Workbook()
    workbook.remove(workbook.active)
    for sheet in SHEETS:
        _fill(workbook.create_sheet(sheet.title), sheet, book)
    workbook.properties.creator = "elite_lib.demo"
    workbook.properties.created = STAMP
    buffer = io.BytesIO()
    workbook.save(buffer)
    storage.replace(path, _timeless(buffer.getvalue()))


def save_csvs(book: Book, folder: Path) -> None:
    """Write one file per sheet as a French Excel would: UTF-8 with BOM, ``;``, decimal comma, CRLF.

    Raises:
        StorageError: a file cannot be written.
    """
    storage.make_folder(folder)
    for sheet in SHEETS:
        text = io.StringIO(newline="")
        writer = csv.writer(text, delimiter=";")
        writer.writerow([column.title for column in sheet.columns])
        for row in book[sheet.name]:
            writer.writerow([_csv_text(row[column.name], column.type) for column in sheet.columns])
        storage.replace(folder / f"{sheet.title}.csv", text.getvalue().encode("utf-8-sig"))


def _fill(page: Worksheet, sheet: Sheet, book: Book) -> None:
    page.append([column.title for column in sheet.columns])
    for row in book[sheet.name]:
        page.append([row[column.name] for column in sheet.columns])
    for place, column in enumerate(sheet.columns, start=1):
        _dress(page, place, column)
    page.freeze_panes = "A2"
    page.auto_filter.ref = page.dimensions
    page.row_dimensions[1].height = 30


def _dress(page: Worksheet, place: int, column: Column) -> None:
    """Give a column its number format and a width that shows its longest cell."""
    letter = get_column_letter(place)
    number_format = _FORMATS.get(column.type, _TEXT_FORMAT)
    longest = len(column.title)
    header, *cells = page[letter]
    header.font = Font(bold=True, color=_HEADER_FONT)
    header.fill = PatternFill("solid", fgColor=_HEADER_FILL)
    header.alignment = Alignment(vertical="center", wrap_text=True)
    for cell in cells:
        cell.number_format = number_format
        longest = max(longest, 10 if isinstance(cell.value, dt.date) else len(str(cell.value or "")))
    page.column_dimensions[letter].width = min(46, max(9, longest + 2))


def _csv_text(value: Cell, kind: CellType) -> str:
    if value is None:
        return ""
    if isinstance(value, dt.date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, Decimal):
        return f"{value:{'.2f' if kind is CellType.AMOUNT else 'f'}}".replace(".", ",")
    return str(value)


def _timeless(content: bytes) -> bytes:
    """Rewrite the archive without the moment of writing: openpyxl stamps each member and ``modified``."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            data = old.read(name)
            if name == "docProps/core.xml":
                stamp = f"{STAMP:%Y-%m-%dT%H:%M:%SZ}".encode()
                data = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + stamp, data)
            member = zipfile.ZipInfo(name, date_time=STAMP.timetuple()[:6])
            member.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(member, data)
    return target.getvalue()
