"""The journal itself: append durably, read back, never change."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    and_,
    func,
    insert,
    select,
    true,
)

from elite_lib.journal import questions, schema
from elite_lib.journal.engine import Engines, Pinned, explained
from elite_lib.journal.lock import AccountLock, LockHolder
from elite_lib.journal.rows import (
    carried,
    entry_of,
    instant,
    keys_of,
    outcome_of,
    recipient_rows,
    row_of,
    text,
    touching,
)
from elite_lib.models import Entry, EntryKind, JournalMark, Period, RecipientOutcome

_ENTRY, _RECIPIENT = schema.entry, schema.entry_recipient
_SHOWN = [column for column in _ENTRY.c if column.name not in ("first_month", "last_month")]
_LAST = select(func.max(_ENTRY.c.id))
_NEXT = func.coalesce(select(func.max(_ENTRY.c.id)).scalar_subquery(), 0) + 1
_INSERT_ENTRY = insert(_ENTRY).values(id=_NEXT).returning(_ENTRY.c.id)
_INSERT_RECIPIENTS = insert(_RECIPIENT)
_INSERT_DOCUMENTS = insert(schema.entry_document)
_INSERT_KEYS = insert(schema.entry_key)


class Journal:
    """An open journal, seen by one establishment. Any thread may use it.

    Order is that of ``id``: a clock that was set back changes instants, never the order.
    """

    def __init__(
        self,
        pinned: Pinned,
        *,
        id: str,
        establishment: str,
        clock: Callable[[], dt.datetime],
        accounts: AccountLock,
    ) -> None:
        self.id = id
        self.establishment = establishment
        self.engines: Engines = pinned.engines
        self._pinned = pinned
        self._clock = clock
        self._accounts = accounts
        self.name = pinned.engines.name  # to be shown: the file, or the database without its password
        self.path = pinned.engines.path  # None: it is on a server, which other homes may share

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        self._pinned.close()
        self.engines.dispose()

    # -- who sends -------------------------------------------------------------------------------

    def hold_account(
        self,
        account: str,
        *,
        wait: float,
        run: str = "",
        operator: str = "",
        on_wait: Callable[[LockHolder], None] | None = None,
    ) -> AbstractContextManager[None]:
        """Hold a sending account for the block. ``wait``: seconds to wait for another run's end.

        ``on_wait`` is called once, with the holder, when there is somebody to wait for.

        Raises:
            JournalLockedError: ``locked`` (account, since, run, operator, host).
            StorageError, JournalError: the lock cannot be taken.
        """
        return self._accounts.hold(account, wait=wait, run=run, operator=operator, on_wait=on_wait)

    def account_holder(self, account: str) -> LockHolder | None:
        """Tell who holds the account now, or None."""
        return self._accounts.holder(account)

    # -- writing ---------------------------------------------------------------------------------

    def append(self, entry: Entry) -> Entry:
        """Write one entry with its recipients, in one transaction, on disk before this returns.

        Returns it with its id, its instant and this journal's establishment.

        Raises:
            StorageError: ``journal_full``, ``journal_read_only``, ``journal_write_failed``…
            JournalError: ``journal_busy`` (another writer held on for too long), ``journal_unreadable``,
                ``journal_unreachable``; ``lock_lost``: an intent to send, and the account that this
                journal held is not held any more.
        """
        return self.append_together((entry,))[0]

    def append_together(self, entries: Sequence[Entry]) -> list[Entry]:
        """Write entries about one fact, in one transaction and at one instant: all of them or none.

        Raises:
            as :meth:`append`.
        """
        written = self._dated(entries)
        with self.writing() as connection:
            for account in {one.account for one in written if one.kind is EntryKind.ATTEMPTING}:
                self._accounts.confirm(connection, account)
            return [self._insert(connection, one) for one in written]

    def append_once(self, entry: Entry, *others: Entry) -> list[Entry]:
        """Append what a returned message says, unless that very finding was appended before: then nothing.

        Two collectors may read one message at the same time: one of them writes. ``others`` say the same of
        the parcels that shared the message.

        Raises:
            as :meth:`append`.
        """
        written = self._dated((entry, *others))
        known = questions.appended(self.establishment, keys_of(written[0]))
        with self.writing() as connection:
            if connection.execute(known).first() is not None:
                return []
            return [self._insert(connection, one) for one in written]

    def _dated(self, entries: Sequence[Entry]) -> list[Entry]:
        now = self._clock().astimezone(dt.UTC)
        return [replace(entry, id=0, at=now, establishment=self.establishment) for entry in entries]

    @contextlib.contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give this room's modules a transaction as the only writer."""
        with self._pinned.transaction() as connection:
            if self.engines.alone is not None:
                connection.execute(self.engines.alone)
            yield connection

    def _insert(self, connection: Connection, written: Entry) -> Entry:
        number = int(connection.execute(_INSERT_ENTRY, row_of(written)).scalar_one())
        mine = {"entry": number, "establishment": self.establishment}
        if written.recipients:
            connection.execute(_INSERT_RECIPIENTS, recipient_rows(number, written.recipients))
        if documents := carried(written):
            connection.execute(_INSERT_DOCUMENTS, [mine | {"document": document} for document in documents])
        if keys := keys_of(written):
            connection.execute(_INSERT_KEYS, [mine | {"key": key} for key in keys])
        return replace(written, id=number)

    # -- reading ---------------------------------------------------------------------------------

    def mark(self) -> JournalMark:
        """Say how far this journal goes, all establishments: what the outbox remembers of it."""
        with explained(self.engines), self.engines.reader.begin() as connection:
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
        account: str | None = None,
        since: dt.datetime | None = None,
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
        if lines is not None:
            conditions.append(_ENTRY.c.line.in_(sorted(set(lines))))
        if kinds is not None:
            conditions.append(_ENTRY.c.kind.in_(sorted({kind.value for kind in kinds})))
        if batch is not None:
            conditions.append(_ENTRY.c.batch == batch)
        if run is not None:
            conditions.append(_ENTRY.c.run == run)
        if account is not None:
            conditions.append(_ENTRY.c.account == account)
        if since is not None:
            conditions.append(_ENTRY.c.at >= instant(since))
        if period is None:
            return self.read(and_(*conditions))
        # two questions, each with an index of its own: a month costs what a month costs
        return self.read(*(and_(*conditions, part) for part in touching(period)))

    def attempt_times(self, account: str, since: dt.datetime) -> list[dt.datetime]:
        """List when this account attempted a message, ascending, for every establishment: its quotas."""
        values = {"account": account, "since": instant(since)}
        with explained(self.engines), self.engines.reader.begin() as connection:
            return [
                dt.datetime.fromisoformat(at) for at in connection.execute(questions.TIMES, values).scalars()
            ]

    def carriers(self, documents: Collection[str]) -> set[str]:
        """Name the lines under which any of these documents was attempted, whatever the month.

        A relevé is not always under its own number: it travels with an invoice, and not always the same.
        """
        wanted = {text(document) for document in documents}
        if not wanted:
            return set()
        lines = questions.carrying(self.establishment, wanted)
        with explained(self.engines), self.engines.reader.begin() as connection:
            return set(connection.execute(lines).scalars())

    def attempts(
        self, *, message_id: str = "", token: str = "", address: str = "", since: dt.datetime | None = None
    ) -> list[Entry]:
        """Find the attempts that a returned message may be about, by ascending id.

        By the Message-ID (with its angle brackets), by the tag of our return path, or by an address
        that was written to ``since``, whatever its case.
        """
        if address:
            return self.read(questions.written_to(self.establishment, address, since=since))
        return self.read(questions.known_by(self.establishment, message_id=message_id, token=token))

    def returns(self) -> list[Entry]:
        """Read what came back to this establishment, of all times, by ascending id."""
        return self.read(questions.returned(self.establishment))

    def latest(self, kind: EntryKind, account: str, *, own: bool = False) -> Entry | None:
        """Find the newest entry of a kind about an account, whichever establishment wrote it, or our own.

        An account has one run at a time, whoever started it; but each establishment reads its mailbox.
        """
        mine = _ENTRY.c.establishment == self.establishment if own else true()
        newest = (
            select(func.max(_ENTRY.c.id))
            .where(_ENTRY.c.account == account, _ENTRY.c.kind == kind.value, mine)
            .scalar_subquery()
        )
        return next(iter(self.read(_ENTRY.c.id == newest)), None)

    def read(self, *conditions: ColumnElement[bool]) -> list[Entry]:
        """Read what fulfils one of the conditions, which exclude each other."""
        found: list[RowMapping] = []
        recipients: dict[int, list[RecipientOutcome]] = {}
        with explained(self.engines), self.engines.reader.begin() as connection:
            for condition in conditions:
                found += connection.execute(select(*_SHOWN).where(condition)).mappings()
                of_rows = (
                    select(_RECIPIENT)
                    .join(_ENTRY, _ENTRY.c.id == _RECIPIENT.c.entry)
                    .where(condition)
                    .order_by(_RECIPIENT.c.entry, _RECIPIENT.c.position)
                )
                for row in connection.execute(of_rows).mappings():
                    recipients.setdefault(row["entry"], []).append(outcome_of(row))
        found.sort(key=lambda row: int(row["id"]))
        return [entry_of(row, recipients.get(row["id"], ())) for row in found]
