"""Tell what a column holds from its cells, when its title tells nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from enum import StrEnum

from elite_lib.models import CellType, Column
from elite_lib.sources import cells
from elite_lib.sources.cells import Surroundings
from elite_lib.sources.texts import seen, single_spaced

SAMPLED = 300  # rows that are looked at: enough to tell, and a long export is proposed as fast
_NEARLY_ALL = 0.9  # a column has some broken cells, and its nature all the same
_LONGEST_CODE = 24


class Content(StrEnum):
    """What the cells of a column are."""

    EMPTY = "empty"
    EMAIL = "email"
    DATE = "date"
    AMOUNT = "amount"
    NUMBER = "number"  # of a document: each of its own
    CODE = "code"  # short, with digits, repeated: a resident, a room, a section
    NAME = "name"  # words without digits
    OTHER = "other"


def content_of(values: Sequence[object]) -> Content:
    """Say what the cells are; whole numbers alone are no amounts: they may number anything."""
    kept = [v for v in values[:SAMPLED] if v is not None and (not isinstance(v, str) or v.strip())]
    if not kept:
        return Content.EMPTY
    if _share(kept, CellType.EMAIL) >= _NEARLY_ALL:
        return Content.EMAIL
    if _dated(kept):
        return Content.DATE
    return Content.AMOUNT if _priced(kept) else _content_of_texts([single_spaced(seen(v)) for v in kept])


def _content_of_texts(texts: Sequence[str]) -> Content:
    if _mostly(texts, lambda text: any(map(str.isdigit, text)) and len(text) <= _LONGEST_CODE):
        return Content.NUMBER if len(set(texts)) == len(texts) else Content.CODE
    if _mostly(texts, lambda text: any(map(str.isalpha, text)) and not any(map(str.isdigit, text))):
        return Content.NAME
    return Content.OTHER


def _dated(values: Sequence[object]) -> bool:
    """Serial numbers alone are no dates: they would as well be amounts."""
    told = any(isinstance(v, str | dt.date) for v in values)
    return told and _share(values, CellType.DATE) >= _NEARLY_ALL


def _priced(values: Sequence[object]) -> bool:
    cents = any(
        (isinstance(v, float) and v != int(v)) or (isinstance(v, str) and any(c in v for c in ",.€"))
        for v in values
        if not isinstance(v, dt.date)
    )
    return cents and _share(values, CellType.AMOUNT) >= _NEARLY_ALL


def _share(values: Sequence[object], kind: CellType) -> float:
    column = Column(name="", title="", type=kind)
    read, flaws = cells.parse(column, values, Surroundings())
    broken = {flaw.index for flaw in flaws}
    return sum(i not in broken and value not in (None, ()) for i, value in enumerate(read)) / len(values)


def _mostly(texts: Sequence[str], holds: Callable[[str], bool]) -> bool:
    return sum(holds(text) for text in texts) >= _NEARLY_ALL * len(texts)
