"""The *relevé de débours*: sums advanced in the resident's name. It is not an invoice."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from elite_lib import formats
from elite_lib.documents.address import address_lines
from elite_lib.documents.facts import Values, about, home_values, resident_values
from elite_lib.documents.fonts import plain
from elite_lib.documents.layout import Content, arranged, compose
from elite_lib.documents.notes import notes_of
from elite_lib.documents.page import CONTENT
from elite_lib.documents.pen import MM
from elite_lib.documents.table import Column, Row, RowKind, Table, cells
from elite_lib.documents.template import Template, load
from elite_lib.documents.totals import Totals
from elite_lib.exceptions import DocumentError
from elite_lib.models import DispatchLine, Establishment, Statement

# In millimetres; the columns without a width share what remains, the supplier a little less than half.
_WIDTHS = {"date": 20, "receipt": 25, "amount": 25}
_SHARES = {"supplier": 42, "nature": 68}


def render_statement(
    line: DispatchLine, *, establishment: Establishment, home: Path, template: Template | None = None
) -> bytes:
    """Make the PDF of the statement of ``line``: the same bytes for the same input.

    ``home`` is the folder that the logo's path starts from, and where ``documents.toml`` may be.

    Raises:
        DocumentError: ``statement_missing`` when the line has none; ``logo_unreadable``.
        ConfigError, TemplateError: ``documents.toml`` is wrong.
    """
    statement = line.statement
    if statement is None:
        raise DocumentError("statement_missing", number=line.number)
    template = template or load(home)
    values = _values(line, statement, template, establishment)
    blocks = {
        "totals": _totals(statement, template),
        "notes": notes_of(template.shown("statement.notes", values)),
        "closing": notes_of(template.shown("statement.closing", values)),
    }
    content = Content(
        title=template["statement.title"],
        number=statement.number,
        date=statement.date,
        facts=template.shown("statement.facts", values),
        about=about(line.resident),
        address=address_lines(replace(line, addressee=line.statement_addressee or line.addressee), template),
        foot=template.shown("statement.foot", values),
        table=_table(statement, template),
        arrangement=arranged(template.lists["statement.blocks"], blocks),
    )
    return compose(content, template=template, establishment=establishment, home=home)


def _values(line: DispatchLine, statement: Statement, template: Template, home: Establishment) -> Values:
    return {
        **home_values(home),
        "dossier": plain(statement.resident),
        **resident_values(line.resident, template, health=False),
        "numero": plain(statement.number),
        "date": formats.date(statement.date),
        "mois": formats.month(line.month) if line.month else "",
        "montant": formats.amount(statement.total),
        "facture": plain(statement.invoice),
    }


def _table(statement: Statement, template: Template) -> Table:
    columns = _columns(template)
    rows = []
    for sum_ in sorted(statement.disbursements, key=lambda sum_: sum_.date):
        known = {
            "date": formats.date(sum_.date),
            "supplier": sum_.supplier,
            "nature": sum_.nature,
            "receipt": sum_.receipt,
            "amount": formats.amount(sum_.amount),
        }
        texts = [known[column.key] for column in columns]
        rows.append(Row(kind=RowKind.LINE, cells=cells(columns, texts), amount=sum_.amount))
    return Table(
        columns=columns,
        rows=tuple(rows),
        carried_forward=template["table.carried_forward"],
        carried_over=template["table.carried_over"],
        continued=template["table.continued"],
    )


def _columns(template: Template) -> tuple[Column, ...]:
    shown = template.lists["statement.columns"]
    rest = CONTENT - MM * sum(_WIDTHS.get(key, 0) for key in shown)
    shares = sum(_SHARES.get(key, 0) for key in shown) or 1
    return tuple(
        Column(
            key=key,
            title=template[f"statement.titles.{key}"],
            width=_WIDTHS[key] * MM if key in _WIDTHS else rest * _SHARES[key] / shares,
            figures=key == "amount",
            wide=key in _SHARES,
        )
        for key in shown
    )


def _totals(statement: Statement, words: Template) -> Totals:
    key = "statement.totals."
    rows: list[tuple[str, Decimal]] = []
    if statement.opening:
        rows.append((words[f"{key}opening"], statement.opening))
    for payment in statement.payments:
        label = payment.label or words[f"{key}payment" if payment.amount >= 0 else f"{key}refund"]
        rows.append((f"{label} — {formats.date(payment.date)}", payment.amount))
    rows.append((words[f"{key}disbursed"], -statement.total))
    balance = statement.balance
    label = "even" if not balance else "owed" if balance < 0 else "kept"
    return Totals(rows=tuple(rows), label=words[f"{key}{label}"], amount=abs(balance))
