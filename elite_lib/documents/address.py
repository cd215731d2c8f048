"""The address in the envelope's window: six lines of 38 characters, the town last."""

from __future__ import annotations

import re
from collections.abc import Mapping

from elite_lib.documents.fonts import plain
from elite_lib.documents.pen import ELLIPSIS
from elite_lib.documents.template import Template, default
from elite_lib.models import Contact, DispatchLine, Quality, Resident

LINES = 6
CHARACTERS = 38
_HOME_COUNTRIES = ("", "france", "fr", "f")

# Short forms, for a name that is too long for the window
_CIVILITIES: Mapping[str, str] = {
    "Monsieur et Madame": "M. et Mme",
    "Madame et Monsieur": "Mme et M.",
    "Mademoiselle": "Mlle",
    "Monsieur": "M.",
    "Madame": "Mme",
}

# Words of the column Lien that say in what capacity somebody receives for the resident
_CAPACITIES = (
    "tuteur",
    "tutrice",
    "curateur",
    "curatrice",
    "mandataire",
    "représentant",
    "représentante",
    "habilité",
)


def address_lines(line: DispatchLine, template: Template | None = None) -> tuple[str, ...]:
    """Return what is printed in the window: at most 6 lines of 38 characters.

    The last is postcode and town in capitals (a foreign country below it), so that a
    sorting machine finds it. Without a contact, only a name is known: the resident's, or
    "Succession de …" when a person released the line of a deceased resident.
    """
    resident, words = line.resident, template or default()
    if line.addressee is not None:
        return _contact_lines(line.addressee, resident, words)
    if resident is None:
        return ()
    estate = any(parcel.deceased for parcel in line.parcels)
    name = f"{words['address.estate']} {resident.name}" if estate else resident.name
    return tuple(_broken(_shortened(_tidy(name)), LINES))


def _contact_lines(contact: Contact, resident: Resident | None, words: Template) -> tuple[str, ...]:
    town = _tidy(f"{contact.postcode} {contact.town.upper()}")
    country = _tidy(contact.country)
    last = [town] if town else []
    if country.casefold() not in _HOME_COUNTRIES:
        last.append(country.upper())
    who = [_shortened(_tidy(contact.name)), _capacity(contact, resident, words)]
    streets = [_tidy(part) for cell in (contact.address_1, contact.address_2) for part in cell.splitlines()]
    upper = _fitted([part for part in (*who, *streets) if part], LINES - len(last))
    return (*upper, *(_cut(part) for part in last))


def _capacity(contact: Contact, resident: Resident | None, words: Template) -> str:
    """Say for whom somebody receives who is not family: a guardian has dozens of residents."""
    if contact.quality is Quality.FAMILY or resident is None:
        return ""
    relation = _tidy(contact.relation)
    first = relation.casefold().partition(" ")[0]
    if first in _CAPACITIES:
        return f"{relation[0].upper()}{relation[1:]} de {resident.name}"
    return f"{words['address.on_behalf_of']} {resident.name}"


def _fitted(parts: list[str], room: int) -> list[str]:
    """Fit ``parts`` into ``room`` lines: join the last ones when there are too many, break long ones
    where lines are free, cut the rest."""
    if len(parts) > room:
        parts = [*parts[: room - 1], " – ".join(parts[room - 1 :])]
    spare = room - len(parts)
    lines: list[str] = []
    for part in parts:
        broken = _broken(part, 1 + spare)
        spare -= len(broken) - 1
        lines += broken
    return lines


def _broken(text: str, room: int) -> list[str]:
    lines: list[str] = []
    while len(text) > CHARACTERS and len(lines) < room - 1:
        space = text.rfind(" ", 1, CHARACTERS + 1)
        if space < 0:
            break
        lines.append(text[:space])
        text = text[space + 1 :]
    return [*lines, _cut(text)]


def _cut(text: str) -> str:
    return text if len(text) <= CHARACTERS else text[: CHARACTERS - 1].rstrip() + ELLIPSIS


def _shortened(name: str) -> str:
    """Abbreviate the civility of a name that is too long for one line."""
    if len(name) > CHARACTERS:
        for long, short in _CIVILITIES.items():
            if name.startswith(f"{long} "):
                return short + name[len(long) :]
    return name


def _tidy(text: str) -> str:
    return re.sub(r"\s+", " ", plain(text)).strip()
