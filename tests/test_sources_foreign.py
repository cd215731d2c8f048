"""Files that other programs wrote: LibreOffice's .xlsx, .xlsm, .xls and .ods, protected ones, one table."""

from __future__ import annotations

import datetime as dt
import io
import os
import pty
import shutil
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import msoffcrypto
import openpyxl
import pytest
from msoffcrypto.format.ooxml import OOXMLFile
from openpyxl.styles import Alignment
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.worksheet.worksheet import Worksheet

from elite_lib import batch as batches
from elite_lib import config, secrets, sources
from elite_lib.exceptions import SourceError
from elite_lib.models import Problem, ProblemCode, Severity
from tests.support import libreoffice, offices
from tests.support.workbooks import resident, workbook

OCTOBER = dt.date(2026, 10, 31)
# LibreOffice's names of what it writes; .xlsm is the OOXML of a workbook that has macros.
WRITTEN = {"xlsx": "xlsx", "xlsm": "xlsm:Calc MS Excel 2007 VBA XML", "xls": "xls", "ods": "ods"}


def put(tab: Worksheet, title: str, value: object, *, row: int = 2, form: str | None = None) -> None:
    """Set the cell under a title of ours."""
    column = next(cell.column for cell in tab[1] if cell.value == title)
    cell = tab.cell(row=row, column=column, value=value)
    if form:
        cell.number_format = form


def with_traps(opened: openpyxl.Workbook) -> None:
    """Set what only the inside of a file tells: formats, errors, formulas, hidden rows."""
    invoices, lines = opened["Factures"], opened["Lignes"]
    put(invoices, "N° facture", 123, form="000000")
    for row in (2, 3):
        put(lines, "N° facture", "000123", row=row)
        put(lines, "Taux TVA", 0.055, row=row, form="0.0%")
    put(invoices, "Total TTC", "=1900+100")
    put(invoices, "Échéance", 46336)
    put(opened["Contacts"], "Ville", "=NA()")
    put(opened["Contacts"], "Destinataire débours", value=True)
    put(opened["Contacts"], "Téléphone", 478000000, form='0#" "##" "##" "##" "##')
    put(opened["Contacts"], "CP", 1000)
    lines.row_dimensions[3].hidden = True


def laid_out(opened: openpyxl.Workbook) -> None:
    """Lay a sheet out as people do: a merged title, a header of two lines, blank rows, a total."""
    tab = opened["Factures"]
    tab.insert_rows(1, amount=3)
    tab["A1"] = "Facturation d'octobre 2026"
    tab.merge_cells("A1:R1")
    tab["A1"].alignment = Alignment(horizontal="center")
    columns = {cell.value: cell.column for cell in tab[4]}
    tab.cell(row=3, column=columns["Total HT"], value="Total")
    tab.merge_cells(start_row=3, start_column=columns["Total HT"], end_row=3, end_column=columns["Total TTC"])
    for title, short in (("Total HT", "HT"), ("TVA", "TVA"), ("Total TTC", "TTC")):
        tab.cell(row=4, column=columns[title], value=short)
    last = tab.max_row
    tab.cell(row=last + 3, column=1, value="Total")
    tab.cell(row=last + 3, column=columns["Net à payer"], value=f"=SUM(K5:K{last})")


def in_1904(opened: openpyxl.Workbook) -> None:
    opened.epoch = CALENDAR_MAC_1904
    put(opened["Factures"], "Échéance", 46336 - 1462, form="General")


BOOKS: dict[str, Callable[[openpyxl.Workbook], None]] = {
    "plain": lambda _opened: None,
    "traps": with_traps,
    "layout": laid_out,
    "old_days": in_1904,
}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Let LibreOffice write every workbook in every format: one start of it for each format."""
    folder = tmp_path_factory.mktemp("written")
    names = {"Nom": "Null", "Prénom": "NA"}
    for name, change in BOOKS.items():
        opened = openpyxl.load_workbook(workbook(folder / f"{name}.xlsx", residents=[resident(**names)]))
        change(opened)
        opened.save(folder / f"{name}.xlsx")
    books = [folder / f"{name}.xlsx" for name in BOOKS]
    for suffix, written_as in WRITTEN.items():
        libreoffice.convert(books, written_as, folder / suffix, profile=folder / "profile")
    return folder


def refused(path: Path, **options: object) -> Problem:
    with pytest.raises(SourceError) as refusal:
        sources.load(path, **options)  # type: ignore[arg-type]
    (problem,) = refusal.value.problems
    assert problem.severity is Severity.FATAL
    return problem


@pytest.mark.slow
@pytest.mark.parametrize("suffix", WRITTEN)
def test_what_only_the_inside_of_a_file_tells_is_read(written: Path, suffix: str) -> None:
    tables = sources.load(written / suffix / f"traps.{suffix}")
    assert [(p.code, p.sheet, p.row, p.value) for p in tables.problems] == [
        (ProblemCode.CELL_ERROR, "Contacts", 2, "#N/A"),
        (ProblemCode.HIDDEN_ROWS, "Lignes", 3, ""),
    ]
    row = tables.invoices.iloc[0]
    assert row[["number", "total", "date", "due"]].tolist() == [
        "000123",
        Decimal(2000),
        OCTOBER,
        dt.date(2026, 11, 10),
    ]
    assert [str(rate) for rate in tables.lines["vat_rate"]] == ["5.5", "5.5"]
    receiver = tables.contacts.iloc[0]
    assert receiver[["gets_statements", "phone", "postcode"]].tolist() == [True, "04 78 00 00 00", "01000"]
    assert tables.residents.iloc[0][["last_name", "first_name"]].tolist() == ["Null", "NA"]


@pytest.mark.slow
@pytest.mark.parametrize("suffix", WRITTEN)
def test_titles_above_headers_of_two_lines_and_totals_below(written: Path, suffix: str) -> None:
    tables = sources.load(written / suffix / f"layout.{suffix}")
    assert tables.problems == ()
    assert tables.invoices[["number", "net", "total", "row"]].to_numpy().tolist() == [
        ["F2026-10-00042", Decimal(2000), Decimal(2000), 5]
    ]


@pytest.mark.slow
@pytest.mark.parametrize("suffix", WRITTEN)
def test_the_days_of_an_old_macintosh(written: Path, suffix: str) -> None:
    tables = sources.load(written / suffix / f"old_days.{suffix}")
    assert tables.invoices.iloc[0][["date", "due"]].tolist() == [OCTOBER, dt.date(2026, 11, 10)]


@pytest.mark.slow
@pytest.mark.parametrize("suffix", WRITTEN)
def test_a_file_is_what_it_holds_whatever_its_name_says(written: Path, tmp_path: Path, suffix: str) -> None:
    for other in WRITTEN:
        renamed = shutil.copy(written / suffix / f"plain.{suffix}", tmp_path / f"renamed.{other}")
        assert sources.load(Path(renamed)).problems == ()


# field separator, text quote, encoding (1: cp1252, 76: UTF-8), … every sheet: LibreOffice's own numbers
CSV_DIALECTS = ["59,34,1", "9,34,76", "44,34,76"]


@pytest.mark.slow
@pytest.mark.parametrize("dialect", CSV_DIALECTS)
def test_the_csvs_that_libreoffice_writes(tmp_path: Path, dialect: str) -> None:
    names = {"Nom": "Bœuf-Noël", "Prénom": "Éléonore"}
    source = workbook(tmp_path / "livre.xlsx", residents=[resident(**names)])
    written_as = f"csv:Text - txt - csv (StarCalc):{dialect},1,,0,false,true,false,false,false,-1"
    libreoffice.convert([source], written_as, tmp_path / "csv", profile=tmp_path / "profile")
    for file in (tmp_path / "csv").iterdir():
        file.rename(file.with_name(file.name.removeprefix("livre-")))
    tables, true = sources.load(tmp_path / "csv"), sources.load(source)
    assert tables.problems == ()
    for sheet in ("residents", "contacts", "invoices", "lines"):
        assert getattr(tables, sheet).equals(getattr(true, sheet)), sheet


# --- passwords -------------------------------------------------------------------------------------


def protected(path: Path, password: str) -> Path:
    """Encrypt a workbook as Excel does ([MS-OFFCRYPTO] 2.3.4.10, agile)."""
    locked = io.BytesIO()
    OOXMLFile(io.BytesIO(path.read_bytes())).encrypt(password, locked)
    path.write_bytes(locked.getvalue())
    assert msoffcrypto.OfficeFile(io.BytesIO(path.read_bytes())).is_encrypted()
    return path


def test_a_protected_workbook_is_read_with_its_password(tmp_path: Path) -> None:
    path = protected(workbook(tmp_path / "factures.xlsx"), "Tilleuls 2026 é")
    tables = sources.load(path, password=lambda: "Tilleuls 2026 é")
    assert (tables.problems, tables.invoices["number"].tolist()) == ((), ["F2026-10-00042"])
    assert refused(path).code is ProblemCode.FILE_PROTECTED
    wrong = refused(path, password=lambda: "Tilleuls 2025")
    assert (wrong.code, wrong.facts["why"]) == (ProblemCode.FILE_PROTECTED, "wrong_password")


@pytest.mark.slow
def test_an_old_workbook_that_libreoffice_protected(tmp_path: Path) -> None:
    source = workbook(tmp_path / "factures.xlsx")
    targets = {"MS Excel 97": tmp_path / "p.xls", "calc8": tmp_path / "p.ods"}
    libreoffice.protect(source, targets, "Tilleuls", profile=tmp_path / "profile")
    tables = sources.load(tmp_path / "p.xls", password=lambda: "Tilleuls")
    assert (tables.problems, tables.invoices["number"].tolist()) == ((), ["F2026-10-00042"])
    for path, password, why in (
        (tmp_path / "p.xls", "", None),
        (tmp_path / "p.xls", "Hortensias", "wrong_password"),
        (
            tmp_path / "p.ods",
            "Tilleuls",
            "encryption",
        ),  # nothing that we know opens an .ods with its password
    ):
        problem = refused(path, password=lambda password=password: password)
        assert (problem.code, problem.facts.get("why")) == (ProblemCode.FILE_PROTECTED, why)


def test_a_workbook_that_is_only_protected_against_writing_asks_nobody(tmp_path: Path) -> None:
    path = protected(workbook(tmp_path / "factures.xlsx"), "VelvetSweatshop")

    def asked() -> str:
        raise AssertionError("the password was asked for")

    assert sources.load(path, password=asked).problems == ()


def test_nobody_is_asked_for_the_password_of_an_open_workbook(tmp_path: Path) -> None:
    def asked() -> str:
        raise AssertionError("the password was asked for")

    assert sources.load(workbook(tmp_path / "factures.xlsx"), password=asked).problems == ()


def test_who_sits_at_the_terminal_is_asked_until_it_is_right(tmp_path: Path) -> None:
    root = offices.make_home(tmp_path / "home", 1)
    protected(root / "factures.xlsx", "Tilleuls")
    ours, theirs = pty.openpty()
    command = [
        sys.executable,
        "-c",
        "from elite_lib.cli import main; main()",
        "check",
        "2026-10",
        "--home",
        str(root),
    ]
    with subprocess.Popen(
        command, stdin=theirs, stdout=subprocess.PIPE, stderr=theirs, start_new_session=True, text=True
    ) as asked:
        os.close(theirs)
        said = b""
        for answer in (b"Hortensias\n", b"Tilleuls\n"):
            while not said.endswith(b": "):
                said += os.read(ours, 4096)
            os.write(ours, answer)
            said = b""
        out, _err = asked.communicate(timeout=60)
    os.close(ours)
    assert (asked.returncode, out.strip()) == (0, "0 problème")


def test_a_binary_workbook_says_what_it_is(tmp_path: Path) -> None:
    import zipfile  # noqa: PLC0415

    path = tmp_path / "factures.xlsb"
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("xl/workbook.bin", b"\x83\x01\x00")
    problem = refused(path)
    assert (problem.code, problem.facts["why"]) == (ProblemCode.FILE_UNREADABLE, "binary_workbook")


def test_the_password_of_the_home_opens_the_workbook(tmp_path: Path) -> None:
    root = offices.make_home(tmp_path / "home", 1)
    protected(root / "factures.xlsx", "Tilleuls")
    secrets.store("workbook", "Tilleuls", home=config.Home(root=root))
    with offices.open_office(root) as office:
        assert len(batches.load_tables(office).invoices) == 1
