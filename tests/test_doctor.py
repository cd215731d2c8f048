"""The examination of the mail account's server: every step, and each of its ways to fail."""

from __future__ import annotations

import contextlib
import datetime as dt
import socket
from collections.abc import Mapping
from pathlib import Path

import pytest

from elite_lib import config
from elite_lib.doctor import examine
from elite_lib.doctor.server import examine_server
from elite_lib.exceptions import ConfigError
from elite_lib.labels.doctor import ANY_STEP, SENTENCES, describe_diagnosis
from elite_lib.models import CheckStep, CheckVerdict, Diagnosis, MailAccount, Security
from tests.support import offices
from tests.support.certificates import AUTHORITY, Certificates, issue
from tests.support.command import Said, elite
from tests.support.dns_server import DnsServer, txt
from tests.support.smtp_server import Cut, Hang, Say, Script, SmtpServer

NOW = dt.datetime.now(dt.UTC)
LOGIN, PASSWORD = "compta@tilleuls.example", "s3cret"
USERS = {LOGIN: PASSWORD}
OK, WARNING, FAILED, SKIPPED = (
    CheckVerdict.OK,
    CheckVerdict.WARNING,
    CheckVerdict.FAILED,
    CheckVerdict.SKIPPED,
)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return issue(tmp_path_factory.mktemp("tls"))


def account(port: int, security: Security = Security.PLAIN, **fields: object) -> MailAccount:
    known = {"sender": LOGIN, "host": "127.0.0.1", "port": port, "security": security, "timeout": 5.0}
    return MailAccount(**(known | fields))  # type: ignore[arg-type]


def server_of(given: MailAccount, password: str | None = None) -> dict[str, Diagnosis]:
    """Examine the server; each step is told once, and has a sentence without a hole."""
    told = list(examine_server(given, password, now=NOW))
    by_step = {diagnosis.step.value: diagnosis for diagnosis in told}
    assert len(by_step) == len(told)
    for diagnosis in told:
        assert {**SENTENCES[diagnosis.step], **ANY_STEP}.get(diagnosis.code), diagnosis
        assert "…" not in describe_diagnosis(diagnosis), diagnosis
    return by_step


def failing(told: Mapping[str, Diagnosis]) -> tuple[str, str]:
    """Give the one step that failed; what could not be examined after it must be told as skipped."""
    steps = list(told)
    failed = [step for step in steps if told[step].verdict is FAILED]
    assert len(failed) == 1, told
    after = steps[steps.index(failed[0]) + 1 :]
    assert failed[0] == "mail_from" or {told[step].code for step in after} == {"not_reached"}
    assert set(steps) >= {"dns", "size", "dsn", "mail_from"} - {failed[0]}
    return failed[0], told[failed[0]].code


# -- all well --------------------------------------------------------------------------------------


@pytest.mark.parametrize("implicit", [False, True])
def test_every_step_passes_and_nothing_is_sent(certificates: Certificates, implicit: bool) -> None:
    security = Security.TLS if implicit else Security.STARTTLS
    with SmtpServer(tls=certificates.right, implicit=implicit, users=USERS) as server:
        told = server_of(
            account(server.port, security, login=LOGIN, ca_file=certificates.authority), PASSWORD
        )
    order = ["tls", "greeting"] if implicit else ["greeting", "tls"]
    assert list(told) == ["dns", "tcp", *order, "auth", "size", "dsn", "mail_from"]
    assert {diagnosis.verdict for diagnosis in told.values()} == {OK}
    assert told["tls"].facts["names"] == "localhost, 127.0.0.1"
    assert told["tls"].facts["issuer"] == AUTHORITY
    assert server.commands[-3:] == [f"MAIL FROM:<{LOGIN}> SIZE=200000 RET=HDRS", "RSET", "QUIT"]
    assert (server.stored, server.sessions) == ([], 1)


def test_without_encryption_and_login_it_is_a_warning() -> None:
    with SmtpServer(extensions=()) as server:
        told = server_of(account(server.port))
    assert (told["tls"].verdict, told["tls"].code) == (WARNING, "plain")
    assert (told["auth"].verdict, told["auth"].code) == (SKIPPED, "no_login")
    assert (told["size"].code, told["dsn"].code) == ("unannounced", "absent")
    assert told["mail_from"].verdict is OK


@pytest.mark.parametrize(
    ("extension", "verdict", "code"),
    [
        ("SIZE 1000000", WARNING, "small"),
        ("SIZE 35882577", OK, "passed"),
        ("SIZE 0", OK, "unannounced"),
        ("SIZE", OK, "unannounced"),
        ("SIZE many", OK, "unannounced"),
    ],
)
def test_size(extension: str, verdict: CheckVerdict, code: str) -> None:
    with SmtpServer(extensions=(extension,)) as server:
        told = server_of(account(server.port))
    assert (told["size"].verdict, told["size"].code) == (verdict, code)


def test_a_certificate_that_ends_soon_is_a_warning(certificates: Certificates) -> None:
    with SmtpServer(tls=certificates.ending, users=USERS) as server:
        told = server_of(account(server.port, Security.STARTTLS, ca_file=certificates.authority))
    assert (told["tls"].verdict, told["tls"].code) == (WARNING, "ends_soon")
    assert told["mail_from"].verdict is OK


# -- the way to the server -------------------------------------------------------------------------


def test_an_unknown_name() -> None:
    assert failing(server_of(account(25, host="smtp.tilleuls.invalid"))) == ("dns", "unknown")


def test_a_port_that_refuses() -> None:
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        assert failing(server_of(account(unheard.getsockname()[1]))) == ("tcp", "refused")


def test_a_port_that_swallows_what_comes() -> None:
    with contextlib.ExitStack() as sockets, socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(3):  # once its queue is full, the kernel drops further connections as a firewall does
            waiting = sockets.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        told = server_of(account(listener.getsockname()[1], timeout=0.5))
        assert failing(told) == ("tcp", "filtered")


def test_a_port_that_takes_the_connection_and_says_nothing() -> None:
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        told = server_of(account(mute.getsockname()[1], Security.STARTTLS, timeout=0.3))
        assert failing(told) == ("greeting", "silent")
        assert told["tcp"].verdict is OK
        assert "antivirus" in describe_diagnosis(told["greeting"])


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ({"banner": Say("HTTP/1.1 400 Bad Request")}, "greeting"),
        ({"banner": Say("554 5.7.1 go away")}, "greeting"),
        ({"banner": Say("421 4.3.2 too busy")}, "greeting"),
        ({"ehlo": Say("502 5.5.1 what?")}, "greeting"),
        ({"banner": Cut()}, "cut"),
        ({"ehlo": Cut()}, "cut"),
    ],
    ids=repr,
)
def test_what_answers_is_no_mail_server_ready_to_work(script: Script, code: str) -> None:
    with SmtpServer(script) as server:
        assert failing(server_of(account(server.port, Security.STARTTLS))) == ("greeting", code)


def test_a_connection_that_is_reset_at_once() -> None:
    with SmtpServer({"connect": Cut(reset=True)}) as server:
        told = failing(server_of(account(server.port, Security.STARTTLS)))
    # the system may learn of the reset while it still connects, or after
    assert told in (("tcp", "refused"), ("greeting", "cut"))


# -- encryption ------------------------------------------------------------------------------------


@pytest.mark.parametrize("implicit", [False, True])
@pytest.mark.parametrize(
    ("which", "code", "fact"),
    [
        ("expired", "tls_expired", "31/01/2020"),
        ("misnamed", "tls_name", "smtp.ailleurs.example"),
        ("unborn", "tls_not_yet", ""),
    ],
)
def test_a_wrong_certificate_is_described(
    certificates: Certificates, which: str, code: str, fact: str, implicit: bool
) -> None:
    security = Security.TLS if implicit else Security.STARTTLS
    with SmtpServer(tls=getattr(certificates, which), implicit=implicit, users=USERS) as server:
        told = server_of(
            account(server.port, security, login=LOGIN, ca_file=certificates.authority), PASSWORD
        )
    assert failing(told) == ("tls", code)
    assert fact in describe_diagnosis(told["tls"])
    assert not any(command.startswith("AUTH") for command in server.commands)


def test_an_unknown_authority_is_named(certificates: Certificates) -> None:
    with SmtpServer(tls=certificates.right) as server:
        told = server_of(account(server.port, Security.STARTTLS, ca_file=certificates.other))
    assert failing(told) == ("tls", "tls_untrusted")
    assert AUTHORITY in describe_diagnosis(told["tls"])


def test_no_starttls_is_offered() -> None:
    with SmtpServer() as server:
        assert failing(server_of(account(server.port, Security.STARTTLS))) == ("tls", "starttls_missing")


def test_encryption_refused_or_cut(certificates: Certificates) -> None:
    for step, code in ((Say("454 4.7.0 not now"), "tls"), (Cut(), "cut"), (Hang(), "timeout")):
        with SmtpServer({"starttls": step}, tls=certificates.right) as server:
            told = server_of(account(server.port, Security.STARTTLS, timeout=0.5))
        assert failing(told) == ("tls", code)


def test_the_two_ways_of_encryption_are_told_apart(certificates: Certificates) -> None:
    with SmtpServer(tls=certificates.right) as server:
        assert failing(server_of(account(server.port, Security.TLS))) == ("tls", "wants_starttls")
    with SmtpServer(tls=certificates.right, implicit=True) as server:
        told = server_of(account(server.port, Security.STARTTLS, timeout=1.0))
    assert failing(told) == ("greeting", "wants_tls")


def test_a_file_of_authorities_that_cannot_be_read(tmp_path: Path) -> None:
    told = server_of(account(9, Security.STARTTLS, ca_file=str(tmp_path / "none.pem")))
    assert failing(told) == ("tls", "ca_file")


# -- login -----------------------------------------------------------------------------------------

REFUSALS = [
    ("535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled", "m365_basic_disabled"),
    ("534-5.7.9 Application-specific password required\r\n534 5.7.9 gsmtp", "google_app_password"),
    ("535 5.7.8 Error: authentication failed", "refused"),
    ("530 5.7.0 Must issue a STARTTLS command first", "login_needed"),
    ("550 5.7.60 SMTP; Client does not have permissions to send", "client_not_allowed"),
    ("454 4.7.0 Temporary authentication failure", "busy"),
    ("421 4.7.0 too many connections", "busy"),
]


@pytest.mark.parametrize(("reply", "code"), REFUSALS)
def test_a_refused_login_is_explained(certificates: Certificates, reply: str, code: str) -> None:
    with SmtpServer({"auth": Say(reply)}, tls=certificates.right, users=USERS) as server:
        given = account(server.port, Security.STARTTLS, login=LOGIN, ca_file=certificates.authority)
        told = server_of(given, PASSWORD)
    assert failing(told) == ("auth", code)
    assert reply[:3] in describe_diagnosis(told["auth"])
    assert sum(command.startswith("AUTH") for command in server.commands) == 1


def test_a_login_that_is_not_possible() -> None:
    with SmtpServer(users=USERS, mechanisms="XOAUTH2") as server:
        told = server_of(account(server.port, login=LOGIN), PASSWORD)
    assert failing(told) == ("auth", "not_offered")
    assert "XOAUTH2" in describe_diagnosis(told["auth"])
    with SmtpServer(users=USERS) as server:
        assert failing(server_of(account(server.port, login=LOGIN), "")) == ("auth", "password_missing")
    with SmtpServer({"auth": Cut()}, users=USERS) as server:
        assert failing(server_of(account(server.port, login=LOGIN), PASSWORD)) == ("auth", "cut")


def test_a_password_that_is_nowhere_is_a_diagnosis() -> None:
    def missing() -> str:
        raise ConfigError(
            "secret_missing", name="mail", variable="ELITE_MAIL_PASSWORD", file="/f", keyring="none"
        )

    with SmtpServer(users=USERS) as server:
        told = list(examine_server(account(server.port, login=LOGIN), missing, now=NOW))
    failed = [diagnosis for diagnosis in told if diagnosis.verdict is FAILED]
    assert [(d.step, d.code) for d in failed] == [(CheckStep.AUTH, "secret_missing")]
    assert "ELITE_MAIL_PASSWORD" in describe_diagnosis(failed[0])


# -- the sender ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reply", "verdict", "code"),
    [
        (
            "550 5.7.60 SMTP; Client does not have permissions to send as this sender",
            FAILED,
            "client_not_allowed",
        ),
        ("530 5.7.0 Authentication required", FAILED, "login_needed"),
        ("553 5.7.1 Sender address rejected: not owned by user", FAILED, "refused"),
        ("451 4.3.0 try again later", WARNING, "busy"),
        ("421 4.3.2 shutting down", WARNING, "busy"),
    ],
)
def test_a_refused_sender(reply: str, verdict: CheckVerdict, code: str) -> None:
    with SmtpServer({"mail": Say(reply)}) as server:
        told = server_of(account(server.port))
    assert (told["mail_from"].verdict, told["mail_from"].code) == (verdict, code)
    assert reply[:9] in describe_diagnosis(told["mail_from"])


def test_a_cut_at_the_sender() -> None:
    with SmtpServer({"mail": Cut()}) as server:
        assert failing(server_of(account(server.port))) == ("mail_from", "cut")


# -- the whole examination -------------------------------------------------------------------------


def test_steps_are_told_as_they_come_and_the_session_ends_with_the_looking() -> None:
    with SmtpServer({"mail": Hang()}) as server, DnsServer({}) as names:
        steps = examine(account(server.port), None, resolver=names.resolver(), addresses=(), now=NOW)
        told = [next(steps).step for _ in range(3)]
        assert told == [CheckStep.DNS, CheckStep.TCP, CheckStep.GREETING]  # although MAIL never answers
        steps.close()  # type: ignore[attr-defined]
        server.settle(5)
        assert server.commands[-1] == "QUIT"


def test_the_domains_are_examined_even_where_the_server_is_away() -> None:
    with DnsServer({"tilleuls.example": {}}) as names:
        given = account(9, host="smtp.tilleuls.invalid")
        told = list(examine(given, None, resolver=names.resolver(), addresses=(), now=NOW))
    codes = {diagnosis.step.value: diagnosis.code for diagnosis in told}
    assert codes["dns"] == "unknown"
    assert (codes["spf"], codes["dmarc"], codes["dkim"]) == ("missing", "missing", "needs_message")
    assert (codes["mx"], codes["misspelt"]) == ("no_addresses", "no_addresses")


class _Broken:
    def ask(self, name: str, record: str) -> object:
        raise RuntimeError(name)


def test_a_bug_of_ours_is_told_and_stops_nothing() -> None:
    with SmtpServer() as server:
        told = list(
            examine(
                account(server.port),
                None,
                resolver=_Broken(),  # type: ignore[arg-type]
                addresses=["anne@famille.example"],
                now=NOW,
            )
        )
    unexpected = [diagnosis.step for diagnosis in told if diagnosis.code == "unexpected"]
    assert unexpected == [CheckStep.SPF, CheckStep.MX]
    assert "RuntimeError" in describe_diagnosis(told[-1])


def test_every_step_has_its_sentences() -> None:
    assert set(SENTENCES) == set(CheckStep)


# -- the command -----------------------------------------------------------------------------------

ZONE = {
    "tilleuls.example": txt("v=spf1 ip4:127.0.0.1 -all"),
    "_dmarc.tilleuls.example": txt("v=DMARC1; p=none"),
    "example.com": {"MX": ["10 mx.example.com."]},
}


def run_command(root: Path, *options: str, server: SmtpServer, **mail: object) -> Said:
    """Run ``elite doctor`` in a home of three families whose account is at the server."""
    make_home(root, server, **mail)
    with DnsServer(ZONE) as names:
        return elite("doctor", "--dns", f"127.0.0.1:{names.port}", *options, home=root)


def make_home(root: Path, server: SmtpServer, **mail: object) -> Path:
    known = {"sender": LOGIN, "host": "127.0.0.1", "port": server.port, "security": "plain", "timeout": 5.0}
    return offices.make_home(root, settings={"mail": known | mail})


def test_the_command_tells_each_step_on_a_line(tmp_path: Path) -> None:
    with SmtpServer() as server:
        said = run_command(tmp_path / "home", server=server)
    assert (said.code, said.err) == (0, "")
    marks = "".join(line[0] for line in said.out.splitlines())
    assert marks == "✓✓✓!·✓✓✓✓·✓·✓✓"
    assert all("\u00a0: " in line for line in said.out.splitlines())
    assert server.stored == []


def test_the_command_ends_with_4_when_a_step_failed(tmp_path: Path) -> None:
    with SmtpServer({"mail": Say("550 5.7.60 not as this sender")}) as server:
        said = run_command(tmp_path / "home", "--json", server=server)
    assert said.code == 4
    assert [sorted(step) for step in said.json["steps"]] == [["code", "message", "step", "verdict"]] * 14
    failed = [step for step in said.json["steps"] if step["verdict"] == "failed"]
    assert [(step["step"], step["code"]) for step in failed] == [("mail_from", "client_not_allowed")]
    assert "550 5.7.60" in failed[0]["message"]


def test_the_command_takes_the_password_from_where_sending_does(tmp_path: Path) -> None:
    with SmtpServer(users=USERS) as server:
        missing = run_command(tmp_path / "home", "--json", server=server, login=LOGIN)
        codes = {step["step"]: step["code"] for step in missing.json["steps"]}
        assert (missing.code, codes["auth"]) == (4, "secret_missing")
        secret = tmp_path / "home" / "secrets" / "mail"
        secret.write_text(PASSWORD)
        secret.chmod(0o600)
        with DnsServer(ZONE) as names:
            said = elite("doctor", "--json", "--dns", f"127.0.0.1:{names.port}", home=tmp_path / "home")
    assert said.code == 0
    assert {step["step"]: step["code"] for step in said.json["steps"]}["auth"] == "passed"


def test_the_command_without_an_account_or_with_a_wrong_dns(tmp_path: Path) -> None:
    config.create_home(tmp_path / "home", name="Les Tilleuls")
    assert elite("doctor", home=tmp_path / "home").code == 1
    with SmtpServer() as server:
        make_home(tmp_path / "other", server)
    for wrong in ("dns.example", "127.0.0.1:many", "1.2.3", "127.0.0.1:70000"):
        assert elite("doctor", "--dns", wrong, home=tmp_path / "other").code == 2


def test_a_workbook_that_cannot_be_read_stops_nothing(tmp_path: Path) -> None:
    with SmtpServer() as server:
        root = make_home(tmp_path / "home", server)
        (root / "factures.xlsx").write_bytes(b"damaged")
        with DnsServer(ZONE) as names:
            said = elite("doctor", "--json", "--dns", f"127.0.0.1:{names.port}", home=root)
    codes = {step["step"]: step["code"] for step in said.json["steps"]}
    assert (said.code, codes["mx"], codes["misspelt"]) == (0, "no_addresses", "no_addresses")
