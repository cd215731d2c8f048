"""A dispatch line, a parcel and its attachments in words; what of it must not change once accepted."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from elite_lib import formats
from elite_lib.composition import markup
from elite_lib.composition.addresses import checked_address
from elite_lib.composition.headers import display_name
from elite_lib.composition.names import safe_name
from elite_lib.composition.templates import render, render_subject
from elite_lib.exceptions import TemplateError
from elite_lib.models import (
    Attachment,
    DispatchLine,
    Draft,
    Envelope,
    Establishment,
    Fingerprint,
    MailAccount,
    Parcel,
    Recipient,
    Wording,
)


def write(
    line: DispatchLine,
    parcel: Parcel,
    attachments: Sequence[Attachment],
    *,
    wording: Wording,
    account: MailAccount,
    establishment: Establishment,
    logo: Attachment | None = None,
    subject: str | None = None,
) -> Draft:
    """Write the message of one parcel. ``subject``: a template in the place of the wording's.

    A deceased resident's parcel has the wording for it, and never the everyday text.

    Raises:
        TemplateError: ``header_invalid`` (header, value) when a name, an address or the subject
            cannot stand in a header; ``wording_missing`` (where) for a deceased resident's message without
            a text of its own; what ``check`` raises.
    """
    enclosed = _enclosed(attachments)
    sender_name = display_name("From", account.name or establishment.name)
    values = _values(line, parcel, enclosed, establishment=establishment, sender=sender_name)
    return _draft(
        parcel,
        enclosed,
        _Words(
            subject=_subject(parcel, values, wording=wording, given=subject),
            text=_text(parcel, values, wording=wording),
            signature=_body(render(wording.signature, values, where="signature")),
            receipt=wording.receipt,
        ),
        account=account,
        establishment=establishment,
        logo=logo,
    )


def write_grouped(
    parts: Sequence[tuple[DispatchLine, Parcel]],
    attachments: Sequence[Attachment],
    *,
    wording: Wording,
    account: MailAccount,
    establishment: Establishment,
    logo: Attachment | None = None,
) -> Draft:
    """Write one message for the parcels of several residents to the one guardian whom all of them name.

    Raises:
        TemplateError: as :func:`write`.
    """
    enclosed = _enclosed(attachments)
    sender_name = display_name("From", account.name or establishment.name)
    parcel = parts[0][1]
    values = _grouped_values(parts, enclosed, establishment=establishment, sender=sender_name)
    return _draft(
        parcel,
        enclosed,
        _Words(
            subject=render_subject(wording.grouped_subject, values, where="grouped_subject"),
            text=_body(render(wording.grouped_text, values, where="grouped_text")),
            signature=_body(render(wording.signature, values, where="grouped_signature")),
            receipt=wording.receipt,
        ),
        account=account,
        establishment=establishment,
        logo=logo,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    subject: str
    text: str
    signature: str
    receipt: bool


def _draft(
    parcel: Parcel,
    enclosed: tuple[Attachment, ...],
    words: _Words,
    *,
    account: MailAccount,
    establishment: Establishment,
    logo: Attachment | None,
) -> Draft:
    picture = replace(logo, name=safe_name(logo.name)) if logo else None
    page = markup.page(
        words.text, words.signature, establishment=establishment, logo=content_id(picture, account.sender)
    )
    return Draft(
        sender=checked_address(account.sender, header="From"),
        sender_name=display_name("From", account.name or establishment.name),
        reply_to=checked_address(account.reply_to, header="Reply-To") if account.reply_to else "",
        recipients=tuple(map(_checked_recipient, parcel.recipients)),
        subject=words.subject,
        text="\n\n".join(filter(None, (words.text, words.signature))) + "\n",
        html=page,
        attachments=enclosed,
        logo=picture,
        receipt=words.receipt,
    )


def _enclosed(attachments: Sequence[Attachment]) -> tuple[Attachment, ...]:
    return tuple(replace(item, name=safe_name(item.name)) for item in attachments)


def _grouped_values(
    parts: Sequence[tuple[DispatchLine, Parcel]],
    attachments: Sequence[Attachment],
    *,
    establishment: Establishment,
    sender: str,
) -> Mapping[str, str]:
    line, parcel = parts[0]
    listed = (
        f"– {one.resident.name if one.resident else one.number}\N{NO-BREAK SPACE}: "
        f"{', '.join(one.carried(with_))}, {formats.amount(_amount(one))}"
        for one, with_ in parts
    )
    return {
        "etablissement": establishment.name,
        "destinataire": parcel.addressee,
        "mois": formats.month(line.month) if line.month else "",
        "de_mois": formats.of_month(line.month) if line.month else "",
        "montant": formats.amount(sum((_amount(one) for one, _ in parts), Decimal(0))),
        "nombre": str(len({one.resident.code for one, _ in parts if one.resident})),
        "liste": "\n".join(listed),
        "pieces": "\n".join(item.name for item in attachments),
        "expediteur": sender,
    }


def _amount(line: DispatchLine) -> Decimal:
    if line.invoice:
        return line.invoice.net
    return line.statement.total if line.statement else line.amount


def _values(
    line: DispatchLine,
    parcel: Parcel,
    attachments: Sequence[Attachment],
    *,
    establishment: Establishment,
    sender: str,
) -> Mapping[str, str]:
    resident, invoice = line.resident, line.invoice
    document = invoice or line.statement
    return {
        "etablissement": establishment.name,
        "resident": resident.name if resident else "",
        "civilite": resident.civility if resident else "",
        "nom": resident.last_name.upper() if resident else "",
        "prenom": resident.first_name if resident else "",
        "destinataire": parcel.addressee,
        "mois": formats.month(line.month) if line.month else "",
        "de_mois": formats.of_month(line.month) if line.month else "",
        "numero": line.number,
        "date": formats.date(document.date) if document else "",
        "echeance": formats.date(invoice.due) if invoice and invoice.due else "",
        "montant": formats.amount(_amount(line)),
        "pieces": "\n".join(item.name for item in attachments),
        "expediteur": sender,
    }


def _body(text: str) -> str:
    """Normalise line ends; take out what has no place in a letter (controls, lone surrogates)."""
    text = re.sub(r"\r\n?|[\u2028\u2029\x0b\x0c\x85]", "\n", text)
    kept = (c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs"))
    return "".join(kept).strip()


def _checked_recipient(recipient: Recipient) -> Recipient:
    checked_address(recipient.address, header="To")
    return replace(recipient, name=display_name("To", recipient.name))


def _text(parcel: Parcel, values: Mapping[str, str], *, wording: Wording) -> str:
    where = "deceased_text" if parcel.deceased else "text"
    source = wording.deceased_text if parcel.deceased else wording.text
    if not source.strip():
        raise TemplateError("wording_missing", where=where)
    return _body(render(source, values, where=where))


def _subject(parcel: Parcel, values: Mapping[str, str], *, wording: Wording, given: str | None) -> str:
    if given:
        return render_subject(given, values, where="subject")
    if parcel.deceased and wording.deceased_subject:
        return render_subject(wording.deceased_subject, values, where="deceased_subject")
    return render_subject(wording.subject, values, where="subject")


def content_id(logo: Attachment | None, sender: str) -> str:
    """Name the inline picture (RFC 2392): by its content, so that the name is unique and stays the same."""
    return f"{logo.sha256[:24]}@{sender.partition('@')[2]}" if logo else ""


def fingerprint(draft: Draft) -> Fingerprint:
    """Hash what must not change once accepted: addresses, documents, text (16 hex digits each)."""
    return Fingerprint(
        addresses=_digest(sorted(recipient.address.lower() for recipient in draft.recipients)),
        documents=documents_digest([(item.name, item.sha256) for item in draft.attachments]),
        text=_digest([draft.subject, draft.text, draft.html, draft.receipt]),
    )


def documents_digest(files: Sequence[tuple[str, str]]) -> str:
    """Hash what was attached: the name and the SHA-256 of each file, in order."""
    return _digest([list(file) for file in files])


def _digest(facts: Sequence[object]) -> str:
    return hashlib.sha256(json.dumps(facts, separators=(",", ":")).encode()).hexdigest()[:16]


def envelope(draft: Draft, account: MailAccount, *, envid: str) -> Envelope:
    """Address the envelope: each address once, the archive only when it is not a recipient already."""
    addresses = tuple(dict.fromkeys(recipient.address for recipient in draft.recipients))
    known = {address.lower() for address in addresses}
    return Envelope(
        sender=draft.sender,
        recipients=addresses,
        archive="" if account.archive.lower() in known else account.archive,
        envid=envid,
    )
