"""What came back, for people: ``elite bounces sheet`` and ``elite bounces report``."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from elite_lib import batch as batches
from elite_lib import notices, storage
from elite_lib.batch import Office
from elite_lib.cli import views
from elite_lib.cli.options import Home, Json, Month
from elite_lib.exceptions import EliteError
from elite_lib.labels import N_, _, explain
from elite_lib.launcher import notebook_path
from elite_lib.models import Period, Tables
from elite_lib.notices import Part, ReturnSheet
from elite_lib.notices.calls import cells, part_title

NOTEBOOK = "bounce_analysis.ipynb"


def sheet(
    month: Month,
    home: Home = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar=N_("FILE"),
            help=N_("Write it there: .xlsx, .pdf or .html. Else the screen."),
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Show the sheet of returns, or write it."""
    period = Period.parse(month)
    if output is not None and output.suffix.lower() not in _WRITERS:
        raise typer.BadParameter(_("The file must end in .xlsx, .pdf or .html."))
    with batches.open_home(home) as office:
        found = notices.return_sheet(office, period, tables=_tables(office))
        if output is not None:
            content = _WRITERS[output.suffix.lower()](found, office)
    if output is not None:
        storage.replace(output, content)
        views.note(
            _("The sheet of returns is in {file}: it names people, keep it private.").format(file=output)
        )
    if json:
        views.emit(sheet_json(found))
    elif output is None:
        _show(found)


def report(
    month: Month,
    home: Home = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar=N_("FILE"), help=N_("Where to write it. Else in runs/.")),
    ] = None,
    addresses: Annotated[
        bool, typer.Option("--addresses", help=N_("Names, telephones and addresses in full, not hidden."))
    ] = False,
) -> None:
    """Run the analysis notebook for a period and write it as HTML."""
    from elite_lib.reports.printing import print_notebook  # noqa: PLC0415 (pandas, papermill: 3 s)

    period = Period.parse(month)
    with batches.open_home(home) as office:
        settings = office.settings
    root = settings.home.root
    target = output or settings.home.runs / f"returns_{period.key.replace('..', '_')}.html"
    print_notebook(
        notebook_path(NOTEBOOK),
        target,
        parameters={"month": period.key, "home": str(root), "addresses": addresses},
        cwd=root,
        title=_("Analysis of returns"),
        language=settings.language,
    )
    views.say(_("The analysis is in {file}.").format(file=target))


def _tables(office: Office) -> Tables | None:
    """Read the workbook for names and telephones; the sheet is shown without them all the same."""
    try:
        return batches.load_tables(office)
    except EliteError as error:
        views.note(explain(error))
        return None


def _pdf(sheet: ReturnSheet, office: Office) -> bytes:
    from elite_lib.notices.calls_pdf import sheet_pdf  # noqa: PLC0415 (reportlab: only who prints pays)

    settings = office.settings
    return sheet_pdf(
        sheet, establishment=settings.establishment, now=dt.datetime.now(dt.UTC), language=settings.language
    )


def _page(sheet: ReturnSheet, office: Office) -> bytes:
    return notices.sheet_page(sheet, office.settings).encode()


def _workbook(sheet: ReturnSheet, _office: Office) -> bytes:
    return notices.sheet_xlsx(sheet)


_WRITERS = {".xlsx": _workbook, ".pdf": _pdf, ".html": _page}


def _show(found: ReturnSheet) -> None:
    for fault in found.faults:
        views.say(f"  ! {fault.sentence}")
    for part in Part:
        calls = found.of(part)
        if calls:
            views.say()
            views.say(f"{part_title(part)} ({len(calls)})")
            views.table([(*cells(call)[:5], call.happened) for call in calls])
    if found.empty:
        views.say(_("Nothing came back that needs somebody."))
    if found.settled:
        views.say(notices.settled_sentence(found))


def sheet_json(found: ReturnSheet) -> dict[str, object]:
    """Give the object of ``bounces sheet --json``."""
    names = ("resident", "contact", "phone", "address", "documents", "happened", "todo", "reason")
    return {
        "month": found.period.key if found.period else "",
        "faults": [
            {"happened": f.happened, "todo": f.todo, "addresses": f.addresses, "providers": list(f.lanes)}
            for f in found.faults
        ],
        "calls": [
            {"part": call.part.value} | dict(zip(names, cells(call), strict=True)) for call in found.calls
        ],
        "settled": found.settled,
    }
