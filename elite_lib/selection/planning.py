"""Draw up the plan of a period, and count its billing beside it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType

from elite_lib import formats
from elite_lib.models import DispatchLine, Period, Plan, Problem, ProblemCode, SetAside, Tables
from elite_lib.selection.building import (
    Cells,
    Family,
    InvoiceRow,
    billed_month,
    build_invoice,
    column,
    families,
    invoice_rows,
    lines_by_number,
    without,
)
from elite_lib.selection.choosing import Candidate, decide
from elite_lib.selection.keys import NaturalKey, alphabetical, natural
from elite_lib.selection.problems import Findings
from elite_lib.selection.statements import Accounts, StatementRows, assign, build_statement

_ZERO = Decimal(0)
_NOBODY: Mapping[str, Sequence[str]] = MappingProxyType({})
_NONE: Mapping[str, SetAside] = MappingProxyType({})


def select(
    tables: Tables,
    period: Period,
    *,
    unticked: Collection[str] = (),
    released: Mapping[str, Sequence[str]] = _NOBODY,
    set_aside: Mapping[str, SetAside] = _NONE,
) -> Plan:
    """Give every row of *Factures* of the period, and every relevé of it, exactly one line.

    ``unticked`` are the keys of lines that a person left out. ``released`` gives, by line key, the
    addresses that a person named for a deceased resident: the line goes to these only. A row
    whose month cannot be known is in every period, held. ``set_aside`` are the addresses, in small
    letters, that are not written to: who has no other one is printed for, with a problem.
    """
    candidates, findings = _candidates(tables, period, set_aside=set_aside)
    deaths = deaths_among(candidates, findings, released=released)
    left_out = frozenset(unticked)
    lines = [
        decide(
            candidate,
            findings,
            death=deaths.get(candidate.key),
            heirs=released.get(candidate.key, ()),
            unticked=candidate.key in left_out,
        )
        for candidate in candidates
    ]
    lines.sort(key=order_of)
    invoices, euros = billing(tables, period)
    return Plan(
        period=period,
        lines=tuple(lines),
        problems=_problems(lines, findings),
        invoices=invoices,
        euros=euros,
    )


def months(tables: Tables) -> tuple[str, ...]:
    """List the months that have invoices, ascending; rows without a readable date are in none."""
    return tuple(sorted(set(_months(tables)) - {""}))


def addresses(tables: Tables) -> tuple[str, ...]:
    """List every usable address of the contacts once, whoever receives this month."""
    cells = (cell for name in ("email", "email_2") for cell in column(tables.contacts, name) if cell)
    return tuple(dict.fromkeys(address for cell in cells for address in cell))


def billing(tables: Tables, period: Period) -> tuple[int, Decimal]:
    """Count the rows of *Factures* in the period and add up their *Net à payer* (euros).

    Computed from the sheet alone, so that the slip has something to be checked against
    (invariant 7). An unreadable net counts 0; a row whose month cannot be known is in every period.
    """
    rows = zip(_months(tables), column(tables.invoices, "net"), strict=True)
    nets = [net for month, net in rows if _within(month, period)]
    return len(nets), sum((net for net in nets if net is not None), _ZERO)


def _months(tables: Tables) -> Iterator[str]:
    starts, days = column(tables.invoices, "start"), column(tables.invoices, "date")
    return map(billed_month, starts, days)


def _within(month: str, period: Period) -> bool:
    return not month or month in period


def _candidates(
    tables: Tables, period: Period, *, set_aside: Mapping[str, SetAside]
) -> tuple[list[Candidate], Findings]:
    rows = invoice_rows(tables.invoices)
    statements = assign(tables.disbursements, rows)
    findings = Findings(tables, numbers={row.number for row in rows if row.number})
    known = {code: without(family, set_aside) for code, family in families(tables).items()}
    for family in known.values():
        findings.note_set_aside(family, set_aside)
    accounts = Accounts(tables.provisions, statements)
    rows = [row for row in rows if _within(row.month, period)]
    statements = [statement for statement in statements if _within(statement.month, period)]
    printed = lines_by_number(tables.lines, {row.number for row in rows if row.number})
    carried = {statement.host.row: statement for statement in statements if statement.host}
    candidates = [_billed(row, carried.get(row.row), accounts, known=known, printed=printed) for row in rows]
    candidates += [_alone(s, accounts, known=known) for s in statements if s.host is None]
    return candidates, findings


def _billed(
    row: InvoiceRow,
    disbursed: StatementRows | None,
    accounts: Accounts,
    *,
    known: Mapping[str, Family],
    printed: Mapping[str, Sequence[Cells]],
) -> Candidate:
    return Candidate(
        key=row.key,
        month=row.month,
        amount=_ZERO if row.net is None else row.net,
        family=known.get(row.resident or ""),
        source=row,
        invoice=build_invoice(row, printed.get(row.number or "", ())),
        disbursed=disbursed,
        statement=build_statement(disbursed, accounts) if disbursed else None,
    )


def _alone(disbursed: StatementRows, accounts: Accounts, *, known: Mapping[str, Family]) -> Candidate:
    return Candidate(
        key=disbursed.key,
        month=disbursed.month,
        amount=disbursed.total,
        family=known.get(disbursed.resident or ""),
        disbursed=disbursed,
        statement=build_statement(disbursed, accounts),
    )


def deaths_among(
    candidates: Iterable[Candidate], findings: Findings, *, released: Mapping[str, Sequence[str]]
) -> dict[str, Problem]:
    """Hold the lines of residents who died, save those that a person released: one problem a resident."""
    keys: defaultdict[str, list[str]] = defaultdict(list)
    families_of: dict[str, Family] = {}
    for candidate in candidates:
        family = candidate.family
        if family is None or family.resident.death_date is None or candidate.excluded:
            continue
        if not released.get(candidate.key):
            keys[family.resident.code].append(candidate.key)
            families_of[family.resident.code] = family
    found = {}
    for code, family in families_of.items():
        day = family.resident.death_date
        problem = findings.hold(
            ProblemCode.RESIDENT_DECEASED,
            ("residents", "death_date"),
            row=family.row,
            value=formats.date(day) if day else "",
            held=keys[code],
        )
        found.update(dict.fromkeys(keys[code], problem))
    return found


def order_of(line: DispatchLine) -> tuple[bool, str, str, str, NaturalKey, int]:
    """Order lines as the office files them: by resident's name, then by number; unknown ones last."""
    resident = line.resident
    if resident is None:
        return True, "", "", "", natural(line.number), line.row
    last, first = alphabetical(resident.last_name), alphabetical(resident.first_name)
    return False, last, first, resident.code, natural(line.number), line.row


def _problems(lines: Sequence[DispatchLine], findings: Findings) -> tuple[Problem, ...]:
    """List the file's problems that matter to the period, then those found here, each once."""
    keys = {line.key for line in lines} | {line.statement.number for line in lines if line.statement}
    found = findings.relevant(keys)
    seen = {id(problem) for problem in findings.problems}
    told = set()
    for line in lines:
        for problem in (*line.reasons, *line.warnings):
            place = (problem.code, problem.sheet, problem.row, problem.column, problem.value, problem.held)
            if id(problem) not in seen and place not in told:
                told.add(place)
                found.append(problem)
    return tuple(found)
