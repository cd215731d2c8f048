"""Access tokens of Microsoft 365 and Google, kept and renewed: what logs in instead of a password.

Three requests of RFC 6749 and RFC 8628 to the provider's own endpoints. What is kept (``secrets/tokens``,
0600) opens the mailbox as a password does: it is never in ``elite.toml``, the journal or an error.
"""

from __future__ import annotations

import datetime as dt
import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol, runtime_checkable

from elite_lib import secrets, storage
from elite_lib.config import Home, Settings
from elite_lib.exceptions import AuthenticationError, ServerUnavailableError
from elite_lib.models import Auth, OAuth

SOON = dt.timedelta(minutes=5)  # a token that ends within them is renewed before a login
_TIMEOUT = 30.0  # seconds
_USUAL_LIFE = 3600  # seconds, where the provider does not say (RFC 6749 5.1 only recommends it)
_DEVICE = "urn:ietf:params:oauth:grant-type:device_code"

Form = Mapping[str, str]
Answer = dict[str, Any]
Post = Callable[[str, Form], Answer]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Provider:
    endpoint: str
    device: str
    scope: str  # of a person
    service: str = ""  # of an unattended server (client credentials)


_PROVIDERS: Mapping[Auth, _Provider] = MappingProxyType(
    {
        # learn.microsoft.com: "Authenticate an IMAP, POP or SMTP connection using OAuth"
        Auth.MICROSOFT: _Provider(
            endpoint="https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token",
            device="https://login.microsoftonline.com/{tenant}/oauth2/v2.0/devicecode",
            scope="https://outlook.office.com/SMTP.Send https://outlook.office.com/IMAP.AccessAsUser.All"
            " offline_access",
            service="https://outlook.office365.com/.default",
        ),
        # developers.google.com: "OAuth 2.0 for TV and limited-input devices", "XOAUTH2 mechanism"
        Auth.GOOGLE: _Provider(
            endpoint="https://oauth2.googleapis.com/token",
            device="https://oauth2.googleapis.com/device/code",
            scope="https://mail.google.com/",
        ),
    }
)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceCode:
    """What a person types at the provider's page, and how often to ask whether it was done."""

    user_code: str
    address: str
    device_code: str
    interval: float  # seconds
    expires: dt.datetime


class OAuthTokens:
    """The home's tokens: renewed when they end soon or are refused, kept in ``file``."""

    def __init__(
        self,
        oauth: OAuth,
        *,
        file: Path,
        client_secret: Callable[[], str],
        now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
        post: Post | None = None,
    ) -> None:
        self._oauth, self._file, self._secret, self._now = oauth, file, client_secret, now
        self._post = post or post_form
        provider = _PROVIDERS[oauth.provider]
        self._endpoint = oauth.endpoint or provider.endpoint.format(tenant=oauth.tenant)
        self._device = oauth.device_endpoint or provider.device.format(tenant=oauth.tenant)
        self._scope = oauth.scope or (provider.service if oauth.unattended else provider.scope)

    def __call__(self) -> str:
        """Give a token; see ``Tokens``."""
        kept = self._kept()
        ends = kept.get("expires")
        if kept.get("access") and ends and self._now() + SOON < dt.datetime.fromisoformat(ends):
            return str(kept["access"])
        if self._oauth.unattended:
            form = {"grant_type": "client_credentials", "scope": self._scope}
            return self._keep(self._ask(self._endpoint, form))
        if not kept.get("refresh"):
            raise AuthenticationError("oauth_login_needed", provider=self._oauth.provider.value)
        return self._refreshed(str(kept["refresh"]))

    def renew(self) -> None:
        """Forget the access token; what renews it stays."""
        kept = self._kept()
        self._write({"refresh": kept["refresh"]} if kept.get("refresh") else {})

    # -- a person's login ------------------------------------------------------------------------

    def begin(self) -> DeviceCode:
        """Ask for a code that a person types in a browser (RFC 8628 3.1).

        Raises:
            AuthenticationError, ServerUnavailableError: see ``Tokens``.
        """
        answer = self._ask(self._device, {"scope": self._scope})
        return DeviceCode(
            user_code=str(answer["user_code"]),
            # RFC 8628 3.2 says verification_uri; Google verification_url
            address=str(answer.get("verification_uri") or answer.get("verification_url") or ""),
            device_code=str(answer["device_code"]),
            interval=float(answer.get("interval") or 5),
            expires=self._now() + dt.timedelta(seconds=float(answer.get("expires_in") or 900)),
        )

    def finish(self, code: DeviceCode, *, sleep: Callable[[float], None]) -> None:
        """Wait until the person has typed the code, and keep the tokens (RFC 8628 3.4, 3.5).

        Raises:
            AuthenticationError: ``oauth_refused``: denied, or too late. ServerUnavailableError.
        """
        interval = code.interval
        while True:
            sleep(interval)
            try:
                form = {"grant_type": _DEVICE, "device_code": code.device_code}
                self._keep(self._ask(self._endpoint, form))
                return
            except AuthenticationError as error:
                waiting = error.fields.get("error") in ("authorization_pending", "slow_down")
                if not waiting or self._now() >= code.expires:
                    raise
                interval += 5 if error.fields.get("error") == "slow_down" else 0

    def adopt(self, refresh: str) -> None:
        """Keep a refresh token from elsewhere, if the provider takes it; raises as ``Tokens``."""
        self._refreshed(refresh)

    # -- requests and what is kept ---------------------------------------------------------------

    def _refreshed(self, refresh: str) -> str:
        form = {"grant_type": "refresh_token", "refresh_token": refresh, "scope": self._scope}
        return self._keep(self._ask(self._endpoint, form), refresh=refresh)

    def _ask(self, address: str, form: Form) -> Answer:
        own = {"client_id": self._oauth.client_id}
        if self._oauth.unattended or self._oauth.provider is Auth.GOOGLE:
            own["client_secret"] = self._secret()
        answer = self._post(address, {**form, **own})
        if "error" in answer:
            said = str(answer.get("error_description") or answer["error"]).splitlines()[0][:500]
            raise AuthenticationError("oauth_refused", error=str(answer["error"]), text=said)
        return answer

    def _keep(self, answer: Answer, *, refresh: str = "") -> str:
        token = str(answer.get("access_token") or "")
        if not token:
            raise AuthenticationError("oauth_refused", error="", text="access_token?")
        life = dt.timedelta(seconds=float(answer.get("expires_in") or _USUAL_LIFE))
        kept = {"access": token, "expires": (self._now() + life).isoformat()}
        # RFC 6749 6: a new refresh token replaces the old one, which stays where none is given
        refresh = str(answer.get("refresh_token") or refresh)
        self._write(kept | ({"refresh": refresh} if refresh else {}))
        return token

    def _kept(self) -> dict[str, str]:
        """Read what was kept; a file of another account, or none that can be read as ours, is none."""
        text = secrets.private_text(self._file)
        try:
            kept = json.loads(text) if text else {}
        except ValueError:
            return {}
        mine = isinstance(kept, dict) and kept.get("for") == self._owner
        return {name: value for name, value in kept.items() if isinstance(value, str)} if mine else {}

    def _write(self, kept: Mapping[str, str]) -> None:
        storage.make_folder(self._file.parent)
        storage.replace(self._file, json.dumps({"for": self._owner, **kept}).encode())

    @property
    def _owner(self) -> str:
        return f"{self._oauth.login} {self._oauth.client_id} {self._endpoint}"


def of_home(settings: Settings, environ: Mapping[str, str]) -> OAuthTokens | None:
    """Make the home's tokens; None where ``[mail] auth`` is a password."""
    if settings.oauth is None:
        return None
    home: Home = settings.home
    return OAuthTokens(
        settings.oauth,
        file=home.secrets / "tokens",
        client_secret=lambda: secrets.find("oauth", home=home, environ=environ),
    )


def credential(
    settings: Settings, environ: Mapping[str, str], *, prompt: Callable[[], str] | None = None
) -> Callable[[], str]:
    """Give what the mail account logs in with, looked up when a server asks: tokens, or the password."""
    own = of_home(settings, environ)
    if own is not None:
        return own
    return lambda: secrets.find("mail", home=settings.home, environ=environ, prompt=prompt)


def post_form(address: str, form: Form) -> Answer:
    """POST a form and read the JSON that comes back, an error of RFC 6749 5.2 included.

    Raises:
        ServerUnavailableError: ``oauth_unreachable``: no answer, or one that is not the endpoint's.
    """
    body = urllib.parse.urlencode(form).encode()
    request = urllib.request.Request(address, data=body, headers={"Accept": "application/json"})  # noqa: S310 (the settings allow https only, or this machine)
    host = urllib.parse.urlsplit(address).hostname or address
    try:
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT) as response:  # noqa: S310 (as above)
                content = response.read()
        except urllib.error.HTTPError as refused:
            with refused:
                content = refused.read()
            if refused.code >= 500:
                raise ServerUnavailableError("oauth_unreachable", host=host, detail=str(refused)) from None
        answer = json.loads(content)
    except (OSError, ValueError) as error:
        raise ServerUnavailableError("oauth_unreachable", host=host, detail=str(error)) from error
    if not isinstance(answer, dict):
        raise ServerUnavailableError("oauth_unreachable", host=host, detail="JSON?")
    return answer
