"""Amazon SES event notifications: JSON in the body (docs.aws.amazon.com/ses, "notification contents")."""

from __future__ import annotations

import json
from typing import Any

from elite_lib.bounces import evidence
from elite_lib.bounces.evidence import Evidence
from elite_lib.bounces.parsing import Mail

_LISTS = {
    "Bounce": ("bounce", "bouncedRecipients"),
    "Complaint": ("complaint", "complainedRecipients"),
    "Delivery": ("delivery", "recipients"),
}


def read(mail: Mail) -> tuple[str, list[Evidence], str] | None:
    """Give the event's type, its recipients and the original Message-ID; None when it is none."""
    if "notificationType" not in mail.notice and "eventType" not in mail.notice:
        return None
    event = _load(mail.notice)
    if isinstance(event.get("Message"), str):
        event = _load(event["Message"])
    kind = event.get("notificationType") or event.get("eventType")
    if kind not in _LISTS:
        return None
    section, name = _LISTS[kind]
    detail = event.get(section)
    detail = detail if isinstance(detail, dict) else {}
    people = detail.get(name)
    rows = [_row(person, detail) for person in (people if isinstance(people, list) else [])]
    original = event.get("mail")
    headers = original.get("commonHeaders") if isinstance(original, dict) else None
    message_id = headers.get("messageId") if isinstance(headers, dict) else None
    return str(kind), [r for r in rows if r.recipient], message_id if isinstance(message_id, str) else ""


def _row(person: Any, detail: dict[str, Any]) -> Evidence:
    facts = person if isinstance(person, dict) else {"emailAddress": person}
    text = str(facts.get("diagnosticCode") or detail.get("smtpResponse") or "").removeprefix("smtp;").strip()
    return Evidence(
        recipient=str(facts.get("emailAddress") or "").strip("<> "),
        action=str(facts.get("action") or ""),
        status=evidence.status_in(str(facts.get("status") or "")),
        text=text,
        remote=str(detail.get("remoteMtaIp") or ""),
    )


def _load(text: str) -> dict[str, Any]:
    """Read the first JSON object of a text; mailers fold its long lines, so control characters pass."""
    start = text.find("{")
    if start < 0:
        return {}
    for candidate in (text[start:], text[start:].replace("\n ", "").replace("\n", "")):
        try:
            value, _ = json.JSONDecoder(strict=False).raw_decode(candidate)
        except (ValueError, RecursionError):
            continue
        return value if isinstance(value, dict) else {}
    return {}
