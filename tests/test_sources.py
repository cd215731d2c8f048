"""What is wrong in a workbook, said all at once, and which dispatch lines each thing holds."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from elite_lib import sources
from elite_lib.models import Problem, ProblemCode, Severity, Tables
from tests.support.workbooks import (
    Row,
    contact,
    disbursement,
    invoice,
    line,
    provision,
    resident,
    workbook,
)

C = ProblemCode
NUMBER = "F2026-10-00042"
EARLIER = "F2026-09-00042"


def load(tmp_path: Path, *, creditor_id: str = "FR00ZZZ123456", **sheets: list[Row]) -> Tables:
    return sources.load(workbook(tmp_path / "factures.xlsx", **sheets), creditor_id=creditor_id)


def only(tables: Tables) -> Problem:
    assert len(tables.problems) == 1, tables.problems
    return tables.problems[0]


def brief(tables: Tables) -> list[tuple[ProblemCode, str, int | None, str, tuple[str, ...]]]:
    return [(p.code, p.sheet, p.row, p.column, p.held) for p in tables.problems]


def two_months() -> list[Row]:
    """An invoice of September beside that of October."""
    dates = {
        "Date": dt.date(2026, 9, 30),
        "Début période": dt.date(2026, 9, 1),
        "Fin période": dt.date(2026, 9, 30),
    }
    return [invoice(EARLIER, **dates), invoice()]


def lines_of(*numbers: str) -> list[Row]:
    return [line(number, 2000.0) for number in numbers]


# --- one cell -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "value", "code"),
    [
        ("Échéance", None, C.VALUE_MISSING),
        ("Échéance", "31/02/2026", C.DATE_INVALID),
        ("Date", None, C.VALUE_MISSING),
        ("Date", "31/10/26", C.DATE_INVALID),
        ("Début période", "octobre", C.DATE_INVALID),
        ("Net à payer", None, C.VALUE_MISSING),
        ("Net à payer", "1.234", C.NUMBER_AMBIGUOUS),
        ("Net à payer", "mille", C.NUMBER_INVALID),
        ("Net à payer", 2000.005, C.NUMBER_INVALID),
        ("Total HT", None, C.VALUE_MISSING),
        ("Total TTC", None, C.VALUE_MISSING),
        ("TVA", "x", C.NUMBER_INVALID),
        ("Déductions", "x", C.NUMBER_INVALID),
        ("Statut", "payée", C.VALUE_UNKNOWN),
        ("Type", "devis", C.VALUE_UNKNOWN),
        ("Destinataire", "sa fille", C.NUMBER_INVALID),
        ("Code résident", None, C.VALUE_MISSING),
    ],
)
def test_a_broken_cell_of_an_invoice_holds_it(
    tmp_path: Path, title: str, value: object, code: ProblemCode
) -> None:
    problem = only(load(tmp_path, factures=[invoice(**{title: value})]))
    assert (problem.code, problem.severity, problem.held) == (code, Severity.HOLD, (NUMBER,))
    assert (problem.file, problem.sheet, problem.row, problem.column) == (
        "factures.xlsx",
        "Factures",
        2,
        title,
    )


def test_a_missing_number_is_held_by_its_row(tmp_path: Path) -> None:
    tables = load(tmp_path, factures=[invoice(), invoice("")], lignes=lines_of(NUMBER))
    assert brief(tables) == [(C.VALUE_MISSING, "Factures", 3, "N° facture", ("@3",))]


def test_allowed_words_are_said(tmp_path: Path) -> None:
    problem = only(load(tmp_path, residents=[resident(Envoi="pigeon")]))
    assert (problem.value, problem.facts) == ("pigeon", {"allowed": "mail, courrier, les deux"})


def test_a_value_is_shown_as_it_is_seen_and_never_longer_than_200_characters(tmp_path: Path) -> None:
    tables = load(tmp_path, factures=[invoice(Date="x" * 500, **{"Fin période": 12.5})])
    assert [p.value for p in tables.problems] == ["x" * 200, "12,5"]


@pytest.mark.parametrize(
    ("title", "value", "code"),
    [
        ("Envoi", "pigeon", C.VALUE_UNKNOWN),
        ("Date de décès", "l'an dernier", C.DATE_INVALID),
        ("Date de décès", 0, C.DATE_INVALID),
        ("Nom", None, C.VALUE_MISSING),
    ],
)
def test_what_makes_sending_unsafe_holds_every_invoice_of_the_resident(
    tmp_path: Path, title: str, value: object, code: ProblemCode
) -> None:
    tables = load(
        tmp_path,
        residents=[resident(**{title: value}), resident("R00043")],
        factures=[*two_months(), invoice("F9", "R00043")],
        lignes=lines_of(EARLIER, NUMBER, "F9"),
        debours=[disbursement("D1", Date=dt.date(2026, 8, 3)), disbursement("D2", **{"N° facture": NUMBER})],
    )
    assert brief(tables) == [(code, "Résidents", 2, title, (EARLIER, NUMBER, "D1"))]


@pytest.mark.parametrize(
    "title", ["Date de naissance", "Date d'entrée", "Date de sortie", "Date mandat", "Message"]
)
def test_what_does_not_matter_for_sending_is_a_warning(tmp_path: Path, title: str) -> None:
    problem = only(load(tmp_path, residents=[resident(**{title: "x"})]))
    assert (problem.severity, problem.held) == (Severity.WARNING, ())


def test_an_unknown_way_to_pay_is_a_warning_and_other(tmp_path: Path) -> None:
    tables = load(tmp_path, factures=[invoice(**{"Mode de règlement": "troc"})])
    assert only(tables).severity is Severity.WARNING
    assert tables.invoices.iloc[0]["payment_mode"] == "other"


@pytest.mark.parametrize(
    ("title", "value", "code", "held"),
    [
        ("Destinataire facture", "?", C.VALUE_UNKNOWN, (NUMBER,)),
        ("Destinataire débours", "?", C.VALUE_UNKNOWN, (NUMBER,)),
        ("Rang", None, C.VALUE_MISSING, (NUMBER,)),
        ("Rang", "un", C.NUMBER_INVALID, (NUMBER,)),
        ("Qualité", "voisin", C.VALUE_UNKNOWN, ()),
        ("E-mail", "dupont@orange,fr", C.EMAIL_INVALID, ()),
        ("E-mail", "hélène@example.com", C.EMAIL_NOT_ASCII, ()),
        ("E-mail 2", "dupont", C.EMAIL_INVALID, ()),
        ("Code résident", None, C.VALUE_MISSING, ()),
    ],
)
def test_problems_of_a_contact(
    tmp_path: Path, title: str, value: object, code: ProblemCode, held: tuple[str, ...]
) -> None:
    problem = only(load(tmp_path, contacts=[contact(**{title: value})]))
    assert (problem.code, problem.held, problem.column) == (code, held, title)
    assert problem.severity is (Severity.HOLD if held else Severity.WARNING)


def test_each_unusable_address_of_a_cell_is_a_problem_and_the_good_one_stays(tmp_path: Path) -> None:
    tables = load(tmp_path, contacts=[contact(**{"E-mail": "a@orange,fr ; b@example.com / é@example.com"})])
    assert [(p.code, p.value) for p in tables.problems] == [
        (C.EMAIL_INVALID, "a@orange,fr"),
        (C.EMAIL_NOT_ASCII, "é@example.com"),
    ]
    assert tables.contacts.iloc[0]["email"] == ("b@example.com",)


@pytest.mark.parametrize(
    ("title", "value", "code"),
    [
        ("Montant", None, C.VALUE_MISSING),
        ("Montant", "12,345", C.NUMBER_AMBIGUOUS),
        ("Section", "XYZ", C.VALUE_UNKNOWN),
        ("Quantité", "beaucoup", C.NUMBER_INVALID),
        ("Début", "lundi", C.DATE_INVALID),
        ("N° ligne", "a", C.NUMBER_INVALID),
    ],
)
def test_a_broken_line_holds_its_invoice_and_adds_no_second_problem(
    tmp_path: Path, title: str, value: object, code: ProblemCode
) -> None:
    assert brief(load(tmp_path, lignes=[line(NUMBER, **{"Montant": 2000.0, title: value})])) == [
        (code, "Lignes", 2, title, (NUMBER,))
    ]


def test_a_line_without_number_belongs_to_nobody_but_its_invoice_does_not_add_up(tmp_path: Path) -> None:
    tables = load(tmp_path, lignes=[line(), line("", 140.0)])
    assert brief(tables) == [
        (C.LINES_SUM, "Factures", 2, "Total HT", (NUMBER,)),
        (C.VALUE_MISSING, "Lignes", 3, "N° facture", ()),
    ]


# --- rows against each other --------------------------------------------------------------------------


def test_duplicate_numbers_hold_both_rows_by_their_rows(tmp_path: Path) -> None:
    factures = [invoice("0042"), invoice("0042", "R00043"), invoice("42")]
    tables = load(
        tmp_path,
        residents=[resident(), resident("R00043")],
        factures=factures,
        lignes=[*lines_of("0042", "42"), line("0042", "abc")],
    )
    assert brief(tables) == [
        (C.DUPLICATE_NUMBER, "Factures", 2, "N° facture", ("0042@2",)),
        (C.DUPLICATE_NUMBER, "Factures", 3, "N° facture", ("0042@3",)),
        (C.NUMBER_INVALID, "Lignes", 4, "Montant", ("0042@2", "0042@3")),
    ]
    assert tables.problems[0].facts == {"rows": "2, 3"}


def test_a_cancelled_row_with_the_number_of_an_issued_one_is_a_duplicate_too(tmp_path: Path) -> None:
    tables = load(tmp_path, factures=[invoice(Statut="annulée"), invoice()])
    assert {p.held for p in tables.problems} == {(f"{NUMBER}@2",), (f"{NUMBER}@3",)}


def test_duplicate_residents_and_contacts_hold_the_residents_invoices(tmp_path: Path) -> None:
    tables = load(tmp_path, residents=[resident(), resident(Nom="Autre")], contacts=[contact(), contact()])
    assert brief(tables) == [
        (C.DUPLICATE_RESIDENT, "Résidents", 2, "Code résident", (NUMBER,)),
        (C.DUPLICATE_RESIDENT, "Résidents", 3, "Code résident", (NUMBER,)),
        (C.DUPLICATE_CONTACT, "Contacts", 2, "Rang", (NUMBER,)),
        (C.DUPLICATE_CONTACT, "Contacts", 3, "Rang", (NUMBER,)),
    ]


def test_a_resident_who_is_not_there(tmp_path: Path) -> None:
    tables = load(
        tmp_path,
        contacts=[contact(), contact("X1")],
        factures=[invoice(), invoice("F9", "X2")],
        lignes=lines_of(NUMBER, "F9"),
        debours=[disbursement("D1", "X3")],
        provisions=[provision("X4")],
    )
    assert brief(tables) == [
        (C.RESIDENT_UNKNOWN, "Contacts", 3, "Code résident", ()),
        (C.RESIDENT_UNKNOWN, "Factures", 3, "Code résident", ("F9",)),
        (C.RESIDENT_UNKNOWN, "Débours", 2, "Code résident", ("D1",)),
        (C.RESIDENT_UNKNOWN, "Provisions", 2, "Code résident", ()),
    ]


def test_a_payer_who_is_no_contact_of_the_resident(tmp_path: Path) -> None:
    tables = load(
        tmp_path,
        residents=[resident(), resident("R00043")],
        contacts=[contact(), contact("R00043", 2)],
        factures=[invoice(Destinataire=2)],
    )
    assert brief(tables) == [(C.PAYER_UNKNOWN, "Factures", 2, "Destinataire", (NUMBER,))]
    assert load(tmp_path, factures=[invoice(Destinataire=1)]).problems == ()


def test_lines_of_an_invoice_that_is_not_there_hold_nothing(tmp_path: Path) -> None:
    tables = load(tmp_path, lignes=[*lines_of(NUMBER), line("F0", 1.0)])
    assert brief(tables) == [(C.INVOICE_UNKNOWN, "Lignes", 3, "N° facture", ())]


def test_a_broken_disbursement_holds_the_invoice_it_names_and_its_statement(tmp_path: Path) -> None:
    named = disbursement("D1", Montant="x", **{"N° facture": EARLIER})
    tables = load(tmp_path, factures=two_months(), lignes=lines_of(EARLIER, NUMBER), debours=[named])
    assert brief(tables) == [(C.NUMBER_INVALID, "Débours", 2, "Montant", (EARLIER, "D1"))]


def test_a_broken_disbursement_holds_the_residents_invoice_of_its_month(tmp_path: Path) -> None:
    factures, lignes = two_months(), lines_of(EARLIER, NUMBER)
    tables = load(tmp_path, factures=factures, lignes=lignes, debours=[disbursement("D1", Montant="x")])
    assert only(tables).held == (NUMBER, "D1")
    tables = load(tmp_path, factures=factures, lignes=lignes, debours=[disbursement("D1", Date="hier")])
    assert only(tables).held == (EARLIER, NUMBER, "D1")


def test_a_disbursement_of_another_residents_invoice_holds_both(tmp_path: Path) -> None:
    """One family's expenses must not travel with the other's invoice."""
    tables = load(
        tmp_path,
        residents=[resident(), resident("R00043")],
        factures=[invoice(), invoice("F9", "R00043")],
        lignes=lines_of(NUMBER, "F9"),
        debours=[disbursement("D1", "R00043", **{"N° facture": NUMBER})],
    )
    assert brief(tables) == [(C.INVOICE_UNKNOWN, "Débours", 2, "N° facture", (NUMBER, "D1", "F9"))]
    assert only(tables).facts == {"resident": "R00043", "owners": "R00042"}


def test_a_disbursement_of_an_invoice_that_is_not_there(tmp_path: Path) -> None:
    tables = load(tmp_path, debours=[disbursement("D1", **{"N° facture": "F0"})])
    assert brief(tables) == [(C.INVOICE_UNKNOWN, "Débours", 2, "N° facture", (NUMBER, "D1"))]


def test_a_statement_of_two_residents_holds_the_lines_of_both(tmp_path: Path) -> None:
    tables = load(
        tmp_path,
        residents=[resident(), resident("R00043")],
        factures=[invoice(), invoice("F9", "R00043")],
        lignes=lines_of(NUMBER, "F9"),
        debours=[disbursement("D1"), disbursement("D1", "R00043")],
    )
    assert brief(tables) == [(C.DUPLICATE_NUMBER, "Débours", 2, "N° relevé", (NUMBER, "D1", "F9"))]


def test_a_broken_provision_holds_the_statements_that_its_balance_changes(tmp_path: Path) -> None:
    sheets = {
        "factures": two_months(),
        "lignes": lines_of(EARLIER, NUMBER),
        "provisions": [provision(Montant="x")],
    }
    tables = load(tmp_path, debours=[disbursement("D1")], **sheets)
    assert brief(tables) == [(C.NUMBER_INVALID, "Provisions", 2, "Montant", (NUMBER, "D1"))]
    assert only(load(tmp_path, **sheets)).severity is Severity.WARNING  # no statement shows the balance


# --- sums ----------------------------------------------------------------------------------------------


def test_lines_totals_and_net_must_add_up_to_the_cent(tmp_path: Path) -> None:
    amounts = {"Total HT": 2000.0, "TVA": 110.0, "Total TTC": 2110.01, "Déductions": 100.0, "Acomptes": 10.0}
    tables = load(
        tmp_path, factures=[invoice(**{**amounts, "Net à payer": 2000.02})], lignes=[line(amount=1999.99)]
    )
    assert [(p.code, p.column, p.value, p.facts) for p in tables.problems] == [
        (C.TOTAL_SUM, "Total TTC", "2110,01", {"sum": "2110.00", "expected": "2110.01"}),
        (C.NET_SUM, "Net à payer", "2000,02", {"sum": "2000.01", "expected": "2000.02"}),
        (C.LINES_SUM, "Total HT", "2000", {"sum": "1999.99", "expected": "2000.00"}),
    ]
    assert all((p.severity, p.held, p.row) == (Severity.HOLD, (NUMBER,), 2) for p in tables.problems)


def test_floating_noise_is_no_difference(tmp_path: Path) -> None:
    amounts = {"Total HT": 0.1 + 0.2, "TVA": None, "Total TTC": 0.3, "Net à payer": 1.1 - 0.8}
    lignes = [line(amount=0.1), line(amount=0.7 - 0.5)]
    assert load(tmp_path, factures=[invoice(**amounts)], lignes=lignes).problems == ()


def test_an_invoice_needs_lines_or_a_pdf(tmp_path: Path) -> None:
    assert brief(load(tmp_path, lignes=[])) == [(C.LINES_MISSING, "Factures", 2, "N° facture", (NUMBER,))]
    given = invoice(PDF="pdf/F42.pdf", **{"Total HT": None, "Total TTC": None})
    assert load(tmp_path, factures=[given], lignes=[]).problems == ()


def test_lines_of_an_invoice_with_a_pdf_are_checked_when_they_are_there(tmp_path: Path) -> None:
    tables = load(tmp_path, factures=[invoice(PDF="pdf/F42.pdf")], lignes=[line(amount=1.0)])
    assert only(tables).code is C.LINES_SUM


def test_periods_must_not_be_reversed(tmp_path: Path) -> None:
    reversed_line = line(amount=2000.0, Début=dt.date(2026, 10, 31), Fin=dt.date(2026, 10, 1))
    tables = load(
        tmp_path, factures=[invoice(**{"Fin période": dt.date(2026, 9, 30)})], lignes=[reversed_line]
    )
    assert brief(tables) == [
        (C.PERIOD_REVERSED, "Factures", 2, "Fin période", (NUMBER,)),
        (C.PERIOD_REVERSED, "Lignes", 2, "Fin", (NUMBER,)),
    ]


def test_a_credit_note_counts_negative(tmp_path: Path) -> None:
    amounts = {"Total HT": -50.0, "Total TTC": -50.0, "Net à payer": -50.0}
    negative = invoice(Type="avoir", **amounts)
    assert load(tmp_path, factures=[negative], lignes=[line(amount=-50.0)]).problems == ()
    problem = only(load(tmp_path, factures=[invoice(Type="Avoir")]))
    assert (problem.code, problem.held, problem.value) == (C.CREDIT_NOTE_POSITIVE, (NUMBER,), "2000")


@pytest.mark.parametrize("status", ["brouillon", "annulée"])
def test_invoices_that_are_left_out_hold_nothing(tmp_path: Path, status: str) -> None:
    broken = {"Total TTC": 1.0, "Échéance": None, "N° facture": None, "Destinataire": 9, "Statut": status}
    factures = [invoice(), invoice(**broken), invoice(**broken)]
    assert load(tmp_path, factures=factures).problems == ()
    unreadable = invoice(**{**broken, "Net à payer": "x", "Code résident": "X"})
    tables = load(tmp_path, factures=[invoice(), unreadable])
    assert [(p.code, p.severity, p.held) for p in tables.problems] == [
        (C.NUMBER_INVALID, Severity.WARNING, ()),
        (C.RESIDENT_UNKNOWN, Severity.WARNING, ()),
    ]


# --- direct debits ---------------------------------------------------------------------------------------


def test_direct_debits_want_a_creditor_id_and_a_mandate(tmp_path: Path) -> None:
    debit = {"Mode de règlement": "prélèvement"}
    residents = [resident(**debit), resident("R00043", RUM="RUM-43"), resident("R00044", **debit)]
    factures = [
        invoice(**{"Mode de règlement": None}),
        invoice("F43", "R00043", **debit),
        invoice("F44", "R00044", **{"Mode de règlement": "chèque"}),
    ]
    lignes = lines_of(NUMBER, "F43", "F44")
    tables = load(tmp_path, creditor_id="", residents=residents, factures=factures, lignes=lignes)
    assert brief(tables) == [
        (C.MANDATE_MISSING, "Résidents", 2, "RUM", ()),
        (C.CREDITOR_ID_MISSING, "Factures", None, "Mode de règlement", ()),
    ]
    assert {p.severity for p in tables.problems} == {Severity.WARNING}
    tables = load(tmp_path, residents=residents, factures=factures, lignes=lignes)
    assert [p.code for p in tables.problems] == [C.MANDATE_MISSING]


def test_a_credit_balance_is_not_debited(tmp_path: Path) -> None:
    credit = {"Déductions": 2100.0, "Net à payer": -100.0, "Mode de règlement": "prélèvement"}
    assert load(tmp_path, creditor_id="", factures=[invoice(**credit)]).problems == ()


# --- everything at once -----------------------------------------------------------------------------------


def test_every_problem_is_reported_at_once_in_the_order_of_the_sheets(tmp_path: Path) -> None:
    tables = load(
        tmp_path,
        residents=[resident(Envoi="pigeon"), resident("R00043", **{"Date de décès": "x"})],
        contacts=[contact(**{"E-mail": "orange,fr"}), contact(Rang=None)],
        factures=[invoice(Échéance=None, **{"Net à payer": 1.0}), invoice("F9", "X9")],
        lignes=[line(amount="?"), line("F0", 1.0)],
    )
    assert [(p.code, p.sheet, p.row) for p in tables.problems] == [
        (C.VALUE_UNKNOWN, "Résidents", 2),
        (C.DATE_INVALID, "Résidents", 3),
        (C.EMAIL_INVALID, "Contacts", 2),
        (C.VALUE_MISSING, "Contacts", 3),
        (C.VALUE_MISSING, "Factures", 2),
        (C.NET_SUM, "Factures", 2),
        (C.RESIDENT_UNKNOWN, "Factures", 3),
        (C.LINES_MISSING, "Factures", 3),
        (C.NUMBER_INVALID, "Lignes", 2),
        (C.INVOICE_UNKNOWN, "Lignes", 3),
    ]
    held = {key for p in tables.problems for key in p.held}
    assert held == {NUMBER, "F9"}
    assert len(tables.invoices) == 2  # rows with problems stay
