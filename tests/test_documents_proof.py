"""The proof that a PDF is this resident's: what it accepts, and what it must not."""

from __future__ import annotations

import io
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elite_lib.documents import prove, render_invoice, render_statement
from elite_lib.documents.pen import Pen
from tests.support.printed import HOME, INVOICE, LINE, RESIDENT, STATEMENT


def page_with(*texts: str, pages: int = 1) -> bytes:
    pen = Pen(title="t", author="a", lang="fr-FR", stamp="D:20261031")
    for _ in range(pages - 1):
        pen.end_page()
    for place, text in enumerate(texts):
        pen.text(40, 60 + 20 * place, text, size=10, width=520)
    pen.end_page()
    return pen.save()


def saved(document: pikepdf.Pdf, **options: object) -> bytes:
    file = io.BytesIO()
    document.save(file, **options)  # type: ignore[arg-type]
    return file.getvalue()


def test_our_own_documents_are_proved(tmp_path: Path) -> None:
    assert (
        prove(render_invoice(LINE, establishment=HOME, home=tmp_path), number=INVOICE.number, name="Bœuf")
        == ""
    )
    assert (
        prove(
            render_statement(LINE, establishment=HOME, home=tmp_path), number=STATEMENT.number, name="BOEUF"
        )
        == ""
    )


@pytest.mark.parametrize(
    "name",
    [
        "Bœuf", "d’Ornano", "De La Tour-d'Auvergne", "Żółkiewski", "山田", "Null", "Ångström", "L'Hôpital",
        "Ó Conchúir", "Saint-Just", "Ælfgifu", "Zoë", "Nguyễn",
        "Rochefoucauld-Liancourt-Montmorency de Lévis-Mirepoix et de Chambrun",
    ],
)  # fmt: skip
def test_every_name_that_we_print_is_proved(name: str, tmp_path: Path) -> None:
    line = replace(LINE, resident=replace(RESIDENT, last_name=name), addressee=None)
    content = render_invoice(line, establishment=HOME, home=tmp_path)
    assert prove(content, number=INVOICE.number, name=name) == ""


@pytest.mark.parametrize(
    ("text", "number", "name"),
    [
        ("Facture F2026-10-42 Mme LEFEVRE", "F2026-10-42", "Lefèvre"),
        ("Facture f2026 10 42 Mme Le Fèvre", "F2026-10-42", "LE-FEVRE"),
        ("Facture n°F20261042, M. Le Fèvre-", "F2026-10-42", "Lefevre"),
        ("N° 2026/42. Mme B O E U F", "2026/42", "Bœuf"),
        ("FACTURE 000042 Mme D’ALMEIDA", "000042", "d'Almeida"),
        ("Facture : 42 — Monsieur Martin.", "42", "MARTIN"),
        ("F2026‑10‑42 M.MARTIN", "F2026-10-42", "Martin"),
    ],
)
def test_spelling_does_not_matter(text: str, number: str, name: str) -> None:
    assert prove(page_with(text), number=number, name=name) == ""


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("F2026-10-00042", "F2026-10-0004"),
        ("F2026-10-00042", "00042"),
        ("F2026-10-00042", "2026-10-00042"),
        ("AF2026-10-00042", "F2026-10-00042"),
        ("F2026-10-00042-2", "F2026-10-00042"),
        ("F2026-10-00042B", "F2026-10-00042"),
        ("Net 1 042,00 €", "042"),
        ("le 42/10/2026", "42"),
        ("F2026-10-00043", "F2026-10-00042"),
        ("", "F2026-10-00042"),
        ("F2026", ""),
        ("F2026", " - "),
    ],
)
def test_a_part_of_another_number_is_no_proof(text: str, number: str) -> None:
    assert prove(page_with(text, "Martin"), number=number, name="Martin") == "number_missing"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Mme MARTINEAU", "Martin"),
        ("Mme SAINT-MARTIN", "Martin"),
        ("Mme Martin-Dupont", "Martin"),
        ("facilité", "Li"),
        ("Mme DUPOND", "Dupont"),
        ("Mme Martin", ""),
        ("Mme Martin", "-"),
    ],
)
def test_a_part_of_another_name_is_no_proof(text: str, name: str) -> None:
    assert prove(page_with("F1", text), number="F1", name=name) == "name_missing"


def test_number_and_name_may_be_on_different_pages() -> None:
    first, second = page_with("Facture F1"), page_with("Mme Martin")
    with pikepdf.Pdf.open(io.BytesIO(first)) as document, pikepdf.Pdf.open(io.BytesIO(second)) as other:
        document.pages.extend(other.pages)
        assert prove(saved(document), number="F1", name="Martin") == ""


@pytest.mark.parametrize("content", [b"", b"not a PDF", b"%PDF-1.7\n", b"PK\x03\x04"])
def test_what_is_no_pdf_is_unreadable(content: bytes) -> None:
    assert prove(content, number="F1", name="Martin") == "unreadable"


def test_a_file_that_asks_for_a_password_is_told_apart() -> None:
    with pikepdf.Pdf.open(io.BytesIO(page_with("F1 Martin"))) as document:
        content = saved(document, encryption=pikepdf.Encryption(user="secret", owner="secret"))
    assert prove(content, number="F1", name="Martin") == "encrypted"


def test_a_file_without_pages_is_told_apart() -> None:
    with pikepdf.Pdf.new() as document:
        assert prove(saved(document), number="F1", name="Martin") == "no_pages"


def test_a_picture_of_an_invoice_proves_nothing() -> None:
    assert prove(page_with(), number="F1", name="Martin") == "number_missing"


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 60_000), st.binary(min_size=1, max_size=8))
def test_a_damaged_file_never_raises(place: int, damage: bytes) -> None:
    content = bytearray(page_with("F1 Martin"))
    place %= len(content)
    content[place : place + len(damage)] = damage
    assert prove(bytes(content), number="F1", name="Martin") in {
        "", "unreadable", "encrypted", "no_pages", "number_missing", "name_missing",
    }  # fmt: skip


def test_threads_may_prove_at_the_same_time() -> None:
    contents = [page_with(f"F{place} Martin", pages=3) for place in range(24)]
    with ThreadPoolExecutor(4) as threads:
        reasons = list(
            threads.map(lambda place: prove(contents[place], number=f"F{place}", name="Martin"), range(24))
        )
    assert reasons == [""] * 24


def test_a_proof_takes_a_few_milliseconds(tmp_path: Path) -> None:
    content = render_invoice(LINE, establishment=HOME, home=tmp_path)
    start = time.process_time()
    for _ in range(20):
        prove(content, number=INVOICE.number, name="Bœuf")
    assert (time.process_time() - start) / 20 < 0.05
