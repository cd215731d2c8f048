"""Write the month's invoices and credit notes, right to the cent by construction.

Rates, tax rates and headings are this made-up home's, as any home would set its own. Each
line's amount is quantity × unit price; tax is computed once per rate on the sum of its lines.
"""

from __future__ import annotations

import calendar
import datetime as dt
import random
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal

from elite_lib.demo.households import Household, Profile
from elite_lib.models import Invoice, InvoiceKind, InvoiceLine, InvoiceStatus, Section

CENT = Decimal("0.01")
REDUCED, INTERMEDIATE, STANDARD = Decimal("5.5"), Decimal(10), Decimal(20)
SHARES = (Decimal("0.6"), Decimal("0.4"))  # of the two payers of a split invoice

# GIR -> heading, daily rate before tax, daily allowance (APA) that the département pays the home
DEPENDENCY = {
    "1": ("Dépendance GIR 1-2", Decimal("21.48"), Decimal("15.62")),
    "2": ("Dépendance GIR 1-2", Decimal("21.48"), Decimal("15.62")),
    "3": ("Dépendance GIR 3-4", Decimal("13.63"), Decimal("7.77")),
    "4": ("Dépendance GIR 3-4", Decimal("13.63"), Decimal("7.77")),
    "5": ("Dépendance GIR 5-6", Decimal("5.86"), Decimal(0)),
    "6": ("Dépendance GIR 5-6", Decimal("5.86"), Decimal(0)),
}
HOSPITAL_DAY = Decimal("20.00")  # taken off per day of absence
GUEST_MEAL = Decimal("11.36")
PHONE_LINE = Decimal("12.08")
LAUNDRY = Decimal("3.25")  # per kilogram


def round_cents(value: Decimal) -> Decimal:
    return value.quantize(CENT, rounding=ROUND_HALF_UP)


def month_days(month: str) -> tuple[dt.date, dt.date]:
    """Return the first and last day of ``2026-10``."""
    year, number = int(month[:4]), int(month[5:])
    return dt.date(year, number, 1), dt.date(year, number, calendar.monthrange(year, number)[1])


def stay(household: Household, month: str) -> tuple[dt.date, dt.date] | None:
    """Return the days of ``month`` that the resident is billed for, None when there is none."""
    first, last = month_days(month)
    resident = household.resident
    start = max(first, resident.entry_date or first)
    end = min(last, resident.exit_date or last)
    return (start, end) if start <= end else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Billing:
    """One month's numbering: the next free numbers are counted by the caller."""

    rng: random.Random
    month: str
    rank: int  # of the month among those generated: spreads absences over the residents

    def invoices(self, household: Household, number: int) -> list[Invoice]:
        """Write the household's invoices, numbered from ``number``: none, one, or one per payer."""
        days = stay(household, self.month)
        if days is None:
            return []
        whole = self._lines(household, *days)
        if household.profile is not Profile.SPLIT:
            return [self._invoice(household, number, days, lines=whole)]
        return [
            replace(
                self._invoice(household, number + place, days, lines=_portion(whole, share)),
                payer_rank=place + 1,
                deductions=Decimal(0),
            )
            for place, share in enumerate(SHARES)
        ]

    def credit_note(self, household: Household, origin: Invoice, number: int) -> Invoice:
        """Credit two guest meals of ``origin``; it bears no period, so that its date gives the month."""
        label = "Avoir : repas d'invité facturés par erreur"
        line = _line(1, Section.SERVICES, label, quantity=Decimal(-2), price=GUEST_MEAL, rate=INTERMEDIATE)
        total, vat = totals((line,))
        last = month_days(self.month)[1]
        return Invoice(
            number=f"A{self.month}-{number:05d}",
            kind=InvoiceKind.CREDIT_NOTE,
            origin=origin.number,
            date=last,
            due=last,
            resident=household.code,
            total_before_tax=total,
            vat=vat,
            total=total + vat,
            net=total + vat,
            payment_mode=household.resident.payment_mode,
            lines=(line,),
        )

    def _invoice(
        self,
        household: Household,
        number: int,
        days: tuple[dt.date, dt.date],
        *,
        lines: tuple[InvoiceLine, ...],
    ) -> Invoice:
        total, vat = totals(lines)
        last = month_days(self.month)[1]
        paid = Decimal(500) if (household.index + self.rank) % 9 == 4 else Decimal(0)
        return Invoice(
            number=f"F{self.month}-{number:05d}",
            date=last,
            due=last + dt.timedelta(days=10),
            resident=household.code,
            start=days[0],
            end=days[1],
            total_before_tax=total,
            vat=vat,
            total=total + vat,
            deductions=household.housing_aid,
            down_payments=paid,
            net=total + vat - household.housing_aid - paid,
            payment_mode=household.resident.payment_mode,
            status=InvoiceStatus.ISSUED,
            lines=lines,
        )

    def _lines(self, household: Household, start: dt.date, end: dt.date) -> tuple[InvoiceLine, ...]:
        days = Decimal((end - start).days + 1)
        heading, rate, allowance = DEPENDENCY[household.resident.gir]
        lines = [
            _line(
                0, Section.ACCOMMODATION, "Hébergement permanent", quantity=days, price=household.daily_rate
            ),
            _line(0, Section.DEPENDENCY, heading, quantity=days, price=rate),
        ]
        if allowance:
            label = "APA versée à l'établissement"
            lines.append(_line(0, Section.DEPENDENCY, label, quantity=days, price=-allowance))
        lines = [replace(line, start=start, end=end) for line in lines]
        lines += self._absence(household, start, end)
        lines += self._services(household)
        return tuple(replace(line, position=position) for position, line in enumerate(lines, start=1))

    def _absence(self, household: Household, start: dt.date, end: dt.date) -> list[InvoiceLine]:
        """Take off a stay in hospital, for a seventh of those who were there from the first."""
        if start.day != 1 or (household.index + self.rank) % 7 != 2:
            return []
        away = start + dt.timedelta(days=self.rng.randrange(2, 7))
        back = away + dt.timedelta(days=self.rng.randrange(2, 6))
        back = min(back, end)
        days = Decimal((back - away).days + 1)
        label = "Absence pour hospitalisation"
        line = _line(0, Section.ACCOMMODATION, label, quantity=days, price=-HOSPITAL_DAY)
        return [replace(line, start=away, end=back)]

    def _services(self, household: Household) -> list[InvoiceLine]:
        rng = self.rng
        bought = []
        if household.profile is Profile.CREDIT_NOTE or rng.random() < 0.3:
            bought.append(("Repas d'invité", Decimal(rng.randrange(2, 6)), "repas", GUEST_MEAL, INTERMEDIATE))
        if rng.random() < 0.5:
            bought.append(("Ligne téléphonique", Decimal(1), "mois", PHONE_LINE, STANDARD))
        if rng.random() < 0.4:
            kilos = Decimal(rng.randrange(30, 120)) / 10
            bought.append(("Blanchissage du linge", kilos, "kg", LAUNDRY, STANDARD))
        return [
            _line(0, Section.SERVICES, label, quantity=quantity, price=price, rate=rate, unit=unit)
            for label, quantity, unit, price, rate in bought
        ]


def totals(lines: Iterable[InvoiceLine]) -> tuple[Decimal, Decimal]:
    """Return the total before tax and the tax, rounded once per rate."""
    bases: dict[Decimal, Decimal] = defaultdict(Decimal)
    for line in lines:
        bases[line.vat_rate or Decimal(0)] += line.amount
    vat = sum((round_cents(base * rate / 100) for rate, base in bases.items()), Decimal(0))
    return sum(bases.values(), Decimal(0)), vat


def _line(
    position: int,
    section: Section,
    label: str,
    *,
    quantity: Decimal,
    price: Decimal,
    rate: Decimal = REDUCED,
    unit: str = "jour",
) -> InvoiceLine:
    return InvoiceLine(
        position=position,
        section=section,
        label=label,
        quantity=quantity,
        unit=unit,
        unit_price=price,
        vat_rate=rate,
        amount=round_cents(quantity * price),
    )


def _portion(lines: Iterable[InvoiceLine], share: Decimal) -> tuple[InvoiceLine, ...]:
    """Give one payer's part of each line: its share of the quantity, at the same price."""
    portion = []
    for line in lines:
        quantity = (line.quantity or Decimal(0)) * share
        amount = round_cents(quantity * (line.unit_price or Decimal(0)))
        label = f"{line.label} (quote-part {share:.0%})".replace("%", " %")
        portion.append(replace(line, label=label, quantity=quantity.normalize(), amount=amount))
    return tuple(portion)
