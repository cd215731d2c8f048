"""The sheet of returns as a workbook: one row a call, the part it belongs to in the first column."""

from __future__ import annotations

import io
from typing import Any

from elite_lib.labels import _, ngettext
from elite_lib.notices.calls import ReturnSheet, cells, column_titles, part_title
from elite_lib.notices.sheet import neutral

_WIDTHS = (24, 26, 26, 17, 32, 20, 42, 48, 48)


def sheet_xlsx(sheet: ReturnSheet) -> bytes:
    """Write the sheet as .xlsx. No cell can be taken for a formula, whatever a server said (CWE-1236)."""
    from openpyxl import Workbook  # noqa: PLC0415 (0.2 s: only who exports pays)
    from openpyxl.styles import Alignment, Font  # noqa: PLC0415

    book = Workbook()
    page = book.active
    page.title = _("Returns")
    _write_faults(page, sheet)
    page.append([_("Part"), *column_titles()])
    head = page.max_row
    for cell in page[head]:
        cell.font = Font(bold=True)
    for call in sheet.calls:
        page.append([neutral(text) for text in (part_title(call.part), *cells(call))])
    for row in page.iter_rows(min_row=head + 1):
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.number_format = "@"  # text: a telephone keeps its first zero
    _arrange(page, head)
    if sheet.settled:
        page.append([settled_sentence(sheet)])
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def _write_faults(page: Any, sheet: ReturnSheet) -> None:
    """Put what is ours to mend above everything, over the whole width."""
    from openpyxl.styles import Alignment, Font, PatternFill  # noqa: PLC0415

    for fault in sheet.faults:
        page.append([neutral(fault.sentence)])
        row = page.max_row
        page.merge_cells(start_row=row, start_column=1, end_row=row, end_column=len(_WIDTHS))
        page.row_dimensions[row].height = 34
        cell = page.cell(row, 1)
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", start_color="FDE9E7")
        cell.alignment = Alignment(wrap_text=True, vertical="top")


def _arrange(page: Any, head: int) -> None:
    """Make it readable on the screen and on paper."""
    from openpyxl.utils import get_column_letter  # noqa: PLC0415

    for number, width in enumerate(_WIDTHS, start=1):
        page.column_dimensions[get_column_letter(number)].width = width
    page.auto_filter.ref = f"A{head}:{get_column_letter(len(_WIDTHS))}{max(page.max_row, head)}"
    page.freeze_panes = f"A{head + 1}"
    page.page_setup.orientation, page.page_setup.paperSize = "landscape", page.PAPERSIZE_A4
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.sheet_properties.pageSetUpPr.fitToPage = True
    page.print_title_rows = f"{head}:{head}"


def settled_sentence(sheet: ReturnSheet) -> str:
    """Say how many returns need nobody any more."""
    text = ngettext("{n} return is settled already.", "{n} returns are settled already.", sheet.settled)
    return text.format(n=sheet.settled)
