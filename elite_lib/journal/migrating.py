"""Bring a journal's tables to the newest revision, by Alembic, within one transaction."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

from sqlalchemy import Connection

if TYPE_CHECKING:
    from alembic.config import Config


def settings(connection: Connection | None = None) -> Config:
    """Make Alembic's settings: there is no ``alembic.ini``, the scripts travel in the package."""
    from alembic.config import Config  # noqa: PLC0415 (0.9 s: only a new or an old journal pays)

    found = Config()
    folder = str(resources.files("elite_lib") / "migrations")
    found.set_main_option("script_location", folder.replace("%", "%%"))  # configparser interpolates
    found.set_main_option("path_separator", "os")
    found.attributes["connection"] = connection
    return found


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Run the migrations that this journal lacks; the caller's transaction holds them all."""
    from alembic import command  # noqa: PLC0415 (see settings)

    command.upgrade(settings(connection), revision)


def known_revisions() -> frozenset[str]:
    """Tell which revisions this version of the program can read or bring forward."""
    from alembic.script import ScriptDirectory  # noqa: PLC0415 (see settings)

    return frozenset(script.revision for script in ScriptDirectory.from_config(settings()).walk_revisions())
