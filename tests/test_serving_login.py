"""The login: several users, what the kernel is told, wrong passwords, the first user's link."""

from __future__ import annotations

import re
from collections.abc import Iterator
from http.cookies import SimpleCookie
from pathlib import Path

import pytest

from elite_lib import config
from elite_lib.config import Home
from elite_lib.exceptions import ConfigError
from elite_lib.serving import HEADERS, Entrance, Server, Users, logged_in, serving
from elite_lib.serving.attempts import FORGOTTEN, LONGEST, Attempts, keys
from tests.support import browser as browsing
from tests.support.asking import ask, log_in, submit

# What the page's kernel does with who is logged in, and what it was really told.
TELL = """
import os
from elite_lib import serving

print("told:", ascii(serving.logged_in(os.environ)), os.environ["ELITE_HOME"])
"""
MARTIN, BENOIT = "Mme Éléonore Martin", "Benoît d’Arc"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = config.create_home(tmp_path_factory.mktemp("login") / "home", name="Les Tilleuls")
    users = Users(home)
    users.add(MARTIN, "le mot de Martin")
    users.add(BENOIT, "le mot de Benoît")
    return home


@pytest.fixture(scope="module")
def server(home: Home) -> Iterator[Server]:
    notebook = browsing.write_notebook(home.root.parent / "essai.ipynb", TELL)
    with serving(home.root, port=browsing.free_port(), notebook=notebook) as running:
        yield running


def told(server: Server, cookie: str, **headers: str) -> str:
    page = ask(server.url, "/", cookie=cookie, headers=headers).body
    found = re.search(r"told: &#39;(.*?)&#39;|told: '(.*?)'", page)
    assert found is not None, page[-2000:]
    return (found[1] or found[2] or "").encode().decode("unicode_escape")


def session_of(cookies: str) -> str:
    return next(one for one in cookies.split("; ") if one.startswith("username-"))


# -- two users -----------------------------------------------------------------------------------------


def test_each_kernel_is_told_who_is_logged_in_whatever_the_browser_says(server: Server) -> None:
    martin = log_in(server.url, "le mot de Martin", "mme  éléonore MARTIN")
    benoit = log_in(server.url, "le mot de Benoît", BENOIT)
    assert told(server, martin) == MARTIN, "as it was added, however it was typed"
    assert told(server, benoit) == BENOIT
    forged = {"X-Elite-User": "Mme%20Martin", "x_elite_user": "Mme Martin", "HTTP-X-Elite-User": "x"}
    assert told(server, benoit, **forged) == BENOIT
    assert ask(server.url, "/", headers=forged).status == 302, "a header logs nobody in"


def test_one_users_password_is_not_anothers(server: Server) -> None:
    for name, password in ((MARTIN, "le mot de Benoît"), ("personne", "le mot de Martin"), ("", "")):
        answer = submit(server.url, name=name, password=password)
        assert answer.status == 401
        assert "username" not in answer.cookies
        assert answer.body.count('role="alert"') == 1
    assert 'name="name"' in answer.body


def test_who_is_removed_or_gets_another_password_is_out_at_once(server: Server, home: Home) -> None:
    users = Users(home)
    users.add("Passagère", "un mot de passe")
    cookie = log_in(server.url, "un mot de passe", "Passagère")
    assert ask(server.url, "/login", cookie=cookie).status == 302, "logged in"
    users.add("Passagère", "un autre mot", replace=True)
    assert ask(server.url, "/login", cookie=cookie).status == 200
    cookie = log_in(server.url, "un autre mot", "Passagère")
    users.remove("passagère")
    assert ask(server.url, "/", cookie=cookie).status == 302
    assert submit(server.url, name="Passagère", password="un autre mot").status == 401


def test_a_copied_cookie_ends_with_the_logout(server: Server) -> None:
    cookie = log_in(server.url, "le mot de Martin", MARTIN)
    other = log_in(server.url, "le mot de Martin", MARTIN)
    crossed = ask(server.url, "/logout", cookie=cookie, headers={"Sec-Fetch-Site": "cross-site"})
    assert crossed.status == 302
    assert ask(server.url, "/login", cookie=cookie).status == 302, "a link of another site logs nobody out"
    ask(server.url, "/logout", cookie=cookie)
    assert ask(server.url, "/login", cookie=cookie).status == 200
    assert ask(server.url, "/login", cookie=other).status == 302, "another browser stays logged in"


def test_a_forged_or_altered_cookie_is_nobodys(server: Server) -> None:
    cookie = session_of(log_in(server.url, "le mot de Martin", MARTIN))
    name, _equal, value = cookie.partition("=")
    for altered in (value[:-4] + "beef", value.replace("2|1:0", "1|1:0"), "", "x" * 5000):
        assert ask(server.url, "/login", cookie=f"{name}={altered}").status == 200


def test_the_cookies_are_this_servers_and_of_this_session_alone(server: Server) -> None:
    answer = submit(server.url, name=MARTIN, password="le mot de Martin")
    set_cookies = answer.headers.get_all("Set-Cookie", [])
    (session,) = [text for text in set_cookies if text.startswith("username")]
    assert "expires" not in session.lower(), "it ends with the browser"
    (device,) = [text for text in set_cookies if text.startswith("elite-device")]
    for text in (session, device):
        assert "HttpOnly" in text
        assert "SameSite=Strict" in text
    (xsrf,) = ask(server.url, "/login").headers.get_all("Set-Cookie", [])
    assert "SameSite=Strict" in xsrf


def test_every_page_says_what_a_browser_must_not_do(server: Server) -> None:
    cookie = log_in(server.url, "le mot de Martin", MARTIN)
    for page in (ask(server.url, "/login"), ask(server.url, "/", cookie=cookie), ask(server.url, "/nul")):
        for name, value in HEADERS.items():
            assert page.headers[name] == value, name
        assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert ask(server.url, "/login").headers["Cache-Control"] == "no-store"
    assert "no-store" in ask(server.url, "/", cookie=cookie).headers["Cache-Control"]


def test_behind_a_proxy_the_cookies_travel_encrypted_only_and_the_visitor_is_told_apart(home: Home) -> None:
    entrance = Entrance(behind_proxy=True)
    notebook = browsing.write_notebook(home.root.parent / "essai.ipynb", TELL)
    with serving(home.root, port=browsing.free_port(), entrance=entrance, notebook=notebook) as server:
        secure = submit(server.url, name=MARTIN, password="le mot de Martin")
        for text in secure.headers.get_all("Set-Cookie", []):
            assert SimpleCookie(text), text
            assert "Secure" in text, text
        there, here = {"X-Forwarded-For": "192.0.2.1"}, {"X-Forwarded-For": "198.51.100.7, 192.0.2.2"}
        for _attempt in range(4):
            last = submit(server.url, name=MARTIN, password="faux", headers=there)
        assert last.status == 429
        assert submit(server.url, name=MARTIN, password="le mot de Martin", headers=here).status == 302


# -- wrong passwords -----------------------------------------------------------------------------------


def test_guessing_is_slowed_down_and_keeps_nobody_else_out(home: Home) -> None:
    notebook = browsing.write_notebook(home.root.parent / "essai.ipynb", TELL)
    with serving(home.root, port=browsing.free_port(), notebook=notebook) as server:
        known = log_in(server.url, "le mot de Martin", MARTIN)
        (device,) = [one for one in known.split("; ") if one.startswith("elite-device")]
        statuses = [submit(server.url, name=MARTIN, password=f"essai {n}").status for n in range(5)]
        assert statuses == [401, 401, 401, 429, 429]
        forged = {"X-Forwarded-For": "192.0.2.9", "X-Real-Ip": "192.0.2.9"}
        assert submit(server.url, name=MARTIN, password="essai", headers=forged).status == 429, (
            "no proxy here"
        )
        slowed = submit(server.url, name=MARTIN, password="le mot de Martin")
        assert slowed.status == 429, "the right one is not looked at either"
        assert 1 <= int(slowed.headers["Retry-After"]) <= LONGEST + 1
        assert slowed.headers["Retry-After"] in slowed.body
        assert submit(server.url, name=BENOIT, password="le mot de Benoît").status == 302
        came_before = submit(server.url, name=MARTIN, password="le mot de Martin", cookie=device)
        assert came_before.status == 302, "Mme Martin's own browser does not wait for who guesses"
        borrowed = submit(server.url, name=BENOIT, password="faux", cookie=device)
        assert borrowed.status == 401


def test_waiting_grows_has_an_end_and_is_forgotten() -> None:
    attempts, now, who = Attempts(), 1000.0, keys("192.0.2.1", "martin")
    waits = []
    for _attempt in range(12):
        now += attempts.wait(who, now)
        attempts.begin(who, now)
        waits.append(attempts.wait(who, now))
    assert waits[:4] == [0, 0, 1, 2]
    assert waits == sorted(waits)
    assert max(waits) == LONGEST
    assert attempts.wait(keys("192.0.2.2", "martin"), now) == 0, "from elsewhere"
    assert attempts.wait(who, now + FORGOTTEN + 1) == 0
    attempts.succeeded(who)
    assert attempts.wait((who[0],), now) == 0


def test_many_names_from_one_address_are_slowed_down_too() -> None:
    attempts = Attempts()
    for number in range(40):
        attempts.begin(keys("192.0.2.1", f"nom {number}"), 1.0)
    assert attempts.wait(keys("192.0.2.1", "nom nouveau"), 1.0) == LONGEST
    assert attempts.wait(keys("192.0.2.2", "nom nouveau"), 1.0) == 0
    for _login in range(40):  # an office behind one address that logs in all day
        attempts.begin(keys("192.0.2.3", "martin"), 1.0)
        attempts.succeeded(keys("192.0.2.3", "martin"))
    assert attempts.wait(keys("192.0.2.3", "benoît"), 1.0) == 0


def test_invented_names_do_not_fill_the_memory() -> None:
    attempts = Attempts()
    for number in range(25_000):
        attempts.begin((f"person:192.0.2.1 {number}",), float(number) / 1000)
    assert len(attempts._counters) <= 10_000


# -- the first user ------------------------------------------------------------------------------------


def test_the_link_makes_the_first_user_and_works_once(tmp_path: Path) -> None:
    home = Home(root=tmp_path / "maison")  # no home yet: its page makes it
    notebook = browsing.write_notebook(tmp_path / "essai.ipynb", TELL)
    entrance = Entrance(welcome="jeton-de-bienvenue")
    with serving(home.root, port=browsing.free_port(), entrance=entrance, notebook=notebook) as server:
        login = ask(server.url, "/login")
        assert 'type="password"' not in login.body, "there is nobody to log in"
        assert ask(server.url, "/").status == 302
        for token in ("", "faux", "jeton-de-bienvenu"):
            assert ask(server.url, f"/welcome?token={token}").headers["Location"] == "/login"
        path = "/welcome?token=jeton-de-bienvenue"
        short = submit(server.url, path=path, name=MARTIN, password="court", again="court")
        assert short.status == 400
        assert 'role="alert"' in short.body
        unequal = submit(server.url, path=path, name=MARTIN, password="un mot de passe", again="un autre mot")
        assert unequal.status == 400
        assert Users(home).all() == ()
        made = submit(server.url, path=path, name=MARTIN, password="un mot de passe", again="un mot de passe")
        assert made.status == 302
        assert told(server, made.cookies) == MARTIN
        assert ask(server.url, path).headers["Location"] == "/login", "the link is dead"
        again = ask(server.url, path, method="POST", form={"name": "autre"}, cookie=made.cookies)
        assert again.status == 403
        assert [user.name for user in Users(home).all()] == [MARTIN]
        assert "jeton-de-bienvenue" not in server.log.with_name("voila.json").read_text(encoding="utf-8")


def test_the_page_is_headed_by_the_home_s_name_as_it_is_by_now(tmp_path: Path) -> None:
    home = Home(root=tmp_path / "maison")
    Users(home).add(MARTIN, "un mot de passe")
    notebook = browsing.write_notebook(tmp_path / "essai.ipynb", TELL)
    with serving(home.root, port=browsing.free_port(), notebook=notebook) as server:
        cookie = log_in(server.url, "un mot de passe")
        assert '<span class="elite-home"></span>' in ask(server.url, "/", cookie=cookie).body
        config.create_home(home.root, name="Résidence <Neuve>")
        page = ask(server.url, "/", cookie=cookie).body
        assert '<span class="elite-home">Résidence &lt;Neuve&gt;</span>' in page
        home.toml.write_text("ceci n'est pas du TOML", encoding="utf-8")
        assert "Résidence &lt;Neuve&gt;" in ask(server.url, "/", cookie=cookie).body
        assert "Résidence &lt;Neuve&gt;" in ask(server.url, "/login").body


def test_without_anybody_and_without_a_link_nothing_is_served(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as raised, serving(tmp_path / "maison", port=browsing.free_port()):
        pass
    assert raised.value.code == "password_missing"


def test_damaged_or_open_users_let_nobody_in(tmp_path: Path) -> None:
    home = config.create_home(tmp_path / "home")
    notebook = browsing.write_notebook(tmp_path / "essai.ipynb", TELL)
    Users(home).add(MARTIN, "un mot de passe")
    with serving(home.root, port=browsing.free_port(), notebook=notebook) as server:
        cookie = log_in(server.url, "un mot de passe")
        Users(home).file.write_text("{", encoding="utf-8")
        assert ask(server.url, "/", cookie=cookie).status == 302
        assert ask(server.url, "/login", cookie=cookie).status == 200


def test_outside_of_the_server_nobody_is_logged_in() -> None:
    assert logged_in({}) == ""
    assert logged_in({"HTTP_X_ELITE_USER": "Mme%20%C3%89l%C3%A9onore"}) == "Mme Éléonore"
