"""Files as they come: where the header is, what the format says, CSV dialects, files that are none."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.styles import PatternFill
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.worksheet.worksheet import Worksheet

from elite_lib import sources
from elite_lib.exceptions import ConfigError, SourceError
from elite_lib.models import SHEETS, Problem, ProblemCode, Severity, Tables
from elite_lib.sources import Layout, headers
from tests.support.workbooks import (
    contact,
    disbursement,
    invoice,
    line,
    provision,
    resident,
    save,
    table,
    workbook,
)

OCTOBER = dt.date(2026, 10, 31)


@pytest.fixture
def book(tmp_path: Path) -> Callable[..., Path]:
    """Write a workbook and let a function change its openpyxl tabs before it is read."""

    def make(change: Callable[[openpyxl.Workbook], object] | None = None, **sheets: list[object]) -> Path:
        path = workbook(tmp_path / "factures.xlsx", **sheets)  # type: ignore[arg-type]
        if change:
            opened = openpyxl.load_workbook(path)
            change(opened)
            opened.save(path)
        return path

    return make


def refused(path: Path, **options: object) -> tuple[Problem, ...]:
    with pytest.raises(SourceError) as refusal:
        sources.load(path, **options)  # type: ignore[arg-type]
    assert all(problem.severity is Severity.FATAL for problem in refusal.value.problems)
    return refusal.value.problems


def codes(tables: Tables) -> list[ProblemCode]:
    return [problem.code for problem in tables.problems]


# --- a good file -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["factures.xlsx", "csv"])
def test_a_valid_source_gives_frames_and_no_problem(tmp_path: Path, name: str) -> None:
    tables = sources.load(workbook(tmp_path / name, debours=[disbursement()], provisions=[provision()]))
    assert tables.problems == ()
    assert tables.file == name
    for sheet in SHEETS:
        frame = getattr(tables, sheet.name)
        assert list(frame.columns) == [*(column.name for column in sheet.columns), "row"]
        assert {str(dtype) for dtype in frame.dtypes[:-1]} == {"object"}
    row = tables.invoices.iloc[0].to_dict()
    assert row["date"] == OCTOBER
    assert type(row["date"]) is dt.date
    assert (row["net"], str(row["net"])) == (Decimal(2000), "2000.00")
    assert row["deductions"] is None
    assert row["row"] == 2
    assert tables.contacts.iloc[0]["email"] == ("helene.lefevre@example.com",)
    assert tables.lines["row"].tolist() == [2, 3]


def test_optional_sheets_and_columns_may_be_missing(tmp_path: Path) -> None:
    tables = sources.load(workbook(tmp_path / "f.xlsx"))
    assert len(tables.disbursements) == len(tables.provisions) == 0
    assert "amount" in tables.disbursements.columns
    bare = [["Code résident", "Rang", "Nom", "Destinataire facture", "E-mail"], ["R00042", 1, "X", "O", None]]
    sheets = {sheet: table(sheet, rows) for sheet, rows in _defaults().items()} | {"Contacts": bare}
    tables = sources.load(save(tmp_path / "g.xlsx", sheets))
    assert tables.contacts.iloc[0][["gets_statements", "quality", "email"]].tolist() == [False, None, None]


def _defaults() -> dict[str, list[object]]:
    return {  # type: ignore[return-value]
        "Résidents": [resident()],
        "Contacts": [contact()],
        "Factures": [invoice()],
        "Lignes": [line(amount=2000.0)],
    }


def test_what_the_file_says_of_nothing_is_kept(book: Callable[..., Path]) -> None:
    tables = sources.load(book(residents=[resident(Nom="Null", Prénom="NA", Chambre="None")]))
    assert tables.residents.iloc[0][["last_name", "first_name", "room"]].tolist() == ["Null", "NA", "None"]


# --- where the header and the rows are ---------------------------------------------------------------


@pytest.mark.parametrize(
    "title",
    [
        "N° facture",
        "No facture",
        "Numéro facture",
        "NUMERO  FACTURE",
        "n°\nfacture",
        "Nº de facture *",
        "N°facture (texte)",
    ],
)
def test_titles_are_matched_however_they_are_written(title: str) -> None:
    invoices = next(sheet for sheet in SHEETS if sheet.name == "invoices")
    found = headers.find([["x", title, "Échéance"]], headers.names(invoices, {}))
    assert found is not None
    assert found.columns == {"number": 1, "due": 2}


def test_every_title_of_ours_is_found_in_capitals_without_accents() -> None:
    for sheet in SHEETS:
        titles = [headers.folded(column.title).upper().replace("'", "’") for column in sheet.columns]
        found = headers.find([titles], headers.names(sheet, {}))
        assert found is not None
        assert list(found.columns) == [column.name for column in sheet.columns]
        assert found.twice == ()


def test_no_alias_means_two_columns_of_a_sheet() -> None:
    for sheet in SHEETS:
        own = {headers.normalised(column.title): column.name for column in sheet.columns}
        seen: dict[str, str] = {}
        for name, others in headers.COLUMN_ALIASES[sheet.name].items():
            assert name in own.values()
            for other in others:
                key = headers.normalised(other)
                assert own.get(key, name) == name, (sheet.name, other)
                assert seen.setdefault(key, name) == name, (sheet.name, other)


def test_a_merged_title_above_and_blank_lines_between_blocks(book: Callable[..., Path]) -> None:
    def change(opened: openpyxl.Workbook) -> None:
        tab = opened["Lignes"]
        tab.insert_rows(1, 3)
        tab["A1"] = "Lignes de facturation, octobre 2026"
        tab.merge_cells("A1:K1")
        tab.insert_rows(6)
        tab["A6"] = "   "

    tables = sources.load(book(change))
    assert tables.problems == ()
    assert tables.lines["row"].tolist() == [5, 7]


def test_a_header_of_two_lines(book: Callable[..., Path]) -> None:
    def change(opened: openpyxl.Workbook) -> None:
        tab = opened["Factures"]
        tab.insert_rows(1)
        first = [cell.value for cell in tab[2]]
        for column, title in enumerate(first, start=1):
            above, _, below = str(title).partition(" ")
            tab.cell(1, column, above if below else None)
            tab.cell(2, column, below or title)
        for column in range(first.index("Total HT") + 2, first.index("Total TTC") + 2):
            tab.cell(1, column, None)  # merged: "Total" stands above HT, TVA and TTC
        tab.cell(2, first.index("Total TTC") + 1, "TTC")

    tables = sources.load(book(change))
    assert tables.problems == ()
    assert tables.invoices.iloc[0][["number", "total", "row"]].tolist() == [
        "F2026-10-00042",
        Decimal(2000),
        3,
    ]


@pytest.mark.parametrize(
    ("sheet", "cells"),
    [
        ("Factures", {"Date": "TOTAL", "Total HT": 2000.0, "Net à payer": 2000.0}),
        ("Factures", {"N° facture": "Total général :", "Net à payer": 2000.0}),
        ("Factures", {"Net à payer": 2000.0, "Total HT": 2000.0}),  # AutoSum: no label at all
        ("Lignes", {"N° facture": "Total", "Montant": 2000.0}),
        ("Lignes", {"Désignation": "Sous-total hébergement", "Montant": 1860.0}),
        ("Résidents", {"Code résident": "Total : 1 résident"}),
    ],
)
def test_total_rows_are_no_rows(book: Callable[..., Path], sheet: str, cells: dict[str, object]) -> None:
    def change(opened: openpyxl.Workbook) -> None:
        tab = opened[sheet]
        titles = [cell.value for cell in tab[1]]
        if sheet == "Factures" and "Date" not in cells and "N° facture" not in cells:
            tab.append([None] * len(titles))
        tab.append([cells.get(str(title)) for title in titles])

    tables = sources.load(book(change))
    assert tables.problems == ()
    assert (len(tables.residents), len(tables.invoices), len(tables.lines)) == (1, 1, 2)


def test_a_last_row_of_other_amounts_is_a_row_with_problems(book: Callable[..., Path]) -> None:
    tables = sources.load(book(factures=[invoice(), {"Net à payer": 1999.0}]))
    assert len(tables.invoices) == 2
    assert {p.held for p in tables.problems if p.severity is Severity.HOLD} == {("@3",)}


def test_a_resident_whose_name_is_total_stays(book: Callable[..., Path]) -> None:
    tables = sources.load(book(residents=[resident(Nom="Total"), resident("T1", Nom="Somme")]))
    assert tables.residents["last_name"].tolist() == ["Total", "Somme"]


def test_formatted_rows_and_copied_words_after_the_data_do_not_count(book: Callable[..., Path]) -> None:
    def change(opened: openpyxl.Workbook) -> None:
        for tab in opened.worksheets:
            for row in range(10, 60):
                tab.cell(row, 1).fill = PatternFill("solid", fgColor="FFFF00")
        tab = opened["Factures"]
        titles = [cell.value for cell in tab[1]]
        for row in range(3, 40):
            tab.cell(row, titles.index("Statut") + 1, "émise")
            tab.cell(row, titles.index("TVA") + 1, 0)
            tab.cell(row, len(titles) + 3, "note à côté")

    tables = sources.load(book(change))
    assert tables.problems == ()
    assert len(tables.invoices) == 1


def test_a_header_repeated_on_each_printed_page_is_no_row(book: Callable[..., Path]) -> None:
    def change(opened: openpyxl.Workbook) -> None:
        for name in ("Lignes", "Résidents"):
            tab = opened[name]
            tab.append([cell.value for cell in tab[1]])

    tables = sources.load(book(change))
    assert tables.problems == ()
    assert (len(tables.lines), len(tables.residents)) == (2, 1)


def test_hidden_rows_are_read_with_a_warning(book: Callable[..., Path]) -> None:
    def change(opened: openpyxl.Workbook) -> None:
        for row in (2, 3, 9):
            opened["Lignes"].row_dimensions[row].hidden = True

    tables = sources.load(book(change))
    assert len(tables.lines) == 2
    (problem,) = tables.problems
    assert (problem.code, problem.severity, problem.sheet, problem.row) == (
        ProblemCode.HIDDEN_ROWS,
        Severity.WARNING,
        "Lignes",
        2,
    )
    assert problem.facts == {"rows": "2-3", "count": "2"}


def test_famille_is_contacts(book: Callable[..., Path]) -> None:
    def change(opened: openpyxl.Workbook) -> None:
        opened["Contacts"].title = "FAMILLE"

    tables = sources.load(book(change, contacts=[contact(**{"E-mail": "orange,fr"})]))
    (problem,) = tables.problems
    assert (problem.sheet, problem.column, problem.row) == ("FAMILLE", "E-mail", 2)


def test_contacts_beside_famille_is_refused(book: Callable[..., Path]) -> None:
    (problem,) = refused(
        book(lambda opened: opened.copy_worksheet(opened["Contacts"]).__setattr__("title", "Famille"))
    )
    assert (problem.code, problem.facts["sheets"]) == (ProblemCode.SHEET_TWICE, "Contacts, Famille")


def test_all_fatal_problems_are_told_at_once(book: Callable[..., Path]) -> None:
    def change(opened: openpyxl.Workbook) -> None:
        del opened["Lignes"]
        tab = opened["Contacts"]
        tab.cell(1, [cell.value for cell in tab[1]].index("Rang") + 1, "Numérotation")
        invoices = opened["Factures"]
        invoices.cell(1, invoices.max_column + 1, "net a payer")

    problems = refused(book(change))
    assert [(p.code, p.sheet, p.value) for p in problems] == [
        (ProblemCode.COLUMN_MISSING, "Contacts", "Rang"),
        (ProblemCode.COLUMN_TWICE, "Factures", "Net à payer"),
        (ProblemCode.SHEET_MISSING, "", "Lignes"),
    ]


def test_an_empty_tab_is_a_missing_sheet(book: Callable[..., Path]) -> None:
    def change(opened: openpyxl.Workbook) -> None:
        del opened["Factures"]
        opened.create_sheet("Factures")
        opened.create_sheet("Débours")  # optional: nothing is wrong with it

    (problem,) = refused(book(change))
    assert (problem.code, problem.value) == (ProblemCode.SHEET_MISSING, "Factures")


def test_a_homes_own_titles(book: Callable[..., Path]) -> None:
    def change(opened: openpyxl.Workbook) -> None:
        opened["Factures"]["A1"] = "Ma colonne"

    path = book(change)
    assert refused(path)[0].value == "N° facture"
    tables = sources.load(path, layout=Layout(aliases={"factures": {"ma  COLONNE": "n° facture"}}))
    assert tables.invoices["number"].tolist() == ["F2026-10-00042"]
    for aliases in ({"Fractures": {"a": "N° facture"}}, {"Factures": {"a": "N° fracture"}}):
        with pytest.raises(ConfigError) as refusal:
            sources.load(path, layout=Layout(aliases=aliases))
        assert refusal.value.code == "value_invalid"


# --- what the fast reader does not say ---------------------------------------------------------------


def _put(tab: Worksheet, title: str, value: object, *, row: int = 2, form: str | None = None) -> None:
    column = [cell.value for cell in tab[1]].index(title) + 1
    cell = tab.cell(row, column)
    cell.value = value  # type: ignore[assignment]
    if form:
        cell.number_format = form


def test_a_number_formatted_with_zeros_is_the_code_that_one_sees(book: Callable[..., Path]) -> None:
    def change(opened: openpyxl.Workbook) -> None:
        _put(opened["Factures"], "N° facture", 123, form="000000")
        for row in (2, 3):
            _put(opened["Lignes"], "N° facture", "000123", row=row)
        _put(opened["Contacts"], "CP", 1000)
        _put(opened["Contacts"], "Téléphone", 474123456)
        _put(opened["Résidents"], "Chambre", 12)

    tables = sources.load(book(change))
    assert tables.problems == ()
    assert tables.invoices["number"].tolist() == ["000123"]
    assert tables.contacts.iloc[0][["postcode", "phone"]].tolist() == ["01000", "0474123456"]
    assert tables.residents.iloc[0]["room"] == "12"


def test_a_belgian_postcode_keeps_its_four_digits(book: Callable[..., Path]) -> None:
    tables = sources.load(book(contacts=[contact(CP=1000.0, Pays="Belgique")]))
    assert tables.contacts.iloc[0]["postcode"] == "1000"


def test_a_rate_formatted_in_per_cent(book: Callable[..., Path]) -> None:
    tables = sources.load(book(lambda opened: _put(opened["Lignes"], "Taux TVA", 0.055, form="0.0%")))
    assert str(tables.lines.iloc[0]["vat_rate"]) == "5.5"
    assert tables.problems == ()


def test_formulas_without_a_stored_value(book: Callable[..., Path]) -> None:
    def change(opened: openpyxl.Workbook) -> None:
        _put(opened["Factures"], "Net à payer", "=L2")
        _put(opened["Résidents"], "Date de décès", "=TODAY()")
        _put(opened["Contacts"], "Destinataire facture", '=IF(1,"O","N")')

    tables = sources.load(book(change))
    found = {(p.sheet, p.column): (p.code, p.severity, p.row, p.held) for p in tables.problems}
    expected = (ProblemCode.FORMULA_WITHOUT_VALUE, Severity.HOLD, 2, ("F2026-10-00042",))
    assert found == {
        ("Factures", "Net à payer"): expected,
        ("Résidents", "Date de décès"): expected,
        ("Contacts", "Destinataire facture"): expected,
    }
    assert tables.contacts.iloc[0]["gets_invoices"] is None


def test_a_sheet_of_uncalculated_formulas_is_not_an_empty_one(book: Callable[..., Path]) -> None:
    def change(opened: openpyxl.Workbook) -> None:
        for cell in opened["Factures"][2]:
            cell.value = "=Z1" if cell.value is not None else None

    tables = sources.load(book(change))
    assert len(tables.invoices) == 1
    assert {p.code for p in tables.problems if p.sheet == "Factures"} >= {ProblemCode.FORMULA_WITHOUT_VALUE}
    assert ("@2",) in {p.held for p in tables.problems}


def test_error_values_are_told_from_empty_cells(book: Callable[..., Path]) -> None:
    def change(opened: openpyxl.Workbook) -> None:
        for sheet, title in (("Résidents", "Date de décès"), ("Contacts", "Ville")):
            _put(opened[sheet], title, "#N/A")
            opened[sheet].cell(2, [c.value for c in opened[sheet][1]].index(title) + 1).data_type = "e"

    tables = sources.load(book(change))
    assert [(p.code, p.severity, p.column, p.value) for p in tables.problems] == [
        (ProblemCode.CELL_ERROR, Severity.HOLD, "Date de décès", "#N/A"),
        (ProblemCode.CELL_ERROR, Severity.WARNING, "Ville", "#N/A"),
    ]


def test_the_1904_date_system(book: Callable[..., Path]) -> None:
    def change(opened: openpyxl.Workbook) -> None:
        opened.epoch = CALENDAR_MAC_1904
        _put(opened["Factures"], "Échéance", 46336 - 1462, form="General")

    tables = sources.load(book(change))
    assert tables.problems == ()
    assert tables.invoices.iloc[0][["date", "due"]].tolist() == [OCTOBER, dt.date(2026, 11, 10)]


def test_serial_and_typed_dates_beside_real_ones(book: Callable[..., Path]) -> None:
    dates = {"Date": 46326, "Échéance": "10/11/2026"}
    tables = sources.load(book(factures=[invoice(**dates)]))
    assert tables.problems == ()
    assert tables.invoices.iloc[0][["date", "due"]].tolist() == [OCTOBER, dt.date(2026, 11, 10)]


def test_parts_without_references_or_with_a_prefix(book: Callable[..., Path], tmp_path: Path) -> None:
    """Other writers leave the references out (18.3.1.4) or name the namespace: hidden rows are found too."""

    def change(opened: openpyxl.Workbook) -> None:
        opened["Lignes"].row_dimensions[3].hidden = True
        _put(opened["Lignes"], "Quantité", "=31")

    path, rewritten = book(change), tmp_path / "autre.xlsx"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(rewritten, "w") as new:
        for name in old.namelist():
            content = old.read(name).decode()
            if name.endswith("sheet4.xml"):
                content = content.replace(' r="3"', "", 1)
                for tag in ("row", "c", "f", "v", "sheetData", "worksheet", "is", "t"):
                    content = content.replace(f"<{tag}>", f"<x:{tag}>").replace(f"<{tag} ", f"<x:{tag} ")
                    content = content.replace(f"</{tag}>", f"</x:{tag}>").replace(f"<{tag}/>", f"<x:{tag}/>")
                content = content.replace("xmlns=", "xmlns:x=")
            new.writestr(name, content)
    tables = sources.load(rewritten)
    assert [(p.code, p.row) for p in tables.problems] == [
        (ProblemCode.FORMULA_WITHOUT_VALUE, 2),
        (ProblemCode.HIDDEN_ROWS, 3),
    ]


# --- CSV -------------------------------------------------------------------------------------------


def rewrite(folder: Path, change: Callable[[str], bytes]) -> Path:
    for path in folder.iterdir():
        path.write_bytes(change(path.read_text(encoding="utf-8-sig")))
    return folder


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("separator", [";", "\t"])
def test_csv_encodings_and_separators(tmp_path: Path, encoding: str, separator: str) -> None:
    names = {"Nom": "Bœuf-Noël", "Prénom": "Éléonore"}
    folder = workbook(tmp_path / "csv", residents=[resident(**names)])
    tables = sources.load(rewrite(folder, lambda text: text.replace(";", separator).encode(encoding)))
    assert tables.problems == ()
    assert tables.residents.iloc[0][["last_name", "first_name"]].tolist() == ["Bœuf-Noël", "Éléonore"]


def test_csv_with_commas_quoted_line_breaks_and_excels_hint(tmp_path: Path) -> None:
    folder = tmp_path / "csv"
    workbook(folder)
    (folder / "Résidents.csv").write_text(
        'sep=,\nCode résident,Nom,Prénom\nR00042,"BŒUF, née Roy","Geneviève\nMarie"\n\nR00043,Null,NA\n',
        encoding="utf-8",
    )
    tables = sources.load(folder)
    assert tables.residents["last_name"].tolist() == ["BŒUF, née Roy", "Null"]
    assert tables.residents["row"].tolist() == [2, 4]  # records, not lines


def test_csv_amounts_with_every_space_and_sign(tmp_path: Path) -> None:
    amounts = {
        "Total HT": "1\u00a0234,56 €",
        "Total TTC": "1\u202f234,56",
        "Déductions": "\u22125,20",
        "Net à payer": "1 239,76",
    }
    lines = [line(amount="1\u2009239,76"), line(amount="5,20-"), line(amount="(0,00)")]
    tables = sources.load(workbook(tmp_path / "csv", factures=[invoice(**amounts)], lignes=lines))
    assert tables.problems == ()
    assert tables.invoices.iloc[0]["deductions"] == Decimal("-5.20")


def test_csv_problem_names_its_file_and_record(tmp_path: Path) -> None:
    tables = sources.load(workbook(tmp_path / "csv", factures=[invoice(**{"Net à payer": "1.234"})]))
    (problem,) = tables.problems
    assert problem == Problem(
        code=ProblemCode.NUMBER_AMBIGUOUS,
        severity=Severity.HOLD,
        file="Factures.csv",
        sheet="Factures",
        row=2,
        column="Net à payer",
        value="1.234",
        held=("F2026-10-00042",),
    )


def test_csv_fields_moved_by_a_decimal_comma_are_refused(tmp_path: Path) -> None:
    folder = workbook(tmp_path / "csv")
    (folder / "Lignes.csv").write_text(
        "N° facture,Désignation,Montant\nF2026-10-00042,Hébergement,1860\nF2026-10-00042,Dépendance,140,00\n",
        encoding="utf-8",
    )
    (problem,) = refused(folder)
    assert (problem.code, problem.file, problem.row) == (ProblemCode.FILE_UNREADABLE, "Lignes.csv", 3)


def test_csv_with_a_quote_that_nobody_closes_is_refused(tmp_path: Path) -> None:
    folder = workbook(tmp_path / "csv")
    with (folder / "Lignes.csv").open("a", encoding="utf-8") as file:
        file.write('F2026-10-00042;3;HEB;"Chambre;;;;;;;0,00\nF2026-10-00042;4;HEB;Chambre;;;;;;;0,00\n')
    (problem,) = refused(folder)
    assert (problem.file, problem.facts) == ("Lignes.csv", {"why": "quotes"})


def test_csv_folder_leaves_lock_files_and_others_alone(tmp_path: Path) -> None:
    folder = workbook(tmp_path / "csv")
    for name in ("~$Factures.csv", ".~lock.Factures.csv#", "notes.csv", "lisez-moi.md"):
        (folder / name).write_bytes(b"\xff\0")
    assert sources.load(folder).problems == ()


def test_an_empty_folder_lacks_every_required_sheet(tmp_path: Path) -> None:
    assert [p.value for p in refused(tmp_path)] == ["Résidents", "Contacts", "Factures", "Lignes"]


# --- files that are none -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "code", "why"),
    [
        ("a.xlsx", bytes.fromhex("D0CF11E0A1B11AE1") + bytes(600), ProblemCode.FILE_UNREADABLE, "damaged"),
        (
            "c.xls",
            b"<html><table><tr><td>N</td></tr></table></html>",
            ProblemCode.FILE_UNREADABLE,
            "web_page",
        ),
        ("d.xls", "N° facture;Date\n".encode(), ProblemCode.FILE_UNREADABLE, "text_file"),
        ("e.xlsx", b"", ProblemCode.FILE_UNREADABLE, "empty"),
        ("f.xlsx", b"PK\x03\x04 cut short", ProblemCode.FILE_UNREADABLE, "damaged"),
        ("g.xlsx", b"\x00\x01\x02", ProblemCode.FILE_UNREADABLE, "damaged"),
        ("~$factures.xlsx", b"\x05marie", ProblemCode.FILE_UNREADABLE, "lock_file"),
    ],
)
def test_a_file_that_is_no_workbook(
    tmp_path: Path, name: str, content: bytes, code: ProblemCode, why: str | None
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    (problem,) = refused(path)
    assert (problem.code, problem.file, problem.facts.get("why")) == (code, name, why)


def test_an_encrypted_ods_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "factures.ods"
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        package.writestr("META-INF/manifest.xml", "<manifest:encryption-data/>")
        package.writestr("encrypted-package", b"\x01\x02")
    (problem,) = refused(path)
    assert problem.code is ProblemCode.FILE_PROTECTED


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    (problem,) = refused(tmp_path / "factures.xlsx")
    assert (problem.code, problem.file) == (ProblemCode.FILE_MISSING, "factures.xlsx")


@pytest.mark.parametrize(
    ("lock", "content", "user"),
    [
        ("~$factures.xlsx", b"\x05marie" + b" " * 48 + "\x05marie".encode("utf-16-le"), "marie"),
        (".~lock.factures.xlsx#", "Hélène,helene,poste-3,31.10.2026 09:12,file:///x;".encode(), "Hélène"),
        ("~$factures.xlsx", b"", ""),
    ],
)
def test_a_workbook_that_is_open_elsewhere_is_read_with_a_warning(
    book: Callable[..., Path], lock: str, content: bytes, user: str
) -> None:
    path = book()
    path.with_name(lock).write_bytes(content)
    (problem,) = sources.load(path).problems
    assert (problem.code, problem.severity, problem.file) == (
        ProblemCode.FILE_OPEN,
        Severity.WARNING,
        "factures.xlsx",
    )
    assert problem.facts.get("user", "") == user


def test_a_truncated_workbook_is_refused(book: Callable[..., Path]) -> None:
    path = book()
    path.write_bytes(path.read_bytes()[:-2000])
    (problem,) = refused(path)
    assert problem.code is ProblemCode.FILE_UNREADABLE


# --- nothing surprising ------------------------------------------------------------------------------


@given(
    st.lists(
        st.lists(
            st.one_of(st.none(), st.text(max_size=8), st.floats(), st.booleans(), st.dates(), st.integers()),
            max_size=9,
        ),
        max_size=8,
    )
)
def test_no_grid_of_cells_makes_the_parser_fail(rows: list[list[object]]) -> None:
    from elite_lib.sources import rows as parsing  # noqa: PLC0415
    from elite_lib.sources.grid import Bare, Grid  # noqa: PLC0415

    for sheet in SHEETS:
        titles = [column.title for column in sheet.columns][:9]
        filled = [titles, *([("" if cell is None else cell) for cell in row] for row in rows)]
        grid = Grid(file="f", title=sheet.title, rows=filled, parts=Bare())
        header = headers.find(grid.rows, headers.names(sheet, {}))
        assert header is not None
        result = parsing.parse(sheet, grid, header)
        assert all(len(values) == len(result.rows) for values in result.columns.values())
