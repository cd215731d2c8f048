"""The floor that documents are measured against: the same page as a PDF put together from bytes.

Same fonts, logo and strings, every position known beforehand. What remains is formatting the
amounts, encoding the strings, deflating the page and writing the file.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from elite_lib import formats
from elite_lib.documents import logo
from elite_lib.documents.fonts import faces
from elite_lib.models import DispatchLine, Establishment

TITLES = ["Désignation", "Période", "Qté", "Unité", "P.U.", "Montant"]


@dataclass(frozen=True, slots=True)
class Placed:
    """A string of the page: where it is (left edge, or right edge), and how it is set."""

    font: str
    size: float
    x: float
    y: float
    text: str
    right: bool = False


class Floor:
    """The same page by hand: objects numbered beforehand, everything constant built once."""

    def __init__(self, establishment: Establishment, home: Path) -> None:
        self.home = establishment
        self.fonts = {"F1": faces().regular, "F2": faces().bold}
        self.picture = logo.load(home / establishment.logo)
        self.head: list[bytes] = []
        for name, font in self.fonts.items():
            fixed = font._fixed
            at = len(self.head)
            self.head += [
                fixed.program,
                fixed.to_unicode,
                b"<< /Type /FontDescriptor /FontName /%s /Flags 4 /FontBBox [0 0 1000 1000]"
                b" /Ascent 987 /Descent -213 /CapHeight 716 /ItalicAngle 0 /StemV 80 /FontFile2 %d 0 R >>"
                % (fixed.base.encode(), at + 1),
                b"<< /Type /Font /Subtype /TrueType /Name /%s /BaseFont /%s /FirstChar 0 /LastChar %d"
                b" /Widths %s /FontDescriptor %d 0 R /ToUnicode %d 0 R >>"
                % (name.encode(), fixed.base.encode(), fixed.last, fixed.widths, at + 3, at + 2),
            ]
        assert self.picture.mask is not None
        self.head.append(self.picture.mask)
        picture = self.picture
        self.head.append(
            b"<< %s /SMask 9 0 R /Length %d >>\nstream\n%s\nendstream"
            % (picture.colours, len(picture.data), picture.data)
        )

    def render(self, line: DispatchLine) -> bytes:
        """Write the file."""
        content = ["q 176 0 0 68 42 740 cm /Im Do Q"]
        content += [f"42 {540 - 14 * at} 510 .5 re f" for at in range(22)]
        for placed in strings(line, self.home):
            font = self.fonts[placed.font]
            x = placed.x - font.stringWidth(placed.text, placed.size) if placed.right else placed.x
            codes = (
                placed.text.translate(font._map).replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
            )
            content.append(
                f"BT /{placed.font} {placed.size} Tf 1 0 0 1 {x:.2f} {placed.y:.2f} Tm ({codes}) Tj ET"
            )
        page = zlib.compress("\n".join(content).encode("latin-1"))
        objects = [
            *self.head,
            b"<< /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream" % (len(page), page),
            b"<< /Type /Page /Parent 13 0 R /MediaBox [0 0 595 842] /Contents 11 0 R /Resources"
            b" << /Font << /F1 4 0 R /F2 8 0 R >> /XObject << /Im 10 0 R >> >> >>",
            b"<< /Type /Pages /Kids [12 0 R] /Count 1 >>",
            b"<< /Type /Catalog /Pages 13 0 R >>",
        ]
        parts, places, at = [b"%PDF-1.4\n"], [], 9
        for number, body in enumerate(objects, start=1):
            places.append(at)
            part = b"%d 0 obj\n%s\nendobj\n" % (number, body)
            parts.append(part)
            at += len(part)
        parts.append(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
        parts.append(b"".join(b"%010d 00000 n \n" % place for place in places))
        parts.append(
            b"trailer\n<< /Size %d /Root 14 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, at)
        )
        return b"".join(parts)


def strings(line: DispatchLine, home: Establishment) -> list[Placed]:
    """List the strings of the page, the amounts formatted as ours are."""
    page = [Placed("F1", 8, 60, 800 - 12 * at, text) for at, text in enumerate(heading_of(line, home))]
    page += [Placed("F1", 10, 320, 660 - 13 * at, text) for at, text in enumerate(window_of(line))]
    page += [Placed("F2", 8.5, 60 + 80 * at, 560, text) for at, text in enumerate(TITLES)]
    page += _table(line)
    page += [Placed("F1", 8, 60, 200 - 12 * at, text) for at, text in enumerate(foot_of(line, home))]
    return page


def heading_of(line: DispatchLine, home: Establishment) -> list[str]:
    """List the letterhead and the facts."""
    invoice, resident = line.invoice, line.resident
    assert invoice is not None and resident is not None and invoice.due is not None
    return [
        home.name,
        home.legal_form,
        ", ".join(home.address),
        f"Tél. {home.phone} — {home.email}",
        f"SIRET {home.siret} — APE {home.ape}",
        f"FINESS {home.finess} — N° TVA {home.vat_number}",
        "FACTURE",
        f"n° {invoice.number}",
        f"Date : {formats.date(invoice.date)} — Échéance : {formats.date(invoice.due)}",
        "Période : du 1er au 31 octobre 2026",
        f"Résidente : {resident.name}",
        f"Chambre {resident.room}",
        f"Dossier {resident.code}",
    ]


def window_of(line: DispatchLine) -> list[str]:
    """List the address."""
    contact = line.addressee
    assert contact is not None
    return [contact.name, contact.address_1, contact.address_2, f"{contact.postcode} {contact.town.upper()}"]


def rows_of(line: DispatchLine) -> list[list[str]]:
    """List the cells of the table, the amounts formatted as ours are."""
    invoice = line.invoice
    assert invoice is not None
    return [
        [
            row.label,
            f"{row.start:%d/%m}–{row.end:%d/%m}",
            formats.quantity(row.quantity or Decimal(0)),
            row.unit,
            formats.amount(row.unit_price or Decimal(0)),
            formats.amount(row.amount),
        ]
        for row in invoice.lines
    ]


def amounts_of(line: DispatchLine) -> list[list[str]]:
    """List headings, subtotals and totals, as label and amount."""
    invoice = line.invoice
    assert invoice is not None
    sections = ("Hébergement", "Dépendance", "Prestations complémentaires")
    totals = [("Total", invoice.total), ("Déductions", -invoice.deductions), ("Net à payer", invoice.net)]
    sums = [[label, ""] for label in sections]
    sums += [[f"Sous-total {label.lower()}", formats.amount(Decimal("2295.24"))] for label in sections]
    return sums + [[label, formats.amount(amount)] for label, amount in totals]


def _table(line: DispatchLine) -> list[Placed]:
    page: list[Placed] = []
    y = 545.0
    places = ((60, False), (280, False), (380, True), (385, False), (480, True), (550, True))
    for cells in rows_of(line):
        y -= 14
        page += [
            Placed("F1", 8.5, x, y, text, right=right) for (x, right), text in zip(places, cells, strict=True)
        ]
    for label, amount in amounts_of(line):
        y -= 14
        page.append(Placed("F2", 8.5, 320, y, label))
        if amount:
            page.append(Placed("F2", 8.5, 550, y, amount, right=True))
    return page


def foot_of(line: DispatchLine, home: Establishment) -> list[str]:
    """List payment, mentions and page number."""
    invoice = line.invoice
    assert invoice is not None
    return [
        "Prélèvement automatique le 10/11/2026",
        f"Montant : {formats.amount(invoice.net)}",
        "Référence unique du mandat (RUM) : RUM-1",
        f"Identifiant du créancier (ICS) : {home.creditor_id}",
        "Le montant sera prélevé : aucun virement n’est à effectuer.",
        *home.mentions,
        f"Facture n° {invoice.number} — page 1/1",
    ]
