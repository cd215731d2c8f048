"""Who gets what this month, who is left out and why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elite_lib import selection
from elite_lib.models import (
    Box,
    DispatchLine,
    Disposition,
    DocumentKind,
    InvoiceStatus,
    LineKind,
    Parcel,
    Period,
    Plan,
    ProblemCode,
    Severity,
)
from elite_lib.outcomes import slip
from elite_lib.selection.keys import alphabetical, natural
from tests.support.billing import (
    OCTOBER,
    Row,
    by_key,
    contact_row,
    disbursement_row,
    invoice_row,
    line_row,
    problem,
    provision_row,
    resident_row,
    tables,
)

UNHURRIED = settings(deadline=None, max_examples=50)  # a busy machine is no failure

MAIL, HELD, TO_PRINT = Disposition.MAIL, Disposition.HELD, Disposition.TO_PRINT
INVOICE, STATEMENT = DocumentKind.INVOICE, DocumentKind.STATEMENT


def select(
    *,
    released: dict[str, Sequence[str]] | None = None,
    unticked: Sequence[str] = (),
    period: Period = OCTOBER,
    **sheets: Sequence[Row],
) -> Plan:
    """Select from a workbook that has, unless told otherwise, one resident, one contact, one invoice."""
    rows = {"residents": [resident_row()], "contacts": [contact_row()], "invoices": [invoice_row()]} | sheets
    return selection.select(tables(**rows), period, unticked=unticked, released=released or {})


def one(plan: Plan) -> DispatchLine:
    (line,) = plan.lines
    return line


def sent_to(parcels: Sequence[Parcel]) -> dict[str, tuple[list[str], tuple[DocumentKind, ...]]]:
    return {p.key: ([r.address for r in p.recipients], p.documents) for p in parcels}


def codes(line: DispatchLine) -> list[ProblemCode]:
    return [reason.code for reason in line.reasons]


# -- keys and order --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "duplicate", "key"),
    [("F1", False, "F1"), ("F1", True, "F1@7"), (None, False, "@7"), ("", False, "@7"), (None, True, "@7")],
)
def test_line_key(number: str | None, duplicate: bool, key: str) -> None:
    assert selection.line_key(number, 7, duplicate) == key


def test_natural_order_counts_digits() -> None:
    assert sorted(["F10", "F9", "F010", ""], key=natural)[:2] == ["", "F9"]


def test_alphabetical_order_ignores_accents_ligatures_and_case() -> None:
    assert sorted(["Bœuf", "Bof", "BODIN", "Éloi", "Eluard"], key=alphabetical) == [
        "BODIN",
        "Bœuf",
        "Bof",
        "Éloi",
        "Eluard",
    ]


def test_lines_are_in_resident_order_then_number() -> None:
    residents = [
        resident_row("R1", last_name="Éloi", first_name="Zoé"),
        resident_row("R2", last_name="ELOI", first_name="Anne"),
        resident_row("R3", last_name="Bœuf"),
    ]
    invoices = [
        invoice_row("F3", "R1"),
        invoice_row("F10", "R2"),
        invoice_row("F9", "R2"),
        invoice_row("F1", "R9"),
        invoice_row("F7", "R3"),
    ]
    plan = select(residents=residents, invoices=invoices)
    assert [line.key for line in plan.lines] == ["F7", "F9", "F10", "F3", "F1"]


# -- addresses -------------------------------------------------------------------------------------


def test_every_usable_address_is_listed_once() -> None:
    workbook = tables(
        residents=[resident_row()],
        contacts=[
            contact_row(email=("anne@example.com", "bernard@example.com"), email_2=("anne@example.org",)),
            contact_row(rank=2, email=("bernard@example.com",), gets_invoices=False),
            contact_row(rank=3, email=()),
            contact_row(rank=4, email=None),
        ],
    )
    assert selection.addresses(workbook) == ("anne@example.com", "bernard@example.com", "anne@example.org")


# -- months and billing ----------------------------------------------------------------------------


def test_month_is_that_of_the_start_else_of_the_date() -> None:
    invoices = [
        invoice_row("F1", start=dt.date(2026, 9, 1), date=dt.date(2026, 10, 5)),
        invoice_row("F2", start=None, date=dt.date(2026, 10, 5)),
        invoice_row("F3", start=None, date=None),
    ]
    workbook = tables(residents=[resident_row()], contacts=[contact_row()], invoices=invoices)
    plan = selection.select(workbook, OCTOBER)
    assert {line.key: (line.month, line.disposition) for line in plan.lines} == {
        "F2": ("2026-10", MAIL),
        "F3": ("", HELD),
    }
    assert selection.months(workbook) == ("2026-09", "2026-10")
    assert selection.billing(workbook, OCTOBER) == (2, Decimal("200.00"))
    both = Period.parse("2026-09..2026-10")
    assert len(selection.select(workbook, both).lines) == 3
    assert selection.billing(workbook, both)[0] == 3


def test_billing_takes_nets_as_given_and_unreadable_ones_as_zero() -> None:
    invoices = [
        invoice_row("F1", net="100.00"),
        invoice_row("A1", kind="credit_note", net="-30.00"),
        invoice_row("A2", kind="credit_note", net="20.00"),
        invoice_row("F2", net=None),
        invoice_row("F3", net="7.00", status="cancelled"),
    ]
    plan = select(invoices=invoices)
    assert (plan.invoices, plan.euros) == (5, Decimal("97.00"))
    assert sum(line.amount for line in plan.lines) == plan.euros


def test_an_empty_workbook_is_an_empty_plan() -> None:
    plan = select(residents=[], contacts=[], invoices=[])
    assert (plan.lines, plan.problems, plan.invoices, plan.euros) == ((), (), 0, Decimal(0))


# -- dispositions ----------------------------------------------------------------------------------


def test_a_plain_invoice_is_mailed_to_the_marked_contact() -> None:
    line = one(select(lines=[line_row(position=2, label="b"), line_row(position=1, label="a")]))
    assert line.disposition is MAIL
    assert sent_to(line.parcels) == {"F1~1": (["r1.1@example.com"], (INVOICE,))}
    assert line.parcels[0].addressee == "M. Paul LEFÈVRE1"
    assert line.parcels[0].recipients[0].contact == "R1/1"
    assert line.invoice is not None
    assert [printed.label for printed in line.invoice.lines] == ["a", "b"]
    assert (line.paper, line.reasons, line.warnings) == (False, (), ())


@pytest.mark.parametrize("status", ["draft", "cancelled"])
def test_excluded_comes_first_whatever_the_problems(status: str) -> None:
    reported = problem(ProblemCode.LINES_SUM, held=("F1",))
    workbook = tables(
        residents=[resident_row(death_date=dt.date(2026, 10, 3))],
        invoices=[invoice_row(status=status)],
        problems=[reported],
    )
    line = one(selection.select(workbook, OCTOBER, unticked=["F1"]))
    assert (line.disposition, line.parcels, line.paper) == (Disposition.EXCLUDED, (), False)
    assert line.invoice is not None
    assert line.invoice.status is InvoiceStatus(status)


def test_a_hold_problem_holds_its_line_only() -> None:
    reported = problem(ProblemCode.LINES_SUM, held=("F1",))
    elsewhere = problem(ProblemCode.LINES_SUM, held=("F9",))
    workbook = tables(
        residents=[resident_row(delivery="both")],
        contacts=[contact_row()],
        invoices=[invoice_row("F1"), invoice_row("F2")],
        problems=[reported, elsewhere],
    )
    plan = selection.select(workbook, OCTOBER, unticked=["F1"])
    lines = by_key(plan.lines)
    assert (lines["F1"].disposition, lines["F1"].reasons) == (HELD, (reported,))
    assert (lines["F1"].parcels, lines["F1"].paper) == ((), False)
    assert (lines["F2"].disposition, lines["F2"].paper) == (MAIL, True)
    assert plan.problems == (reported,)


def test_a_warning_does_not_hold_even_if_it_names_the_line() -> None:
    reported = problem(ProblemCode.CREDITOR_ID_MISSING, severity=Severity.WARNING, held=("F1",))
    plan = selection.select(
        tables(
            residents=[resident_row()],
            contacts=[contact_row()],
            invoices=[invoice_row()],
            problems=[reported],
        ),
        OCTOBER,
    )
    assert one(plan).disposition is MAIL
    assert plan.problems == (reported,)


def test_paper_families_are_printed_and_lack_nothing() -> None:
    line = one(select(residents=[resident_row(delivery="paper")], contacts=[]))
    assert (line.disposition, line.paper, line.reasons, line.parcels) == (TO_PRINT, True, (), ())


@pytest.mark.parametrize("delivery", ["unset", None, "mail", "both"])
def test_without_anybody_marked_it_is_printed(delivery: str | None) -> None:
    plan = select(residents=[resident_row(delivery=delivery)], contacts=[contact_row(gets_invoices=False)])
    line = one(plan)
    assert (line.disposition, line.paper, codes(line)) == (TO_PRINT, True, [ProblemCode.NO_CONTACT])
    (said,) = plan.problems
    assert (said.severity, said.sheet, said.row, said.held) == (Severity.WARNING, "Contacts", 2, ())
    assert said.column == "Destinataire facture"


def test_without_any_contact_the_problem_points_at_the_resident() -> None:
    (said,) = select(contacts=[contact_row("R2")]).problems
    assert (said.code, said.sheet, said.row) == (ProblemCode.NO_CONTACT, "Résidents", 2)


def test_without_an_address_it_is_printed() -> None:
    plan = select(contacts=[contact_row(rank=2, gets_invoices=False), contact_row(rank=1, email=None)])
    assert codes(one(plan)) == [ProblemCode.NO_ADDRESS]
    assert (plan.problems[0].sheet, plan.problems[0].row, plan.problems[0].column) == (
        "Contacts",
        3,
        "E-mail",
    )
    assert one(plan).addressee is not None
    assert one(plan).addressee.rank == 1  # type: ignore[union-attr]


@pytest.mark.parametrize("sheet", ["Contacts", "Famille", "FAMILLE", "Proches"])
def test_an_unusable_address_is_told_from_none(sheet: str) -> None:
    reported = problem(
        ProblemCode.EMAIL_NOT_ASCII, severity=Severity.WARNING, sheet=sheet, row=2, value="zoé@example.com"
    )
    workbook = tables(
        residents=[resident_row()],
        contacts=[contact_row(email=None)],
        invoices=[invoice_row(), invoice_row("F2")],
        problems=[reported],
    )
    plan = selection.select(workbook, OCTOBER)
    assert [codes(line) for line in plan.lines] == [[ProblemCode.NO_USABLE_ADDRESS]] * 2
    assert [p.code for p in plan.problems] == [ProblemCode.EMAIL_NOT_ASCII, ProblemCode.NO_USABLE_ADDRESS]
    assert plan.problems[1].value == "zoé@example.com"


def test_one_unusable_address_beside_a_good_one_is_a_warning() -> None:
    reported = problem(ProblemCode.EMAIL_INVALID, severity=Severity.WARNING, sheet="Contacts", row=3)
    contacts = [contact_row(rank=1), contact_row(rank=2, email=None), contact_row(rank=3, email=None)]
    workbook = tables(
        residents=[resident_row()], contacts=contacts, invoices=[invoice_row()], problems=[reported]
    )
    line = one(selection.select(workbook, OCTOBER))
    assert (line.disposition, list(sent_to(line.parcels))) == (MAIL, ["F1~1"])
    assert [(w.code, w.row) for w in line.warnings] == [
        (ProblemCode.EMAIL_INVALID, 3),
        (ProblemCode.VALUE_MISSING, 4),
    ]


def test_warnings_of_the_rows_that_a_line_is_made_of() -> None:
    def said(sheet: str, row: int) -> object:
        return problem(ProblemCode.HIDDEN_ROWS, severity=Severity.WARNING, sheet=sheet, row=row)

    of_line = [said("Factures", 2), said("Débours", 2), said("Résidents", 2), said("Contacts", 2)]
    others = [said("Factures", 3), said("Contacts", 3), said("Débours", 3)]
    workbook = tables(
        residents=[resident_row(), resident_row("R2")],
        contacts=[contact_row(), contact_row(rank=2, gets_invoices=False)],
        invoices=[invoice_row(), invoice_row("F2", "R2")],
        disbursements=[disbursement_row()],
        problems=[*of_line, *others],  # type: ignore[list-item]
    )
    line = by_key(selection.select(workbook, OCTOBER).lines)["F1"]
    assert [w for w in line.warnings if w.code is ProblemCode.HIDDEN_ROWS] == of_line


def test_unticked_lines_keep_their_parcels_and_print_nothing() -> None:
    line = one(select(residents=[resident_row(delivery="both")], unticked=["F1"]))
    assert (line.disposition, line.paper) == (Disposition.UNTICKED, False)
    assert list(sent_to(line.parcels)) == ["F1~1"]


def test_unticking_what_is_printed_or_held_changes_nothing() -> None:
    assert one(select(contacts=[], unticked=["F1"])).disposition is TO_PRINT
    assert one(select(residents=[], unticked=["F1"])).disposition is HELD


def test_mail_and_paper() -> None:
    line = one(select(residents=[resident_row(delivery="both")]))
    assert (line.disposition, line.paper) == (MAIL, True)


# -- the net under the checks of the files ---------------------------------------------------------


@pytest.mark.parametrize(
    ("sheets", "code"),
    [
        ({"invoices": [invoice_row(None)]}, ProblemCode.VALUE_MISSING),
        ({"invoices": [invoice_row(resident=None)]}, ProblemCode.RESIDENT_UNKNOWN),
        ({"invoices": [invoice_row(resident="R9")]}, ProblemCode.RESIDENT_UNKNOWN),
        ({"invoices": [invoice_row(net=None)]}, ProblemCode.VALUE_MISSING),
        ({"invoices": [invoice_row(date=None)]}, ProblemCode.VALUE_MISSING),
        ({"invoices": [invoice_row(total=None)]}, ProblemCode.VALUE_MISSING),
        ({"invoices": [invoice_row(payer_rank=4)]}, ProblemCode.PAYER_UNKNOWN),
        ({"lines": [line_row(amount=None)]}, ProblemCode.VALUE_MISSING),
        ({"residents": [resident_row(), resident_row()]}, ProblemCode.DUPLICATE_RESIDENT),
        ({"contacts": [contact_row(), contact_row()]}, ProblemCode.DUPLICATE_CONTACT),
        ({"contacts": [contact_row(), contact_row(rank=None)]}, ProblemCode.VALUE_MISSING),
        ({"disbursements": [disbursement_row(amount=None)]}, ProblemCode.VALUE_MISSING),
        ({"disbursements": [disbursement_row(date=None, number="F1")]}, ProblemCode.VALUE_MISSING),
    ],
)
def test_a_broken_row_is_held_even_if_nothing_was_reported(
    sheets: dict[str, list[Row]], code: ProblemCode
) -> None:
    plan = select(**sheets)
    line = one(plan)
    assert (line.disposition, line.parcels, codes(line)) == (HELD, (), [code])
    assert line.reasons[0].severity is Severity.HOLD
    assert line.reasons[0].held == (line.key,)
    assert line.reasons[0] in plan.problems


def test_what_was_reported_is_not_said_twice() -> None:
    reported = problem(ProblemCode.VALUE_MISSING, column="Code résident", held=("F1",))
    workbook = tables(invoices=[invoice_row(resident=None)], problems=[reported])
    assert one(selection.select(workbook, OCTOBER)).reasons == (reported,)


def test_both_rows_of_a_duplicate_number_are_held_and_have_no_document() -> None:
    plan = select(invoices=[invoice_row("F1"), invoice_row("F1"), invoice_row("F2")], lines=[line_row("F1")])
    lines = by_key(plan.lines)
    assert set(lines) == {"F1@2", "F1@3", "F2"}
    assert {key: (line.disposition, codes(line)) for key, line in lines.items() if key != "F2"} == {
        "F1@2": (HELD, [ProblemCode.DUPLICATE_NUMBER]),
        "F1@3": (HELD, [ProblemCode.DUPLICATE_NUMBER]),
    }
    assert (lines["F1@2"].invoice, lines["F1@2"].number) == (None, "F1")


def test_a_number_used_in_another_month_is_a_duplicate() -> None:
    earlier = invoice_row("F1", start=dt.date(2026, 9, 1))
    assert one(select(invoices=[earlier, invoice_row("F1")])).key == "F1@3"


# -- contacts, payers, parcels ---------------------------------------------------------------------


def test_contacts_receive_separately_by_default_in_order_of_rank() -> None:
    contacts = [
        contact_row(rank=3, email=("c@example.com",), email_2=("d@example.com",)),
        contact_row(rank=1),
        contact_row(rank=2, gets_invoices=False),
    ]
    line = one(select(contacts=contacts))
    assert sent_to(line.parcels) == {
        "F1~1": (["r1.1@example.com"], (INVOICE,)),
        "F1~3": (["c@example.com", "d@example.com"], (INVOICE,)),
    }


@pytest.mark.parametrize("word", [True, "joint"])
def test_joint_messages_are_for_contacts_with_the_same_documents(word: object) -> None:
    contacts = [
        contact_row(rank=1),
        contact_row(rank=2),
        contact_row(rank=3, gets_statements=True),
        contact_row(rank=4, gets_invoices=False, gets_statements=True),
    ]
    line = one(
        select(residents=[resident_row(joint=word)], contacts=contacts, disbursements=[disbursement_row()])
    )
    assert sent_to(line.parcels) == {
        "F1~1+2": (["r1.1@example.com", "r1.2@example.com"], (INVOICE,)),
        "F1~3": (["r1.3@example.com"], (INVOICE, STATEMENT)),
        "F1~4": (["r1.4@example.com"], (STATEMENT,)),
    }
    assert line.parcels[0].addressee == "M. Paul LEFÈVRE1, M. Paul LEFÈVRE2"


@pytest.mark.parametrize("word", [False, None, "separate"])
def test_separate_messages(word: object) -> None:
    line = one(
        select(residents=[resident_row(joint=word)], contacts=[contact_row(rank=1), contact_row(rank=2)])
    )
    assert list(sent_to(line.parcels)) == ["F1~1", "F1~2"]


def test_the_same_address_receives_once() -> None:
    contacts = [
        contact_row(rank=1, email=("Same@example.com",), email_2=("same@example.com",)),
        contact_row(rank=2, email=("same@EXAMPLE.com", "b@example.com")),
        contact_row(rank=3, email=("same@example.com",)),
    ]
    line = one(select(contacts=contacts))
    assert sent_to(line.parcels) == {
        "F1~1": (["Same@example.com"], (INVOICE,)),
        "F1~2": (["b@example.com"], (INVOICE,)),
    }


def test_a_shared_address_gets_each_document_once() -> None:
    contacts = [
        contact_row(rank=1, email=("same@example.com",)),
        contact_row(rank=2, email=("same@example.com", "b@example.com"), gets_statements=True),
    ]
    line = one(select(contacts=contacts, disbursements=[disbursement_row()]))
    assert sent_to(line.parcels) == {
        "F1~1": (["same@example.com"], (INVOICE,)),
        "F1~2-statement": (["same@example.com"], (STATEMENT,)),
        "F1~2": (["b@example.com"], (INVOICE, STATEMENT)),
    }


def test_a_named_payer_alone_gets_the_invoice() -> None:
    contacts = [
        contact_row(rank=1),
        contact_row(rank=2, gets_invoices=False),
        contact_row(rank=3, gets_statements=True),
    ]
    line = one(
        select(contacts=contacts, invoices=[invoice_row(payer_rank=2)], disbursements=[disbursement_row()])
    )
    assert sent_to(line.parcels) == {
        "F1~2": (["r1.2@example.com"], (INVOICE,)),
        "F1~3": (["r1.3@example.com"], (STATEMENT,)),
    }
    assert line.addressee is not None
    assert line.addressee.rank == 2


def test_a_named_payer_without_address_is_printed_for_never_replaced() -> None:
    contacts = [contact_row(rank=1, gets_statements=True), contact_row(rank=2, email=None)]
    line = one(
        select(contacts=contacts, invoices=[invoice_row(payer_rank=2)], disbursements=[disbursement_row()])
    )
    assert (line.disposition, line.parcels, codes(line)) == (TO_PRINT, (), [ProblemCode.NO_ADDRESS])
    assert line.reasons[0].row == 3


@pytest.mark.parametrize(
    ("contacts", "rank"),
    [
        ([contact_row(rank=2), contact_row(rank=1, gets_invoices=False)], 2),
        ([contact_row(rank=2, gets_invoices=False), contact_row(rank=1, gets_invoices=False)], 1),
        ([], None),
    ],
)
def test_addressee(contacts: list[Row], rank: int | None) -> None:
    addressee = one(select(contacts=contacts)).addressee
    assert (addressee.rank if addressee else None) == rank


# -- statements ------------------------------------------------------------------------------------


def test_a_statement_travels_with_the_invoice_that_it_names() -> None:
    plan = select(
        invoices=[invoice_row("F1"), invoice_row("F2")],
        contacts=[contact_row(gets_statements=True)],
        disbursements=[
            disbursement_row("D1", number="F2", amount=Decimal("1.10")),
            disbursement_row("D1", amount=Decimal("2.20"), date=dt.date(2026, 11, 2)),
        ],
    )
    lines = by_key(plan.lines)
    assert lines["F1"].statement is None
    statement = lines["F2"].statement
    assert statement is not None
    assert (statement.number, statement.invoice, statement.total) == ("D1", "F2", Decimal("3.30"))
    assert (statement.date, len(statement.disbursements)) == (dt.date(2026, 11, 2), 2)
    assert sent_to(lines["F2"].parcels) == {"F2~1": (["r1.1@example.com"], (INVOICE, STATEMENT))}
    assert plan.euros == Decimal("200.00")


def test_a_statement_that_names_none_travels_with_the_first_invoice_of_its_month() -> None:
    plan = select(
        invoices=[
            invoice_row("A1", kind="credit_note", net="-5.00"),
            invoice_row("F2", status="draft"),
            invoice_row("F10"),
            invoice_row("F9"),
            invoice_row("F1", start=dt.date(2026, 9, 1)),
        ],
        disbursements=[disbursement_row()],
    )
    assert [line.key for line in plan.lines if line.statement] == ["F9"]


def test_a_statement_without_invoice_is_a_line_of_its_own() -> None:
    plan = select(
        contacts=[contact_row(rank=1), contact_row(rank=2, gets_invoices=False, gets_statements=True)],
        invoices=[invoice_row("F1", start=dt.date(2026, 9, 1))],
        disbursements=[disbursement_row(), disbursement_row("D0", date=dt.date(2026, 8, 1))],
    )
    line = one(plan)
    assert (line.key, line.kind, line.month, line.row) == ("D1", LineKind.STATEMENT, "2026-10", 2)
    assert (line.amount, line.invoice, line.disposition) == (Decimal("12.30"), None, MAIL)
    assert sent_to(line.parcels) == {"D1~2": (["r1.2@example.com"], (STATEMENT,))}
    assert line.addressee is not None
    assert line.addressee.rank == 2
    assert (plan.invoices, plan.euros) == (0, Decimal(0))


def test_a_second_statement_is_a_line_of_its_own() -> None:
    plan = select(
        contacts=[contact_row(gets_statements=True)],
        disbursements=[disbursement_row("D2"), disbursement_row("D1")],
    )
    assert {line.key: line.kind for line in plan.lines} == {"F1": LineKind.INVOICE, "D2": LineKind.STATEMENT}
    assert by_key(plan.lines)["F1"].statement.number == "D1"


def test_a_statement_alone_that_nobody_is_marked_for_is_printed() -> None:
    line = one(select(invoices=[], disbursements=[disbursement_row()]))
    assert (line.disposition, codes(line)) == (TO_PRINT, [ProblemCode.NO_CONTACT])
    assert line.reasons[0].column == "Destinataire débours"


@pytest.mark.parametrize(
    ("contacts", "code"),
    [
        ([contact_row(rank=1)], ProblemCode.NO_CONTACT),
        (
            [contact_row(rank=1), contact_row(rank=2, gets_invoices=False, gets_statements=True, email=None)],
            ProblemCode.NO_ADDRESS,
        ),
    ],
)
def test_a_statement_that_reaches_nobody_is_printed_beside_the_mail(
    contacts: list[Row], code: ProblemCode
) -> None:
    line = one(select(contacts=contacts, disbursements=[disbursement_row()]))
    assert (line.disposition, line.paper, [w.code for w in line.warnings]) == (MAIL, True, [code])
    assert sent_to(line.parcels) == {"F1~1": (["r1.1@example.com"], (INVOICE,))}


def test_a_statement_goes_where_its_line_goes() -> None:
    reported = problem(ProblemCode.NET_SUM, held=("F1",))
    workbook = tables(
        residents=[resident_row()],
        contacts=[contact_row(gets_statements=True)],
        invoices=[invoice_row()],
        disbursements=[disbursement_row()],
        problems=[reported],
    )
    line = one(selection.select(workbook, OCTOBER))
    assert (line.disposition, line.statement is not None) == (HELD, True)


def test_a_problem_of_a_statement_holds_the_line_that_it_is_in() -> None:
    reported = problem(ProblemCode.DATE_INVALID, sheet="Débours", held=("D1",))
    workbook = tables(
        residents=[resident_row()],
        contacts=[contact_row(gets_statements=True)],
        invoices=[invoice_row()],
        disbursements=[disbursement_row()],
        problems=[reported],
    )
    plan = selection.select(workbook, OCTOBER)
    assert (one(plan).disposition, one(plan).reasons, plan.problems) == (HELD, (reported,), (reported,))


def test_a_problem_of_an_invoice_does_not_hold_the_statement_with_the_same_number() -> None:
    reported = problem(ProblemCode.NET_SUM, sheet="Factures", held=("7",))
    workbook = tables(
        residents=[resident_row(), resident_row("R2")],
        contacts=[contact_row(gets_statements=True)],
        invoices=[invoice_row("F1"), invoice_row("7", "R2")],
        disbursements=[disbursement_row("7")],
        problems=[reported],
    )
    assert by_key(selection.select(workbook, OCTOBER).lines)["F1"].disposition is MAIL


def test_a_statement_alone_under_an_invoice_number_is_held_under_a_key_of_its_own() -> None:
    plan = select(
        residents=[resident_row(), resident_row("R2")],
        contacts=[contact_row(), contact_row("R2", gets_statements=True)],
        invoices=[invoice_row("7")],
        disbursements=[disbursement_row("7", "R2")],
    )
    lines = by_key(plan.lines)
    assert {key: line.disposition for key, line in lines.items()} == {"7": MAIL, "7@D2": HELD}
    assert codes(lines["7@D2"]) == [ProblemCode.DUPLICATE_NUMBER]


def test_a_statement_s_key_is_not_that_of_a_duplicate_invoice() -> None:
    plan = select(
        residents=[resident_row(), resident_row("R2")],
        invoices=[invoice_row("7"), invoice_row("7")],
        disbursements=[disbursement_row("7", "R2"), disbursement_row("7", None)],
    )
    assert {line.key: line.disposition for line in plan.lines} == dict.fromkeys(
        ["7@2", "7@3", "7@D2", "7@D3"], HELD
    )


def test_a_statement_number_of_two_residents_holds_both_lines() -> None:
    plan = select(
        residents=[resident_row(), resident_row("R2")],
        contacts=[contact_row(), contact_row("R2")],
        invoices=[invoice_row("F1"), invoice_row("F2", "R2")],
        disbursements=[disbursement_row("D1"), disbursement_row("D1", "R2")],
    )
    assert {line.key: (line.disposition, codes(line)) for line in plan.lines} == {
        "F1": (HELD, [ProblemCode.DUPLICATE_NUMBER]),
        "F2": (HELD, [ProblemCode.DUPLICATE_NUMBER]),
    }
    assert {p.sheet for p in plan.problems} == {"Débours"}


def test_a_statement_that_names_two_invoices_is_held() -> None:
    plan = select(
        invoices=[invoice_row("F1"), invoice_row("F2")],
        disbursements=[disbursement_row(number="F2"), disbursement_row(number="F1")],
    )
    lines = by_key(plan.lines)
    assert (lines["F1"].disposition, lines["F2"].disposition) == (HELD, MAIL)


def test_a_statement_never_travels_with_another_resident_s_invoice() -> None:
    plan = select(
        residents=[resident_row(), resident_row("R2")],
        contacts=[contact_row(), contact_row("R2", gets_statements=True)],
        invoices=[invoice_row("F1")],
        disbursements=[disbursement_row("D1", "R2", number="F1")],
    )
    lines = by_key(plan.lines)
    assert (lines["F1"].disposition, lines["F1"].statement) == (MAIL, None)
    assert (lines["D1"].disposition, codes(lines["D1"])) == (HELD, [ProblemCode.INVOICE_UNKNOWN])


def test_a_statement_of_a_draft_waits_with_it() -> None:
    plan = select(
        contacts=[contact_row(gets_statements=True)],
        invoices=[invoice_row("F1", status="draft")],
        disbursements=[disbursement_row("D1", number="F1"), disbursement_row("D2", number="F1")],
    )
    assert {line.key: line.disposition for line in plan.lines} == {
        "F1": Disposition.EXCLUDED,
        "D2": Disposition.EXCLUDED,
    }


def test_a_statement_of_a_cancelled_invoice_finds_another_way() -> None:
    cancelled = invoice_row("F1", status="cancelled")
    disbursements = [disbursement_row(number="F1")]
    contacts = [contact_row(gets_statements=True)]
    alone = select(invoices=[cancelled], contacts=contacts, disbursements=disbursements)
    assert by_key(alone.lines)["D1"].disposition is MAIL
    with_next = select(
        invoices=[cancelled, invoice_row("F2")], contacts=contacts, disbursements=disbursements
    )
    statement = by_key(with_next.lines)["F2"].statement
    assert (statement.number, statement.invoice) == ("D1", "")


# -- the provision account -------------------------------------------------------------------------


def test_opening_payments_and_balance() -> None:
    plan = select(
        disbursements=[
            disbursement_row("D0", date=dt.date(2026, 9, 3), amount=Decimal("20.00")),
            disbursement_row("D1", date=dt.date(2026, 9, 28), number="F1", amount=Decimal("5.00")),
            disbursement_row("D1", number="F1", amount=Decimal("7.50")),
        ],
        provisions=[
            provision_row(date=dt.date(2026, 8, 1), amount=Decimal("100.00")),
            provision_row(date=dt.date(2026, 9, 9), direction="refund", amount=Decimal("10.00")),
            provision_row(date=dt.date(2026, 10, 9), direction=None, amount=Decimal("30.00"), label="chèque"),
            provision_row(date=dt.date(2026, 11, 9), amount=Decimal("1000.00")),
            provision_row("R2", date=dt.date(2026, 10, 9), amount=Decimal("1000.00")),
        ],
    )
    statement = one(plan).statement
    assert statement is not None
    assert (statement.opening, statement.total) == (Decimal("70.00"), Decimal("12.50"))
    assert [(p.amount, p.label) for p in statement.payments] == [(Decimal("30.00"), "chèque")]
    assert statement.balance == Decimal("87.50")


def test_without_provisions_there_is_no_opening_balance() -> None:
    earlier = disbursement_row("D0", date=dt.date(2026, 9, 3))
    statement = one(select(disbursements=[earlier, disbursement_row()])).statement
    assert statement is not None
    assert (statement.opening, statement.payments) == (Decimal(0), ())


@UNHURRIED
@given(
    months=st.lists(st.integers(1, 6), min_size=1, max_size=8),
    paid=st.lists(st.tuples(st.integers(1, 6), st.integers(-40, 90)), min_size=1, max_size=8),
)
def test_each_statement_opens_with_what_the_one_before_closed_with(
    months: list[int], paid: list[tuple[int, int]]
) -> None:
    plan = select(
        invoices=[],
        period=Period.parse("2026-01..2026-06"),
        disbursements=[
            disbursement_row(f"D{n}", date=dt.date(2026, month, 3), amount=Decimal(n))
            for n, month in enumerate(months, start=1)
        ],
        provisions=[
            provision_row(date=dt.date(2026, month, 5), amount=Decimal(amount)) for month, amount in paid
        ],
    )
    found = sorted(
        (s for s in (line.statement for line in plan.lines) if s),
        key=lambda s: (s.date.month, natural(s.number)),
    )
    first, last = found[0], found[-1]
    before = sum(Decimal(amount) for month, amount in paid if month < first.date.month)
    assert first.opening == before
    for one_, next_ in pairwise(found):
        between = [a for m, a in paid if one_.date.month < m < next_.date.month]
        assert next_.opening == one_.balance + sum(between)
    received = sum(Decimal(amount) for month, amount in paid if month <= last.date.month)
    assert last.balance == received - sum(s.total for s in found)


# -- deceased residents ----------------------------------------------------------------------------


DEAD = resident_row(death_date=dt.date(2026, 10, 3))


def test_a_deceased_resident_is_held_until_a_person_says_to_whom() -> None:
    plan = select(
        residents=[DEAD], invoices=[invoice_row("F1"), invoice_row("F2"), invoice_row("F3", status="draft")]
    )
    (said,) = plan.problems
    assert (said.code, said.severity, said.held) == (
        ProblemCode.RESIDENT_DECEASED,
        Severity.HOLD,
        ("F1", "F2"),
    )
    assert (said.sheet, said.row, said.column, said.value) == ("Résidents", 2, "Date de décès", "03/10/2026")
    assert [line.disposition for line in plan.lines] == [HELD, HELD, Disposition.EXCLUDED]
    assert [line.parcels for line in plan.lines] == [(), (), ()]


@pytest.mark.parametrize("delivery", ["mail", "paper", "both"])
def test_a_released_line_goes_to_these_addresses_only(delivery: str) -> None:
    plan = select(
        residents=[DEAD | {"delivery": delivery}],
        contacts=[contact_row(gets_statements=True)],
        invoices=[invoice_row("F1"), invoice_row("F2")],
        disbursements=[disbursement_row()],
        released={"F1": ["notaire@example.com", "notaire@example.com", "fils@example.com"], "F2": []},
    )
    lines = by_key(plan.lines)
    assert (lines["F1"].disposition, lines["F1"].paper) == (MAIL, delivery == "both")
    (parcel,) = lines["F1"].parcels
    assert (parcel.deceased, parcel.addressee) == (True, "Succession de Mme Geneviève BŒUF")
    assert parcel.documents == (INVOICE, STATEMENT)
    assert [(r.contact, r.address, r.name) for r in parcel.recipients] == [
        ("", "notaire@example.com", "Succession de Mme Geneviève BŒUF"),
        ("", "fils@example.com", "Succession de Mme Geneviève BŒUF"),
    ]
    assert (lines["F2"].disposition, plan.problems[0].held) == (HELD, ("F2",))


def test_releasing_does_not_lift_another_hold_nor_an_unticking() -> None:
    reported = problem(ProblemCode.NET_SUM, held=("F1",))
    workbook = tables(residents=[DEAD], invoices=[invoice_row(), invoice_row("F2")], problems=[reported])
    released = {"F1": ["n@example.com"], "F2": ["n@example.com"]}
    lines = by_key(selection.select(workbook, OCTOBER, released=released, unticked=["F2"]).lines)
    assert (lines["F1"].disposition, lines["F1"].reasons) == (HELD, (reported,))
    assert lines["F2"].disposition is Disposition.UNTICKED


def test_releasing_a_living_resident_s_line_changes_nothing() -> None:
    line = one(select(released={"F1": ["other@example.com"]}))
    assert list(sent_to(line.parcels)) == ["F1~1"]


# -- what always holds -----------------------------------------------------------------------------

_NUMBERS = st.one_of(st.none(), st.sampled_from(["F1", "F2", "F3", "F4", "D1"]))
_RESIDENTS = st.sampled_from(["R1", "R2", "R3", None])
_DAYS = st.one_of(st.none(), st.dates(dt.date(2026, 9, 1), dt.date(2026, 11, 30)))
_MONEY = st.one_of(st.none(), st.decimals(-500, 500, places=2))
_ADDRESS = st.sampled_from([None, ("a@example.com",), ("A@example.com", "b@example.com"), ("c@example.com",)])


@st.composite
def workbooks(draw: st.DrawFn) -> dict[str, list[Row]]:
    invoices = draw(
        st.lists(
            st.builds(
                invoice_row,
                _NUMBERS,
                _RESIDENTS,
                net=_MONEY,
                start=_DAYS,
                date=_DAYS,
                kind=st.sampled_from(["invoice", "credit_note", None]),
                status=st.sampled_from(["issued", "issued", "draft", "cancelled", None]),
                payer_rank=st.sampled_from([None, None, 1, 2, 9]),
            ),
            max_size=8,
        )
    )
    return {
        "residents": [
            resident_row(
                code,
                delivery=draw(st.sampled_from(["mail", "paper", "both", None])),
                joint=draw(st.booleans()),
                death_date=draw(st.sampled_from([None, None, dt.date(2026, 10, 1)])),
            )
            for code in ("R1", "R2")
        ],
        "contacts": draw(
            st.lists(
                st.builds(
                    contact_row,
                    st.sampled_from(["R1", "R2"]),
                    st.sampled_from([1, 2, 3, None]),
                    email=_ADDRESS,
                    email_2=_ADDRESS,
                    gets_invoices=st.booleans(),
                    gets_statements=st.booleans(),
                ),
                max_size=6,
            )
        ),
        "invoices": invoices,
        "disbursements": draw(
            st.lists(
                st.builds(
                    disbursement_row,
                    st.sampled_from(["D1", "D2", "F1", None]),
                    _RESIDENTS,
                    number=_NUMBERS,
                    date=_DAYS,
                    amount=_MONEY,
                ),
                max_size=6,
            )
        ),
        "provisions": [provision_row()],
    }


@UNHURRIED
@given(workbooks(), st.sets(st.sampled_from(["F1", "F2", "D1"])))
def test_every_row_has_exactly_one_line_and_the_slip_balances(
    sheets: dict[str, list[Row]], unticked: set[str]
) -> None:
    plan = selection.select(tables(**sheets), OCTOBER, unticked=unticked)
    billed = [line for line in plan.lines if line.kind is LineKind.INVOICE]
    assert len({line.key for line in plan.lines}) == len(plan.lines)
    assert len({line.row for line in billed}) == len(billed) == plan.invoices
    drawn = slip(plan, {})
    assert drawn.balanced
    assert sum(total.count for total in drawn.statements.values()) == len(plan.lines) - len(billed)
    assert all(line.box is not Box.ACCEPTED for line in drawn.lines)


@UNHURRIED
@given(workbooks())
def test_no_message_leaves_its_family_and_no_address_gets_a_document_twice(
    sheets: dict[str, list[Row]],
) -> None:
    plan = selection.select(tables(**sheets), OCTOBER)
    contacts = {(c["resident"], c["rank"]): c for c in sheets["contacts"] if c["rank"] is not None}
    for line in plan.lines:
        seen = set()
        mailed = line.disposition is MAIL
        assert bool(line.parcels) == mailed
        assert mailed <= (line.resident is not None and line.resident.death_date is None)
        assert len({parcel.key for parcel in line.parcels}) == len(line.parcels)
        for parcel in line.parcels:
            for recipient in parcel.recipients:
                code, rank = recipient.contact.split("/")
                cells = contacts[code, int(rank)]
                assert line.resident is not None
                assert code == line.resident.code
                assert STATEMENT not in parcel.documents or cells["gets_statements"]
                payer = line.invoice.payer_rank if line.invoice else None
                if INVOICE in parcel.documents:
                    assert (int(rank) == payer) if payer is not None else cells["gets_invoices"]
                for document in parcel.documents:
                    assert (recipient.address.lower(), document) not in seen
                    seen.add((recipient.address.lower(), document))


@UNHURRIED
@given(workbooks())
def test_held_and_printed_lines_say_why(sheets: dict[str, list[Row]]) -> None:
    for line in selection.select(tables(**sheets), OCTOBER).lines:
        if line.disposition is HELD:
            assert line.reasons
            assert all(reason.severity is Severity.HOLD for reason in line.reasons)
        if line.disposition is TO_PRINT:
            assert line.paper
            assert line.reasons or (line.resident and line.resident.delivery == "paper")
        if line.disposition is MAIL and line.kind is LineKind.INVOICE:
            assert line.invoice is not None
