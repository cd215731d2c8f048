"""Invoice and statement as a family reads them: what is printed, where, and how it reads back."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from elite_lib import documents, formats
from elite_lib.documents import prove
from elite_lib.documents.invoice import VatRow, vat_by_rate
from elite_lib.exceptions import DocumentError
from elite_lib.models import InvoiceKind
from tests.support.printed import (
    INVOICE,
    LINE,
    STATEMENT,
    billed,
    invoice,
    printed,
    row,
    statement,
    text_of,
)

# Content


def test_an_invoice_shows_what_the_law_and_the_family_ask_for() -> None:
    text = text_of(invoice())
    for expected in (
        "EHPAD Les Tilleuls",
        "Association Les Tilleuls (loi 1901)",
        "SIRET 732 829 320 00074 — APE 8710A",
        "FINESS 440012345 — N° TVA FR44732829320",
        "FACTURE",
        "n° F2026-10-00042",
        "Date : 31/10/2026 — Échéance : 10/11/2026",
        "Période : du 1er au 31 octobre 2026",
        "Résidente : Mme Geneviève BŒUF",
        "Chambre 214 — GIR 2",
        "Exonération de TVA, art. 261, 7-1° b du CGI.",
        "Médiateur de la consommation : Médiation Exemple, 75000 Paris",
        "Facture n° F2026-10-00042 — page 1/1",
    ):
        assert expected in text


def test_every_amount_of_the_invoice_is_printed() -> None:
    text = text_of(invoice())
    amounts = [line.amount for line in INVOICE.lines] + [Decimal("2150.99"), Decimal("152.50"), Decimal(60)]
    amounts += [INVOICE.total, -INVOICE.deductions, -INVOICE.down_payments, INVOICE.net]
    for amount in amounts:
        assert printed(formats.amount(amount)) in text
    for label in (
        "Sous-total hébergement",
        "Sous-total dépendance",
        "Aides et déductions",
        "Acomptes versés",
    ):
        assert label in text


def test_the_text_is_read_in_the_order_of_the_page() -> None:
    text = text_of(invoice())
    order = ["EHPAD Les", "FACTURE", "Madame Hélène", "Désignation", "Hébergement", "Chambre individuelle"]
    order += [
        "Sous-total hébergement",
        "Tarif dépendance",
        "Repas",
        "Net à payer",
        "IBAN",
        "Exonération",
        "page 1/1",
    ]
    places = [text.index(part) for part in order]
    assert places == sorted(places)


def test_a_credit_note_names_its_invoice() -> None:
    line = billed(
        kind=InvoiceKind.CREDIT_NOTE,
        number="A2026-10-00007",
        origin="F2026-09-00042",
        lines=(row(1, "HEB", "Trop-perçu", "-120.50"),),
        net=Decimal("-120.50"),
    )
    text = text_of(invoice(line))
    assert "AVOIR" in text
    assert "Avoir sur la facture n° F2026-09-00042" in text
    assert "Échéance" not in text
    assert "Solde en votre faveur : 120,50 €" in text
    assert "Net à payer −120,50 €" in text


def test_a_month_without_lines_is_still_a_document() -> None:
    assert prove(invoice(billed(lines=())), number=INVOICE.number, name="Bœuf") == ""


def test_a_line_without_its_document_is_an_error() -> None:
    with pytest.raises(DocumentError) as raised:
        invoice(replace(LINE, invoice=None))
    assert raised.value.code == "invoice_missing"
    assert raised.value.fields == {"number": "F2026-10-00042"}
    with pytest.raises(DocumentError) as raised:
        statement(replace(LINE, statement=None))
    assert raised.value.code == "statement_missing"


def test_columns_appear_only_where_a_line_fills_them() -> None:
    bare = text_of(invoice(billed(lines=(row(1, "DIV", "Frais", "10"),))))
    full = text_of(invoice())
    assert "Unité" not in bare
    assert "Unité" in full
    assert "TVA\n" not in full


def test_a_unit_price_keeps_its_decimals() -> None:
    line = billed(lines=(row(1, "DIV", "kWh", "10", unit_price=Decimal("0.12345"), quantity=Decimal("2.5")),))
    text = text_of(invoice(line))
    assert "0,1235 €" in text
    assert "2,5" in text


def test_days_of_another_year_carry_their_year() -> None:
    december = {"start": dt.date(2025, 12, 30), "end": dt.date(2026, 1, 2)}
    text = text_of(invoice(billed(lines=(row(1, "HEB", "Chambre", "10", **december),), **december)))
    assert "Période : du 30 décembre 2025 au 2 janvier 2026" in text
    assert "30/12–02/01/26" in text


# VAT

TAXED: dict[str, Any] = {
    "lines": (
        row(1, "HEB", "Chambre", "1000", vat_rate=Decimal("5.5")),
        row(2, "PRE", "Repas", "25", vat_rate=Decimal(10)),
        row(3, "PRE", "Repas", "12.50", vat_rate=Decimal("10.0")),
        row(4, "DIV", "Caution", "10", vat_rate=Decimal(0)),
    ),
    "total_before_tax": Decimal("1047.50"),
    "vat": Decimal("58.75"),
    "total": Decimal("1106.25"),
}


def test_vat_is_added_up_by_rate() -> None:
    text = text_of(invoice(billed(**TAXED)))
    for expected in (
        "Montant HT",
        "Total HT",
        "Total TTC",
        "1 106,25 €",
        "5,5 %",
        "55,00 €",
        "3,75 €",
        "Sans TVA",
    ):
        assert expected in text


def test_a_cent_of_rounding_goes_to_the_largest_base() -> None:
    rates = vat_by_rate(replace(INVOICE, **{**TAXED, "vat": Decimal("58.76")}))
    assert rates == (
        VatRow(rate=Decimal(0), base=Decimal(10), tax=None),
        VatRow(rate=Decimal("5.5"), base=Decimal(1000), tax=Decimal("55.01")),
        VatRow(rate=Decimal(10), base=Decimal("37.50"), tax=Decimal("3.75")),
    )


def test_taxes_that_do_not_add_up_are_not_invented() -> None:
    rates = vat_by_rate(replace(INVOICE, **{**TAXED, "vat": Decimal(70)}))
    assert [rate.tax for rate in rates] == [None, None, None]


def test_without_rates_there_is_no_vat_table() -> None:
    assert vat_by_rate(INVOICE) == ()


# The statement


def test_a_statement_lists_its_sums_and_closes_its_balance() -> None:
    text = text_of(statement())
    for expected in (
        "RELEVÉ DE DÉBOURS",
        "n° D2026-10-00042",
        "Période : octobre 2026",
        "Ce relevé n’est pas une facture.",
        "Joint à la facture n° F2026-10-00042",
        "02/10/2026",
        "Pharmacie du Marché",
        "PH-88213",
        "23,47 €",
        "Provision antérieure",
        "Versement famille — 04/10/2026",
        "−115,22 €",
        "Solde dû à l’établissement",
        "5,22 €",
        "Débours hors base d’imposition",
    ):
        assert expected in text
    assert text.index("Pharmacie du Marché") < text.index("Salon Élégance")  # by date
    assert "IBAN" not in text
    assert "GIR" not in text  # health data, which a relevé does not need


@pytest.mark.parametrize(
    ("opening", "label"), [("100", "Solde de provision en votre faveur"), ("55.22", "Solde 0,00 €")]
)
def test_a_balance_says_whose_it_is(opening: str, label: str) -> None:
    line = replace(LINE, statement=replace(STATEMENT, opening=Decimal(opening)))
    assert label in text_of(statement(line))


def test_the_room_offers_what_the_contract_says() -> None:
    assert documents.__all__ == [
        "address_lines",
        "merge",
        "pictures",
        "preview",
        "prove",
        "render_certificate",
        "render_invoice",
        "render_statement",
    ]
