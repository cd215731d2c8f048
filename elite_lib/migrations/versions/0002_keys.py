"""Keys: by what a message that came back knows an attempt, and which were read already."""

import json
import re
from importlib import import_module

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

first = import_module("elite_lib.migrations.versions.0001_journal")
SAME_ROW = "establishment = NEW.establishment AND key = NEW.key AND entry = NEW.entry"


def upgrade() -> None:
    op.create_table(
        "entry_key",
        sa.Column("establishment", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("establishment", "key", "entry", name="pk_entry_key"),
        sa.ForeignKeyConstraint(["entry"], ["entry.id"], name="fk_entry_key_entry"),
    )
    fill()
    if op.get_bind().dialect.name == "sqlite":
        first.execute(first.SQLITE_GUARDS.format(table="entry_key", same=SAME_ROW))
    else:
        first.execute(first.POSTGRESQL_GUARDS.format(table="entry_key"))


def fill() -> None:
    """Give the attempts that are there already their keys, as the journal gives them to new ones."""
    connection = op.get_bind()
    attempts = connection.execute(
        sa.text("SELECT id, establishment, data FROM entry WHERE kind = 'attempting'")
    ).all()
    rows = [
        {"entry": number, "establishment": establishment, "key": found[0]}
        for number, establishment, data in attempts
        if (found := re.findall(r"^<[^<>\\s]+>$", str(json.loads(data).get("message_id") or "")))
    ]
    if rows:
        insert = "INSERT INTO entry_key (establishment, key, entry) VALUES (:establishment, :key, :entry)"
        connection.execute(sa.text(insert), rows)
