"""Documents as pictures: what a screen shows of a PDF, and how a home's own would look."""

from __future__ import annotations

import io
import itertools
from collections.abc import Sequence

import pypdfium2

from elite_lib.config import Settings
from elite_lib.documents import template as templates
from elite_lib.documents.certificate import render_certificate
from elite_lib.documents.invoice import render_invoice
from elite_lib.documents.proof import _pdfium
from elite_lib.documents.sample import sample_line
from elite_lib.documents.statement import render_statement
from elite_lib.models import DocumentKind, PaymentMode

_RENDER = {
    DocumentKind.INVOICE: render_invoice,
    DocumentKind.STATEMENT: render_statement,
    DocumentKind.CERTIFICATE: render_certificate,
}


def pictures(content: bytes, *, dpi: int = 96, most: int | None = None) -> list[bytes]:
    """Draw each page of a PDF as a PNG, the first ``most`` of them."""
    drawn = []
    with _pdfium:
        document = pypdfium2.PdfDocument(content)
        try:
            for page in itertools.islice(document, most):
                file = io.BytesIO()
                page.render(scale=dpi / 72).to_pil().save(file, "PNG")
                drawn.append(file.getvalue())
                page.close()
        finally:
            document.close()
    return drawn


def preview(
    settings: Settings,
    kinds: Sequence[DocumentKind] = tuple(DocumentKind),
    *,
    words: str | None = None,
    mode: PaymentMode = PaymentMode.TRANSFER,
    dpi: int = 96,
) -> list[bytes]:
    """Draw sample documents of a home, one PNG a page: invoice, statement and certificate of nobody.

    ``settings`` need not be saved; ``words`` is the text of a ``documents.toml`` that is not saved either,
    None: the home's. ``mode``: how the sample is paid.

    Raises:
        ConfigError, TemplateError: ``documents.toml`` is wrong.
        DocumentError: ``logo_unreadable``.
    """
    home = settings.home.root
    template = templates.load(home) if words is None else templates.parse(words)
    line = sample_line(mode)
    pages: list[bytes] = []
    for kind in kinds:
        content = _RENDER[kind](line, establishment=settings.establishment, home=home, template=template)
        pages += pictures(content, dpi=dpi)
    return pages
