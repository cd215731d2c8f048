"""Say what a test needs that is not a Python package."""

from __future__ import annotations

import os
import shutil
from typing import NoReturn

import pytest


def program(*names: str) -> str:
    """Return the path of the first of ``names`` that is installed, else skip the test.

    With ``ELITE_REQUIRE=all`` in the environment the test fails instead: a skip
    that nobody reads hides that nothing was tested.
    """
    for name in names:
        if path := shutil.which(name):
            return path
    return lacking(f"not installed: {' or '.join(names)}")


def root() -> None:
    """Skip the test, or fail it as above, unless it runs as root: real mail servers change their user."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        lacking("not root")


def lacking(reason: str) -> NoReturn:
    """Skip the test, or fail it under ``ELITE_REQUIRE=all``."""
    if os.environ.get("ELITE_REQUIRE") == "all":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)
