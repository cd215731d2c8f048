"""The invoice journal: every invoice of a period with its envelope, one row each."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum

import pandas as pd

from elite_lib import batch as batches
from elite_lib import formats, outcomes
from elite_lib.batch import Office
from elite_lib.models import Box, Entry, EntryKind, Period, ReturnKind, SlipLine, Status, Tables
from elite_lib.reports.frames import frame


class Envelope(StrEnum):
    """The sign beside an invoice, by shape and colour: always derived from the journal, never set."""

    SENT = "sent"
    RETURNED = "returned"  # red: refused, or it came back
    UNCERTAIN = "uncertain"  # dotted
    HANDED = "handed"  # in a mail program
    PRINTED = "printed"  # a printer: on paper, or posted
    NONE = "none"  # nothing left yet


COLUMNS = (
    "number", "resident", "name", "month", "amount", "envelope", "box", "sent", "recipients", "received",
    "printed",
)  # fmt: skip


def invoice_journal(
    office: Office,
    period: Period,
    *,
    resident: str = "",
    tables: Tables | None = None,
    masked: bool = False,
) -> pd.DataFrame:
    """List every invoice of the period (of one ``resident``, by code), with its envelope.

    Columns: ``number``, ``resident`` (code), ``name``, ``month``, ``amount`` (euros), ``envelope``
    (:class:`Envelope`), ``box``, ``sent`` (aware UTC, of the last one that left, or None), ``recipients``
    (addresses that it left for), ``received`` (aware UTC: the last read receipt, or None), ``printed``.

    Raises:
        SourceError, JournalError.
    """
    view = batches.survey(office, period, tables=tables)
    lines = [line for line in view.slip.lines if not resident or line.resident == resident]
    entries: defaultdict[str, list[Entry]] = defaultdict(list)
    for entry in office.journal.entries(lines=[line.key for line in lines]):
        entries[entry.line].append(entry)
    return frame((_row(line, entries.get(line.key, ()), masked=masked) for line in lines), COLUMNS)


def _row(line: SlipLine, entries: Iterable[Entry], *, masked: bool) -> tuple[object, ...]:
    entries = list(entries)
    left = {a: s for a, s in line.recipients if s in _LEFT}
    printed = bool(outcomes.printed(entries))
    return (
        line.key,
        line.resident,
        line.name,
        line.month,
        line.amount,
        _envelope(line, printed=printed),
        line.box,
        _last(entries, _is_departure) if left else None,
        ", ".join(formats.masked(address) if masked else address for address in left),
        _last(entries, _is_receipt),
        printed,
    )


_LEFT = frozenset({Status.ACCEPTED, Status.BOUNCED, Status.UNCERTAIN, Status.HANDED})
_ENVELOPES: Mapping[Box, Envelope] = {
    Box.ACCEPTED: Envelope.SENT,
    Box.REFUSED: Envelope.RETURNED,
    Box.UNCERTAIN: Envelope.UNCERTAIN,
    Box.POSTED: Envelope.PRINTED,
}


def _envelope(line: SlipLine, *, printed: bool) -> Envelope:
    statuses = {status for _, status in line.recipients}
    if line.box is Box.UNCERTAIN and Status.UNCERTAIN not in statuses:
        return Envelope.HANDED
    return _ENVELOPES.get(line.box, Envelope.PRINTED if printed else Envelope.NONE)


def _last(entries: Iterable[Entry], wanted: Callable[[Entry], bool]) -> dt.datetime | None:
    return max((entry.at for entry in entries if entry.at is not None and wanted(entry)), default=None)


def _is_departure(entry: Entry) -> bool:
    sent = entry.kind in (EntryKind.VERDICT, EntryKind.HANDED_OVER)
    return sent and any(outcome.status in _LEFT for outcome in entry.recipients)


def _is_receipt(entry: Entry) -> bool:
    return entry.kind is EntryKind.RETURNED and entry.data.get("kind") == ReturnKind.MDN
