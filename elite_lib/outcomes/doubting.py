"""Say what a found copy would prove of the messages whose answer was never read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from elite_lib.models import Entry, EntryKind, RecipientOutcome, RecipientState, Status
from elite_lib.outcomes.folding import fold

_LEFT = frozenset({Status.ACCEPTED, Status.UNCERTAIN})

Pair = tuple[str, str]  # contact, address


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """One message in doubt, and for whom evidence would settle it."""

    line: str
    month: str
    batch: str
    message: str
    message_id: str
    since: datetime | None  # of the newest attempt that may have left
    recipients: tuple[Pair, ...]  # every one in doubt
    by_any: tuple[Pair, ...]  # settled by a copy in Sent, or by a report about the message
    by_archive: tuple[Pair, ...]  # settled by a copy in the archive mailbox

    @property
    def envid(self) -> str:
        return self.message_id.strip("<>")


def doubts(entries: Iterable[Entry]) -> tuple[Doubt, ...]:
    """List the messages in doubt. ``entries``: all that the journal has of the lines in question.

    A copy bears the Message-ID, not the attempt: a message that was tried again has one and the
    same. So it proves that *one* of the attempts that may have left was accepted, and for whom: who
    passed RCPT (2xx, read before the dot) in each of these attempts. An attempt of which the
    server said no left no copy; without replies in the journal nothing is proved.
    """
    known = sorted(entries, key=lambda entry: entry.id)
    uncertain: dict[tuple[str, str], list[RecipientState]] = {}
    for state in fold(known).values():
        if state.status is Status.UNCERTAIN and state.message_id and state.address:
            uncertain.setdefault((state.line, state.message_id), []).append(state)
    answers = {entry.attempt: entry for entry in known if entry.kind is EntryKind.VERDICT and entry.attempt}
    return tuple(
        _doubt(
            states, [entry for entry in known if _may_have_left(entry, answers.get(entry.id), about=about)]
        )
        for about, states in uncertain.items()
    )


def _may_have_left(entry: Entry, answer: Entry | None, *, about: tuple[str, str]) -> bool:
    if entry.kind is not EntryKind.ATTEMPTING or (entry.line, entry.data.get("message_id")) != about:
        return False
    return answer is None or any(outcome.status in _LEFT for outcome in answer.recipients)


def _doubt(states: Sequence[RecipientState], attempts: Sequence[Entry]) -> Doubt:
    first = states[0]
    pairs = tuple((state.contact, state.address) for state in states)
    archived = [entry for entry in attempts if _accepted_code(entry.data.get("archive"))]
    return Doubt(
        line=first.line,
        month=first.month,
        batch=first.batch,
        message=first.message,
        message_id=first.message_id,
        since=max((entry.at for entry in attempts if entry.at is not None), default=None),
        recipients=pairs,
        by_any=_in_each(pairs, attempts),
        by_archive=_in_each(pairs, archived),
    )


def _in_each(pairs: Sequence[Pair], attempts: Sequence[Entry]) -> tuple[Pair, ...]:
    passed = [{(o.contact, o.address) for o in entry.recipients if _passed(o)} for entry in attempts]
    return tuple(pair for pair in pairs if passed and all(pair in those for those in passed))


def _passed(outcome: RecipientOutcome) -> bool:
    return outcome.reply is not None and outcome.reply.accepted


def _accepted_code(code: object) -> bool:
    return isinstance(code, int) and 200 <= code < 300
