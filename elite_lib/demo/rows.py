"""Turn nouns into the cells of the workbook: names of ``models.SHEETS``' columns, the office's words."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TypeAlias

from elite_lib.demo.households import Household
from elite_lib.models import (
    Contact,
    Delivery,
    Invoice,
    InvoiceKind,
    InvoiceStatus,
    PaymentMode,
    Provision,
    Quality,
    Statement,
)

Cell: TypeAlias = str | int | Decimal | dt.date | None
Row: TypeAlias = dict[str, Cell]
Book: TypeAlias = dict[str, list[Row]]  # Sheet.name -> rows, in the order of the sheet

DELIVERY = {
    Delivery.UNSET: None,
    Delivery.MAIL: "mail",
    Delivery.PAPER: "courrier",
    Delivery.BOTH: "les deux",
}
QUALITY = {
    Quality.FAMILY: "famille",
    Quality.GUARDIAN: "tuteur",
    Quality.CURATOR: "curateur",
    Quality.ORGANISATION: "organisme",
}
PAYMENT = {
    PaymentMode.UNSET: None,
    PaymentMode.TRANSFER: "virement",
    PaymentMode.DIRECT_DEBIT: "prélèvement",
    PaymentMode.CHEQUE: "chèque",
    PaymentMode.CASH: "espèces",
    PaymentMode.OTHER: "autre",
}
KIND = {InvoiceKind.INVOICE: "facture", InvoiceKind.CREDIT_NOTE: "avoir"}
STATUS = {InvoiceStatus.ISSUED: "émise", InvoiceStatus.DRAFT: "brouillon", InvoiceStatus.CANCELLED: "annulée"}


def resident_row(household: Household) -> Row:
    r = household.resident
    return {
        "code": r.code,
        "civility": r.civility,
        "last_name": r.last_name,
        "birth_name": r.birth_name or None,
        "first_name": r.first_name,
        "birth_date": r.birth_date,
        "entry_date": r.entry_date,
        "exit_date": r.exit_date,
        "death_date": r.death_date,
        "room": r.room,
        "gir": r.gir,
        "payment_mode": PAYMENT[r.payment_mode],
        "iban": r.iban or None,
        "bic": r.bic or None,
        "rum": r.rum or None,
        "mandate_date": r.mandate_date,
        "delivery": DELIVERY[r.delivery],
        "joint": "joint" if r.joint else "séparé",
    }


def contact_row(contact: Contact, typo: str) -> Row:
    """``typo`` stands in the E-mail cell instead of the address that the contact has not."""
    first, second = (*contact.emails, "", "")[:2]
    return {
        "resident": contact.resident,
        "rank": contact.rank,
        "civility": contact.civility or None,
        "last_name": contact.last_name,
        "first_name": contact.first_name or None,
        "relation": contact.relation,
        "quality": QUALITY[contact.quality],
        "gets_invoices": _flag(contact.gets_invoices),
        "gets_statements": _flag(contact.gets_statements),
        "address_1": contact.address_1,
        "address_2": contact.address_2 or None,
        "postcode": contact.postcode,
        "town": contact.town,
        "country": contact.country or None,
        "phone": contact.phone,
        "email": typo or first or None,
        "email_2": second or None,
    }


def invoice_row(invoice: Invoice) -> Row:
    return {
        "number": invoice.number,
        "kind": KIND[invoice.kind],
        "origin": invoice.origin or None,
        "date": invoice.date,
        "due": invoice.due,
        "resident": invoice.resident,
        "payer_rank": invoice.payer_rank,
        "start": invoice.start,
        "end": invoice.end,
        "total_before_tax": invoice.total_before_tax,
        "vat": invoice.vat,
        "total": invoice.total,
        "deductions": invoice.deductions,
        "down_payments": invoice.down_payments,
        "net": invoice.net,
        "payment_mode": PAYMENT[invoice.payment_mode],
        "status": STATUS[invoice.status],
        "pdf": invoice.pdf or None,
    }


def line_rows(invoice: Invoice) -> list[Row]:
    return [
        {
            "number": invoice.number,
            "position": line.position,
            "section": line.section.value,
            "label": line.label,
            "start": line.start,
            "end": line.end,
            "quantity": line.quantity,
            "unit": line.unit,
            "unit_price": line.unit_price,
            "vat_rate": line.vat_rate,
            "amount": line.amount,
        }
        for line in invoice.lines
    ]


def disbursement_rows(statement: Statement) -> list[Row]:
    return [
        {
            "statement": statement.number,
            "number": statement.invoice or None,
            "resident": statement.resident,
            "date": bought.date,
            "supplier": bought.supplier,
            "nature": bought.nature,
            "receipt": bought.receipt,
            "amount": bought.amount,
            "proof": bought.proof or None,
        }
        for bought in statement.disbursements
    ]


def provision_row(resident: str, payment: Provision) -> Row:
    """The sheet says which way the money went in *Sens*; the amount itself is positive."""
    return {
        "resident": resident,
        "date": payment.date,
        "direction": "versement" if payment.amount > 0 else "remboursement",
        "label": payment.label,
        "amount": abs(payment.amount),
    }


def _flag(value: bool) -> str:
    return "O" if value else "N"
