"""How a bill is paid, and what the QR code says."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2
import pytest
import segno
import zxingcpp

from elite_lib.documents import render_invoice
from elite_lib.documents.payment import epc_payload, payment_of, valid_iban
from elite_lib.models import Establishment, InvoiceKind, PaymentMode, Resident
from tests.support.printed import HOME, INVOICE, LINE, RESIDENT, billed, invoice, printed

IBAN = "FR7630006000011234567890189"
PAYLOAD = f"BCD\n002\n1\nSCT\nAGRIFRPP\nEHPAD Les Tilleuls\n{IBAN}\nEUR1839.99\n\n\nF2026-10-00042"


def block(
    *, home: Establishment = HOME, resident: Resident | None = RESIDENT, **changes: Any
) -> tuple[str, tuple[str, ...], bool]:
    payment = payment_of(replace(INVOICE, **changes), resident=resident, establishment=home)
    return printed(payment.heading), tuple(map(printed, payment.lines)), bool(payment.qr)


def test_a_transfer_has_account_reference_and_code() -> None:
    heading, lines, qr = block()
    assert "QR SEPA" in heading
    assert lines == (
        "IBAN FR76 3000 6000 0112 3456 7890 189 — BIC AGRIFRPP",
        "Bénéficiaire : EHPAD Les Tilleuls",
        "Référence à rappeler : F2026-10-00042 — Montant : 1 839,99 €",
        "À régler avant le 10/11/2026",
    )
    assert qr


@pytest.mark.parametrize("iban", ["", "FR76 3000 6000 0112 3456 7890 188", "FR76", "néant", "XX00"])
def test_a_wrong_account_is_neither_printed_nor_coded(iban: str) -> None:
    heading, lines, qr = block(home=replace(HOME, iban=iban))
    assert heading == "Règlement par virement"
    assert not qr
    assert not any("IBAN" in line for line in lines)


@pytest.mark.parametrize("net", ["0", "-120.50"])
def test_nothing_to_pay_has_no_code(net: str) -> None:
    heading, lines, qr = block(net=Decimal(net))
    assert not qr
    assert "Il n’y a rien à payer." in (heading, *lines)


def test_a_credit_balance_is_told_as_one() -> None:
    assert block(net=Decimal("-120.50"))[0] == "Solde en votre faveur : 120,50 €"


def test_a_credit_note_is_never_paid() -> None:
    assert not block(kind=InvoiceKind.CREDIT_NOTE)[2]


def test_a_direct_debit_has_mandate_creditor_and_date_and_no_code() -> None:
    heading, lines, qr = block(payment_mode=PaymentMode.DIRECT_DEBIT)
    assert heading == "Prélèvement automatique le 10/11/2026"
    assert lines == (
        "Montant : 1 839,99 €",
        "Référence unique du mandat (RUM) : RUM-0042-1, signé le 03/02/2024",
        "Identifiant du créancier (ICS) : FR12ZZZ123456",
        "Le montant sera prélevé : aucun virement n’est à effectuer.",
    )
    assert not qr


def test_an_invoice_without_a_mode_is_paid_as_the_resident_pays() -> None:
    debit = replace(RESIDENT, payment_mode=PaymentMode.DIRECT_DEBIT)
    assert block(payment_mode=PaymentMode.UNSET, resident=debit)[0].startswith("Prélèvement")
    assert block(payment_mode=PaymentMode.UNSET)[2]
    assert block(payment_mode=PaymentMode.TRANSFER, resident=debit)[2]


def test_a_cheque_names_its_payee() -> None:
    heading, lines, qr = block(payment_mode=PaymentMode.CHEQUE)
    assert (heading, lines[0], qr) == ("Règlement par chèque", "À l’ordre de EHPAD Les Tilleuls", False)


def test_the_payload_is_that_of_the_standard() -> None:
    assert epc_payload(HOME, IBAN, amount=INVOICE.net, reference=INVOICE.number) == PAYLOAD


def test_line_breaks_cannot_move_the_fields_of_the_payload() -> None:
    home = replace(HOME, name="EHPAD\nFR00", bic="AGRI FRPP")
    lines = epc_payload(home, IBAN, amount=Decimal(5), reference="a\nb").split("\n")
    assert (lines[4], lines[5], lines[7], lines[10]) == ("AGRIFRPP", "EHPAD FR00", "EUR5.00", "a b")


@pytest.mark.parametrize("amount", ["0.00", "1000000000"])
def test_amounts_that_the_standard_does_not_allow_have_no_payload(amount: str) -> None:
    assert epc_payload(HOME, IBAN, amount=Decimal(amount), reference="1") == ""


def test_a_payload_has_at_most_331_bytes() -> None:
    home = replace(HOME, name="é" * 500)
    assert len(epc_payload(home, IBAN, amount=Decimal(5), reference="1").encode()) <= 331
    assert epc_payload(home, IBAN, amount=Decimal(5), reference="山" * 200) == ""


def test_an_account_number_is_checked() -> None:
    assert valid_iban(HOME.iban) == IBAN
    assert valid_iban("FR7630006000011234567890188") == ""


def test_the_drawn_code_is_the_payload(tmp_path: Path) -> None:
    content = render_invoice(LINE, establishment=HOME, home=tmp_path)
    with pypdfium2.PdfDocument(content) as document:
        pixels = document[0].render(scale=6).to_numpy()
    black = (pixels == 0).all(axis=2)  # nothing else on the page is pure black
    rows, columns = np.where(black)
    code = black[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    wanted = np.array(
        [
            list(row)
            for row in segno.make(PAYLOAD, error="m", mask=3, boost_error=False, encoding="utf-8").matrix
        ]
    )
    count = len(wanted)
    middles = ((np.arange(count) + 0.5) * code.shape[0] / count).astype(int)
    assert (code[np.ix_(middles, middles)] == (wanted == 1)).all()


def test_the_code_has_its_quiet_zone(tmp_path: Path) -> None:
    content = render_invoice(LINE, establishment=HOME, home=tmp_path)
    with pypdfium2.PdfDocument(content) as document:
        pixels = document[0].render(scale=6).to_numpy()
    rows, columns = np.where((pixels == 0).all(axis=2))
    module = (rows.max() - rows.min() + 1) / (21 + 4 * 5)  # version 6
    zone = int(4 * module) - 1
    around = pixels[rows.min() - zone : rows.max() + zone, columns.min() - zone : columns.max() + zone].min(
        axis=2
    )
    around[zone - 2 : 2 - zone, zone - 2 : 2 - zone] = 255  # the code, with its softened edge
    assert (around > 250).all()


def codes_of(content: bytes, dpi: int) -> list[str]:
    """Read the QR codes of the first page as a telephone would: from the picture."""
    with pypdfium2.PdfDocument(content) as document:
        picture = document[0].render(scale=dpi / 72).to_pil()
    return [code.text for code in zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode)]


@pytest.mark.parametrize("dpi", [100, 150, 300])
def test_a_telephone_reads_the_payment_from_the_page(dpi: int) -> None:
    assert codes_of(invoice(), dpi) == [PAYLOAD]


def test_a_telephone_reads_accents_and_the_cents() -> None:
    home = replace(HOME, name="Résidence « L’Œuvre »")
    (read,) = codes_of(invoice(billed(net=Decimal("0.01"), number="É-000123"), home), 150)
    assert read.split("\n")[5:11] == ["Résidence « L’Œuvre »", IBAN, "EUR0.01", "", "", "É-000123"]


@pytest.mark.parametrize(
    "changes",
    [
        {"payment_mode": PaymentMode.DIRECT_DEBIT},
        {"payment_mode": PaymentMode.CHEQUE},
        {"net": Decimal("-12.50")},
        {"net": Decimal(0)},
        {"kind": InvoiceKind.CREDIT_NOTE},
    ],
)
def test_no_code_is_on_the_page_of_what_is_not_paid_by_transfer(changes: dict[str, Any]) -> None:
    assert codes_of(invoice(billed(**changes)), 150) == []
