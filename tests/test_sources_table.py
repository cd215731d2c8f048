"""One table, a row per invoice: residents and contacts are derived, and each row keeps its own addresses."""

from __future__ import annotations

import csv
import datetime as dt
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from elite_lib import selection, sources
from elite_lib.exceptions import SourceError
from elite_lib.models import DispatchLine, Disposition, Period, Problem, ProblemCode, Severity
from elite_lib.sources import Layout

OCTOBER = Period.parse("2026-10")
Row = dict[str, object]


def row(number: str, code: str = "R1", **other: object) -> Row:
    """An invoice of a program that has only one table, under its own titles."""
    return {
        "N° pièce": number,
        "Date facture": dt.date(2026, 10, 31),
        "N° client": code,
        "Nom du résident": f"Dupont {code}",
        "Net à payer": 1234.5,
        "Destinataire": "Lefèvre",
        "E-mail": f"{code.lower()}@example.com",
    } | other


def write(path: Path, rows: list[Row]) -> Path:
    titles = list(dict.fromkeys(title for row in rows for title in row))
    cells = [titles, *([row.get(title) for title in titles] for row in rows)]
    if path.suffix == ".csv":
        with path.open("w", encoding="cp1252", newline="") as file:
            csv.writer(file, delimiter=";").writerows([[_french(cell) for cell in row] for row in cells])
        return path
    book = openpyxl.Workbook()
    tab = book.worksheets[0]
    tab.title = "Export"
    for line in cells:
        tab.append(line)
    book.save(path)
    return path


def _french(cell: object) -> str:
    if isinstance(cell, dt.date):
        return f"{cell:%d/%m/%Y}"
    return "" if cell is None else str(cell).replace(".", ",") if isinstance(cell, float) else str(cell)


def read(tmp_path: Path, *rows: Row, suffix: str = ".xlsx") -> tuple[list[DispatchLine], tuple[Problem, ...]]:
    path = write(tmp_path / f"export{suffix}", list(rows))
    layout = Layout() if suffix == ".csv" else Layout(table="Export")
    tables = sources.load(path, layout=layout, papers=True)
    return list(selection.select(tables, OCTOBER).lines), tables.problems


def mailed(line: DispatchLine) -> list[str]:
    return [recipient.address for parcel in line.parcels for recipient in parcel.recipients]


@pytest.mark.parametrize("suffix", [".xlsx", ".csv"])
def test_each_row_is_an_invoice_that_goes_to_its_own_addresses(tmp_path: Path, suffix: str) -> None:
    lines, problems = read(
        tmp_path,
        row("0001"),
        row("0002", "R2", **{"E-mail": "fille@example.com / fils@example.com"}),
        row("0003", "R2", **{"Destinataire": "Caisse", "E-mail": "caisse@example.com"}),
        suffix=suffix,
    )
    assert problems == ()
    assert [(line.number, line.disposition, mailed(line)) for line in lines] == [
        ("0001", Disposition.MAIL, ["r1@example.com"]),
        ("0002", Disposition.MAIL, ["fille@example.com", "fils@example.com"]),
        ("0003", Disposition.MAIL, ["caisse@example.com"]),
    ]
    invoice = lines[0].invoice
    assert invoice is not None
    assert (invoice.net, invoice.total, invoice.date) == (
        Decimal("1234.50"),
        Decimal("1234.50"),
        dt.date(2026, 10, 31),
    )
    assert [line.resident.last_name for line in lines if line.resident] == [
        "Dupont R1",
        "Dupont R2",
        "Dupont R2",
    ]


def test_residents_without_a_code_are_told_by_their_names_and_never_share_an_address(tmp_path: Path) -> None:
    rows = [row("1", **{"E-mail": "a@example.com"}), row("2", **{"E-mail": "b@example.com"})]
    for one in rows:
        del one["N° client"]
    lines, problems = read(tmp_path, *rows)
    assert problems == ()
    assert [mailed(line) for line in lines] == [["a@example.com"], ["b@example.com"]]


def test_one_code_with_two_names_holds_all_that_bear_it(tmp_path: Path) -> None:
    lines, problems = read(
        tmp_path, row("1"), row("2", **{"Nom du résident": "Martin"}), row("3", "R3"), row("4")
    )
    assert {(p.code, p.row, p.held) for p in problems} == {
        (ProblemCode.DUPLICATE_RESIDENT, 2, ("1", "2", "4")),
        (ProblemCode.DUPLICATE_RESIDENT, 3, ("1", "2", "4")),
    }
    assert [line.number for line in lines if line.disposition is Disposition.MAIL] == ["3"]


def test_a_name_written_otherwise_is_the_same_resident(tmp_path: Path) -> None:
    _lines, problems = read(tmp_path, row("1"), row("2", **{"Nom du résident": "DUPONT  r1"}))
    assert problems == ()


def test_a_death_on_one_row_holds_every_invoice_of_the_resident(tmp_path: Path) -> None:
    dead = {"Date de décès": dt.date(2026, 10, 20)}
    lines, _problems = read(tmp_path, row("1", **dead), row("2", **{"Date de décès": None}), row("3", "R3"))
    assert [line.disposition for line in lines] == [Disposition.HELD, Disposition.HELD, Disposition.MAIL]


def test_problems_name_the_row_that_they_stand_on(tmp_path: Path) -> None:
    lines, problems = read(
        tmp_path,
        row("1", **{"Date de décès": None}),
        row("2", **{"Date de décès": "hier", "E-mail": "orange,fr"}),
        row("3", "R3", **{"Net à payer": "1.234", "Date de décès": None}),
    )
    assert [(p.code, p.sheet, p.row, p.column, p.held) for p in problems] == [
        (ProblemCode.DATE_INVALID, "Export", 3, "Date de décès", ("1", "2")),
        (ProblemCode.EMAIL_INVALID, "Export", 3, "E-mail", ()),
        (ProblemCode.NUMBER_AMBIGUOUS, "Export", 4, "Net à payer", ("3",)),
    ]
    assert [line.disposition for line in lines] == [Disposition.HELD] * 3


def test_a_row_without_a_usable_address_is_printed(tmp_path: Path) -> None:
    lines, _problems = read(
        tmp_path, row("1", **{"E-mail": None}), row("2", "R2", **{"E-mail": "n'en a pas"}), row("3")
    )
    assert [(line.disposition, line.reasons[0].code) for line in lines[:1] + lines[2:]] == [
        (Disposition.TO_PRINT, ProblemCode.NO_ADDRESS),
        (Disposition.TO_PRINT, ProblemCode.NO_USABLE_ADDRESS),
    ]
    assert mailed(lines[1]) == ["r1@example.com"]  # its own row has one; the other's is not borrowed


def test_without_pdfs_from_elsewhere_there_is_nothing_to_print(tmp_path: Path) -> None:
    path = write(tmp_path / "export.xlsx", [row("1"), row("2", **{"Fichier PDF": "2.pdf"})])
    tables = sources.load(path, layout=Layout(table="Export"))
    assert [(p.code, p.held) for p in tables.problems] == [(ProblemCode.LINES_MISSING, ("1",))]


@pytest.mark.parametrize(
    ("gone", "missing"),
    [
        (("N° client", "Nom du résident"), "Code résident"),
        (("E-mail",), "E-mail"),
        (("Net à payer",), "Net à payer"),
    ],
)
def test_a_table_lacks_what_nobody_can_do_without(
    tmp_path: Path, gone: tuple[str, ...], missing: str
) -> None:
    one = {title: cell for title, cell in row("1").items() if title not in gone}
    path = write(tmp_path / "export.xlsx", [one])
    with pytest.raises(SourceError) as refusal:
        sources.load(path, layout=Layout(table="Export"))
    (problem,) = refusal.value.problems
    assert (problem.code, problem.severity, problem.value) == (
        ProblemCode.COLUMN_MISSING,
        Severity.FATAL,
        missing,
    )


def test_tabs_may_bear_the_names_of_the_home(tmp_path: Path) -> None:
    from tests.support.workbooks import TITLES, workbook  # noqa: PLC0415

    path = workbook(tmp_path / "factures.xlsx", contacts=[])
    book = openpyxl.load_workbook(path)
    book[TITLES["residents"]].title = "Fiches usagers"
    book.save(path)
    tables = sources.load(path, layout=Layout(sheets={"fiches USAGERS": "Résidents"}))
    assert tables.residents["code"].tolist() == ["R00042"]
    (line,) = selection.select(tables, OCTOBER).lines
    assert (line.reasons[0].code, line.reasons[0].sheet) == (ProblemCode.NO_CONTACT, "Fiches usagers")


RELEVE = {"N° relevé": "D7", "Montant débours": 42.5, "Destinataire débours": "O"}


@pytest.mark.parametrize("suffix", [".xlsx", ".csv"])
def test_a_statement_on_the_row_goes_with_its_invoice_to_who_is_marked_for_it(
    tmp_path: Path, suffix: str
) -> None:
    lines, problems = read(
        tmp_path,
        row("0001", **RELEVE),
        row("0002", "R2", **RELEVE | {"N° relevé": "D8", "Destinataire débours": "N"}),
        row("0003", "R3"),
        row("0004", "R4", **{"Montant débours": 0}),
        suffix=suffix,
    )
    assert problems == ()
    carried = {line.number: [line.carried(parcel) for parcel in line.parcels] for line in lines}
    assert carried == {
        "0001": [("0001", "D7")],
        "0002": [("0002",)],  # nobody is marked for the statement: it is printed
        "0003": [("0003",)],
        "0004": [("0004",)],
    }
    first, second, *_ = lines
    assert first.statement is not None
    assert (first.statement.number, first.statement.total) == ("D7", Decimal("42.5"))
    assert (first.paper, second.paper) == (False, True)


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"N° relevé": ""}, ProblemCode.VALUE_MISSING),
        ({"Montant débours": ""}, ProblemCode.VALUE_MISSING),
        ({"Montant débours": "douze"}, ProblemCode.NUMBER_INVALID),
    ],
)
def test_half_a_statement_holds_its_line(tmp_path: Path, facts: Row, code: ProblemCode) -> None:
    lines, problems = read(tmp_path, row("0001", **RELEVE | facts), row("0002", "R2"))
    assert code in {problem.code for problem in problems}
    assert [line.disposition for line in lines if line.number == "0001"] == [Disposition.HELD]
