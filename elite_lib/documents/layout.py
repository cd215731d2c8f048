"""What all documents share: letterhead, window, folds, table over several pages, foot."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from elite_lib.documents import logo
from elite_lib.documents.facts import home_values
from elite_lib.documents.page import (
    CONTENT,
    FOLDS,
    LEFT,
    RIGHT,
    WINDOW_HEIGHT,
    WINDOW_LEFT,
    WINDOW_TOP,
    WINDOW_WIDTH,
    Block,
)
from elite_lib.documents.pen import GREY, HEIGHT, INK, MM, RULE, WIDTH, Align, Colour, Pen, wrap
from elite_lib.documents.table import Table, legible, paginate
from elite_lib.documents.template import Template
from elite_lib.models import Establishment

_TABLE_TOP = 101 * MM  # below the first fold
_LATER_TOP = 28 * MM
_NUMBERED = HEIGHT - 9 * MM  # baseline of the page number
_MENTION_SIZE, _MENTION_LEADING, _MENTION_LINES = 7.0, 8.8, 16
_MENTION_GAP = 13.0  # between the last mention and the page number


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """A document in words and figures, before it is laid out."""

    title: str
    number: str
    date: dt.date
    facts: tuple[str, ...]  # below the number, one a line
    about: str  # whose document it is, repeated on the later pages
    address: tuple[str, ...]
    foot: tuple[str, ...]
    table: Table
    arrangement: Arrangement


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrangement:
    """What stands around the table."""

    before: tuple[Block, ...] = ()  # above it, on the first page
    after: tuple[Block, ...] = ()  # right below it, on the last page
    bottom: Block | None = None  # at the foot of the last page


def arranged(order: Sequence[str], blocks: Mapping[str, Block | None]) -> Arrangement:
    """Put ``blocks`` into ``order`` around the table; a payment that is last goes to the foot of the page."""
    place = order.index("table")
    before = (blocks.get(name) for name in order[:place])
    after = [name for name in order[place + 1 :] if blocks.get(name)]
    bottom = blocks[after.pop()] if after and after[-1] == "payment" else None
    found = (blocks[name] for name in after)
    return Arrangement(before=tuple(filter(None, before)), after=tuple(filter(None, found)), bottom=bottom)


def compose(content: Content, *, template: Template, establishment: Establishment, home: Path) -> bytes:
    """Lay out ``content`` on as many pages as it needs and return the PDF."""
    accent, arrangement = accent_of(establishment.colour), content.arrangement
    name = f"{content.title} {template['page.number']}\u00a0{content.number}"
    pen = Pen(
        title=name,
        author=establishment.name,
        lang=template["page.language"],
        stamp=f"D:{content.date:%Y%m%d}000000+00'00'",
    )
    mentions = _mentions(content.foot)
    foot = _NUMBERED - _MENTION_GAP - _MENTION_LEADING * len(mentions)
    bottom = foot - 3 * MM
    draw_letterhead(pen, establishment, template=template, home=home, accent=accent)
    pen.bookmark(name)
    top = max(_TABLE_TOP, _draw_heading(pen, content, template) + 5 * MM)
    _draw_window(pen, content.address)
    for fold in FOLDS:
        pen.rule(4 * MM, fold, 5 * MM, weight=0.4, colour=GREY)
    for block in arrangement.before:
        block.draw(pen, top, accent)
        top += block.height + 3 * MM
    closing = sum(block.height for block in (*arrangement.after, arrangement.bottom) if block)
    pages = paginate(content.table, first=bottom - top, later=bottom - _LATER_TOP, closing=closing)
    for place, page in enumerate(pages, start=1):
        if place > 1:
            _draw_continuation(pen, name, content.about, establishment)
            top = _LATER_TOP
        top = content.table.draw(pen, page, left=LEFT, top=top, accent=accent)
        if place == len(pages):
            for block in arrangement.after:
                block.draw(pen, top, accent)
                top += block.height
            if arrangement.bottom:
                arrangement.bottom.draw(pen, bottom - arrangement.bottom.height, accent)
        _draw_foot(pen, mentions, foot, numbered=f"{name} — {template['page.page']} {place}/{len(pages)}")
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


def draw_letterhead(
    pen: Pen, establishment: Establishment, *, template: Template, home: Path, accent: Colour
) -> None:
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
    for line in template.shown("letterhead.lines", home_values(establishment))[:_LETTERHEAD_LINES]:
        pen.text(left, y, line, size=8.5, width=RIGHT - left, colour=GREY)
        y += 11


_LETTERHEAD_LINES = 8  # what the space above the window holds


def _draw_heading(pen: Pen, content: Content, template: Template) -> float:
    """Draw title, number and facts left of the window; return where they end."""
    width = WINDOW_LEFT - 5 * MM - LEFT
    y = WINDOW_TOP + 4 * MM
    pen.text(LEFT, y, content.title.upper(), size=17, width=width, bold=True)
    y += 18
    pen.text(LEFT, y, f"{template['page.number']}\u00a0{content.number}", size=11, width=width, bold=True)
    y += 17
    for fact in content.facts:
        for line in wrap(fact, 9, width, lines=2):
            pen.text(LEFT, y, line, size=9, width=width)
            y += 12
    return y - 12


def _draw_window(pen: Pen, address: tuple[str, ...]) -> None:
    leading = 13.5
    y = WINDOW_TOP + (WINDOW_HEIGHT - leading * len(address)) / 2 + 10
    for line in address:
        pen.text(WINDOW_LEFT + 4 * MM, y, line, size=10, width=WINDOW_WIDTH - 8 * MM)
        y += leading


def _draw_continuation(pen: Pen, name: str, about: str, establishment: Establishment) -> None:
    y = 16 * MM
    pen.text(LEFT, y, establishment.name, size=9, width=CONTENT * 0.45, bold=True)
    pen.text(RIGHT, y, name, size=9, width=CONTENT * 0.5, bold=True, align=Align.RIGHT)
    pen.text(RIGHT, y + 12, about, size=8.5, width=CONTENT, align=Align.RIGHT, colour=GREY)


def _mentions(texts: tuple[str, ...]) -> list[str]:
    """Break the legal mentions into lines; what does not fit into sixteen is fitted to the last."""
    lines = [line for part in texts for line in wrap(part, _MENTION_SIZE, CONTENT, lines=_MENTION_LINES)]
    if len(lines) > _MENTION_LINES:
        lines[_MENTION_LINES - 1 :] = [" ".join(lines[_MENTION_LINES - 1 :])]
    return lines


def _draw_foot(pen: Pen, mentions: list[str], y: float, *, numbered: str) -> None:
    pen.rule(LEFT, y, CONTENT, colour=RULE)
    for mention in mentions:
        y += _MENTION_LEADING
        pen.text(WIDTH / 2, y, mention, size=_MENTION_SIZE, width=CONTENT, align=Align.CENTRE, colour=GREY)
    pen.text(RIGHT, _NUMBERED, numbered, size=7, width=CONTENT, align=Align.RIGHT, colour=GREY)
