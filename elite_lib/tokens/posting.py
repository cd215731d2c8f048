"""Requests to a provider's endpoints, by the standard library."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from elite_lib.exceptions import ServerUnavailableError

_TIMEOUT = 30.0  # seconds


@dataclass(frozen=True, slots=True)
class Response:
    """An answer below 500, in the shape that msal's ``HttpClient`` asks for."""

    status_code: int
    text: str
    headers: Mapping[str, str] = field(default_factory=dict)

    def raise_for_status(self) -> None:
        """What is an error was raised before, or is in ``text`` (RFC 6749 5.2)."""


def request(
    address: str, form: Mapping[str, str] | None = None, *, headers: Mapping[str, str] | None = None
) -> Response:
    """GET an address, or POST a form to it.

    Raises:
        ServerUnavailableError: ``oauth_unreachable``: no answer, or a failure of the endpoint's own (5xx).
    """
    body = urllib.parse.urlencode(form).encode() if form is not None else None
    known = {"Accept": "application/json", **(headers or {})}
    asked = urllib.request.Request(address, data=body, headers=known)  # noqa: S310 (the settings allow https only, or this machine)
    host = urllib.parse.urlsplit(address).hostname or address
    try:
        try:
            with urllib.request.urlopen(asked, timeout=_TIMEOUT) as response:  # noqa: S310 (as above)
                return Response(response.status, response.read().decode(), dict(response.headers))
        except urllib.error.HTTPError as refused:
            with refused:
                content = refused.read()
            if refused.code >= 500:
                raise ServerUnavailableError("oauth_unreachable", host=host, detail=str(refused)) from None
            return Response(refused.code, content.decode(), dict(refused.headers))
    except (OSError, ValueError) as error:  # ValueError: bytes that are no text
        raise ServerUnavailableError("oauth_unreachable", host=host, detail=str(error)) from error


def answered(address: str, response: Response) -> dict[str, Any]:
    """Read the JSON object of an answer, an error of RFC 6749 5.2 included.

    Raises:
        ServerUnavailableError: ``oauth_unreachable``: it is not the endpoint's.
    """
    host = urllib.parse.urlsplit(address).hostname or address
    try:
        answer = json.loads(response.text)
    except ValueError as error:
        raise ServerUnavailableError("oauth_unreachable", host=host, detail=str(error)) from error
    if not isinstance(answer, dict):
        raise ServerUnavailableError("oauth_unreachable", host=host, detail="JSON?")
    return answer
