"""What invoice and statement share: letterhead, window, folds, table over several pages, foot."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from elite_lib.documents import logo, wording
from elite_lib.documents.pen import GREY, HEIGHT, INK, MM, RULE, WIDTH, Align, Colour, Pen, wrap
from elite_lib.documents.table import Table, legible, paginate
from elite_lib.models import Establishment

LEFT = 15 * MM
RIGHT = WIDTH - LEFT
CONTENT = RIGHT - LEFT
# The window of French envelopes: 85 × 33 mm, 110 mm from the left, 55 mm from the top (edics.fr)
WINDOW_LEFT, WINDOW_TOP, WINDOW_WIDTH, WINDOW_HEIGHT = 110 * MM, 55 * MM, 85 * MM, 33 * MM
FOLDS = (99 * MM, 198 * MM)
_TABLE_TOP = 101 * MM  # below the first fold
_LATER_TOP = 28 * MM
_NUMBERED = HEIGHT - 9 * MM  # baseline of the page number
_MENTION_SIZE, _MENTION_LEADING, _MENTION_LINES = 6.5, 8.2, 16
_MENTION_GAP = 13.0  # between the last mention and the page number


class Block(Protocol):
    """Something of a known height that is drawn after the table."""

    @property
    def height(self) -> float:
        """Return the height in points."""

    def draw(self, pen: Pen, top: float, accent: Colour) -> None:
        """Draw it with its upper edge at ``top``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """A document in words and figures, before it is laid out."""

    title: str
    number: str
    date: dt.date
    facts: tuple[str, ...]  # below the number, one a line
    about: str  # whose document it is, repeated on the later pages
    address: tuple[str, ...]
    mentions: tuple[str, ...]
    table: Table
    totals: Block  # right below the table
    payment: Block | None  # at the foot of the last page

    @property
    def name(self) -> str:
        return f"{self.title} {wording.NUMBER}\u00a0{self.number}"


def compose(content: Content, *, establishment: Establishment, home: Path) -> bytes:
    """Lay out ``content`` on as many pages as it needs and return the PDF."""
    accent = accent_of(establishment.colour)
    pen = Pen(
        title=content.name,
        author=establishment.name,
        lang=wording.LANG,
        stamp=f"D:{content.date:%Y%m%d}000000+00'00'",
    )
    mentions = _mentions(content.mentions)
    foot = _NUMBERED - _MENTION_GAP - _MENTION_LEADING * len(mentions)
    bottom = foot - 3 * MM
    draw_letterhead(pen, establishment, home=home, accent=accent)
    top = max(_TABLE_TOP, _draw_heading(pen, content) + 5 * MM)
    _draw_window(pen, content.address)
    for fold in FOLDS:
        pen.rule(4 * MM, fold, 5 * MM, weight=0.4, colour=GREY)
    closing = content.totals.height + (content.payment.height if content.payment else 0)
    pages = paginate(content.table, first=bottom - top, later=bottom - _LATER_TOP, closing=closing)
    for place, page in enumerate(pages, start=1):
        if place > 1:
            _draw_continuation(pen, content, establishment)
            top = _LATER_TOP
        top = content.table.draw(pen, page, left=LEFT, top=top, accent=accent)
        if place == len(pages):
            content.totals.draw(pen, top, accent)
            if content.payment:
                content.payment.draw(pen, bottom - content.payment.height, accent)
        _draw_foot(pen, mentions, foot, numbered=f"{content.name} — {wording.PAGE} {place}/{len(pages)}")
        pen.end_page()
    return pen.save()


def accent_of(colour: str) -> Colour:
    """Read ``#1f5673``; anything else is the ink's colour, since a bill goes out all the same."""
    digits = colour.strip().removeprefix("#")
    try:
        value = int(digits, 16) if len(digits) == 6 else -1
    except ValueError:
        value = -1
    if value < 0:
        return INK
    return ((value >> 16) / 255, (value >> 8 & 255) / 255, (value & 255) / 255)


def draw_letterhead(pen: Pen, establishment: Establishment, *, home: Path, accent: Colour) -> None:
    """Draw logo and identity of the home, above the window.

    Raises:
        DocumentError: ``logo_unreadable``.
    """
    left, top = LEFT, 12 * MM
    if establishment.logo:
        picture = logo.load(home / establishment.logo)
        pen.image(left, top, picture, width=picture.width, height=picture.height)
        left += picture.width + 6 * MM
    y = top + 11
    pen.text(left, y, establishment.name, size=13, width=RIGHT - left, bold=True, colour=legible(accent))
    y += 13
    for line in _identity(establishment):
        pen.text(left, y, line, size=8, width=RIGHT - left, colour=GREY)
        y += 10.5


def _identity(establishment: Establishment) -> list[str]:
    home = establishment
    siret = home.siret.replace(" ", "")
    if len(siret) == 14:
        siret = f"{siret[:3]} {siret[3:6]} {siret[6:9]} {siret[9:]}"
    rows = (
        (home.legal_form,),
        (", ".join(filter(None, home.address)),),
        (_labelled(wording.PHONE, home.phone), home.email),
        (_labelled(wording.SIRET, siret), _labelled(wording.APE, home.ape)),
        (_labelled(wording.FINESS, home.finess), _labelled(wording.VAT_NUMBER, home.vat_number)),
    )
    return [text for row in rows if (text := " — ".join(filter(None, row)))]


def _labelled(label: str, value: str) -> str:
    return f"{label}\u00a0{value}" if value else ""


def _draw_heading(pen: Pen, content: Content) -> float:
    """Draw title, number and facts left of the window; return where they end."""
    width = WINDOW_LEFT - 5 * MM - LEFT
    y = WINDOW_TOP + 4 * MM
    pen.text(LEFT, y, content.title.upper(), size=17, width=width, bold=True)
    y += 18
    pen.text(LEFT, y, f"{wording.NUMBER}\u00a0{content.number}", size=11, width=width, bold=True)
    y += 17
    for fact in content.facts:
        for line in wrap(fact, 8.5, width, lines=2):
            pen.text(LEFT, y, line, size=8.5, width=width)
            y += 11.5
    return y - 11.5


def _draw_window(pen: Pen, address: tuple[str, ...]) -> None:
    leading = 13.5
    y = WINDOW_TOP + (WINDOW_HEIGHT - leading * len(address)) / 2 + 10
    for line in address:
        pen.text(WINDOW_LEFT + 4 * MM, y, line, size=10, width=WINDOW_WIDTH - 8 * MM)
        y += leading


def _draw_continuation(pen: Pen, content: Content, establishment: Establishment) -> None:
    y = 16 * MM
    pen.text(LEFT, y, establishment.name, size=9, width=CONTENT * 0.45, bold=True)
    pen.text(RIGHT, y, content.name, size=9, width=CONTENT * 0.5, bold=True, align=Align.RIGHT)
    pen.text(RIGHT, y + 12, content.about, size=8.5, width=CONTENT, align=Align.RIGHT, colour=GREY)


def _mentions(texts: tuple[str, ...]) -> list[str]:
    """Break the legal mentions into lines; what does not fit into sixteen is fitted to the last."""
    parts = [part for text in texts for part in text.splitlines() if part.strip()]
    lines = [line for part in parts for line in wrap(part, _MENTION_SIZE, CONTENT, lines=_MENTION_LINES)]
    if len(lines) > _MENTION_LINES:
        lines[_MENTION_LINES - 1 :] = [" ".join(lines[_MENTION_LINES - 1 :])]
    return lines


def _draw_foot(pen: Pen, mentions: list[str], y: float, *, numbered: str) -> None:
    pen.rule(LEFT, y, CONTENT, colour=RULE)
    for mention in mentions:
        y += _MENTION_LEADING
        pen.text(WIDTH / 2, y, mention, size=_MENTION_SIZE, width=CONTENT, align=Align.CENTRE, colour=GREY)
    pen.text(RIGHT, _NUMBERED, numbered, size=7, width=CONTENT, align=Align.RIGHT, colour=GREY)
