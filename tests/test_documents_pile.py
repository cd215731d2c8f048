"""The print pile: every page as it is, and every font once."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elite_lib.documents import merge, render_invoice, render_statement
from elite_lib.exceptions import DocumentError
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
