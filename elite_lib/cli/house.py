"""The home itself: init, dashboard, demo."""

from __future__ import annotations

import getpass
import os
import secrets as random_secrets
import sys
from pathlib import Path
from typing import Annotated

import typer

from elite_lib import batch as batches
from elite_lib import config, demo, secrets, serving
from elite_lib.cli import month as month_commands
from elite_lib.cli import users, views
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
    behind_proxy: Annotated[
        bool,
        typer.Option("--behind-proxy", help=N_("A proxy with TLS is in front: see docs/serving.md.")),
    ] = False,
) -> None:
    """Serve the dashboard, behind a login, until Ctrl-C."""
    place = _place(home)
    if not place.toml.exists():
        views.note(_("There is no home yet: the page makes one in {path}.").format(path=place.root))
    _serve(place, host=host, port=port, entrance=_entrance(place, behind_proxy=behind_proxy))


def _place(home: Path | None) -> config.Home:
    """Find the home, or where the page is to make one: the folder that was named, else the usual one."""
    try:
        root = config.find_home(home, environ=os.environ, cwd=Path.cwd())
    except ConfigError as error:
        if error.code != "home_missing":
            raise
        searched = error.fields.get("source") == "search"
        root = config.usual_home() if searched else Path(str(error.fields["path"]))
    return config.Home(root=root)


def _serve(place: config.Home, *, host: str, port: int, entrance: serving.Entrance) -> None:
    local = host in ("127.0.0.1", "::1", "localhost")
    if not local and not entrance.behind_proxy:
        warning = _("Listening on {host} without encryption: passwords and invoices can be read on the way. ")
        advice = _("Put nginx or Caddy with TLS in front (docs/serving.md), and say so with --behind-proxy.")
        views.note((warning + advice).format(host=host))

    def ready(url: str) -> None:
        views.say(_("The dashboard is at {url} (Ctrl-C ends it).").format(url=url))
        if entrance.welcome:
            link = f"{url}welcome?token={entrance.welcome}"
            views.say(_("Nobody can log in yet. Open this link, which works once: {link}").format(link=link))

    serving.serve(place.root, host=host, port=port, entrance=entrance, on_ready=ready)


def _entrance(place: config.Home, *, behind_proxy: bool) -> serving.Entrance:
    """Find who gets in. Nobody yet: a terminal asks for the first user; without one a link is made."""
    hashed = _hashed(_dashboard_password(place))
    if hashed or serving.Users(place).all():
        return serving.Entrance(password_hash=hashed, behind_proxy=behind_proxy)
    if not sys.stdin.isatty():
        return serving.Entrance(welcome=random_secrets.token_urlsafe(24), behind_proxy=behind_proxy)
    views.note(_("Nobody can log in yet. Choose the first user."))
    name = str(typer.prompt(_("Your name"), default=getpass.getuser(), err=True))
    serving.Users(place).add(name, users.ask_password())
    return serving.Entrance(behind_proxy=behind_proxy)


def _hashed(password: str) -> str:
    if not password:
        return ""
    from jupyter_server.auth.security import passwd  # noqa: PLC0415 (0.2 s: only the dashboard pays)

    return str(passwd(password))  # type: ignore[no-untyped-call]


def _dashboard_password(place: config.Home) -> str:
    """Look the first user's password up where the other secrets are; "" where there is none."""
    try:
        return secrets.find("dashboard", home=place, environ=os.environ)
    except ConfigError as error:
        if error.code != "secret_missing":
            raise
    return ""


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
            entrance = serving.Entrance(password_hash=_hashed(_demo_password(settings)))
            _serve(settings.home, host="127.0.0.1", port=port, entrance=entrance)
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
