"""Look over a whole column at once: most columns need no second look at any single cell.

Each function answers for every cell or for none, by operations that run over the joined text or over the
set of different values; the cell by cell way stays the one that finds out what is wrong.
"""

from __future__ import annotations

from collections.abc import Sequence

_BETWEEN = "\0"  # no cell of a spreadsheet holds one (XML 1.0, 2.2); where a CSV does, we look cell by cell


def joined(values: Sequence[object]) -> str | None:
    """Join a column of texts; None where a cell is no text."""
    try:
        text = _BETWEEN.join(values)  # type: ignore[arg-type]  # the TypeError is the answer
    except TypeError:
        return None
    return text if text.count(_BETWEEN) == max(len(values) - 1, 0) else None


def tidy(text: str) -> bool:
    """Tell whether no cell of a joined column has a space at its ends, two in a row, or an odd character.

    ``isprintable`` is False for every space but U+0020, for control, zero-width and direction marks.
    """
    return (
        text.replace(_BETWEEN, "").isprintable()
        and not text.startswith(" ")
        and not text.endswith(" ")
        and not any(pair in text for pair in ("  ", " \0", "\0 "))
    )


def filled(text: str, values: Sequence[object]) -> bool:
    """Tell whether no cell of a joined column is empty."""
    if not values:
        return True
    return not (text.startswith(_BETWEEN) or text.endswith(_BETWEEN) or "\0\0" in text or not text)
