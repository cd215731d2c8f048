"""Documents of nobody, to show how a home's look: every section, an absence, aids, a balance due."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from elite_lib.models import (
    Certificate,
    CertifiedMonth,
    Contact,
    Disbursement,
    DispatchLine,
    Disposition,
    Invoice,
    InvoiceLine,
    LineKind,
    PaymentMode,
    Provision,
    Quality,
    Resident,
    Section,
    Statement,
)

_NUMBER = "F2026-10-00042"
_MONTH = (dt.date(2026, 10, 1), dt.date(2026, 10, 31))
_AWAY = (dt.date(2026, 10, 12), dt.date(2026, 10, 14), dt.date(2026, 10, 24))
_HEB, _DEP, _PRE = Section.ACCOMMODATION, Section.DEPENDENCY, Section.SERVICES

# section, label, first and last day, quantity, unit, unit price, amount
_ROWS = (
    (_HEB, "Chambre individuelle — tarif journalier", *_MONTH, "31", "jour", "71.49", "2216.19"),
    (_HEB, "Absence hospitalisation > 72 h", _AWAY[0], _AWAY[1], "3", "jour", "-20", "-60"),
    (_HEB, "Absence convenance > 72 h", _AWAY[2], _AWAY[2], "1", "jour", "-5.20", "-5.20"),
    (_DEP, "Tarif dépendance GIR 1-2", *_MONTH, "25", "jour", "20.32", "508"),
    (_DEP, "APA versée à l’établissement", *_MONTH, "25", "jour", "-14.22", "-355.50"),
    (_PRE, "Entretien du linge personnel — forfait", None, None, "1", "mois", "35", "35"),
    (_PRE, "Repas accompagnant (déjeuner)", dt.date(2026, 10, 18), None, "2", "repas", "12.50", "25"),
)  # fmt: skip

_DISBURSED = (
    (2, "Pharmacie du Marché", "Pharmacie — part non remboursée", "PH-88213", "23.47"),
    (8, "Salon Élégance", "Coiffeur — coupe et mise en plis", "2026-311", "32"),
    (15, "Mme Noëlle Garçon", "Pédicure", "P-0457", "35"),
    (21, "Pressing Bellevue", "Nettoyage manteau", "T-1190", "14.90"),
    (26, "Maison de la presse", "Presse et timbres", "ticket", "9.85"),
)


def sample_line(mode: PaymentMode = PaymentMode.TRANSFER) -> DispatchLine:
    """Give a line with an invoice of October 2026, a statement and a certificate, of an invented resident."""
    resident = Resident(
        code="R00042",
        civility="Mme",
        first_name="Geneviève",
        last_name="Bœuf",
        birth_date=dt.date(1934, 5, 17),
        room="214",
        gir="2",
        rum="RUM-0042-1",
        mandate_date=dt.date(2024, 2, 3),
    )
    contact = Contact(
        resident=resident.code,
        rank=1,
        civility="Madame",
        first_name="Hélène",
        last_name="Lefèvre",
        relation="mandataire",
        quality=Quality.GUARDIAN,
        address_1="14 bis, rue de l’Évêché",
        address_2="Bâtiment B — 3e étage",
        postcode="44100",
        town="Nantes",
    )
    return DispatchLine(
        key=_NUMBER,
        kind=LineKind.INVOICE,
        month="2026-10",
        row=2,
        amount=Decimal("1839.99"),
        disposition=Disposition.MAIL,
        resident=resident,
        addressee=contact,
        statement_addressee=contact,
        invoice=_invoice(mode),
        statement=_statement(),
        certificate=_certificate(),
    )


def _invoice(mode: PaymentMode) -> Invoice:
    lines = tuple(
        InvoiceLine(
            position=place,
            section=section,
            label=label,
            start=start,
            end=end,
            quantity=Decimal(quantity),
            unit=unit,
            unit_price=Decimal(price),
            amount=Decimal(amount),
        )
        for place, (section, label, start, end, quantity, unit, price, amount) in enumerate(_ROWS, start=1)
    )
    return Invoice(
        number=_NUMBER,
        date=_MONTH[1],
        due=dt.date(2026, 11, 10),
        resident="R00042",
        start=_MONTH[0],
        end=_MONTH[1],
        total_before_tax=Decimal("2363.49"),
        total=Decimal("2363.49"),
        deductions=Decimal("223.50"),
        down_payments=Decimal(300),
        net=Decimal("1839.99"),
        payment_mode=mode,
        lines=lines,
    )


def _statement() -> Statement:
    return Statement(
        number="D2026-10-00042",
        resident="R00042",
        invoice=_NUMBER,
        date=_MONTH[1],
        opening=Decimal(50),
        payments=(Provision(date=dt.date(2026, 10, 4), label="Versement famille", amount=Decimal(60)),),
        disbursements=tuple(
            Disbursement(
                date=dt.date(2026, 10, day), supplier=who, nature=what, receipt=piece, amount=Decimal(euros)
            )
            for day, who, what, piece, euros in _DISBURSED
        ),
    )


def _certificate() -> Certificate:
    return Certificate(
        number="ATT-2026-R00042",
        resident="R00042",
        year="2026",
        date=dt.date(2026, 12, 31),
        months=tuple(
            CertifiedMonth(
                month=f"2026-{month:02}",
                invoices=(f"F2026-{month:02}-00042",),
                accommodation=Decimal("2150.99"),
                dependency=Decimal("152.50"),
                aids=Decimal("223.50"),
            )
            for month in range(1, 13)
        ),
    )
