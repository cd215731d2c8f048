"""The journal: its identity, its entries, their recipients; nothing is ever changed or deleted."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# A plain REPLACE would delete the old row without a DELETE trigger: the third one refuses it.
# Of a new row SQLite tells the trigger the key -1, as it does not know it yet.
TRIGGERS = {
    "sqlite": """
CREATE TRIGGER {table}_never_updated BEFORE UPDATE ON {table}
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER {table}_never_deleted BEFORE DELETE ON {table}
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER {table}_never_replaced BEFORE INSERT ON {table}
WHEN EXISTS (SELECT 1 FROM {table} WHERE {same})
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
""",
}

SAME_ROW = {
    "journal": "1",  # one identity, for ever
    "entry": "id = NEW.id",
    "entry_recipient": "entry = NEW.entry AND position = NEW.position",
}


def upgrade() -> None:
    make_tables()
    make_indexes()
    make_guards()


def make_tables() -> None:
    op.create_table(
        "journal",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("created", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_journal"),
    )
    op.create_table(
        "entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("establishment", sa.String(32), nullable=False),
        sa.Column("operator", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("month", sa.String(32), nullable=False),
        sa.Column("batch", sa.Text(), nullable=False),
        sa.Column("run", sa.Text(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=True),
        sa.Column("data", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_entry"),
        sa.ForeignKeyConstraint(["attempt"], ["entry.id"], name="fk_entry_attempt"),
    )
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


def make_indexes() -> None:
    op.create_index("ix_entry_establishment_month", "entry", ["establishment", "month"])
    op.create_index("ix_entry_establishment_line", "entry", ["establishment", "line"])
    op.create_index("ix_entry_account_kind_at", "entry", ["account", "kind", "at"])
    op.create_index("ix_entry_recipient_address", "entry_recipient", ["address"])


def make_guards() -> None:
    statements = TRIGGERS[op.get_bind().dialect.name]  # KeyError: no journal without its guards
    for table, same in SAME_ROW.items():
        for statement in statements.format(table=table, same=same).split("END;")[:-1]:
            op.execute(f"{statement.strip()} END")
