"""Ways into the journal's database, whichever it is; ``sqlite`` and ``postgresql`` make them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, Executable, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from elite_lib.exceptions import EliteError, JournalError

PATIENCE = 10.0  # seconds that a writer waits for another writer's commit


@dataclass(frozen=True, slots=True, kw_only=True)
class Engines:
    """Two ways into one database: an open reader must not block the writer, nor read half an entry."""

    writer: Engine
    reader: Engine
    name: str  # what errors call it: never with a password
    explain: Callable[[BaseException], EliteError]  # what the driver's exception means
    driver_error: type[Exception]  # its base: raised as it is while connecting, before SQLAlchemy wraps
    path: Path | None = None  # of a file
    alone: Executable | None = None  # makes a transaction the only writer, if its begin did not

    def dispose(self) -> None:
        self.reader.dispose()
        self.writer.dispose()


class Pinned:
    """The writer's one connection, kept: taking one from the pool costs as much as half a commit.

    Locks of a PostgreSQL session live and die with it.
    """

    def __init__(self, engines: Engines) -> None:
        self.engines = engines
        self._connection = engines.writer.connect()
        self._alone = threading.Lock()

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Lend the connection to one thread for one transaction: short, never while a mail is sent."""
        with self._alone, explained(self.engines), self._connection.begin():
            yield self._connection

    def close(self) -> None:
        self._connection.close()


def place(url_or_path: str | Path) -> Path | URL:
    """Return the file that a path or an ``sqlite:///`` URL names, or the URL of a PostgreSQL database.

    Raises:
        JournalError: ``journal_url`` (dialect only: a URL may hold a password).
    """
    if isinstance(url_or_path, Path) or "://" not in url_or_path:
        return Path(url_or_path)
    try:
        url = make_url(url_or_path)
    except ArgumentError:
        raise JournalError("journal_url", dialect="") from None
    if url.drivername in ("postgresql", "postgresql+psycopg") and url.database:
        return url
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        raise JournalError("journal_url", dialect=url.drivername)
    return Path(url.database)


def name_of(url: URL) -> str:
    """Name a database on a server, without user and password."""
    host = url.host or url.query.get("host") or "localhost"
    return f"postgresql://{host}{f':{url.port}' if url.port else ''}/{url.database}"


@contextmanager
def explained(engines: Engines) -> Iterator[None]:
    """Turn what the database refuses into a :class:`StorageError` or :class:`JournalError`."""
    try:
        yield
    except DBAPIError as error:
        raise engines.explain(error.orig or error) from error
    except engines.driver_error as error:
        raise engines.explain(error) from error
