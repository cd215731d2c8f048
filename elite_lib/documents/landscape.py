"""A4 laid on its side: for lists with many columns."""

from __future__ import annotations

from elite_lib.documents.pen import HEIGHT, INK, MM, RULE, WIDTH, Align, Colour, Drawing, Pen

ACROSS, DOWN = HEIGHT, WIDTH  # of the page
MARGIN = 12 * MM
_LOWER = HEIGHT - DOWN  # the pen measures from the top of an upright page


class LandscapePen(Pen):
    """The pen of all documents, on a page of 297 × 210 mm. ``y`` goes down from the top edge, as ever."""

    def __init__(self, *, title: str, author: str, lang: str, stamp: str) -> None:
        super().__init__(title=title, author=author, lang=lang, stamp=stamp)
        self._canvas.setPageSize((ACROSS, DOWN))

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
        """Set one line of text, as :meth:`Pen.text`."""
        super().text(
            x, y + _LOWER, text, size=size, width=width, bold=bold, whole=whole, align=align, colour=colour
        )

    def band(self, x: float, y: float, width: float, *, height: float, colour: Colour) -> None:
        """Fill a rectangle, as :meth:`Pen.band`; a rule is one too."""
        super().band(x, y + _LOWER, width, height=height, colour=colour)

    def rule(self, x: float, y: float, width: float, *, weight: float = 0.5, colour: Colour = RULE) -> None:
        """Draw a horizontal line, as :meth:`Pen.rule`."""
        self.band(x, y - weight / 2, width, height=weight, colour=colour)

    def modules(self, x: float, y: float, side: float, *, rows: tuple[bytes, ...]) -> None:
        """Draw a matrix code, as :meth:`Pen.modules`."""
        super().modules(x, y + _LOWER, side, rows=rows)

    def image(self, x: float, y: float, drawing: Drawing, *, width: float, height: float) -> None:
        """Draw an image, as :meth:`Pen.image`."""
        super().image(x, y + _LOWER, drawing, width=width, height=height)
