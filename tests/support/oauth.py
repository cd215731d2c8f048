"""A provider of tokens on 127.0.0.1: its token and device endpoints, and introspection for Dovecot.

With ``tls`` it is Microsoft as well: an authority (``authority``) whose configuration names the endpoints.
"""

from __future__ import annotations

import base64
import json
import ssl
import threading
import time
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
    tls: ssl.SSLContext | None = None
    interval: int = 0
    scope: str = ""
    forms: list[dict[str, str]] = field(default_factory=list)
    valid: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        servers = [ThreadingHTTPServer(("127.0.0.1", self.port), _handler(self))]
        self.port = int(servers[0].server_address[1])
        if self.tls is not None:
            servers.append(ThreadingHTTPServer(("127.0.0.1", 0), _handler(self)))
            servers[1].socket = self.tls.wrap_socket(servers[1].socket, server_side=True)
        self.authority = f"https://127.0.0.1:{servers[-1].server_address[1]}"
        poll = {"poll_interval": 0.02}
        self._running = [(one, threading.Thread(target=one.serve_forever, kwargs=poll)) for one in servers]

    def __enter__(self) -> Self:
        for _, thread in self._running:
            thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        for server, thread in self._running:
            server.shutdown()
            thread.join()
            server.server_close()

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
        if path.endswith(("/device", "/devicecode")):
            self.scope = form.get("scope", "")  # of what is asked for with the code
            code = {"device_code": "D1", "user_code": "ABCD-EFGH", "verification_uri": f"{self.url}/go"}
            return 200, code | {"interval": self.interval, "expires_in": 600}
        token = f"token{len(self.grants)}"
        self.valid[token] = self.login
        given = {"access_token": token, "token_type": "Bearer", "expires_in": self.life}
        offline = {} if form["grant_type"] == "client_credentials" else {"refresh_token": f"R-{token}"}
        scopes = form.get("scope", self.scope).split()
        who = self._who(form["client_id"]) if "openid" in scopes else {}
        granted = [one for one in scopes if one not in ("openid", "profile", "offline_access")]
        return 200, given | offline | who | {"scope": " ".join(granted)}

    def _who(self, client: str) -> dict[str, str]:
        """Say who logged in, as Microsoft does (OpenID Connect; nobody checks the signature here)."""
        now = int(time.time())
        claims = {"iss": self.authority, "sub": "s", "aud": client, "iat": now, "exp": now + 3600}
        claims |= {"preferred_username": self.login, "oid": self.login, "tid": "t"}
        return {
            "id_token": f"{_part({'alg': 'none'})}.{_part(claims)}.{_part({})}",
            "client_info": _part({"uid": self.login, "utid": "t"}),
        }

    def configuration(self, path: str) -> Answer:
        """Name the endpoints of an organisation; ``nobody`` is none."""
        tenant = path.split("/")[1]
        if tenant == "nobody":
            return 400, {"error": "invalid_tenant", "error_description": "AADSTS90002: not found"}
        base = f"{self.authority}/{tenant}/oauth2/v2.0"
        return 200, {
            "issuer": f"{self.authority}/{tenant}/v2.0",
            "authorization_endpoint": f"{base}/authorize",
            "token_endpoint": f"{base}/token",
            "device_authorization_endpoint": f"{base}/devicecode",
        }

    def introspect(self, token: str) -> Answer:
        known = self.valid.get(token)
        return 200, {"active": "true", "email": known} if known else {"active": "false"}


def _part(fields: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(fields).encode()).decode().rstrip("=")


def _handler(provider: Provider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            self._say(*provider.answer(self.path, form))

        def do_GET(self) -> None:
            if self.path.endswith("/.well-known/openid-configuration"):
                self._say(*provider.configuration(self.path))
                return
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
