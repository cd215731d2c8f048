"""Say which dispatch lines a broken row holds, and whether a broken cell holds anything at all."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from functools import cached_property

from elite_lib.models import InvoiceStatus, Problem, ProblemCode, Severity
from elite_lib.selection import line_key
from elite_lib.sources.cells import Flaw
from elite_lib.sources.rows import Table

_EXCLUDED = (InvoiceStatus.DRAFT, InvoiceStatus.CANCELLED)

# Columns of which a broken cell makes sending unsafe. Of the other sheets every column does: what is
# printed would be wrong. A broken address is no such thing: the good one beside it still receives.
_HOLDING: Mapping[str, frozenset[str]] = {
    "residents": frozenset({"code", "last_name", "first_name", "death_date", "payment_mode", "delivery"}),
    "contacts": frozenset({"resident", "rank", "gets_invoices", "gets_statements"}),
}
# Of a draft or cancelled invoice these may be empty: it gets them when it is issued.
_LATER = frozenset({"number", "due"})


class Holding:
    """The keys of the dispatch lines, by invoice, statement and resident; none of lines that are left out."""

    def __init__(self, tables: Mapping[str, Table]) -> None:
        self._tables = tables
        invoices = tables["invoices"]
        numbers = invoices.columns["number"]
        count = Counter(filter(None, numbers)) if len(set(numbers)) < len(numbers) else {}
        self.duplicates = {number: n for number, n in count.items() if n > 1}
        self.lines = [
            line_key(number, row, number in self.duplicates)
            for number, row in zip(numbers, invoices.rows, strict=True)
        ]
        self.excluded = [status in _EXCLUDED for status in invoices.columns["status"]]

    # Made when something is held: a month without a problem needs none of them.

    @cached_property
    def _of_number(self) -> Mapping[str, list[str]]:
        found: defaultdict[str, list[str]] = defaultdict(list)
        numbers = self._tables["invoices"].columns["number"]
        for number, key, excluded in zip(numbers, self.lines, self.excluded, strict=True):
            if number and not excluded:
                found[number].append(key)
        return found

    @cached_property
    def _of_resident(self) -> Mapping[str, list[tuple[str, str]]]:
        found: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
        columns = self._tables["invoices"].columns
        for index, key in enumerate(self.lines):
            if (resident := columns["resident"][index]) and not self.excluded[index]:
                found[resident].append((_month(columns["start"][index] or columns["date"][index]), key))
        return found

    @cached_property
    def _statements(self) -> Mapping[str, Mapping[str, None]]:
        return self._filed(alone=False)

    @cached_property
    def _alone(self) -> Mapping[str, Mapping[str, None]]:
        return self._filed(alone=True)

    def _filed(self, *, alone: bool) -> Mapping[str, Mapping[str, None]]:
        """File the statements by resident; ``alone``: those for which no invoice is named."""
        found: defaultdict[str, dict[str, None]] = defaultdict(dict)
        columns = self._tables["disbursements"].columns
        for statement, number, resident in zip(
            columns["statement"], columns["number"], columns["resident"], strict=True
        ):
            if statement and resident and not (alone and number in self._of_number):
                found[resident][statement] = None
        return found

    def of_invoice(self, index: int) -> tuple[str, ...]:
        """Give the line of one row of *Factures*; nothing when it is left out anyway."""
        return () if self.excluded[index] else (self.lines[index],)

    def of_number(self, number: str | None) -> tuple[str, ...]:
        """Give the lines of the rows that bear an invoice number."""
        return tuple(self._of_number.get(number or "", ()))

    def of_resident(self, code: str | None) -> tuple[str, ...]:
        """Give every line of a resident: invoices, and statements that no invoice is named for."""
        keys = [key for _, key in self._of_resident.get(code or "", ())]
        return _unique(keys, self._alone.get(code or "", ()))

    def of_statement_row(self, index: int) -> tuple[str, ...]:
        """Give the lines of one row of *Débours*.

        That is the invoice it names, else the resident's of its month; and the statement itself, which
        may be a line of its own or travel with another one.
        """
        columns = self._tables["disbursements"].columns
        statement = columns["statement"][index]
        named = self.of_number(columns["number"][index]) or self.of_resident_in_month(index)
        return _unique(named, [statement] if statement else ())

    def of_resident_in_month(self, index: int) -> tuple[str, ...]:
        """Give the invoices of one *Débours* row's resident and month; without a date, of every month."""
        columns = self._tables["disbursements"].columns
        month = _month(columns["date"][index])
        invoices = self._of_resident.get(columns["resident"][index] or "", ())
        return tuple(key for other, key in invoices if not (month and other) or other == month)

    def of_provision_row(self, index: int) -> tuple[str, ...]:
        """Give the lines whose statement's balance one row of *Provisions* changes: from its month on."""
        columns = self._tables["provisions"].columns
        resident, month = columns["resident"][index] or "", _month(columns["date"][index])
        if resident not in self._statements:
            return ()
        invoices = self._of_resident.get(resident, ())
        keys = [key for other, key in invoices if not (month and other) or other >= month]
        return _unique(keys, self._statements[resident])

    def of_row(self, sheet: str, index: int) -> tuple[str, ...]:
        """Give the lines that a row of any sheet bears on."""
        columns = self._tables[sheet].columns
        match sheet:
            case "invoices":
                return self.of_invoice(index)
            case "lines":
                return self.of_number(columns["number"][index])
            case "disbursements":
                return self.of_statement_row(index)
            case "provisions":
                return self.of_provision_row(index)
            case "residents":
                return self.of_resident(columns["code"][index])
            case _:
                return self.of_resident(columns["resident"][index])

    def problem(
        self,
        code: ProblemCode,
        place: tuple[str, str],
        index: int,
        *,
        held: Iterable[str] = (),
        value: str | None = None,
        facts: Mapping[str, str] | None = None,
    ) -> Problem:
        """Make the problem of one cell; ``place`` is sheet and column. It holds when ``held`` has a line."""
        sheet, column = place
        table = self._tables[sheet]
        keys = tuple(held)
        return Problem(
            code=code,
            severity=Severity.HOLD if keys else Severity.WARNING,
            file=table.file,
            sheet=table.title,
            row=table.rows[index],
            column=table.title_of(column),
            value=table.text(column, index) if value is None else value,
            held=keys,
            facts=facts or {},
        )

    def of_flaw(self, place: tuple[str, str], flaw: Flaw) -> Problem | None:
        """Make the problem of a cell that could not be read; None where nobody need fill it in yet."""
        sheet, column = place
        later = sheet == "invoices" and column in _LATER and flaw.code is ProblemCode.VALUE_MISSING
        if later and self.excluded[flaw.index]:
            return None
        held = self.of_row(sheet, flaw.index) if _holds(place, flaw) else ()
        problem = self.problem(flaw.code, place, flaw.index, held=held, value=flaw.value, facts=flaw.facts)
        return problem if flaw.row is None else replace(problem, row=flaw.row)


def _holds(place: tuple[str, str], flaw: Flaw) -> bool:
    sheet, column = place
    if column == "payment_mode" and flaw.code is ProblemCode.VALUE_UNKNOWN:
        return False  # read as "other": printed without a QR
    return sheet not in _HOLDING or column in _HOLDING[sheet]


def _month(day: date | None) -> str:
    return f"{day.year:04d}-{day.month:02d}" if day else ""


def _unique(*groups: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(key for group in groups for key in group))
