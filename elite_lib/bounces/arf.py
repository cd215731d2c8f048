"""Complaints: RFC 5965 feedback reports, and the providers' older ways."""

from __future__ import annotations

from elite_lib.bounces import origin, recipients
from elite_lib.bounces.parsing import Mail
from elite_lib.models import Finding, ReturnClass

_HOTMAIL = ("x-hmxmroriginalrecipient", "x-hmxmroriginalrcpt")  # Outlook.com JMRP


def read(mail: Mail) -> list[Finding] | None:
    """Give who complained; None when it is no complaint. An empty recipient is one that was redacted."""
    fields = next((b for b in mail.blocks.get("feedback", []) if "feedback-type" in b), None)
    if fields is None:
        reporter = next((mail.headers[n] for n in _HOTMAIL if n in mail.headers), "") or next(
            (mail.returned[n] for n in _HOTMAIL if n in mail.returned), ""
        )
        if not reporter and "feedback-report" not in mail.content_type:
            return _unsubscribe(mail)
        return [_complaint(recipients.clean(reporter) or _addressed(mail), "")]
    if fields["feedback-type"].strip().lower() == "not-spam":  # RFC 6430: the opposite
        return []
    who = [
        recipients.clean(fields.get(name, ""))
        for name in ("original-rcpt-to", "removal-recipient", "redacted-address", "original-recipient")
    ]
    address = next(filter(None, who), "") or _addressed(mail)
    return [_complaint(address, fields["feedback-type"].strip().lower())]


def _unsubscribe(mail: Mail) -> list[Finding] | None:
    """Hear a mail program's own unsubscribe request (RFC 2369 List-Unsubscribe, sent by a button)."""
    automatic = mail.header("auto-submitted").lower().startswith("auto-")
    if automatic and mail.header("subject").strip().lower() == "unsubscribe":
        return [_complaint(origin.sender(mail), "unsubscribe")]
    return None


def _addressed(mail: Mail) -> str:
    return next(iter(recipients.listed(mail.returned.get("to", ""))), "")


def _complaint(address: str, kind: str) -> Finding:
    return Finding(recipient=address, cls=ReturnClass.COMPLAINT, reason=kind, rule="complaint")
