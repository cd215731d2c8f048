"""What is known of one recipient before it is judged."""

from __future__ import annotations

import re
from dataclasses import dataclass

# An enhanced status code (RFC 3463), never part of an IP address or a version.
STATUS = re.compile(r"(?<![\d.\w])#?([245]\.\d{1,3}\.\d{1,3})(?![\d.]*\.?\d)")
# A reply code where servers put one: at the start, after a bracket, colon, quote or "said".
_CODE = re.compile(
    r"(?:^|[\n:;'\"(<\[{#]|\bsaid:?|\bwith|\bcode:?|\berror:?|\breply:?|\bresponse:?|\bstatus:?|\bwas:?|\breturned:?|->|[.,] )\s*"
    r"(?:smtp;\s*)?['\"(]?([45]\d\d)(?=[ \-:>)'\"#,.;]|$|\n)(?![.:]\d)",
    re.IGNORECASE,
)
_PAIR = re.compile(r"(?<![\d.])([45]\d\d)[ -]\(?#?[45]\.\d{1,3}\.\d{1,3}\b")
_COMMAND = re.compile(
    r"(?:after|in reply to(?: the)?|reply to|response to|during|at|smtp:|>>>|command:?)[ \t]*(?:sending )?(?:the )?(?:an? )?(?:remote )?['\"(]?"
    r"(initial connection|connect|ehlo|helo|starttls|auth|mail(?: from)?|rcpt(?: to)?|end of data|data|bdat|pipelined [a-z ]*|dot)\b",
    re.IGNORECASE,
)
_REFUSED_TO_TALK = re.compile(r"refused to talk to me", re.IGNORECASE)
_HOST = re.compile(
    r"(?:\bhost|\bserver|while talking to|connect to|remote host|remote system:?(?: dns;)?|\bby)\s+\(?([\w-]+(?:\.[\w-]+)+)",
    re.IGNORECASE,
)


@dataclass(slots=True, kw_only=True)
class Evidence:
    """One recipient, and everything that was said of it. ``text`` is the server's reply,
    ``context`` the lines of the notice around it: heard only where the reply says nothing."""

    recipient: str
    aliases: tuple[str, ...] = ()
    action: str = ""
    status: str = ""
    text: str = ""
    context: str = ""
    remote: str = ""
    command: str = ""  # the SMTP command that was refused, "" when unknown
    code: str = ""
    delayed: bool = False


def status_in(text: str) -> str:
    """Return the most telling status code of a text: the last, a specific one before X.0.0."""
    found = STATUS.findall(text)
    specific = [s for s in found if not s.endswith(".0.0")]
    return (specific or found or [""])[-1]


def code_in(text: str) -> str:
    """Return the reply code of a text, "" when there is none that can be told from another number."""
    if pair := _PAIR.search(text):
        return pair[1]
    found = _CODE.search(text)
    return found[1] if found else ""


def command_in(text: str) -> str:
    """Return the last SMTP command that a text names as refused: CONN, HELO, MAIL, RCPT or DATA."""
    if _REFUSED_TO_TALK.search(text):
        return "CONN"
    last = ""
    for match in _COMMAND.finditer(text):
        word = match[1].lower()
        last = next((name for start, name in _COMMANDS if word.startswith(start)), last)
    return last


_COMMANDS = (
    ("initial", "CONN"), ("connect", "CONN"), ("ehlo", "HELO"), ("helo", "HELO"), ("starttls", "HELO"),
    ("auth", "HELO"), ("mail", "MAIL"), ("rcpt", "RCPT"), ("pipelined mail", "MAIL"), ("pipelined rcpt", "RCPT"),
    ("pipelined data", "DATA"), ("end", "DATA"), ("data", "DATA"), ("bdat", "DATA"), ("dot", "DATA"),
)  # fmt: skip


def host_in(text: str) -> str:
    found = _HOST.search(text)
    return found[1].lower() if found else ""
