"""The part of a notice for people: which lines speak of which recipient."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from elite_lib.bounces import recipients

_REPORT = re.compile(
    r"^(?:reporting-mta|final-recipient|original-recipient)[ \t]*:", re.IGNORECASE | re.MULTILINE
)
_QUOTED = re.compile(r"^[ \t]*>(?!>>).*$", re.MULTILINE)
_REACH = 3000
_ABOVE = 600
_LISTED = 20
_LETTERS = re.compile(r"[^\W\d_]{3}")
_SPOKEN = re.compile(r"<<<|>>>|[45]\d\d [\w.-]+ \(\w+\)\.\.\.|(?:\.\.\. ?)?while talking to", re.IGNORECASE)
_TALKING = re.compile(r"^(?:\.\.\. ?)?while talking to", re.IGNORECASE | re.MULTILINE)
_ALIAS = re.compile(
    r"(?:expanded|generated)\s+(?:from|by):?\s+<?([^\s<>()]{1,128}@[^\s<>()]{1,255})", re.IGNORECASE
)
# What mail systems say in every notice, whatever the cause: it must not be heard as the cause.
_BOILERPLATE = re.compile(
    r"google tried to deliver your message, but it was rejected by (?:the (?:recipient domain|"
    r"server)[^.\n]*)\.?(?: we recommend[^.\n]*\.)?"
    r"|for further assistance[^\n]*|if you do so[^\n]*\n?[^\n]*|you can\s+delete your own text[^\n]*\n?[^\n]*"
    r"|(?:please )?(?:do not|don't) reply[^\n.]*|this is a permanent error[^\n]*|"
    r"i'm sorry to have to inform you[^\n]*"
    r"|if your message was also sent[^\n]*(?:\n[^\n]+){0,3}|please note that this is only[^\n]*"
    r"|(?:you do not need|there is no need) to resend[^\n]*|message subject[^\n]*|^ *subject:[^\n]*|"
    r"the message (?:subject|date|identifier|reference) was[^\n]*"
    r"|^ *giving up on (?:\[?[\da-f.:]{3,45}\]?|[\w.-]+)\.?[ \t]*$"  # qmail-remote.c, after any refusal
    r"|learn more (?:here|at)[^\n]*|for more information[^\n]*|pour plus d.informations?[^\n]*|"
    r"si vous avez besoin d.aide[^\n]*",
    re.IGNORECASE | re.MULTILINE,
)


def before_report(notice: str) -> str:
    """Cut machine fields off a text in which they follow the words (broken MIME)."""
    start = _REPORT.search(notice)
    return notice[: start.start()] if start else notice


def unquoted(notice: str) -> str:
    """Drop lines that quote somebody (``> …``); Sendmail's ``>>> RCPT`` stays."""
    return _QUOTED.sub("", notice) if "\n>" in notice or notice.startswith(">") else notice


def about(notice: str, addresses: Iterable[str], *, others: Sequence[str] = ()) -> str:
    """Give the lines that speak of a recipient: from each mention to the next one of another.

    With no other recipient, everything from the first mention on; with no mention, everything.
    """
    mine = [a.lower() for a in addresses if a]
    rest = [a.lower() for a in others if a and a.lower() not in mine]
    lower = notice.lower()
    if len(lower) != len(notice):
        lower = notice
    if rest and not any(a in lower for a in mine):
        mine, rest = _bare(lower, mine), _bare(lower, rest)
    starts = sorted(at for a in mine if (at := lower.find(a)) >= 0)
    if not rest:
        start = _dialogue(notice, starts[0]) if starts else 0
        return _BOILERPLATE.sub(" ", notice[start : start + _REACH])
    own = set(mine)
    marks = sorted({(at, a in own) for a in dict.fromkeys((*mine, *rest)) for at in _all(lower, a)})
    chunks = []
    for index, (at, is_mine) in enumerate(marks):
        if is_mine:
            end = _reason_end(notice, index, marks)
            stop = _dialogue(notice, end) if end < len(notice) else end
            aside = _TALKING.search(notice, at, stop)  # the next session, with another server
            chunks.append(notice[_dialogue(notice, at) : aside.start() if aside else stop])
    return _BOILERPLATE.sub(" ", "\n".join(c for c in chunks if c.strip())[:_REACH])


def aliases(about: str) -> tuple[str, ...]:
    """Give what a recipient was before: "expanded from" (Postfix, Sendmail), "generated from" (Exim)."""
    return tuple(map(recipients.clean, _ALIAS.findall(about)))


def heading(notice: str, addresses: Iterable[str]) -> str:
    """Give what stands above the first of these addresses: a cause that is told once, then whose it is."""
    lower = notice.lower()
    first = min((at for a in addresses if a and (at := lower.find(a.lower())) > 0), default=0)
    return _BOILERPLATE.sub(" ", notice[max(0, first - _ABOVE) : first])


def _bare(text: str, addresses: Sequence[str]) -> list[str]:
    """Give the names under which Sendmail and Mercury list mailboxes of their own, without their domain."""
    names = (address if address in text else recipients.local_part(address) for address in addresses)
    return [
        name for name in names if re.search(rf"^[ \t<*]*{re.escape(name)}(?![\w@.-])", text, re.MULTILINE)
    ]


def _reason_end(notice: str, index: int, marks: Sequence[tuple[int, bool]]) -> int:
    """Find where what is said of a mention ends: at the next one; of a bare list, after its last."""
    ends = [at for at, _ in marks[index + 1 :]] + [len(notice)]
    start = marks[index][0]
    for end in ends[:_LISTED]:
        said = notice[start:end]
        if said.endswith("<"):  # the name of the next one
            said = said[: said.rfind("\n") + 1]
        if _LETTERS.search(words_only(said)):
            return end
        start = end
    return ends[0]


def _all(text: str, word: str) -> list[int]:
    found: list[int] = []
    at = text.find(word)
    while at >= 0 and len(found) < 20:
        found.append(at)
        at = text.find(word, at + 1)
    return found


def _dialogue(text: str, at: int) -> int:
    """Go back over the SMTP dialogue that a transcript shows before the line that names the recipient."""
    start = _line(text, at)
    while start > 0:
        before = _line(text, start - 1)
        if not _SPOKEN.match(text, before):
            break
        start = before
        if _TALKING.match(text, start):
            break
    return start


def _line(text: str, at: int) -> int:
    return text.rfind("\n", 0, at) + 1


def words_only(notice: str) -> str:
    """Drop every address: for looking at words alone."""
    return recipients.ADDRESS.sub(" ", notice)
