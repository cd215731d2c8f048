"""Find to whom a line goes: contacts, parcels, the name in the window.

What keeps families apart is here: the relevé only to contacts marked for it, a named payer
alone, and no address twice for the same document of a line.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from elite_lib.models import Contact, DocumentKind, Parcel, Quality, Recipient, Resident

Documents = tuple[DocumentKind, ...]


def wanted(contacts: Sequence[Contact], document: DocumentKind, *, payer_rank: int | None) -> list[Contact]:
    """List, by rank, the contacts that a document is for.

    An invoice with a named payer is for that contact alone, marked or not; a relevé is for the
    contacts marked for it, whoever pays.
    """
    if document is DocumentKind.STATEMENT:
        return [contact for contact in contacts if contact.gets_statements]
    if payer_rank is not None:
        return [contact for contact in contacts if contact.rank == payer_rank]
    return [contact for contact in contacts if contact.gets_invoices]


def addressee(
    contacts: Sequence[Contact], document: DocumentKind, *, payer_rank: int | None
) -> Contact | None:
    """Choose whom the window shows: who the document is for, else a marked contact, else the first."""
    candidates = (
        wanted(contacts, document, payer_rank=payer_rank)
        or wanted(contacts, DocumentKind.INVOICE, payer_rank=None)
        or contacts
    )
    return candidates[0] if candidates else None


def parcels(
    key: str,
    contacts: Sequence[Contact],
    documents: Sequence[DocumentKind],
    *,
    payer_rank: int | None,
    joint: bool,
) -> tuple[Parcel, ...]:
    """Give the messages of one line: separate by default, joint for contacts with the same documents.

    An address receives each document of a line once: where two contacts share it, the one of the
    lower rank has it, and the other's message has only what is new to that address.
    """
    marked = {kind: {c.rank for c in wanted(contacts, kind, payer_rank=payer_rank)} for kind in documents}
    full = {c.rank: tuple(kind for kind in documents if c.rank in marked[kind]) for c in contacts}
    received: defaultdict[str, set[DocumentKind]] = defaultdict(set)
    groups: defaultdict[tuple[Documents, int | None], list[tuple[Contact, str]]] = defaultdict(list)
    for contact in contacts:
        for address in contact.emails:
            mailbox = address.lower()  # the same mailbox in practice, whatever RFC 5321 2.4 allows
            fresh = tuple(kind for kind in full[contact.rank] if kind not in received[mailbox])
            received[mailbox].update(fresh)
            if fresh:
                groups[fresh, None if joint else contact.rank].append((contact, address))
    return tuple(_parcel(key, kinds, members, full=full) for (kinds, _), members in groups.items())


def estate_parcel(key: str, resident: Resident, addresses: Sequence[str], *, documents: Documents) -> Parcel:
    """Address a deceased resident's documents to those whom a person named, and to nobody else."""
    name = f"Succession de {resident.name}"
    return Parcel(
        key=f"{key}~succession",
        recipients=tuple(
            Recipient(contact="", address=address, name=name) for address in dict.fromkeys(addresses)
        ),
        documents=documents,
        addressee=name,
        deceased=True,
    )


def _parcel(
    key: str, kinds: Documents, members: Sequence[tuple[Contact, str]], *, full: dict[int, Documents]
) -> Parcel:
    contacts = list({contact.rank: contact for contact, _ in members}.values())
    partly = any(full[contact.rank] != kinds for contact in contacts)
    ranks = "+".join(str(contact.rank) for contact in contacts)
    return Parcel(
        key=f"{key}~{ranks}" + (f"-{'-'.join(kinds)}" if partly else ""),
        recipients=tuple(
            Recipient(contact=contact.key, address=address, name=contact.name) for contact, address in members
        ),
        documents=kinds,
        addressee=", ".join(filter(None, (contact.name for contact in contacts))),
        guardian=len(contacts) == 1 and contacts[0].quality in (Quality.GUARDIAN, Quality.ORGANISATION),
    )
