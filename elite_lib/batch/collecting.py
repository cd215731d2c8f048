"""Collect what came back: read the sources, tie each finding to its message, write it down once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace

from elite_lib import bounces, composition, mailbox, outcomes, tagging
from elite_lib.batch.evidence import settle_by_reports
from elite_lib.batch.office import Office, utc_now
from elite_lib.batch.preparing import addresses_set_aside
from elite_lib.batch.returning import Returned, received_at
from elite_lib.exceptions import ConfigError, EliteError, TransportError
from elite_lib.mailbox import Fetched, Position, Source
from elite_lib.models import (
    Entry,
    EntryKind,
    MailReport,
    RecipientOutcome,
    ReturnKind,
    Status,
)

_QUIET = dt.timedelta(hours=1)  # a look that found nothing is written down that often
_EARLIER = dt.timedelta(days=31)  # than the first batch: a journal that was lost may have had older ones
# What nobody sent us mail about is shown all the same: somebody should look at it.
_SHOWN = frozenset({ReturnKind.BOUNCE, ReturnKind.COMPLAINT})


@dataclass(slots=True, kw_only=True)
class Reading:
    """One source, as far as it was read."""

    source: str  # its key
    read: int = 0  # messages
    returns: int = 0  # of them, those that came back for some reason and were not known yet
    tied: int = 0  # findings about a message of ours
    untied: int = 0
    error: EliteError | None = None  # what stopped it


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """What a collection found."""

    readings: tuple[Reading, ...] = ()
    entries: tuple[Entry, ...] = ()  # RETURNED, those that are new
    settled: tuple[Entry, ...] = ()  # RESOLVED: what was in doubt, and is not any more

    @property
    def read(self) -> int:
        return sum(reading.read for reading in self.readings)

    @property
    def returns(self) -> int:
        return sum(reading.returns for reading in self.readings)

    @property
    def tied(self) -> int:
        return sum(reading.tied for reading in self.readings)

    @property
    def untied(self) -> int:
        return sum(reading.untied for reading in self.readings)

    @property
    def errors(self) -> tuple[EliteError, ...]:
        return tuple(reading.error for reading in self.readings if reading.error is not None)


def sources_of(office: Office, *, timeout: float | None = None) -> tuple[Source, ...]:
    """Make the home's sources; none when nothing is filled in. ``timeout``: seconds for each answer.

    Raises:
        ConfigError: one of ``[returns] sources`` cannot be used.
    """
    return mailbox.sources_of(office.settings, timeout=timeout)


def collect(
    office: Office,
    *,
    sources: Sequence[Source] | None = None,
    on_entry: Callable[[Entry], None] = lambda _entry: None,
    should_stop: Callable[[], bool] = bool,
) -> Collected:
    """Read what came back since the last time, and settle what it proves. Again at once: nothing changes.

    What stops a source is in its :class:`Reading` and in the journal; the others are read all the same, and
    what was read before it stays. ``should_stop`` is asked between two messages.

    Raises:
        ConfigError: ``imap_missing``: there is nowhere to look.
        StorageError, JournalError: it cannot be written; what was written is good.
    """
    sources = sources_of(office) if sources is None else sources
    if not sources:
        raise ConfigError("imap_missing", file=str(office.settings.home.toml))
    collection = Collection(office, on_entry=on_entry, should_stop=should_stop)
    try:
        readings = tuple(collection.read(source) for source in sources)
    finally:
        for source in sources:
            source.close()
    lines = {entry.line for entry in collection.entries if entry.line}
    settled = settle_by_reports(office, lines)
    for entry in settled:
        on_entry(entry)
    if collection.entries:
        office.outbox.remember(office.journal.mark(), durable=True)
    return Collected(readings=readings, entries=tuple(collection.entries), settled=settled)


@dataclass(slots=True)
class Collection:
    """One go through the sources. It only appends to the journal, and keeps the messages that it wrote of."""

    office: Office
    on_entry: Callable[[Entry], None] = lambda _entry: None
    should_stop: Callable[[], bool] = bool
    may_write: Callable[[], AbstractContextManager[object]] = nullcontext  # around each entry
    entries: list[Entry] = field(default_factory=list)
    _known: dict[str, dict[int, bool]] | None = None

    def read(self, source: Source) -> Reading:
        """Read one source from where the last reading ended, and note how far."""
        before = self.office.journal.latest(EntryKind.COLLECTED, source.key, own=True)
        since = _position(before)
        reading, ours, reached = Reading(source=source.key), list[Position](), since
        try:
            for fetched in source.fetch(since, not_before=self._first()):
                if self._take(fetched, reading):
                    ours.append(fetched.position)
                reading.read += 1
                reached = fetched.position
                if self.should_stop():
                    break
        except (ConfigError, TransportError) as error:
            reading.error = error
        else:
            try:
                source.put_away(ours)
            except (ConfigError, TransportError) as error:
                reading.error, reached = error, since  # read again next time, known by then, and moved
        self._note(reading, reached, before)
        return reading

    def _first(self) -> dt.datetime:
        """Say when the first message left: what came before it cannot be about one."""
        prepared = self.office.journal.entries(kinds=[EntryKind.BATCH_PREPARED])
        return min((entry.at for entry in prepared if entry.at), default=utc_now()) - _EARLIER

    def _take(self, fetched: Fetched, reading: Reading) -> bool:
        """Write down what one message says; tell whether it is about a message of ours.

        Ordinary mail is neither kept nor written: it is nobody's business.
        """
        report = bounces.classify(fetched.content)
        if report.kind is ReturnKind.NONE:
            return False
        received = received_at(fetched.content, report, now=utc_now())
        returned = Returned(content=fetched.content, report=report, received=received, source=reading.source)
        known = self._written().get(returned.digest, {})
        if len(known) == len(outcomes.named(report)):
            return any(known.values())
        ties = self._ties(report, received)
        if not any(ties) and report.kind not in _SHOWN:
            return False
        if not known:  # first: an entry without its message could not be looked into
            returned.keep(self.office.settings.home.returns)
        operator = self.office.operator
        found = (returned.entries(part, tied, operator=operator) for part, tied in enumerate(ties))
        written = [entry for entries in found for entry in self._append(*entries)]
        self._written()[returned.digest] = {part: tied is not None for part, tied in enumerate(ties)}
        reading.returns += bool(written)
        reading.tied += sum(bool(entry.line) and not entry.follows for entry in written)
        reading.untied += sum(not entry.line for entry in written)
        return any(ties)

    def _append(self, *entries: Entry) -> list[Entry]:
        with self.may_write():
            written = self.office.journal.append_once(*entries)
        for entry in written:
            self.entries.append(entry)
            self.on_entry(entry)
        return written

    def _written(self) -> dict[str, dict[int, bool]]:
        """Give what is in the journal already: by a message's digest, which findings, and whether of ours."""
        if self._known is None:
            self._known = {}
            for entry in self.office.journal.returns():
                findings = self._known.setdefault(str(entry.data["digest"]), {})
                findings[int(entry.data["part"] or 0)] = bool(entry.line)
        return self._known

    def _ties(self, report: MailReport, received: dt.datetime) -> tuple[outcomes.Tied | None, ...]:
        office, account = self.office, self.office.settings.mail
        ours = [account.archive, account.sender] if account else []
        # another tag is of the office's own making ("compta+factures@"): it names no message
        report = replace(report, token=tagging.token_of(f"+{report.token}@"))
        entries = list[Entry]()
        if outcomes.by_address(report):
            addresses = {name for names in outcomes.named(report) for name in names}
            for address in sorted(addresses):
                entries += office.journal.attempts(address=address, since=received - outcomes.WINDOW)
        else:
            if report.message_id or report.token:
                entries += office.journal.attempts(message_id=report.message_id, token=report.token)
            if report.envid and not entries:
                entries += office.journal.attempts(message_id=f"<{report.envid.strip('<>')}>")
        if not entries:
            return (None,) * len(outcomes.named(report))
        answered = _with_verdicts(office, entries)
        return outcomes.tie(report, answered, received=received, ours=list(filter(None, ours)))

    def _note(self, reading: Reading, reached: Position | None, before: Entry | None) -> None:
        """Write down how far a source was read, unless nothing is new and that was said lately."""
        at = reached or Position()
        facts: dict[str, str | int | bool | None] = {
            "uidvalidity": at.uidvalidity,
            "uid": at.uid,
            "mark": at.mark,
            "read": reading.read,
            "returns": reading.returns,
            "tied": reading.tied,
            "ok": reading.error is None,
            "detail": str(reading.error) if reading.error else "",
        }
        told = ("uidvalidity", "uid", "mark", "ok", "detail")
        lately = before is not None and before.at is not None and utc_now() - before.at < _QUIET
        same = before is not None and all(before.data.get(name) == facts[name] for name in told)
        if lately and same and not reading.returns:
            return
        entry = Entry(
            kind=EntryKind.COLLECTED, operator=self.office.operator, account=reading.source, data=facts
        )
        with self.may_write():
            written = self.office.journal.append(entry)
        self.on_entry(written)


def _position(before: Entry | None) -> Position | None:
    if before is None:
        return None
    return Position(
        uidvalidity=int(before.data.get("uidvalidity") or 0),
        uid=int(before.data.get("uid") or 0),
        mark=str(before.data.get("mark") or ""),
    )


def _with_verdicts(office: Office, attempts: Iterable[Entry]) -> list[Entry]:
    """Read what became of attempts: all that the journal has of their lines."""
    lines = {entry.line for entry in attempts}
    kinds = [EntryKind.ATTEMPTING, EntryKind.HANDED_OVER, EntryKind.VERDICT]
    return office.journal.entries(lines=lines, kinds=kinds)


def clear_address(office: Office, address: str) -> Entry:
    """Let an address be written to again, by a person's word: what came back before counts no more.

    Raises:
        ConfigError: ``address_not_aside`` (value).
    """
    known = addresses_set_aside(office)
    aside = known.get(address.strip().lower()) or known.get(composition.canonical_address(address).lower())
    if aside is None:
        raise ConfigError("address_not_aside", value=address)
    outcome = RecipientOutcome(contact="", address=aside.address, status=Status.PENDING)
    return office.journal.append(
        Entry(kind=EntryKind.CLEARED, operator=office.operator, recipients=(outcome,))
    )
