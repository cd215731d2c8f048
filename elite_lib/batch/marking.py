"""The journal of a test: what it appends is marked, and counts for nobody else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from elite_lib.journal import Journal
from elite_lib.models import Entry


class TestJournal(Journal):
    """The journal as a test's run sees it: what it appends is marked, what it appended counts for itself."""

    __test__ = False  # no test of pytest's

    def __init__(self, journal: Journal, run: str) -> None:
        super().__init__(
            journal._pinned,
            id=journal.id,
            establishment=journal.establishment,
            clock=journal._clock,
            accounts=journal._accounts,
        )
        self._run = run

    def append_together(self, entries: Sequence[Entry]) -> list[Entry]:
        marked = [replace(entry, data={**entry.data, "test": True}) for entry in entries]
        return [self._unmarked(entry) for entry in super().append_together(marked)]

    def entries(self, **asked: Any) -> list[Entry]:
        return [self._unmarked(entry) for entry in super().entries(**asked)]

    def _unmarked(self, entry: Entry) -> Entry:
        """Let the run know its own verdicts: it would send for ever what it passes over."""
        if entry.run != self._run:
            return entry
        return replace(entry, data={name: value for name, value in entry.data.items() if name != "test"})
