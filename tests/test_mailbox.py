"""Our own mailbox: a real Dovecot, the shipped fake, and a server that says no or goes away."""

from __future__ import annotations

import contextlib
import datetime as dt
import socket
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from elite_lib import config
from elite_lib.exceptions import AuthenticationError, ConfigError, ServerUnavailableError
from elite_lib.labels import explain
from elite_lib.mailbox import SENT, Mailbox, Position
from elite_lib.mailbox.fake import FakeMailbox
from elite_lib.mailbox.imap import ImapMailbox
from elite_lib.mailbox.names import decoded, encoded, marked, quoted
from elite_lib.mailbox.opening import password
from elite_lib.models import ImapAccount, Security
from tests.support import mailrig
from tests.support.mailrig import PASSWORD, MailRig

LOGIN = "compta@maison.test"
NOON = dt.datetime(2026, 11, 2, 12, 0, tzinfo=dt.UTC)


def message(number: int) -> bytes:
    return (
        f"From: {LOGIN}\r\nSubject: Essai\r\nMessage-ID: <{number}abc@maison.test>\r\n\r\nBonjour.\r\n"
    ).encode()


@pytest.fixture(scope="module")
def running() -> Iterator[MailRig]:
    mailrig.installed()
    with MailRig() as servers:
        yield servers


@pytest.fixture
def rig(running: MailRig) -> MailRig:
    running.empty()
    return running


def account(rig: MailRig, security: Security = Security.TLS, **fields: object) -> ImapAccount:
    known = {
        "host": "127.0.0.1",
        "port": rig.imaps if security is Security.TLS else rig.imap,
        "security": security,
        "login": LOGIN,
        "ca_file": str(rig.ca_pem),
    }
    return ImapAccount(**(known | fields))  # type: ignore[arg-type]


@pytest.fixture(params=["dovecot", "fake"])
def mailbox(request: pytest.FixtureRequest) -> Iterator[Mailbox]:
    """The same promises, kept by a real server and by the fake."""
    opened: Mailbox
    if request.param == "fake":
        opened = FakeMailbox({"INBOX": (), "Sent": ()}, marks={SENT: "Sent"})
    else:
        opened = ImapMailbox(account(request.getfixturevalue("rig")), PASSWORD)
    yield opened
    opened.close()


# -- the promises of every mailbox -----------------------------------------------------------------


def test_the_sent_folder_is_the_one_that_the_server_marks(mailbox: Mailbox) -> None:
    assert mailbox.special()[SENT] == "Sent"


def test_a_message_is_found_by_its_whole_id(mailbox: Mailbox) -> None:
    mailbox.append(message(1), "Sent", at=NOON)
    assert mailbox.count("<1abc@maison.test>", "Sent") == 1
    assert mailbox.count("<1abc@maison.test>", "INBOX") == 0
    assert mailbox.count("<abc@maison.test>", "Sent") == 0
    assert mailbox.count("1abc@maison", "Sent") == 0  # the server finds a part; a part is no proof
    mailbox.append(message(1), "Sent", at=NOON)
    assert mailbox.count("<1abc@maison.test>", "Sent") == 2


def test_messages_are_fetched_once_each(mailbox: Mailbox) -> None:
    assert list(mailbox.fetch("INBOX")) == []
    for number in (1, 2):
        mailbox.append(message(number), "INBOX", at=NOON)
    first = list(mailbox.fetch("INBOX"))
    assert [one.content for one in first] == [message(1), message(2)]
    assert list(mailbox.fetch("INBOX", first[-1].position)) == []
    mailbox.append(message(3), "INBOX", at=NOON)
    assert [one.content for one in mailbox.fetch("INBOX", first[-1].position)] == [message(3)]
    another = Position(uidvalidity=first[-1].position.uidvalidity + 1, uid=first[-1].position.uid)
    assert len(list(mailbox.fetch("INBOX", another))) == 3  # the folder was made anew


def test_a_folder_that_is_not_there_is_named(mailbox: Mailbox) -> None:
    with pytest.raises(ConfigError, match="folder_missing") as raised:
        mailbox.count("<1abc@maison.test>", "Envoyés")
    assert raised.value.fields["folder"] == "Envoyés"
    with pytest.raises(ConfigError, match="folder_missing"):
        mailbox.append(message(1), "Envoyés", at=NOON)
    assert mailbox.count("<1abc@maison.test>", "INBOX") == 0  # and the mailbox goes on


# -- a real server ---------------------------------------------------------------------------------


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS, Security.PLAIN])
def test_every_security_reaches_the_mailbox(rig: MailRig, security: Security) -> None:
    mailbox = ImapMailbox(account(rig, security), lambda: PASSWORD)
    mailbox.append(message(1), "INBOX", at=NOON)
    mailbox.close()
    (received,) = rig.received(LOGIN)
    assert received["Message-ID"] == "<1abc@maison.test>"
    (file,) = (rig.base / "mail" / LOGIN / "Maildir" / "cur").iterdir()
    assert file.name.endswith(":2,S")  # seen


def test_a_wrong_password_is_said(rig: MailRig) -> None:
    with pytest.raises(AuthenticationError, match="imap_refused"):
        ImapMailbox(account(rig), "faux").special()
    with pytest.raises(AuthenticationError, match="password_missing"):
        ImapMailbox(account(rig), "").special()


def test_another_servers_certificate_is_refused_before_the_password(rig: MailRig, tmp_path: Path) -> None:
    with pytest.raises(ServerUnavailableError, match="tls_untrusted"):
        ImapMailbox(account(rig, ca_file=""), PASSWORD).special()
    with pytest.raises(ServerUnavailableError, match="tls_untrusted"):
        ImapMailbox(account(rig, Security.STARTTLS, ca_file=""), PASSWORD).special()
    with pytest.raises(ConfigError, match="ca_file"):
        ImapMailbox(account(rig, ca_file=str(tmp_path / "none.pem")), PASSWORD).special()


def test_nobody_listens(rig: MailRig) -> None:
    closed = account(rig, port=rig.dead)
    with pytest.raises(ServerUnavailableError, match="mailbox_refused") as raised:
        ImapMailbox(closed, PASSWORD).special()
    assert "[imap]" in explain(raised.value)  # and not the settings of what sends
    assert "[mail]" not in explain(raised.value)


def test_a_name_that_nobody_knows_is_said_of_the_mailbox(rig: MailRig) -> None:
    with pytest.raises(ServerUnavailableError, match="mailbox_dns") as raised:
        ImapMailbox(account(rig, host="imap.nulle-part.invalid"), PASSWORD).special()
    assert "[imap]" in explain(raised.value)


def test_the_newest_messages_of_a_sender_are_found(mailbox: Mailbox) -> None:
    day = dt.datetime(2026, 10, 31, 12, tzinfo=dt.UTC)
    for number in range(5):
        sender = "compta@maison.test" if number != 3 else "autre@maison.test"
        content = f"From: Maison <{sender}>\r\nMessage-ID: <{number}@x.test>\r\n\r\n{number}\r\n"
        mailbox.append(content.encode(), "INBOX", at=day + dt.timedelta(minutes=number))
    found = mailbox.newest("compta@maison.test", "INBOX", not_before=day - dt.timedelta(days=1))
    assert [content.split()[-1] for content in found] == [b"4", b"2", b"1"]
    assert mailbox.newest("personne@maison.test", "INBOX", not_before=day) == []


# -- a server that misbehaves ----------------------------------------------------------------------


class Script:
    """An IMAP server that says these lines, one conversation after the other, then closes each."""

    def __init__(self, *conversations: Sequence[str]) -> None:
        self.heard: list[str] = []
        self._conversations = conversations
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> Script:
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._thread.join(10)
        self._listener.close()

    def _serve(self) -> None:
        self._listener.settimeout(10)
        for greeting, *answers in self._conversations:
            talk, _ = self._listener.accept()
            with contextlib.suppress(OSError), talk, talk.makefile("rb") as lines:
                talk.sendall(f"{greeting}\r\n".encode())
                for answer in answers:
                    heard = lines.readline().decode()
                    self.heard.append(heard.partition(" ")[2].strip())
                    tag = heard.partition(" ")[0]
                    talk.sendall(answer.replace("TAG", tag).replace("\n", "\r\n").encode() + b"\r\n")


LOGGED_IN = ("* OK ready", "* CAPABILITY IMAP4rev1\nTAG OK done", "TAG OK logged in")


def scripted(script: Script) -> ImapMailbox:
    return ImapMailbox(
        ImapAccount(host="127.0.0.1", port=script.port, security=Security.PLAIN, login="x", timeout=5.0), "y"
    )


def test_a_session_that_the_server_left_is_opened_again() -> None:
    listed = '* LIST (\\HasNoChildren \\Sent) "/" {10}\nEnvoy&AOk-\nTAG OK done'
    with Script((*LOGGED_IN, listed), (*LOGGED_IN, listed)) as script:
        mailbox = scripted(script)
        assert mailbox.special()[SENT] == "Envoyé"
        assert mailbox.special()[SENT] == "Envoyé"
        mailbox.close()


@pytest.mark.parametrize(
    ("conversation", "code"),
    [
        (("* BYE too busy",), "imap_failed"),
        (("HTTP/1.1 400 Bad Request",), "imap_failed"),
        ((*LOGGED_IN[:2], "* BYE gone"), "imap_failed"),
        ((*LOGGED_IN, "TAG BAD what"), "imap_failed"),
        ((*LOGGED_IN, "TAG NO not now"), "imap_failed"),
    ],
)
def test_what_a_server_refuses_is_an_error_of_ours(conversation: Sequence[str], code: str) -> None:
    with Script(conversation) as script:
        mailbox = scripted(script)
        with pytest.raises(ServerUnavailableError) as raised:
            mailbox.special()
        mailbox.close()
    assert raised.value.code == code


SELECTED = "* OK [UIDVALIDITY 7] valid\nTAG OK [READ-WRITE] selected"


def test_messages_are_moved_by_copy_where_the_server_has_no_move() -> None:
    """And only these are expunged: what somebody else marked as deleted stays."""
    with Script(
        (
            *LOGGED_IN,
            SELECTED,
            "* CAPABILITY IMAP4rev1 UIDPLUS\nTAG OK done",
            "TAG OK copied",
            "TAG OK stored",
            "TAG OK expunged",
        )
    ) as script:
        mailbox = scripted(script)
        mailbox.move([Position(uidvalidity=7, uid=n) for n in (3, 5)], "INBOX", "Retours")
        mailbox.close()
    assert script.heard[-3:] == [
        'UID COPY 3,5 "Retours"',
        "UID STORE 3,5 +FLAGS.SILENT (\\Deleted)",
        "UID EXPUNGE 3,5",
    ]


@pytest.mark.parametrize(
    ("answers", "uidvalidity", "heard"),
    [
        ([SELECTED, "* CAPABILITY IMAP4rev1 MOVE\nTAG OK done", "TAG OK moved"], 7, 'UID MOVE 3 "Retours"'),
        ([SELECTED], 6, 'SELECT "INBOX"'),  # the folder was made anew: number 3 is another message
    ],
)
def test_messages_are_moved_in_one_step_or_not_at_all(
    answers: list[str], uidvalidity: int, heard: str
) -> None:
    with Script((*LOGGED_IN, *answers)) as script:
        mailbox = scripted(script)
        mailbox.move([Position(uidvalidity=uidvalidity, uid=3)], "INBOX", "Retours")
        mailbox.close()
    assert script.heard[-1] == heard


def test_without_move_and_uidplus_nothing_is_moved() -> None:
    with Script((*LOGGED_IN, SELECTED, "* CAPABILITY IMAP4rev1\nTAG OK done")) as script:
        mailbox = scripted(script)
        with pytest.raises(ServerUnavailableError, match="imap_failed"):
            mailbox.move([Position(uidvalidity=7, uid=3)], "INBOX", "Retours")
        mailbox.close()
    assert not any("EXPUNGE" in line or "COPY" in line for line in script.heard)


def test_another_threads_wait_is_ended_at_once() -> None:
    """The server never answers: without it the wait would last as long as the settings allow."""
    listener = socket.create_server(("127.0.0.1", 0))
    account = ImapAccount(
        host="127.0.0.1", port=listener.getsockname()[1], security=Security.PLAIN, login="x", timeout=60.0
    )
    mailbox, raised = ImapMailbox(account, "y"), list[BaseException]()
    asked = threading.Event()

    def serve() -> None:
        talk, _ = listener.accept()
        with talk, talk.makefile("rb") as lines:
            talk.sendall(b"* OK ready\r\n")
            for answer in LOGGED_IN[1:]:
                tag = lines.readline().split()[0].decode()
                talk.sendall(answer.replace("TAG", tag).replace("\n", "\r\n").encode() + b"\r\n")
            lines.readline()  # LIST
            asked.set()
            lines.read()  # until the other side goes

    def wait() -> None:
        try:
            mailbox.special()
        except ServerUnavailableError as error:
            raised.append(error)

    threads = [threading.Thread(target=act) for act in (serve, wait)]
    for thread in threads:
        thread.start()
    assert asked.wait(10)
    mailbox.interrupt()
    for thread in threads:
        thread.join(10)
    listener.close()
    assert [type(error) for error in raised] == [ServerUnavailableError]
    assert not any(thread.is_alive() for thread in threads)


def test_a_server_without_starttls_gets_no_password() -> None:
    with Script(LOGGED_IN[:2]) as script, pytest.raises(ServerUnavailableError, match="starttls_missing"):
        ImapMailbox(
            ImapAccount(host="127.0.0.1", port=script.port, security=Security.STARTTLS, login="x"), "y"
        ).special()
    assert not any("LOGIN" in line for line in script.heard)


# -- names -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "wire"),
    [
        ("Sent", "Sent"),
        ("Envoyés", "Envoy&AOk-s"),
        ("R&D", "R&-D"),
        ("~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"),  # RFC 3501 5.1.3
    ],
)
def test_names_are_written_as_imap_does(name: str, wire: str) -> None:
    assert encoded(name) == wire
    assert decoded(wire) == name


def test_what_is_no_coded_name_stays() -> None:
    assert decoded("a&zzz") == "a&zzz"
    assert decoded("a&A-b") == "a&A-b"


def test_quotes() -> None:
    assert quoted('a"\\b') == '"a\\"\\\\b"'
    with pytest.raises(ConfigError):
        quoted("a\r\nb LOGOUT")


def test_listed_names() -> None:
    answers = [
        b'(\\HasNoChildren \\Sent) "/" "Objets envoy\\"s"',
        (b"(\\Drafts) NIL {3}", b"a b"),
        b'(\\Junk) "." INBOX.Junk',
        b"nonsense",
        None,
    ]
    assert dict(marked(answers)) == {
        "\\HasNoChildren": 'Objets envoy"s', "\\Sent": 'Objets envoy"s', "\\Drafts": "a b",
        "\\Junk": "INBOX.Junk",
    }  # fmt: skip


# -- settings --------------------------------------------------------------------------------------

FILLED = """
[home]
name = "Les Tilleuls"
establishment = "tilleuls"
[mail]
sender = "compta@example.com"
host = "smtp.example.com"
login = "compta"
ca_file = "ca.pem"
"""


def read(text: str) -> config.Settings:
    return config.parse(FILLED + text, home=config.Home(root=Path("/home")))


def test_the_mailbox_has_what_the_mail_account_says() -> None:
    assert read("").imap is None
    found = read('[imap]\nhost = "imap.example.com"\n').imap
    assert found == ImapAccount(
        host="imap.example.com", port=993, login="compta", ca_file=str(Path("/home/ca.pem"))
    )
    assert read('[imap]\nhost = "imap.example.com"\nsecurity = "starttls"\n').imap.port == 143  # type: ignore[union-attr]


def test_a_mailbox_password_never_crosses_a_network_in_clear() -> None:
    with pytest.raises(ConfigError, match=r"imap\.security"):
        read('[imap]\nhost = "imap.example.com"\nsecurity = "plain"\n')
    assert read('[imap]\nhost = "127.0.0.1"\nsecurity = "plain"\n').imap is not None


def test_its_password_is_its_own_else_the_mail_accounts(tmp_path: Path) -> None:
    home = config.create_home(tmp_path / "home")
    assert password(home=home, environ={"ELITE_MAIL_PASSWORD": "a"}) == "a"
    assert password(home=home, environ={"ELITE_MAIL_PASSWORD": "a", "ELITE_IMAP_PASSWORD": "b"}) == "b"
    (home.secrets / "imap").write_text("")
    (home.secrets / "imap").chmod(0o600)
    with pytest.raises(ConfigError, match="secret_empty"):
        password(home=home, environ={"ELITE_MAIL_PASSWORD": "a"})
