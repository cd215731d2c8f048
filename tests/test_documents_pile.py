"""The print pile: every page as it is, and every font once."""

from __future__ import annotations

import datetime as dt
import io
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elite_lib import batch as batches
from elite_lib.documents import merge, render_invoice, render_statement
from elite_lib.documents.cover import CoverEntry, render_cover
from elite_lib.exceptions import DocumentError
from elite_lib.models import EntryKind, Period
from tests.support import offices, workbooks
from tests.support.command import elite
from tests.support.offices import address, code
from tests.support.printed import HOME, LINE, RESIDENT, billed, draw_logo, pages_of, row


@pytest.fixture(scope="module")
def invoices(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, bytes]]:
    folder = tmp_path_factory.mktemp("home")
    draw_logo(folder / "logo.png")
    home = replace(HOME, logo="logo.png")
    lines = [billed(number=f"F{place:04}") for place in range(30)]
    lines[3] = replace(lines[3], resident=replace(RESIDENT, last_name="Żółć"))
    lines[4] = billed(number="F0004", lines=tuple(row(at, "HEB", f"Jour {at}", "1") for at in range(60)))
    return [(line.number, render_invoice(line, establishment=home, home=folder)) for line in lines]


def saved(document: pikepdf.Pdf, **options: object) -> bytes:
    file = io.BytesIO()
    document.save(file, **options)  # type: ignore[arg-type]
    return file.getvalue()


def streams(content: bytes, kind: str) -> int:
    with pikepdf.Pdf.open(io.BytesIO(content)) as document:
        return sum(
            isinstance(item, pikepdf.Stream) and (kind in item or item.get("/Subtype") == kind)
            for item in document.objects
        )


def test_the_pages_come_in_order_and_unchanged(invoices: list[tuple[str, bytes]]) -> None:
    pile = pages_of(merge(invoices))
    assert pile == [page for _, content in invoices for page in pages_of(content)]


def test_fonts_and_logo_are_kept_once(invoices: list[tuple[str, bytes]]) -> None:
    pile = merge(invoices)
    assert streams(pile, "/Length1") == 3  # two weights, and what one name needed beside
    assert streams(pile, "/Image") == 2  # the logo and its mask
    assert len(pile) < len(invoices[0][1]) + 4_000 * len(invoices) + 60_000


def test_the_same_documents_give_the_same_bytes(invoices: list[tuple[str, bytes]]) -> None:
    assert merge(invoices) == merge(invoices)
    assert merge(invoices[:2]) != merge(invoices[1::-1])


def test_invoice_and_statement_share_their_fonts(tmp_path: Path) -> None:
    invoice = render_invoice(LINE, establishment=HOME, home=tmp_path)
    statement = render_statement(LINE, establishment=HOME, home=tmp_path)
    assert streams(merge([("a", invoice), ("b", statement)]), "/Length1") == 2


def test_the_same_document_twice_is_printed_twice(invoices: list[tuple[str, bytes]]) -> None:
    assert len(pages_of(merge([invoices[0], invoices[0]]))) == 2


def elsewhere() -> bytes:
    """Build a document unlike ours: inherited resources, a font that refers to itself, a form, a note."""
    with pikepdf.Pdf.new() as document:
        font = document.make_indirect(
            pikepdf.Dictionary(
                Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
            )
        )
        font.Self = font
        form = pikepdf.Stream(document, b"0 0 10 10 re f")
        form.Type, form.Subtype, form.BBox = pikepdf.Name.XObject, pikepdf.Name.Form, [0, 0, 10, 10]
        for text in ("Premier", "Second"):
            document.add_blank_page(page_size=(300, 200))
            page = document.pages[-1].obj
            page.Contents = document.make_stream(f"BT /F 12 Tf 20 100 Td ({text}) Tj ET /X Do".encode())
            del page["/Resources"]
        document.Root.Pages.Resources = pikepdf.Dictionary(
            Font=pikepdf.Dictionary(F=font), XObject=pikepdf.Dictionary(X=document.make_indirect(form))
        )
        return saved(document)


def test_a_document_made_elsewhere_is_merged_as_it_is(invoices: list[tuple[str, bytes]]) -> None:
    pile = merge([invoices[0], ("ailleurs.pdf", elsewhere()), ("encore.pdf", elsewhere())])
    assert pages_of(pile)[1:] == ["Premier", "Second", "Premier", "Second"]


def shared_resources(word: str) -> bytes:
    """Build two pages that have one resource dictionary in common."""
    with pikepdf.Pdf.new() as document:
        font = document.make_indirect(
            pikepdf.Dictionary(
                Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Courier
            )
        )
        resources = document.make_indirect(pikepdf.Dictionary(Font=pikepdf.Dictionary(F=font, G=font)))
        for place in range(2):
            document.add_blank_page(page_size=(300, 200))
            page = document.pages[-1].obj
            page.Resources = resources
            page.Contents = document.make_stream(
                f"BT /F 12 Tf 20 99 Td ({word}{place}) Tj /G 9 Tf ET".encode()
            )
        return saved(document)


def test_pages_with_resources_in_common_keep_their_fonts() -> None:
    pile = merge([("a", shared_resources("a")), ("b", shared_resources("b"))])
    assert pages_of(pile) == ["a0", "a1", "b0", "b1"]
    with pikepdf.Pdf.open(io.BytesIO(pile)) as document:
        fonts = [page.obj.Resources.Font for page in document.pages]
        assert len({font[name].objgen for font in fonts for name in ("/F", "/G")}) == 1


def test_fonts_that_differ_stay_apart() -> None:
    with pikepdf.Pdf.open(io.BytesIO(shared_resources("b"))) as document:
        document.pages[0].obj.Resources.Font.F.BaseFont = pikepdf.Name.Helvetica
        other = saved(document)
    with pikepdf.Pdf.open(io.BytesIO(merge([("a", shared_resources("a")), ("b", other)]))) as document:
        bases = [str(page.obj.Resources.Font.F.BaseFont) for page in document.pages]
    assert bases == ["/Courier", "/Courier", "/Helvetica", "/Helvetica"]


def encrypted() -> bytes:
    with pikepdf.Pdf.open(io.BytesIO(shared_resources("x"))) as document:
        return saved(document, encryption=pikepdf.Encryption(user="secret", owner="secret"))


def empty() -> bytes:
    with pikepdf.Pdf.new() as document:
        return saved(document)


@pytest.mark.parametrize("content", [b"", b"not a PDF", b"%PDF-1.7\n", encrypted(), empty()])
def test_a_document_that_cannot_be_read_is_named(content: bytes, invoices: list[tuple[str, bytes]]) -> None:
    with pytest.raises(DocumentError) as raised:
        merge([invoices[0], ("Facture_F2.pdf", content)])
    assert raised.value.code == "pdf_unreadable"
    assert raised.value.fields["name"] == "Facture_F2.pdf"


def test_an_owner_password_alone_does_not_stop_the_pile() -> None:
    with pikepdf.Pdf.open(io.BytesIO(shared_resources("x"))) as document:
        content = saved(document, encryption=pikepdf.Encryption(user="", owner="secret"))
    assert pages_of(merge([("a", content)])) == ["x0", "x1"]


def test_an_empty_pile_is_an_error() -> None:
    with pytest.raises(DocumentError) as raised:
        merge([])
    assert raised.value.code == "pile_empty"


def test_a_truncated_document_is_repaired_or_named(invoices: list[tuple[str, bytes]]) -> None:
    content = invoices[0][1]
    for size in range(0, len(content), 2500):
        try:
            assert len(pages_of(merge([("cut.pdf", content[:size])]))) >= 1
        except DocumentError as error:
            assert error.code == "pdf_unreadable"


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10_000), st.binary(min_size=1, max_size=6), st.booleans())
def test_damage_never_raises_anything_else(place: int, damage: bytes, inherited: bool) -> None:
    content = bytearray(elsewhere() if inherited else shared_resources("x"))
    place %= len(content)
    content[place : place + len(damage)] = damage
    try:
        assert merge([("damaged.pdf", bytes(content))]).startswith(b"%PDF-")
    except DocumentError as error:
        assert error.code == "pdf_unreadable"


@pytest.mark.parametrize("font", [12, pikepdf.Name.F, pikepdf.Array([1])])
def test_a_font_that_is_none_is_left_alone(font: object) -> None:
    with pikepdf.Pdf.open(io.BytesIO(shared_resources("x"))) as document:
        for value in (document.make_indirect(font), font):
            document.pages[0].obj.Resources.Font["/H"] = value
            assert pages_of(merge([("x", saved(document))])) == ["x0", "x1"]


# Bookmarks, sheets, and the page that says what is in the pile


def bookmarks(content: bytes) -> list[tuple[str, int]]:
    with pypdfium2.PdfDocument(content) as document:
        return [(mark.get_title(), mark.get_dest().get_index()) for mark in document.get_toc()]


def test_each_document_has_its_bookmark(invoices: list[tuple[str, bytes]]) -> None:
    chosen = [(f"DUPONT — {place}", content) for place, (_, content) in enumerate(invoices[3:7])]
    starts = [sum(len(pages_of(content)) for _, content in chosen[:place]) for place in range(4)]
    assert starts[2] - starts[1] > 1  # F0004 is long
    assert bookmarks(merge(chosen)) == list(zip([name for name, _ in chosen], starts, strict=True))


def test_both_sides_of_a_sheet_are_never_two_documents(invoices: list[tuple[str, bytes]]) -> None:
    chosen = [*invoices[3:6], ("ailleurs", elsewhere())]
    pile = merge(chosen, duplex=True)
    assert [mark[1] % 2 for mark in bookmarks(pile)] == [0, 0, 0, 0]
    wanted: list[str] = []
    for _, content in chosen:
        wanted += pages_of(content)
        wanted += [""] * (len(wanted) % 2)
    assert pages_of(pile) == wanted
    with pikepdf.Pdf.open(io.BytesIO(pile)) as document:
        size = [float(x) for x in document.pages[1].mediabox]
    assert size == pytest.approx([0, 0, 595.28, 841.89], abs=0.1)


def test_the_cover_says_what_is_there_and_why(tmp_path: Path) -> None:
    entries = [
        CoverEntry(resident=f"Mme Nom{n}", documents=f"F{n}, D{n}", pages=n % 3, reason="à imprimer")
        for n in range(120)
    ]
    content = render_cover(
        entries,
        period=Period.parse("2026-09..2026-10"),
        day=dt.date(2026, 11, 4),
        operator="Claire",
        establishment=HOME,
        home=tmp_path,
    )
    pages = pages_of(content)
    assert "septembre 2026 – octobre 2026 — lignes : 80, pages : 120" in pages[0]
    assert "imprimé par Claire le 04/11/2026" in pages[0]
    assert "Mme Nom1 F1, D1 1 à imprimer" in pages[0]
    assert "Mme Nom0 F0, D0 — à imprimer" in pages[0]
    assert "Mme Nom119 F119, D119 2" in pages[-1]
    assert f"page {len(pages)}/{len(pages)}" in pages[-1]
    assert "€" not in "".join(pages)  # nothing is added up or carried over


def people(*deliveries: str) -> dict[str, Any]:
    """Give one resident for each way of delivery; "none" has no address."""
    wanted = {"none": "", "paper": "courrier", "both": "les deux", "mail": "mail", "held": ""}
    residents = [
        workbooks.resident(code(n), Nom=f"Dupont{n}", Envoi=wanted[how], **(DIED if how == "held" else {}))
        for n, how in enumerate(deliveries, start=1)
    ]
    contacts = [
        workbooks.contact(code(n), **{"E-mail": "" if how == "none" else address(n)})
        for n, how in enumerate(deliveries, start=1)
    ]
    return {"residents": residents, "contacts": contacts}


DIED = {"Date de décès": dt.date(2026, 10, 20)}


def test_the_pile_holds_who_cannot_be_mailed_and_says_why(tmp_path: Path) -> None:
    kinds = ("mail", "none", "paper", "both", "held")
    root = offices.make_home(tmp_path / "home", 5, **people(*kinds))
    said = elite("print", "2026-10", "-o", tmp_path / "pile.pdf", home=root)
    assert said.code == 0
    assert (tmp_path / "pile.pdf").stat().st_mode & 0o777 == 0o600
    cover, *pages = pages_of((tmp_path / "pile.pdf").read_bytes())
    assert [re.findall(r"F2026-10-0000\d", page)[0][-1] for page in pages] == ["2", "3", "4", "5"]
    rows = {row.split(" F2026")[0]: row for row in cover.split("\n") if "F2026" in row}
    assert "Mme Geneviève DUPONT1" not in rows
    for number, words in (
        (2, "à imprimer — pas d’adresse"),
        (3, "à imprimer — la famille veut du papier"),
        (4, "par courriel et sur papier"),
        (5, "décéd"),
    ):
        assert words in rows[f"Mme Geneviève DUPONT{number}"], rows
    with offices.open_office(root) as office:
        printed = office.journal.entries(kinds=[EntryKind.PRINTED])
    assert [entry.line[-1] for entry in printed] == ["2", "3", "4", "5"]
    assert {entry.operator for entry in printed} != {""}


def test_everything_is_printed_when_asked_without_a_cover_on_sheets_of_their_own(tmp_path: Path) -> None:
    root = offices.make_home(tmp_path / "home", 3)
    elite("print", "2026-10", "--all", "--no-cover", "--duplex", "-o", tmp_path / "pile.pdf", home=root)
    pages = pages_of((tmp_path / "pile.pdf").read_bytes())
    assert [bool(page.strip()) for page in pages] == [True, False] * 3
    assert bookmarks((tmp_path / "pile.pdf").read_bytes())[1] == ("DUPONT2 Geneviève — F2026-10-00002", 2)


def test_what_has_no_document_is_told_on_the_cover(tmp_path: Path) -> None:
    factures = [workbooks.invoice(offices.invoice_number(n), code(n)) for n in (1, 2)]
    factures[1] = {**factures[1], "PDF": "absent.pdf"}
    root = offices.make_home(tmp_path / "home", 2, factures=factures)
    with offices.open_office(root) as office:
        pile = batches.print_pile(office, offices.OCTOBER, file=tmp_path / "pile.pdf", everything=True)
        printed = office.journal.entries(kinds=[EntryKind.PRINTED])
    assert [entry.line for entry in printed] == [offices.invoice_number(1)]
    assert [problem.value for problem in pile.left_out] == [offices.invoice_number(2)]
    cover = pages_of((tmp_path / "pile.pdf").read_bytes())[0]
    assert "Mme Geneviève DUPONT2 F2026-10-00002 — " in cover
    assert "il est introuvable" in cover


def test_nothing_to_print_writes_nothing(tmp_path: Path) -> None:
    root = offices.make_home(tmp_path / "home", 2)
    assert elite("print", "2026-10", "-o", tmp_path / "pile.pdf", home=root).code == 1
    assert not (tmp_path / "pile.pdf").exists()
