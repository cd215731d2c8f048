"""Say what one transaction means: for each recipient, for the run.

Two families only (RFC 5321 6.1): *definite*, where a reply was read or the final dot was never
written; and *in doubt*, where the dot went out and nothing was read. A doubt is never resolved
here, and never in favour of sending again.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from elite_lib.models import Recipient, RecipientOutcome, Reply, Stage, Status, Transaction

# Replies of our server about itself, not about a message or an address (mail.md, retry table):
# 431 disk full, 432 too many connections, 442 connection dropped, 447 timed out, 452 storage.
_SERVER_BUSY = frozenset({431, 432, 442, 447, 452})
_CLOSING = frozenset({421, 432})  # whatever command they answer
_TOO_BIG = 552


class Effect(StrEnum):
    """What a transaction means for the rest of the run."""

    CONTINUE = "continue"
    BACK_OFF = "back_off"  # the whole account waits: the server is away, or wants less
    STOP = "stop"  # nothing else will pass: the sender or the account is refused


def verdict(recipients: Sequence[Recipient], transaction: Transaction) -> tuple[RecipientOutcome, ...]:
    """Say what became of each recipient, in order.

    ====================================  =========================================================
    connection, cut before the dot        deferred: certain that nothing went
    4xx or 5xx at MAIL                    deferred: nothing is wrong with the recipients (5xx stops
                                          the run); refused on 552, the message is too big
    5xx / 4xx on one RCPT                 refused / deferred, that recipient only
    5xx / 4xx at DATA or after the dot    refused / deferred, those whose RCPT passed
    2xx after the dot                     accepted, those whose RCPT passed
    no reply after the dot                uncertain, those whose RCPT passed
    ====================================  =========================================================

    After the dot, a recipient without an RCPT reply or a reply outside 2xx, 4xx and 5xx is
    uncertain too: where there is no evidence, it is not sent again.
    """
    asked = dict(transaction.rcpt)
    return tuple(
        RecipientOutcome(contact=r.contact, address=r.address, status=status, reply=reply)
        for r in recipients
        for status, reply in (_outcome(asked.get(r.address), transaction),)
    )


def attempting(
    recipients: Sequence[Recipient], rcpt: Sequence[tuple[str, Reply]]
) -> tuple[RecipientOutcome, ...]:
    """Say what holds of each recipient if nothing more is ever written: the dot is about to go out."""
    return verdict(recipients, Transaction(stage=Stage.DOT, rcpt=tuple(rcpt)))


def effect(transaction: Transaction) -> Effect:
    """Say whether the run goes on, waits, or stops.

    A 5xx at MAIL stops it, save 552, which answers the message's declared size (RFC 1870 6.1) and
    refuses that message only. The account waits after a 421 anywhere (RFC 5321 3.8: the server
    closes), a lost connection, a 4xx at MAIL, or a 4xx in which the server speaks of itself. Any
    other 4xx defers its message, and the run goes on.
    """
    mail = transaction.mail
    if mail is not None and 500 <= mail.code < 600 and mail.code != _TOO_BIG:
        return Effect.STOP
    addressed = [reply for _, reply in transaction.rcpt]
    others = [r for r in (mail, transaction.archive, transaction.data, transaction.final) if r is not None]
    waits = (
        any(reply.code in _CLOSING for reply in (*addressed, *others))
        or any(reply.code in _SERVER_BUSY for reply in (transaction.data, transaction.final) if reply)
        or (mail is not None and mail.temporary)
        or _lost(transaction)
    )
    return Effect.BACK_OFF if waits else Effect.CONTINUE


def too_many_failures(failures: int, attempts: int, planned: int) -> bool:
    """Tell whether a run should stop: more than 10 failures, and more than 33 % of the batch.

    ``failures`` are messages refused or in doubt, never deferred ones; ``planned`` is the batch's
    number of messages (where it is not known, 0, ``attempts`` stands for it).
    """
    return failures > 10 and 100 * failures > 33 * (planned or attempts)


def _lost(transaction: Transaction) -> bool:
    """Tell whether the connection went, rather than a reply refusing something."""
    replies = {
        Stage.CONNECT: None,
        Stage.MAIL: transaction.mail,
        Stage.RCPT: transaction.rcpt[-1][1] if transaction.rcpt else None,
        Stage.DATA: transaction.data,
        Stage.DOT: transaction.final,
    }
    reply = replies[transaction.stage]
    return reply is None or (bool(transaction.error) and reply.code < 400)


def _outcome(rcpt: Reply | None, transaction: Transaction) -> tuple[Status, Reply | None]:
    if transaction.stage in (Stage.CONNECT, Stage.MAIL):
        mail = transaction.mail
        too_big = mail is not None and mail.code == _TOO_BIG
        return (Status.REFUSED if too_big else Status.DEFERRED), mail
    dotted = transaction.stage is Stage.DOT
    if rcpt is None:
        return (Status.UNCERTAIN if dotted else Status.DEFERRED), None
    if not rcpt.accepted:
        return _refusal(rcpt), rcpt
    if dotted:
        return _after_dot(transaction.final), transaction.final or rcpt
    if transaction.data is not None and transaction.data.code >= 400:
        return _refusal(transaction.data), transaction.data
    return Status.DEFERRED, rcpt


def _refusal(reply: Reply) -> Status:
    return Status.REFUSED if 500 <= reply.code < 600 else Status.DEFERRED


def _after_dot(final: Reply | None) -> Status:
    if final is None:
        return Status.UNCERTAIN
    if final.accepted:
        return Status.ACCEPTED
    return _refusal(final) if 400 <= final.code < 600 else Status.UNCERTAIN
