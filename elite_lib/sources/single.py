"""Take one table, a row per invoice, apart into the sheets: residents, contacts, invoices.

A row sends its invoice to the contact that stands on it, and to nobody else: each contact becomes one of
its resident's with a rank, and the invoice names that rank. So two rows that are wrongly taken for one
resident's still go to the address that each of them has.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from elite_lib.models import SHEETS, ProblemCode
from elite_lib.sources.cells import Flaw
from elite_lib.sources.rows import Table, empty
from elite_lib.sources.texts import folded

# Column of the sheet -> column of the table.
_RESIDENTS = {
    "code": "resident",
    **{name: name for name in ("civility", "last_name", "first_name", "death_date", "room", "delivery")},
}
_CONTACTS = {
    "resident": "resident",
    "civility": "contact_civility",
    "last_name": "contact_last_name",
    "first_name": "contact_first_name",
    **{name: name for name in ("relation", "quality", "address_1", "address_2", "postcode", "town")},
    **{name: name for name in ("country", "phone", "email", "email_2", "gets_statements")},
}
_STATEMENTS = {
    "statement": "statement",
    "amount": "disbursed",
    **{name: name for name in ("number", "resident", "date")},
}
_INVOICES = (
    *("number", "kind", "origin", "date", "due", "resident", "start", "end", "total_before_tax", "vat"),
    *("total", "deductions", "down_payments", "net", "payment_mode", "status", "pdf"),
)
# Two rows that differ here are two residents with one code, or one whose death a row does not know.
_IDENTITY = ("last_name", "first_name", "death_date", "delivery")
_PERSON = ("contact_last_name", "contact_first_name", "email", "email_2")
_ZERO = Decimal(0)


@dataclass(slots=True, kw_only=True)
class _Found:
    """Which rows of the table make one row of a sheet; later ones fill in what the first leaves empty."""

    first: list[int] = field(default_factory=list)
    of_row: list[int | None] = field(default_factory=list)  # by row of the table
    members: list[list[int]] = field(default_factory=list)

    def add(self, row: int, place: int | None) -> int:
        if place is None:
            place = len(self.first)
            self.first.append(row)
            self.members.append([])
        self.members[place].append(row)
        self.of_row.append(place)
        return place


def taken_apart(table: Table) -> dict[str, Table]:
    """Give the tables of the sheets; of those that one table cannot hold, empty ones."""
    table = replace(table, columns={**table.columns, "resident": _codes(table.columns)})
    sheets = {sheet.name: sheet for sheet in SHEETS}
    residents, contacts = _residents(table), _contacts(table)
    ranks = _ranks(table, contacts)
    people = _derived(table, residents, sheets["residents"].name, _RESIDENTS)
    families = _derived(table, contacts, sheets["contacts"].name, _CONTACTS)
    count = len(contacts.first)
    families = replace(
        families,
        columns={
            **families.columns,
            "rank": ranks,
            "gets_invoices": [True] * count,
            "gets_statements": [told is True for told in families.columns["gets_statements"]],
        },
    )
    found = {sheet.name: replace(empty(sheet), file=table.file) for sheet in SHEETS}
    return found | {
        "residents": people,
        "contacts": families,
        "invoices": _invoices(table, [None if p is None else ranks[p] for p in contacts.of_row]),
        "disbursements": _disbursements(table),
    }


def _codes(columns: Mapping[str, Sequence[Any]]) -> list[str | None]:
    """Give each row its resident: the code, else the name as it stands there."""
    names = zip(columns["last_name"], columns["first_name"], strict=True)
    return [
        code or " ".join(filter(None, name)) or None
        for code, name in zip(columns["resident"], names, strict=True)
    ]


def _residents(table: Table) -> _Found:
    found = _Found()
    known: defaultdict[str, list[tuple[int, dict[str, object]]]] = defaultdict(list)
    for row, code in enumerate(table.columns["resident"]):
        if code is None:
            found.of_row.append(None)
            continue
        mine = {name: _plain(table.columns[name][row]) for name in _IDENTITY}
        fit = next(((p, i) for p, i in known[code] if _agree(i, mine)), None)
        place = found.add(row, fit[0] if fit else None)
        if fit:
            fit[1].update({name: value for name, value in mine.items() if value is not None})
        else:
            known[code].append((place, mine))
    return found


def _agree(one: Mapping[str, object], other: Mapping[str, object]) -> bool:
    return all(one[name] is None or other[name] is None or one[name] == other[name] for name in one)


def _contacts(table: Table) -> _Found:
    found = _Found()
    known: dict[tuple[object, ...], int] = {}
    for row, code in enumerate(table.columns["resident"]):
        if code is None:
            found.of_row.append(None)
            continue
        key = (code, *(_plain(table.columns[name][row]) for name in _PERSON))
        known[key] = found.add(row, known.get(key))
    return found


def _ranks(table: Table, contacts: _Found) -> list[int]:
    """Number each resident's contacts in the order of the rows."""
    count: defaultdict[str, int] = defaultdict(int)
    ranks = []
    for row in contacts.first:
        code = table.columns["resident"][row]
        count[code] += 1
        ranks.append(count[code])
    return ranks


def _derived(table: Table, found: _Found, sheet: str, columns: Mapping[str, str]) -> Table:
    made = empty(next(s for s in SHEETS if s.name == sheet))
    size = len(found.first)
    values = {name: [None] * size for name in made.columns}
    for name, theirs in columns.items():
        column = table.columns[theirs]
        values[name] = [
            next((column[row] for row in rows if column[row] not in (None, ())), column[rows[0]])
            for rows in found.members
        ]
    return replace(
        made,
        file=table.file,
        title=table.title,
        titles={name: table.titles[theirs] for name, theirs in columns.items() if theirs in table.titles},
        rows=tuple(table.rows[row] for row in found.first),
        columns=values,
        raw={
            name: [table.raw[theirs][row] for row in found.first]
            for name, theirs in columns.items()
            if theirs in table.raw
        },
        flaws={name: _moved(table, found, theirs) for name, theirs in columns.items() if name not in _KEYS},
    )


_KEYS = ("code", "resident")  # their flaws are told of the invoices


def _moved(table: Table, found: _Found, column: str) -> list[Flaw]:
    """Move the flaws of a column to the derived rows; each keeps the number of the row that it stands on."""
    return [
        replace(flaw, index=place, row=table.rows[flaw.index])
        for flaw in table.flaws.get(column, ())
        if (place := found.of_row[flaw.index]) is not None
    ]


def _invoices(table: Table, ranks: list[int | None]) -> Table:
    """Keep the invoices; a total that is not there is that of an invoice without VAT or deductions."""
    made = empty(next(s for s in SHEETS if s.name == "invoices"))
    columns = {name: list(table.columns[name]) for name in _INVOICES}
    refused = {(f.index, name) for name in ("total", "total_before_tax") for f in table.flaws.get(name, ())}
    for row, net in enumerate(columns["net"]):
        taken = (columns["deductions"][row] or _ZERO) + (columns["down_payments"][row] or _ZERO)
        if columns["total"][row] is None and net is not None and (row, "total") not in refused:
            columns["total"][row] = net + taken
        total, empty_cell = columns["total"][row], columns["total_before_tax"][row] is None
        if empty_cell and total is not None and (row, "total_before_tax") not in refused:
            columns["total_before_tax"][row] = total - (columns["vat"][row] or _ZERO)
    return replace(
        made,
        file=table.file,
        title=table.title,
        titles={name: table.titles[name] for name in _INVOICES if name in table.titles},
        rows=table.rows,
        columns={**made.columns, **columns, "payer_rank": ranks},
        raw={name: table.raw[name] for name in _INVOICES if name in table.raw},
        flaws={name: table.flaws[name] for name in _INVOICES if name in table.flaws},
        hidden=table.hidden,
    )


def _disbursements(table: Table) -> Table:
    """Make the one row of each statement: it goes with the invoice of its row, to who is marked for it."""
    made = empty(next(s for s in SHEETS if s.name == "disbursements"))
    columns = table.columns
    refused = {flaw.index for name in _STATEMENTS.values() for flaw in table.flaws.get(name, ())}
    there = [
        row
        for row, amount in enumerate(columns["disbursed"])
        if columns["statement"][row] or amount or row in refused
    ]
    found = _Found(first=there, of_row=[None] * len(table.rows), members=[[row] for row in there])
    for place, row in enumerate(there):
        found.of_row[row] = place
    derived = _derived(table, found, made.sheet.name, _STATEMENTS)
    flaws = {}
    for name in ("statement", "amount"):  # those of the other cells are told of the invoice
        told = derived.flaws[name]
        known = {flaw.index for flaw in told}
        missing = (p for p, value in enumerate(derived.columns[name]) if value is None and p not in known)
        flaws[name] = [*told, *(Flaw(index=place, code=ProblemCode.VALUE_MISSING) for place in missing)]
    nature = ["Débours"] * len(there)
    return replace(derived, columns={**derived.columns, "nature": nature}, flaws=flaws)


def _plain(value: object) -> object:
    """Compare names without case and accents; addresses as they are."""
    return folded(value) if isinstance(value, str) else value
