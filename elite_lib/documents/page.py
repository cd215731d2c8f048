"""Where things are on the page: A4, the window of the envelope, the folds. Points from the upper left."""

from __future__ import annotations

from typing import Protocol

from elite_lib.documents.pen import MM, WIDTH, Colour, Pen

LEFT = 15 * MM
RIGHT = WIDTH - LEFT
CONTENT = RIGHT - LEFT
# The window of French envelopes: 85 × 33 mm, 110 mm from the left, 55 mm from the top (edics.fr)
WINDOW_LEFT, WINDOW_TOP, WINDOW_WIDTH, WINDOW_HEIGHT = 110 * MM, 55 * MM, 85 * MM, 33 * MM
FOLDS = (99 * MM, 198 * MM)


class Block(Protocol):
    """Something of a known height, drawn over the width of the page."""

    @property
    def height(self) -> float:
        """Return the height in points."""

    def draw(self, pen: Pen, top: float, accent: Colour) -> None:
        """Draw it with its upper edge at ``top``."""
