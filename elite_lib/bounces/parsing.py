"""Bytes to the few things that detectors look at: the notice, the machine's blocks, the returned headers.

Parsed with compat32 and decoded by hand: ``policy.default`` is thirteen times slower and raises on
headers that real servers write.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message

from elite_lib.bounces import charsets
from elite_lib.bounces.markup import plain_text
from elite_lib.bounces.returned import (
    Headers,
    header_fields,
    keep,
    looks_like_headers,
    parse_headers,
    split_returned,
)

HEAD = 300_000  # bytes looked at: what a report says is at its start, and 10 MB must take < 1 s
_NOTICE = 60_000  # characters of notice kept
_PARTS = 100
_DEPTH = 12
_RULERS = 2_000  # lines that may be a boundary: the parser is quadratic in parts within parts
_REPORTS = {
    "message/delivery-status": "status",
    "message/global-delivery-status": "status",  # RFC 6533
    "message/feedback-report": "feedback",  # RFC 5965
    "message/disposition-notification": "disposition",  # RFC 8098
    "message/global-disposition-notification": "disposition",
}
_ONCE = {"final-recipient", "original-recipient", "action", "status"}
_REPORT_FILE = re.compile(r"^final-recipient[ \t]*:", re.IGNORECASE | re.MULTILINE)
_RETURNED = {
    "message/rfc822", "message/global", "text/rfc822-headers", "message/rfc822-headers",
    "message/global-headers", "text/rfc822", "message/partial", "message/external-body",
}  # fmt: skip


@dataclass(slots=True)
class Mail:
    """One message, taken apart. Text is decoded; nothing in here can raise any more."""

    headers: Headers
    content_type: str  # top level, with its parameters, lower case
    notice: str = ""  # what a person would read, without the returned message
    blocks: dict[str, list[Headers]] = field(default_factory=dict)  # "status", "feedback", "disposition"
    returned: Headers = field(default_factory=dict)  # headers of the message that comes back
    has_returned: bool = False
    copy: str = ""  # the message that comes back, where it stood in the text

    def header(self, name: str) -> str:
        return self.headers.get(name, "")


def parse(content: bytes) -> Mail:
    """Take a message apart; whatever it is, an answer comes back."""
    content = content[:HEAD].lstrip(b"\r\n\t \x00")
    if b"\r" in content:
        content = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if content.count(b"\n--") > _RULERS or content.lower().count(b"boundary=") > _PARTS:
        return _without_mime(content)
    try:
        message: Message = message_from_bytes(content)
    except (RecursionError, ValueError, LookupError, TypeError, AttributeError, IndexError):
        return _without_mime(content)  # nested to exhaust the parser: read as text
    mail = Mail(headers=_headers(message), content_type=charsets.header(message.get("content-type")).lower())
    plain: list[str] = []
    html: list[str] = []
    for part, kind, depth in _walk(message):
        _take(mail, part, kind, (plain, html), depth=depth)
    text = "\n".join(plain) if any(map(str.strip, plain)) else "\n".join(map(plain_text, html))
    _settle(mail, text)
    return mail


def _without_mime(content: bytes) -> Mail:
    head, _, body = content.partition(b"\n\n")
    headers = parse_headers(charsets.decode(head))
    mail = Mail(headers=headers, content_type=headers.get("content-type", "").lower())
    _settle(mail, charsets.decode(body[:_NOTICE]))
    return mail


def _settle(mail: Mail, text: str) -> None:
    """Cut the returned message off the notice, unless a part of its own already brought it."""
    notice, returned = split_returned(text[:_NOTICE])
    mail.notice = notice
    if returned and not mail.returned:
        mail.returned = parse_headers(returned)
        mail.has_returned = True
        mail.copy = returned


def _walk(message: Message) -> Iterator[tuple[Message, str, int]]:
    """Yield the leaves in order, their types and depths, without going into returned messages."""
    stack = [(message, 0)]
    seen = 0
    while stack and seen < _PARTS:
        part, depth = stack.pop()
        seen += 1
        kind = part.get_content_type()
        if kind.startswith("multipart/") and part.is_multipart():
            if depth < _DEPTH:
                stack.extend((child, depth + 1) for child in reversed(_children(part)[:_PARTS]))
            continue
        yield part, kind, depth


def _children(part: Message) -> list[Message]:
    """Give the parts of a part. ``get_payload`` alone is not asked: it decodes a text, in any charset that
    the message names, and a name may hold a null character."""
    payload = part.get_payload() if part.is_multipart() else []
    return [child for child in payload if isinstance(child, Message)]


def _take(mail: Mail, part: Message, kind: str, texts: tuple[list[str], list[str]], *, depth: int) -> None:
    if kind in _REPORTS:
        mail.blocks.setdefault(_REPORTS[kind], []).extend(_blocks(part))
    elif kind in _RETURNED:
        if not mail.has_returned:
            mail.has_returned = True
            mail.returned = _returned(part)
    elif depth and _is_message(part):  # a returned message that lacks its own part header
        if not mail.has_returned:
            mail.has_returned = True
            mail.returned = _headers(part)
    elif kind == "application/octet-stream" and depth:
        _take_file(mail, body(part)[:_NOTICE])
    elif kind.startswith(("text/", "multipart/")) or not depth:
        (texts[1] if kind == "text/html" else texts[0]).append(body(part))


def _take_file(mail: Mail, text: str) -> None:
    """Hear a report or a returned message that came as a nameless file."""
    if _REPORT_FILE.search(text):
        mail.blocks.setdefault("status", []).extend(_text_blocks(text, ""))
    elif not mail.has_returned and looks_like_headers(text.lstrip("\n"), 3):
        mail.has_returned = True
        mail.returned = parse_headers(text)


def _is_message(part: Message) -> bool:
    return "from" in part and ("to" in part or "message-id" in part) and "subject" in part


def body(part: Message) -> str:
    """Decode a leaf's text."""
    try:
        content = part.get_payload(decode=True)  # without decode, the parser turns other letters into U+FFFD
    except (ValueError, LookupError):  # a charset's name with a null character in it
        return ""
    if not isinstance(content, bytes):
        return ""
    return charsets.decode(content, charsets.header(part.get_param("charset") or ""))


def _headers(message: Message) -> Headers:
    headers: Headers = {}
    for name, value in message.raw_items():
        keep(headers, name.lower(), charsets.header(value))
    return headers


def _blocks(part: Message) -> list[Headers]:
    """Fields of a report part: one mapping per blank-line separated block (RFC 3464 2.1).

    The parser turns message/delivery-status into one Message per block, and any other message/*
    into one whose body holds the blocks that follow, possibly under a transfer encoding (RFC 6533).
    """
    children = _children(part)
    encoding = charsets.header(part.get("content-transfer-encoding"))
    if encoding.lower() == "quoted-printable" and children:
        return _text_blocks(_written(children), encoding)
    blocks = []
    for child in children:
        blocks.extend(split_fields((name, charsets.header(value)) for name, value in child.raw_items()))
        blocks.extend(_text_blocks(body(child), encoding))
    if not part.is_multipart():
        blocks.extend(_text_blocks(body(part), ""))
    return [block for block in blocks if block]


def _written(children: Iterable[Message]) -> str:
    """Write the parser's blocks as they stood: an encoding that no report may have is still to be undone."""
    return "\n\n".join(
        "\n".join(f"{name}: {charsets.header(value)}" for name, value in child.raw_items())
        for child in children
    )


def split_fields(fields: Iterable[tuple[str, str]]) -> list[Headers]:
    """Gather fields into blocks; a field that may come once per recipient starts the next one.

    Some servers write no blank line between recipients, or none after the per-message fields.
    """
    blocks: list[Headers] = [{}]
    for title, value in fields:
        name = title.lower()
        if name in _ONCE and name in blocks[-1]:
            blocks.append({})
        blocks[-1].setdefault(name, value)
    return blocks


def _text_blocks(text: str, encoding: str) -> list[Headers]:
    if not text.strip():
        return []
    encoded = encoding.lower()
    if encoded == "quoted-printable" or (encoded == "base64" and ":" not in text.split("\n", 1)[0]):
        text = charsets.decode(charsets.transfer_decode(charsets.raw(text), encoding))
    return [
        block
        for paragraph in re.split(r"\n[ \t]*\n", text[:_NOTICE])
        for block in split_fields(header_fields(paragraph))
    ]


def _returned(part: Message) -> Headers:
    if children := _children(part):
        return _headers(children[0])
    return parse_headers(body(part))
