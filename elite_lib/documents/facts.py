"""What can be filled in on a document: the home, the resident, and for which days."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Mapping
from types import MappingProxyType

from elite_lib import formats
from elite_lib.documents.fonts import plain
from elite_lib.documents.template import Template
from elite_lib.models import Establishment, Resident

Values = Mapping[str, str]

# Who the resident is, by civility; anything else is "unknown"
_ROLES: Mapping[str, str] = {
    "m.": "man",
    "mr": "man",
    "monsieur": "man",
    "mme": "woman",
    "madame": "woman",
    "mlle": "woman",
    "mademoiselle": "woman",
}


@functools.lru_cache(maxsize=8)
def home_values(home: Establishment) -> Values:
    """Give what a home's letterhead and mentions can hold."""
    siret = home.siret.replace(" ", "")
    if len(siret) == 14:
        siret = f"{siret[:3]} {siret[3:6]} {siret[6:9]} {siret[9:]}"
    values = {
        "nom": home.name,
        "forme": home.legal_form,
        "adresse": ", ".join(filter(None, home.address)),
        "telephone": home.phone,
        "courriel": home.email,
        "siret": siret,
        "ape": home.ape,
        "finess": home.finess,
        "tva": home.vat_number,
        "mediateur": home.mediator,
        "mentions": "\n".join(home.mentions),
        "mentions_debours": "\n".join(home.statement_mentions),
        "bic": home.bic,
        "ics": home.creditor_id,
    }
    return MappingProxyType(values)


def about(resident: Resident | None) -> str:
    """Return ``Mme Geneviève BŒUF``, or "" when nobody is known."""
    return resident.name if resident is not None else ""


def resident_values(resident: Resident | None, template: Template, *, health: bool) -> dict[str, str]:
    """Give what a document can say of the resident.

    ``health``: the GIR too, which an invoice needs and the others do not.
    """
    if resident is None:
        return {}
    role = _ROLES.get(resident.civility.strip().casefold(), "unknown")
    return {
        "role": template[f"resident.{role}"],
        "resident": plain(resident.name),
        "naissance": formats.date(resident.birth_date) if resident.birth_date else "",
        "chambre": plain(resident.room),
        "gir": plain(resident.gir) if health else "",
        "dossier": plain(resident.code),
    }


def period_of(start: dt.date | None, end: dt.date | None) -> str:
    """Return ``du 1er au 31 octobre 2026``, as short as the two dates allow."""
    if start is None or end is None or start == end:
        only = start or end
        return f"le {formats.long_date(only)}" if only else ""
    first = formats.long_date(start)
    if start.year == end.year:
        first = first.removesuffix(f" {start.year}")
        if start.month == end.month:
            first = first.split("\u00a0")[0]
    return f"du {first} au {formats.long_date(end)}"


def short_period(start: dt.date | None, end: dt.date | None, *, year: int) -> str:
    """Return ``01/10–31/10`` for a line, with the year where it is not the document's."""
    days = [day for day in (start, end) if day is not None]
    shown = [f"{day:%d/%m}" if day.year == year else f"{day:%d/%m/%y}" for day in days]
    return "–".join(dict.fromkeys(shown))
