"""Say which addresses are set aside: what came back about them weighs too much to write there again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from elite_lib.models import Entry, EntryKind, ReturnClass, ReturnKind, ReturnRule, SetAside

# An address that does not exist, or one that could not be delivered to this time. What is ours to fix, a
# block or a limit says nothing against an address.
_SCORES = {
    ReturnClass.HARD: 1.0,
    ReturnClass.MAILBOX_FULL: 0.5,
    ReturnClass.SOFT: 0.5,
    ReturnClass.UNKNOWN: 0.5,
}
_ARRIVED = frozenset({ReturnKind.DELIVERED, ReturnKind.MDN})


@dataclass(slots=True)
class _Record:
    """What came back about one address since it was last known to be good."""

    days: dict[date, tuple[float, Entry]]

    def add(self, score: float, entry: Entry, at: datetime) -> None:
        """Count the worst of a day once: ten reports about one message are one failure."""
        known = self.days.get(at.date())
        if known is None or score >= known[0]:
            self.days[at.date()] = (score, entry)


def set_aside(entries: Iterable[Entry], rule: ReturnRule, *, now: datetime) -> Mapping[str, SetAside]:
    """Give what is set aside, by address in small letters.

    ``entries`` are the RETURNED and CLEARED of all times. A permanent failure scores 1, a transient
    one 0.5 as long as it is younger than ``rule.forget_days``, at most once a day; a person who
    clears an address, and a proof that something arrived there, start it afresh. Only what is tied
    to a message of ours counts: a forged report sets nothing aside.
    """
    records: dict[str, _Record] = {}
    for entry in sorted(entries, key=lambda entry: entry.id):
        for address in _addresses(entry):
            if entry.kind is EntryKind.CLEARED or _arrived(entry):
                records.pop(address, None)
            elif (score := _score(entry)) and entry.at is not None:
                records.setdefault(address, _Record({})).add(score, entry, entry.at)
    oldest = now - timedelta(days=rule.forget_days)
    found = ((address, _weigh(record, rule.threshold, oldest)) for address, record in records.items())
    return {address: aside for address, aside in found if aside is not None}


def _addresses(entry: Entry) -> Iterator[str]:
    if entry.kind is EntryKind.CLEARED or (entry.kind is EntryKind.RETURNED and entry.line):
        yield from (outcome.address.lower() for outcome in entry.recipients if outcome.address)


def _arrived(entry: Entry) -> bool:
    # what was only relayed may still come back: no proof
    return entry.data.get("kind") in _ARRIVED and entry.data.get("relayed") is not True


def _score(entry: Entry) -> float:
    failed = entry.data.get("kind") == ReturnKind.BOUNCE and entry.data.get("final") is True
    if not failed or entry.data.get("ours") is True:
        return 0.0
    return _SCORES.get(ReturnClass(str(entry.data["class"])), 0.0)


def _weigh(record: _Record, threshold: float, oldest: datetime) -> SetAside | None:
    total, since = 0.0, None
    for score, entry in (record.days[day] for day in sorted(record.days)):
        if score < 1 and entry.at is not None and entry.at < oldest:
            continue
        total += score
        if since is None and total >= threshold:
            since = entry
    if since is None or since.at is None:
        return None
    _, newest = record.days[max(record.days)]
    return SetAside(
        address=newest.recipients[0].address,
        score=total,
        since=since.at,
        cls=ReturnClass(str(newest.data["class"])),
        reason=str(newest.data.get("reason") or ""),
        entry=newest.id,
    )
