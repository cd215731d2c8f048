"""What the sample data is known to hold: the oracle of every test that reads it.

Nothing here is computed from the tables: each fact is written down while the row that makes
it true is made, so that a reader or a selection that errs cannot err the same way.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from elite_lib.demo.households import Profile
from elite_lib.models import Disposition, LineKind, ProblemCode


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedLine:
    """A dispatch line that selection must find.

    ``amount`` in euros: an invoice's net (a credit note's is negative), the total of a relevé alone.
    """

    key: str
    kind: LineKind
    month: str
    resident: str
    amount: Decimal
    disposition: Disposition
    messages: tuple[tuple[str, ...], ...] = ()  # the addresses of each message; of MAIL lines only
    paper: bool = False
    statement: str = ""  # number of the relevé that travels with it
    reason: ProblemCode | None = None  # why held or to print, unless the family wants paper

    @property
    def addresses(self) -> tuple[str, ...]:
        return tuple(address for message in self.messages for address in message)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedStatement:
    """Euros of a relevé: what was there, what came in, what was spent, what is left."""

    opening: Decimal
    paid: Decimal
    total: Decimal

    @property
    def balance(self) -> Decimal:
        return self.opening + self.paid - self.total


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedProblem:
    """A problem that reading the workbook must report, and the only ones."""

    code: ProblemCode
    sheet: str
    row: int
    column: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthFacts:
    """Counts of one month. ``invoices`` counts rows of *Factures*, excluded ones too."""

    month: str
    invoices: int
    euros: Decimal
    statements: int
    statements_alone: int
    messages: int
    recipients: int
    paper: int  # lines of the print pile before anything bounced
    dispositions: Mapping[Disposition, int]  # every disposition, zero included; invoices only


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoFacts:
    """What is special in the sample data. A code, number or address is "" where a small home lacks it."""

    workbook: Path
    months: tuple[str, ...]
    residents: int  # rows of Résidents: those who left and arrived included
    lines: tuple[ExpectedLine, ...]
    statements: Mapping[str, ExpectedStatement]
    problems: tuple[ExpectedProblem, ...]
    codes: Mapping[Profile, tuple[str, ...]]  # who bears which
    refused: str  # address that the catcher answers with 550
    deferred: str  # address that the catcher answers with 451, once
    deceased: str  # code
    death_date: dt.date | None
    draft: str  # invoice number
    credit_note: str  # its number
    credited: str  # number of the invoice that it corrects
    statement_alone: str  # number of the relevé whose resident has no invoice in the month

    def month(self, month: str) -> MonthFacts:
        """Count one month's lines."""
        lines = [line for line in self.lines if line.month == month]
        invoices = [line for line in lines if line.kind is LineKind.INVOICE]
        return MonthFacts(
            month=month,
            invoices=len(invoices),
            euros=sum((line.amount for line in invoices), Decimal(0)),
            statements=sum(bool(line.statement) for line in lines),
            statements_alone=len(lines) - len(invoices),
            messages=sum(len(line.messages) for line in lines),
            recipients=sum(len(line.addresses) for line in lines),
            paper=sum(line.paper for line in lines),
            dispositions={d: sum(line.disposition is d for line in invoices) for d in Disposition},
        )
