"""What goes on beside a run: what came back is collected before it, during it and after it; copies are kept.

Nothing of it may delay the run, break it or outlive it. What fails is in the journal and stops nothing.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from types import TracebackType
from typing import Self

from elite_lib.batch.collecting import Collection, collect, sources_of
from elite_lib.batch.copying import COPY_PATIENCE, SentCopies
from elite_lib.batch.ending import Run
from elite_lib.batch.evidence import mailboxes_of, search_before_run, settle_by_reports
from elite_lib.batch.office import Office
from elite_lib.exceptions import EliteError
from elite_lib.mailbox import Source
from elite_lib.mailbox.opening import Mailboxes
from elite_lib.models import Batch, Entry, EntryKind, StopReason

Sources = Callable[[Office], Sequence[Source]]

_LOG = logging.getLogger(__name__)
_LOOK = 20.0  # seconds between two looks while the canaries are alone: ten minutes are all they have
_PATIENCE = 10.0  # seconds for an answer, while a run sends
_BUDGET = 60.0  # seconds for a look before the run, and for one after it: what is left is read later


def _sources(office: Office) -> Sequence[Source]:
    return sources_of(office, timeout=_PATIENCE)


class _OverError(Exception):
    """The run is over: nothing more is written beside it."""


class Listener:
    """Reads what comes back while a run sends: in a thread and over connections of its own.

    It only appends to the journal; the run reads it there.
    """

    def __init__(self, office: Office, sources: Sequence[Source], *, pause: float, alone: int) -> None:
        """``pause``: seconds between two looks; oftener until more than ``alone`` messages were tried."""
        self._office, self._sources = office, sources
        self._pause, self._alone = pause, alone
        self._tried: set[str] = set()
        self._over, self._writing = threading.Event(), threading.Lock()
        self._thread = threading.Thread(target=self._listen, name="elite-returns", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def observe(self, entry: Entry) -> None:
        """Count the messages that were tried."""
        if entry.kind in (EntryKind.ATTEMPTING, EntryKind.VERDICT):
            self._tried.add(entry.message)

    def stop(self) -> None:
        """End it. Nothing is written after this returns, whatever a server does meanwhile."""
        self._over.set()
        with self._writing:
            pass  # what is being written is finished
        for source in self._sources:
            source.interrupt()
        self._thread.join(_PATIENCE)

    def _listen(self) -> None:
        while not self._over.wait(self._wait()):
            try:
                self._look()
            except _OverError:
                break
            except EliteError as error:  # the disk is full, the database away: the run itself will meet it
                _LOG.warning("Returns were not collected: %s", error)
            except Exception:  # whatever a server may answer: the run goes on
                _LOG.exception("Returns were not collected")
        for source in self._sources:
            source.close()

    def _wait(self) -> float:
        return min(_LOOK, self._pause) if len(self._tried) <= self._alone else self._pause

    def _look(self) -> None:
        collection = Collection(self._office, should_stop=self._over.is_set, may_write=self._allowed)
        for source in self._sources:
            collection.read(source)

    @contextlib.contextmanager
    def _allowed(self) -> Iterator[None]:
        with self._writing:
            if self._over.is_set():
                raise _OverError
            yield


class Companion:
    """Everything beside one run. Within its ``with`` block the listener listens."""

    def __init__(
        self,
        office: Office,
        batch: Batch,
        *,
        run: str,
        mailboxes: Mailboxes | None,
        sources: Sources | None,
        on_entry: Callable[[Entry], None],
    ) -> None:
        self._office, self._batch, self._run, self.on_entry = office, batch, run, on_entry
        self._given, self._sources = mailboxes, sources or _sources
        self._used: Mailboxes | None = None
        self._copies: SentCopies | None = None
        self._listener: Listener | None = None

    def __enter__(self) -> Self:
        looked = self._look()
        # two of them: a search may take its time, a copy may not keep the next message waiting
        searched = self._given or mailboxes_of(self._office)
        search_before_run(self._office, self._batch, searched, run=self._run, on_entry=self.on_entry)
        self._used = self._given or mailboxes_of(self._office, timeout=COPY_PATIENCE)
        if self._used is not None:
            self._copies = SentCopies(self._office, self._batch, self._used, on_entry=self.on_entry)
        if looked:
            canary, count = self._office.settings.canary, len(self._batch.departures)
            alone = canary.messages if count >= max(canary.least, canary.messages + 1) else 0
            pause = 60.0 * self._office.settings.returns.every
            self._listener = Listener(self._office, self._open(), pause=pause, alone=alone)
            self._listener.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._listener is not None:
            self._listener.stop()
        if self._used is not None:
            self._used.close()

    def observe(self, entry: Entry) -> None:
        """See an entry of the run."""
        self.on_entry(entry)
        if self._copies is not None:
            self._copies.observe(entry)
        if self._listener is not None:
            self._listener.observe(entry)

    def look_again(self, ended: Run) -> None:
        """Collect once more after the run, unless a person is waiting for its end."""
        if ended.stopped is not None and ended.stopped.reason is StopReason.REQUESTED:
            return
        self._look()
        lines = {message.line for message in self._batch.messages}
        with contextlib.suppress(EliteError):
            for entry in settle_by_reports(self._office, lines, run=self._run):
                self.on_entry(entry)

    def _look(self) -> bool:
        """Collect for a while; tell whether there is anything to collect from."""
        sources = self._open()
        if not sources:
            return False
        deadline = time.monotonic() + _BUDGET
        try:
            collect(
                self._office,
                sources=sources,
                on_entry=self.on_entry,
                should_stop=lambda: time.monotonic() > deadline,
            )
        except EliteError as error:  # a full disk: the run's own next entry says so
            _LOG.warning("Returns were not collected: %s", error)
        return True

    def _open(self) -> Sequence[Source]:
        try:
            return self._sources(self._office)
        except EliteError as error:
            self._note(error)
            return ()

    def _note(self, error: EliteError) -> None:
        batch = self._batch
        note = Entry(
            kind=EntryKind.MAILBOX,
            operator=self._office.operator,
            account=batch.account,
            month=batch.period.key,
            batch=batch.id,
            run=self._run,
            data={"act": "collect", "ok": False, "detail": str(error)},
        )
        with contextlib.suppress(EliteError):
            self.on_entry(self._office.journal.append(note))
