"""Addresses that were put away after their time: told apart by who has the home's key, readable by nobody.

A pseudonym is the masked address and a keyed hash of it (HMAC-SHA-256, RFC 2104), so that the duplicate
guard still knows a family that the journal wrote to years ago. Without the key it says no more than its mask.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from elite_lib import formats
from elite_lib.models import Entry, RecipientOutcome, Reply

_HASH = 24  # hexadecimal digits: 96 bits, no two families alike
_PSEUDONYM = re.compile(r"^.?•••@[^\s#]*#[0-9a-f]{24}$")
# What a server quotes: "<ann@example.com>: Recipient address rejected". Not Message-IDs, which are ours.
_QUOTED = re.compile(r"[^\s<>\"'(),;:\[\]]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")


def pseudonym(address: str, key: bytes) -> str:
    """Give ``c•••@example.com#<hash>`` for an address; a pseudonym stays as it is."""
    if not address or is_pseudonym(address):
        return address
    digest = hmac.new(key, address.lower().encode(), hashlib.sha256).hexdigest()
    return f"{formats.masked(address)}#{digest[:_HASH]}"


def is_pseudonym(address: str) -> bool:
    """Tell whether an address was put away."""
    return bool(_PSEUDONYM.match(address))


def without_addresses(text: str) -> str:
    """Mask every address that a text quotes; Message-IDs that start with ``<`` and end with ``>`` go too."""
    return _QUOTED.sub(lambda found: formats.masked(found[0]), text)


def put_away(entry: Entry, key: bytes) -> Entry:
    """Give an entry as it is after its addresses' time: pseudonyms, and server texts without addresses."""
    return replace(
        entry,
        recipients=tuple(
            replace(outcome, address=pseudonym(outcome.address, key), reply=_put_away(outcome.reply))
            for outcome in entry.recipients
        ),
        data={
            name: without_addresses(value) if isinstance(value, str) and name not in _OURS else value
            for name, value in entry.data.items()
        },
    )


# What we made ourselves and must compare byte for byte: it holds no family's address.
_OURS = frozenset({"message_id", "replaces", "fingerprint", "documents", "digest", "token"})


def _put_away(reply: Reply | None) -> Reply | None:
    return replace(reply, text=without_addresses(reply.text)) if reply is not None else None


def recognised(entries: Iterable[Entry], addresses: Collection[str], key: bytes) -> list[Entry]:
    """Give the entries with the addresses that we still write to in place of their pseudonyms."""
    known = {pseudonym(address, key): address for address in addresses}
    return [
        entry
        if not any(is_pseudonym(outcome.address) for outcome in entry.recipients)
        else replace(entry, recipients=tuple(_recognised(o, known) for o in entry.recipients))
        for entry in entries
    ]


def _recognised(outcome: RecipientOutcome, known: Mapping[str, str]) -> RecipientOutcome:
    return replace(outcome, address=known.get(outcome.address, outcome.address))
