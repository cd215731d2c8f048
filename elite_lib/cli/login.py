"""``elite login``: a person allows the program, once, to use the mailbox by OAuth2."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Annotated

import typer

from elite_lib import config, tokens
from elite_lib.cli import views
from elite_lib.cli.options import Home
from elite_lib.exceptions import ConfigError
from elite_lib.labels import N_, _


def login(
    home: Home = None,
    refresh_token: Annotated[
        bool,
        typer.Option("--refresh-token", help=N_("Type in a refresh token that was obtained elsewhere.")),
    ] = False,
) -> None:
    """Allow the program to use the mailbox; what it is given is kept in secrets/ of the home."""
    settings = config.load(config.find_home(home, environ=os.environ, cwd=Path.cwd()))
    own = tokens.of_home(settings, os.environ)
    if own is None:
        raise ConfigError("oauth_missing", file=str(settings.home.toml))
    if settings.oauth is not None and settings.oauth.unattended:
        own.renew()
        own()  # nobody is to be asked: it works, or says why not
    elif refresh_token:
        own.adopt(str(typer.prompt(_("Refresh token"), hide_input=True, err=True)))
    else:
        code = own.begin()
        views.say(
            _("Open {address} in a browser and type this code: {code}").format(
                address=code.address, code=code.user_code
            )
        )
        own.finish(code, sleep=time.sleep)
    views.say(_("The program may use the mailbox now. Check it: elite doctor"))
