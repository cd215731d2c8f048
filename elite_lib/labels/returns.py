"""What came back, in plain words: what happened, and what to do or whom to call.

A sentence about our own set-up never blames an address; one about a delay asks for nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from elite_lib.labels.cases import HOST, SEND_AGAIN, Saying, case_of
from elite_lib.labels.catalogue import N_, _
from elite_lib.models import ReturnClass, ReturnKind, Tie

RETURN_WORDS: Mapping[type[StrEnum], Mapping[StrEnum, str]] = {
    ReturnKind: {
        ReturnKind.BOUNCE: N_("failure or delay"),
        ReturnKind.DELIVERED: N_("delivery report"),
        ReturnKind.AUTO_REPLY: N_("automatic reply"),
        ReturnKind.COMPLAINT: N_("complaint"),
        ReturnKind.MDN: N_("read receipt"),
        ReturnKind.CHALLENGE: N_("request to prove oneself"),
        ReturnKind.NONE: N_("ordinary message"),
    },
    ReturnClass: {
        ReturnClass.HARD: N_("address that does not work"),
        ReturnClass.MAILBOX_FULL: N_("mailbox full"),
        ReturnClass.SOFT: N_("temporary trouble"),
        ReturnClass.RATE_LIMITED: N_("sent too fast"),
        ReturnClass.BLOCK: N_("message blocked"),
        ReturnClass.AUTO_REPLY: N_("automatic reply"),
        ReturnClass.COMPLAINT: N_("complaint"),
        ReturnClass.DELIVERED: N_("taken by the family's server"),
        ReturnClass.UNKNOWN: N_("no clear reason"),
    },
    Tie: {
        Tie.TOKEN: N_("by our return address"),
        Tie.MESSAGE_ID: N_("by the message's identifier"),
        Tie.ENVID: N_("by the sending's identifier"),
        Tie.ADDRESS: N_("by the address alone"),
    },
}


class Sayings(NamedTuple):
    """The sayings of one class: the server gave up (their side, our side), or goes on trying."""

    theirs: Saying
    ours: Saying
    delayed: Saying
    delayed_ours: Saying


_WAIT = N_("Nothing for now: the server goes on trying. If it gives up, a further return will say so.")
_SLOWER = N_(
    "The address is not to blame. Slow this provider down (see the suggested pace), then send again."
)
_NOTHING = N_("Nothing to do.")

_HARD = Saying(N_("The family's server says that this address can receive nothing."), SEND_AGAIN)
_SOFT_DELAY = Saying(
    N_("The message has not arrived yet: the family's server is away, or asks to wait."), _WAIT
)
_OURS = Saying(N_("The message was refused because of our own mail, not of the family's."), HOST)
_OURS_DELAY = Saying(N_("The message waits because of our own mail, not of the family's."), HOST)
_FAST = Saying(N_("The family's provider finds that we send too much, or too fast."), _SLOWER)
_FAST_DELAY = Saying(N_("The family's provider makes us wait: we send too fast."), _WAIT)
_AUTO = Saying(
    N_("An automatic reply came (absence, acknowledgement): the message has arrived."),
    N_("Nothing to do. Read it all the same: it may announce another address."),
)
_COMPLAINT = Saying(
    N_("Somebody of the family marked our message as unwanted."),
    N_("Call the family: do they still want the invoice by e-mail? If not, write “courrier” in Envoi."),
)
_TAKEN = Saying(N_("The family's server has taken the message."), _NOTHING)
_RECEIPT = Saying(N_("A read receipt came back."), _NOTHING)

CLASSES: Mapping[ReturnClass, Sayings] = {
    ReturnClass.HARD: Sayings(
        _HARD,
        _OURS,
        Saying(N_("The family's server refuses this address for now."), _WAIT),
        _OURS_DELAY,
    ),
    ReturnClass.MAILBOX_FULL: Sayings(
        Saying(
            N_("The family's mailbox is full."),
            N_("Call the family so that they make room, then send again; else post the invoice."),
        ),
        Saying(N_("A mailbox of our own is full."), HOST),
        Saying(
            N_("The family's mailbox is full for now; the server goes on trying."),
            N_(
                "You may warn the family so that they make room. If the server gives up, a return will say so."
            ),
        ),
        Saying(N_("A mailbox of our own is full; the server goes on trying."), HOST),
    ),
    ReturnClass.SOFT: Sayings(
        Saying(
            N_("The family's server could not take the message, after several tries."),
            N_("Send again tomorrow. If it comes back once more, call the family and check the address."),
        ),
        Saying(N_("The message could not be handed over, for a technical reason on our side."), HOST),
        _SOFT_DELAY,
        _OURS_DELAY,
    ),
    ReturnClass.RATE_LIMITED: Sayings(
        Saying(
            N_("The family's mailbox receives too many messages at the moment."),
            N_("The address is not to blame. Send again in an hour."),
        ),
        _FAST,
        _FAST_DELAY,
        _FAST_DELAY,
    ),
    ReturnClass.BLOCK: Sayings(
        Saying(
            N_("The family's provider refused the message by a rule of its own. The address may be good."),
            N_("Call the family: let them add our address to their contacts, then send again; else post."),
        ),
        _OURS,
        Saying(N_("The family's provider examines our message, or refuses it for now."), _WAIT),
        _OURS_DELAY,
    ),
    ReturnClass.AUTO_REPLY: Sayings(_AUTO, _AUTO, _AUTO, _AUTO),
    ReturnClass.COMPLAINT: Sayings(_COMPLAINT, _COMPLAINT, _COMPLAINT, _COMPLAINT),
    ReturnClass.DELIVERED: Sayings(_TAKEN, _TAKEN, _TAKEN, _TAKEN),
    ReturnClass.UNKNOWN: Sayings(
        Saying(
            N_("The message came back, without a clear reason."),
            N_("Read the return, then send again once. If it comes back once more, call the family."),
        ),
        _OURS,
        Saying(N_("The message has not arrived yet; the server does not say why."), _WAIT),
        _OURS_DELAY,
    ),
}

KINDS: Mapping[ReturnKind, Saying | None] = {
    ReturnKind.BOUNCE: None,  # by its class
    ReturnKind.DELIVERED: _TAKEN,
    ReturnKind.AUTO_REPLY: _AUTO,
    ReturnKind.COMPLAINT: _COMPLAINT,
    ReturnKind.MDN: _RECEIPT,
    ReturnKind.CHALLENGE: Saying(
        N_("The family's provider keeps the message until the sender proves to be a person."),
        N_("Open this return in our mailbox and click its link, or ask the family to accept our address."),
    ),
    ReturnKind.NONE: Saying(N_("An ordinary message."), _NOTHING),
}

UNTIED = Saying(
    N_("A return that could not be tied to any message of ours."),
    N_("Read it: it may be about an address that is not in the workbook any more, or be a forgery."),
)


def tell(
    kind: ReturnKind,
    cls: ReturnClass | None,
    *,
    final: bool = True,
    ours: bool = False,
    rule: str = "",
    status: str = "",
) -> Saying:
    """Say one finding in the current language; ``rule`` and ``status`` make it finer where they can."""
    saying = KINDS[kind]
    if saying is None:
        found = CLASSES[cls or ReturnClass.UNKNOWN]
        if final:
            finer = case_of(cls, ours=ours, rule=rule, status=status)
            saying = finer or (found.ours if ours else found.theirs)
        else:
            saying = found.delayed_ours if ours else found.delayed
    return Saying(_(saying.happened), _(saying.todo))


def untied() -> Saying:
    """Say what a return is that is tied to nothing."""
    return Saying(_(UNTIED.happened), _(UNTIED.todo))
