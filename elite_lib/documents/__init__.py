"""Printed documents: invoice, statement, tax certificate, print pile, and the proof whose a PDF is."""

from elite_lib.documents.address import address_lines
from elite_lib.documents.certificate import render_certificate
from elite_lib.documents.invoice import render_invoice
from elite_lib.documents.picturing import pictures, preview
from elite_lib.documents.pile import merge
from elite_lib.documents.proof import prove
from elite_lib.documents.statement import render_statement

__all__ = [
    "address_lines",
    "merge",
    "pictures",
    "preview",
    "prove",
    "render_certificate",
    "render_invoice",
    "render_statement",
]
