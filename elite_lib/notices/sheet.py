"""The remaining lines as a workbook, for whoever settles them."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence

from elite_lib.labels import _, word
from elite_lib.models import Box, Slip, SlipLine

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_WIDTHS = (20, 28, 14, 14, 44, 44, 60)
_EUROS = '#,##0.00" €"'
# A spreadsheet takes a cell that begins so for a formula, also after a detour through CSV (CWE-1236); the
# server's words and the names of a workbook are other people's texts.
_FORMULA = tuple("=+-@＝＋－＠")


def remaining(slip: Slip) -> tuple[SlipLine, ...]:
    """List the lines that still need the program or a person, worst first."""
    order = list(Box)
    found = [line for line in (*slip.lines, *slip.vanished) if line.box.remainder]
    return tuple(sorted(found, key=lambda line: order.index(line.box)))


def why(line: SlipLine) -> str:
    """Say why a line remains: the server's words, else the reasons that hold it."""
    return line.note or ", ".join(map(word, line.reasons))


def remainder_sheet(lines: Iterable[SlipLine]) -> bytes:
    """Write the lines as .xlsx: number, resident, euros, box, recipients, reasons, answer."""
    from openpyxl import Workbook  # noqa: PLC0415 (0.2 s: only who sends a notice pays)
    from openpyxl.styles import Font  # noqa: PLC0415
    from openpyxl.utils import get_column_letter  # noqa: PLC0415

    book = Workbook()
    sheet = book.active
    sheet.title = _("What remains")
    sheet.append([neutral(title) for title in _titles()])
    for line in lines:
        sheet.append(_cells(line))
        sheet.cell(sheet.max_row, 3).number_format = _EUROS
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for number, width in enumerate(_WIDTHS, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def neutral(text: str) -> str:
    """Make a text that no spreadsheet takes for a formula, nor XML for an error."""
    kept = "".join(c for c in text if c in "\t\n" or (c >= " " and not "\ud800" <= c <= "\udfff"))
    kept = kept.replace("\ufffe", "").replace("\uffff", "")[:32_000]  # a cell holds 32,767 characters
    return f"'{kept}" if kept.lstrip().startswith(_FORMULA) else kept


def _titles() -> Sequence[str]:
    return (
        _("number"), _("resident"), _("euros"), _("box"), _("recipients"), _("reasons"), _("answer"),
    )  # fmt: skip


def _cells(line: SlipLine) -> list[object]:
    return [
        neutral(line.key),
        neutral(line.name),
        line.amount,
        neutral(word(line.box)),
        neutral(", ".join(f"{address} ({word(status)})" for address, status in line.recipients)),
        neutral(", ".join(map(word, line.reasons))),
        neutral(line.note),
    ]
