"""The documents word for word: what changes here changes for every family.

After a change that is meant, ``python -m tests.test_documents_golden`` writes the files again: read the
difference.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from elite_lib.models import InvoiceKind, PaymentMode
from tests.support.printed import LINE, billed, certificate, invoice, many_lines, row, statement, text_of

GOLDEN = Path(__file__).parent / "golden"


def credit_note() -> bytes:
    lines = (row(1, "HEB", "Trop-perçu", "-120.50"),)
    amount = Decimal("-120.50")
    return invoice(
        billed(
            kind=InvoiceKind.CREDIT_NOTE, number="A2026-10-00007", origin="F2026-09-00042",
            lines=lines,
            total_before_tax=amount, total=amount, net=amount,
            deductions=Decimal(0), down_payments=Decimal(0),
        )
    )  # fmt: skip


def taxed() -> bytes:
    lines = (
        row(1, "HEB", "Chambre", "1000", vat_rate=Decimal("5.5")),
        row(2, "PRE", "Repas", "25", vat_rate=Decimal(10)),
    )
    return invoice(
        billed(
            lines=lines, total_before_tax=Decimal(1025), vat=Decimal("57.50"), total=Decimal("1082.50"),
            net=Decimal("559.00"),
        )
    )  # fmt: skip


def bare() -> bytes:
    """An invoice whose resident and contacts nobody knows."""
    return invoice(replace(LINE, resident=None, addressee=None))


DOCUMENTS: dict[str, Callable[[], bytes]] = {
    "transfer": invoice,
    "direct_debit": lambda: invoice(billed(payment_mode=PaymentMode.DIRECT_DEBIT)),
    "cheque": lambda: invoice(billed(payment_mode=PaymentMode.CHEQUE)),
    "credit_note": credit_note,
    "taxed": taxed,
    "several_pages": lambda: invoice(many_lines()),
    "nobody": bare,
    "statement": statement,
    "certificate": certificate,
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_document_is_word_for_word(name: str) -> None:
    assert text_of(DOCUMENTS[name]()) + "\n" == (GOLDEN / f"{name}.txt").read_text(encoding="utf-8")


def test_no_file_is_left_over() -> None:
    assert {path.stem for path in GOLDEN.iterdir()} == set(DOCUMENTS)


if __name__ == "__main__":
    for name, make in DOCUMENTS.items():
        (GOLDEN / f"{name}.txt").write_text(text_of(make()) + "\n", encoding="utf-8")
