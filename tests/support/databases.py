"""A real PostgreSQL server of our own: started when first asked for, gone with this process."""

from __future__ import annotations

import atexit
import functools
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.support import needs

_DEBIAN = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Reached by its socket alone: no port that another one could have."""

    folder: Path
    process: subprocess.Popen[bytes]

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://postgres@/{database}?host={self.folder}"

    def psql(self, statement: str, database: str = "postgres") -> list[tuple[object, ...]]:
        """Run a statement as any other program would, outside a transaction."""
        import psycopg  # noqa: PLC0415

        with psycopg.connect(
            host=str(self.folder), user="postgres", dbname=database, autocommit=True
        ) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []


def new_database(*, encoding: str = "UTF8") -> str:
    """Make an empty database and return its URL; skips the test where there is no server to start."""
    name = f"elite_{next(_numbers)}"
    server().psql(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING '{encoding}' LOCALE 'C'")
    return server().url(name)


@functools.cache
def server() -> Server:
    initdb = Path(needs.program(*map(str, _DEBIAN), "initdb")).resolve()
    folder = Path(tempfile.mkdtemp(prefix="elite-pg-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    if os.geteuid() == 0:
        os.chown(folder, pwd.getpwnam("postgres").pw_uid, -1)
    subprocess.run(
        [*_unprivileged(), initdb, "-D", folder / "data", "-U", "postgres", "-A", "trust", "-E", "UTF8",
         "--locale", "C.UTF-8", "--no-sync"],
        check=True, stdout=subprocess.DEVNULL, cwd="/",
    )  # fmt: skip
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [*_unprivileged(), initdb.with_name("postgres"), "-D", folder / "data", "-k", folder,
             "-c", "listen_addresses=", "-c", "max_connections=200"],
            stdout=log, stderr=log, cwd="/",
        )  # fmt: skip
    atexit.register(_stop, process)
    started = Server(folder=folder, process=process)
    _wait_until_it_answers(started, initdb.with_name("pg_isready"))
    return started


def _unprivileged() -> list[str]:
    """PostgreSQL refuses root; and it ends with this process, however that one ends."""
    who = ["--reuid=postgres", "--regid=postgres", "--init-groups"] if os.geteuid() == 0 else []
    return [needs.program("setpriv"), *who, "--pdeathsig=QUIT", "--"]


def _wait_until_it_answers(started: Server, pg_isready: Path) -> None:
    deadline = time.monotonic() + 30
    while subprocess.run([pg_isready, "-q", "-h", started.folder, "-U", "postgres"], check=False).returncode:
        assert started.process.poll() is None, (started.folder / "log").read_text()
        assert time.monotonic() < deadline
        time.sleep(0.02)  # there is nothing that could be waited for


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGQUIT)  # at once: what it held is thrown away
    process.wait(timeout=30)
