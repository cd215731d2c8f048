"""A month through a real Postfix into real mailboxes; and that the rig delivers, refuses and bounces."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from email.message import Message
from pathlib import Path

import pytest

from elite_lib import batch as batches
from elite_lib.doctor import examine
from elite_lib.models import (
    Box,
    CheckVerdict,
    EntryKind,
    Envelope,
    MailAccount,
    Reply,
    Security,
    Stage,
    Transaction,
)
from elite_lib.transports.smtp import SmtpTransport
from tests.support import mailrig, offices, workbooks
from tests.support.dns_server import DnsServer
from tests.support.mailrig import PASSWORD, MailRig
from tests.support.offices import OCTOBER

LOGIN = "compta@maison.test"
FAMILIES = tuple(f"famille{number}@famille.test" for number in range(1, 9))
CONTENT = (
    b"From: compta@maison.test\r\nTo: fille@famille.test\r\nSubject: Essai\r\n"
    b"Message-ID: <essai-1@maison.test>\r\n\r\nBonjour.\r\n"
)


@pytest.fixture(scope="module")
def running() -> Iterator[MailRig]:
    mailrig.installed()
    with MailRig(FAMILIES) as servers:
        yield servers


@pytest.fixture
def rig(running: MailRig) -> MailRig:
    running.empty()
    return running


def account(rig: MailRig, security: Security = Security.STARTTLS, **fields: object) -> MailAccount:
    known = {
        "sender": LOGIN,
        "host": "127.0.0.1",
        "port": rig.smtps if security is Security.TLS else rig.submission,
        "security": security,
        "login": LOGIN,
        "ca_file": str(rig.ca_pem),
        "timeout": 20.0,
    }
    return MailAccount(**(known | fields))  # type: ignore[arg-type]


def send(rig: MailRig, *recipients: str, content: bytes = CONTENT) -> Transaction:
    transport = SmtpTransport(account(rig), PASSWORD)
    try:
        envelope = Envelope(sender=LOGIN, recipients=recipients, envid="lot+1")
        return transport.send(envelope, content, lambda _rcpt, _archive: None)
    finally:
        transport.close()


def reports(rig: MailRig) -> list[tuple[str, str]]:
    """Give (action, status) of each report that came back to the sender."""
    return [report(message) for message in rig.received(LOGIN)]


def report(message: Message) -> tuple[str, str]:
    assert message.get_content_type() == "multipart/report"
    parts = message.get_payload()
    assert isinstance(parts, list)
    status = next(part for part in parts if part.get_content_type() == "message/delivery-status")
    blocks = status.get_payload()
    assert isinstance(blocks, list)
    assert blocks[0]["Original-Envelope-Id"] == "lot+1"
    return str(blocks[-1]["Action"]), str(blocks[-1]["Status"])


# -- the rig itself --------------------------------------------------------------------------------


def test_it_delivers_and_reports_the_delivery(rig: MailRig) -> None:
    transaction = send(rig, "fille@famille.test")
    assert transaction.final is not None and transaction.final.code == 250
    rig.settle()
    received = rig.received("fille@famille.test")
    assert [message["Message-ID"] for message in received] == ["<essai-1@maison.test>"]
    assert reports(rig) == [("relayed", "2.0.0")]  # as NOTIFY=SUCCESS asks; Dovecot's LMTP knows no DSN


def test_it_refuses_an_unknown_user_of_its_own_domain(rig: MailRig) -> None:
    transaction = send(rig, "inconnu@maison.test")
    assert transaction.stage is Stage.RCPT
    refused = transaction.rcpt[0][1]
    assert refused.code == 550
    assert refused.text.startswith("5.1.1")


def test_it_refuses_what_is_too_heavy(rig: MailRig) -> None:
    transaction = send(
        rig, "fille@famille.test", content=CONTENT + b"x" * 70 + b"\r\n" + b"y\r\n" * 2_000_000
    )
    assert isinstance(transaction.mail, Reply)
    assert (transaction.stage, transaction.mail.code) == (Stage.MAIL, 552)


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("inconnue@famille.test", "5.1.1"),
        ("plein@famille.test", "5.2.2"),
        ("anne@refus.test", "5.7.1"),
    ],
)
def test_it_takes_and_then_bounces(rig: MailRig, address: str, status: str) -> None:
    transaction = send(rig, address)
    assert transaction.final is not None and transaction.final.code == 250
    rig.settle()
    assert reports(rig) == [("failed", status)]


# -- a month ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
def test_a_month_reaches_every_family_once(rig: MailRig, tmp_path: Path, security: Security) -> None:
    used = account(rig, security)
    mail = {name: getattr(used, name) for name in ("sender", "host", "port", "login", "ca_file", "timeout")}
    numbers = range(1, len(FAMILIES) + 1)
    root = offices.make_home(
        tmp_path / "home",
        len(FAMILIES),
        settings={"mail": mail | {"security": security.value}},
        contacts=[
            workbooks.contact(offices.code(n), **{"E-mail": address})
            for n, address in zip(numbers, FAMILIES, strict=True)
        ],
    )
    with offices.open_office(root) as office:
        batch = batches.prepare(office, OCTOBER).batch
        ended = offices.run(office, batch, SmtpTransport(office.account, PASSWORD))
        again = offices.run(
            office, batches.prepare(office, OCTOBER).batch, SmtpTransport(office.account, PASSWORD)
        )
        slip = batches.survey(office, OCTOBER).slip
        verdicts = office.journal.entries(kinds=[EntryKind.VERDICT])
    assert (ended.sent, ended.stopped, again.attempted) == (len(FAMILIES), None, 0)
    assert slip.balanced
    assert slip.boxes[Box.ACCEPTED].count == len(FAMILIES)
    assert len(verdicts) == len(FAMILIES)
    rig.settle()
    frozen = {message.recipients[0].address: message.message_id for message in batch.messages}
    for n, address in zip(numbers, FAMILIES, strict=True):
        received = rig.received(address)
        assert [message["Message-ID"] for message in received] == [frozen[address]]
        names = [part.get_filename() or "" for part in received[0].walk()]
        assert any(offices.invoice_number(n) in name for name in names)


# -- the doctor ------------------------------------------------------------------------------------


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
def test_the_doctor_finds_nothing_wrong_with_it(rig: MailRig, security: Security) -> None:
    told = _examine(account(rig, security), PASSWORD)
    assert {code for code in told.values() if code.startswith("failed")} == set()
    assert told["tls"] == told["auth"] == told["dsn"] == told["mail_from"] == "ok passed"
    assert rig.queued() == 0
    assert rig.received("fille@famille.test") == []


def test_the_doctor_finds_a_wrong_password_and_a_swapped_port(rig: MailRig) -> None:
    assert _examine(account(rig), "faux")["auth"] == "failed refused"
    swapped = account(rig, Security.TLS, port=rig.submission)
    assert _examine(swapped, PASSWORD)["tls"] == "failed wants_starttls"
    swapped = account(rig, Security.STARTTLS, port=rig.smtps, timeout=2.0)
    assert _examine(swapped, PASSWORD)["greeting"] == "failed wants_tls"


def _examine(given: MailAccount, password: str) -> dict[str, str]:
    with DnsServer({"maison.test": {}, "famille.test": {"MX": ["10 mx.famille.test."]}}) as names:
        steps = examine(
            given, password, resolver=names.resolver(), addresses=FAMILIES, now=dt.datetime.now(dt.UTC)
        )
        told = {diagnosis.step.value: f"{diagnosis.verdict.value} {diagnosis.code}" for diagnosis in steps}
    assert told["mx"] == f"{CheckVerdict.OK.value} passed"
    return told
