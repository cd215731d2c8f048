"""Tables of the journal, as the newest migration leaves them.

``elite_lib/migrations`` makes them (and the triggers that refuse UPDATE and DELETE); a test holds
the two together. Instants are text, UTC, microseconds, of one length: they sort as they are.
"""

from __future__ import annotations

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
)

REVISION = "0002"  # newest migration: looked at on opening without loading Alembic (0.9 s)

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

journal = Table(
    "journal",
    metadata,
    Column("id", String(32), nullable=False),  # random, made with the journal: its identity
    Column("created", String(32), nullable=False),
    PrimaryKeyConstraint("id"),
)

entry = Table(
    "entry",
    metadata,
    # The order of the journal, whatever clocks say. The next one is taken by who alone may write: a
    # sequence would let a later number be seen before an earlier one, and who follows would miss it.
    Column("id", Integer, nullable=False, autoincrement=False),
    Column("at", String(32), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("establishment", Text, nullable=False),
    Column("operator", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("month", String(32), nullable=False),
    # Of a batch or run over several months only: else month says it all, and the index stays small.
    Column("first_month", String(7), nullable=True),
    Column("last_month", String(7), nullable=True),
    Column("batch", Text, nullable=False),
    Column("run", Text, nullable=False),
    Column("line", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("attempt", Integer, ForeignKey("entry.id"), nullable=True),
    Column("data", Text, nullable=False),  # JSON object
    PrimaryKeyConstraint("id"),
)

entry_recipient = Table(
    "entry_recipient",
    metadata,
    Column("entry", Integer, ForeignKey("entry.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("contact", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("status", String(32), nullable=False),
    Column("code", Integer, nullable=True),  # of the reply; NULL: no reply
    Column("text", Text, nullable=False),
    PrimaryKeyConstraint("entry", "position"),
)

# What an attempt carried beside the document that its line is named for: a relevé travels with an
# invoice, and not always the same one.
entry_document = Table(
    "entry_document",
    metadata,
    Column("entry", Integer, ForeignKey("entry.id"), nullable=False),
    Column("document", Text, nullable=False),
    Column("establishment", Text, nullable=False),
    PrimaryKeyConstraint("entry", "document"),
)

# Under what a message that came back may know an attempt (its Message-ID, its ENVID, the tag of its return
# path), and which messages that came back were read already ("return:<digest>:<part>").
entry_key = Table(
    "entry_key",
    metadata,
    Column("establishment", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("entry", Integer, ForeignKey("entry.id"), nullable=False),
    PrimaryKeyConstraint("establishment", "key", "entry"),
)

# Who holds an account, for others to read; the lock itself is the server's, and a row whose session
# holds nothing says nothing. PostgreSQL only: beside SQLite there is a file. The one table that changes.
account_holder = Table(
    "account_holder",
    metadata,
    Column("account", Text, nullable=False),
    Column("session", Integer, nullable=False),  # process id of the server's
    Column("since", String(32), nullable=False),
    Column("run", Text, nullable=False),
    Column("operator", Text, nullable=False),
    Column("host", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    PrimaryKeyConstraint("account"),
    info={"only": "postgresql"},
)

Index(None, entry.c.establishment, entry.c.month, entry.c.kind)
Index(
    None,
    entry.c.establishment,
    entry.c.last_month,
    sqlite_where=entry.c.last_month.is_not(None),
    postgresql_where=entry.c.last_month.is_not(None),
)
Index(None, entry.c.establishment, entry.c.line)  # what is known of a line, whatever its month
Index(None, entry.c.establishment, entry.c.batch)
Index(None, entry.c.establishment, entry.c.run)
Index(None, entry.c.account, entry.c.kind, entry.c.at)  # quotas
Index(None, entry_document.c.establishment, entry_document.c.document)
Index(None, entry_recipient.c.address)  # bounces are matched by address
