from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from keyring.backend import KeyringBackend
from keyring.backends import fail, null
from keyring.backends.chainer import ChainerBackend
from keyring.errors import KeyringLocked, PasswordSetError

from elite_lib import config, secrets
from elite_lib.exceptions import ConfigError

posix = pytest.mark.skipif(os.name == "nt", reason="mode bits do not decide on Windows")
NOTHING = fail.Keyring()


class MemoryKeyring(KeyringBackend):
    """A keyring that keeps its passwords for as long as it lives."""

    priority = -1  # keyring registers every subclass: never choose this one

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password


class PlaintextKeyring(MemoryKeyring):
    __module__ = "keyrings.alt.file"  # what the real one is known by


class LockedKeyring(MemoryKeyring):
    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringLocked

    def set_password(self, service: str, username: str, password: str) -> None:
        raise PasswordSetError


class Chain(ChainerBackend):
    backends: list[KeyringBackend] = []  # noqa: RUF012

    def __init__(self, *backends: KeyringBackend) -> None:
        self.backends = list(backends)


@pytest.fixture
def home(tmp_path: Path) -> config.Home:
    return config.create_home(tmp_path / "home")


def own_file(home: config.Home, password: str = "from-file", mode: int = 0o600) -> Path:
    path = home.secrets / "mail"
    path.write_text(password + "\n")
    path.chmod(mode)
    return path


def test_the_first_that_has_one_wins(home: config.Home, tmp_path: Path) -> None:
    named = tmp_path / "password"
    named.write_text("from-named-file\n")
    (tmp_path / "elite-mail").write_text("from-systemd\n")
    keyring = MemoryKeyring()
    secrets.store("mail", "from-keyring", home=home, where="keyring", keyring=keyring)
    own_file(home)
    environ = {
        "ELITE_MAIL_PASSWORD": "from-environment",
        "ELITE_MAIL_PASSWORD_FILE": str(named),
        "CREDENTIALS_DIRECTORY": str(tmp_path),
    }
    found = []
    for taken_away in ("ELITE_MAIL_PASSWORD", "ELITE_MAIL_PASSWORD_FILE", "CREDENTIALS_DIRECTORY"):
        found.append(secrets.find("mail", home=home, environ=environ, keyring=keyring))
        del environ[taken_away]
    found.append(secrets.find("mail", home=home, environ=environ, keyring=keyring))
    found.append(secrets.find("mail", home=home, environ=environ, keyring=NOTHING))
    (home.secrets / "mail").unlink()
    found.append(
        secrets.find("mail", home=home, environ=environ, keyring=NOTHING, prompt=lambda: "from-prompt")
    )
    assert found == [
        "from-environment", "from-named-file", "from-systemd", "from-keyring", "from-file", "from-prompt",
    ]  # fmt: skip


def test_nothing_anywhere_says_where_it_was_looked_for(home: config.Home) -> None:
    with pytest.raises(ConfigError) as raised:
        secrets.find("dashboard", home=home, environ={}, keyring=NOTHING, prompt=lambda: "")
    assert raised.value.code == "secret_missing"
    assert raised.value.fields == {
        "name": "dashboard",
        "variable": "ELITE_DASHBOARD_PASSWORD",
        "file": str(home.secrets / "dashboard"),
        "keyring": "none",
    }


def test_names_are_kept_apart(home: config.Home) -> None:
    keyring = MemoryKeyring()
    secrets.store("mail", "one", home=home, where="keyring", keyring=keyring)
    secrets.store("dashboard", "two", home=home)
    assert secrets.find("mail", home=home, environ={}, keyring=keyring) == "one"
    assert secrets.find("dashboard", home=home, environ={}, keyring=keyring) == "two"


def test_homes_of_one_user_are_kept_apart(home: config.Home, tmp_path: Path) -> None:
    keyring = MemoryKeyring()
    secrets.store("mail", "one", home=home, where="keyring", keyring=keyring)
    other = config.create_home(tmp_path / "other")
    with pytest.raises(ConfigError) as raised:
        secrets.find("mail", home=other, environ={}, keyring=keyring)
    assert raised.value.fields["keyring"] == "empty"


@posix
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660])
def test_file_that_others_may_read_is_refused(home: config.Home, mode: int) -> None:
    path = own_file(home, mode=mode)
    with pytest.raises(ConfigError) as raised:
        secrets.find("mail", home=home, environ={}, keyring=NOTHING)
    assert raised.value.code == "secret_readable_by_others"
    assert raised.value.fields == {"path": str(path), "mode": f"{mode:04o}"}


@posix
def test_stored_file_is_private_and_found(home: config.Home) -> None:
    own_file(home, mode=0o644)
    secrets.store("mail", "motdepasse é ", home=home)
    assert stat.S_IMODE((home.secrets / "mail").stat().st_mode) == 0o600
    assert secrets.find("mail", home=home, environ={}, keyring=NOTHING) == "motdepasse é "


@pytest.mark.parametrize("written", [b"s\xc3\xa9same", b"\xef\xbb\xbfs\xc3\xa9same\r\n", b"s\xc3\xa9same\n"])
def test_what_editors_add_is_no_part_of_the_password(
    home: config.Home, tmp_path: Path, written: bytes
) -> None:
    path = tmp_path / "password"
    path.write_bytes(written)
    environ = {"ELITE_MAIL_PASSWORD_FILE": str(path)}
    assert secrets.find("mail", home=home, environ=environ, keyring=NOTHING) == "sésame"


def test_named_file_that_is_not_there_is_an_error(home: config.Home, tmp_path: Path) -> None:
    own_file(home)
    environ = {"ELITE_MAIL_PASSWORD_FILE": str(tmp_path / "nowhere")}
    with pytest.raises(ConfigError) as raised:
        secrets.find("mail", home=home, environ=environ, keyring=NOTHING)
    assert raised.value.code == "secret_unreadable"


def test_empty_file_is_an_error(home: config.Home) -> None:
    own_file(home, "")
    with pytest.raises(ConfigError) as raised:
        secrets.find("mail", home=home, environ={}, keyring=NOTHING)
    assert raised.value.code == "secret_empty"


def test_systemd_folder_without_our_credential_is_passed_over(home: config.Home, tmp_path: Path) -> None:
    own_file(home)
    environ = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    assert secrets.find("mail", home=home, environ=environ, keyring=NOTHING) == "from-file"


@pytest.mark.parametrize("keyring", [fail.Keyring(), null.Keyring()], ids=["fail", "null"])
def test_keyring_that_keeps_nothing_is_skipped_silently(home: config.Home, keyring: KeyringBackend) -> None:
    own_file(home)
    assert secrets.find("mail", home=home, environ={}, keyring=keyring) == "from-file"


def test_keyring_that_keeps_base64_is_refused(home: config.Home) -> None:
    keyring = PlaintextKeyring()
    keyring.set_password(secrets.SERVICE, f"mail@{home.root}", "in-base64")
    with pytest.raises(ConfigError) as raised:
        secrets.find("mail", home=home, environ={}, keyring=keyring)
    assert (raised.value.code, raised.value.fields["keyring"]) == ("secret_missing", "plaintext")
    with pytest.raises(ConfigError) as raised:
        secrets.store("mail", "s3cret", home=home, where="keyring", keyring=keyring)
    assert raised.value.code == "keyring_unusable"
    assert "s3cret" not in keyring.kept.values()


def test_keyring_that_was_asked_for_by_name_is_used(home: config.Home) -> None:
    keyring = PlaintextKeyring()
    environ = {"PYTHON_KEYRING_BACKEND": "keyrings.alt.file.PlaintextKeyring"}
    secrets.store("mail", "asked", home=home, where="keyring", environ=environ, keyring=keyring)
    assert secrets.find("mail", home=home, environ=environ, keyring=keyring) == "asked"


def test_chain_of_keyrings_is_asked_but_for_its_refused_links(home: config.Home) -> None:
    plain, good = PlaintextKeyring(), MemoryKeyring()
    chain = Chain(plain, fail.Keyring(), LockedKeyring(), good)
    plain.set_password(secrets.SERVICE, f"mail@{home.root}", "in-base64")
    secrets.store("mail", "good", home=home, where="keyring", keyring=Chain(plain, good))
    assert secrets.find("mail", home=home, environ={}, keyring=chain) == "good"


def test_locked_keyring_leaves_the_other_ways(home: config.Home) -> None:
    with pytest.raises(ConfigError) as raised:
        secrets.find("mail", home=home, environ={}, keyring=LockedKeyring())
    assert raised.value.fields["keyring"] == "failed:KeyringLocked"
    own_file(home)
    assert secrets.find("mail", home=home, environ={}, keyring=LockedKeyring()) == "from-file"


def test_keyring_that_refuses_to_keep_is_an_error_without_the_password(home: config.Home) -> None:
    with pytest.raises(ConfigError) as raised:
        secrets.store("mail", "s3cret", home=home, where="keyring", keyring=LockedKeyring())
    assert raised.value.code == "keyring_unusable"
    assert "s3cret" not in str(raised.value)


def test_empty_password_is_not_stored(home: config.Home) -> None:
    with pytest.raises(ConfigError) as raised:
        secrets.store("mail", "", home=home)
    assert raised.value.code == "secret_empty"
    assert not (home.secrets / "mail").exists()


def test_where_a_password_comes_from_is_told_without_it(home: config.Home, tmp_path: Path) -> None:
    keyring = MemoryKeyring()
    assert secrets.origin("mail", home=home, environ={}, keyring=keyring) == ""
    own_file(home)
    assert secrets.origin("mail", home=home, environ={}, keyring=keyring) == "file"
    secrets.store("mail", "x", home=home, where="keyring", keyring=keyring)
    assert secrets.origin("mail", home=home, environ={}, keyring=keyring) == "keyring"
    (tmp_path / "elite-mail").write_text("x")
    environ = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    assert secrets.origin("mail", home=home, environ=environ, keyring=keyring) == "credential"
    environ |= {"ELITE_MAIL_PASSWORD_FILE": "x"}
    assert secrets.origin("mail", home=home, environ=environ, keyring=keyring) == "named_file"
    environ |= {"ELITE_MAIL_PASSWORD": "x"}
    assert secrets.origin("mail", home=home, environ=environ, keyring=keyring) == "environment"
