"""A real Thunderbird on a screen of its own (Xvfb), with a throw-away profile that knows one account.

Folders are mbox files under the profile: what a compose window holds is read from the draft that it saves.
"""

from __future__ import annotations

import mailbox
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from email.message import Message
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.support import needs

_PATIENCE = 60.0  # seconds: the first start of a profile makes its databases
_PREFERENCES = """
mail.accountmanager.accounts "account1,account2"
mail.accountmanager.defaultaccount "account2"
mail.accountmanager.localfoldersserver "server1"
mail.account.account1.server "server1"
mail.account.account2.server "server2"
mail.account.account2.identities "id1"
mail.server.server1.type "none"
mail.server.server1.hostname "Local Folders"
mail.server.server1.userName "nobody"
mail.server.server1.name "Local Folders"
mail.server.server1.directory-rel "[ProfD]Mail/Local Folders"
mail.server.server2.type "pop3"
mail.server.server2.hostname "localhost"
mail.server.server2.userName "compta"
mail.server.server2.directory-rel "[ProfD]Mail/localhost"
mail.server.server2.login_at_startup false
mail.server.server2.check_new_mail false
mail.server.server2.download_on_biff false
mail.identity.id1.fullName "Comptabilité"
mail.identity.id1.useremail "{sender}"
mail.identity.id1.valid true
mail.identity.id1.smtpServer "smtp1"
mail.identity.id1.fcc_folder "mailbox://nobody@Local%20Folders/Sent"
mail.identity.id1.draft_folder "mailbox://nobody@Local%20Folders/Drafts"
mail.smtpservers "smtp1"
mail.smtp.defaultserver "smtp1"
mail.smtpserver.smtp1.hostname "127.0.0.1"
mail.smtpserver.smtp1.port {port}
mail.smtpserver.smtp1.try_ssl 0
mail.smtpserver.smtp1.authMethod 1
mail.provider.suppress_dialog_on_startup true
mail.spotlight.firstRunDone true
mail.shell.checkDefaultClient false
mail.rights.version 1
mail.ui-rdf.version 999999
mail.warn_on_send_accel_key false
mail.compose.attachment_reminder false
mail.SpellCheckBeforeSend false
mailnews.start_page.enabled false
mailnews.start_page_override.mstone "ignore"
app.donation.eoy.version.viewed 999
app.update.enabled false
datareporting.policy.dataSubmissionPolicyBypassNotification true
toolkit.telemetry.reportingpolicy.firstRun false
extensions.getAddons.cache.enabled false
network.captive-portal-service.enabled false
network.connectivity-service.enabled false
"""


class ThunderbirdScreen:
    """A screen, a profile, and whatever Thunderbird is started on them; all ended at the end."""

    def __init__(self, folder: Path, *, sender: str, port: int = 9) -> None:
        self.program = needs.program("thunderbird")
        self.xdotool = needs.program("xdotool")
        self._xvfb = needs.program("Xvfb")
        self.folder = folder
        self.profile = folder / "profile"
        self._display = ""
        self._processes: list[subprocess.Popen[bytes]] = []
        self.profile.mkdir(parents=True)
        lines = _PREFERENCES.format(sender=sender, port=port).strip().splitlines()
        written = (line.partition(" ") for line in lines)
        text = "".join(f'user_pref("{name}", {value});\n' for name, _, value in written)
        (self.profile / "user.js").write_text(text, encoding="utf-8")

    def __enter__(self) -> Self:
        reading, writing = os.pipe()
        screen = [self._xvfb, "-displayfd", str(writing), "-screen", "0", "1280x900x24", "-nolisten", "tcp"]
        self._processes.append(
            subprocess.Popen(screen, pass_fds=[writing], stderr=subprocess.DEVNULL, start_new_session=True)
        )
        os.close(writing)
        with os.fdopen(reading) as told:
            self._display = f":{told.readline().strip()}"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in reversed(self._processes):
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(10)

    @property
    def environ(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return kept | {"DISPLAY": self._display, "MOZ_CRASHREPORTER_DISABLE": "1", "NO_AT_BRIDGE": "1"}

    def start(self, command: Sequence[str]) -> None:
        """Start Thunderbird as our own code does, on this screen and profile."""
        program, *arguments = command
        process = subprocess.Popen(
            [program, "--profile", str(self.profile), *arguments],
            env=self.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._processes.append(process)

    def window(self, name: str) -> str:
        """Wait for a window whose title holds ``name``, and give its id."""
        return self.until(lambda: self._windows(name), f"no window: {name}")

    def _windows(self, name: str) -> str:
        found = self._run("search", "--onlyvisible", "--name", name)
        return found.split()[-1] if found.split() else ""

    def press(self, title: str, key: str, *, until: Callable[[], Any]) -> Any:
        """Press a key in the window of this title, as a person would, and again while nothing comes of it.

        A window takes keys before it has been filled.
        """
        self.window(title)

        def pressed() -> Any:
            if not (found := until()) and (window := self._windows(title)):
                self._run("windowfocus", "--sync", window)
                self._run("key", "--window", "0", key)
                time.sleep(1)  # a person's pace
            return found

        return self.until(pressed, f"nothing came of {key} in {title}")

    def _run(self, *arguments: str) -> str:
        done = subprocess.run(
            [self.xdotool, *arguments],
            env=self.environ,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        return done.stdout

    def screenshot(self, file: Path) -> None:
        """Take a picture of the whole screen."""
        program = needs.program("import")
        command = [program, "-window", "root", str(file)]
        subprocess.run(command, env=self.environ, check=True, timeout=30)

    def folder_of(self, name: str) -> list[Message]:
        """Read a local folder."""
        path = self.profile / "Mail" / "Local Folders" / name
        if not path.exists() or not path.stat().st_size:
            return []
        box = mailbox.mbox(path, create=False)
        try:
            return list(box)
        finally:
            box.close()

    def until(self, look: Callable[[], Any], failing: str) -> Any:
        """Look until something is there."""
        deadline = time.monotonic() + _PATIENCE
        while not (found := look()):
            if time.monotonic() > deadline:
                raise AssertionError(failing)
            self._processes[0].poll()
            time.sleep(0.2)
        return found


@contextmanager
def on_path(folder: Path, screen: ThunderbirdScreen) -> Iterator[dict[str, str]]:
    """Make a folder whose ``thunderbird`` opens this profile; give what the environment needs beside it.

    It is to come first on PATH. What was started by it is ended at the end.
    """
    folder.mkdir()
    script = folder / "thunderbird"
    script.write_text(
        f'#!/bin/sh\necho $$ >> "{folder}/pids"\nexec "{screen.program}" --profile "{screen.profile}" "$@"\n'
    )
    script.chmod(0o755)
    kept = ("PATH", "HOME", "LANG")
    try:
        yield {name: value for name, value in screen.environ.items() if name not in kept}
    finally:
        pids = folder / "pids"
        for pid in pids.read_text().split() if pids.exists() else ():
            with suppress(ProcessLookupError):
                os.killpg(int(pid), signal.SIGTERM)
