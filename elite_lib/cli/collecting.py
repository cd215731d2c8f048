"""What came back: collect it, list the addresses that are set aside for it, clear one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from elite_lib import batch as batches
from elite_lib import formats, mailbox, notices
from elite_lib.batch import Collected, Office, Reading
from elite_lib.cli import views
from elite_lib.cli.options import Home, Json, Operator
from elite_lib.cli.unattended import Notify, say_sent
from elite_lib.labels import N_, _, explain, ngettext, word
from elite_lib.models import EvidencePlace, SetAside

From = Annotated[
    list[str] | None,
    typer.Option(
        "--from",
        metavar=N_("SOURCE"),
        help=N_(
            "Read this instead of the settings' places: a file, a folder, maildir:, mbox:, pop3://, imap."
        ),
    ),
]


def collect(
    from_: From = None,
    home: Home = None,
    operator: Operator = "",
    json: Json = False,
    notify: Notify = False,
) -> None:
    """Read what came back and tie it to its messages; no family is written to."""
    with batches.open_home(home, operator=operator) as office:
        here = Path.cwd()  # where the shell completed the name; the settings' places are the home's
        given = [mailbox.source_of(text, office.settings, folder=here) for text in from_ or ()]
        collected = batches.collect(office, sources=given or None)
        if notify:
            say_sent(notices.send_returns_notice(office))
    if json:
        views.emit(collected_json(collected))
    else:
        _tell(collected)
    raise typer.Exit(views.STOPPED if collected.errors else 0)


def _tell(collected: Collected) -> None:
    for reading in collected.readings:
        count = ngettext("{n} message read", "{n} messages read", reading.read).format(n=reading.read)
        new = ngettext("{n} new return", "{n} new returns", reading.returns).format(n=reading.returns)
        views.say(_("{source}: {count}, {new}").format(source=reading.source, count=count, new=new))
        if reading.untied:
            views.say("  " + _untied(reading.untied))
        if reading.error is not None:
            views.note(explain(reading.error))
    for entry in collected.settled:
        place = EvidencePlace(str(entry.data["where"]))
        views.say(_("{invoice}: accepted, {why}").format(invoice=entry.line, why=word(place)))


def _untied(count: int) -> str:
    text = ngettext(
        "{n} is about no message of ours: nothing changes.",
        "{n} are about no message of ours: nothing changes.",
        count,
    )
    return text.format(n=count)


def collected_json(collected: Collected) -> dict[str, object]:
    """Give the object of ``collect --json``: what was read, tied and settled, and each source apart."""
    return {
        "read": collected.read,
        "returns": collected.returns,
        "tied": collected.tied,
        "untied": collected.untied,
        "settled": [entry.line for entry in collected.settled],
        "sources": [_reading(reading) for reading in collected.readings],
    }


def _reading(reading: Reading) -> dict[str, object]:
    return {
        "source": reading.source,
        "read": reading.read,
        "returns": reading.returns,
        "tied": reading.tied,
        "untied": reading.untied,
        "ok": reading.error is None,
        "message": explain(reading.error) if reading.error else "",
    }


def aside(home: Home = None, json: Json = False) -> None:
    """List the addresses that are not written to any more, and why."""
    with batches.open_home(home) as office:
        found = _set_aside(office)
    if json:
        views.emit([_aside_json(one) for one in found])
    elif not found:
        views.say(_("No address is set aside."))
    else:
        views.table((one.address, formats.date(one.since.date()), one.reason) for one in found)


def _set_aside(office: Office) -> list[SetAside]:
    return sorted(batches.addresses_set_aside(office).values(), key=lambda one: one.address)


def _aside_json(one: SetAside) -> dict[str, object]:
    return {
        "address": one.address,
        "since": one.since.isoformat(),
        "score": one.score,
        "class": one.cls.value,
        "reason": one.reason,
    }


def clear(
    address: Annotated[str, typer.Argument(metavar=N_("ADDRESS"), help=N_("An address that is set aside."))],
    home: Home = None,
    operator: Operator = "",
) -> None:
    """Let an address be written to again; what came back before counts no more."""
    with batches.open_home(home, operator=operator) as office:
        entry = batches.clear_address(office, address)
    views.say(_("{address}: messages go there again.").format(address=entry.recipients[0].address))
