"""Proof for messages in doubt, and copies among the sent ones: what settles, what never does."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from elite_lib import batch as batches
from elite_lib import outcomes
from elite_lib.batch import GRACE, Office
from elite_lib.exceptions import AuthenticationError, ServerUnavailableError, TransportError
from elite_lib.mailbox import SENT
from elite_lib.mailbox.fake import FakeMailbox
from elite_lib.mailbox.folder import FolderSource
from elite_lib.mailbox.opening import Mailboxes
from elite_lib.models import (
    Batch,
    Box,
    Entry,
    EntryKind,
    Reply,
    Resolution,
    Stage,
    Status,
)
from elite_lib.transports.fake import Answers, FakeTransport
from elite_lib.transports.smtp import SmtpTransport
from tests.support import mailrig, offices, returns, workbooks
from tests.support.command import boxes, elite
from tests.support.deaf import Deaf
from tests.support.mailrig import PASSWORD, MailRig
from tests.support.offices import OCTOBER, address, code

ARCHIVE = "archive@tilleuls.example"
LOST = Answers(cut=Stage.DOT)
F1 = offices.invoice_number(1)
AWAY = ServerUnavailableError("refused", host="imap.example", port=993, detail="")


def home(root: Path, count: int = 2, *, mail: dict[str, object] | None = None, **sheets: object) -> Path:
    account = {
        "sender": "compta@tilleuls.example",
        "host": "127.0.0.1",
        "port": 9,
        "security": "plain",
        "archive": ARCHIVE,
    }
    return offices.make_home(root, count, settings={"mail": account | (mail or {})}, **sheets)


def joint(root: Path) -> Path:
    """Two contacts of one resident in one message: addresses 1 and 2."""
    contacts = [workbooks.contact(code(1), n, Nom=f"Parent{n}", **{"E-mail": address(n)}) for n in (1, 2)]
    return home(root, 1, residents=[workbooks.resident(code(1), Message="joint")], contacts=contacts)


def send(office: Office, transport: FakeTransport, mailboxes: Mailboxes | None = None) -> Batch:
    """Send the month; without mailboxes in no time: a real run waits after a cut."""
    batch = batches.prepare(office, OCTOBER).batch
    if mailboxes is None:
        offices.run(office, batch, transport)
    else:
        all_tried = lambda: len(transport.calls) >= len(batch.messages) > 0  # noqa: E731
        batches.send(office, batch.id, transport=transport, mailboxes=mailboxes, should_stop=all_tried)
    return batch


def send_once(
    office: Office,
    transport: FakeTransport,
    mailboxes: Mailboxes | None = None,
    on_entry: Callable[[Entry], None] = lambda _entry: None,
) -> Batch:
    """Send one message and stop: what was deferred is left for a later run."""
    batch = batches.prepare(office, OCTOBER).batch
    batches.send(
        office,
        batch.id,
        transport=transport,
        mailboxes=mailboxes,
        on_entry=on_entry,
        should_stop=lambda: bool(transport.calls),
    )
    return batch


def holding(
    *inbox: bytes, sent: Iterable[bytes] = (), copy: bool = False, fails: TransportError | None = None
) -> tuple[FakeMailbox, Mailboxes]:
    mailbox = FakeMailbox({"INBOX": inbox, "Sent": list(sent)}, marks={SENT: "Sent"}, fails=fails)
    return mailbox, Mailboxes(own=mailbox, archive=mailbox, copy=copy)


def frozen(office: Office, batch: Batch, line: str = F1) -> bytes:
    return next(office.outbox.content(batch, m) for m in batch.messages if m.line == line)


def states(office: Office) -> dict[str, Status]:
    return {s.address: s.status for s in outcomes.fold(office.journal.entries(period=OCTOBER)).values()}


def of_kind(office: Office, kind: EntryKind) -> list[Entry]:
    return office.journal.entries(kinds=[kind])


# -- what settles ----------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["archive", "sent"])
def test_a_copy_settles_before_the_next_run_and_nothing_is_sent_again(tmp_path: Path, where: str) -> None:
    with offices.open_office(home(tmp_path / "home")) as office:
        batch = send(office, FakeTransport({address(1): LOST}))
        assert states(office) == {address(1): Status.UNCERTAIN, address(2): Status.ACCEPTED}
        content = frozen(office, batch)
        mailbox, mailboxes = holding(content) if where == "archive" else holding(sent=[content])
        again = FakeTransport()
        send(office, again, mailboxes)
        assert again.calls == []
        assert states(office)[address(1)] is Status.ACCEPTED
        (entry,) = of_kind(office, EntryKind.RESOLVED)
        assert entry.data == {
            "resolution": "accepted",
            "by": "evidence",
            "where": where,
            "message_id": next(m.message_id for m in batch.messages if m.line == F1),
        }
        assert [(o.address, o.status) for o in entry.recipients] == [(address(1), Status.ACCEPTED)]
        slip = batches.survey(office, OCTOBER).slip
        assert (slip.boxes[Box.ACCEPTED].count, slip.balanced, slip.remainder) == (2, True, 0)
        assert mailbox.folders == holding(*mailbox.folders["INBOX"], sent=mailbox.folders["Sent"])[0].folders


def test_a_copy_settles_only_who_passed_rcpt(tmp_path: Path) -> None:
    refused = Reply(code=550, text="5.1.1 unknown")
    with offices.open_office(joint(tmp_path / "home")) as office:
        batch = send(office, FakeTransport([Answers(cut=Stage.DOT, rcpt={address(2): refused})]))
        before = states(office)
        assert before[address(1)] is Status.UNCERTAIN
        send(office, FakeTransport(), holding(frozen(office, batch))[1])
        assert states(office) == before | {address(1): Status.ACCEPTED}


@pytest.mark.parametrize("by", ["message_id", "envid"])
def test_a_report_about_the_message_settles(tmp_path: Path, by: str) -> None:
    with offices.open_office(home(tmp_path / "home")) as office:
        batch = send(office, FakeTransport({address(1): LOST}))
        message = next(m for m in batch.messages if m.line == F1)
        identity = {"message_id": message.message_id} if by == "message_id" else {"envid": message.envid}
        came = returns.report(address(1), action="delivered", status="2.0.0", said="250 ok", **identity)
        collected = batches.collect(office, sources=[inbox(came)])
        assert [(entry.line, entry.data["where"]) for entry in collected.settled] == [(F1, "report")]
        assert states(office)[address(1)] is Status.ACCEPTED
        again = FakeTransport()
        send(office, again)
        assert again.calls == []


def test_a_report_about_one_recipient_settles_the_other(tmp_path: Path) -> None:
    """Our server had the message, for all whom it took at RCPT; it could not deliver it to one of them."""
    with offices.open_office(joint(tmp_path / "home")) as office:
        batch = send(office, FakeTransport([LOST]))
        came = returns.report(address(2), message_id=batch.messages[0].message_id)
        batches.collect(office, sources=[inbox(came)])
        assert states(office) == {address(1): Status.ACCEPTED, address(2): Status.BOUNCED}


@pytest.mark.parametrize(
    "came",
    [
        returns.report(address(1), message_id="<autre@tilleuls.example>", action="delivered", status="2.0.0"),
        returns.report(
            address(1), action="delivered", status="2.0.0"
        ),  # tied by the address: names no message
        returns.letter(address(1), "Bien reçu, merci."),
    ],
    ids=["another message", "no identity", "a person"],
)
def test_what_names_no_message_of_ours_settles_nothing(tmp_path: Path, came: bytes) -> None:
    with offices.open_office(home(tmp_path / "home")) as office:
        send(office, FakeTransport({address(1): LOST}))
        assert batches.collect(office, sources=[inbox(came)]).settled == ()
        batches.settle_by_evidence(office, OCTOBER, mailboxes=holding()[1])
        assert states(office)[address(1)] is Status.UNCERTAIN
        assert of_kind(office, EntryKind.RESOLVED) == []


def inbox(*messages: bytes) -> FolderSource:
    return FolderSource(FakeMailbox({"INBOX": messages}), "INBOX", key="imap:compta@imap.example/INBOX")


# -- what never settles ----------------------------------------------------------------------------


def test_a_copy_of_an_earlier_attempt_proves_nothing_of_the_next(tmp_path: Path) -> None:
    """The second address was deferred, tried again, and the answer lost: the copy is of the first attempt."""
    later = Reply(code=450, text="4.2.0 later")
    with offices.open_office(joint(tmp_path / "home")) as office:
        batch = send_once(office, FakeTransport([Answers(rcpt={address(2): later})]))
        assert states(office)[address(2)] is Status.DEFERRED
        send(office, FakeTransport([LOST]))
        assert states(office) == {address(1): Status.ACCEPTED, address(2): Status.UNCERTAIN}
        content = frozen(office, batch)
        again = FakeTransport()
        send(office, again, holding(content, content, sent=[content])[1])
        assert states(office)[address(2)] is Status.UNCERTAIN
        assert (again.calls, of_kind(office, EntryKind.RESOLVED)) == ([], [])


def test_two_doubts_about_one_message_are_settled_by_one_copy(tmp_path: Path) -> None:
    """Whichever of the two attempts left it: the family was among the recipients of both."""
    with offices.open_office(home(tmp_path / "home")) as office:
        batch = send(office, FakeTransport({address(1): LOST}))
        batches.settle(office, OCTOBER, F1, resolution=Resolution.RESEND)
        offices.run(office, batch, FakeTransport({address(1): LOST}))
        assert len(of_kind(office, EntryKind.ATTEMPTING)) == 3
        found = batches.settle_by_evidence(office, OCTOBER, mailboxes=holding(frozen(office, batch))[1])
        assert len(found.settled) == 1
        assert states(office)[address(1)] is Status.ACCEPTED


def test_an_archive_that_was_refused_holds_no_proof(tmp_path: Path) -> None:
    full = Answers(cut=Stage.DOT, archive=Reply(code=452, text="4.2.2 full"))
    with offices.open_office(home(tmp_path / "home")) as office:
        batch = send(office, FakeTransport({address(1): full}))
        found = batches.settle_by_evidence(office, OCTOBER, mailboxes=holding(frozen(office, batch))[1])
        assert found.settled == ()
        assert states(office)[address(1)] is Status.UNCERTAIN


def test_a_doubt_without_replies_is_a_persons(tmp_path: Path) -> None:
    """An adopted journal says that messages may have left, and not to whom."""
    root = home(tmp_path / "home")
    with offices.open_office(root) as office:
        batch = send(office, FakeTransport())
        content = frozen(office, batch)
    (root / "journal.sqlite").rename(tmp_path / "lost.sqlite")
    batches.adopt_journal(root, operator="Claire")
    with offices.open_office(root) as office:
        sought = batches.settle_by_evidence(office, OCTOBER, mailboxes=holding(content, sent=[content])[1])
        assert (sought.settled, len(sought.waiting)) == ((), 2)


def test_absence_is_no_proof(tmp_path: Path) -> None:
    with offices.open_office(home(tmp_path / "home")) as office:
        send(office, FakeTransport({address(1): LOST}))
        now = dt.datetime.now(dt.UTC)
        soon = batches.settle_by_evidence(office, OCTOBER, mailboxes=holding()[1], now=now)
        assert [doubt.line for doubt in soon.waiting] == [F1]
        late = batches.settle_by_evidence(
            office, OCTOBER, mailboxes=holding()[1], now=now + GRACE + dt.timedelta(minutes=1)
        )
        assert ([doubt.line for doubt in late.absent], late.waiting, late.settled) == ([F1], (), ())
        again = FakeTransport()
        send(office, again, holding()[1])
        assert again.calls == []
        assert states(office)[address(1)] is Status.UNCERTAIN


def test_proof_of_the_old_one_does_not_release_a_changed_one(tmp_path: Path) -> None:
    root = home(tmp_path / "home")
    with offices.open_office(root) as office:
        batch = send(office, FakeTransport({address(1): LOST}))
        content = frozen(office, batch)
        numbers = (1, 2)
        offices.write_workbook(
            root / "factures.xlsx",
            2,
            contacts=[workbooks.contact(code(n), **{"E-mail": f"autre{n}@example.com"}) for n in numbers],
        )
        held = [line.key for line in batches.prepare(office, OCTOBER).held]
        assert F1 in held
        batches.settle_by_evidence(office, OCTOBER, mailboxes=holding(content)[1])
        assert of_kind(office, EntryKind.RESOLVED)
        slip = batches.survey(office, OCTOBER).slip
        assert {line.key: line.box for line in slip.lines}[F1] is Box.HELD


# -- a mailbox that is away ------------------------------------------------------------------------


def test_a_mailbox_that_is_away_stops_nothing_and_is_noted(tmp_path: Path) -> None:
    with offices.open_office(home(tmp_path / "home", 3)) as office:
        stopping = FakeTransport([LOST])
        batch = send_once(office, stopping)
        assert len(stopping.calls) == 1
        transport = FakeTransport()
        mailbox, mailboxes = holding(fails=AWAY)
        batches.send(office, batch.id, transport=transport, mailboxes=mailboxes)
        assert len(transport.calls) == 2
        notes = of_kind(office, EntryKind.MAILBOX)
        assert {(note.data["act"], note.data["ok"]) for note in notes} == {("evidence", False)}
        assert "refused" in str(notes[0].data["detail"])
        assert len(notes) == 2  # the archive, and Sent
        assert mailbox.closed


# -- copies ----------------------------------------------------------------------------------------


def test_each_accepted_message_is_copied_once(tmp_path: Path) -> None:
    later = Reply(code=450, text="4.2.0 later")
    with offices.open_office(joint(tmp_path / "home")) as office:
        mailbox, mailboxes = holding(copy=True)
        seen: list[Entry] = []
        first = FakeTransport([Answers(rcpt={address(2): later})])
        batch = send_once(office, first, mailboxes, seen.append)
        send(office, FakeTransport(), mailboxes)
        assert set(states(office).values()) == {Status.ACCEPTED}
        assert mailbox.folders["Sent"] == [frozen(office, batch)]
        (note,) = of_kind(office, EntryKind.MAILBOX)
        assert (note.data["act"], note.data["ok"], note.line) == ("copy", True, F1)
        assert note.id in [entry.id for entry in seen]


@pytest.mark.parametrize(
    ("fails", "tries"),
    [
        (AWAY, 2),
        (AuthenticationError("imap_refused", host="imap.example", login="compta", text=""), 1),
    ],
)
def test_a_copy_that_fails_changes_nothing_of_what_was_sent(
    tmp_path: Path, fails: TransportError, tries: int
) -> None:
    with offices.open_office(home(tmp_path / "home", 5)) as office:
        mailbox, mailboxes = holding(copy=True, fails=fails)
        transport = FakeTransport()
        send(office, transport, mailboxes)
        assert len(transport.stored) == 5
        assert set(states(office).values()) == {Status.ACCEPTED}
        assert [note.data["ok"] for note in of_kind(office, EntryKind.MAILBOX)] == [False] * tries
        assert mailbox.calls == tries  # then it is left alone
        assert batches.survey(office, OCTOBER).slip.remainder == 0


def test_nothing_is_copied_when_nobody_wants_it_or_the_provider_does_it(tmp_path: Path) -> None:
    with offices.open_office(home(tmp_path / "one")) as office:
        mailbox, mailboxes = holding()
        send(office, FakeTransport(), mailboxes)
        assert (mailbox.folders["Sent"], of_kind(office, EntryKind.MAILBOX)) == ([], [])
    gmail = {"host": "smtp.gmail.com", "port": 587, "security": "starttls"}
    with offices.open_office(home(tmp_path / "two", mail=gmail)) as office:
        mailbox, mailboxes = holding(copy=True)
        send(office, FakeTransport(), mailboxes)
        assert (mailbox.folders["Sent"], of_kind(office, EntryKind.MAILBOX)) == ([], [])


def test_what_was_not_accepted_is_not_copied(tmp_path: Path) -> None:
    refused = Answers(final=Reply(code=554, text="5.7.1 no"))
    with offices.open_office(home(tmp_path / "home")) as office:
        mailbox, mailboxes = holding(copy=True)
        send(office, FakeTransport({address(1): refused, address(2): LOST}), mailboxes)
        assert mailbox.folders["Sent"] == []


# -- the command -----------------------------------------------------------------------------------


def test_the_command_wants_a_mailbox_and_no_other_choice(tmp_path: Path) -> None:
    root = home(tmp_path / "home")
    said = elite("settle", "2026-10", "--by-evidence", home=root)
    assert (said.code, "[imap]" in said.err) == (1, True)
    assert elite("settle", "2026-10", F1, "--by-evidence", "--accepted", home=root).code == 2
    assert elite("settle", "2026-10", "--accepted", home=root).code == 2


def test_real_servers_prove_and_keep_copies(tmp_path: Path) -> None:
    mailrig.installed()
    login, archive = "compta@maison.test", "parc@maison.test"
    families = ["famille1@famille.test", "famille2@famille.test"]
    with MailRig(families) as rig:
        root = offices.make_home(
            tmp_path / "home",
            2,
            settings={
                "mail": {
                    "sender": login,
                    "host": "127.0.0.1",
                    "port": rig.submission,
                    "security": "starttls",
                    "login": login,
                    "ca_file": str(rig.ca_pem),
                    "archive": archive,
                },
                "imap": {"host": "127.0.0.1", "port": rig.imaps, "copy": True, "archive_login": archive},
            },
            contacts=[workbooks.contact(code(n), **{"E-mail": a}) for n, a in enumerate(families, start=1)],
        )
        for name in ("mail", "archive"):
            (root / "secrets" / name).write_text(PASSWORD)
            (root / "secrets" / name).chmod(0o600)
        with offices.open_office(root) as office:
            transport = Deaf(SmtpTransport(office.account, PASSWORD), deaf_to=families[1])
            batch = batches.prepare(office, OCTOBER).batch
            batches.send(office, batch.id, transport=transport, should_stop=lambda: transport.calls == 2)
            notes = of_kind(office, EntryKind.MAILBOX)
            assert [(n.data["act"], n.data["ok"]) for n in notes] == [("copy", True)]
        assert boxes(root) == {"uncertain": 1, "accepted": 1}
        rig.settle()
        sent = list((rig.base / "mail" / login / "Maildir" / ".Sent" / "cur").iterdir())
        assert [file.name.endswith(":2,S") for file in sent] == [True]
        said = elite("settle", "2026-10", "--by-evidence", home=root)
        assert (said.code, offices.invoice_number(2) in said.out) == (0, True)
        assert boxes(root) == {"accepted": 2}
        said = elite("settle", "2026-10", "--by-evidence", home=root)
        assert said.code == 0
