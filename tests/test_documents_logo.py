"""The logo: read once, fitted to the letterhead, no heavier than a printer can show."""

from __future__ import annotations

import gzip
import io
import os
from dataclasses import replace
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from PIL import Image

from elite_lib import config
from elite_lib.batch.enclosures import mail_logo
from elite_lib.documents import logo, render_invoice
from elite_lib.exceptions import DocumentError
from tests.support.printed import HOME, LINE, draw_logo


def images(content: bytes) -> dict[str, pikepdf.Object]:
    with pikepdf.Pdf.open(io.BytesIO(content)) as document:
        found = document.pages[0].obj.Resources.get("/XObject", {})
        return {str(image.get("/Filter")): image.get("/SMask") is not None for image in found.values()}


def rendered(folder: Path, name: str) -> bytes:
    return render_invoice(LINE, establishment=replace(HOME, logo=name), home=folder)


def test_a_png_keeps_its_transparency(tmp_path: Path) -> None:
    draw_logo(tmp_path / "logo.png")
    assert images(rendered(tmp_path, "logo.png")) == {"/FlateDecode": True}


def test_a_jpeg_stays_one(tmp_path: Path) -> None:
    draw_logo(tmp_path / "logo.jpg", mode="RGB")
    assert images(rendered(tmp_path, "logo.jpg")) == {"/DCTDecode": False}


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_kind_of_png_is_drawn(mode: str, tmp_path: Path) -> None:
    Image.new(mode, (120, 60)).save(tmp_path / "logo.png")
    with pypdfium2.PdfDocument(rendered(tmp_path, "logo.png")) as document:
        kinds = [thing.type for thing in document[0].get_objects()]
    assert pypdfium2.raw.FPDF_PAGEOBJ_IMAGE in kinds


def test_a_cmyk_jpeg_is_drawn(tmp_path: Path) -> None:
    Image.new("CMYK", (120, 60), (255, 0, 0, 0)).save(tmp_path / "logo.jpg")
    assert images(rendered(tmp_path, "logo.jpg")) == {"/DCTDecode": False}


def test_a_huge_picture_is_reduced_to_what_prints(tmp_path: Path) -> None:
    Image.effect_noise((4000, 1500), 80).convert("RGB").save(tmp_path / "logo.png")
    loaded = logo.load(tmp_path / "logo.png")
    assert loaded.width <= logo.MAX_WIDTH + 0.01
    assert loaded.height <= logo.MAX_HEIGHT + 0.01
    assert len(loaded.data) < 900_000


def test_a_small_picture_is_not_blown_up(tmp_path: Path) -> None:
    Image.new("RGB", (55, 22)).save(tmp_path / "logo.png")
    assert logo.load(tmp_path / "logo.png").width == pytest.approx(36)


def test_the_picture_is_read_again_only_when_it_changed(tmp_path: Path) -> None:
    path = tmp_path / "logo.png"
    Image.new("RGB", (120, 60), "red").save(path)
    first = logo.load(path)
    assert logo.load(path) is first
    Image.new("RGB", (120, 60), "blue").save(path)
    os.utime(path, ns=(1, 1))
    assert logo.load(path).data != first.data


@pytest.mark.parametrize(
    "content",
    [
        None,
        b"",
        b"not a picture",
        b"\x89PNG\r\n\x1a\n\x00\x00",
        b"<svg",
        b"<svg xmlns='http://www.w3.org/2000/svg'>",
        b"\x1f\x8bno gzip",
        b"<svg \xff",
    ],
)
def test_a_logo_that_cannot_be_read_is_named(content: bytes | None, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "logo.png").write_bytes(content)
    with pytest.raises(DocumentError) as raised:
        rendered(tmp_path, "logo.png")
    assert raised.value.code == "logo_unreadable"
    assert raised.value.fields["name"] == "logo.png"


SVG = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"><defs><linearGradient id="g">
<stop offset="0" stop-color="#ff0000"/><stop offset="1" stop-color="#1f5673"/></linearGradient></defs>
<rect width="100%" height="100%" fill="url(#g)"/>
<text x="5" y="20" font-family="serif">Les Tilleuls</text></svg>"""


@pytest.mark.parametrize(("width", "height"), [(240, 80), (60, 80), (10, 10)])
def test_an_svg_is_drawn_as_large_as_the_letterhead_allows(width: int, height: int, tmp_path: Path) -> None:
    (tmp_path / "logo.svg").write_text(SVG.format(width=width, height=height))
    loaded = logo.load(tmp_path / "logo.svg")
    assert max(loaded.width / logo.MAX_WIDTH, loaded.height / logo.MAX_HEIGHT) == pytest.approx(1, abs=0.01)
    assert loaded.width / loaded.height == pytest.approx(width / height, rel=0.02)
    with pypdfium2.PdfDocument(rendered(tmp_path, "logo.svg")) as document:
        pixels = document[0].render(scale=2).to_numpy()[: int(36 * 2.84 * 2)]  # above the window; BGR
    red, blue = pixels[..., 2].astype(int) - pixels[..., 0], pixels[..., 0].astype(int) - pixels[..., 2]
    assert red.max() > 150  # one end of the gradient
    assert blue.max() > 60  # the other


def test_a_gzipped_svg_is_drawn_the_same(tmp_path: Path) -> None:
    text = SVG.format(width=240, height=80)
    (tmp_path / "logo.svg").write_text("\ufeff" + text)
    (tmp_path / "logo.svgz").write_bytes(gzip.compress(text.encode()))
    assert logo.load(tmp_path / "logo.svg").data == logo.load(tmp_path / "logo.svgz").data


def test_the_texts_of_an_svg_do_not_hang_on_the_machines_fonts(tmp_path: Path) -> None:
    drawn = []
    for family in ("DejaVu Sans", "Lato", "sans-serif"):
        (tmp_path / "logo.svg").write_text(SVG.format(width=240, height=80).replace('"serif"', f'"{family}"'))
        drawn.append(logo.rasterised(tmp_path / "logo.svg"))
    assert drawn[0] == drawn[1] == drawn[2]


def test_an_svg_of_absurd_measures_takes_no_memory(tmp_path: Path) -> None:
    (tmp_path / "logo.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg' width='1' height='9999999'/>")
    assert logo.load(tmp_path / "logo.svg").width < 1


def test_messages_show_an_svg_as_a_picture_that_mail_programs_know(tmp_path: Path) -> None:
    home = config.create_home(tmp_path / "home", name="Les Tilleuls")
    (home.root / "logo.svg").write_text(SVG.format(width=240, height=80))
    text = home.toml.read_text(encoding="utf-8").replace('logo = ""', 'logo = "logo.svg"', 1)
    shown = mail_logo(config.parse(text, home=home))
    assert shown is not None
    assert (shown.name, shown.media_type) == ("logo.png", "image/png")
    assert Image.open(io.BytesIO(shown.content)).size == (732, 244)
