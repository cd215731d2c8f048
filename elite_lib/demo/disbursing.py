"""Write the relevés de débours and the provisions that pay them."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass, field
from decimal import Decimal

from elite_lib.demo import names
from elite_lib.demo.facts import ExpectedStatement
from elite_lib.demo.households import Household
from elite_lib.demo.invoicing import month_days
from elite_lib.models import Disbursement, Provision, Statement


@dataclass(slots=True, kw_only=True)
class Purse:
    """One resident's provision: what came in and went out so far."""

    household: Household
    balance: Decimal = Decimal(0)
    payments: list[Provision] = field(default_factory=list)

    def pay(self, date: dt.date, label: str, amount: Decimal) -> Provision:
        """Note a payment (negative: given back to the family)."""
        payment = Provision(date=date, label=label, amount=amount)
        self.payments.append(payment)
        self.balance += amount
        return payment

    def state(self, rng: random.Random, month: str, *, number: int, invoice: str) -> Statement:
        """Spend for the month, take its payment, and write the statement."""
        opening = self.balance
        first, last = month_days(month)
        paid = self.pay(
            first + dt.timedelta(days=4), "Versement pour débours", Decimal(rng.randrange(4, 9) * 10)
        )
        payments = [paid]
        if number % 10 == 3:
            date = first + dt.timedelta(days=18)
            payments.append(self.pay(date, "Remboursement à la famille", Decimal(-15)))
        bought = tuple(sorted(self._purchases(rng, first, last), key=lambda d: d.date))
        self.balance -= sum((d.amount for d in bought), Decimal(0))
        return Statement(
            number=f"D{month}-{number:05d}",
            resident=self.household.code,
            invoice=invoice,
            date=bought[-1].date,
            disbursements=bought,
            opening=opening,
            payments=tuple(payments),
        )

    def _purchases(self, rng: random.Random, first: dt.date, last: dt.date) -> list[Disbursement]:
        bought = []
        for supplier, nature, lowest, highest in rng.sample(names.SUPPLIERS, rng.randrange(1, 5)):
            day = first + dt.timedelta(days=rng.randrange((last - first).days + 1))
            bought.append(
                Disbursement(
                    date=day,
                    supplier=supplier,
                    nature=nature,
                    receipt=f"{rng.randrange(10**6):06d}",
                    amount=Decimal(rng.randrange(lowest, highest)) / 100,
                    proof=rng.choice(("", "ticket", "facture")),
                )
            )
        return bought


def expected(statement: Statement) -> ExpectedStatement:
    """Keep the euros of a statement as facts."""
    return ExpectedStatement(
        opening=statement.opening,
        paid=sum((p.amount for p in statement.payments), Decimal(0)),
        total=sum((d.amount for d in statement.disbursements), Decimal(0)),
    )
