"""The rules of a month over real homes: workbook, outbox, journal; only the server is pretended."""

from __future__ import annotations

import datetime as dt
import email
from collections.abc import Iterable
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from elite_lib import batch as batches
from elite_lib import config, launcher
from elite_lib.exceptions import OutboxError
from elite_lib.models import (
    Batch,
    EntryKind,
    Period,
    ProblemCode,
    Reply,
    Stage,
    StopReason,
)
from elite_lib.outbox import Freezing
from elite_lib.transports.fake import Answers, FakeTransport
from tests.support import offices, workbooks
from tests.support.clocks import START
from tests.support.command import boxes, elite
from tests.support.offices import OCTOBER, address, code, invoice_number

NOVEMBER = Period.parse("2026-11")
NOBODY = Reply(code=550, text="5.1.1 unknown user")
UNKNOWN = Answers(rcpt=NOBODY)
DOUBT = Answers(cut=Stage.DOT, kept=True)


@dataclass(frozen=True, kw_only=True)
class Sending:
    """One prepared and sent month."""

    batch: Batch
    held: dict[str, tuple[ProblemCode, ...]]
    letters: list[tuple[tuple[str, ...], EmailMessage]]  # whom the server has it for, and the message

    @property
    def addresses(self) -> list[str]:
        return sorted(address for addresses, _ in self.letters for address in addresses)

    def letter(self, recipient: str) -> EmailMessage:
        (found,) = [message for addresses, message in self.letters if recipient in addresses]
        return found


def send(root: Path, script: Any = (), *, period: Period = OCTOBER) -> Sending:
    """Prepare and send, as a scheduled run does, over a pretended server."""
    transport = FakeTransport(script)
    with offices.open_office(root) as office:
        prepared = batches.prepare(office, period)
        offices.run(office, prepared.batch, transport)
    letters = [
        (
            tuple(a for a, reply in sent.transaction.rcpt if reply.accepted),
            email.message_from_bytes(sent.content, policy=policy.default),
        )
        for sent in transport.stored
    ]
    held = {line.key: tuple(problem.code for problem in line.reasons) for line in prepared.held}
    return Sending(batch=prepared.batch, held=held, letters=letters)


def rewrite(root: Path, count: int, **sheets: Iterable[workbooks.Row]) -> None:
    """Change the workbook, as the office does between two sendings."""
    offices.write_workbook(root / "factures.xlsx", count, **sheets)


def attachments(message: EmailMessage) -> list[str]:
    return [part.get_filename() or "" for part in message.iter_attachments()]


def text(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def contacts(*addresses: str, **other: object) -> list[workbooks.Row]:
    """One contact of one resident after the other."""
    return [
        workbooks.contact(code(n), **({"E-mail": found} | other))
        for n, found in enumerate(addresses, start=1)
    ]


# -- again, and only what is left ---------------------------------------------------------------------


def test_a_second_sending_takes_only_what_is_not_accepted(tmp_path: Path) -> None:
    root = offices.make_home(tmp_path / "home", 5)
    busy = Answers(rcpt=Reply(code=451, text="4.3.2 later"))
    down = {address(2): UNKNOWN, address(3): DOUBT, address(4): busy}
    first = send(root, down)
    assert first.addresses == [address(1), address(3), address(5)]
    assert boxes(root) == {"accepted": 2, "refused": 1, "uncertain": 1, "deferred": 1}
    second = send(root)
    assert second.addresses == [address(4)]
    assert send(root).addresses == []
    assert boxes(root) == {"accepted": 3, "refused": 1, "uncertain": 1}


def test_an_unticked_line_stays_out_of_a_scheduled_sending_until_it_is_ticked(tmp_path: Path) -> None:
    root = offices.make_home(tmp_path / "home", 3)
    assert elite("untick", "2026-10", invoice_number(1), invoice_number(2), home=root).code == 0
    assert send(root).addresses == [address(3)]
    assert boxes(root) == {"accepted": 1, "unticked": 2}
    assert elite("status", "2026-10", home=root).code == 0
    assert elite("untick", "2026-10", invoice_number(2), "--undo", home=root).code == 0
    assert boxes(root) == {"accepted": 1, "unticked": 1, "pending": 1}
    assert send(root).addresses == [address(2)]


def test_unticking_an_unknown_line_records_nothing(tmp_path: Path) -> None:
    root = offices.make_home(tmp_path / "home", 2)
    assert elite("untick", "2026-10", invoice_number(1), "F9", home=root).code == 1
    assert boxes(root) == {"pending": 2}


def test_posted_settles_a_refusal_and_what_was_never_tried(tmp_path: Path) -> None:
    root = offices.make_home(tmp_path / "home", 3)
    send(root, {address(1): UNKNOWN, address(2): DOUBT, address(3): UNKNOWN})
    for number in (1, 2):
        assert elite("settle", "2026-10", invoice_number(number), "--posted", home=root).code == 0
    assert boxes(root) == {"posted": 2, "refused": 1}
    assert send(root).addresses == []


def test_a_refused_line_released_goes_to_its_corrected_address(tmp_path: Path) -> None:
    root = offices.make_home(tmp_path / "home", 2)
    send(root, {address(1): UNKNOWN})
    rewrite(root, 2, contacts=contacts("juste@example.com", address(2)))
    # A new address of a contact who never received it: the refusal was of the other one.
    assert send(root).addresses == ["juste@example.com"]
    assert boxes(root) == {"accepted": 2}


@pytest.mark.parametrize(
    ("word", "sent_again", "box"),
    [("--accepted", False, "accepted"), ("--resend", True, "accepted"), ("--posted", False, "posted")],
)
def test_a_doubt_ends_by_a_persons_word(tmp_path: Path, word: str, sent_again: bool, box: str) -> None:
    root = offices.make_home(tmp_path / "home", 1)
    send(root, [DOUBT])
    assert send(root).addresses == []
    said = elite("settle", "2026-10", invoice_number(1), word, "--operator", "Paul", home=root)
    assert said.code == 0
    assert send(root).addresses == ([address(1)] if sent_again else [])
    assert boxes(root) == {box: 1}
    with offices.open_office(root) as office:
        (entry,) = office.journal.entries(kinds=[EntryKind.RESOLVED])
        assert (entry.operator, entry.line) == ("Paul", invoice_number(1))


# -- once accepted, any change holds the line ----------------------------------------------------------


def _other_address(root: Path) -> None:
    rewrite(root, 2, contacts=contacts("neuve@example.com", address(2)))


def _other_text(root: Path) -> None:
    config.save(root, {"message": {"text": "Bonjour, voici votre facture {{ numero }}.\n"}})


def _other_document(root: Path) -> None:
    amounts = {"Total HT": 1900.0, "Total TTC": 1900.0, "Net à payer": 1900.0}
    rewrite(
        root,
        2,
        factures=[
            workbooks.invoice(invoice_number(1), code(1), **amounts),
            workbooks.invoice(invoice_number(2), code(2)),
        ],
        lignes=[
            workbooks.line(invoice_number(1), amount=1900.0),
            workbooks.line(invoice_number(2), amount=2000.0),
        ],
    )


@pytest.mark.parametrize("change", [_other_address, _other_text, _other_document])
def test_changed_after_acceptance_is_held_until_a_person_says_that_it_replaces(
    tmp_path: Path, change: Any
) -> None:
    root = offices.make_home(tmp_path / "home", 2)
    first = send(root, {address(2): UNKNOWN})
    original = first.letter(address(1))["Message-ID"]
    change(root)
    again = send(root)
    assert again.held == {invoice_number(1): (ProblemCode.CHANGED_AFTER_ACCEPTANCE,)}
    assert again.addresses == []
    assert boxes(root) == {"held": 1, "refused": 1}
    assert elite("prepare", "2026-10", home=root).code == 3
    assert elite("settle", "2026-10", invoice_number(1), "--resend", home=root).code == 0
    third = send(root)
    assert third.held == {}
    assert third.addresses == ["neuve@example.com" if change is _other_address else address(1)]
    assert boxes(root) == {"accepted": 1, "refused": 1}
    # The manifest and the journal name what it replaces.
    (message,) = [m for m in third.batch.messages if m.line == invoice_number(1)]
    assert message.replaces == original
    assert message.message_id != original
    with offices.open_office(root) as office:
        attempts = office.journal.entries(lines=[invoice_number(1)], kinds=[EntryKind.ATTEMPTING])
    assert [entry.data["replaces"] for entry in attempts] == ["", original]
    assert send(root).addresses == []


def test_a_change_is_seen_by_the_run_too_when_another_batch_left_meanwhile(tmp_path: Path) -> None:
    root = offices.make_home(tmp_path / "home", 2)
    with offices.open_office(root) as office, offices.open_office(root) as other:
        early = batches.prepare(other, OCTOBER).batch
        _other_address(root)
        late = batches.prepare(office, OCTOBER).batch  # composed before anything left
        offices.run(other, early)
        transport = FakeTransport()
        offices.run(office, late, transport)
    assert offices.recipients(transport) == []


def test_who_released_one_of_a_joint_message_released_nobody_else(tmp_path: Path) -> None:
    def family(first: str, second: str) -> list[workbooks.Row]:
        return [
            workbooks.contact(code(1), **{"E-mail": first}),
            workbooks.contact(code(1), 2, **{"E-mail": second}),
        ]

    residents = [workbooks.resident(code(1), Message="joint")]
    root = offices.make_home(
        tmp_path / "home", 1, residents=residents, contacts=family("a@example.com", "b@example.com")
    )
    first = send(root, [Answers(rcpt={"b@example.com": NOBODY})])
    assert first.addresses == ["a@example.com"]
    rewrite(root, 1, residents=residents, contacts=family("a@example.com", "b2@example.com"))
    assert send(root).addresses == []
    said = elite("settle", "2026-10", invoice_number(1), "--resend", "--to", "b2@example.com", home=root)
    assert said.code == 0
    rewrite(root, 1, residents=residents, contacts=family("a2@example.com", "b2@example.com"))
    assert send(root).addresses == []
    rewrite(root, 1, residents=residents, contacts=family("a@example.com", "b2@example.com"))
    assert send(root).addresses == ["b2@example.com"]
    assert boxes(root) == {"accepted": 1}


def _other_rank(root: Path) -> None:
    rewrite(root, 1, contacts=[workbooks.contact(code(1), 3, **{"E-mail": address(1)})])


def _other_code(root: Path) -> None:
    rewrite(
        root,
        1,
        residents=[workbooks.resident("A7", Nom="Dupont1")],
        contacts=[workbooks.contact("A7", **{"E-mail": address(1)})],
        factures=[workbooks.invoice(invoice_number(1), "A7")],
    )


def _capitals(root: Path) -> None:
    rewrite(root, 1, contacts=[workbooks.contact(code(1), **{"E-mail": address(1).upper()})])


@pytest.mark.parametrize("change", [_other_rank, _capitals])
@pytest.mark.parametrize("doubt", [False, True])
def test_a_mailbox_that_has_it_is_known_by_whatever_the_office_calls_its_owner(
    tmp_path: Path, change: Any, doubt: bool
) -> None:
    root = offices.make_home(tmp_path / "home", 1)
    send(root, [DOUBT] if doubt else [])
    change(root)
    again = send(root)
    assert again.addresses == []
    assert again.held == {}
    assert boxes(root) == {"uncertain" if doubt else "accepted": 1}
    said = elite("status", "2026-10", "--json", home=root)
    assert sum(said.json["recipients"].values()) == 1


def test_another_code_is_printed_on_the_invoice_and_so_a_change(tmp_path: Path) -> None:
    root = offices.make_home(tmp_path / "home", 1)
    send(root)
    _other_code(root)
    again = send(root)
    assert (again.addresses, again.held) == ([], {invoice_number(1): (ProblemCode.CHANGED_AFTER_ACCEPTANCE,)})


def test_under_another_rank_a_change_holds_the_line_as_well(tmp_path: Path) -> None:
    root = offices.make_home(tmp_path / "home", 1)
    send(root)
    _other_rank(root)
    _other_text(root)
    again = send(root)
    assert (again.addresses, again.held) == ([], {invoice_number(1): (ProblemCode.CHANGED_AFTER_ACCEPTANCE,)})
    assert elite("settle", "2026-10", invoice_number(1), "--resend", home=root).code == 0
    third = send(root)
    assert third.addresses == [address(1)]
    assert third.batch.messages[0].replaces != ""
    assert boxes(root) == {"accepted": 1}


def test_two_contacts_who_share_a_mailbox_get_their_documents_there(tmp_path: Path) -> None:
    family = [
        workbooks.contact(code(1), 1, **{"E-mail": "foyer@example.com", "Destinataire débours": "N"}),
        workbooks.contact(code(1), 2, **{"E-mail": "foyer@example.com", "Destinataire facture": "N"}),
    ]
    bought = [workbooks.disbursement("D1", code(1))]
    root = offices.make_home(tmp_path / "home", 1, contacts=family, debours=bought)
    first = send(root, [Answers(), UNKNOWN])
    assert [len(attachments(message)) for _, message in first.letters] == [1]
    assert boxes(root) == {"refused": 1}
    assert (
        elite("settle", "2026-10", invoice_number(1), "--resend", "--to", "foyer@example.com", home=root).code
        == 0
    )
    assert len(send(root).letters) == 2  # both were named by that address
    assert boxes(root) == {"accepted": 1}


def test_a_month_that_was_renumbered_does_not_leave_again(tmp_path: Path) -> None:
    """A program that saves 000123 as 123 changes every number of the month at once."""

    def numbered(*numbers: str) -> dict[str, list[workbooks.Row]]:
        return {
            "factures": [workbooks.invoice(number, code(n)) for n, number in enumerate(numbers, start=1)],
            "lignes": [workbooks.line(number, amount=2000.0) for number in numbers],
        }

    root = offices.make_home(tmp_path / "home", 3, **numbered("000123", "000124", "000125"))
    assert len(send(root, {address(3): UNKNOWN}).addresses) == 2
    rewrite(root, 3, **numbered("123", "124", "125"))
    again = send(root)
    assert again.addresses == [address(3)]  # who never had it
    assert set(again.held) == {"123", "124"}
    assert boxes(root) == {"held": 2, "accepted": 1}
    assert elite("settle", "2026-10", "124", "--resend", home=root).code == 0
    assert send(root).addresses == [address(2)]
    assert boxes(root) == {"held": 1, "accepted": 2}
    assert send(root).addresses == []


# -- months -------------------------------------------------------------------------------------------


def november(number: str) -> workbooks.Row:
    return workbooks.invoice(
        number, code(1), Date=dt.date(2026, 11, 30), **{
            "Début période": dt.date(2026, 11, 1), "Fin période": dt.date(2026, 11, 30),
            "Échéance": dt.date(2026, 12, 10),
        }
    )  # fmt: skip


def test_an_invoice_whose_month_was_corrected_does_not_leave_again_in_the_other_month(tmp_path: Path) -> None:
    root = offices.make_home(tmp_path / "home", 1)
    assert send(root).addresses == [address(1)]
    rewrite(root, 1, factures=[november(invoice_number(1))])
    again = send(root, period=NOVEMBER)
    assert again.addresses == []
    assert again.held == {invoice_number(1): (ProblemCode.CHANGED_AFTER_ACCEPTANCE,)}
    assert boxes(root, "2026-11") == {"held": 1}
    # In October it left and is no longer in the workbook: still in sight.
    said = elite("status", "2026-10", home=root)
    assert said.code == 0
    assert invoice_number(1) in said.out


def test_a_longer_period_does_not_send_a_month_again(tmp_path: Path) -> None:
    root = offices.make_home(tmp_path / "home", 1)
    send(root)
    both = [workbooks.invoice(invoice_number(1), code(1)), november("F2026-11-00001")]
    lines = [
        workbooks.line(invoice_number(1), amount=2000.0),
        workbooks.line("F2026-11-00001", amount=2000.0),
    ]
    rewrite(root, 1, factures=both, lignes=lines)
    found = send(root, period=Period.parse("2026-10..2026-11"))
    assert [message["Subject"] for _, message in found.letters if "2026-11" in text(message)] != []
    assert len(found.letters) == 1
    assert boxes(root, "2026-10..2026-11") == {"accepted": 2}


# -- the relevé ---------------------------------------------------------------------------------------


def test_a_statement_mailed_alone_is_held_when_it_then_travels_with_an_invoice(tmp_path: Path) -> None:
    bought = [workbooks.disbursement("D1", code(1))]
    root = offices.make_home(tmp_path / "home", 1, factures=[], lignes=[], debours=bought)
    (name,) = attachments(send(root).letter(address(1)))
    assert "D1" in name
    assert send(root).addresses == []
    rewrite(root, 1, debours=bought)
    for _twice in range(2):
        again = send(root)
        assert again.addresses == []
        assert again.held == {invoice_number(1): (ProblemCode.CHANGED_AFTER_ACCEPTANCE,)}
    assert elite("settle", "2026-10", invoice_number(1), "--resend", home=root).code == 0
    assert send(root).addresses == [address(1)]
    assert (send(root).addresses, boxes(root)) == ([], {"accepted": 1})


def test_an_invoice_that_was_refused_before_it_got_the_statement_can_be_released(tmp_path: Path) -> None:
    bought = [workbooks.disbursement("D1", code(1))]
    root = offices.make_home(tmp_path / "home", 1, factures=[], lignes=[], debours=bought)
    send(root)
    rewrite(root, 1)
    send(root, [UNKNOWN])
    rewrite(root, 1, debours=bought)
    assert set(send(root).held) == {invoice_number(1)}
    assert elite("settle", "2026-10", invoice_number(1), "--resend", home=root).code == 0
    assert send(root).addresses == [address(1)]
    assert (send(root).held, boxes(root)) == ({}, {"accepted": 1})


def test_a_statement_that_travelled_is_held_when_it_comes_back_elsewhere(tmp_path: Path) -> None:
    bought = [workbooks.disbursement("D1", code(1))]
    root = offices.make_home(tmp_path / "home", 1, debours=bought)
    assert len(attachments(send(root).letter(address(1)))) == 2
    later = [workbooks.disbursement("D1", code(1), Date=dt.date(2026, 11, 14))]
    rewrite(root, 1, debours=later, factures=[november("F2026-11-00001")],
            lignes=[workbooks.line("F2026-11-00001", amount=2000.0)])  # fmt: skip
    again = send(root, period=NOVEMBER)
    assert again.addresses == []
    assert again.held == {"F2026-11-00001": (ProblemCode.CHANGED_AFTER_ACCEPTANCE,)}


def test_the_statement_goes_only_to_contacts_marked_for_it(tmp_path: Path) -> None:
    family = [
        workbooks.contact(code(1), **{"E-mail": "a@example.com", "Destinataire débours": "N"}),
        workbooks.contact(code(1), 2, **{"E-mail": "b@example.com"}),
        workbooks.contact(code(1), 3, **{"E-mail": "c@example.com", "Destinataire facture": "N"}),
        workbooks.contact(
            code(1),
            4,
            **{"E-mail": "d@example.com", "Destinataire facture": "N", "Destinataire débours": "N"},
        ),
    ]
    for joint in ("joint", "séparé"):
        root = offices.make_home(
            tmp_path / joint, 1, contacts=family, residents=[workbooks.resident(code(1), Message=joint)],
            debours=[workbooks.disbursement("D2026-10-001", code(1))],
        )  # fmt: skip
        found = send(root)
        numbers = {
            recipient: attachments(message) for addresses, message in found.letters for recipient in addresses
        }
        assert [len(numbers[f"{who}@example.com"]) for who in "abc"] == [1, 2, 1]
        assert invoice_number(1) in numbers["a@example.com"][0]
        assert "D2026-10-001" in numbers["c@example.com"][0]
        assert "d@example.com" not in numbers


# -- who receives -------------------------------------------------------------------------------------


def test_both_addresses_of_a_contact_receive_one_message(tmp_path: Path) -> None:
    both = [workbooks.contact(code(1), **{"E-mail": "a@example.com", "E-mail 2": "b@example.com"})]
    root = offices.make_home(tmp_path / "home", 1, contacts=both)
    found = send(root, [Answers(rcpt={"b@example.com": NOBODY})])
    assert found.addresses == ["a@example.com"]
    assert len(found.letters) == 1
    assert boxes(root) == {"refused": 1}


@pytest.mark.parametrize(("word", "messages"), [("joint", 1), ("séparé", 2), ("", 2)])
def test_joint_or_separate(tmp_path: Path, word: str, messages: int) -> None:
    family = [workbooks.contact(code(1), rank, **{"E-mail": f"{rank}@example.com"}) for rank in (1, 2)]
    root = offices.make_home(
        tmp_path / "home", 1, contacts=family, residents=[workbooks.resident(code(1), Message=word)]
    )
    found = send(root)
    assert len(found.letters) == messages
    assert found.addresses == ["1@example.com", "2@example.com"]
    for addresses, message in found.letters:
        assert sorted(a.addr_spec for a in message["To"].addresses) == sorted(addresses)


def test_a_named_payer_without_address_is_printed_and_nobody_else_receives(tmp_path: Path) -> None:
    family = [
        workbooks.contact(code(1), 1, **{"E-mail": "autre@example.com"}),
        workbooks.contact(code(1), 2, **{"E-mail": "", "Destinataire facture": "N"}),
    ]
    root = offices.make_home(
        tmp_path / "home", 1, contacts=family,
        factures=[workbooks.invoice(invoice_number(1), code(1), Destinataire=2)],
    )  # fmt: skip
    assert send(root).addresses == []
    assert boxes(root) == {"to_print": 1}
    pile = tmp_path / "pile.pdf"
    assert elite("print", "2026-10", "-o", pile, home=root).code == 0
    assert pile.read_bytes().startswith(b"%PDF-")


def test_a_named_payer_receives_alone(tmp_path: Path) -> None:
    family = [workbooks.contact(code(1), rank, **{"E-mail": f"{rank}@example.com"}) for rank in (1, 2)]
    root = offices.make_home(
        tmp_path / "home", 1, contacts=family,
        factures=[workbooks.invoice(invoice_number(1), code(1), Destinataire=2)],
    )  # fmt: skip
    assert send(root).addresses == ["2@example.com"]


# -- a death ------------------------------------------------------------------------------------------


def _dead(number: int) -> list[workbooks.Row]:
    return [
        workbooks.resident(
            code(n), Nom=f"Dupont{n}", **{"Date de décès": dt.date(2026, 10, 20) if n == number else None}
        )
        for n in (1, 2)
    ]


def test_a_deceased_residents_invoice_goes_to_whom_a_person_named_and_nobody_else(tmp_path: Path) -> None:
    root = offices.make_home(tmp_path / "home", 2, residents=_dead(1))
    first = send(root)
    assert first.addresses == [address(2)]
    assert first.held == {invoice_number(1): (ProblemCode.RESIDENT_DECEASED,)}
    assert boxes(root) == {"held": 1, "accepted": 1}
    # Releasing without saying to whom changes nothing.
    assert elite("settle", "2026-10", invoice_number(1), "--resend", home=root).code == 0
    assert send(root).addresses == []
    notary = ("--resend", "--to", "etude@notaires.example")
    assert elite("settle", "2026-10", invoice_number(1), *notary, home=root).code == 0
    found = send(root)
    assert found.addresses == ["etude@notaires.example"]
    letter = found.letter("etude@notaires.example")
    assert "succession" in letter["Subject"]
    assert "condoléances" in text(letter)
    assert "Succession de" in str(letter["To"])
    assert boxes(root) == {"accepted": 2}
    assert send(root).addresses == []


def test_an_invoice_that_left_before_the_death_was_known_is_settled(tmp_path: Path) -> None:
    root = offices.make_home(tmp_path / "home", 2)
    send(root, {address(2): UNKNOWN})
    rewrite(root, 2, residents=_dead(1))
    again = send(root)
    assert again.addresses == []
    assert boxes(root) == {"accepted": 1, "refused": 1}


def test_a_new_address_is_only_for_a_deceased_residents_line(tmp_path: Path) -> None:
    root = offices.make_home(tmp_path / "home", 1)
    send(root, [UNKNOWN])
    said = elite("settle", "2026-10", invoice_number(1), "--resend", "--to", "inconnu@example.com", home=root)
    assert said.code == 1
    assert "inconnu@example.com" in said.err
    assert boxes(root) == {"refused": 1}


# -- what stops or never starts ------------------------------------------------------------------------


def test_a_superseded_batch_is_not_sent(tmp_path: Path) -> None:
    root = offices.make_home(tmp_path / "home", 2)
    with offices.open_office(root) as office:
        old = batches.prepare(office, OCTOBER).batch
        _other_address(root)
        new = batches.prepare(office, OCTOBER).batch
        transport = FakeTransport()
        ended = batches.send(office, old.id, transport=transport)
        assert ended.stopped is not None
        assert ended.stopped.reason is StopReason.SUPERSEDED
        assert ended.stopped.detail == new.id
        assert transport.calls == []
        assert batches.send(office, new.id, transport=transport).sent == 2


def test_an_expired_batch_is_not_sent(tmp_path: Path) -> None:
    root = offices.make_home(tmp_path / "home", 1)
    with offices.open_office(root) as office:
        account = office.account.key
        old = office.outbox.freeze(
            Freezing(
                lines=(), messages=(), establishment="tilleuls", account=account, archive="",
                period=OCTOBER, operator="Claire", created=START - dt.timedelta(days=400),
                lifetime=dt.timedelta(days=15), journal=office.journal.mark(),
            )
        )  # fmt: skip
        transport = FakeTransport()
        ended = batches.send(office, old.id, transport=transport)
        assert ended.stopped is not None
        assert isinstance(ended.stopped.error, OutboxError)
        assert ended.stopped.error.code == "batch_expired"
        assert (ended.stopped.reason, transport.opened) == (StopReason.OUTBOX, 0)


def test_a_pause_for_another_run_pauses_nobody_else(tmp_path: Path) -> None:
    root = offices.make_home(tmp_path / "home", 3)
    with offices.open_office(root) as office:
        batch = batches.prepare(office, OCTOBER).batch

        def pause(entry: Any) -> None:
            if entry.kind is EntryKind.RUN_STARTED:
                launcher.request(office, EntryKind.PAUSE, run="another")

        assert offices.run(office, batch, on_entry=pause).sent == 3


def test_settling_needs_a_line_that_exists_and_something_that_left(tmp_path: Path) -> None:
    root = offices.make_home(tmp_path / "home", 1)
    assert elite("settle", "2026-10", "F9", "--posted", home=root).code == 1
    assert elite("settle", "2026-10", invoice_number(1), "--accepted", home=root).code == 1
    assert elite("settle", "2026-10", invoice_number(1), home=root).code == 2
    assert elite("settle", "2026-10", invoice_number(1), "--posted", "--resend", home=root).code == 2
    with offices.open_office(root) as office:
        assert office.journal.entries(kinds=[EntryKind.RESOLVED]) == []


def test_a_line_gone_from_the_workbook_can_still_be_settled(tmp_path: Path) -> None:
    root = offices.make_home(tmp_path / "home", 2)
    send(root, {address(1): DOUBT})
    rewrite(root, 2, factures=[workbooks.invoice(invoice_number(2), code(2))])
    assert elite("status", "2026-10", home=root).code == 3
    assert elite("settle", "2026-10", invoice_number(1), "--accepted", home=root).code == 0
    assert elite("status", "2026-10", home=root).code == 0
