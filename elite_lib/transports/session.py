"""One conversation with a mail server: replies read strictly, nothing left behind when it ends."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import re
import select
import smtplib
import socket
import ssl
import struct

from elite_lib.models import Reply

_REPLY_LINE = re.compile(rb"([2-5][0-9]{2})([ -]?)(.*)", re.DOTALL)
_LONGEST_REPLY = 65_536  # bytes; RFC 5321 4.5.3.1.5 promises 512 a line
_CHUNK = 262_144  # bytes written under one timeout: a slow line does not fail on a heavy message
_PARTING = 5.0  # seconds granted to QUIT and RSET: their answer changes nothing


class NotSmtpError(smtplib.SMTPServerDisconnected):
    """The server said what no SMTP server says there: it and we no longer mean the same command."""


class Session(smtplib.SMTP):
    """smtplib's commands over a socket of ours, with replies that are either whole or an error.

    ``smtplib`` takes a cut-off line for a reply, and an over-long one for a 500: after the final dot
    either would be a verdict that nobody gave. Here any such thing raises, as a cut does.
    """

    sock: socket.socket | None

    def __init__(self, sock: socket.socket, *, timeout: float) -> None:
        # A given name spares getfqdn(), which may wait for a DNS that is not there.
        super().__init__(local_hostname=_address_literal(sock), timeout=timeout)
        self.sock = sock
        self._received = bytearray()
        self.transactions = 0

    # -- reading ---------------------------------------------------------------------------------

    def getreply(self) -> tuple[int, bytes]:
        """Read one reply, all lines of it, each complete and with the same code (RFC 5321 4.2.1).

        Raises:
            OSError: cut, timed out, or not SMTP; the connection is closed then.
        """
        try:
            return self._reply()
        except OSError:
            self.close()
            raise

    def _reply(self) -> tuple[int, bytes]:
        lines: list[bytes] = []
        codes: set[bytes] = set()
        while True:
            line = self._line()
            parts = _REPLY_LINE.fullmatch(line.rstrip(b"\r\n"))
            if parts is None:
                raise NotSmtpError(f"not an SMTP reply: {line[:80]!r}")
            codes.add(parts[1])
            lines.append(parts[3].strip())
            if len(codes) > 1 or sum(map(len, lines)) > _LONGEST_REPLY:
                raise NotSmtpError("codes of one reply differ, or it has no end")
            if parts[2] != b"-":
                return int(parts[1]), b"\n".join(lines)

    def _line(self) -> bytes:
        while (end := self._received.find(b"\n")) < 0:
            if len(self._received) > _LONGEST_REPLY:
                raise NotSmtpError("a reply line has no end")
            if not self._receive():
                raise smtplib.SMTPServerDisconnected("connection closed by the server")
        line = bytes(self._received[: end + 1])
        del self._received[: end + 1]
        return line

    def _receive(self) -> bool:
        if self.sock is None:
            raise smtplib.SMTPServerDisconnected("no connection")
        data = self.sock.recv(8192)
        self._received += data
        return bool(data)

    def spoke(self) -> bool:
        """Say whether the server wrote or closed without being asked. Reads what is there, never waits."""
        if self.sock is None:
            return True
        if self._received:
            return True
        pending = isinstance(self.sock, ssl.SSLSocket) and self.sock.pending()
        if not pending and not select.select([self.sock], [], [], 0)[0]:
            return False
        self.sock.settimeout(0)
        try:
            return self._receive() or True
        except (ssl.SSLWantReadError, BlockingIOError):
            return False  # a TLS record without application data: a session ticket
        except OSError:
            return True
        finally:
            self.sock.settimeout(self.timeout)

    def ask(self, command: str, arguments: str = "") -> Reply:
        """Send a command and read the reply."""
        return as_reply(*self.docmd(command, arguments))

    def hear(self) -> Reply:
        """Read a reply that no command asked for."""
        return as_reply(*self.getreply())

    # -- writing ---------------------------------------------------------------------------------

    def write(self, data: bytes) -> None:
        """Write bytes as they are; the timeout counts for each 256 KB.

        Raises:
            OSError: cut or timed out; unknown how much of it arrived.
        """
        if self.sock is None:
            raise smtplib.SMTPServerDisconnected("no connection")
        view = memoryview(data)
        for start in range(0, len(view), _CHUNK):
            self.sock.sendall(view[start : start + _CHUNK])

    def wait_at_most(self, seconds: float) -> None:
        """Set how long the next replies are waited for."""
        self.timeout = seconds
        if self.sock is not None:
            self.sock.settimeout(seconds)

    # -- parting ---------------------------------------------------------------------------------

    def forget(self) -> None:
        """RSET; a server that does not take it loses the session and nothing else."""
        usual = self.timeout
        try:
            self.wait_at_most(min(usual, _PARTING))
            if self.ask("RSET").code != 250:
                self.close()
        except OSError:
            self.close()
        self.wait_at_most(usual)

    def leave(self) -> None:
        """QUIT and close; never raises."""
        try:
            self.wait_at_most(min(self.timeout, _PARTING))
            self.docmd("QUIT")
        except OSError:
            pass
        finally:
            self.close()

    def abort(self) -> None:
        """Close at once with a TCP reset, so that nothing unsent can still leave."""
        if self.sock is not None:
            fields = "hh" if os.name == "nt" else "ii"  # struct linger of the platform
            with contextlib.suppress(OSError):
                self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack(fields, 1, 0))
        self.close()

    # -- opening ---------------------------------------------------------------------------------

    def encrypt(self, context: ssl.SSLContext, host: str) -> None:
        """Wrap the connection in TLS; what the server said before it is forgotten (RFC 3207 4.2).

        Raises:
            OSError: handshake or certificate failed; the connection is closed then.
        """
        if self.sock is None:
            raise smtplib.SMTPServerDisconnected("no connection")
        self._received.clear()
        self.esmtp_features = {}
        self.sock = context.wrap_socket(self.sock, server_hostname=host)

    @property
    def private(self) -> bool:
        """Whether a password may be sent: encrypted, or to this very machine."""
        if self.sock is None:
            return False
        peer = str(self.sock.getpeername()[0]).partition("%")[0]
        return isinstance(self.sock, ssl.SSLSocket) or ipaddress.ip_address(peer).is_loopback


def as_reply(code: int, text: bytes) -> Reply:
    """Make a Reply of what was read: text cleaned of controls, at most 2,000 characters."""
    try:
        words = text.decode("utf-8")
    except UnicodeDecodeError:
        words = text.decode("latin-1")
    if not words.isprintable():
        words = "".join(c if c.isprintable() or c == "\n" else " " for c in words)
    return Reply(code=code, text=words[:2000])


def _address_literal(sock: socket.socket) -> str:
    """Name ourselves as RFC 5321 4.1.3 allows a client without a name of its own."""
    address = str(sock.getsockname()[0]).partition("%")[0]
    return f"[IPv6:{address}]" if ":" in address else f"[{address}]"
