"""A mailbox by POP3 (RFC 1939): its messages are read, none is deleted."""

from __future__ import annotations

import contextlib
import datetime as dt
import poplib
import socket
from collections.abc import Callable, Iterator, Sequence

from elite_lib.exceptions import AuthenticationError, ServerUnavailableError
from elite_lib.mailbox.protocols import Fetched, Position
from elite_lib.models import ImapAccount, Security
from elite_lib.transports.opening import failure, tls_context

PORTS = {Security.TLS: 995, Security.STARTTLS: 110}  # RFC 8314 3.3, RFC 2595
_LONGEST = 1_000_000  # bytes of a line


class _Patient(poplib.POP3):
    """poplib gives up at a line of 2,048 bytes: one message in HTML would hide all that came after it."""

    def _getline(self) -> tuple[bytes, int]:
        line = self.file.readline(_LONGEST + 1)
        if len(line) > _LONGEST:
            raise poplib.error_proto("line too long")
        if not line:
            raise poplib.error_proto("-ERR EOF")
        return line.rstrip(b"\r\n"), len(line)


class _PatientTls(_Patient, poplib.POP3_SSL):
    """The same, encrypted from the start."""


class Pop3Source:
    """One login. Messages have names (UIDL): what is behind the last one's is new.

    Where the server knows no names, or the last one was deleted, everything is read again: whoever reads
    knows what it has seen.
    """

    def __init__(self, account: ImapAccount, password: Callable[[], str]) -> None:
        self._account, self._password = account, password
        self._server: poplib.POP3 | None = None
        self.key = f"pop3:{account.login}@{account.host}"

    def fetch(
        self,
        since: Position | None = None,
        *,
        not_before: dt.datetime | None = None,  # noqa: ARG002 (POP3 cannot ask for a date)
    ) -> Iterator[Fetched]:
        """Yield what is behind the position."""
        try:
            server = self._ready()
            names = _names(server)
            known = list(names.values())
            first = known.index(since.mark) + 1 if since is not None and since.mark in known else 0
            for number in list(names)[first:]:
                lines = server.retr(number)[1]
                content = b"\r\n".join(lines) + b"\r\n"
                yield Fetched(content=content, position=Position(mark=names[number]))
        except (OSError, poplib.error_proto, ValueError) as error:
            self.close()
            raise self._failed(error) from error
        except BaseException:  # a refused password; whoever read has stopped
            self.close()
            raise

    def put_away(self, read: Sequence[Position]) -> None:
        """POP3 has one folder only."""

    def interrupt(self) -> None:
        """End another thread's wait."""
        server = self._server
        if server is not None:
            with contextlib.suppress(OSError, AttributeError, ValueError):
                server.sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Say QUIT; whatever the server answers or not."""
        server, self._server = self._server, None
        if server is not None:
            with contextlib.suppress(OSError, poplib.error_proto):
                server.quit()
            with contextlib.suppress(OSError):
                server.close()

    def _ready(self) -> poplib.POP3:
        # a session sees the mailbox as it was at its start (RFC 1939 3): each look is a new one
        self.close()
        account, context = self._account, tls_context(self._account)
        if context is not None and account.security is Security.TLS:
            self._server = _PatientTls(account.host, account.port, timeout=account.timeout, context=context)
        else:
            self._server = _Patient(account.host, account.port, timeout=account.timeout)
            if context is not None:
                self._encrypt(self._server, context)
        self._log_in(self._server)
        return self._server

    def _encrypt(self, server: poplib.POP3, context: object) -> None:
        try:
            server.stls(context)  # type: ignore[arg-type]
        except poplib.error_proto as error:
            raise ServerUnavailableError(
                "starttls_missing", host=self._account.host, port=self._account.port, detail=str(error)
            ) from error

    def _log_in(self, server: poplib.POP3) -> None:
        account, secret = self._account, self._password()
        try:
            server.user(account.login)
            server.pass_(secret)
        except poplib.error_proto as error:
            raise AuthenticationError(
                "pop3_refused", host=account.host, login=account.login, text=_words(error)
            ) from error

    def _failed(self, error: Exception) -> ServerUnavailableError:
        account = self._account
        if isinstance(error, OSError):
            return failure(account.host, account.port, error)
        return ServerUnavailableError(
            "pop3_failed", host=account.host, port=account.port, detail=_words(error)
        )


def _names(server: poplib.POP3) -> dict[int, str]:
    """Give the messages' names by their number, in the order of arrival."""
    try:
        lines = server.uidl()[1]
    except poplib.error_proto:  # optional (RFC 1939 7)
        return {int(line.split()[0]): "" for line in server.list()[1]}
    pairs = (line.decode("ascii", "replace").split(maxsplit=1) for line in lines)
    return {int(number): name for number, name in pairs}


def _words(error: Exception) -> str:
    said = error.args[0] if error.args else ""
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
