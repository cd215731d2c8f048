"""Tell the accountant what came back after a run that nobody watched: the sheet, by e-mail."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import os
from collections.abc import Iterator, Mapping
from html import escape

from elite_lib import composition
from elite_lib.batch import Office, load_tables
from elite_lib.composition.headers import display_name
from elite_lib.exceptions import EliteError
from elite_lib.labels import _, ngettext
from elite_lib.models import (
    Attachment,
    Draft,
    Entry,
    EntryKind,
    Establishment,
    MailAccount,
    Period,
    Recipient,
    Tables,
)
from elite_lib.notices.calls import (
    Call,
    Part,
    ReturnSheet,
    cells,
    column_titles,
    part_title,
    return_sheet,
    sheet_of,
)
from elite_lib.notices.calls_xlsx import sheet_xlsx
from elite_lib.notices.findings import Returned, findings, states_of, still_open
from elite_lib.notices.sending import deliver
from elite_lib.notices.sheet import XLSX
from elite_lib.notices.watching import RECENT
from elite_lib.transports import Transport

_SHOWN = 40  # calls in the text; the sheet has them all
_CELL = 'style="padding:3px 12px 3px 0;text-align:left;vertical-align:top"'
_FONT = "font-family:Arial,Helvetica,sans-serif;font-size:14px;color:#222222"


def send_returns_notice(
    office: Office,
    *,
    after: int | None = None,
    transport: Transport | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Entry | None:
    """Tell ``[notice] to`` what came back since it was told last, and append NOTICED.

    ``after``: since that entry instead. None when nothing came that needs somebody, or nobody is to be
    told. It is tried once and never raises: ``ok`` and ``detail`` of the entry say what became of it,
    and what could not be told is told the next time.
    """
    settings = office.settings
    if not settings.notice.to:
        return None
    seen = office.journal.mark().entry
    found = findings(office, after=_told(office) if after is None else after, tables=_tables(office))
    current = still_open(found, states_of(office, found))
    sheet = sheet_of(found, current, period=_period(current))
    if sheet.empty:
        return None

    def write(account: MailAccount) -> bytes:
        now = dt.datetime.now(dt.UTC)
        home = settings.establishment
        return compose_returns(sheet, establishment=home, account=account, to=settings.notice.to, now=now)

    ok, detail = deliver(settings, write, transport=transport, environ=environ)
    entry = _noticed(office, sheet, {"ok": ok, "detail": detail, "returns": len(current), "seen": seen})
    with contextlib.suppress(EliteError):  # the journal may be what was wrong
        return office.journal.append(entry)
    return entry


def _noticed(office: Office, sheet: ReturnSheet, facts: Mapping[str, str | int | bool | None]) -> Entry:
    settings = office.settings
    subject = returns_subject(sheet, settings.establishment)
    return Entry(
        kind=EntryKind.NOTICED,
        operator=office.operator,
        account=settings.mail.key if settings.mail is not None else "",
        # the page reads it as a period: what is tied to nothing is told of the month in which it came
        month=sheet.period.key if sheet.period is not None else f"{dt.datetime.now(dt.UTC):%Y-%m}",
        data={"to": settings.notice.to, "subject": subject, "trouble": "", **facts},
    )


def _told(office: Office) -> int:
    """Find how far ``[notice] to`` was told; of old returns, nobody is told for the first time."""
    noticed = office.journal.entries(kinds=[EntryKind.NOTICED])
    seen = [
        int(entry.data["seen"] or 0) for entry in noticed if "seen" in entry.data and entry.data.get("ok")
    ]
    if seen:
        return max(seen)
    since = dt.datetime.now(dt.UTC) - RECENT
    return max((e.id for e in office.journal.returns() if e.at is not None and e.at < since), default=0)


def _tables(office: Office) -> Tables | None:
    with contextlib.suppress(EliteError):
        return load_tables(office)
    return None  # the sheet then has codes and addresses, no names and telephones


def sheet_for_notice(office: Office, period: Period) -> ReturnSheet | None:
    """Draw the sheet of a period for the notice of its run; None when there is nothing to tell of."""
    with contextlib.suppress(EliteError):  # the notice leaves without it
        sheet = return_sheet(office, period, tables=_tables(office))
        return None if sheet.empty else sheet
    return None


def _period(found: list[Returned]) -> Period | None:
    months = sorted({one.month for one in found if one.month})
    return Period(first=months[0], last=months[-1]) if months else None


def returns_subject(sheet: ReturnSheet, establishment: Establishment) -> str:
    """Say the home, and what is to be done: the subject."""
    calls = len(sheet.of(Part.CALL))
    if sheet.faults:
        text = _("{home}: messages came back because of our own mail")
    elif calls:
        text = ngettext(
            "{home}: {n} family to call, a message came back",
            "{home}: {n} families to call, messages came back",
            calls,
        )
    else:
        text = _("{home}: returns, nothing urgent")
    return text.format(home=establishment.name, n=calls)


def compose_returns(
    sheet: ReturnSheet, *, establishment: Establishment, account: MailAccount, to: str, now: dt.datetime
) -> bytes:
    """Write the notice as it travels: text, HTML, the whole sheet as .xlsx. ``now`` is aware.

    Raises:
        TemplateError: ``header_invalid``: a name or an address that cannot stand in a header.
    """
    name = f"returns_{sheet.period.key.replace('..', '_')}.xlsx" if sheet.period else "returns.xlsx"
    draft = Draft(
        sender=account.sender,
        sender_name=display_name("From", account.name or establishment.name),
        reply_to="",
        recipients=(Recipient(contact="", address=to),),
        subject=returns_subject(sheet, establishment),
        text="\n".join(_text(sheet)) + "\n",
        html=_html(sheet),
        attachments=(Attachment(name=name, content=sheet_xlsx(sheet), media_type=XLSX),),
    )
    token = hashlib.sha256(f"{now.isoformat()} {to} {draft.text}".encode()).hexdigest()[:24]
    message_id = f"<{token}@{account.sender.partition('@')[2]}>"
    return composition.assemble(draft, message_id=message_id, date=now)


def _text(sheet: ReturnSheet) -> Iterator[str]:
    for fault in sheet.faults:
        yield fault.sentence
    for part in Part:
        calls = sheet.of(part)
        if not calls:
            continue
        yield ""
        yield f"{part_title(part)} ({len(calls)})"
        for call in calls[:_SHOWN]:
            yield f"  {_who(call)}"
            yield f"    {call.happened} {call.todo}"
    yield ""
    yield _("The attached sheet has everything, with the words of the servers.")


def _who(call: Call) -> str:
    parts = (call.resident, call.name, call.phone, call.address, ", ".join(call.lines))
    return " · ".join(filter(None, parts))


def _html(sheet: ReturnSheet) -> str:
    parts = [f'<p style="color:#a3242b"><strong>{escape(f.sentence)}</strong></p>' for f in sheet.faults]
    for part in Part:
        calls = sheet.of(part)
        if calls:
            parts.append(f"<h2>{escape(part_title(part))} ({len(calls)})</h2>")
            parts.append(_table(calls[:_SHOWN]))
    parts.append(f"<p>{escape(_('The attached sheet has everything, with the words of the servers.'))}</p>")
    return (
        '<!DOCTYPE html>\n<html>\n<head><meta charset="utf-8"></head>\n'
        f'<body style="{_FONT}">\n' + "\n".join(parts) + "\n</body>\n</html>\n"
    )


def _table(calls: tuple[Call, ...]) -> str:
    head = "".join(f"<th {_CELL}>{escape(title)}</th>" for title in column_titles()[:-1])
    rows = "".join(
        "<tr>" + "".join(f"<td {_CELL}>{escape(text)}</td>" for text in cells(call)[:-1]) + "</tr>\n"
        for call in calls
    )
    return f"<table>\n<tr>{head}</tr>\n{rows}</table>"
