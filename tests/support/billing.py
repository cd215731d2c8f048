"""Small builders: frames of a workbook, lines, plans, batches, and journal entries in order.

Everything has a default, so that a test names only what it is about. Addresses use reserved
domains (RFC 2606); instants are aware UTC.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import pandas as pd

from elite_lib.models import (
    SHEETS,
    Batch,
    BatchLine,
    BatchMessage,
    CellType,
    Contact,
    DispatchLine,
    Disposition,
    DocumentKind,
    Entry,
    EntryKind,
    Fingerprint,
    Invoice,
    JournalMark,
    LineKind,
    Parcel,
    Period,
    Plan,
    Problem,
    ProblemCode,
    Recipient,
    RecipientOutcome,
    Reply,
    Resident,
    Resolution,
    Severity,
    Status,
    Tables,
)

NOW = dt.datetime(2026, 10, 31, 9, 0, tzinfo=dt.UTC)
OCTOBER = Period(first="2026-10", last="2026-10")
FINGERPRINT = Fingerprint(addresses="a" * 16, documents="d" * 16, text="e" * 16)
OK = Reply(code=250, text="2.0.0 Ok: queued as 4711")
BUSY = Reply(code=451, text="4.3.0 Try again later")
NO = Reply(code=550, text="5.1.1 No such user")

Row = dict[str, Any]


# -- rows of the workbook --------------------------------------------------------------------------


def resident_row(code: str = "R1", **cells: Any) -> Row:
    defaults = {"civility": "Mme", "last_name": "Bœuf", "first_name": "Geneviève", "delivery": "mail"}
    return {"code": code, **defaults, **cells}


def contact_row(resident: str = "R1", rank: int | None = 1, **cells: Any) -> Row:
    """``email`` and ``email_2`` are tuples of usable addresses; marked for invoices by default."""
    defaults = {
        "civility": "M.",
        "last_name": f"Lefèvre{rank}",
        "first_name": "Paul",
        "gets_invoices": True,
        "gets_statements": False,
        "email": (f"{resident.lower()}.{rank}@example.com",),
    }
    return {"resident": resident, "rank": rank, **defaults, **cells}


def invoice_row(number: str | None = "F1", resident: str | None = "R1", **cells: Any) -> Row:
    """An invoice of October 2026 over 100.00, unless ``net`` says otherwise (text or Decimal)."""
    net = cells.pop("net", "100.00")
    net = Decimal(net) if isinstance(net, str) else net
    defaults = {
        "kind": "invoice",
        "date": dt.date(2026, 10, 31),
        "due": dt.date(2026, 11, 10),
        "start": dt.date(2026, 10, 1),
        "end": dt.date(2026, 10, 31),
        "total_before_tax": net,
        "total": net,
        "net": net,
        "status": "issued",
    }
    return {"number": number, "resident": resident, **defaults, **cells}


def line_row(number: str = "F1", **cells: Any) -> Row:
    defaults = {"section": "HEB", "label": "Hébergement", "amount": Decimal("100.00")}
    return {"number": number, **defaults, **cells}


def disbursement_row(statement: str | None = "D1", resident: str | None = "R1", **cells: Any) -> Row:
    defaults = {
        "date": dt.date(2026, 10, 12),
        "supplier": "Pharmacie du Port",
        "nature": "Pharmacie",
        "amount": Decimal("12.30"),
    }
    return {"statement": statement, "resident": resident, **defaults, **cells}


def provision_row(resident: str = "R1", **cells: Any) -> Row:
    defaults = {"date": dt.date(2026, 10, 2), "direction": "payment", "amount": Decimal("50.00")}
    return {"resident": resident, **defaults, **cells}


def tables(*, problems: Iterable[Problem] = (), **sheets: Sequence[Row]) -> Tables:
    """Make the validated workbook. A row's number is its place, from 2 (1 is the header)."""
    frames = {}
    for sheet in SHEETS:
        rows = [{"row": number, **row} for number, row in enumerate(sheets.pop(sheet.name, ()), start=2)]
        names = [column.name for column in sheet.columns]
        empty = {c.name: False if c.type is CellType.FLAG else None for c in sheet.columns}
        unknown = {name for row in rows for name in row} - {*names, "row"}
        if unknown:
            raise ValueError(f"{sheet.name}: no such column: {sorted(unknown)}")
        frame = pd.DataFrame([empty | row for row in rows], columns=[*names, "row"], dtype=object)
        frames[sheet.name] = frame.where(frame.notna(), None)
    if sheets:
        raise ValueError(f"no such sheet: {sorted(sheets)}")
    return Tables(**frames, problems=tuple(problems), file="factures.xlsx")


# -- lines and plans -------------------------------------------------------------------------------


def resident(code: str = "R1", **fields: Any) -> Resident:
    return Resident(code=code, **{"last_name": "Bœuf", "first_name": "Geneviève"} | fields)


def contact(code: str = "R1", rank: int = 1, **fields: Any) -> Contact:
    return Contact(resident=code, rank=rank, **{"last_name": "Lefèvre", "gets_invoices": True} | fields)


def invoice(number: str = "F1", **fields: Any) -> Invoice:
    net = Decimal("100.00")
    defaults = {
        "date": dt.date(2026, 10, 31),
        "resident": "R1",
        "total_before_tax": net,
        "total": net,
        "net": net,
    }
    return Invoice(number=number, **defaults | fields)


def recipient(address: str = "r1.1@example.com", contact: str = "R1/1") -> Recipient:
    return Recipient(contact=contact, address=address, name="M. Paul LEFÈVRE")


def parcel(key: str = "F1~1", *recipients: Recipient) -> Parcel:
    return Parcel(
        key=key,
        recipients=recipients or (recipient(),),
        documents=(DocumentKind.INVOICE,),
        addressee="M. LEFÈVRE",
    )


def problem(code: ProblemCode, **fields: Any) -> Problem:
    return Problem(code=code, **{"severity": Severity.HOLD, "file": "factures.xlsx"} | fields)


def line(
    key: str = "F1", *parcels: Parcel, disposition: Disposition = Disposition.MAIL, **fields: Any
) -> DispatchLine:
    """A line of October over 100.00; mailed and unticked ones have one parcel unless told otherwise."""
    addressed = disposition in (Disposition.MAIL, Disposition.UNTICKED)
    defaults: Row = {
        "kind": LineKind.INVOICE,
        "month": "2026-10",
        "row": 2,
        "amount": Decimal("100.00"),
        "resident": resident(),
        "parcels": parcels or ((parcel(f"{key}~1"),) if addressed else ()),
    }
    return DispatchLine(key=key, disposition=disposition, **defaults | fields)


def plan(*lines: DispatchLine) -> Plan:
    """A plan whose billing is that of its lines."""
    billed = [one.amount for one in lines if one.kind is LineKind.INVOICE]
    return Plan(period=OCTOBER, lines=lines, problems=(), invoices=len(billed), euros=sum(billed, Decimal(0)))


# -- batches ---------------------------------------------------------------------------------------


def message(key: str = "F1~1", *recipients: Recipient, **fields: Any) -> BatchMessage:
    number = key.partition("~")[0]
    defaults: Row = {
        "line": number,
        "month": "2026-10",
        "file": f"{key}.eml",
        "sha256": "0" * 64,
        "size": 1000,
        "sender": "compta@example.org",
        "recipients": recipients or (recipient(),),
        "message_id": f"<{key}@example.org>",
        "envid": key,
        "subject": "Votre facture",
        "attachments": (f"Facture_{number}.pdf",),
        "documents": ("F1",),
        "fingerprint": FINGERPRINT,
    }
    return BatchMessage(key=key, **defaults | fields)


def batch_line(key: str = "F1", disposition: Disposition = Disposition.MAIL, **fields: Any) -> BatchLine:
    defaults: Row = {
        "kind": LineKind.INVOICE,
        "month": "2026-10",
        "amount": Decimal("100.00"),
        "resident": "R1",
    }
    return BatchLine(key=key, disposition=disposition, **defaults | fields)


def batch(*messages: BatchMessage, lines: Sequence[BatchLine] = (), **fields: Any) -> Batch:
    defaults: Row = {
        "id": "2026-10-0123456789ab",
        "establishment": "demo",
        "account": "compta@example.org@mail.example.org:587",
        "period": OCTOBER,
        "created": NOW,
        "expires": NOW + dt.timedelta(days=15),
        "operator": "tests",
        "journal": JournalMark(journal="j", entry=0),
        "lines": tuple(lines) or tuple(batch_line(one.line) for one in messages),
    }
    return Batch(messages=messages, **defaults | fields)


# -- the journal -----------------------------------------------------------------------------------


class Story:
    """Entries one after the other: ids from 1, a minute apart from NOW, about one line each."""

    def __init__(self, start: dt.datetime = NOW) -> None:
        self.entries: list[Entry] = []
        self.start = start

    def add(self, kind: EntryKind, line: str = "F1", **fields: Any) -> Entry:
        number = len(self.entries) + 1
        at = self.start + dt.timedelta(minutes=number)
        entry = Entry(kind=kind, id=number, at=at, month="2026-10", line=line, **fields)
        self.entries.append(entry)
        return entry

    def attempting(self, line: str = "F1", *outcomes: RecipientOutcome, **fields: Any) -> Entry:
        """The dot is about to go out; every recipient's RCPT passed unless the outcomes say otherwise."""
        known = {"message_id": f"<{line}@example.org>", "fingerprint": str(FINGERPRINT)}
        return self.add(
            EntryKind.ATTEMPTING,
            line,
            **{
                "message": f"{line}~1",
                "batch": "2026-10-0123456789ab",
                "recipients": outcomes or (outcome(Status.UNCERTAIN),),
                "data": known,
            }
            | fields,
        )

    def verdict(
        self, line: str = "F1", *outcomes: RecipientOutcome, of: Entry | None = None, **fields: Any
    ) -> Entry:
        return self.add(EntryKind.VERDICT, line, recipients=outcomes, attempt=of.id if of else None, **fields)

    def sent(self, line: str = "F1", *outcomes: RecipientOutcome) -> Entry:
        """A whole attempt that ended with these outcomes (accepted by default)."""
        ended = outcomes or (outcome(Status.ACCEPTED, reply=OK),)
        doubts = tuple(outcome(Status.UNCERTAIN, o.address, o.contact) for o in ended)
        return self.verdict(line, *ended, of=self.attempting(line, *doubts))

    def resolved(
        self, resolution: Resolution, line: str = "F1", *outcomes: RecipientOutcome, deceased: bool = False
    ) -> Entry:
        return self.add(
            EntryKind.RESOLVED,
            line,
            recipients=outcomes,
            data={"resolution": resolution.value, "by": "person", **({"deceased": True} if deceased else {})},
        )


def outcome(
    status: Status, address: str = "r1.1@example.com", contact: str = "R1/1", *, reply: Reply | None = None
) -> RecipientOutcome:
    return RecipientOutcome(contact=contact, address=address, status=status, reply=reply)


def by_key(found: Iterable[Any]) -> Mapping[str, Any]:
    """Find lines (of a plan or a slip) or messages by their key."""
    return {one.key: one for one in found}
