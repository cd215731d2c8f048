"""The places that returned messages are read from: IMAP, POP3, maildir, mbox, folders, Outlook's files."""

from __future__ import annotations

import datetime as dt
import mailbox as stdlib
from collections.abc import Iterator
from email import message_from_bytes
from pathlib import Path

import pytest

from elite_lib import bounces, config, mailbox
from elite_lib.exceptions import AuthenticationError, ConfigError, ServerUnavailableError
from elite_lib.mailbox import Position, Source, source_of, sources_of
from elite_lib.mailbox.files import FileSource
from elite_lib.mailbox.imap import ImapMailbox
from elite_lib.mailbox.outlook import NotOutlookError, as_message
from elite_lib.mailbox.pop3 import Pop3Source
from elite_lib.models import ImapAccount, ReturnKind, Security
from tests.support import mailrig, needs, offices, outlook, returns
from tests.support.mailrig import PASSWORD, MailRig

LOGIN = "compta@maison.test"
ONE, TWO, THREE = (returns.letter("a@example.com", f"Lettre {n}") for n in range(3))


@pytest.fixture(scope="module")
def running() -> Iterator[MailRig]:
    mailrig.installed()
    needs.program("/usr/lib/dovecot/pop3")
    with MailRig(pop3=True) as servers:
        yield servers


@pytest.fixture
def rig(running: MailRig) -> MailRig:
    running.empty()
    return running


def read(source: Source, since: Position | None = None) -> list[bytes]:
    return [fetched.content for fetched in source.fetch(since)]


# -- POP3 ------------------------------------------------------------------------------------------


def pop3(
    rig: MailRig, security: Security = Security.TLS, secret: str = PASSWORD, **fields: object
) -> Pop3Source:
    known: dict[str, object] = {
        "host": "127.0.0.1",
        "port": rig.pop3s if security is Security.TLS else rig.pop3,
        "security": security,
        "login": LOGIN,
        "ca_file": str(rig.ca_pem),
    }
    return Pop3Source(ImapAccount(**(known | fields)), lambda: secret)  # type: ignore[arg-type]


def put(rig: MailRig, *messages: bytes) -> None:
    """Put messages into the mailbox as they are."""
    box = ImapMailbox(
        ImapAccount(host="127.0.0.1", port=rig.imaps, login=LOGIN, ca_file=str(rig.ca_pem)), PASSWORD
    )
    for content in messages:
        box.append(content.replace(b"\n", b"\r\n"), "INBOX", at=dt.datetime.now(dt.UTC))
    box.close()


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
def test_pop3_reads_what_is_behind_the_last_and_deletes_nothing(rig: MailRig, security: Security) -> None:
    wide = returns.letter("a@example.com", "x" * 5000)  # poplib itself would give up here
    put(rig, ONE, wide)
    source = pop3(rig, security)
    first = list(source.fetch())
    assert [one.content.replace(b"\r\n", b"\n") for one in first] == [ONE, wide]
    assert read(source, first[-1].position) == []
    put(rig, THREE)
    assert [m.replace(b"\r\n", b"\n") for m in read(source, first[-1].position)] == [THREE]
    assert len(read(source, first[0].position)) == 2
    assert len(read(source, Position(mark="gone"))) == 3  # the last one was deleted: all of it again
    source.close()
    assert len(rig.received(LOGIN)) == 3


def test_pop3_says_what_is_wrong(rig: MailRig) -> None:
    with pytest.raises(AuthenticationError, match="pop3_refused"):
        read(pop3(rig, secret="faux"))
    with pytest.raises(ServerUnavailableError, match="tls_untrusted"):
        read(pop3(rig, ca_file=""))
    with pytest.raises(ServerUnavailableError):
        read(pop3(rig, port=rig.dead))


# -- files -----------------------------------------------------------------------------------------


def test_a_maildir_is_read_in_both_folders_and_left_as_it_is(tmp_path: Path) -> None:
    box = stdlib.Maildir(tmp_path / "m")
    for content in (ONE, TWO):
        box.add(content)
    moved = next(iter((tmp_path / "m" / "new").iterdir()))
    moved.rename(tmp_path / "m" / "cur" / f"{moved.name}:2,S")
    before = sorted(str(p) for p in (tmp_path / "m").rglob("*"))
    source = source_of(f"maildir:{tmp_path / 'm'}", settings(tmp_path))
    assert sorted(read(source)) == sorted([ONE, TWO])
    assert read(source) == []  # one and the same source: a run looks again and again
    box.add(THREE)
    assert read(source) == [THREE]
    assert len(read(source_of(str(tmp_path / "m"), settings(tmp_path)))) == 3
    assert [p for p in before if not Path(p).exists()] == []


def test_an_mbox_is_read_and_read_again_when_it_grew(tmp_path: Path) -> None:
    box = stdlib.mbox(tmp_path / "b.mbox")
    box.add(ONE)
    box.flush()
    source = source_of(f"mbox:{tmp_path / 'b.mbox'}", settings(tmp_path))
    content = (tmp_path / "b.mbox").read_bytes()
    assert [m.strip() for m in read(source)] == [ONE.strip()]
    assert read(source) == []
    assert (tmp_path / "b.mbox").read_bytes() == content
    box.add(TWO)
    box.flush()
    assert [m.strip() for m in read(source)] == [ONE.strip(), TWO.strip()]
    by_looking = source_of(str(tmp_path / "b.mbox"), settings(tmp_path))
    assert len(read(by_looking)) == 2
    box.close()


def test_a_folder_gives_its_messages_by_name_and_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / "retours"
    folder.mkdir()
    (folder / "b.eml").write_bytes(TWO)
    (folder / "a.EML").write_bytes(ONE)
    (folder / "note.txt").write_text("rien")
    (folder / "c.msg").write_bytes(outlook.ndr("a@example.com", message_id="<m@x>", status=511, said="x"))
    found = read(source_of("retours", settings(tmp_path)))  # of the home
    assert read(source_of("retours", settings(tmp_path / "home"), folder=tmp_path)) == found
    assert found[:2] == [ONE, TWO]
    assert bounces.classify(found[2]).kind is ReturnKind.BOUNCE
    assert read(source_of(str(folder / "b.eml"), settings(tmp_path))) == [TWO]


def test_one_file_that_cannot_be_read_hides_no_other(tmp_path: Path) -> None:
    (tmp_path / "a.msg").write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + b"damaged")
    (tmp_path / "b.eml").write_bytes(ONE)
    found: list[bytes] = []
    with pytest.raises(ConfigError, match="source_unreadable") as raised:
        found.extend(one.content for one in FileSource(tmp_path, "folder").fetch())
    assert str(raised.value.fields["path"]).endswith("a.msg")
    source, found = FileSource(tmp_path, "folder"), []
    with pytest.raises(ConfigError):
        for one in source.fetch():
            found.append(one.content)
    assert found == [ONE]


def test_what_is_not_there_is_told_when_it_is_read(tmp_path: Path) -> None:
    for text in ("maildir:/nowhere", "mbox:/nowhere", "/nowhere/a.eml"):
        source = source_of(text, settings(tmp_path))
        with pytest.raises(ConfigError, match="source_missing"):
            read(source)


# -- Outlook ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "found"),
    [("NDR", ReturnKind.BOUNCE), ("DR", ReturnKind.DELIVERED), ("IPNRN", ReturnKind.MDN)],
)
def test_a_report_of_exchange_becomes_a_report_again(kind: str, found: ReturnKind) -> None:
    said = "<mx.example #5.1.10 smtp; 550 5.1.10 RESOLVER.ADR.RecipientNotFound>"
    content = outlook.ndr("anne@example.com", message_id="<m1@x.example>", status=5110, said=said, kind=kind)
    message = as_message(content)
    assert as_message(content) == message
    report = bounces.classify(message)
    assert (report.kind, report.message_id) == (found, "<m1@x.example>")
    assert message_from_bytes(message)["Date"] == "Mon, 02 Nov 2026 09:30:00 +0000"
    if found is ReturnKind.BOUNCE:
        (finding,) = report.reports
        assert (finding.recipient, finding.status, finding.reply_code) == (
            "anne@example.com",
            "5.1.10",
            "550",
        )


def test_a_message_kept_with_its_headers_and_attachments() -> None:
    """As Outlook keeps a report that came by POP3: the report and the returned message are attachments."""
    status = (
        b"Reporting-MTA: dns; r.example\n\n"
        b"Final-Recipient: rfc822; anne@example.com\nAction: failed\nStatus: 5.1.1\n"
    )
    headers = "From: compta@example.com\r\nMessage-ID: <m1@x.example>\r\nSubject: Facture\r\n"
    returned = dict([outlook.properties(), outlook.text("0037", "Facture"), outlook.text("007D", headers)])
    content = outlook.compound(
        dict(
            [
                outlook.properties(),
                outlook.text("001A", "IPM.Note"),
                outlook.text(
                    "007D",
                    "From: MAILER-DAEMON@r.example\r\nSubject: Undelivered\r\n"
                    "Date: Mon, 2 Nov 2026 09:00:00 +0000\r\n"
                    "Content-Type: multipart/report; boundary=gone\r\n",
                ),
                outlook.text("1000", "User unknown"),
                (
                    "__attach_version1.0_#00000000",
                    dict([outlook.text("370E", "message/delivery-status"), ("__substg1.0_37010102", status)]),
                ),
                ("__attach_version1.0_#00000001", {"__substg1.0_3701000D": returned}),
            ]
        )
    )
    report = bounces.classify(as_message(content))
    assert (report.kind, report.message_id) == (ReturnKind.BOUNCE, "<m1@x.example>")
    assert [finding.recipient for finding in report.reports] == ["anne@example.com"]


def test_other_compound_files_are_refused() -> None:
    for content in (outlook.compound({"WordDocument": b"x"}), bytes.fromhex("d0cf11e0a1b11ae1"), b"x" * 600):
        with pytest.raises(NotOutlookError):
            as_message(content)


# -- settings --------------------------------------------------------------------------------------


def settings(root: Path) -> config.Settings:
    """A home in the test's own folder."""
    if not (root / "elite.toml").exists():
        offices.make_home(root, 1)
    return config.load(root)


def test_a_place_is_named_the_same_each_time_and_never_by_its_password(tmp_path: Path) -> None:
    home = settings(tmp_path)
    assert (
        source_of("pop3://compta%40example.com@pop.example.com", home).key
        == "pop3:compta@example.com@pop.example.com"
    )
    assert (
        source_of("pop3://moi@example.com@pop.example.com:110", home).key
        == "pop3:moi@example.com@pop.example.com"
    )
    assert source_of("mbox:a.mbox", home).key == f"mbox:{tmp_path / 'a.mbox'}"
    for text in (
        "pop3://compta:secret@pop.example.com",
        "pop3://pop.example.com",
        "ftp://x/y",
        "",
        "pop3://a@b:x",
    ):
        with pytest.raises(ConfigError, match="source_invalid") as raised:
            source_of(text, home)
        assert "secret" not in str(raised.value)
    with pytest.raises(ConfigError, match="imap_missing"):
        source_of("imap", home)


def test_a_home_reads_its_mailbox_and_what_else_is_named(tmp_path: Path) -> None:
    root = offices.make_home(
        tmp_path / "home",
        1,
        settings={
            "imap": {"host": "imap.example.com", "login": "compta"},
            "returns": {"folder": "Retours", "sources": [f"mbox:{tmp_path / 'a.mbox'}", "imap"]},
        },
    )
    keys = [source.key for source in sources_of(config.load(root))]
    assert keys == ["imap:compta@imap.example.com/Retours", f"mbox:{tmp_path / 'a.mbox'}"]
    bare = offices.make_home(tmp_path / "bare", 1)
    assert sources_of(config.load(bare)) == ()
    assert mailbox.source_of is source_of


# -- IMAP ------------------------------------------------------------------------------------------


def test_a_folder_that_is_new_is_read_from_a_day_on(rig: MailRig) -> None:
    box = ImapMailbox(
        ImapAccount(host="127.0.0.1", port=rig.imaps, login=LOGIN, ca_file=str(rig.ca_pem)), PASSWORD
    )
    days = [dt.datetime(2026, 10, day, 12, tzinfo=dt.UTC) for day in (1, 15, 30)]
    for day, content in zip(days, (ONE, TWO, THREE), strict=True):
        box.append(content.replace(b"\n", b"\r\n"), "INBOX", at=day)
    found = list(box.fetch("INBOX", not_before=days[1]))
    assert [one.content.replace(b"\r\n", b"\n") for one in found] == [TWO, THREE]
    first = Position(uidvalidity=found[0].position.uidvalidity, uid=found[0].position.uid - 1)
    assert len(list(box.fetch("INBOX", first, not_before=days[2]))) == 2  # a known folder: by number only
    box.close()
