"""Microsoft 365's tokens, by msal: a person's device code, or the client credentials of a server.

msal keeps and renews; here its cache is one secret of the home, its network is ours (so that what fails
has our names), and its waiting is the caller's.
"""

from __future__ import annotations

import datetime as dt
import urllib.parse
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from elite_lib.exceptions import AuthenticationError, ServerUnavailableError
from elite_lib.models import OAuth
from elite_lib.tokens.asking import DeviceCode
from elite_lib.tokens.keeping import TokenFile
from elite_lib.tokens.posting import Response, answered, request

# learn.microsoft.com: "Authenticate an IMAP, POP or SMTP connection using OAuth"
_AUTHORITY = "https://login.microsoftonline.com"
_SCOPES = ("https://outlook.office.com/SMTP.Send", "https://outlook.office.com/IMAP.AccessAsUser.All")
_SERVICE = ("https://outlook.office365.com/.default",)  # of a server: what an administrator granted
# A token that ages is renewed before its end, and goes on being used when that fails.
_OUTAGES = {"http_exceptions": (ServerUnavailableError,)}
_OWN = frozenset(
    {"offline_access", "openid", "profile"}
)  # msal asks for them by itself, and refuses to be told


class MicrosoftTokens:
    """The home's tokens: renewed when they end within five minutes or are refused, kept in ``file``."""

    def __init__(self, oauth: OAuth, *, file: Path, client_secret: Callable[[], str]) -> None:
        self._oauth, self._secret = oauth, client_secret
        self._authority = f"{(oauth.endpoint or _AUTHORITY).rstrip('/')}/{oauth.tenant}"
        asked = tuple(scope for scope in oauth.scope.split() if scope not in _OWN)
        self._scopes = list(asked or (_SERVICE if oauth.unattended else _SCOPES))
        self._file = TokenFile(file, owner=f"{oauth.login} {oauth.client_id} {self._authority}")
        self._made: tuple[Any, Any] | None = None  # msal has no types

    def __call__(self) -> str:
        """Give a token; see ``Tokens``."""
        app, cache = self._application()
        self._read(cache)
        if self._oauth.unattended:
            return self._token(self._heard(app.acquire_token_for_client, self._scopes, **_OUTAGES))
        # one login only is ever kept: a person who may use a shared mailbox has another name than it has
        account = next(iter(app.get_accounts()), None)
        ask = app.acquire_token_silent_with_error
        answer = self._heard(ask, self._scopes, account, **_OUTAGES) if account else {}
        if not answer:
            raise AuthenticationError("oauth_login_needed", provider=self._oauth.provider.value)
        return self._token(answer)

    def renew(self) -> None:
        """Forget the access tokens; what renews them stays."""
        from msal import TokenCache  # noqa: PLC0415 (see _application)

        _, cache = self._application()
        self._read(cache)
        for token in list(cache.search(TokenCache.CredentialType.ACCESS_TOKEN)):
            cache.remove_at(token)
        self._file.write({"cache": cache.serialize()})

    def begin(self) -> DeviceCode:
        """Ask for a code; see ``OwnTokens``."""
        app, _ = self._application()
        flow = self._heard(app.initiate_device_flow, self._scopes)
        if "user_code" not in flow:
            raise _refused(flow)
        return DeviceCode(
            user_code=str(flow["user_code"]),
            address=str(flow.get("verification_uri") or ""),
            interval=float(flow["interval"]),
            expires=dt.datetime.fromtimestamp(flow["expires_at"], dt.UTC),
            flow=flow,
        )

    def finish(self, code: DeviceCode, *, sleep: Callable[[float], None]) -> None:
        """Wait for the person; see ``OwnTokens``."""
        app, cache = self._application()
        flow, waited = dict(code.flow), 0.0
        patience = float(flow["expires_in"])
        while True:
            # msal's loop asks at once, and sleeps by itself: it is let ask once, after our own wait
            flow["interval"] = max(1, int(flow["interval"]))
            sleep(flow["interval"])
            waited += flow["interval"]
            flow.pop("latest_attempt_at", None)
            cache.deserialize("{}")  # whoever logged in before has no part in this
            once: Callable[..., Any] = lambda _flow: True  # noqa: E731
            answer = self._heard(app.acquire_token_by_device_flow, flow, exit_condition=once)
            waiting = answer.get("error") in ("authorization_pending", "slow_down") and waited < patience
            if not waiting:
                self._token(answer)
                return

    def adopt(self, refresh: str) -> None:
        """Keep a refresh token; see ``OwnTokens``."""
        app, cache = self._application()
        cache.deserialize("{}")
        self._token(self._heard(app.acquire_token_by_refresh_token, refresh, self._scopes))

    # -- msal ------------------------------------------------------------------------------------

    def _application(self) -> tuple[Any, Any]:
        """Make msal's application and its cache; this asks the provider where its endpoints are.

        Raises:
            AuthenticationError: ``oauth_refused``: there is no such organisation. ServerUnavailableError.
        """
        import msal  # noqa: PLC0415 (0.1 s: only who logs in by tokens pays)

        if self._made is None:
            cache = msal.SerializableTokenCache()
            known = {
                "authority": self._authority,
                "token_cache": cache,
                "http_client": _Http(),
                # the settings name the authority: whether Microsoft knows it is not asked on each start
                "instance_discovery": False,
            }
            try:
                if self._oauth.unattended:
                    known |= {"client_credential": self._secret()}
                    app = msal.ConfidentialClientApplication(self._oauth.client_id, **known)
                else:
                    app = msal.PublicClientApplication(self._oauth.client_id, **known)
            except ValueError as error:  # the tenant, or an answer that is no configuration
                said = f"{self._oauth.tenant}: {str(error).splitlines()[0][:300]}"
                raise AuthenticationError("oauth_refused", error="invalid_tenant", text=said) from error
            self._made = app, cache
        return self._made

    def _heard(self, ask: Callable[..., Any], *arguments: Any, **named: Any) -> dict[str, Any]:
        try:
            return dict(ask(*arguments, **named) or {})
        except (ValueError, KeyError, TypeError) as error:  # an object that lacks what it should hold
            host = urllib.parse.urlsplit(self._authority).hostname or self._authority
            detail = f"{type(error).__name__}: {error}"[:300]
            raise ServerUnavailableError("oauth_unreachable", host=host, detail=detail) from error

    def _read(self, cache: Any) -> None:
        kept = self._file.read().get("cache", "{}")
        try:
            cache.deserialize(kept)
        except ValueError:
            cache.deserialize("{}")

    def _token(self, answer: Mapping[str, Any]) -> str:
        """Take the token out of an answer, and keep what came with it."""
        if not answer.get("access_token"):
            raise _refused(answer)
        _, cache = self._application()
        if cache.has_state_changed:
            self._file.write({"cache": cache.serialize()})
        return str(answer["access_token"])


def _refused(answer: Mapping[str, Any]) -> AuthenticationError:
    said = str(answer.get("error_description") or answer.get("error") or "access_token?")
    return AuthenticationError(
        "oauth_refused", error=str(answer.get("error") or ""), text=said.splitlines()[0][:500]
    )


class _Http:
    """msal's ``HttpClient``: GET and POST, each failure with our name."""

    def get(
        self, url: str, params: Mapping[str, str] | None = None, headers: Any = None, **_unused: Any
    ) -> Response:
        return self._ask(url, params, None, headers=headers)

    def post(
        self, url: str, params: Any = None, data: Any = None, headers: Any = None, **_unused: Any
    ) -> Response:
        return self._ask(url, params, _filled(data), headers=headers)

    def _ask(self, url: str, params: Any, form: Mapping[str, str] | None, *, headers: Any) -> Response:
        query = f"?{urllib.parse.urlencode(params)}" if params else ""
        response = request(url + query, form, headers=_filled(headers))
        answered(url, response)  # msal takes an object for granted
        return response

    def close(self) -> None:
        """Nothing stays open."""


def _filled(fields: Mapping[str, Any] | None) -> dict[str, str]:
    """Leave out what has no value, as msal expects of a client."""
    return {name: str(value) for name, value in (fields or {}).items() if value is not None}
