"""One HTTP request at a time, redirects not followed, as a browser or somebody else sends it."""

from __future__ import annotations

import http.client
import re
import urllib.parse
from collections.abc import Mapping


class Answer:
    """One answer."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status = response.status
        self.headers = response.headers
        self.body = response.read().decode("utf-8", "replace")

    @property
    def cookies(self) -> str:
        """Give what a browser sends back of the cookies that were set."""
        given = [value.partition(";")[0] for value in self.headers.get_all("Set-Cookie", [])]
        return "; ".join(cookie for cookie in given if not cookie.endswith('=""'))


def ask(
    url: str,
    path: str,
    *,
    method: str = "GET",
    form: Mapping[str, str] | None = None,
    cookie: str = "",
    headers: Mapping[str, str] | None = None,
) -> Answer:
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
    sent = dict(headers or {})
    body = urllib.parse.urlencode(form) if form else None
    if form:
        sent["Content-Type"] = "application/x-www-form-urlencoded"
    if cookie:
        sent["Cookie"] = cookie
    try:
        connection.request(method, path, body=body, headers=sent)
        return Answer(connection.getresponse())
    finally:
        connection.close()


def submit(
    url: str,
    *,
    path: str = "/login",
    cookie: str = "",
    headers: Mapping[str, str] | None = None,
    **fields: str,
) -> Answer:
    """Fill in a form of the server as a browser does: with the token that the page came with."""
    page = ask(url, path)
    found = re.search(r'name="_xsrf" value="([^"]+)"', page.body)
    assert found is not None, page.body
    cookies = "; ".join(filter(None, (page.cookies, cookie)))
    form = {**fields, "_xsrf": found[1]}
    return ask(url, path, method="POST", form=form, cookie=cookies, headers=headers)


def log_in(url: str, password: str, name: str = "") -> str:
    """Log in, and give the cookies."""
    answer = submit(url, name=name, password=password)
    assert answer.status == 302, answer.body
    return answer.cookies
