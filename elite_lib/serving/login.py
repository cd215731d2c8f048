"""Voila's login in the office's words: the same check, our page, no way to guess quickly.

Loaded by the Voila process alone (``identity_provider_class`` of its configuration); the words
come with the configuration, so that this process needs no catalogue.
"""

from __future__ import annotations

import asyncio
from typing import Any

from jupyter_server.auth.decorator import allow_unauthenticated
from jupyter_server.auth.identity import PasswordIdentityProvider
from jupyter_server.auth.login import LoginFormHandler
from jupyter_server.base.handlers import JupyterHandler
from tornado.escape import url_escape
from voila.utils import create_include_assets_functions

REFUSAL_DELAY = 1.0  # seconds, after a wrong password


class LoginHandler(LoginFormHandler):
    """Ask for the password."""

    def _render(self, message: Any = None) -> None:
        target = url_escape(self.get_argument("next", default=self.base_url))
        template = self.settings["voila_jinja2_env"].get_template("login.html")
        self.write(
            template.render(
                action=f"{self.base_url}login?next={target}",
                refused=message is not None,
                texts=self.settings["elite_texts"],
                xsrf=self.xsrf_form_html(),
                **create_include_assets_functions("elite", self.base_url),
            )
        )

    @allow_unauthenticated
    async def post(self) -> None:
        """Check the password; a wrong one costs a second, without blocking who is logged in."""
        user = self.current_user = self.identity_provider.process_login_form(self)
        if user is None:
            await asyncio.sleep(REFUSAL_DELAY)
            self.set_status(401)
            self._render(message={"error": "refused"})
            return
        self.identity_provider.set_login_cookie(self, user)
        self._redirect_safe(self.get_argument("next", default=self.base_url))  # type: ignore[no-untyped-call]


class LogoutHandler(JupyterHandler):
    """Forget the login."""

    @allow_unauthenticated
    def get(self) -> None:
        self.identity_provider.clear_login_cookie(self)
        self.redirect(f"{self.base_url}login")


class OfficeIdentityProvider(PasswordIdentityProvider):
    """One password for the office, behind our own page."""

    def get_handlers(self) -> list[tuple[str, object]]:
        # Voila passes its own login handler to the constructor: ours stands here
        return [(r"/login", LoginHandler), (r"/logout", LogoutHandler)]
