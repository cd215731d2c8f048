"""Put addresses away after their time: the one change that the journal's guards let through.

Nothing is deleted: which invoice was sent, when, and what the server said stays. Within one transaction
the guards against UPDATE of two tables are taken away and put back; whoever is cut short finds them there.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager

from sqlalchemy import ColumnElement, Connection, and_, bindparam, or_, select, text, update

from elite_lib.journal import schema, sqlite
from elite_lib.journal.record import Journal
from elite_lib.journal.rows import instant, recipient_rows, row_of
from elite_lib.models import Entry, EntryKind

_ENTRY, _RECIPIENT = schema.entry, schema.entry_recipient
_TABLES = ("entry", "entry_recipient")
# They name nobody, but what stopped a run quotes the server, and the server quotes an address. (NOTICED and
# COLLECTED hold addresses of the office itself.)
_QUOTING = (EntryKind.RUN_ENDED, EntryKind.MAILBOX)


def due(journal: Journal, *, before: dt.datetime | None = None, resident: str = "") -> list[Entry]:
    """List the entries that may hold an address in clear: older than an instant, or about one resident.

    A contact is named ``<resident>/<rank>``; what was sent to an address typed by hand has none, and
    is found by the lines of the resident.
    """
    clear = select(_RECIPIENT.c.entry).where(
        _RECIPIENT.c.address.like("%_@_%"), _RECIPIENT.c.address.not_like("%•••@%#%")
    )
    quoting = and_(_ENTRY.c.kind.in_([kind.value for kind in _QUOTING]), _ENTRY.c.data.like("%_@_%"))
    conditions: list[ColumnElement[bool]] = [
        _ENTRY.c.establishment == journal.establishment,
        or_(_ENTRY.c.id.in_(clear), quoting),
    ]
    if before is not None:
        conditions.append(_ENTRY.c.at < instant(before))
    if resident:
        theirs = select(_RECIPIENT.c.entry).where(
            _RECIPIENT.c.contact.startswith(f"{resident}/", autoescape=True)
        )
        named = select(_ENTRY.c.line).where(
            _ENTRY.c.establishment == journal.establishment, _ENTRY.c.line != "", _ENTRY.c.id.in_(theirs)
        )
        conditions.append(or_(_ENTRY.c.line.in_(named), _ENTRY.c.id.in_(theirs)))
    return journal.read(and_(*conditions))


def rewrite(journal: Journal, entries: Collection[Entry], change: Callable[[Entry], Entry]) -> None:
    """Write entries anew, in one transaction, with other addresses and words; all else stays.

    Raises:
        StorageError, JournalError: nothing was changed.
    """
    of_entry = update(_ENTRY).where(_ENTRY.c.id == bindparam("number")).values(data=bindparam("said"))
    of_recipient = (
        update(_RECIPIENT)
        .where(_RECIPIENT.c.entry == bindparam("number"), _RECIPIENT.c.position == bindparam("place"))
        .values(address=bindparam("to"), text=bindparam("said"))
    )
    changed = [change(entry) for entry in entries]
    facts = [{"number": entry.id, "said": row_of(entry)["data"]} for entry in changed]
    people = [
        {"number": entry.id, "place": row["position"], "to": row["address"], "said": row["text"]}
        for entry in changed
        for row in recipient_rows(entry.id, entry.recipients)
    ]
    with journal.writing() as connection, _unguarded(connection):
        for statement, rows in ((of_entry, facts), (of_recipient, people)):
            if rows:
                connection.execute(statement, rows)
    if journal.path is not None:
        sqlite.settle(journal.engines)  # the log still holds the pages as they were


@contextmanager
def _unguarded(connection: Connection) -> Iterator[None]:
    if connection.dialect.name == "postgresql":
        for table in _TABLES:
            connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER {table}_never_updated"))
        yield
        for table in _TABLES:
            connection.execute(text(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_never_updated"))
        return
    names = tuple(f"{table}_never_updated" for table in _TABLES)
    written = text("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = :name")
    guards = [str(connection.execute(written, {"name": name}).scalar_one()) for name in names]
    connection.exec_driver_sql("PRAGMA secure_delete = ON")  # what is overwritten is gone from the file
    for name in names:
        connection.execute(text(f"DROP TRIGGER {name}"))
    yield
    for guard in guards:
        connection.exec_driver_sql(guard)
