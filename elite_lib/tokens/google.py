"""Google's tokens: three requests of RFC 6749 and RFC 8628 to its own endpoints.

msal knows Microsoft only; Google's own library has no device login and brings a stack for these requests.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from elite_lib.exceptions import AuthenticationError
from elite_lib.models import OAuth
from elite_lib.tokens.asking import DeviceCode
from elite_lib.tokens.keeping import TokenFile
from elite_lib.tokens.posting import answered, request

SOON = dt.timedelta(minutes=5)  # a token that ends within them is renewed before a login
_USUAL_LIFE = 3600  # seconds, where the provider does not say (RFC 6749 5.1 only recommends it)
_GRANT = "urn:ietf:params:oauth:grant-type:device_code"

# developers.google.com: "OAuth 2.0 for TV and limited-input devices", "XOAUTH2 mechanism"
_ENDPOINT = "https://oauth2.googleapis.com/token"
_DEVICE = "https://oauth2.googleapis.com/device/code"
_SCOPE = "https://mail.google.com/"


class GoogleTokens:
    """The home's tokens: renewed when they end soon or are refused, kept in ``file``."""

    def __init__(
        self,
        oauth: OAuth,
        *,
        file: Path,
        client_secret: Callable[[], str],
        now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
    ) -> None:
        self._oauth, self._secret, self._now = oauth, client_secret, now
        self._endpoint = oauth.endpoint or _ENDPOINT
        self._device = oauth.device_endpoint or _DEVICE
        self._scope = oauth.scope or _SCOPE
        self._file = TokenFile(file, owner=f"{oauth.login} {oauth.client_id} {self._endpoint}")

    def __call__(self) -> str:
        """Give a token; see ``Tokens``."""
        kept = self._file.read()
        ends = kept.get("expires")
        if kept.get("access") and ends and self._now() + SOON < dt.datetime.fromisoformat(ends):
            return kept["access"]
        if not kept.get("refresh"):
            raise AuthenticationError("oauth_login_needed", provider=self._oauth.provider.value)
        return self._refreshed(kept["refresh"])

    def renew(self) -> None:
        """Forget the access token; what renews it stays."""
        kept = self._file.read()
        self._file.write({"refresh": kept["refresh"]} if kept.get("refresh") else {})

    def begin(self) -> DeviceCode:
        """Ask for a code; see ``OwnTokens``."""
        answer = self._ask(self._device, {"scope": self._scope})
        return DeviceCode(
            user_code=str(answer["user_code"]),
            # RFC 8628 3.2 says verification_uri; Google verification_url
            address=str(answer.get("verification_uri") or answer.get("verification_url") or ""),
            interval=float(answer.get("interval") or 5),
            expires=self._now() + dt.timedelta(seconds=float(answer.get("expires_in") or 900)),
            flow=answer,
        )

    def finish(self, code: DeviceCode, *, sleep: Callable[[float], None]) -> None:
        """Wait for the person; see ``OwnTokens``."""
        interval = code.interval
        while True:
            sleep(interval)
            try:
                form = {"grant_type": _GRANT, "device_code": str(code.flow["device_code"])}
                self._keep(self._ask(self._endpoint, form))
                return
            except AuthenticationError as error:
                waiting = error.fields.get("error") in ("authorization_pending", "slow_down")
                if not waiting or self._now() >= code.expires:
                    raise
                interval += 5 if error.fields.get("error") == "slow_down" else 0

    def adopt(self, refresh: str) -> None:
        """Keep a refresh token; see ``OwnTokens``."""
        self._refreshed(refresh)

    def _refreshed(self, refresh: str) -> str:
        form = {"grant_type": "refresh_token", "refresh_token": refresh, "scope": self._scope}
        return self._keep(self._ask(self._endpoint, form), refresh=refresh)

    def _ask(self, address: str, form: Mapping[str, str]) -> dict[str, Any]:
        own = {"client_id": self._oauth.client_id, "client_secret": self._secret()}
        answer = answered(address, request(address, {**form, **own}))
        if "error" in answer:
            said = str(answer.get("error_description") or answer["error"]).splitlines()[0][:500]
            raise AuthenticationError("oauth_refused", error=str(answer["error"]), text=said)
        return answer

    def _keep(self, answer: Mapping[str, Any], *, refresh: str = "") -> str:
        token = str(answer.get("access_token") or "")
        if not token:
            raise AuthenticationError("oauth_refused", error="", text="access_token?")
        life = dt.timedelta(seconds=float(answer.get("expires_in") or _USUAL_LIFE))
        kept = {"access": token, "expires": (self._now() + life).isoformat()}
        # RFC 6749 6: a new refresh token replaces the old one, which stays where none is given
        refresh = str(answer.get("refresh_token") or refresh)
        self._file.write(kept | ({"refresh": refresh} if refresh else {}))
        return token
