"""Addresses in notices: what is one, whose it is, and which of several failed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice

# RFC 5321 mailbox as servers write it: letters beyond ASCII stay (RFC 6531), a quoted local part is
# cut at its space.
ADDRESS = re.compile(
    r"(?<![\w.+=/-])(?P<local>[^\W_][\w.!#$%&'*+/=?^`{|}~-]{0,127}|[_+=&~!#/-][\w.!#$%&'*+/=?^`{|}~-]{0,127})"
    r"@(?P<domain>\w(?:[\w-]{0,62})(?:\.[\w-]{1,63}){0,8}|\[[0-9A-Fa-f.:IPv]{3,45}\])"
)
_SERVICE = re.compile(
    r"^(?:mailer[-_.]?daemon|post_?master|postmast|mail[-_.]?daemon|abuse|support|help(?:desk)?|noc|"
    r"hostmaster|webmaster"
    r"|.+-(?:owner|request|bounces)|owner-.+|majordomo|listserv|listproc|mailman|sympa"
    r"|root|no-?reply|do-?not-?reply|noreply|admin(?:istrator)?|sysadmin)$",
    re.IGNORECASE,
)
_ASIDE = re.compile(  # a line that names somebody to ask, or the sender: not a recipient
    r"(?:contact|assistance|help|questions?|send (?:e-?mail|mail|a message) to|reply to|forward|"
    r"support|complain"
    r"|unblock|whitelist|postmaster|administrat|sender|mail from|from:|from <|reply-to|expanded from|"
    r"message-id|report this|https?:|in-reply)",
    re.IGNORECASE,
)
_TO = re.compile(
    r"(?:to|rcpt to|smtp|recipients?|for|address(?:es)?|user|destinataires?|à|a|adresse|"
    r"addressee|宛先|宛て|送信先|受信者|收件人|收件者|empf(?:ä|ae)nger|destinat[aá]rio|ontvanger|"
    r"получател[ьюия]|кому|"
    r"odbiorca|mottagare|modtager|수신자|받는 사람)"
    r"\b[\w '()-]{0,40}[:= ]*(?:[\w ,.'-]{1,60}(?=<))?[<\"'(\[]*$",
    re.IGNORECASE,
)


_NAME = re.compile(r"/ou?=", re.IGNORECASE)  # Domino's CN=A B/OU=C/O=D@E
_CANDIDATES = 200
_LISTED = re.compile(r"[>'\"]{0,2}[ \t]*(?:,|;|and|et|und|y|e|&)[ \t]*\n?[ \t]*[<'\"]{0,2}", re.IGNORECASE)
_FIELD = re.compile(  # a quoted header
    r"[ \t]*(to|cc|from|subject|sent|date)[ \t]*:[^<>@\n]{0,60}[<'\"]?$", re.IGNORECASE
)


def find(text: str) -> Iterator[re.Match[str]]:
    """Yield the addresses of a text; no Message-ID in its line, no link, no X.500 name is one."""
    for match in ADDRESS.finditer(text):
        before = text[max(0, match.start() - 30) : match.start()].lower()
        field = before.rstrip("< ").endswith(("message-id:", "message id:", "references:", "in-reply-to:"))
        if not field and "//" not in match["local"] and not _NAME.search(match["local"]):
            yield match


def clean(text: str) -> str:
    """Reduce a field or a line to its address; "" when there is none.

    ``rfc822; <a@b>``, ``@relay.test:a@b`` (RFC 5321 source route), ``a@b (A)``, ``utf-8; …`` (RFC 6533).
    """
    text = re.sub(
        r"^\s*(?:rfc822|utf-8|smtp|x400|unknown|local|lmtp)\s*;", "", text, flags=re.IGNORECASE
    ).strip()
    text = _unescape(text).replace("(a)", "@")  # X.400: dda:SMTP=a(a)b.example
    route = re.match(r"^<?@[\w.-]+(?:,@[\w.-]+)*:(.+)$", text)
    if route:
        text = route[1]
    match = ADDRESS.search(text)
    return trim(match[0]) if match and not _NAME.search(match["local"]) else ""


def _unescape(text: str) -> str:
    r"""Decode RFC 6533 ``\x{E9}`` and RFC 3461 xtext (only ``+XX`` of the signs that must be encoded)."""
    text = re.sub(r"\\x\{([0-9A-Fa-f]{2,6})\}", _character, text)
    return re.sub(r"\+(2B|3D|20)", lambda m: chr(int(m[1], 16)), text)


def _character(match: re.Match[str]) -> str:
    point = int(match[1], 16)
    return chr(point) if point < 0x110000 and not 0xD800 <= point < 0xE000 else ""


def trim(address: str) -> str:
    address = address.strip("<>()[]{}\"',;: \t").rstrip(".'-")
    return address[5:] if address[:5].lower() in ("smtp:", "smtp=") else address


def unprefixed(address: str) -> str:
    """Undo what qmail-send.c does to a virtual domain's address: ``b.example-a@b.example``."""
    local, _, domain = address.rpartition("@")
    prefixed = local.lower().startswith(f"{domain.lower()}-")
    return f"{local[len(domain) + 1 :]}@{domain}" if domain and prefixed else address


def beyond(addresses: list[str]) -> list[str]:
    """Leave out names inside the remote system (``a@ims-ms-daemon``) where it gives real addresses too."""
    return [address for address in addresses if "." in address.rpartition("@")[2]] or addresses


def same(one: str, other: str) -> bool:
    return one.strip("<> ").lower() == other.strip("<> ").lower()


def unique(addresses: Iterable[str]) -> list[str]:
    seen: dict[str, str] = {}
    for address in addresses:
        if address:
            seen.setdefault(address.lower(), address)
    return list(seen.values())


def listed(value: str) -> list[str]:
    """Give the addresses of a header."""
    return unique(trim(m[0]) for m in ADDRESS.finditer(value)) if "@" in value else []


def at_home(name: str, sender: str) -> str:
    """Make an address of a name that a server gives of its own mailbox: at the domain it writes from."""
    domain = sender.rpartition("@")[2]
    return f"{name}@{domain}" if domain else ""


def local_part(address: str) -> str:
    return address.rpartition("@")[0]


def is_service(address: str) -> bool:
    return bool(_SERVICE.match(local_part(address)))


def guess(notice: str, *, ours: Iterable[str], returned_to: Iterable[str]) -> list[str]:
    """Find the failed recipients in free text that no dialect knows.

    Those that stand where one names a recipient win, and among them those that the returned message was
    addressed to; else one of these elsewhere; else a lone address. Our own and service addresses never count.
    """
    mine = {a.lower() for a in ours}
    theirs = {a.lower() for a in returned_to}
    strong: list[str] = []
    weak: list[str] = []
    for match in islice(find(notice), _CANDIDATES):
        address = trim(match[0])
        if address.lower() in mine or (is_service(address) and address.lower() not in theirs):
            continue
        if not notice[match.end() :].strip(" .\n") and any(a.startswith(address.lower()) for a in mine):
            continue  # ours, in a message that was cut short
        before = _before(notice, match.start())
        stands = not before.strip(" \t<>*-#'\"(:|.)0123456789") or _TO.search(before)
        header = _FIELD.match(before)
        if header and header[1].lower() == "from":
            continue
        (strong if stands and not header and not _ASIDE.search(before) else weak).append(address)
    for group in (strong, weak):
        if known := [a for a in group if a.lower() in theirs]:
            return unique(known)
        if group is strong and strong:
            return unique(strong)
    weak = unique(weak)
    return weak if len(weak) == 1 else []


def _before(notice: str, at: int) -> str:
    """Give what a line says before a place; of prose that goes on, the line above too."""
    start = notice.rfind("\n", 0, at) + 1
    above = notice[notice.rfind("\n", 0, max(start - 1, 0)) + 1 : max(start - 1, 0)].strip()
    if start == at and above and above[-1].isalpha():
        return f"{above[-120:]} "
    return notice[max(start, at - 160) : at]


def with_neighbours(notice: str, found: list[str], *, ours: Iterable[str]) -> list[str]:
    """Add the addresses that are listed right after a failed one: ``a@x.example, b@x.example and c@…``."""
    mine = {a.lower() for a in ours}
    known = {a.lower() for a in found}
    more: list[str] = []
    last = -1
    for match in islice(find(notice), _CANDIDATES):
        address = trim(match[0])
        if address.lower() in known:
            line = notice[notice.rfind("\n", 0, match.start()) + 1 : match.start()]
            last = -1 if _FIELD.match(line) else match.end()  # whom a message was for is not who failed
        elif last >= 0 and _LISTED.fullmatch(notice, last, match.start()) and address.lower() not in mine:
            more.append(address)
            last = match.end()
        else:
            last = -1
    return unique([*found, *more])


def tag(*headers: str) -> str:
    """Return the tag of the first plus-address: the token of our return path (RFC 5233)."""
    for value in headers:
        for address in ADDRESS.finditer(value) if "+" in value else ():
            local, plus, token = address["local"].partition("+")
            if plus and local and token:
                return token
    return ""
