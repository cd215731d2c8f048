"""The invoice and the credit note."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from itertools import groupby
from pathlib import Path

from elite_lib import formats
from elite_lib.documents import wording
from elite_lib.documents.address import address_lines
from elite_lib.documents.facts import about, period_of, resident_facts, short_period
from elite_lib.documents.layout import CONTENT, Content, compose
from elite_lib.documents.payment import payment_of
from elite_lib.documents.pen import MM
from elite_lib.documents.table import Column, Row, RowKind, Table, cells
from elite_lib.documents.totals import Totals, VatRow
from elite_lib.exceptions import DocumentError
from elite_lib.models import DispatchLine, Establishment, Invoice, InvoiceKind, InvoiceLine, Section

_CENT = Decimal("0.01")


def render_invoice(line: DispatchLine, *, establishment: Establishment, home: Path) -> bytes:
    """Make the PDF of the invoice or credit note of ``line``: the same bytes for the same input.

    ``home`` is the folder that the logo's path starts from.

    Raises:
        DocumentError: ``invoice_missing`` when the line has none; ``logo_unreadable``.
    """
    invoice = line.invoice
    if invoice is None:
        raise DocumentError("invoice_missing", number=line.number)
    mediator = f"{wording.MEDIATOR} : {establishment.mediator}" if establishment.mediator else ""
    content = Content(
        title=wording.TITLES[invoice.kind],
        number=invoice.number,
        date=invoice.date,
        facts=_facts(line, invoice),
        about=about(line.resident),
        address=address_lines(line),
        mentions=tuple(filter(None, (*establishment.mentions, mediator))),
        table=_table(invoice),
        totals=_totals(invoice),
        payment=payment_of(invoice, resident=line.resident, establishment=establishment),
    )
    return compose(content, establishment=establishment, home=home)


def _facts(line: DispatchLine, invoice: Invoice) -> tuple[str, ...]:
    dates = f"{wording.DATE} : {formats.date(invoice.date)}"
    if invoice.due and invoice.kind is InvoiceKind.INVOICE:
        dates += f" — {wording.DUE} : {formats.date(invoice.due)}"
    origin = f"{wording.ORIGIN}\u00a0{invoice.origin}" if invoice.origin else ""
    period = period_of(invoice.start, invoice.end)
    file = f"{wording.FILE} {invoice.resident}"
    if invoice.payer_rank is not None:
        file += f" — {wording.PAYER} {invoice.payer_rank}"
    facts = (
        origin,
        dates,
        f"{wording.PERIOD} : {period}" if period else "",
        *resident_facts(line.resident, health=True),
        file,
    )
    return tuple(filter(None, facts))


def _table(invoice: Invoice) -> Table:
    columns = _columns(invoice)
    rows: list[Row] = []
    order = list(Section)
    lines = sorted(invoice.lines, key=lambda row: (order.index(row.section), row.position))
    for section, group in groupby(lines, key=lambda row: row.section):
        rows.append(Row(kind=RowKind.SECTION, cells=((wording.SECTIONS[section],),)))
        subtotal = Decimal(0)
        for row in group:
            subtotal += row.amount
            texts = tuple(_texts(row, invoice, columns))
            rows.append(Row(kind=RowKind.LINE, cells=cells(columns, texts), amount=row.amount))
        rows.append(Row(kind=RowKind.SUBTOTAL, cells=((wording.SUBTOTALS[section],),), amount=subtotal))
    return Table(columns=columns, rows=tuple(rows))


def _columns(invoice: Invoice) -> tuple[Column, ...]:
    """Choose the columns: period, unit and VAT only where some line has one."""
    lines = invoice.lines
    taxed = _taxed(invoice)
    right = [
        Column(title=wording.PERIOD, width=24 * MM) if any(row.start or row.end for row in lines) else None,
        Column(title=wording.QUANTITY, width=14 * MM, figures=True),
        Column(title=wording.UNIT, width=16 * MM) if any(row.unit for row in lines) else None,
        Column(title=wording.UNIT_PRICE, width=22 * MM, figures=True),
        Column(title=wording.VAT, width=14 * MM, figures=True) if taxed else None,
        Column(title=wording.AMOUNT_BEFORE_TAX if taxed else wording.AMOUNT, width=25 * MM, figures=True),
    ]
    shown = [column for column in right if column is not None]
    label = Column(title=wording.LABEL, width=CONTENT - sum(column.width for column in shown), wide=True)
    return (label, *shown)


def _texts(row: InvoiceLine, invoice: Invoice, columns: tuple[Column, ...]) -> Iterator[str]:
    known = {
        wording.LABEL: row.label,
        wording.PERIOD: short_period(row.start, row.end, year=(invoice.start or invoice.date).year),
        wording.QUANTITY: formats.quantity(row.quantity) if row.quantity is not None else "",
        wording.UNIT: row.unit,
        wording.UNIT_PRICE: _price(row.unit_price),
        wording.VAT: f"{formats.quantity(row.vat_rate)}\u00a0%" if row.vat_rate else "",
    }
    amount = formats.amount(row.amount)
    return (known.get(column.title, amount) for column in columns)


def _price(value: Decimal | None) -> str:
    """Format a unit price: at least two decimals, four at most."""
    if value is None:
        return ""
    exponent = value.normalize().as_tuple().exponent
    decimals = -exponent if isinstance(exponent, int) else 2
    return f"{formats.number(value, min(max(decimals, 2), 4))}\u00a0€"


def _taxed(invoice: Invoice) -> bool:
    return bool(invoice.vat) or any(row.vat_rate for row in invoice.lines)


def _totals(invoice: Invoice) -> Totals:
    rows = [(wording.TOTAL, invoice.total)]
    if _taxed(invoice):
        rows = [
            (wording.TOTAL_BEFORE_TAX, invoice.total_before_tax),
            (wording.VAT, invoice.vat),
            (wording.TOTAL_WITH_TAX, invoice.total),
        ]
    if invoice.deductions:
        rows.append((wording.DEDUCTIONS, -invoice.deductions))
    if invoice.down_payments:
        rows.append((wording.DOWN_PAYMENTS, -invoice.down_payments))
    label = wording.NET
    if invoice.net < 0:
        rows.append((wording.NET, invoice.net))
        label = wording.CREDIT
    return Totals(rows=tuple(rows), label=label, amount=abs(invoice.net), vat=vat_by_rate(invoice))


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
