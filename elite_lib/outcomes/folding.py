"""Read the journal back: what is known of each recipient, what persons decided of each line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from elite_lib.models import (
    Entry,
    EntryKind,
    RecipientOutcome,
    RecipientState,
    Resolution,
    Status,
)

Key = tuple[str, str, str]  # line, contact, address

# It went, or may have gone: only a person, evidence or the same attempt's verdict takes it back.
_GONE = frozenset({Status.ACCEPTED, Status.UNCERTAIN, Status.POSTED, Status.HANDED})
_TAKEN = frozenset({Status.ACCEPTED, Status.UNCERTAIN, Status.HANDED})  # by our server, or so it may be
_STATUS_OF = {
    Resolution.ACCEPTED: Status.ACCEPTED,
    Resolution.RESEND: Status.PENDING,
    Resolution.POSTED: Status.POSTED,
}


class States(dict[Key, RecipientState]):
    """States by (line, contact, address), and of one line without a search.

    The key (line, ``""``, ``""``) is what was decided of a whole line: it speaks for recipients of
    which nothing else is known.
    """

    __slots__ = ("_attempts", "_carriers", "_keys")

    def __init__(self, onto: States | None = None) -> None:
        super().__init__(onto or ())
        self._keys: dict[str, tuple[Key, ...]] = dict(onto._keys) if onto else {}
        self._attempts: dict[Key, int] = dict(onto._attempts) if onto else {}
        self._carriers: dict[str, frozenset[Key]] = dict(onto._carriers) if onto else {}

    def of_line(self, line: str) -> list[RecipientState]:
        """List the states of one line, in the order in which they first appeared."""
        return [self[key] for key in self._keys.get(line, ())]

    def put(self, state: RecipientState, *, attempt: int | None = None) -> None:
        """Set a state; ``attempt`` is the ATTEMPTING entry that a doubt comes from."""
        key = (state.line, state.contact, state.address)
        if key not in self:
            self._keys[state.line] = (*self._keys.get(state.line, ()), key)
        if attempt is not None:
            self._attempts[key] = attempt
        for document in state.documents:
            self._carriers[document] = self._carriers.get(document, frozenset()) | {key}
        self[key] = state

    def carriers(self, document: str) -> list[RecipientState]:
        """List the states of messages that carried a document, whatever their line."""
        known = (self[key] for key in sorted(self._carriers.get(document, ())))
        return [state for state in known if document in state.documents]

    def doubted_by(self, key: Key, attempt: int | None) -> bool:
        """Tell whether the state is a doubt that this attempt left."""
        uncertain = key in self and self[key].status is Status.UNCERTAIN
        return uncertain and attempt is not None and self._attempts.get(key) == attempt

    def attempt_of(self, key: Key) -> int | None:
        """Give the newest attempt at which the server took the recipient, or may have."""
        return self._attempts.get(key)


def fold(entries: Iterable[Entry], *, onto: States | None = None) -> States:
    """Fold the entries, in the order of their ids, into what is known of each recipient.

    ``onto`` is what earlier entries gave: ``fold(b, onto=fold(a))`` is ``fold(a + b)``, so that a
    run need not read its whole month again for each message. It is left as it is.

    - ATTEMPTING sets what is true if nothing more is ever written: uncertain where RCPT passed.
    - HANDED_OVER does the same for a message that was opened in a mail program.
    - VERDICT replaces it. A verdict that nothing went does not undo that an earlier attempt went
      or may have gone, unless it is the verdict of that very attempt: a doubt ends by its own
      verdict or by RESOLVED, never otherwise (invariant 4).
    - RESOLVED settles the recipients that it names, or every one of its line. Posting a whole line
      leaves what was accepted as it is: it settles the rest, what was never tried included.
    - RETURNED with a permanent failure takes an acceptance back, and ends a doubt: the message had
      left, and did not arrive. It speaks of the attempt that it is tied to, never of a later one, and
      outlives that attempt's own verdict: a report may be faster than the server's reply.
    - ``deferrals`` counts consecutive deferred verdicts.

    Entries of other kinds, and those about no line (tests of the connection), change nothing.
    """
    states = States(onto)
    for entry in sorted(entries, key=lambda entry: entry.id):
        if entry.line and not entry.data.get("test"):
            fact = _FACTS.get(entry.kind)
            if fact is not None:
                fact(states, entry)
    return states


def _attempt(states: States, entry: Entry) -> None:
    for outcome in entry.recipients:
        if not _stands(states, entry, outcome):
            doubt = entry.id if outcome.status is Status.UNCERTAIN else None
            states.put(_state(states, entry, outcome), attempt=doubt)


def _judge(states: States, entry: Entry) -> None:
    for outcome in entry.recipients:
        if not _stands(states, entry, outcome):
            state = _state(states, entry, outcome)
            deferrals = state.deferrals + 1 if outcome.status is Status.DEFERRED else 0
            states.put(replace(state, deferrals=deferrals))


def _settle(states: States, entry: Entry) -> None:
    resolution = Resolution(str(entry.data["resolution"]))
    for outcome in entry.recipients:
        _resolve(states, entry, (entry.line, outcome.contact, outcome.address), to=resolution)
    if entry.recipients:
        return
    known = states.of_line(entry.line)
    for state in known:
        if resolution is not Resolution.POSTED or state.status is not Status.ACCEPTED:
            _resolve(states, entry, (state.line, state.contact, state.address), to=resolution)
    if not known or resolution is Resolution.POSTED:
        _resolve(states, entry, (entry.line, "", ""), to=resolution)


def _resolve(states: States, entry: Entry, key: Key, *, to: Resolution) -> None:
    line, contact, address = key
    status = _STATUS_OF[to]
    known = states.get(key) or RecipientState(line=line, contact=contact, address=address, status=status)
    # A message that never left is not one that the next message replaces.
    unsent = to is Resolution.RESEND and known.status in (Status.DEFERRED, Status.REFUSED)
    states.put(
        replace(
            known,
            status=status,
            at=entry.at,
            entry=entry.id,
            reply=None,
            message_id="" if unsent else known.message_id,
            fingerprint=known.fingerprint or _fact(entry.data, "fingerprint"),
            deferrals=0,
        )
    )


def _stands(states: States, entry: Entry, outcome: RecipientOutcome) -> bool:
    """Tell whether what is known outlives an outcome that says that nothing went."""
    key = (entry.line, outcome.contact, outcome.address)
    known = states.get(key)
    if known is not None and known.status is Status.BOUNCED:
        # faster than the verdict of its own attempt; and what came back is open again by a person's word only
        own = entry.attempt is not None and states.attempt_of(key) == entry.attempt
        return own or outcome.status not in _GONE
    if known is None or known.status not in _GONE or outcome.status in _GONE:
        return False
    return not states.doubted_by(key, entry.attempt)


def _state(states: States, entry: Entry, outcome: RecipientOutcome) -> RecipientState:
    known = states.get((entry.line, outcome.contact, outcome.address))
    return RecipientState(
        line=entry.line,
        contact=outcome.contact,
        address=outcome.address,
        status=outcome.status,
        at=entry.at,
        entry=entry.id,
        reply=outcome.reply,
        batch=entry.batch or (known.batch if known else ""),
        message=entry.message or (known.message if known else ""),
        message_id=_fact(entry.data, "message_id") or (known.message_id if known else ""),
        fingerprint=_fact(entry.data, "fingerprint") or (known.fingerprint if known else ""),
        documents=_documents(entry) or (known.documents if known else ()),
        amount=_fact(entry.data, "amount") or (known.amount if known else ""),
        month=entry.month,
        deferrals=known.deferrals if known else 0,
    )


def _documents(entry: Entry) -> tuple[str, ...]:
    numbers = _fact(entry.data, "documents")
    return tuple(numbers.split("\n")) if numbers else ()


def _come_back(states: States, entry: Entry) -> None:
    for outcome in entry.recipients:
        key = (entry.line, outcome.contact, outcome.address)
        known, newest = states.get(key), states.attempt_of(key)
        if outcome.status is not Status.BOUNCED or known is None or known.status not in _TAKEN:
            continue
        if entry.attempt is not None and newest is not None and entry.attempt < newest:
            continue  # what was sent once more bears the same Message-ID
        if known.message_id == _fact(entry.data, "message_id"):
            states.put(
                replace(known, status=Status.BOUNCED, at=entry.at, entry=entry.id, reply=outcome.reply)
            )


_FACTS = {
    EntryKind.ATTEMPTING: _attempt,
    EntryKind.HANDED_OVER: _attempt,
    EntryKind.VERDICT: _judge,
    EntryKind.RESOLVED: _settle,
    EntryKind.RETURNED: _come_back,
}


def _fact(data: Mapping[str, str | int | bool | None], name: str) -> str:
    value = data.get(name)
    return value if isinstance(value, str) else ""


def unticked(entries: Iterable[Entry]) -> frozenset[str]:
    """List the lines that a person left out and nobody took in again since."""
    left_out: set[str] = set()
    for entry in sorted(entries, key=lambda entry: entry.id):
        if entry.kind is EntryKind.UNTICKED:
            left_out.add(entry.line)
        elif entry.kind is EntryKind.TICKED:
            left_out.discard(entry.line)
    return frozenset(left_out)


def printed(entries: Iterable[Entry]) -> frozenset[str]:
    """List the lines whose documents were printed at least once."""
    return frozenset(entry.line for entry in entries if entry.kind is EntryKind.PRINTED)


def released(entries: Iterable[Entry]) -> dict[str, tuple[str, ...]]:
    """Give, by line, the addresses to which a person said that it goes (RESOLVED resend that names some).

    Only who settles a line of a resident known to be dead chooses: what was sent again before, or is tried
    again, says nothing of whom it goes to after a death. The last word counts: who corrects an
    address replaces it. Sending once more to some of those already tried is no new choice, and drops
    none of the others.
    """
    chosen: dict[str, tuple[str, ...]] = {}
    tried: set[tuple[str, str]] = set()
    for entry in sorted(entries, key=lambda entry: entry.id):
        if entry.kind in (EntryKind.ATTEMPTING, EntryKind.VERDICT, EntryKind.HANDED_OVER):
            tried.update((entry.line, outcome.address) for outcome in entry.recipients)
        resent = entry.kind is EntryKind.RESOLVED and entry.data.get("resolution") == Resolution.RESEND
        if not resent or entry.data.get("by") != "person" or not entry.data.get("deceased"):
            continue
        named = tuple(dict.fromkeys(outcome.address for outcome in entry.recipients if outcome.address))
        again = all((entry.line, a) in tried and a in chosen.get(entry.line, ()) for a in named)
        if named and not again:
            chosen[entry.line] = named
    return chosen
