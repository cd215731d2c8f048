"""The tests wait for nobody else: each session has its own place for the locks of sending accounts."""

from __future__ import annotations

import os
import signal
import tempfile

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Give the session a place of its own (platformdirs reads it; programs that are started inherit it)."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # a shell's background job: the programs that are started would ignore Ctrl-C, too
        signal.signal(signal.SIGINT, signal.default_int_handler)
    hangup = getattr(signal, "SIGHUP", None)
    if hangup is not None and signal.getsignal(hangup) is signal.SIG_IGN:
        # nohup: the tests go on, and what they start hears of a hangup again
        signal.signal(hangup, lambda _signal, _frame: None)
    folder = tempfile.TemporaryDirectory(prefix="elite-state-")
    os.environ["XDG_STATE_HOME"] = folder.name
    config.add_cleanup(folder.cleanup)
