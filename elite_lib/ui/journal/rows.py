"""The invoice journal's rows as the page shows them, and the filters that show some of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pandas as pd

from elite_lib import formats
from elite_lib.labels import N_, _, word
from elite_lib.models import Box
from elite_lib.reports import Envelope
from elite_lib.ui import panels
from elite_lib.ui.rows import instant

_WORDS: Mapping[Envelope, str] = {
    Envelope.SENT: N_("sent by e-mail"),
    Envelope.RETURNED: N_("refused or returned"),
    Envelope.UNCERTAIN: N_("uncertain"),
    Envelope.HANDED: N_("handed to the mail program"),
    Envelope.PRINTED: N_("printed"),
}
_ORDER = tuple(Envelope)


def filters() -> list[dict[str, str]]:
    """List the filters: ``value`` is a group of a row, empty for all."""
    named = (
        ("", _("all invoices")),
        ("unsent", _("not sent")),
        (Envelope.RETURNED.value, _("refused or returned ones")),
        (Envelope.UNCERTAIN.value, _("uncertain ones")),
        (Envelope.HANDED.value, _("those handed to a mail program")),
        ("received", _("with a read receipt")),
        ("printed", _("printed or posted")),
    )
    return [{"value": value, "label": label} for value, label in named]


def label(envelope: Envelope, box: Box) -> str:
    """Say the sign in words; of what did not leave, where it stands."""
    if envelope is Envelope.NONE or box is Box.POSTED:
        return word(box)
    return _(_WORDS[envelope])


def build(journal: pd.DataFrame) -> list[dict[str, Any]]:
    """Show every row of ``reports.invoice_journal``, in its order."""
    return [_row(facts) for facts in journal.to_dict("records")]


def moment(value: object) -> dt.datetime | None:
    """Read an instant of the frame, which has NaT where there is none."""
    return value if isinstance(value, dt.datetime) and not pd.isna(value) else None


def _row(facts: Mapping[Any, Any]) -> dict[str, Any]:
    envelope, box = Envelope(facts["envelope"]), Box(facts["box"])
    sent, received = moment(facts["sent"]), moment(facts["received"])
    groups = [envelope.value]
    if envelope in (Envelope.NONE, Envelope.PRINTED) and box not in (Box.EXCLUDED, Box.POSTED):
        groups.append("unsent")
    if received is not None:
        groups.append("received")
    if facts["printed"] and envelope is not Envelope.PRINTED:
        groups.append(Envelope.PRINTED.value)
    also = [_("printed")] if facts["printed"] and envelope is not Envelope.PRINTED else []
    if envelope is Envelope.NONE and facts["recipients"]:
        also.insert(0, _("sent to some"))
    return {
        "key": facts["number"],
        "number": panels.quoted(str(facts["number"]).partition("@")[0]),
        "resident": panels.quoted(facts["name"]),
        "month": formats.month(facts["month"]) if facts["month"] else "",
        "month_key": facts["month"],
        "amount": formats.amount(facts["amount"]),
        "cents": int(facts["amount"] * 100),
        "envelope": envelope.value,
        "label": label(envelope, box),
        "also": ", ".join(also),
        "rank": f"{_ORDER.index(envelope)}",
        "sent": instant(sent) if sent else "",
        "sent_at": sent.isoformat() if sent else "",
        "recipients": [panels.quoted(one) for one in str(facts["recipients"]).split(", ") if one],
        "received": instant(received) if received else "",
        "received_at": received.isoformat() if received else "",
        "groups": groups,
    }
