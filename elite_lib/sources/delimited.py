"""Read a CSV as French programs write it: any of three encodings, any of three separators, all text.

pandas' reader would turn ``000123`` into 123 and "NA" into nothing; here every field stays the text it is.
"""

from __future__ import annotations

import csv
import io
from itertools import islice

from elite_lib.sources import headers

_SEPARATORS = (";", ",", "\t")
_SAMPLED = 60  # lines in which the separator shows
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")  # Excel's "Unicode text"


class UndecodableError(ValueError):
    """The file is no CSV; ``why`` is a word of a closed list."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


def rows(content: bytes, titles: headers.Names) -> list[list[str]]:
    """Return the records of a CSV; blank lines are records too, as in Excel.

    ``titles`` are those that its sheet may have: they tell the separator.

    Raises:
        UndecodableError: ``binary``, ``encoding``, or ``quotes``: a quotation mark that nobody closes would
            swallow the rest of the file, so the strict reader refuses it.
    """
    text = _decoded(content)
    first, _, rest = text.partition("\n")
    hint = first.removesuffix("\r")
    if len(hint) == 5 and hint.casefold().startswith("sep="):
        return _parsed(rest, hint[-1])  # Excel's own hint; Excel does not count the line either
    return _parsed(text, _separator(text, titles))


def _decoded(content: bytes) -> str:
    if content.startswith(_UTF16_MARKS):
        return _decode(content, "utf-16")
    if b"\0" in content:
        raise UndecodableError("binary")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _decode(content, "cp1252")


def _decode(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        raise UndecodableError("encoding") from None


def _separator(text: str, titles: headers.Names) -> str:
    """Choose the separator under which most of the sheet's titles are found."""
    start = "".join(islice(io.StringIO(text, newline=""), _SAMPLED))

    def score(separator: str) -> int:
        header = headers.find(_parsed(start, separator, strict=False), titles)
        return len(header.columns) if header else 0

    # Titles that nobody told us score nothing: the separator that is there most often wins.
    return max(_SEPARATORS, key=lambda separator: (score(separator), start.count(separator)))


def _parsed(text: str, separator: str, *, strict: bool = True) -> list[list[str]]:
    try:
        # newline="": the csv module ends lines itself, so that a quoted field may hold line breaks.
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=strict))
    except csv.Error:
        raise UndecodableError("quotes") from None
