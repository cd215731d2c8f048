"""The first page of the print pile: what is in it, and why each could not, or should not, be mailed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from elite_lib import formats
from elite_lib.documents.layout import accent_of, draw_letterhead
from elite_lib.documents.page import CONTENT, LEFT, RIGHT
from elite_lib.documents.pen import GREY, HEIGHT, MM, Align, Pen
from elite_lib.documents.table import Column, Row, RowKind, Table, cells, paginate
from elite_lib.documents.template import Template, load
from elite_lib.models import Establishment, Period

_TITLE_TOP, _TABLE_TOP, _LATER_TOP = 48 * MM, 62 * MM, 16 * MM
_BOTTOM = HEIGHT - 16 * MM
_WIDTHS = {"document": 52, "pages": 14, "reason": 62}  # millimetres; the resident takes the rest


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverEntry:
    """One line of the pile; without pages it could not be put in, and ``reason`` says why."""

    resident: str
    documents: str
    pages: int
    reason: str


def render_cover(
    entries: Sequence[CoverEntry],
    *,
    period: Period,
    day: dt.date,
    operator: str,
    establishment: Establishment,
    home: Path,
) -> bytes:
    """Make the first page, or pages, of a pile."""
    template, accent = load(home), accent_of(establishment.colour)
    table = _table(entries, template)
    title = template["cover.title"]
    pen = Pen(
        title=title,
        author=establishment.name,
        lang=template["page.language"],
        stamp=f"D:{day:%Y%m%d}000000+00'00'",
    )
    draw_letterhead(pen, establishment, template=template, home=home, accent=accent)
    pen.bookmark(title)
    pen.text(LEFT, _TITLE_TOP, title.upper(), size=17, width=CONTENT, bold=True)
    months = dict.fromkeys(map(formats.month, (period.first, period.last)))
    values = {
        "documents": str(sum(entry.pages > 0 for entry in entries)),
        "pages": str(sum(entry.pages for entry in entries)),
        "periode": " – ".join(months),
        "auteur": operator,
        "date": formats.date(day),
    }
    pen.text(LEFT, _TITLE_TOP + 18, template.said("cover.summary", values), size=10, width=CONTENT)
    pages = paginate(table, first=_BOTTOM - _TABLE_TOP, later=_BOTTOM - _LATER_TOP, closing=0)
    for place, page in enumerate(pages, start=1):
        table.draw(pen, page, left=LEFT, top=_LATER_TOP if place > 1 else _TABLE_TOP, accent=accent)
        numbered = f"{title} — {template['page.page']} {place}/{len(pages)}"
        foot = HEIGHT - 9 * MM
        pen.text(RIGHT, foot, numbered, size=7, width=CONTENT, align=Align.RIGHT, colour=GREY)
        pen.end_page()
    return pen.save()


def _table(entries: Sequence[CoverEntry], template: Template) -> Table:
    rest = CONTENT - MM * sum(_WIDTHS.values())
    columns = tuple(
        Column(
            key=key,
            title=template[f"cover.{key}"],
            width=_WIDTHS[key] * MM if key in _WIDTHS else rest,
            figures=key == "pages",
            wide=key != "pages",
        )
        for key in ("resident", "document", "pages", "reason")
    )
    rows = []
    for entry in entries:
        texts = (entry.resident, entry.documents, str(entry.pages) if entry.pages else "—", entry.reason)
        rows.append(Row(kind=RowKind.LINE, cells=cells(columns, texts)))
    return Table(columns=columns, rows=tuple(rows))
