"""Tax certificates: what is certified, to whom it goes, and that a year is sent beside its months."""

from __future__ import annotations

import datetime as dt
import email
from decimal import Decimal
from email import policy
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elite_lib import batch as batches
from elite_lib import formats, selection
from elite_lib.documents import prove, render_certificate
from elite_lib.exceptions import ConfigError, DocumentError
from elite_lib.models import (
    Box,
    Disposition,
    DocumentKind,
    LineKind,
    Period,
    Plan,
    ProblemCode,
    Resolution,
    Tables,
)
from elite_lib.transports.fake import FakeTransport
from tests.support import billing, offices, workbooks
from tests.support.command import boxes, elite
from tests.support.offices import OCTOBER, address, code
from tests.support.printed import HOME, LINE, text_of

YEAR = Period.parse("ATT-2026")


def book(*invoices: dict[str, Any], lines: list[dict[str, Any]], **sheets: Any) -> Tables:
    codes = dict.fromkeys(row["resident"] for row in invoices if row["resident"])
    standard = {
        "residents": [billing.resident_row(one) for one in codes],
        "contacts": [billing.contact_row(one) for one in codes],
    }
    return billing.tables(invoices=invoices, lines=lines, **(standard | sheets))


def certified(plan: Plan) -> dict[str, Decimal]:
    return {line.key: line.amount for line in plan.lines}


def month(number: int, **cells: Any) -> dict[str, Any]:
    day = dt.date(2026, number, 1)
    return billing.invoice_row(f"F{number}", **({"start": day, "end": None, "date": day} | cells))


# What is certified


def test_only_accommodation_and_dependency_less_aids_are_certified() -> None:
    tables = book(
        month(1, deductions=Decimal("223.50")),
        lines=[
            billing.line_row("F1", section="HEB", amount=Decimal("2000")),
            billing.line_row("F1", section="HEB", amount=Decimal("-60")),  # an absence
            billing.line_row("F1", section="DEP", amount=Decimal("508")),
            billing.line_row("F1", section="DEP", amount=Decimal("-355.50")),  # APA
            billing.line_row("F1", section="PRE", amount=Decimal("35")),
            billing.line_row("F1", section="DIV", amount=Decimal("12")),
        ],
        disbursements=[billing.disbursement_row(date=dt.date(2026, 1, 5))],
    )
    (line,) = selection.certify(tables, YEAR).lines
    assert line.certificate is not None
    (only,) = line.certificate.months
    assert (only.accommodation, only.dependency, only.aids) == (
        Decimal(1940),
        Decimal("152.5"),
        Decimal("223.5"),
    )
    assert line.certificate.base == line.amount == Decimal("1869.00")
    assert (line.key, line.kind, line.month) == ("ATT-2026-R1", LineKind.CERTIFICATE, "ATT-2026")


def test_vat_that_was_borne_is_in_the_base() -> None:
    tables = book(
        month(
            1, vat=Decimal("57.50"), total=Decimal("1107.50"), total_before_tax=Decimal(1050), net="1107.50"
        ),
        lines=[
            billing.line_row("F1", amount=Decimal(1000), vat_rate=Decimal("5.5")),
            billing.line_row("F1", section="PRE", amount=Decimal(25), vat_rate=Decimal(10)),
            billing.line_row("F1", section="DIV", amount=Decimal(25)),
        ],
    )
    assert certified(selection.certify(tables, YEAR)) == {"ATT-2026-R1": Decimal("1055.00")}


def test_credit_notes_count_negative_and_what_was_not_issued_not_at_all() -> None:
    tables = book(
        month(1),
        month(2, kind="credit_note", net="-40.00"),
        month(3, status="draft"),
        month(4, status="cancelled"),
        month(5, date=dt.date(2025, 5, 1), start=dt.date(2025, 5, 1)),
        month(6, date=dt.date(2027, 1, 31), start=dt.date(2026, 12, 31)),  # the month is that of the start
        lines=[
            billing.line_row(f"F{n}", amount=Decimal(amount))
            for n, amount in ((1, "100"), (2, "-40"), (3, "7"), (4, "8"), (5, "9"), (6, "300"))
        ],
    )
    plan = selection.certify(tables, YEAR)
    assert certified(plan) == {"ATT-2026-R1": Decimal(360)}
    assert [m.month for m in plan.lines[0].certificate.months] == ["2026-01", "2026-02", "2026-12"]  # type: ignore[union-attr]


def test_two_invoices_of_a_month_are_one_row() -> None:
    tables = book(
        month(1), month(2, start=dt.date(2026, 1, 9)), lines=[billing.line_row("F1"), billing.line_row("F2")]
    )
    (line,) = selection.certify(tables, YEAR).lines
    (row,) = line.certificate.months  # type: ignore[union-attr]
    assert (row.invoices, row.base) == (("F1", "F2"), Decimal(200))


def test_who_has_nothing_to_certify_is_left_out_and_counted() -> None:
    tables = book(
        month(1), month(2, resident="R2"),
        lines=[billing.line_row("F1", section="PRE"), billing.line_row("F2")],
    )  # fmt: skip
    plan = selection.certify(tables, YEAR)
    assert {line.key: line.disposition for line in plan.lines} == {
        "ATT-2026-R1": Disposition.EXCLUDED,
        "ATT-2026-R2": Disposition.MAIL,
    }
    assert (plan.invoices, plan.euros) == (2, Decimal(100))


# What cannot be certified is held


def reasons(tables: Tables) -> dict[str, list[ProblemCode]]:
    return {
        line.key: [problem.code for problem in line.reasons]
        for line in selection.certify(tables, YEAR).lines
        if line.disposition is Disposition.HELD
    }


def test_an_invoice_held_for_its_figures_holds_the_certificate() -> None:
    doubt = billing.problem(ProblemCode.LINES_SUM, held=("F2",), sheet="Factures", row=3)
    tables = book(
        month(1), month(2), month(3, resident="R2"),
        lines=[billing.line_row(f"F{n}") for n in (1, 2, 3)],
        problems=[doubt],
    )  # fmt: skip
    assert reasons(tables) == {"ATT-2026-R1": [ProblemCode.LINES_SUM]}


def test_a_wrong_mandate_says_nothing_of_the_figures() -> None:
    doubt = billing.problem(ProblemCode.MANDATE_MISSING, held=("F1",), sheet="Résidents", row=2)
    assert reasons(book(month(1), lines=[billing.line_row("F1")], problems=[doubt])) == {}


def test_an_invoice_without_lines_holds_the_certificate() -> None:
    tables = book(month(1, pdf="elsewhere.pdf"), lines=[])
    assert reasons(tables) == {"ATT-2026-R1": [ProblemCode.LINES_MISSING]}


def test_vat_that_no_line_explains_holds_the_certificate() -> None:
    tables = book(month(1, vat=Decimal(20), total=Decimal(120)), lines=[billing.line_row("F1")])
    assert reasons(tables) == {"ATT-2026-R1": [ProblemCode.TOTAL_SUM]}


def test_an_unknown_resident_is_held_and_counted() -> None:
    tables = book(month(1), lines=[billing.line_row("F1")], residents=[])
    plan = selection.certify(tables, YEAR)
    assert [line.disposition for line in plan.lines] == [Disposition.HELD]
    assert (plan.invoices, plan.euros) == (1, Decimal(100))


def test_a_number_borne_twice_is_held_and_adds_nothing() -> None:
    tables = book(
        month(1), billing.invoice_row("F1", date=dt.date(2026, 2, 1), start=dt.date(2026, 2, 1)),
        lines=[billing.line_row("F1")],
    )  # fmt: skip
    assert reasons(tables) == {"ATT-2026-R1": [ProblemCode.DUPLICATE_NUMBER, ProblemCode.DUPLICATE_NUMBER]}
    assert certified(selection.certify(tables, YEAR)) == {"ATT-2026-R1": Decimal(0)}


def test_a_deceased_residents_certificate_waits_for_a_person() -> None:
    died = billing.resident_row("R1", death_date=dt.date(2026, 6, 1))
    tables = book(month(1), lines=[billing.line_row("F1")], residents=[died])
    assert reasons(tables) == {"ATT-2026-R1": [ProblemCode.RESIDENT_DECEASED]}
    plan = selection.certify(tables, YEAR, released={"ATT-2026-R1": ["notaire@example.org"]})
    (parcel,) = plan.lines[0].parcels
    assert [r.address for r in parcel.recipients] == ["notaire@example.org"]


# To whom it goes


def test_it_goes_to_the_contacts_marked_for_invoices_whoever_paid() -> None:
    contacts = [
        billing.contact_row(rank=1),
        billing.contact_row(rank=2, gets_invoices=False, gets_statements=True),
        billing.contact_row(rank=3),
    ]
    tables = book(month(1, payer_rank=2), lines=[billing.line_row("F1")], contacts=contacts)
    (line,) = selection.certify(tables, YEAR).lines
    assert [r.address for p in line.parcels for r in p.recipients] == ["r1.1@example.com", "r1.3@example.com"]
    assert {p.documents for p in line.parcels} == {(DocumentKind.CERTIFICATE,)}


def test_without_an_address_it_is_printed() -> None:
    tables = book(month(1), lines=[billing.line_row("F1")], contacts=[billing.contact_row(email=())])
    (line,) = selection.certify(tables, YEAR).lines
    assert (line.disposition, line.paper) == (Disposition.TO_PRINT, True)


amounts = st.decimals(-500, 3000, places=2)
rows = st.lists(
    st.tuples(
        st.integers(1, 12), st.sampled_from(["R1", "R2", "R3", None]),
        st.sampled_from(["issued", "draft", "cancelled"]), st.lists(amounts, max_size=3),
    ), max_size=10,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(rows)
def test_the_year_balances_whatever_is_in_it(shape: list[Any]) -> None:
    invoices, lines = [], []
    for place, (number, resident, status, sums) in enumerate(shape):
        day = dt.date(2026, number, 1)
        invoices.append(
            billing.invoice_row(
                f"F{place % 7}", resident, date=day, start=day, status=status, deductions=Decimal(3)
            )
        )
        lines += [
            billing.line_row(f"F{place % 7}", amount=amount, section=section)
            for section, amount in zip(("HEB", "DEP", "PRE"), sums, strict=False)
        ]
    plan = selection.certify(book(*invoices, lines=lines), YEAR)
    assert len({line.key for line in plan.lines}) == len(plan.lines) == plan.invoices
    assert sum(certified(plan).values(), Decimal(0)) == plan.euros


# The document


def certificate_line() -> Any:
    tables = book(
        *(month(n, resident="R00042", deductions=Decimal("223.50")) for n in range(1, 13)),
        lines=[
            billing.line_row(f"F{n}", section=section, amount=Decimal(amount))
            for n in range(1, 13)
            for section, amount in (("HEB", "2150.99"), ("DEP", "152.50"), ("PRE", "60"))
        ],
        residents=[billing.resident_row("R00042", birth_date=dt.date(1934, 5, 17), gir="2")],
    )
    return selection.certify(tables, YEAR).lines[0]


def test_the_certificate_says_what_was_borne_and_by_whom() -> None:
    line = certificate_line()
    content = render_certificate(line, establishment=HOME, home=Path())
    text = text_of(content)
    for expected in (
        "ATTESTATION FISCALE",
        "n° ATT-2026-R00042",
        "Année 2026 — arrêtée au 31/12/2026",
        "Résidente : Mme Geneviève BŒUF",
        "Né(e) le 17/05/1934",
        "199 quindecies",
        "janvier 2026 F1 2 150,99 € 152,50 € −223,50 € 2 079,99 €",
        "Base de la réduction d’impôt",
        "24 959,88 €",
        "Attestation fiscale n° ATT-2026-R00042 — page 1/1",
    ):
        assert expected in text
    assert "GIR" not in text  # health data
    assert text.index("Nous attestons") < text.index("janvier") < text.index("Base de la réduction")
    assert prove(content, number="ATT-2026-R00042", name="Bœuf") == ""
    assert content == render_certificate(line, establishment=HOME, home=Path())


def test_a_line_without_certificate_is_an_error() -> None:
    with pytest.raises(DocumentError) as raised:
        render_certificate(LINE, establishment=HOME, home=Path())
    assert raised.value.code == "certificate_missing"


# The period


def test_a_year_of_certificates_is_in_no_period_of_months() -> None:
    for months in ("2026-01..2026-12", "2025-12..2027-01", "2026-12"):
        assert YEAR.key not in Period.parse(months)
    assert "2026-06" not in YEAR
    assert YEAR.key in YEAR
    assert (YEAR.year, OCTOBER.year) == ("2026", "")
    assert (YEAR.start, YEAR.end) == (dt.date(2026, 1, 1), dt.date(2026, 12, 31))
    assert (formats.month(YEAR.key), formats.of_month(YEAR.key)) == ("année 2026", "de l’année 2026")


@pytest.mark.parametrize("text", ["ATT-26", "ATT-2026-10", "att-2026", "ATT-2026..ATT-2027", "2026"])
def test_what_is_no_year_of_certificates_is_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        Period.parse(text)


@pytest.mark.parametrize("year", ["26", "2026-10", "", "²⁰²⁶", "deux"])
def test_what_is_no_year_is_refused(year: str) -> None:
    with pytest.raises(ConfigError) as raised:
        batches.certificate_period(year)
    assert raised.value.code == "year_invalid"


# Sent on the one path


def test_a_year_is_sent_and_balances_beside_its_months(tmp_path: Path) -> None:
    root = offices.make_home(tmp_path / "home", 3)
    transport = FakeTransport()
    with offices.open_office(root) as office:
        october = batches.prepare(office, OCTOBER).batch
        prepared = batches.prepare(office, YEAR)
        assert prepared.batch.id.startswith("ATT-2026-")
        assert batches.prepare(office, YEAR).batch.id == prepared.batch.id
        assert office.outbox.read(prepared.batch.id).id == prepared.batch.id
        newest = batches.newest_batch(office, OCTOBER)
        assert newest is not None
        assert newest.id == october.id  # the year does not supersede its months
        offices.run(office, prepared.batch, transport)
        slip = batches.survey(office, YEAR).slip
    assert slip.balanced
    assert slip.boxes[Box.ACCEPTED].count == slip.invoices == 3
    assert slip.boxes[Box.ACCEPTED].euros == slip.euros == Decimal(6000)
    assert boxes(root) == {"pending": 3}  # October's invoices
    letters = [email.message_from_bytes(s.content, policy=policy.default) for s in transport.stored]
    assert (
        letters[0]["Subject"] == "Les Tilleuls – attestation fiscale de l’année 2026 – Mme Geneviève DUPONT1"
    )
    (pdf,) = letters[0].iter_attachments()
    assert pdf.get_filename() == "Attestation_ATT-2026-R00001_Dupont1.pdf"
    assert "ATT-2026-R00001" in text_of(pdf.get_content())
    assert elite("status", "ATT-2026", home=root).code == 0


def test_an_accepted_certificate_is_not_sent_again_nor_a_changed_one(tmp_path: Path) -> None:
    root = offices.make_home(tmp_path / "home", 2)
    with offices.open_office(root) as office:
        offices.run(office, batches.prepare(office, YEAR).batch)
        again = FakeTransport()
        offices.run(office, batches.prepare(office, YEAR).batch, again)
        assert again.stored == []
    lines = [workbooks.line(offices.invoice_number(n), amount=1000.0 * n) for n in (1, 2)]
    changed = workbooks.invoice(offices.invoice_number(1), code(1)) | {
        "Total HT": 1000.0, "Total TTC": 1000.0, "Net à payer": 1000.0,
    }  # fmt: skip
    factures = [changed, workbooks.invoice(offices.invoice_number(2), code(2))]
    offices.write_workbook(root / "factures.xlsx", 2, factures=factures, lignes=lines)
    with offices.open_office(root) as office:
        held = batches.prepare(office, YEAR).held
    assert [(line.key, line.reasons[0].code) for line in held] == [
        ("ATT-2026-R00001", ProblemCode.CHANGED_AFTER_ACCEPTANCE)
    ]


def test_the_print_pile_of_a_year_holds_its_certificates(tmp_path: Path) -> None:
    contacts = [workbooks.contact(code(n), **{"E-mail": "" if n == 2 else address(n)}) for n in (1, 2)]
    root = offices.make_home(tmp_path / "home", 2, contacts=contacts)
    with offices.open_office(root) as office:
        pile = batches.print_pile(office, YEAR, file=tmp_path / "pile.pdf")
    assert [line.key for line in pile.lines] == ["ATT-2026-R00002"]
    assert boxes(root, "ATT-2026") == {"pending": 1, "to_print": 1}


def test_a_deceased_residents_certificate_is_released_like_an_invoice(tmp_path: Path) -> None:
    residents = [workbooks.resident(code(1), **{"Date de décès": dt.date(2026, 11, 2)})]
    root = offices.make_home(tmp_path / "home", 1, residents=residents)
    transport = FakeTransport()
    with offices.open_office(root) as office:
        assert [line.key for line in batches.prepare(office, YEAR).held] == ["ATT-2026-R00001"]
        batches.settle(
            office, YEAR, "ATT-2026-R00001", resolution=Resolution.RESEND, to=["notaire@example.org"]
        )
        offices.run(office, batches.prepare(office, YEAR).batch, transport)
    assert offices.recipients(transport) == ["notaire@example.org"]
    letter = email.message_from_bytes(transport.stored[0].content, policy=policy.default)
    body = letter.get_body(("plain",))
    assert body is not None
    assert "attestation fiscale de l’année 2026" in body.get_content()


# The command


def test_the_command_writes_the_files_and_says_what_is_left_out(tmp_path: Path) -> None:
    factures = [workbooks.invoice(offices.invoice_number(n), code(n)) for n in (1, 2, 3)]
    lines = [workbooks.line(offices.invoice_number(n), amount=2000.0) for n in (1, 2)]
    lines += [workbooks.line(offices.invoice_number(3), amount=1.0)]  # does not add up
    root = offices.make_home(tmp_path / "home", 3, factures=factures, lignes=lines)
    said = elite("certificates", "2026", "-o", tmp_path / "out", home=root)
    assert said.code == 3
    assert "4\u00a0000,00\u00a0€" in said.out
    assert offices.invoice_number(3) in said.err
    files = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert files == ["Attestation_ATT-2026-R00001_Dupont1.pdf", "Attestation_ATT-2026-R00002_Dupont2.pdf"]
    assert (tmp_path / "out" / files[0]).stat().st_mode & 0o777 == 0o600
    with pikepdf.open(tmp_path / "out" / files[0]) as document:
        assert len(document.pages) == 1


def test_the_command_freezes_the_messages_and_says_how_to_send_them(tmp_path: Path) -> None:
    root = offices.make_home(tmp_path / "home", 2)
    said = elite("certificates", "2026", "--send-ready", home=root)
    assert said.code == 0
    assert "elite send ATT-2026 --yes" in said.out
    with offices.open_office(root) as office:
        frozen = batches.newest_batch(office, YEAR)
        assert frozen is not None
        assert len(frozen.messages) == 2


def test_a_year_without_invoices_is_an_error(tmp_path: Path) -> None:
    root = offices.make_home(tmp_path / "home", 1)
    assert elite("certificates", "2019", home=root).code == 1
    assert elite("certificates", "19", home=root).code == 1
