"""Keep the journal safe: a copy after each run, and putting one back."""

from __future__ import annotations

import logging
import os
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from elite_lib import config
from elite_lib.batch.office import Office, journal_place
from elite_lib.exceptions import EliteError, JournalError
from elite_lib.journal import backup, engine, lock_account
from elite_lib.labels import explain
from elite_lib.outbox import Outbox

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Restoration:
    """A journal that was put back, beside what the outbox knows."""

    entry: int  # how far it goes
    known: int  # how far the outbox has seen the journal
    replaced: Path | None  # the journal that was there


def back_up(office: Office) -> Path:
    """Copy the journal into the home's ``backups``, and say where.

    Raises:
        JournalError: ``journal_on_server``: its administrator backs it up; ``journal_unreadable``.
        StorageError: it cannot be written.
    """
    if office.journal.path is None:
        raise JournalError("journal_on_server", path=office.journal.name)
    settings = office.settings
    return backup.back_up(office.journal.path, settings.home.backups, keep=settings.backups_kept)


def back_up_after_run(office: Office) -> None:
    """Copy the journal if the home wants it. A failure is told in the log: what was sent is sent."""
    if office.journal.path is None or not office.settings.backups_kept:
        return
    try:
        back_up(office)
    except EliteError as error:
        _LOG.warning("The journal was not backed up: %s", explain(error))


def restore_journal(home: str | Path | None, file: Path, *, operator: str) -> Restoration:
    """Put a copy in the journal's place, while nobody sends or has it open.

    The outbox still guards: a copy that is shorter than what it knows, or of another journal, stops
    everything until ``adopt_journal``.

    Raises:
        JournalLockedError: a run holds the account.
        JournalError: ``journal_on_server``, ``backup_missing``, ``backup_unusable``, ``journal_open``.
        ConfigError, StorageError: no home; it cannot be written.
    """
    root = config.find_home(Path(home) if home else None, environ=os.environ, cwd=Path.cwd())
    settings = config.load(root)
    place = engine.place(journal_place(settings))
    if not isinstance(place, Path):
        raise JournalError("journal_on_server", path=engine.name_of(place))
    with ExitStack() as stack:
        if settings.mail is not None:
            stack.enter_context(
                lock_account(
                    place.parent / "locks", settings.mail.key, wait=0, run="restore", operator=operator
                )
            )
        found = backup.restore(file, place, settings.home.backups)
    known = Outbox(settings.home.outbox).mark()
    return Restoration(entry=found.entry, known=known.entry if known else 0, replaced=found.replaced)
