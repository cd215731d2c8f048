"""One message that came back: kept as it is, and written down finding by finding."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from dataclasses import dataclass, replace
from email.parser import BytesHeaderParser
from email.utils import parsedate_to_datetime
from functools import cached_property
from pathlib import Path

from elite_lib import storage
from elite_lib.models import (
    Entry,
    EntryKind,
    Finding,
    MailReport,
    RecipientOutcome,
    Reply,
    ReturnKind,
    Status,
)
from elite_lib.outcomes import Tied

_HEAD = 64_000  # bytes of headers looked at
_OLDEST = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)  # an earlier date is a clock that was never set
_WORDS = 500  # characters of what a server said
_ACTION = re.compile(rb"^Action:[ \t]*([a-z]+)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Returned:
    """A message with what it says."""

    content: bytes
    report: MailReport
    received: dt.datetime
    source: str

    @cached_property
    def digest(self) -> str:
        """Name the message, from whatever source it is read: line ends are not the same everywhere."""
        text = self.content.replace(b"\r\n", b"\n").replace(b"\r", b"\n").rstrip(b"\n")
        return hashlib.sha256(text).hexdigest()

    def keep(self, folder: Path) -> None:
        """Keep the message, private, so that somebody can read the server's own words.

        Raises:
            StorageError: it cannot be written.
        """
        storage.make_folder(folder)
        storage.replace(folder / f"{self.digest}.eml", self.content)

    def entries(self, part: int, tied: Tied | None, *, operator: str) -> tuple[Entry, ...]:
        """Say what finding number ``part`` says of its message; and of the parcels that shared it."""
        entry = self._entry(part, tied, operator=operator)
        beside = tied.beside if tied else ()
        return (entry, *(_as_said_of(attempt, entry) for attempt in beside))

    def _entry(self, part: int, tied: Tied | None, *, operator: str) -> Entry:
        report = self.report
        found = report.reports[part] if report.reports else None
        attempt = tied.attempt if tied else Entry(kind=EntryKind.ATTEMPTING)
        address = tied.address if tied else _reported(report, found)
        outcome = RecipientOutcome(
            contact=tied.contact if tied else "",
            address=address,
            status=_status(report.kind, found),
            reply=_reply(found),
        )
        return Entry(
            kind=EntryKind.RETURNED,
            operator=operator,
            account=attempt.account,
            month=attempt.month,
            batch=attempt.batch,
            line=attempt.line,
            message=attempt.message,
            attempt=attempt.id or None,
            recipients=(outcome,),
            data={**self._facts(part, found), **_tie_facts(tied, address, _reported(report, found))},
        )

    def _facts(self, part: int, found: Finding | None) -> dict[str, str | int | bool | None]:
        report = self.report
        return {
            "digest": self.digest,
            "part": part,
            "kind": report.kind.value,
            "class": found.cls.value if found else "",
            "final": found.final if found else True,
            "status": found.status if found else "",
            "reply_code": found.reply_code if found else "",
            "reason": found.reason[:_WORDS] if found else "",
            "ours": found.ours_to_fix if found else False,
            "remote": found.remote_server if found else "",
            "rule": found.rule if found else "",
            "detector": report.detector,
            "disposition": report.disposition,
            "source": self.source,
            "received": self.received.isoformat(),
            **({"relayed": True} if report.kind is ReturnKind.DELIVERED and self._relayed else {}),
        }

    @property
    def _relayed(self) -> bool:
        """Whether a success is only that a server took it over that tells no more (RFC 3464 2.3.3)."""
        actions = {action.lower() for action in _ACTION.findall(self.content[:_HEAD])}
        return actions == {b"relayed"}


def _as_said_of(attempt: Entry, entry: Entry) -> Entry:
    """Say the same of a parcel that left in the same transaction, under its own contact."""
    outcomes = entry.recipients
    theirs = {outcome.address: outcome.contact for outcome in attempt.recipients}
    return replace(
        entry,
        month=attempt.month,
        line=attempt.line,
        message=attempt.message,
        attempt=attempt.id,
        recipients=tuple(replace(one, contact=theirs.get(one.address, "")) for one in outcomes),
        data={**entry.data, "part_of": entry.message},
    )


def _tie_facts(tied: Tied | None, address: str, reported: str) -> dict[str, str | int | bool | None]:
    facts: dict[str, str | int | bool | None] = {"message_id": "", "tied": "", "attempted": ""}
    if tied is not None:
        at = tied.attempt.at
        facts |= {
            "message_id": tied.message_id,
            "tied": tied.by.value,
            "attempted": at.isoformat() if at else "",
        }
        if tied.attempt.data.get("test"):
            facts["test"] = True  # of the account, or of a message to oneself: nothing for the slip
    if reported and reported != address:
        facts["reported"] = reported
    return facts


def _reported(report: MailReport, found: Finding | None) -> str:
    return found.recipient if found else report.recipient


def _status(kind: ReturnKind, found: Finding | None) -> Status:
    """Say what becomes of the recipient. Whatever is no failure arrived, were it to be complained about."""
    if kind is not ReturnKind.BOUNCE or found is None:
        return Status.ACCEPTED
    return Status.BOUNCED if found.final else Status.DEFERRED


def _reply(found: Finding | None) -> Reply | None:
    """Give the server's answer with its words, where a code is told."""
    if found is None or not found.reply_code.isdigit():
        return None
    words = re.sub(rf"^{found.reply_code}[ -]?", "", found.reason)
    if found.status and found.status not in words:
        words = f"{found.status} {words}"
    return Reply(code=int(found.reply_code), text=words[:_WORDS].strip())


def received_at(content: bytes, report: MailReport, *, now: dt.datetime) -> dt.datetime:
    """Say when a message came: by our server's trace, else by its own date, else now.

    A date in the future, or of a clock that was never set, is none.
    """
    headers = BytesHeaderParser().parsebytes(content[:_HEAD].lstrip())
    trace = str(headers.get("Received", "")).rpartition(";")[2]
    for text in (trace, str(headers.get("Date", ""))):
        found = _instant(text)
        if found is not None and _OLDEST <= found <= now:
            return found
    return report.date if report.date is not None and _OLDEST <= report.date <= now else now


def _instant(text: str) -> dt.datetime | None:
    try:
        found = parsedate_to_datetime(" ".join(text.split()))
        return (found if found.tzinfo else found.replace(tzinfo=dt.UTC)).astimezone(dt.UTC)
    except (TypeError, ValueError, OverflowError, IndexError):
        return None
