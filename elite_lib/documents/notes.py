"""Free lines of the office, between the blocks of a document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from elite_lib.documents.page import CONTENT, LEFT
from elite_lib.documents.pen import Colour, Pen, wrap

_SIZE, _LEADING, _GAP = 9.0, 12.0, 9.0
_BETWEEN = 4.0  # two notes
_LINES = 12  # of one note


@dataclass(frozen=True, slots=True, kw_only=True)
class Notes:
    """Paragraphs over the whole width, each in lines."""

    notes: tuple[tuple[str, ...], ...]

    @property
    def height(self) -> float:
        return _GAP + sum(_LEADING * len(note) + _BETWEEN for note in self.notes) - _BETWEEN

    def draw(self, pen: Pen, top: float, accent: Colour) -> None:  # noqa: ARG002 (a block's protocol)
        """Draw the lines with their upper edge at ``top``."""
        y = top + _GAP
        for note in self.notes:
            for line in note:
                pen.text(LEFT, y + 8.5, line, size=_SIZE, width=CONTENT)
                y += _LEADING
            y += _BETWEEN


def notes_of(texts: Sequence[str]) -> Notes | None:
    """Break ``texts`` into lines; None when there is nothing to say."""
    notes = tuple(tuple(wrap(text, _SIZE, CONTENT, lines=_LINES)) for text in texts)
    return Notes(notes=notes) if notes else None
