"""A session from nothing: connection, greeting, encryption, login; each failure with a name."""

from __future__ import annotations

import base64
import smtplib
import socket
import ssl
from collections.abc import Callable, Generator, Iterator, Sequence
from enum import StrEnum

from elite_lib.exceptions import AuthenticationError, ConfigError, ServerUnavailableError
from elite_lib.models import Auth, ImapAccount, MailAccount, Reply, Security
from elite_lib.tokens import Tokens
from elite_lib.transports.refusals import hint
from elite_lib.transports.session import NotSmtpError, Session, as_reply

# X509_V_ERR_* of OpenSSL's x509_vfy.h.
_CERTIFICATE = {
    9: "tls_expired",  # CERT_NOT_YET_VALID: this computer's clock, most often
    10: "tls_expired",  # CERT_HAS_EXPIRED
    62: "tls_name",  # HOSTNAME_MISMATCH
    64: "tls_name",  # IP_ADDRESS_MISMATCH
}

_FAILURES: tuple[tuple[type[OSError], str], ...] = (  # the first that fits
    (ssl.SSLEOFError, "cut"),
    (ssl.SSLZeroReturnError, "cut"),
    (ssl.SSLError, "tls"),
    (socket.gaierror, "dns"),
    (TimeoutError, "timeout"),
    (ConnectionRefusedError, "refused"),
    (ConnectionError, "cut"),
    (NotSmtpError, "greeting"),  # a web server, or TLS where none was expected
    (smtplib.SMTPException, "cut"),
    (OSError, "refused"),  # no route, no network: nothing answered
)


# The same for the mailbox, whose name and port stand elsewhere in the settings.
_OF_MAILBOX = {
    "cut": "mailbox_cut",
    "dns": "mailbox_dns",
    "greeting": "mailbox_greeting",
    "refused": "mailbox_refused",
    "timeout": "mailbox_timeout",
    "tls": "mailbox_tls",
    "tls_expired": "mailbox_tls_expired",
    "tls_name": "mailbox_tls_name",
    "tls_untrusted": "mailbox_tls_untrusted",
}


class Reached(StrEnum):
    """How far an opening got. With implicit TLS, ENCRYPTED comes before GREETED."""

    CONNECTED = "connected"  # the port answers
    GREETED = "greeted"  # by a mail server that is ready to work
    ENCRYPTED = "encrypted"  # and the certificate is the server's
    LOGGED_IN = "logged_in"


def connect(account: MailAccount, password: Callable[[], str] | str | None) -> Session:
    """Open a session that is ready for MAIL.

    Raises:
        AuthenticationError: ``refused`` (reply_code, text, hint), ``insecure``, ``not_offered`` (mechanisms),
            ``password_missing``.
        ServerUnavailableError: ``refused``, ``dns``, ``timeout``, ``cut``, ``greeting``, ``tls``,
            ``tls_expired``, ``tls_name``, ``tls_untrusted``, ``starttls_missing``; each with host,
            port, detail.
        ConfigError: the file of authorities cannot be read.
    """
    try:
        *_, (_reached, session) = opening(account, password)
    except AuthenticationError as error:
        # A 535 may be a token that ended early: one more try with a new one, never a third.
        if error.fields.get("reply_code") != 535 or not isinstance(password, Tokens):
            raise
        password.renew()
        *_, (_reached, session) = opening(account, password)
    return session


def opening(
    account: MailAccount,
    password: Callable[[], str] | str | None,
    *,
    context: ssl.SSLContext | None = None,
) -> Generator[tuple[Reached, Session], None, None]:
    """Open a session step by step, telling each step that is behind; see :func:`connect`.

    The session is the caller's once the last step was told and the generator ended by itself; closed
    earlier, it takes the session with it. ``context``: instead of one that checks the certificate.
    """
    context = context or tls_context(account)
    session: Session | None = None
    try:
        sock = socket.create_connection((account.host, account.port), timeout=account.timeout)
        session = Session(sock, timeout=account.timeout)
        # Without it a command waits for the acknowledgement of the one before: 13-23 ms a message, not 4-5.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield Reached.CONNECTED, session
        for reached in _greet(session, account, context):
            yield reached, session
        if account.login:
            log_in(session, account, password)
            yield Reached.LOGGED_IN, session
    except OSError as error:
        if session is not None:
            session.close()
        raise _unavailable(account, _failure_code(error), detail=str(error)) from error
    except BaseException:
        if session is not None:
            session.leave()
        raise


def resolve(account: MailAccount) -> tuple[str, ...]:
    """Give the addresses of the account's server, as the system knows them.

    Raises:
        ServerUnavailableError: ``dns``.
    """
    try:
        found = socket.getaddrinfo(account.host, account.port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise _unavailable(account, "dns", detail=str(error)) from error
    return tuple(dict.fromkeys(str(address[0]) for *_, address in found))


def _failure_code(error: OSError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return _CERTIFICATE.get(error.verify_code, "tls_untrusted")
    return next(code for kind, code in _FAILURES if isinstance(error, kind))


def failure(host: str, port: int, error: OSError) -> ServerUnavailableError:
    """Name what made a connection with the server of a mailbox fail, of whichever protocol."""
    return ServerUnavailableError(_OF_MAILBOX[_failure_code(error)], host=host, port=port, detail=str(error))


def tls_context(account: MailAccount | ImapAccount) -> ssl.SSLContext | None:
    """Make the context that checks the server's certificate; None for an account without encryption.

    Raises:
        ConfigError: the file of authorities cannot be read.
    """
    if account.security is Security.PLAIN:
        return None
    try:
        context = ssl.create_default_context(cafile=account.ca_file or None)
    except OSError as error:
        raise ConfigError(
            "value_invalid", file="elite.toml", key="mail.ca_file", value=account.ca_file, expected="PEM"
        ) from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2  # RFC 8996
    return context


def _unavailable(account: MailAccount, code: str, *, detail: str) -> ServerUnavailableError:
    return ServerUnavailableError(code, host=account.host, port=account.port, detail=detail)


def _expect(account: MailAccount, reply: Reply, *codes: int) -> None:
    if reply.code not in codes:
        raise _unavailable(account, "greeting", detail=f"{reply.code} {reply.text}")


def _greet(session: Session, account: MailAccount, context: ssl.SSLContext | None) -> Iterator[Reached]:
    if context is not None and account.security is Security.TLS:
        session.encrypt(context, account.host)
        yield Reached.ENCRYPTED
    _expect(account, session.hear(), 220)
    reply = as_reply(*session.ehlo())
    if reply.code >= 500 and account.security is Security.PLAIN and not account.login:
        reply = as_reply(*session.helo())  # RFC 5321 3.2: an old relay on the home's own network
    _expect(account, reply, 250)
    yield Reached.GREETED
    if context is not None and account.security is Security.STARTTLS:
        if not session.has_extn("starttls"):
            raise _unavailable(account, "starttls_missing", detail=", ".join(session.esmtp_features))
        reply = session.ask("STARTTLS")
        if reply.code != 220:
            raise _unavailable(account, "tls", detail=f"{reply.code} {reply.text}")
        session.encrypt(context, account.host)
        _expect(account, as_reply(*session.ehlo()), 250)
        yield Reached.ENCRYPTED


def log_in(session: Session, account: MailAccount, password: Callable[[], str] | str | None) -> None:
    """Log in with one mechanism, once: each further try counts towards locking the account.

    Raises:
        AuthenticationError, ServerUnavailableError: see :func:`connect`.
    """
    if not session.private:
        raise AuthenticationError("insecure", host=account.host, port=account.port)
    offered = session.esmtp_features.get("auth", "").upper().split()
    secret = password() if callable(password) else password
    if not secret:
        raise AuthenticationError("password_missing", login=account.login)
    if account.auth is not Auth.PASSWORD:
        reply = _show_token(session, account, secret, offered=offered)
    elif "PLAIN" in offered:  # RFC 4616
        reply = session.ask("AUTH", "PLAIN " + _base64(f"\0{account.login}\0{secret}"))
    elif "LOGIN" in offered:
        reply = session.ask("AUTH", "LOGIN")
        for answer in (account.login, secret):
            reply = session.ask(_base64(answer)) if reply.code == 334 else reply
    else:
        raise AuthenticationError("not_offered", mechanisms=tuple(offered), host=account.host)
    if reply.code == 421:  # RFC 5321 3.8: the server goes away; it said nothing of the password
        raise _unavailable(account, "greeting", detail=f"{reply.code} {reply.text}")
    if reply.code != 235:
        raise AuthenticationError("refused", reply_code=reply.code, text=reply.text, hint=hint(reply))


def _show_token(session: Session, account: MailAccount, token: str, *, offered: Sequence[str]) -> Reply:
    """Log in by XOAUTH2, which Google and Microsoft share (developers.google.com, "XOAUTH2 mechanism")."""
    if "XOAUTH2" not in offered:
        raise AuthenticationError("not_offered", mechanisms=tuple(offered), host=account.host)
    reply = session.ask("AUTH", "XOAUTH2 " + _base64(xoauth2(account.login, token)))
    # 334: what is wrong, as JSON; an empty answer fetches the refusal itself
    return session.ask("") if reply.code == 334 else reply


def xoauth2(login: str, token: str) -> str:
    """Write the one message of XOAUTH2."""
    return f"user={login}\x01auth=Bearer {token}\x01\x01"


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode("ascii")
