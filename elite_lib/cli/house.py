"""The home itself: init, dashboard, demo."""

from __future__ import annotations

import os
import secrets as random_secrets
import sys
from pathlib import Path
from typing import Annotated

import typer

from elite_lib import batch as batches
from elite_lib import config, demo, secrets, serving
from elite_lib.cli import month as month_commands
from elite_lib.cli import views
from elite_lib.cli.options import Home
from elite_lib.config import Settings
from elite_lib.exceptions import ConfigError
from elite_lib.labels import N_, _
from elite_lib.models import Period

Port = Annotated[int, typer.Option("--port", help=N_("The dashboard's port."))]
DEMO_MONTH = "2026-10"


def init(folder: Annotated[Path, typer.Argument(metavar=N_("DIR"), help=N_("The folder to make."))]) -> None:
    """Make a home: a private folder with a commented elite.toml, to be filled in."""
    home = config.create_home(folder)
    views.say(
        _("Home made: {path}. Fill in {toml}, put the workbook beside it, then: elite check MONTH").format(
            path=home.root, toml=home.toml.name
        )
    )


def dashboard(
    home: Home = None,
    host: Annotated[str, typer.Option("--host", help=N_("The address to listen on."))] = "127.0.0.1",
    port: Port = 8866,
) -> None:
    """Serve the dashboard, behind a login, until Ctrl-C."""
    root = config.find_home(home, environ=os.environ, cwd=Path.cwd())
    settings = config.load(root)
    _serve(settings, host=host, port=port, password=_dashboard_password(settings))


def _serve(settings: Settings, *, host: str, port: int, password: str) -> None:
    if host not in ("127.0.0.1", "::1", "localhost"):
        views.note(_("Listening on {host}: put nginx or Caddy with TLS in front of it.").format(host=host))
    from jupyter_server.auth.security import passwd  # noqa: PLC0415 (0.2 s: only the dashboard pays)

    hashed = str(passwd(password))  # type: ignore[no-untyped-call]

    def ready(url: str) -> None:
        views.say(_("The dashboard is at {url} (Ctrl-C ends it).").format(url=url))

    serving.serve(settings.home.root, host=host, port=port, password_hash=hashed, on_ready=ready)


def _dashboard_password(settings: Settings) -> str:
    """Find the dashboard's password; the first start asks for one, or makes one where nobody can answer."""
    try:
        return secrets.find("dashboard", home=settings.home, environ=os.environ)
    except ConfigError as error:
        if error.code != "secret_missing":
            raise
    if sys.stdin.isatty():
        password = str(
            typer.prompt(
                _("Choose the dashboard's password"), hide_input=True, confirmation_prompt=True, err=True
            )
        )
    else:
        password = random_secrets.token_urlsafe(12)
        views.say(_("Dashboard password, shown this once: {password}").format(password=password))
    secrets.store("dashboard", password, home=settings.home)
    return password


def run_demo(
    residents: Annotated[int, typer.Option("--residents", min=8, help=N_("How many residents."))] = 60,
    home: Annotated[Path, typer.Option("--home", help=N_("Where to make the sample home."))] = Path(
        "data/demo"
    ),
    serve: Annotated[bool, typer.Option("--serve", help=N_("Serve the dashboard afterwards."))] = False,
    port: Port = 8866,
) -> None:
    """Send a sample month to an embedded mail catcher, and show the slip."""
    for name in ("ELITE_JOURNAL_URL", "ELITE_MAIL_PASSWORD", "ELITE_MAIL_PASSWORD_FILE"):
        os.environ.pop(name, None)  # a real journal's, a real account's: nothing to do with samples
    made = demo.make_home(home, residents=residents)
    with demo.catcher_for(made) as mailbox:
        with batches.open_home(made.root) as office:
            prepared = batches.prepare(office, Period.parse(DEMO_MONTH))
            views.problems(prepared.problems)
            views.batch(prepared.batch)
            run = month_commands.run_batch(office, prepared.batch, quiet=False)
            slip = batches.survey(office, Period.parse(DEMO_MONTH)).slip
            settings = office.settings
        views.slip(slip)
        _where(made.root, mailbox)
        if serve:
            _serve(settings, host="127.0.0.1", port=port, password=_demo_password(settings))
    raise typer.Exit(month_commands.exit_code(run, slip))


def _demo_password(settings: Settings) -> str:
    """Make the demo's password at the first start, and show it at each: nobody is asked for anything."""
    try:
        password = secrets.find("dashboard", home=settings.home, environ={})
    except ConfigError:
        password = random_secrets.token_urlsafe(9)
        secrets.store("dashboard", password, home=settings.home)
    views.say()
    views.say(_("Dashboard password: {password}").format(password=password))
    return password


def _where(root: Path, mailbox: Path) -> None:
    views.say()
    views.table(
        [
            (_("workbook"), str(root / "classeur.xlsx")),
            (_("PDFs"), str(root / "documents")),
            (_("frozen messages"), str(root / "outbox")),
            (_("journal"), str(root / "journal.sqlite")),
            (_("executed notebooks"), str(root / "runs")),
            (_("what the catcher received"), str(mailbox)),
        ]
    )
