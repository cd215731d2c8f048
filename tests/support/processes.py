"""Real processes that append to a journal or hold an account, and that can be killed.

They are forked from a server that has imported the library once: each starts in milliseconds.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from elite_lib.journal import lock_account, open_journal
from elite_lib.journal.backup import back_up, restore
from elite_lib.models import Entry, EntryKind, RecipientOutcome, Status
from elite_lib.outbox import Freezing, Outbox

RECIPIENTS = tuple(
    RecipientOutcome(contact=f"R1/{n}", address=f"{n}@example.com", status=Status.UNCERTAIN) for n in range(3)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    process: BaseProcess
    pipe: Connection

    def rest(self) -> list[Any]:
        """Read what it still sent before it ended or was killed."""
        received: list[Any] = []
        try:
            while True:
                received.append(self.pipe.recv())
        except EOFError:
            return received


@contextmanager
def child(act: Callable[..., None], *arguments: object) -> Iterator[Child]:
    """Run ``act(pipe, *arguments)`` in a process of its own; it must end when the pipe is closed."""
    context = multiprocessing.get_context("spawn" if os.name == "nt" else "forkserver")
    # whatever a child acts
    context.set_forkserver_preload(["elite_lib.batch", "tests.support.killing", "tests.support.returns"])
    ours, theirs = context.Pipe()
    process = context.Process(target=act, args=(theirs, *arguments))
    process.start()
    theirs.close()
    try:
        with ours:
            yield Child(process=process, pipe=ours)
    finally:
        process.join()
        process.close()


def appender(pipe: Connection, path: str | Path, name: str, count: int) -> None:
    """Append ``count`` entries of three recipients, and tell each id once it is durable."""
    with open_journal(path, establishment="t", create=True) as journal:
        for number in range(count):
            entry = Entry(kind=EntryKind.ATTEMPTING, run=name, line=str(number), recipients=RECIPIENTS)
            pipe.send(journal.append(entry).id)


def holder(pipe: Connection, folder: Path, account: str) -> None:
    """Hold the account until something arrives or the pipe is closed."""
    with lock_account(folder, account, wait=30, run="r1", operator="Claire Martin"):
        pipe.send("held")
        pipe.poll(None)


def freezer(pipe: Connection, folder: Path, freezing: Freezing) -> None:
    """Freeze a batch and tell its id."""
    pipe.send(Outbox(folder).freeze(freezing).id)


def backer(pipe: Connection, path: Path, folder: Path) -> None:
    """Back up again and again, and tell of the first."""
    back_up(path, folder, keep=3)
    pipe.send("made")
    while True:
        back_up(path, folder, keep=3)


def restorer(pipe: Connection, copy: Path, path: Path, folder: Path) -> None:
    """Say that it begins, restore, and say that it is done."""
    pipe.send("begins")
    restore(copy, path, folder)
    pipe.send("done")


def account_holder(pipe: Connection, place: str, account: str) -> None:
    """Hold the account by a journal of its own until something arrives or the pipe is closed."""
    with (
        open_journal(place, establishment="t", create=True) as journal,
        journal.hold_account(account, wait=30, run="r1", operator="Claire Martin"),
    ):
        pipe.send("held")
        pipe.poll(None)
