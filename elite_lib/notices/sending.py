"""Send a notice, once, and note in the journal what became of it."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import os
from collections.abc import Callable, Mapping, Sequence

from elite_lib import tokens
from elite_lib.config import Settings
from elite_lib.exceptions import EliteError
from elite_lib.journal import Journal
from elite_lib.labels import explain, word
from elite_lib.models import Entry, EntryKind, Envelope, MailAccount, Reply, StopReason, Transaction
from elite_lib.notices.composing import News, Standing, compose_notice, headline
from elite_lib.transports import Transport
from elite_lib.transports.smtp import SmtpTransport


def send_notice(
    settings: Settings,
    news: News,
    *,
    journal: Journal | None,
    operator: str,
    transport: Transport | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Entry | None:
    """Tell ``[notice] to`` how a month stands, and append NOTICED; None when there is nothing to tell.

    Not a family's message: it is in no slip and in no batch, and is tried once. It never raises:
    whatever becomes of it changes neither the run nor its exit code. Where it could not leave
    (``ok`` false), or nobody is to be told (``ok`` null), the entry has the sentence for the page.
    """
    notice = settings.notice
    good = news.standing is Standing.LEFT and not news.sentence
    if good and (not notice.to or notice.when == "remainder"):
        return None
    subject = headline(news, settings.establishment)
    ok: bool | None = None
    detail = ""
    if notice.to:
        ok, detail = _try(settings, news, transport=transport, environ=environ)
    entry = Entry(
        kind=EntryKind.NOTICED,
        operator=operator,
        account=settings.mail.key if settings.mail is not None else "",
        month=news.period.key,
        run=news.run.id if news.run is not None else "",
        data={"ok": ok, "to": notice.to, "subject": subject, "detail": detail, "trouble": news.sentence},
    )
    with contextlib.suppress(EliteError):  # the journal may be what was wrong
        return journal.append(entry) if journal is not None else entry
    return entry


def _try(
    settings: Settings, news: News, *, transport: Transport | None, environ: Mapping[str, str]
) -> tuple[bool, str]:
    """Send it; give whether the server took it, else why not, in words."""
    stop = news.run.stopped if news.run is not None else None
    if stop is not None and stop.reason is StopReason.AUTHENTICATION:
        return False, word(stop.reason)  # another refused login could lock the account

    def write(account: MailAccount) -> bytes:
        return compose_notice(
            news,
            establishment=settings.establishment,
            account=account,
            to=settings.notice.to,
            now=dt.datetime.now(dt.UTC),
        )

    return deliver(settings, write, transport=transport, environ=environ)


def deliver(
    settings: Settings,
    write: Callable[[MailAccount], bytes],
    *,
    transport: Transport | None,
    environ: Mapping[str, str],
) -> tuple[bool, str]:
    """Send one message to ``[notice] to``, once; give whether the server took it, else why not, in words."""
    account = settings.mail
    if account is None:
        return False, ""
    way: Transport | None = None
    try:
        content = write(account)
        way = transport or _smtp(settings, account, environ)
        way.open()
        envelope = Envelope(
            sender=account.sender,
            recipients=(settings.notice.to,),
            envid=hashlib.sha256(content).hexdigest()[:24],
        )
        return _outcome(way.send(envelope, content, _unrecorded))
    except Exception as error:  # whatever it is: the run is over, and its verdict stands
        return False, explain(error)
    finally:
        if way is not None:
            way.close()


def _smtp(settings: Settings, account: MailAccount, environ: Mapping[str, str]) -> Transport:
    return SmtpTransport(account, tokens.credential(settings, environ) if account.login else None)


def _unrecorded(_rcpt: Sequence[tuple[str, Reply]], _archive: Reply | None) -> None:
    """Record nothing before the dot: a notice that is in doubt is read, or not, and harms nobody."""


def _outcome(transaction: Transaction) -> tuple[bool, str]:
    if transaction.final is not None and transaction.final.accepted:
        return True, f"{transaction.final.code} {transaction.final.text}"
    replies = [
        transaction.mail,
        *(reply for _, reply in transaction.rcpt),
        transaction.data,
        transaction.final,
    ]
    refusal = next((reply for reply in replies if reply is not None and reply.code >= 400), None)
    return False, f"{refusal.code} {refusal.text}" if refusal is not None else transaction.error
