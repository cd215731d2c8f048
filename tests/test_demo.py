"""The sample data against its own facts, and reader and selection against the sample data."""

from __future__ import annotations

import csv
import datetime as dt
import io
import os
import re
from collections import Counter, defaultdict
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from PIL import Image
from stdnum import bic, iban
from stdnum.eu import at_02
from stdnum.fr import siret, tva

from elite_lib import config, secrets, selection, sources
from elite_lib.demo import DemoFacts, Profile, build, catcher_for, generate, identifiers, make_home, sample
from elite_lib.demo.workbook import save_workbook
from elite_lib.exceptions import ConfigError
from elite_lib.models import SHEETS, CellType, Disposition, LineKind, Period

CENT = Decimal("0.01")
RESERVED = re.compile(r"@(?:example\.(?:com|org|net)|[a-z-]+\.(?:example|test))$")
SAMPLES = Path(__file__).parent.parent / "data" / "samples"

Records = list[dict[str, Any]]


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> DemoFacts:
    return generate(tmp_path_factory.mktemp("generated"))


@pytest.fixture(scope="module")
def sheets(facts: DemoFacts) -> dict[str, Records]:
    return read(facts.workbook)


def read(path: Path) -> dict[str, Records]:
    """Read a workbook with openpyxl alone: sheet name -> rows by column name, amounts as Decimal."""
    workbook = openpyxl.load_workbook(path)
    assert workbook.sheetnames == [sheet.title for sheet in SHEETS]
    found = {}
    for sheet in SHEETS:
        header, *rows = workbook[sheet.title].iter_rows(values_only=True)
        assert list(header) == [column.title for column in sheet.columns]
        names = [column.name for column in sheet.columns]
        found[sheet.name] = [dict(zip(names, map(exact, row), strict=True)) for row in rows]
    return found


def exact(value: object) -> object:
    if isinstance(value, float):
        return Decimal(str(value))
    return value.date() if isinstance(value, dt.datetime) else value


# ------------------------------------------------------------------------------------ right to the cent


@pytest.mark.parametrize("residents, seed", [(60, 2026), (8, 2026), (17, 1), (40, 7)])
def test_every_sum_is_right_to_the_cent(tmp_path: Path, residents: int, seed: int) -> None:
    sheets = read(generate(tmp_path, residents=residents, seed=seed).workbook)
    lines = defaultdict(list)
    for line in sheets["lines"]:
        lines[line["number"]].append(line)
        product = Decimal(line["quantity"]) * Decimal(line["unit_price"])
        assert line["amount"] == product.quantize(CENT, ROUND_HALF_UP)
    for invoice in sheets["invoices"]:
        own = lines.pop(invoice["number"])
        assert sum(line["amount"] for line in own) == invoice["total_before_tax"]
        assert vat(own) == invoice["vat"]
        assert invoice["total_before_tax"] + invoice["vat"] == invoice["total"]
        assert invoice["total"] - invoice["deductions"] - invoice["down_payments"] == invoice["net"]
        assert (invoice["net"] < 0) == (invoice["kind"] == "avoir")
        assert [line["position"] for line in own] == list(range(1, len(own) + 1))
    assert not lines


def vat(lines: Records) -> Decimal:
    rates = {line["vat_rate"] for line in lines}
    taxes = [sum(line["amount"] for line in lines if line["vat_rate"] == rate) * rate / 100 for rate in rates]
    return sum((Decimal(tax).quantize(CENT, ROUND_HALF_UP) for tax in taxes), Decimal(0))


def test_the_month_counts_and_euros_are_the_facts(facts: DemoFacts, sheets: dict[str, Records]) -> None:
    for month in facts.months:
        billed = [row for row in sheets["invoices"] if f"{row['start'] or row['date']:%Y-%m}" == month]
        expected = facts.month(month)
        assert len(billed) == expected.invoices == sum(expected.dispositions.values())
        assert sum(row["net"] for row in billed) == expected.euros
        spent = {row["statement"] for row in sheets["disbursements"] if f"{row['date']:%Y-%m}" == month}
        assert len(spent) == expected.statements
        assert spent == {line.statement for line in facts.lines if line.month == month and line.statement}


def test_statement_balances_follow_from_the_two_sheets(facts: DemoFacts, sheets: dict[str, Records]) -> None:
    for number, expected in facts.statements.items():
        month = number[1:8]
        rows = [row for row in sheets["disbursements"] if row["statement"] == number]
        code = rows[0]["resident"]
        paid = [
            (f"{row['date']:%Y-%m}", row["amount"] * (1 if row["direction"] == "versement" else -1))
            for row in sheets["provisions"]
            if row["resident"] == code
        ]
        before = [
            row["amount"]
            for row in sheets["disbursements"]
            if row["resident"] == code and f"{row['date']:%Y-%m}" < month
        ]
        assert sum(row["amount"] for row in rows) == expected.total
        assert sum(amount for at, amount in paid if at == month) == expected.paid
        assert sum(amount for at, amount in paid if at < month) - sum(before) == expected.opening


# --------------------------------------------------------------------------------------- what is in it


def test_a_home_of_sixty_has_every_special_case(facts: DemoFacts, sheets: dict[str, Records]) -> None:
    assert all(facts.codes[profile] for profile in Profile)
    assert len(facts.codes[Profile.ORGANISATION]) == 2
    assert len(facts.codes[Profile.NO_ADDRESS]) > 1
    for fact in (facts.refused, facts.deferred, facts.deceased, facts.draft, facts.statement_alone):
        assert fact
    assert facts.death_date and f"{facts.death_date:%Y-%m}" == facts.months[-1]
    residents = {row["code"]: row for row in sheets["residents"]}
    assert residents[facts.deceased]["death_date"] == facts.death_date
    assert residents[facts.codes[Profile.NULL][0]]["last_name"] == "Null"
    assert residents[facts.codes[Profile.BOTH][0]]["delivery"] == "les deux"
    assert residents[facts.codes[Profile.PAPER][0]]["delivery"] == "courrier"
    names = " ".join(f"{row['first_name']} {row['last_name']}" for row in residents.values())
    assert all(sign in names for sign in "Œœæçëÿñ'-")
    assert max(len(row["last_name"]) for row in residents.values()) > 30
    absences = [row for row in sheets["lines"] if row["label"].startswith("Absence")]
    assert absences and all(row["amount"] < 0 for row in absences)
    assert any(row["deductions"] for row in sheets["invoices"])
    assert any(row["down_payments"] for row in sheets["invoices"])
    assert {row["direction"] for row in sheets["provisions"]} == {"versement", "remboursement"}
    assert all(facts.month(month).statements >= 60 // 3 for month in facts.months)


def test_households_receive_as_their_profile_says(facts: DemoFacts, sheets: dict[str, Records]) -> None:
    contacts = defaultdict(list)
    for row in sheets["contacts"]:
        contacts[row["resident"]].append(row)
    (split,), (joint,) = facts.codes[Profile.SPLIT], facts.codes[Profile.JOINT]
    ranks = [row["payer_rank"] for row in sheets["invoices"] if row["resident"] == split]
    assert ranks == [1, 2] * len(facts.months)
    assert all(row["payer_rank"] is None for row in sheets["invoices"] if row["resident"] != split)
    assert all(len(line.messages) == 1 for line in facts.lines if line.resident == split)
    assert all(len(line.messages[0]) == 2 for line in facts.lines if line.resident == joint)
    for code in facts.codes[Profile.NO_ADDRESS]:
        assert not any(row["email"] or row["email_2"] for row in contacts[code])
    (second,) = facts.codes[Profile.SECOND_EMAIL]
    assert contacts[second][0]["email"] and contacts[second][0]["email_2"]
    shared = {contacts[code][0]["email"] for code in facts.codes[Profile.ORGANISATION]}
    assert len(shared) == 1
    assert {contacts[code][0]["quality"] for code in facts.codes[Profile.ORGANISATION]} == {"organisme"}
    assert contacts[facts.codes[Profile.GUARDIAN][0]][0]["quality"] == "tuteur"


def test_draft_and_credit_note_are_in_the_last_month(facts: DemoFacts, sheets: dict[str, Records]) -> None:
    invoices = {row["number"]: row for row in sheets["invoices"]}
    assert [number for number, row in invoices.items() if row["status"] == "brouillon"] == [facts.draft]
    assert [number for number, row in invoices.items() if row["kind"] == "avoir"] == [facts.credit_note]
    credit = invoices[facts.credit_note]
    assert credit["origin"] == facts.credited
    assert credit["resident"] == invoices[facts.credited]["resident"]
    credited = [row for row in sheets["lines"] if row["number"] == facts.credited]
    assert any(row["label"] == "Repas d'invité" and row["quantity"] >= 2 for row in credited)
    assert {f"{invoices[number]['date']:%Y-%m}" for number in (facts.draft, facts.credit_note)} == {"2026-10"}


def test_one_resident_leaves_and_one_arrives_at_each_new_month(
    facts: DemoFacts, sheets: dict[str, Records]
) -> None:
    billed = defaultdict(set)
    for row in sheets["invoices"]:
        billed[f"{row['start'] or row['date']:%Y-%m}"].add(row["resident"])
    residents = {row["code"]: row for row in sheets["residents"]}
    assert facts.residents == len(residents) == 62
    for before, after in zip(facts.months, facts.months[1:], strict=False):
        assert len(billed[before]) == len(billed[after]) == 60
        (left,), (arrived,) = billed[before] - billed[after], billed[after] - billed[before]
        assert f"{residents[left]['exit_date']:%Y-%m}" == before
        assert f"{residents[arrived]['entry_date']:%Y-%m}" == after
        assert residents[arrived]["room"] == residents[left]["room"]


def test_dates_rooms_and_dependency_are_sane(sheets: dict[str, Records]) -> None:
    for row in sheets["residents"]:
        assert re.fullmatch("[1-6]", row["gir"])
        assert re.fullmatch("[1-9][0-9]{2}", row["room"])
        assert 60 < (row["entry_date"] - row["birth_date"]).days / 365.25 < 105
        assert row["exit_date"] is None or row["exit_date"] > row["entry_date"]
    staying = Counter(row["room"] for row in sheets["residents"] if row["exit_date"] is None)
    assert max(staying.values()) == 1
    residents = {row["code"]: row for row in sheets["residents"]}
    for row in sheets["invoices"]:
        resident = residents[row["resident"]]
        assert row["due"] >= row["date"]
        if row["start"]:
            assert resident["entry_date"] <= row["start"] <= row["end"] <= row["date"]
            assert resident["exit_date"] is None or row["end"] <= resident["exit_date"]
    periods = {row["number"]: row for row in sheets["invoices"]}
    for line in sheets["lines"]:
        if line["start"]:
            assert periods[line["number"]]["start"] <= line["start"] <= line["end"]
            assert line["end"] <= periods[line["number"]]["end"]


def test_numbers_are_unbroken_and_unique(facts: DemoFacts, sheets: dict[str, Records]) -> None:
    numbers = [row["number"] for row in sheets["invoices"] if row["kind"] == "facture"]
    for month in facts.months:
        own = [number for number in numbers if number.startswith(f"F{month}-")]
        assert own == [f"F{month}-{rank:05d}" for rank in range(1, len(own) + 1)]
    codes = [row["code"] for row in sheets["residents"]]
    assert codes == [f"R{rank:05d}" for rank in range(1, len(codes) + 1)]


def test_addresses_are_of_reserved_domains_only(facts: DemoFacts, sheets: dict[str, Records]) -> None:
    addresses = [value for row in sheets["contacts"] for name in ("email", "email_2") if (value := row[name])]
    (problem,) = facts.problems
    assert [address for address in addresses if not RESERVED.search(address)] == [problem.value]
    assert RESERVED.search(problem.value.replace(",", "."))
    assert all(address.isascii() and len(address.partition("@")[0]) <= 64 for address in addresses)
    shared = [address for address, count in Counter(addresses).items() if count > 1]
    assert shared == ["factures@tutelle-erables.example"]


def test_direct_debits_have_a_valid_account_and_a_mandate(sheets: dict[str, Records]) -> None:
    debited = [row for row in sheets["residents"] if row["payment_mode"] == "prélèvement"]
    assert debited
    for row in debited:
        assert iban.is_valid(row["iban"])
        assert row["iban"][4:9] == identifiers.BANK
        assert bic.is_valid(row["bic"])
        assert re.fullmatch(r"[A-Z0-9+?/:().,' -]{1,35}", row["rum"])
        assert row["mandate_date"]
    others = [row for row in sheets["residents"] if row["payment_mode"] != "prélèvement"]
    assert not any(row["iban"] or row["rum"] for row in others)


@pytest.mark.parametrize("account", [0, 1, 97, 10**11 - 1, 12_345_678_901])
def test_made_up_identifiers_have_the_right_check_digits(account: int) -> None:
    number = identifiers.iban(account)
    assert iban.is_valid(number)
    bank, branch, rest, key = number[4:9], number[9:14], number[14:25], number[25:]
    assert int(bank + branch + rest + key) % 97 == 0  # RIB key, as French banks define it
    made = identifiers.siret("99999999")
    assert siret.is_valid(made)
    assert tva.is_valid(identifiers.vat_number(made)[2:])
    assert at_02.is_valid(identifiers.creditor_id("999999"))


# --------------------------------------------------------------------------------------- as it is written


def test_cells_have_the_types_that_an_office_types(facts: DemoFacts) -> None:
    workbook = openpyxl.load_workbook(facts.workbook)
    for sheet in SHEETS:
        page = workbook[sheet.title]
        assert page.freeze_panes == "A2"
        assert page["A1"].font.bold
        for place, column in enumerate(sheet.columns, start=1):
            cells = [page.cell(row, place) for row in range(2, page.max_row + 1)]
            filled = [cell for cell in cells if cell.value is not None]
            assert not column.filled or len(filled) == len(cells)
            if column.type is CellType.DATE:
                assert all(c.is_date and c.number_format == "dd/mm/yyyy" for c in filled)
            elif column.type in (CellType.AMOUNT, CellType.NUMBER, CellType.INTEGER):
                assert all(c.data_type == "n" for c in filled)
            else:
                assert all(c.data_type == "s" for c in filled)


def test_the_same_seed_gives_the_same_file_and_another_seed_does_not(
    tmp_path: Path, facts: DemoFacts
) -> None:
    book, again = build(tmp_path / "classeur.xlsx")
    save_workbook(book, again.workbook)
    assert again.workbook.read_bytes() == facts.workbook.read_bytes()
    assert (again.lines, again.statements, again.codes) == (facts.lines, facts.statements, facts.codes)
    assert build(tmp_path / "classeur.xlsx", seed=2027)[0] != book


@pytest.mark.parametrize("residents", [1, 2, 5, 9, 120])
def test_any_number_of_residents_can_be_made(tmp_path: Path, residents: int) -> None:
    book, facts = build(tmp_path / "classeur.xlsx", residents=residents)
    for month in facts.months:
        billed = {line.resident for line in facts.lines if line.month == month and line.kind == "invoice"}
        assert len(billed) == residents
    assert len(book["residents"]) == facts.residents


# ---------------------------------------------------------------------- reader and selection against it


@pytest.mark.parametrize("residents, seed", [(60, 2026), (8, 2026), (33, 5)])
def test_reading_it_reports_the_expected_problems_and_no_other(
    tmp_path: Path, residents: int, seed: int
) -> None:
    facts = generate(tmp_path, residents=residents, seed=seed)
    tables = sources.load(facts.workbook, creditor_id=identifiers.creditor_id("999999"))
    found = [(p.code, p.sheet, p.row, p.column, p.value, p.held) for p in tables.problems]
    assert found == [(p.code, p.sheet, p.row, p.column, p.value, ()) for p in facts.problems]


@pytest.mark.parametrize("residents, seed", [(60, 2026), (8, 2026), (33, 5)])
def test_selection_agrees_with_the_facts(tmp_path: Path, residents: int, seed: int) -> None:
    facts = generate(tmp_path, residents=residents, seed=seed)
    tables = sources.load(facts.workbook, creditor_id=identifiers.creditor_id("999999"))
    assert selection.months(tables) == facts.months
    for month in facts.months:
        plan = selection.select(tables, Period.parse(month))
        expected = {line.key: line for line in facts.lines if line.month == month}
        assert sorted(line.key for line in plan.lines) == sorted(expected)
        for line in plan.lines:
            wanted = expected[line.key]
            assert line.kind is wanted.kind
            assert line.disposition is wanted.disposition
            assert line.amount == wanted.amount
            assert line.paper == wanted.paper
            assert (line.statement.number if line.statement else "") == wanted.statement
            assert {p.code for p in line.reasons} == ({wanted.reason} if wanted.reason else set())
            if wanted.disposition is Disposition.MAIL:
                parcels = [tuple(r.address for r in parcel.recipients) for parcel in line.parcels]
                assert sorted(parcels) == sorted(wanted.messages)
            if line.statement:
                euros = facts.statements[wanted.statement]
                assert line.statement.opening == euros.opening
                assert line.statement.balance == euros.balance


def test_separate_contacts_get_different_documents(facts: DemoFacts) -> None:
    tables = sources.load(facts.workbook, creditor_id=identifiers.creditor_id("999999"))
    (code,) = facts.codes[Profile.SEPARATE]
    plan = selection.select(tables, Period.parse(facts.months[-1]))
    (line,) = (line for line in plan.lines if line.resident and line.resident.code == code)
    assert sorted(len(parcel.documents) for parcel in line.parcels) == [1, 2]


# --------------------------------------------------------------------------------------- committed sample


def test_the_committed_workbook_is_what_the_generator_makes(tmp_path: Path) -> None:
    sample.main([str(tmp_path)])
    assert read(SAMPLES / "classeur.xlsx") == read(tmp_path / "classeur.xlsx")


def test_the_committed_csvs_are_what_the_generator_makes(tmp_path: Path) -> None:
    sample.write(tmp_path)
    names = sorted(f"{sheet.title}.csv" for sheet in SHEETS)
    assert sorted(path.name for path in (SAMPLES / "csv").iterdir()) == names
    for name in names:
        assert (SAMPLES / "csv" / name).read_bytes() == (tmp_path / "csv" / name).read_bytes()


def test_the_csvs_say_the_same_as_the_workbook() -> None:
    workbook = read(SAMPLES / "classeur.xlsx")
    for sheet in SHEETS:
        content = (SAMPLES / "csv" / f"{sheet.title}.csv").read_bytes()
        assert content.startswith(b"\xef\xbb\xbf")
        header, *rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";")
        assert header == [column.title for column in sheet.columns]
        values = [[plain(row[column.name]) for column in sheet.columns] for row in workbook[sheet.name]]
        assert [[plain(cell) for cell in row] for row in rows] == values


def plain(value: object) -> str:
    """Bring a cell of either kind to one text: 31/10/2026, 1234.5."""
    if isinstance(value, dt.date):
        return f"{value:%d/%m/%Y}"
    text = "" if value is None else str(value)
    if re.fullmatch(r"-?[0-9]{1,6}([.,][0-9]+)?", text) and not re.match("0[0-9]", text):
        return f"{Decimal(text.replace(',', '.')).normalize():f}"
    return text


def test_both_samples_read_alike() -> None:
    made = [sources.load(SAMPLES / name) for name in ("classeur.xlsx", "csv")]
    plans = [selection.select(tables, Period.parse("2026-10")) for tables in made]
    lines = [
        [
            (line.key, line.disposition, line.amount, line.invoice, line.statement, line.parcels)
            for line in plan.lines
        ]
        for plan in plans
    ]
    assert lines[0] == lines[1]
    assert len(lines[0]) == 10


# ------------------------------------------------------------------------------------------------ a home


def test_a_demo_home_is_filled_in_and_private(tmp_path: Path) -> None:
    demo = make_home(tmp_path / "demo", residents=12)
    settings = config.load(demo.root)
    assert settings.establishment.name == "Résidence Les Tilleuls"
    assert settings.data.source == demo.facts.workbook
    assert settings.mail is not None
    assert settings.mail.sender == settings.mail.login == "facturation@les-tilleuls.example"
    assert settings.mail.host == "127.0.0.1"
    assert settings.mail.ca_file == str(demo.root / "ca.pem")
    assert settings.pace.between == 0.05
    assert len(secrets.find("mail", home=demo.home, environ={})) > 12
    with Image.open(demo.root / settings.establishment.logo) as logo:
        assert logo.format == "PNG"
    if os.name == "posix":
        assert demo.root.stat().st_mode & 0o777 == 0o700
        files = [path for path in demo.root.rglob("*") if path.is_file()]
        assert len(files) >= 5
        assert {path.stat().st_mode & 0o777 for path in files} == {0o600}


def test_a_demo_home_is_taken_up_but_no_other_home_is(tmp_path: Path) -> None:
    made = make_home(tmp_path / "demo", residents=9)
    before = {path: path.read_bytes() for path in made.root.rglob("*") if path.is_file()}
    again = make_home(tmp_path / "demo", residents=9)
    assert again == made
    assert {path: path.read_bytes() for path in made.root.rglob("*") if path.is_file()} == before
    config.create_home(tmp_path / "office")
    for folder, residents in (("demo", 10), ("office", 9)):
        with pytest.raises(ConfigError) as refusal:
            make_home(tmp_path / folder, residents=residents)
        assert refusal.value.code == "home_exists"


def test_the_catcher_of_a_home_moves_when_its_port_is_taken(tmp_path: Path) -> None:
    first = make_home(tmp_path / "first", residents=8)
    second = make_home(tmp_path / "second", residents=8)
    config.save(second.root, {"mail": {"port": port(first.root)}})
    with catcher_for(first) as mailbox:
        assert mailbox == first.root / "mailbox"
        taken = port(first.root)
        with catcher_for(second):
            assert port(second.root) != taken
        assert port(first.root) == taken


def port(root: Path) -> int:
    account = config.load(root).mail
    assert account is not None
    return account.port


def test_lines_of_the_facts_are_of_known_kinds(facts: DemoFacts) -> None:
    alone = [line for line in facts.lines if line.kind is LineKind.STATEMENT]
    assert [line.key for line in alone] == [facts.statement_alone]
    assert {line.resident for line in alone}.isdisjoint(
        line.resident
        for line in facts.lines
        if line.month == facts.months[-1] and line.kind is LineKind.INVOICE
    )
