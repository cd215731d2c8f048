"""Traps of single cells: how a value is written, and whether it is read as it is or refused by name."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from elite_lib.demo.dirtying.drafts import Cell, Dirt, Draft, Medium, Named, Row, Spot, Value
from elite_lib.models import CellType, Column, ProblemCode

_C, _T = ProblemCode, CellType
_BOTH: tuple[Medium, ...] = ("xlsx", "csv")
_SPACES = (" ", "\u00a0", "\u202f", "\u2009")
_MONTHS = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)
_ODD = ("\u00a0", "  ", "\u200b", "\ufeff", " \t")
_TRUTH = object()  # the cell is read as the clean one is

Write = Callable[[Any, random.Random], Value | Cell]


@dataclass(frozen=True, slots=True, kw_only=True)
class CellTrap:
    """One way to write a cell. ``code``: the problem that names it; None: it must be read right."""

    name: str
    types: Sequence[CellType]
    write: Write
    code: ProblemCode | None = None
    media: Sequence[Medium] = _BOTH
    fits: Callable[[Column, Any], bool] = lambda _column, value: value is not None
    read: object = _TRUTH  # what the cell then holds, if not the clean value; of a refused one, nothing

    def set(self, draft: Draft, chance: random.Random, truth: Callable[[Spot], object]) -> Dirt | None:
        """Set the trap somewhere in the draft; None where nothing fits it."""
        if draft.medium not in self.media:
            return None
        free = list(self._free(draft))
        if not free:
            return None
        spot, row = chance.choice(free)
        written = self.write(row.cells[spot.column].value, chance)
        row.cells[spot.column] = written if isinstance(written, Cell) else Cell(value=written)
        draft.taken.add(spot)
        named = (
            (Named(code=self.code, sheet=spot.sheet, row=spot.row, column=spot.column),) if self.code else ()
        )
        held = truth(spot) if self.read is _TRUTH else self.read
        return Dirt(
            trap=self.name, named=named, spots={spot: None if self.code and self.read is _TRUTH else held}
        )

    def _free(self, draft: Draft) -> Iterator[tuple[Spot, Row]]:
        for name, page in draft.pages.items():
            columns = [c for c in page.sheet.columns if c.type in self.types and c.name in page.titles]
            for row in page.rows:
                if row.origin is None or (self.code is _C.VALUE_MISSING and _is_draft(row)):
                    continue  # of a draft invoice number and due date may be missing
                for column in columns:
                    spot = Spot(sheet=name, row=row.origin, column=column.name)
                    if spot not in draft.taken and self.fits(column, row.cells[column.name].value):
                        yield spot, row


def _is_draft(row: Row) -> bool:
    return "status" in row.cells and row.cells["status"].value != "émise"


def _typed_amount(value: Decimal, chance: random.Random) -> str:
    grouped = f"{abs(value):,.2f}".replace(",", chance.choice(_SPACES)).replace(".", ",")
    signed = grouped if value >= 0 else chance.choice(("-{}", "\u2212{}", "{}-", "({})")).format(grouped)
    return signed + chance.choice(("", " €", "\u00a0€", "€", " EUR"))


def _typed_date(day: dt.date, chance: random.Random) -> str:
    first = "1er" if day.day == 1 else str(day.day)
    return chance.choice(
        (
            f"{day:%d/%m/%Y}",
            f"{day.day}/{day.month}/{day.year}",
            f"{day:%Y-%m-%d}",
            f"{day:%d.%m.%Y}",
            f"{day:%Y-%m-%d} 00:00:00",
            f"{first} {_MONTHS[day.month - 1]} {day.year}",
            f"\u00a0{day:%d/%m/%Y} ",
        )
    )


def _serial(day: dt.date, _chance: random.Random) -> float:
    return float((day - dt.date(1899, 12, 30)).days)


def _odd_spaces(text: str, chance: random.Random) -> str:
    return chance.choice((f"{text}{chance.choice(_ODD)}", f"{chance.choice(_ODD)}{text}"))


def _email(address: str, chance: random.Random) -> str:
    return chance.choice(
        (
            f"{address}\u00a0",
            f"Famille Lefèvre <{address}>",
            f"mailto:{address}",
            f"{address} (sa fille)",
            f"{address};",
            f"« {address} »",
        )
    )


def _slipped(address: str, chance: random.Random) -> str:
    local, _, domain = address.partition("@")
    return chance.choice(
        (
            f"{local}@{domain.replace('.', ',')}",
            f"{local}{domain}",
            f"{local}@@{domain}",
            f"{local} @{domain}",
            f"{local}@{domain.partition('.')[0]}",
            "pas d'adresse",
            "(n'en veut pas)",
        )
    )


def _is_code_of_digits(column: Column, value: Any) -> bool:
    return isinstance(value, str) and value.isdecimal() and len(value) < 15 and column.name != "gir"


_ANY = (_T.TEXT, _T.CODE, _T.INTEGER, _T.AMOUNT, _T.NUMBER, _T.DATE, _T.WORD, _T.EMAIL, _T.FLAG)
_NULLS = ("NA", "N/A", "null", "Null", "None", "nan", "NULL", "-")

CELL_TRAPS: tuple[CellTrap, ...] = (
    CellTrap(name="amount typed", types=(_T.AMOUNT,), write=_typed_amount),
    CellTrap(
        name="amount that can be read in two ways",
        types=(_T.AMOUNT,),
        write=lambda _v, chance: chance.choice(("1.234", "12,345", "999.000 €", "-1.500", "(2.000)")),
        code=_C.NUMBER_AMBIGUOUS,
    ),
    CellTrap(
        name="amount that is none",
        types=(_T.AMOUNT, _T.NUMBER),
        write=lambda _v, chance: chance.choice(
            ("voir note", "1O0,00", "12,3,4", "1 23,45", "12 €/jour", "--5", "1,234.56,7", "½", "1e5")
        ),
        code=_C.NUMBER_INVALID,
    ),
    CellTrap(
        name="amount with a hidden third decimal",
        types=(_T.AMOUNT,),
        write=lambda v, chance: chance.choice((float(v) + 0.004, float(v) - 0.0015)),
        media=("xlsx",),  # typed with a comma it could as well be thousands
        code=_C.NUMBER_INVALID,
    ),
    CellTrap(name="date typed", types=(_T.DATE,), write=_typed_date),
    CellTrap(
        name="date without its format",
        types=(_T.DATE,),
        write=_serial,
        media=("xlsx",),
        fits=lambda _column, v: v is not None and v.year >= 1911,
    ),
    CellTrap(
        name="date that is none",
        types=(_T.DATE,),
        write=lambda v, chance: chance.choice(
            (
                "31/02/2026",
                f"{v:%m}/31/{v:%Y}",
                f"{v:%d/%m/%y}",
                "hier",
                "00/00/0000",
                f"{v:%d/%m}/0206",
                "2026",
            )
        ),
        code=_C.DATE_INVALID,
    ),
    CellTrap(
        name="year alone",
        types=(_T.DATE,),
        write=lambda v, _c: float(v.year),
        media=("xlsx",),
        code=_C.DATE_INVALID,
    ),
    CellTrap(
        name="code kept as a number with a format",
        types=(_T.CODE,),
        write=lambda v, _c: Cell(value=int(v), form="0" * max(2, len(v))),
        media=("xlsx",),
        fits=lambda column, v: _is_code_of_digits(column, v) and len(v) >= 2,
    ),
    CellTrap(
        name="postcode without its zero",
        types=(_T.CODE,),
        write=lambda v, _c: float(v),
        media=("xlsx",),
        fits=lambda column, v: column.name == "postcode" and isinstance(v, str) and v.startswith("0"),
    ),
    CellTrap(
        name="digits lost",
        types=(_T.CODE,),
        write=lambda _v, chance: chance.choice(("7,32829E+13", "7.32829E+13", 7.32829e16)),
        code=_C.NUMBER_INVALID,
        media=("xlsx",),
    ),
    CellTrap(
        name="digits lost in a text",
        types=(_T.CODE,),
        write=lambda _v, chance: chance.choice(("7,32829E+13", "7.3E+15")),
        code=_C.NUMBER_INVALID,
        media=("csv",),
    ),
    CellTrap(name="odd spaces", types=(_T.CODE, _T.TEXT, _T.WORD, _T.EMAIL), write=_odd_spaces),
    CellTrap(name="in capitals", types=(_T.WORD,), write=lambda v, _c: v.upper()),
    CellTrap(
        name="word of no list",
        types=(_T.WORD, _T.FLAG),
        write=lambda _v, chance: chance.choice(("peut-être", "à voir", "?")),
        code=_C.VALUE_UNKNOWN,
        fits=lambda column, v: v is not None and column.name != "payment_mode",
    ),
    CellTrap(
        name="way to pay of no list",
        types=(_T.WORD,),
        write=lambda _v, _c: "troc",
        code=_C.VALUE_UNKNOWN,
        fits=lambda column, v: v is not None and column.name == "payment_mode",
        read="other",
    ),
    CellTrap(
        name="tick",
        types=(_T.FLAG,),
        write=lambda v, chance: chance.choice(
            ("oui", "X", "VRAI", "1") if v == "O" else ("non", "FAUX", "0", None)
        ),
    ),
    CellTrap(
        name="rank that is none",
        types=(_T.INTEGER,),
        write=lambda _v, chance: chance.choice(("un", "1,5", "1er", "1-2")),
        code=_C.NUMBER_INVALID,
    ),
    CellTrap(name="address dressed up", types=(_T.EMAIL,), write=_email),
    CellTrap(name="address slipped", types=(_T.EMAIL,), write=_slipped, code=_C.EMAIL_INVALID, read=()),
    CellTrap(
        name="address with an accent",
        types=(_T.EMAIL,),
        write=lambda v, _c: f"é{v}",
        code=_C.EMAIL_NOT_ASCII,
        read=(),
    ),
    CellTrap(
        name="error value",
        types=_ANY,
        write=lambda _v, chance: chance.choice(("#N/A", "#REF!", "#DIV/0!", "#VALUE!", "#NAME?")),
        code=_C.CELL_ERROR,
    ),
    CellTrap(
        name="formula never calculated",
        types=_ANY,
        write=lambda _v, chance: chance.choice(("=A1", "=1+1", '=VLOOKUP("x",A:B,2,FALSE)')),
        code=_C.FORMULA_WITHOUT_VALUE,
        media=("xlsx",),
    ),
    CellTrap(
        name="empty",
        types=_ANY,
        write=lambda _v, chance: chance.choice((None, " ", "\u00a0")),
        code=_C.VALUE_MISSING,
        fits=lambda column, v: v is not None and column.filled,
    ),
)


def null_trap(draft: Draft, chance: random.Random, _truth: Callable[[Spot], object]) -> Dirt | None:
    """Call a resident or contact Null: the name is a name, whatever other readers take it for."""
    sheet = chance.choice(("residents", "contacts"))
    rows = [row for row in draft.pages[sheet].rows if row.origin is not None]
    spots = [Spot(sheet=sheet, row=row.origin or 0, column="last_name") for row in rows]
    free = [spot for spot in spots if spot not in draft.taken]
    if not free:
        return None
    spot, name = chance.choice(free), chance.choice(_NULLS)
    next(row for row in rows if row.origin == spot.row).cells["last_name"] = Cell(value=name)
    draft.taken.add(spot)
    return Dirt(trap="called Null", spots={spot: name})
