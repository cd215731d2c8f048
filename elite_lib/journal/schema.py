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

REVISION = "0001"  # newest migration: looked at on opening without loading Alembic (0.9 s)

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
    Column("id", Integer, nullable=False),  # the order of the journal, whatever clocks say
    Column("at", String(32), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("establishment", String(32), nullable=False),
    Column("operator", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("month", String(32), nullable=False),
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

Index(None, entry.c.establishment, entry.c.month)
Index(None, entry.c.establishment, entry.c.line)  # what is known of a line, whatever its month
Index(None, entry.c.account, entry.c.kind, entry.c.at)  # quotas
Index(None, entry_recipient.c.address)  # bounces are matched by address
