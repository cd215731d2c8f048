"""Send by SMTP submission (RFC 6409), command by command, so that one always knows how far it got."""

from __future__ import annotations

import string
from collections.abc import Callable
from dataclasses import dataclass, field

from elite_lib.exceptions import ServerUnavailableError, TransportError
from elite_lib.models import Envelope, MailAccount, Reply, Stage, Transaction
from elite_lib.transports import BeforeDot
from elite_lib.transports.opening import connect
from elite_lib.transports.session import NotSmtpError, Session

_PER_SESSION = 20  # messages: providers cut longer sessions, some in the middle of a message
# RFC 5321 4.5.3.2.6 wants ten minutes for the answer to the dot where other replies have one: a server that
# filters before it answers is slow, and giving up on it makes an uncertain message of an accepted one.
_DOT_PATIENCE = 10
_CR, _LF, _DOT = b"\r\n."
_XCHARS = frozenset(string.ascii_letters + string.digits + string.punctuation) - {"+", "="}


class SmtpTransport:
    """One account's SMTP session, reopened every 20 messages and after each cut. Not for several threads.

    ``password``: looked up at each login and never kept, when it is a callable.
    """

    def __init__(self, account: MailAccount, password: Callable[[], str] | str | None = None) -> None:
        self._account = account
        self._password = password
        self._session: Session | None = None

    def open(self) -> None:
        """Connect and log in, unless a usable session is open.

        Raises:
            AuthenticationError, ServerUnavailableError, ConfigError: see ``opening.connect``.
        """
        self._ready()

    def _ready(self) -> Session:
        session = self._session
        if session is not None and session.transactions < _PER_SESSION and not session.spoke():
            return session
        self.close()
        self._session = connect(self._account, self._password)
        return self._session

    def send(self, envelope: Envelope, content: bytes, before_dot: BeforeDot) -> Transaction:
        """Try one message once; see ``Transport.send``."""
        _refuse_unfit(envelope)
        body = stuffed(content)
        try:
            session = self._ready()
        except ServerUnavailableError as error:
            return Transaction(stage=Stage.CONNECT, error=str(error))
        session.transactions += 1
        dialogue = _Dialogue(session, envelope, self._account)
        try:
            if dialogue.up_to_the_dot(body, size=len(content)):
                before_dot(tuple(dialogue.rcpt), dialogue.archive)
                dialogue.dot()
        except BaseException:
            session.abort()
            raise
        return dialogue.transaction()

    def close(self) -> None:
        """Say QUIT and close; whatever the server answers or not."""
        session, self._session = self._session, None
        if session is not None:
            session.leave()


@dataclass(slots=True)
class _Dialogue:
    """The commands of one transaction, and what was answered so far."""

    session: Session
    envelope: Envelope
    account: MailAccount
    stage: Stage = Stage.MAIL
    mail: Reply | None = None
    rcpt: list[tuple[str, Reply]] = field(default_factory=list)
    archive: Reply | None = None
    data: Reply | None = None
    final: Reply | None = None
    error: str = ""

    def transaction(self) -> Transaction:
        return Transaction(
            stage=self.stage,
            mail=self.mail,
            rcpt=tuple(self.rcpt),
            archive=self.archive,
            data=self.data,
            final=self.final,
            error=self.error,
        )

    def up_to_the_dot(self, body: bytes, *, size: int) -> bool:
        """Speak until only the final dot is missing; say whether there is one to write.

        Whatever goes wrong here is definite: without the dot a server keeps nothing (RFC 5321 4.1.1.4).
        """
        try:
            return self.sender(size).accepted and self._rcpt() and self._body(body)
        except OSError as error:  # smtplib's and ssl's own are OSErrors
            self.error = f"{type(error).__name__}: {error}"
            self.session.abort()
            return False

    def _ask(self, command: str, arguments: str = "") -> Reply:
        reply = self.session.ask(command, arguments)
        expected = reply.code == 354 if command == "DATA" else reply.accepted
        if not expected and not _refuses(reply):
            raise NotSmtpError(f"not an answer to {command}: {reply.code} {reply.text}")
        return reply

    def _refused(self, reply: Reply) -> bool:
        """Clear the way for the next message; what the server says to that changes nothing."""
        if reply.code == 421:  # the server leaves; it may answer any command so (RFC 5321 3.8)
            self.error = "session closed by 421"
            self.session.abort()
        else:
            self.session.forget()
        return False

    def sender(self, size: int) -> Reply:
        """Announce the sender and the size; a refusal is cleared away."""
        parameters = f" SIZE={size}" if self.session.has_extn("size") else ""  # RFC 1870
        if self.session.has_extn("dsn"):  # RFC 3461: our id comes back in every report; headers only
            parameters += " RET=HDRS" + (
                f" ENVID={xtext(self.envelope.envid)}" if self.envelope.envid else ""
            )
        self.mail = self._ask("MAIL", f"FROM:<{self.envelope.sender}>{parameters}")
        if not self.mail.accepted:
            self._refused(self.mail)
        return self.mail

    def _rcpt(self) -> bool:
        self.stage = Stage.RCPT
        notify = " NOTIFY=SUCCESS,FAILURE,DELAY" if self.session.has_extn("dsn") else ""
        for address in dict.fromkeys(self.envelope.recipients):
            reply = self._ask("RCPT", f"TO:<{address}>{notify}")
            self.rcpt.append((address, reply))
            if reply.code == 421:
                return self._refused(reply)
        if not any(reply.accepted for _, reply in self.rcpt):
            return self._refused(self.rcpt[-1][1])
        return self._archive_rcpt()

    def _archive_rcpt(self) -> bool:
        archive = self.envelope.archive
        if not archive or archive.lower() in {address.lower() for address in self.envelope.recipients}:
            return True
        # Its own reports would pass for the families': none are asked for.
        notify = " NOTIFY=NEVER" if self.session.has_extn("dsn") else ""
        self.archive = self._ask("RCPT", f"TO:<{archive}>{notify}")
        return self.archive.code != 421 or self._refused(self.archive)

    def _body(self, body: bytes) -> bool:
        self.stage = Stage.DATA
        self.data = self._ask("DATA")
        if _refuses(self.data):
            return self._refused(self.data)
        try:
            self.session.write(body)
        except OSError:
            if not self.session.spoke():
                raise
        return not self.session.spoke() or self._answered_early()

    def _answered_early(self) -> bool:
        """Read what a server says that refuses or leaves before the dot: learnt while it is certain."""
        reply = self.session.hear()
        self.error = f"answered before the dot: {reply.code} {reply.text}"
        self.session.abort()
        if _refuses(reply):
            self.data = reply
        else:  # it takes something for the end of the message: who knows what it keeps
            self.stage = Stage.DOT
        return False

    def dot(self) -> None:
        """Write the final dot. From here on only a reply tells what became of the message."""
        self.stage = Stage.DOT
        try:
            self.session.wait_at_most(self.account.timeout * _DOT_PATIENCE)
            self.session.write(b".\r\n")
            reply = self.session.hear()
            self.session.wait_at_most(self.account.timeout)
        except OSError as error:
            self.error = f"{type(error).__name__}: {error}"
            self.session.close()
            return
        if reply.accepted or _refuses(reply):
            self.final = reply
        else:
            self.error = f"not an answer to the dot: {reply.code} {reply.text}"
        if self.final is None or reply.code == 421:
            self.session.close()


def ask_sender(session: Session, account: MailAccount, *, size: int) -> Reply:
    """Say MAIL as a message of ``size`` bytes would, then RSET: nothing is sent.

    Raises:
        OSError: cut, or not SMTP; the connection is closed then.
    """
    reply = _Dialogue(session, Envelope(sender=account.sender, recipients=()), account).sender(size)
    if reply.accepted:
        session.forget()
    return reply


def ask_return(session: Session, sender: str) -> Reply:
    """Say MAIL from an address and RCPT to it, then RSET: nothing is sent. Give the first reply that refuses.

    A return address that its own provider does not know loses what comes back.

    Raises:
        OSError: cut, or not SMTP; the connection is closed then.
    """
    reply = session.ask("MAIL", f"FROM:<{sender}>")
    if reply.accepted:
        reply = session.ask("RCPT", f"TO:<{sender}>")
    if reply.code != 421:
        session.forget()
    return reply


def _refuses(reply: Reply) -> bool:
    return 400 <= reply.code < 600


def _refuse_unfit(envelope: Envelope) -> None:
    """Refuse an address that could be two, or carry a parameter."""
    for address in (envelope.sender, *envelope.recipients, envelope.archive):
        if not address.isascii() or not address.isprintable() or set(address) & set("<> "):
            raise TransportError("envelope_invalid", address=address)
    if not envelope.recipients:
        raise TransportError("envelope_invalid", address="")


def stuffed(content: bytes) -> bytes:
    """Double the dots that start a line (RFC 5321 4.5.2).

    The bytes are looked at as an array: a message has hundreds of kilobytes and, usually, nothing to double;
    looking took half of the dialogue's time else.

    Raises:
        TransportError: a lone CR or LF, or no line end at the end: servers disagree about where such a
            message stops ("SMTP smuggling").
    """
    import numpy as np  # noqa: PLC0415 (0.1 s: only who sends pays)

    found = np.frombuffer(content, np.uint8)
    ends = np.flatnonzero(found == _LF)
    pairs = len(ends) == np.count_nonzero(found == _CR) and bool((found[ends - 1] == _CR).all())
    if not pairs or not content.endswith(b"\r\n"):
        raise TransportError("content_invalid", expected="CRLF")
    if not content.startswith(b".") and not (found[ends[:-1] + 1] == _DOT).any():
        return content
    return (b"." if content.startswith(b".") else b"") + content.replace(b"\r\n.", b"\r\n..")


def xtext(text: str) -> str:
    """Encode a DSN parameter (RFC 3461 section 4)."""
    return "".join(c if c in _XCHARS else f"+{ord(c):02X}" for c in text)
