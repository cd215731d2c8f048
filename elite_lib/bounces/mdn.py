"""Read receipts: RFC 8098 (and RFC 6533 for addresses beyond ASCII)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from elite_lib.bounces import failing, origin, recipients
from elite_lib.bounces.parsing import Mail

# Receipts in words alone, from their first one on: Pegasus Mail; Exchange 5.5; Lotus Notes.
_PLAIN = re.compile(
    r"\s*(?:confirmation of reading: your message|confirmation de lecture ?: votre message|"
    r"your message\s+to: .{0,500}\bwas read on\s|votre message\s+[àa] ?: .{0,500}\ba [ée]t[ée] lu le\s|"
    r"return receipt\s+your\s.{0,400}\bdocument:\s+was\s|"
    r"accus[ée] de r[ée]ception\s+votre\s.{0,400}\bdocument ?:\s+(?:a [ée]t[ée]|a)\s)",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    disposition: str  # "displayed", "deleted", "dispatched", "processed"
    recipient: str
    message_id: str
    date: datetime | None


def read(mail: Mail) -> Receipt | None:
    """Give the receipt; None when the message is none. One that is forwarded, or that rejects, is none."""
    fields = next((b for b in mail.blocks.get("disposition", []) if "disposition" in b), None)
    if fields is None and _PLAIN.match(mail.notice):
        fields = {"disposition": "displayed"}
    elif fields is None or "report" not in mail.content_type.partition(";")[0] or rejects(mail):
        return None
    who = recipients.clean(fields.get("original-recipient", "")) or recipients.clean(
        fields.get("final-recipient", "")
    )
    return Receipt(
        disposition=fields["disposition"].rpartition(";")[2].partition("/")[0].strip().lower(),
        recipient=who or origin.sender(mail),
        message_id=fields.get("original-message-id", "").strip() or mail.header("in-reply-to"),
        date=moment(mail.header("date")),
    )


def rejects(mail: Mail) -> bool:
    """Tell whether a receipt says that the message was refused: Dovecot's LDA and Sieve (RFC 5429 2.1)."""
    fields = [block.get("disposition", "").lower() for block in mail.blocks.get("disposition", [])]
    unread = any(one.startswith("automatic-action") and "deleted" in one for one in fields)
    return unread and origin.is_system(mail) and bool(failing.WORDS.search(mail.notice[:1500]))


def moment(value: str) -> datetime | None:
    """Read a Date header as an aware UTC time; None when it is none."""
    try:
        read_date = parsedate_to_datetime(value)
        return (read_date if read_date.tzinfo else read_date.replace(tzinfo=UTC)).astimezone(UTC)
    except (TypeError, ValueError, OverflowError, IndexError):
        return None
