"""The HTML part: the same words as the text part, in a page that every mail program shows.

Tables and inline styles, for Outlook renders with Word; no style sheet, no script, nothing remote.
"""

from __future__ import annotations

import re
from html import escape

from elite_lib.models import Establishment

_FONT = "font-family:Arial,Helvetica,sans-serif"
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
_NEUTRAL = "#333333"
_LINK = re.compile(r"(?P<url>https?://[^\s<>\"«»]+)|(?P<mail>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)", re.ASCII)
_TRAILING = ".,;:!?)]}'’»"  # punctuation of the sentence, not of the link


def page(text: str, signature: str, *, establishment: Establishment, logo: str = "") -> str:
    """Write the HTML body. ``logo``: Content-ID of the inline picture, without angle brackets."""
    colour = establishment.colour if _COLOUR.fullmatch(establishment.colour) else _NEUTRAL
    rows = []
    if logo:
        rows.append(
            f'<tr><td style="padding:24px 32px 0"><img src="cid:{escape(logo)}"'
            f' alt="{escape(establishment.name)}"'
            # The attribute is for Outlook, which knows no max-height.
            ' height="64" style="height:64px;width:auto;border:0;display:block"></td></tr>'
        )
    rows.append(
        f'<tr><td style="padding:24px 32px;{_FONT};font-size:15px;line-height:1.5;color:#222222">\n'
        f"{_paragraphs(text)}</td></tr>"
    )
    if signature:
        rows.append(
            f'<tr><td style="padding:16px 32px 24px;border-top:3px solid {colour};{_FONT};font-size:13px;'
            f'line-height:1.5;color:#444444">\n{_paragraphs(signature)}</td></tr>'
        )
    return (
        "<!DOCTYPE html>\n"
        f'<html lang="fr">\n<head><meta charset="utf-8"><title>{escape(establishment.name)}</title></head>\n'
        '<body style="margin:0;padding:0;background-color:#ffffff">\n'
        '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"'
        ' style="max-width:640px">\n' + "\n".join(rows) + "\n</table>\n</body>\n</html>\n"
    )


def _paragraphs(text: str) -> str:
    blocks = (block for block in re.split(r"\n[ \t]*\n", text) if block.strip())
    return "".join(
        f'<p style="margin:0 0 14px">{"<br>".join(map(_linked, block.strip().split(chr(10))))}</p>\n'
        for block in blocks
    )


def _linked(line: str) -> str:
    """Escape a line, and make its addresses clickable."""
    pieces, end = [], 0
    for found in _LINK.finditer(line):
        shown = found.group().rstrip(_TRAILING)
        target = shown if found["url"] else f"mailto:{shown}"
        pieces += [escape(line[end : found.start()]), f'<a href="{escape(target)}">{escape(shown)}</a>']
        end = found.start() + len(shown)
    return "".join(pieces) + escape(line[end:])
