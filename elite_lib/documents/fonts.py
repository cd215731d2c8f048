"""Lato, embedded from one cached subset that is the same in every document.

Subsetting and deflating two fonts costs 3.7 ms a document, more than drawing the
page. Here the first subset is a fixed French alphabet, made once per process, so
that it is also the same stream in a thousand documents and the print pile keeps one
copy. A character outside the alphabet goes to an ordinary subset of that document.
"""

from __future__ import annotations

import codecs
import functools
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field

import fontpkg
from reportlab.pdfbase import pdfdoc, pdfmetrics
from reportlab.pdfbase.ttfonts import SUBSETN, TTFont

from elite_lib.documents.streams import Prepared, deflated

_FIRST = 32  # code of the space: what Tw, and readers that guess, expect
_PER_SUBSET = 255  # single-byte codes 1 to 255; code 0 stays .notdef
_BOX = 0x25A1  # "□", drawn for what Lato has no glyph for
_SPACES = "\u00a0\u2002\u2003\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_ALPHABET = (
    "".join(map(chr, range(0x20, 0x7F)))
    + "".join(chr(code) for code in range(0xA1, 0x100) if code != 0xAD)
    + "ŒœŠšŽžŸƒ€–—‘’‚“”„†‡•…‰‹›™−□"
)
_OUTSIDE = re.compile(f"[^{re.escape(_ALPHABET + _SPACES)}]")
_MISSING_HYPHENS = str.maketrans("\u2010\u2011", "--")  # Lato lacks both
_VARIATION_SELECTORS = range(0xFE00, 0xFE10)


def plain(text: str) -> str:
    """Return ``text`` as it can be drawn: composed, on one line, without invisible characters.

    Direction marks, joiners and control characters would print as boxes, or reverse what
    follows them; a line break becomes a space. What Lato lacks is kept: it prints as a box.
    """
    if not _OUTSIDE.search(text):
        return text
    composed = unicodedata.normalize("NFC", text).translate(_MISSING_HYPHENS)
    return "".join(filter(None, map(_drawable, composed)))


def _drawable(character: str) -> str:
    category = unicodedata.category(character)
    if character in "\t\n\r\v\f" or category in ("Zl", "Zp", "Zs"):
        return " "
    if category in ("Cc", "Cf") or ord(character) in _VARIATION_SELECTORS:
        return ""
    return character if category != "Cs" else chr(_BOX)  # half a surrogate pair is no text


def _unicode_map(name: str, codes: list[int]) -> bytes:
    """Write the ToUnicode CMap (ISO 32000-1, 9.10.3), at most 100 characters a block."""
    pairs = [(code, char) for code, char in enumerate(codes) if char]
    blocks = []
    for start in range(0, len(pairs), 100):
        block = pairs[start : start + 100]
        rows = "\n".join(f"<{code:02X}> <{chr(char).encode('utf-16-be').hex()}>" for code, char in block)
        blocks.append(f"{len(block)} beginbfchar\n{rows}\nendbfchar")
    return (
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
        f"/CIDSystemInfo << /Registry ({name}) /Ordering ({name}) /Supplement 0 >> def\n"
        f"/CMapName /{name} def\n/CMapType 2 def\n1 begincodespacerange\n<00> <FF>\nendcodespacerange\n"
        + "\n".join(blocks)
        + "\nendcmap\nCMapName currentdict /CMap defineresource pop\nend\nend"
    ).encode("ascii")


@dataclass(slots=True)
class _Document:
    """What one document needs of a font: its name there, and the characters outside the alphabet."""

    name: str
    spilled: dict[int, int] = field(default_factory=dict)  # character -> place in the spilled subsets


@dataclass(frozen=True, slots=True, kw_only=True)
class _Subset:
    """A subset ready to be written: the two streams, and the rest of the font dictionary."""

    base: str
    widths: bytes
    last: int
    program: bytes
    to_unicode: bytes


class FixedFont(TTFont):  # type: ignore[misc]  # reportlab is untyped
    """A TrueType font whose subset 0 is a fixed alphabet, embedded from one deflated stream."""

    def __init__(self, name: str, path: str) -> None:
        super().__init__(name, path, shapable=False)
        self.face.defaultWidth = self.face.charWidths[_BOX]  # stringWidth of what is drawn as a box
        codes = [0] * _FIRST + [ord(char) for char in _ALPHABET]
        self._map = {char: code for code, char in enumerate(codes) if char}
        self._map |= {ord(space): _FIRST for space in _SPACES}
        self.face.charWidths |= {ord(space): self.face.charWidths[_FIRST] for space in _SPACES}
        self._fixed = self._subset(0, codes)
        self._described = self._descriptor()

    def _subset(self, number: int, codes: list[int]) -> _Subset:
        base = (SUBSETN(number) + b"+" + self.face.name).decode("ascii")
        glyphs = [code if code in self.face.charToGlyph else _BOX for code in codes]
        program = self.face.makeSubset(
            [0 if not code else glyph for code, glyph in zip(codes, glyphs, strict=True)]
        )
        widths = pdfdoc.PDFArray([round(self.face.getCharWidth(code), 1) for code in codes])
        return _Subset(
            base=base,
            widths=widths.format(None),
            last=len(codes) - 1,
            program=deflated(b"/Length1 %d" % len(program), program),
            to_unicode=deflated(b"", _unicode_map(base, codes)),
        )

    def _descriptor(self) -> bytes:
        """Write the font descriptor, but for name and program."""
        face = self.face
        measures = {
            "Flags": face.flags & ~32 | 4,  # symbolic: the codes are our own (ISO 32000-1, 9.8.2)
            "Ascent": face.ascent,
            "Descent": face.descent,
            "CapHeight": face.capHeight,
            "ItalicAngle": face.italicAngle,
            "StemV": face.stemV,
            "MissingWidth": face.defaultWidth,
        }
        box = " ".join(f"{edge:g}" for edge in face.bbox)
        shown = " ".join(f"/{name} {value:g}" for name, value in measures.items())
        return f"<< /Type /FontDescriptor /FontName /%s /FontBBox [{box}] {shown} /FontFile2 %s >>".encode()

    def _document(self, doc: pdfdoc.PDFDocument) -> _Document:
        known: _Document | None = self.state.get(doc)
        if known is None:
            known = self.state[doc] = _Document(name=f"F{len(doc.fontMapping) + 1}")
            doc.fontMapping[self.fontName] = f"/{known.name}"
            doc.delayedFonts.append(self)
        return known

    def encoded(self, text: str) -> bytes | None:
        """Encode ``text`` in the fixed alphabet; None when a character is not in it."""
        try:
            return codecs.charmap_encode(text, "strict", self._map)[0]
        except UnicodeEncodeError:
            return None

    def splitString(  # noqa: N802
        self,
        text: str,
        doc: pdfdoc.PDFDocument,
        encoding: str = "utf-8",  # noqa: ARG002
    ) -> list[tuple[int, bytes]]:
        """Encode ``text`` as runs of (subset, single-byte codes)."""
        document = self._document(doc)
        codes = self.encoded(text)
        return [(0, codes)] if codes is not None else self._spill(text, document)

    def _spill(self, text: str, document: _Document) -> list[tuple[int, bytes]]:
        runs: list[tuple[int, bytearray]] = []
        for char in map(ord, text):
            subset, code = 0, self._map.get(char)
            if code is None:
                place = document.spilled.setdefault(char, len(document.spilled))
                subset, code = 1 + place // _PER_SUBSET, 1 + place % _PER_SUBSET
            if not runs or runs[-1][0] != subset:
                runs.append((subset, bytearray()))
            runs[-1][1].append(code)
        return [(subset, bytes(codes)) for subset, codes in runs]

    def getSubsetInternalName(self, subset: int, doc: pdfdoc.PDFDocument) -> str:  # noqa: N802
        """Return the resource name of a subset, with its slash."""
        return f"/{self._document(doc).name}+{subset}"

    def addObjects(self, doc: pdfdoc.PDFDocument) -> None:  # noqa: N802
        """Write the fixed subset, and those that this document needed beside, into ``doc``."""
        document = self._document(doc)
        self._write(doc, 0, self._fixed)
        spilled = list(document.spilled)
        for start in range(0, len(spilled), _PER_SUBSET):
            number = 1 + start // _PER_SUBSET
            self._write(doc, number, self._subset(number, [0, *spilled[start : start + _PER_SUBSET]]))
        del self.state[doc]

    def _write(self, doc: pdfdoc.PDFDocument, number: int, subset: _Subset) -> None:
        name = self.getSubsetInternalName(number, doc)[1:]
        program = doc.Reference(Prepared(subset.program), f"program:{name}")
        to_unicode = doc.Reference(Prepared(subset.to_unicode), f"unicode:{name}")
        descriptor = Prepared(self._described % (subset.base.encode(), pdfdoc.format(program, doc)))
        described = pdfdoc.format(doc.Reference(descriptor, f"descriptor:{name}"), doc)
        font = Prepared(
            b"<< /Type /Font /Subtype /TrueType /Name /%s /BaseFont /%s /FirstChar 0 /LastChar %d /Widths %s"
            b" /FontDescriptor %s /ToUnicode %s >>"
            % (
                name.encode(),
                subset.base.encode(),
                subset.last,
                subset.widths,
                described,
                pdfdoc.format(to_unicode, doc),
            )
        )
        doc.idToObject["BasicFonts"].dict[name] = doc.Reference(font, name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Faces:
    """The two weights that documents are set in."""

    regular: FixedFont
    bold: FixedFont


@functools.cache
def faces() -> Faces:
    """Load the fonts, once per process, at the first document and not at import.

    They are registered with reportlab under names of our own: the canvas looks its
    initial font up there, and would embed Helvetica by reference otherwise.
    """
    regular = FixedFont("EliteLato", str(fontpkg.path("Lato", "regular")))
    bold = FixedFont("EliteLato-Bold", str(fontpkg.path("Lato", "bold")))
    register: Callable[[FixedFont], None] = pdfmetrics.registerFont
    register(regular)
    register(bold)
    return Faces(regular=regular, bold=bold)
