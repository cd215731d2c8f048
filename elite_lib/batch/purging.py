"""Purge: put away what has been kept for its time; and, for one person who asks, before it.

Nothing that may still be needed goes: a batch with something pending or in doubt stays, and so does the
journal's account of which invoice left, when, to whom (masked, and as a keyed hash) and what the server said.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import re
import secrets as randomness
import shutil
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from elite_lib import outcomes, secrets, storage
from elite_lib.batch.keeping import back_up
from elite_lib.batch.office import Office, handed_folder, utc_now
from elite_lib.config import Home
from elite_lib.exceptions import ConfigError
from elite_lib.journal import backup, purging
from elite_lib.models import Batch, Entry, EntryKind
from elite_lib.outcomes import pseudonyms

_MONTH = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])")
_YEAR = re.compile(r"ATT-([0-9]{4})")  # of tax certificates
_KEY = "addresses.key"  # of the pseudonyms, in the home's secrets


class Kept(StrEnum):
    """What a home keeps, each for a time of its own."""

    MESSAGES = "messages"
    DOCUMENTS = "documents"
    NOTEBOOKS = "notebooks"
    RETURNS = "returns"
    ADDRESSES = "addresses"


@dataclass(frozen=True, slots=True, kw_only=True)
class Purge:
    """What is past its time, and what of it has to stay."""

    places: tuple[tuple[Kept, Path], ...] = ()  # folders and files
    batches: tuple[str, ...] = ()  # whose messages are among the places
    entries: tuple[Entry, ...] = ()  # of the journal, that name an address in clear
    kept: tuple[str, ...] = ()  # batches past their time with something pending or in doubt

    @property
    def counts(self) -> dict[Kept, int]:
        """Count what there is to put away, by kind; every kind, zero included."""
        counts = dict.fromkeys(Kept, 0)
        for kind, _ in self.places:
            counts[kind] += 1
        counts[Kept.ADDRESSES] = len(self.entries)
        return counts

    @property
    def empty(self) -> bool:
        return not (self.places or self.entries)


def look_for_purge(office: Office, *, now: dt.datetime | None = None) -> Purge:
    """List what has been kept for as long as ``[retention]`` says; nothing is changed.

    A month's messages, documents and notebooks count from the end of that month, so that the months
    before keep what a family may still ask for.
    """
    now, rule, home = now or utc_now(), office.settings.retention, office.settings.home
    places: list[tuple[Kept, Path]] = []
    batches, kept = _old_batches(office, first_kept(rule.messages, now), now)
    places += [(Kept.MESSAGES, office.outbox.folder / batch) for batch in batches]
    places += _of_months(Kept.MESSAGES, home.handed, first_kept(rule.messages, now))
    places += _of_months(Kept.DOCUMENTS, home.documents, first_kept(rule.documents, now))
    places += _of_months(Kept.NOTEBOOKS, home.runs, first_kept(rule.notebooks, now))
    places += _old_returns(office, first_kept(rule.returns, now))
    limit = first_kept(rule.addresses, now)
    entries: tuple[Entry, ...] = ()
    if limit:
        before = dt.datetime(int(limit[:4]), int(limit[5:]), 1, tzinfo=dt.UTC)
        entries = _in_clear(purging.due(office.journal, before=before))
    return Purge(places=tuple(places), batches=batches, entries=entries, kept=kept)


def look_for_person(office: Office, resident: str, *, now: dt.datetime | None = None) -> Purge:
    """List what would be put away of one resident and of their contacts, who ask to be erased.

    What the law makes the home keep (its invoices, ten years: code de commerce L123-22) is in the
    office's own program and workbook, not here. Executed notebooks and batches that others still need
    stay until their time: they are in ``kept``.

    Raises:
        ConfigError: ``resident_unknown_here``: the journal knows nothing about this code.
    """
    entries = purging.due(office.journal, resident=resident)
    if not entries:
        raise ConfigError("resident_unknown_here", value=resident)
    lines = {entry.line for entry in entries if entry.line}
    places, kept = _messages_of(office, lines, now or utc_now())
    home = office.settings.home
    for line in sorted(lines):
        places += [(Kept.DOCUMENTS, path) for path in home.documents.glob(f"*/*{_literal(line)}*.pdf")]
        if (home.attachments / line).is_dir():
            places.append((Kept.DOCUMENTS, home.attachments / line))
    places += _returns_of(home, entries)
    return Purge(places=tuple(places), entries=_in_clear(entries), kept=kept)


def purge(office: Office, found: Purge) -> Purge:
    """Put away what was found, and note in the journal what went: counts, never names.

    Copies of the journal that still hold the addresses go as well, and a new one is made. No run may
    hold the account meanwhile: what it and its listener write would meet what is rewritten here.

    Raises:
        JournalLockedError: a run is under way; nothing was put away.
        StorageError, JournalError: something could not be removed; what went before is gone, and
            looking again shows the rest.
    """
    with _without_a_run(office):
        _put_away(office, found)
    return found


def _put_away(office: Office, found: Purge) -> None:
    key = _pseudonym_key(office.settings.home)
    if found.entries:
        purging.rewrite(office.journal, found.entries, lambda entry: pseudonyms.put_away(entry, key))
        if office.journal.path is not None:
            newest = back_up(office) if office.settings.backups_kept else None
            backup.forget(office.settings.home.backups, but=newest)
    for batch in found.batches or ("",):
        office.journal.append(
            Entry(
                kind=EntryKind.PURGED,
                operator=office.operator,
                batch=batch,
                data={kind.value: count for kind, count in found.counts.items()},
            )
        )
    office.outbox.remember(office.journal.mark(), durable=True)
    for batch in found.batches:
        office.outbox.discard(batch)
    for kind, path in found.places:
        if kind is not Kept.MESSAGES or path.name not in found.batches:
            _remove(path)


def _without_a_run(office: Office) -> AbstractContextManager[None]:
    """Hold the account for the block; a home without one has no runs."""
    if office.settings.mail is None:
        return contextlib.nullcontext()
    return office.journal.hold_account(office.account.key, wait=0, operator=office.operator)


def recognised(office: Office, entries: list[Entry], addresses: Sequence[str]) -> list[Entry]:
    """Give entries with the addresses that are still written to, where they were put away."""
    key = office.settings.home.secrets / _KEY
    if not key.exists():
        return entries
    return pseudonyms.recognised(entries, addresses, _pseudonym_key(office.settings.home))


# -- what is past its time ---------------------------------------------------------------------------


def first_kept(months: int, now: dt.datetime) -> str:
    """Give the first month that is still kept, "2025-10"; "" where nothing goes."""
    if not months:
        return ""
    number = now.year * 12 + now.month - 1 - months
    return f"{number // 12:04}-{number % 12 + 1:02}"


def _old_batches(office: Office, limit: str, now: dt.datetime) -> tuple[tuple[str, ...], tuple[str, ...]]:
    old = [batch for batch in office.outbox.batches() if _last_month(batch.period.last) < limit]
    stay = {batch.id for batch in old if _is_needed(office, batch, now)}
    return tuple(batch.id for batch in old if batch.id not in stay), tuple(sorted(stay))


def _is_needed(office: Office, batch: Batch, now: dt.datetime) -> bool:
    """Tell whether a batch may still be sent, or has a message whose fate nobody knows."""
    lines = {message.line for message in batch.messages}
    entries = office.journal.entries(lines=lines) if lines else []
    in_doubt = {doubt.batch for doubt in outcomes.doubts(entries)}
    return now <= batch.expires or batch.id in in_doubt


def _of_months(kind: Kept, folder: Path, limit: str) -> Iterator[tuple[Kept, Path]]:
    """Find the folders named for months or years that are over (``2026-10``, ``2026-09..2026-10_<run>``)."""
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if "" < _last_month(path.name) < limit:
            yield kind, path


def _last_month(name: str) -> str:
    """Give the last month that a name is about: of a year's tax certificates its December; "" for none."""
    if year := _YEAR.match(name):
        return f"{year[1]}-12"
    return max(_MONTH.findall(name.partition("_")[0]), default="")


def _old_returns(office: Office, limit: str) -> list[tuple[Kept, Path]]:
    if not limit:
        return []
    start = dt.datetime(int(limit[:4]), int(limit[5:]), 1, tzinfo=dt.UTC)
    old = [entry for entry in office.journal.returns() if entry.at is not None and entry.at < start]
    return _returns_of(office.settings.home, old)


def _returns_of(home: Home, entries: Sequence[Entry]) -> list[tuple[Kept, Path]]:
    digests = {str(entry.data["digest"]) for entry in entries if entry.kind is EntryKind.RETURNED}
    files = (home.returns / f"{digest}.eml" for digest in sorted(digests))
    return [(Kept.RETURNS, file) for file in files if file.exists()]


def _messages_of(
    office: Office, lines: set[str], now: dt.datetime
) -> tuple[list[tuple[Kept, Path]], tuple[str, ...]]:
    places: list[tuple[Kept, Path]] = []
    kept = []
    for batch in office.outbox.batches():
        theirs = [message for message in batch.messages if message.line in lines]
        files = [office.outbox.folder / batch.id / message.file for message in theirs]
        files += [handed_folder(office, batch.id, message.file) for message in theirs]
        there = [file for file in files if file.exists()]
        if there and _is_needed(office, batch, now):
            kept.append(batch.id)
        else:
            places += [(Kept.MESSAGES, file) for file in there]
    return places, tuple(kept)


def _in_clear(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    key = b"only to see what would change"
    return tuple(entry for entry in entries if pseudonyms.put_away(entry, key) != entry)


def _literal(text: str) -> str:
    return re.sub(r"([*?[])", r"[\1]", text)


# -- putting it away ---------------------------------------------------------------------------------


def _remove(path: Path) -> None:
    with storage.writing(path), contextlib.suppress(FileNotFoundError):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def _pseudonym_key(home: Home) -> bytes:
    """Give the home's key, made at its first use: with it lost, old addresses are not recognised any more."""
    file = home.secrets / _KEY
    if not file.exists():
        storage.make_folder(home.secrets)
        storage.replace(file, randomness.token_hex(32).encode())
    return secrets.private_text(file).encode()
