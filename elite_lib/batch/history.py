"""What happened to one invoice, and the messages as they were sent."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage, Message

from elite_lib.batch.office import Office
from elite_lib.exceptions import OutboxError
from elite_lib.models import Attachment, Entry, EntryKind

_SENDING = frozenset({EntryKind.VERDICT, EntryKind.HANDED_OVER, EntryKind.ATTEMPTING})


@dataclass(frozen=True, slots=True, kw_only=True)
class SentMessage:
    """A frozen message, read for a person's eyes: all of it is plain text or a file."""

    subject: str
    recipients: str
    text: str
    html: str
    attachments: tuple[Attachment, ...]
    pictures: Mapping[str, Attachment] = field(default_factory=dict)  # of the HTML, by Content-ID


def history(office: Office, line: str) -> tuple[Entry, ...]:
    """List what the journal has about an invoice, oldest first.

    An attempt whose answer is known is left out: the answer says it.
    """
    entries = office.journal.entries(lines=[line])
    answered = {entry.attempt for entry in entries if entry.kind is EntryKind.VERDICT and entry.attempt}
    return tuple(entry for entry in entries if entry.id not in answered)


def sent_message(office: Office, entry: Entry) -> SentMessage | None:
    """Read the message that an entry is about; None where it is not kept any more, or is on another machine.

    Raises:
        OutboxError: ``batch_altered``: it is there, and not as it was frozen.
    """
    if entry.kind not in _SENDING or not entry.batch:
        return None
    try:
        batch = office.outbox.listed(entry.batch)
        message = next((one for one in batch.messages if one.key == entry.message), None)
        return _read(office.outbox.content(batch, message)) if message is not None else None
    except OutboxError as error:
        file = office.outbox.folder / entry.batch / str(error.fields.get("file") or "")
        if error.code == "batch_missing" or not file.exists():
            return None
        raise


def _payload(part: Message[str, str]) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _read(content: bytes) -> SentMessage:
    mail = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(mail, EmailMessage)  # noqa: S101 (what this policy gives)
    plain, rich = mail.get_body(("plain",)), mail.get_body(("html",))
    return SentMessage(
        subject=str(mail["Subject"] or ""),
        recipients=str(mail["To"] or ""),
        text=plain.get_content() if plain is not None else "",
        html=rich.get_content() if rich is not None else "",
        attachments=tuple(
            Attachment(
                name=part.get_filename() or "",
                content=_payload(part),
                media_type=part.get_content_type(),
            )
            for part in mail.iter_attachments()
        ),
        pictures={
            str(part["Content-ID"]).strip("<> "): Attachment(
                name="", content=_payload(part), media_type=part.get_content_type()
            )
            for part in mail.walk()
            if part["Content-ID"] and part.get_content_maintype() == "image"
        },
    )
