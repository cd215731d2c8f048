"""The fake transport: scripts, what it remembers, and that it answers as the real one does."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from elite_lib.exceptions import AuthenticationError, ServerUnavailableError, StorageError
from elite_lib.models import Envelope, MailAccount, Reply, Security, Stage, Transaction
from elite_lib.transports import Transport
from elite_lib.transports.fake import Answers, FakeTransport
from elite_lib.transports.smtp import SmtpTransport
from tests.support.smtp_server import Cut, Say, Script, SmtpServer

A, B, ARCHIVE = "anne@famille.example", "bernard@famille.example", "archive@tilleuls.example"
ENVELOPE = Envelope(sender="compta@tilleuls.example", recipients=(A, B), archive=ARCHIVE, envid="x")
CONTENT = b"Subject: Facture\r\n\r\nBonjour.\r\n"
NO = Reply(code=550, text="5.1.1 unknown")
LATER = Reply(code=451, text="4.3.0 later")
LEAVING = Reply(code=421, text="4.3.2 going down")


def agree(rcpt: Sequence[tuple[str, Reply]], archive: Reply | None) -> None:
    """Stand for a journal that has room."""


def say(reply: Reply) -> Say:
    return Say(f"{reply.code} {reply.text}")


def test_accepts_by_default_and_remembers() -> None:
    transport = FakeTransport()
    transaction = transport.send(ENVELOPE, CONTENT, agree)
    assert transaction.final is not None and transaction.final.accepted
    assert [address for address, _ in transaction.rcpt] == [A, B]
    (sent,) = transport.stored
    assert (sent.envelope, sent.content, sent.transaction) == (ENVELOPE, CONTENT, transaction)
    assert transport.calls == transport.stored
    assert transport.is_open
    transport.close()
    assert not transport.is_open


def test_a_script_in_turn_then_all_is_accepted() -> None:
    transport = FakeTransport([Answers(final=NO), Answers(cut=Stage.MAIL)])
    results = [transport.send(ENVELOPE, CONTENT, agree) for _ in range(3)]
    assert [t.final.code if t.final else t.stage for t in results] == [550, Stage.MAIL, 250]
    assert [sent.transaction for sent in transport.stored] == [results[2]]
    assert transport.opened == 2


def test_a_script_per_address() -> None:
    transport = FakeTransport({A: Answers(rcpt=NO), B: Answers(rcpt=LATER)})
    both = transport.send(ENVELOPE, CONTENT, agree)
    assert (both.stage, dict(both.rcpt)) == (Stage.RCPT, {A: NO, B: LATER})
    other = Envelope(sender=ENVELOPE.sender, recipients=("claire@famille.example",))
    assert transport.send(other, CONTENT, agree).final is not None


@pytest.mark.parametrize("kept", [True, False])
def test_in_doubt_with_or_without_the_message(kept: bool) -> None:
    transport = FakeTransport([Answers(cut=Stage.DOT, kept=kept)])
    assert transport.send(ENVELOPE, CONTENT, agree).in_doubt
    assert len(transport.stored) == kept


def test_what_before_dot_raises_propagates_and_nothing_is_stored() -> None:
    def full(rcpt: Sequence[tuple[str, Reply]], archive: Reply | None) -> None:
        raise StorageError("journal_full")

    transport = FakeTransport()
    with pytest.raises(StorageError):
        transport.send(ENVELOPE, CONTENT, full)
    assert (transport.calls, transport.stored, transport.is_open) == ([], [], False)


def test_raises_at_opening_and_within_a_run() -> None:
    refused = AuthenticationError("refused", reply_code=535, text="no", hint="")
    with pytest.raises(AuthenticationError):
        FakeTransport(on_open=refused).open()
    with pytest.raises(AuthenticationError):
        FakeTransport(on_open=refused).send(ENVELOPE, CONTENT, agree)
    away = FakeTransport(on_open=ServerUnavailableError("dns"))
    assert away.send(ENVELOPE, CONTENT, agree).stage is Stage.CONNECT
    transport = FakeTransport([Answers(), Answers(raises=ServerUnavailableError("dns"))])
    transport.send(ENVELOPE, CONTENT, agree)
    with pytest.raises(ServerUnavailableError):
        transport.send(ENVELOPE, CONTENT, agree)
    assert len(transport.stored) == 1


SCENES: dict[str, tuple[Answers, Script]] = {
    "accepted": (Answers(), {}),
    "mail refused": (Answers(mail=NO), {"mail": say(NO)}),
    "mail leaving": (Answers(mail=LEAVING), {"mail": say(LEAVING)}),
    "one refused": (Answers(rcpt={A: NO}), {f"rcpt:{A}": say(NO)}),
    "all deferred": (Answers(rcpt=LATER), {f"rcpt:{A}": say(LATER), f"rcpt:{B}": say(LATER)}),
    "archive refused": (Answers(archive=NO), {f"rcpt:{ARCHIVE}": say(NO)}),
    "archive leaving": (Answers(archive=LEAVING), {f"rcpt:{ARCHIVE}": say(LEAVING)}),
    "data refused": (Answers(data=LATER), {"data": say(LATER)}),
    "dot refused": (Answers(final=NO), {"dot": say(NO)}),
    "cut at connect": (Answers(cut=Stage.CONNECT), {"banner": Cut()}),
    "cut at mail": (Answers(cut=Stage.MAIL), {"mail": Cut()}),
    "cut at rcpt": (Answers(cut=Stage.RCPT), {f"rcpt:{A}": Cut()}),
    "cut at data": (Answers(cut=Stage.DATA), {"data": Cut()}),
    "in doubt, kept": (Answers(cut=Stage.DOT), {"stored": Cut()}),
    "in doubt, lost": (Answers(cut=Stage.DOT, kept=False), {"dot": Cut()}),
}


def digest(transaction: Transaction) -> tuple[object, ...]:
    replies = (transaction.mail, transaction.archive, transaction.data, transaction.final)
    return (
        transaction.stage,
        [reply.code if reply else None for reply in replies],
        [(address, reply.code) for address, reply in transaction.rcpt],
        bool(transaction.error),
    )


@pytest.mark.parametrize("scene", SCENES)
def test_the_fake_says_what_the_real_one_says(scene: str) -> None:
    answers, script = SCENES[scene]
    seen: dict[str, tuple[object, ...]] = {}
    fake = FakeTransport([answers])
    with SmtpServer(script) as server:
        account = MailAccount(
            sender=ENVELOPE.sender, host="127.0.0.1", port=server.port, security=Security.PLAIN, timeout=5.0
        )
        transports: dict[str, Transport] = {"fake": fake, "real": SmtpTransport(account)}
        for name, transport in transports.items():
            asked: list[tuple[list[str], bool]] = []

            def before_dot(
                rcpt: Sequence[tuple[str, Reply]],
                archive: Reply | None,
                asked: list[tuple[list[str], bool]] = asked,
            ) -> None:
                asked.append(([address for address, _ in rcpt], archive is not None))

            transaction = transport.send(ENVELOPE, CONTENT, before_dot)
            seen[name] = (digest(transaction), asked)
            transport.close()
    assert seen["fake"] == seen["real"]
    assert len(fake.stored) == len(server.stored)
