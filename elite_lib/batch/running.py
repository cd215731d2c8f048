"""Run: the only function that sends in bulk."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import replace

from elite_lib import outcomes, pacing
from elite_lib.batch.carrying import carried_by
from elite_lib.batch.ending import Run, Stop, codes_of, record_end, stop_of, words_of
from elite_lib.batch.means import Means, Serve
from elite_lib.batch.queueing import Queue, Rules, Turn
from elite_lib.exceptions import ConfigError, OutboxError, TransportError
from elite_lib.models import (
    Batch,
    BatchMessage,
    Entry,
    EntryKind,
    Envelope,
    Reply,
    Status,
    StopReason,
    Transaction,
)

LONGEST_WAIT = dt.timedelta(hours=1, minutes=1)  # an hourly cap is waited for; a daily one ends the run
_TOO_MANY = 432  # Microsoft: too many connections, its own wait (mail.md, retry table)
_PATIENCE = 20  # such waits in a row: 42 minutes
_POLL = 0.5  # seconds: how fast Stop and Pause are obeyed while waiting


def run(
    batch: Batch,
    means: Means,
    *,
    run_id: str,
    operator: str,
    on_entry: Callable[[Entry], None] = lambda _entry: None,
    should_stop: Callable[[], bool] = bool,
    serve: Serve | None = None,
) -> Run:
    """Send what remains of a frozen batch. The caller holds the account's lock.

    For each pending message: wait for the next slot, send, append the verdict. ``on_entry`` sees
    every entry that was written; ``should_stop`` is asked between two messages only, like the
    STOP, PAUSE and RESUME that others append; ``serve`` sends what others QUEUED. What happens to one
    message is in the journal; what stops the run is in ``Run.stopped``; RUN_STARTED and RUN_ENDED
    frame it in every case.

    Raises:
        StorageError, JournalError: the journal cannot be written; the run ended *before* the next
            dot, and what was in flight is uncertain at worst.
    """
    runner = _Runner(batch, means, run_id=run_id, operator=operator, on_entry=on_entry)
    runner.should_stop, runner.serve = should_stop, serve
    planned = len(outcomes.pending(batch, runner.states))
    runner.append(runner.filled(Entry(kind=EntryKind.RUN_STARTED, data={"planned": planned})))
    try:
        stopped = _guarded(runner)
    finally:
        means.transport.close()
    ended = Run(id=run_id, sent=runner.sent, attempted=runner.attempted, stopped=stopped)
    record_end(means.journal, ended, batch=batch, operator=operator, on_entry=on_entry)
    means.outbox.remember(means.journal.mark(), durable=True)
    return ended


def _guarded(runner: _Runner) -> Stop | None:
    try:
        if outcomes.pending(runner.batch, runner.states):
            runner.means.transport.open()
        return runner.loop()
    except (ConfigError, TransportError, OutboxError) as error:
        return stop_of(error)


class _Runner:
    """One execution over one batch. The truth is in the journal; here is what this run needs of it."""

    def __init__(
        self,
        batch: Batch,
        means: Means,
        *,
        run_id: str,
        operator: str,
        on_entry: Callable[[Entry], None],
    ) -> None:
        self.batch, self.means, self.run_id, self.operator = batch, means, run_id, operator
        self.on_entry = on_entry
        self.should_stop: Callable[[], bool] = bool
        self.serve: Serve | None = None
        self.queued: list[Entry] = []  # what others want to send on this account
        self.seen = means.journal.mark().entry  # first: what comes from here on is read in catch_up
        # asked before we could look: between the start of the process and now
        self.asked = bool(means.journal.entries(kinds=[EntryKind.STOP], run=run_id))
        self.paused = False
        self.news = False  # since the turn was chosen, something came back or left on this account
        self.lines = {message.line for message in batch.messages}
        self.amounts = {line.key: str(line.amount) for line in batch.lines}
        self.states = outcomes.fold(means.journal.entries(lines=self.lines))
        rules = Rules(pace=means.pace, lanes=means.lanes, canary=means.canary)
        self.queue = Queue(batch, means.journal, rules, now=means.clock.now())
        self.sent = self.attempted = self.failures = self.outages = 0

    def append(self, *entries: Entry) -> list[Entry]:
        """Write entries about this run, and let the outbox know how far the journal goes."""
        written = self.means.journal.append_together(entries)
        self.means.outbox.remember(self.means.journal.mark())
        for entry in written:
            self.on_entry(entry)
        return written

    def filled(self, entry: Entry) -> Entry:
        """Fill in what every entry of this run has."""
        batch = self.batch
        return replace(
            entry, operator=self.operator, account=batch.account, batch=batch.id, run=self.run_id,
            month=entry.month or batch.period.key,
        )  # fmt: skip

    # -- what others wrote -----------------------------------------------------------------------

    def catch_up(self) -> Stop | None:
        """Read what is new in the journal: our own entries, what came back, a person's decisions, orders."""
        fresh = self.means.journal.entries(after=self.seen)
        self.seen = fresh[-1].id if fresh else self.seen
        self.states = outcomes.fold([e for e in fresh if e.line in self.lines], onto=self.states)
        returned = [entry for entry in fresh if entry.kind is EntryKind.RETURNED]
        if returned:
            self.news = True
            self.queue.returned(returned, self.means.clock.now())
        mine = [entry for entry in fresh if entry.account == self.batch.account]
        self.queued += [entry for entry in mine if entry.kind is EntryKind.QUEUED]
        others = [entry for entry in mine if entry.run != self.run_id]
        self.queue.left_beside(others, self.means.clock.now())
        for entry in fresh:
            if entry.kind is EntryKind.STOP and entry.run in ("", self.run_id):
                return Stop(reason=StopReason.REQUESTED)
            if entry.kind is EntryKind.BATCH_PREPARED and self._supersedes(entry):
                return Stop(reason=StopReason.SUPERSEDED, detail=entry.batch)
            if entry.kind in (EntryKind.PAUSE, EntryKind.RESUME) and entry.run in ("", self.run_id):
                self.paused = entry.kind is EntryKind.PAUSE
        return Stop(reason=StopReason.REQUESTED) if self.asked or self.should_stop() else None

    def _supersedes(self, entry: Entry) -> bool:
        first, last = str(entry.data["first"]), str(entry.data["last"])
        period = self.batch.period
        return entry.batch != self.batch.id and first <= period.last and period.first <= last

    def wait_until(self, instant: dt.datetime) -> Stop | None:
        """Wait, obeying orders twice a second. A clock set back never makes it longer than was meant."""
        remaining = (instant - self.means.clock.now()).total_seconds()
        while True:
            stop = self.catch_up() or self._came_back()
            self._serve()
            if stop is not None or (remaining <= 0 and not self.paused):
                return stop
            nap = _POLL if self.paused else min(_POLL, remaining)
            self.means.clock.sleep(nap)
            remaining = min(remaining - nap, (instant - self.means.clock.now()).total_seconds())

    def _serve(self) -> None:
        """Send what others wait to send, between two messages of ours; its attempts count in our pace."""
        while self.serve is not None and self.queued:
            self.serve(self.queued.pop(0), self._told_to_stop)
            self.news = True

    def _told_to_stop(self) -> bool:
        told = self.means.journal.entries(kinds=[EntryKind.STOP], after=self.seen)
        return self.should_stop() or any(entry.run in ("", self.run_id) for entry in told)

    # -- the loop --------------------------------------------------------------------------------

    def loop(self) -> Stop | None:
        """Take one message after the other until none is left for this run."""
        while True:
            stop = self.catch_up()
            self.news = False
            turn = self.queue.next(self.states, self.means.clock.now())
            if stop is not None or turn is None:
                return stop
            stop = self._wait_for_turn(turn)
            if stop is not None:
                return stop
            if self.news:
                continue  # its lane may be slower now
            message = turn.message
            if message not in outcomes.pending(self.batch, self.states):
                continue  # a person settled it while we waited
            if any(
                outcomes.changed(part.fingerprint, part, part.line, self.states)
                for part in self.batch.parts(message)
            ):
                # Another version reached this contact after the batch was frozen: preparing again holds it.
                self.queue.given_up.add(message.key)
                continue
            stop = self._weigh(message, self.attempt(turn))
            if stop is not None:
                return stop

    def _wait_for_turn(self, turn: Turn) -> Stop | None:
        slot = turn.departure.at
        if slot - self.means.clock.now() > LONGEST_WAIT:
            return Stop(reason=StopReason.QUOTA, resume_at=slot)
        return self.wait_until(slot)

    def _came_back(self) -> Stop | None:
        """Stop before the others leave when a canary was refused, or came back."""
        if not self.queue.watching or not self.queue.flown:
            return None
        words = self.queue.refusals(self.states)
        return Stop(reason=StopReason.CANARY, detail="; ".join(words)) if words else None

    def attempt(self, turn: Turn) -> Transaction:
        """Send one message to the recipients that still need it; the intent is durable before the dot.

        Every parcel that it carries has an intent and a verdict of its own, written together.
        """
        message = turn.message
        carried = carried_by(self.batch, message, self.states, amounts=self.amounts)
        recipients = carried[0].recipients
        content = self.means.outbox.content(self.batch, message)
        envelope = Envelope(
            sender=message.sender,
            recipients=tuple(r.address for r in recipients),
            archive=self.batch.archive,
            envid=message.envid,
        )
        intents: list[Entry] = []

        def before_dot(rcpt: Sequence[tuple[str, Reply]], archive: Reply | None) -> None:
            told = [one.intent(rcpt, archive) for one in carried]
            intents.extend(self.append(*map(self.filled, told)))

        transaction = self.means.transport.send(envelope, content, before_dot)
        self.attempted += 1
        now = self.means.clock.now()
        self.queue.left(turn, now)
        self.queue.heard(outcomes.verdict(recipients, transaction), now)
        attempts: list[int | None] = [entry.id for entry in intents] or [None] * len(carried)
        said = [one.verdict(transaction, at) for one, at in zip(carried, attempts, strict=True)]
        self.append(*map(self.filled, said))
        return transaction

    # -- what it means for the run ---------------------------------------------------------------

    def _weigh(self, message: BatchMessage, transaction: Transaction) -> Stop | None:
        stop = self.catch_up()  # our own verdict
        documents = message.documents
        statuses = {
            outcomes.status_of(message.line, r, self.states, documents=documents) for r in message.recipients
        }
        self.sent += transaction.final is not None and transaction.final.accepted
        self.failures += bool(statuses & {Status.REFUSED, Status.UNCERTAIN})
        effect = outcomes.effect(transaction)
        if effect is outcomes.Effect.STOP:
            return Stop(reason=StopReason.SENDER_REFUSED, detail=words_of(transaction))
        if outcomes.too_many_failures(self.failures, self.attempted, planned=len(self.batch.departures)):
            return Stop(reason=StopReason.TOO_MANY_FAILURES, detail=words_of(transaction))
        if Status.DEFERRED in statuses:
            self.queue.defer(message, self.states, self.means.clock.now())
        if stop is None and effect is outcomes.Effect.BACK_OFF:
            return self._back_off(transaction)
        self.outages = 0
        return stop

    def _back_off(self, transaction: Transaction) -> Stop | None:
        """Let the whole account wait: the server is away, or wants less (432: fewer connections)."""
        pause = pacing.backoff(self.outages)
        if _TOO_MANY in codes_of(transaction):
            pause = pacing.backoff_concurrency(self.outages) if self.outages < _PATIENCE else None
        self.outages += 1
        if pause is None:
            return Stop(reason=StopReason.SERVER, detail=words_of(transaction))
        return self.wait_until(self.means.clock.now() + pause)
