"""Keep the journal safe: backup, restore."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated

import typer

from elite_lib import batch as batches
from elite_lib.cli import views
from elite_lib.cli.options import Home, Operator
from elite_lib.labels import N_, _


def backup(home: Home = None) -> None:
    """Copy the journal into the home's backups folder, as after each run."""
    with batches.open_home(home) as office:
        file = batches.back_up(office)
    views.say(_("The journal was copied: {file}").format(file=file))


def restore(
    file: Annotated[Path, typer.Argument(metavar=N_("FILE"), help=N_("A copy of the journal."))],
    home: Home = None,
    operator: Operator = "",
) -> None:
    """Put a copy in the journal's place; the journal that was there is kept."""
    found = batches.restore_journal(home, file, operator=operator or getpass.getuser())
    views.say(_("The journal was restored, up to entry {entry}.").format(entry=found.entry))
    if found.replaced is not None:
        views.say(_("The journal that was there is kept: {file}").format(file=found.replaced))
    if found.entry < found.known:
        views.say(
            _(
                "{known} entries are known: nothing is sent until you put a newer copy back, or decide "
                "“elite adopt-journal”."
            ).format(known=found.known)
        )
