"""An opened home: its settings, its outbox, its journal; and the guard of invariant 9."""

from __future__ import annotations

import datetime as dt
import getpass
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from elite_lib import config
from elite_lib.config import Settings
from elite_lib.exceptions import ConfigError, JournalError
from elite_lib.journal import Journal, open_journal
from elite_lib.models import MailAccount
from elite_lib.outbox import Outbox

LOCK_WAIT = 10.0  # seconds: a run that was told to stop still finishes its message


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """What every command works with. Close it, or use it in a ``with`` block."""

    settings: Settings
    outbox: Outbox
    journal: Journal
    operator: str  # par qui

    @property
    def account(self) -> MailAccount:
        """Give the mail account.

        Raises:
            ConfigError: ``[mail]`` is not filled in yet.
        """
        if self.settings.mail is None:
            raise ConfigError("mail_missing", file=str(self.settings.home.toml))
        return self.settings.mail

    def close(self) -> None:
        self.journal.close()

    def __enter__(self) -> Office:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()


def handed_folder(office: Office, batch: str, file: str) -> Path:
    """Say where the files are that a mail program was given with a frozen message."""
    return office.settings.home.handed / f"{batch}-{file.partition('.')[0]}"


def utc_now() -> dt.datetime:
    """Tell the time, aware, in UTC."""
    return dt.datetime.now(dt.UTC)


def open_home(home: str | Path | None = None, *, operator: str = "") -> Office:
    """Open a home: ``home``, else ``ELITE_HOME``, else the nearest folder upwards with ``elite.toml``.

    The journal is made at the first use only: where the outbox has seen one before, a missing,
    shorter or foreign journal stops everything until a person decides (invariant 9).

    Raises:
        ConfigError: no home, or its settings cannot be used.
        JournalError: ``journal_missing``, ``journal_foreign`` or ``journal_short``.
    """
    root = config.find_home(Path(home) if home else None, environ=os.environ, cwd=Path.cwd())
    settings = config.load(root)
    outbox = Outbox(settings.home.outbox)
    journal = open_journal(
        journal_place(settings), establishment=settings.establishment.key, create=outbox.mark() is None
    )
    office = Office(
        settings=settings,
        outbox=outbox,
        journal=journal,
        operator=operator or settings.operator or getpass.getuser(),
    )
    try:
        check_journal(office)
    except JournalError:
        office.close()
        raise
    return office


def journal_place(settings: Settings, *, environ: Mapping[str, str] = os.environ) -> str | Path:
    """Say where the journal is: ``ELITE_JOURNAL_URL``, ``[journal] url``, else a file of the home."""
    return environ.get("ELITE_JOURNAL_URL") or settings.journal_url or settings.home.journal


def check_journal(office: Office) -> None:
    """Refuse a journal that is not the one that the outbox knows.

    A restored backup is shorter than what the outbox has seen: going on with it would send again
    what left after the backup was made.

    Raises:
        JournalError: ``journal_foreign`` or ``journal_short``.
    """
    known = office.outbox.mark()
    if known is None:
        return
    found = office.journal.mark()
    path = office.journal.name
    if found.journal != known.journal:
        raise JournalError("journal_foreign", path=path, known=known.journal, found=found.journal)
    if found.entry < known.entry:
        raise JournalError("journal_short", path=path, known=known.entry, found=found.entry)
