"""Homes where something came back: RETURNED entries appended as the collector writes them."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass, field
from typing import Any

from elite_lib import batch as batches
from elite_lib.batch import Office
from elite_lib.models import (
    Entry,
    EntryKind,
    Period,
    RecipientOutcome,
    Reply,
    ReturnClass,
    ReturnKind,
    Status,
    Tie,
)
from tests.support import offices
from tests.support.offices import OCTOBER

C, K = ReturnClass, ReturnKind


@dataclass
class Mailbag:
    """Append what came back to an office, about messages that it sent."""

    office: Office
    number: int = field(default=0)

    def send(self, period: Period = OCTOBER, **options: Any) -> None:
        """Prepare and send a month over a pretended server."""
        offices.run(self.office, batches.prepare(self.office, period).batch, **options)

    def back(
        self,
        address: str,
        cls: ReturnClass | None = C.HARD,
        *,
        kind: ReturnKind = K.BOUNCE,
        final: bool = True,
        after: float = 60.0,
        raw: bytes = b"",
        **data: Any,
    ) -> Entry:
        """Append a finding, ``after`` seconds from the newest attempt to the address; untied without one."""
        self.number += 1
        attempts = self.office.journal.attempts(address=address)
        attempt = attempts[-1] if attempts else None
        came = (attempt.at if attempt and attempt.at else dt.datetime.now(dt.UTC)) + dt.timedelta(
            seconds=after
        )
        failed = kind is K.BOUNCE
        status = (Status.BOUNCED if final else Status.DEFERRED) if failed else Status.ACCEPTED
        contact = next((o.contact for o in attempt.recipients if o.address == address), "") if attempt else ""
        digest = hashlib.sha256(raw or f"{self.number}".encode()).hexdigest()
        if raw:
            folder = self.office.settings.home.root / "returns"
            folder.mkdir(mode=0o700, exist_ok=True)
            (folder / f"{digest}.eml").write_bytes(raw)
        told = Reply(code=550, text="no") if failed else None
        facts = {
            "digest": digest, "part": 0, "kind": kind.value, "class": cls.value if cls else "",
            "final": final, "status": "5.1.1" if failed else "", "reply_code": "550" if failed else "",
            "reason": "no such user",
            "ours": False, "remote": "mx.example.com", "rule": "unknown-user" if cls is C.HARD else "",
            "detector": "dsn", "source": "test", "received": came.isoformat(), "disposition": "",
            "attempted": attempt.at.isoformat() if attempt and attempt.at else "",
            "message_id": attempt.data["message_id"] if attempt else "",
            "tied": Tie.MESSAGE_ID.value if attempt else "",
        }  # fmt: skip
        entry = Entry(
            kind=EntryKind.RETURNED,
            operator="Claire",
            account=attempt.account if attempt else "",
            month=attempt.month if attempt else "",
            batch=attempt.batch if attempt else "",
            line=attempt.line if attempt else "",
            message=attempt.message if attempt else "",
            recipients=(RecipientOutcome(contact=contact, address=address, status=status, reply=told),),
            data=facts | data,
        )
        (written,) = self.office.journal.append_once(entry)
        return written
