"""The SMTP transport over real sockets: every stage, every way to fail, and what the server kept."""

from __future__ import annotations

import re
import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult
from aiosmtpd.smtp import Envelope as AiosmtpdEnvelope
from hypothesis import given, settings
from hypothesis import strategies as st

from elite_lib.exceptions import (
    AuthenticationError,
    ConfigError,
    ServerUnavailableError,
    StorageError,
    TransportError,
)
from elite_lib.models import Envelope, MailAccount, Reply, Security, Stage, Transaction
from elite_lib.transports.opening import log_in
from elite_lib.transports.refusals import hint
from elite_lib.transports.session import Session
from elite_lib.transports.smtp import SmtpTransport, stuffed, xtext
from tests.support.certificates import Certificates, issue, served
from tests.support.smtp_server import Cut, Hang, Say, Script, Slow, SmtpServer, Stall, Step

A, B, ARCHIVE = "anne@famille.example", "bernard@famille.example", "archive@tilleuls.example"
ENVELOPE = Envelope(sender="compta@tilleuls.example", recipients=(A,), envid="0123456789abcdef")
CONTENT = b"Subject: Facture\r\n\r\n.dot\r\n..two\r\n.\r\nBonjour.\r\n"
HEAVY = b"Subject: lourd\r\n\r\n" + b"x" * 76 + b"\r\n" + (b"y" * 76 + b"\r\n") * 60_000  # 4.7 MB


@dataclass
class BeforeDot:
    """Stand for the journal: remembers what it was told, and what the server had by then."""

    server: SmtpServer | None = None
    raises: BaseException | None = None
    calls: list[tuple[Sequence[tuple[str, Reply]], Reply | None]] = field(default_factory=list)
    stored_by_then: list[int] = field(default_factory=list)

    def __call__(self, rcpt: Sequence[tuple[str, Reply]], archive: Reply | None) -> None:
        self.calls.append((rcpt, archive))
        if self.server is not None:
            self.stored_by_then.append(len(self.server.stored))
        if self.raises is not None:
            raise self.raises


def plain_account(port: int, **fields: object) -> MailAccount:
    given_fields = {
        "sender": "compta@tilleuls.example",
        "host": "127.0.0.1",
        "port": port,
        "security": Security.PLAIN,
        "timeout": 5.0,
    }
    return MailAccount(**(given_fields | fields))  # type: ignore[arg-type]


@pytest.fixture
def transports() -> Iterator[list[SmtpTransport]]:
    made: list[SmtpTransport] = []
    yield made
    for transport in made:
        transport.close()


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return issue(tmp_path_factory.mktemp("tls"))


def patience(step: Step | Sequence[Step | None]) -> float:
    """Be patient (seconds), for the machine may be busy, save where nothing will come."""
    return 0.3 if isinstance(step, (Hang, Stall)) else 10.0


def send_once(
    script: Script,
    *,
    envelope: Envelope = ENVELOPE,
    content: bytes = CONTENT,
    timeout: float = 5.0,
    before_dot: BeforeDot | None = None,
) -> tuple[Transaction, SmtpServer, BeforeDot]:
    """Send one message in one session; the server is over when this returns."""
    before_dot = before_dot or BeforeDot()
    with SmtpServer(script) as server:
        before_dot.server = server
        transport = SmtpTransport(plain_account(server.port, timeout=timeout))
        try:
            transaction = transport.send(envelope, content, before_dot)
        finally:
            transport.close()
    return transaction, server, before_dot


# -- the ordinary way ----------------------------------------------------------------------------


def test_accepted() -> None:
    transaction, server, before_dot = send_once({})
    assert transaction == Transaction(
        stage=Stage.DOT,
        mail=Reply(code=250, text="2.1.0 sender ok"),
        rcpt=((A, Reply(code=250, text="2.1.5 recipient ok")),),
        data=Reply(code=354, text="go ahead"),
        final=Reply(code=250, text="2.0.0 stored"),
    )
    assert [message.content for message in server.stored] == [CONTENT]
    assert server.stored[0].sender == ENVELOPE.sender
    assert before_dot.calls == [(transaction.rcpt, None)]
    assert server.commands[-1] == "QUIT"


def test_the_journal_is_asked_before_the_server_has_the_message() -> None:
    assert send_once({})[2].stored_by_then == [0]


def test_size_and_dsn_parameters_when_announced() -> None:
    envelope = Envelope(sender="compta@tilleuls.example", recipients=(A,), envid="a+b=c d", archive=ARCHIVE)
    _, server, _ = send_once({}, envelope=envelope)
    message = server.stored[0]
    assert message.mail_parameters == f"SIZE={len(CONTENT)} RET=HDRS ENVID=a+2Bb+3Dc+20d"
    assert message.rcpt_parameters == {A: "NOTIFY=SUCCESS,FAILURE,DELAY", ARCHIVE: "NOTIFY=NEVER"}


def test_no_parameters_when_not_announced(transports: list[SmtpTransport]) -> None:
    with SmtpServer(extensions=()) as server:
        transports.append(SmtpTransport(plain_account(server.port)))
        assert transports[0].send(ENVELOPE, CONTENT, BeforeDot()).final is not None
        transports[0].close()
    assert server.stored[0].mail_parameters == ""
    assert server.stored[0].rcpt_parameters == {A: ""}


def test_xtext() -> None:
    assert xtext("abc-09_+=é ~") == "abc-09_+2B+3D+E9+20~"


def test_a_relay_without_ehlo_is_greeted_with_helo() -> None:
    transaction, server, _ = send_once({"ehlo": Say("502 what?")})
    assert transaction.final is not None
    assert server.stored[0].mail_parameters == ""


def test_heavy_message() -> None:
    transaction, server, _ = send_once({}, content=HEAVY)
    assert transaction.final is not None
    assert server.stored[0].content == HEAVY


@settings(max_examples=60, deadline=None)
@given(
    lines=st.lists(
        st.one_of(
            st.binary(max_size=60),
            st.sampled_from([b".", b"..", b".\t", b"", b"QUIT", b".x", b"From "]),
        ),
        max_size=12,
    )
)
def test_dot_stuffing_round_trips_any_body(lines: list[bytes]) -> None:
    cleaned = [line.replace(b"\r", b"").replace(b"\n", b"") for line in lines]
    content = b"".join(line + b"\r\n" for line in [*cleaned, b"end"])
    transaction, server, _ = send_once({}, content=content)
    assert transaction.final is not None
    assert [message.content for message in server.stored] == [content]
    assert server.commands[-1] == "QUIT"


@given(st.lists(st.sampled_from([b"\r\n", b"\r", b"\n", b".", b"x"]), max_size=12).map(b"".join))
def test_stuffing_agrees_with_its_definition(content: bytes) -> None:
    lone = re.search(rb"\r(?!\n)|(?<!\r)\n", content) or not content.endswith(b"\r\n")
    if lone:
        with pytest.raises(TransportError):
            stuffed(content)
    else:
        assert stuffed(content) == re.sub(rb"(?m)^\.", b"..", content)


@pytest.mark.parametrize(
    "content",
    [b"", b"a", b"a\n", b"a\r", b"a\r\n.\n.\r\nb\r\n", b"a\n.\r\nb\r\n", b"a\r.\r\nb\r\n", b"a\r\n\n"],
)
def test_bare_line_ends_never_leave(content: bytes) -> None:
    with pytest.raises(TransportError) as caught:
        send_once({}, content=content)
    assert caught.value.code == "content_invalid"


@pytest.mark.parametrize(
    "bad",
    [
        "élise@famille.example",
        "a b@famille.example",
        "a@b.example>\r\nRCPT TO:<c@d.example",
        "a@b.example>",
        "a\0@b",
    ],
)
@pytest.mark.parametrize("place", ["sender", "recipients", "archive"])
def test_an_address_that_could_be_two_never_leaves(bad: str, place: str) -> None:
    fields = {"sender": ENVELOPE.sender, "recipients": (A,), "archive": ""}
    fields[place] = (A, bad) if place == "recipients" else bad
    with pytest.raises(TransportError) as caught:
        send_once({}, envelope=Envelope(**fields))  # type: ignore[arg-type]
    assert (caught.value.code, caught.value.fields) == ("envelope_invalid", {"address": bad})


def test_an_envelope_without_recipient_is_refused() -> None:
    with pytest.raises(TransportError, match="envelope_invalid"):
        send_once({}, envelope=Envelope(sender=ENVELOPE.sender, recipients=()))


# -- recipients ----------------------------------------------------------------------------------

BOTH = Envelope(sender="compta@tilleuls.example", recipients=(A, B), archive=ARCHIVE, envid="x")


def test_one_refused_the_other_receives() -> None:
    transaction, server, before_dot = send_once({f"rcpt:{A}": Say("550 5.1.1 unknown")}, envelope=BOTH)
    assert [(address, reply.code) for address, reply in transaction.rcpt] == [(A, 550), (B, 250)]
    assert transaction.final is not None
    assert server.stored[0].recipients == [B, ARCHIVE]
    assert before_dot.calls == [(transaction.rcpt, transaction.archive)]


@pytest.mark.parametrize("code", [550, 450])
def test_all_refused_means_no_data_and_no_archive(code: int) -> None:
    transaction, server, before_dot = send_once({"rcpt": Say(f"{code} 5.1.1 no")}, envelope=BOTH)
    assert (transaction.stage, transaction.archive, transaction.data) == (Stage.RCPT, None, None)
    assert [reply.code for _, reply in transaction.rcpt] == [code, code]
    assert transaction.error == ""
    assert [command.split()[0].upper() for command in server.commands] == [
        "EHLO",
        "MAIL",
        "RCPT",
        "RCPT",
        "RSET",
        "QUIT",
    ]
    assert (server.stored, before_dot.calls) == ([], [])


def test_the_archive_is_asked_last_and_its_refusal_changes_nothing() -> None:
    transaction, server, before_dot = send_once({f"rcpt:{ARCHIVE}": Say("550 5.2.2 full")}, envelope=BOTH)
    assert transaction.archive == Reply(code=550, text="5.2.2 full")
    assert transaction.final is not None and transaction.final.accepted
    assert [command.split(">")[0] for command in server.commands if command.startswith("RCPT")] == [
        f"RCPT TO:<{A}",
        f"RCPT TO:<{B}",
        f"RCPT TO:<{ARCHIVE}",
    ]
    assert before_dot.calls == [(transaction.rcpt, transaction.archive)]


def test_each_address_is_asked_once() -> None:
    envelope = Envelope(sender=ENVELOPE.sender, recipients=(A, A), archive=A.upper())
    transaction, server, _ = send_once({}, envelope=envelope)
    assert [address for address, _ in transaction.rcpt] == [A]
    assert transaction.archive is None
    assert server.stored[0].recipients == [A]


# -- definite: nothing went ----------------------------------------------------------------------

CUTS: list[Step] = [
    Cut(),
    Cut(reset=True),
    Hang(),
    Say("nonsense"),
    Say("25", raw=True, then_cut=True),
    Say("250", raw=True, then_cut=True),
    Say("250-half", then_cut=True),
    Say("250-a\r\n550 b"),
    Say("354 out of step"),
]


@pytest.mark.parametrize("step", CUTS, ids=repr)
@pytest.mark.parametrize(
    ("script", "stage"),
    [
        ("mail", Stage.MAIL),
        (f"rcpt:{A}", Stage.RCPT),
        (f"rcpt:{B}", Stage.RCPT),
        (f"rcpt:{ARCHIVE}", Stage.RCPT),
        ("data", Stage.DATA),
    ],
)
def test_cut_before_the_dot_is_definite(script: str, stage: Stage, step: Step) -> None:
    if script == "data" and step == Say("354 out of step"):
        step = Say("250 out of step")
    transaction, server, before_dot = send_once({script: step}, envelope=BOTH, timeout=patience(step))
    assert transaction.stage is stage
    assert transaction.error
    assert transaction.final is None
    assert not transaction.in_doubt
    assert (server.stored, server.unfinished, before_dot.calls) == ([], [], [])


def test_what_was_answered_before_a_cut_is_kept() -> None:
    transaction, _, _ = send_once({f"rcpt:{B}": Cut()}, envelope=BOTH)
    assert transaction.rcpt == ((A, Reply(code=250, text="2.1.5 recipient ok")),)


@pytest.mark.parametrize("step", [Cut(), Cut(reset=True), Stall()], ids=repr)
def test_cut_in_the_middle_of_the_body_is_definite(step: Step) -> None:
    transaction, server, before_dot = send_once({"body": step}, content=HEAVY, timeout=patience(step))
    assert (transaction.stage, transaction.final) == (Stage.DATA, None)
    assert transaction.error
    assert (server.stored, before_dot.calls) == ([], [])
    assert len(server.unfinished) == 1


@pytest.mark.parametrize("code", [421, 451, 552])
def test_an_answer_before_the_dot_is_definite(code: int) -> None:
    step = Say(f"{code} 5.3.4 too big", then_cut=True)
    transaction, server, before_dot = send_once({"body": step}, content=HEAVY)
    assert (transaction.stage, transaction.final) == (Stage.DATA, None)
    assert transaction.error
    assert (server.stored, before_dot.calls) == ([], [])


def test_an_acceptance_before_the_dot_is_no_proof_of_anything() -> None:
    released = threading.Event()

    class Waiting(BeforeDot):
        def __call__(self, rcpt: Sequence[tuple[str, Reply]], archive: Reply | None) -> None:
            released.set()

    server = SmtpServer({"data": Say("354 go\r\n250 2.0.0 stored already")})
    with server:
        transport = SmtpTransport(plain_account(server.port))
        transaction = transport.send(ENVELOPE, CONTENT, Waiting())
        transport.close()
    assert transaction.in_doubt
    assert not released.is_set()


@pytest.mark.parametrize(
    ("stage", "place"), [("mail", Stage.MAIL), ("rcpt", Stage.RCPT), ("data", Stage.DATA), ("dot", Stage.DOT)]
)
@pytest.mark.parametrize("code", [450, 451, 452, 530, 550, 552, 554])
def test_a_refusal_is_kept_and_the_session_goes_on(stage: str, place: Stage, code: int) -> None:
    with SmtpServer({stage: [Say(f"{code}-5.0.0 first\r\n{code} 5.0.0 second")]}) as server:
        transport = SmtpTransport(plain_account(server.port))
        transaction = transport.send(ENVELOPE, CONTENT, BeforeDot())
        again = transport.send(ENVELOPE, CONTENT, BeforeDot())
        transport.close()
    replies = {
        Stage.MAIL: transaction.mail,
        Stage.RCPT: dict(transaction.rcpt).get(A),
        Stage.DATA: transaction.data,
        Stage.DOT: transaction.final,
    }
    assert transaction.stage is place
    assert replies[place] == Reply(code=code, text="5.0.0 first\n5.0.0 second")
    assert transaction.error == ""
    assert again.final is not None and again.final.accepted
    assert server.sessions == 1
    assert len(server.stored) == 1


@pytest.mark.parametrize("stage", ["mail", "rcpt", f"rcpt:{ARCHIVE}", "data", "dot"])
@pytest.mark.parametrize("then_cut", [True, False])
def test_421_closes_the_session_and_the_next_message_reopens_it(stage: str, then_cut: bool) -> None:
    with SmtpServer({stage: [Say("421 4.3.2 going down", then_cut=then_cut)]}) as server:
        transport = SmtpTransport(plain_account(server.port))
        transaction = transport.send(BOTH, CONTENT, BeforeDot())
        again = transport.send(BOTH, CONTENT, BeforeDot())
        transport.close()
    said = [transaction.mail, transaction.archive, transaction.data, transaction.final]
    said += [reply for _, reply in transaction.rcpt]
    assert Reply(code=421, text="4.3.2 going down") in said
    assert not transaction.in_doubt
    assert again.final is not None and again.final.accepted
    assert server.sessions == 2
    assert len(server.stored) == 1


@pytest.mark.parametrize(
    "step", [Cut(), Cut(reset=True), Hang(), Say("500 what?"), Say("nonsense")], ids=repr
)
@pytest.mark.parametrize("stage", ["rset", "quit"])
def test_rset_and_quit_never_change_a_verdict(stage: str, step: Step) -> None:
    script: dict[str, Step | list[Step | None]] = {stage: step, "rcpt": [Say("550 5.1.1 unknown")]}
    with SmtpServer(script) as server:
        transport = SmtpTransport(plain_account(server.port, timeout=patience(step)))
        refused = transport.send(ENVELOPE, CONTENT, BeforeDot())
        accepted = transport.send(ENVELOPE, CONTENT, BeforeDot())
        transport.close()
    assert server.sessions == (2 if stage == "rset" else 1)
    assert dict(refused.rcpt) == {A: Reply(code=550, text="5.1.1 unknown")}
    assert refused.error == ""
    assert accepted.final is not None and accepted.final.accepted
    assert len(server.stored) == 1


# -- in doubt ------------------------------------------------------------------------------------

AFTER: list[Step] = [*CUTS[:-1], Say("354 again?"), Say("250 " + "x" * 70_000)]


@pytest.mark.parametrize("step", AFTER, ids=lambda step: repr(step)[:40])
@pytest.mark.parametrize(("script", "kept"), [("dot", 0), ("stored", 1)])
def test_no_reply_after_the_dot_is_in_doubt(script: str, kept: int, step: Step) -> None:
    transaction, server, before_dot = send_once({script: step}, envelope=BOTH, timeout=patience(step))
    assert transaction.in_doubt
    assert transaction.error
    assert [reply.code for _, reply in transaction.rcpt] == [250, 250]
    assert len(server.stored) == kept
    assert len(before_dot.calls) == 1


def test_a_dot_that_could_not_be_written_is_in_doubt_all_the_same() -> None:
    """How much of it left is unknown once it was handed over, whatever the error says."""
    with SmtpServer() as server:
        transport = SmtpTransport(plain_account(server.port))

        class NetworkDies(BeforeDot):
            def __call__(self, rcpt: Sequence[tuple[str, Reply]], archive: Reply | None) -> None:
                assert transport._session is not None and transport._session.sock is not None
                transport._session.sock.shutdown(socket.SHUT_RDWR)

        transaction = transport.send(ENVELOPE, CONTENT, NetworkDies())
        transport.close()
    assert transaction.in_doubt
    assert "BrokenPipeError" in transaction.error
    assert server.stored == []


def test_after_a_doubt_the_next_message_has_a_session_of_its_own() -> None:
    with SmtpServer({"stored": [Cut()]}) as server:
        transport = SmtpTransport(plain_account(server.port))
        assert transport.send(ENVELOPE, CONTENT, BeforeDot()).in_doubt
        again = transport.send(ENVELOPE, CONTENT, BeforeDot())
        transport.close()
    assert again.final is not None and again.final.accepted
    assert server.sessions == 2


def test_a_slow_answer_to_the_dot_is_waited_for() -> None:
    transaction, server, _ = send_once({"stored": Slow(1.2)}, timeout=0.5)
    assert transaction.final is not None and transaction.final.accepted
    assert len(server.stored) == 1


def test_a_slow_answer_to_a_command_is_not() -> None:
    transaction, server, _ = send_once({"mail": Slow(1.2)}, timeout=0.5)
    assert transaction.stage is Stage.MAIL
    assert "TimeoutError" in transaction.error
    assert server.stored == []


# -- before_dot ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "error", [StorageError("journal_full"), OSError(28, "No space left on device"), KeyboardInterrupt()]
)
@pytest.mark.parametrize("content", [CONTENT, HEAVY])
def test_what_before_dot_raises_propagates_and_the_dot_never_leaves(
    error: BaseException, content: bytes
) -> None:
    before_dot = BeforeDot(raises=error)
    with SmtpServer() as server:
        transport = SmtpTransport(plain_account(server.port))
        with pytest.raises(type(error)) as caught:
            transport.send(ENVELOPE, content, before_dot)
        server.settle()
        again = transport.send(ENVELOPE, content, BeforeDot())
        transport.close()
    assert caught.value is error
    assert server.resets == 1
    assert not any(body.endswith(b"\r\n.\r\n") for body in server.unfinished)
    assert again.final is not None and again.final.accepted
    assert [message.content for message in server.stored] == [content]


# -- the session ---------------------------------------------------------------------------------


def test_a_session_serves_twenty_messages() -> None:
    with SmtpServer() as server:
        transport = SmtpTransport(plain_account(server.port))
        transport.open()
        transport.open()
        for _ in range(41):
            final = transport.send(ENVELOPE, CONTENT, BeforeDot()).final
            assert final is not None and final.accepted
        transport.close()
    assert server.sessions == 3
    assert server.commands.count("QUIT") == 3
    assert len(server.stored) == 41


@pytest.mark.parametrize("step", [Say("421 4.4.2 idle too long", then_cut=True), Cut()], ids=repr)
def test_a_session_that_the_server_ended_meanwhile_is_reopened(step: Step) -> None:
    """A pause of some minutes: the server is gone before the next message starts."""
    with SmtpServer() as server:
        transport = SmtpTransport(plain_account(server.port))
        assert transport.send(ENVELOPE, CONTENT, BeforeDot()).final is not None
        _, talk = server._talks[0]
        if isinstance(step, Say):
            talk.connection.sendall(step.text.encode() + b"\r\n")
        talk.interrupt()
        server.settle()
        transaction = transport.send(ENVELOPE, CONTENT, BeforeDot())
        transport.close()
    assert transaction.final is not None and transaction.final.accepted
    assert server.sessions == 2


def test_send_opens_the_session_and_says_when_it_cannot() -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    transaction = SmtpTransport(plain_account(port)).send(ENVELOPE, CONTENT, BeforeDot())
    assert transaction.stage is Stage.CONNECT
    assert "ServerUnavailableError:refused" in transaction.error


def test_close_without_a_session_does_nothing() -> None:
    transport = SmtpTransport(plain_account(1))
    transport.close()
    transport.close()


# -- opening -------------------------------------------------------------------------------------


def opening_error(account: MailAccount, password: str | None = None) -> TransportError:
    transport = SmtpTransport(account, password)
    with pytest.raises(TransportError) as caught:
        transport.open()
    transport.close()
    return caught.value


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ({"connect": Cut()}, "cut"),
        ({"connect": Cut(reset=True)}, "cut"),
        ({"connect": Hang()}, "timeout"),
        ({"banner": Cut()}, "cut"),
        ({"banner": Hang()}, "timeout"),
        ({"banner": Say("554 5.7.1 no service for you")}, "greeting"),
        ({"banner": Say("421 4.3.2 too busy", then_cut=True)}, "greeting"),
        ({"banner": Say("HTTP/1.1 400 Bad Request")}, "greeting"),
        ({"banner": Say("250 odd")}, "greeting"),
        ({"ehlo": Cut()}, "cut"),
        ({"ehlo": Hang()}, "timeout"),
        ({"ehlo": Say("421 4.3.2 going down")}, "greeting"),
        ({"ehlo": Say("502 what?"), "helo": Say("502 what?")}, "greeting"),
    ],
    ids=str,
)
def test_what_goes_wrong_while_opening_has_a_name(script: Script, code: str) -> None:
    with SmtpServer(script) as server:
        timeout = min(map(patience, script.values()))
        error = opening_error(plain_account(server.port, timeout=timeout))
    assert isinstance(error, ServerUnavailableError)
    assert error.code == code
    assert (error.fields["host"], error.fields["port"]) == ("127.0.0.1", server.port)
    assert error.fields["detail"]


def test_a_name_that_does_not_resolve() -> None:
    error = opening_error(plain_account(25, host="smtp.tilleuls.invalid"))
    assert isinstance(error, ServerUnavailableError)
    assert error.code == "dns"


def test_nothing_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    assert opening_error(plain_account(port)).code == "refused"


def test_we_name_ourselves_by_our_address() -> None:
    assert send_once({})[1].commands[0].upper() == "EHLO [127.0.0.1]"


# -- TLS -----------------------------------------------------------------------------------------


def tls_account(server: SmtpServer, certificates: Certificates, **fields: object) -> MailAccount:
    security = Security.TLS if server.implicit else Security.STARTTLS
    return plain_account(server.port, **({"security": security, "ca_file": certificates.authority} | fields))


@pytest.mark.parametrize("implicit", [True, False])
@pytest.mark.parametrize("mechanisms", ["PLAIN LOGIN", "LOGIN", "XOAUTH2 LOGIN PLAIN"])
def test_encrypted_and_logged_in(certificates: Certificates, implicit: bool, mechanisms: str) -> None:
    users = {"compta": "mot de passe à accents €"}
    with SmtpServer(tls=certificates.right, implicit=implicit, users=users, mechanisms=mechanisms) as server:
        looked_up: list[str] = []

        def password() -> str:
            looked_up.append("once")
            return users["compta"]

        transport = SmtpTransport(tls_account(server, certificates, login="compta"), password)
        transaction = transport.send(ENVELOPE, CONTENT, BeforeDot())
        again = transport.send(ENVELOPE, HEAVY, BeforeDot())
        assert transport._session is not None and transport._session.sock is not None
        assert transport._session.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        transport.close()
    assert transaction.final is not None and again.final is not None
    assert [(m.encrypted, m.login) for m in server.stored] == [(True, "compta")] * 2
    assert [m.content for m in server.stored] == [CONTENT, HEAVY]
    assert looked_up == ["once"]
    assert server.sessions == 1


@pytest.mark.parametrize("implicit", [True, False])
@pytest.mark.parametrize(
    ("served_by", "trusted", "code"),
    [
        ("right", "other", "tls_untrusted"),
        ("expired", "authority", "tls_expired"),
        ("misnamed", "authority", "tls_name"),
    ],
)
def test_a_wrong_certificate_is_refused(
    certificates: Certificates, implicit: bool, served_by: str, trusted: str, code: str
) -> None:
    users = {"compta": "secret"}
    with SmtpServer(tls=getattr(certificates, served_by), implicit=implicit, users=users) as server:
        account = tls_account(server, certificates, ca_file=getattr(certificates, trusted), login="compta")
        error = opening_error(account, "secret")
    assert isinstance(error, ServerUnavailableError)
    assert error.code == code
    assert not [command for command in server.commands if command.startswith("AUTH")]


def test_system_authorities_do_not_know_ours(certificates: Certificates) -> None:
    with SmtpServer(tls=certificates.right, implicit=True) as server:
        assert opening_error(tls_account(server, certificates, ca_file="")).code == "tls_untrusted"


def test_old_tls_is_refused(certificates: Certificates, tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    old = served(authority.issue_cert("127.0.0.1"))
    with pytest.warns(DeprecationWarning):
        old.minimum_version = ssl.TLSVersion.TLSv1
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    with SmtpServer(tls=old, implicit=True) as server:
        error = opening_error(tls_account(server, certificates, ca_file=str(tmp_path / "ca.pem")))
    assert error.code in ("tls", "cut")


def test_starttls_not_offered(certificates: Certificates) -> None:
    with SmtpServer(users={"compta": "secret"}) as server:
        error = opening_error(tls_account(server, certificates, login="compta"), "secret")
    assert error.code == "starttls_missing"
    assert not [command for command in server.commands if command.startswith("AUTH")]


@pytest.mark.parametrize(
    ("step", "code"),
    [
        (Say("454 4.7.0 not now"), "tls"),
        (Cut(), "cut"),
        (Say("220 go", then_cut=True), "cut"),
        (Hang(), "timeout"),
    ],
    ids=repr,
)
def test_starttls_that_fails(certificates: Certificates, step: Step, code: str) -> None:
    with SmtpServer({"starttls": step}, tls=certificates.right) as server:
        assert opening_error(tls_account(server, certificates, timeout=patience(step))).code == code


def test_what_is_injected_before_encryption_is_forgotten(certificates: Certificates) -> None:
    """RFC 3207 4.2; a reply that a stranger appended in clear must not answer our first encrypted command."""
    with SmtpServer({"starttls": Say("220 go\r\n250 injected")}, tls=certificates.right) as server:
        transport = SmtpTransport(tls_account(server, certificates))
        transaction = transport.send(ENVELOPE, CONTENT, BeforeDot())
        transport.close()
    assert transaction.mail == Reply(code=250, text="2.1.0 sender ok")
    assert server.stored[0].encrypted
    assert server.stored[0].mail_parameters.startswith("SIZE=")


def test_implicit_tls_against_a_clear_port_and_the_reverse(certificates: Certificates) -> None:
    with SmtpServer() as clear:
        account = plain_account(clear.port, security=Security.TLS, ca_file=certificates.authority)
        assert opening_error(account).code == "tls"
    with SmtpServer(tls=certificates.right, implicit=True) as encrypted:
        account = plain_account(encrypted.port, security=Security.STARTTLS, timeout=0.3)
        assert opening_error(account).code == "timeout"


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_authorities_that_cannot_be_read(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_text(content)
    with pytest.raises(ConfigError) as caught:
        SmtpTransport(plain_account(1, security=Security.TLS, ca_file=str(path))).open()
    assert (caught.value.code, caught.value.fields["value"]) == ("value_invalid", str(path))


@pytest.mark.parametrize(
    ("stage", "doubt", "step"),
    [
        ("mail", False, Cut()),
        ("body", False, Cut()),
        ("body", False, Cut(reset=True)),
        ("body", False, Stall()),
        ("dot", True, Cut()),
        ("stored", True, Cut()),
        ("stored", True, Cut(reset=True)),
    ],
)
def test_cuts_within_tls(certificates: Certificates, stage: str, doubt: bool, step: Step) -> None:
    with SmtpServer({stage: step}, tls=certificates.right, implicit=True) as server:
        transport = SmtpTransport(tls_account(server, certificates, timeout=patience(step)))
        transaction = transport.send(ENVELOPE, HEAVY, BeforeDot())
        transport.close()
    assert transaction.in_doubt is doubt
    assert transaction.error
    assert len(server.stored) == (stage == "stored")


# -- login ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("mechanisms", ["PLAIN", "LOGIN"])
def test_a_wrong_password_is_tried_once(certificates: Certificates, mechanisms: str) -> None:
    with SmtpServer(tls=certificates.right, users={"compta": "secret"}, mechanisms=mechanisms) as server:
        error = opening_error(tls_account(server, certificates, login="compta"), "autre")
    assert isinstance(error, AuthenticationError)
    assert error.code == "refused"
    assert error.fields == {"reply_code": 535, "text": "5.7.8 authentication failed", "hint": ""}
    assert "autre" not in str(error)
    assert len([command for command in server.commands if command.startswith("AUTH")]) == 1


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (
            "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled",
            "m365_basic_disabled",
        ),
        (
            "534-5.7.9 Application-specific password required.\r\n534 5.7.9 see x - gsmtp",
            "google_app_password",
        ),
        ("535-5.7.8 Username and Password not accepted.\r\n535 5.7.8 x - gsmtp", "google_app_password"),
        ("535 5.7.8 Error: authentication failed", ""),
        ("535 5.7.3 Authentication unsuccessful", ""),
        ("530 5.7.0 Must issue a STARTTLS command first", "login_needed"),
        ("454 4.7.0 Temporary authentication failure", ""),
    ],
)
def test_login_refusals_have_hints(certificates: Certificates, reply: str, expected: str) -> None:
    with SmtpServer({"auth": Say(reply)}, tls=certificates.right, users={"compta": "secret"}) as server:
        error = opening_error(tls_account(server, certificates, login="compta"), "secret")
    assert isinstance(error, AuthenticationError)
    assert (error.code, error.fields["reply_code"]) == ("refused", int(reply[:3]))
    assert error.fields["hint"] == expected


def test_hint_of_a_sender_refusal() -> None:
    said = Reply(code=550, text="5.7.60 SMTP; Client does not have permissions to send as this sender")
    assert hint(said) == "client_not_allowed"
    assert hint(Reply(code=550, text="5.7.601 other")) == ""


@pytest.mark.parametrize(
    ("step", "code"),
    [(Say("421 4.3.2 going down"), "greeting"), (Cut(), "cut"), (Hang(), "timeout")],
    ids=repr,
)
def test_a_server_that_leaves_during_login_refused_nothing(
    certificates: Certificates, step: Step, code: str
) -> None:
    with SmtpServer({"auth": step}, tls=certificates.right, users={"compta": "secret"}) as server:
        error = opening_error(
            tls_account(server, certificates, login="compta", timeout=patience(step)), "secret"
        )
    assert isinstance(error, ServerUnavailableError)
    assert error.code == code


def test_login_without_password_or_mechanism(certificates: Certificates) -> None:
    users = {"compta": "secret"}
    with SmtpServer(tls=certificates.right, users=users, mechanisms="XOAUTH2") as server:
        account = tls_account(server, certificates, login="compta")
        error = opening_error(account, "secret")
        assert (error.code, error.fields["mechanisms"]) == ("not_offered", ("XOAUTH2",))
        assert opening_error(account).code == "password_missing"
    assert not [command for command in server.commands if command.startswith("AUTH")]


def test_a_password_in_clear_goes_to_this_machine_only() -> None:
    with SmtpServer(users={"compta": "secret"}) as server:
        transport = SmtpTransport(plain_account(server.port, login="compta"), "secret")
        transport.send(ENVELOPE, CONTENT, BeforeDot())
        transport.close()
    assert server.stored[0].login == "compta"


class FarSocket:
    """A connection in clear to another machine, as far as Session looks at it."""

    def __init__(self) -> None:
        self.written = b""

    def getsockname(self) -> tuple[str, int]:
        return ("192.0.2.7", 50_000)

    def getpeername(self) -> tuple[str, int]:
        return ("192.0.2.1", 25)

    def sendall(self, data: bytes) -> None:
        self.written += data

    def close(self) -> None:
        pass


def test_a_password_never_leaves_in_clear() -> None:
    far = FarSocket()
    session = Session(far, timeout=1)  # type: ignore[arg-type]
    session.esmtp_features = {"auth": "PLAIN LOGIN"}

    def password() -> str:
        raise AssertionError("not even looked up")

    with pytest.raises(AuthenticationError) as caught:
        log_in(session, plain_account(25, login="compta"), password)
    assert caught.value.code == "insecure"
    assert far.written == b""


def test_a_login_error_while_sending_propagates(certificates: Certificates) -> None:
    with SmtpServer(tls=certificates.right, users={"compta": "secret"}) as server:
        transport = SmtpTransport(tls_account(server, certificates, login="compta"), "autre")
        with pytest.raises(AuthenticationError):
            transport.send(ENVELOPE, CONTENT, BeforeDot())
        transport.close()
    assert server.stored == []


def test_530_at_mail_is_kept() -> None:
    transaction, _, _ = send_once({"mail": Say("530 5.7.0 Authentication required")})
    assert (transaction.stage, transaction.mail) == (
        Stage.MAIL,
        Reply(code=530, text="5.7.0 Authentication required"),
    )


# -- an independent server -----------------------------------------------------------------------


class Mailbox:
    """aiosmtpd's handler: keep what comes, refuse one address."""

    def __init__(self) -> None:
        self.messages: list[AiosmtpdEnvelope] = []

    async def handle_RCPT(
        self, server: SMTP, session: object, envelope: AiosmtpdEnvelope, address: str, options: list[str]
    ) -> str:
        if address == B:
            return "550 5.1.1 unknown"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server: SMTP, session: object, envelope: AiosmtpdEnvelope) -> str:
        self.messages.append(envelope)
        return "250 2.0.0 taken"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        return int(unused.getsockname()[1])


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
def test_against_aiosmtpd(certificates: Certificates, security: Security) -> None:
    mailbox, logins = Mailbox(), []

    def authenticate(
        _server: object, _session: object, _envelope: object, mechanism: str, data: object
    ) -> AuthResult:
        logins.append((mechanism, data.login, data.password))  # type: ignore[attr-defined]
        return AuthResult(success=True)

    implicit = security is Security.TLS
    controller = Controller(
        mailbox,
        hostname="127.0.0.1",
        port=free_port(),
        ssl_context=certificates.right if implicit else None,
        tls_context=None if implicit else certificates.right,
        require_starttls=not implicit,
        authenticator=authenticate,
        auth_require_tls=not implicit,
        decode_data=False,
    )
    controller.start()
    try:
        account = plain_account(
            controller.port, security=security, ca_file=certificates.authority, login="compta"
        )
        transport = SmtpTransport(account, "secret")
        first = transport.send(BOTH, CONTENT, BeforeDot())
        second = transport.send(ENVELOPE, HEAVY, BeforeDot())
        transport.close()
    finally:
        controller.stop()
    assert logins == [("PLAIN", b"compta", b"secret")]
    assert [(address, reply.code) for address, reply in first.rcpt] == [(A, 250), (B, 550)]
    assert first.final == second.final == Reply(code=250, text="2.0.0 taken")
    assert [message.rcpt_tos for message in mailbox.messages] == [[A, ARCHIVE], [A]]
    assert [message.content for message in mailbox.messages] == [CONTENT, HEAVY]
    assert all(re.fullmatch(r"compta@tilleuls\.example", m.mail_from or "") for m in mailbox.messages)
