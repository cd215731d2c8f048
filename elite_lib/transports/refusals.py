"""What providers say when they refuse a login or a sender, as a table: code and words -> a word of ours."""

from __future__ import annotations

import re
from dataclasses import dataclass

from elite_lib.models import Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class _Refusal:
    code: int
    words: str  # expression searched in the text, case ignored
    hint: str


# First row that fits. Texts as providers' help and users' reports quote them; none was provoked by us.
_REFUSALS = (
    # Microsoft 365 (MC786329): "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled
    # for the Tenant", "... user is locked by your organization's security defaults policy".
    _Refusal(code=535, words=r"\b5\.7\.139\b", hint="m365_basic_disabled"),
    # Google: "534-5.7.9 Application-specific password required ... gsmtp".
    _Refusal(code=534, words=r"\b5\.7\.9\b", hint="google_app_password"),
    # Google: "535-5.7.8 Username and Password not accepted ... support.google.com/mail/?p=BadCredentials ...
    # gsmtp", of the account's own password too. 5.7.8 alone is any server's wrong password (RFC 4954, 6).
    _Refusal(code=535, words=r"\b5\.7\.8\b.*(gsmtp|google\.com)", hint="google_app_password"),
    # Microsoft 365: "550 5.7.60 SMTP; Client does not have permissions to send as this sender", said at MAIL
    # or at the dot.
    _Refusal(code=550, words=r"\b5\.7\.60\b", hint="client_not_allowed"),
    # RFC 4954, 6: "530 5.7.0 Authentication required", said at MAIL.
    _Refusal(code=530, words="", hint="login_needed"),
)


def hint(reply: Reply) -> str:
    """Name what a refusal most probably means (``"google_app_password"`` …), or ``""``."""
    for row in _REFUSALS:
        if row.code == reply.code and re.search(row.words, reply.text, re.IGNORECASE | re.DOTALL):
            return row.hint
    return ""
