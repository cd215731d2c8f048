"""Alembic migrations of the journal, run by ``open_journal``. Additive only.

SQLite's batch mode rebuilds a table: it would drop the append-only triggers in silence, and with
foreign keys on it fails or deletes children.
"""
