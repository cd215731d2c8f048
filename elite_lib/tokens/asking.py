"""What every source of tokens promises, and one that asks nobody."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable


@runtime_checkable
class Tokens(Protocol):
    """Where access tokens come from. Called like a password that is looked up."""

    def __call__(self) -> str:
        """Give a token that is good for some minutes.

        Raises:
            AuthenticationError: ``oauth_login_needed``, ``oauth_refused``.
            ServerUnavailableError: ``oauth_unreachable``.
        """

    def renew(self) -> None:
        """Forget the token: the server refused it. The next one is new."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceCode:
    """What a person types at the provider's page, and how often to ask whether it was done."""

    user_code: str
    address: str
    interval: float  # seconds
    expires: dt.datetime
    flow: Mapping[str, Any] = field(repr=False)  # what the provider wants to hear again: as good as a token


class OwnTokens(Tokens, Protocol):
    """The home's tokens, with the login of the person who allows the program to use the mailbox."""

    def begin(self) -> DeviceCode:
        """Ask for a code that a person types in a browser (RFC 8628 3.1).

        Raises:
            AuthenticationError, ServerUnavailableError: see ``Tokens``.
        """

    def finish(self, code: DeviceCode, *, sleep: Callable[[float], None]) -> None:
        """Wait until the person has typed the code, and keep the tokens (RFC 8628 3.4, 3.5).

        Raises:
            AuthenticationError: ``oauth_refused``: denied, or too late. ServerUnavailableError.
        """

    def adopt(self, refresh: str) -> None:
        """Keep a refresh token from elsewhere, if the provider takes it; raises as ``Tokens``."""


class FakeTokens:
    """Tokens in a row, for tests and rehearsals; the last one stays."""

    def __init__(self, *tokens: str) -> None:
        self._tokens = list(tokens)
        self.asked = self.renewed = 0

    def __call__(self) -> str:
        self.asked += 1
        return self._tokens[0]

    def renew(self) -> None:
        self.renewed += 1
        self._tokens = self._tokens[1:] or self._tokens
