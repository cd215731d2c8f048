"""Automatic replies: RFC 3834, and what programs did before it."""

from __future__ import annotations

import re

from elite_lib.bounces import origin
from elite_lib.bounces.parsing import Mail
from elite_lib.models import Finding, ReturnClass

_HEADERS = (
    "x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-reply", "x-autoreply-from", "x-mail-autoreply",
    "x-vacation", "x-ms-exchange-inbox-rules-loop", "x-mdautoresponse", "x-out-of-office",
)  # fmt: skip
_SUBJECT = re.compile(
    r"^\s*(?:\[[^\]]{1,40}\]\s*)?(?:(?:re|aw|ré|rép?)\s*:\s*)?\[?"
    r"(?:auto(?:matic|mated)?[- ]?(?:reply|response|answer|respons?e)|auto\s*:|autoreply|auto-?response|"
    r"out[- ]of[- ](?:the[- ])?office|ooo\b|away (?:from|until|on)|on (?:vacation|holiday|leave)|"
    r"vacation\b|i am (?:away|out)|"
    r"(?:r[ée]ponse|message|accus[ée] de r[ée]ception) auto(?:matique)?\b|absen(?:ce|te?)\b|"
    r"absence du bureau|absent\(e\)|en cong[ée]s?\b|cong[ée]s\b|"
    r"notification d.absence|message d.absence|automatische antwort|abwesen|abwezig|automatisch|"
    r"respuesta autom|risposta autom|fuori sede|"
    r"resposta autom|frånvaro|自動(?:応答|返信)|"
    r".*\((?:r[ée]ponse automatique|automatic reply|automatische antwort|respuesta autom[áa]tica)\))",
    re.IGNORECASE,
)
_SAYS = re.compile(
    r"r[ée]ponse automatique|automatic(?:ally generated)? (?:reply|response)|"
    r"automatische antwort|respuesta autom[áa]tica|risposta automatica|resposta autom[áa]tica|"
    r"out of (?:the )?office|fuera de la oficina|fuori ufficio|absente? du bureau|suis absente?|"
    r"serai absente?|pas au bureau|au(?:ß|ss)er haus|nicht im b[üu]ro|im urlaub",
    re.IGNORECASE,
)


_RECEIVED = re.compile(
    r"accus[ée] de r[ée]ception|bien re[çc]u votre|acknowledge?ment|we (?:have )?received your|"
    r"nouveau ticket|new ticket|ticket (?:created|opened|received|ouvert|cr[ée][ée])|"
    r"eingangsbest[äa]tigung|acuse de recibo|conferma di ricezione|ontvangstbevestiging",
    re.IGNORECASE,
)


def read(mail: Mail) -> list[Finding] | None:
    """Give who answers automatically; None when it is a person's message."""
    if not (_declared(mail) or is_titled(mail) or _answers(mail)):
        return None
    reason = " ".join(mail.notice[:2000].split())[:300].strip()
    return [
        Finding(recipient=origin.sender(mail), cls=ReturnClass.AUTO_REPLY, reason=reason, rule="auto-reply")
    ]


def is_titled(mail: Mail) -> bool:
    """Tell whether the subject says that a program answers."""
    return bool(_SUBJECT.search(mail.header("subject")))


def _answers(mail: Mail) -> bool:
    """A program's answer to one message: what nobody wrote, and what names the message that it answers."""
    if "list-id" in mail.headers or "list-unsubscribe" in mail.headers:
        return False
    if _RECEIVED.search(mail.header("subject")) and origin.is_unattended(mail):
        return True
    nobody = (
        mail.header("auto-submitted").lower().startswith("auto-")
        or "x-auto-response-suppress" in mail.headers
        or mail.header("return-path").strip() == "<>"
    )
    return nobody and (
        "in-reply-to" in mail.headers or bool(_SAYS.search(f"{mail.header('subject')}\n{mail.notice[:600]}"))
    )


def _declared(mail: Mail) -> bool:
    """Auto-Submitted says so (RFC 3834 5), unless it is a mailing or a program of somebody's own."""
    submitted = mail.header("auto-submitted").partition(";")[0].partition("(")[0].strip().lower()
    if submitted in ("auto-replied", "auto-notified"):
        return True
    if mail.header("precedence").strip().lower() in ("auto_reply", "auto-reply", "autoreply"):
        return True
    return any(mail.headers.get(name, "no").strip().lower() not in ("no", "false", "") for name in _HEADERS)
