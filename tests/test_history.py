"""The history of one invoice in plain words, the message as it was sent, and the invoice journal."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from elite_lib import batch as batches
from elite_lib import reports
from elite_lib.batch import Office
from elite_lib.exceptions import OutboxError
from elite_lib.handover.eml import EmlFile
from elite_lib.labels import use_language
from elite_lib.labels.history import tell_entry
from elite_lib.models import (
    Entry,
    EntryKind,
    RecipientOutcome,
    Reply,
    Resolution,
    Stage,
    Status,
)
from elite_lib.reports import Envelope
from elite_lib.transports.fake import Answers, FakeTransport
from tests.support import offices
from tests.support.offices import OCTOBER, address, invoice_number

F1, F2, F3 = map(invoice_number, (1, 2, 3))


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    use_language("fr")
    with offices.open_office(offices.make_home(tmp_path / "home", 3)) as opened:
        yield opened


def send(office: Office, *scripted: Answers) -> None:
    prepared = batches.prepare(office, OCTOBER)
    with office.journal.hold_account(office.account.key, wait=0):
        offices.run(office, prepared.batch, FakeTransport(scripted))


def told(office: Office, line: str) -> list[str]:
    return [text.replace("\u00a0", " ") for e in batches.history(office, line) if (text := tell_entry(e))]


def returned(office: Office, number: int, **data: object) -> None:
    verdict = office.journal.entries(lines=[invoice_number(number)], kinds=[EntryKind.VERDICT])[-1]
    known = {
        "digest": f"d{number}",
        "part": 0,
        "kind": "bounce",
        "class": "hard",
        "final": True,
        "message_id": verdict.data["message_id"],
    }
    (outcome,) = verdict.recipients
    status = Status.BOUNCED if known | data == known else Status.ACCEPTED
    one = RecipientOutcome(contact=outcome.contact, address=outcome.address, status=status)
    office.journal.append_once(
        Entry(
            kind=EntryKind.RETURNED,
            month="2026-10",
            line=verdict.line,
            recipients=(one,),
            data=known | data,  # type: ignore[arg-type]
        )
    )


def test_an_answer_says_the_attempt(office: Office) -> None:
    refused = Answers(rcpt={address(2): Reply(code=550, text="5.1.1 inconnu")})
    send(office, Answers(), refused, Answers(cut=Stage.DOT))
    (accepted,) = told(office, F1)
    assert accepted.startswith(f"{address(1)} : accepté par le serveur d’envoi (250")
    assert told(office, F2) == [f"{address(2)} : refusé par le serveur d’envoi (550 5.1.1 inconnu)."]
    assert told(office, F3) == [f"{address(3)} : envoyé, mais aucune réponse n’a été lue."]


def test_an_attempt_without_an_answer_is_told(office: Office) -> None:
    one = RecipientOutcome(contact="", address="a@example.com", status=Status.UNCERTAIN)
    entry = Entry(kind=EntryKind.ATTEMPTING, recipients=(one,))
    assert "aucune réponse du serveur" in tell_entry(entry)


def test_what_persons_did_is_told_with_their_name(office: Office) -> None:
    send(office)
    batches.untick(office, OCTOBER, [F1])
    batches.untick(office, OCTOBER, [F1], ticked=True)
    batches.settle(office, OCTOBER, F1, resolution=Resolution.POSTED)
    single = batches.write_single(office, F1, to=["tante@example.com"])
    batches.hand_over(office, single, EmlFile(), confirmed=True)
    assert told(office, F1)[1:] == [
        "Claire l’a laissé hors de l’envoi.",
        "Claire l’a remis dans l’envoi.",
        "Claire l’a réglé : envoyé par la poste.",
        "Claire l’a libéré : il peut repartir. (tante@example.com)",
        "Confié à la messagerie (fichier .eml à ouvrir), pour tante@example.com.",
    ]


def test_what_came_back_is_told_in_plain_words(office: Office) -> None:
    send(office)
    returned(office, 1)
    last = told(office, F1)[-1]
    assert last.startswith(f"{address(1)} : ")
    assert "bounce" not in last.lower()


# -- the message as it was sent --------------------------------------------------------------------


def test_the_message_is_shown_as_it_left(office: Office) -> None:
    send(office)
    (entry,) = batches.history(office, F1)
    shown = batches.sent_message(office, entry)
    assert shown is not None
    assert "Les Tilleuls" in shown.subject
    assert address(1) in shown.recipients
    assert "2 000,00" in shown.text.replace("\u00a0", " ")
    assert [a.content[:5] for a in shown.attachments] == [b"%PDF-"]


def test_a_message_that_is_not_kept_any_more_is_none(office: Office) -> None:
    send(office)
    (entry,) = batches.history(office, F1)
    office.outbox.discard(entry.batch)
    assert batches.sent_message(office, entry) is None


def test_a_message_that_was_altered_is_not_shown_as_if_it_were_the_one(office: Office) -> None:
    send(office)
    (entry,) = batches.history(office, F1)
    (file,) = [
        f for f in (office.outbox.folder / entry.batch).glob("*.eml") if address(1).encode() in f.read_bytes()
    ]
    file.write_bytes(file.read_bytes() + b"x")
    with pytest.raises(OutboxError):
        batches.sent_message(office, entry)


def test_an_entry_without_a_message_has_none(office: Office) -> None:
    send(office)
    batches.settle(office, OCTOBER, F1, resolution=Resolution.POSTED)
    assert batches.sent_message(office, batches.history(office, F1)[-1]) is None


# -- the invoice journal ---------------------------------------------------------------------------


def journal(office: Office, **asked: object) -> dict[str, dict[str, object]]:
    table = reports.invoice_journal(office, OCTOBER, **asked)  # type: ignore[arg-type]
    return {row["number"]: row for row in table.to_dict("records")}


def test_each_invoice_has_its_envelope(office: Office) -> None:
    assert {row["envelope"] for row in journal(office).values()} == {Envelope.NONE}
    send(office, Answers(), Answers(), Answers(cut=Stage.DOT))
    returned(office, 2)
    rows = journal(office)
    assert [rows[n]["envelope"] for n in (F1, F2, F3)] == [
        Envelope.SENT,
        Envelope.RETURNED,
        Envelope.UNCERTAIN,
    ]
    assert rows[F1]["recipients"] == address(1)
    assert rows[F1]["sent"] is not None


def test_a_receipt_shows_when_and_a_delivery_report_is_none(office: Office) -> None:
    send(office)
    returned(office, 1, kind="mdn", **{"class": ""})
    returned(office, 2, kind="delivered", **{"class": "delivered"})
    rows = journal(office)
    assert rows[F1]["received"] is not None
    assert rows[F2]["received"] is None
    assert rows[F2]["envelope"] is Envelope.SENT


def test_what_a_mail_program_has_is_shown_apart(office: Office) -> None:
    batches.hand_over(office, batches.write_single(office, F1), EmlFile())
    assert journal(office)[F1]["envelope"] is Envelope.HANDED


def test_what_was_posted_or_printed_has_a_printer(office: Office) -> None:
    batches.settle(office, OCTOBER, F1, resolution=Resolution.POSTED)
    office.journal.append(Entry(kind=EntryKind.PRINTED, month="2026-10", line=F2))
    rows = journal(office)
    assert [rows[n]["envelope"] for n in (F1, F2)] == [Envelope.PRINTED, Envelope.PRINTED]


def test_one_resident_and_masked(office: Office) -> None:
    send(office)
    rows = journal(office, resident=offices.code(2), masked=True)
    assert list(rows) == [F2]
    assert rows[F2]["recipients"] == "f•••@example.com"
