"""Mail programs: what each is given; a real Thunderbird on a screen; drafts in a real mailbox."""

from __future__ import annotations

import ctypes
import datetime as dt
import email
import email.policy
import re
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from playwright.sync_api import expect

from elite_lib import batch as batches
from elite_lib import config, outcomes
from elite_lib.batch import Office
from elite_lib.batch.evidence import mailboxes_of
from elite_lib.batch.handed import settle_handed
from elite_lib.exceptions import ConfigError, HandoverError
from elite_lib.handover import Letter
from elite_lib.handover.drafts import DraftInMailbox
from elite_lib.handover.eml import EmlFile
from elite_lib.handover.mailto import DefaultClient
from elite_lib.handover.mapi import SimpleMapi
from elite_lib.handover.outlook import Outlook
from elite_lib.handover.thunderbird import Thunderbird, compose_line
from elite_lib.mailbox.fake import FakeMailbox
from elite_lib.mailbox.opening import Mailboxes
from elite_lib.models import Attachment, Box, Draft, Entry, EvidencePlace, Recipient, Status, Way
from tests.support import browser, mailrig, offices, roundcube, workbooks
from tests.support.mailrig import PASSWORD, MailRig
from tests.support.offices import OCTOBER, invoice_number
from tests.support.roundcube import Roundcube
from tests.support.thunderbird import ThunderbirdScreen

TAG = "compta+0123456789ab@maison.test"
SUBJECT = "Facture d’octobre – Mme BŒUF, 1 234,56 €"
TEXT = "Bonjour,\n\nVoici l'été, n'est-ce pas ?\nŒuvre « citée », 100 %.\n"
PDF = Attachment(name="Facture_F1.pdf", content=b"%PDF-1.4 une facture")
F1 = invoice_number(1)
SUBJECT_SHOWN = "Write: Les Tilleuls"  # the window is filled once its title says the subject


def letter(*, bcc: str = TAG, receipt: bool = False, files: tuple[Attachment, ...] = (PDF,)) -> Letter:
    draft = Draft(
        sender="compta@maison.test",
        sender_name="Les Tilleuls",
        reply_to="",
        recipients=(
            Recipient(contact="R1/1", address="helene@famille.test", name="Hélène Bœuf"),
            Recipient(contact="R1/2", address="paul@famille.test"),
        ),
        subject=SUBJECT,
        text=TEXT,
        html="<p>Bonjour</p>",
        attachments=files,
        receipt=receipt,
    )
    return Letter(
        draft=draft,
        message_id="<0123456789abcdef@maison.test>",
        date=dt.datetime(2026, 11, 3, 9, 0, tzinfo=dt.UTC),
        bcc=bcc,
    )


def parsed(content: bytes) -> EmailMessage:
    return email.message_from_bytes(content, policy=email.policy.default)  # type: ignore[return-value]


# -- a file to open --------------------------------------------------------------------------------


def test_the_file_opens_as_a_message_to_be_sent(tmp_path: Path) -> None:
    mail = parsed(EmlFile().hand_over(letter(receipt=True), tmp_path).content)
    assert mail["X-Unsent"] == "1"
    assert (mail["Subject"], mail["Bcc"]) == (SUBJECT, TAG)
    assert "receipt=1" in mail["X-Mozilla-Draft-Info"]
    assert mail["Disposition-Notification-To"] == "compta@maison.test"
    assert mail["Auto-Submitted"] is None  # a person sends it
    assert [(part.get_filename(), part.get_content()) for part in mail.iter_attachments()] == [
        (PDF.name, PDF.content)
    ]


def test_without_a_tag_there_is_no_blind_copy(tmp_path: Path) -> None:
    mail = parsed(EmlFile().hand_over(letter(bcc=""), tmp_path).content)
    assert (mail["Bcc"], mail["X-Mozilla-Draft-Info"]) == (None, None)


# -- a link ----------------------------------------------------------------------------------------


def test_the_link_carries_the_words_and_the_files_lie_ready(tmp_path: Path) -> None:
    handed = DefaultClient().hand_over(letter(), tmp_path / "x")
    parts = urlsplit(handed.link)
    assert unquote(parts.path) == "helene@famille.test,paul@famille.test"
    asked = {name: values[0] for name, values in parse_qs(parts.query, strict_parsing=True).items()}
    assert asked == {"subject": SUBJECT, "bcc": TAG, "body": TEXT.replace("\n", "\r\n")}
    assert "+" not in handed.link.partition("?")[2].replace("%2B", "")  # a plus would be read as a space
    assert [file.read_bytes() for file in handed.files] == [PDF.content]
    assert handed.files[0].stat().st_mode & 0o077 == 0


# -- Outlook and MAPI: written against the documented interface, tried with stand-ins ---------------


class ComObject:
    """Records what is set on it and called."""

    def __init__(self) -> None:
        self.__dict__["said"] = []

    def __setattr__(self, name: str, value: object) -> None:
        self.said.append((name, value))

    def __getattr__(self, name: str) -> Any:
        child = ComObject()
        child.__dict__["said"] = self.said

        def call(*arguments: object) -> ComObject:
            self.said.append((name, *arguments))
            return child

        child.__dict__["__call__"] = call
        return Called(call, child)


class Called:
    """A member that is called, or a collection whose members are."""

    def __init__(self, call: Any, child: ComObject) -> None:
        self._call, self._child = call, child

    def __call__(self, *arguments: object) -> Any:
        return self._call(*arguments)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._child, name)


def test_outlook_shows_a_filled_message(tmp_path: Path) -> None:
    application = ComObject()
    asked: list[str] = []

    def dispatch(name: str) -> ComObject:
        asked.append(name)
        return application

    handed = Outlook(dispatch=dispatch).hand_over(letter(receipt=True), tmp_path / "x")
    assert asked == ["Outlook.Application"]
    said = application.said
    assert said[0] == ("CreateItem", 0)
    assert ("Subject", SUBJECT) in said
    assert ("Body", TEXT) in said
    assert [args for name, *args in said if name == "Add"] == [
        ["helene@famille.test"],
        ["paul@famille.test"],
        [TAG],
        [str(handed.files[0])],
    ]
    assert ("Type", 3) in said
    assert ("ReadReceiptRequested", True) in said
    assert said[-1] == ("Display", False)


def test_outlook_that_does_not_open_is_said(tmp_path: Path) -> None:
    def dispatch(_name: str) -> object:
        raise RuntimeError("class not registered")

    with pytest.raises(HandoverError) as raised:
        Outlook(dispatch=dispatch).hand_over(letter(), tmp_path / "x")
    assert raised.value.code == "program_failed"


def test_mapi_is_given_recipients_words_and_files(tmp_path: Path) -> None:
    seen: dict[str, object] = {}

    def send(_session: int, _window: int, pointer: Any, flags: int, _reserved: int) -> int:
        message = pointer._obj
        seen["to"] = [
            (message.recipients[n].kind, message.recipients[n].address)
            for n in range(message.recipient_count)
        ]
        seen["words"] = (message.subject, message.text)
        seen["files"] = [message.files[n].name for n in range(message.file_count)]
        seen["dialog"] = bool(flags & 8)
        return 0

    SimpleMapi(send=send).hand_over(letter(), tmp_path / "x")
    assert seen == {
        "to": [(1, "SMTP:helene@famille.test"), (1, "SMTP:paul@famille.test"), (3, f"SMTP:{TAG}")],
        "words": (SUBJECT, TEXT),
        "files": [PDF.name],
        "dialog": True,
    }


def test_mapi_closed_by_the_person_is_no_failure_and_an_error_is(tmp_path: Path) -> None:
    SimpleMapi(send=lambda *_a: 1).hand_over(letter(), tmp_path / "x")
    with pytest.raises(HandoverError) as raised:
        SimpleMapi(send=lambda *_a: 2).hand_over(letter(), tmp_path / "x")
    assert "MAPISendMailW: 2" in str(raised.value.fields["detail"])
    assert ctypes.sizeof(ctypes.c_void_p) in (4, 8)


# -- a draft ---------------------------------------------------------------------------------------


def test_a_draft_lies_in_the_marked_folder_unread_by_nobody(tmp_path: Path) -> None:
    mailbox = FakeMailbox({"Brouillons": []}, marks={"\\Drafts": "Brouillons"})
    DraftInMailbox(lambda: mailbox).hand_over(letter(), tmp_path)
    (content,) = mailbox.folders["Brouillons"]
    assert parsed(content)["Bcc"] == TAG
    assert mailbox.flags == [("\\Draft", "\\Seen")]
    assert mailbox.closed == 1


def test_a_mailbox_without_drafts_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as raised:
        DraftInMailbox(FakeMailbox).hand_over(letter(), tmp_path)
    assert raised.value.code == "folder_missing"


# -- Thunderbird -----------------------------------------------------------------------------------


def test_the_compose_line_holds_no_apostrophe_and_no_bare_comma(tmp_path: Path) -> None:
    file = tmp_path / "d'été, 1.pdf"
    line = compose_line(letter(), [file])
    assert line.count("'") == 2 * 6  # to, bcc, subject, body, format, attachment
    assert "/d%27%C3%A9t%C3%A9%2C%201.pdf" in line
    assert "n’est-ce pas" in line


@pytest.fixture(scope="module")
def servers() -> Iterator[MailRig]:
    mailrig.installed()
    with MailRig(["helene@famille.test", "paul@famille.test"]) as rig:
        yield rig


@pytest.fixture
def rig(servers: MailRig) -> MailRig:
    servers.empty()
    return servers


@pytest.fixture
def screen(tmp_path: Path, rig: MailRig) -> Iterator[ThunderbirdScreen]:
    with ThunderbirdScreen(tmp_path / "thunderbird", sender="compta@maison.test", port=rig.trusted) as opened:
        yield opened


def assert_composed(mail: Any) -> None:
    """A draft that Thunderbird saved: recipients, words with their accents, the PDF byte for byte."""
    mail = parsed(mail.as_bytes())
    assert {a.addr_spec for a in mail["To"].addresses} == {"helene@famille.test", "paul@famille.test"}
    assert mail["Bcc"] == TAG
    assert mail["Subject"] == SUBJECT
    body = mail.get_body(preferencelist=("plain",)).get_content().replace("\r\n", "\n")
    assert body.strip() == TEXT.replace("'", "’").strip()
    ((name, content),) = [(p.get_filename(), p.get_content()) for p in mail.iter_attachments()]
    assert (name, content) == (PDF.name, PDF.content)


def test_thunderbird_opens_a_filled_window(screen: ThunderbirdScreen, tmp_path: Path) -> None:
    method = Thunderbird(program=screen.program, start=screen.start)
    assert method.available()
    method.hand_over(letter(), tmp_path / "handed")
    complete = screen.press(
        "Write: Facture", "ctrl+s", until=lambda: [m for m in screen.folder_of("Drafts") if m.is_multipart()]
    )
    assert_composed(complete[0])


def test_thunderbird_that_is_not_here_is_said(tmp_path: Path) -> None:
    def start(_command: object) -> None:
        raise FileNotFoundError("thunderbird")

    with pytest.raises(HandoverError) as raised:
        Thunderbird(program="/nowhere/thunderbird", start=start).hand_over(letter(), tmp_path / "x")
    assert raised.value.code == "program_failed"


# -- through real servers: handed over, sent there, recognised -------------------------------------


def home(tmp_path: Path, rig: MailRig) -> Path:
    """A home whose mailbox is the rig's, with two contacts of one resident."""
    login = "compta@maison.test"
    contacts = [
        workbooks.contact(offices.code(1), n, **{"E-mail": f"{name}@famille.test"})
        for n, name in enumerate(("helene", "paul"), start=1)
    ]
    mail = {
        "sender": login,
        "host": "127.0.0.1",
        "port": rig.submission,
        "security": "starttls",
        "login": login,
        "ca_file": str(rig.ca_pem),
        "tag_returns": True,
    }
    imap = {"host": "127.0.0.1", "port": rig.imap, "security": "plain"}
    root = offices.make_home(tmp_path / "home", 1, settings={"mail": mail, "imap": imap}, contacts=contacts)
    secret = config.Home(root=root).secrets / "mail"
    secret.parent.mkdir(exist_ok=True)
    secret.write_text(PASSWORD)
    secret.chmod(0o600)
    return root


def hand(office: Office, method: Any) -> None:
    to = ["helene@famille.test", "paul@famille.test"]
    batches.hand_over(office, batches.write_single(office, F1, to=to), method)


def statuses(office: Office) -> set[Status]:
    _, entries = batches.read_plan(office, OCTOBER)
    return {state.status for state in outcomes.fold(entries).values()}


def look(office: Office) -> tuple[Entry, ...]:
    """Look for copies in the rig's mailbox."""
    mailboxes = mailboxes_of(office)
    assert mailboxes is not None
    try:
        settled, _still, errors = settle_handed(office, mailboxes, lines=[F1])
    finally:
        mailboxes.close()
    assert list(map(str, errors)) == []
    return settled


def test_a_message_sent_from_thunderbird_counts_when_its_blind_copy_arrives(
    screen: ThunderbirdScreen, rig: MailRig, tmp_path: Path
) -> None:
    with offices.open_office(home(tmp_path, rig)) as office:
        hand(office, Thunderbird(program=screen.program, start=screen.start))
        assert statuses(office) == {Status.HANDED}
        assert look(office) == ()
        screen.press(SUBJECT_SHOWN, "ctrl+Return", until=lambda: rig.received("compta@maison.test"))
        settled = look(office)
        assert [entry.data["where"] for entry in settled] == [EvidencePlace.COPY.value]
        assert statuses(office) == {Status.ACCEPTED}
        (line,) = batches.survey(office, OCTOBER).slip.lines
        assert line.box is Box.ACCEPTED
        (mail,) = rig.received("helene@famille.test")
        assert "Bcc" not in mail


def test_a_draft_is_found_in_the_real_mailbox_with_its_pdf(rig: MailRig, tmp_path: Path) -> None:
    with offices.open_office(home(tmp_path, rig)) as office:
        method = batches.handover_methods(office)[Way.DRAFT]
        assert method.available()
        hand(office, method)
        mailboxes = mailboxes_of(office)
        assert mailboxes is not None
        mailbox = mailboxes.own
        name = mailbox.special()["\\Drafts"]
        ((content, pdf),) = [
            (f.content, next(parsed(f.content).iter_attachments()).get_content()) for f in mailbox.fetch(name)
        ]
        mailbox.close()
        assert parsed(content)["Bcc"].startswith("compta+")
        assert pdf.startswith(b"%PDF-")
        assert statuses(office) == {Status.HANDED}


def test_a_draft_sent_from_a_real_webmail_counts_when_its_copy_arrives(rig: MailRig, tmp_path: Path) -> None:
    """Roundcube opens the draft, and its own Send sends it: recipients, words and PDF arrive."""
    roundcube.installed()
    with offices.open_office(home(tmp_path, rig)) as office:
        hand(office, batches.handover_methods(office)[Way.DRAFT])
        with Roundcube(tmp_path / "roundcube", rig) as webmail, browser.chromium() as chromium:
            page = browser.open_page(chromium)
            page.goto(webmail.url)
            page.fill("#rcmloginuser", "compta@maison.test")
            page.fill("#rcmloginpwd", PASSWORD)
            page.click("#rcmloginsubmit")
            page.goto(f"{webmail.url}?_task=mail&_mbox=Drafts")
            page.dblclick("#messagelist tbody tr")
            expect(page.locator("#compose-subject")).to_have_value(re.compile("Les Tilleuls"))
            expect(page.locator("#attachment-list")).to_contain_text(f"Facture_{F1}_Dupont1.pdf")
            page.get_by_role("button", name="Envoyer").first.click()
            page.wait_for_url("**_mbox=Drafts**")
        rig.settle()
        (mail,) = rig.received("helene@famille.test")
        assert [part.get_filename() for part in mail.walk() if part.get_filename()] == [
            f"Facture_{F1}_Dupont1.pdf"
        ]
        assert [entry.data["where"] for entry in look(office)] == [EvidencePlace.COPY.value]
        assert statuses(office) == {Status.ACCEPTED}


# -- recognised ------------------------------------------------------------------------------------


def copy_of(office: Office, *, to: str, sender: str = "compta@maison.test", tag: bool = True) -> bytes:
    entry = next(e for e in office.journal.entries() if e.kind == "handed_over")
    address = f"compta+{entry.data['token'] if tag else 'ffffffffffff'}@maison.test"
    return f"Delivered-To: {address}\r\nFrom: X <{sender}>\r\nTo: {to}\r\n\r\n".encode()


@pytest.mark.parametrize(
    ("to", "sender", "tag", "found"),
    [
        ("helene@famille.test, Paul <PAUL@famille.test>", "compta@maison.test", True, 2),
        ("helene@famille.test", "compta@maison.test", True, 1),  # the other one was taken out before sending
        ("helene@famille.test, paul@famille.test", "paul@famille.test", True, 0),  # a forged or quoted one
        ("helene@famille.test, paul@famille.test", "compta@maison.test", False, 0),
    ],
)
def test_a_copy_settles_those_whom_it_names(
    tmp_path: Path, to: str, sender: str, tag: bool, found: int
) -> None:
    contacts = [
        workbooks.contact(offices.code(1), n, **{"E-mail": f"{name}@famille.test"})
        for n, name in enumerate(("helene", "paul"), start=1)
    ]
    account = {"sender": "compta@maison.test", "host": "127.0.0.1", "port": 9, "security": "plain"}
    root = offices.make_home(
        tmp_path / "home", 1, settings={"mail": account | {"tag_returns": True}}, contacts=contacts
    )
    with offices.open_office(root) as office:
        hand(office, EmlFile())
        content = copy_of(office, to=to, sender=sender, tag=tag)
        mailbox = FakeMailbox({"INBOX": [b"From: famille@example.com\r\n\r\nBonjour", content], "Sent": []})
        boxes = Mailboxes(own=mailbox, archive=mailbox, sent="Sent")
        settled, still, errors = settle_handed(office, boxes, lines=[F1])
        assert still == (() if found else (F1,))
        assert errors == ()
        _, entries = batches.read_plan(office, OCTOBER)
        states = outcomes.fold(entries).values()
        assert sum(state.status is Status.ACCEPTED for state in states) == found
        assert len(settled) == bool(found)


def test_looking_for_evidence_looks_for_what_mail_programs_sent(tmp_path: Path) -> None:
    """``elite settle --by-evidence`` and the start of each run ask the same mailboxes."""
    root = offices.make_home(tmp_path / "home", 1)
    with offices.open_office(root) as office:
        hand_one(office)
        entry = next(e for e in office.journal.entries() if e.kind == "handed_over")
        kept = f"From: {office.account.sender}\r\nTo: {offices.address(1)}\r\n".encode()
        mailbox = FakeMailbox({"INBOX": [], "Sent": []})
        boxes = Mailboxes(own=mailbox, archive=mailbox, sent="Sent")
        sought = batches.settle_by_evidence(office, OCTOBER, mailboxes=boxes)
        assert (sought.settled, sought.handed) == ((), (F1,))
        mailbox.folders["Sent"].append(kept + f"Message-ID: {entry.data['message_id']}\r\n\r\n".encode())
        sought = batches.settle_by_evidence(office, OCTOBER, mailboxes=boxes)
        assert [e.data["where"] for e in sought.settled] == [EvidencePlace.SENT.value]
        assert sought.handed == ()


def hand_one(office: Office) -> None:
    batches.hand_over(office, batches.write_single(office, F1), EmlFile())
