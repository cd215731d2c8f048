"""A real Postfix and a real Dovecot on loopback, in a throw-away folder.

::

    with MailRig() as rig:
        rig.submission, rig.smtps, rig.mx, rig.imap, rig.imaps, rig.ca_pem

Needs root, and Debian's postfix, dovecot-core, dovecot-imapd and dovecot-lmtpd (see ``installed``). Logins,
for SMTP and IMAP: ``compta@maison.test``, ``parc@maison.test``, all with ``PASSWORD``. Destinations:

- ``maison.test``: hosted; an unknown user is refused at RCPT TO (550 5.1.1).
- ``famille.test``: taken, then handed to Dovecot, which refuses unknown users (5.1.1) and ``plein@`` (5.2.2,
  over quota): a real bounce comes back to the envelope's sender.
- ``panne.test``: its server refuses the connection: deferred, a delay report, then expiry.
- ``refus.test``: taken, then refused by its server's policy (5.7.1): a bounce.
"""

from __future__ import annotations

import imaplib
import os
import pwd
import shutil
import smtplib
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from types import TracebackType
from typing import Self

import trustme

from tests.support import mailrig_dovecot as dovecot
from tests.support import mailrig_postfix as postfix
from tests.support import needs
from tests.support.mailrig_dovecot import PASSWORD

__all__ = ["PASSWORD", "MailRig", "installed"]

_START = 20.0  # seconds
_STOP = 8.0


def installed() -> None:
    """Skip the test where the rig cannot run; fail it instead under ``ELITE_REQUIRE=all``."""
    needs.root()
    needs.program("postfix")
    needs.program("dovecot")
    absent = [path for path in (*postfix.PROGRAMS, *dovecot.PROGRAMS) if not Path(path).exists()]
    if absent:  # parts that Debian has in packages of their own, or another system elsewhere
        needs.lacking(f"not installed: {', '.join(absent)}")


class MailRig:
    """The two servers; ``mailboxes``: further ones of famille.test or maison.test, for the families."""

    def __init__(
        self,
        mailboxes: Iterable[str] = (),
        *,
        size_limit: int = 5_000_000,
        lifetime: str = "1d",
        delay_warning: str = "0",
        oauth: bool = False,
        pop3: bool = False,
    ) -> None:
        # Short (unix sockets: 107 characters) and 0755 (the daemons give up root): not pytest's tmp_path.
        self.base = Path(tempfile.mkdtemp(prefix="rig"))
        self.base.chmod(0o755)
        self.mailboxes = (*dovecot.MAILBOXES, *mailboxes)
        ports = free_ports(10)
        self.submission, self.smtps, self.mx, self.trusted, *ports = ports
        self.imap, self.imaps, self.dead, self.oauth_port, self.pop3, self.pop3s = ports
        self.ca_pem, self._certificate, self._key = (
            self.base / name for name in ("ca.pem", "server.pem", "server.key")
        )
        self._postfix = postfix.Postfix(
            base=self.base,
            certificate=self._certificate,
            key=self._key,
            submission=self.submission,
            smtps=self.smtps,
            mx=self.mx,
            dead=self.dead,
            trusted=self.trusted,
            size_limit=size_limit,
            lifetime=lifetime,
            delay_warning=delay_warning,
        )
        self._dovecot = dovecot.Dovecot(
            base=self.base,
            certificate=self._certificate,
            key=self._key,
            imap=self.imap,
            imaps=self.imaps,
            oauth_port=self.oauth_port if oauth else 0,
            pop3=self.pop3 if pop3 else 0,
            pop3s=self.pop3s if pop3 else 0,
        )
        self._daemons: list[subprocess.Popen[bytes]] = []

    # -- life ----------------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        try:
            self._write_certificates()
            self._write_postfix()
            self._write_dovecot()
            self._start()
        except BaseException as error:
            error.add_note(self.log())
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _start(self) -> None:
        imap = self._daemon([dovecot.DAEMON, "-F", "-c", str(self.base / "dovecot/dovecot.conf")])
        configuration = str(self.base / "postfix")
        master = self._daemon(
            [f"{postfix.LIBEXEC}/master", "-c", configuration, "-d"],
            PATH="/usr/sbin:/usr/bin:/sbin:/bin",
            MAIL_CONFIG=configuration,
            MAIL_LOGTAG="postfix",
        )
        wait_for(lambda: greets(self.imap, b"* OK", imap), _START)
        wait_for((self.base / "q/private/auth").exists, _START)
        wait_for(lambda: greets(self.submission, b"220 ", master), _START)

    def _daemon(self, command: list[str], **environ: str) -> subprocess.Popen[bytes]:
        with (self.base / f"{Path(command[0]).name}.out").open("wb") as output:
            daemon = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env=environ or None,
            )
        self._daemons.append(daemon)
        return daemon

    def stop(self) -> None:
        """End both servers and remove the folder."""
        for daemon in self._daemons:
            daemon.terminate()
        for daemon in self._daemons:
            try:
                daemon.wait(_STOP)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()
        self._daemons.clear()
        shutil.rmtree(self.base, ignore_errors=True)

    # -- files ---------------------------------------------------------------------------------------

    def _write_certificates(self) -> None:
        authority = trustme.CA()
        certificate = authority.issue_cert("localhost", "127.0.0.1", "mx.maison.test")
        authority.cert_pem.write_to_path(self.ca_pem)
        self._certificate.write_bytes(b"".join(pem.bytes() for pem in certificate.cert_chain_pems))
        certificate.private_key_pem.write_to_path(self._key)
        self._key.chmod(0o600)

    def _write_postfix(self) -> None:
        for name in ("postfix", "q", "pfdata"):
            (self.base / name).mkdir()
        shutil.chown(self.base / "pfdata", "postfix", "postfix")
        # Postfix reads a file again until it is 2 s old ("is being edited"): older, it starts at once.
        old = time.time() - 60
        for name, text in postfix.files(self._postfix).items():
            file = self.base / "postfix" / name
            file.write_text(text)
            os.utime(file, (old, old))
        postfix.make_queue(self.base / "q")

    def _write_dovecot(self) -> None:
        for name in ("dovecot", "mail"):
            (self.base / name).mkdir()
        nobody = pwd.getpwnam("nobody")
        os.chown(self.base / "mail", nobody.pw_uid, nobody.pw_gid)
        known = dovecot.users(self.mailboxes, mail=self.base / "mail", uid=nobody.pw_uid, gid=nobody.pw_gid)
        (self.base / "dovecot/users").write_text(known)
        (self.base / "dovecot/dovecot.conf").write_text(dovecot.settings(self._dovecot))
        if self._dovecot.oauth_port:
            (self.base / "dovecot/oauth2.conf").write_text(dovecot.oauth(self._dovecot))

    # -- looks ---------------------------------------------------------------------------------------

    def log(self) -> str:
        """Give what the servers wrote, Postfix first."""
        files = (self.base / name for name in ("postfix.log", "dovecot.log", "master.out", "dovecot.out"))
        return "\n".join(file.read_text(errors="replace") for file in files if file.exists())

    def received(self, mailbox: str, folder: str = "") -> list[Message]:
        """Read the inbox of a mailbox, or another folder: its maildir, without IMAP."""
        inbox = self.base / "mail" / mailbox / "Maildir" / (f".{folder}" if folder else "")
        files = sorted(file for name in ("new", "cur") for file in (inbox / name).glob("*"))
        return [message_from_bytes(file.read_bytes()) for file in files]

    def deliver(self, mailbox: str, content: bytes, *, sender: str = "") -> None:
        """Let a server elsewhere, or a person, write to a mailbox of maison.test, and wait for it."""
        before = len(self.received(mailbox))
        with smtplib.SMTP("127.0.0.1", self.mx, timeout=20) as elsewhere:
            elsewhere.sendmail(sender, [mailbox], content)
        wait_for(lambda: len(self.received(mailbox)) > before, 30)

    def create(self, mailbox: str, folder: str) -> None:
        """Make a folder in a mailbox."""
        with imaplib.IMAP4("127.0.0.1", self.imap) as connection:
            connection.login(mailbox, PASSWORD)
            assert connection.create(folder)[0] == "OK"

    def empty(self) -> None:
        """Wait for what is on its way, and throw away what the mailboxes hold."""
        self.settle()
        for mailbox in (self.base / "mail").iterdir():
            shutil.rmtree(mailbox)

    def queued(self) -> int:
        """Count the messages that Postfix still holds, its own bounces included."""
        folders = ("maildrop", "incoming", "active", "deferred", "hold")
        return sum(file.is_file() for name in folders for file in (self.base / "q" / name).rglob("*"))

    def settle(self, seconds: float = 30.0) -> None:
        """Wait until everything is delivered, or came back. Never after a message to panne.test."""
        wait_for(lambda: self.queued() == 0, seconds)


def free_ports(count: int) -> list[int]:
    """Give ports that nobody listens at; all are held until the last is known, so that they differ."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]
    finally:
        for probe in probes:
            probe.close()


def greets(port: int, banner: bytes, daemon: subprocess.Popen[bytes]) -> bool:
    """Say whether a server greets at the port; its early end is an error, not a reason to wait."""
    if daemon.poll() is not None:
        raise RuntimeError(f"{daemon.args!r} ended with {daemon.returncode}")
    try:
        with socket.create_connection(("127.0.0.1", port), 1) as connection:
            connection.settimeout(3)
            return banner in connection.recv(400)
    except OSError:
        return False


def wait_for(condition: Callable[[], bool], seconds: float) -> None:
    """Look until the condition holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {seconds:g} s")
        time.sleep(0.02)
