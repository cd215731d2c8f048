"""Transports over a real one that lose what the server answers to the final dot."""

from __future__ import annotations

from dataclasses import replace

from elite_lib.models import Envelope, Transaction
from elite_lib.transports import BeforeDot
from elite_lib.transports.smtp import SmtpTransport


class Deaf:
    """Loses the answer to the dot of messages to some address; ``Dying`` ends with them, as a kill would."""

    def __init__(self, within: SmtpTransport, *, deaf_to: str) -> None:
        self.within, self.deaf_to, self.calls = within, deaf_to, 0

    def open(self) -> None:
        self.within.open()

    def send(self, envelope: Envelope, content: bytes, before_dot: BeforeDot) -> Transaction:
        transaction = self.within.send(envelope, content, before_dot)
        self.calls += 1
        if self.deaf_to in envelope.recipients:
            return self.lost(transaction)
        return transaction

    def lost(self, transaction: Transaction) -> Transaction:
        return replace(transaction, final=None, error="TimeoutError: scripted")

    def close(self) -> None:
        self.within.close()


class Killed(BaseException):
    """What no code catches: nothing is written after it."""


class Dying(Deaf):
    """Dies after the dot."""

    def lost(self, transaction: Transaction) -> Transaction:
        raise Killed
