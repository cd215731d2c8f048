"""Ctrl-C, SIGTERM and a closed terminal: noted or obeyed, and never a reason to write to what is gone."""

from __future__ import annotations

import _thread
import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from types import FrameType

_ENDING = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")  # the last two on their own systems
_OUTPUTS = (1, 2)
_ONCE_MORE = 0.05  # seconds: the finalizer is over by then
_CAME: ContextVar[Sequence[int]] = ContextVar("signals that asked the command to end", default=())


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


@contextlib.contextmanager
def interruptible(came: list[int]) -> Iterator[None]:
    """Let SIGTERM and a closed terminal end a command as Ctrl-C does: half-written files are removed, a
    child is told. The signals are noted in ``came``.

    Python can raise nothing in a finalizer or in a C library's callback: what is lost there comes once more.
    """

    def interrupt(number: int) -> None:
        came.append(number)
        raise KeyboardInterrupt

    def lost(unraisable: sys.UnraisableHookArgs) -> None:
        if came and unraisable.exc_type is KeyboardInterrupt:
            threading.Timer(_ONCE_MORE, _thread.interrupt_main, [came[-1]]).start()
        else:
            hook(unraisable)

    hook, sys.unraisablehook = sys.unraisablehook, lost
    token = _CAME.set(came)
    try:
        with ending_signals(interrupt):
            yield
    finally:
        _CAME.reset(token)
        sys.unraisablehook = hook


def heed() -> None:
    """End the command if a signal asked for it and was lost: before what cannot be taken back.

    Raises:
        KeyboardInterrupt: a signal came since :func:`interruptible` began.
    """
    if _CAME.get():
        raise KeyboardInterrupt


def _let_go(terminals: list[int]) -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for number in terminals:
        os.dup2(nowhere, number)
    os.close(nowhere)
