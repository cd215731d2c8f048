"""Outlook's .msg ([MS-OXMSG]) as a message (RFC 5322): what a person drags out of Outlook into a folder.

Only what tells whether something came back is carried over: headers, texts, reports, the returned message.
Exchange turns a delivery report or a read receipt into properties; here they become a report again.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.parser import HeaderParser
from email.utils import format_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from olefile import OleFileIO

_MAGIC = bytes.fromhex("d0cf11e0a1b11ae1")  # [MS-CFB] 2.2
_EPOCH = dt.datetime(1601, 1, 1, tzinfo=dt.UTC)
_DEPTH = 3
_RECIPIENTS = 100
_PARTS = 50
# [MS-OXPROPS], by the tag that names a stream
_CLASS, _SUBJECT, _HEADERS, _BODY, _HTML = "001A", "0037", "007D", "1000", "1013"
_REPORT_TEXT, _REPLY_TO, _ORIGINAL_ID, _SENDER = "1001", "1042", "1046", "5D01"
_SMTP, _ADDRESS, _INFO = "39FE", "3003", "0C1B"
_DATA, _MIME = "3701", "370E"
_CAME = 0x0E060040  # PidTagMessageDeliveryTime
_STATUS = 0x0C200003  # PidTagNonDeliveryReportStatusCode: 511 is 5.1.1
_OURS = ("content-", "mime-version")  # headers that describe the body as it was, not as it is here


class NotOutlookError(Exception):
    """The file is damaged, or holds something else."""


def is_outlook(content: bytes) -> bool:
    """Tell whether these are the bytes of a .msg (or of another compound file)."""
    return content.startswith(_MAGIC)


def as_message(content: bytes) -> bytes:
    """Write a .msg as a message. The same file gives the same bytes.

    Raises:
        NotOutlookError: it cannot be read.
    """
    import io  # noqa: PLC0415

    import olefile  # noqa: PLC0415 (only who reads a .msg pays)

    try:
        with olefile.OleFileIO(io.BytesIO(content)) as opened:
            if not opened.exists("__properties_version1.0"):
                raise NotOutlookError("no properties")
            return _Storage(opened, "").message()
    except (OSError, ValueError, IndexError, TypeError, RecursionError) as error:
        raise NotOutlookError(str(error)) from error


@dataclass(frozen=True, slots=True)
class _Storage:
    """A message, a recipient or an attachment within the file."""

    opened: OleFileIO
    path: str
    depth: int = 0

    def text(self, tag: str) -> str:
        """Give a property as text: Unicode, or bytes of the code page that French Windows has."""
        for suffix, encoding in (("001F", "utf-16-le"), ("001E", "cp1252")):
            found = self._stream(f"{tag}{suffix}")
            if found is not None:
                return found.decode(encoding, "replace").rstrip("\0")
        return ""

    def binary(self, tag: str) -> bytes:
        return self._stream(f"{tag}0102") or b""

    def number(self, property_: int, size: int = 4) -> int:
        """Give a number of the fixed properties ([MS-OXMSG] 2.4.2), or 0."""
        name = f"{self.path}__properties_version1.0"
        content = self.opened.openstream(name).read() if self.opened.exists(name) else b""
        found = content.find(property_.to_bytes(4, "little"))
        return int.from_bytes(content[found + 8 : found + 8 + size], "little") if found >= 0 else 0

    def date(self) -> str:
        """Write when it came as a Date header, or ""."""
        ticks = self.number(_CAME, 8)  # of 100 ns, since 1601 ([MS-DTYP] 2.3.3)
        try:
            return format_datetime(_EPOCH + dt.timedelta(microseconds=ticks // 10)) if ticks else ""
        except OverflowError:
            return ""

    def _stream(self, name: str) -> bytes | None:
        path = f"{self.path}__substg1.0_{name}"
        return self.opened.openstream(path).read() if self.opened.exists(path) else None

    def inner(self, kind: str, most: int) -> Iterator[_Storage]:
        for number in range(most):
            path = f"{self.path}{kind}_version1.0_#{number:08X}"
            if not self.opened.exists(path):
                return
            yield _Storage(self.opened, f"{path}/", self.depth)

    # -- as a message ----------------------------------------------------------------------------

    def message(self) -> bytes:
        kind = self.text(_CLASS).upper()
        if kind.startswith("REPORT."):
            parts, sort = self._report(kind.rpartition(".")[2])
        else:
            parts = [*self._texts(), *self._attachments()]
            types = {name for name, _ in parts}
            sort = next((_REPORTS[name] for name in types if name in _REPORTS), "")
        return self._headers() + _multipart(parts, sort)

    def _headers(self) -> bytes:
        known: Message = HeaderParser().parsestr(self.text(_HEADERS))
        lines = [f"{name}: {value}" for name, value in known.items() if not name.lower().startswith(_OURS)]
        have = {name.lower() for name in known}
        own = {"From": self.text(_SENDER), "Subject": self.text(_SUBJECT), "Date": self.date()}
        lines += [
            f"{name}: {_line(value)}" for name, value in own.items() if name.lower() not in have and value
        ]
        return "".join(f"{line}\n" for line in lines).encode("utf-8", "replace")

    def _texts(self) -> Iterator[tuple[str, bytes]]:
        if body := self.text(_BODY):
            yield "text/plain; charset=utf-8", body.encode("utf-8", "replace")
        elif html := self.binary(_HTML) or self.text(_HTML).encode("utf-8", "replace"):
            yield "text/html; charset=utf-8", html

    def _attachments(self) -> Iterator[tuple[str, bytes]]:
        for one in self.inner("__attach", _PARTS):
            embedded = f"{one.path}__substg1.0_{_DATA}000D"
            kind = one.text(_MIME).lower()
            if self.opened.exists(embedded) and self.depth < _DEPTH:
                yield "message/rfc822", _Storage(self.opened, f"{embedded}/", self.depth + 1).message()
            elif kind in _REPORTS or kind in ("message/rfc822", "text/rfc822-headers"):
                yield kind, one.binary(_DATA)

    def _report(self, kind: str) -> tuple[list[tuple[str, bytes]], str]:
        """Write a report again (RFC 3464, RFC 8098): NDR failed, DR delivered, IPNRN read."""
        said = self.text(_BODY) or self.text(_REPORT_TEXT)
        parts = [("text/plain; charset=utf-8", said.encode("utf-8", "replace"))]
        original = self.text(_ORIGINAL_ID) or self.text(_REPLY_TO)
        if kind in ("IPNRN", "IPNNRN"):
            disposition = "displayed" if kind == "IPNRN" else "deleted"
            lines = [f"Final-Recipient: rfc822; {self._from()}", f"Original-Message-ID: {_line(original)}"]
            lines.append(f"Disposition: manual-action/MDN-sent-manually; {disposition}")
            part = "message/disposition-notification"
            return [*parts, (part, _fields(lines))], _REPORTS[part]
        blocks = [_fields(["Reporting-MTA: dns; unknown", f"X-Original-Message-ID: {_line(original)}"])]
        blocks += [one.recipient(kind) for one in self.inner("__recip", _RECIPIENTS)]
        part = "message/delivery-status"
        return [*parts, (part, b"\n".join(blocks)), *self._attachments()], _REPORTS[part]

    def _from(self) -> str:
        return _line(self.text(_SENDER))

    def recipient(self, kind: str) -> bytes:
        said = _line(self.text(_INFO))
        digits = str(self.number(_STATUS))
        status = ".".join((digits[0], digits[1], digits[2:])) if len(digits) >= 3 else ""
        failed = kind == "NDR"
        fallback = "5.0.0" if failed else "2.0.0"
        return _fields(
            [
                f"Final-Recipient: rfc822; {_line(self.text(_SMTP) or self.text(_ADDRESS))}",
                f"Action: {'failed' if failed else 'delivered'}",
                f"Status: {status or fallback}",
                *([f"Diagnostic-Code: smtp; {_code(said)}"] if said else []),
            ]
        )


_REPORTS = {
    "message/delivery-status": "delivery-status",
    "message/disposition-notification": "disposition-notification",
}


def _multipart(parts: list[tuple[str, bytes]], sort: str) -> bytes:
    """Put the parts together; the boundary is made of the content: a file gives the same bytes twice."""
    boundary = hashlib.sha256(b"".join(content for _, content in parts)).hexdigest()[:32]
    kind = f"report; report-type={sort}" if sort else "mixed"
    head = f'MIME-Version: 1.0\nContent-Type: multipart/{kind}; boundary="{boundary}"\n\n'
    body = b"".join(
        f"--{boundary}\nContent-Type: {name}\nContent-Transfer-Encoding: 8bit\n\n".encode() + content + b"\n"
        for name, content in parts
    )
    return head.encode() + body + f"--{boundary}--\n".encode()


def _fields(lines: list[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "replace")


def _code(said: str) -> str:
    """Cut what Exchange writes around the server's words: ``<mx.example #5.1.1 smtp; 550 5.1.1 unknown>``."""
    return re.sub(r"^<?[^<>]*?#[\d.]*\s*(?:smtp;\s*)?|>$", "", said) or said


def _line(text: str) -> str:
    return " ".join(text.split())
