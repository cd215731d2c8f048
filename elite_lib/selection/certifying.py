"""Draw up a year's tax certificates: what each resident bore for accommodation and dependency.

CGI art. 199 quindecies: a reduction of income tax on what is actually borne for dependency and
accommodation in a home, without disbursements, further services and aids. The base is computed from
the year's issued invoices, credit notes negative; what cannot be computed surely is held.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from types import MappingProxyType

from elite_lib.models import (
    Certificate,
    CertifiedMonth,
    Disposition,
    LineKind,
    Period,
    Plan,
    Problem,
    ProblemCode,
    Section,
    SetAside,
    Tables,
)
from elite_lib.selection.building import (
    Cells,
    Family,
    InvoiceRow,
    families,
    invoice_rows,
    lines_by_number,
    without,
)
from elite_lib.selection.choosing import Candidate, decide
from elite_lib.selection.planning import deaths_among, order_of, select
from elite_lib.selection.problems import Findings

_ZERO = Decimal(0)
_CENT = Decimal("0.01")
_NOBODY: Mapping[str, Sequence[str]] = MappingProxyType({})
_NONE: Mapping[str, SetAside] = MappingProxyType({})

# What holds an invoice of the year and says nothing against its figures.
_HARMLESS = frozenset(
    {
        ProblemCode.RESIDENT_DECEASED,
        ProblemCode.PAYER_UNKNOWN,
        ProblemCode.CREDITOR_ID_MISSING,
        ProblemCode.MANDATE_MISSING,
    }
)


def plan(
    tables: Tables,
    period: Period,
    *,
    unticked: Collection[str] = (),
    released: Mapping[str, Sequence[str]] = _NOBODY,
    set_aside: Mapping[str, SetAside] = _NONE,
) -> Plan:
    """Draw up the plan of a period: of a year's tax certificates (``ATT-2026``), else of its invoices."""
    draw_up = certify if period.year else select
    return draw_up(tables, period, unticked=unticked, released=released, set_aside=set_aside)


def certify(
    tables: Tables,
    period: Period,
    *,
    unticked: Collection[str] = (),
    released: Mapping[str, Sequence[str]] = _NOBODY,
    set_aside: Mapping[str, SetAside] = _NONE,
) -> Plan:
    """Give every resident who was billed in ``period.year`` exactly one line, with a certificate.

    It goes to the contacts marked for invoices. Nothing to certify: excluded. An invoice of the year
    that is held for its figures holds the certificate, with the same problems.
    """
    candidates, findings = _candidates(tables, period, set_aside=set_aside)
    deaths = deaths_among(candidates, findings, released=released)
    lines = [
        decide(
            candidate,
            findings,
            death=deaths.get(candidate.key),
            heirs=released.get(candidate.key, ()),
            unticked=candidate.key in unticked,
        )
        for candidate in candidates
    ]
    lines.sort(key=order_of)
    count, euros = certified(tables, period)
    problems = {id(p): p for line in lines for p in (*line.reasons, *line.warnings)}
    return Plan(
        period=period,
        lines=tuple(lines),
        problems=tuple(problems.values()),
        invoices=count,
        euros=euros,
        kind=LineKind.CERTIFICATE,
    )


def _candidates(
    tables: Tables, period: Period, *, set_aside: Mapping[str, SetAside]
) -> tuple[list[Candidate], Findings]:
    rows = _issued(tables, period)
    printed = lines_by_number(tables.lines, {row.number for row in rows if row.number})
    held = _held(tables, period)
    findings = Findings(tables, numbers=())
    known = {code: without(family, set_aside) for code, family in families(tables).items()}
    for family in known.values():
        findings.note_set_aside(family, set_aside)
    of_resident: defaultdict[str, list[InvoiceRow]] = defaultdict(list)
    for row in rows:
        of_resident[row.resident or ""].append(row)
    candidates = []
    for code, mine in of_resident.items():
        doubts = [problem for row in mine for problem in held.get(row.key, ())]
        for row in mine:
            doubts += _doubts(row, printed.get(row.number or "", ()), findings)
        certificate = _certificate(period.year, code, mine, printed=printed)
        candidates.append(_candidate(certificate, period, doubts, family=known.get(code), row=mine[0].row))
    return candidates, findings


def certified(tables: Tables, period: Period) -> tuple[int, Decimal]:
    """Count the residents who were billed in the year, and add up what they bore, row by row of the sheet.

    So that the slip of the certificates has something to be checked against (invariant 7).
    """
    rows = _issued(tables, period)
    printed = lines_by_number(tables.lines, {row.number for row in rows if row.number})
    borne = (_month(row, printed.get(row.number or "", ())).base for row in rows)
    return len({row.resident for row in rows}), sum(borne, _ZERO)


def _issued(tables: Tables, period: Period) -> list[InvoiceRow]:
    """List the year's rows of *Factures*; one whose month cannot be known is in every year, held."""
    rows = invoice_rows(tables.invoices)
    return [row for row in rows if not row.excluded and (not row.month or row.month[:4] == period.year)]


def _held(tables: Tables, period: Period) -> dict[str, list[Problem]]:
    """Give what holds each invoice of the year because of its figures."""
    months = Period(first=f"{period.year}-01", last=f"{period.year}-12")
    return {
        line.key: [problem for problem in line.reasons if problem.code not in _HARMLESS]
        for line in select(tables, months).lines
        if line.kind is LineKind.INVOICE and line.disposition is Disposition.HELD
    }


def _doubts(row: InvoiceRow, lines: Sequence[Cells], findings: Findings) -> Iterable[Problem]:
    """Say why an invoice that can be sent cannot be certified: its sections, or its VAT, are not known."""
    if row.duplicate or row.cells["total"] is None:
        return  # held already
    if not lines and row.cells["total"]:
        place = ("invoices", "number")
        yield findings.hold(
            ProblemCode.LINES_MISSING, place, row=row.row, value=row.number or "", held=(row.key,)
        )
    elif abs((row.cells["vat"] or _ZERO) - sum(map(_tax, lines), _ZERO)) > _CENT * len(lines):
        place = ("invoices", "vat")
        yield findings.hold(
            ProblemCode.TOTAL_SUM, place, row=row.row, value=str(row.cells["vat"]), held=(row.key,)
        )


def _certificate(
    year: str, resident: str, rows: Iterable[InvoiceRow], *, printed: Mapping[str, Sequence[Cells]]
) -> Certificate:
    months: dict[str, CertifiedMonth] = {}
    for row in sorted(rows, key=lambda row: (row.month, row.row)):
        found = _month(row, printed.get(row.number or "", ()))
        earlier = months.get(row.month)
        months[row.month] = _added(earlier, found) if earlier else found
    return Certificate(
        number=f"ATT-{year}-{resident}",
        resident=resident,
        year=year,
        date=dt.date(int(year), 12, 31),
        months=tuple(months.values()),
    )


def _added(one: CertifiedMonth, other: CertifiedMonth) -> CertifiedMonth:
    return CertifiedMonth(
        month=one.month,
        invoices=one.invoices + other.invoices,
        accommodation=one.accommodation + other.accommodation,
        dependency=one.dependency + other.dependency,
        aids=one.aids + other.aids,
    )


def _month(row: InvoiceRow, lines: Sequence[Cells]) -> CertifiedMonth:
    """Give what one invoice adds; nothing where two rows bear its number and share its lines."""
    borne = dict.fromkeys(Section, _ZERO)
    for cells in () if row.duplicate else lines:
        if cells["amount"] is not None:
            borne[Section(cells["section"] or Section.OTHER)] += cells["amount"] + _tax(cells)
    billed = any(borne[section] for section in (Section.ACCOMMODATION, Section.DEPENDENCY))
    return CertifiedMonth(
        month=row.month,
        invoices=(row.number or "",),
        accommodation=borne[Section.ACCOMMODATION].quantize(_CENT, ROUND_HALF_UP),
        dependency=borne[Section.DEPENDENCY].quantize(_CENT, ROUND_HALF_UP),
        aids=(row.cells["deductions"] or _ZERO) if billed else _ZERO,
    )


def _tax(cells: Cells) -> Decimal:
    rate, amount = cells["vat_rate"], cells["amount"]
    return Decimal(amount) * Decimal(rate) / 100 if rate and amount else _ZERO


def _candidate(
    certificate: Certificate, period: Period, doubts: Iterable[Problem], *, family: Family | None, row: int
) -> Candidate:
    return Candidate(
        key=certificate.number,
        month=period.key,
        amount=certificate.base,
        family=family,
        certificate=certificate,
        doubts=tuple({id(doubt): doubt for doubt in doubts}.values()),
        first_row=row,
    )
