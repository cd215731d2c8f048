"""The real weight of each message, worked out beside the page, a few lines at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from elite_lib.batch import Office
from elite_lib.batch.previewing import Previewer, Written
from elite_lib.exceptions import EliteError
from elite_lib.models import DispatchLine, Disposition, Wording
from elite_lib.ui.month import Month

_AT_ONCE = 5  # lines made in one go: the page answers between two goes
_REST = 0.03  # seconds
_FIRST = 2.0  # seconds before it begins: the page is drawn first


class Weigher:
    """Write every mailable line as it would leave, and note its weight and what would hold it."""

    def __init__(self, office: Office, *, on_weighed: Callable[[Sequence[str]], None]) -> None:
        self.office = office
        self._on_weighed = on_weighed
        self._turn = 0

    def stop(self) -> None:
        """Let go of what is being weighed: it is out of date."""
        self._turn += 1

    async def weigh(self, month: Month, wording: Wording, *, only: Sequence[str] | None = None) -> None:
        """Weigh the month's lines, or ``only`` these; a later call or :meth:`stop` ends it."""
        self._turn += 1
        turn = self._turn
        await asyncio.sleep(_FIRST if only is None else 0)
        if turn != self._turn:
            return
        lines = [
            line
            for line in month.plan.lines
            if line.disposition is Disposition.MAIL and (only is None or line.key in only)
        ]
        try:
            writer = await asyncio.to_thread(
                Previewer, self.office, month.plan, wording=wording, states=month.states
            )
            for at in range(0, len(lines), _AT_ONCE):
                some = lines[at : at + _AT_ONCE]
                written = await asyncio.to_thread(_written, writer, some)
                if turn != self._turn:
                    return
                for line, one in zip(some, written, strict=True):
                    _note(month, line.key, one)
                self._on_weighed([line.key for line in some])
                await asyncio.sleep(_REST)
        except EliteError:
            return  # said where it belongs: the message panel, the settings, the preview


def _written(writer: Previewer, lines: Sequence[DispatchLine]) -> list[Written]:
    return [writer.line(line) for line in lines]


def _note(month: Month, key: str, written: Written) -> None:
    if written.drafts:
        month.beside.weights[key] = written.size
    else:
        month.beside.weights.pop(key, None)
    if written.problems:
        month.beside.foreseen[key] = written.problems
    else:
        month.beside.foreseen.pop(key, None)
