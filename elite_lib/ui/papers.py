"""What leaves the page as a file: the print pile, the month as a workbook, the problems to correct."""

from __future__ import annotations

import asyncio
import io
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import ipywidgets as widgets

from elite_lib import batch as batches
from elite_lib.batch import Office, Pile
from elite_lib.labels import _, advise, ngettext, total_of, word
from elite_lib.models import Period, Problem, Slip
from elite_lib.notices.sheet import neutral
from elite_lib.ui import panels
from elite_lib.ui.downloads import XLSX, Download, File
from elite_lib.ui.rows import instant
from elite_lib.ui.spawning import spawn

_EUROS = '#,##0.00" €"'


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """How the pile is to be: see ``batch.print_pile``."""

    everything: bool
    cover: bool
    duplex: bool


class PaperPanel:
    """Print what remains, or everything; export the month."""

    def __init__(self, office: Office, *, slip: Callable[[], Slip | None]) -> None:
        self.office, self._slip = office, slip
        self.notice = panels.Notice()
        guarded = self.notice.guarded
        self.what = widgets.Dropdown(
            description=_("To print"),
            options=[(_("what remains: no e-mail, refused, held"), False), (_("every invoice"), True)],
        )
        self.what.add_class("elite-field")
        self.what.add_class("elite-broad")
        self.cover = _tick(_("A first page that says what is in it, and why"), True)
        self.duplex = _tick(_("Each document on a new sheet (two-sided printing)"), False)
        self.printing = Download(_("Print pile (PDF)"), guarded(self._print))
        self.export = Download(_("Export (.xlsx)"), self._export)
        self.widget = panels.column(
            self.what,
            panels.row(self.cover, self.duplex, style="elite-actions"),
            panels.row(self.printing, self.export, style="elite-actions"),
            self.notice,
        )

    def adopt(self, office: Office) -> None:
        self.office = office

    def _print(self) -> None:
        slip = self._slip()
        if slip is not None:
            self.notice.tell(_("The print pile is being made…"), kind="info")
            self.printing.disabled = True
            wanted = _Wanted(
                everything=bool(self.what.value), cover=bool(self.cover.value), duplex=bool(self.duplex.value)
            )
            spawn(self._make(slip.period, wanted))

    async def _make(self, period: Period, wanted: _Wanted) -> None:
        try:
            pile, content = await asyncio.to_thread(_pile, self.office, period, wanted)
            name = _("print-pile_{month}.pdf").format(month=period.key)
            self.printing.hand_over(File(name=name, content=content, media_type="application/pdf"))
            n = len(pile.lines)
            text = ngettext(
                "{n} line is in the pile; it is noted in the journal as printed.",
                "{n} lines are in the pile; they are noted in the journal as printed.",
                n,
            ).format(n=n)
            out = sorted({number for problem in pile.left_out for number in problem.held})
            if out:
                text += "\n" + _("Without a document to print: {lines}").format(lines=", ".join(out))
            self.notice.tell(text, kind="warn" if out else "good")
        except Exception as error:
            self.notice.fail(error)
        finally:
            self.printing.disabled = False

    def _export(self) -> File | None:
        slip = self._slip()
        if slip is None:
            return None
        name = _("dispatch-slip_{month}.xlsx").format(month=slip.period.key)
        return File(name=name, content=month_workbook(slip), media_type=XLSX)


def _tick(text: str, value: bool) -> widgets.Checkbox:
    made = widgets.Checkbox(description=text, value=value, indent=False)
    made.add_class("elite-check")
    return made


def _pile(office: Office, period: Period, wanted: _Wanted) -> tuple[Pile, bytes]:
    """Make the pile in a private place, with a journal of this thread's own."""
    with (
        tempfile.TemporaryDirectory(prefix="elite-") as folder,
        batches.open_home(office.settings.home.root, operator=office.operator) as mine,
    ):
        pile = batches.print_pile(
            mine,
            period,
            file=Path(folder) / "pile.pdf",
            everything=wanted.everything,
            cover=wanted.cover,
            duplex=wanted.duplex,
        )
        return pile, pile.file.read_bytes()


def month_workbook(slip: Slip) -> bytes:
    """Write the slip and every line of it as .xlsx; no cell of another's text is a formula."""
    boxes: list[Sequence[object]] = [
        (word(box), total.count, total.euros) for box, total in slip.boxes.items()
    ]
    boxes.append((total_of(slip.period), slip.invoices, slip.euros))
    lines = [
        (
            line.key,
            line.name,
            line.amount,
            word(line.box),
            instant(line.at) if line.at else "",
            ", ".join(f"{address} ({word(status)})" for address, status in line.recipients),
            ", ".join(map(word, line.reasons)),
            line.note,
        )
        for line in (*slip.lines, *slip.vanished)
    ]
    titles = [_("number"), _("resident"), _("euros"), _("box"), _("when")]
    titles += [_("recipients"), _("reasons"), _("answer")]
    return workbook(
        (_("Dispatch slip"), (_("box"), _("count"), _("euros")), boxes), (_("Lines"), titles, lines)
    )


def problem_workbook(problems: Iterable[Problem]) -> bytes:
    """Write what is to be corrected as .xlsx: where, what, what to do."""
    rows = [
        (
            problem.sheet,
            problem.row,
            problem.column,
            problem.value,
            word(problem.severity),
            advise(problem),
            ", ".join(problem.held),
        )
        for problem in problems
    ]
    titles = [_("sheet"), _("row"), _("column"), _("value"), _("gravity"), _("what to do"), _("holds")]
    return workbook((_("To correct"), titles, rows))


def workbook(*sheets: tuple[str, Sequence[str], Iterable[Sequence[object]]]) -> bytes:
    """Write sheets (title, titles of the columns, rows) with a head that stays and filters."""
    from openpyxl import Workbook  # noqa: PLC0415 (0.2 s: only who exports pays)
    from openpyxl.styles import Font  # noqa: PLC0415
    from openpyxl.utils import get_column_letter  # noqa: PLC0415

    book = Workbook()
    book.remove(book.active)
    for title, head, rows in sheets:
        sheet = book.create_sheet(title[:31])
        sheet.append([neutral(name) for name in head])
        for row in rows:
            sheet.append([neutral(value) if isinstance(value, str) else value for value in row])
        for number, name in enumerate(head, start=1):
            column = sheet.column_dimensions[get_column_letter(number)]
            cells = [sheet.cell(at, number) for at in range(1, sheet.max_row + 1)]
            column.width = min(60, max(len(name), *(len(str(cell.value or "")) for cell in cells)) + 2)
            for cell in cells:
                if isinstance(cell.value, Decimal):
                    cell.number_format = _EUROS
        for cell in sheet[1]:
            cell.font = Font(bold=True)
        sheet.freeze_panes = "A2"
        sheet.auto_filter.ref = sheet.dimensions
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()
