"""A mailbox by IMAP (RFC 3501): searched, read, added to; nothing is deleted, and moved only when asked."""

from __future__ import annotations

import contextlib
import datetime as dt
import email
import imaplib
import ipaddress
import re
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from elite_lib.exceptions import AuthenticationError, ConfigError, ServerUnavailableError
from elite_lib.mailbox.names import encoded, marked, quoted
from elite_lib.mailbox.protocols import FEW, SEEN, Fetched, Position
from elite_lib.models import Auth, ImapAccount, Security
from elite_lib.tokens import Tokens
from elite_lib.transports.opening import failure, tls_context, xoauth2

Password = Callable[[], str] | str


class ImapMailbox:
    """One login, connected when it is needed and again after the server left. Not for several threads."""

    def __init__(self, account: ImapAccount, password: Password, *, login: str = "") -> None:
        self._account = account
        self._login = login or account.login
        self._password = password
        self._server: imaplib.IMAP4 | None = None

    # -- what can be asked -----------------------------------------------------------------------

    def special(self) -> dict[str, str]:
        """Give the marked folders; see ``Mailbox.special``."""
        server = self._ready()
        # RFC 6154 2: some say it unasked, in any LIST; those that announce it want to be asked (RFC 5258)
        asked = '"*" RETURN (SPECIAL-USE)' if "SPECIAL-USE" in server.capabilities else '"*"'
        answers = self._ask("LIST", lambda: server.list('""', asked))
        return {attribute: name for attribute, name in marked(answers) if attribute.startswith("\\")}

    def count(self, message_id: str, folder: str) -> int:
        """Count the messages with this Message-ID; see ``Mailbox.count``."""
        server, _ = self._look_into(folder)
        wanted = quoted(message_id)
        found = self._ask("SEARCH", lambda: server.uid("SEARCH", "HEADER", "Message-ID", wanted))
        uids = b" ".join(part for part in found if isinstance(part, bytes)).split()
        if not uids:
            return 0
        # SEARCH finds a part of the header, and some servers whole words only: what counts is what is there
        span = b",".join(uids).decode("ascii")
        parts = "(BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])"
        answers = self._ask("FETCH", lambda: server.uid("FETCH", span, parts))
        headers = [answer[1] for answer in answers if isinstance(answer, tuple)]
        return sum(_message_id(header) == message_id for header in headers)

    def append(self, content: bytes, folder: str, *, at: dt.datetime, flags: Sequence[str] = SEEN) -> None:
        """Add a message; see ``Mailbox.append``."""
        server = self._ready()
        name = quoted(encoded(folder))
        date = imaplib.Time2Internaldate(at)
        self._ask("APPEND", lambda: server.append(name, " ".join(flags), date, content), folder=folder)

    def fetch(
        self, folder: str, since: Position | None = None, *, not_before: dt.datetime | None = None
    ) -> Iterator[Fetched]:
        """Yield what is behind a position; see ``Mailbox.fetch``."""
        server, uidvalidity = self._look_into(folder)
        again = since is not None and since.uidvalidity == uidvalidity
        known = since.uid if since is not None and again else 0
        day = "" if again or not_before is None else f" SINCE {_day(not_before)}"
        found = self._ask("SEARCH", lambda: server.uid("SEARCH", f"UID {known + 1}:*{day}"))
        uids = sorted(int(uid) for part in found if isinstance(part, bytes) for uid in part.split())
        for uid in uids:
            if uid <= known:  # RFC 3501 6.4.8: "*" is the last one, were it older than what was asked for
                continue
            content = self._content(server, str(uid))
            if content is not None:  # deleted meanwhile
                yield Fetched(content=content, position=Position(uidvalidity=uidvalidity, uid=uid))

    def newest(self, sender: str, folder: str, *, not_before: dt.datetime) -> list[bytes]:
        """Give the last few messages from an address; see ``Mailbox.newest``."""
        server, _ = self._look_into(folder)
        wanted = f"SINCE {_day(not_before)} FROM {quoted(sender)}"
        found = self._ask("SEARCH", lambda: server.uid("SEARCH", wanted))
        uids = sorted(int(uid) for part in found if isinstance(part, bytes) for uid in part.split())
        contents = [self._content(server, str(uid)) for uid in reversed(uids[-FEW:])]
        return [content for content in contents if content is not None]

    def _content(self, server: imaplib.IMAP4, uid: str) -> bytes | None:
        answers = self._ask("FETCH", lambda: server.uid("FETCH", uid, "(BODY.PEEK[])"))
        return next((answer[1] for answer in answers if isinstance(answer, tuple)), None)

    def move(self, read: Sequence[Position], folder: str, to: str) -> None:
        """Move messages; see ``Mailbox.move``. Without MOVE or UIDPLUS others' deletions would go too: no."""
        server = self._ready()
        source, target = quoted(encoded(folder)), quoted(encoded(to))
        self._ask("SELECT", lambda: server.select(source), folder=folder)
        _, given = server.response("UIDVALIDITY")
        uidvalidity = int(given[0]) if given and given[0] else 0
        span = ",".join(str(one.uid) for one in read if one.uidvalidity == uidvalidity)
        if not span:
            return
        said = b" ".join(self._ask("CAPABILITY", server.capability)).upper().split()  # more than before login
        if b"MOVE" in said:  # RFC 6851
            self._ask("MOVE", lambda: server.uid("MOVE", span, target), folder=to)
        elif b"UIDPLUS" in said:  # RFC 4315 2.1: expunges these and no others
            self._ask("COPY", lambda: server.uid("COPY", span, target), folder=to)
            self._ask("STORE", lambda: server.uid("STORE", span, "+FLAGS.SILENT", "(\\Deleted)"))
            self._ask("EXPUNGE", lambda: server.uid("EXPUNGE", span))
        else:
            raise self._failed("MOVE", "neither MOVE nor UIDPLUS")

    def interrupt(self) -> None:
        """End another thread's wait; see ``Mailbox.interrupt``."""
        server = self._server
        if server is not None:
            with contextlib.suppress(OSError, AttributeError, ValueError):  # it may be closing just now
                server.sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Log out; whatever the server answers or not."""
        server, self._server = self._server, None
        if server is not None:
            with contextlib.suppress(OSError, imaplib.IMAP4.error):
                server.logout()
            with contextlib.suppress(OSError):
                server.shutdown()

    # -- the session -----------------------------------------------------------------------------

    def _ready(self, *, again: bool = False) -> imaplib.IMAP4:
        if self._server is not None:
            try:  # between two messages of a run the server may have left
                self._server.noop()
                return self._server
            except (OSError, imaplib.IMAP4.error):
                self.close()
        try:
            server = self._connected()
        except OSError as error:
            raise failure(self._account.host, self._account.port, error) from error
        except imaplib.IMAP4.error as error:
            raise self._failed("greeting", error) from error
        self._server = server
        try:
            self._log_in(server)
        except AuthenticationError as error:
            self.close()
            if error.code != "imap_refused" or again or not isinstance(self._password, Tokens):
                raise
            self._password.renew()  # as for SMTP: one more try with a new token
            return self._ready(again=True)
        except BaseException:
            self.close()
            raise
        return server

    def _connected(self) -> imaplib.IMAP4:
        account, context = self._account, tls_context(self._account)
        if context is not None and account.security is Security.TLS:
            return imaplib.IMAP4_SSL(account.host, account.port, ssl_context=context, timeout=account.timeout)
        server = imaplib.IMAP4(account.host, account.port, timeout=account.timeout)
        try:
            if context is not None:
                if "STARTTLS" not in server.capabilities:
                    raise ServerUnavailableError(
                        "starttls_missing", host=account.host, port=account.port, detail=""
                    )
                server.starttls(context)
        except BaseException:
            with contextlib.suppress(OSError):  # a failed handshake took the socket with it
                server.shutdown()
            raise
        return server

    def _log_in(self, server: imaplib.IMAP4) -> None:
        account = self._account
        if not _private(server):
            raise AuthenticationError("imap_insecure", host=account.host)
        secret = self._password() if callable(self._password) else self._password
        if not secret:
            raise AuthenticationError("password_missing", login=self._login)
        try:
            if account.auth is not Auth.PASSWORD:
                shown = [xoauth2(self._login, secret).encode()]  # and nothing to what is wrong, as JSON
                server.authenticate("XOAUTH2", lambda _challenge: shown.pop() if shown else b"")
            elif "AUTH=PLAIN" in server.capabilities:  # RFC 4616: a password of any characters
                words = f"\0{self._login}\0{secret}".encode()
                server.authenticate("PLAIN", lambda _challenge: words)
            else:
                server.login(quoted(self._login), secret)
        except UnicodeEncodeError:
            raise AuthenticationError("not_offered", mechanisms=("LOGIN",), host=account.host) from None
        except (OSError, imaplib.IMAP4.abort) as error:
            raise self._failed("LOGIN", error) from error
        except imaplib.IMAP4.error as error:
            raise AuthenticationError(
                "imap_refused", host=account.host, login=self._login, text=_words(error)
            ) from error

    def _look_into(self, folder: str) -> tuple[imaplib.IMAP4, int]:
        """EXAMINE: a folder opened so that nothing in it can change."""
        server = self._ready()
        name = quoted(encoded(folder))
        self._ask("EXAMINE", lambda: server.select(name, readonly=True), folder=folder)
        _, given = server.response("UIDVALIDITY")
        return server, int(given[0]) if given and given[0] else 0

    def _ask(self, command: str, ask: Callable[[], tuple[str, list[Any]]], *, folder: str = "") -> list[Any]:
        """Send a command; what fails closes the session, so that no answer is taken for a later one's."""
        try:
            said, answers = ask()
        except (OSError, imaplib.IMAP4.error, ValueError) as error:  # ValueError: bytes that are no answer
            self.close()
            raise self._failed(command, error) from error
        if said == "OK":
            return answers
        text = _first(answers)
        if folder and (command in ("EXAMINE", "SELECT") or "[TRYCREATE]" in text):  # RFC 3501 6.3.11
            raise ConfigError("folder_missing", folder=folder)
        raise self._failed(command, text)

    def _failed(self, command: str, error: Exception | str) -> ServerUnavailableError:
        if isinstance(error, OSError):
            return failure(self._account.host, self._account.port, error)
        account, text = self._account, error if isinstance(error, str) else _words(error)
        return ServerUnavailableError(
            "imap_failed", host=account.host, port=account.port, command=command, detail=text
        )


def _private(server: imaplib.IMAP4) -> bool:
    """Whether a password may be sent: encrypted, or to this very machine."""
    peer = str(server.sock.getpeername()[0]).partition("%")[0]
    return isinstance(server.sock, ssl.SSLSocket) or ipaddress.ip_address(peer).is_loopback


def _day(instant: dt.datetime) -> str:
    """Write a date as SEARCH wants it (RFC 3501 9, date-text), whatever the system's language."""
    return imaplib.Time2Internaldate(instant)[1:12].strip()


def _message_id(header: bytes) -> str:
    found = re.search(r"<[^<>\s]+>", str(email.message_from_bytes(header).get("Message-ID", "")))
    return found[0] if found else ""


def _words(error: Exception) -> str:
    said = error.args[0] if error.args else ""
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)


def _first(answers: list[Any]) -> str:
    said = next((answer for answer in answers if isinstance(answer, bytes)), b"")
    return said.decode("utf-8", "replace")[:500]
