"""The dashboard's server: what it refuses, what it lets through, what it asks of other machines."""

from __future__ import annotations

import http.client
import os
import re
import socket
import stat
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from elite_lib import config
from elite_lib.exceptions import ConfigError
from elite_lib.serving import POLICY, Entrance, Server, configuration, serve, serving
from tests.support import browser as browsing

UNKNOWN_KERNEL = "01234567-89ab-cdef-0123-456789abcdef"
SHOW = """
import os
from IPython.display import HTML, display

names = ("ELITE_HOME", "JUPYTER_PREFER_ENV_PATH", "ELITE_DASHBOARD_PASSWORD")
told = {name: os.environ.get(name) for name in names}
display(HTML(f"<p class='told'>{told}</p>"))
"""


class Answer:
    """One answer, redirects not followed."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status = response.status
        self.headers = response.headers
        self.body = response.read().decode("utf-8", "replace")


def ask(
    url: str,
    path: str,
    *,
    method: str = "GET",
    form: dict[str, str] | None = None,
    cookie: str = "",
    **headers: str,
) -> Answer:
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=20)
    body = urllib.parse.urlencode(form) if form else None
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    if form:
        sent["Content-Type"] = "application/x-www-form-urlencoded"
    if cookie:
        sent["Cookie"] = cookie
    try:
        connection.request(method, path, body=body, headers=sent)
        return Answer(connection.getresponse())
    finally:
        connection.close()


def submit(url: str, password: str, *, path: str = "/login") -> Answer:
    """Fill in the login form as a browser does: with the token that the page came with."""
    page = ask(url, "/login")
    found = re.search(r'name="_xsrf" value="([^"]+)"', page.body)
    assert found is not None
    cookie = page.headers["Set-Cookie"].partition(";")[0]
    form = {"password": password, "_xsrf": found.group(1)}
    return ask(url, path, method="POST", form=form, cookie=cookie)


def login_cookie(answer: Answer) -> str:
    return next(value for value in answer.headers.get_all("Set-Cookie", []) if "username" in value)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("serving") / "home"
    return config.create_home(folder, name="Résidence <Les Tilleuls>").root


@pytest.fixture(scope="module")
def server(home: Path) -> Iterator[Server]:
    notebook = browsing.write_notebook(home.parent / "notebooks" / "essai.ipynb", SHOW)
    (notebook.parent / "portrait.png").write_bytes(b"\x89PNG")
    with serving(home, password_hash=browsing.HASH, port=browsing.free_port(), notebook=notebook) as running:
        yield running


def test_configuration_settles_every_default_that_is_not_safe() -> None:
    words = {"language": "fr"}
    chosen = configuration(
        Path("/n.ipynb"),
        home=Path("/h"),
        host="127.0.0.1",
        port=8866,
        entrance=Entrance(password_hash="x"),
        texts=words,
    )
    voila, pages = chosen["Voila"], chosen["VoilaConfiguration"]
    assert voila["port_retries"] == 0
    assert voila["ip"] == "127.0.0.1"
    assert voila["tornado_settings"]["websocket_max_message_size"] > 10 * 1024 * 1024
    assert pages["file_allowlist"] == []
    assert pages["allow_template_override"] == pages["allow_theme_override"] == "NO"
    assert pages["show_tracebacks"] is False
    assert pages["strip_sources"] is True
    assert chosen["PasswordIdentityProvider"]["password_required"] is True
    assert chosen["HTMLExporter"]["language_code"] == "fr"
    assert "frame-ancestors 'none'" in POLICY


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/", 302),
        ("/essai.ipynb", 302),
        ("/voila/files/portrait.png", 403),
        ("/voila/files/essai.ipynb", 403),
        ("/voila/files/../home/elite.toml", 403),
        (f"/api/kernels/{UNKNOWN_KERNEL}", 403),
        (f"/api/kernels/{UNKNOWN_KERNEL}/channels", 403),
        ("/voila/render/essai.ipynb", 302),
        ("/voila/tree", 302),
        ("/api/contents", 302),
        ("/voila/static/voila.js", 200),
        ("/voila/templates/elite/static/elite.css", 200),
        ("/login", 200),
    ],
)
def test_without_login_there_is_only_the_login_page_and_static_files(
    server: Server, path: str, expected: int
) -> None:
    answer = ask(server.url, path)
    assert answer.status == expected
    if expected == 302:
        assert answer.headers["Location"].startswith("/login")
    assert "PNG" not in answer.body


def test_without_login_no_kernel_is_stopped_and_none_started(server: Server) -> None:
    answer = ask(server.url, f"/voila/api/shutdown/{UNKNOWN_KERNEL}", method="POST")
    assert answer.status == 403
    ask(server.url, "/")
    assert "Kernel started" not in server.log.read_text(encoding="utf-8")


def test_login_page_is_ours(server: Server) -> None:
    answer = ask(server.url, "/login")
    assert "Résidence &lt;Les Tilleuls&gt;" in answer.body
    assert '<html lang="fr">' in answer.body
    assert "Jupyter" not in answer.body
    assert "//" not in answer.body.replace("http://www.w3.org", "")
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Content-Security-Policy"] == POLICY


def test_a_wrong_password_is_refused(server: Server) -> None:
    answer = submit(server.url, "faux")
    assert answer.status == 401
    assert 'role="alert"' in answer.body
    assert not any("username" in value for value in answer.headers.get_all("Set-Cookie", []))


def test_a_form_of_another_site_is_refused(server: Server) -> None:
    answer = ask(server.url, "/login", method="POST", form={"password": browsing.PASSWORD})
    assert answer.status == 403


def test_login_sets_a_cookie_that_scripts_and_other_sites_do_not_get(server: Server) -> None:
    answer = submit(server.url, browsing.PASSWORD)
    assert answer.status == 302
    cookie = login_cookie(answer)
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie


def test_login_leads_to_no_other_site(server: Server) -> None:
    answer = submit(server.url, browsing.PASSWORD, path="/login?next=//evil.example/")
    assert answer.headers["Location"] == "/"


def test_images_beside_the_notebook_are_not_served_to_who_is_logged_in_either(server: Server) -> None:
    cookie = login_cookie(submit(server.url, browsing.PASSWORD)).partition(";")[0]
    assert ask(server.url, "/login", cookie=cookie).status == 302, "the cookie is good"
    assert ask(server.url, "/voila/files/portrait.png", cookie=cookie).status == 403


def test_nothing_secret_is_on_the_command_line_and_the_file_is_private(server: Server, home: Path) -> None:
    arguments = server.process.args
    assert isinstance(arguments, list)
    assert browsing.HASH not in " ".join(str(argument) for argument in arguments)
    file = server.log.with_name("voila.json")
    assert home in file.parents
    assert browsing.HASH in file.read_text(encoding="utf-8")
    if os.name == "posix":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_a_port_that_is_taken_is_said(home: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(ConfigError) as raised:
            entrance = Entrance(password_hash=browsing.HASH)
            serve(home, port=taken.getsockname()[1], entrance=entrance, on_ready=print)
    assert raised.value.code == "port_taken"


def test_no_password_no_dashboard(home: Path) -> None:
    with pytest.raises(ConfigError) as raised:
        serve(home, port=browsing.free_port(), entrance=Entrance(), on_ready=print)
    assert raised.value.code == "password_missing"


def test_a_server_that_dies_is_said_with_its_log(home: Path, tmp_path: Path) -> None:
    with (
        pytest.raises(ConfigError) as raised,
        serving(
            home, password_hash=browsing.HASH, port=browsing.free_port(), notebook=tmp_path / "absent.ipynb"
        ),
    ):
        pass
    assert raised.value.code == "dashboard_failed"
    assert "absent.ipynb" in Path(str(raised.value.fields["log"])).read_text(encoding="utf-8")


def test_the_page_asks_nothing_of_other_machines_and_speaks_french(server: Server, home: Path) -> None:
    with browsing.chromium() as chromium:
        page = browsing.open_page(chromium)
        browsing.log_in(page, server.url + "?template=lab&theme=dark")
        told = page.locator(".told")
        expect(told).to_contain_text(str(home))
        expect(told).to_contain_text("'JUPYTER_PREFER_ENV_PATH': '1'")
        expect(told).to_contain_text("'ELITE_DASHBOARD_PASSWORD': None")
        assert page.locator("html").get_attribute("lang") == "fr"
        assert page.locator("body.elite-page").count() == 1, "the template cannot be overridden"
        hosts = {urllib.parse.urlsplit(url).hostname for url in page.requested if url.startswith("http")}
        assert hosts == {"127.0.0.1"}
        assert page.errors == []
        page.locator(".elite-top a").click()
        expect(page.locator("input[type=password]")).to_be_visible()
        page.close(run_before_unload=True)


def test_leaving_the_block_ends_the_server_and_removes_its_configuration(home: Path, tmp_path: Path) -> None:
    notebook = browsing.write_notebook(tmp_path / "essai.ipynb", "1")
    with serving(home, password_hash=browsing.HASH, port=browsing.free_port(), notebook=notebook) as running:
        assert running.process.poll() is None
    assert running.process.poll() is not None
    assert not running.log.with_name("voila.json").exists()
