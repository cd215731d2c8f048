"""Find one document's month and one resident's contacts, without a plan."""

from __future__ import annotations

from elite_lib.models import Contact, Tables
from elite_lib.selection.building import families, invoice_rows
from elite_lib.selection.statements import assign


def month_of_document(tables: Tables, number: str) -> str | None:
    """Give the month of an invoice, or of a relevé alone, by its number or its line's key.

    None where the workbook has no such document, or its month cannot be known.
    """
    rows = invoice_rows(tables.invoices)
    for row in rows:
        if number in (row.key, row.number):
            return row.month or None
    for statement in assign(tables.disbursements, rows):
        if statement.host is None and number in (statement.key, statement.number):
            return statement.month or None
    return None


def contacts(tables: Tables, resident: str) -> tuple[Contact, ...]:
    """List a resident's contacts by rank, whoever receives; none of an unknown resident."""
    family = families(tables).get(resident)
    return family.contacts if family else ()
