"""The journal: its identity, its entries, their recipients; nothing is ever changed or deleted."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# A plain REPLACE would delete the old row without a DELETE trigger: the third one refuses it.
SQLITE_GUARDS = """
CREATE TRIGGER {table}_never_updated BEFORE UPDATE ON {table}
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END

CREATE TRIGGER {table}_never_deleted BEFORE DELETE ON {table}
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END

CREATE TRIGGER {table}_never_replaced BEFORE INSERT ON {table}
WHEN EXISTS (SELECT 1 FROM {table} WHERE {same})
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END
"""

SAME_ROW = {
    "journal": "1",  # one identity, for ever
    "entry": "id = NEW.id",
    "entry_recipient": "entry = NEW.entry AND position = NEW.position",
    "entry_document": "entry = NEW.entry AND document = NEW.document",
}

# Per statement: refused even where no row would be touched, and for ON CONFLICT DO UPDATE and MERGE too.
# ALWAYS: also for a session that plays a replica, which runs no ordinary trigger.
POSTGRESQL_GUARDS = """
CREATE TRIGGER {table}_never_updated BEFORE UPDATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION journal_append_only()

ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_never_updated

CREATE TRIGGER {table}_never_deleted BEFORE DELETE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION journal_append_only()

ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_never_deleted

CREATE TRIGGER {table}_never_truncated BEFORE TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION journal_append_only()

ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_never_truncated
"""

POSTGRESQL_FUNCTIONS = """
CREATE FUNCTION journal_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'the journal is append-only' USING ERRCODE = 'restrict_violation'; END $$

CREATE FUNCTION journal_one_identity() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
IF (SELECT count(*) FROM journal) > 1 THEN
RAISE EXCEPTION 'the journal is append-only' USING ERRCODE = 'restrict_violation';
END IF;
RETURN NULL;
END $$

CREATE TRIGGER journal_never_replaced AFTER INSERT ON journal
FOR EACH ROW EXECUTE FUNCTION journal_one_identity()
"""


def upgrade() -> None:
    make_tables()
    make_indexes()
    # no journal without its guards: another dialect has no branch here
    {"sqlite": guard_sqlite, "postgresql": guard_postgresql}[op.get_bind().dialect.name]()


def make_tables() -> None:
    op.create_table(
        "journal",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("created", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_journal"),
    )
    op.create_table(
        "entry",
        sa.Column("id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("establishment", sa.Text(), nullable=False),
        sa.Column("operator", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("month", sa.String(32), nullable=False),
        sa.Column("first_month", sa.String(7), nullable=True),
        sa.Column("last_month", sa.String(7), nullable=True),
        sa.Column("batch", sa.Text(), nullable=False),
        sa.Column("run", sa.Text(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=True),
        sa.Column("data", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_entry"),
        sa.ForeignKeyConstraint(["attempt"], ["entry.id"], name="fk_entry_attempt"),
    )
    make_tables_of_an_entry()


def make_tables_of_an_entry() -> None:
    op.create_table(
        "entry_recipient",
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("code", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("entry", "position", name="pk_entry_recipient"),
        sa.ForeignKeyConstraint(["entry"], ["entry.id"], name="fk_entry_recipient_entry"),
    )
    op.create_table(
        "entry_document",
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("establishment", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("entry", "document", name="pk_entry_document"),
        sa.ForeignKeyConstraint(["entry"], ["entry.id"], name="fk_entry_document_entry"),
    )


def make_indexes() -> None:
    several = sa.text("last_month IS NOT NULL")
    op.create_index("ix_entry_establishment_month_kind", "entry", ["establishment", "month", "kind"])
    op.create_index(
        "ix_entry_establishment_last_month",
        "entry",
        ["establishment", "last_month"],
        sqlite_where=several,
        postgresql_where=several,
    )
    op.create_index("ix_entry_establishment_line", "entry", ["establishment", "line"])
    op.create_index("ix_entry_establishment_batch", "entry", ["establishment", "batch"])
    op.create_index("ix_entry_establishment_run", "entry", ["establishment", "run"])
    op.create_index("ix_entry_account_kind_at", "entry", ["account", "kind", "at"])
    op.create_index(
        "ix_entry_document_establishment_document", "entry_document", ["establishment", "document"]
    )
    op.create_index("ix_entry_recipient_address", "entry_recipient", ["address"])


def guard_sqlite() -> None:
    for table, same in SAME_ROW.items():
        execute(SQLITE_GUARDS.format(table=table, same=same))


def guard_postgresql() -> None:
    op.create_table(
        "account_holder",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("session", sa.Integer(), nullable=False),
        sa.Column("since", sa.String(32), nullable=False),
        sa.Column("run", sa.Text(), nullable=False),
        sa.Column("operator", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("account", name="pk_account_holder"),
    )
    execute(POSTGRESQL_FUNCTIONS)
    for table in SAME_ROW:  # a primary key is all that REPLACE needs to be refused here
        execute(POSTGRESQL_GUARDS.format(table=table))


def execute(statements: str) -> None:
    for statement in statements.strip().split("\n\n"):
        op.execute(statement)
