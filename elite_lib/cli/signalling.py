"""Ctrl-C, SIGTERM and a closed terminal: noted or obeyed, and never a reason to write to what is gone."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType

_ENDING = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")  # the last two on their own systems
_OUTPUTS = (1, 2)


@contextlib.contextmanager
def ending_signals(act: Callable[[int], None]) -> Iterator[None]:
    """Call ``act`` with each signal that asks the program to end, for the length of the block.

    One that is ignored (``nohup``) stays ignored. Once the terminal was closed, what is written to it
    goes nowhere: to fail on that would leave the run without its last words in the journal.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    terminals = [number for number in _OUTPUTS if os.isatty(number)]  # asked now: a closed one denies it

    def came(number: int, _frame: FrameType | None) -> None:
        if number == getattr(signal, "SIGHUP", None):
            _let_go(terminals)
        act(number)

    numbers = [getattr(signal, name) for name in _ENDING if hasattr(signal, name)]
    kept = {
        number: signal.signal(number, came)
        for number in numbers
        if signal.getsignal(number) is not signal.SIG_IGN
    }
    try:
        yield
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)


def _let_go(terminals: list[int]) -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for number in terminals:
        os.dup2(nowhere, number)
    os.close(nowhere)
