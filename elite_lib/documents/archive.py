"""What makes a document fit for archives: PDF/A-3b (ISO 19005-3, level B) from the first byte on.

Fonts are embedded and colours are sRGB in any case; what is added here is a catalogue that says so:
the metadata (XMP), equal to the document's own, and the profile of the colours.
"""

from __future__ import annotations

import functools
import struct
from xml.sax.saxutils import escape

from reportlab.pdfbase import pdfdoc

from elite_lib.documents.streams import Prepared, deflated, stream

_CONDITION = b"sRGB IEC61966-2.1"


class Catalog(pdfdoc.PDFCatalog):  # type: ignore[misc]  # reportlab is untyped
    """The document's catalogue, written in one piece: reportlab's knows no output intent, and is slower."""

    def __init__(self, pages: pdfdoc.PDFPages, lang: str, packet: str) -> None:
        self.Pages = pages
        self._lang = lang
        self._packet = packet
        self._contents: list[tuple[str, pdfdoc.PDFObjectReference]] = []

    def bookmark(self, title: str, page: pdfdoc.PDFObjectReference) -> None:
        """Add a page to the reader's list of contents."""
        self._contents.append((title, page))

    def format(self, document: pdfdoc.PDFDocument) -> bytes:
        """Return the bytes between ``obj`` and ``endobj``."""
        pages = pdfdoc.format(document.Reference(self.Pages), document)
        # not deflated: readers that know nothing of PDF find it (ISO 19005-3, 6.6.2.1)
        metadata = stream(b"/Type /Metadata /Subtype /XML", self._packet.encode())
        placed = (_placed(document, metadata, "metadata"), _placed(document, _profile_stream(), "profile"))
        return (
            b"<< /Type /Catalog /Pages %s /Lang (%s) /PageMode /UseNone"
            b" /ViewerPreferences << /DisplayDocTitle true >> /Metadata %s /OutputIntents"
            b" [<< /Type /OutputIntent /S /GTS_PDFA1 /OutputConditionIdentifier (%s) /Info (%s)"
            b" /DestOutputProfile %s >>]%s >>"
        ) % (
            pages,
            self._lang.encode(),
            placed[0],
            _CONDITION,
            _CONDITION,
            placed[1],
            self._outlines(document),
        )

    def _outlines(self, document: pdfdoc.PDFDocument) -> bytes:
        """Write the list of contents (ISO 32000-1, 12.3.3), whose items refer to each other."""
        if not self._contents:
            return b""
        root = Prepared(b"")
        items = [Prepared(b"") for _ in self._contents]
        parent, *places = (
            pdfdoc.format(document.Reference(one, f"contents:{place}"), document)
            for place, one in enumerate([root, *items])
        )
        root.content = b"<< /Type /Outlines /First %s /Last %s /Count %d >>" % (
            places[0],
            places[-1],
            len(items),
        )
        for place, (title, page) in enumerate(self._contents):
            links = b" /Prev " + places[place - 1] if place else b""
            links += b" /Next " + places[place + 1] if place + 1 < len(items) else b""
            shown = title.encode("utf-16-be", "replace").hex().encode()
            target = pdfdoc.format(page, document)
            items[place].content = b"<< /Title <feff%s> /Parent %s /Dest [%s /Fit]%s >>" % (
                shown,
                parent,
                target,
                links,
            )
        return b" /Outlines " + bytes(parent)


def _placed(document: pdfdoc.PDFDocument, content: bytes, name: str) -> bytes:
    """Put an object into the document and return its reference."""
    return bytes(pdfdoc.format(document.Reference(Prepared(content), name), document))


def declare(doc: pdfdoc.PDFDocument, *, title: str, author: str, lang: str, stamp: str, tool: str) -> Catalog:
    """Give ``doc`` a catalogue with metadata and colour profile, and return it.

    ``stamp`` is the document's date, ``D:20261031000000+00'00'``.
    """
    packet = _xmp(title=title, author=author, stamp=stamp, tool=tool, producer=doc.info.producer)
    catalog = Catalog(doc.Pages, lang, packet)
    doc.Catalog = catalog
    doc.idToObject["Catalog"] = catalog
    return catalog


def _xmp(*, title: str, author: str, stamp: str, tool: str, producer: str) -> str:
    d = stamp[2:]
    date = f"{d[:4]}-{d[4:6]}-{d[6:8]}T{d[8:10]}:{d[10:12]}:{d[12:14]}Z"
    name = escape(title)
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/"'
        ' xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">'
        "<pdfaid:part>3</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>"
        f'<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{name}</rdf:li></rdf:Alt></dc:title>'
        f"<dc:creator><rdf:Seq><rdf:li>{escape(author)}</rdf:li></rdf:Seq></dc:creator>"
        f'<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{name}</rdf:li></rdf:Alt></dc:description>'
        f"<xmp:CreateDate>{date}</xmp:CreateDate><xmp:ModifyDate>{date}</xmp:ModifyDate>"
        f"<xmp:CreatorTool>{tool}</xmp:CreatorTool><pdf:Producer>{escape(producer)}</pdf:Producer>"
        '</rdf:Description></rdf:RDF></x:xmpmeta>\n<?xpacket end="r"?>'
    )


@functools.cache
def _profile_stream() -> bytes:
    return deflated(b"/N 3", profile())


def profile() -> bytes:
    """Write an ICC profile of sRGB (ICC.1:2010; primaries and curve of IEC 61966-2-1, adapted to D50)."""
    white = (0.9642, 1.0, 0.8249)
    adaptation = (1.0479, 0.0229, -0.0502, 0.0296, 0.9904, -0.0171, -0.0092, 0.0151, 0.7519)
    curve = b"para\0\0\0\0\0\3\0\0" + _fixed(2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
    blocks = {
        b"desc": _words("sRGB"),
        b"cprt": _words("No copyright"),
        b"wtpt": b"XYZ \0\0\0\0" + _fixed(*white),
        b"chad": b"sf32\0\0\0\0" + _fixed(*adaptation),
        b"rXYZ": b"XYZ \0\0\0\0" + _fixed(0.4360, 0.2225, 0.0139),
        b"gXYZ": b"XYZ \0\0\0\0" + _fixed(0.3851, 0.7169, 0.0971),
        b"bXYZ": b"XYZ \0\0\0\0" + _fixed(0.1431, 0.0606, 0.7141),
        b"rTRC": curve,
        b"gTRC": curve,
        b"bTRC": curve,
    }
    table, body = struct.pack(">I", len(blocks)), b""
    begin = 128 + 4 + 12 * len(blocks)
    for tag, block in blocks.items():
        table += struct.pack(">4sII", tag, begin + len(body), len(block))
        body += block + b"\0" * (-len(block) % 4)
    header = struct.pack(
        ">I4s4s4s4s4s6H4s4sI4s4sQI3i4s16s28x",
        begin + len(body), b"", b"\4\x20\0\0", b"mntr", b"RGB ", b"XYZ ", 2026, 1, 1, 0, 0, 0,
        b"acsp", b"", 0, b"", b"", 0, 0, 0xF6D6, 0x10000, 0xD32D, b"", b"",
    )  # fmt: skip
    return header + table + body


def _fixed(*numbers: float) -> bytes:
    return struct.pack(f">{len(numbers)}i", *(round(number * 65536) for number in numbers))


def _words(text: str) -> bytes:
    encoded = text.encode("utf-16-be")
    return b"mluc\0\0\0\0" + struct.pack(">II2s2sII", 1, 12, b"en", b"US", len(encoded), 28) + encoded
