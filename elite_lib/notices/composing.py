"""The notice: one e-mail to the accountant about one unattended run (or about the run that was not)."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from html import escape

from elite_lib import composition, formats
from elite_lib.batch import Run
from elite_lib.composition.headers import display_name
from elite_lib.labels import _, explain, ngettext, total_of, word
from elite_lib.models import (
    Attachment,
    Box,
    Draft,
    Establishment,
    MailAccount,
    Period,
    Recipient,
    Slip,
    SlipLine,
)
from elite_lib.notices.calls import Part, ReturnSheet, part_title
from elite_lib.notices.calls_xlsx import sheet_xlsx
from elite_lib.notices.sheet import XLSX, remainder_sheet, remaining, why
from elite_lib.notices.stopping import stop_sentence

_SHOWN = 40  # lines in the text; the sheet has them all
_CELL = 'style="padding:3px 12px 3px 0;text-align:left;vertical-align:top"'
_FONT = "font-family:Arial,Helvetica,sans-serif;font-size:14px;color:#222222"


class Standing(StrEnum):
    """What the subject says of the month."""

    LEFT = "left"  # nothing remains
    REMAINS = "remains"  # something does
    NOT_LEFT = "not_left"  # nothing left: the run failed, did not start, or found no invoice
    UNBALANCED = "unbalanced"  # the slip is not to be trusted


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What is to be told of a month: how its run ended, or what kept it from happening."""

    period: Period
    slip: Slip | None = None  # None: it could not be drawn
    run: Run | None = None
    error: BaseException | None = None
    trouble: str = ""  # a sentence, where neither ``run`` nor ``error`` says it
    returns: ReturnSheet | None = None  # what came back of the month and needs somebody

    @property
    def sentence(self) -> str:
        """Say what went wrong, in the current language; "" when nothing did."""
        if self.error is not None:
            return explain(self.error)
        if self.trouble:
            return self.trouble
        if self.slip is not None and not self.slip.lines and not self.slip.vanished:
            return _("The workbook has no invoice of this month.")
        return stop_sentence(self.run) if self.run is not None else ""

    @property
    def standing(self) -> Standing:
        slip = self.slip
        if slip is None or self.error is not None or not (slip.lines or slip.vanished):
            return Standing.NOT_LEFT
        if not slip.balanced:
            return Standing.UNBALANCED
        some = any(line.box is Box.ACCEPTED for line in (*slip.lines, *slip.vanished))
        if self.sentence and not some:
            return Standing.NOT_LEFT
        return Standing.REMAINS if slip.remainder else Standing.LEFT


def months(period: Period) -> str:
    """Name a period: ``octobre 2026``, ``septembre 2026 – octobre 2026``."""
    names = dict.fromkeys(map(formats.month, (period.first, period.last)))
    return " – ".join(names)


def headline(news: News, establishment: Establishment) -> str:
    """Say the home, the month, and how it stands: the subject."""
    count = news.slip.remainder if news.slip is not None else 0
    template = {
        Standing.LEFT: _("{home} – {month}: everything left"),
        Standing.REMAINS: ngettext(
            "{home} – {month}: {n} line remains", "{home} – {month}: {n} lines remain", count
        ),
        Standing.NOT_LEFT: _("{home} – {month}: the batch did not leave"),
        Standing.UNBALANCED: _("{home} – {month}: the slip does not add up"),
    }[news.standing]
    return template.format(home=establishment.name, month=months(news.period), n=count)


def compose_notice(
    news: News, *, establishment: Establishment, account: MailAccount, to: str, now: dt.datetime
) -> bytes:
    """Write the notice as it travels: text, HTML; the remaining lines and the sheet of returns as .xlsx.

    ``now`` is aware; the Message-ID is derived from it and from the content.

    Raises:
        TemplateError: ``header_invalid``: a name or an address that cannot stand in a header.
    """
    lines = remaining(news.slip) if news.slip is not None else ()
    subject = headline(news, establishment)
    draft = Draft(
        sender=account.sender,
        sender_name=display_name("From", account.name or establishment.name),
        reply_to="",
        recipients=(Recipient(contact="", address=to),),
        subject=subject,
        text="\n".join(_text(news, lines)) + "\n",
        html=_html(news, lines),
        attachments=_attachments(news, lines),
    )
    token = hashlib.sha256(f"{now.isoformat()} {to} {draft.text}".encode()).hexdigest()[:24]
    message_id = f"<{token}@{account.sender.partition('@')[2]}>"
    return composition.assemble(draft, message_id=message_id, date=now)


def _attachments(news: News, lines: tuple[SlipLine, ...]) -> tuple[Attachment, ...]:
    month = news.period.key.replace("..", "_")
    files = []
    if lines:
        files.append((f"remainder_{month}.xlsx", remainder_sheet(lines)))
    if news.returns is not None:
        files.append((f"returns_{month}.xlsx", sheet_xlsx(news.returns)))
    return tuple(Attachment(name=name, content=content, media_type=XLSX) for name, content in files)


def _returns(news: News) -> list[str]:
    """Say in a few lines what came back; the attached sheet has the rest."""
    if news.returns is None:
        return []
    counts = [(part, len(news.returns.of(part))) for part in Part]
    said = [fault.sentence for fault in news.returns.faults]
    said += [f"{part_title(part)} ({count})" for part, count in counts if count]
    return [*said, _("The sheet of returns is attached.")]


def _opening(news: News) -> list[str]:
    """Give the sentences above the slip."""
    said = [news.sentence] if news.sentence else []
    if news.run is not None:
        count = news.run.sent
        said.append(ngettext("{n} message accepted.", "{n} messages accepted.", count).format(n=count))
    if news.slip is None:
        said.append(_("Correct what is said above, then start the sending again."))
    elif not news.slip.balanced:
        said.append(_("THE BOXES DO NOT ADD UP. Report this."))
    return said


def _boxes(slip: Slip) -> list[tuple[str, str, str]]:
    rows = [
        (word(box), str(total.count), formats.amount(total.euros))
        for box, total in slip.boxes.items()
        if total.count or box is Box.ACCEPTED
    ]
    return [*rows, (total_of(slip.period), str(slip.invoices), formats.amount(slip.euros))]


def _text(news: News, lines: tuple[SlipLine, ...]) -> Iterable[str]:
    yield from _opening(news)
    if news.slip is None:
        return
    yield ""
    yield _("Dispatch slip, {month}").format(month=months(news.period))
    for name, count, euros in _boxes(news.slip):
        yield f"  {name:<24}{count:>6}  {euros:>16}"
    if lines:
        yield ""
        yield _("Remaining:")
        yield from (
            f"  {line.key}  {line.name}  {word(line.box)}  {why(line)}".rstrip() for line in lines[:_SHOWN]
        )
        yield from _more(lines)
    if returns := _returns(news):
        yield ""
        yield _("What came back:")
        yield from (f"  {said}" for said in returns)


def _more(lines: tuple[SlipLine, ...]) -> list[str]:
    left = len(lines) - _SHOWN
    return [_("… and {n} more: see the attached sheet.").format(n=left)] if left > 0 else []


def _html(news: News, lines: tuple[SlipLine, ...]) -> str:
    parts = [f"<p>{'<br>'.join(map(escape, said.splitlines()))}</p>" for said in _opening(news)]
    if news.slip is not None:
        parts.append(f"<h2>{escape(_('Dispatch slip, {month}').format(month=months(news.period)))}</h2>")
        parts.append(_table(_boxes(news.slip)))
    if lines:
        parts.append(f"<h2>{escape(_('Remaining:'))}</h2>")
        parts.append(_table((line.key, line.name, word(line.box), why(line)) for line in lines[:_SHOWN]))
        parts += [f"<p>{escape(said)}</p>" for said in _more(lines)]
    if returns := _returns(news):
        parts.append(f"<h2>{escape(_('What came back:'))}</h2>")
        parts += [f"<p>{escape(said)}</p>" for said in returns]
    body = "\n".join(parts)
    return (
        '<!DOCTYPE html>\n<html>\n<head><meta charset="utf-8"></head>\n'
        f'<body style="{_FONT}">\n{body}\n</body>\n</html>\n'
    )


def _table(rows: Iterable[tuple[str, ...]]) -> str:
    drawn = "".join(
        "<tr>" + "".join(f"<td {_CELL}>{escape(cell)}</td>" for cell in row) + "</tr>\n" for row in rows
    )
    return f"<table>\n{drawn}</table>"
