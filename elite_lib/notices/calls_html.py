"""The sheet of returns on a page, in a notebook, or printed from either."""

from __future__ import annotations

from markupsafe import Markup

from elite_lib.config import Settings
from elite_lib.labels import _
from elite_lib.notices.calls import Part, ReturnSheet, cells, column_titles, part_title
from elite_lib.notices.calls_xlsx import settled_sentence
from elite_lib.notices.composing import months

_BANNER = Markup(
    '<div class="elite-notice elite-error" role="{role}"><p><strong>{title}</strong></p>'
    "<ul>{items}</ul></div>"
)
_FIRST, _OTHER = Markup('<th scope="row">{}</th>'), Markup("<td>{}</td>")
_TABLE = Markup(
    '<div class="elite-scroll" role="region" tabindex="0" aria-label="{title}">'
    '<table class="elite-returns" data-part="{part}"><caption>{title}</caption>'
    "<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
)
_STYLE = Markup(
    "body{color:#1b1f23;font:14px/1.45 Lato,Carlito,'Segoe UI','Noto Sans',sans-serif;margin:2rem}"
    "h1{color:#1f5673;font-size:1.25rem}table{border-collapse:collapse;margin:1rem 0;width:100%}"
    "caption{font-weight:700;padding:.25rem 0;text-align:left}"
    "th,td{border-bottom:1px solid #dbe2e7;font-weight:400;padding:.25rem .5rem;text-align:left;"
    "vertical-align:top}thead th{background:#e4ebee;font-weight:700}"
    ".elite-error{background:#fde9e7;padding:.25rem 1rem}"
    "@page{size:A4 landscape;margin:12mm}@media print{body{margin:0}tr{break-inside:avoid}"
    "thead{display:table-header-group}}"
)
_PAGE = Markup(
    '<!DOCTYPE html>\n<html lang="{language}">\n<head><meta charset="utf-8"><title>{title}</title>'
    "<style>{style}</style></head>\n<body><h1>{home} — {title}</h1>\n{body}\n</body>\n</html>\n"
)


def banner_html(sheet: ReturnSheet, *, role: str = "alert") -> str:
    """Say what of ours is to be mended, or ``""``."""
    if not sheet.faults:
        return ""
    items = Markup("").join(Markup("<li>{}</li>").format(fault.sentence) for fault in sheet.faults)
    return str(
        _BANNER.format(role=role, title=_("To be mended by us, before anybody is called"), items=items)
    )


def sheet_html(sheet: ReturnSheet, *, banner: bool = True) -> str:
    """Draw the sheet: the banner (unless it stands elsewhere), then a table for each part with something."""
    if sheet.empty:
        nothing = Markup('<p class="elite-quiet">{}</p>').format(_("Nothing came back that needs somebody."))
        return str(nothing + _settled(sheet))
    head = Markup(banner_html(sheet) if banner else "")  # noqa: S704 (escaped where it is made)
    return str(head + Markup("").join(_part(sheet, part) for part in Part) + _settled(sheet))


def sheet_page(sheet: ReturnSheet, settings: Settings) -> str:
    """Make a page of its own of the sheet, to be opened or printed; it fetches nothing."""
    title = _("Sheet of returns")
    if sheet.period is not None:
        title += f" — {months(sheet.period)}"
    return str(
        _PAGE.format(
            language=settings.language,
            title=title,
            home=settings.establishment.name,
            style=_STYLE,
            body=Markup(sheet_html(sheet)),  # noqa: S704 (escaped where it is made)
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
                (_OTHER if place else _FIRST).format(_breakable(text))
                for place, text in enumerate(cells(call))
            )
        )
        for call in calls
    )
    title = f"{part_title(part)} ({len(calls)})"
    return _TABLE.format(part=part.value, title=title, head=head, rows=rows)


def _breakable(text: str) -> Markup:
    """Let an address go on after its local part where it is too long for its column."""
    local, at, domain = text.partition("@")
    return Markup("{}<wbr>@{}").format(local, domain) if at and " " not in text else Markup("{}").format(text)


def _settled(sheet: ReturnSheet) -> Markup:
    if not sheet.settled:
        return Markup("")
    return Markup('<p class="elite-quiet">{}</p>').format(settled_sentence(sheet))
