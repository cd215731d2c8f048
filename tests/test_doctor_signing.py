"""The doctor reads a received message: is it signed for the home's domain, and does the signature hold."""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from elite_lib import config, secrets
from elite_lib.doctor import letters_of
from elite_lib.doctor.signing import examine_signature
from elite_lib.exceptions import ConfigError, ServerUnavailableError
from elite_lib.labels.doctor import SENTENCES, describe_diagnosis
from elite_lib.mailbox.fake import FakeMailbox
from elite_lib.mailbox.imap import ImapMailbox
from elite_lib.mailbox.opening import Mailboxes
from elite_lib.models import CheckStep, CheckVerdict, Diagnosis, ImapAccount, MailAccount
from tests.support import mailrig, offices
from tests.support.command import elite
from tests.support.dns_server import SERVFAIL, DnsServer, txt
from tests.support.mailrig import PASSWORD, MailRig
from tests.support.smtp_server import SmtpServer

HOME = "tilleuls.example"
SENDER = f"compta@{HOME}"
ACCOUNT = MailAccount(sender=SENDER, host="smtp.fournisseur.example", port=587)
NOW = dt.datetime(2026, 11, 2, tzinfo=dt.UTC)
MESSAGE = (
    f"From: EHPAD Les Tilleuls <{SENDER}>\r\nTo: moi@{HOME}\r\nSubject: Essai\r\n"
    "Date: Mon, 02 Nov 2026 09:00:00 +0000\r\nMessage-ID: <1@tilleuls.example>\r\n\r\nBonjour.\r\n"
).encode()
_KEY = rsa.generate_private_key(public_exponent=65537, key_size=1024)
_PEM = _KEY.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
)
_PUBLIC = base64.b64encode(
    _KEY.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
).decode()
RECORD = txt(f"v=DKIM1; k=rsa; p={_PUBLIC}")


def signed(domain: str = HOME, message: bytes = MESSAGE, selector: str = "s1") -> bytes:
    header: bytes = dkim.sign(message, selector.encode(), domain.encode(), _PEM)
    return header + message


def diagnosis(zone: Mapping[str, Any], *messages: bytes) -> Diagnosis:
    with DnsServer(zone) as names:
        told = examine_signature(ACCOUNT, lambda: messages, resolver=names.resolver(1))
    return worded(told)


def worded(told: Diagnosis) -> Diagnosis:
    assert told.step is CheckStep.DKIM
    assert told.code in SENTENCES[CheckStep.DKIM]
    assert "…" not in describe_diagnosis(told)
    return told


@pytest.mark.parametrize(
    ("message", "zone", "verdict", "code"),
    [
        (signed(), {f"s1._domainkey.{HOME}": RECORD}, CheckVerdict.OK, "passed"),
        (signed(f"mail.{HOME}"), {f"s1._domainkey.mail.{HOME}": RECORD}, CheckVerdict.OK, "passed"),
        (
            signed("fournisseur.example", signed()),
            {f"s1._domainkey.{HOME}": RECORD},
            CheckVerdict.OK,
            "passed",
        ),
        (MESSAGE, {}, CheckVerdict.WARNING, "unsigned"),
        (
            signed("fournisseur.example"),
            {"s1._domainkey.fournisseur.example": RECORD},
            CheckVerdict.WARNING,
            "other",
        ),
        (signed(), {}, CheckVerdict.FAILED, "no_key"),
        (
            signed(),
            {f"s1._domainkey.{HOME}": txt("google-site-verification=x")},
            CheckVerdict.FAILED,
            "no_key",
        ),
        (signed(), {f"s1._domainkey.{HOME}": txt("v=DKIM1; p=")}, CheckVerdict.FAILED, "revoked"),
        (signed(), {f"s1._domainkey.{HOME}": txt("v=DKIM1; p=AAAA")}, CheckVerdict.WARNING, "broken"),
        (signed(), {f"s1._domainkey.{HOME}": SERVFAIL}, CheckVerdict.WARNING, "unanswered"),
        (
            signed().replace(b"Bonjour.", b"Bonjour !"),
            {f"s1._domainkey.{HOME}": RECORD},
            CheckVerdict.WARNING,
            "broken",
        ),
        (
            signed().replace(b"Essai", b"[Externe] Essai"),
            {f"s1._domainkey.{HOME}": RECORD},
            CheckVerdict.WARNING,
            "broken",
        ),
    ],
)
def test_a_received_message_says_how_it_is_signed(
    message: bytes, zone: Mapping[str, Any], verdict: CheckVerdict, code: str
) -> None:
    told = diagnosis(zone, message)
    assert (told.verdict, told.code) == (verdict, code)


def test_the_receivers_own_word_counts_where_it_changed_the_message_afterwards() -> None:
    changed = signed().replace(b"Essai", b"[Externe] Essai")
    said = f"Authentication-Results: mx.fournisseur.example; spf=pass; dkim=pass header.d={HOME}\r\n".encode()
    assert diagnosis({}, said + changed).code == "passed"
    for_another = said.replace(HOME.encode(), b"fournisseur.example")
    assert diagnosis({f"s1._domainkey.{HOME}": RECORD}, for_another + changed).code == "broken"
    failed = said.replace(b"dkim=pass", b"dkim=fail")
    assert diagnosis({f"s1._domainkey.{HOME}": RECORD}, failed + changed).code == "broken"
    unsigned = said + MESSAGE  # who forges this header signs nothing
    assert diagnosis({}, unsigned).code == "unsigned"


def test_the_best_of_several_messages_counts_and_those_of_others_do_not() -> None:
    zone = {f"s1._domainkey.{HOME}": RECORD}
    assert diagnosis(zone, MESSAGE, signed()).code == "passed"
    other = MESSAGE.replace(SENDER.encode(), f"autre@{HOME}".encode())
    assert diagnosis(zone, signed(message=other), MESSAGE).code == "unsigned"
    assert diagnosis(zone, signed(message=other)).code == "no_message"
    assert diagnosis(zone).code == "no_message"


@pytest.mark.parametrize(
    "error",
    [
        ServerUnavailableError("mailbox_timeout", host="imap.example", port=993, detail=""),
        ConfigError("folder_missing", folder="Archives"),
    ],
)
def test_a_mailbox_that_cannot_be_read_is_no_judgement(error: Exception) -> None:
    def fail() -> list[bytes]:
        raise error

    with DnsServer({}) as names:
        told = worded(examine_signature(ACCOUNT, fail, resolver=names.resolver(1)))
        assert (told.verdict, told.code) == (CheckVerdict.SKIPPED, "no_mailbox")
        told = worded(examine_signature(ACCOUNT, None, resolver=names.resolver(1)))
        assert (told.verdict, told.code) == (CheckVerdict.SKIPPED, "needs_message")


@pytest.mark.parametrize("imap", [True, False])
def test_the_command_reads_the_home_s_own_mailbox(tmp_path: Path, imap: bool) -> None:
    mailrig.installed()
    login = "compta@maison.test"
    letter = MESSAGE.replace(SENDER.encode(), login.encode())
    with MailRig() as rig, DnsServer({}) as names, SmtpServer() as server:
        mail = {"sender": login, "host": "127.0.0.1", "port": server.port, "security": "plain"}
        settings: dict[str, dict[str, object]] = {"mail": mail | {"ca_file": str(rig.ca_pem)}}
        if imap:
            settings["imap"] = {"host": "127.0.0.1", "port": rig.imaps, "login": login}
        root = offices.make_home(tmp_path / "home", 1, settings=settings)
        secrets.store("imap", PASSWORD, home=config.Home(root=root))
        account = ImapAccount(host="127.0.0.1", port=rig.imaps, login=login, ca_file=str(rig.ca_pem))
        mailbox = ImapMailbox(account, PASSWORD)
        mailbox.append(letter, "INBOX", at=dt.datetime.now(dt.UTC))
        mailbox.close()
        said = elite("doctor", "--json", "--dns", f"127.0.0.1:{names.port}", home=root)
    (step,) = [one for one in said.json["steps"] if one["step"] == "dkim"]
    assert step["code"] == ("unsigned" if imap else "needs_message")
    assert PASSWORD not in said.out


def test_archive_copies_are_looked_at_before_our_own_mailbox() -> None:
    own, archive = FakeMailbox({"INBOX": [MESSAGE]}), FakeMailbox({"Copies": [signed(), b"From: x\r\n\r\n"]})
    mailboxes = Mailboxes(own=own, archive=archive, archive_folder="Copies")
    find: Callable[[], Any] = letters_of(mailboxes, ACCOUNT, now=NOW)
    assert find() == [signed()]
    assert own.closed == archive.closed == 1
    archive.folders["Copies"].clear()
    assert find() == [MESSAGE]
