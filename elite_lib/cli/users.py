"""``elite users``: who may log in to the dashboard."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from elite_lib import config, serving
from elite_lib.cli import views
from elite_lib.cli.options import Home, Json
from elite_lib.labels import N_, _

Name = Annotated[str, typer.Argument(metavar=N_("NAME"), help=N_("As the journal is to name this person."))]


def build_app() -> typer.Typer:
    """Build the commands in the language chosen before."""
    app = typer.Typer(help=_("Who may log in to the dashboard."), no_args_is_help=True)
    app.command(
        "add", help=_("Let somebody log in; the password is asked for, or read from standard input.")
    )(add)
    app.command("list", help=_("List who may log in."))(list_)
    app.command("remove", help=_("Let somebody log in no more; who is logged in is out at once."))(remove)
    return app


def add(
    name: Name,
    home: Home = None,
    replace: Annotated[
        bool, typer.Option("--replace", help=N_("Give who may log in already another password."))
    ] = False,
) -> None:
    """Add a user, or give one another password."""
    users = _users(home)
    serving.checked_name(name)  # before anybody types a password
    user = users.add(name, ask_password(), replace=replace)
    views.say(_("{name} may log in to the dashboard.").format(name=user.name))


def list_(home: Home = None, json: Json = False) -> None:
    """List the users of the home."""
    users = _users(home).all()
    if json:
        views.emit({"users": [{"name": user.name, "since": user.since} for user in users]})
    elif users:
        views.table([(user.name, user.since) for user in users])
    else:
        views.say(_("Nobody was added yet: “elite users add NAME”."))


def remove(name: Name, home: Home = None) -> None:
    """Remove a user; the entries of the journal keep the name."""
    user = _users(home).remove(name)
    views.say(_("{name} may log in no more.").format(name=user.name))


def ask_password() -> str:
    """Ask for a password twice; without a terminal it is the first line of standard input."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    question = _("Choose the password of the dashboard")
    again = _("Password, once more")
    return str(typer.prompt(question, hide_input=True, confirmation_prompt=again, err=True))


def _users(home: Path | None) -> serving.Users:
    root = config.find_home(home, environ=os.environ, cwd=Path.cwd())
    return serving.Users(config.Home(root=root))
