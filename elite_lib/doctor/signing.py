"""DKIM (RFC 6376) as a received message shows it: nothing else names the key that it is signed with."""

from __future__ import annotations

import datetime as dt
import email
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from email.message import Message
from email.utils import parseaddr

from elite_lib import tokens
from elite_lib.config import Settings
from elite_lib.doctor import providers
from elite_lib.doctor.resolving import Resolver
from elite_lib.doctor.telling import told
from elite_lib.exceptions import ConfigError, TransportError
from elite_lib.mailbox.opening import Mailboxes, home_mailboxes
from elite_lib.models import CheckStep, CheckVerdict, Diagnosis, MailAccount

_V = CheckVerdict
_LOOK_BACK = dt.timedelta(days=60)  # a month, and the one before it
_PASSED = re.compile(r"\bdkim\s*=\s*pass\b[^;]*\bheader\.(?:d|i)\s*=\s*[^\s;]*?@?([A-Za-z0-9.-]+)", re.I)
_NO_KEY, _REVOKED, _UNANSWERED, _BROKEN, _PASS = "no_key", "revoked", "unanswered", "broken", "passed"
_WORST_FIRST = (_PASS, _UNANSWERED, _NO_KEY, _REVOKED, _BROKEN)  # one signature that holds is enough

Letters = Callable[[], Sequence[bytes]]
"""Gives the newest messages that we sent and received; raises what keeps the mailbox from being read."""


def home_letters(settings: Settings, environ: Mapping[str, str], *, now: dt.datetime) -> Letters | None:
    """Look in the home's mailboxes; None where ``[imap]`` or ``[mail]`` is not filled in."""
    if settings.imap is None or settings.mail is None:
        return None
    own = tokens.of_home(settings, environ)
    mailboxes = home_mailboxes(settings.imap, home=settings.home, environ=environ, tokens=own)
    return letters_of(mailboxes, settings.mail, now=now)


def letters_of(mailboxes: Mailboxes, account: MailAccount, *, now: dt.datetime) -> Letters:
    """Look among the archive copies, then in our own mailbox, for messages of the sender."""

    def find() -> Sequence[bytes]:
        since = now - _LOOK_BACK
        try:
            return mailboxes.archive.newest(
                account.sender, mailboxes.archive_folder, not_before=since
            ) or mailboxes.own.newest(account.sender, "INBOX", not_before=since)
        finally:
            mailboxes.close()

    return find


def examine_signature(account: MailAccount, letters: Letters | None, *, resolver: Resolver) -> Diagnosis:
    """Say whether what we send arrives signed for the sender's domain.

    An unsigned message may have stayed within our own server: of several the best one counts.
    """
    domain = account.sender.rpartition("@")[2].lower()
    facts = {"domain": domain, "sender": account.sender, "host": account.host}
    if letters is None:
        return told(CheckStep.DKIM, _V.SKIPPED, "needs_message", **facts)
    try:
        received = [email.message_from_bytes(content) for content in letters()]
    except (ConfigError, TransportError) as error:
        return told(CheckStep.DKIM, _V.SKIPPED, "no_mailbox", **facts, detail=error.code)
    ours = [one for one in received if parseaddr(str(one["From"]))[1].lower() == account.sender.lower()]
    if not ours:
        return told(CheckStep.DKIM, _V.SKIPPED, "no_message", **facts)
    found = [_judged(message, domain, resolver) for message in ours]
    code, more = min(found, key=lambda one: _RANK.index(one[0]))
    verdict = _V.OK if code == _PASS else _V.FAILED if code in (_NO_KEY, _REVOKED) else _V.WARNING
    return told(CheckStep.DKIM, verdict, code, **facts, **more)


_RANK = (*_WORST_FIRST, "other", "unsigned")


def _judged(message: Message, domain: str, resolver: Resolver) -> tuple[str, Mapping[str, str]]:
    tags = [dict(_tags(str(value))) for value in message.get_all("DKIM-Signature", ())]
    if not tags:
        return "unsigned", {}
    signers = {tag.get("d", "").lower() for tag in tags}
    aligned = [n for n, tag in enumerate(tags) if _same_house(tag.get("d", ""), domain)]
    if not aligned:  # DMARC counts none of these (RFC 7489 3.1.1)
        return "other", {"other": ", ".join(sorted(signers))}
    told_by_receiver = _PASSED.search(str(message.get("Authentication-Results", "")))  # the topmost: theirs
    if told_by_receiver and _same_house(told_by_receiver[1], domain):
        return _PASS, _where(tags[aligned[0]])
    verdicts = [(_verified(message, n, tags[n], resolver=resolver), _where(tags[n])) for n in aligned]
    return min(verdicts, key=lambda one: _RANK.index(one[0]))


def _where(tag: Mapping[str, str]) -> Mapping[str, str]:
    signer, selector = tag.get("d", "").lower(), tag.get("s", "")
    return {"signer": signer, "selector": selector, "name": f"{selector}._domainkey.{signer}"}


def _same_house(signer: str, domain: str) -> bool:
    return bool(signer) and providers.organisation(signer.lower()) == providers.organisation(domain)


def _tags(value: str) -> Iterator[tuple[str, str]]:
    """Take a tag list apart (RFC 6376 3.2)."""
    for part in value.split(";"):
        name, found, content = part.partition("=")
        if found:
            yield name.strip(), re.sub(r"\s+", "", content)


def _verified(message: Message, index: int, tag: Mapping[str, str], *, resolver: Resolver) -> str:
    """Fetch the key and verify one signature with it."""
    import dkim  # noqa: PLC0415 (only who has a signed message to verify pays)

    answer = resolver.ask(_where(tag)["name"], "TXT")
    if not answer.certain:
        return _UNANSWERED
    keys = [record for record in answer.records if "p=" in re.sub(r"\s", "", record)]
    if not keys:
        return _NO_KEY
    if not dict(_tags(keys[0])).get("p"):
        return _REVOKED
    try:
        checked = dkim.DKIM(message.as_bytes(), minkey=512)
        verified = checked.verify(idx=index, dnsfunc=lambda _name, **_how: keys[0].encode())
    except dkim.DKIMException:
        return _BROKEN
    return _PASS if verified else _BROKEN
