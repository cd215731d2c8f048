"""Domains of families' addresses that look like a misspelt provider: ``gmial.com``, ``orange.com``."""

from __future__ import annotations

# Those where families have mailboxes, the most frequent first: it wins where two are equally near.
PROVIDERS = (
    *("gmail.com", "orange.fr", "wanadoo.fr", "hotmail.fr", "free.fr", "hotmail.com", "laposte.net"),
    *("sfr.fr", "yahoo.fr", "outlook.fr", "outlook.com", "live.fr", "icloud.com", "neuf.fr", "bbox.fr"),
    *("yahoo.com", "msn.com", "aol.com", "cegetel.net", "club-internet.fr", "numericable.fr", "noos.fr"),
    *("aliceadsl.fr", "9online.fr", "libertysurf.fr", "infonie.fr", "nordnet.fr", "dbmail.com", "sosh.fr"),
    *("live.com", "me.com", "mac.com", "gmx.fr", "gmx.com", "aol.fr", "mailo.com", "mailo.fr"),
    *("netcourrier.com", "net-c.fr", "ik.me", "proton.me", "protonmail.com", "pm.me", "zaclys.net"),
    *("mediapart.fr", "numericable.com", "noos.com", "ymail.com", "rocketmail.com", "googlemail.com"),
    *("mail.com", "email.com", "skynet.be", "bluewin.ch", "gmx.net", "gmx.de", "web.de", "t-online.de"),
)
# National domains of the same mailboxes: right as they are, and no target of a correction.
_ABROAD = frozenset(
    f"{label}.{rest}"
    for label, rests in {
        "hotmail": "be ca ch co.uk de es it nl pt se",
        "live": "be ca ch co.uk de dk es it nl pt se",
        "outlook": "be co.uk de dk es it pt",
        "yahoo": "be ca ch co.uk de es it nl pt ro se",
        "orange": "be es lu mg pl re ro sn",
        "wanadoo": "es nl",
        "sfr": "re",
    }.items()
    for rest in rests.split()
)
# Too far in letters, or the name of a company that families rarely work for.
_KNOWN_SLIPS = {
    "orange.com": "orange.fr",
    "wanadoo.com": "wanadoo.fr",
    "free.com": "free.fr",
    "free.net": "free.fr",
    "sfr.com": "sfr.fr",
    "sfr.net": "sfr.fr",
    "neuf.com": "neuf.fr",
    "bbox.com": "bbox.fr",
    "laposte.fr": "laposte.net",
    "laposte.com": "laposte.net",
    "poste.net": "laposte.net",
    "la-poste.net": "laposte.net",
    "gmail.fr": "gmail.com",
    "gmail.net": "gmail.com",
    "g-mail.com": "gmail.com",
    "icloud.fr": "icloud.com",
    "msn.fr": "msn.com",
    "hotmail.net": "hotmail.com",
    "cegetel.fr": "cegetel.net",
    "fre.fr": "free.fr",
    "freee.fr": "free.fr",
    "frre.fr": "free.fr",
    "fere.fr": "free.fr",
    "srf.fr": "sfr.fr",
    "sffr.fr": "sfr.fr",
    "neuff.fr": "neuf.fr",
    "box.fr": "bbox.fr",
}


_TOO_FAR = 99


def meant_provider(domain: str) -> str:
    """Name the provider that ``domain`` looks like, or ``""``: it is one, or looks like none.

    A guess for a person to check, never a correction: a family may well have a domain of its own.
    """
    domain = domain.strip().rstrip(".").lower()
    if domain in PROVIDERS or domain in _ABROAD:
        return ""
    if domain in _KNOWN_SLIPS:
        return _KNOWN_SLIPS[domain]
    found = min(PROVIDERS, key=lambda provider: _slips(domain, provider))
    return found if _slips(domain, found) < _TOO_FAR else ""


def _slips(domain: str, provider: str) -> int:
    """Count the slips of the finger between the two, or give _TOO_FAR.

    A short name is near to many honest ones (``live.fr``, ``five.fr``): there only the end may differ.
    """
    label, _, rest = domain.partition(".")
    name, _, ending = provider.partition(".")
    allowed = 0 if len(name) <= 4 else 1 if len(name) <= 6 else 2
    in_name, in_ending = distance(label, name), distance(rest, ending)
    return in_name + in_ending if in_name <= allowed and in_ending <= 1 else _TOO_FAR


def distance(a: str, b: str) -> int:
    """Count insertions, deletions, substitutions and swaps of neighbours (optimal string alignment)."""
    before: list[int] = []
    previous = list(range(len(b) + 1))
    for i, x in enumerate(a, start=1):
        row = [i]
        for j, y in enumerate(b, start=1):
            cost = min(previous[j] + 1, row[j - 1] + 1, previous[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and y == a[i - 2]:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, previous = previous, row
    return previous[-1]
