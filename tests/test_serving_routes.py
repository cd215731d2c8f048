"""Every route of the server, asked by somebody who did not log in: the login page and code, no more."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from elite_lib import config
from elite_lib.serving import Server, serving
from tests.support import browser as browsing
from tests.support.asking import Answer, ask, log_in

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
# Read from Voila itself: a route that a new version adds fails the test until somebody has looked at it.
CODE = {"TemplateStaticFileHandler", "MultiStaticFileHandler", "ThemesHandler", "FileFindHandler"}
OPEN = {"LoginHandler", "LogoutHandler", "WelcomeHandler"}
CLOSED = {
    "KernelHandler",
    "VoilaKernelWebsocketHandler",
    "VoilaShutdownKernelHandler",
    "AllowListFileHandler",
    "TornadoVoilaHandler",
}
LISTED = """
import json, sys, tempfile
from voila.app import Voila

app = Voila()
app.initialize([f"--Voila.config_file_paths={sys.argv[1]}"])
app.connection_dir = tempfile.mkdtemp()
app.setup_template_dirs()
app.init_settings()
print(json.dumps([[rule[0], rule[1].__name__] for rule in app.init_handlers()]))
"""
SECRET = "seulement pour qui est connecté"
TAILS = (
    "",
    "x",
    "essai.ipynb",
    "portrait.png",
    "elite.toml",
    "../elite.toml",
    "%2e%2e/elite.toml",
    "..%2felite.toml",
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return config.create_home(tmp_path_factory.mktemp("routes") / "home", name="Les Tilleuls").root


@pytest.fixture(scope="module")
def server(home: Path) -> Iterator[Server]:
    notebook = browsing.write_notebook(home / "notebooks" / "essai.ipynb", f"print({SECRET!r})")
    (notebook.parent / "portrait.png").write_bytes(b"\x89PNG portrait")
    with serving(home, password_hash=browsing.HASH, port=browsing.free_port(), notebook=notebook) as running:
        yield running


@pytest.fixture(scope="module")
def cookie(server: Server) -> str:
    return log_in(server.url, browsing.PASSWORD)


@pytest.fixture(scope="module")
def kernel(server: Server, cookie: str) -> str:
    """A kernel that is at work for somebody who is logged in."""
    page = ask(server.url, "/", cookie=cookie)
    assert SECRET in page.body
    found = re.search(r'"kernelId": "([\w-]+)"', page.body)
    assert found is not None
    return found[1]


@pytest.fixture(scope="module")
def routes(server: Server) -> list[tuple[str, str]]:
    done = subprocess.run(
        [sys.executable, "-c", LISTED, str(server.log.parent)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return [(pattern, name) for pattern, name in json.loads(done.stdout.splitlines()[-1])]


def paths(pattern: str, kernel: str) -> Iterator[str]:
    """Give paths that a route's pattern matches, the most tempting ones first."""
    filled = re.sub(r"\(\?P<kernel_id>[^)]*\)", kernel, pattern)
    if "(.*)" not in filled:
        yield filled
        return
    for tail in (kernel, *TAILS, "elite/static/elite.css", "voila.js"):
        yield filled.replace("(.*)", tail)


def test_the_routes_are_those_that_were_looked_at(routes: list[tuple[str, str]]) -> None:
    assert {name for _pattern, name in routes} == CODE | OPEN | CLOSED


def test_nobody_gets_anything_but_the_login_page_and_code(
    server: Server, home: Path, kernel: str, cookie: str, routes: list[tuple[str, str]]
) -> None:
    asked, codes = 0, set()
    for pattern, name in routes:
        for path in paths(pattern, kernel):
            for method in METHODS:
                answer = ask(server.url, path, method=method)
                asked += 1
                codes.add(answer.status)
                check(answer, f"{method} {path} ({name})", name)
    assert asked > 300
    assert {200, 302, 403, 404, 405} <= codes
    alive = ask(server.url, f"/api/kernels/{kernel}", cookie=cookie)
    assert alive.status == 200, "nobody stopped the kernel"
    assert json.loads(alive.body)["id"] == kernel
    assert server.log.read_text(encoding="utf-8").count("Kernel started") == 1


def check(answer: Answer, what: str, name: str) -> None:
    for hidden in (SECRET, "portrait", "[letterhead]", "password_hash", "Traceback", "kernel_id"):
        assert hidden not in answer.body, what
    if what.startswith("OPTIONS") and answer.status in (200, 204):
        assert answer.body == "", what
    elif answer.status == 200 and name not in CODE:
        assert name == "LoginHandler", what
        assert answer.body == "" or 'type="password"' in answer.body, what
    elif answer.status == 302:
        assert answer.headers["Location"].startswith("/login"), what
    elif name not in CODE:
        assert answer.status in (400, 403, 404, 405), what
    assert "username" not in answer.cookies, what


@pytest.mark.parametrize("forged", ["", "X-Elite-User: Mme Martin", "Authorization: token x"])
def test_nobody_opens_the_channels_of_a_kernel(server: Server, kernel: str, forged: str) -> None:
    upgrade = {
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": base64.b64encode(b"0123456789abcdef").decode(),
        "Origin": server.url.rstrip("/"),
    }
    name, _colon, value = forged.partition(": ")
    more = {name: value} if name else {}
    answer = ask(server.url, f"/api/kernels/{kernel}/channels", headers=upgrade | more)
    assert answer.status == 403


def test_another_site_opens_no_channels_for_who_is_logged_in(
    server: Server, kernel: str, cookie: str
) -> None:
    upgrade = {
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": base64.b64encode(b"0123456789abcdef").decode(),
        "Origin": "http://evil.example",
    }
    answer = ask(server.url, f"/api/kernels/{kernel}/channels", cookie=cookie, headers=upgrade)
    assert answer.status == 403
