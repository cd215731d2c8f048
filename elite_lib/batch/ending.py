"""How a run ended: as a value for its caller, and as RUN_ENDED in the journal for everybody else."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import dataclass

from elite_lib import exceptions
from elite_lib.exceptions import (
    AuthenticationError,
    ConfigError,
    EliteError,
    JournalLockedError,
    OutboxError,
    ServerUnavailableError,
    TransportError,
)
from elite_lib.journal import Journal
from elite_lib.models import Batch, Entry, EntryKind, Reply, StopReason, Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    reason: StopReason
    detail: str = ""  # the server's or the system's words
    resume_at: dt.datetime | None = None
    error: EliteError | None = None  # what ``labels.explain`` can say better than the reason alone


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What one execution did. Counts are messages; the truth per recipient is in the journal."""

    id: str
    sent: int = 0  # accepted for at least one recipient
    attempted: int = 0
    stopped: Stop | None = None


# In this order: a class before those that it derives from.
_REASONS: tuple[tuple[type[EliteError], StopReason], ...] = (
    (JournalLockedError, StopReason.LOCKED),
    (AuthenticationError, StopReason.AUTHENTICATION),
    (ConfigError, StopReason.AUTHENTICATION),  # a password that is nowhere to be found
    (ServerUnavailableError, StopReason.SERVER),
    (TransportError, StopReason.OUTBOX),  # a frozen message that is not fit for SMTP
    (OutboxError, StopReason.OUTBOX),
)


def rehearsal(batch: Batch) -> Run:
    """Stand in for a run: nothing was sent."""
    return Run(id=f"rehearsal-{batch.id}")


def stop_of(error: EliteError) -> Stop:
    """Say as a value why a run could not start or go on."""
    if isinstance(error, OutboxError) and error.code == "batch_superseded":
        return Stop(reason=StopReason.SUPERSEDED, detail=str(error.fields.get("newest", "")))
    reason = next((r for kind, r in _REASONS if isinstance(error, kind)), StopReason.JOURNAL)
    words = [str(error.fields[name]) for name in ("reply_code", "text", "detail") if error.fields.get(name)]
    return Stop(reason=reason, detail=" ".join(words) or error.code, error=error)


def words_of(transaction: Transaction) -> str:
    """Quote the reply that refused, else what cut the connection."""
    last = next((reply for reply in reversed(_replies(transaction)) if reply.code >= 400), None)
    return f"{last.code} {last.text}" if last else transaction.error


def codes_of(transaction: Transaction) -> set[int]:
    """List the codes of the replies that were read."""
    return {reply.code for reply in _replies(transaction)}


def _replies(transaction: Transaction) -> list[Reply]:
    rcpt = [reply for _, reply in transaction.rcpt]
    found = [transaction.mail, *rcpt, transaction.data, transaction.final]
    return [reply for reply in found if reply is not None]


def record_end(
    journal: Journal, ended: Run, *, batch: Batch, operator: str, on_entry: Callable[[Entry], None]
) -> None:
    """Append RUN_ENDED, so that whoever follows the journal knows the end and its reason."""
    stop = ended.stopped
    entry = Entry(
        kind=EntryKind.RUN_ENDED,
        operator=operator,
        account=batch.account,
        month=batch.period.key,
        batch=batch.id,
        run=ended.id,
        data={
            "sent": ended.sent,
            "attempted": ended.attempted,
            "stopped": stop.reason.value if stop else None,
            "detail": stop.detail if stop else "",
            "resume_at": stop.resume_at.isoformat() if stop and stop.resume_at else None,
            "error": _dumped(stop.error) if stop and stop.error else None,
        },
    )
    on_entry(journal.append(entry))


def run_of(entry: Entry) -> Run:
    """Read back how a run ended from its RUN_ENDED entry."""
    data, stop = entry.data, None
    if data["stopped"]:
        resume = data["resume_at"]
        stop = Stop(
            reason=StopReason(str(data["stopped"])),
            detail=str(data["detail"]),
            resume_at=dt.datetime.fromisoformat(str(resume)) if resume else None,
            error=_loaded(str(data["error"])) if data["error"] else None,
        )
    return Run(id=entry.run, sent=int(data["sent"] or 0), attempted=int(data["attempted"] or 0), stopped=stop)


def _dumped(error: EliteError) -> str:
    facts = {name: value for name, value in error.fields.items() if name not in _BULKY}
    return json.dumps([type(error).__name__, error.code, facts], default=str)


def _loaded(text: str) -> EliteError:
    name, code, fields = json.loads(text)
    kind: type[EliteError] = getattr(exceptions, name)
    return kind(code, **fields)


_BULKY = frozenset({"problems", "others"})  # shown where they arose; the journal keeps the first
