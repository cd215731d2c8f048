"""Which earlier message of an invoice another one replaces, named by its instant and its addresses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from elite_lib.labels import _
from elite_lib.models import Entry, EntryKind
from elite_lib.ui import panels
from elite_lib.ui.rows import instant

_LEAVING = frozenset({EntryKind.ATTEMPTING, EntryKind.HANDED_OVER})


def named(message_id: str, entries: Iterable[Entry]) -> str:
    """Say that a message is replaced; "" where the entries do not know it."""
    earlier = [e for e in entries if e.kind in _LEAVING and e.data.get("message_id") == message_id]
    if not message_id or not earlier:
        return ""
    last = earlier[-1]
    return _("Replaces the message of {when} to {whom}.").format(
        when=instant(last.at) if last.at else "?",
        whom=panels.quoted(", ".join(outcome.address for outcome in last.recipients)),
    )


def replacements(entries: Iterable[Entry]) -> Mapping[int, str]:
    """Say it of each entry that tells of a message which replaces an earlier one, by the entry's id."""
    known = list(entries)
    said = {e.id: named(str(e.data.get("replaces") or ""), known) for e in known if e.kind in _LEAVING}
    answers = {e.id: said.get(e.attempt, "") for e in known if e.kind is EntryKind.VERDICT and e.attempt}
    return {entry: text for entry, text in (said | answers).items() if text}
