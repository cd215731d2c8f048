"""A PDF that opens with a password only: AES-256 (ISO 32000-2, 7.6, revision 6)."""

from __future__ import annotations

import hashlib
import io

import pikepdf

from elite_lib.exceptions import DocumentError


def protect(content: bytes, password: str) -> bytes:
    """Encrypt a PDF; other bytes each time, since its keys are drawn at random.

    Raises:
        DocumentError: ``pdf_unreadable``.
        ValueError: an empty password would open for everybody.
    """
    if not password:
        raise ValueError("no password")
    file = io.BytesIO()
    try:
        with pikepdf.Pdf.open(io.BytesIO(content)) as document:
            document.save(file, encryption=pikepdf.Encryption(user=password, owner=password, R=6))
    except (pikepdf.PdfError, ValueError, RuntimeError) as error:
        raise DocumentError("pdf_unreadable", name="", detail=str(error)) from error
    return file.getvalue()


def identity(content: bytes, password: str) -> str:
    """Name a protected PDF by what it is, and not by its bytes: the clear document and its password."""
    clear = hashlib.sha256(content).hexdigest()
    return hashlib.sha256(f"{clear}\0{password}".encode()).hexdigest()
