"""A real webmail: Debian's Roundcube on PHP's built-in server, over the rig's mailbox."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.support import needs
from tests.support.mailrig import MailRig

_SHARE = Path("/usr/share/roundcube")
_PATIENCE = 30.0
_CONFIG = """<?php
$config['db_dsnw'] = 'sqlite:///{folder}/roundcube.db?mode=0600';
$config['imap_host'] = '127.0.0.1:{imap}';
$config['smtp_host'] = '127.0.0.1:{smtp}';
$config['smtp_user'] = '';
$config['smtp_pass'] = '';
$config['des_key'] = 'twenty-four-characters-x';
$config['log_dir'] = '{folder}/logs';
$config['temp_dir'] = '{folder}/temp';
$config['plugins'] = [];
$config['language'] = 'fr_FR';
$config['drafts_mbox'] = 'Drafts';
$config['sent_mbox'] = 'Sent';
$config['enable_installer'] = false;
"""


def installed() -> str:
    """Give PHP's path, or skip the test (fail it under ``ELITE_REQUIRE=all``) without it or Roundcube."""
    php = needs.program("php")
    if not (_SHARE / "index.php").exists():
        needs.lacking("not installed: roundcube-core")
    return php


class Roundcube:
    """Serves ``url`` on loopback until the end of its block."""

    def __init__(self, folder: Path, rig: MailRig) -> None:
        self._php = installed()
        self.folder = folder
        for name in ("logs", "temp"):
            (folder / name).mkdir(parents=True)
        text = _CONFIG.format(folder=folder, imap=rig.imap, smtp=rig.trusted)
        (folder / "config.inc.php").write_text(text, encoding="utf-8")
        for name in ("defaults.inc.php", "mimetypes.php"):
            (folder / name).symlink_to(Path("/etc/roundcube") / name)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def __enter__(self) -> Self:
        with (self.folder / "php.log").open("wb") as log:
            self._process = subprocess.Popen(
                [self._php, "-S", f"127.0.0.1:{self.port}", "-t", str(_SHARE)],
                env={"PATH": os.environ["PATH"], "ROUNDCUBE_CONFIG_DIR": str(self.folder), "HOME": "/root"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + _PATIENCE
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return self
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGTERM)
            self._process.wait(10)
