"""A draft becomes bytes: the MIME structure, written so that the same draft always gives the same bytes.

::

    multipart/mixed
    ├── multipart/related
    │   ├── multipart/alternative (text/plain, text/html)
    │   └── the logo
    └── attachments

A level with one child only is left out. All is 7-bit: quoted-printable and base64 in 76 columns.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hashlib
import re
from collections.abc import Sequence
from email.utils import format_datetime

from elite_lib.composition.addresses import checked_address
from elite_lib.composition.drafts import content_id
from elite_lib.composition.headers import address_field, text_field
from elite_lib.exceptions import TemplateError
from elite_lib.models import Attachment, Draft

_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9.+-]*/[a-z0-9][a-z0-9.+-]*")
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._ -]*")


def assemble(draft: Draft, *, message_id: str, date: dt.datetime) -> bytes:
    """Write the message. ``message_id`` with its angle brackets; ``date`` aware.

    Boundaries are derived from the Message-ID. They hold ``=_``, which neither quoted-printable nor
    base64 can produce, so that no content can close a part.

    Raises:
        TemplateError: ``header_invalid`` (header, value).
    """
    automatic = (
        "Auto-Submitted: auto-generated\r\n"  # RFC 3834 section 5
        # Not "All": that would suppress bounces and read receipts too (MS-OXCMAIL).
        "X-Auto-Response-Suppress: OOF, AutoReply\r\n"
    )
    return _head(draft, message_id=message_id, date=date, more=automatic) + _body(draft, message_id)


def assemble_unsent(draft: Draft, *, message_id: str, date: dt.datetime, bcc: str = "") -> bytes:
    """Write a message that a person opens in a mail program and sends there; a person answers for it.

    Thunderbird drops the request for a receipt unless its own header asks for it, too.

    Raises:
        TemplateError: ``header_invalid`` (header, value).
    """
    more = "X-Unsent: 1\r\n" + (address_field("Bcc", [("", bcc)]) if bcc else "")
    if draft.receipt:
        more += "X-Mozilla-Draft-Info: internal/draft; vcard=0; receipt=1; DSN=1; uuencode=0\r\n"
    return _head(draft, message_id=message_id, date=date, more=more) + _body(draft, message_id)


def _body(draft: Draft, message_id: str) -> bytes:
    part = _multipart(
        "alternative",
        [_text_part("plain", draft.text), _text_part("html", draft.html)],
        boundary=_boundary(message_id, "alternative"),
    )
    if draft.logo:
        part = _multipart(
            'related; type="multipart/alternative"',
            [part, _file_part(draft.logo, inline=content_id(draft.logo, draft.sender))],
            boundary=_boundary(message_id, "related"),
        )
    if draft.attachments:
        part = _multipart(
            "mixed",
            [part, *map(_file_part, draft.attachments)],
            boundary=_boundary(message_id, "mixed"),
        )
    return part


def _head(draft: Draft, *, message_id: str, date: dt.datetime, more: str) -> bytes:
    if not (message_id.startswith("<") and message_id.endswith(">")):
        raise TemplateError("header_invalid", header="Message-ID", value=message_id)
    checked_address(message_id[1:-1], header="Message-ID")
    fields = [
        address_field("From", [(draft.sender_name, draft.sender)]),
        address_field("To", [(to.name, to.address) for to in draft.recipients]),
        address_field("Reply-To", [("", draft.reply_to)]) if draft.reply_to else "",
        text_field("Subject", draft.subject),
        f"Date: {format_datetime(date)}\r\n",
        f"Message-ID: {message_id}\r\n",
        more,
        # RFC 8098 2.1: the same address as the return path, else no receipt may come without being asked for.
        address_field("Disposition-Notification-To", [("", draft.sender)]) if draft.receipt else "",
        "Content-Language: fr\r\n",
        "MIME-Version: 1.0\r\n",
    ]
    return "".join(fields).encode("ascii")


def _boundary(message_id: str, level: str) -> str:
    return f"=_{hashlib.sha256(f'{message_id} {level}'.encode()).hexdigest()[:32]}"


def _multipart(kind: str, parts: Sequence[bytes], *, boundary: str) -> bytes:
    head = f'Content-Type: multipart/{kind};\r\n boundary="{boundary}"\r\n\r\n'.encode("ascii")
    mark = b"--" + boundary.encode("ascii")
    opened = [piece for part in parts for piece in (mark, b"\r\n", part, b"\r\n")]
    return b"".join((head, *opened, mark, b"--\r\n"))


def _text_part(subtype: str, text: str) -> bytes:
    head = (
        f"Content-Type: text/{subtype}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    )
    return head.encode("ascii") + binascii.b2a_qp(text.encode()).replace(b"\n", b"\r\n")


def _file_part(item: Attachment, inline: str = "") -> bytes:
    if not _MEDIA_TYPE.fullmatch(item.media_type) or item.media_type.startswith(("multipart/", "message/")):
        raise TemplateError("header_invalid", header="Content-Type", value=item.media_type)
    if not _FILE_NAME.fullmatch(item.name):
        raise TemplateError("header_invalid", header="Content-Disposition", value=item.name)
    head = (
        f'Content-Type: {item.media_type};\r\n name="{item.name}"\r\n'
        "Content-Transfer-Encoding: base64\r\n"
        f'Content-Disposition: {"inline" if inline else "attachment"};\r\n filename="{item.name}"\r\n'
    )
    if inline:
        head += f"Content-ID: <{inline}>\r\n"
    encoded = base64.encodebytes(item.content).rstrip(b"\n").replace(b"\n", b"\r\n")
    return head.encode("ascii") + b"\r\n" + encoded
