"""Group the rows of *Débours* into statements, and find the invoice that each travels with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from elite_lib.models import (
    Disbursement,
    InvoiceKind,
    InvoiceStatus,
    ProblemCode,
    Provision,
    Statement,
)
from elite_lib.selection.building import Cells, InvoiceRow, records
from elite_lib.selection.keys import NaturalKey, month_of, natural

if TYPE_CHECKING:
    import pandas as pd

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementRows:
    """One statement of the sheet, readable or not, and where it goes."""

    number: str
    resident: str | None
    month: str  # "" when no date can tell
    rows: tuple[Cells, ...]
    named: InvoiceRow | None = None  # the invoice that the sheet says it travels with
    host: InvoiceRow | None = None  # the invoice that it does travel with; None: a line of its own
    key: str = ""  # of the dispatch line that it is in
    doubts: tuple[tuple[ProblemCode, str, str], ...] = ()  # code, column, value: each holds its line

    @property
    def row(self) -> int:
        return int(self.rows[0]["row"])

    @property
    def waits(self) -> bool:
        """Named by a draft: it waits with it, rather than leaving once alone and once with it."""
        return self.named is not None and self.named.status is InvoiceStatus.DRAFT

    @property
    def total(self) -> Decimal:
        return sum((cells["amount"] for cells in self.rows if cells["amount"] is not None), _ZERO)

    @property
    def place(self) -> tuple[str, NaturalKey]:
        """Where it stands in the resident's account: by month, then by number."""
        return self.month, natural(self.number)


def assign(disbursements: pd.DataFrame, invoices: Sequence[InvoiceRow]) -> list[StatementRows]:
    """Group the rows by number and resident and give each statement its line.

    It travels with the invoice that its rows name; else with the resident's first invoice of its
    month; a second one for the same invoice, or one without any, is a line of its own. A
    cancelled invoice carries nothing. Of a number that two residents' rows bear, each part is
    held: whose it is cannot be known. So is a line of its own under an invoice's number: one key
    would name two documents in the journal.
    """
    by_number: defaultdict[str, list[InvoiceRow]] = defaultdict(list)
    for row in invoices:
        if row.number:
            by_number[row.number].append(row)
    groups: defaultdict[tuple[str, str | None], list[Cells]] = defaultdict(list)
    owners: defaultdict[str, set[str | None]] = defaultdict(set)
    for cells in records(disbursements):
        if cells["statement"]:
            groups[cells["statement"], cells["resident"]].append(cells)
            owners[cells["statement"]].add(cells["resident"])
    found = [
        _statement(rows, by_number, shared=len(owners[number]) > 1) for (number, _), rows in groups.items()
    ]
    return _placed(found, invoices, taken=by_number)


def build_statement(statement: StatementRows, accounts: Accounts) -> Statement | None:
    """Build what is printed, or None when a row of it lacks its date or amount.

    The provision account runs on from statement to statement: what one closes with, the next one
    opens with (payments in between added). A resident without any provision has no such account:
    the opening is zero, not minus all that was ever disbursed.
    """
    if any(cells["date"] is None or cells["amount"] is None for cells in statement.rows):
        return None
    opening, payments = accounts.standing(statement)
    return Statement(
        number=statement.number,
        resident=statement.resident or "",
        invoice=(statement.host.number or "") if statement.host and statement.host is statement.named else "",
        date=max(cells["date"] for cells in statement.rows),
        disbursements=tuple(
            Disbursement(
                date=cells["date"],
                supplier=cells["supplier"] or "",
                nature=cells["nature"] or "",
                receipt=cells["receipt"] or "",
                amount=cells["amount"],
                proof=cells["proof"] or "",
            )
            for cells in statement.rows
        ),
        opening=opening,
        payments=payments,
    )


class Accounts:
    """Each resident's provisions and statements, in order: what a statement opens with."""

    __slots__ = ("_provisions", "_statements")

    def __init__(self, provisions: pd.DataFrame, statements: Iterable[StatementRows]) -> None:
        self._provisions: defaultdict[str, list[Provision]] = defaultdict(list)
        for cells in records(provisions):
            if cells["resident"] and cells["date"] is not None and cells["amount"] is not None:
                self._provisions[cells["resident"]].append(_provision(cells))
        self._statements: defaultdict[str | None, list[StatementRows]] = defaultdict(list)
        for statement in statements:
            self._statements[statement.resident].append(statement)

    def standing(self, statement: StatementRows) -> tuple[Decimal, tuple[Provision, ...]]:
        """Give the balance before this statement, and the payments that are shown on it.

        Payments of the month are on the first statement of the month; a second one opens with
        what the first closed with.
        """
        provisions = self._provisions.get(statement.resident or "", [])
        if not provisions:
            return _ZERO, ()
        earlier = [s for s in self._statements[statement.resident] if s.place < statement.place]
        second = any(s.month == statement.month for s in earlier)
        paid = [p for p in provisions if month_of(p.date) < statement.month]
        during = [p for p in provisions if month_of(p.date) == statement.month]
        before = paid + during if second else paid
        opening = sum((p.amount for p in before), _ZERO) - sum((s.total for s in earlier), _ZERO)
        return opening, () if second else tuple(sorted(during, key=lambda p: p.date))


def _provision(cells: Mapping[str, Any]) -> Provision:
    amount = cells["amount"]
    return Provision(
        date=cells["date"],
        label=cells["label"] or "",
        amount=-abs(amount) if cells["direction"] == "refund" else amount,
    )


def _statement(
    rows: Sequence[Cells], by_number: Mapping[str, Sequence[InvoiceRow]], *, shared: bool
) -> StatementRows:
    number, resident = rows[0]["statement"], rows[0]["resident"]
    names = sorted({cells["number"] for cells in rows if cells["number"]}, key=natural)
    known = [row for name in names for row in by_number.get(name, ()) if row.resident == resident]
    foreign = [name for name in names if name in by_number and name not in {row.number for row in known}]
    doubts = [(ProblemCode.INVOICE_UNKNOWN, "number", name) for name in foreign]
    if shared or len({row.number for row in known}) > 1:
        doubts.append((ProblemCode.DUPLICATE_NUMBER, "statement", number))
    if resident is None:
        doubts.append((ProblemCode.VALUE_MISSING, "resident", ""))
    for name in ("date", "amount"):
        if any(cells[name] is None for cells in rows):
            doubts.append((ProblemCode.VALUE_MISSING, name, ""))
    days = [cells["date"] for cells in rows if cells["date"] is not None]
    named = known[0] if known else None
    return StatementRows(
        number=number,
        resident=resident,
        month=named.month if named else month_of(max(days, default=None)),
        rows=tuple(rows),
        named=named,
        doubts=tuple(doubts),
    )


def _placed(
    statements: Sequence[StatementRows],
    invoices: Sequence[InvoiceRow],
    *,
    taken: Mapping[str, Sequence[InvoiceRow]],
) -> list[StatementRows]:
    first: dict[tuple[str, str], InvoiceRow] = {}
    for row in sorted(invoices, key=lambda r: (r.number is None, natural(r.number), r.row)):
        if row.resident and not row.excluded and row.kind is InvoiceKind.INVOICE:
            first.setdefault((row.resident, row.month), row)
    full: set[int] = set()  # rows of Factures that already carry a statement
    owners: defaultdict[str, int] = defaultdict(int)
    for statement in statements:
        owners[statement.number] += 1
    placed = []
    for statement in sorted(statements, key=lambda s: (s.named is None, natural(s.number), s.row)):
        host = statement.named
        if host is None or host.status is InvoiceStatus.CANCELLED:
            host = first.get((statement.resident or "", statement.month)) if statement.month else None
        if host is not None and host.row not in full:
            full.add(host.row)
            placed.append(replace(statement, host=host, key=host.key))
            continue
        collides = statement.number in taken
        alone = owners[statement.number] == 1 and not collides
        # "D": a duplicate invoice number has a key of the same form, by its row of Factures.
        key = statement.number if alone else f"{statement.number}@D{statement.row}"
        doubts = statement.doubts
        if collides:
            doubts += ((ProblemCode.DUPLICATE_NUMBER, "statement", statement.number),)
        placed.append(replace(statement, key=key, doubts=doubts))
    return placed
