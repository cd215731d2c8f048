"""The year's tax certificates: ``elite certificates 2026``."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer

from elite_lib import batch as batches
from elite_lib import formats
from elite_lib.cli import views
from elite_lib.cli.options import Home, Operator
from elite_lib.labels import N_, _, ngettext


def certificates(
    year: Annotated[str, typer.Argument(metavar=N_("YEAR"), help=N_("A year, 2026."))],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar=N_("FOLDER"), help=N_("Where to write the PDFs, one a resident.")
        ),
    ] = None,
    send_ready: Annotated[
        bool, typer.Option("--send-ready", help=N_("Freeze the messages, ready to be sent; nothing is sent."))
    ] = False,
    home: Home = None,
    operator: Operator = "",
) -> None:
    """Make the tax certificates of a year; exit 3 when some cannot be made."""
    period = batches.certificate_period(year)
    with batches.open_home(home, operator=operator) as office:
        made = batches.make_certificates(office, period, folder=output)
        batch = batches.prepare(office, period).batch if send_ready else None
    views.problems(made.left_out, to_stderr=True)
    count, euros = len(made.made), sum((line.amount for line in made.made), Decimal(0))
    views.say(
        ngettext("{n} certificate, {euros} in all", "{n} certificates, {euros} in all", count).format(
            n=count, euros=formats.amount(euros)
        )
    )
    if made.empty:
        none = len(made.empty)
        views.say(
            ngettext(
                "{n} resident with nothing to certify", "{n} residents with nothing to certify", none
            ).format(n=none)
        )
    if output is not None:
        views.say(_("Written to {folder}").format(folder=output))
    if batch is not None:
        views.batch(batch)
        views.say(_("To send them: elite send {period} --yes").format(period=period.key))
    raise typer.Exit(views.REMAINDER if made.left_out else 0)
