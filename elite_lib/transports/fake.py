"""A transport without a network: for tests and rehearsals. It obeys the protocol of the real ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from elite_lib.exceptions import ServerUnavailableError, TransportError
from elite_lib.models import Envelope, Reply, Stage, Transaction
from elite_lib.transports import BeforeDot

OK = Reply(code=250, text="2.0.0 Ok")
_LOST = "ConnectionResetError: scripted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What the pretended server says in one transaction; by default it accepts.

    ``cut``: the connection is lost at that stage, before its reply; at ``Stage.DOT`` the message is
    in doubt, and ``kept`` says whether the server has it all the same. ``raises``: what opening the
    session or sending raises instead.
    """

    mail: Reply = OK
    rcpt: Reply | Mapping[str, Reply] = OK  # one for all, or per address (others are accepted)
    archive: Reply = OK
    data: Reply = field(default_factory=lambda: Reply(code=354, text="End data with <CR><LF>.<CR><LF>"))
    final: Reply = OK
    cut: Stage | None = None
    kept: bool = True
    raises: TransportError | None = None


ACCEPT = Answers()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One call of ``send``."""

    envelope: Envelope
    content: bytes
    transaction: Transaction


class FakeTransport:
    """Play a script and remember everything.

    ``script``: answers for one call after the other (then all is accepted), or per address: the first
    recipient that the mapping knows decides, and of a message to several each has its own RCPT reply.
    """

    def __init__(
        self, script: Iterable[Answers] | Mapping[str, Answers] = (), *, on_open: TransportError | None = None
    ) -> None:
        self._by_address = script if isinstance(script, Mapping) else {}
        self._in_turn = iter(()) if isinstance(script, Mapping) else iter(script)
        self._on_open = on_open
        self.calls: list[Sent] = []
        self.stored: list[Sent] = []  # what the server has: accepted, or in doubt and kept
        self.opened = 0
        self.is_open = False

    def open(self) -> None:
        """Open the pretended session.

        Raises:
            TransportError: ``on_open``.
        """
        if self._on_open is not None:
            raise self._on_open
        if not self.is_open:
            self.opened += 1
            self.is_open = True

    def send(self, envelope: Envelope, content: bytes, before_dot: BeforeDot) -> Transaction:
        """Play one transaction; ``before_dot`` is called exactly when a real transport calls it.

        Raises:
            TransportError: the script says so.
        """
        try:
            self.open()
        except ServerUnavailableError as error:
            transaction = Transaction(stage=Stage.CONNECT, error=str(error))
            self.calls.append(Sent(envelope=envelope, content=content, transaction=transaction))
            return transaction
        answers = self._answers(envelope)
        if answers.raises is not None:
            self.is_open = False
            raise answers.raises
        transaction = self._play(envelope, answers, before_dot)
        said = [transaction.mail, transaction.archive, transaction.data, transaction.final]
        said += [reply for _, reply in transaction.rcpt]
        leaves = any(reply is not None and reply.code == 421 for reply in said)
        if leaves and transaction.stage is not Stage.DOT:
            transaction = replace(transaction, error="session closed by 421")
        sent = Sent(envelope=envelope, content=content, transaction=transaction)
        self.calls.append(sent)
        kept = transaction.in_doubt and answers.kept
        if kept or (transaction.final is not None and transaction.final.accepted):
            self.stored.append(sent)
        self.is_open = not transaction.error and not leaves
        return transaction

    def close(self) -> None:
        """End the pretended session."""
        self.is_open = False

    def _answers(self, envelope: Envelope) -> Answers:
        if not self._by_address:
            return next(self._in_turn, ACCEPT)
        return next((self._by_address[a] for a in envelope.recipients if a in self._by_address), ACCEPT)

    def _rcpt(self, address: str, answers: Answers) -> Reply:
        own = self._by_address.get(address, answers).rcpt
        return own.get(address, OK) if isinstance(own, Mapping) else own

    def _play(self, envelope: Envelope, answers: Answers, before_dot: BeforeDot) -> Transaction:
        if answers.cut in (Stage.CONNECT, Stage.MAIL):
            return Transaction(stage=answers.cut, error=_LOST)
        if not answers.mail.accepted:
            return Transaction(stage=Stage.MAIL, mail=answers.mail)
        asked = Transaction(stage=Stage.RCPT, mail=answers.mail)
        if answers.cut is Stage.RCPT:
            return replace(asked, error=_LOST)
        replies = [(a, self._rcpt(a, answers)) for a in dict.fromkeys(envelope.recipients)]
        asked = replace(asked, rcpt=tuple(replies))
        if not any(reply.accepted for _, reply in replies) or any(r.code == 421 for _, r in replies):
            return asked
        wanted = envelope.archive and envelope.archive not in envelope.recipients
        asked = replace(asked, archive=answers.archive if wanted else None)
        if asked.archive is not None and asked.archive.code == 421:
            return asked
        return self._data(replace(asked, stage=Stage.DATA), answers, before_dot)

    def _data(self, asked: Transaction, answers: Answers, before_dot: BeforeDot) -> Transaction:
        if answers.cut is Stage.DATA:
            return replace(asked, error=_LOST)
        asked = replace(asked, data=answers.data)
        if answers.data.code != 354:
            return asked
        try:
            before_dot(asked.rcpt, asked.archive)
        except BaseException:
            self.is_open = False
            raise
        asked = replace(asked, stage=Stage.DOT)
        return (
            replace(asked, error=_LOST) if answers.cut is Stage.DOT else replace(asked, final=answers.final)
        )
