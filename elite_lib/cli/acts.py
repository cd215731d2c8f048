"""What a person decides: settle, untick, print, adopt-journal."""

from __future__ import annotations

import getpass
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from elite_lib import batch as batches
from elite_lib.cli import views
from elite_lib.cli.options import Home, Month, Operator
from elite_lib.labels import N_, _, explain, ngettext, word
from elite_lib.models import EvidencePlace, Period, Resolution


def settle(
    month: Month,
    invoice: Annotated[
        str, typer.Argument(metavar=N_("INVOICE"), help=N_("An invoice number; all with --by-evidence."))
    ] = "",
    to: Annotated[
        list[str] | None, typer.Option("--to", help=N_("Only this address; may be repeated."))
    ] = None,
    accepted: Annotated[bool, typer.Option("--accepted", help=N_("Checked: it did leave."))] = False,
    resend: Annotated[
        bool, typer.Option("--resend", help=N_("It may be sent again, and replaces the earlier one."))
    ] = False,
    posted: Annotated[bool, typer.Option("--posted", help=N_("It was sent by post."))] = False,
    by_evidence: Annotated[
        bool,
        typer.Option("--by-evidence", help=N_("Look into the mailboxes for proof that it left.")),
    ] = False,
    home: Home = None,
    operator: Operator = "",
) -> None:
    """Settle a line by your word, journalled under your name; or what is in doubt, by evidence."""
    flags = {Resolution.ACCEPTED: accepted, Resolution.RESEND: resend, Resolution.POSTED: posted}
    chosen = [resolution for resolution, flag in flags.items() if flag]
    if by_evidence and (chosen or to):
        raise typer.BadParameter(_("--by-evidence decides by itself: give no other choice."))
    if by_evidence:
        with batches.open_home(home, operator=operator) as office:
            sought = _look_for_proof(office, Period.parse(month), invoice)
        raise typer.Exit(_tell(sought))
    if not invoice:
        raise typer.BadParameter(_("Give the number of an invoice."))
    if len(chosen) != 1:
        raise typer.BadParameter(_("Give one of --accepted, --resend and --posted."))
    with batches.open_home(home, operator=operator) as office:
        batches.settle(office, Period.parse(month), invoice, resolution=chosen[0], to=to or ())
    views.say(_("{invoice}: {resolution}").format(invoice=invoice, resolution=word(chosen[0])))


def _look_for_proof(office: batches.Office, period: Period, invoice: str) -> batches.Sought:
    """Collect what came back first: it may prove something."""
    collected = batches.collect(office) if batches.sources_of(office) else batches.Collected()
    sought = batches.settle_by_evidence(office, period, invoice=invoice)
    return replace(
        sought,
        settled=(*collected.settled, *sought.settled),
        errors=(*collected.errors, *sought.errors),
    )


def _tell(sought: batches.Sought) -> int:
    """Say what was found and what was not; give the exit code."""
    for entry in sought.settled:
        place = EvidencePlace(str(entry.data["where"]))
        views.say(_("{invoice}: accepted, {why}").format(invoice=entry.line, why=word(place)))
    for doubt in sought.waiting:
        views.say(_("{invoice}: nothing found yet. Look again in an hour.").format(invoice=doubt.line))
    for doubt in sought.absent:
        text = _("{invoice}: nothing found. That does not prove that it did not leave: you decide.")
        views.say(text.format(invoice=doubt.line))
    for line in sought.handed:
        text = _("{invoice}: still in the mail program, as far as one can see. Send it there, or settle it.")
        views.say(text.format(invoice=line))
    if not (sought.settled or sought.waiting or sought.absent or sought.handed):
        views.say(_("Nothing is in doubt."))
    for error in sought.errors:
        views.note(explain(error))
    if sought.errors:
        return views.STOPPED
    return views.REMAINDER if sought.waiting or sought.absent or sought.handed else 0


def untick(
    month: Month,
    invoices: Annotated[list[str], typer.Argument(metavar=N_("INVOICE"), help=N_("Invoice numbers."))],
    undo: Annotated[bool, typer.Option("--undo", help=N_("Take them in again."))] = False,
    home: Home = None,
    operator: Operator = "",
) -> None:
    """Leave invoices out of the sending, for scheduled runs too."""
    with batches.open_home(home, operator=operator) as office:
        entries = batches.untick(office, Period.parse(month), invoices, ticked=undo)
    for entry in entries:
        views.say(_("{invoice}: {resolution}").format(invoice=entry.line, resolution=word(entry.kind)))


def print_(
    month: Month,
    output: Annotated[Path, typer.Option("--output", "-o", metavar=N_("FILE"), help=N_("The PDF to write."))],
    unmailed: Annotated[
        bool, typer.Option("--unmailed", help=N_("Only what cannot go by mail (the default)."))
    ] = False,
    everything: Annotated[bool, typer.Option("--all", help=N_("Every invoice of the period."))] = False,
    no_cover: Annotated[
        bool, typer.Option("--no-cover", help=N_("Without the page that says what is in it and why."))
    ] = False,
    duplex: Annotated[
        bool,
        typer.Option(
            "--duplex", help=N_("Each document on a sheet of its own, for a printer of both sides.")
        ),
    ] = False,
    home: Home = None,
    operator: Operator = "",
) -> None:
    """Merge the documents to print, in resident order, into one PDF."""
    if unmailed and everything:
        raise typer.BadParameter(_("Give --unmailed or --all, not both."))
    with batches.open_home(home, operator=operator) as office:
        pile = batches.print_pile(
            office,
            Period.parse(month),
            file=output,
            everything=everything,
            cover=not no_cover,
            duplex=duplex,
        )
    views.problems(pile.left_out, to_stderr=True)
    count = len(pile.lines)
    views.say(
        ngettext("{n} invoice in {file}", "{n} invoices in {file}", count).format(n=count, file=pile.file)
    )


def adopt_journal(
    home: Home = None,
    operator: Operator = "",
    yes: Annotated[
        bool, typer.Option("--yes", help=N_("Do it: the right journal is lost for good."))
    ] = False,
) -> None:
    """Go on with a missing or restored journal; what may have left becomes uncertain."""
    if not yes:
        raise typer.BadParameter(
            _("Put the right journal back if you can. If it is lost for good, add --yes.")
        )
    count = batches.adopt_journal(home, operator=operator or getpass.getuser())
    views.say(
        ngettext(
            "Journal adopted; {n} message became uncertain: settle it one by one (elite settle).",
            "Journal adopted; {n} messages became uncertain: settle them one by one (elite settle).",
            count,
        ).format(n=count)
    )
