"""How a frozen message leaves: one protocol, several ways."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from elite_lib.models import Envelope, Reply, Transaction

__all__ = ["BeforeDot", "Transport"]

BeforeDot = Callable[[Sequence[tuple[str, Reply]], Reply | None], None]
"""Called with the families' RCPT replies and the archive's, when all but the final dot is written."""


class Transport(Protocol):
    """One session with a mail server, message after message."""

    def open(self) -> None:
        """Connect and log in; do nothing when a session is open.

        Raises:
            AuthenticationError: login refused or not safe; the run stops.
            ServerUnavailableError: no usable session; nothing went.
        """

    def send(self, envelope: Envelope, content: bytes, before_dot: BeforeDot) -> Transaction:
        """Try one message once, and say what the server answered; opens the session if needed.

        Never raises for what happens to the message. ``before_dot`` is called when the whole body is
        written and the final dot is not: what it raises aborts the connection without the dot, and
        propagates. Nothing went then.

        Raises:
            AuthenticationError: the session had to be opened, and login was refused.
            TransportError: ``envelope_invalid``, ``content_invalid``: not fit for SMTP; nothing was tried.
        """

    def close(self) -> None:
        """End the session. Never raises: what was answered stays answered."""
