"""The lines below a document's number: whose it is, and for which days."""

from __future__ import annotations

import datetime as dt

from elite_lib import formats
from elite_lib.documents import wording
from elite_lib.models import Resident


def about(resident: Resident | None) -> str:
    """Return ``Mme Geneviève BŒUF``, or "" when nobody is known."""
    return resident.name if resident is not None else ""


def resident_facts(resident: Resident | None, *, health: bool) -> tuple[str, ...]:
    """Return the resident's name on a line of its own, so that it is printed whole, then the room.

    ``health``: the GIR too, which an invoice needs and a relevé de débours does not.
    """
    if resident is None:
        return ()
    role = wording.RESIDENT.get(resident.civility.strip().casefold(), wording.RESIDENT[""])
    room = f"{wording.ROOM} {resident.room}" if resident.room else ""
    gir = f"{wording.GIR}\u00a0{resident.gir}" if health and resident.gir else ""
    place = " — ".join(filter(None, (room, gir)))
    return (f"{role} : {resident.name}", f"{place[0].upper()}{place[1:]}" if place else "")


def period_of(start: dt.date | None, end: dt.date | None) -> str:
    """Return ``du 1er au 31 octobre 2026``, as short as the two dates allow."""
    if start is None or end is None or start == end:
        only = start or end
        return f"{wording.ON} {formats.long_date(only)}" if only else ""
    first = formats.long_date(start)
    if start.year == end.year:
        first = first.removesuffix(f" {start.year}")
        if start.month == end.month:
            first = first.split("\u00a0")[0]
    return f"{wording.FROM} {first} {wording.TO} {formats.long_date(end)}"


def short_period(start: dt.date | None, end: dt.date | None, *, year: int) -> str:
    """Return ``01/10–31/10`` for a line, with the year where it is not the document's."""
    days = [day for day in (start, end) if day is not None]
    shown = [f"{day:%d/%m}" if day.year == year else f"{day:%d/%m/%y}" for day in days]
    return "–".join(dict.fromkeys(shown))
