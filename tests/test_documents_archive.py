"""Fit for archives: every document is PDF/A-3b as it is written, and says in words what it is."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pikepdf
import pikepdf.pdfa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ImageCms

from elite_lib.documents import archive
from elite_lib.documents.cover import CoverEntry, render_cover
from elite_lib.documents.pen import Pen
from elite_lib.models import Establishment, Period
from tests.support.printed import (
    HOME,
    LINE,
    RESIDENT,
    certificate,
    draw_logo,
    invoice,
    many_lines,
    statement,
)


def findings(content: bytes) -> list[str]:
    with pikepdf.Pdf.open(io.BytesIO(content)) as document:
        report = pikepdf.pdfa.check(document, "3b")
        return [str(finding) for finding in report.findings]


def test_every_document_is_pdf_a_3b(tmp_path: Path) -> None:
    draw_logo(tmp_path / "logo.png")
    home = replace(HOME, logo="logo.png", name="Les « Tilleuls » & <Cie>")
    line = replace(many_lines(), resident=replace(RESIDENT, last_name="Żółć 山", civility="\u202e"))
    entries = [CoverEntry(resident="x", documents="y", pages=1, reason="z")]
    cover = render_cover(
        entries, period=Period.parse("2026-10"), day=LINE.invoice.date,  # type: ignore[union-attr]
        operator="Claire", establishment=home, home=tmp_path,
    )  # fmt: skip
    for content in (
        invoice(LINE, home, tmp_path),
        invoice(line, home, tmp_path),
        statement(),
        certificate(),
        cover,
    ):
        assert findings(content) == []


def test_the_check_would_see_what_is_missing() -> None:
    with pikepdf.Pdf.open(io.BytesIO(invoice())) as document:
        del document.Root.OutputIntents
        file = io.BytesIO()
        document.save(file)
    assert findings(file.getvalue())


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=30), st.text(max_size=30))
def test_any_title_and_author_are_the_same_in_both_places(title: str, author: str) -> None:
    pen = Pen(title=title, author=author, lang="fr-FR", stamp="D:20261031000000+00'00'")
    pen.text(40, 40, "x", size=10, width=100)
    pen.end_page()
    assert findings(pen.save()) == []


def test_the_file_is_recognised_without_reading_pdf() -> None:
    content = invoice()
    assert b"<pdfaid:part>3</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>" in content
    assert b"<rdf:li>EHPAD Les Tilleuls</rdf:li>" in content


def test_the_colour_profile_is_srgb() -> None:
    profile = ImageCms.ImageCmsProfile(io.BytesIO(archive.profile()))
    assert "sRGB" in ImageCms.getProfileDescription(profile)
    to = ImageCms.buildTransform(profile, ImageCms.createProfile("sRGB"), "RGB", "RGB")
    from PIL import Image  # noqa: PLC0415

    for colour in ((31, 86, 115), (255, 255, 255), (0, 0, 0), (200, 30, 60)):
        shown = ImageCms.applyTransform(Image.new("RGB", (1, 1), colour), to)
        assert shown is not None
        assert all(abs(a - b) <= 1 for a, b in zip(shown.getpixel((0, 0)), colour, strict=True))  # type: ignore[arg-type]


def test_the_document_says_its_language_title_and_contents() -> None:
    with pikepdf.Pdf.open(io.BytesIO(invoice(many_lines()))) as document:
        assert str(document.Root.Lang) == "fr-FR"
        assert bool(document.Root.ViewerPreferences.DisplayDocTitle)
        with document.open_outline() as outline:
            assert [item.title for item in outline.root] == ["Facture n°\u00a0F2026-10-00042"]
        with document.open_metadata() as metadata:
            assert metadata["dc:title"] == "Facture n°\u00a0F2026-10-00042"


@pytest.mark.parametrize("name", ["", "A" * 3000])
def test_a_home_of_any_name_has_archives(name: str) -> None:
    home: Establishment = replace(HOME, name=name)
    assert findings(invoice(LINE, home)) == []
