"""What happened to one invoice, entry by entry, in plain words."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from elite_lib.labels.catalogue import N_, _
from elite_lib.labels.returns import tell
from elite_lib.labels.words import word
from elite_lib.models import (
    Entry,
    EntryKind,
    EvidencePlace,
    RecipientOutcome,
    Resolution,
    ReturnClass,
    ReturnKind,
    Status,
    Way,
)


def tell_entry(entry: Entry) -> str:
    """Say one entry about an invoice in the current language; "" for one that tells a person nothing.

    An ATTEMPTING says something only while its VERDICT is missing: whoever lists entries leaves it out else.
    """
    say = _SENTENCES.get(entry.kind)
    return say(entry) if say is not None else ""


def _to(entry: Entry, status: Status | None = None) -> str:
    return ", ".join(o.address for o in entry.recipients if status is None or o.status is status)


def _attempt(entry: Entry) -> str:
    return _("Sent to {whom}; no answer of the server is known.").format(whom=_to(entry, Status.UNCERTAIN))


def _verdict(entry: Entry) -> str:
    shared = [_("In one message with other residents' documents.")] if entry.data.get("shared") else []
    return " ".join([*map(_outcome, entry.recipients), *shared])


_OUTCOMES: Mapping[Status, str] = {
    Status.ACCEPTED: N_("{whom}: accepted by the mail server ({said})."),
    Status.REFUSED: N_("{whom}: refused by the mail server ({said})."),
    Status.DEFERRED: N_("{whom}: put off, to be tried again ({said})."),
    Status.UNCERTAIN: N_("{whom}: sent, but no answer was read."),
}


def _outcome(outcome: RecipientOutcome) -> str:
    reply = outcome.reply
    said = f"{reply.code} {reply.text}".strip() if reply else _("no answer")
    template = _OUTCOMES.get(outcome.status, "{whom}: {said}")
    return _(template).format(whom=outcome.address, said=said)


def _handed(entry: Entry) -> str:
    way = word(Way(str(entry.data["way"])))
    return _("Handed to the mail program ({way}), for {whom}.").format(way=way, whom=_to(entry))


_SETTLED: Mapping[Resolution, str] = {
    Resolution.ACCEPTED: N_("{who} settled it: it did leave."),
    Resolution.RESEND: N_("{who} released it: it may be sent again."),
    Resolution.POSTED: N_("{who} settled it: sent by post."),
}


def _resolved(entry: Entry) -> str:
    resolution = Resolution(str(entry.data["resolution"]))
    whom = _to(entry)
    if entry.data.get("by") == "evidence":
        place = word(EvidencePlace(str(entry.data["where"])))
        text = _("Proved that it left: {place}.").format(place=place)
    elif entry.data.get("by") == "failure":
        text = _("The mail program did not open: it may be sent again.")
    else:
        text = _(_SETTLED[resolution]).format(who=entry.operator)
    return f"{text} ({whom})" if whom else text


def _returned(entry: Entry) -> str:
    data = entry.data
    cls = str(data.get("class") or "")
    saying = tell(
        ReturnKind(str(data["kind"])),
        ReturnClass(cls) if cls else None,
        final=data.get("final") is not False,
        ours=data.get("ours") is True,
        rule=str(data.get("rule") or ""),
        status=str(data.get("status") or ""),
    )
    whom = _to(entry)
    return f"{whom} : {saying.happened}" if whom else saying.happened


def _copied(entry: Entry) -> str:
    if entry.data.get("act") != "copy":
        return ""
    if entry.data.get("ok") is True:
        return _("A copy was put among the sent messages.")
    return _("No copy could be put among the sent messages ({detail}).").format(
        detail=str(entry.data.get("detail") or "")
    )


def _by(template: str) -> Callable[[Entry], str]:
    return lambda entry: _(template).format(who=entry.operator)


_SENTENCES: Mapping[EntryKind, Callable[[Entry], str]] = {
    EntryKind.ATTEMPTING: _attempt,
    EntryKind.VERDICT: _verdict,
    EntryKind.HANDED_OVER: _handed,
    EntryKind.RESOLVED: _resolved,
    EntryKind.RETURNED: _returned,
    EntryKind.UNTICKED: _by(N_("{who} left it out of the sending.")),
    EntryKind.TICKED: _by(N_("{who} took it into the sending again.")),
    EntryKind.PRINTED: _by(N_("Printed by {who}.")),
    EntryKind.MAILBOX: _copied,
}
