"""Work beside the page: tasks of the kernel's loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

_TASKS: set[asyncio.Task[None]] = set()  # the loop itself keeps only weak references


def spawn(work: Coroutine[Any, Any, None], *, later: bool = False) -> None:
    """Run ``work`` beside the page; without a running loop (a plain script) now, or never if ``later``."""
    try:
        task = asyncio.get_running_loop().create_task(work)
    except RuntimeError:
        if later:
            work.close()
        else:
            asyncio.run(work)
        return
    _TASKS.add(task)
    task.add_done_callback(_TASKS.discard)


def is_looping() -> bool:
    """Tell whether there is a loop to work beside."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


class Later:
    """Do something a little later, once, however often it is asked for meanwhile."""

    def __init__(self, work: Callable[[], None], *, after: float) -> None:
        self._work, self._after = work, after
        self._asked = 0

    def __call__(self, *, after: float | None = None) -> None:
        """Ask for it; ``after`` seconds instead of the usual ones."""
        self._asked += 1
        if not is_looping():  # a plain script: there is no later
            self._work()
            return
        spawn(self._wait(self._asked, self._after if after is None else after))

    async def _wait(self, asked: int, after: float) -> None:
        await asyncio.sleep(after)
        if asked == self._asked:
            self._work()
