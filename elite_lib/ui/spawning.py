"""Work beside the page: tasks of the kernel's loop."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

_TASKS: set[asyncio.Task[None]] = set()  # the loop itself keeps only weak references


def spawn(work: Coroutine[Any, Any, None]) -> None:
    """Run ``work`` beside the page; without a running loop (a plain script) run it now."""
    try:
        task = asyncio.get_running_loop().create_task(work)
    except RuntimeError:
        asyncio.run(work)
        return
    _TASKS.add(task)
    task.add_done_callback(_TASKS.discard)
