"""Recognise in our own mailbox a message that a mail program sent for us, and say who received it.

Mail programs put a Message-ID of their own in place of ours and let our headers go; the blind copy's tagged
address stays (seen with Thunderbird 153). What counts as received is what the copy's own To and Cc say: a
person may have taken an address out before sending.
"""

from __future__ import annotations

import email
import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from email.message import Message
from email.utils import getaddresses

from elite_lib import tagging
from elite_lib.models import Entry, EntryKind, Fingerprint, RecipientState, Status
from elite_lib.outcomes.folding import States

# Who delivered it wrote here whom it was for; a Bcc stands only in our own copy among the sent messages.
_DELIVERED_TO = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Delivered-To", "Bcc", "Resent-Bcc")
_RECIPIENTS = ("To", "Cc", "Bcc")
_FOR = re.compile(r"\bfor\s+<?([^\s<>;]+@[^\s<>;]+)")  # RFC 5321 4.4: left out where there were several

Digest = Callable[[Sequence[tuple[str, str]]], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedMessage:
    """A message that was handed over, and the recipients of whom nothing more is known."""

    entry: Entry  # HANDED_OVER
    states: tuple[RecipientState, ...]


def handed(entries: Iterable[Entry], states: States) -> tuple[HandedMessage, ...]:
    """List what is still "handed over". ``states`` is the fold of the same entries."""
    found = []
    for entry in entries:
        if entry.kind is EntryKind.HANDED_OVER:
            own = (states.get((entry.line, o.contact, o.address)) for o in entry.recipients)
            open_ = [s for s in own if s and s.status is Status.HANDED and s.entry == entry.id]
            if open_:
                found.append(HandedMessage(entry=entry, states=tuple(open_)))
    return tuple(found)


def recognise(
    content: bytes, messages: Iterable[HandedMessage], *, sender: str, digest: Digest
) -> Iterator[tuple[HandedMessage, tuple[RecipientState, ...]]]:
    """Give the messages that ``content`` is a copy of, and which of their recipients it went to.

    Only a message from ``sender``, our own address, is one. It is known by our tag, where a server
    wrote down whom it delivered to; by our Message-ID, where the program kept it; else by the very
    documents, whose ``digest`` (of names and SHA-256) the journal has.
    """
    mail = email.message_from_bytes(content)  # compat32: never raises for a header
    if sender.lower() not in _addresses(mail, ("From",)):
        return
    tags = {tagging.token_of(address) for address in _addresses(mail, (*_DELIVERED_TO, *_RECIPIENTS))}
    tags |= {tagging.token_of(f) for h in mail.get_all("Received", []) for f in _FOR.findall(str(h))}
    message_id = str(mail.get("Message-ID", "")).strip()
    documents = digest(_documents(mail))
    received = _addresses(mail, _RECIPIENTS)
    for message in messages:
        facts = message.entry.data
        token, same = str(facts.get("token") or ""), Fingerprint.parse(str(facts["fingerprint"])).documents
        if (token and token in tags) or message_id == facts.get("message_id") or documents == same:
            yield message, tuple(s for s in message.states if s.address.lower() in received)


def _addresses(mail: Message, headers: Iterable[str]) -> set[str]:
    values = [str(value) for header in headers for value in mail.get_all(header, [])]
    return {address.lower() for _, address in getaddresses(values) if address}


def _documents(mail: Message) -> list[tuple[str, str]]:
    """List the attached files: name, SHA-256 of the content."""
    found = []
    for part in mail.walk():
        name = part.get_filename()
        if name and part.get_content_disposition() != "inline":
            content = part.get_payload(decode=True)
            found.append((name, hashlib.sha256(content if isinstance(content, bytes) else b"").hexdigest()))
    return found
