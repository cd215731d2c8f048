"""The demo's mail server, spoken to over real SMTP by the standard library's client."""

from __future__ import annotations

import contextlib
import json
import os
import smtplib
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from elite_lib.demo import Catcher, deliveries
from elite_lib.exceptions import ServerUnavailableError

LOGIN, PASSWORD = "facturation@les-tilleuls.example", "un mot de passe"  # smtplib knows ASCII passwords only
SENDER = "facturation@les-tilleuls.example"
REFUSED, DEFERRED, GOOD = "refused@example.com", "Deferred@example.org", "good@famille.example"
MESSAGE = b"From: a@les-tilleuls.example\r\nSubject: Facture\r\n\r\n.a line with a dot\r\n..\r\nlast\r\n"
PATIENCE = 30.0  # seconds, for what must end by itself


@pytest.fixture(scope="module")
def catcher(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catcher]:
    with running(tmp_path_factory.mktemp("home")) as started:
        yield started


def running(home: Path, **options: object) -> Catcher:
    return Catcher(
        home, login=LOGIN, password=PASSWORD, refuse=REFUSED, defer_once=DEFERRED.lower(), **options
    )


@contextlib.contextmanager
def session(catcher: Catcher, *, login: bool = True) -> Iterator[smtplib.SMTP]:
    with contextlib.closing(smtplib.SMTP(catcher.host, catcher.port, timeout=PATIENCE)) as client:
        client.starttls(context=ssl.create_default_context(cafile=str(catcher.ca_file)))
        if login:
            client.login(LOGIN, PASSWORD)
        yield client


def test_mail_before_starttls_is_refused(catcher: Catcher) -> None:
    with smtplib.SMTP(catcher.host, catcher.port, timeout=PATIENCE) as client:
        client.ehlo()
        assert client.has_extn("starttls")
        assert not client.has_extn("auth")
        assert client.docmd("MAIL", f"FROM:<{SENDER}>")[0] == 530


def test_mail_before_auth_is_refused(catcher: Catcher) -> None:
    with session(catcher, login=False) as client:
        client.ehlo()
        assert client.has_extn("auth")
        assert client.has_extn("size")
        assert not client.has_extn("dsn")
        assert client.docmd("MAIL", f"FROM:<{SENDER}>")[0] == 530


@pytest.mark.parametrize("login, password", [(LOGIN, "wrong"), ("nobody", "wrong"), (LOGIN, "")])
def test_wrong_credentials_are_refused(catcher: Catcher, login: str, password: str) -> None:
    with session(catcher, login=False) as client:
        with pytest.raises(smtplib.SMTPAuthenticationError) as refusal:
            client.login(login, password)
        assert refusal.value.smtp_code == 535


def test_each_recipient_gets_a_file_and_the_bytes_that_were_sent(catcher: Catcher) -> None:
    before = len(deliveries(catcher.mailbox))
    with session(catcher) as client:
        assert client.sendmail(SENDER, [GOOD, "second@example.net"], MESSAGE) == {}
    kept = deliveries(catcher.mailbox)[before:]
    assert [one.recipient for one in kept] == [GOOD, "second@example.net"]
    assert {one.sender for one in kept} == {SENDER}
    assert [one.content for one in kept] == [MESSAGE, MESSAGE]


def test_what_is_kept_is_a_private_maildir_with_trace_headers(catcher: Catcher) -> None:
    with session(catcher) as client:
        client.sendmail(SENDER, [GOOD], MESSAGE)
    file = max((catcher.mailbox / "new").iterdir(), key=lambda path: path.stat().st_mtime_ns)
    head = file.read_text().splitlines()[:4]
    assert head == [
        f"Return-Path: <{SENDER}>",
        f"Delivered-To: {GOOD}",
        f"X-Envelope-To: {GOOD}",
        "From: a@les-tilleuls.example",
    ]
    assert sorted(folder.name for folder in catcher.mailbox.iterdir()) == ["cur", "new", "tmp"]
    assert not list((catcher.mailbox / "tmp").iterdir())
    if os.name == "posix":
        assert file.stat().st_mode & 0o777 == 0o600
        assert catcher.mailbox.stat().st_mode & 0o777 == 0o700


def test_the_refused_address_is_refused_and_the_others_receive(catcher: Catcher) -> None:
    before = len(deliveries(catcher.mailbox))
    with session(catcher) as client:
        refused = client.sendmail(SENDER, [REFUSED.upper(), GOOD], MESSAGE)
    assert refused == {REFUSED.upper(): (550, b"5.1.1 Recipient address rejected: user unknown")}
    assert [one.recipient for one in deliveries(catcher.mailbox)[before:]] == [GOOD]


def test_the_deferred_address_is_deferred_once(tmp_path: Path) -> None:
    with running(tmp_path) as own, session(own) as client:
        with pytest.raises(smtplib.SMTPRecipientsRefused) as deferral:
            client.sendmail(SENDER, [DEFERRED], MESSAGE)
        code, text = deferral.value.recipients[DEFERRED]
        assert (code, text[:5]) == (451, b"4.3.2")
        assert client.sendmail(SENDER, [DEFERRED], MESSAGE) == {}
        assert [one.recipient for one in deliveries(own.mailbox)] == [DEFERRED]


def test_a_message_that_cannot_be_kept_is_not_accepted(tmp_path: Path) -> None:
    (tmp_path / "mailbox").write_text("in the way")
    with running(tmp_path) as own, session(own) as client:
        with pytest.raises(smtplib.SMTPDataError) as failure:
            client.sendmail(SENDER, [GOOD], MESSAGE)
        assert failure.value.smtp_code == 452


def test_delay_is_waited_before_the_answer(tmp_path: Path) -> None:
    with running(tmp_path, delay=0.3) as own, session(own) as client:
        start = time.monotonic()
        client.sendmail(SENDER, [GOOD], MESSAGE)
        assert time.monotonic() - start >= 0.3


def test_too_large_a_message_is_refused_at_mail(catcher: Catcher) -> None:
    with session(catcher) as client:
        client.ehlo()
        assert client.mail(SENDER, [f"SIZE={int(client.esmtp_features['size']) + 1}"])[0] == 552


def test_leaving_the_block_ends_the_process_even_with_a_session_open(tmp_path: Path) -> None:
    with contextlib.ExitStack() as stack:
        with running(tmp_path) as own:
            stack.enter_context(session(own))
            assert own.pid
        assert own.pid == 0
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((own.host, own.port), timeout=PATIENCE)
    own.stop()  # a second time does no harm


def test_a_port_that_is_taken_is_told(catcher: Catcher, tmp_path: Path) -> None:
    with pytest.raises(ServerUnavailableError) as refusal, running(tmp_path, port=catcher.port):
        pass
    assert refusal.value.code == "refused"
    assert refusal.value.fields["port"] == catcher.port
    assert not (tmp_path / "ca.pem").exists()


def test_the_port_asked_for_is_taken_again_after_a_stop(tmp_path: Path) -> None:
    with running(tmp_path) as own, session(own):
        port = own.port
    with running(tmp_path, port=port) as again:
        assert again.port == port
        with session(again) as client:
            assert client.noop()[0] == 250


def test_it_ends_when_its_starter_is_killed(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from elite_lib.demo import Catcher\n"
        "with Catcher(Path(sys.argv[1]), login='a', password='b') as c:\n"
        "    print(c.port, flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as starter:
        assert starter.stdout
        port = int(starter.stdout.readline())
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as watched:
            assert watched.recv(1024).startswith(b"220 ")
            starter.kill()
            assert watched.recv(1024) == b""  # the server's end, or a timeout that fails the test


@pytest.mark.skipif(os.name == "nt", reason="Windows ends processes without a signal")
def test_run_by_hand_it_reads_the_password_of_the_home_and_names_nobody(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "mail").write_text(PASSWORD + "\n", encoding="utf-8")
    command = [sys.executable, "-m", "elite_lib.demo.catcher", "--home", str(tmp_path), "--login", LOGIN]
    command += ["--refuse", REFUSED]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout and process.stderr
        ready = process.stdout.readline()
        own = running(tmp_path)
        own.port = json.loads(ready)["port"]
        with contextlib.ExitStack() as stack:
            stack.callback(process.kill)  # a failure must not leave it running
            client = stack.enter_context(session(own))
            client.sendmail(SENDER, [GOOD, REFUSED], MESSAGE)
            with pytest.raises(smtplib.SMTPAuthenticationError), session(own, login=False) as other:
                other.login(LOGIN, "wrong")
            process.terminate()
            assert process.wait(PATIENCE) == 0
        assert process.stdout.read() + process.stderr.read() == b""
