"""From evidence to a class: words, then reply code, then status, then action."""

from __future__ import annotations

import re
from typing import NamedTuple

from elite_lib.bounces import charsets, evidence, recipients
from elite_lib.bounces.classes import mailboxes, providers, refusals, sayings, sending, statuses
from elite_lib.bounces.classes.facts import Facts, status_of
from elite_lib.bounces.classes.lexicon import PERHAPS
from elite_lib.bounces.classes.rows import Words, compiled, mentions
from elite_lib.bounces.evidence import Evidence
from elite_lib.models import Finding, ReturnClass

_HEARD = 4_000  # characters of a reply that are listened to
_REASON = 500
_NO_RULE = "no rule"
_BEFORE_RCPT = ("CONN", "HELO", "MAIL")
_ADDRESS = re.compile(
    r"[^\s<>\"'():;,\[\]]{1,128}@(?:(?!\.\.)[^\s<>\"'():;,\[\]]){1,255}"
)  # not "...": Sendmail's
_FRAME = re.compile(  # Postfix, dma: no part of the reply
    r"\bhost \S+ said:|\(in reply to [a-z ]{4,20} command\)|did not like our [a-z ]{4,12}:"
)
_SPOKEN = re.compile(r"(?:<<<|<--)[ \t]*([45]\d\d[ -][^\n]*)")  # Sendmail, MDaemon
_REPLIES = re.compile(r"\b5\d\d[ -]([^\n]*)")
_WORD = re.compile(r"[^\W\d_]{4,}|[\u3040-\u9fff]{2,}")
_SAY_NOTHING = {
    "permanent", "failure", "failed", "fatal", "error", "errors", "smtp", "delivery", "mail", "message",
    "transaction", "undeliverable", "undelivered", "remote", "server", "host", "sorry",
}  # fmt: skip
_KNOWS = {"1.0", "1.1", "1.3", "1.351"}  # statuses that say by themselves that there is no such mailbox


class Verdict(NamedTuple):
    cls: ReturnClass
    ours: bool
    rule: str


def judge(seen: Evidence) -> Finding:
    """Give the class of one recipient, and which rule spoke."""
    spoken = status_of(seen)
    code = seen.code or evidence.code_in(seen.text) or evidence.code_in(seen.context)
    facts = Facts(
        seen=seen,
        status=spoken,
        code=code,
        host=f"{seen.remote} {seen.recipient.rpartition('@')[2]}".lower(),
        temporary=seen.delayed
        or spoken.startswith("4")
        or (code.startswith("4") and (not spoken.startswith("5") or spoken.endswith(".0.0"))),
    )
    verdict = (
        _by_transcript(seen.text, facts)
        or _by_words(_heard(seen.text), facts)
        or _by_words(_heard(evidence.spelled(seen.text)), facts)
        or (_by_status(facts) if seen.text or facts.detail in statuses.SURE else None)
        or _by_words(_heard(seen.context), facts)
        or _by_numbers(seen, facts)
    )
    if verdict.rule == _NO_RULE:
        verdict = _by_words(_heard(seen.heading), facts) or verdict
    if facts.detail in statuses.OURS and verdict.cls is ReturnClass.BLOCK:
        verdict = verdict._replace(ours=True)
    return Finding(
        recipient=seen.recipient,
        aliases=tuple(a for a in recipients.unique(seen.aliases) if not recipients.same(a, seen.recipient)),
        cls=verdict.cls,
        final=not seen.delayed,
        status=spoken,
        reply_code=code,
        reason=_one_line(seen.text or seen.context),
        ours_to_fix=verdict.ours,
        remote_server=seen.remote
        or evidence.host_in(seen.text)
        or ("" if seen.text else evidence.host_in(seen.context)),
        rule=verdict.rule,
    )


def _by_transcript(text: str, facts: Facts) -> Verdict | None:
    """Where a dialogue is shown, what the remote server said outweighs what the local one makes of it."""
    spoken = "\n".join(_SPOKEN.findall(text)) if "<<<" in text or "<--" in text else ""
    if not spoken:
        return None
    code = evidence.code_in(spoken)
    facts = facts._replace(code=code, temporary=facts.temporary or code.startswith("4"))
    return (
        _by_words(_heard(spoken), facts)
        or _by_code(facts)
        or (Verdict(ReturnClass.SOFT, False, "temporary") if code.startswith("4") else None)
        or _refused_at(facts)
        or _unheard(spoken, facts)
    )


def _heard(text: str) -> str:
    """Fold a reply, without its frame and its addresses: a local part is a name, whatever word it is."""
    folded = charsets.fold(text[:_HEARD])
    if any(words in folded for words in ("said:", "in reply to", "did not like")):
        folded = _FRAME.sub(" ", folded)
    return f" {_ADDRESS.sub('@', folded) if '@' in folded else folded}" if folded else ""


def _by_words(text: str, facts: Facts) -> Verdict | None:
    if not text:
        return None
    reason = text.replace(mailboxes.PREFACE, " ")
    return (
        _by_provider(text, facts)
        or _first(sending.SENDING, text, facts)
        or _said(sayings.SENDER, text, facts)
        or _first(mailboxes.MAILBOX, text, facts)
        or _said(sayings.CROWD, text, facts)
        or (None if facts.permanent else _said(sayings.RESOLVER, text, facts))
        or _first(mailboxes.HOST, text, facts)
        or _unknown_user(mailboxes.UNKNOWN_USER, reason, facts)
        or _said(sayings.RECIPIENT, reason, facts)
        or (_by_status(facts) if facts.detail in statuses.CERTAIN else None)
        or _said(sayings.SIZE, text, facts)
        or _first(refusals.ORDER, text, facts)
        or _said(sayings.MESSAGE, text, facts)
        or (_by_status(facts) if facts.status in text or facts.detail in statuses.SURE else None)
        or _unknown_user(mailboxes.ADDRESS_REFUSED, text, facts)
        or _vague(text, facts)
        or _first(refusals.HINTS, text, facts)
    )


def _by_provider(text: str, facts: Facts) -> Verdict | None:
    if found := providers.FRENCH.search(text):
        digits = found[1]
        if digits.startswith("99"):
            return Verdict(ReturnClass.RATE_LIMITED, True, f"orange-laposte-{digits}")
        if digits in providers.FRENCH_CODES:
            cls, ours = providers.FRENCH_CODES[digits]
            return Verdict(cls, ours, f"orange-laposte-{digits}")
    for row in providers.CODES if mentions(providers.NEEDLES, text) else ():
        if not mentions(row.needle, text):
            continue
        if row.host and not compiled(row.host).search(f"{facts.host} {text}"):
            continue
        if compiled(row.text).search(text):
            return Verdict(row.cls, row.ours, row.rule)
    return None


def _first(table: tuple[Words, ...], text: str, facts: Facts) -> Verdict | None:
    for words in table:
        if mentions(words.phrases, text):
            greeted = words.rule == "system" and facts.code.startswith("5") and facts.command == "CONN"
            if greeted or (words.rule == "network" and facts.permanent and facts.detail.startswith("7.")):
                return Verdict(ReturnClass.BLOCK, True, "refused connection")  # on purpose
            return _tempered(Verdict(words.cls, words.ours, words.rule), facts)
    return None


_MEANT = {
    "full": (ReturnClass.MAILBOX_FULL, False),
    "closed": (ReturnClass.HARD, False),
    "no-such-domain": (ReturnClass.HARD, False),
    "sender-refused": (ReturnClass.BLOCK, True),
    "relay-denied": (ReturnClass.BLOCK, True),
    "too-large": (ReturnClass.BLOCK, True),
    "rate": (ReturnClass.RATE_LIMITED, True),
    "many-recipients": (ReturnClass.RATE_LIMITED, False),
    "system": (ReturnClass.SOFT, False),
    "resolver": (ReturnClass.SOFT, False),
    "tls": (ReturnClass.SOFT, True),
    "network": (ReturnClass.SOFT, False),
    "later": (ReturnClass.SOFT, False),
    "put-off": (ReturnClass.UNKNOWN, False),
    "blocklisted": (ReturnClass.BLOCK, True),
}


def _said(rows: tuple[sayings.Saying, ...], text: str, facts: Facts) -> Verdict | None:
    meaning = sayings.heard(rows, text)
    if not meaning:
        return None
    if meaning == "unknown-user":
        return _doubted("said unknown-user", text, facts)
    if meaning in ("later", "put-off") and not facts.temporary:
        return None
    if meaning == "put-off" and not facts.code:
        meaning = "later"  # a program of the server's own: it did not run
    if meaning == "put-off" and not facts.vague:
        return None  # the status gives the reason
    if meaning == "connection-refused" or (meaning == "network" and facts.command in _BEFORE_RCPT):
        # by a machine that answers with a permanent code: on purpose
        meaning = "blocklisted" if facts.code.startswith("5") else "network"
    cls, ours = _MEANT[meaning]
    if cls is ReturnClass.HARD and not (facts.code or facts.status) and any(w in text for w in PERHAPS):
        return Verdict(ReturnClass.BLOCK, False, f"said {meaning}, perhaps")
    return _tempered(Verdict(cls, ours, f"said {meaning}"), facts)


def _vague(text: str, facts: Facts) -> Verdict | None:
    """ "Refused", and nothing more: for now, if the code says so."""
    verdict = _first((refusals.VAGUE,), text, facts)
    later = facts.code.startswith("4") and not facts.detail.startswith("7.")
    return verdict._replace(cls=ReturnClass.SOFT) if verdict and later else verdict


def _tempered(verdict: Verdict, facts: Facts) -> Verdict:
    """A temporary reply is no proof of a dead address, and what is said before RCPT is not of the
    recipient: losing a good address is the worse error."""
    if verdict.cls is not ReturnClass.HARD:
        return verdict
    if facts.code and facts.command in _BEFORE_RCPT:
        return Verdict(ReturnClass.BLOCK, True, f"{verdict.rule}, before RCPT")
    if facts.temporary:
        return Verdict(ReturnClass.SOFT, verdict.ours, f"{verdict.rule}, temporary")
    return verdict


def _unknown_user(words: Words, text: str, facts: Facts) -> Verdict | None:
    """Believe "user unknown" at RCPT or with a status that says so.

    After DATA the server had accepted the recipient: a filter speaks (mobile carriers do so). Where the
    command is not known, neither is this.
    """
    return _doubted(words.rule, text, facts) if mentions(words.phrases, text) else None


def _doubted(rule: str, text: str, facts: Facts) -> Verdict:
    if facts.detail == "1.1" and not facts.seen.delayed and facts.command in ("RCPT", ""):
        return Verdict(ReturnClass.HARD, False, rule)  # 4.1.1 too: it was retried until given up
    if (
        facts.detail in _KNOWS
        or facts.command == "RCPT"
        or facts.seen.local
        or mentions(mailboxes.AGENTS.phrases, text)
    ):
        return _tempered(Verdict(ReturnClass.HARD, False, rule), facts)
    return Verdict(ReturnClass.BLOCK, False, f"{rule}, without proof")


def _by_numbers(seen: Evidence, facts: Facts) -> Verdict:
    if verdict := _by_status(facts):
        return verdict
    if verdict := _by_code(facts):
        return verdict
    if seen.delayed or facts.temporary:
        return Verdict(ReturnClass.SOFT, False, "delayed" if seen.delayed else "temporary")
    return _refused_at(facts) or _unheard(seen.text, facts) or Verdict(ReturnClass.UNKNOWN, False, _NO_RULE)


def _by_code(facts: Facts) -> Verdict | None:
    cls = statuses.CODES.get(facts.code)
    return Verdict(cls, facts.code in statuses.OUR_WAY, f"code {facts.code}") if cls else None


def _unheard(text: str, facts: Facts) -> Verdict | None:
    """Take a refusal whose words are not understood for one, and not for a dead address."""
    if facts.code.startswith("5") and any(map(_tells, _REPLIES.findall(text))):
        return Verdict(ReturnClass.BLOCK, False, f"code {facts.code}, words not understood")
    return None


def _tells(reply: str) -> bool:
    """Tell whether a reply gives a reason, even one that we do not understand."""
    return bool(set(_WORD.findall(charsets.fold(reply))) - _SAY_NOTHING)


def _refused_at(facts: Facts) -> Verdict | None:
    if facts.code.startswith("5") and facts.command in (*_BEFORE_RCPT, "DATA"):
        return Verdict(ReturnClass.BLOCK, facts.command in _BEFORE_RCPT, f"refused at {facts.command}")
    return None


def _by_status(facts: Facts) -> Verdict | None:
    if facts.code in statuses.NEVER and facts.detail.startswith("3."):  # no mail is taken there at all
        return _tempered(Verdict(ReturnClass.HARD, False, f"code {facts.code}"), facts)
    judged = statuses.by_status(facts.status)
    return Verdict(judged[0], judged[1], f"status {facts.status}") if judged else None


def _one_line(text: str) -> str:
    return " ".join(text.split())[:_REASON].strip()
