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
from typing import Any

import typer

from elite_lib import config
from elite_lib.cli import (
    acts,
    asking,
    certificates,
    collecting,
    doctor,
    house,
    keeping,
    login,
    mapping,
    month,
    papers,
    retention,
    returns,
    single,
    unattended,
    users,
    views,
)
from elite_lib.cli.helping import worded
from elite_lib.cli.signalling import interruptible
from elite_lib.exceptions import EliteError
from elite_lib.labels import _, explain, use_language

# ClickException: click's, or that of the copy which typer brings of it since it needs no click any more.
_MISUSE: Any = typer.BadParameter.__mro__[2]


def build_app() -> typer.Typer:
    """Build the application in the language chosen before; ``worded`` does the same for its options."""
    app = typer.Typer(
        name="elite",
        help=_("E-mail the month's invoices to the families: never twice, never lost."),
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
    )
    for name, command, text in (
        ("init", house.init, _("Make a home: a private folder with a commented elite.toml.")),
        ("doctor", doctor.doctor, _("Examine the mail account step by step; nothing is sent.")),
        ("map", mapping.map_, _("Propose which sheet and column of an export is which.")),
        ("check", month.check, _("Report every problem of the workbook at once.")),
        ("prepare", month.prepare, _("Make the PDFs and freeze the batch; nothing is sent.")),
        ("send", month.send, _("Send the month (--yes), or rehearse it.")),
        ("send-one", single.send_one, _("Send one invoice, when somebody asks for it.")),
        ("status", month.status, _("Show the dispatch slip of the month.")),
        ("watch", unattended.watch, _("Tell whether the month's run took place (exit 0) or not (3).")),
        ("collect", collecting.collect, _("Read what came back and tie it to its messages.")),
        ("settle", acts.settle, _("Settle a line by your word: it left, send again, posted.")),
        ("untick", acts.untick, _("Leave invoices out of the sending, for scheduled runs too.")),
        ("print", acts.print_, _("Merge the documents to print into one PDF.")),
        ("documents", papers.documents, _("Change the words of the documents; show them.")),
        ("certificates", certificates.certificates, _("Make the tax certificates of a year.")),
        ("adopt-journal", acts.adopt_journal, _("Go on with a missing or restored journal.")),
        ("backup", keeping.backup, _("Copy the journal into the home's backups folder.")),
        ("restore", keeping.restore, _("Put a copy of the journal in its place.")),
        ("purge", retention.purge, _("Put away what has been kept for its time (--yes).")),
        ("forget", retention.forget, _("Put away what is kept of one resident (--yes).")),
        ("login", login.login, _("Allow the program to use the mailbox (Microsoft 365, Google).")),
        ("dashboard", house.dashboard, _("Serve the dashboard, behind a login.")),
        ("demo", house.run_demo, _("Send a sample month to an embedded mail catcher.")),
    ):
        app.command(name, help=text)(command)
    app.add_typer(returns.build_app(), name="bounces")
    app.add_typer(users.build_app(), name="users")
    return app


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with the promised code."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    use_language(_language(arguments))
    sys.exit(_run(arguments))


def _run(arguments: list[str]) -> int:
    signals: list[int] = []
    try:
        with interruptible(signals):
            command = worded(build_app(), arguments)
            code = int(command(arguments, prog_name="elite", standalone_mode=False) or 0)
        if not (signals and code == views.INTERRUPTED):  # typer makes an exit code of a KeyboardInterrupt
            return code
    except _MISUSE as error:
        error.show()
        return int(error.exit_code)
    except (typer.Abort, KeyboardInterrupt):
        pass
    except Exception as error:
        if not signals:  # else a library's callback lost the interruption, and failed
            return _failed(error, arguments)
    views.note(_("Interrupted."))
    return views.INTERRUPTED


def _failed(error: Exception, arguments: list[str]) -> int:
    """Say what stopped the command; with the workbook's password it is begun again."""
    if not isinstance(error, EliteError):
        traceback.print_exc()
        views.note(explain(error))
        return 70
    if asking.workbook_password(error):
        return _run(arguments)  # nothing was done: the workbook is read first
    views.note(explain(error))
    return error.exit_code


def _language(arguments: Sequence[str]) -> str:
    """Peek at the home's language before anything is said; French where there is no home."""
    joined = next((word.removeprefix("--home=") for word in arguments if word.startswith("--home=")), None)
    given = next((after for before, after in pairwise(arguments) if before == "--home"), joined)
    with contextlib.suppress(EliteError, OSError):
        root = config.find_home(Path(given) if given else None, environ=os.environ, cwd=Path.cwd())
        return config.load(root).language
    return "fr"
