"""Decide of one line of the period: mailed, held, printed or left out; and to whom it goes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from elite_lib.models import (
    Certificate,
    Contact,
    Delivery,
    DispatchLine,
    Disposition,
    DocumentKind,
    Invoice,
    LineKind,
    Parcel,
    Problem,
    ProblemCode,
    Recipient,
    Statement,
)
from elite_lib.selection import addressing
from elite_lib.selection.building import Family, InvoiceRow
from elite_lib.selection.problems import Findings
from elite_lib.selection.statements import StatementRows

_COLUMN_OF = {
    DocumentKind.INVOICE: "gets_invoices",
    DocumentKind.STATEMENT: "gets_statements",
    DocumentKind.CERTIFICATE: "gets_invoices",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """What is known of a line before it is decided: a row of *Factures*, a statement, both; a certificate."""

    key: str
    month: str
    amount: Decimal
    family: Family | None
    source: InvoiceRow | None = None
    invoice: Invoice | None = None
    disbursed: StatementRows | None = None
    statement: Statement | None = None
    certificate: Certificate | None = None
    doubts: tuple[Problem, ...] = ()  # what holds a certificate
    first_row: int = 0  # of a certificate: its first invoice's

    @property
    def kind(self) -> LineKind:
        if self.certificate is not None:
            return LineKind.CERTIFICATE
        return LineKind.STATEMENT if self.source is None else LineKind.INVOICE

    @property
    def row(self) -> int:
        if self.source is not None:
            return self.source.row
        return self.disbursed.row if self.disbursed else self.first_row

    @property
    def resident(self) -> str:
        owner = self.source or self.disbursed or self.certificate
        return (owner.resident if owner else None) or ""

    @property
    def excluded(self) -> bool:
        if self.source is not None:
            return self.source.excluded
        if self.certificate is not None and not self.doubts:
            return self.certificate.base <= 0  # nothing to certify
        return self.disbursed is not None and self.disbursed.waits

    @property
    def payer_rank(self) -> int | None:
        return self.source.payer_rank if self.source else None

    @property
    def documents(self) -> tuple[DocumentKind, ...]:
        if self.certificate is not None:
            return (DocumentKind.CERTIFICATE,)
        kinds = (DocumentKind.INVOICE,) if self.source else ()
        return (*kinds, DocumentKind.STATEMENT) if self.disbursed else kinds


@dataclass(frozen=True, slots=True, kw_only=True)
class _Route:
    disposition: Disposition
    parcels: tuple[Parcel, ...] = ()
    paper: bool = False
    reasons: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()


def decide(
    candidate: Candidate, findings: Findings, *, death: Problem | None, heirs: Sequence[str], unticked: bool
) -> DispatchLine:
    """Decide a line. In this order: excluded, held, to print, unticked, mailed.

    ``death`` holds it, unless a person named ``heirs`` (addresses), who then receive it alone.
    """
    route = _route(candidate, findings, death=death, heirs=heirs)
    if unticked and route.disposition is Disposition.MAIL:
        # Left out by a person: nothing of it leaves, on paper neither.
        route = _Route(disposition=Disposition.UNTICKED, parcels=route.parcels, warnings=route.warnings)
    family = candidate.family
    return DispatchLine(
        key=candidate.key,
        kind=candidate.kind,
        month=candidate.month,
        row=candidate.row,
        amount=candidate.amount,
        disposition=route.disposition,
        resident=family.resident if family else None,
        addressee=addressing.addressee(
            family.contacts if family else (), candidate.documents[0], payer_rank=candidate.payer_rank
        ),
        statement_addressee=addressing.addressee(
            family.contacts if family else (), DocumentKind.STATEMENT, payer_rank=candidate.payer_rank
        ),
        invoice=candidate.invoice,
        statement=candidate.statement,
        certificate=candidate.certificate,
        parcels=route.parcels,
        set_aside=_set_aside(candidate),
        paper=route.paper,
        reasons=route.reasons,
        warnings=tuple(_warnings(candidate, findings)) + route.warnings,
    )


def _route(
    candidate: Candidate, findings: Findings, *, death: Problem | None, heirs: Sequence[str]
) -> _Route:
    if candidate.excluded:
        return _Route(disposition=Disposition.EXCLUDED)
    holds = _holds(candidate, findings)
    if death is not None:
        holds.append(death)
    family = candidate.family
    if holds or family is None:
        return _Route(disposition=Disposition.HELD, reasons=tuple(holds))
    delivery = family.resident.delivery
    if family.resident.death_date is not None:
        parcel = addressing.estate_parcel(
            candidate.key, family.resident, heirs, documents=candidate.documents
        )
        return _Route(disposition=Disposition.MAIL, parcels=(parcel,), paper=delivery is Delivery.BOTH)
    if delivery is Delivery.PAPER:
        return _Route(disposition=Disposition.TO_PRINT, paper=True)
    return _by_mail(candidate, family, findings)


def _by_mail(candidate: Candidate, family: Family, findings: Findings) -> _Route:
    """Mail it where its first document reaches somebody; else print it.

    A relevé that travels with a mailed invoice and reaches nobody is printed as well: it must not
    be lost because the invoice left.
    """
    paper = family.resident.delivery is Delivery.BOTH
    warnings: list[Problem] = []
    for kind in candidate.documents:
        contacts = addressing.wanted(family.contacts, kind, payer_rank=candidate.payer_rank)
        missed = _missed(family, contacts, kind=kind, findings=findings)
        if missed is None:
            silent = findings.missing_address(family, contacts)
            warnings += [problem for problem in silent if problem not in warnings]
        elif kind is candidate.documents[0]:
            return _Route(disposition=Disposition.TO_PRINT, paper=True, reasons=(missed,))
        else:
            paper = True
            warnings.append(missed)
    parcels = addressing.parcels(
        candidate.key,
        family.contacts,
        candidate.documents,
        payer_rank=candidate.payer_rank,
        joint=family.resident.joint,
    )
    return _Route(disposition=Disposition.MAIL, parcels=parcels, paper=paper, warnings=tuple(warnings))


def _missed(
    family: Family, contacts: Sequence[Contact], *, kind: DocumentKind, findings: Findings
) -> Problem | None:
    """Say why a document reaches nobody by mail, or None when it reaches somebody."""
    if not contacts:
        return findings.nobody(family, _COLUMN_OF[kind])
    if not any(contact.emails for contact in contacts):
        return findings.unreachable(family, contacts)
    return None


def _holds(candidate: Candidate, findings: Findings) -> list[Problem]:
    """List what holds a line: what was found when the file was read, and what only shows here.

    The second part is a net under the first: a row that cannot be sent rightly is held even if
    no problem was reported for it.
    """
    number = candidate.disbursed.number if candidate.disbursed else ""
    holds = findings.holding(candidate.key, number) + list(candidate.doubts)
    for code, place, row, value in _defects(candidate):
        if not findings.said(holds, code, place):
            holds.append(findings.hold(code, place, row=row, value=value, held=(candidate.key,)))
    if not holds and candidate.source is not None and candidate.invoice is None:
        missing = next((n for n in _NEEDED if candidate.source.cells[n] is None), "total_before_tax")
        code, place = ProblemCode.VALUE_MISSING, ("invoices", missing)
        holds.append(findings.hold(code, place, row=candidate.row, value="", held=(candidate.key,)))
    return holds


_NEEDED = ("number", "date", "resident", "net", "total_before_tax", "total")


def _defects(candidate: Candidate) -> Iterator[tuple[ProblemCode, tuple[str, str], int, str]]:
    sheet = "disbursements" if candidate.disbursed and not candidate.source else "invoices"
    source, family, row = candidate.source, candidate.family, candidate.row
    if source is not None and source.duplicate:
        yield ProblemCode.DUPLICATE_NUMBER, (sheet, "number"), row, source.number or ""
    if not candidate.month:
        yield ProblemCode.VALUE_MISSING, (sheet, "date"), row, ""
    if candidate.disbursed is not None:
        for code, column, value in candidate.disbursed.doubts:
            yield code, ("disbursements", column), candidate.disbursed.row, value
    if family is None:
        yield ProblemCode.RESIDENT_UNKNOWN, (sheet, "resident"), row, candidate.resident
        return
    if family.twice:
        yield ProblemCode.DUPLICATE_RESIDENT, ("residents", "code"), family.row, candidate.resident
    for contact_row, rank in family.ambiguous:
        code = ProblemCode.VALUE_MISSING if rank is None else ProblemCode.DUPLICATE_CONTACT
        yield code, ("contacts", "rank"), contact_row, "" if rank is None else str(rank)
    payer = candidate.payer_rank
    if payer is not None and all(contact.rank != payer for contact in family.contacts):
        yield ProblemCode.PAYER_UNKNOWN, (sheet, "payer_rank"), row, str(payer)


def _concerned(candidate: Candidate, family: Family) -> set[str]:
    return {
        contact.key
        for kind in candidate.documents
        for contact in addressing.wanted(family.contacts, kind, payer_rank=candidate.payer_rank)
    }


def _set_aside(candidate: Candidate) -> tuple[Recipient, ...]:
    """Give the addresses that the line would go to as well, were they not set aside."""
    family = candidate.family
    if family is None or not family.set_aside:
        return ()
    concerned = _concerned(candidate, family)
    return tuple(recipient for recipient in family.set_aside if recipient.contact in concerned)


def _warnings(candidate: Candidate, findings: Findings) -> Iterator[Problem]:
    """List the file's warnings about the rows that this line is made of."""
    if candidate.source is not None:
        yield from findings.about("invoices", candidate.row)
    for cells in candidate.disbursed.rows if candidate.disbursed else ():
        yield from findings.about("disbursements", int(cells["row"]))
    family = candidate.family
    if family is None:
        return
    yield from findings.about("residents", family.row)
    concerned = _concerned(candidate, family)
    for contact in family.contacts:
        if contact.key in concerned:
            yield from findings.about("contacts", family.rows[contact.key])
