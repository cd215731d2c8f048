"""The dashboard's users: their file, and ``elite users``."""

from __future__ import annotations

import json
import os
import re
import select
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from jupyter_server.auth.security import passwd_check

from elite_lib import config
from elite_lib.config import Home
from elite_lib.exceptions import ConfigError
from elite_lib.labels import _
from elite_lib.serving import Users
from tests.support import browser as browsing
from tests.support.asking import submit
from tests.support.command import elite

PASSWORD = "un mot de passe"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return config.create_home(tmp_path / "home")


def test_a_user_is_kept_as_a_hash_in_a_private_file(home: Home) -> None:
    users = Users(home)
    users.add("Mme  Éléonore\tMartin ", PASSWORD)
    (user,) = users.all()
    assert user.name == "Mme Éléonore Martin"
    assert user.password_hash.startswith("argon2:$argon2id$")
    assert passwd_check(user.password_hash, PASSWORD)
    assert PASSWORD not in users.file.read_text(encoding="utf-8")
    if os.name == "posix":
        assert stat.S_IMODE(users.file.stat().st_mode) == 0o600


def test_two_spellings_are_one_user(home: Home) -> None:
    users = Users(home)
    users.add("Éléonore", PASSWORD)
    with pytest.raises(ConfigError, match="user_exists"):
        users.add("e\u0301LE\u0301ONORE", PASSWORD)
    replaced = users.add("ÉLÉONORE", "un autre mot de passe", replace=True)
    assert replaced.name == "Éléonore"
    assert passwd_check(users.all()[0].password_hash, "un autre mot de passe")
    users.remove(" éléonore")
    assert users.all() == ()


@pytest.mark.parametrize("name", ["", "  ", "\x00", "Mar\x1b[31mtin", "x" * 61, "\ud800"])
def test_a_name_that_a_journal_cannot_show_is_refused(home: Home, name: str) -> None:
    with pytest.raises(ConfigError, match="user_name_invalid"):
        Users(home).add(name, PASSWORD)


def test_what_cannot_be_is_said(home: Home) -> None:
    users = Users(home)
    with pytest.raises(ConfigError, match="password_short"):
        users.add("Martin", "neuf cars")
    with pytest.raises(ConfigError, match="user_unknown"):
        users.add("Martin", PASSWORD, replace=True)
    with pytest.raises(ConfigError, match="user_unknown"):
        users.remove("Martin")
    for content in ("{", "[]", '{"users": [{"nom": 1}]}', '{"users": 3}'):
        users.file.write_text(content, encoding="utf-8")
        users.file.chmod(0o600)
        with pytest.raises(ConfigError, match="users_unreadable"):
            users.all()


@pytest.mark.skipif(os.name == "nt", reason="mode bits do not decide on Windows")
def test_a_file_that_others_can_read_is_refused(home: Home) -> None:
    users = Users(home)
    users.add("Martin", PASSWORD)
    users.file.chmod(0o644)
    with pytest.raises(ConfigError, match="secret_readable_by_others"):
        users.all()


# -- the commands --------------------------------------------------------------------------------------

COMMAND = [sys.executable, "-c", "from elite_lib.cli import main; main()"]


def run(*arguments: str | Path, typed: str = "") -> subprocess.CompletedProcess[str]:
    """Run ``elite`` as a script does: without a terminal."""
    return subprocess.run(
        [*COMMAND, *map(str, arguments)], input=typed, capture_output=True, text=True, check=False
    )


def test_users_are_added_listed_and_removed(home: Home) -> None:
    assert elite("users", "list", home=home.root).code == 0
    added = run("users", "add", "Mme Martin", "--home", home.root, typed=f"{PASSWORD}\n")
    assert added.returncode == 0, added.stderr
    assert PASSWORD not in added.stdout + added.stderr
    assert "Mme Martin" in elite("users", "list", home=home.root).out
    (listed,) = elite("users", "list", "--json", home=home.root).json["users"]
    assert listed["name"] == "Mme Martin"
    assert passwd_check(Users(home).all()[0].password_hash, PASSWORD)
    twice = run("users", "add", "mme martin", "--home", home.root, typed=f"{PASSWORD}\n")
    assert twice.returncode == 1
    other = run("users", "add", "mme martin", "--replace", "--home", home.root, typed="un autre mot\n")
    assert other.returncode == 0, other.stderr
    assert passwd_check(Users(home).all()[0].password_hash, "un autre mot")
    assert elite("users", "remove", "Mme Martin", home=home.root).code == 0
    assert elite("users", "remove", "Mme Martin", home=home.root).code == 1
    short = run("users", "add", "Mme Martin", "--home", home.root, typed="court\n")
    assert short.returncode == 1
    assert json.loads(run("users", "list", "--json", "--home", home.root).stdout) == {"users": []}


@contextmanager
def dashboard(*arguments: str | Path, **environ: str) -> Iterator[subprocess.Popen[str]]:
    """Start ``elite dashboard`` as a service does: without a terminal."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("ELITE_")}
    process = subprocess.Popen(
        [*COMMAND, "dashboard", *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=own | environ,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=30)


def test_a_first_start_without_a_terminal_prints_a_link_that_makes_the_home_s_first_user(
    tmp_path: Path,
) -> None:
    root, port = tmp_path / "maison", str(browsing.free_port())
    with dashboard("--home", root, "--port", port) as process:
        assert process.stdout is not None
        said = [process.stdout.readline(), process.stdout.readline()]
        found = re.search(r"http://127\.0\.0\.1:\d+(/welcome\?token=[\w-]+)", said[1])
        assert found is not None, said
        url = f"http://127.0.0.1:{port}/"
        submit(url, path=found[1], name="Mme Martin", password=PASSWORD, again=PASSWORD)
    assert [user.name for user in Users(Home(root=root)).all()] == ["Mme Martin"]
    with dashboard("--home", root, "--port", port) as process:
        assert process.stdout is not None
        assert "welcome" not in process.stdout.readline()
        assert submit(f"http://127.0.0.1:{port}/", password=PASSWORD).status == 302


@pytest.mark.skipif(os.name == "nt", reason="no pseudo-terminals there")
def test_a_first_start_at_a_terminal_asks_for_the_first_user(tmp_path: Path) -> None:
    root, port = tmp_path / "maison", str(browsing.free_port())
    terminal, its_end = os.openpty()
    arguments = [*COMMAND, "dashboard", "--home", str(root), "--port", port]
    process = subprocess.Popen(
        arguments, stdin=its_end, stdout=subprocess.PIPE, stderr=its_end, text=True, start_new_session=True
    )
    os.close(its_end)
    try:
        for question, mark, answer in (
            (_("Your name"), b":", "Mme Martin"),
            # the space follows once the echo is off, and what was typed before that is thrown away
            (_("Choose the password of the dashboard"), b": ", PASSWORD),
            (_("Password, once more"), b": ", PASSWORD),
        ):
            shown = b""
            while mark not in shown.partition(question.encode())[2]:
                assert select.select([terminal], [], [], 30)[0], shown
                shown += os.read(terminal, 1024)
            os.write(terminal, f"{answer}\n".encode())
        assert process.stdout is not None
        assert port in process.stdout.readline()
        assert submit(f"http://127.0.0.1:{port}/", password=PASSWORD).status == 302
    finally:
        process.terminate()
        process.wait(30)
        process.communicate()
        os.close(terminal)
    assert [user.name for user in Users(Home(root=root)).all()] == ["Mme Martin"]


def test_the_first_users_password_comes_from_where_the_other_secrets_do(home: Home, tmp_path: Path) -> None:
    given = tmp_path / "mot"
    given.write_text("du fichier nommé\n", encoding="utf-8")
    port = str(browsing.free_port())
    for environ, password in (
        ({"ELITE_DASHBOARD_PASSWORD_FILE": str(given)}, "du fichier nommé"),
        ({"ELITE_DASHBOARD_PASSWORD": "de la variable"}, "de la variable"),
    ):
        with dashboard("--home", home.root, "--port", port, **environ) as process:
            assert process.stdout is not None
            process.stdout.readline()
            assert submit(f"http://127.0.0.1:{port}/", password=password).status == 302
            assert submit(f"http://127.0.0.1:{port}/", password="autre").status == 401


@pytest.mark.parametrize(("more", "warned"), [((), True), (("--behind-proxy",), False)])
def test_another_address_is_warned_about_unless_a_proxy_is_in_front(
    home: Home, more: tuple[str, ...], warned: bool
) -> None:
    port = str(browsing.free_port())
    with dashboard("--home", home.root, "--host", "0.0.0.0", "--port", port, *more) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.terminate()
        _out, told = process.communicate(timeout=30)
    assert ("0.0.0.0" in told) is warned
