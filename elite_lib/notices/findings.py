"""What came back, one value per recipient: the journal's RETURNED entries beside the workbook's people.

DataFrames (``reports``), the sheet of returns and the notices are all made from these.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from elite_lib import outcomes
from elite_lib.batch import Office
from elite_lib.labels.cases import Saying
from elite_lib.labels.returns import tell, untied
from elite_lib.models import (
    Entry,
    EntryKind,
    Period,
    ReturnClass,
    ReturnKind,
    Status,
    Tables,
    Tie,
)
from elite_lib.outcomes import States
from elite_lib.pacing import LaneTable

LATEST = dt.timedelta(days=14)  # a return this long after the last attempt of a period is not about it


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """What one returned message says of one recipient."""

    entry: int
    read: dt.datetime  # when the collector wrote it down
    received: dt.datetime | None  # when it came back, by the message itself
    sent: dt.datetime | None  # the attempt that it is tied to
    month: str = ""
    line: str = ""
    contact: str = ""
    address: str
    lane: str
    kind: ReturnKind
    cls: ReturnClass | None  # None: a read receipt
    final: bool
    status: str = ""
    code: str = ""
    reason: str = ""
    ours: bool = False
    remote: str = ""
    rule: str = ""
    tied: Tie | None = None
    digest: str = ""
    batch: str = ""
    message: str = ""
    message_id: str = ""
    disposition: str = ""
    resident: str = ""  # code
    resident_name: str = ""
    name: str = ""  # of the contact
    phone: str = ""

    @property
    def failed(self) -> bool:
        """The server gave up."""
        return self.kind is ReturnKind.BOUNCE and self.final

    @property
    def delayed(self) -> bool:
        return self.kind is ReturnKind.BOUNCE and not self.final

    @property
    def seconds(self) -> float | None:
        """From the attempt to the return."""
        if self.sent is None or self.received is None:
            return None
        return max(0.0, (self.received - self.sent).total_seconds())

    @property
    def saying(self) -> Saying:
        if self.tied is None and self.kind in (ReturnKind.BOUNCE, ReturnKind.COMPLAINT):
            return untied()
        return tell(self.kind, self.cls, final=self.final, ours=self.ours, rule=self.rule, status=self.status)


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Who is who in the workbook: names and telephones, by code and by contact."""

    residents: Mapping[str, str] = field(default_factory=dict)  # code -> name
    contacts: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # "R00042/1" -> name, telephone
    lines: Mapping[str, str] = field(default_factory=dict)  # document's number -> resident's code

    @classmethod
    def of(cls, tables: Tables | None) -> People:
        """Read them off the workbook; without one nobody has a name."""
        if tables is None:
            return cls()
        contacts = tables.contacts.to_dict("records")
        invoices, sums = tables.invoices.to_dict("records"), tables.disbursements.to_dict("records")
        lines = {row["statement"]: row["resident"] for row in sums}
        lines |= {row["number"]: row["resident"] for row in invoices}
        return cls(
            residents={row["code"]: _name(row) for row in tables.residents.to_dict("records")},
            contacts={
                f"{row['resident']}/{row['rank']}": (_name(row), row["phone"] or "") for row in contacts
            },
            lines={number: code or "" for number, code in lines.items() if number},
        )


def _name(row: Mapping[Any, Any]) -> str:
    last = (row["last_name"] or "").upper()
    return " ".join(filter(None, (row["civility"], row["first_name"], last)))


def findings(
    office: Office, period: Period | None = None, *, tables: Tables | None = None, after: int = 0
) -> list[Returned]:
    """List what came back about a period, in the order in which it was read; ``None``: of all times.

    A return that is tied to no message of ours is of the period whose sending it followed by at most
    14 days. ``tables`` add names and telephones; ``after`` is an entry's id: what was read later.

    Raises:
        JournalError: it cannot be read.
    """
    entries = [entry for entry in office.journal.returns() if entry.id > after]
    if period is not None and entries:
        span = _span(office, period) if any(not entry.month for entry in entries) else None
        entries = [entry for entry in entries if _belongs(entry, period, span)]
    table, people = lane_table(office), People.of(tables)
    return [_returned(entry, table, people) for entry in entries if entry.recipients]


def lane_table(office: Office) -> LaneTable:
    """Name the providers as the home's settings do."""
    settings = office.settings
    return LaneTable(settings.lanes, host=settings.mail.host if settings.mail else "")


def _span(office: Office, period: Period) -> tuple[dt.datetime, dt.datetime] | None:
    times = [e.at for e in office.journal.entries(period=period, kinds=[EntryKind.ATTEMPTING]) if e.at]
    return (min(times), max(times) + LATEST) if times else None


def _belongs(entry: Entry, period: Period, span: tuple[dt.datetime, dt.datetime] | None) -> bool:
    if entry.month:
        return entry.month in period
    came = _instant(entry.data.get("received")) or entry.at
    return span is not None and came is not None and span[0] <= came <= span[1]


def _instant(value: object) -> dt.datetime | None:
    try:
        found = dt.datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)


def _returned(entry: Entry, table: LaneTable, people: People) -> Returned:
    outcome, data = entry.recipients[0], entry.data
    text = {name: str(value) for name, value in data.items() if isinstance(value, str)}
    name, phone = people.contacts.get(outcome.contact, ("", ""))
    resident = people.lines.get(entry.line) or outcome.contact.partition("/")[0]
    cls = text.get("class", "")
    read = entry.at or dt.datetime.min.replace(tzinfo=dt.UTC)
    return Returned(
        entry=entry.id,
        read=read,
        received=_instant(text.get("received", "")) or read,
        sent=_instant(text.get("attempted", "")),
        month=entry.month,
        line=entry.line,
        contact=outcome.contact,
        address=outcome.address,
        lane=table.of(outcome.address),
        kind=ReturnKind(text.get("kind", ReturnKind.BOUNCE.value)),
        cls=ReturnClass(cls) if cls else None,
        final=data.get("final") is True,
        status=text.get("status", ""),
        code=text.get("reply_code", ""),
        reason=text.get("reason", ""),
        ours=data.get("ours") is True,
        remote=text.get("remote", ""),
        rule=text.get("rule", ""),
        tied=Tie(text["tied"]) if entry.line and text.get("tied") else None,
        digest=text.get("digest", ""),
        batch=entry.batch,
        message=entry.message,
        message_id=text.get("message_id", ""),
        disposition=text.get("disposition", ""),
        resident=resident,
        resident_name=people.residents.get(resident, ""),
        name=name,
        phone=phone,
    )


_OPEN = (Status.BOUNCED, Status.REFUSED, Status.UNCERTAIN)


def states_of(office: Office, found: Iterable[Returned]) -> States:
    """Read what is known now of the lines that something came back about."""
    lines = {one.line for one in found if one.line}
    return outcomes.fold(office.journal.entries(lines=lines)) if lines else States()


def still_open(found: Sequence[Returned], states: States) -> list[Returned]:
    """Leave out what needs nobody any more: sent again, posted, arrived, or failed after a delay.

    Of several reports about one recipient of one message the newest stays.
    """
    newest: dict[tuple[str, ...], Returned] = {}
    arrived = {_about(one) for one in found if one.kind in (ReturnKind.DELIVERED, ReturnKind.MDN)}
    for one in found:
        key = (*_about(one), one.kind.value)
        before = newest.get(key)
        if before is None or not (before.failed and one.delayed):
            newest.pop(key, None)
            newest[key] = one
    return [
        one
        for one in newest.values()
        if _is_open(one, states) and not (one.delayed and _about(one) in arrived)
    ]


def _about(one: Returned) -> tuple[str, ...]:
    return one.line, one.contact, one.address.lower(), one.message_id or one.digest


def _is_open(one: Returned, states: States) -> bool:
    if not one.failed or not one.line:
        return True
    state = states.get((one.line, one.contact, one.address))
    return state is None or state.status in _OPEN
