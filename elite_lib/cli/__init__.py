"""The ``elite`` command: a thin face of the same functions as the dashboard and the notebooks.

Exit codes: 0 nothing remains (or a rehearsal found nothing against sending); 1 bad input or
settings; 2 usage; 3 a remainder; 4 stopped; 70 a bug; 130 Ctrl-C.
"""

from __future__ import annotations

import contextlib
import os
import sys
import traceback
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import click
import typer

from elite_lib import config
from elite_lib.cli import acts, house, month, views
from elite_lib.exceptions import EliteError
from elite_lib.labels import _, explain, use_language


def build_app() -> typer.Typer:
    """Build the application; help texts are translated now, into the language chosen before."""
    app = typer.Typer(
        name="elite",
        help=_("E-mail the month's invoices to the families: never twice, never lost."),
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
    )
    for name, command, text in (
        ("init", house.init, _("Make a home: a private folder with a commented elite.toml.")),
        ("check", month.check, _("Report every problem of the workbook at once.")),
        ("prepare", month.prepare, _("Make the PDFs and freeze the batch; nothing is sent.")),
        ("send", month.send, _("Send the month (--yes), or rehearse it.")),
        ("status", month.status, _("Show the dispatch slip of the month.")),
        ("settle", acts.settle, _("Settle a line by your word: it left, send again, posted.")),
        ("untick", acts.untick, _("Leave invoices out of the sending, for scheduled runs too.")),
        ("print", acts.print_, _("Merge the documents to print into one PDF.")),
        ("adopt-journal", acts.adopt_journal, _("Go on with a missing or restored journal.")),
        ("dashboard", house.dashboard, _("Serve the dashboard, behind a login.")),
        ("demo", house.run_demo, _("Send a sample month to an embedded mail catcher.")),
    ):
        app.command(name, help=text)(command)
    return app


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with the promised code."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    use_language(_language(arguments))
    sys.exit(_run(arguments))


def _run(arguments: list[str]) -> int:
    try:
        return int(
            typer.main.get_command(build_app())(arguments, prog_name="elite", standalone_mode=False) or 0
        )
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        views.note(_("Interrupted."))
        return views.INTERRUPTED
    except EliteError as error:
        views.note(explain(error))
        return error.exit_code
    except Exception as error:
        traceback.print_exc()
        views.note(explain(error))
        return 70


def _language(arguments: Sequence[str]) -> str:
    """Peek at the home's language before anything is said; French where there is no home."""
    given = next((after for before, after in pairwise(arguments) if before == "--home"), None)
    with contextlib.suppress(EliteError, OSError):
        root = config.find_home(Path(given) if given else None, environ=os.environ, cwd=Path.cwd())
        return config.load(root).language
    return "fr"
