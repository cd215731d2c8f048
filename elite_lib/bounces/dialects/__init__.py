"""Free-text bounces: who failed and what was said, by the dialect of the server that wrote."""

from __future__ import annotations

import re
from itertools import islice

from elite_lib.bounces import charsets, notices, origin, recipients, trying
from elite_lib.bounces.classes.rows import mentions
from elite_lib.bounces.dialects.rows import Dialect, expression
from elite_lib.bounces.dialects.servers import SERVERS
from elite_lib.bounces.dialects.services import SERVICES
from elite_lib.bounces.evidence import Evidence, code_in
from elite_lib.bounces.parsing import Mail

_HEARD = 20_000
_AROUND = 3_000
_MOST = 100  # recipients of one notice
_START = 5_000
_FOR = re.compile(
    r"\sfor\s+<([^<>\s]{1,128}@[^<>\s]{1,255})>", re.IGNORECASE
)  # RFC 5321 4.4: whom a server had it for
_EXPANDED = re.compile(
    r"^[ \t]*<?([^\s<>()]{1,128}@[^\s<>():]{1,255})>?:?\s+\((?:ultimately )?generated from "
    r"<?([^\s<>()]{1,128}@[^\s<>()]{1,255})",
    re.IGNORECASE | re.MULTILINE,
)  # Exim deliver.c
_REPLY = re.compile(
    r"(?:^ out(?=: [45])|smtp error from remote (?:mail )?(?:server|mailer) after [^\n]{1,200}?"
    r"(?::\s+host \S+ \[[^\]\n]{1,45}\])?(?=:\s+[45]\d\d[ -])|"  # Exim transports/smtp.c
    r"response(?: from the remote server)?(?: was)?|"
    r"(?:the )?other server returned was|remote host said|error message below|reason|said|"
    r"gave this error|error_code|"
    r"server returned|server message|the (?:error|problem|cause) (?:was|is)|motif|raison|because|"
    r"for the following reason)s?[ \t]*:[ \t\n]*(?P<reply>\S)",
    re.IGNORECASE | re.MULTILINE,
)

_FREE_TEXT = Dialect(name="free text", known="", anchor="", source="no dialect that is known")


def read(mail: Mail) -> tuple[str, list[Evidence]]:
    """Give the dialect's name and what it says of each recipient."""
    notice = notices.unquoted(mail.notice)[:_HEARD]
    start = charsets.fold(notice[:_START])
    named, found = _FREE_TEXT, _announced(mail)
    for dialect in (*SERVERS, *SERVICES):
        if not mentions(dialect.known, start):
            continue
        anchored = _anchored(dialect, notice, mail)
        if found or anchored:
            named, found = dialect, found or anchored
            break
        named = dialect if named is _FREE_TEXT else named
    found = recipients.with_neighbours(
        notice, _expanded(notice, found or _guessed(mail, notice)), ours=origin.ours(mail)
    )[:_MOST]
    delayed = trying.goes_on(mail.header("subject"), notice)
    rows = [_evidence(named, notice, address, found, delayed=delayed) for address in found]
    return named.name, rows


def _announced(mail: Mail) -> list[str]:
    """X-Failed-Recipients: Exim and Gmail name the recipients as they were given."""
    return recipients.listed(mail.header("x-failed-recipients"))[:_MOST]


def _anchored(dialect: Dialect, notice: str, mail: Mail) -> list[str]:
    mine = {a.lower() for a in origin.ours(mail)}
    theirs = {a.lower() for a in origin.addressed(mail)}
    addresses: list[str] = []
    own: list[str] = []
    for match in islice(expression(dialect.anchor).finditer(notice), _MOST):
        address = recipients.clean(next(filter(None, match.groups()), ""))
        if not address and (name := match.groupdict().get("name")):
            address = recipients.at_home(name, origin.sender(mail))
        if address:
            address = recipients.unprefixed(address)
            (own if address.lower() in mine - theirs else addresses).append(address)
    return recipients.beyond(recipients.unique(addresses or own))


def _expanded(notice: str, found: list[str]) -> list[str]:
    """Leave out what an alias was before it became another recipient that failed: it is that one's alias."""
    if len(found) < 2 or "enerated" not in notice:
        return found
    into = {alias.lower(): address.lower() for address, alias in _EXPANDED.findall(notice)}
    names = {address.lower() for address in found}
    return [address for address in found if into.get(address.lower()) not in names - {address.lower()}]


def _guessed(mail: Mail, notice: str) -> list[str]:
    addressed = origin.addressed(mail)
    mine = [a for a in origin.ours(mail) if a.lower() not in {x.lower() for x in addressed}]
    subject = mail.header("subject")
    found = recipients.guess(notice, ours=mine, returned_to=addressed)
    if not found:
        found = recipients.guess(subject, ours=mine, returned_to=addressed)
    if found:
        return found
    lone = len(addressed) == 1 and not origin.to_a_list(mail)
    itself = addressed == recipients.listed(mail.returned.get("from", ""))  # a list writes to itself
    if lone and not itself:
        return addressed
    known = {a.lower() for a in (*mine, *addressed)}
    received = [a for a in _FOR.findall(mail.returned.get("received", "")) if a.lower() not in known]
    listed = recipients.listed(mail.header("x-beenthere"))  # Mailman names its list nowhere else
    return next(([a] for a in (*received, *listed) if not recipients.is_service(a)), [])


def _evidence(dialect: Dialect, notice: str, address: str, everyone: list[str], *, delayed: bool) -> Evidence:
    about = notices.about(notice, [address], others=[a for a in everyone[:_MOST] if a != address])
    text = about
    if reply := _REPLY.search(about):
        text = about[reply.start("reply") :]
    return Evidence(
        recipient=address,
        aliases=notices.aliases(about),
        text=text if charsets.fold(text) else "",
        notice=notice,
        others=tuple(a for a in everyone[:_MOST] if a != address),
        around=about if text != about else notice[:_AROUND] if len(everyone) == 1 else "",
        delayed=delayed,
        local=dialect.local or _speaks_itself(dialect, about),
    )


def _speaks_itself(dialect: Dialect, about: str) -> bool:
    """Tell whether a server that also repeats what others said gives a reason of its own: it has no code."""
    if not dialect.elsewhere or code_in(about):
        return False
    return not mentions(dialect.elsewhere, charsets.fold(about))
