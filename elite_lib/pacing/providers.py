"""Name the provider behind an address: the one table, and what an office adds to it.

Sources of the rows: [ISPDB] Thunderbird's autoconfiguration database, github.com/thunderbird/autoconfig,
which lists the domains that one provider's servers serve; [Mindbaz] the same for the SFR group,
github.com/Mindbaz/MSP_Postmaster_Links; [AssoConnect] github.com/assoconnect/smtp-toolbox; [office] our
specification, where no published list was found. Sources of the words: mail.md, *Bounces*.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from elite_lib.models import Lane, Pace, Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """Domains whose mail one operator receives; ``words`` are those by which its servers name themselves."""

    domains: tuple[str, ...]
    words: tuple[str, ...]


# fmt: off
PROVIDERS: Mapping[str, Provider] = MappingProxyType(
    {
        "gmail": Provider(
            domains=("gmail.com", "googlemail.com"),  # [ISPDB googlemail.com.xml]
            words=("google", "gmail", "gsmtp"),
        ),
        "orange": Provider(
            domains=("orange.fr", "wanadoo.fr"),  # [ISPDB orange.fr.xml]
            words=("orange.fr", "wanadoo", "ofr_", "ofr-", "ouk_"),
        ),
        "free": Provider(
            # free.fr [ISPDB free.fr.xml]; aliceadsl.fr [AssoConnect]; the older names of the group [office]
            domains=("free.fr", "aliceadsl.fr", "libertysurf.fr", "freesbee.fr", "online.fr"),
            words=("free.fr", "proxad", "too many spams from your ip"),
        ),
        "laposte": Provider(
            domains=("laposte.net",),  # [AssoConnect]
            words=("laposte", "lpn", "la poste"),
        ),
        "sfr": Provider(
            domains=(  # [Mindbaz]
                "sfr.fr", "sfr.net", "neuf.fr", "cegetel.net", "club-internet.fr", "club.fr",
                "numericable.fr", "numericable.com", "noos.fr", "9online.fr", "9business.fr",
                "akeonet.com", "evhr.net", "evc.net", "cario.fr", "modulonet.fr", "mageos.com",
                "waika9.com", "guideo.fr", "valvision.fr",
            ),
            words=("sfr", "neuf.fr", "gu_eib"),
        ),
        "bbox": Provider(
            domains=("bbox.fr",),  # [AssoConnect]
            words=("bbox.fr", "bouygtel", "bouygues"),
        ),
        "outlook": Provider(
            domains=(  # [ISPDB hotmail.com.xml]; msn.fr [office]
                "outlook.com", "outlook.fr", "hotmail.com", "hotmail.fr", "live.com", "live.fr",
                "msn.com", "msn.fr", "windowslive.com", "outlook.be", "hotmail.be", "live.be",
                "hotmail.co.uk", "hotmail.de", "hotmail.es", "hotmail.it", "live.co.uk",
            ),
            words=("outlook.com", "hotmail", "office365", "microsoft"),
        ),
        "yahoo": Provider(
            domains=(  # [ISPDB yahoo.com.xml]
                "yahoo.com", "yahoo.fr", "ymail.com", "rocketmail.com", "myyahoo.com",
                "yahoo.co.uk", "yahoo.de", "yahoo.es", "yahoo.it",
            ),
            words=("yahoo", "tss0"),
        ),
    }
)
# fmt: on

# An address that the reply repeats names nobody: our own server writes it as well.
_ADDRESS = re.compile(r"<?[^\s<>@]+@[^\s<>,;:]+>?")
# RFC 3463: X.1 is about the recipient's address (save X.1.7 and X.1.8, the sender's), X.2 about the mailbox.
_MAILBOX = re.compile(r"\b[245]\.(?:1\.(?![78]\b)|2\.)[0-9]{1,3}\b")


def about_mailbox(reply: Reply) -> bool:
    """Tell whether a refusal is about one address or mailbox: it says nothing of the other recipients."""
    return _MAILBOX.search(reply.text) is not None


class LaneTable:
    """Lanes by domain: the table above, and what the office says in ``[lanes]``, which has the last word."""

    def __init__(self, lanes: Iterable[Lane] = (), *, host: str = "") -> None:
        """``host`` is our own server: what it says of itself is not the provider's word."""
        own = list(lanes)
        self._host = host.lower()
        self._lanes = {domain: name for name, known in PROVIDERS.items() for domain in known.domains}
        self._lanes |= {domain.lower(): lane.name for lane in own for domain in lane.domains}
        self.paces: Mapping[str, Pace] = {lane.name: lane.pace for lane in own}

    def of(self, address: str) -> str:
        """Name the lane of an address: its provider's, else its own domain."""
        domain = address.rpartition("@")[2].lower().rstrip(".")
        return self._lanes.get(domain, domain)

    def lanes(self, addresses: Iterable[str]) -> tuple[str, ...]:
        """Name the lanes of a message, each once, in the order of its recipients."""
        return tuple(dict.fromkeys(self.of(address) for address in addresses))

    def spoke(self, lane: str, reply: Reply) -> bool:
        """Tell whether a temporary refusal is the provider's, about our mail: one to slow down for.

        Most 4xx are our own server's; those of a mailbox (full, unknown) say nothing of the others.
        """
        if not reply.temporary or about_mailbox(reply):
            return False
        words = self._words(lane)
        if any(word in self._host for word in words):
            return False
        said = _ADDRESS.sub(" ", reply.text).lower()
        return any(word in said for word in words)

    def _words(self, lane: str) -> Sequence[str]:
        known = PROVIDERS.get(lane)
        mine = tuple(domain for domain, name in self._lanes.items() if name == lane)
        return (*(known.words if known else ()), *(mine or (lane,)))
