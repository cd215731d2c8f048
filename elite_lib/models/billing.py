"""What the home bills: residents, their contacts, invoices, disbursement statements."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class Delivery(StrEnum):
    """How a family wants its invoice (column *Envoi*)."""

    UNSET = "unset"  # empty cell: mail where there is a usable address, else paper
    MAIL = "mail"  # "mail"
    PAPER = "paper"  # "courrier"
    BOTH = "both"  # "les deux": mailed, and in the print pile as well


class Quality(StrEnum):
    """In what capacity a contact acts (column *Qualité*)."""

    FAMILY = "family"
    GUARDIAN = "guardian"  # tuteur, mandataire: receives for the resident
    CURATOR = "curator"  # curateur
    ORGANISATION = "organisation"  # association tutélaire, caisse: many residents, one address


class InvoiceKind(StrEnum):
    INVOICE = "invoice"  # facture
    CREDIT_NOTE = "credit_note"  # avoir: its net counts negative


class InvoiceStatus(StrEnum):
    ISSUED = "issued"  # émise (default)
    DRAFT = "draft"  # brouillon: excluded
    CANCELLED = "cancelled"  # annulée: excluded


class Section(StrEnum):
    ACCOMMODATION = "HEB"  # hébergement
    DEPENDENCY = "DEP"  # dépendance
    SERVICES = "PRE"  # prestations complémentaires
    OTHER = "DIV"  # divers


class PaymentMode(StrEnum):
    UNSET = "unset"
    TRANSFER = "transfer"  # virement: IBAN and payment QR
    DIRECT_DEBIT = "direct_debit"  # prélèvement: RUM, ICS, date, and no QR (it would be paid twice)
    CHEQUE = "cheque"
    CASH = "cash"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resident:
    code: str
    civility: str = ""
    last_name: str = ""
    birth_name: str = ""
    first_name: str = ""
    birth_date: dt.date | None = None
    entry_date: dt.date | None = None
    exit_date: dt.date | None = None
    death_date: dt.date | None = None
    room: str = ""
    gir: str = ""  # health data: printed on the invoice, never logged
    payment_mode: PaymentMode = PaymentMode.UNSET
    iban: str = ""
    bic: str = ""
    rum: str = ""  # direct debit mandate reference
    mandate_date: dt.date | None = None
    delivery: Delivery = Delivery.UNSET
    joint: bool = False  # one message for contacts with the same attachments

    @property
    def name(self) -> str:
        """``Mme Geneviève BŒUF``: civility, first name, last name in capitals."""
        return " ".join(filter(None, (self.civility, self.first_name, self.last_name.upper())))


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A person or organisation of the *Famille* tab. Its identity is resident + rank."""

    resident: str
    rank: int
    civility: str = ""
    last_name: str = ""
    first_name: str = ""
    relation: str = ""
    quality: Quality = Quality.FAMILY
    gets_invoices: bool = False
    gets_statements: bool = False
    address_1: str = ""
    address_2: str = ""
    postcode: str = ""
    town: str = ""
    country: str = ""
    phone: str = ""
    emails: tuple[str, ...] = ()  # usable ones only, domain in punycode, in the order of the sheet

    @property
    def key(self) -> str:
        """``R00042/1``: stable as long as code and rank are."""
        return f"{self.resident}/{self.rank}"

    @property
    def name(self) -> str:
        return " ".join(filter(None, (self.civility, self.first_name, self.last_name.upper())))


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceLine:
    """One printed row (sheet *Lignes*). ``amount`` is before tax."""

    position: int
    section: Section
    label: str
    start: dt.date | None = None
    end: dt.date | None = None
    quantity: Decimal | None = None
    unit: str = ""
    unit_price: Decimal | None = None
    vat_rate: Decimal | None = None  # percent
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """Amounts in euros. ``net`` is the *Net à payer*: what the dispatch slip adds up."""

    number: str  # text: leading zeros matter
    kind: InvoiceKind = InvoiceKind.INVOICE
    origin: str = ""  # a credit note's original invoice
    date: dt.date
    due: dt.date | None = None
    resident: str
    payer_rank: int | None = None  # Destinataire: sends it to that contact alone
    start: dt.date | None = None
    end: dt.date | None = None
    total_before_tax: Decimal
    vat: Decimal = Decimal(0)
    total: Decimal  # TTC
    deductions: Decimal = Decimal(0)  # APL, ASH…
    down_payments: Decimal = Decimal(0)
    net: Decimal
    payment_mode: PaymentMode = PaymentMode.UNSET
    status: InvoiceStatus = InvoiceStatus.ISSUED
    pdf: str = ""  # a file already made by another program, relative to the home
    lines: tuple[InvoiceLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CertifiedMonth:
    """What one month adds to a tax certificate. Euros, VAT included; credit notes count negative."""

    month: str
    invoices: tuple[str, ...]  # numbers
    accommodation: Decimal
    dependency: Decimal
    aids: Decimal  # APL, ASH…: what others paid of it

    @property
    def base(self) -> Decimal:
        return self.accommodation + self.dependency - self.aids


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """*Attestation fiscale*: what a resident bore in a year for accommodation and dependency.

    Without disbursements, further services and aids (CGI art. 199 quindecies).
    """

    number: str  # "ATT-2026-R00042"
    resident: str
    year: str
    date: dt.date  # the last day of the year: the same certificate whenever it is made
    months: tuple[CertifiedMonth, ...]

    @property
    def base(self) -> Decimal:
        return sum((month.base for month in self.months), Decimal(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Disbursement:
    """One sum paid in the resident's name (sheet *Débours*), refunded to the cent."""

    date: dt.date
    supplier: str
    nature: str
    receipt: str = ""  # N° pièce
    amount: Decimal
    proof: str = ""  # Justificatif


@dataclass(frozen=True, slots=True, kw_only=True)
class Provision:
    """A payment towards disbursements; ``amount`` is positive when the family paid."""

    date: dt.date
    label: str
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """*Relevé de débours*: not an invoice, a document of its own with its own number."""

    number: str
    resident: str
    invoice: str = ""  # the invoice that it travels with, when the sheet says so
    date: dt.date
    disbursements: tuple[Disbursement, ...]
    opening: Decimal = Decimal(0)  # provision balance before the month
    payments: tuple[Provision, ...] = ()  # received within the month

    @property
    def total(self) -> Decimal:
        return sum((d.amount for d in self.disbursements), Decimal(0))

    @property
    def balance(self) -> Decimal:
        """Closing balance of the provision: negative means owed to the home."""
        return self.opening + sum((p.amount for p in self.payments), Decimal(0)) - self.total
