"""Parse one column of raw cells into what its type promises; note every cell that does not hold it.

Column by column over plain lists. What a column holds many times is parsed once; a column of tidy texts is
taken as it is (``columns``). Only where something may be wrong is each cell looked at.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from elite_lib.models import CellType, Column, ProblemCode
from elite_lib.sources import columns, dates, emails, numbers
from elite_lib.sources.numbers import UnreadableError
from elite_lib.sources.texts import clean, folded, number_text, seen, single_spaced
from elite_lib.sources.words import ALLOWED, FLAGS, FLAGS_ALLOWED, UNKNOWN, WORDS

# As Excel (English, French) and LibreOffice show them; a CSV keeps them as text.
_ERROR = re.compile(
    r"#(?:n/[ad]|ref!|valeur!|value!|nom\?|name\?|div/0!|nul!|null!|nombre!|num!|spill!|calc!|###+)|err:5[0-9]{2}",
    re.IGNORECASE,
)
# "7,32829E+13": Excel wrote the digits that it showed into the CSV, the others are lost.
_EXPONENT = re.compile(r"[0-9](?:[.,][0-9]+)?e\+[0-9]{2,3}", re.IGNORECASE)
_EXACT_BELOW = 10**15  # Excel keeps 15 digits


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """One cell that does not hold what its column promises. ``index`` counts the kept rows from 0."""

    index: int
    code: ProblemCode
    value: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    row: int | None = None  # where it stands, if that is not the row that ``index`` means


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What is known of a column's cells beside their values; by index of the kept rows."""

    epoch_1904: bool = False
    shown: Mapping[int, str] = field(default_factory=dict)


Parsed = tuple[list[Any], list[Flaw]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    """One column to parse, and where its flaws go."""

    column: Column
    values: Sequence[object]
    around: Surroundings
    flaws: list[Flaw]

    def note(self, index: int, problem: UnreadableError, *, value: object = None) -> None:
        text = seen(self.values[index] if value is None else value)
        self.flaws.append(Flaw(index=index, code=problem.code, value=text, facts=problem.facts))


def parse(column: Column, values: Sequence[object], around: Surroundings) -> Parsed:
    """Parse the cells of ``column``. An unreadable cell becomes None and a flaw; an empty one None.

    Of flags an empty cell is False; of e-mail cells without any usable address the value is ().
    """
    broken = _errors(values)
    if broken:
        values = ["" if index in broken else value for index, value in enumerate(values)]
    flaws = [Flaw(index=i, code=ProblemCode.CELL_ERROR, value=text) for i, text in broken.items()]
    job = _Job(column=column, values=values, around=around, flaws=flaws)
    parsed = _PARSERS[column.type](job)
    for index in broken:
        parsed[index] = None  # of a flag, an empty cell would be False
    return parsed, flaws


def _errors(values: Sequence[object]) -> dict[int, str]:
    """Find the error values that a text export keeps as texts."""
    text = columns.joined(values)
    if text is not None and "#" not in text and ":5" not in text:
        return {}
    return {
        index: value.strip()
        for index, value in enumerate(values)
        if type(value) is str and value[:1] in ("#", "E", "e") and _ERROR.fullmatch(value.strip())
    }


def _by_value(job: _Job, read: Callable[[Any], Any]) -> list[Any]:
    """Parse each different value once: a month's workbook holds few different days, words and prices."""
    known: dict[object, Any] = {}
    refused: dict[object, UnreadableError] = {}
    if bool in set(map(type, job.values)):
        # True is equal to 1: one would be read as the other.
        return [_read_cell(job, index, read) for index in range(len(job.values))]
    for value in set(job.values):
        try:
            known[value] = read(value)
        except UnreadableError as problem:
            refused[value] = problem
            known[value] = None
    if refused:
        for index, value in enumerate(job.values):
            if value in refused:
                job.note(index, refused[value])
    return [known[value] for value in job.values]


def _read_cell(job: _Job, index: int, read: Callable[[Any], Any]) -> Any:
    try:
        return read(job.values[index])
    except UnreadableError as problem:
        job.note(index, problem)
        return None


def _texts(job: _Job) -> list[Any]:
    text = columns.joined(job.values)
    if text is not None and columns.tidy(text):
        return list(job.values) if columns.filled(text, job.values) else [v or None for v in job.values]
    return [(clean(v) or None) if type(v) is str else seen(v) for v in job.values]


def _codes(job: _Job) -> list[Any]:
    whole = columns.joined(job.values)
    if whole is not None and columns.tidy(whole) and "E+" not in whole and "e+" not in whole:
        return list(job.values) if columns.filled(whole, job.values) else [v or None for v in job.values]
    out: list[Any] = []
    for index, value in enumerate(job.values):
        if type(value) is str:
            text = single_spaced(value)
            lost = _EXPONENT.fullmatch(text) is not None if text[1:2] in (",", ".", "E", "e") else False
        elif type(value) is float or type(value) is int:
            text, lost = job.around.shown.get(index) or number_text(value), abs(value) >= _EXACT_BELOW
        else:
            text, lost = seen(value), False  # "1-2" that Excel made a date: shown as a date
        if lost:
            job.note(index, UnreadableError(ProblemCode.NUMBER_INVALID, why="digits_lost"))
        out.append(None if lost else text or None)
    return out


def _integers(job: _Job) -> list[Any]:
    return _by_value(job, _integer)


def _integer(value: object) -> int | None:
    exact = _number(value)
    if exact is not None and exact != int(exact):
        raise UnreadableError(ProblemCode.NUMBER_INVALID, why="whole")
    return None if exact is None else int(exact)


def _amounts(job: _Job) -> list[Any]:
    if all(type(value) is float or value == "" for value in job.values):
        known = numbers.all_cents({value for value in job.values if type(value) is float})
        if known is not None:
            return [known[value] if type(value) is float else None for value in job.values]
    return _by_value(job, _amount)


def _amount(value: object) -> Decimal | None:
    if type(value) is float or type(value) is int:
        return numbers.cents(float(value))
    if type(value) is str:
        text = clean(value)
        return numbers.amount(text) if text else None
    raise UnreadableError(ProblemCode.NUMBER_INVALID)


def _numbers(job: _Job) -> list[Any]:
    parsed = _by_value(job, _number)
    if job.column.name != "vat_rate":
        return parsed
    for index, value in enumerate(parsed):
        if value is not None and 0 < value < 1 and type(job.values[index]) is not str:
            try:
                parsed[index] = _rate(value, job.around.shown.get(index, ""))
            except UnreadableError as problem:
                job.note(index, problem)
                parsed[index] = None
    return parsed


def _rate(parsed: Decimal, shown: str) -> Decimal:
    """Read 0.055 as 5.5 % where Excel shows ``5,5%``; without that it could be 0.055 %."""
    if not shown.endswith("%"):
        raise UnreadableError(ProblemCode.NUMBER_AMBIGUOUS, why="percent")
    return (parsed * 100).normalize() + 0


def _number(value: object) -> Decimal | None:
    if type(value) is float:
        return numbers.exact(value)
    if type(value) is str:
        text = clean(value)
        return numbers.number(text) if text else None
    if type(value) is int:
        return Decimal(value)
    raise UnreadableError(ProblemCode.NUMBER_INVALID)


def _dates(job: _Job) -> list[Any]:
    return _by_value(job, lambda value: _date(value, job.around))


def _date(value: object, around: Surroundings) -> dt.date | None:
    if isinstance(value, dt.datetime):
        return dates.checked(value.date())
    if isinstance(value, dt.date):
        return dates.checked(value)
    if type(value) is str:
        text = clean(value)
        return dates.typed(text) if text else None
    if type(value) is float or type(value) is int:
        return dates.serial(value, epoch_1904=around.epoch_1904)
    raise UnreadableError(ProblemCode.DATE_INVALID)


def _flags(job: _Job) -> list[Any]:
    return _by_value(job, _flag)


def _flag(value: object) -> bool:
    if type(value) is bool:
        return value
    text = folded(value) if type(value) is str else seen(value)
    parsed = FLAGS.get(text) if text else False
    if parsed is None:
        raise UnreadableError(ProblemCode.VALUE_UNKNOWN, allowed=FLAGS_ALLOWED)
    return parsed


def _words(job: _Job) -> list[Any]:
    """Read words of a closed list; an unknown way to pay is still one (``UNKNOWN``)."""
    name = job.column.name
    parsed = _by_value(job, lambda value: _word(value, name))
    instead = UNKNOWN.get(name)
    if instead is not None and job.flaws:
        for flaw in job.flaws:
            if flaw.code is ProblemCode.VALUE_UNKNOWN:
                parsed[flaw.index] = str(instead)
    return parsed


def _word(value: object, name: str) -> str | None:
    text = folded(value) if type(value) is str else seen(value)
    word = WORDS[name].get(text)
    if word is None and text:
        raise UnreadableError(ProblemCode.VALUE_UNKNOWN, allowed=ALLOWED[name])
    return None if word is None else str(word)


def _emails(job: _Job) -> list[Any]:
    out: list[Any] = []
    for index, value in enumerate(job.values):
        text = clean(value) if type(value) is str else seen(value)
        if not text:
            out.append(None)
            continue
        usable, flaws = emails.addresses(text)
        for code, piece in flaws:
            job.note(index, UnreadableError(code), value=piece)
        out.append(usable)
    return out


_PARSERS: Mapping[CellType, Callable[[_Job], list[Any]]] = {
    CellType.TEXT: _texts,
    CellType.CODE: _codes,
    CellType.INTEGER: _integers,
    CellType.AMOUNT: _amounts,
    CellType.NUMBER: _numbers,
    CellType.DATE: _dates,
    CellType.FLAG: _flags,
    CellType.WORD: _words,
    CellType.EMAIL: _emails,
}
