"""A month that is being sent by real processes to a real catcher, so that it can be killed in the middle."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from elite_lib import batch as batches
from elite_lib import config, launcher, secrets
from elite_lib.demo import Catcher, deliveries
from elite_lib.journal import is_locked
from elite_lib.models import Box, Entry, EntryKind, Slip
from tests.support import offices

PASSWORD = "le bon mot de passe"
LOGIN = "compta@tilleuls.example"
ELITE = str(Path(sys.executable).with_name("elite"))
PATIENCE = 90.0  # seconds until a condition counts as never met: the machine may be busy


def until(condition: Callable[[], bool], what: str) -> None:
    """Wait until a condition holds; fail with its name when it never does."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"never: {what}"
        time.sleep(0.01)


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """One home, one catcher, and what is known of them without asking a run."""

    root: Path
    mailbox: Path

    # -- what the families have -----------------------------------------------------------------------

    def received(self) -> int:
        """Count what was kept: cheap, for polling."""
        new = self.mailbox / "new"
        return sum(1 for _ in new.iterdir()) if new.is_dir() else 0

    def families(self) -> Counter[str]:
        return Counter(delivery.recipient for delivery in deliveries(self.mailbox))

    # -- what the home knows --------------------------------------------------------------------------

    def slip(self) -> Slip:
        with offices.open_office(self.root) as office:
            slip = batches.survey(office, offices.OCTOBER).slip
        assert slip.balanced
        return slip

    def counts(self) -> dict[str, int]:
        return {box.value: total.count for box, total in self.slip().boxes.items() if total.count}

    def in_doubt(self) -> list[str]:
        return [line.key for line in self.slip().lines if line.box is Box.UNCERTAIN]

    def endings(self) -> list[Entry]:
        with offices.open_office(self.root) as office:
            return office.journal.entries(kinds=[EntryKind.RUN_ENDED])

    def folders(self) -> list[Path]:
        """List the folders of the runs, oldest first."""
        return sorted((self.root / "runs").iterdir(), key=lambda folder: folder.stat().st_mtime_ns)

    # -- processes ------------------------------------------------------------------------------------

    def start(self, *arguments: str, **environ: str) -> subprocess.Popen[str]:
        """Start ``elite send 2026-10 --yes ARGUMENTS``."""
        return subprocess.Popen(
            [ELITE, "send", "2026-10", "--yes", "--json", *arguments, "--home", str(self.root)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            env={**os.environ, **environ},
        )

    def launch(self) -> launcher.Launched:
        """Start the notebook alone, as ``elite send`` and the page do after they have prepared the month."""
        with offices.open_office(self.root) as office:
            batch = batches.prepare(office, offices.OCTOBER).batch
            return launcher.start(office, batch.period.key, batch=batch.id, send=True, attended=True)

    def middle(self, process: subprocess.Popen[Any], *, more: int = 1) -> None:
        """Wait until ``more`` further messages were kept."""
        wanted = self.received() + more
        until(lambda: self.received() >= wanted or process.poll() is not None, "a message in the middle")
        assert process.poll() is None, process.communicate()

    def kernel(self) -> int:
        """Give the process that sends now: the lock's holder."""
        with offices.open_office(self.root) as office:
            holder = is_locked(self.root / "locks", office.account.key)
        assert holder is not None
        assert holder.pid
        return holder.pid

    def settled(self) -> None:
        """Wait until nobody sends any more."""
        with offices.open_office(self.root) as office:
            account = office.account.key
        until(lambda: is_locked(self.root / "locks", account) is None, "the account is free")


def parent(pid: int) -> int:
    """Give the parent of a process (Linux)."""
    status = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    return int(status.rpartition(")")[2].split()[1])


def end(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Wait for a process; give its exit code and what it said."""
    out, err = process.communicate(timeout=PATIENCE)
    return process.returncode, out, err


@contextmanager
def campaign(root: Path, count: int, *, delay: float = 0.0, **sheets: Sequence[object]) -> Iterator[Campaign]:
    """Make a home of ``count`` invoices and run its catcher; ``delay``: seconds before each acceptance."""
    offices.make_home(root, count, **sheets)
    home = config.Home(root=root)
    secrets.store("mail", PASSWORD, home=home)
    with Catcher(root, login=LOGIN, password=PASSWORD, delay=delay) as catcher:
        account: dict[str, object] = {"sender": LOGIN, "login": LOGIN, "port": catcher.port}
        account |= {"security": "starttls", "ca_file": catcher.ca_file.name, "timeout": 20.0}
        config.save(home, {"mail": account})
        yield Campaign(root=root, mailbox=catcher.mailbox)
