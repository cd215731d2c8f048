"""What is known of one recipient before it is judged."""

from __future__ import annotations

import re
from dataclasses import dataclass

from elite_lib.bounces import notices

# An enhanced status code (RFC 3463), never part of an IP address or a version.
STATUS = re.compile(r"(?<![\d.\w])#?([245]\.\d{1,3}\.\d{1,3})(?![\d.]*\.?\d)")
# A reply code: three digits where servers put one, at the start or after one of these.
_CODE = re.compile(r"(?<![\w.])[45]\d\d(?=[ \-:>)'\"#,.;\n]|$)(?![.:]\d)")
_BEFORE_CODE = re.compile(
    r"(?:^|[\n:;'\"(<\[{#]|said|with|code|error|reply|response|status|was|returned|->|"
    r"<--|-->|[.,] )[ \t\n:]*(?:smtp;[ \t]*)?['\"(]?$",
    re.IGNORECASE,
)
_PAIR = re.compile(r"(?<![\d.])([45]\d\d)[ -]\(?#?[45]\.\d{1,3}\.\d{1,3}\b")
_COMMAND = re.compile(
    r"(?:after|in reply to(?: the)?|reply to|response to|during|at|following|smtp:|did not like our|"
    r">>>|-->|=>|sent:|\[|command:?\n?|"
    r"for(?=(?: the)? [a-z ]{4,12} command\b))[ \t]*(?:sending )?(?:the )?(?:an? )?(?:remote )?['\"(]?"
    r"(initial connection|connect|ehlo|helo|starttls|auth|mail[ _]from|mail|rcpt(?:[ _]to)?|end of data|"
    r"data|bdat|pipelined [a-z ]*|dot)\b",
    re.IGNORECASE,
)
# Words that tell the command without naming it (qmail-remote.c, DragonFly, Postfix, Gmail's "(state 14)").
_STAGES = (
    ("CONN", re.compile(r"refused to talk to me|greeting failed|\(state [1-5]\)", re.IGNORECASE)),
    ("HELO", re.compile(r"my name was rejected|\(state [678]\)", re.IGNORECASE)),
    (
        "MAIL",
        re.compile(r"sender was rejected|does not like (?:the )?sender|\(state (?:9|1[01])\)", re.IGNORECASE),
    ),
    (
        "RCPT",
        re.compile(
            r"recipient was rejected|does not like (?:the )?recipient|said [45]\d\d for rcpt|"
            r"\b[045]\d\d[ -]rcpt to:|"
            r"\(state 1[2-4]\)",
            re.IGNORECASE,
        ),
    ),
    (
        "DATA",
        re.compile(r"failed after i sent the message|failed on data command|\(state 1[5-9]\)", re.IGNORECASE),
    ),
)
_HEARD = 3_000
_NAME = re.compile(
    r"(?<![\w.@/:%+=-])(?:[A-Za-z]{2,30}(?:[-_][A-Za-z]{2,30}){1,8}|(?:[A-Z][a-z]{1,20}){2,8})(?![\w@/-]|\.\w)"
)
_JOINT = re.compile(r"[-_]|(?<=[a-z])(?=[A-Z])")
_HOST = re.compile(
    r"(?:\bhost|\bserver|while talking to|connect to|remote host|remote system:?(?: dns;)?|"
    r"\bby)\s+\(?([\w-]+(?:\.[\w-]+)+)",
    re.IGNORECASE,
)


@dataclass(slots=True, kw_only=True)
class Evidence:
    """One recipient, and everything that was said of it. ``text`` is the server's reply,
    ``notice`` what it stood in: its lines are heard only where the reply says nothing."""

    recipient: str
    aliases: tuple[str, ...] = ()
    action: str = ""
    status: str = ""
    text: str = ""
    notice: str = ""
    others: tuple[str, ...] = ()
    remote: str = ""
    code: str = ""
    delayed: bool = False
    local: bool = False  # the server that keeps the mailbox speaks itself
    around: str | None = None  # the lines around the reply, once they are known
    stage: str | None = None  # the command, once it is known

    @property
    def context(self) -> str:
        """The lines of the notice that speak of this recipient; looked for only when asked."""
        if self.around is None:
            self.around = notices.about(self.notice, (self.recipient, *self.aliases), others=self.others)
        return self.around

    @property
    def heading(self) -> str:
        """What the notice says above the first recipient that it names: of all of them."""
        return notices.heading(self.notice, (self.recipient, *self.aliases, *self.others))

    @property
    def command(self) -> str:
        """The SMTP command that was refused: CONN, HELO, MAIL, RCPT, DATA or "" when unknown."""
        if self.stage is None:
            self.stage = command_in(self.text) or command_in(self.context)
        return self.stage


def status_in(text: str) -> str:
    """Return the most telling status code of a text: the last, a specific one before X.0.0."""
    found: list[str] = STATUS.findall(text)
    specific = [s for s in found if not s.endswith(".0.0")]
    return (specific or found or [""])[-1]


def code_in(text: str) -> str:
    """Return the reply code of a text, "" when there is none that can be told from another number."""
    if pair := _PAIR.search(text):
        return pair[1]
    for found in _CODE.finditer(text, 0, _HEARD):
        if _BEFORE_CODE.search(text[max(0, found.start() - 24) : found.start()]):
            return found[0]
    return ""


def spelled(text: str) -> str:
    """Write identifiers as words (``content-too-long`` of X.411, ``MailboxFull``, ``USER_UNKNOWN``).

    "" when there is none. What is an address or a host's name is none.
    """
    words = _NAME.sub(lambda name: _JOINT.sub(" ", name[0]), text[:_HEARD])
    return words if words != text[:_HEARD] else ""


def command_in(text: str) -> str:
    """Return the last SMTP command that a text names as refused: CONN, HELO, MAIL, RCPT or DATA."""
    last = next((name for name, words in _STAGES if words.search(text)), "")
    if last:
        return last
    for match in _COMMAND.finditer(text):
        word = match[1].lower()
        last = next((name for start, name in _COMMANDS if word.startswith(start)), last)
    return last


_COMMANDS = (
    ("initial", "CONN"), ("connect", "CONN"), ("ehlo", "HELO"), ("helo", "HELO"), ("starttls", "HELO"),
    ("auth", "HELO"), ("mail", "MAIL"), ("rcpt", "RCPT"),
    ("pipelined mail", "MAIL"), ("pipelined rcpt", "RCPT"),
    ("pipelined data", "DATA"), ("end", "DATA"), ("data", "DATA"), ("bdat", "DATA"), ("dot", "DATA"),
)  # fmt: skip


def host_in(text: str) -> str:
    found = _HOST.search(text)
    return found[1].lower() if found else ""
