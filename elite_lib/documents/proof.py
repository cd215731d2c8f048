"""The proof that a PDF is this resident's, before it leaves."""

from __future__ import annotations

import io
import re
import threading
import unicodedata
from collections.abc import Iterator

import pikepdf
import pypdfium2

_pdfium = threading.Lock()  # PDFium must not be called from two threads at once, whatever the document
_LETTER = r"[^\W\d_]"
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ı": "i", "’": "'", "ʼ": "'"})
_HYPHENS = (
    "\u00ad\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63\uff0d\ufffe\x02"  # the last two are PDFium's
)
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")


def prove(content: bytes, *, number: str, name: str) -> str:
    """Return "" when ``content`` is a readable PDF that holds ``number`` and ``name``, else a reason.

    ``number`` is the document's, ``name`` the resident's last name; accents, case, spaces,
    hyphens and ligatures do not matter. Both must stand by themselves: 0042 is not found in
    F2026-10-00042, MARTIN neither in MARTINEAU nor in MARTIN-DUPONT. When in doubt it is not
    proved: a held invoice costs a look, the wrong family's invoice cannot be taken back.

    Reasons: ``unreadable``, ``encrypted``, ``no_pages``, ``number_missing``, ``name_missing``.
    """
    wanted = {"number_missing": number_pattern(number), "name_missing": name_pattern(name)}
    try:
        for page in _folded_pages(content):
            wanted = {reason: look for reason, look in wanted.items() if not (look and look.search(page))}
            if not wanted:
                return ""
    except UnusableError as error:
        return error.reason
    return next(iter(wanted))


class UnusableError(ValueError):
    """A PDF cannot be read; ``reason`` is one of ``prove``'s."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def page_texts(content: bytes) -> tuple[str, ...]:
    """Give the text of each page as it is compared: lower case, no accents, one kind of hyphen.

    Raises:
        UnusableError: ``unreadable``, ``encrypted`` or ``no_pages``.
    """
    return tuple(_folded_pages(content))


def _folded_pages(content: bytes) -> Iterator[str]:
    with _pdfium:
        try:
            document = pypdfium2.PdfDocument(content)
        except pypdfium2.PdfiumError:
            raise UnusableError(_unusable(content)) from None
        try:
            yield from map(folded, _pages(document))
        except pypdfium2.PdfiumError:
            raise UnusableError("unreadable") from None
        finally:
            document.close()


def _unusable(content: bytes) -> str:
    """Say why PDFium refuses ``content``: its error code may be that of an earlier document."""
    try:
        with pikepdf.Pdf.open(io.BytesIO(content)) as document:
            return "unreadable" if len(document.pages) else "no_pages"
    except pikepdf.PasswordError:
        return "encrypted"
    except (pikepdf.PdfError, ValueError, RuntimeError):
        return "unreadable"


def _pages(document: pypdfium2.PdfDocument) -> Iterator[str]:
    for place in range(len(document)):
        page = document[place]
        try:
            text = page.get_textpage()
            try:
                yield text.get_text_range()
            finally:
                text.close()
        finally:
            page.close()


def folded(text: str) -> str:
    """Fold case, accents and ligatures; every hyphen becomes "-"."""
    text = unicodedata.normalize("NFKD", _INVISIBLE.sub("", text)).casefold().translate(_LIGATURES)
    text = "".join(char for char in text if not unicodedata.combining(char))
    return re.sub(f"[{_HYPHENS}]", "-", text)


def _spelled(characters: str, between: str) -> str:
    return between.join(map(re.escape, characters))


def number_pattern(number: str) -> re.Pattern[str] | None:
    """Match the number with any spaces and hyphens inside, not as a part of a longer one."""
    characters = re.sub(r"[\s-]", "", folded(number))
    if not characters:
        return None
    before = r"(?<![^\W_])(?<![^\W_][-/._,])"
    after = r"(?![^\W_])(?![-/_][^\W_])(?![.,]\d)"
    return re.compile(before + _spelled(characters, r"[\s-]*") + after)


def name_pattern(name: str) -> re.Pattern[str] | None:
    """Match the name with any spaces, hyphens and apostrophes inside, not as a part of a longer one."""
    characters = re.sub(r"[\s'.-]", "", folded(name))
    if not characters:
        return None
    before = rf"(?<!{_LETTER})(?<!{_LETTER}-)"
    after = rf"(?!{_LETTER})(?!-{_LETTER})"
    return re.compile(before + _spelled(characters, r"[\s'.-]*") + after)
