"""Run a piece of Python on a real disk that is too small, or that may only be read."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.support import needs

_MOUNT = 'mount -t tmpfs -o size="$1" none "$2" || exit 99; shift; exec "$0" -c "$2" "$1"'

PRELUDE = """
import pathlib, subprocess, sys
disk = pathlib.Path(sys.argv[1])

def fill(spare=0):
    '''Fill the disk but for some bytes.'''
    with open(disk / "filler", "ab", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            pass
        file.truncate(max(0, file.tell() - spare))

def empty():
    (disk / "filler").unlink()

def freeze_disk(mode):
    subprocess.run(["mount", "-o", f"remount,{mode}", str(disk)], check=True)
"""


def on_small_disk(folder: Path, script: str, size: str = "1m") -> list[str]:
    """Run ``script`` with ``disk`` (a fresh file system of ``size``) and return the lines it printed.

    In user and mount namespaces of its own: no privilege is needed, and nothing stays mounted.
    """
    folder.mkdir(exist_ok=True)
    command = [
        needs.program("unshare"), "--user", "--map-root-user", "--mount", "--",
        "sh", "-c", _MOUNT, sys.executable, size, str(folder), PRELUDE + textwrap.dedent(script),
    ]  # fmt: skip
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],  # the script may import the tests
        env={**os.environ, "PYTHONWARNINGS": "error"},
        check=False,
    )
    if done.returncode in (1, 99) and "Traceback" not in done.stderr:
        needs.program("a system that lets its users mount a tmpfs")
        pytest.fail("unreachable", pytrace=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()
