"""Who wrote: a mail system, or a person whose words only look like one's."""

from __future__ import annotations

import re

from elite_lib.bounces import failing, notices, recipients
from elite_lib.bounces.parsing import Mail

_DAEMON = re.compile(
    r"^(?:mailer[-_. ]?da?emon.*|mail[-_.]?da?emon|daemon|po+st[-_. ]?ma?ste?r.*|postmaster|"
    r"mail[-_. ]?delivery[-_. ](?:sub)?system"
    r"|mail\.delivery\.system|maildelivery|mmdf|lmail|mdaemon|smtp|uucp|mail-?system|"
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
    r"delivery (?:agent|notification|status)|(?:mime|mail|web)sweeper|mail ?marshal|interscan|scanmail|"
    r"mail gateway|email security|content filter"
    r"|administrateur syst[eè]me|syst[eè]me de (?:messagerie|distribution|courrier)|"
    r"service de (?:distribution|messagerie)",
    re.IGNORECASE,
)
_MACHINE = re.compile(
    r"^(?:no[-_.]?reply|do[-_.]?not[-_.]?reply|ne[-_.]?pas[-_.]?repondre|sysadmin|admin(?:istrator)?|"
    r"root|system|info|support|mail|listserv|listproc|mailman|majordomo|sympa|"
    r"notify|notifications?|alerts?|service|mailsystem|server|abuse|hostmaster|network|.+-(?:admin|owner|"
    r"request|bounces?))$",
    re.IGNORECASE,
)
_LISTS = {"list-id", "x-mailman-version", "mailing-list"}
_LIST = re.compile(r"owner-(?P<name>.+)|(?P<list>.+)-(?:owner|request|bounces|admin)", re.IGNORECASE)
_FORWARDED = re.compile(r"^\s*(?:fwd?|tr|wg|rv|i|fw)\s*:", re.IGNORECASE)
_REPLY = re.compile(r"^\s*(?:re|aw|sv|antw|réf?|ref)\s*(?:\[\d+\])?\s*:", re.IGNORECASE)


def sender(mail: Mail) -> str:
    """Return the address of From, "" when it is the null one or there is none."""
    return next(iter(recipients.listed(mail.header("from"))), "")


def is_system(mail: Mail) -> bool:
    """Tell whether a mail system wrote: by its name, or by what only one adds."""
    value = mail.header("from")
    if "x-failed-recipients" in mail.headers:
        return True
    if is_daemon(mail) or value.strip() in ("<>", '""', ""):
        return bool(value.strip()) or _null_path(mail) or bool(failing.SUBJECT.search(mail.header("subject")))
    name = value.partition("<")[0] if sender(mail) else value
    comment = value.partition("(")[2]
    return bool(_DAEMON_NAME.search(name) or _DAEMON_NAME.search(comment))


def is_daemon(mail: Mail) -> bool:
    """Tell whether the sender's address is one that a mail system writes under."""
    value = mail.header("from")
    local = recipients.local_part(sender(mail)) or value.strip("<>\"' ").partition("@")[0].partition("<")[0]
    return bool(_DAEMON.match(local.strip()))


def answers_us(mail: Mail) -> bool:
    """Tell whether somebody at a mail system's address answers a message: of a failure, only quotes tell."""
    if not _REPLY.match(mail.header("subject")) or "in-reply-to" not in mail.headers:
        return False
    if mail.has_returned or "x-failed-recipients" in mail.headers:
        return False
    return not failing.WORDS.search(notices.unquoted(mail.notice[:1500]))


def may_be_system(mail: Mail) -> bool:
    """Tell whether an unknown sender's words are to be heard as a mail system's: an unattended
    address or a null return path, a subject that says so, and nothing that a person adds."""
    subject = mail.header("subject")
    if _FORWARDED.match(subject) or _REPLY.match(subject) or "in-reply-to" in mail.headers:
        return False
    return is_unattended(mail) and bool(
        failing.SUBJECT.search(subject) or failing.WORDS.search(mail.notice[:1500])
    )


def is_unattended(mail: Mail) -> bool:
    """Tell whether nobody reads what is sent back: a machine's address, or the null return path."""
    return is_machine(mail) or _null_path(mail)


def is_machine(mail: Mail) -> bool:
    """Tell whether the sender's address is one that no person has."""
    return bool(_MACHINE.match(recipients.local_part(sender(mail))))


def _null_path(mail: Mail) -> bool:
    return mail.header("return-path").strip() in ("<>", "<MAILER-DAEMON>", "<mailer-daemon>") or (
        mail.header("return-path").lower().startswith("<mailer-daemon")
    )


def to_a_list(mail: Mail) -> bool:
    """Tell whether the returned message went through a list: its To names the list, not who failed."""
    names = ("x-beenthere", "list-post")
    lists = {a.lower() for name in names for a in recipients.listed(mail.returned.get(name, ""))}
    if lists:
        return not lists.isdisjoint(map(str.lower, addressed(mail)))
    wrote = _LIST.fullmatch(recipients.local_part(mail.returned.get("sender", "").strip("<> ")))
    owned = (wrote["name"] or wrote["list"]).lower() if wrote else ""
    owns = any(recipients.local_part(address).lower() == owned for address in addressed(mail) if owned)
    return owns or bool(_LISTS & mail.returned.keys())


def ours(mail: Mail) -> list[str]:
    """Addresses that are the sender's: where it came back to, and who the returned message is from."""
    mine = [a for name in ("to", "delivered-to", "envelope-to") for a in recipients.listed(mail.header(name))]
    domains = {a.rpartition("@")[2].lower() for a in mine}
    kept = recipients.listed(mail.header("x-original-to"))
    mine += [a for a in kept if a.rpartition("@")[2].lower() in domains]  # elsewhere it is what failed: dma
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
