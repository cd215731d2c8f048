"""PDF objects whose bytes are made once per process and written into many documents."""

from __future__ import annotations

import zlib

from reportlab.pdfbase import pdfdoc


class Prepared(pdfdoc.PDFObject):  # type: ignore[misc]  # reportlab is untyped
    """An object that is already formatted.

    One instance serves one document: reportlab marks the objects that it registers.
    """

    __RefOnly__ = 1

    def __init__(self, content: bytes) -> None:
        self.content = content

    def format(self, document: pdfdoc.PDFDocument) -> bytes:  # noqa: ARG002  # reportlab's protocol
        """Return the bytes between ``obj`` and ``endobj``."""
        return self.content


def stream(entries: bytes, content: bytes) -> bytes:
    """Build a stream object around ``content``, which is deflated already or needs no filter."""
    return b"<< %s /Length %d >>\nstream\n%s\nendstream\n" % (entries, len(content), content)


def deflated(entries: bytes, content: bytes) -> bytes:
    """Build a stream object with ``content`` deflated at level 9: it is done once per process."""
    return stream(entries + b" /Filter /FlateDecode", zlib.compress(content, 9))
