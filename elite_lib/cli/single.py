"""Send one invoice when somebody asks for it, whichever way the workstation sends its mail."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from elite_lib import batch as batches
from elite_lib import storage
from elite_lib.batch import Already, Office, Single
from elite_lib.cli import views
from elite_lib.cli.options import Home, Operator
from elite_lib.cli.signalling import heed
from elite_lib.labels import N_, _, explain, word
from elite_lib.models import Box, Way

Attach = Annotated[
    list[Path] | None, typer.Option("--attach", help=N_("Attach this file too; may be repeated."))
]
Again = Annotated[
    bool,
    typer.Option("--again", help=N_("Send it although it has left already; it replaces the earlier one.")),
]
_ALREADY = {
    Already.ACCEPTED: N_("accepted"),
    Already.UNCERTAIN: N_("uncertain"),
    Already.HANDED: N_("handed to the mail program"),
    Already.POSTED: N_("posted"),
    Already.LEFT_ELSEWHERE: N_("left with another invoice"),
}


def send_one(
    invoice: Annotated[str, typer.Argument(metavar=N_("INVOICE"), help=N_("An invoice number."))],
    to: Annotated[
        list[str] | None,
        typer.Option("--to", help=N_("To this address; may be repeated. Else to whom the month sends it.")),
    ] = None,
    method: Annotated[
        str,
        typer.Option(
            "--method",
            metavar=N_("WAY"),
            help=N_("How: internal, draft, eml, thunderbird, outlook, mailto or mapi."),
        ),
    ] = Way.INTERNAL.value,
    attach: Attach = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help=N_("Where to write the .eml file."))
    ] = None,
    again: Again = False,
    yes: Annotated[
        bool, typer.Option("--yes", help=N_("Really send. Without it: show to whom it would go."))
    ] = False,
    home: Home = None,
    operator: Operator = "",
) -> None:
    """Send one invoice, when somebody asks for it."""
    way = _way(method)
    with batches.open_home(home, operator=operator) as office:
        files = [batches.as_attachment(path.name, _content(path)) for path in attach or ()]
        single = batches.write_single(office, invoice, to=to or (), attachments=files)
        _show(single)
        heed()
        if yes and way is Way.INTERNAL:
            raise typer.Exit(_send(office, single, again=again))
        if yes:
            _hand(office, single, way, again=again, output=output)
        else:
            views.say(_("Nothing was sent. To do it: the same command with --yes."))


def _content(path: Path) -> bytes:
    with storage.writing(path):  # its words serve for reading as well: which file, and why not
        return path.read_bytes()


def _way(text: str) -> Way:
    try:
        return Way(text)
    except ValueError:
        known = ", ".join(Way)
        raise typer.BadParameter(
            _("“{value}” is not a way to send. Known: {known}.").format(value=text, known=known)
        ) from None


def _show(single: Single) -> None:
    for message in single.messages:
        addresses = ", ".join(recipient.address for recipient in message.draft.recipients)
        views.say(_("{number} to {addresses}").format(number=single.line.number, addresses=addresses))
    for whom, already in single.already:
        views.note(_("{invoice}: {resolution}").format(invoice=whom, resolution=_(_ALREADY[already])))


def _send(office: Office, single: Single, *, again: bool) -> int:
    frozen = batches.freeze_single(office, single, confirmed=again)
    run = batches.send_single(office, frozen.id)
    if run.stopped is not None:
        error = run.stopped.error
        views.note(explain(error) if error else word(run.stopped.reason))
        return views.STOPPED
    slip = batches.survey(office, frozen.period).slip
    box = next(line.box for line in slip.lines if line.key == single.line.key)
    views.say(word(box))
    return 0 if box is Box.ACCEPTED else views.REMAINDER


def _hand(office: Office, single: Single, way: Way, *, again: bool, output: Path | None) -> None:
    method = batches.handover_methods(office)[way]
    for number, handed in enumerate(batches.hand_over(office, single, method, confirmed=again), start=1):
        if handed.content:
            file = output or Path.cwd() / f"{single.line.number}-{number}.eml"
            storage.replace(file, handed.content)
            views.say(_("The file is here: {file}").format(file=file))
        if handed.link:
            views.say(handed.link)
            for file in handed.files:
                views.say(_("Attach this file by hand: {file}").format(file=file))
    views.say(
        _(
            "Handed to the mail program: send it there. It counts as sent when its copy arrives, or when you "
            "say so (“elite settle”)."
        )
    )
