"""Compare what was read with what is known: every problem named, no value or row that is not the true one."""

from __future__ import annotations

from collections.abc import Iterator

from elite_lib import selection, sources
from elite_lib.demo.dirtying.drafts import Named, Page, Spot
from elite_lib.demo.dirtying.setting import Dirtied, Dirtier
from elite_lib.exceptions import SourceError
from elite_lib.models import Disposition, Period, Problem, Severity, Tables

_LATER = "2999-12"


def complaints(dirtier: Dirtier, dirtied: Dirtied) -> list[str]:
    """Read a dirtied file and list what is wrong with the reading; nothing is right."""
    try:
        tables = sources.load(dirtied.path)
    except SourceError as error:
        return list(_refused(dirtied, error.problems))
    if dirtied.fatal:
        return ["read, although it cannot be used"]
    return [
        *_unnamed(dirtied, tables),
        *_wrong(dirtier, dirtied, tables),
        *_sent_all_the_same(tables),
        *_misdirected(dirtier, tables),
    ]


def _refused(dirtied: Dirtied, problems: tuple[Problem, ...]) -> Iterator[str]:
    if not dirtied.fatal:
        yield f"refused, although it can be read: {[problem.code.value for problem in problems]}"
        return
    named = {problem.code for problem in problems}
    wanted = {one.code for dirt in dirtied.dirt if dirt.fatal for one in dirt.named}
    if not named & wanted:
        yield f"refused as {sorted(named)}, not as {sorted(wanted)}"


def _unnamed(dirtied: Dirtied, tables: Tables) -> Iterator[str]:
    for dirt in dirtied.dirt:
        for wanted in dirt.named:
            if not any(_is(problem, wanted, dirtied) for problem in tables.problems):
                yield f"{dirt.trap}: not named: {wanted}"


def _is(problem: Problem, wanted: Named, dirtied: Dirtied) -> bool:
    if problem.code is not wanted.code:
        return False
    if not wanted.sheet:
        return True
    page = dirtied.draft.pages[wanted.sheet]
    if problem.sheet != page.title:
        return False
    if wanted.row is None:
        return True
    return problem.row == _numbers(page)[wanted.row] and problem.column == _title(page, wanted.column)


def _title(page: Page, column: str) -> str:
    """Give a column's title as a person reads it, over both lines."""
    return " ".join(f"{page.upper.get(column, '')} {page.titles.get(column, '')}".split())


def _numbers(page: Page) -> dict[int, int]:
    """Give the row that Excel shows of each row of the clean sheet."""
    return {
        row.origin: number for number, row in enumerate(page.rows, start=page.first) if row.origin is not None
    }


def _wrong(dirtier: Dirtier, dirtied: Dirtied, tables: Tables) -> Iterator[str]:
    """Compare every cell: the touched ones with what they must hold, the others with the truth."""
    spots = dirtied.spots
    for name, page in dirtied.draft.pages.items():
        frame = getattr(tables, name)
        found = {int(number): place for place, number in enumerate(frame["row"])}
        numbers = _numbers(page)
        for extra in found.keys() - set(numbers.values()):
            yield f"{page.title}, row {extra}: no row, and read as one"
        columns = {column.name: frame[column.name].tolist() for column in page.sheet.columns}
        for origin, number in numbers.items():
            if number not in found:
                yield f"{page.title}, row {number}: not read"
                continue
            for column, values in columns.items():
                spot = Spot(sheet=name, row=origin, column=column)
                truth = spots[spot] if spot in spots else dirtier.value(spot)
                if values[found[number]] != truth:
                    yield f"{page.title}, row {number}, {column}: {values[found[number]]!r} is not {truth!r}"


def _sent_all_the_same(tables: Tables) -> Iterator[str]:
    """Find lines that a problem holds and selection would mail."""
    held = {key for p in tables.problems if p.severity is Severity.HOLD for key in p.held}
    for line in selection.select(tables, _period(tables)).lines:
        if line.disposition is Disposition.MAIL and line.key in held:
            yield f"{line.key}: held by a problem, and mailed"


def _misdirected(dirtier: Dirtier, tables: Tables) -> Iterator[str]:
    """Find addresses that a line would be mailed to, and is not in the clean book."""
    clean = {
        line.key: {recipient.address for parcel in line.parcels for recipient in parcel.recipients}
        for line in selection.select(dirtier.truth, _period(dirtier.truth)).lines
    }
    for line in selection.select(tables, _period(tables)).lines:
        if line.disposition is Disposition.MAIL:
            found = {recipient.address for parcel in line.parcels for recipient in parcel.recipients}
            if found - clean.get(line.key, set()):
                yield f"{line.key}: mailed to {sorted(found - clean.get(line.key, set()))}"


def _period(tables: Tables) -> Period:
    months = selection.months(tables)
    return Period(first=months[0], last=months[-1]) if months else Period(first=_LATER, last=_LATER)
