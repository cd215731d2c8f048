"""The sheet of returns on a page, in a notebook, or printed from either."""

from __future__ import annotations

from markupsafe import Markup

from elite_lib.labels import _
from elite_lib.notices.calls import Part, ReturnSheet, cells, column_titles, part_title
from elite_lib.notices.calls_xlsx import settled_sentence

_BANNER = Markup(
    '<div class="elite-notice elite-error" role="{role}"><p><strong>{title}</strong></p>'
    "<ul>{items}</ul></div>"
)
_FIRST, _OTHER = Markup('<th scope="row">{}</th>'), Markup("<td>{}</td>")
_TABLE = Markup(
    '<table class="elite-returns" data-part="{part}"><caption>{title}</caption>'
    "<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
)


def banner_html(sheet: ReturnSheet, *, role: str = "alert") -> str:
    """Say what of ours is to be mended, or ``""``."""
    if not sheet.faults:
        return ""
    items = Markup("").join(Markup("<li>{}</li>").format(fault.sentence) for fault in sheet.faults)
    return str(
        _BANNER.format(role=role, title=_("To be mended by us, before anybody is called"), items=items)
    )


def sheet_html(sheet: ReturnSheet) -> str:
    """Draw the sheet: the banner, then a table for each part that has something."""
    if sheet.empty:
        nothing = Markup('<p class="elite-quiet">{}</p>').format(_("Nothing came back that needs somebody."))
        return str(nothing + _settled(sheet))
    return str(
        Markup("").join(
            [Markup(banner_html(sheet)), *(_part(sheet, part) for part in Part), _settled(sheet)]  # noqa: S704 (escaped above)
        )
    )


def _part(sheet: ReturnSheet, part: Part) -> Markup:
    calls = sheet.of(part)
    if not calls:
        return Markup("")
    head = Markup("").join(Markup('<th scope="col">{}</th>').format(title) for title in column_titles())
    rows = Markup("").join(
        Markup("<tr>{}</tr>").format(
            Markup("").join(
                (_OTHER if place else _FIRST).format(text) for place, text in enumerate(cells(call))
            )
        )
        for call in calls
    )
    title = f"{part_title(part)} ({len(calls)})"
    return _TABLE.format(part=part.value, title=title, head=head, rows=rows)


def _settled(sheet: ReturnSheet) -> Markup:
    if not sheet.settled:
        return Markup("")
    return Markup('<p class="elite-quiet">{}</p>').format(settled_sentence(sheet))
