"""The fixed alphabet, and what happens to every other character."""

from __future__ import annotations

import io
import subprocess
import sys
import types

import pikepdf
import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reportlab.lib import rl_accel
from reportlab.pdfbase import ttfonts

from elite_lib.documents import pen as pen_module
from elite_lib.documents.fonts import faces, plain
from elite_lib.documents.pen import Pen
from tests.support.printed import text_of


def page_with(*texts: str) -> bytes:
    pen = Pen(title="t", author="a", lang="fr-FR", stamp="D:20261031")
    for place, text in enumerate(texts):
        pen.text(40, 60 + 20 * place, text, size=10, width=500)
    pen.end_page()
    return pen.save()


def embedded(content: bytes) -> dict[str, bytes]:
    with pikepdf.Pdf.open(io.BytesIO(content)) as document:
        fonts = document.pages[0].obj.Resources.Font
        return {name: font.FontDescriptor.FontFile2.read_raw_bytes() for name, font in fonts.items()}


def ink(content: bytes) -> int:
    with pypdfium2.PdfDocument(content) as document:
        return int((document[0].render(scale=2).to_numpy() < 128).sum())


def test_the_c_accelerator_of_reportlab_is_used() -> None:
    assert isinstance(rl_accel.fp_str, types.BuiltinFunctionType)
    assert isinstance(ttfonts.instanceStringWidthTTF, types.BuiltinFunctionType)
    assert isinstance(pen_module.escapePDF, types.BuiltinFunctionType)


def test_importing_loads_no_font_and_changes_no_setting_of_reportlab() -> None:
    code = (
        "from reportlab import rl_config; before = vars(rl_config).copy()\n"
        "import elite_lib.documents, elite_lib.documents.fonts as fonts\n"
        "assert fonts.faces.cache_info().currsize == 0\n"
        "assert vars(rl_config) == before\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_every_character_of_french_is_in_the_fixed_subset() -> None:
    text = "Œuvre, « cœur » – Noël Ÿ ç à É ï œ æ — 1 234,56 € − 5 % n° 3 ’ ‘ … €"
    content = page_with(text)
    assert list(embedded(content)) == ["/F1+0"]
    assert text in text_of(content)


def test_the_fixed_subset_is_the_same_in_every_document() -> None:
    first, second = embedded(page_with("Un")), embedded(page_with("Tout autre texte, ÉÀÇ"))
    assert first == second


def test_a_character_outside_the_alphabet_goes_to_a_second_subset() -> None:
    content = page_with("Małgorzata Żółć, Ђорђе, Γιώργος")
    assert list(embedded(content)) == ["/F1+0", "/F1+1"]
    assert "Małgorzata Żółć, Ђорђе, Γιώργος" in text_of(content)


def test_more_characters_than_one_subset_holds_still_print() -> None:
    cyrillic = "".join(map(chr, range(0x400, 0x460)))
    extended = "".join(map(chr, range(0x100, 0x180)))
    greek = "".join(chr(code) for code in range(0x391, 0x3CF) if code != 0x3A2)
    content = page_with(cyrillic, extended, greek)
    assert len(embedded(content)) == 3
    assert greek in text_of(content)


@pytest.mark.parametrize("character", ["山", "😀", "ש", "\ue000", "\U000f0000"])
def test_what_lato_lacks_prints_as_a_box_and_keeps_its_text(character: str) -> None:
    content = page_with(character)
    assert ink(content) > 20
    assert character in text_of(content)


def test_half_a_surrogate_pair_prints_as_a_box() -> None:
    assert "a□b" in text_of(page_with("a\ud800b"))


@pytest.mark.parametrize(
    ("given_text", "drawn"),
    [
        ("e\u0301te\u0301", "été"),
        ("a\u200fb\u202ec\u200dd\ufeff", "abcd"),
        ("un\ndeux\ttrois\x00\x07", "un deux trois"),
        ("Jean\u2011Luc", "Jean-Luc"),
        ("1\u202f234\u2009€", "1\u202f234\u2009€"),
    ],
)
def test_plain_text_is_composed_and_without_invisible_characters(given_text: str, drawn: str) -> None:
    assert plain(given_text) == drawn


def test_every_kind_of_space_is_as_wide_as_a_space() -> None:
    font = faces().regular
    assert font.stringWidth("1\u202f234\u00a0€", 10) == font.stringWidth("1 234 €", 10)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=40))
def test_any_text_can_be_drawn(text: str) -> None:
    with pikepdf.Pdf.open(io.BytesIO(page_with(text))) as document:
        assert len(document.pages) == 1
