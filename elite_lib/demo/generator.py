"""Make the sample month: households, invoices, relevés, and the facts that tests compare with."""

from __future__ import annotations

import datetime as dt
import itertools
import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path

from elite_lib.demo.disbursing import Purse, expected
from elite_lib.demo.facts import DemoFacts, ExpectedLine, ExpectedProblem, ExpectedStatement
from elite_lib.demo.households import Census, Household, Profile, settle
from elite_lib.demo.invoicing import Billing, month_days, stay
from elite_lib.demo.rows import (
    Book,
    contact_row,
    disbursement_rows,
    invoice_row,
    line_rows,
    provision_row,
    resident_row,
)
from elite_lib.models import (
    Disbursement,
    Disposition,
    Invoice,
    InvoiceStatus,
    LineKind,
    ProblemCode,
    Statement,
)

WORKBOOK = "classeur.xlsx"
MONTHS = ("2026-08", "2026-09", "2026-10")

_TO_PRINT = {
    Profile.PAPER: None,
    Profile.NO_ADDRESS: ProblemCode.NO_ADDRESS,
    Profile.TYPO: ProblemCode.NO_USABLE_ADDRESS,
}


def generate(
    home: Path, *, residents: int = 60, seed: int = 2026, months: Sequence[str] = MONTHS
) -> DemoFacts:
    """Write ``home/classeur.xlsx`` and return what it is known to hold.

    ``residents`` is how many there are in any one month. The same arguments give the same file,
    byte for byte.

    Raises:
        StorageError: the workbook cannot be written.
    """
    from elite_lib.demo.workbook import save_workbook  # noqa: PLC0415 - openpyxl is slow to load: 0.4 s

    book, facts = build(home / WORKBOOK, residents=residents, seed=seed, months=months)
    save_workbook(book, facts.workbook)
    return facts


def build(
    workbook: Path, *, residents: int = 60, seed: int = 2026, months: Sequence[str] = MONTHS
) -> tuple[Book, DemoFacts]:
    """Make the tables and the facts; write nothing. ``workbook`` is only noted in the facts."""
    rng = random.Random(seed)  # noqa: S311 - sample data: the same seed must give the same home
    census = Census(rng=rng, first_day=month_days(months[0])[0], taken=set())
    households = _with_moves(census, settle(census, residents), months)
    draft = _Draft(rng=rng, months=tuple(months), households=households)
    for rank in range(len(months)):
        draft.bill(rank)
    return draft.book(), draft.facts(workbook)


def _with_moves(census: Census, households: list[Household], months: Sequence[str]) -> list[Household]:
    """Let one resident die in the last month, and one leave and one arrive at each new month."""
    rng = census.rng
    died = month_days(months[-1])[0] + dt.timedelta(days=rng.randrange(11, 20))
    moved = [_leaving(h, died, death=True) if h.profile is Profile.DECEASED else h for h in households]
    for previous, month in itertools.pairwise(months):
        stayers = [
            h
            for h in moved
            if h.profile is Profile.ORDINARY
            and not h.gets_statement
            and stay(h, month)
            and not h.resident.exit_date
        ]
        if not stayers:
            break
        leaver = rng.choice(stayers)
        moved[leaver.index] = _leaving(leaver, month_days(previous)[1])
        entry = month_days(month)[0] + dt.timedelta(days=rng.randrange(2, 12))
        arrival = census.household(len(moved), Profile.ORDINARY, entry=entry)
        moved.append(replace(arrival, resident=replace(arrival.resident, room=leaver.resident.room)))
    return moved


def _leaving(household: Household, date: dt.date, *, death: bool = False) -> Household:
    resident = replace(household.resident, exit_date=date, death_date=date if death else None)
    return replace(household, resident=resident)


@dataclass(slots=True, kw_only=True)
class _Draft:
    """The workbook while it is written, month after month."""

    rng: random.Random
    months: tuple[str, ...]
    households: list[Household]
    invoices: list[Invoice] = field(default_factory=list)
    statements: list[Statement] = field(default_factory=list)
    lines: list[ExpectedLine] = field(default_factory=list)
    purses: dict[str, Purse] = field(default_factory=dict)
    credited: str = ""
    alone: str = ""

    def bill(self, rank: int) -> None:
        """Write one month."""
        month = self.months[rank]
        billing = Billing(rng=self.rng, month=month, rank=rank)
        number = statements = 0
        for household in self.households:
            invoices = billing.invoices(household, number + 1)
            number += len(invoices)
            if household.profile is Profile.DRAFT and rank == len(self.months) - 1:
                invoices = [replace(invoice, status=InvoiceStatus.DRAFT) for invoice in invoices]
            statement = ""
            if household.gets_statement:
                statements += 1
                statement = self._state(household, month, number=statements, invoice=invoices[0].number)
            for invoice in invoices:
                self._note(household, month, invoice, statement=statement)
        if rank == len(self.months) - 1:
            self._close(billing, statements + 1)

    def _state(self, household: Household, month: str, *, number: int, invoice: str) -> str:
        """Write a statement; every fourth leaves out the invoice that it travels with, as offices do."""
        purse = self.purses.get(household.code)
        if purse is None:
            purse = self.purses[household.code] = Purse(household=household)
            before = month_days(month)[0] - dt.timedelta(days=self.rng.randrange(1, 25))
            purse.pay(before, "Provision initiale", Decimal(self.rng.randrange(5, 16) * 10))
        named = "" if number % 4 == 0 else invoice
        self.statements.append(purse.state(self.rng, month, number=number, invoice=named))
        return self.statements[-1].number

    def _note(self, household: Household, month: str, invoice: Invoice, *, statement: str = "") -> None:
        self.invoices.append(invoice)
        self.lines.append(_expected_line(household, month, invoice, statement=statement))

    def _close(self, billing: Billing, number: int) -> None:
        """Add what only the last month has: a credit note, and the relevé of somebody who has left."""
        for household in self.households:
            if household.profile is Profile.CREDIT_NOTE:
                own = [invoice for invoice in self.invoices if invoice.resident == household.code]
                origin = own[-2] if len(own) > 1 else own[-1]
                self.credited = origin.number
                self._note(household, billing.month, billing.credit_note(household, origin, 1))
        gone = [h for h in self.households if not h.resident.death_date and not stay(h, billing.month)]
        if gone:
            self._state_alone(gone[-1], billing.month, number)

    def _state_alone(self, household: Household, month: str, number: int) -> None:
        date = month_days(month)[0] + dt.timedelta(days=3)
        bought = Disbursement(
            date=date,
            supplier="Pressing du Marché",
            nature="Nettoyage à sec",
            receipt="000417",
            amount=Decimal("18.90"),
        )
        statement = Statement(
            number=f"D{month}-{number:05d}", resident=household.code, date=date, disbursements=(bought,)
        )
        self.alone = statement.number
        self.statements.append(statement)
        told = tuple(contact.emails for contact in household.contacts if contact.gets_statements)
        self.lines.append(
            ExpectedLine(
                key=statement.number,
                kind=LineKind.STATEMENT,
                month=month,
                resident=household.code,
                amount=bought.amount,
                disposition=Disposition.MAIL,
                messages=told,
                statement=statement.number,
            )
        )

    def book(self) -> Book:
        """Lay everything out in the order of the sheets."""
        payments = [
            (purse.household.code, payment) for purse in self.purses.values() for payment in purse.payments
        ]
        payments.sort(key=lambda pair: (pair[1].date, pair[0]))
        return {
            "residents": [resident_row(h) for h in self.households],
            "contacts": [
                contact_row(c, h.typo if c.rank == 1 else "") for h in self.households for c in h.contacts
            ],
            "invoices": [invoice_row(invoice) for invoice in self.invoices],
            "lines": [row for invoice in self.invoices for row in line_rows(invoice)],
            "disbursements": [row for statement in self.statements for row in disbursement_rows(statement)],
            "provisions": [provision_row(code, payment) for code, payment in payments],
        }

    def facts(self, workbook: Path) -> DemoFacts:
        """Gather what is special."""
        codes = {p: tuple(h.code for h in self.households if h.profile is p) for p in Profile}
        dead = next((h for h in self.households if h.profile is Profile.DECEASED), None)
        balances: dict[str, ExpectedStatement] = {s.number: expected(s) for s in self.statements}
        return DemoFacts(
            workbook=workbook,
            months=self.months,
            residents=len(self.households),
            lines=tuple(self.lines),
            statements=balances,
            problems=self._problems(),
            codes=codes,
            refused=self._address(Profile.REFUSED),
            deferred=self._address(Profile.DEFERRED),
            deceased=dead.code if dead else "",
            death_date=dead.resident.death_date if dead else None,
            draft=next((i.number for i in self.invoices if i.status is InvoiceStatus.DRAFT), ""),
            credit_note=next((i.number for i in self.invoices if i.origin), ""),
            credited=self.credited,
            statement_alone=self.alone,
        )

    def _address(self, profile: Profile) -> str:
        return next((h.contacts[0].emails[0] for h in self.households if h.profile is profile), "")

    def _problems(self) -> tuple[ExpectedProblem, ...]:
        contacts = [(h, c) for h in self.households for c in h.contacts]
        return tuple(
            ExpectedProblem(
                code=ProblemCode.EMAIL_INVALID,
                sheet="Contacts",
                row=row,
                column="E-mail",
                value=household.typo,
            )
            for row, (household, contact) in enumerate(contacts, start=2)
            if household.typo and contact.rank == 1
        )


def _expected_line(household: Household, month: str, invoice: Invoice, *, statement: str) -> ExpectedLine:
    """Say what must become of an invoice, by the rules of the domain and not by the tables."""
    line = ExpectedLine(
        key=invoice.number,
        kind=LineKind.INVOICE,
        month=month,
        resident=household.code,
        amount=invoice.net,
        disposition=Disposition.MAIL,
        statement=statement,
    )
    if invoice.status is InvoiceStatus.DRAFT:
        return replace(line, disposition=Disposition.EXCLUDED)
    if household.profile is Profile.DECEASED:
        return replace(line, disposition=Disposition.HELD, reason=ProblemCode.RESIDENT_DECEASED)
    if household.profile in _TO_PRINT:
        reason = _TO_PRINT[household.profile]
        return replace(line, disposition=Disposition.TO_PRINT, paper=True, reason=reason)
    asked = [
        contact.emails
        for contact in household.contacts
        if contact.gets_invoices and invoice.payer_rank in (None, contact.rank)
    ]
    if household.resident.joint:
        asked = [tuple(address for addresses in asked for address in addresses)]
    return replace(line, messages=tuple(asked), paper=household.profile is Profile.BOTH)
