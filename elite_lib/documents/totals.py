"""The sums below a table: label and amount, the last one on a band; VAT by rate beside them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from elite_lib import formats
from elite_lib.documents.page import LEFT, RIGHT
from elite_lib.documents.pen import GREY, MM, Align, Colour, Pen
from elite_lib.documents.table import on

_WIDTH = 88 * MM
_AMOUNT = 34 * MM
_ROW = 14.5
_BAND = 21.0
_GAP = 9.0  # above, and half of it above the band
_PADDING = 6.0
_EDGE = 3.0  # where the table's amounts end
_VAT_ROW = 12.0


@dataclass(frozen=True, slots=True, kw_only=True)
class VatRow:
    """Base and tax of one rate; ``tax`` is None where the lines cannot tell."""

    rate: Decimal  # percent
    base: Decimal
    tax: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Sums in order, then the one that counts."""

    rows: tuple[tuple[str, Decimal], ...]
    label: str
    amount: Decimal
    vat: tuple[VatRow, ...] = ()
    vat_titles: tuple[str, ...] = ("", "", "", "")  # rate, base, tax, what bears none

    @property
    def height(self) -> float:
        sums = _ROW * len(self.rows) + _GAP / 2 + _BAND
        return _GAP + max(sums, _VAT_ROW * (1 + len(self.vat)))

    def draw(self, pen: Pen, top: float, accent: Colour) -> None:
        """Draw the sums with their upper edge at ``top``."""
        top += _GAP
        if self.vat:
            self._vat(pen, top)
        left, inner = RIGHT - _WIDTH, _WIDTH - _AMOUNT - _PADDING
        y = top
        for label, amount in self.rows:
            pen.text(left + _PADDING, y + 10, label, size=9, width=inner)
            text = formats.amount(amount)
            room = _AMOUNT - _PADDING
            pen.text(RIGHT - _EDGE, y + 10, text, size=9, width=room, whole=True, align=Align.RIGHT)
            y += _ROW
        y += _GAP / 2
        pen.band(left, y, _WIDTH, height=_BAND, colour=accent)
        colour = on(accent)
        pen.text(left + _PADDING, y + 14.5, self.label, size=11, width=inner, bold=True, colour=colour)
        pen.text(
            RIGHT - _EDGE,
            y + 14.5,
            formats.amount(self.amount),
            size=11,
            width=_AMOUNT - _PADDING,
            bold=True,
            whole=True,
            align=Align.RIGHT,
            colour=colour,
        )

    def _vat(self, pen: Pen, top: float) -> None:
        rights = (LEFT + 24 * MM, LEFT + 52 * MM, LEFT + 78 * MM)
        *titles, untaxed = self.vat_titles
        rows = [tuple(titles)]
        rows += [
            (
                f"{formats.quantity(row.rate)}\u00a0%" if row.rate else untaxed,
                formats.amount(row.base),
                formats.amount(row.tax) if row.tax is not None else "",
            )
            for row in self.vat
        ]
        for place, row in enumerate(rows):
            y = top + 9 + _VAT_ROW * place
            for right, text in zip(rights, row, strict=True):
                room = 22 * MM
                pen.text(
                    right,
                    y,
                    text,
                    size=8,
                    width=room,
                    bold=not place,
                    whole=True,
                    align=Align.RIGHT,
                    colour=GREY,
                )
