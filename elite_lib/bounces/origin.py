"""Who wrote: a mail system, or a person whose words only look like one's."""

from __future__ import annotations

import re

from elite_lib.bounces import recipients
from elite_lib.bounces.parsing import Mail

_DAEMON = re.compile(
    r"^(?:mailer[-_. ]?da?emon.*|mail[-_.]?da?emon|daemon|po+st[-_. ]?ma?ste?r.*|postmaster|"
    r"mail[-_. ]?delivery[-_. ](?:sub)?system"
    r"|mail\.delivery\.system|maildelivery|mmdf|mdaemon|smtp|uucp|mail-?system|"
    r"microsoftexchange[0-9a-f]+|bounces?|bounce[-+_].*|mta"
    r"|ndr|dsn|delivery[-_.]?(?:status|reports?|failure)|undeliverable|returned?[-_.]?mail|(?:net|"
    r"e?mail|smtp|mx)[-_.]?(?:adm|admin|master|system|sys|relay|gateway|server)\d*"
    r"|.*(?:mailer|postmaster|bounce|undeliver|delivery|mailsys).*)$",
    re.IGNORECASE,
)
_DAEMON_NAME = re.compile(
    r"mail(?:er)?[-_ ]?delivery|mailer[-_ ]?da?emon|post[-_ ]?master|mail deliver|"
    r"delivery (?:sub)?system|delivery service|internet mail"
    r"|system administrator|mail administrator|mail system|returned mail|ndr administrator|"
    r"delivery (?:agent|notification|status)"
    r"|administrateur syst[eè]me|syst[eè]me de (?:messagerie|distribution|courrier)|"
    r"service de (?:distribution|messagerie)",
    re.IGNORECASE,
)
_MACHINE = re.compile(
    r"^(?:no[-_.]?reply|do[-_.]?not[-_.]?reply|ne[-_.]?pas[-_.]?repondre|sysadmin|admin(?:istrator)?|"
    r"root|system|info|support|mail|"
    r"notifications?|alerts?|service|mailsystem|server|abuse|hostmaster|network|.+-(?:admin|owner|"
    r"request|bounces?))$",
    re.IGNORECASE,
)
FAILURE_SUBJECT = re.compile(
    r"not (?:a )?member\b|server: errors from|loop alert|undeliver|non[- ]?deliver|delivery (?:status|"
    r"fail|notif|problem|error|report|has|was|delay|attempt|incomplete)|deliver(?:y)? failure|"
    r"returned mail|returned (?:to sender|message|e-?mail)|returning (?:message )?to sender|"
    r"failure notice|failure delivery|failed delivery|failed to deliver|"
    r"mail (?:delivery )?(?:fail|error|system error|status|could|not|undeliv|bounce|return)|"
    r"could not (?:be )?(?:deliver|send)|not (?:be )?delivered|"
    r"(?:message|mail|email).{0,40}(?:blocked|rejected|refused|delayed|returned|failed)|bounced?\b|"
    r"delayed mail|warning.{0,30}(?:mail|message|send)|"
    r"unable to deliver|cannot deliver|can't deliver|can not be delivered|rejected (?:mail|message)|"
    r"message status|user unknown|unknown user|nondelivery|"
    r"non remis|non distribu|non d[ée]livr|[ée]chec|retour (?:de|du|à|a) |pas pu [êe]tre|impossible d|"
    r"notification d.[ée]tat de remise|rapport de non|"
    r"unzustellbar|nicht zugestellt|zustellung|rückläufer|no entregado|mancato recapito|не доставлен|"
    r"недоставлен|配信|エラー|送信(?:でき|失敗)",
    re.IGNORECASE,
)
FAILURE_WORDS = re.compile(
    r"requested action not taken|no such user|user unknown|unknown user|invalid user|(?:could|"
    r"can) ?not be delivered|cannot be delivered|couldn't be delivered|was not delivered|"
    r"wasn't delivered|not been delivered|has not been delivered|"
    r"undeliverable|undelivered|delivery (?:has |to the following .{0,40})?failed|failed to deliver|"
    r"unable to (?:be )?deliver|delivery failure|"
    r"did not reach|not been reached|could not (?:be )?(?:reached|sent|deliver)|couldn't deliver|"
    r"delivery errors?|not deliver your|was rejected|"
    r"not (?:a )?member of|being returned|returned to (?:you|sender)|had (?:permanent|delivery|"
    r"transient)|unrecoverable|permanent(?:ly)? (?:error|fail)|failure reasons?|"
    r"failed addresses|(?:message|mail|e-?mail) (?:delivery )?fail|has been (?:delayed|rejected|"
    r"returned|blocked)|delivery of .{0,60} failed|"
    r"n'a pas (?:pu|ete|été)|n.ont pas pu|n’a pas (?:pu|été)|pas pu [êe]tre (?:remis|d[ée]livr|"
    r"distribu|achemin|envoy|transmis)|impossible de (?:remettre|d[ée]livrer|distribuer|livrer)|"
    r"[ée]chec (?:de|d.|lors|permanent)|non (?:remis|distribu|d[ée]livr)|送信できません|配信できません|"
    r"не может быть доставлен|не удалось доставить",
    re.IGNORECASE,
)
_FORWARDED = re.compile(r"^\s*(?:fwd?|tr|wg|rv|i|fw)\s*:", re.IGNORECASE)
_REPLY = re.compile(r"^\s*(?:re|aw|sv|antw|réf?|ref)\s*(?:\[\d+\])?\s*:", re.IGNORECASE)


def sender(mail: Mail) -> str:
    """Return the address of From, "" when it is the null one or there is none."""
    return next(iter(recipients.listed(mail.header("from"))), "")


def is_system(mail: Mail) -> bool:
    """Tell whether a mail system wrote: by its name, or by what only one adds."""
    value = mail.header("from")
    address = sender(mail)
    local = recipients.local_part(address) or value.strip("<>\"' ").partition("@")[0].partition("<")[0]
    if "x-failed-recipients" in mail.headers:
        return True
    if _DAEMON.match(local.strip()) or value.strip() in ("<>", '""', ""):
        return bool(value.strip()) or _null_path(mail) or bool(FAILURE_SUBJECT.search(mail.header("subject")))
    name = value.partition("<")[0] if address else value
    comment = value.partition("(")[2]
    return bool(_DAEMON_NAME.search(name) or _DAEMON_NAME.search(comment))


def may_be_system(mail: Mail) -> bool:
    """Tell whether an unknown sender's words are to be heard as a mail system's: an unattended
    address or a null return path, a subject that says so, and nothing that a person adds."""
    subject = mail.header("subject")
    if _FORWARDED.match(subject) or "in-reply-to" in mail.headers:
        return False
    unattended = bool(_MACHINE.match(recipients.local_part(sender(mail)))) or _null_path(mail)
    said = bool(FAILURE_SUBJECT.search(subject)) + bool(FAILURE_WORDS.search(mail.notice[:1500]))
    return unattended and said >= 1 and not _REPLY.match(subject)


def _null_path(mail: Mail) -> bool:
    return mail.header("return-path").strip() in ("<>", "<MAILER-DAEMON>", "<mailer-daemon>") or (
        mail.header("return-path").lower().startswith("<mailer-daemon")
    )


def ours(mail: Mail) -> list[str]:
    """Addresses that are the sender's: where it came back to, and who the returned message is from."""
    names = ("to", "delivered-to", "x-original-to", "envelope-to")
    mine = [a for name in names for a in recipients.listed(mail.header(name))]
    mine += recipients.listed(mail.returned.get("from", "")) + recipients.listed(
        mail.returned.get("return-path", "")
    )
    mine += recipients.listed(mail.returned.get("sender", ""))
    return recipients.unique(mine)


def addressed(mail: Mail) -> list[str]:
    """Addresses that the returned message was for."""
    names = ("to", "cc", "bcc", "x-failed-recipients", "delivered-to", "apparently-to", "x-envelope-to")
    if _DAEMON.match(recipients.local_part(next(iter(recipients.listed(mail.returned.get("from", ""))), ""))):
        return []  # a bounce of a bounce: its To is ours
    return recipients.unique(a for name in names for a in recipients.listed(mail.returned.get(name, "")))
