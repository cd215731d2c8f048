"""The tagged return path: one address per message, fixed at freezing, read back from what returns."""

from __future__ import annotations

import email
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elite_lib import batch as batches
from elite_lib import bounces, config, tagging
from elite_lib.doctor.server import examine_server
from elite_lib.exceptions import ConfigError
from elite_lib.labels.doctor import SENTENCES, describe_diagnosis
from elite_lib.models import CheckStep, CheckVerdict, MailAccount, Security
from elite_lib.transports.smtp import SmtpTransport
from tests.support import offices
from tests.support.clocks import START
from tests.support.offices import OCTOBER
from tests.support.smtp_server import Cut, Say, Script, SmtpServer

SENDER = "compta@tilleuls.example"


# -- the words -----------------------------------------------------------------------------------------


@given(st.binary(min_size=12, max_size=12))
def test_a_token_is_read_back_and_tells_its_message(digits: bytes) -> None:
    message_id = f"<{digits.hex()}@tilleuls.example>"
    sender = tagging.tagged(SENDER, message_id)
    token = tagging.token_of(sender)
    assert sender == f"compta+{digits.hex()[:12]}@tilleuls.example"
    assert tagging.is_about(token, message_id)
    assert tagging.is_about(token.upper(), message_id)  # some servers write addresses in capitals
    assert tagging.token_of(sender.upper()) == token


@pytest.mark.parametrize(
    "sender",
    [SENDER, "compta+factures@tilleuls.example", "compta+0123456789ag@x.example", "compta+@x.example", ""],
)
def test_what_is_no_tag_of_ours_is_none(sender: str) -> None:
    assert tagging.token_of(sender) == ""
    assert not tagging.is_about(tagging.token_of(sender), "<0123456789abcdef@x.example>")


# -- the batch -----------------------------------------------------------------------------------------


def home(root: Path, count: int = 3, *, port: int = 9, tag_returns: bool = True) -> Path:
    mail = {"sender": SENDER, "host": "127.0.0.1", "port": port, "security": "plain"}
    return offices.make_home(root, count, settings={"mail": mail | {"tag_returns": tag_returns}})


def test_each_frozen_message_has_its_own_return_address_and_the_header_stays(tmp_path: Path) -> None:
    with offices.open_office(home(tmp_path / "home")) as office:
        batch = batches.prepare(office, OCTOBER).batch
        again = batches.prepare(office, OCTOBER).batch
        tokens = [tagging.token_of(message.sender) for message in batch.messages]
        assert len(set(tokens)) == 3
        for message, token in zip(batch.messages, tokens, strict=True):
            assert tagging.is_about(token, message.message_id)
            assert message.sender == f"compta+{token}@tilleuls.example"
            letter = email.message_from_bytes(office.outbox.content(batch, message))
            assert SENDER in letter["From"]
            assert token not in letter["From"]
        assert [m.sender for m in again.messages] == [m.sender for m in batch.messages]
        assert office.outbox.read(batch.id) == batch


def test_untagged_is_as_before_and_the_choice_makes_another_batch(tmp_path: Path) -> None:
    root = home(tmp_path / "home", tag_returns=False)
    with offices.open_office(root) as office:
        plain = batches.prepare(office, OCTOBER, freeze=False).batch
    assert {message.sender for message in plain.messages} == {SENDER}
    config.save(root, {"mail": {"tag_returns": True}})
    with offices.open_office(root) as office:
        tagged = batches.prepare(office, OCTOBER, freeze=False).batch
    assert tagged.id != plain.id


def test_the_server_gets_the_tag_and_what_comes_back_to_it_names_the_message(tmp_path: Path) -> None:
    with SmtpServer() as server, offices.open_office(home(tmp_path / "home")) as office:
        batch = batches.prepare(office, OCTOBER).batch
        transport = SmtpTransport(replace(office.account, port=server.port))
        assert offices.run(office, batch, transport).sent == 3
        server.stop()
    sent = {one.recipients[0]: one.sender for one in server.stored}
    assert sent == {message.recipients[0].address: message.sender for message in batch.messages}
    second = batch.messages[1]
    came_back = (
        f"From: postmaster@orange.example\r\nTo: {second.sender}\r\nSubject: Undelivered Mail\r\n\r\n"
        f"The message to {second.recipients[0].address} could not be delivered: user unknown.\r\n"
    )
    report = bounces.classify(came_back.encode())
    found = [m.key for m in batch.messages if tagging.is_about(report.token, m.message_id)]
    assert (report.message_id, found) == ("", [second.key])


@pytest.mark.parametrize("sender", ["compta+factures@tilleuls.example", f"{'c' * 60}@tilleuls.example"])
def test_an_address_that_cannot_be_tagged_is_refused(tmp_path: Path, sender: str) -> None:
    root = home(tmp_path / "home", tag_returns=False)
    config.save(root, {"mail": {"sender": sender}})
    with pytest.raises(ConfigError) as raised:
        config.save(root, {"mail": {"tag_returns": True}})
    assert raised.value.fields["key"] == "mail.tag_returns"


# -- the doctor ----------------------------------------------------------------------------------------

TAGGED = "compta+000000000000@tilleuls.example"


@pytest.mark.parametrize(
    ("script", "verdict", "code"),
    [
        ({}, CheckVerdict.OK, "tagged"),
        ({"mail": [None, Say("550 5.7.60 not as this sender")]}, CheckVerdict.FAILED, "tag_refused"),
        ({f"rcpt:{TAGGED}": Say("550 5.1.1 unknown user")}, CheckVerdict.FAILED, "tag_refused"),
        ({f"rcpt:{TAGGED}": Say("450 4.2.0 later")}, CheckVerdict.WARNING, "tag_busy"),
        ({f"rcpt:{TAGGED}": Cut()}, CheckVerdict.FAILED, "cut"),
    ],
)
def test_the_doctor_asks_whether_a_tagged_address_is_taken(
    script: Script, verdict: CheckVerdict, code: str
) -> None:
    with SmtpServer(script) as server:
        account = MailAccount(
            sender=SENDER, host="127.0.0.1", port=server.port, security=Security.PLAIN, timeout=5.0,
            tag_returns=True,
        )  # fmt: skip
        told = list(examine_server(account, None, now=START))
        server.stop()
    plain, tag = [one for one in told if one.step is CheckStep.MAIL_FROM]
    assert (plain.verdict, plain.code) == (CheckVerdict.OK, "passed")
    assert (tag.verdict, tag.code) == (verdict, code)
    assert tag.code in SENTENCES[CheckStep.MAIL_FROM]
    assert "…" not in describe_diagnosis(tag)
    assert server.stored == []
    assert f"MAIL FROM:<{TAGGED}>" in server.commands
    assert "DATA" not in server.commands


def test_without_a_tag_nothing_more_is_asked() -> None:
    with SmtpServer() as server:
        account = MailAccount(sender=SENDER, host="127.0.0.1", port=server.port, security=Security.PLAIN)
        told = list(examine_server(account, None, now=START))
    assert [one.code for one in told if one.step is CheckStep.MAIL_FROM] == ["passed"]
