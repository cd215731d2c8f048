"""Finer words for a failure, where the rule that spoke (``bounces.classes``) or the status tells more.

A case speaks for its class and its side only: "user unknown" said by a filter is no proof, and is then
told as what it was classed as.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from elite_lib.labels.catalogue import N_
from elite_lib.models import ReturnClass as C

SEND_AGAIN = N_("Call the family, have the address spelt, correct the workbook, then send again.")
HOST = N_("Do not strike the address off. Show this return to whoever runs our mail, then send again.")


class Saying(NamedTuple):
    """What happened, and what to do: two sentences."""

    happened: str
    todo: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """``rules`` are beginnings of rule names, ``statuses`` RFC 3463 without the class digit."""

    cls: C
    saying: Saying
    rules: tuple[str, ...]
    statuses: tuple[str, ...] = ()
    ours: bool = False


CASES: Mapping[str, Case] = {
    "unknown_user": Case(
        cls=C.HARD,
        rules=(
            "unknown-user",
            "said unknown-user",
            "address-refused",
            "gone",
            "orange-laposte-416",
            "microsoft-unknown",
            "sfr-104",
        ),
        statuses=("1.1", "1.0", "1.3"),
        saying=Saying(N_("This address does not exist, or not any more."), SEND_AGAIN),
    ),
    "unknown_domain": Case(
        cls=C.HARD,
        rules=("no-such-domain", "said no-such-domain", "null-mx"),
        statuses=("1.2", "1.10", "4.4"),
        saying=Saying(
            N_(
                "What follows the @ of this address does not exist or receives no mail: often a typing error."
            ),
            N_("Check the address with the family, correct the workbook, then send again."),
        ),
    ),
    "suspended": Case(
        cls=C.HARD,
        rules=(
            "closed",
            "said closed",
            "gmail-disabled",
            "yahoo-disabled",
            "orange-laposte-420",
            "orange-laposte-426",
        ),
        statuses=("2.1",),
        saying=Saying(
            N_("The provider has closed or suspended this mailbox."),
            N_("Call the family and ask for another address; until then, post the invoice."),
        ),
    ),
    "moved": Case(
        cls=C.HARD,
        rules=("moved",),
        statuses=("1.6",),
        saying=Saying(
            N_("The person has another address now."),
            N_(
                "Read the return: the new address may be in it. Confirm it with the family before you use it."
            ),
        ),
    ),
    "expired": Case(
        cls=C.SOFT,
        rules=("expired",),
        statuses=("4.7",),
        saying=Saying(
            N_("The family's server did not answer for days: ours gave up."),
            N_(
                "Check what follows the @ (a typing error?), then send again. If it comes back, call the family."
            ),
        ),
    ),
    "too_big": Case(
        cls=C.BLOCK,
        ours=True,
        rules=("too-large", "said too-large"),
        statuses=("3.4", "2.3"),
        saying=Saying(
            N_("The message is too heavy for the family's mailbox."),
            N_("Take attachments out or make them lighter, then send again; else post the invoice."),
        ),
    ),
    "attachment": Case(
        cls=C.BLOCK,
        ours=True,
        rules=("attachment",),
        saying=Saying(
            N_("The family's provider does not let an attachment of this kind through."),
            N_("Take it out, or join it as a PDF, then send again; else post the invoice."),
        ),
    ),
    "link": Case(
        cls=C.BLOCK,
        ours=True,
        rules=("link",),
        saying=Saying(
            N_("A link in our message is on a block list."),
            N_("Take it out of the text or of the signature, then send again."),
        ),
    ),
    "restricted": Case(
        cls=C.BLOCK,
        rules=("restricted", "microsoft-restricted", "google-groups"),
        statuses=("7.124", "7.129", "7.133", "7.134", "7.136"),
        saying=Saying(
            N_("This address takes messages of certain senders only."),
            N_("Call the family: let them allow our address, then send again; else post."),
        ),
    ),
    "authentication": Case(
        cls=C.BLOCK,
        ours=True,
        rules=("authentication", "gmail-auth", "microsoft-auth", "orange-laposte-515", "orange-laposte-517"),
        statuses=(
            "7.20",
            "7.21",
            "7.22",
            "7.23",
            "7.24",
            "7.26",
            "7.27",
            "7.29",
            "7.30",
            "7.32",
            "7.40",
            "7.509",
            "7.515",
        ),
        saying=Saying(
            N_("The provider cannot check that the message is really ours (SPF, DKIM, DMARC)."),
            N_("Run “elite doctor”, and have SPF, DKIM or DMARC of our domain corrected. Then send again."),
        ),
    ),
    "reverse_dns": Case(
        cls=C.BLOCK,
        ours=True,
        rules=("reverse-dns", "ionos-ptr", "orange-laposte-107", "helo"),
        statuses=("7.25",),
        saying=Saying(N_("Our sending server has no name that can be checked (PTR)."), HOST),
    ),
    "sender": Case(
        cls=C.BLOCK,
        ours=True,
        rules=("sender-refused", "said sender-refused", "relay-denied"),
        statuses=("1.7", "1.8", "7.60"),
        saying=Saying(
            N_("The server does not accept our sender's address, or does not relay for us."),
            N_("Check [mail] sender and login, and ask whoever runs our mail. The address is not to blame."),
        ),
    ),
    "reputation": Case(
        cls=C.BLOCK,
        ours=True,
        rules=(
            "blocklisted",
            "said blocklisted",
            "reputation",
            "netease-listed",
            "gmail-reputation",
            "yahoo-blocked",
            "microsoft-blocked",
            "free-ip",
            "orange-laposte-102",
            "orange-laposte-103",
            "orange-laposte-108",
        ),
        saying=Saying(
            N_("Our sending server is on a block list, or has a bad name with this provider."),
            N_(
                "Have the block lifted by whoever runs our mail (Free lifts its own within a day). Then send again."
            ),
        ),
    ),
    "spam": Case(
        cls=C.BLOCK,
        rules=("spam", "free-spam", "sfr-101", "orange-laposte-506", "gmail-reputation", "yahoo-blocked"),
        saying=Saying(
            N_("The provider took the message for unwanted mail. The address may be good."),
            N_(
                "Let the family add our address to their contacts, then send again. If there are several with one "
                "provider, show them to whoever runs our mail."
            ),
        ),
    ),
    "virus": Case(
        cls=C.BLOCK,
        rules=("virus", "sfr-102"),
        saying=Saying(
            N_("The provider believes that an attachment holds a virus."),
            N_("Examine the attachments, then send the invoice again without the others; else post it."),
        ),
    ),
    "quota": Case(
        cls=C.RATE_LIMITED,
        ours=True,
        rules=("sending-quota",),
        saying=Saying(
            N_("Our own mail account has reached its limit of messages."),
            N_("Wait until tomorrow, then send again. Write the limit in [pace] per_hour or per_day."),
        ),
    ),
}


def case_of(cls: C | None, *, ours: bool, rule: str, status: str) -> Saying | None:
    """Find the finer words of a failure: by the rule that spoke, else by the status; None when neither tells."""
    name = rule.partition(",")[0]
    if name.startswith("status "):
        name = ""
    detail = status.partition(".")[2]
    mine = [case for case in CASES.values() if case.cls is cls and case.ours is ours]
    for case in mine:
        if name in case.rules:
            return case.saying
    return next((case.saying for case in mine if not name and detail in case.statuses), None)
