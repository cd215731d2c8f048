"""The invoice and the credit note."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from itertools import groupby
from pathlib import Path

from elite_lib import formats
from elite_lib.documents.address import address_lines
from elite_lib.documents.facts import (
    Values,
    about,
    home_values,
    period_of,
    resident_values,
    short_period,
)
from elite_lib.documents.fonts import plain
from elite_lib.documents.layout import Content, arranged, compose
from elite_lib.documents.notes import notes_of
from elite_lib.documents.page import CONTENT
from elite_lib.documents.payment import payment_of
from elite_lib.documents.pen import MM
from elite_lib.documents.table import Column, Row, RowKind, Table, cells
from elite_lib.documents.template import Template, load
from elite_lib.documents.totals import Totals, VatRow
from elite_lib.exceptions import DocumentError
from elite_lib.models import DispatchLine, Establishment, Invoice, InvoiceKind, InvoiceLine

_CENT = Decimal("0.01")


def render_invoice(
    line: DispatchLine, *, establishment: Establishment, home: Path, template: Template | None = None
) -> bytes:
    """Make the PDF of the invoice or credit note of ``line``: the same bytes for the same input.

    ``home`` is the folder that the logo's path starts from, and where ``documents.toml`` may be.

    Raises:
        DocumentError: ``invoice_missing`` when the line has none; ``logo_unreadable``.
        ConfigError, TemplateError: ``documents.toml`` is wrong.
    """
    invoice = line.invoice
    if invoice is None:
        raise DocumentError("invoice_missing", number=line.number)
    template = template or load(home)
    title = "title" if invoice.kind is InvoiceKind.INVOICE else "credit_title"
    values = _values(line, invoice, template, establishment)
    notes = template.shown("invoice.notes", values)
    if not _taxed(invoice):
        notes += template.shown("invoice.untaxed_notes", values)
    blocks = {
        "totals": _totals(invoice, template),
        "notes": notes_of(notes),
        "closing": notes_of(template.shown("invoice.closing", values)),
        "payment": payment_of(
            invoice, resident=line.resident, establishment=establishment, template=template
        ),
    }
    content = Content(
        title=template[f"invoice.{title}"],
        number=invoice.number,
        date=invoice.date,
        facts=template.shown("invoice.facts", values),
        about=about(line.resident),
        address=address_lines(line, template),
        foot=template.shown("invoice.foot", values),
        table=_table(invoice, template),
        arrangement=arranged(template.lists["invoice.blocks"], blocks),
    )
    return compose(content, template=template, establishment=establishment, home=home)


def _values(line: DispatchLine, invoice: Invoice, template: Template, home: Establishment) -> Values:
    due = invoice.due if invoice.kind is InvoiceKind.INVOICE else None
    return {
        **home_values(home),
        "dossier": plain(invoice.resident),
        **resident_values(line.resident, template, health=True),
        "numero": plain(invoice.number),
        "date": formats.date(invoice.date),
        "echeance": formats.date(due) if due else "",
        "periode": period_of(invoice.start, invoice.end),
        "mois": formats.month(line.month) if line.month else "",
        "montant": formats.amount(invoice.net),
        "origine": plain(invoice.origin),
        "payeur": "" if invoice.payer_rank is None else str(invoice.payer_rank),
    }


def _table(invoice: Invoice, template: Template) -> Table:
    columns = _columns(invoice, template)
    rows: list[Row] = []
    order = template.lists["invoice.sections"]
    lines = sorted(invoice.lines, key=lambda row: (order.index(row.section), row.position))
    for section, group in groupby(lines, key=lambda row: row.section):
        rows.append(Row(kind=RowKind.SECTION, cells=((template[f"invoice.headings.{section}"],),)))
        subtotal = Decimal(0)
        for row in group:
            subtotal += row.amount
            texts = tuple(_texts(row, invoice, columns))
            rows.append(Row(kind=RowKind.LINE, cells=cells(columns, texts), amount=row.amount))
        if template.flags["invoice.subtotals"]:
            label = template[f"invoice.sums.{section}"]
            rows.append(Row(kind=RowKind.SUBTOTAL, cells=((label,),), amount=subtotal))
    return Table(
        columns=columns,
        rows=tuple(rows),
        carried_forward=template["table.carried_forward"],
        carried_over=template["table.carried_over"],
        continued=template["table.continued"],
    )


# In millimetres; the label takes what remains.
_WIDTHS = {"period": 24, "quantity": 14, "unit": 16, "unit_price": 22, "vat": 14, "amount": 25}
_FIGURES = frozenset({"quantity", "unit_price", "vat", "amount"})


def _columns(invoice: Invoice, template: Template) -> tuple[Column, ...]:
    """Choose the columns: but for label and amount, only those that some line fills."""
    lines, taxed = invoice.lines, _taxed(invoice)
    absent = {
        "period": not any(row.start or row.end for row in lines),
        "quantity": not any(row.quantity is not None for row in lines),
        "unit": not any(row.unit for row in lines),
        "unit_price": not any(row.unit_price is not None for row in lines),
        "vat": not taxed,
    }
    shown = [key for key in template.lists["invoice.columns"] if not absent.get(key)]
    label = CONTENT - MM * sum(_WIDTHS.get(key, 0) for key in shown)
    return tuple(
        Column(
            key=key,
            title=template[f"invoice.titles.{'amount_before_tax' if taxed and key == 'amount' else key}"],
            width=_WIDTHS[key] * MM if key in _WIDTHS else label,
            figures=key in _FIGURES,
            wide=key == "label",
        )
        for key in shown
    )


def _texts(row: InvoiceLine, invoice: Invoice, columns: tuple[Column, ...]) -> Iterator[str]:
    known = {
        "label": row.label,
        "period": short_period(row.start, row.end, year=(invoice.start or invoice.date).year),
        "quantity": formats.quantity(row.quantity) if row.quantity is not None else "",
        "unit": row.unit,
        "unit_price": _price(row.unit_price),
        "vat": f"{formats.quantity(row.vat_rate)}\u00a0%" if row.vat_rate else "",
        "amount": formats.amount(row.amount),
    }
    return (known[column.key] for column in columns)


def _price(value: Decimal | None) -> str:
    """Format a unit price: at least two decimals, four at most."""
    if value is None:
        return ""
    exponent = value.normalize().as_tuple().exponent
    decimals = -exponent if isinstance(exponent, int) else 2
    return f"{formats.number(value, min(max(decimals, 2), 4))}\u00a0€"


def _taxed(invoice: Invoice) -> bool:
    return bool(invoice.vat) or any(row.vat_rate for row in invoice.lines)


def _totals(invoice: Invoice, words: Template) -> Totals:
    key = "invoice.totals."
    rows = [(words[f"{key}total"], invoice.total)]
    if _taxed(invoice):
        rows = [
            (words[f"{key}total_before_tax"], invoice.total_before_tax),
            (words[f"{key}vat"], invoice.vat),
            (words[f"{key}total_with_tax"], invoice.total),
        ]
    if invoice.deductions:
        rows.append((words[f"{key}deductions"], -invoice.deductions))
    if invoice.down_payments:
        rows.append((words[f"{key}down_payments"], -invoice.down_payments))
    label = words[f"{key}net"]
    if invoice.net < 0:
        rows.append((label, invoice.net))
        label = words[f"{key}credit"]
    return Totals(
        rows=tuple(rows),
        label=label,
        amount=abs(invoice.net),
        vat=vat_by_rate(invoice),
        vat_titles=(
            words[f"{key}vat_rate"],
            words[f"{key}vat_base"],
            words[f"{key}vat"],
            words[f"{key}untaxed"],
        ),
    )


def vat_by_rate(invoice: Invoice) -> tuple[VatRow, ...]:
    """Add up the lines by VAT rate, ascending; empty when no line has a rate.

    The taxes add up to the invoice's VAT: a difference of a cent a line, which comes from
    where the billing program rounded, goes to the largest base. With a larger difference the
    taxes are not told: the program does not invent figures for an invoice.
    """
    bases: dict[Decimal, Decimal] = {}
    for row in invoice.lines:
        rate = row.vat_rate or Decimal(0)
        bases[rate] = bases.get(rate, Decimal(0)) + row.amount
    if not any(bases):
        return ()
    taxes = {rate: (base * rate / 100).quantize(_CENT, ROUND_HALF_UP) for rate, base in bases.items() if rate}
    gap = invoice.vat - sum(taxes.values())
    if abs(gap) <= _CENT * len(invoice.lines):
        taxes[max(taxes, key=lambda rate: abs(bases[rate]))] += gap
    else:
        taxes = {}
    return tuple(VatRow(rate=rate, base=base, tax=taxes.get(rate)) for rate, base in sorted(bases.items()))
