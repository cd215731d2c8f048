"""Run the migrations on the connection, and within the transaction, that the journal hands over."""

from alembic import context

from elite_lib.journal.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,  # Alembic assumes SQLite has none; with BEGIN IMMEDIATE by hand it has
)
with context.begin_transaction():
    context.run_migrations()
