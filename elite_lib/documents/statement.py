"""The *relevé de débours*: sums advanced in the resident's name. It is not an invoice."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from elite_lib import formats
from elite_lib.documents import wording
from elite_lib.documents.address import address_lines
from elite_lib.documents.facts import about, resident_facts
from elite_lib.documents.layout import CONTENT, Content, compose
from elite_lib.documents.pen import MM
from elite_lib.documents.table import Column, Row, RowKind, Table, cells
from elite_lib.documents.totals import Totals
from elite_lib.exceptions import DocumentError
from elite_lib.models import DispatchLine, Establishment, Statement

_DATE, _SUPPLIER, _RECEIPT, _AMOUNT = 20 * MM, 42 * MM, 25 * MM, 25 * MM


def render_statement(line: DispatchLine, *, establishment: Establishment, home: Path) -> bytes:
    """Make the PDF of the statement of ``line``: the same bytes for the same input.

    ``home`` is the folder that the logo's path starts from.

    Raises:
        DocumentError: ``statement_missing`` when the line has none; ``logo_unreadable``.
    """
    statement = line.statement
    if statement is None:
        raise DocumentError("statement_missing", number=line.number)
    content = Content(
        title=wording.STATEMENT_TITLE,
        number=statement.number,
        date=statement.date,
        facts=_facts(line, statement),
        about=about(line.resident),
        address=address_lines(replace(line, addressee=line.statement_addressee or line.addressee)),
        mentions=establishment.statement_mentions,
        table=_table(statement),
        totals=_totals(statement),
        payment=None,
    )
    return compose(content, establishment=establishment, home=home)


def _facts(line: DispatchLine, statement: Statement) -> tuple[str, ...]:
    month = formats.month(line.month) if line.month else ""
    facts = (
        f"{wording.DATE} : {formats.date(statement.date)}",
        f"{wording.PERIOD} : {month}" if month else "",
        *resident_facts(line.resident, health=False),
        f"{wording.FILE} {statement.resident}",
        f"{wording.WITH_INVOICE}\u00a0{statement.invoice}" if statement.invoice else "",
        wording.NOT_AN_INVOICE,
    )
    return tuple(filter(None, facts))


def _table(statement: Statement) -> Table:
    nature = CONTENT - _DATE - _SUPPLIER - _RECEIPT - _AMOUNT
    columns = (
        Column(title=wording.DATE, width=_DATE),
        Column(title=wording.SUPPLIER, width=_SUPPLIER, wide=True),
        Column(title=wording.NATURE, width=nature, wide=True),
        Column(title=wording.RECEIPT, width=_RECEIPT),
        Column(title=wording.AMOUNT, width=_AMOUNT, figures=True),
    )
    rows = tuple(
        Row(
            kind=RowKind.LINE,
            cells=cells(
                columns,
                (
                    formats.date(sum_.date),
                    sum_.supplier,
                    sum_.nature,
                    sum_.receipt,
                    formats.amount(sum_.amount),
                ),
            ),
            amount=sum_.amount,
        )
        for sum_ in sorted(statement.disbursements, key=lambda sum_: sum_.date)
    )
    return Table(columns=columns, rows=rows)


def _totals(statement: Statement) -> Totals:
    rows: list[tuple[str, Decimal]] = []
    if statement.opening:
        rows.append((wording.OPENING, statement.opening))
    for payment in statement.payments:
        label = payment.label or (wording.PAYMENT if payment.amount >= 0 else wording.REFUND)
        rows.append((f"{label} — {formats.date(payment.date)}", payment.amount))
    rows.append((wording.DISBURSED, -statement.total))
    balance = statement.balance
    if not balance:
        return Totals(rows=tuple(rows), label=wording.EVEN, amount=balance)
    return Totals(rows=tuple(rows), label=wording.OWED if balance < 0 else wording.KEPT, amount=abs(balance))
