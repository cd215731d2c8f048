"""Names that every mail program can read: attachment names in ASCII, display names without specials."""

from __future__ import annotations

import hashlib
import re
import unicodedata

from elite_lib.models import DocumentKind

_STEMS = {
    DocumentKind.INVOICE: "Facture",
    DocumentKind.STATEMENT: "Releve",
    DocumentKind.CERTIFICATE: "Attestation",
}

# Letters that Unicode does not decompose (NFKD), as a French reader would write them.
_LETTERS = str.maketrans(
    {"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "ß": "ss", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L"}
    | {"đ": "d", "Đ": "D", "’": "-", "'": "-"}
)
_LONGEST = 100  # characters; with its folder a Windows path stays under 260


def file_name(kind: DocumentKind, number: str, resident_name: str = "") -> str:
    """Name a document's file: ``Facture_F2026-10-00042.pdf``, or with the resident's name behind.

    Two numbers never give one name: where ASCII loses something of the number (``F/1``, ``F-1``),
    a digest of it tells them apart, for these names are those of the files in the home as well.
    """
    plain = _ascii(number)
    if plain != number:
        plain = f"{plain}_{hashlib.sha256(number.encode()).hexdigest()[:6]}"
    stem = "_".join(filter(None, (_STEMS[kind], plain, _ascii(resident_name))))
    return stem[:_LONGEST] + ".pdf"


def safe_name(name: str) -> str:
    """Rewrite a file's name in ASCII, extension kept (RFC 2231 continuations break in Outlook)."""
    stem, dot, extension = name.rpartition(".")
    if not dot or not stem:
        stem, extension = name, ""
    extension = _ascii(extension)[:10]
    return (_ascii(stem)[:_LONGEST] or "document") + (f".{extension}" if extension else "")


def _ascii(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    plain = "".join(c for c in decomposed if not unicodedata.combining(c))
    return re.sub(r"[^A-Za-z0-9.-]+", "_", re.sub(r"/+", "-", plain)).strip("_.-")
