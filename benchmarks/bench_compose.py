"""Measure building a message against its floor: the base64 of its attachments, in the same run.

Run: ``python benchmarks/bench_compose.py``. Target: writing and assembling ≤ 15 × the floor.
"""

from __future__ import annotations

import base64
import datetime as dt
import gc
import random
import statistics
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from email.message import EmailMessage
from email.policy import SMTP

from elite_lib import composition
from elite_lib.models import (
    Attachment,
    DispatchLine,
    Disposition,
    DocumentKind,
    Draft,
    Establishment,
    Invoice,
    LineKind,
    MailAccount,
    Parcel,
    Recipient,
    Resident,
    Wording,
)

TARGET = 15.0
ROUNDS, REPEATS = 15, 20
MESSAGE_ID = "<0123456789abcdef01234567@tilleuls.example>"
DATE = dt.datetime(2026, 10, 31, 17, 0, tzinfo=dt.UTC)
HOME = Establishment(key="tilleuls", name="Résidence Les Tilleuls")
ACCOUNT = MailAccount(sender="compta@tilleuls.example", host="smtp.tilleuls.example", port=587)
WORDING = Wording(
    subject="Facture {{ de_mois }} – {{ resident }}",
    text="Bonjour {{ destinataire }},\n\nVeuillez trouver la facture {{ numero }} ({{ montant }}), à régler "
    "avant le {{ echeance }}.\n\n{{ pieces }}\n\nCordialement,",
    signature="{{ expediteur }}\nhttps://tilleuls.example",
)
LINE = DispatchLine(
    key="F2026-10-00042",
    kind=LineKind.INVOICE,
    month="2026-10",
    row=2,
    amount=Decimal("2234.56"),
    disposition=Disposition.MAIL,
    resident=Resident(code="R00042", civility="Mme", last_name="Bœuf", first_name="Geneviève"),
    invoice=Invoice(
        number="F2026-10-00042",
        date=dt.date(2026, 10, 31),
        due=dt.date(2026, 11, 15),
        resident="R00042",
        total_before_tax=Decimal("2234.56"),
        total=Decimal("2234.56"),
        net=Decimal("2234.56"),
    ),
)
PARCEL = Parcel(
    key="F2026-10-00042~1",
    recipients=(Recipient(contact="R00042/1", address="helene@famille.example", name="Mme Hélène LEFÈVRE"),),
    documents=(DocumentKind.INVOICE,),
    addressee="Madame Hélène LEFÈVRE",
)
PDF = Attachment(name="Facture_F2026-10-00042.pdf", content=random.Random(7).randbytes(104_000))


def written() -> Draft:
    return composition.write(LINE, PARCEL, [PDF], wording=WORDING, account=ACCOUNT, establishment=HOME)


def by_email_message(draft: Draft) -> bytes:
    """Build the same message with the standard library's EmailMessage, for comparison."""
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = draft.sender, "helene@famille.example", draft.subject
    message["Message-ID"] = MESSAGE_ID
    message.set_content(draft.text)
    message.add_alternative(draft.html, subtype="html")
    for item in draft.attachments:
        message.add_attachment(item.content, maintype="application", subtype="pdf", filename=item.name)
    return message.as_bytes()


def milliseconds(action: Callable[[], object]) -> float:
    """CPU time of one call: median of rounds."""
    action()
    rounds = []
    for _ in range(ROUNDS):
        gc.collect()
        start = time.process_time()
        for _ in range(REPEATS):
            action()
        rounds.append((time.process_time() - start) / REPEATS * 1000)
    return statistics.median(rounds)


def main() -> int:
    draft = written()
    size = len(composition.assemble(draft, message_id=MESSAGE_ID, date=DATE))
    floor = milliseconds(lambda: base64.encodebytes(PDF.content))
    rows = {
        "base64 of the attachment (floor)": floor,
        "write (templates, HTML)": milliseconds(written),
        "assemble (MIME)": milliseconds(
            lambda: composition.assemble(draft, message_id=MESSAGE_ID, date=DATE)
        ),
        "write + assemble": milliseconds(
            lambda: composition.assemble(written(), message_id=MESSAGE_ID, date=DATE)
        ),
        "email.message.EmailMessage, same parts": milliseconds(lambda: by_email_message(draft)),
    }
    print(f"one message of {size / 1000:.0f} KB, CPU per message, median of {ROUNDS} x {REPEATS}")
    for name, value in rows.items():
        print(f"{name:<42} {value:7.3f} ms {value / floor:6.1f} x")
    ratio = rows["write + assemble"] / floor
    print(f"target: write + assemble <= {TARGET:.0f} x the floor: {'met' if ratio <= TARGET else 'MISSED'}")
    return 0 if ratio <= TARGET else 1


if __name__ == "__main__":
    sys.exit(main())
