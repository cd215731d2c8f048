"""Tie what came back to the attempt that it is about, or to nothing.

A report is believed as far as it proves that it is about a message of ours: by the tag of our return path,
by our Message-ID, by our ENVID. One that bears another identity is about something else, whatever address
it names: a forged or foreign report ties to nothing. Only what bears no identity at all, as one in ten real
ones does, is tied by the address and the time, and only where a single line can be meant.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from elite_lib.models import Entry, EntryKind, MailReport, RecipientOutcome, ReturnKind, Status, Tie

WINDOW = timedelta(days=15)  # servers give up after five days (RFC 5321 4.5.4.1); some people collect late
SLACK = timedelta(minutes=10)  # clocks of two machines
# A person's words, and an automatic reply in a person's name, may be about anything.
_BY_MACHINE = frozenset({ReturnKind.BOUNCE, ReturnKind.DELIVERED, ReturnKind.COMPLAINT})
_LEFT = frozenset({Status.ACCEPTED, Status.UNCERTAIN, Status.HANDED})
_LEAVING = frozenset({EntryKind.ATTEMPTING, EntryKind.HANDED_OVER})

Names = tuple[str, ...]  # the addresses that one finding gives to one recipient


@dataclass(frozen=True, slots=True, kw_only=True)
class Tied:
    """What a finding is about. Without an address: the message is ours, its recipient is not known."""

    attempt: Entry
    contact: str
    address: str  # as we wrote to it
    by: Tie
    beside: tuple[Entry, ...] = ()  # attempts of the parcels that left in the same message

    @property
    def message_id(self) -> str:
        return str(self.attempt.data.get("message_id") or "")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Left:
    """An attempt, and for whom it left or may have left."""

    entry: Entry
    recipients: tuple[RecipientOutcome, ...]


def named(report: MailReport) -> tuple[Names, ...]:
    """Give the addresses of each finding, its aliases after it. A read receipt is one finding."""
    if not report.reports:
        return ((report.recipient,) if report.recipient else (),)
    return tuple(tuple(filter(None, (found.recipient, *found.aliases))) for found in report.reports)


def identified(report: MailReport) -> bool:
    """Tell whether a report says about which message it is."""
    return bool(report.token or report.message_id or report.envid)


def by_address(report: MailReport) -> bool:
    """Tell whether a report may be tied by the address and the time alone."""
    return not identified(report) and report.kind in _BY_MACHINE


def tie(
    report: MailReport, entries: Iterable[Entry], *, received: datetime, ours: Collection[str] = ()
) -> tuple[Tied | None, ...]:
    """Tie each finding of a report (see :func:`named`); None where it ties to nothing.

    ``entries`` are the attempts that the report may be about, and their verdicts: what never left
    cannot come back. ``ours`` are addresses of the office's own (the archive) that get each message too.
    """
    attempts = _departed(entries)
    findings = named(report)
    for by, mine in _identities(report, attempts):
        if mine:
            own = frozenset(map(plain, ours))
            return tuple(_of_message(names, mine, by, received=received, ours=own) for names in findings)
    if not by_address(report):
        return (None,) * len(findings)
    return tuple(_of_address(names, attempts, received) for names in findings)


def _departed(entries: Iterable[Entry]) -> list[_Left]:
    """List the attempts, oldest first, with those recipients whom the server took, or may have taken."""
    known = sorted(entries, key=lambda entry: entry.id)
    answers = {entry.attempt: entry for entry in known if entry.kind is EntryKind.VERDICT}
    found = []
    for entry in known:
        if entry.kind not in _LEAVING:
            continue
        answer = answers.get(entry.id, entry)
        left = tuple(outcome for outcome in answer.recipients if outcome.status in _LEFT)
        if left:
            found.append(_Left(entry=entry, recipients=left))
    return found


def _identities(report: MailReport, attempts: Sequence[_Left]) -> Iterable[tuple[Tie, list[_Left]]]:
    """Give what each identity of the report finds, the strongest first."""
    for by, wanted, name in (
        (Tie.TOKEN, report.token.lower(), "token"),
        (Tie.MESSAGE_ID, report.message_id.strip(), "message_id"),
        (Tie.ENVID, f"<{report.envid.strip().strip('<>')}>" if report.envid else "", "message_id"),
    ):
        yield by, [one for one in attempts if wanted and one.entry.data.get(name) == wanted]


def _of_message(
    names: Names, attempts: Sequence[_Left], by: Tie, *, received: datetime, ours: Collection[str]
) -> Tied | None:
    """Find whom a finding about a message of ours means.

    A message that went to one mailbox only is about that one, whatever address the report gives: it was
    forwarded. But not what names somebody whom we asked to be sent it too: our archive, or a recipient
    that our own server refused.
    """
    timely = [one for one in attempts if _made_before(one.entry, received)] or list(attempts)
    people = {(o.contact, o.address): one.entry for one in timely for o in one.recipients}
    wanted = {plain(name) for name in names}
    matching = [pair for pair in people if plain(pair[1]) in wanted]
    others = {plain(o.address) for one in attempts for o in one.entry.recipients} | set(ours)
    if not matching and not wanted & others and len({plain(address) for _, address in people}) == 1:
        matching = list(people)
    if not matching:
        entry = next(one.entry for one in reversed(timely) if not one.entry.follows)
        return Tied(attempt=entry, contact="", address="", by=by, beside=_beside(entry, attempts))
    contact, address = matching[0]
    entry = people[contact, address]
    return Tied(attempt=entry, contact=contact, address=address, by=by, beside=_beside(entry, attempts))


def _of_address(names: Names, attempts: Sequence[_Left], received: datetime) -> Tied | None:
    """Find the newest attempt to an address shortly before, where one line alone is in question."""
    wanted = {plain(name) for name in names}
    found = [
        (one.entry, outcome)
        for one in attempts
        for outcome in one.recipients
        if plain(outcome.address) in wanted and _shortly_before(one.entry, received)
    ]
    led = [(entry, outcome) for entry, outcome in found if not entry.follows]
    if len({entry.line for entry, _ in led}) != 1:
        return None
    entry, outcome = led[-1]
    beside = _beside(entry, attempts)
    if {other.line for other, _ in found} > {entry.line, *(other.line for other in beside)}:
        return None  # it was written to about another line as well
    return Tied(
        attempt=entry, contact=outcome.contact, address=outcome.address, by=Tie.ADDRESS, beside=beside
    )


def _beside(entry: Entry, attempts: Iterable[_Left]) -> tuple[Entry, ...]:
    """List the attempts of the parcels that left in the same transaction."""
    return tuple(
        one.entry
        for one in attempts
        if one.entry.data.get("part_of") == entry.message and one.entry.at == entry.at
    )


def _made_before(entry: Entry, received: datetime) -> bool:
    return entry.at is not None and entry.at <= received + SLACK


def _shortly_before(entry: Entry, received: datetime) -> bool:
    return _made_before(entry, received) and entry.at is not None and entry.at >= received - WINDOW


def plain(address: str) -> str:
    """Write an address so that two ways of writing one mailbox are the same: small letters, punycode.

    RFC 5321 2.4 lets a server tell ``A@`` from ``a@``; none of those that families use does.
    """
    local, _, domain = address.strip().lower().rpartition("@")
    try:
        return f"{local}@{domain.encode('idna').decode('ascii') if not domain.isascii() else domain}"
    except UnicodeError:
        return f"{local}@{domain}"
