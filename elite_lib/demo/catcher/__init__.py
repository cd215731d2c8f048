"""A mail server that delivers to nobody: it keeps every message in a Maildir of the demo's home.

It runs in a process of its own (``python -m elite_lib.demo.catcher --home DIR``), on 127.0.0.1
only, and asks for what a provider asks for: STARTTLS, then AUTH. One address can be refused and
one deferred once, so that the demo shows what a refusal and a deferral look like. DSN (RFC 3461)
is not announced: it would promise reports that nobody writes. Nothing that it prints names anyone.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType

from elite_lib.demo.catcher.maildrop import Delivery, deliveries
from elite_lib.exceptions import ServerUnavailableError

__all__ = ["CA_FILE", "HOST", "MAILBOX", "Catcher", "Delivery", "deliveries", "free_port"]

HOST = "127.0.0.1"
CA_FILE = "ca.pem"
MAILBOX = "mailbox"
PASSWORD_VARIABLE = "ELITE_CATCHER_PASSWORD"  # noqa: S105 - a name; `ps` would show the value in arguments
_READY_WITHIN = 60.0  # seconds: a loaded machine imports slowly; a server that never comes is killed
_STOPPED_WITHIN = 10.0  # seconds


class Catcher:
    """Run a catcher as a process of its own for the length of a ``with`` block.

    It is ready when the block is entered and gone when it is left; if this process dies, it ends
    by itself. ``port`` 0 takes a free one. After entering, ``port`` and ``pid`` are the real ones.

    Raises (on entering):
        ServerUnavailableError: ``refused``: the port is taken, or the process ended at once.
    """

    def __init__(
        self,
        home: Path,
        *,
        login: str,
        password: str,
        port: int = 0,
        refuse: str = "",
        defer_once: str = "",
        delay: float = 0.0,
    ) -> None:
        self.host = HOST
        self.port = port
        self.ca_file = home / CA_FILE
        self.mailbox = home / MAILBOX
        self._password = password
        self._arguments = (
            *("--home", str(home), "--login", login, "--port", str(port), "--leash"),
            *("--refuse", refuse, "--defer-once", defer_once, "--delay", str(delay)),
        )
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process; 0 while none runs."""
        return self._process.pid if self._process else 0

    def __enter__(self) -> Catcher:
        # -P: what lies in the current folder is never imported instead of the library
        self._process = subprocess.Popen(  # noqa: S603 - our own module, by our own interpreter
            [sys.executable, "-P", "-m", __name__, *self._arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, PASSWORD_VARIABLE: self._password},
            start_new_session=True,  # Ctrl-C stops the run between two messages: its server outlives it
        )
        try:
            self.port = self._ready(self._process)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """End the process, by its own id, and wait until it is gone. Doing it twice does no harm."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(_STOPPED_WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe:
                pipe.close()

    def _ready(self, process: subprocess.Popen[bytes]) -> int:
        """Wait for the one line that it prints, and return its port."""
        assert process.stdout is not None  # noqa: S101 - asked for above
        watchdog = threading.Timer(_READY_WITHIN, process.kill)
        watchdog.daemon = True
        watchdog.start()
        try:
            answer = json.loads(process.stdout.readline() or b'{"error": "no answer"}')
        finally:
            watchdog.cancel()
        if "error" in answer:
            raise ServerUnavailableError("refused", host=self.host, port=self.port, detail=answer["error"])
        return int(answer["port"])


def free_port() -> int:
    """Return a port that is free now; whoever takes it first has it."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
