"""``elite send`` on the terminal: starts the notebook, follows the journal, passes Ctrl-C on."""

from __future__ import annotations

import datetime as dt
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from elite_lib import launcher
from elite_lib.batch import Office, Outlook, Run, run_of
from elite_lib.cli import views
from elite_lib.cli.signalling import ending_signals
from elite_lib.labels import _, word
from elite_lib.models import Batch, Entry, EntryKind, Status
from elite_lib.notices import stop_sentence

_STEP = 0.3  # seconds between two looks at the journal


def follow(
    office: Office, batch: Batch, launched: launcher.Launched, *, asked: list[int], quiet: bool
) -> Run | None:
    """Show the run's progress until its process ends; None when it never said how it ended.

    A signal in ``asked`` becomes a Stop that the run obeys between two messages.
    """
    progress = _Progress(office, batch, quiet=quiet)
    after = batch.journal.entry
    while True:
        ended = _ended(launched.process)
        fresh = office.journal.entries(after=after)
        for entry in fresh:
            after = entry.id
            if entry.run == launched.launch.run:
                progress.show(entry)
        if ended:
            break
        if asked:
            asked.clear()
            views.note(_("Stopping after the current message…"))
            launcher.request(office, EntryKind.STOP, run=launched.launch.run)
    progress.close()
    return progress.run


def _ended(process: subprocess.Popen[bytes]) -> bool:
    try:
        process.wait(_STEP)
    except subprocess.TimeoutExpired:
        return False
    return True


@contextmanager
def noted() -> Iterator[list[int]]:
    """Note Ctrl-C, SIGTERM and a closed terminal instead of obeying them, for the length of the block.

    A handler that wrote to the journal by itself could meet a lock that its own thread holds.
    """
    asked: list[int] = []
    with ending_signals(asked.append):
        yield asked


class _Progress:
    """One line per message on standard error: sent, remaining, expected end."""

    def __init__(self, office: Office, batch: Batch, *, quiet: bool) -> None:
        self.office, self.batch, self.quiet = office, batch, quiet
        self.planned = self.done = 0
        self.run: Run | None = None
        self.outlook: Outlook | None = None

    def show(self, entry: Entry) -> None:
        if entry.kind is EntryKind.RUN_STARTED:
            self.planned = int(entry.data["planned"] or 0)
            self.outlook = Outlook(self.office, self.batch, entry.run, now=dt.datetime.now(dt.UTC))
        elif entry.kind is EntryKind.VERDICT and not entry.follows:
            self._verdict(entry)
        elif entry.kind is EntryKind.RUN_ENDED:
            self.run = run_of(entry)

    def _verdict(self, entry: Entry) -> None:
        statuses = [outcome.status for outcome in entry.recipients]
        self.done += Status.DEFERRED not in statuses
        if self.quiet:
            return
        now = dt.datetime.now(dt.UTC)
        if self.outlook is not None:
            self.outlook.absorb([entry], now=now)
        end = self.outlook.end(now) if self.outlook is not None else now
        views.note(
            _("{done}/{planned} · {line} · {status} · expected end {time}").format(
                done=self.done,
                planned=self.planned,
                line=entry.line,
                status=", ".join(word(status) for status in statuses),
                time=f"{end.astimezone():%H:%M:%S}",
            )
        )

    def close(self) -> None:
        if self.run is not None and self.run.stopped is not None:
            views.note(stop_sentence(self.run))
