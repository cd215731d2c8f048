"""Entries as rows and back; and what a period means to the table."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, and_

from elite_lib.journal import schema
from elite_lib.models import Entry, EntryKind, Period, RecipientOutcome, Reply, Status

_ENTRY = schema.entry
RETURN = "return:"
LEAVING = (EntryKind.ATTEMPTING, EntryKind.HANDED_OVER)  # a message may have left with these


def touching(period: Period) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """A single month within the period; or several that overlap it."""
    several = and_(
        _ENTRY.c.last_month.is_not(None),  # as its index says
        _ENTRY.c.last_month >= period.first,
        _ENTRY.c.first_month <= period.last,
    )
    return and_(_ENTRY.c.month.in_(_months(period)), _ENTRY.c.last_month.is_(None)), several


def _months(period: Period) -> list[str]:
    if period.first == period.last:  # tax certificates have a period that is no month
        return [period.first]
    first, last = (int(text[:4]) * 12 + int(text[5:]) - 1 for text in (period.first, period.last))
    return [f"{number // 12:04}-{number % 12 + 1:02}" for number in range(first, last + 1)]


def instant(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).isoformat(timespec="microseconds")


def text(value: str) -> str:
    """Write down what a server said, whatever bytes it was: an entry must never fail for its words."""
    return value.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")


def carried(entry: Entry) -> list[str]:
    """The documents of an attempt but the one that its line is named for, which ``line`` finds."""
    if entry.kind not in LEAVING:
        return []
    documents = str(entry.data.get("documents") or "").split("\n")
    return sorted({text(document) for document in documents if document not in ("", entry.line)})


def keys_of(entry: Entry) -> list[str]:
    """Give the keys that an entry is found by: see ``schema.entry_key``."""
    if entry.kind in LEAVING:
        found = [str(entry.data.get("message_id") or ""), token_key(str(entry.data.get("token") or ""))]
        return sorted({text(key) for key in found if key})
    if entry.kind is EntryKind.RETURNED and not entry.follows:
        return [return_key(str(entry.data["digest"]), int(entry.data["part"] or 0))]
    return []


def token_key(token: str) -> str:
    return f"token:{token}" if token else ""


def return_key(digest: str, part: int) -> str:
    """Name one finding of one message that came back, whatever source it is read from again."""
    return f"{RETURN}{digest}:{part}"


def row_of(entry: Entry) -> dict[str, Any]:
    first, _, last = entry.month.partition("..")
    return {
        "at": instant(entry.at) if entry.at else "",
        "kind": entry.kind.value,
        "establishment": entry.establishment,
        "operator": text(entry.operator),
        "account": text(entry.account),
        "month": entry.month,
        "first_month": first if last else None,
        "last_month": last or None,
        "batch": entry.batch,
        "run": entry.run,
        "line": text(entry.line),
        "message": text(entry.message),
        "attempt": entry.attempt,
        "data": json.dumps(dict(entry.data), sort_keys=True),  # ASCII: escapes what _text would
    }


def recipient_rows(entry: int, recipients: Sequence[RecipientOutcome]) -> list[dict[str, Any]]:
    return [
        {
            "entry": entry,
            "position": position,
            "contact": text(outcome.contact),
            "address": text(outcome.address),
            "status": outcome.status.value,
            "code": outcome.reply.code if outcome.reply else None,
            "text": text(outcome.reply.text) if outcome.reply else "",
        }
        for position, outcome in enumerate(recipients)
    ]


def outcome_of(row: RowMapping) -> RecipientOutcome:
    return RecipientOutcome(
        contact=row["contact"],
        address=row["address"],
        status=Status(row["status"]),
        reply=None if row["code"] is None else Reply(code=row["code"], text=row["text"]),
    )


def entry_of(row: RowMapping, recipients: Sequence[RecipientOutcome]) -> Entry:
    values = dict(row)
    values["kind"] = EntryKind(values["kind"])
    values["at"] = dt.datetime.fromisoformat(values["at"])
    values["data"] = json.loads(values["data"])
    return Entry(**values, recipients=tuple(recipients))
