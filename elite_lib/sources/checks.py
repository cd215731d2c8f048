"""Check the sheets against each other: who is meant, what is there twice, who can be debited.

Sums are in ``sums``. Each check yields its problems; nothing stops at the first one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from elite_lib.models import PaymentMode, Problem, ProblemCode, Severity
from elite_lib.sources.holding import Holding
from elite_lib.sources.rows import Table

_C = ProblemCode

Tables = Mapping[str, Table]


def hidden_rows(tables: Tables) -> Iterator[Problem]:
    """Warn of rows that were read although nobody sees them in Excel: one problem per sheet."""
    for table in tables.values():
        if table.hidden:
            yield Problem(
                code=_C.HIDDEN_ROWS,
                severity=Severity.WARNING,
                file=table.file,
                sheet=table.title,
                row=table.hidden[0],
                facts={"rows": _ranges(table.hidden), "count": str(len(table.hidden))},
            )


def duplicates(tables: Tables, holding: Holding) -> Iterator[Problem]:
    """Report each row of a resident's code, a contact's rank or an invoice's number that is there twice."""
    residents, contacts, invoices = (tables[name] for name in ("residents", "contacts", "invoices"))
    for rows in _repeated(residents.columns["code"]):
        held = holding.of_resident(residents.columns["code"][rows[0]])
        facts = {"rows": _numbers(residents, rows)}
        for index in rows:
            yield holding.problem(_C.DUPLICATE_RESIDENT, ("residents", "code"), index, held=held, facts=facts)
    identities = [
        (code, rank) if code and rank is not None else None
        for code, rank in zip(contacts.columns["resident"], contacts.columns["rank"], strict=True)
    ]
    for rows in _repeated(identities):
        code = contacts.columns["resident"][rows[0]]
        facts = {"rows": _numbers(contacts, rows), "resident": code}
        held = holding.of_resident(code)
        for index in rows:
            yield holding.problem(_C.DUPLICATE_CONTACT, ("contacts", "rank"), index, held=held, facts=facts)
    for rows in _repeated(invoices.columns["number"]):
        facts = {"rows": _numbers(invoices, rows)}
        for index in rows:
            # Excluded ones too: which of the two rows the number belongs to, nobody knows.
            held = (holding.lines[index],)
            yield holding.problem(_C.DUPLICATE_NUMBER, ("invoices", "number"), index, held=held, facts=facts)


def residents_known(tables: Tables, holding: Holding) -> Iterator[Problem]:
    """Report every row of another sheet whose resident is not in *Résidents*."""
    known = set(tables["residents"].columns["code"])
    for sheet in ("contacts", "invoices", "disbursements", "provisions"):
        codes = tables[sheet].columns["resident"]
        unknown = set(codes) - known - {None}
        for index, code in enumerate(codes if unknown else ()):
            if code in unknown:
                held = holding.of_row(sheet, index)
                yield holding.problem(_C.RESIDENT_UNKNOWN, (sheet, "resident"), index, held=held, value=code)


def payers_known(tables: Tables, holding: Holding) -> Iterator[Problem]:
    """Report invoices whose *Destinataire* is no contact of the resident."""
    contacts, invoices = tables["contacts"].columns, tables["invoices"].columns
    if not any(invoices["payer_rank"]) and 0 not in invoices["payer_rank"]:
        return
    known = set(zip(contacts["resident"], contacts["rank"], strict=True))
    for index, rank in enumerate(invoices["payer_rank"]):
        code = invoices["resident"][index]
        if rank is not None and not holding.excluded[index] and (code, rank) not in known:
            facts = {"resident": code or ""}
            held = holding.of_invoice(index)
            yield holding.problem(_C.PAYER_UNKNOWN, ("invoices", "payer_rank"), index, held=held, facts=facts)


def invoices_known(tables: Tables, holding: Holding) -> Iterator[Problem]:
    """Report lines and disbursements of an invoice that is not there, or is another resident's."""
    invoices = tables["invoices"].columns
    numbers = tables["lines"].columns["number"]
    unknown = set(numbers) - set(invoices["number"]) - {None}
    for index, number in enumerate(numbers if unknown else ()):
        if number in unknown:
            yield holding.problem(_C.INVOICE_UNKNOWN, ("lines", "number"), index, value=number)
    yield from _carriers_known(tables, holding)


def _carriers_known(tables: Tables, holding: Holding) -> Iterator[Problem]:
    """Report disbursements that name an invoice which is not there, or is another resident's."""
    invoices = tables["invoices"].columns
    named = set(filter(None, tables["disbursements"].columns["number"]))
    owners: defaultdict[str, set[str | None]] = defaultdict(set)
    for number, resident in zip(invoices["number"], invoices["resident"], strict=True):
        if number in named:
            owners[number].add(resident)
    disbursements = tables["disbursements"].columns
    for index, number in enumerate(disbursements["number"]):
        resident = disbursements["resident"][index]
        if number is None or (number in owners and (resident is None or resident in owners[number])):
            continue
        # Of another resident: one family's expenses would travel to the other, so both sides wait.
        held = dict.fromkeys((*holding.of_statement_row(index), *holding.of_resident_in_month(index)))
        facts = {
            "resident": resident or "",
            "owners": ", ".join(sorted(filter(None, owners.get(number, ())))),
        }
        place = ("disbursements", "number")
        yield holding.problem(_C.INVOICE_UNKNOWN, place, index, held=held, value=number, facts=facts)


def statements_single(tables: Tables, holding: Holding) -> Iterator[Problem]:
    """Report statement numbers whose rows name two residents or two invoices: whose it is cannot be known."""
    table = tables["disbursements"]
    groups: defaultdict[str, list[int]] = defaultdict(list)
    for index, number in enumerate(table.columns["statement"]):
        if number is not None:
            groups[number].append(index)
    for number, rows in groups.items():
        residents, invoices = (
            {value for i in rows if (value := table.columns[name][i])} for name in ("resident", "number")
        )
        if len(residents) > 1 or len(invoices) > 1:
            held = dict.fromkeys(key for i in rows for key in holding.of_statement_row(i))
            facts = {"rows": _numbers(table, rows)}
            place = ("disbursements", "statement")
            yield holding.problem(_C.DUPLICATE_NUMBER, place, rows[0], held=held, value=number, facts=facts)


def direct_debits(tables: Tables, holding: Holding, *, creditor_id: str) -> Iterator[Problem]:
    """Warn of invoices to be debited without the home's creditor id (once) or the resident's mandate."""
    residents, invoices = tables["residents"].columns, tables["invoices"].columns
    places = {code: index for index, code in reversed(list(enumerate(residents["code"]))) if code}
    debited: dict[str, list[int]] = {}
    for index, code in enumerate(invoices["resident"]):
        place = places.get(code)
        mode = invoices["payment_mode"][index] or (
            None if place is None else residents["payment_mode"][place]
        )
        net = invoices["net"][index]
        if mode == PaymentMode.DIRECT_DEBIT and not holding.excluded[index] and (net is None or net > 0):
            debited.setdefault(code, []).append(index)
    if debited and not creditor_id.strip():
        first = min(index for rows in debited.values() for index in rows)
        yield _without_creditor_id(tables["invoices"], first)
    for code, rows in debited.items():
        place = places.get(code)
        if place is not None and not residents["rum"][place]:
            facts = {"resident": code, "count": str(len(rows))}
            yield holding.problem(_C.MANDATE_MISSING, ("residents", "rum"), place, value="", facts=facts)


def _without_creditor_id(table: Table, index: int) -> Problem:
    return Problem(
        code=_C.CREDITOR_ID_MISSING,
        severity=Severity.WARNING,
        file=table.file,
        sheet=table.title,
        column=table.title_of("payment_mode"),
        facts={"first": table.columns["number"][index] or ""},
    )


def _repeated(values: list[Any]) -> Iterator[list[int]]:
    """Group the positions of each value that is there more than once, in order of the first."""
    if len(set(values)) == len(values):
        return
    groups: defaultdict[Any, list[int]] = defaultdict(list)
    for index, value in enumerate(values):
        if value is not None:
            groups[value].append(index)
    yield from (rows for rows in groups.values() if len(rows) > 1)


def _numbers(table: Table, indices: list[int]) -> str:
    return ", ".join(str(table.rows[index]) for index in indices)


def _ranges(rows: tuple[int, ...]) -> str:
    """Write ``3, 7-9``."""
    parts: list[list[int]] = []
    for row in rows:
        if parts and parts[-1][-1] == row - 1:
            parts[-1].append(row)
        else:
            parts.append([row])
    return ", ".join(str(p[0]) if len(p) == 1 else f"{p[0]}-{p[-1]}" for p in parts)
