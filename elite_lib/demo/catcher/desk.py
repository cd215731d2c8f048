"""The catcher's mail server: what it answers, and the loop that it runs in."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import json
import os
import signal
import socket
import ssl
import threading
from dataclasses import dataclass, field
from pathlib import Path

import trustme
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
from aiosmtpd.smtp import Envelope as Receiving

from elite_lib.demo.catcher import HOST
from elite_lib.demo.catcher.maildrop import keep

NAME = "courrier.les-tilleuls.example"
LARGEST = 25_000_000  # bytes, announced as SIZE (RFC 1870)


# Not slotted: aiosmtpd reads every attribute there is, and Python before 3.11.3 gives a slotted dataclass one
# that cannot be read, __weakref__ (python/cpython gh-102069).
@dataclass(kw_only=True)
class Desk:
    """The answers: aiosmtpd calls the ``handle_`` methods by these names."""

    mailbox: Path
    login: str
    password: str
    refuse: str = ""
    defer_once: str = ""
    delay: float = 0.0
    _deferred: bool = field(default=False, init=False)

    def authenticate(
        self, _server: SMTP, _session: object, _envelope: object, _mechanism: str, credentials: LoginPassword
    ) -> AuthResult:
        good = hmac.compare_digest(credentials.login, self.login.encode())
        good &= hmac.compare_digest(credentials.password, self.password.encode())
        return AuthResult(success=good, handled=False, auth_data=credentials)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: object, envelope: Receiving, address: str, _options: list[str]
    ) -> str:
        if address.lower() == self.refuse.lower():
            return "550 5.1.1 Recipient address rejected: user unknown"
        if address.lower() == self.defer_once.lower() and not self._deferred:
            self._deferred = True
            return "451 4.3.2 System not accepting messages, please try again later"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: object, envelope: Receiving
    ) -> str:
        try:
            keep(self.mailbox, envelope.mail_from or "", envelope.rcpt_tos, envelope.original_content or b"")
        except OSError:
            return "452 4.3.1 Insufficient system storage"
        await asyncio.sleep(self.delay)  # kept, not yet told: where a cut leaves the client in doubt
        return f"250 2.0.0 Ok: kept for {len(envelope.rcpt_tos)}"

    async def handle_exception(self, _error: Exception) -> str:
        return "451 4.3.0 Local error"


async def serve(desk: Desk, listening: socket.socket, context: ssl.SSLContext, *, leash: bool) -> None:
    """Receive until a signal comes, or, on a leash, until standard input ends."""
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()

    def protocol() -> SMTP:
        return SMTP(
            desk,
            hostname=NAME,
            ident="catcher",
            data_size_limit=LARGEST,
            tls_context=context,
            require_starttls=True,
            auth_required=True,
            authenticator=desk.authenticate,
            loop=loop,
        )

    server = await loop.create_server(protocol, sock=listening)
    for number in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):  # Windows: the process is simply ended
            loop.add_signal_handler(number, stopped.set)
    if leash:
        threading.Thread(target=_until_input_ends, args=(loop, stopped), daemon=True).start()
    print(json.dumps({"port": listening.getsockname()[1]}), flush=True)
    await stopped.wait()
    server.close()


def _until_input_ends(loop: asyncio.AbstractEventLoop, stopped: asyncio.Event) -> None:
    """Watch the pipe that only our starter holds: it ends when the starter does, however that ends."""
    with contextlib.suppress(OSError):
        while os.read(0, 1024):
            pass
    with contextlib.suppress(RuntimeError):  # the loop is closed already
        loop.call_soon_threadsafe(stopped.set)


def certificate() -> tuple[ssl.SSLContext, bytes]:
    """Make an authority and a certificate for this run: the server's context, and the PEM to trust."""
    authority = trustme.CA(organization_name="elite_lib demo")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(HOST, "localhost").configure_cert(context)
    return context, authority.cert_pem.bytes()


def listen(port: int) -> socket.socket:
    """Take ``port`` of the loopback address, 0 for a free one.

    Raises:
        OSError: it is taken.
    """
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if os.name == "posix":
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a restart takes its port back
    try:
        listening.bind((HOST, port))
        listening.listen()
    except OSError:
        listening.close()
        raise
    return listening
