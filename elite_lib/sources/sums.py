"""Check that what is printed adds up, to the cent: lines, totals, net, periods."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from elite_lib.models import InvoiceKind, Problem, ProblemCode
from elite_lib.sources.holding import Holding
from elite_lib.sources.rows import Table

_C = ProblemCode
_ZERO = Decimal(0)


def totals(tables: Mapping[str, Table], holding: Holding, *, papers: bool = False) -> Iterator[Problem]:
    """Check each invoice's own arithmetic: HT + TVA = TTC, TTC - deductions - down payments = net.

    Cells that could not be read are reported as such; a sum with one of them says nothing. An invoice whose
    PDF another program made (``papers``: every one) may leave its totals empty; one that we print may not.
    """
    table = tables["invoices"]
    columns = table.columns
    flawed = {(f.index, name) for name, flaws in table.flaws.items() for f in flaws}
    for index in _doubtful(columns):
        if holding.excluded[index]:
            continue
        unreadable = {name for name in _SUMMED if (index, name) in flawed}
        value = {name: columns[name][index] for name in _SUMMED}
        for name in ("total_before_tax", "total"):
            if value[name] is None and name not in unreadable and not (papers or columns["pdf"][index]):
                held = holding.of_invoice(index)
                yield holding.problem(_C.VALUE_MISSING, ("invoices", name), index, held=held, value="")
        before_tax, total, net = value["total_before_tax"], value["total"], value["net"]
        if before_tax is not None and total is not None and "vat" not in unreadable:
            found = before_tax + (value["vat"] or _ZERO)
            yield from _compared(_C.TOTAL_SUM, "total", index, holding=holding, found=found, stated=total)
        if total is not None and net is not None and not unreadable & {"deductions", "down_payments"}:
            found = total - (value["deductions"] or _ZERO) - (value["down_payments"] or _ZERO)
            yield from _compared(_C.NET_SUM, "net", index, holding=holding, found=found, stated=net)
        if columns["kind"][index] == InvoiceKind.CREDIT_NOTE and net is not None and net > 0:
            held = holding.of_invoice(index)
            yield holding.problem(_C.CREDIT_NOTE_POSITIVE, ("invoices", "net"), index, held=held)


def _doubtful(columns: Mapping[str, Sequence[Any]]) -> Iterator[int]:
    """Leave out the rows that plainly add up as they were read: no refused cell changes that."""
    amounts = zip(columns["kind"], *(columns[name] for name in _SUMMED), strict=True)
    return (index for index, (kind, *row) in enumerate(amounts) if not _adds_up(kind, row))


def _adds_up(kind: str | None, amounts: Sequence[Any]) -> bool:
    before_tax, vat, total, deductions, down_payments, net = amounts
    if kind == InvoiceKind.CREDIT_NOTE or before_tax is None or total is None or net is None:
        return False
    if (before_tax + vat if vat else before_tax) != total:
        return False
    taken = (deductions or _ZERO) + (down_payments or _ZERO)
    return bool((total - taken if taken else total) == net)


_SUMMED = ("total_before_tax", "vat", "total", "deductions", "down_payments", "net")


def lines(tables: Mapping[str, Table], holding: Holding, *, papers: bool = False) -> Iterator[Problem]:
    """Check that each invoice has lines (or a PDF, or ``papers``), and that they add up to *Total HT*.

    Of a number that is there twice, nobody knows whose the lines are: not checked, held anyway.
    """
    columns = tables["invoices"].columns
    added: defaultdict[str, Decimal] = defaultdict(Decimal)
    unreadable: set[str] = set()
    rows = tables["lines"].columns
    for number, amount in zip(rows["number"], rows["amount"], strict=True):
        if number is not None:
            added[number] += amount if amount is not None else _ZERO
            if amount is None:
                unreadable.add(number)
    for index, number in enumerate(columns["number"]):
        if number is None or number in holding.duplicates or holding.excluded[index]:
            continue
        if number not in added:
            if not columns["pdf"][index] and not papers:
                held = holding.of_invoice(index)
                yield holding.problem(_C.LINES_MISSING, ("invoices", "number"), index, held=held)
            continue
        stated = columns["total_before_tax"][index]
        if stated is not None and number not in unreadable:
            yield from _compared(
                _C.LINES_SUM, "total_before_tax", index, holding=holding, found=added[number], stated=stated
            )


def periods(tables: Mapping[str, Table], holding: Holding) -> Iterator[Problem]:
    """Report periods of invoices and of lines that end before they begin."""
    for sheet in ("invoices", "lines"):
        columns = tables[sheet].columns
        for index, (start, end) in enumerate(zip(columns["start"], columns["end"], strict=True)):
            if start is not None and end is not None and end < start:
                held = holding.of_row(sheet, index)
                facts = {"start": start.isoformat(), "end": end.isoformat()}
                yield holding.problem(_C.PERIOD_REVERSED, (sheet, "end"), index, held=held, facts=facts)


def _compared(
    code: ProblemCode, column: str, index: int, *, holding: Holding, found: Decimal, stated: Decimal
) -> Iterator[Problem]:
    if found != stated:
        facts = {"sum": f"{found:.2f}", "expected": f"{stated:.2f}"}
        held = holding.of_invoice(index)
        yield holding.problem(code, ("invoices", column), index, held=held, facts=facts)
