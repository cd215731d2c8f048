"""Look for proof that messages in doubt were accepted, and settle them by it; never by its absence."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from elite_lib import outcomes, tokens
from elite_lib.batch.handed import settle_handed
from elite_lib.batch.office import Office, utc_now
from elite_lib.exceptions import ConfigError, EliteError, TransportError
from elite_lib.mailbox.opening import Mailboxes, home_mailboxes
from elite_lib.models import (
    Batch,
    Entry,
    EntryKind,
    EvidencePlace,
    Period,
    RecipientOutcome,
    Resolution,
    Status,
    Tie,
)
from elite_lib.outcomes import Doubt

GRACE = dt.timedelta(hours=1)  # a copy may wait in a queue that long; after it, a person is to decide

_NAMED = frozenset({Tie.TOKEN, Tie.MESSAGE_ID, Tie.ENVID})

Witness = Callable[[Doubt], bool]
"""Says whether something bears a message's Message-ID (or ENVID); raises what stops it from knowing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """What the search gave."""

    settled: tuple[Entry, ...] = ()
    absent: tuple[Doubt, ...] = ()  # not found after the grace period: no proof of anything
    waiting: tuple[Doubt, ...] = ()  # not found yet
    handed: tuple[str, ...] = ()  # lines that are still in a mail program, as far as one can see
    errors: tuple[EliteError, ...] = ()  # of mailboxes that could not be asked


def mailboxes_of(office: Office, *, timeout: float | None = None) -> Mailboxes | None:
    """Make the home's mailboxes, with this many seconds per answer; None when ``[imap]`` is not filled in."""
    settings = office.settings
    if settings.imap is None:
        return None
    account = replace(settings.imap, timeout=timeout) if timeout else settings.imap
    tokens_ = tokens.of_home(settings, os.environ)
    return home_mailboxes(account, home=settings.home, environ=os.environ, tokens=tokens_)


def settle_by_evidence(
    office: Office,
    period: Period,
    *,
    invoice: str = "",
    mailboxes: Mailboxes | None = None,
    now: dt.datetime | None = None,
) -> Sought:
    """Settle what is in doubt in the period (or of one line of it) by what our mailboxes hold.

    And by what came back, as far as the journal has it: ``collect`` first.

    Raises:
        ConfigError: ``imap_missing``: there is nowhere to look; ``line_unknown``: the journal does not
            know that line in the period.
    """
    own = mailboxes or mailboxes_of(office)
    if own is None and not office.journal.returns():
        raise ConfigError("imap_missing", file=str(office.settings.home.toml))
    lines = {entry.line for entry in office.journal.entries(period=period) if entry.line}
    if invoice and invoice not in lines:
        raise ConfigError("line_unknown", value=invoice, period=period.key)
    lines = {invoice} if invoice else lines
    try:
        sought = search(office, lines, _witnesses(office, own), now=now or utc_now())
        return _with_handed(office, sought, own, lines) if own is not None else sought
    finally:
        if own is not None:
            own.close()


def search_before_run(
    office: Office, batch: Batch, mailboxes: Mailboxes | None, *, run: str, on_entry: Callable[[Entry], None]
) -> None:
    """Settle what the batch's lines have in doubt before a run; a failure is noted and stops nothing."""
    lines = {message.line for message in batch.messages}
    sought = search(office, lines, _witnesses(office, mailboxes), now=utc_now(), run=run)
    if mailboxes is not None:
        sought = _with_handed(office, sought, mailboxes, lines)
        mailboxes.close()
    for entry in sought.settled:
        on_entry(entry)
    for error in sought.errors:
        note = Entry(
            kind=EntryKind.MAILBOX,
            operator=office.operator,
            account=batch.account,
            month=batch.period.key,
            batch=batch.id,
            run=run,
            data={"act": "evidence", "ok": False, "detail": str(error)},
        )
        with contextlib.suppress(EliteError):
            on_entry(office.journal.append(note))


def _with_handed(office: Office, sought: Sought, mailboxes: Mailboxes, lines: Iterable[str]) -> Sought:
    """Look for what mail programs sent, too, in the same mailboxes."""
    settled, still, errors = settle_handed(office, mailboxes, lines=sorted(lines))
    return replace(sought, settled=sought.settled + settled, handed=still, errors=(*sought.errors, *errors))


def settle_by_reports(office: Office, lines: Iterable[str], *, run: str = "") -> tuple[Entry, ...]:
    """Settle what these lines have in doubt by what came back, as the journal knows it. Asks no mailbox.

    Raises:
        StorageError, JournalError: it cannot be written.
    """
    return search(office, lines, _witnesses(office, None), now=utc_now(), run=run).settled


def _witnesses(office: Office, mailboxes: Mailboxes | None) -> Mapping[EvidencePlace, Witness]:
    found: dict[EvidencePlace, Witness] = {}
    if mailboxes is not None:
        found[EvidencePlace.ARCHIVE] = lambda doubt: bool(
            doubt.by_archive and mailboxes.archive.count(doubt.message_id, mailboxes.archive_folder)
        )
        found[EvidencePlace.SENT] = lambda doubt: bool(
            doubt.by_any and mailboxes.own.count(doubt.message_id, mailboxes.sent_folder())
        )
    found[EvidencePlace.REPORT] = lambda doubt: bool(doubt.by_any and _reported(office, doubt))
    return found


def _reported(office: Office, doubt: Doubt) -> bool:
    """Tell whether something came back that names the message: our server had taken it then.

    What was tied by an address and the time only names none, and proves nothing.
    """
    returned = office.journal.entries(lines=[doubt.line], kinds=[EntryKind.RETURNED])
    return any(
        entry.data.get("message_id") == doubt.message_id and entry.data.get("tied") in _NAMED
        for entry in returned
    )


def search(
    office: Office,
    lines: Iterable[str],
    witnesses: Mapping[EvidencePlace, Witness],
    *,
    now: dt.datetime,
    run: str = "",
) -> Sought:
    """Ask each witness about each doubt of these lines, in order; one that fails is not asked again."""
    wanted = set(lines)
    doubts = outcomes.doubts(office.journal.entries(lines=wanted)) if wanted else ()
    asked, errors, settled, unfound = dict(witnesses), list[EliteError](), list[Entry](), list[Doubt]()
    for doubt in doubts:
        open_ = set(doubt.recipients)
        for place in tuple(asked):
            proved = doubt.by_archive if place is EvidencePlace.ARCHIVE else doubt.by_any
            left = [pair for pair in proved if pair in open_]
            try:
                found = bool(left) and asked[place](doubt)
            except (ConfigError, TransportError) as error:
                errors.append(error)
                del asked[place]
                continue
            if found:
                settled.append(office.journal.append(_resolved(office, doubt, left, place=place, run=run)))
                open_ -= set(left)
        if open_:
            unfound.append(doubt)
    if settled:
        office.outbox.remember(office.journal.mark(), durable=True)
    late = [doubt for doubt in unfound if doubt.since is None or now - doubt.since > GRACE]
    return Sought(
        settled=tuple(settled),
        absent=tuple(late),
        waiting=tuple(doubt for doubt in unfound if doubt not in late),
        errors=tuple(errors),
    )


def _resolved(
    office: Office, doubt: Doubt, pairs: Sequence[tuple[str, str]], *, place: EvidencePlace, run: str
) -> Entry:
    return Entry(
        kind=EntryKind.RESOLVED,
        operator=office.operator,
        month=doubt.month,
        batch=doubt.batch,
        run=run,
        line=doubt.line,
        message=doubt.message,
        recipients=tuple(
            RecipientOutcome(contact=contact, address=address, status=Status.ACCEPTED)
            for contact, address in pairs
        ),
        data={
            "resolution": Resolution.ACCEPTED.value,
            "by": "evidence",
            "where": place.value,
            "message_id": doubt.message_id,
        },
    )
