"""The month as it is dispatched: period, lines, parcels, the frozen batch, the slip."""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from elite_lib.exceptions import ConfigError
from elite_lib.models.billing import Certificate, Contact, Invoice, Resident, Statement
from elite_lib.models.journaling import Status
from elite_lib.models.mailing import Recipient
from elite_lib.models.problems import Problem, ProblemCode


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Period:
    """Whole months, first to last included. Written ``2026-10`` or ``2026-09..2026-10``.

    ``ATT-2026`` is the period of a year's tax certificates: no month is in it, and it is in no
    period of months, so that they are sent, and balance, beside the invoices.
    """

    first: str
    last: str

    @classmethod
    def parse(cls, text: str) -> Period:
        """Read ``2026-10``, ``2026-09..2026-10`` or ``ATT-2026``.

        Raises:
            ConfigError: not a month, or the last before the first.
        """
        if re.fullmatch(r"ATT-[0-9]{4}", text.strip()):
            return cls(first=text.strip(), last=text.strip())
        first, _, last = text.strip().partition("..")
        last = last or first
        for month in (first, last):
            if not re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", month):
                raise ConfigError("month_invalid", value=text)
        if last < first:
            raise ConfigError("month_invalid", value=text)
        return cls(first=first, last=last)

    @property
    def key(self) -> str:
        return self.first if self.first == self.last else f"{self.first}..{self.last}"

    @property
    def year(self) -> str:
        """The year of a period of tax certificates, ``""`` of a period of months."""
        return self.first[4:] if self.first.startswith("ATT-") else ""

    def __contains__(self, month: str) -> bool:
        return self.first <= month <= self.last

    @property
    def start(self) -> date:
        if self.year:
            return date(int(self.year), 1, 1)
        return date(int(self.first[:4]), int(self.first[5:]), 1)

    @property
    def end(self) -> date:
        if self.year:
            return date(int(self.year), 12, 31)
        year, month = int(self.last[:4]), int(self.last[5:])
        return date(year, month, calendar.monthrange(year, month)[1])


class LineKind(StrEnum):
    INVOICE = "invoice"  # an invoice or credit note, with its statement if there is one
    STATEMENT = "statement"  # a relevé whose resident has no invoice in the month: counted apart
    CERTIFICATE = "certificate"  # a year's tax certificate: in a plan of its own


class DocumentKind(StrEnum):
    INVOICE = "invoice"
    STATEMENT = "statement"
    CERTIFICATE = "certificate"


class Disposition(StrEnum):
    """What selection decided of a line, before anything is sent."""

    MAIL = "mail"
    HELD = "held"
    TO_PRINT = "to_print"
    UNTICKED = "unticked"
    EXCLUDED = "excluded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """One message to be: who gets which documents. Never two residents in one parcel."""

    key: str  # line key + "~" + contact ranks: "F2026-10-00042~1", joint "F2026-10-00042~1+2"
    recipients: tuple[Recipient, ...]
    documents: tuple[DocumentKind, ...]
    addressee: str  # who is greeted: "Madame Hélène LEFÈVRE", joint: names joined by commas
    deceased: bool = False  # released by a person: uses the wording for a deceased resident
    guardian: bool = False  # to one guardian or organisation: may travel with other residents' parcels


@dataclass(frozen=True, slots=True, kw_only=True)
class DispatchLine:
    """One row of the month: an invoice with its relevé, or a relevé alone."""

    key: str  # the document's number; of a duplicate or missing number: number + "@" + row
    kind: LineKind
    month: str  # "2026-10"; "" when no date can tell (shown, held, in every month)
    row: int  # Excel row of Factures (or of the first row of Débours)
    amount: Decimal  # euros of the slip: net à payer, credit notes negative; 0 when unreadable
    disposition: Disposition
    resident: Resident | None = None
    addressee: Contact | None = None  # in the invoice's window: the named payer, else the first marked
    statement_addressee: Contact | None = None  # in the relevé's: the first contact marked for it
    invoice: Invoice | None = None  # None when the row is too broken to build one: then held
    statement: Statement | None = None
    certificate: Certificate | None = None
    parcels: tuple[Parcel, ...] = ()  # what would be mailed; of unticked lines too
    set_aside: tuple[Recipient, ...] = ()  # would receive it, but what came back speaks against it
    paper: bool = False  # goes to the print pile as well or instead
    reasons: tuple[Problem, ...] = ()  # why held or to print
    warnings: tuple[Problem, ...] = ()  # sent all the same

    @property
    def number(self) -> str:
        return self.key.partition("@")[0]

    def carried(self, parcel: Parcel) -> tuple[str, ...]:
        """Give the numbers of the documents that one of its parcels carries."""
        known = {
            DocumentKind.INVOICE: self.invoice.number if self.invoice else "",
            DocumentKind.STATEMENT: self.statement.number if self.statement else "",
            DocumentKind.CERTIFICATE: self.certificate.number if self.certificate else "",
        }
        return tuple(filter(None, (known[kind] for kind in parcel.documents)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Who gets what in a period, and why the others do not."""

    period: Period
    lines: tuple[DispatchLine, ...]  # in resident order, then number
    problems: tuple[Problem, ...]
    invoices: int  # rows of Factures in the period, counted independently of ``lines``
    euros: Decimal  # Σ net à payer of those rows, likewise
    kind: LineKind = LineKind.INVOICE  # what is counted; CERTIFICATE: residents billed in the year, Σ base


class Box(StrEnum):
    """Boxes of the dispatch slip, in order of precedence: a line is in its worst recipient's."""

    UNCERTAIN = "uncertain"
    REFUSED = "refused"
    HELD = "held"
    DEFERRED = "deferred"
    PENDING = "pending"
    TO_PRINT = "to_print"
    POSTED = "posted"
    UNTICKED = "unticked"
    EXCLUDED = "excluded"
    ACCEPTED = "accepted"

    @property
    def remainder(self) -> bool:
        return self in (Box.UNCERTAIN, Box.REFUSED, Box.HELD, Box.DEFERRED, Box.PENDING)


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxTotal:
    count: int = 0
    euros: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipLine:
    """One line in its box, with what a person needs to act."""

    key: str
    kind: LineKind
    month: str
    box: Box
    amount: Decimal
    resident: str  # code
    name: str
    recipients: tuple[tuple[str, Status], ...] = ()  # address, status
    reasons: tuple[ProblemCode, ...] = ()
    at: datetime | None = None  # of the newest fact
    paper: bool = False
    note: str = ""  # the server's words, when there are any


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """*Bordereau d'envoi*: every invoice of the period in exactly one box."""

    period: Period
    invoices: int  # the month's billing, counted from the sheet
    euros: Decimal
    boxes: Mapping[Box, BoxTotal]  # every box, zero included; invoices and credit notes only
    statements: Mapping[Box, BoxTotal]  # relevés alone, counted apart
    recipients: Mapping[Status, int]  # every status, zero included
    lines: tuple[SlipLine, ...]
    vanished: tuple[SlipLine, ...] = ()  # the journal knows them, the workbook does not any more

    @property
    def balanced(self) -> bool:
        """Counts and euros of the boxes add up to the month's billing (invariant 7)."""
        return (
            sum(t.count for t in self.boxes.values()) == self.invoices
            and sum((t.euros for t in self.boxes.values()), Decimal(0)) == self.euros
        )

    @property
    def remainder(self) -> int:
        """Lines that still need the program or a person: relevés alone and vanished lines included."""
        return sum(line.box.remainder for line in (*self.lines, *self.vanished))
