"""A pen on a reportlab canvas: text that fits, lines and bands, measured from the top of the page.

The operators are written through ``Canvas.addLiteral``, one string for a page:
``drawString`` builds a text object for every word and takes five times as long.
"""

from __future__ import annotations

import hashlib
import io
from enum import StrEnum
from typing import Protocol

from reportlab.lib.rl_accel import escapePDF
from reportlab.pdfbase import pdfdoc
from reportlab.pdfgen.canvas import Canvas

from elite_lib.documents import archive
from elite_lib.documents.fonts import FixedFont, faces, plain

MM = 72 / 25.4
WIDTH, HEIGHT = 210 * MM, 297 * MM  # A4
ELLIPSIS = "…"
_SHRINK = 0.8  # of the wanted size: smaller is hard to read, so the text is cut instead
_TOOL = "elite_lib"
_LONGEST = 2000  # characters looked at: no place of the page holds more

Colour = tuple[float, float, float]
INK: Colour = (0.1, 0.1, 0.12)
GREY: Colour = (0.38, 0.4, 0.43)
RULE: Colour = (0.78, 0.8, 0.82)
WHITE: Colour = (1.0, 1.0, 1.0)


class Align(StrEnum):
    LEFT = "left"  # x is where the text begins
    RIGHT = "right"  # x is where it ends
    CENTRE = "centre"  # x is its middle


class Drawing(Protocol):
    """An image that can put itself into a document."""

    def register(self, document: pdfdoc.PDFDocument) -> str:
        """Add the image to ``document`` if it is not there; return its name for ``Do``."""


def fit(
    text: str, size: float, width: float, *, bold: bool = False, whole: bool = False
) -> tuple[str, float]:
    """Shrink ``size`` by up to a fifth, then cut ``text`` with an ellipsis, to fill ``width`` points.

    A ``whole`` text is shrunk as far as it takes: a figure that is cut is another figure.
    """
    text = text[:_LONGEST]
    font = faces().bold if bold else faces().regular
    natural = font.stringWidth(text, size)
    if natural <= width:
        return text, size
    if whole or natural * _SHRINK <= width:
        return text, size * width / natural
    size *= _SHRINK
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if font.stringWidth(text[:middle].rstrip() + ELLIPSIS, size) <= width:
            low = middle
        else:
            high = middle - 1
    return text[:low].rstrip() + ELLIPSIS, size


def wrap(text: str, size: float, width: float, *, lines: int, bold: bool = False) -> list[str]:
    """Break ``text`` at spaces into at most ``lines`` lines of ``width`` points.

    The last line takes what remains, whole: the pen fits it. So does a word longer than a line.
    """
    text = plain(text)
    if len(text) > _LONGEST:
        text = text[:_LONGEST] + ELLIPSIS
    font = faces().bold if bold else faces().regular
    if font.stringWidth(text, size) <= width:
        return [text]
    broken: list[str] = []
    line = ""
    words = text.split(" ")
    for place, word in enumerate(words):
        longer = f"{line} {word}" if line else word
        if not line or font.stringWidth(longer, size) <= width:
            line = longer
            continue
        if len(broken) == lines - 1:
            return [*broken, " ".join([line, *words[place:]])]
        broken.append(line)
        line = word
    return [*broken, line]


class Pen:
    """Draw on the pages of one document. Points; ``y`` goes down from the top edge."""

    def __init__(self, *, title: str, author: str, lang: str, stamp: str) -> None:
        self._file = io.BytesIO()
        self._regular, self._bold = faces().regular, faces().bold
        self._canvas = Canvas(
            self._file,
            pagesize=(WIDTH, HEIGHT),
            pageCompression=0,  # would be ASCII85 on top of Flate: see the filter below
            invariant=1,  # the same bytes for the same input: outbox and print pile compare hashes
            pdfVersion=(1, 4),  # soft masks of a logo with transparency
            initialFontName=faces().regular.fontName,
            lang=lang,
        )
        self._doc: pdfdoc.PDFDocument = self._canvas._doc
        # Flate without ASCII85, which makes merging eight times slower; rl_config.useA85 is global state.
        self._doc.defaultStreamFilters = [pdfdoc.PDFZCompress]
        # reportlab starts the file identifier with the clock or SOURCE_DATE_EPOCH, invariant or not.
        self._doc.signature = hashlib.md5(usedforsecurity=False)
        title, author = plain(title)[:_LONGEST], plain(author)[:_LONGEST]
        self._canvas.setTitle(title)
        self._canvas.setAuthor(author)
        self._canvas.setSubject(title)
        self._canvas.setCreator(_TOOL)
        self._canvas.setDateFormatter(lambda *_now: stamp)
        self._catalog = archive.declare(
            self._doc, title=title, author=author, lang=lang, stamp=stamp, tool=_TOOL
        )
        self._begin_page()

    def _begin_page(self) -> None:
        self._operators: list[str] = []
        self._writing = False  # between BT and ET
        self._font: tuple[FixedFont, int, float] | None = None
        self._fill: Colour | None = None

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float,
        width: float,
        bold: bool = False,
        whole: bool = False,
        align: Align = Align.LEFT,
        colour: Colour = INK,
    ) -> None:
        """Set one line of ``text`` with its baseline at ``y``, never wider than ``width``."""
        if not text:
            return
        font = self._bold if bold else self._regular
        codes = font.encoded(text)
        if codes is None:  # only then is there something that could not be drawn as it is
            text = plain(text)
        extent = font.stringWidth(text, size)
        if extent > width:
            text, size = fit(text, size, width, bold=bold, whole=whole)
            extent, codes = font.stringWidth(text, size), font.encoded(text)
        if align is Align.RIGHT:
            x -= extent
        elif align is Align.CENTRE:
            x -= extent / 2
        self._use(colour)
        if not self._writing:
            self._operators.append("BT")
            self._writing = True
        runs = [(0, codes)] if codes is not None else font.splitString(text, self._doc)
        shown = "".join([self._shown(font, size, run) for run in runs])
        self._operators.append(f"1 0 0 1 {x:.2f} {HEIGHT - y:.2f} Tm{shown}")

    def _shown(self, font: FixedFont, size: float, run: tuple[int, bytes]) -> str:
        chosen = (font, run[0], size)
        change = ""
        if chosen != self._font:
            self._font = chosen
            change = f" {font.getSubsetInternalName(run[0], self._doc)} {size:.2f} Tf"
        return f"{change} ({escapePDF(run[1])}) Tj"

    def _use(self, colour: Colour) -> None:
        if colour is not self._fill and colour != self._fill:
            self._fill = colour
            self._operators.append("{:.3g} {:.3g} {:.3g} rg".format(*colour))

    def _end_text(self) -> None:
        if self._writing:
            self._operators.append("ET")
            self._writing = False

    def band(self, x: float, y: float, width: float, *, height: float, colour: Colour) -> None:
        """Fill a rectangle whose upper left corner is (x, y)."""
        self._end_text()
        self._use(colour)
        self._operators.append(f"{x:.2f} {HEIGHT - y - height:.2f} {width:.2f} {height:.2f} re f")

    def rule(self, x: float, y: float, width: float, *, weight: float = 0.5, colour: Colour = RULE) -> None:
        """Draw a horizontal line from (x, y)."""
        self.band(x, y - weight / 2, width, height=weight, colour=colour)

    def modules(self, x: float, y: float, side: float, *, rows: tuple[bytes, ...]) -> None:
        """Fill the dark modules of a matrix code, as rectangles: sharp at any resolution."""
        step = side / len(rows)
        self._end_text()
        self._use((0.0, 0.0, 0.0))
        boxes = []
        for row, dots in enumerate(rows):
            start = dots.find(1)
            while start >= 0:
                end = dots.find(0, start)
                end = len(dots) if end < 0 else end
                boxes.append(f"{start} {-row - 1} {end - start} 1 re")
                start = dots.find(1, end)
        self._operators.append(
            f"q {step:.4f} 0 0 {step:.4f} {x:.2f} {HEIGHT - y:.2f} cm\n{' '.join(boxes)} f Q"
        )

    def image(self, x: float, y: float, drawing: Drawing, *, width: float, height: float) -> None:
        """Draw an image whose upper left corner is (x, y)."""
        self._end_text()
        name = drawing.register(self._doc)
        if name not in self._canvas._formsinuse:
            self._canvas._formsinuse.append(name)
        place = f"{width:.2f} 0 0 {height:.2f} {x:.2f} {HEIGHT - y - height:.2f}"
        self._operators.append(f"q {place} cm /{pdfdoc.xObjectName(name)} Do Q")

    def bookmark(self, title: str) -> None:
        """Name the current page in the reader's list of contents."""
        self._catalog.bookmark(plain(title)[:_LONGEST], self._doc.thisPageRef())

    def end_page(self) -> None:
        """Finish the page and begin the next."""
        self._end_text()
        content = "\n".join(self._operators)
        self._canvas.addLiteral(content)
        self._doc.updateSignature(content)  # two contents, two file identifiers
        self._canvas.showPage()
        self._doc.Pages.pages[-1].Trans = None  # PDF/A knows no page transitions, not even none
        self._begin_page()

    def save(self) -> bytes:
        """Return the finished document."""
        self._canvas.save()
        return self._file.getvalue()
