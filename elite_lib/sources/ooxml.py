"""Look into an .xlsx for what the fast reader drops: formats, error values, formulas, hidden rows.

calamine gives a number without its format (``000123`` is 123.0) and an empty text for ``#N/A`` and for a
formula that was never calculated. openpyxl knows all this and takes fifteen times as long, so the parts of
the package (ECMA-376 part 1) are searched as bytes, and cell by cell only where something is there.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from html import unescape
from itertools import chain, pairwise
from pathlib import PurePosixPath
from xml.etree import ElementTree

from elite_lib.sources.cellformats import BUILT_IN, shown
from elite_lib.sources.grid import Cell, Oddity

# Attribute values of these tags never hold ">": references, style numbers and booleans. The prefix is that
# of writers which name the namespace ("x:row").
_TAG = re.compile(rb"<(?:\w+:)?(row|c)\b([^>]*?)(/?)>")
_ATTRIBUTE = re.compile(rb"\b(r|s|t|hidden)=[\"']([^\"']*)[\"']")
_HIDDEN = re.compile(rb"<(?:\w+:)?row\b[^>]*\bhidden=[\"'](?:1|true)[\"']")
# Plain substrings are found ten times faster than patterns; most sheets have none of them. A sheet without
# any apostrophe, which one quick look tells, is not searched for the other kind of quotation marks.
_MAY_HIDE = (b'hidden="1"', b'hidden="true"')
_MAY_ERR = (b't="e"',)
_ROOT = re.compile(rb"<(\w+:)?worksheet\b")
_UNCALCULATED = re.compile(
    rb"<(?:\w+:)?f\b[^>]*(?:/>|>[^<]*</(?:\w+:)?f>)\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_VALUE = re.compile(rb"<(?:\w+:)?v\b[^>]*>([^<]*)<")
_FORMULA = re.compile(rb"<(?:\w+:)?f\b")
_LETTERS = re.compile(r"([A-Z]+)([0-9]+)")


class Package:
    """One .xlsx or .xlsm file, opened by its parts. Positions count rows and columns from 0."""

    def __init__(self, content: bytes) -> None:
        self._package = content
        self._sheets: dict[str, bytes] = {}

    @cached_property
    def epoch_1904(self) -> bool:
        """Whether days are counted from 1 January 1904 (old Macintosh workbooks)."""
        found = re.search(
            rb"<(?:\w+:)?workbookPr\b[^>]*\bdate1904=[\"'](1|true)[\"']", self._read("xl/workbook.xml")
        )
        return found is not None

    def hidden_rows(self, sheet: str) -> frozenset[int]:
        """List the rows that a filter or a person hid."""
        content = self._content(sheet)
        if not (_any_attribute(_MAY_HIDE, content) and _HIDDEN.search(content)):
            return frozenset()
        rows = (
            row
            for row, column, attributes, _ in _cells(content)
            if column < 0 and attributes.get(b"hidden") in (b"1", b"true")
        )
        return frozenset(rows)

    def oddities(self, sheet: str) -> Mapping[Cell, Oddity]:
        """List the cells that show an error, and the formulas that hold no result."""
        content = self._content(sheet)
        root = _ROOT.search(content)
        formula = b"<%sf" % ((root[1] if root else b"") or b"")
        computed = formula in content and _UNCALCULATED.search(content)
        if not (computed or _any_attribute(_MAY_ERR, content)):
            return {}
        found: dict[Cell, Oddity] = {}
        for row, column, attributes, inside in _cells(content):
            if column < 0:
                continue
            value = _VALUE.search(inside)
            if attributes.get(b"t") == b"e":
                found[row, column] = Oddity(error=unescape(value[1].decode()) if value else "#N/A")
            # A formula that gives an empty text has t="str" and an empty value: that is a result.
            elif attributes.get(b"t") != b"str" and _FORMULA.search(inside) and not (value and value[1]):
                found[row, column] = Oddity(formula=True)
        return found

    def shown(self, sheet: str, cells: Mapping[Cell, float]) -> Mapping[Cell, str]:
        """Say how Excel shows these numbers, where their format adds digits, letters or a per cent sign."""
        texts: dict[Cell, str] = {}
        telling = {
            b"%d" % style: form for style, form in self._formats.items() if shown(1.0, form) is not None
        }
        if not telling:
            return texts
        for row, column, attributes, _ in _cells(self._content(sheet)):
            form = telling.get(attributes.get(b"s", b""))
            if form is not None and column >= 0 and (row, column) in cells:
                text = shown(cells[row, column], form)
                if text is not None:
                    texts[row, column] = text
        return texts

    @cached_property
    def _formats(self) -> dict[int, str]:
        """Number format of each cell style (18.8.10 cellXfs, 18.8.30 numFmt)."""
        root = ElementTree.fromstring(self._read("xl/styles.xml") or b"<none/>")  # noqa: S314 - the office's own file; expat limits entities
        custom: dict[int, str] = {}
        styles: dict[int, str] = {}
        for element in root:
            kind = _local(element.tag)
            if kind == "numFmts":
                custom = {int(e.get("numFmtId", "0")): e.get("formatCode", "") for e in element}
            elif kind == "cellXfs":
                for index, style in enumerate(element):
                    number = int(style.get("numFmtId", "0"))
                    styles[index] = custom.get(number) or BUILT_IN.get(number, "General")
        return styles

    @cached_property
    def _paths(self) -> dict[str, str]:
        """Part of each sheet, by its title (18.2.19 sheet, through the relationships)."""
        relations = ElementTree.fromstring(self._read("xl/_rels/workbook.xml.rels"))  # noqa: S314
        targets = {r.get("Id"): r.get("Target", "") for r in relations}
        book = ElementTree.fromstring(self._read("xl/workbook.xml"))  # noqa: S314
        found = {}
        for element in book.iter():
            if _local(element.tag) == "sheet":
                key = next((v for k, v in element.attrib.items() if k.endswith("}id")), None)
                target = targets.get(key, "")
                path = target.lstrip("/") if target.startswith("/") else str(PurePosixPath("xl") / target)
                found[element.get("name", "")] = path
        return found

    def _content(self, sheet: str) -> bytes:
        if sheet not in self._sheets:
            self._sheets = {sheet: self._read(self._paths.get(sheet, ""))}  # one at a time: tens of megabytes
        return self._sheets[sheet]

    def _read(self, part: str) -> bytes:
        """Return a part, or nothing: what is missing is diagnosed by the reader, not here."""
        with zipfile.ZipFile(io.BytesIO(self._package)) as package:
            try:
                return package.read(part)
            except KeyError:
                return b""


def _any_attribute(markers: Iterable[bytes], content: bytes) -> bool:
    """Look for attributes, whichever of the two quotation marks the writer uses (XML 1.0, 2.3)."""
    if any(marker in content for marker in markers):
        return True
    return b"'" in content and any(marker.replace(b'"', b"'") in content for marker in markers)


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _cells(content: bytes) -> Iterator[tuple[int, int, dict[bytes, bytes], bytes]]:
    """Walk over rows (column -1) and cells: row, column, attributes, and the bytes inside the cell.

    The reference ``r`` may be left out (18.3.1.4): the cell then follows the one before it.
    """
    row, column = -1, -1
    for match, following in pairwise(chain(_TAG.finditer(content), (None,))):
        if match is None:
            continue
        attributes = dict(_ATTRIBUTE.findall(match[2]))
        reference = attributes.get(b"r", b"").decode()
        if match[1] == b"row":
            row, column = (int(reference) - 1 if reference else row + 1), -1
            yield row, -1, attributes, b""
            continue
        parsed = _LETTERS.fullmatch(reference)
        column = _column(parsed[1]) if parsed else column + 1
        end = following.start() if following else len(content)
        yield row, column, attributes, b"" if match[3] else content[match.end() : end]


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1
