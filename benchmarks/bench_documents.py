"""Measure what a document costs, beside a PDF written by hand and four other engines; and the print pile.

    pip install -e ".[bench]" && python benchmarks/bench_documents.py

CPU time, the best of three rounds, the contestants interleaved in each round so that a
busy machine slows all of them. The floor is the same page by hand (handmade.py); the other
engines draw the same words (engines.py). The gain of a second process is wall time.
"""

from __future__ import annotations

import datetime as dt
import io
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from functools import partial
from pathlib import Path

import pikepdf
from engines import Render, engines
from handmade import Floor
from PIL import Image, ImageDraw

from elite_lib import documents
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
OTHERS = 24  # documents of each other engine, which are slower
PILE = 1000
TARGET = 6.0  # times the floor, one page without QR code
# times ours, at least
TARGETS = {"fpdf2, cell()": 20, "WeasyPrint": 45, "typst, compiler kept": 5, "platypus, Paragraphs": 8}
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


SECTIONS = [Section.ACCOMMODATION] * 6 + [Section.DEPENDENCY] * 4 + [Section.SERVICES] * 5


def rows_for(place: int) -> tuple[InvoiceLine, ...]:
    """Give fifteen lines with figures of their own: no engine may keep the page of another document."""
    found = []
    for position, section in enumerate(SECTIONS, start=1):
        price = Decimal(1000 + (place * 37 + position * 11) % 900) / 100
        found.append(
            InvoiceLine(
                position=position,
                section=section,
                label=f"Chambre individuelle, tarif journalier n° {position}",
                start=dt.date(2026, 10, 1),
                end=dt.date(2026, 10, 31),
                quantity=Decimal(31),
                unit="jour",
                unit_price=price,
                amount=price * 31,
            )
        )
    return tuple(found)


INVOICE = Invoice(
    number="F2026-10-00000",
    date=dt.date(2026, 10, 31),
    due=dt.date(2026, 11, 10),
    resident="R00000",
    start=dt.date(2026, 10, 1),
    end=dt.date(2026, 10, 31),
    total_before_tax=Decimal("5738.10"),
    total=Decimal("5738.10"),
    deductions=Decimal("223.50"),
    net=Decimal("5514.60"),
)
CONTACT = Contact(
    resident="R00000",
    rank=1,
    civility="Madame",
    first_name="Hélène",
    last_name="Lefèvre",
    address_1="14 bis, rue de l’Évêché",
    address_2="Bâtiment B",
    postcode="44100",
    town="Nantes",
)
RESIDENT = Resident(code="R00000", civility="Mme", first_name="Geneviève", room="214", rum="RUM-1")


def line_of(place: int, mode: PaymentMode) -> DispatchLine:
    """Build a line whose invoice has fifteen rows in three sections."""
    number, code, rows = f"F2026-10-{place:05}", f"R{place:05}", rows_for(place)
    total = sum((row.amount for row in rows), Decimal(0))
    return DispatchLine(
        key=number,
        kind=LineKind.INVOICE,
        month="2026-10",
        row=2,
        amount=INVOICE.net,
        disposition=Disposition.MAIL,
        resident=replace(RESIDENT, code=code, last_name=f"Bœuf-{place}"),
        addressee=replace(CONTACT, resident=code),
        invoice=replace(
            INVOICE,
            number=number,
            resident=code,
            payment_mode=mode,
            lines=rows,
            total_before_tax=total,
            total=total,
            net=total - INVOICE.deductions,
        ),
    )


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
    floor = Floor(HOME, home)
    pikepdf.Pdf.open(io.BytesIO(floor.render(debits[0]))).close()  # the floor is a real PDF
    kept: dict[str, int] = {}
    contestants: dict[str, tuple[Render, list[DispatchLine]]] = {
        "floor, by hand": (floor.render, debits),
        "invoice": (partial(documents.render_invoice, establishment=HOME, home=home), debits),
        "invoice with QR code": (
            partial(documents.render_invoice, establishment=HOME, home=home),
            transfers,
        ),
    }
    contestants |= {name: (render, debits[:OTHERS]) for name, render in engines(HOME, home)}

    def run(name: str) -> None:
        render, lines = contestants[name]
        for line in lines:
            kept[name] = len(render(line))

    times = best_of({name: partial(run, name) for name in contestants})
    each = {name: seconds / len(contestants[name][1]) for name, seconds in times.items()}
    least, ours = each["floor, by hand"], each["invoice"]
    print(f"{'one page, 15 lines, logo':24} {'ms':>8} {'per s':>8} {'KB':>6} {'x floor':>8} {'x ours':>8}")
    for name, seconds in each.items():
        figures = f"{seconds * 1e3:8.2f} {1 / seconds:8.0f} {kept[name] / 1e3:6.0f}"
        print(f"{name:24} {figures} {seconds / least:8.2f} {seconds / ours:8.1f}")
    told = [f"at most {TARGET:g} x floor: {'met' if ours <= TARGET * least else 'MISSED'}"]
    for name, target in TARGETS.items():
        if name in each:
            told.append(
                f"{name} at least {target} x ours: {'met' if each[name] >= target * ours else 'MISSED'}"
            )
    print("\n".join(told) + "\n")


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
    """Run the measurements and print their tables."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        draw_logo(home / HOME.logo)
        bench_documents(home)
        bench_pile(home)


if __name__ == "__main__":
    main()
