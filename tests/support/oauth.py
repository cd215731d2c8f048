"""A provider of tokens on 127.0.0.1: its token and device endpoints, and introspection for Dovecot."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

Answer = tuple[int, Mapping[str, Any]]


@dataclass
class Provider:
    """Give tokens ``token1``, ``token2`` …; ``answers`` come first, one for each request.

    ``valid``: token -> e-mail address; introspection knows no other.
    """

    login: str
    answers: list[Answer] = field(default_factory=list)
    life: int = 3600
    port: int = 0
    forms: list[dict[str, str]] = field(default_factory=list)
    valid: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), _handler(self))
        self.port = int(self._server.server_address[1])
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def grants(self) -> Sequence[str]:
        """List the grants that were asked for, in the words of RFC 6749 and RFC 8628."""
        return [form["grant_type"].rpartition(":")[2] for form in self.forms if "grant_type" in form]

    def answer(self, path: str, form: dict[str, str]) -> Answer:
        self.forms.append(form)
        if self.answers:
            return self.answers.pop(0)
        if path == "/device":
            code = {"device_code": "D1", "user_code": "ABCD-EFGH", "verification_uri": f"{self.url}/go"}
            return 200, code | {"interval": 0, "expires_in": 600}
        token = f"token{len(self.grants)}"
        self.valid[token] = self.login
        given = {"access_token": token, "token_type": "Bearer", "expires_in": self.life}
        offline = {} if form["grant_type"] == "client_credentials" else {"refresh_token": f"R-{token}"}
        return 200, given | offline

    def introspect(self, token: str) -> Answer:
        known = self.valid.get(token)
        return 200, {"active": "true", "email": known} if known else {"active": "false"}


def _handler(provider: Provider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            self._say(*provider.answer(self.path, form))

        def do_GET(self) -> None:
            asked = parse_qs(urlsplit(self.path).query)
            self._say(*provider.introspect(asked.get("token", [""])[0]))

        def _say(self, code: int, answer: Mapping[str, Any]) -> None:
            content = json.dumps(answer).encode()
            self.send_response(code)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *arguments: Any) -> None:
            pass

    return Handler
