"""A small SMTP server on 127.0.0.1 that plays a script: it can answer, delay, hang or cut at any stage.

Stages, in the order of a conversation: ``connect`` (before the greeting), ``banner``, ``ehlo``,
``starttls``, ``auth``, ``mail``, ``rcpt`` (or ``rcpt:address``), ``data``, ``body`` (some of it was read),
``dot`` (read, not stored yet), ``stored`` (stored, no reply yet), ``rset``, ``quit``. Each has one step, or
a list of steps for its first, second ... occurrence (then the usual answer).
"""

from __future__ import annotations

import base64
import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self


@dataclass(frozen=True)
class Say:
    """Write these bytes instead of the usual reply (``\\r\\n`` is added unless ``raw``)."""

    text: str
    raw: bool = False
    then_cut: bool = False


@dataclass(frozen=True)
class Cut:
    """Close the connection; ``reset`` by RST, else by FIN."""

    reset: bool = False


@dataclass(frozen=True)
class Hang:
    """Say nothing more; keep the connection until the client or the server ends."""


@dataclass(frozen=True)
class Stall:
    """Read and say nothing more until the server ends: what the client writes fills the buffers."""


@dataclass(frozen=True)
class Slow:
    """Wait, then answer as usual."""

    seconds: float


Step = Say | Cut | Hang | Stall | Slow
Script = Mapping[str, Step | Sequence[Step | None]]


@dataclass
class Stored:
    """A message that the server took responsibility for."""

    sender: str
    recipients: list[str]
    content: bytes
    mail_parameters: str
    rcpt_parameters: dict[str, str]
    encrypted: bool
    login: str


class SmtpServer:
    """Serve until ``stop``, which waits for every conversation: what is asserted after it is final."""

    def __init__(
        self,
        script: Script | None = None,
        *,
        tls: ssl.SSLContext | None = None,
        implicit: bool = False,
        users: Mapping[str, str] | None = None,
        mechanisms: str = "PLAIN LOGIN",
        extensions: Sequence[str] = ("SIZE 10485760", "DSN"),
        limit: float = 20.0,
        port: int = 0,
    ) -> None:
        self.script = dict(script or {})
        self.tls, self.implicit = tls, implicit
        self.users, self.mechanisms = dict(users or {}), mechanisms
        self.extensions, self.limit = tuple(extensions), limit
        self.stored: list[Stored] = []
        self.commands: list[str] = []
        self.sessions = 0
        self.unfinished: list[bytes] = []  # bodies whose dot never came
        self.resets = 0  # conversations that the client ended by a TCP reset
        self.ending = threading.Event()
        self._lock = threading.Lock()
        self._seen: dict[str, int] = {}
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)  # so that Stall is felt
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # for one that comes back
        self._listener.bind(("127.0.0.1", port))
        self._listener.listen()
        self.port: int = self._listener.getsockname()[1]
        self._talks: list[tuple[threading.Thread, _Talk]] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Refuse new conversations and let the running ones end: those that wait for the client are cut."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(self.limit)
        self.settle(0.5)
        self.ending.set()
        for thread, talk in self._talks:
            talk.interrupt()
            thread.join(self.limit)
            assert not thread.is_alive()

    def settle(self, seconds: float = 20.0) -> None:
        """Wait until the conversations so far are over."""
        for thread, _ in self._talks:
            thread.join(seconds)

    def alone(self) -> bool:
        """Tell whether every conversation so far is over."""
        return not any(thread.is_alive() for thread, _ in self._talks)

    def step(self, *stages: str) -> Step | None:
        """Return the step for this occurrence of the first of ``stages`` that is in the script."""
        with self._lock:
            for stage in stages:
                if stage in self.script:
                    steps = self.script[stage]
                    if not isinstance(steps, Sequence):
                        return steps
                    seen = self._seen.get(stage, 0)
                    self._seen[stage] = seen + 1
                    return steps[seen] if seen < len(steps) else None
        return None

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            connection.settimeout(self.limit)
            self.sessions += 1
            talk = _Talk(self, connection)
            thread = threading.Thread(target=talk.run, daemon=True)
            self._talks.append((thread, talk))
            thread.start()


class _EndedError(Exception):
    """The conversation is over."""


@dataclass
class _Talk:
    server: SmtpServer
    connection: socket.socket
    received: bytes = b""
    encrypted: bool = False
    login: str = ""
    sender: str | None = None
    mail_parameters: str = ""
    recipients: dict[str, str] = field(default_factory=dict)
    said: str = ""  # by the last Say

    def run(self) -> None:
        try:
            self._play("connect")
            if self.server.implicit:
                self._encrypt()
            self._answer("220 scripted.test ESMTP", "banner")
            while True:
                self._command(self._line().decode("latin-1"))
        except ConnectionResetError:
            self.server.resets += 1
        except (_EndedError, OSError):
            pass
        finally:
            self.connection.close()

    def interrupt(self) -> None:
        """End it from another thread; what the client has not read yet still arrives."""
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    # -- the script ------------------------------------------------------------------------------

    def _play(self, *stages: str) -> bool:
        """Play a step; say whether the usual answer is due."""
        step = self.server.step(*stages)
        if isinstance(step, Slow):
            self.server.ending.wait(step.seconds)
        elif isinstance(step, Hang):
            self._hang()
        elif isinstance(step, Stall):
            self.server.ending.wait(self.server.limit)
            raise _EndedError
        elif isinstance(step, Cut):
            if step.reset:
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            raise _EndedError
        elif isinstance(step, Say):
            self.said = step.text
            self.connection.sendall(step.text.encode("latin-1") + (b"" if step.raw else b"\r\n"))
            if step.then_cut:
                raise _EndedError
            return False
        return True

    def _answer(self, usual: str, *stages: str) -> bool:
        """Answer, as the script says or as usual; say whether it was as usual."""
        due = self._play(*stages)
        if due:
            self.connection.sendall(f"{usual}\r\n".encode())
        return due

    def _hang(self) -> None:
        while self.connection.recv(65536):
            pass
        raise _EndedError

    # -- the protocol ----------------------------------------------------------------------------

    def _encrypt(self) -> None:
        assert self.server.tls is not None
        self.received = b""
        self.connection = self.server.tls.wrap_socket(self.connection, server_side=True)
        self.encrypted = True

    def _line(self) -> bytes:
        while b"\r\n" not in self.received:
            self._more()
        line, _, self.received = self.received.partition(b"\r\n")
        return line

    def _more(self) -> None:
        data = self.connection.recv(65536)
        if not data:
            raise _EndedError
        self.received += data

    def _command(self, line: str) -> None:
        self.server.commands.append(line)
        verb, _, rest = line.partition(" ")
        known = {
            "EHLO": self._ehlo,
            "HELO": self._helo,
            "STARTTLS": self._starttls,
            "AUTH": self._auth,
            "MAIL": self._mail,
            "RCPT": self._rcpt,
            "DATA": self._data,
            "RSET": self._rset,
            "QUIT": self._quit,
        }
        if verb.upper() in known:
            known[verb.upper()](rest)
        else:
            self._answer("502 5.5.2 unknown command", "unknown")

    def _ehlo(self, _rest: str) -> None:
        offers = list(self.server.extensions)
        if self.server.tls and not self.encrypted:
            offers.append("STARTTLS")
        if self.server.users:
            offers.append(f"AUTH {self.server.mechanisms}")
        lines = ["scripted.test", *offers]
        text = "\r\n".join(f"250{' ' if n == len(lines) - 1 else '-'}{line}" for n, line in enumerate(lines))
        self._answer(text, "ehlo")

    def _helo(self, _rest: str) -> None:
        self._answer("250 scripted.test", "helo")

    def _starttls(self, _rest: str) -> None:
        if self._answer("220 2.0.0 go ahead", "starttls") or self.said.startswith("220"):
            self._encrypt()

    def _auth(self, rest: str) -> None:
        mechanism, _, initial = rest.partition(" ")
        if mechanism.upper() == "PLAIN":
            login, password = base64.b64decode(initial).decode().split("\0")[1:]
        elif mechanism.upper() == "XOAUTH2":
            login, password = _bearer(base64.b64decode(initial).decode())
        else:
            self.connection.sendall(b"334 VXNlcm5hbWU6\r\n")
            login = base64.b64decode(self._line()).decode()
            self.connection.sendall(b"334 UGFzc3dvcmQ6\r\n")
            password = base64.b64decode(self._line()).decode()
        if not self._play("auth"):
            return
        right = self.server.users.get(login) == password
        self.login = login if right else ""
        reply = b"235 2.7.0 welcome\r\n" if right else b"535 5.7.8 authentication failed\r\n"
        self.connection.sendall(reply)

    def _mail(self, rest: str) -> None:
        address, _, parameters = rest.removeprefix("FROM:<").partition(">")
        if self._answer("250 2.1.0 sender ok", "mail"):
            self.sender, self.mail_parameters, self.recipients = address, parameters.strip(), {}

    def _rcpt(self, rest: str) -> None:
        address, _, parameters = rest.removeprefix("TO:<").partition(">")
        if self.sender is None:
            self.connection.sendall(b"503 5.5.1 MAIL first\r\n")
        elif self._answer("250 2.1.5 recipient ok", f"rcpt:{address}", "rcpt"):
            self.recipients[address] = parameters.strip()

    def _rset(self, _rest: str) -> None:
        if self._answer("250 2.0.0 ok", "rset"):
            self.sender, self.recipients = None, {}

    def _quit(self, _rest: str) -> None:
        self._answer("221 2.0.0 bye", "quit")
        raise _EndedError

    def _data(self, _rest: str) -> None:
        if not self.recipients:
            self.connection.sendall(b"503 5.5.1 RCPT first\r\n")
            return
        if not self._answer("354 go ahead", "data"):
            return
        content = self._body()
        sender, self.sender = self.sender or "", None
        if not self._play("dot"):
            return
        self.server.stored.append(
            Stored(
                sender=sender,
                recipients=list(self.recipients),
                content=content,
                mail_parameters=self.mail_parameters,
                rcpt_parameters=dict(self.recipients),
                encrypted=self.encrypted,
                login=self.login,
            )
        )
        self._answer("250 2.0.0 stored", "stored")

    def _body(self) -> bytes:
        """Read to the lone dot (RFC 5321 4.5.2), and take the stuffing out."""
        self.received = b"\r\n" + self.received  # so that a dot on the first line is one too
        try:
            self._more()
            self._play("body")
            while b"\r\n.\r\n" not in self.received:
                self._more()
        except BaseException:
            self.server.unfinished.append(self.received[2:])
            raise
        body, _, self.received = self.received.partition(b"\r\n.\r\n")
        return (body + b"\r\n")[2:].replace(b"\r\n.", b"\r\n").removeprefix(b".")


def _bearer(words: str) -> tuple[str, str]:
    """Read ``user=NAME^Aauth=Bearer TOKEN^A^A``: the login and its token."""
    fields = dict(field.split("=", 1) for field in words.split("\x01") if field)
    return fields["user"], fields["auth"].removeprefix("Bearer ")
