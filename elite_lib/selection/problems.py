"""Find which problems concern a line, and word those that only selection can see as values."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from elite_lib import formats
from elite_lib.models import SHEETS, Contact, Problem, ProblemCode, SetAside, Severity, Tables
from elite_lib.selection.building import Family
from elite_lib.selection.keys import alphabetical

_TITLES = {sheet.name: sheet.title for sheet in SHEETS}
_COLUMNS = {(sheet.name, column.name): column.title for sheet in SHEETS for column in sheet.columns}
_UNUSABLE = (ProblemCode.EMAIL_INVALID, ProblemCode.EMAIL_NOT_ASCII, ProblemCode.ADDRESS_SET_ASIDE)
# A sheet may bear another name in the file; domain.md calls the contacts' "Famille".
_SHEETS = {alphabetical(title): name for name, title in _TITLES.items()} | {"famille": "contacts"}


def _sheet(title: str) -> str:
    """Give the sheet's English name; a title that is none of ours stays as it is."""
    letters = "".join(letter for letter in alphabetical(title) if letter.isalpha())
    return _SHEETS.get(letters, title)


def _invoices(tables: Tables) -> list[tuple[str, str]]:
    return [("invoices", title)] if (title := tables.titles.get("invoices")) else []


class Findings:
    """The file's problems, found by the line that they hold or the row that they are about."""

    __slots__ = ("_about", "_holding", "_names", "_numbers", "_titles", "file", "problems")

    def __init__(self, tables: Tables, *, numbers: Collection[str]) -> None:
        self.file = tables.file
        self.problems = tables.problems
        self._titles = _TITLES | dict(tables.titles)
        # Of the one table that is all three, a row is its invoice's.
        self._names = {title: name for name, title in (*tables.titles.items(), *_invoices(tables))}
        self._numbers = frozenset(numbers)  # of invoices: a statement may bear the same
        self._holding: defaultdict[str, list[Problem]] = defaultdict(list)
        self._about: defaultdict[tuple[str, int], list[Problem]] = defaultdict(list)
        for problem in tables.problems:
            if problem.severity is Severity.HOLD:
                for key in problem.held:
                    self._holding[key].append(problem)
            elif problem.row is not None:
                sheet = self._sheet(problem.sheet)
                if problem.code in _UNUSABLE:
                    sheet = "contacts"  # no other has addresses, whatever the file calls it
                self._about[sheet, problem.row].append(problem)

    def _sheet(self, title: str) -> str:
        return self._names.get(title) or _sheet(title)

    def holding(self, key: str, statement: str = "") -> list[Problem]:
        """List what holds a line: by its key, or by the number of the statement that it carries.

        Where a statement has the number of an invoice, only a problem of the sheet *Débours*
        means the statement.
        """
        found = list(self._holding.get(key, ()))
        if statement and statement != key:
            found += [
                problem
                for problem in self._holding.get(statement, ())
                if problem not in found
                and (statement not in self._numbers or self._sheet(problem.sheet) == "disbursements")
            ]
        return found

    def about(self, sheet: str, row: int) -> list[Problem]:
        """List the warnings about one row."""
        return self._about.get((sheet, row), [])

    def relevant(self, keys: Collection[str]) -> list[Problem]:
        """List the problems that hold nothing, or something of this period."""
        known = frozenset(keys)
        return [p for p in self.problems if not p.held or not known.isdisjoint(p.held)]

    def hold(
        self, code: ProblemCode, place: tuple[str, str], *, row: int, value: str, held: Sequence[str]
    ) -> Problem:
        """Make a problem that holds lines. ``place`` is the sheet and the column, by their English names."""
        return Problem(
            code=code,
            severity=Severity.HOLD,
            file=self.file,
            sheet=self._titles[place[0]],
            row=row,
            column=_COLUMNS[place],
            value=value,
            held=tuple(held),
        )

    def said(self, problems: Iterable[Problem], code: ProblemCode, place: tuple[str, str]) -> bool:
        """Tell whether one of the problems says it already: the same code, or the same column."""
        title = alphabetical(_COLUMNS[place])
        return any(problem.code is code or alphabetical(problem.column) == title for problem in problems)

    def nobody(self, family: Family, column: str) -> Problem:
        """Say that no contact is marked in ``column`` (gets_invoices or gets_statements)."""
        rows = [family.rows[contact.key] for contact in family.contacts]
        sheet, row = ("contacts", min(rows)) if rows else ("residents", family.row)
        return Problem(
            code=ProblemCode.NO_CONTACT,
            severity=Severity.WARNING,
            file=self.file,
            sheet=self._titles[sheet],
            row=row,
            column=_COLUMNS[sheet, column] if rows else "",
            facts={"resident": family.resident.code},
        )

    def unreachable(self, family: Family, contacts: Sequence[Contact]) -> Problem:
        """Say that none of the contacts that should receive has a usable address, and why."""
        rows = [family.rows[contact.key] for contact in contacts]
        unusable = [p for row in rows for p in self._unusable(row)]
        return Problem(
            code=ProblemCode.NO_USABLE_ADDRESS if unusable else ProblemCode.NO_ADDRESS,
            severity=Severity.WARNING,
            file=self.file,
            sheet=self._titles["contacts"],
            row=unusable[0].row if unusable else rows[0],
            column=_COLUMNS["contacts", "email"],
            value=unusable[0].value if unusable else "",
            facts={"resident": family.resident.code},
        )

    def note_set_aside(self, family: Family, set_aside: Mapping[str, SetAside]) -> None:
        """Add a problem for each address that was taken from a family, at its row of *Contacts*."""
        for recipient in family.set_aside:
            row, aside = family.rows[recipient.contact], set_aside[recipient.address.lower()]
            problem = Problem(
                code=ProblemCode.ADDRESS_SET_ASIDE,
                severity=Severity.WARNING,
                file=self.file,
                sheet=self._titles["contacts"],
                row=row,
                column=_COLUMNS["contacts", "email"],
                value=recipient.address,
                facts={
                    "resident": family.resident.code,
                    "since": formats.date(aside.since.date()),
                    "reason": aside.reason,
                },
            )
            self._about["contacts", row].append(problem)

    def missing_address(self, family: Family, contacts: Iterable[Contact]) -> list[Problem]:
        """Say which marked contacts get nothing, beside others who do; unusable cells are said already."""
        return [
            Problem(
                code=ProblemCode.VALUE_MISSING,
                severity=Severity.WARNING,
                file=self.file,
                sheet=self._titles["contacts"],
                row=row,
                column=_COLUMNS["contacts", "email"],
                facts={"resident": family.resident.code},
            )
            for contact in contacts
            if not contact.emails and not self._unusable(row := family.rows[contact.key])
        ]

    def _unusable(self, row: int) -> list[Problem]:
        return [p for p in self.about("contacts", row) if p.code in _UNUSABLE]
