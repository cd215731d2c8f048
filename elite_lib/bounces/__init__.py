"""What a message that came back says: bytes -> report. Pure; it never raises, whatever the bytes are.

Detectors are asked in order; the first that answers is believed: what a machine wrote for machines
comes before what it wrote for people, and a person's own message is never a failure, whatever it quotes.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from elite_lib.bounces import (
    arf,
    autoreply,
    challenge,
    dialects,
    dsn,
    failing,
    mdn,
    notifications,
    origin,
    recipients,
)
from elite_lib.bounces.classes.deciding import judge
from elite_lib.bounces.evidence import Evidence
from elite_lib.bounces.parsing import Mail, parse
from elite_lib.models import Finding, MailReport, ReturnClass, ReturnKind

# What a system tells of itself, and of no message of ours: a day's log, its quarantine, a list's letters.
_NEWS = re.compile(
    r"\blog summar|statisti[ckq]|moderator request|requires approval|en attente d.approbation|"
    r"messages? (?:en|in) quarant|quarantine (?:digest|report|summary)|rapport de quarantaine|"
    r"spam (?:digest|report|summary)|\bvol\.? \d+, (?:issue|parution|num)",
    re.IGNORECASE,
)
# A recipient and what was said of it, as Postfix, qmail and Courier list them in every language.
_LISTED = re.compile(r"^<[^<>\s@]{1,128}@[^<>\s@]{1,255}>:", re.MULTILINE)
_MESSAGE_ID = re.compile(r"^[ \t]*message-id:[ \t]*(<[^<>\s]{1,250}>)", re.IGNORECASE | re.MULTILINE)
_ID = re.compile(r"<[^<>\s]{1,250}>")


def classify(content: bytes) -> MailReport:
    """Say what a message that came back is, and what it says of each recipient."""
    mail = parse(content)
    for detect in _DETECTORS:
        if (report := detect(mail)) is not None:
            return report
    return MailReport(kind=ReturnKind.NONE)


def _receipt(mail: Mail) -> MailReport | None:
    receipt = mdn.read(mail)
    if receipt is None:
        return None
    return MailReport(
        kind=ReturnKind.MDN,
        message_id=receipt.message_id,
        token=_token(mail),
        detector="mdn",
        disposition=receipt.disposition,
        recipient=receipt.recipient,
        date=receipt.date,
    )


def _complaint(mail: Mail) -> MailReport | None:
    found = arf.read(mail)
    if found is None:
        return None
    return _report(mail, ReturnKind.COMPLAINT if found else ReturnKind.NONE, found, detector="arf")


def _event(mail: Mail) -> MailReport | None:
    event = notifications.read(mail)
    if event is None:
        return None
    kind, rows, message_id = event
    if kind == "Bounce":
        return _report(mail, ReturnKind.BOUNCE, list(map(judge, rows)), detector="ses", message_id=message_id)
    sort, cls = (
        (ReturnKind.COMPLAINT, ReturnClass.COMPLAINT)
        if kind == "Complaint"
        else (ReturnKind.DELIVERED, ReturnClass.DELIVERED)
    )
    return _report(mail, sort, [_plain(row, cls) for row in rows], detector="ses", message_id=message_id)


def _status_report(mail: Mail) -> MailReport | None:
    mail = dsn.passed_on(mail)
    rows = dsn.read(mail)
    if not rows:
        return None
    failed = [row for row in rows if not dsn.is_delivery(row)]
    if failed:
        return _report(mail, ReturnKind.BOUNCE, list(map(judge, failed)), detector="dsn")
    delivered = [_plain(row, ReturnClass.DELIVERED) for row in rows]
    return _report(mail, ReturnKind.DELIVERED, delivered, detector="dsn")


def _challenge(mail: Mail) -> MailReport | None:
    found = challenge.read(mail)
    return None if found is None else _report(mail, ReturnKind.CHALLENGE, found, detector="challenge")


def _free_text(mail: Mail) -> MailReport | None:
    if not (
        (origin.is_system(mail) and _failure(mail)) or (origin.may_be_system(mail) and not _answers(mail))
    ):
        return None
    if _is_news(mail.header("subject")) or origin.answers_us(mail):
        return None
    name, rows = dialects.read(mail)
    if not _original_id(mail) and _names_nobody(mail, rows):
        return None  # it is of no use, and most likely a lure
    findings = list(map(judge, rows)) or [judge(Evidence(recipient="", text=mail.notice[:3000]))]
    return _report(mail, ReturnKind.BOUNCE, findings, detector=name)


def _is_news(subject: str) -> bool:
    """Tell whether a subject announces the system's own news; a failure may quote such a subject of ours."""
    return bool(_NEWS.search(subject)) and not failing.SUBJECT.search(subject)


def _names_nobody(mail: Mail, rows: list[Evidence]) -> bool:
    """Tell whether no recipient is named, or, by a sender of any name, only the one that it is sent to."""
    to = [address.lower() for address in recipients.listed(mail.header("to"))]
    return all(row.recipient.lower() in to and not origin.is_daemon(mail) for row in rows)


def _answers(mail: Mail) -> bool:
    """Tell whether a program answers for a person: its title says so, and no failure is told below.

    A person who is away may write of one; a failure is in the title too, or a machine writes.
    """
    if not autoreply.is_titled(mail):
        return False
    told = origin.is_machine(mail) or failing.SUBJECT.search(mail.header("subject"))
    return not (told and failing.WORDS.search(mail.notice[:1500]))


def _failure(mail: Mail) -> bool:
    """Tell whether anything is said to have failed: a mail system also writes welcomes and quotas."""
    return bool(
        mail.has_returned
        or (origin.is_daemon(mail) and _LISTED.search(mail.notice[:3000]))
        or "x-failed-recipients" in mail.headers
        or "status" in mail.blocks
        or failing.SUBJECT.search(mail.header("subject"))
        or failing.WORDS.search(f"{mail.header('subject')}\n{mail.notice[:3000]}")
    )


def _auto_reply(mail: Mail) -> MailReport | None:
    found = autoreply.read(mail)
    return None if found is None else _report(mail, ReturnKind.AUTO_REPLY, found, detector="auto-reply")


_DETECTORS: tuple[Callable[[Mail], MailReport | None], ...] = (
    _receipt,
    _complaint,
    _event,
    _status_report,
    _challenge,
    _free_text,
    _auto_reply,
)


def _plain(row: Evidence, cls: ReturnClass) -> Finding:
    judged = judge(row)
    return Finding(
        recipient=row.recipient,
        aliases=judged.aliases,
        cls=cls,
        final=judged.final,
        status=judged.status,
        reply_code=judged.reply_code,
        reason=judged.reason,
        remote_server=row.remote,
        rule=cls.value,
    )


def _report(
    mail: Mail, kind: ReturnKind, findings: list[Finding], *, detector: str, message_id: str = ""
) -> MailReport:
    return MailReport(
        kind=kind,
        reports=tuple(findings),
        message_id=message_id or _original_id(mail),
        envid=dsn.envelope_id(mail),
        token=_token(mail),
        detector=detector,
    )


def _original_id(mail: Mail) -> str:
    """Return the Message-ID of what was sent, from wherever the report carries it."""
    candidates = [mail.returned.get("message-id", "")]
    for kind in ("status", "feedback"):
        for block in mail.blocks.get(kind, []):
            candidates += [block.get("x-original-message-id", ""), block.get("original-message-id", "")]
    candidates += _MESSAGE_ID.findall(mail.notice)[:1]
    candidates += [mail.header("in-reply-to"), mail.header("references").rpartition(" ")[2]]
    return next((found[0] for value in candidates if (found := _ID.search(value))), "")


def _token(mail: Mail) -> str:
    return recipients.tag(*(mail.header(n) for n in ("delivered-to", "x-original-to", "envelope-to", "to")))
