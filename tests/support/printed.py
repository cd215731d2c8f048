"""A home, a resident and a month to print, and what can be read back from a PDF."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pypdfium2
from PIL import Image, ImageDraw

from elite_lib.documents import render_certificate, render_invoice, render_statement
from elite_lib.models import (
    Certificate,
    CertifiedMonth,
    Contact,
    Disbursement,
    DispatchLine,
    Disposition,
    Establishment,
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

MM = 72 / 25.4

HOME = Establishment(
    key="tilleuls",
    name="EHPAD Les Tilleuls",
    legal_form="Association Les Tilleuls (loi 1901)",
    address=("12, avenue du Général-Leclerc", "44000 Nantes"),
    phone="02 40 00 00 00",
    email="facturation@tilleuls.example",
    siret="73282932000074",
    finess="440012345",
    vat_number="FR44732829320",
    ape="8710A",
    mentions=("Exonération de TVA, art. 261, 7-1° b du CGI.",),
    statement_mentions=("Débours hors base d’imposition à la TVA (art. 267, II-2° du CGI).",),
    mediator="Médiation Exemple, 75000 Paris",
    iban="FR76 3000 6000 0112 3456 7890 189",
    bic="AGRIFRPP",
    creditor_id="FR12ZZZ123456",
)

RESIDENT = Resident(
    code="R00042",
    civility="Mme",
    last_name="Bœuf",
    first_name="Geneviève",
    room="214",
    gir="2",
    rum="RUM-0042-1",
    mandate_date=dt.date(2024, 2, 3),
)

CONTACT = Contact(
    resident="R00042",
    rank=1,
    civility="Madame",
    last_name="Lefèvre",
    first_name="Hélène",
    relation="mandataire",
    quality=Quality.GUARDIAN,
    address_1="14 bis, rue de l’Évêché",
    address_2="Bâtiment B",
    postcode="44100",
    town="Nantes",
)


def row(position: int, section: str, label: str, amount: str, **more: Any) -> InvoiceLine:
    """Build one line of an invoice."""
    return InvoiceLine(
        position=position, section=Section(section), label=label, amount=Decimal(amount), **more
    )


_DAYS: dict[str, Any] = {"start": dt.date(2026, 10, 1), "end": dt.date(2026, 10, 31), "unit": "jour"}

INVOICE = Invoice(
    number="F2026-10-00042",
    date=dt.date(2026, 10, 31),
    due=dt.date(2026, 11, 10),
    resident="R00042",
    start=dt.date(2026, 10, 1),
    end=dt.date(2026, 10, 31),
    total_before_tax=Decimal("2363.49"),
    total=Decimal("2363.49"),
    deductions=Decimal("223.50"),
    down_payments=Decimal(300),
    net=Decimal("1839.99"),
    payment_mode=PaymentMode.TRANSFER,
    lines=(
        row(
            1,
            "HEB",
            "Chambre individuelle",
            "2216.19",
            quantity=Decimal(31),
            unit_price=Decimal("71.49"),
            **_DAYS,
        ),
        row(
            2, "HEB", "Absence hospitalisation", "-60", quantity=Decimal(3), unit_price=Decimal(-20), **_DAYS
        ),
        row(
            3, "HEB", "Absence convenance", "-5.20", quantity=Decimal(1), unit_price=Decimal("-5.20"), **_DAYS
        ),
        row(
            4,
            "DEP",
            "Tarif dépendance GIR 1-2",
            "508",
            quantity=Decimal(25),
            unit_price=Decimal("20.32"),
            **_DAYS,
        ),
        row(5, "DEP", "APA versée à l’établissement", "-355.50"),
        row(6, "PRE", "Entretien du linge", "35"),
        row(7, "PRE", "Repas accompagnant", "25", quantity=Decimal(2), unit_price=Decimal("12.50")),
    ),
)

STATEMENT = Statement(
    number="D2026-10-00042",
    resident="R00042",
    invoice="F2026-10-00042",
    date=dt.date(2026, 10, 31),
    opening=Decimal(50),
    payments=(Provision(date=dt.date(2026, 10, 4), label="Versement famille", amount=Decimal(60)),),
    disbursements=(
        Disbursement(
            date=dt.date(2026, 10, 8), supplier="Salon Élégance", nature="Coiffeur", amount=Decimal("91.75")
        ),
        Disbursement(
            date=dt.date(2026, 10, 2),
            supplier="Pharmacie du Marché",
            nature="Part non remboursée",
            receipt="PH-88213",
            amount=Decimal("23.47"),
        ),
    ),
)

LINE = DispatchLine(
    key=INVOICE.number,
    kind=LineKind.INVOICE,
    month="2026-10",
    row=2,
    amount=INVOICE.net,
    disposition=Disposition.MAIL,
    resident=RESIDENT,
    addressee=CONTACT,
    invoice=INVOICE,
    statement=STATEMENT,
)


CERTIFIED = replace(
    LINE,
    key="ATT-2026-R00042",
    kind=LineKind.CERTIFICATE,
    month="ATT-2026",
    certificate=Certificate(
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
    ),
)


def many_lines(count: int = 90) -> DispatchLine:
    """Return the sample line with an invoice of several pages, in four sections."""
    sections = list(Section)
    lines = tuple(
        row(place, sections[place * 4 // count], f"Prestation {place}", "12.34") for place in range(count)
    )
    return billed(lines=lines)


def billed(**changes: Any) -> DispatchLine:
    """Return the sample line with its invoice changed."""
    return replace(LINE, invoice=replace(INVOICE, **changes))


def invoice(line: DispatchLine = LINE, home: Establishment = HOME, folder: Path = Path()) -> bytes:
    """Render the invoice of ``line``; ``folder`` is where the logo is."""
    return render_invoice(line, establishment=home, home=folder)


def statement(line: DispatchLine = LINE, home: Establishment = HOME) -> bytes:
    """Render the statement of ``line``."""
    return render_statement(line, establishment=home, home=Path())


def certificate(line: DispatchLine = CERTIFIED, home: Establishment = HOME) -> bytes:
    """Render the tax certificate of ``line``."""
    return render_certificate(line, establishment=home, home=Path())


def draw_logo(path: Path, *, mode: str = "RGBA") -> None:
    """Write a small logo, round, with transparent corners where the format has them."""
    picture = Image.new(mode, (300, 120), (255, 255, 255, 0)[: len(mode)])
    ImageDraw.Draw(picture).ellipse((10, 10, 110, 110), fill=(31, 86, 115, 255)[: len(mode)])
    picture.save(path)


@dataclass(frozen=True, slots=True)
class Rectangle:
    """A run of text on a page, in points from the upper left corner."""

    text: str
    left: float
    top: float
    right: float
    bottom: float


def pages_of(content: bytes) -> list[str]:
    """Read the text of each page with PDFium; no-break spaces come back as spaces."""
    with pypdfium2.PdfDocument(content) as document:
        return [
            document[place].get_textpage().get_text_range().replace("\r\n", "\n")
            for place in range(len(document))
        ]


def text_of(content: bytes) -> str:
    """Read all the text with PDFium."""
    return "\n".join(pages_of(content))


def printed(text: str) -> str:
    """Return ``text`` as it is read back: the no-break space is drawn as a space."""
    return text.replace("\u00a0", " ")


def rectangles_of(content: bytes, page: int = 0) -> list[Rectangle]:
    """List the runs of text of a page with their places."""
    with pypdfium2.PdfDocument(content) as document:
        sheet = document[page]
        height = sheet.get_height()
        text = sheet.get_textpage()
        found = []
        for place in range(text.count_rects()):
            left, bottom, right, top = text.get_rect(place)
            inside = text.get_text_bounded(left, bottom, right, top)
            found.append(Rectangle(inside, left, height - top, right, height - bottom))
        return found
