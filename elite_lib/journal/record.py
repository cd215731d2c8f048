"""The journal itself: append durably, read back, never change."""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, and_, bindparam, func, insert, or_, select

from elite_lib.journal import schema
from elite_lib.journal.engine import Engines, explained
from elite_lib.models import Entry, EntryKind, JournalMark, Period, RecipientOutcome, Reply, Status

_ENTRY, _RECIPIENT = schema.entry, schema.entry_recipient
_INSERT_ENTRY = insert(_ENTRY)
_INSERT_RECIPIENTS = insert(_RECIPIENT)
_LAST = select(func.max(_ENTRY.c.id))
_TIMES = (
    select(_ENTRY.c.at)
    .where(
        _ENTRY.c.account == bindparam("account"),
        _ENTRY.c.kind == EntryKind.ATTEMPTING.value,
        _ENTRY.c.at >= bindparam("since"),
    )
    .order_by(_ENTRY.c.at)
)


def utc_now() -> dt.datetime:
    """Tell the time, aware, in UTC."""
    return dt.datetime.now(dt.UTC)


class Journal:
    """An open journal, seen by one establishment. Any thread may use it.

    Order is that of ``id``: a clock that was set back changes instants, never the order.
    """

    def __init__(
        self, engines: Engines, *, id: str, establishment: str, clock: Callable[[], dt.datetime]
    ) -> None:
        self.id = id
        self.establishment = establishment
        self._engines = engines
        self._clock = clock
        # One connection of its own, kept: taking one from the pool costs as much as half a commit.
        self._writer = engines.writer.connect()
        self._writing = threading.Lock()

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        self._writer.close()
        self._engines.dispose()

    def append(self, entry: Entry) -> Entry:
        """Write one entry with its recipients, in one transaction, on disk before this returns.

        Returns it with its id, its instant and this journal's establishment.

        Raises:
            StorageError: ``journal_full``, ``journal_read_only``, ``journal_write_failed``…
            JournalError: ``journal_busy`` (another writer held on for too long), ``journal_unreadable``.
        """
        written = replace(entry, id=0, at=self._clock().astimezone(dt.UTC), establishment=self.establishment)
        with self._writing, explained(self._engines.path), self._writer.begin():
            key = self._writer.execute(_INSERT_ENTRY, _row(written)).inserted_primary_key
            number = int(key[0])  # type: ignore[index]
            if written.recipients:
                self._writer.execute(_INSERT_RECIPIENTS, _recipient_rows(number, written.recipients))
        return replace(written, id=number)

    def mark(self) -> JournalMark:
        """Say how far this journal goes, all establishments: what the outbox remembers of it."""
        with explained(self._engines.path), self._engines.reader.begin() as connection:
            return JournalMark(journal=self.id, entry=connection.execute(_LAST).scalar() or 0)

    def entries(
        self,
        *,
        months: Collection[str] | None = None,
        period: Period | None = None,
        lines: Collection[str] | None = None,
        kinds: Collection[EntryKind] | None = None,
        batch: str | None = None,
        run: str | None = None,
        after: int = 0,
    ) -> list[Entry]:
        """Read this establishment's entries by ascending id; every given condition holds.

        ``months`` compares as written; ``period`` takes in single months within it and the periods
        of batches and runs that touch it. ``after`` is an id: the entries that came later.
        """
        # Concatenated, the establishment is no reason to prefer its index to the range of ids: who
        # follows the journal asks twice a second for the few newest.
        mine = _ENTRY.c.establishment.concat("") if after else _ENTRY.c.establishment
        conditions = [mine == self.establishment, _ENTRY.c.id > after]
        if months is not None:
            conditions.append(_ENTRY.c.month.in_(sorted(set(months))))
        if period is not None:
            conditions.append(_touches(period))
        if lines is not None:
            conditions.append(_ENTRY.c.line.in_(sorted(set(lines))))
        if kinds is not None:
            conditions.append(_ENTRY.c.kind.in_(sorted({kind.value for kind in kinds})))
        if batch is not None:
            conditions.append(_ENTRY.c.batch == batch)
        if run is not None:
            conditions.append(_ENTRY.c.run == run)
        return self._read(and_(*conditions))

    def attempt_times(self, account: str, since: dt.datetime) -> list[dt.datetime]:
        """List when this account attempted a message, ascending, for every establishment: its quotas."""
        values = {"account": account, "since": _instant(since)}
        with explained(self._engines.path), self._engines.reader.begin() as connection:
            return [dt.datetime.fromisoformat(at) for at in connection.execute(_TIMES, values).scalars()]

    def carriers(self, documents: Collection[str]) -> set[str]:
        """Name the lines under which any of these documents was attempted, whatever the month.

        A relevé is not always under its own number: it travels with an invoice, and not always the same.
        """
        wanted = set(documents)
        if not wanted:
            return set()
        query = select(_ENTRY.c.line, _ENTRY.c.data).where(
            _ENTRY.c.establishment == self.establishment, _ENTRY.c.kind == EntryKind.ATTEMPTING.value
        )
        with explained(self._engines.path), self._engines.reader.begin() as connection:
            rows = connection.execute(query).all()
        return {line for line, data in rows if not wanted.isdisjoint(_documents(data))}

    def latest(self, kind: EntryKind, account: str) -> Entry | None:
        """Find the newest entry of a kind about an account, whichever establishment wrote it.

        An account has one run at a time, whoever started it.
        """
        newest = (
            select(func.max(_ENTRY.c.id))
            .where(_ENTRY.c.account == account, _ENTRY.c.kind == kind.value)
            .scalar_subquery()
        )
        return next(iter(self._read(_ENTRY.c.id == newest)), None)

    def _read(self, condition: ColumnElement[bool]) -> list[Entry]:
        rows = select(_ENTRY).where(condition).order_by(_ENTRY.c.id)
        of_rows = (
            select(_RECIPIENT)
            .join(_ENTRY, _ENTRY.c.id == _RECIPIENT.c.entry)
            .where(condition)
            .order_by(_RECIPIENT.c.entry, _RECIPIENT.c.position)
        )
        with explained(self._engines.path), self._engines.reader.begin() as connection:
            found = connection.execute(rows).mappings().all()
            recipients: dict[int, list[RecipientOutcome]] = {}
            for row in connection.execute(of_rows).mappings():
                recipients.setdefault(row["entry"], []).append(_outcome(row))
        return [_entry(row, recipients.get(row["id"], ())) for row in found]


def _documents(data: str) -> list[str]:
    return str(json.loads(data).get("documents") or "").split("\n")


def _touches(period: Period) -> ColumnElement[bool]:
    """A month within the period, or a "2026-09..2026-10" that overlaps it."""
    month = _ENTRY.c.month
    several = and_(
        func.length(month) > 7,
        func.substr(month, 1, 7) <= period.last,
        func.substr(month, 10, 7) >= period.first,
    )
    return or_(month.in_(_months(period)), several)


def _months(period: Period) -> list[str]:
    first, last = (int(text[:4]) * 12 + int(text[5:]) - 1 for text in (period.first, period.last))
    return [f"{number // 12:04}-{number % 12 + 1:02}" for number in range(first, last + 1)]


def _instant(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).isoformat(timespec="microseconds")


def _text(value: str) -> str:
    """Write down what a server said, whatever bytes it was: an entry must never fail for its words."""
    return value.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")


def _row(entry: Entry) -> dict[str, Any]:
    return {
        "at": _instant(entry.at) if entry.at else "",
        "kind": entry.kind.value,
        "establishment": entry.establishment,
        "operator": _text(entry.operator),
        "account": _text(entry.account),
        "month": entry.month,
        "batch": entry.batch,
        "run": entry.run,
        "line": _text(entry.line),
        "message": _text(entry.message),
        "attempt": entry.attempt,
        "data": json.dumps(dict(entry.data), sort_keys=True),  # ASCII: escapes what _text would
    }


def _recipient_rows(entry: int, recipients: Sequence[RecipientOutcome]) -> list[dict[str, Any]]:
    return [
        {
            "entry": entry,
            "position": position,
            "contact": _text(outcome.contact),
            "address": _text(outcome.address),
            "status": outcome.status.value,
            "code": outcome.reply.code if outcome.reply else None,
            "text": _text(outcome.reply.text) if outcome.reply else "",
        }
        for position, outcome in enumerate(recipients)
    ]


def _outcome(row: RowMapping) -> RecipientOutcome:
    return RecipientOutcome(
        contact=row["contact"],
        address=row["address"],
        status=Status(row["status"]),
        reply=None if row["code"] is None else Reply(code=row["code"], text=row["text"]),
    )


def _entry(row: RowMapping, recipients: Sequence[RecipientOutcome]) -> Entry:
    values = dict(row)
    values["kind"] = EntryKind(values["kind"])
    values["at"] = dt.datetime.fromisoformat(values["at"])
    values["data"] = json.loads(values["data"])
    return Entry(**values, recipients=tuple(recipients))
