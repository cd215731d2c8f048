"""Measure what a document costs, against a PDF written by hand, and the print pile against a raw merge.

    python benchmarks/bench_documents.py

CPU time, the best of three rounds, the contestants interleaved in each round so that a
busy machine slows all of them. The floor is one page with the same fonts, logo and strings,
every position known beforehand, put together from bytes: what remains is encoding the
strings, deflating the page and writing the file.
"""

from __future__ import annotations

import datetime as dt
import io
import tempfile
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pikepdf
from PIL import Image, ImageDraw

from elite_lib import documents, formats
from elite_lib.documents import logo
from elite_lib.documents.fonts import faces
from elite_lib.models import (
    Contact,
    DispatchLine,
    Disposition,
    Establishment,
    Invoice,
    InvoiceLine,
    LineKind,
    PaymentMode,
    Resident,
    Section,
)

ROUNDS = 3
DOCUMENTS = 200
PILE = 1000
TARGET = 6.0  # times the floor, one page without QR code
PILE_TARGET = 5.0  # times the raw merge
PILE_WEIGHT = 5.0  # MB for 1,000 pages

HOME = Establishment(
    key="tilleuls",
    name="EHPAD Les Tilleuls",
    legal_form="Association (loi 1901)",
    address=("12, avenue du Général-Leclerc", "44000 Nantes"),
    phone="02 40 00 00 00",
    email="facturation@tilleuls.example",
    siret="73282932000074",
    finess="440012345",
    vat_number="FR44732829320",
    ape="8710A",
    mentions=("Exonération de TVA, art. 261, 7-1° b du CGI.", "Attestation fiscale adressée en janvier."),
    iban="FR7630006000011234567890189",
    bic="AGRIFRPP",
    creditor_id="FR12ZZZ123456",
    logo="logo.png",
)


def line_of(place: int, mode: PaymentMode) -> DispatchLine:
    """Build a line whose invoice has fifteen rows in three sections."""
    sections = [Section.ACCOMMODATION] * 6 + [Section.DEPENDENCY] * 4 + [Section.SERVICES] * 5
    rows = tuple(
        InvoiceLine(
            position=position,
            section=section,
            label=f"Chambre individuelle, tarif journalier n° {position}",
            start=dt.date(2026, 10, 1),
            end=dt.date(2026, 10, 31),
            quantity=Decimal(31),
            unit="jour",
            unit_price=Decimal("12.34"),
            amount=Decimal("382.54"),
        )
        for position, section in enumerate(sections, start=1)
    )
    total = sum((row.amount for row in rows), Decimal(0))
    resident = Resident(
        code=f"R{place:05}",
        civility="Mme",
        first_name="Geneviève",
        last_name=f"Bœuf-{place}",
        room="214",
        rum="RUM-1",
    )
    contact = Contact(
        resident=resident.code,
        rank=1,
        civility="Madame",
        first_name="Hélène",
        last_name="Lefèvre",
        address_1="14 bis, rue de l’Évêché",
        address_2="Bâtiment B",
        postcode="44100",
        town="Nantes",
    )
    invoice = Invoice(
        number=f"F2026-10-{place:05}",
        date=dt.date(2026, 10, 31),
        due=dt.date(2026, 11, 10),
        resident=resident.code,
        start=dt.date(2026, 10, 1),
        end=dt.date(2026, 10, 31),
        total_before_tax=total,
        total=total,
        deductions=Decimal("223.50"),
        net=total - Decimal("223.50"),
        payment_mode=mode,
        lines=rows,
    )
    return DispatchLine(
        key=invoice.number,
        kind=LineKind.INVOICE,
        month="2026-10",
        row=2,
        amount=invoice.net,
        disposition=Disposition.MAIL,
        resident=resident,
        addressee=contact,
        invoice=invoice,
    )


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

    def __init__(self, home: Path) -> None:
        self.fonts = {"F1": faces().regular, "F2": faces().bold}
        self.picture = logo.load(home / HOME.logo)
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

    def strings(self, line: DispatchLine) -> list[Placed]:
        """List the strings of the page, the amounts formatted as ours are."""
        invoice, resident, contact = line.invoice, line.resident, line.addressee
        assert invoice is not None and resident is not None and contact is not None
        left = [HOME.name, HOME.legal_form, ", ".join(HOME.address), f"Tél. {HOME.phone} — {HOME.email}"]
        left += [f"SIRET {HOME.siret} — APE {HOME.ape}", f"FINESS {HOME.finess} — N° TVA {HOME.vat_number}"]
        left += [
            "FACTURE",
            f"n° {invoice.number}",
            f"Date : {formats.date(invoice.date)} — Échéance : 10/11/2026",
        ]
        left += [
            "Période : du 1er au 31 octobre 2026",
            f"Résidente : {resident.name}",
            "Chambre 214",
            resident.code,
        ]
        page = [Placed("F1", 8, 60, 800 - 12 * at, text) for at, text in enumerate(left)]
        address = [
            contact.name,
            contact.address_1,
            contact.address_2,
            f"{contact.postcode} {contact.town.upper()}",
        ]
        page += [Placed("F1", 10, 320, 660 - 13 * at, text) for at, text in enumerate(address)]
        titles = ["Désignation", "Période", "Qté", "Unité", "P.U.", "Montant"]
        page += [Placed("F2", 8.5, 60 + 80 * at, 560, text) for at, text in enumerate(titles)]
        y = 545.0
        for row in invoice.lines:
            y -= 14
            page += [
                Placed("F1", 8.5, 60, y, row.label),
                Placed("F1", 8.5, 280, y, f"{row.start:%d/%m}–{row.end:%d/%m}"),
                Placed("F1", 8.5, 380, y, formats.quantity(row.quantity or Decimal(0)), right=True),
                Placed("F1", 8.5, 385, y, row.unit),
                Placed("F1", 8.5, 480, y, formats.amount(row.unit_price or Decimal(0)), right=True),
                Placed("F1", 8.5, 550, y, formats.amount(row.amount), right=True),
            ]
        for section in ("Hébergement", "Dépendance", "Prestations complémentaires"):
            y -= 14
            total = formats.amount(Decimal("2295.24"))
            page += [
                Placed("F2", 8.5, 60, y, section),
                Placed("F2", 8.5, 300, y, f"Sous-total {section.lower()}"),
            ]
            page.append(Placed("F2", 8.5, 550, y, total, right=True))
        sums = {
            "Total des prestations": invoice.total,
            "Déductions": -invoice.deductions,
            "Net à payer": invoice.net,
        }
        for label, amount in sums.items():
            y -= 14
            page += [
                Placed("F1", 9, 320, y, label),
                Placed("F2", 9, 550, y, formats.amount(amount), right=True),
            ]
        foot = [
            "Prélèvement automatique le 10/11/2026",
            f"Montant : {formats.amount(invoice.net)}",
            "RUM : RUM-1",
        ]
        foot += ["Le montant sera prélevé : aucun virement n’est à effectuer.", *HOME.mentions]
        foot.append(f"Facture n° {invoice.number} — page 1/1")
        return page + [Placed("F1", 8, 60, y - 12 * at - 20, text) for at, text in enumerate(foot)]

    def render(self, line: DispatchLine) -> bytes:
        """Write the file."""
        content = ["q 176 0 0 68 42 740 cm /Im Do Q"]
        content += [f"42 {540 - 14 * at} 510 .5 re f" for at in range(22)]
        for placed in self.strings(line):
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


def raw_merge(pages: list[tuple[str, bytes]]) -> bytes:
    """Concatenate with pikepdf and nothing else."""
    pile = pikepdf.Pdf.new()
    for _, content in pages:
        with pikepdf.Pdf.open(io.BytesIO(content)) as document:
            pile.pages.extend(document.pages)
    file = io.BytesIO()
    pile.save(file)
    return file.getvalue()


def best_of(contestants: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Return the CPU seconds of the best round of each, rounds interleaved."""
    best = dict.fromkeys(contestants, float("inf"))
    for _ in range(ROUNDS):
        for name, run in contestants.items():
            start = time.process_time()
            run()
            best[name] = min(best[name], time.process_time() - start)
    return best


def draw_logo(path: Path) -> None:
    """Make a logo with soft edges, as the home's is."""
    picture = Image.new("RGBA", (600, 240), (0, 0, 0, 0))
    pen = ImageDraw.Draw(picture)
    for step in range(120):
        pen.ellipse(
            (step, step, 240 - step, 240 - step),
            fill=(31 + step, 86 + step // 2, 115 + step // 3, 200 + step // 3),
        )
    picture.save(path)


def bench_documents(home: Path) -> None:
    """Print what a document costs."""
    debits = [line_of(place, PaymentMode.DIRECT_DEBIT) for place in range(DOCUMENTS)]
    transfers = [line_of(place, PaymentMode.TRANSFER) for place in range(DOCUMENTS)]
    floor = Floor(home)
    pikepdf.Pdf.open(io.BytesIO(floor.render(debits[0]))).close()  # the floor is a real PDF
    times = best_of(
        {
            "floor, by hand": lambda: [floor.render(line) for line in debits],
            "invoice": lambda: [
                documents.render_invoice(line, establishment=HOME, home=home) for line in debits
            ],
            "invoice with QR code": lambda: [
                documents.render_invoice(line, establishment=HOME, home=home) for line in transfers
            ],
        }
    )
    least = times["floor, by hand"]
    print(f"{'one page, 15 lines, logo':28} {'ms':>8} {'per s':>8} {'x floor':>8}")
    for name, seconds in times.items():
        print(f"{name:28} {seconds / DOCUMENTS * 1e3:8.2f} {DOCUMENTS / seconds:8.0f} {seconds / least:8.2f}")
    verdict = "met" if times["invoice"] <= TARGET * least else "MISSED"
    print(f"target without QR code: at most {TARGET:g} x floor: {verdict}\n")


def bench_pile(home: Path) -> None:
    """Print what the print pile costs and weighs."""
    pages = []
    for place in range(PILE):
        line = line_of(place, PaymentMode.DIRECT_DEBIT)
        pages.append((line.key, documents.render_invoice(line, establishment=HOME, home=home)))
    sizes: dict[str, int] = {}

    def run(name: str, function: Callable[[list[tuple[str, bytes]]], bytes]) -> None:
        sizes[name] = len(function(pages))

    times = best_of(
        {
            "raw pikepdf merge": lambda: run("raw pikepdf merge", raw_merge),
            "documents.merge": lambda: run("documents.merge", documents.merge),
        }
    )
    least = times["raw pikepdf merge"]
    print(f"{f'{PILE} documents in one pile':28} {'s':>8} {'MB':>8} {'x raw':>8}")
    for name, seconds in times.items():
        print(f"{name:28} {seconds:8.2f} {sizes[name] / 1e6:8.2f} {seconds / least:8.2f}")
    met = times["documents.merge"] <= PILE_TARGET * least and sizes["documents.merge"] <= PILE_WEIGHT * 1e6
    print(f"target: at most {PILE_TARGET:g} x raw and {PILE_WEIGHT:g} MB: {'met' if met else 'MISSED'}")


def main() -> None:
    """Run both measurements and print two tables."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        draw_logo(home / HOME.logo)
        bench_documents(home)
        bench_pile(home)


if __name__ == "__main__":
    main()
