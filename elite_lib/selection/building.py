"""Turn the validated frames into residents, contacts and invoices.

A frame never leaves this room. A cell that could not be read is None here; what that means
for sending was decided where it was read (a problem that holds the line). An object that
lacks what it cannot do without is not built at all, and its line is then held.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from elite_lib.models import (
    Contact,
    Delivery,
    Invoice,
    InvoiceKind,
    InvoiceLine,
    InvoiceStatus,
    PaymentMode,
    Quality,
    Recipient,
    Resident,
    Section,
    Tables,
)
from elite_lib.selection.keys import line_key, month_of

if TYPE_CHECKING:
    import pandas as pd

Cells = Mapping[str, Any]

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """One resident with the contacts of the *Famille* tab, and the rows that problems point at."""

    resident: Resident
    row: int
    contacts: tuple[Contact, ...]  # by rank
    rows: Mapping[str, int]  # Contact.key -> Excel row
    twice: bool = False  # the code is borne by two rows of Résidents
    ambiguous: tuple[
        tuple[int, int | None], ...
    ] = ()  # row, rank of marked contacts without a rank of their own
    set_aside: tuple[Recipient, ...] = ()  # taken from the contacts' addresses


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceRow:
    """One row of *Factures*, readable or not."""

    key: str
    row: int
    number: str | None
    duplicate: bool
    month: str  # "" when no date can tell
    resident: str | None
    payer_rank: int | None
    kind: InvoiceKind
    status: InvoiceStatus
    net: Decimal | None
    cells: Cells

    @property
    def excluded(self) -> bool:
        return self.status is not InvoiceStatus.ISSUED


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """List the rows as dictionaries, in the order of the sheet."""
    names = [str(name) for name in frame.columns]
    columns = [column(frame, name) for name in names]
    return [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)]


def column(frame: pd.DataFrame, name: str) -> list[Any]:
    """List one column's cells; NaN and NaT, which an object frame may still hold, are None."""
    cells = frame[name].astype(object)
    return cells.where(cells.notna(), None).tolist()


def families(tables: Tables) -> dict[str, Family]:
    """Give each resident code its family. Of a code borne twice the first row counts (and is held)."""
    contacts: defaultdict[str, list[Cells]] = defaultdict(list)
    for cells in records(tables.contacts):
        if cells["resident"]:
            contacts[cells["resident"]].append(cells)
    found: dict[str, Cells] = {}
    twice = set()
    for cells in records(tables.residents):
        if not cells["code"]:
            continue
        if cells["code"] in found:
            twice.add(cells["code"])
        else:
            found[cells["code"]] = cells
    return {code: _family(cells, contacts[code], twice=code in twice) for code, cells in found.items()}


def without(family: Family, aside: Collection[str]) -> Family:
    """Take the addresses that are set aside (in small letters) from a family's contacts."""
    gone = [
        Recipient(contact=contact.key, address=address, name=contact.name)
        for contact in family.contacts
        for address in contact.emails
        if address.lower() in aside
    ]
    if not gone:
        return family
    contacts = [
        replace(contact, emails=tuple(a for a in contact.emails if a.lower() not in aside))
        for contact in family.contacts
    ]
    return replace(family, contacts=tuple(contacts), set_aside=tuple(gone))


def invoice_rows(frame: pd.DataFrame) -> list[InvoiceRow]:
    """List every row of *Factures*, whatever its month, each with the key of its line."""
    rows = records(frame)
    count = Counter(cells["number"] for cells in rows)
    return [_invoice_row(cells, duplicate=count[cells["number"]] > 1) for cells in rows]


def billed_month(start: dt.date | None, day: dt.date | None) -> str:
    """Give the month of an invoice: that of its *Début période*, else of its *Date*."""
    return month_of(start or day)


def lines_by_number(frame: pd.DataFrame, numbers: Collection[str]) -> dict[str, list[Cells]]:
    """Group the rows of *Lignes* of these invoices, in the order of the sheet."""
    grouped: defaultdict[str, list[Cells]] = defaultdict(list)
    for cells in records(frame[frame["number"].isin(list(numbers))]):
        grouped[cells["number"]].append(cells)
    return grouped


def build_invoice(row: InvoiceRow, lines: Iterable[Cells]) -> Invoice | None:
    """Build what is printed, or None when the row (or one of its lines) cannot be printed rightly.

    A number that two rows bear gives None as well: *Lignes* cannot say whose its rows are.
    """
    cells = row.cells
    needed = ["number", "date", "resident", "net"]
    if not cells["pdf"]:  # what we print; another program's PDF has its totals
        needed += ["total_before_tax", "total"]
    printed = _invoice_lines(lines)
    if row.duplicate or printed is None or any(cells[name] is None for name in needed):
        return None
    return Invoice(
        number=cells["number"],
        kind=row.kind,
        origin=cells["origin"] or "",
        date=cells["date"],
        due=cells["due"],
        resident=cells["resident"],
        payer_rank=row.payer_rank,
        start=cells["start"],
        end=cells["end"],
        total_before_tax=cells["net"] if cells["total_before_tax"] is None else cells["total_before_tax"],
        vat=cells["vat"] or _ZERO,
        total=cells["net"] if cells["total"] is None else cells["total"],
        deductions=cells["deductions"] or _ZERO,
        down_payments=cells["down_payments"] or _ZERO,
        net=cells["net"],
        payment_mode=PaymentMode(cells["payment_mode"] or PaymentMode.UNSET),
        status=row.status,
        pdf=cells["pdf"] or "",
        lines=printed,
    )


def _invoice_row(cells: Cells, *, duplicate: bool) -> InvoiceRow:
    rank = cells["payer_rank"]
    return InvoiceRow(
        key=line_key(cells["number"], int(cells["row"]), duplicate),
        row=int(cells["row"]),
        number=cells["number"] or None,
        duplicate=duplicate and bool(cells["number"]),
        month=billed_month(cells["start"], cells["date"]),
        resident=cells["resident"] or None,
        payer_rank=None if rank is None else int(rank),
        kind=InvoiceKind(cells["kind"] or InvoiceKind.INVOICE),
        status=InvoiceStatus(cells["status"] or InvoiceStatus.ISSUED),
        net=cells["net"],
        cells=cells,
    )


def _invoice_lines(rows: Iterable[Cells]) -> tuple[InvoiceLine, ...] | None:
    built = []
    for ordinal, cells in enumerate(rows, start=1):
        if cells["amount"] is None:
            return None
        position = cells["position"]
        built.append(
            InvoiceLine(
                position=ordinal if position is None else int(position),
                section=Section(cells["section"] or Section.OTHER),
                label=cells["label"] or "",
                start=cells["start"],
                end=cells["end"],
                quantity=cells["quantity"],
                unit=cells["unit"] or "",
                unit_price=cells["unit_price"],
                vat_rate=cells["vat_rate"],
                amount=cells["amount"],
            )
        )
    return tuple(sorted(built, key=lambda line: line.position))


def _family(cells: Cells, contacts: list[Cells], *, twice: bool) -> Family:
    ranks = Counter(contact["rank"] for contact in contacts)
    ranked = [contact for contact in contacts if contact["rank"] is not None]
    built = {int(contact["row"]): _contact(contact) for contact in ranked}
    rows = {contact.key: row for row, contact in reversed(built.items())}
    return Family(
        resident=_resident(cells),
        row=int(cells["row"]),
        contacts=tuple(sorted(built.values(), key=lambda contact: contact.rank)),
        rows=rows,
        twice=twice,
        ambiguous=tuple(
            (int(contact["row"]), contact["rank"])
            for contact in contacts
            if (contact["rank"] is None or ranks[contact["rank"]] > 1)
            and (contact["gets_invoices"] or contact["gets_statements"])
        ),
    )


def _resident(cells: Cells) -> Resident:
    text: dict[str, Any] = {
        name: cells[name] or ""
        for name in ("civility", "last_name", "birth_name", "first_name", "room", "gir", "iban", "bic", "rum")
    }
    dates: dict[str, Any] = {
        name: cells[name] for name in ("birth_date", "entry_date", "exit_date", "death_date")
    }
    return Resident(
        code=cells["code"],
        mandate_date=cells["mandate_date"],
        payment_mode=PaymentMode(cells["payment_mode"] or PaymentMode.UNSET),
        delivery=Delivery(cells["delivery"] or Delivery.UNSET),
        joint=cells["joint"] is True or cells["joint"] == "joint",  # a bool, or the word itself
        **text,
        **dates,
    )


def _contact(cells: Cells) -> Contact:
    names = ("civility", "last_name", "first_name", "relation", "address_1", "address_2")
    more = ("postcode", "town", "country", "phone")
    return Contact(
        resident=cells["resident"],
        rank=int(cells["rank"]),
        quality=Quality(cells["quality"] or Quality.FAMILY),
        gets_invoices=bool(cells["gets_invoices"]),
        gets_statements=bool(cells["gets_statements"]),
        emails=tuple(cells["email"] or ()) + tuple(cells["email_2"] or ()),
        **{name: cells[name] or "" for name in (*names, *more)},
    )
