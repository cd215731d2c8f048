"""The home's logo as PDF objects, decoded and deflated once per process."""

from __future__ import annotations

import functools
import gzip
import io
import zlib
from dataclasses import dataclass
from pathlib import Path

import fontpkg
import resvg_py
from PIL import Image, ImageOps
from reportlab.pdfbase import pdfdoc

from elite_lib.documents.pen import MM
from elite_lib.documents.streams import Prepared, deflated, stream
from elite_lib.exceptions import DocumentError

MAX_WIDTH, MAX_HEIGHT = 62 * MM, 24 * MM
_DPI = 300  # what an office printer resolves: more only makes a thousand messages heavier
_COARSEST = 110  # dots per inch: a small picture is not blown up beyond it
_NAME = "logo"
_LONGEST = 20_000_000  # bytes of an SVG


@dataclass(frozen=True, slots=True, kw_only=True)
class Logo:
    """A logo ready to be written. ``width`` and ``height`` in points, fitted to the letterhead."""

    width: float
    height: float
    colours: bytes  # the stream's dictionary entries, without the soft mask
    data: bytes
    mask: bytes | None  # a whole stream object

    def register(self, document: pdfdoc.PDFDocument) -> str:
        """Add the logo to ``document`` if it is not there; return its name for ``Do``."""
        if not document.hasForm(_NAME):
            entries = self.colours
            if self.mask is not None:
                mask = document.Reference(Prepared(self.mask), f"{_NAME}:mask")
                entries += b" /SMask " + pdfdoc.format(mask, document)
            document.Reference(Prepared(stream(entries, self.data)), pdfdoc.xObjectName(_NAME))
        return _NAME


def load(path: Path) -> Logo:
    """Read a PNG, JPEG or SVG, again only when the file changed.

    Raises:
        DocumentError: ``logo_unreadable``: the file is missing or is not a picture that can be drawn.
    """
    try:
        state = path.stat()
        return _decoded(path, state.st_mtime_ns, state.st_size)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise DocumentError("logo_unreadable", name=path.name, detail=str(error)) from error


@functools.lru_cache(maxsize=8)
def _decoded(path: Path, _changed: int, _size: int) -> Logo:
    with _opened(path) as opened:
        jpeg = opened.format == "JPEG"
        picture = ImageOps.exif_transpose(opened)
    scale = min(MAX_WIDTH / picture.width, MAX_HEIGHT / picture.height, 72 / _COARSEST)
    width, height = picture.width * scale, picture.height * scale
    most = (max(1, round(width * _DPI / 72)), max(1, round(height * _DPI / 72)))
    if picture.width > most[0]:
        picture = picture.convert("RGBA" if _transparent(picture) else "RGB").resize(
            most, Image.Resampling.LANCZOS
        )
    entries = b"/Type /XObject /Subtype /Image /BitsPerComponent 8 /Width %d /Height %d" % picture.size
    colours = entries + b" /ColorSpace /DeviceRGB"
    if jpeg:
        file = io.BytesIO()
        picture.convert("RGB").save(file, "JPEG", quality=90)
        return Logo(
            width=width,
            height=height,
            colours=colours + b" /Filter /DCTDecode",
            data=file.getvalue(),
            mask=None,
        )
    mask = None
    if _transparent(picture):
        picture = picture.convert("RGBA")
        mask = deflated(entries + b" /ColorSpace /DeviceGray", picture.getchannel("A").tobytes())
    return Logo(
        width=width,
        height=height,
        colours=colours + b" /Filter /FlateDecode",
        data=_zipped(picture.convert("RGB").tobytes()),
        mask=mask,
    )


def _opened(path: Path) -> Image.Image:
    content = path.read_bytes()
    drawn = b"<svg" in content[:10_000].lower() or content.startswith(b"\x1f\x8b")
    return Image.open(io.BytesIO(rasterised(path) if drawn else content))


def rasterised(path: Path) -> bytes:
    """Draw an SVG as a PNG of what an office printer resolves.

    Its texts are set in Lato, whatever the machine has: the same file gives the same picture everywhere.

    Raises:
        ValueError: it is not an SVG, or one of no size.
    """
    content: bytes = resvg_py.svg_to_bytes(
        svg_string=_text(path.read_bytes()),
        width=round(MAX_WIDTH * _DPI / 72),  # with both it is fitted into them, whatever its size says
        height=round(MAX_HEIGHT * _DPI / 72),
        skip_system_fonts=True,
        font_files=[str(fontpkg.path("Lato", weight)) for weight in ("regular", "bold")],
        font_family="Lato",
        sans_serif_family="Lato",
        serif_family="Lato",
    )
    return content


def _text(content: bytes) -> str:
    """Read the text of an SVG, which may be gzipped (.svgz)."""
    if content.startswith(b"\x1f\x8b"):
        try:
            with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
                content = file.read(_LONGEST)
        except (EOFError, zlib.error) as error:
            raise ValueError(str(error)) from error
    return content.decode("utf-8-sig")


def _transparent(picture: Image.Image) -> bool:
    return picture.has_transparency_data


def _zipped(content: bytes) -> bytes:
    return zlib.compress(content, 9)
