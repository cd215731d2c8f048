"""Voila's login in the office's words: named users, our page, no way to guess quickly.

Loaded by the Voila process alone (``identity_provider_class`` of its configuration); what it needs to know,
words included, comes with the configuration (``tornado_settings``), so that this process needs no catalogue.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import secrets
import time
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

from jupyter_server.auth.decorator import allow_unauthenticated
from jupyter_server.auth.identity import PasswordIdentityProvider
from jupyter_server.auth.identity import User as LoggedIn
from jupyter_server.auth.security import passwd_check
from jupyter_server.base.handlers import JupyterHandler
from tornado.escape import url_escape
from tornado.web import RequestHandler
from voila.utils import create_include_assets_functions

from elite_lib.config import Home
from elite_lib.exceptions import ConfigError
from elite_lib.serving.attempts import Attempts, keys
from elite_lib.serving.configuring import ADDRESS_HEADER, SESSION_DAYS, USER_HEADER, proxied
from elite_lib.serving.users import SHORTEST, User, Users, same

DEVICE = "elite-device"
DEVICE_DAYS = 180
# Checked where nobody has that name, so that the answer takes as long: a hash of nothing in particular.
NOBODY = (
    "argon2:$argon2id$v=19$m=10240,t=10,p=8$c29tZXNhbHRzb21lc2FsdA$"
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
)


class _Handler(JupyterHandler):
    @property
    def office(self) -> OfficeIdentityProvider:
        return cast(OfficeIdentityProvider, self.identity_provider)


class _Page(_Handler):
    """One of our pages that are shown before a login."""

    def show(self, template: str, *, status: int = 200, **facts: Any) -> None:
        self.set_status(status)
        self.set_header("Cache-Control", "no-store")
        page = self.settings["voila_jinja2_env"].get_template(template)
        self.write(
            page.render(
                texts=self.settings["elite_texts"],
                xsrf=self.xsrf_form_html(),
                **facts,
                **create_include_assets_functions("elite", self.base_url),
            )
        )

    def enter(self, user: LoggedIn) -> None:
        """Log in, and go where the person wanted to go on this server."""
        self.identity_provider.set_login_cookie(self, user)
        target = self.get_argument("next", default=self.base_url)
        # a path of ours: "//host", "/\\host" and whole addresses lead elsewhere
        ours = target.startswith(self.base_url) and not target.startswith(("//", "/\\"))
        self.redirect(target if ours else self.base_url)


class LoginHandler(_Page):
    """Ask for name and password; the name only where there are several."""

    def _ask(self, refusal: str = "", *, status: int = 200, name: str = "") -> None:
        target = url_escape(self.get_argument("next", default=self.base_url))
        accounts = self.office.accounts(self.settings)
        self.show(
            "login.html",
            status=status,
            action=f"{self.base_url}login?next={target}",
            refusal=refusal,
            name=name,
            named=len(accounts) > 1,
            nobody=not accounts,
        )

    @allow_unauthenticated
    def get(self) -> None:
        if self.current_user:
            self.enter(self.current_user)
        else:
            self._ask()

    @allow_unauthenticated
    async def post(self) -> None:
        """Check the password; wrong ones take longer and longer, without blocking who is logged in."""
        provider, texts = self.office, self.settings["elite_texts"]
        accounts = provider.accounts(self.settings)
        name = self.get_argument("name", default="") if len(accounts) != 1 else next(iter(accounts))
        counted = keys(provider.address(self), same(name), provider.device(self, same(name)))
        seconds = provider.attempts.wait(counted, time.monotonic())
        if seconds > 0:
            self.set_header("Retry-After", str(int(seconds) + 1))
            self._ask(texts["slowed"].format(seconds=int(seconds) + 1), status=429, name=name)
            return
        provider.attempts.begin(counted, time.monotonic())
        account = accounts.get(same(name))
        password = self.get_argument("password", default="", strip=False)
        async with provider.checking:
            good = await asyncio.to_thread(
                passwd_check, account.password_hash if account else NOBODY, password
            )
        if not good or account is None:
            self._ask(texts["refused" if len(accounts) == 1 else "refused_named"], status=401, name=name)
            return
        provider.attempts.succeeded(counted)
        self.enter(provider.logged_in(account))


class LogoutHandler(_Handler):
    """Forget the login, here and in every copy of its cookie."""

    @allow_unauthenticated
    def get(self) -> None:
        if (
            self.request.headers.get("Sec-Fetch-Site") != "cross-site"
        ):  # a link of another site logs nobody out
            self.office.forget(self)
        self.redirect(f"{self.base_url}login")


class WelcomeHandler(_Page):
    """Make the first user, for who has the link that the start printed; once there is one, it is dead."""

    def _invited(self) -> bool:
        known = str(self.settings["elite_welcome"])
        given = self.get_argument("token", default="")
        given_hash = hashlib.sha256(given.encode("utf-8", "surrogatepass")).hexdigest()
        open_still = bool(known) and not self.office.accounts(self.settings)
        return hmac.compare_digest(given_hash, known) and open_still

    def _ask(self, refusal: str = "", *, status: int = 200, name: str = "") -> None:
        token = url_escape(self.get_argument("token", default=""))
        self.show(
            "welcome.html",
            status=status,
            action=f"{self.base_url}welcome?token={token}",
            refusal=refusal,
            name=name,
            least=SHORTEST,
        )

    @allow_unauthenticated
    def get(self) -> None:
        if self._invited():
            self._ask()
        else:
            self.redirect(f"{self.base_url}login")

    @allow_unauthenticated
    async def post(self) -> None:
        """Keep the first user, and log them in."""
        if not self._invited():
            self.redirect(f"{self.base_url}login")
            return
        texts, name = self.settings["elite_texts"], self.get_argument("name", default="")
        password = self.get_argument("password", default="", strip=False)
        if password != self.get_argument("again", default="", strip=False):
            self._ask(texts["unequal"], status=400, name=name)
            return
        try:
            user = Users(Home(root=Path(self.settings["elite_home"]))).add(name, password)
        except ConfigError as error:
            self._ask(texts.get(error.code, texts["refused"]), status=400, name=name)
            return
        self.enter(self.office.logged_in(user))


class OfficeIdentityProvider(PasswordIdentityProvider):
    """Named users behind our own page. Nobody else is ever anybody: no token, no anonymous user."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.attempts = Attempts()
        self.checking = asyncio.Semaphore(2)  # argon2 takes 10 MB and a processor each
        self._ended: dict[str, float] = {}  # sessions that were logged out, and when

    @property
    def auth_enabled(self) -> bool:
        return True  # never open, whatever is configured

    def get_handlers(self) -> list[tuple[str, object]]:
        # Voila passes its own login handler to the constructor: ours stand here
        return [(r"/login", LoginHandler), (r"/logout", LogoutHandler), (r"/welcome", WelcomeHandler)]

    async def get_user(self, handler: RequestHandler) -> LoggedIn | None:
        """Tell who asks, by the cookie alone, and tell the kernel that the page starts.

        Voila hands these headers on (``http_header_envs``); what the browser sent as such is dropped.
        """
        for header in (USER_HEADER, ADDRESS_HEADER):
            handler.request.headers.pop(header, None)
        user = self.get_user_cookie(handler)
        if user is None:
            return None
        handler.request.headers[USER_HEADER] = quote(user.name)
        unsure = proxied(handler.request.headers) and not handler.settings["elite_behind_proxy"]
        handler.request.headers[ADDRESS_HEADER] = "" if unsure else self.address(handler)
        self._name_home(handler)
        return user

    def _name_home(self, handler: RequestHandler) -> None:
        """Head the page with the home's name as the settings have it by now, or had it: a page must come."""
        shown = getattr(handler, "voila_configuration", None)
        if shown is None:
            return
        try:
            written = tomllib.loads((Path(handler.settings["elite_home"]) / "elite.toml").read_text("utf-8"))
            name = str(written["home"]["name"])
        except (OSError, ValueError, KeyError, TypeError):
            return
        handler.settings["elite_texts"]["establishment"] = name
        shown.config.VoilaConfiguration.resources["elite"]["establishment"] = name  # what Voila reads

    # -- who there is --------------------------------------------------------------------------------

    def accounts(self, settings: Mapping[str, Any]) -> dict[str, User]:
        """Give the users of the home's file, and the one whose password a secret of the server's holds."""
        try:
            users = Users(Home(root=Path(settings["elite_home"]))).all()
        except ConfigError as error:
            self.log.error("%s", error)  # nobody gets in rather than anybody
            users = ()
        found = {same(user.name): user for user in users}
        if self.hashed_password:
            first = str(settings["elite_first"])
            found.setdefault(same(first), User(name=first, password_hash=self.hashed_password))
        return found

    def address(self, handler: RequestHandler) -> str:
        """Tell where a request comes from; a proxy is believed only where one was announced."""
        said = handler.request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
        behind = handler.settings["elite_behind_proxy"]
        return said[:64] if behind and said else str(handler.request.remote_ip)

    # -- sessions ------------------------------------------------------------------------------------

    def logged_in(self, user: User) -> LoggedIn:
        session = {"id": secrets.token_urlsafe(12), "stamp": _stamp(user)}
        return LoggedIn(username=json.dumps(session), name=user.name)

    def set_login_cookie(self, handler: RequestHandler, user: LoggedIn) -> None:
        """Log in, and remember that this browser is one that this person logs in with."""
        super().set_login_cookie(handler, user)
        handler.set_secure_cookie(
            DEVICE,
            json.dumps({"id": secrets.token_urlsafe(12), "name": same(user.name)}),
            expires_days=DEVICE_DAYS,
            httponly=True,
            samesite="Strict",
            secure=bool(self.secure_cookie),
            path=handler.settings["base_url"],
        )

    def get_user_cookie(self, handler: RequestHandler) -> LoggedIn | None:
        """Read the session: signed, not too old, not logged out, and of a user who is still the same."""
        user = super().get_user_cookie(handler)
        if not isinstance(user, LoggedIn):
            return None
        session = json.loads(user.username)
        account = self.accounts(handler.settings).get(same(user.name))
        if account is None or session["id"] in self._ended:
            return None
        return user if hmac.compare_digest(session["stamp"], _stamp(account)) else None

    def forget(self, handler: RequestHandler) -> None:
        """End the session of this request."""
        now = time.monotonic()
        self._ended = {key: at for key, at in self._ended.items() if now - at < SESSION_DAYS * 86400}
        if handler.current_user:
            self._ended[json.loads(handler.current_user.username)["id"]] = now
        self.clear_login_cookie(handler)

    def device(self, handler: RequestHandler, name: str) -> str:
        """Name the browser, if this person logged in with it before."""
        known = handler.get_secure_cookie(DEVICE, max_age_days=DEVICE_DAYS)
        device = json.loads(known) if known else {}
        return str(device["id"]) if device.get("name") == name else ""


def _stamp(user: User) -> str:
    """Tell one password's logins from another's."""
    return hashlib.sha256(user.password_hash.encode()).hexdigest()[:32]
