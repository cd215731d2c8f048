"""The journal on a PostgreSQL server (14 or later): engines and errors. Its lock is in ``advisory``."""

from __future__ import annotations

import hashlib
from importlib import util
from typing import TYPE_CHECKING, Any

from sqlalchemy import URL, Engine, create_engine, event, text

from elite_lib.exceptions import EliteError, JournalError, StorageError
from elite_lib.journal.engine import PATIENCE, Engines, explained, name_of

if TYPE_CHECKING:
    from psycopg import Connection

# Both ends notice within a minute that the other one is gone (a cut cable, a closed lid): the server
# then frees what the session held.
_KEEPALIVE = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}
_SESSION = """
SET synchronous_commit = on; SET idle_session_timeout = 0; SET lock_timeout = {patience};
SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3
"""


def connect(url: URL, *, patience: float = PATIENCE) -> Engines:
    """Make the engines of a database; nothing is opened yet.

    The writer takes the journal's own lock first (``Engines.alone``): entries become visible in the
    order of their ids, so that who follows the journal misses none. The reader sees one state of
    the journal for all the queries of a reading, and may not write.

    Raises:
        JournalError: ``journal_driver``: psycopg is not installed.
    """
    if util.find_spec("psycopg") is None:
        raise JournalError("journal_driver")
    import psycopg  # noqa: PLC0415 (an optional extra)

    url, name = url.set(drivername="postgresql+psycopg"), name_of(url)
    arguments = {**_KEEPALIVE, "connect_timeout": 10, "fallback_application_name": "elite"}
    writer = create_engine(url, connect_args=arguments, pool_size=1)
    reader = create_engine(
        url,
        connect_args=arguments,
        pool_size=2,
        pool_pre_ping=True,  # a page stays open while the server is restarted
        isolation_level="REPEATABLE READ",
        execution_options={"postgresql_readonly": True},
    )
    _set_up(writer, patience)
    _set_up(reader, patience)

    def explain(cause: BaseException) -> EliteError:
        return _explain(cause, name)

    return Engines(
        writer=writer,
        reader=reader,
        name=name,
        explain=explain,
        driver_error=psycopg.Error,
        alone=text(f"SELECT pg_advisory_xact_lock({lock_key('append')})"),
    )


def _set_up(engine: Engine, patience: float) -> None:
    settings = _SESSION.format(patience=max(1, round(patience * 1000)))

    @event.listens_for(engine, "connect")
    def _connected(connection: Connection[Any], _record: object) -> None:
        connection.autocommit = True
        connection.execute(settings.encode())
        connection.autocommit = False


def lock_key(purpose: str) -> int:
    """Give an advisory lock's number: 64 signed bits, far from those of other programs."""
    return int.from_bytes(hashlib.sha256(f"elite {purpose}".encode()).digest()[:8], signed=True)


def check_keeps(engines: Engines) -> None:
    """Refuse a server that forgets what it confirmed, or that cannot write down every name.

    Raises:
        JournalError: ``journal_server`` (setting), ``journal_unreachable``.
    """
    query = text("SELECT current_setting('fsync'), current_setting('server_encoding')")
    with explained(engines), engines.reader.begin() as connection:
        fsync, encoding = connection.execute(query).one()
    for wrong, setting in ((fsync != "on", f"fsync = {fsync}"), (encoding != "UTF8", encoding)):
        if wrong:
            raise JournalError("journal_server", path=engines.name, setting=setting)


# SQLSTATE, the first that fits: https://www.postgresql.org/docs/current/errcodes-appendix.html
_STORAGE = {
    "53100": "journal_full",
    "25006": "journal_read_only",
    "42501": "journal_no_permission",
    "58": "journal_write_failed",
}
_JOURNAL = {
    "55P03": "journal_busy",  # lock_timeout
    "57014": "journal_busy",  # statement_timeout
    "40": "journal_busy",
    "XX001": "journal_unreadable",
    "XX002": "journal_unreadable",
    "08": "journal_unreachable",
    "28": "journal_unreachable",  # login refused
    "3D": "journal_unreachable",  # no such database
    "53": "journal_unreachable",  # too many connections
    "57P": "journal_unreachable",  # shutting down, terminated
}


def _explain(cause: BaseException, name: str) -> EliteError:
    import psycopg  # noqa: PLC0415

    state = getattr(cause, "sqlstate", None) or ""
    fields = {"path": name, "detail": str(cause).strip().replace("\n", " ")}
    for start, code in _STORAGE.items():
        if state.startswith(start):
            return StorageError(code, **fields)
    for start, code in _JOURNAL.items():
        if state.startswith(start):
            return JournalError(code, **fields)
    if not state and isinstance(cause, psycopg.OperationalError):  # libpq's own: no connection, or lost
        return JournalError("journal_unreachable", **fields)
    return JournalError("journal_failed", **fields)
