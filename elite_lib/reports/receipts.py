"""Read receipts, honestly: "received on …", or no information. Never "not read"."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

import pandas as pd

from elite_lib import formats
from elite_lib.batch import Office
from elite_lib.exceptions import EliteError
from elite_lib.labels import _
from elite_lib.models import (
    Batch,
    BatchMessage,
    Entry,
    EntryKind,
    Period,
    RecipientOutcome,
    ReturnKind,
    Status,
    Tables,
)
from elite_lib.notices.findings import People, Returned, findings
from elite_lib.reports.frames import frame

COLUMNS = (
    "sent", "month", "line", "resident", "contact", "address", "asked", "received", "receipt",
    "disposition", "delivered",
)  # fmt: skip
_HEADER = b"\r\ndisposition-notification-to:"


def receipt_table(
    office: Office, period: Period | None = None, *, tables: Tables | None = None, masked: bool = False
) -> pd.DataFrame:
    """List who was asked for a read receipt, and what came: a date, or no information.

    Most mail programs ask their user, or send none (RFC 8098 2.1): nothing that did not come says
    that a message was not read. ``asked`` is read from the frozen message; None where it is no longer
    kept. ``delivered`` is when the family's server reported that it took the message, if it did.

    Columns: ``sent`` (aware UTC), ``month``, ``line``, ``resident`` (code), ``contact``, ``address``,
    ``asked``, ``received`` (aware UTC or None), ``receipt`` (in words), ``disposition``, ``delivered``.

    Raises:
        JournalError: it cannot be read.
    """
    people = People.of(None if masked else tables)
    found = findings(office, period)
    receipts = {_key(one): one for one in found if one.kind is ReturnKind.MDN and one.tied is not None}
    taken = {_key(one): one for one in found if one.kind is ReturnKind.DELIVERED and one.tied is not None}
    asked = _Asked(office)
    rows = []
    for entry, outcome in _accepted(office.journal.entries(period=period, kinds=[EntryKind.VERDICT])):
        key = (str(entry.data.get("message_id") or ""), outcome.address.lower())
        receipt, report = receipts.get(key), taken.get(key)
        name, _phone = people.contacts.get(outcome.contact, ("", ""))
        resident = people.lines.get(entry.line) or outcome.contact.partition("/")[0]
        address = formats.masked(outcome.address) if masked else outcome.address
        came = receipt.received if receipt else None
        rows.append(
            (
                entry.at, entry.month, entry.line, resident, name or outcome.contact, address,
                True if receipt else asked.of(entry), came, said(came),
                receipt.disposition if receipt else "", report.received if report else None,
            )
        )  # fmt: skip
    return frame(rows, COLUMNS)


def said(received: dt.datetime | None) -> str:
    """Say a receipt in the current language."""
    if received is None:
        return _("no information")
    return _("received on {date}").format(date=formats.date(received.astimezone().date()))


def _key(one: Returned) -> tuple[str, str]:
    return one.message_id, one.address.lower()


def _accepted(entries: Iterable[Entry]) -> Iterator[tuple[Entry, RecipientOutcome]]:
    for entry in entries:
        if entry.line and not entry.data.get("test"):
            yield from ((entry, one) for one in entry.recipients if one.status is Status.ACCEPTED)


class _Asked:
    """Whether a frozen message asks for a receipt: read from its own header, once each."""

    def __init__(self, office: Office) -> None:
        self._outbox = office.outbox
        self._batches: dict[str, tuple[Batch, dict[str, BatchMessage]] | None] = {}
        self._known: dict[tuple[str, str], bool | None] = {}

    def of(self, entry: Entry) -> bool | None:
        key = (entry.batch, entry.message)
        if key not in self._known:
            self._known[key] = self._read(entry)
        return self._known[key]

    def _read(self, entry: Entry) -> bool | None:
        if entry.batch not in self._batches:
            self._batches[entry.batch] = self._batch(entry.batch)
        found = self._batches[entry.batch]
        if found is None or entry.message not in found[1]:
            return None
        try:
            head, _blank, _body = self._outbox.content(found[0], found[1][entry.message]).partition(
                b"\r\n\r\n"
            )
        except EliteError:
            return None
        return _HEADER in b"\r\n" + head.lower()

    def _batch(self, id: str) -> tuple[Batch, dict[str, BatchMessage]] | None:
        try:
            batch = self._outbox.read(id)
        except EliteError:
            return None
        return batch, {message.key: message for message in batch.messages}
