"""Messages that come back, as servers write them; and entries about them, where no message is needed."""

from __future__ import annotations

import datetime as dt
import itertools
from email.utils import format_datetime
from multiprocessing.connection import Connection
from pathlib import Path

from elite_lib import batch as batches
from elite_lib.batch import Office
from elite_lib.models import (
    Batch,
    BatchMessage,
    Entry,
    EntryKind,
    RecipientOutcome,
    Reply,
    ReturnClass,
    ReturnKind,
    Status,
    Tie,
)
from tests.support import offices

_numbers = itertools.count(1)
SERVER = "mx.fournisseur.example"


def report(
    recipient: str,
    *,
    message_id: str = "",
    envid: str = "",
    action: str = "failed",
    status: str = "5.1.1",
    said: str = "550 5.1.1 <{recipient}>: Recipient address rejected: User unknown",
    to: str = "compta@tilleuls.example",
    at: dt.datetime | None = None,
    others: tuple[str, ...] = (),
) -> bytes:
    """Write a delivery status notification (RFC 3464) with the headers of what was sent."""
    identity = f"Original-Envelope-Id: {envid}\n" if envid else ""
    returned = f"Message-ID: {message_id}\n" if message_id else ""
    blocks = "".join(
        f"Final-Recipient: rfc822; {one}\nAction: {action}\nStatus: {status}\n"
        f"Remote-MTA: dns; {SERVER}\nDiagnostic-Code: smtp; {said.format(recipient=one)}\n\n"
        for one in (recipient, *others)
    )
    return (
        f"From: MAILER-DAEMON@relais.example (Mail Delivery System)\nTo: {to}\n"
        f"Subject: Undelivered Mail Returned to Sender\n{_date(at)}"
        "Auto-Submitted: auto-replied\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
        f"--b\nContent-Type: text/plain\n\nReport number {next(_numbers)}.\n\n"
        "--b\nContent-Type: message/delivery-status\n\n"
        f"Reporting-MTA: dns; relais.example\n{identity}\n{blocks}"
        f"--b\nContent-Type: text/rfc822-headers\n\nFrom: {to}\n{returned}Subject: Facture\n\n--b--\n"
    ).encode()


def receipt(recipient: str, message_id: str, *, at: dt.datetime | None = None) -> bytes:
    """Write a read receipt (RFC 8098)."""
    return (
        f"From: {recipient}\nTo: compta@tilleuls.example\nSubject: Lu : Facture\n{_date(at)}"
        f"In-Reply-To: {message_id}\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=disposition-notification; boundary="b"\n\n'
        "--b\nContent-Type: text/plain\n\nVotre message a été lu.\n\n"
        "--b\nContent-Type: message/disposition-notification\n\n"
        f"Final-Recipient: rfc822; {recipient}\nOriginal-Message-ID: {message_id}\n"
        "Disposition: manual-action/MDN-sent-manually; displayed\n\n--b--\n"
    ).encode()


def letter(sender: str, text: str, *, at: dt.datetime | None = None) -> bytes:
    """Write an ordinary message of a person."""
    return (
        f"From: {sender}\nTo: compta@tilleuls.example\nSubject: Bonjour\n{_date(at)}"
        f"Message-ID: <lettre-{next(_numbers)}@example.com>\n\n{text}\n"
    ).encode()


def _date(at: dt.datetime | None) -> str:
    return f"Date: {format_datetime(at or dt.datetime.now(dt.UTC))}\n"


def entry(
    batch: Batch,
    message: BatchMessage,
    *,
    cls: ReturnClass = ReturnClass.RATE_LIMITED,
    final: bool = False,
    kind: ReturnKind = ReturnKind.BOUNCE,
    status: str = "4.7.1",
    ours: bool = False,
    attempted: dt.datetime,
    said: str = "slow down",
) -> Entry:
    """Say that a message of a batch came back, as ``collect`` does."""
    (recipient, *_) = message.recipients
    return Entry(
        kind=EntryKind.RETURNED,
        account=batch.account,
        month=message.month,
        batch=batch.id,
        line=message.line,
        message=message.key,
        recipients=(
            RecipientOutcome(
                contact=recipient.contact,
                address=recipient.address,
                status=Status.BOUNCED if final else Status.DEFERRED,
                reply=Reply(code=550 if final else 450, text=said),
            ),
        ),
        data={
            "digest": f"{next(_numbers):064x}", "part": 0, "kind": kind.value, "class": cls.value,
            "final": final, "status": status, "reply_code": "", "reason": said, "ours": ours, "remote": "",
            "rule": "", "detector": "", "message_id": message.message_id, "tied": Tie.MESSAGE_ID.value,
            "source": "test", "received": attempted.isoformat(), "attempted": attempted.isoformat(),
            "disposition": "",
        },
    )  # fmt: skip


def append(office: Office, *entries: Entry) -> None:
    for one in entries:
        assert office.journal.append_once(one)


def collector(pipe: Connection, root: Path) -> None:
    """Collect, and tell each return once it is durable."""
    with offices.open_office(root) as office:
        pipe.send("open")
        batches.collect(office, on_entry=lambda entry: pipe.send(entry.kind.value))
        pipe.send("ended")
