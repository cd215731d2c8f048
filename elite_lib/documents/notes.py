"""Free lines of the office, between the blocks of a document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from elite_lib.documents.page import CONTENT, LEFT
from elite_lib.documents.pen import Colour, Pen, wrap

_SIZE, _LEADING, _GAP = 8.5, 11.5, 9.0
_LINES = 12  # of one note


@dataclass(frozen=True, slots=True, kw_only=True)
class Notes:
    """Lines over the whole width."""

    lines: tuple[str, ...]

    @property
    def height(self) -> float:
        return _GAP + _LEADING * len(self.lines) if self.lines else 0.0

    def draw(self, pen: Pen, top: float, accent: Colour) -> None:  # noqa: ARG002 (a block's protocol)
        """Draw the lines with their upper edge at ``top``."""
        y = top + _GAP
        for line in self.lines:
            pen.text(LEFT, y + 8, line, size=_SIZE, width=CONTENT)
            y += _LEADING


def notes_of(texts: Sequence[str]) -> Notes:
    """Break ``texts`` into lines."""
    return Notes(lines=tuple(line for text in texts for line in wrap(text, _SIZE, CONTENT, lines=_LINES)))
