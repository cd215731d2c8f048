"""Tokens: asked for, kept, renewed; and logins with them at scripted and at real servers."""

from __future__ import annotations

import base64
import json
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from elite_lib import batch as batches
from elite_lib import config, tokens
from elite_lib.exceptions import AuthenticationError, ConfigError, ServerUnavailableError
from elite_lib.mailbox.imap import ImapMailbox
from elite_lib.models import Auth, Entry, EntryKind, Envelope, ImapAccount, MailAccount, OAuth, Security
from elite_lib.tokens import FakeTokens, GoogleTokens, MicrosoftTokens, OwnTokens, Tokens
from elite_lib.transports.opening import connect
from elite_lib.transports.smtp import SmtpTransport
from tests.support import mailrig, offices, workbooks
from tests.support.certificates import Certificates, issue
from tests.support.clocks import ManualClock
from tests.support.command import elite
from tests.support.mailrig import MailRig
from tests.support.oauth import Provider
from tests.support.smtp_server import Say, SmtpServer

LOGIN = "compta@maison.test"
REFUSED = {"error": "invalid_grant", "error_description": "AADSTS70008: expired\r\nTrace ID: x"}


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return issue(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def provider() -> Iterator[Provider]:
    """Google, whose endpoints may be on this machine without encryption."""
    with Provider(LOGIN) as running:
        yield running


@pytest.fixture
def microsoft(certificates: Certificates, monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    """Microsoft: msal wants https, so the system is told to trust the authority of the tests."""
    monkeypatch.setenv("SSL_CERT_FILE", certificates.authority)
    with Provider(LOGIN, tls=certificates.right) as running:
        yield running


def google(at: Provider, folder: Path, *, clock: ManualClock | None = None, **fields: object) -> GoogleTokens:
    known = {"provider": Auth.GOOGLE, "login": LOGIN, "client_id": "our-app"}
    known |= {"endpoint": f"{at.url}/token", "device_endpoint": f"{at.url}/device"}
    return GoogleTokens(
        OAuth(**(known | fields)),  # type: ignore[arg-type]
        file=folder / "secrets" / "tokens",
        client_secret=lambda: "the-secret",
        now=(clock or ManualClock()).now,
    )


def own(at: Provider, folder: Path, **fields: object) -> MicrosoftTokens:
    known = {"provider": Auth.MICROSOFT, "login": LOGIN, "client_id": "our-app", "endpoint": at.authority}
    return MicrosoftTokens(
        OAuth(**(known | fields)),  # type: ignore[arg-type]
        file=folder / "secrets" / "tokens",
        client_secret=lambda: "the-secret",
    )


Make = Callable[..., OwnTokens]


@pytest.fixture(params=["google", "microsoft"])
def either(request: pytest.FixtureRequest) -> tuple[Provider, Make]:
    """Give each provider with its client: what both promise is tested once."""
    name = "provider" if request.param == "google" else "microsoft"
    return request.getfixturevalue(name), google if request.param == "google" else own


# -- a person's login ------------------------------------------------------------------------------


def test_a_person_types_a_code_and_the_tokens_are_kept_as_a_secret(
    either: tuple[Provider, Make], tmp_path: Path
) -> None:
    provider, make = either
    made = make(provider, tmp_path)
    with pytest.raises(AuthenticationError, match="oauth_login_needed"):
        made()
    provider.interval = 5
    code = made.begin()
    assert (code.user_code, code.address) == ("ABCD-EFGH", f"{provider.url}/go")
    assert "D1" not in repr(code)  # it is as good as a token
    provider.answers = [
        (400, {"error": "authorization_pending"}),
        (400, {"error": "slow_down"}),
        (400, {"error": "authorization_pending"}),
    ]
    slept: list[float] = []
    made.finish(code, sleep=slept.append)
    assert slept == [5, 5, 10, 10]  # RFC 8628 3.5
    assert provider.grants == ["device_code"] * 4
    secret = {form.get("client_secret") for form in provider.forms}
    assert secret == ({"the-secret"} if make is google else {None})  # a public client has none
    assert made() == "token4"
    file = tmp_path / "secrets" / "tokens"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert make(provider, tmp_path)() == "token4"  # another process
    assert len(provider.forms) == 5


def test_microsoft_is_asked_for_what_mail_needs(microsoft: Provider, tmp_path: Path) -> None:
    own(microsoft, tmp_path).begin()
    scopes = microsoft.forms[0]["scope"].split()
    assert {"https://outlook.office.com/SMTP.Send", "offline_access"} <= set(scopes)
    assert "https://outlook.office.com/IMAP.AccessAsUser.All" in scopes
    own(microsoft, tmp_path, scope="https://outlook.office.com/SMTP.Send offline_access").begin()
    assert "https://outlook.office.com/IMAP.AccessAsUser.All" not in microsoft.forms[1]["scope"]


def test_a_person_who_says_no_or_nothing(either: tuple[Provider, Make], tmp_path: Path) -> None:
    provider, make = either
    clock = ManualClock()
    made = google(provider, tmp_path, clock=clock) if make is google else make(provider, tmp_path)
    provider.interval = 30
    code = made.begin()
    provider.answers = [(400, {"error": "access_denied"})]
    with pytest.raises(AuthenticationError, match="access_denied"):
        made.finish(code, sleep=clock.sleep)
    provider.answers = [(400, {"error": "authorization_pending"})] * 999
    clock.slept = 0
    with pytest.raises(AuthenticationError, match="oauth_refused"):
        made.finish(code, sleep=clock.sleep)
    assert 570 <= clock.slept <= 600  # seconds: as long as the code is good


def test_a_refresh_token_from_elsewhere_is_kept_when_it_works(
    either: tuple[Provider, Make], tmp_path: Path
) -> None:
    provider, make = either
    made = make(provider, tmp_path)
    provider.answers = [(400, REFUSED)]
    with pytest.raises(AuthenticationError) as raised:
        made.adopt("wrong")
    assert raised.value.fields["text"] == "AADSTS70008: expired"  # one line of it
    assert not (tmp_path / "secrets" / "tokens").exists()
    made.adopt("right")
    assert provider.forms[-1]["refresh_token"] == "right"
    assert make(provider, tmp_path)() == "token2"


def test_who_logs_in_again_takes_the_place_of_who_did(microsoft: Provider, tmp_path: Path) -> None:
    made = own(microsoft, tmp_path)
    made.adopt("R0")
    microsoft.login = "collegue@maison.test"  # who may use the same mailbox
    made.finish(made.begin(), sleep=lambda _seconds: None)
    made.renew()
    assert made() == "token3"
    assert microsoft.forms[-1]["refresh_token"] == "R-token2"
    assert "R-token1" not in (tmp_path / "secrets" / "tokens").read_text()


# -- renewal ---------------------------------------------------------------------------------------


def test_a_google_token_that_ends_soon_is_renewed(provider: Provider, tmp_path: Path) -> None:
    clock = ManualClock()
    made = google(provider, tmp_path, clock=clock)
    made.adopt("R0")
    assert made() == "token1"
    clock.advance(3600 - 301)
    assert made() == "token1"
    clock.advance(2)
    assert made() == "token2"
    assert [form["refresh_token"] for form in provider.forms] == ["R0", "R-token1"]  # each replaced
    assert made() == "token2"


def test_a_microsoft_token_that_ends_soon_is_renewed(microsoft: Provider, tmp_path: Path) -> None:
    made = own(microsoft, tmp_path)
    microsoft.life = 299  # seconds: msal renews within five minutes of the end, by its own clock
    made.adopt("R0")
    microsoft.life = 310
    assert made() == made() == "token2"
    assert [form["refresh_token"] for form in microsoft.forms] == ["R0", "R-token1"]


def test_a_token_that_was_refused_is_forgotten(either: tuple[Provider, Make], tmp_path: Path) -> None:
    provider, make = either
    made = make(provider, tmp_path)
    made.adopt("R0")
    made.renew()
    assert made() == "token2"
    provider.answers = [(200, {"access_token": "other", "expires_in": 60})]
    made.renew()
    assert made() == "other"
    made.renew()
    made()
    assert provider.forms[-1]["refresh_token"] == "R-token2"  # none was given with "other": it stays


def test_a_server_without_a_person(microsoft: Provider, tmp_path: Path) -> None:
    made = own(microsoft, tmp_path, unattended=True, tenant="maison.test")
    assert made() == made() == "token1"
    (form,) = microsoft.forms
    assert form | {"client_info": ""} == {
        "grant_type": "client_credentials",
        "scope": "https://outlook.office365.com/.default",
        "client_id": "our-app",
        "client_secret": "the-secret",
        "client_info": "",
    }
    made.renew()
    assert made() == "token2"
    assert own(microsoft, tmp_path, unattended=True, tenant="maison.test")() == "token2"  # another process


def test_an_organisation_that_is_none(microsoft: Provider, tmp_path: Path) -> None:
    with pytest.raises(AuthenticationError, match="invalid_tenant") as raised:
        own(microsoft, tmp_path, tenant="nobody").begin()
    assert "nobody" in str(raised.value.fields["text"])


def test_tokens_of_another_account_are_not_used(either: tuple[Provider, Make], tmp_path: Path) -> None:
    provider, make = either
    make(provider, tmp_path).adopt("R0")
    for changed in ({"login": "autre@maison.test"}, {"client_id": "other-app"}):
        with pytest.raises(AuthenticationError, match="oauth_login_needed"):
            make(provider, tmp_path, **changed)()


def test_a_file_that_others_can_read_is_refused_and_a_broken_one_is_none(
    either: tuple[Provider, Make], tmp_path: Path
) -> None:
    provider, make = either
    made = make(provider, tmp_path)
    made.adopt("R0")
    file = tmp_path / "secrets" / "tokens"
    file.chmod(0o644)
    with pytest.raises(ConfigError, match="secret_readable_by_others"):
        made()
    file.chmod(0o600)
    kept = json.loads(file.read_text())
    for broken in ("{", json.dumps(kept | {"cache": "{", "access": "", "refresh": ""})):
        file.write_text(broken)
        with pytest.raises(AuthenticationError, match="oauth_login_needed"):
            made()


@pytest.mark.parametrize("answer", [(503, {}), (200, ["no object"])])
def test_a_provider_that_is_away(
    either: tuple[Provider, Make], tmp_path: Path, answer: tuple[int, dict[str, str]]
) -> None:
    provider, make = either
    provider.answers = [answer]
    with pytest.raises(ServerUnavailableError, match="oauth_unreachable"):
        make(provider, tmp_path).adopt("R0")
    made = make(provider, tmp_path)
    made.adopt("R0")
    made.renew()
    provider.answers = [answer]
    with pytest.raises(ServerUnavailableError, match="oauth_unreachable"):
        made()
    assert make(provider, tmp_path)().startswith("token")  # what renews it was not lost


@pytest.mark.parametrize("make", [google, own])
def test_nobody_listens(certificates: Certificates, tmp_path: Path, make: Make) -> None:
    with Provider(LOGIN, tls=certificates.right) as gone:
        made = make(gone, tmp_path)
    with pytest.raises(ServerUnavailableError, match="oauth_unreachable"):
        made.adopt("R0")


def test_a_certificate_that_is_not_trusted_sees_no_secret(certificates: Certificates, tmp_path: Path) -> None:
    with Provider(LOGIN, tls=certificates.right) as other:  # without SSL_CERT_FILE
        with pytest.raises(ServerUnavailableError, match="oauth_unreachable"):
            own(other, tmp_path).adopt("R0")
        assert other.forms == []


def test_what_is_refused_holds_no_token(either: tuple[Provider, Make], tmp_path: Path) -> None:
    provider, make = either
    made = make(provider, tmp_path)
    made.adopt("R0")
    provider.answers = [(400, REFUSED)]
    made.renew()
    with pytest.raises(AuthenticationError) as raised:
        made()
    assert "R-token1" not in str(raised.value) and "the-secret" not in str(raised.value)
    assert "R-token1" in (tmp_path / "secrets" / "tokens").read_text()


# -- SMTP ------------------------------------------------------------------------------------------


def account(server: SmtpServer) -> MailAccount:
    return MailAccount(
        sender=LOGIN,
        host="127.0.0.1",
        port=server.port,
        security=Security.PLAIN,
        login=LOGIN,
        auth=Auth.GOOGLE,
        timeout=5.0,
    )


def logins(server: SmtpServer) -> list[str]:
    return [line for line in server.commands if line.upper().startswith("AUTH")]


def test_the_token_is_shown_at_once() -> None:
    with SmtpServer(
        {"auth": Say("235 2.7.0 welcome")}, mechanisms="LOGIN XOAUTH2", users={LOGIN: "-"}
    ) as server:
        connect(account(server), FakeTokens("t1")).leave()
    words = f"user={LOGIN}\x01auth=Bearer t1\x01\x01".encode()
    assert logins(server) == [f"AUTH XOAUTH2 {base64.b64encode(words).decode()}"]


def test_a_refused_token_is_renewed_once() -> None:
    refused = Say("535 5.7.3 Authentication unsuccessful")
    with SmtpServer(
        {"auth": [refused, Say("235 welcome")]}, mechanisms="XOAUTH2", users={LOGIN: "-"}
    ) as server:
        given = FakeTokens("t1", "t2")
        connect(account(server), given).leave()
        assert (given.renewed, len(logins(server))) == (1, 2)
        assert logins(server)[0] != logins(server)[1]
    with SmtpServer({"auth": refused}, mechanisms="XOAUTH2", users={LOGIN: "-"}) as server:
        given = FakeTokens("t1", "t2", "t3")
        with pytest.raises(AuthenticationError) as raised:
            connect(account(server), given)
        assert raised.value.fields["reply_code"] == 535
        assert (given.renewed, len(logins(server))) == (1, 2)  # never a third


def test_what_is_no_expired_token_is_not_tried_again() -> None:
    with SmtpServer({"auth": Say("534 5.7.9 no")}, mechanisms="XOAUTH2", users={LOGIN: "-"}) as server:
        given = FakeTokens("t1", "t2")
        with pytest.raises(AuthenticationError):
            connect(account(server), given)
        assert (given.renewed, len(logins(server))) == (0, 1)
    with SmtpServer({"auth": Say("535 5.7.8 no")}, mechanisms="PLAIN", users={LOGIN: "-"}) as server:
        with pytest.raises(AuthenticationError):
            connect(replace(account(server), auth=Auth.PASSWORD), "motdepasse")
        assert len(logins(server)) == 1


def test_a_server_without_xoauth2_sees_no_token() -> None:
    with SmtpServer(mechanisms="PLAIN LOGIN", users={LOGIN: "t1"}) as server:
        with pytest.raises(AuthenticationError, match="not_offered"):
            connect(account(server), FakeTokens("t1"))
        assert logins(server) == []


# -- real servers ----------------------------------------------------------------------------------


def test_real_servers_take_tokens_and_their_renewal(
    tmp_path: Path, certificates: Certificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Postfix and Dovecot ask the provider; a refusal comes as a 334 with JSON that wants an empty answer."""
    mailrig.installed()
    monkeypatch.setenv("SSL_CERT_FILE", certificates.authority)
    with (
        MailRig(oauth=True) as rig,
        Provider(LOGIN, port=rig.oauth_port, tls=certificates.right) as provider,
    ):
        made = own(provider, tmp_path)
        made.adopt("R0")
        mail = MailAccount(
            sender=LOGIN,
            host="127.0.0.1",
            port=rig.submission,
            login=LOGIN,
            auth=Auth.MICROSOFT,
            ca_file=str(rig.ca_pem),
        )
        content = b"From: a@b.test\r\nMessage-ID: <1@maison.test>\r\n\r\nBonjour.\r\n"
        envelope = Envelope(sender=LOGIN, recipients=("fille@famille.test",))
        transport = SmtpTransport(mail, made)
        sent = transport.send(envelope, content, lambda _rcpt, _archive: None)
        assert sent.final is not None and sent.final.accepted
        transport.close()
        provider.valid.clear()  # the token ends before its time
        sent = transport.send(envelope, content, lambda _rcpt, _archive: None)
        transport.close()
        assert sent.final is not None and sent.final.accepted
        assert provider.grants == ["refresh_token"] * 2

        imap = ImapAccount(
            host="127.0.0.1", port=rig.imaps, login=LOGIN, auth=Auth.MICROSOFT, ca_file=str(rig.ca_pem)
        )
        provider.valid.clear()
        mailbox = ImapMailbox(imap, made)
        assert mailbox.count("<1@maison.test>", "INBOX") == 0
        mailbox.close()
        assert provider.grants == ["refresh_token"] * 3
        refused = ImapMailbox(imap, FakeTokens("x", "y"))
        with pytest.raises(AuthenticationError, match="imap_refused"):
            refused.special()
        rig.settle()
        assert len(rig.received("fille@famille.test")) == 2


def test_tokens_that_end_in_the_middle_of_a_run_are_renewed(
    tmp_path: Path, certificates: Certificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    """25 messages are two sessions: the token is withdrawn during the first, and refused at the second."""
    mailrig.installed()
    monkeypatch.setenv("SSL_CERT_FILE", certificates.authority)
    count = 25
    families = [f"famille{n}@famille.test" for n in range(1, count + 1)]
    with (
        MailRig(families, oauth=True) as rig,
        Provider(LOGIN, port=rig.oauth_port, tls=certificates.right) as provider,
    ):
        mail = {"sender": LOGIN, "login": LOGIN, "auth": "microsoft", "host": "127.0.0.1"}
        mail |= {"port": rig.submission, "security": "starttls", "ca_file": str(rig.ca_pem)}
        contacts = [
            workbooks.contact(offices.code(n), **{"E-mail": a}) for n, a in enumerate(families, start=1)
        ]
        settings = {"mail": mail, "oauth": {"client_id": "our-app", "endpoint": f"{provider.authority}/"}}
        root = offices.make_home(tmp_path / "home", count, settings=settings, contacts=contacts)
        assert elite("login", home=root).code == 0
        withdrawn: list[str] = []

        def withdraw(entry: Entry) -> None:
            if entry.kind is EntryKind.VERDICT and not withdrawn:
                withdrawn.extend(provider.valid)
                provider.valid.clear()

        with offices.open_office(root) as office:
            batch = batches.prepare(office, offices.OCTOBER).batch
            ended = batches.send(office, batch.id, on_entry=withdraw)
        assert (ended.sent, ended.stopped) == (count, None)
        assert withdrawn == ["token1"]
        assert list(provider.valid) == ["token2"]
        assert provider.grants == ["device_code", "refresh_token"]
        rig.settle()
        assert [len(rig.received(family)) for family in families] == [1] * count


# -- settings and command --------------------------------------------------------------------------


def home(folder: Path, provider: Provider, **oauth: object) -> Path:
    made = config.create_home(folder)
    mail = {"sender": LOGIN, "host": "smtp.office365.com", "login": LOGIN, "auth": "microsoft"}
    config.save(
        made, {"mail": mail, "oauth": {"client_id": "our-app", "endpoint": f"{provider.authority}/", **oauth}}
    )
    return made.root


def test_settings_give_tokens_or_a_password(microsoft: Provider, tmp_path: Path) -> None:
    root = home(tmp_path / "home", microsoft)
    settings = config.load(root)
    assert settings.mail is not None and settings.mail.auth is Auth.MICROSOFT
    assert isinstance(tokens.credential(settings, {}), MicrosoftTokens)
    config.save(root, {"mail": {"auth": "google"}})
    assert isinstance(tokens.credential(config.load(root), {}), GoogleTokens)
    config.save(root, {"mail": {"auth": "password"}})
    found = tokens.credential(config.load(root), {"ELITE_MAIL_PASSWORD": "motdepasse"})
    assert not isinstance(found, Tokens)
    assert found() == "motdepasse"


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"mail": {"login": ""}}, "mail.login"),
        ({"oauth": {"client_id": ""}}, "oauth.client_id"),
        ({"oauth": {"unattended": True}}, "oauth.tenant"),
        ({"mail": {"auth": "google"}, "oauth": {"unattended": True}}, "oauth.unattended"),
        ({"oauth": {"endpoint": "http://login.example/token"}}, "oauth.endpoint"),
        ({"oauth": {"endpoint": "http://127.0.0.1:80/"}}, "oauth.endpoint"),  # msal: https only
        ({"oauth": {"endpoint": "https://a@login.example/"}}, "oauth.endpoint"),
        ({"oauth": {"client_secret": "x"}}, "oauth.client_secret"),
    ],
)
def test_what_a_login_by_tokens_lacks_is_named(
    microsoft: Provider, tmp_path: Path, changes: dict[str, dict[str, object]], key: str
) -> None:
    root = home(tmp_path / "home", microsoft)
    with pytest.raises(ConfigError) as raised:
        config.save(root, changes)
    assert raised.value.fields["key"] == key


def test_the_command_shows_the_code_and_keeps_the_tokens(microsoft: Provider, tmp_path: Path) -> None:
    root = home(tmp_path / "home", microsoft)
    said = elite("login", home=root)
    assert (said.code, said.err) == (0, "")
    assert "ABCD-EFGH" in said.out and f"{microsoft.url}/go" in said.out
    assert "token" not in said.out
    made = tokens.of_home(config.load(root), {})
    assert made is not None and made() == "token1"


def test_the_command_for_a_server_without_a_person(
    microsoft: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = home(tmp_path / "home", microsoft, unattended=True, tenant="maison.test")
    monkeypatch.setenv("ELITE_OAUTH_PASSWORD", "the-secret")
    said = elite("login", home=root)
    assert (said.code, said.err) == (0, "")
    assert [form["grant_type"] for form in microsoft.forms] == ["client_credentials"]
    assert "the-secret" not in (root / "secrets" / "tokens").read_text() + said.out


def test_the_command_says_what_is_refused_or_not_set(microsoft: Provider, tmp_path: Path) -> None:
    root = home(tmp_path / "home", microsoft)
    microsoft.answers = [(400, {"error": "invalid_client", "error_description": "AADSTS700016: unknown"})]
    said = elite("login", home=root)
    assert (said.code, "AADSTS700016" in said.err) == (4, True)
    config.save(root, {"mail": {"auth": "password"}})
    assert elite("login", home=root).code == 1


def test_msal_is_not_imported_before_it_is_needed(tmp_path: Path) -> None:
    code = "import sys, elite_lib.tokens; print(sorted({'msal', 'requests'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
