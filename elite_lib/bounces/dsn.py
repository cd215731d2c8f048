"""Delivery status notifications: RFC 3464 inside RFC 6522, internationalised by RFC 6533."""

from __future__ import annotations

import re
from dataclasses import replace

from elite_lib.bounces import charsets, evidence, notices, origin, recipients, trying
from elite_lib.bounces.evidence import Evidence
from elite_lib.bounces.parsing import Mail, parse, split_fields
from elite_lib.bounces.returned import Headers, header_fields

_FIELD_LINE = re.compile(
    r"^(?:reporting-mta|final-recipient|original-recipient|arrival-date|action)[ \t]*:",
    re.IGNORECASE | re.MULTILINE,
)
_DELIVERED = {"delivered", "relayed", "expanded", "deliverable"}
_MOST = 500  # recipients of one report: a message of ours has a handful
_OTHERS = 40
_TYPE = re.compile(r"^\s*([\w-]+)\s*;\s*")


def blocks(mail: Mail) -> list[Headers]:
    """Give the report's blocks, from its own part or from a text whose MIME is broken."""
    found = mail.blocks.get("status", [])
    if any("final-recipient" in b or "original-recipient" in b for b in found):
        return found
    if origin.is_system(mail) and (start := _FIELD_LINE.search(mail.notice)):
        text = mail.notice[start.start() :]
        found = [b for p in re.split(r"\n[ \t]*\n", text) for b in split_fields(header_fields(p))]
    return [b for b in found if b]


def passed_on(mail: Mail) -> Mail:
    """Open a report that a mail system passes on as text: what "comes back" is a multipart/report itself.

    The message as it is when there is no such report, or when the notice names whom that report was for:
    then it is the report that could not be delivered. Who wrote, and to whom, is the outer message's.
    """
    report = mail.returned.get("content-type", "").lower().startswith("multipart/report")
    if mail.blocks or not (report and mail.copy and origin.is_system(mail)):
        return mail
    if any(address in mail.notice for address in recipients.listed(mail.returned.get("to", ""))):
        return mail
    inner = parse(mail.copy.encode("utf-8", "replace"))
    return replace(inner, headers=mail.headers) if blocks(inner) else mail


def is_report(mail: Mail) -> bool:
    """Tell whether the message itself is a report; one that somebody forwards is not."""
    if "status" in mail.blocks and "report" in mail.content_type.partition(";")[0]:
        return True
    return origin.is_system(mail) or (bool(mail.blocks.get("status")) and origin.may_be_system(mail))


def read(mail: Mail) -> list[Evidence]:
    """Give what the report says of each recipient, delivered ones included."""
    if not is_report(mail):
        return []
    rows = _merged([row for block in blocks(mail)[:_MOST] if (row := _recipient(block)) is not None])
    notice = notices.before_report(mail.notice)
    rewritten = " from" in notice and ("expanded" in notice or "generated" in notice)
    others = [a for row in rows for a in (row.recipient, *row.aliases)][:_OTHERS]
    for row in rows[:_OTHERS]:
        own = {row.recipient, *row.aliases}
        row.notice = notice
        row.others = tuple(a for a in others if a not in own)
        if rewritten:
            row.aliases += notices.aliases(row.context)
        if not row.action and row.status.startswith("4"):
            row.delayed = trying.goes_on(mail.header("subject"), notice)
    return rows


def _recipient(block: Headers) -> Evidence | None:
    if not ({"final-recipient", "original-recipient"} & block.keys()):
        return None
    final = recipients.clean(block.get("final-recipient", ""))
    original = recipients.clean(block.get("original-recipient", ""))
    alias = recipients.clean(block.get("x-actual-recipient", ""))
    if not _usable(block.get("final-recipient", ""), final) or (original and not _deliverable(final)):
        final, original = original or final, final
    action = block.get("action", "").split(";")[0].split("(")[0].strip().lower()
    diagnostic = block.get("diagnostic-code", "")
    text = _TYPE.sub("", diagnostic)
    if text.strip().isdecimal():  # "X-Unix; 73": a program's exit status, and no words
        text = ""
    status = evidence.status_in(block.get("status", ""))
    comment = re.search(r"\((.+)\)", block.get("status", ""))
    return Evidence(
        recipient=final or original,
        aliases=tuple(filter(None, (original, alias))),
        action=action,
        status=status,
        text=" ".join(filter(None, (text, comment[1] if comment else ""))),
        remote=_host(block.get("remote-mta", "")),
        code=evidence.code_in(text),
        delayed=action == "delayed",
    )


def _usable(field: str, address: str) -> bool:
    """Refuse what is no mailbox of the sender's making: a pipe, a file, an X.400 name."""
    value = _TYPE.sub("", field).lstrip("<\"' ")
    return bool(address) and not value.startswith(("|", "/", ":include"))


def _deliverable(address: str) -> bool:
    """A domain without a dot is a name inside the remote system: the original recipient is ours."""
    return "." in address.rpartition("@")[2]


def _host(field: str) -> str:
    value = _TYPE.sub("", field).strip()
    return value.split()[0].strip("(),;").rstrip(".").lower() if value else ""


def _merged(rows: list[Evidence]) -> list[Evidence]:
    """One row per recipient: some servers repeat one with each attempt; the last word counts."""
    kept: dict[str, Evidence] = {}
    for row in rows:
        key = row.recipient.lower()
        if key in kept and row.action not in _DELIVERED and not row.text:
            row.text = kept[key].text
        kept[key] = row
    return [row for row in kept.values() if row.recipient]


def is_delivery(row: Evidence) -> bool:
    """Tell whether a row reports success (RFC 3464 2.3.3; "deliverable" is Postfix's sendmail -bv)."""
    return row.action in _DELIVERED


def envelope_id(mail: Mail) -> str:
    for block in mail.blocks.get("status", []):
        if value := block.get("original-envelope-id", ""):
            return charsets.xtext(value.strip())
    return ""
