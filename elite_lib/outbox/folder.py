"""The outbox's folder: freeze a batch whole or not at all, read it back byte for byte."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Collection
from pathlib import Path
from typing import Any

from filelock import FileLock

from elite_lib import storage
from elite_lib.exceptions import JournalError, OutboxError
from elite_lib.models import Batch, BatchMessage, JournalMark, Period
from elite_lib.outbox import manifest
from elite_lib.outbox.freezing import Freezing
from elite_lib.outbox.manifest import Seal

_ID = re.compile(r"(?:ATT-[0-9]{4}|[0-9]{4}-[0-9]{2}(?:\.\.[0-9]{4}-[0-9]{2})?)-[0-9a-f]{12}")
_DRAFT = ".new-"  # folder of a batch that is being written; after a crash nobody's


class Outbox:
    """Frozen batches under one folder, and how far the journal had got when they were last seen.

    A batch is never changed once it is there. Files are 0600, folders 0700.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    # -- freezing --------------------------------------------------------------------------------

    def freeze(self, freezing: Freezing) -> Batch:
        """Write a batch to disk, or return the intact one that the same input gave before.

        It is written beside its place, confirmed by the disk and renamed: there is never half a
        batch. One that expired before ``created`` is not returned; the same input then gives a new one.

        Raises:
            OutboxError: ``batch_altered`` (the earlier one), ``message_twice``.
            JournalError: ``journal_foreign``: not the journal that this outbox knows.
            StorageError: ``disk_full``, ``no_permission``…; nothing is left of the batch.
        """
        storage.make_folder(self.folder)
        with storage.writing(self.folder), self._alone("freeze"):
            self._sweep()
            for batch_id in freezing.ids():
                if not (self.folder / batch_id).exists():
                    break
                if freezing.created < self.listed(batch_id).expires:
                    return self.read(batch_id)
            self.remember(freezing.journal, durable=True)  # first: what is in the outbox is never ahead of it
            return self._write(freezing, batch_id)

    @staticmethod
    def describe(freezing: Freezing) -> Batch:
        """Say what freezing would give, and write nothing: a rehearsal's batch.

        Raises:
            OutboxError: ``message_twice``.
        """
        batch_id = next(freezing.ids())
        return freezing.batch(batch_id, [message for message, _content in freezing.contents(batch_id)])

    def _alone(self, purpose: str) -> FileLock:
        return FileLock(
            self.folder / f".{purpose}.lock", mode=storage.PRIVATE_FILE, fallback_to_soft=False, timeout=-1
        )

    def _sweep(self) -> None:
        for leftover in self.folder.glob(f"{_DRAFT}*"):
            shutil.rmtree(leftover)

    def _write(self, freezing: Freezing, batch_id: str) -> Batch:
        place = self.folder / batch_id
        draft = Path(tempfile.mkdtemp(prefix=_DRAFT, dir=self.folder))  # 0700
        try:
            with storage.writing(place):
                messages = []
                for message, content in freezing.contents(batch_id):
                    if content is not None:
                        storage.write_new(draft / message.file, content)
                    messages.append(message)
                batch = freezing.batch(batch_id, messages)
                listed = manifest.dump(batch)
                storage.write_new(draft / "manifest.json", listed)
                storage.write_new(draft / "seal.json", Seal.of(batch, listed).dump())
                for file in draft.iterdir():  # after all are written: the disk is at it already
                    storage.sync(file)
                storage.sync(draft)
                draft.rename(place)
                storage.sync(self.folder)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise
        return batch

    def discard(self, batch_id: str) -> None:
        """Remove a batch whose time is over: whole, or not at all. One that is not there is gone already.

        Raises:
            StorageError: it cannot be removed.
        """
        place = self.folder / batch_id
        if not _ID.fullmatch(batch_id) or not place.is_dir():
            return
        with storage.writing(place), self._alone("freeze"):
            gone = self.folder / f"{_DRAFT}gone-{batch_id}"  # swept, should this be cut short
            place.rename(gone)
            storage.sync(self.folder)
            shutil.rmtree(gone)

    # -- reading ---------------------------------------------------------------------------------

    def read(self, batch_id: str) -> Batch:
        """Read a batch and prove every byte of it.

        Raises:
            OutboxError: ``batch_missing``; ``batch_altered`` (file): something is gone or changed.
        """
        batch = self.listed(batch_id)
        for message in batch.departures:
            self.content(batch, message)
        return batch

    def content(self, batch: Batch, message: BatchMessage) -> bytes:
        """Return a message's bytes, proved again: hours may lie between reading a batch and sending it.

        Raises:
            OutboxError: ``batch_altered`` (file).
        """
        content = self._file(batch.id, message.file)
        if manifest.sha256(content) != message.sha256:
            raise OutboxError("batch_altered", batch=batch.id, file=message.file)
        return content

    def batches(self) -> tuple[Batch, ...]:
        """List every batch, oldest first; manifests are proved, messages are not read.

        Raises:
            OutboxError: ``batch_altered``.
        """
        found = (self.listed(batch_id) for batch_id in self._ids())
        return tuple(sorted(found, key=lambda batch: (batch.created, batch.id)))

    def newest(self, period: Period) -> Batch | None:
        """Find the batch of exactly this period that was created last; its messages are not read.

        Raises:
            OutboxError: ``batch_altered``: a damaged one could be the newest.
        """
        ids = [batch_id for batch_id in self._ids() if batch_id.rpartition("-")[0] == period.key]
        if not ids:
            return None
        return self.listed(max(ids, key=lambda batch_id: (self._seal(batch_id).created, batch_id)))

    def _ids(self) -> list[str]:
        if not self.folder.is_dir():
            return []
        return sorted(path.name for path in self.folder.iterdir() if _ID.fullmatch(path.name))

    def listed(self, batch_id: str) -> Batch:
        """Read a batch's manifest, proved; its messages are not read.

        Raises:
            OutboxError: ``batch_missing``, ``batch_altered``.
        """
        if not _ID.fullmatch(batch_id) or not (self.folder / batch_id).is_dir():
            raise OutboxError("batch_missing", batch=batch_id)
        sealed, content = self._file(batch_id, "seal.json"), self._file(batch_id, "manifest.json")
        altered = OutboxError("batch_altered", batch=batch_id, file="manifest.json")
        try:
            batch = manifest.load(content)
        except (ValueError, KeyError, TypeError) as error:
            raise altered from error
        if batch.id != batch_id or Seal.of(batch, content).dump() != sealed:  # or a renamed folder
            raise altered
        return batch

    def _seal(self, batch_id: str) -> Seal:
        try:
            return Seal.parse(self._file(batch_id, "seal.json"))
        except (ValueError, KeyError, TypeError) as error:
            raise OutboxError("batch_altered", batch=batch_id, file="seal.json") from error

    def _file(self, batch_id: str, name: str) -> bytes:
        path = self.folder / batch_id / name
        with storage.writing(path):
            try:
                return path.read_bytes()
            except FileNotFoundError as error:
                raise OutboxError("batch_altered", batch=batch_id, file=name) from error

    # -- the journal that belongs to it ----------------------------------------------------------

    def mark(self) -> JournalMark | None:
        """Say how far the journal was when it was last seen: the furthest of what is noted here.

        ``journal.json`` and every batch's seal count; a damaged one is passed over, as the others
        still tell. Where they name different journals, ``journal.json`` decides, else the newest batch.
        """
        noted, overruled = self._noted()
        seals = []
        for batch_id in self._ids():
            try:
                if batch_id not in overruled:
                    seals.append(self._seal(batch_id))
            except OutboxError:
                continue
        if noted is None and not seals:
            return None
        journal = noted.journal if noted else max(seals, key=lambda seal: seal.created).journal.journal
        marks = [seal.journal for seal in seals] + ([noted] if noted else [])
        return JournalMark(journal=journal, entry=max(m.entry for m in marks if m.journal == journal))

    def remember(self, mark: JournalMark, durable: bool = False, *, adopted: bool = False) -> None:
        """Note how far the journal is; a note is never taken back.

        Without ``durable`` a power cut may lose it (the batch's seal stays). ``adopted``: a person
        decided to go on with this journal, whatever was noted before, in the batches too.

        Raises:
            JournalError: ``journal_foreign`` (known, found), unless adopted.
            StorageError: it cannot be written.
        """
        storage.make_folder(self.folder)
        with storage.writing(self.folder), self._alone("mark"):
            noted, overruled = self._noted()
            if adopted:
                overruled = self._ids()
            elif (known := noted or self.mark()) is not None:
                if known.journal != mark.journal:
                    raise JournalError("journal_foreign", known=known.journal, found=mark.journal)
                if noted and (mark.entry < noted.entry or (mark.entry == noted.entry and not durable)):
                    return
            facts: dict[str, Any] = {**manifest.mark_facts(mark), "overruled": sorted(overruled)}
            storage.replace(self.folder / "journal.json", manifest.canonical(facts), durable=durable)

    def _noted(self) -> tuple[JournalMark | None, Collection[str]]:
        try:
            facts = json.loads((self.folder / "journal.json").read_bytes())
            return JournalMark(journal=facts["journal"], entry=facts["entry"]), facts["overruled"]
        except (OSError, ValueError, KeyError, TypeError):
            return None, ()  # not there, or torn by a power cut: the seals tell
