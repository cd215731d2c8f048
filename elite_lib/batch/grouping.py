"""Group: one message to a guardian or an organisation, with what it receives for several residents.

Every parcel keeps its line, its documents and the fingerprint of the message that it would be alone: what
the guard, the slip and the journal know of it does not depend on what it travelled with.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from elite_lib import outcomes
from elite_lib.models import Attachment, DispatchLine, Draft, Parcel, Plan
from elite_lib.outbox import PreparedMessage

Part = tuple[DispatchLine, Parcel]
Mate = tuple[str, ...]  # the same for parcels that may share a message
Write = Callable[[Sequence[Part], Sequence[Attachment]], Draft]


def grouped(
    plan: Plan,
    messages: Sequence[PreparedMessage],
    *,
    states: outcomes.States,
    write: Write,
    weigh: Callable[[Draft], int],
    limit: int,
) -> tuple[PreparedMessage, ...]:
    """Let parcels to one guardian share a message, in their order; all others stay as they are.

    Together go parcels of one month to the same person (by name) at the same addresses, all of whom are still
    open: what left, is in doubt, or replaces an earlier message goes alone. ``limit``: bytes of a message;
    what would weigh more is several messages.
    """
    known = {parcel.key: (line, parcel) for line in plan.lines for parcel in line.parcels}
    mates: defaultdict[Mate, list[PreparedMessage]] = defaultdict(list)
    for message in messages:
        if known[message.key][1].guardian and _is_open(message, states):
            mates[mate(*known[message.key])].append(message)
    shared: dict[str, PreparedMessage] = {}
    for group in mates.values():
        for share in _shares(group, weigh=weigh, limit=limit):
            parts = [known[message.key] for message in share]
            if len({line.resident.code for line, _parcel in parts if line.resident}) > 1:
                draft = write(parts, _attachments(share))
                if weigh(draft) <= limit:
                    shared |= {one.key: one for one in _sharing(share, draft)}
    return tuple(shared.get(message.key, message) for message in messages)


def mate(line: DispatchLine, parcel: Parcel) -> Mate:
    """Say with which others a parcel may travel: month, guardian, addresses; any but a guardian's: alone."""
    if not parcel.guardian:
        return (parcel.key,)
    return (line.month, parcel.addressee, *(recipient.address for recipient in parcel.recipients))


def _is_open(message: PreparedMessage, states: outcomes.States) -> bool:
    recipients = message.draft.recipients
    return not message.replaces and outcomes.untouched(
        message.line, recipients, states, documents=message.documents
    )


def _shares(
    messages: Iterable[PreparedMessage], *, weigh: Callable[[Draft], int], limit: int
) -> Iterator[list[PreparedMessage]]:
    """Cut into shares that one message can carry: by weight, and no two files of one name."""
    share: list[PreparedMessage] = []
    weight = 0
    for message in messages:
        mine = weigh(message.draft)
        if share and (weight + mine > limit or _collide(share, message)):
            yield share
            share, weight = [], 0
        share.append(message)
        weight += mine
    if share:
        yield share


def _collide(share: Iterable[PreparedMessage], message: PreparedMessage) -> bool:
    names = {item.name.lower(): item.sha256 for one in share for item in one.draft.attachments}
    return any(names.get(item.name.lower(), item.sha256) != item.sha256 for item in message.draft.attachments)


def _attachments(share: Sequence[PreparedMessage]) -> list[Attachment]:
    """List every file once; what goes with all of them comes last."""
    kept = [{(item.name, item.sha256): item for item in one.draft.attachments} for one in share]
    common = kept[0].keys() & set.intersection(*(set(files) for files in kept))
    own = {key: item for files in kept for key, item in files.items() if key not in common}
    return [*own.values(), *(item for key, item in kept[0].items() if key in common)]


def _sharing(share: Sequence[PreparedMessage], draft: Draft) -> Iterator[PreparedMessage]:
    leader = share[0].key
    for message in share:
        recipients = message.draft.recipients if message.key != leader else ()
        yield replace(message, draft=draft, group=leader, recipients=recipients)
