"""One PDF of a whole month, made elsewhere: reading its text, sorting its pages, a file for each invoice.

The floors are PDFium's text and pikepdf's pages alone. Run: ``python benchmarks/bench_papers.py [invoices]``.
"""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Callable

import pikepdf
import pypdfium2
from reportlab.pdfgen.canvas import Canvas

from elite_lib.documents.proof import page_texts
from elite_lib.documents.sorting import Numbers, extract, sort


def cpu(title: str, work: Callable[[], object]) -> object:
    """Print the CPU seconds of one call, and hand over what it gave."""
    start = time.process_time()
    result = work()
    print(f"{title:<50}{time.process_time() - start:>8.2f} s")
    return result


def month(numbers: list[str]) -> bytes:
    file = io.BytesIO()
    canvas = Canvas(file)
    for place, number in enumerate(numbers):
        lines = [f"Facture n° {number}", f"Mme Jeanne DUPONT{place}", *["Hébergement 31 × 60,00 €"] * 25]
        for row, text in enumerate(lines):
            canvas.drawString(72, 780 - 20 * row, text)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def bare_texts(content: bytes) -> list[str]:
    return [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(content)]


def bare_split(content: bytes) -> None:
    with pikepdf.Pdf.open(io.BytesIO(content)) as document:
        for page in document.pages:
            with pikepdf.Pdf.new() as part:
                part.pages.append(page)
                part.save(io.BytesIO())


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    numbers = [f"F2026-10-{place:05}" for place in range(count)]
    owners = {number: f"R{place:05}" for place, number in enumerate(numbers)}
    names = {code: ("Jeanne", f"Dupont{place}") for place, code in enumerate(owners.values())}
    content = month(numbers)
    print(f"{count} invoices in one PDF of {len(content) / 1e6:.1f} MB")
    cpu("floor: text of every page", lambda: bare_texts(content))
    texts = page_texts(content)
    cpu("text, folded to be compared", lambda: page_texts(content))
    found = sort(texts, Numbers(owners, names=names))
    cpu("whose each page is", lambda: sort(texts, Numbers(owners, names=names)))
    cpu("floor: a file for each page", lambda: bare_split(content))
    cpu("a file for each invoice, nothing else in it", lambda: extract(content, found.pages))


if __name__ == "__main__":
    main()
