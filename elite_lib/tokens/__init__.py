"""Access tokens of Microsoft 365 and Google, kept and renewed: what logs in instead of a password.

What is kept (``secrets/tokens``, 0600) opens the mailbox as a password does: it is never in
``elite.toml``, the journal or an error.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from elite_lib import secrets
from elite_lib.config import Settings
from elite_lib.models import Auth
from elite_lib.tokens.asking import DeviceCode, FakeTokens, OwnTokens, Tokens
from elite_lib.tokens.google import GoogleTokens
from elite_lib.tokens.keeping import TokenFile
from elite_lib.tokens.microsoft import MicrosoftTokens

__all__ = [
    "DeviceCode",
    "FakeTokens",
    "GoogleTokens",
    "MicrosoftTokens",
    "OwnTokens",
    "TokenFile",
    "Tokens",
    "credential",
    "of_home",
]


def of_home(settings: Settings, environ: Mapping[str, str]) -> OwnTokens | None:
    """Make the home's tokens; None where ``[mail] auth`` is a password."""
    oauth, home = settings.oauth, settings.home
    if oauth is None:
        return None
    kind = MicrosoftTokens if oauth.provider is Auth.MICROSOFT else GoogleTokens
    return kind(
        oauth,
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
