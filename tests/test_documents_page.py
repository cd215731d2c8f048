"""Where things are on the page, over several pages, and what the file is made of."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
from dataclasses import replace
from decimal import Decimal
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
import pypdfium2
import pytest

from elite_lib import formats
from elite_lib.documents import address_lines, prove
from elite_lib.models import PaymentMode
from tests.support import needs
from tests.support.printed import (
    HOME,
    INVOICE,
    LINE,
    MM,
    RESIDENT,
    billed,
    certificate,
    draw_logo,
    invoice,
    many_lines,
    pages_of,
    printed,
    rectangles_of,
    row,
    statement,
    text_of,
)

WINDOW = (110 * MM, 55 * MM, 195 * MM, 88 * MM)  # left, top, right, bottom


# Places


@pytest.mark.parametrize("render", [invoice, statement])
def test_the_window_holds_the_address_and_nothing_else(render: Any) -> None:
    content = render()
    left, top, right, bottom = WINDOW
    with pypdfium2.PdfDocument(content) as document:
        page = document[0]
        height = page.get_height()
        inside = page.get_textpage().get_text_bounded(left, height - bottom, right, height - top)
        others = [thing for thing in page.get_objects() if thing.type != pypdfium2.raw.FPDF_PAGEOBJ_TEXT]
        overlapping = [
            thing.get_bounds()
            for thing in others
            if thing.get_bounds()[0] < right
            and thing.get_bounds()[2] > left
            and thing.get_bounds()[1] < height - top
            and thing.get_bounds()[3] > height - bottom
        ]
    assert tuple(inside.split("\r\n")) == address_lines(LINE)
    assert overlapping == []


@pytest.mark.parametrize("render", [invoice, statement, certificate])
def test_on_the_drawn_page_all_ink_near_the_window_is_well_within_it(render: Any) -> None:
    dpi = 200
    with pypdfium2.PdfDocument(render()) as document:
        dark = document[0].render(scale=dpi / 72).to_numpy().min(axis=2) < 200
    dot = dpi / 25.4  # dots per millimetre
    left, top, right, bottom = (round(edge * dot) for edge in (110, 55, 195, 88))
    rows, columns = np.where(dark[top:bottom, left:right])
    assert len(rows) > 1000
    # an envelope's sheet slips by some millimetres: the address keeps away from the edges
    assert min(rows.min(), bottom - top - rows.max()) > 3 * dot
    assert min(columns.min(), right - left - columns.max()) > 3 * dot
    around = dark[
        top - round(3 * dot) : bottom + round(3 * dot), left - round(3 * dot) : right + round(3 * dot)
    ]
    assert around.sum() == len(rows)  # nothing crosses the frame


def test_six_full_lines_stay_within_the_window() -> None:
    contact = replace(
        LINE.addressee,
        last_name="W" * 60,
        address_1="W" * 60 + "\n" + "W" * 60,
        address_2="W" * 60,
        town="W" * 60,
    )
    found = [
        place for place in rectangles_of(invoice(replace(LINE, addressee=contact))) if "WWWW" in place.text
    ]
    assert len(found) == 5
    left, top, right, bottom = WINDOW
    for place in found:
        assert left < place.left < place.right < right
        assert top < place.top < place.bottom < bottom


def test_folds_are_marked_at_99_and_198_millimetres() -> None:
    with pypdfium2.PdfDocument(invoice()) as document:
        page = document[0]
        marks = [
            round((page.get_height() - (bounds[1] + bounds[3]) / 2) / MM, 1)
            for thing in page.get_objects()
            if (bounds := thing.get_bounds())[2] < 14 * MM
        ]
    assert marks == [99.0, 198.0]


# Several pages


def test_many_lines_go_over_pages_with_their_sums() -> None:
    pages = pages_of(invoice(many_lines()))
    assert len(pages) == 3
    for place, page in enumerate(pages, start=1):
        assert f"Facture n° F2026-10-00042 — page {place}/3" in page
        assert page.count("Désignation") == 1
    carried = [page.split("À reporter ")[1].split("\n")[0] for page in pages[:-1]]
    forward = [page.split("Report ")[1].split("\n")[0] for page in pages[1:]]
    assert carried == forward
    shown = pages[0].count("\nPrestation ")
    assert carried[0] == printed(formats.amount(Decimal("12.34") * shown))
    everything = "\n".join(pages)
    assert all(f"Prestation {place} " in everything for place in range(90))
    assert "Net à payer" in pages[-1]
    assert "Net à payer" not in pages[0]
    assert "Mme Geneviève BŒUF" in pages[1]


def test_a_long_label_is_broken_and_kept_whole() -> None:
    label = "Accompagnement individuel à un rendez-vous extérieur, aller et retour, avec un véhicule adapté"
    text = text_of(invoice(billed(lines=(row(1, "PRE", label, "35"),))))
    assert label in text.replace("\n", " ")


# Bytes


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    draw_logo(tmp_path / "logo.png")
    home = replace(HOME, logo="logo.png")
    assert invoice(LINE, home, tmp_path) == invoice(LINE, home, tmp_path)
    assert statement() == statement()
    assert invoice() != invoice(billed(number="F2026-10-00043"))


def test_another_process_gives_the_same_bytes() -> None:
    code = (
        "import hashlib; from tests.test_documents_page import invoice, many_lines\n"
        "print(hashlib.sha256(invoice()).hexdigest(), hashlib.sha256(invoice(many_lines())).hexdigest())"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "7", "SOURCE_DATE_EPOCH": "1000000000", "TZ": "Asia/Tokyo"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env=environment,
        cwd=Path(__file__).parents[1],
        check=True,
    )
    here = [hashlib.sha256(content).hexdigest() for content in (invoice(), invoice(many_lines()))]
    assert done.stdout.split() == here


def test_two_contents_have_two_identifiers() -> None:
    first, second = invoice(), invoice(billed(net=Decimal("1839.98")))
    identifiers = [pikepdf.Pdf.open(io.BytesIO(content)).trailer.ID[0] for content in (first, second)]
    assert bytes(identifiers[0]) != bytes(identifiers[1])


def test_the_file_says_what_it_is() -> None:
    with pikepdf.Pdf.open(io.BytesIO(invoice())) as document:
        assert str(document.docinfo["/Title"]) == "Facture n°\u00a0F2026-10-00042"
        assert str(document.docinfo["/Author"]) == "EHPAD Les Tilleuls"
        assert str(document.docinfo["/CreationDate"]).startswith("D:20261031")
        assert str(document.Root.Lang) == "fr-FR"
        fonts = document.pages[0].obj.Resources.Font
        assert all("/FontFile2" in font.FontDescriptor for font in fonts.values())
        filters = document.pages[0].obj.Contents.Filter
        assert [str(name) for name in filters] == ["/FlateDecode"]


def test_an_invoice_weighs_less_than_a_hundred_kilobytes() -> None:
    assert len(invoice()) < 100_000


def test_qpdf_finds_no_fault(tmp_path: Path) -> None:
    qpdf = needs.program("qpdf")
    draw_logo(tmp_path / "logo.png")
    resident = replace(RESIDENT, last_name="Żółć 山")
    line = replace(many_lines(), resident=resident)
    for place, content in enumerate((invoice(line, replace(HOME, logo="logo.png"), tmp_path), statement())):
        file = tmp_path / f"{place}.pdf"
        file.write_bytes(content)
        done = subprocess.run([qpdf, "--check", file], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")


def test_poppler_reads_the_same_lines(tmp_path: Path) -> None:
    pdftotext = needs.program("pdftotext")
    file = tmp_path / "invoice.pdf"
    file.write_bytes(invoice())
    text = subprocess.run(
        [pdftotext, "-layout", file, "-"], capture_output=True, encoding="utf-8", check=True
    ).stdout
    rows = [" ".join(line.split()) for line in text.splitlines()]
    assert "Chambre individuelle 01/10–31/10 31 jour 71,49 € 2 216,19 €" in rows
    assert "Sous-total hébergement 2 150,99 €" in rows
    assert "Net à payer 1 839,99 €" in rows


# Hostile input

LONG = "Wolfeschlegelsteinhausen-" * 400
HOSTILE = replace(
    LINE,
    resident=replace(
        RESIDENT, last_name=LONG, first_name="\u202eÉ\x00lo\u200fïse 山 😀", room=LONG, gir=LONG
    ),
    addressee=replace(
        LINE.addressee,
        first_name="\x1b[31m",
        last_name=LONG,
        address_1=LONG,
        address_2=f"{LONG}\n{LONG}",
        postcode=LONG,
        town=LONG,
        country=LONG,
    ),
    invoice=replace(
        INVOICE,
        number="F" * 10_000,
        net=Decimal("9" * 20),
        lines=tuple(
            replace(line, label=f"mot {LONG}", unit=LONG, quantity=Decimal("123456789012.123456"))
            for line in INVOICE.lines
        ),
    ),
)
HOSTILE_HOME = replace(
    HOME,
    name=LONG,
    address=(LONG, LONG),
    mentions=(LONG, "mot " * 5000),
    phone=LONG,
    siret=LONG,
    mediator=LONG,
)


@pytest.fixture(scope="module")
def hostile() -> bytes:
    return invoice(HOSTILE, HOSTILE_HOME)


def test_overlong_texts_stay_on_the_page_and_apart(hostile: bytes) -> None:
    for place in range(len(pages_of(hostile))):
        found = [item for item in rectangles_of(hostile, place) if item.text.strip()]
        assert found
        for item in found:
            assert 14 * MM < item.left < item.right < 196 * MM
            assert 8 * MM < item.top < item.bottom < 290 * MM
        for one, other in combinations(found, 2):
            across = min(one.right, other.right) - max(one.left, other.left)
            down = min(one.bottom, other.bottom) - max(one.top, other.top)
            assert across < 0.5 or down < 0.5, (one, other)


def test_overlong_figures_are_never_cut(hostile: bytes) -> None:
    text = text_of(hostile)
    assert printed(formats.amount(Decimal("9" * 20))) in text
    assert printed(formats.quantity(Decimal("123456789012.123456"))) in text


def test_invisible_characters_do_not_reach_the_page(hostile: bytes) -> None:
    text = text_of(hostile)
    assert "Mme Éloïse 山 😀" in text.replace("\n", " ")
    assert not set(text) & set("\u202e\u200f\x00\x1b")


@pytest.mark.parametrize("colour", ["", "rouge", "#12345", "#zzzzzz", "#FFFFFF", "1f5673"])
def test_any_colour_setting_gives_a_document(colour: str) -> None:
    assert prove(invoice(LINE, replace(HOME, colour=colour)), number=INVOICE.number, name="BOEUF") == ""


@pytest.mark.parametrize("mode", list(PaymentMode))
def test_every_payment_mode_gives_a_document(mode: PaymentMode) -> None:
    assert prove(invoice(billed(payment_mode=mode)), number=INVOICE.number, name="Bœuf") == ""
