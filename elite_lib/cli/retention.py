"""Keep no longer than needed: purge, forget."""

from __future__ import annotations

from typing import Annotated

import typer

from elite_lib import batch as batches
from elite_lib.batch import Kept, Office, Purge
from elite_lib.cli import views
from elite_lib.cli.options import Home, Json, Operator
from elite_lib.labels import N_, _, ngettext

Yes = Annotated[bool, typer.Option("--yes", help=N_("Do it. Without it: only show what would go."))]

_WORDS = {
    Kept.MESSAGES: N_("messages"),
    Kept.DOCUMENTS: N_("documents"),
    Kept.NOTEBOOKS: N_("executed notebooks"),
    Kept.RETURNS: N_("returned messages"),
    Kept.ADDRESSES: N_("journal entries with an address"),
}


def purge(home: Home = None, operator: Operator = "", json: Json = False, yes: Yes = False) -> None:
    """Put away what has been kept for as long as the settings say."""
    with batches.open_home(home, operator=operator) as office:
        _act(office, batches.look_for_purge(office), json=json, yes=yes)


def forget(
    resident: Annotated[str, typer.Argument(metavar=N_("RESIDENT"), help=N_("Code of a resident."))],
    home: Home = None,
    operator: Operator = "",
    json: Json = False,
    yes: Yes = False,
) -> None:
    """Put away what is kept of a resident and the family, before its time."""
    with batches.open_home(home, operator=operator) as office:
        _act(office, batches.look_for_person(office, resident), json=json, yes=yes)


def _act(office: Office, found: Purge, *, json: bool, yes: bool) -> None:
    if yes and not found.empty:
        batches.purge(office, found)
    if json:
        counts = {kind.value: count for kind, count in found.counts.items()}
        views.emit({"done": yes, **counts, "kept": list(found.kept)})
        return
    for kind, count in found.counts.items():
        views.say(_("{what}: {count}").format(what=_(_WORDS[kind]), count=count))
    if found.kept:
        count = len(found.kept)
        text = ngettext(
            "{n} batch stays for now: it may still be sent, or something in it is in doubt.",
            "{n} batches stay for now: they may still be sent, or something in them is in doubt.",
            count,
        )
        views.say(text.format(n=count))
    if found.empty:
        views.say(_("Nothing is past its time."))
    elif yes:
        views.say(_("Put away."))
    else:
        views.say(_("Nothing was changed. To do it: the same command with --yes."))
