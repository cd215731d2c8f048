"""The tests wait for nobody else: each session has its own place for the locks of sending accounts."""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from elite_lib.serving import Server, serving
from tests.support import browser as browsing


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


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for a module's tests."""
    with browsing.chromium() as started:
        yield started


@pytest.fixture(scope="module")
def server(root: Path) -> Iterator[Server]:
    """The dashboard of the module's home, its fixture ``root``."""
    with serving(root, password_hash=browsing.HASH, port=browsing.free_port()) as running:
        yield running
