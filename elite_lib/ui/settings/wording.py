"""The words of the printed documents: ``documents.toml`` edited as a whole, and an invoice with them."""

from __future__ import annotations

import io
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

from elite_lib import batch as batches
from elite_lib import storage
from elite_lib.batch import Office
from elite_lib.config import Home
from elite_lib.documents import render_invoice, template
from elite_lib.exceptions import ConfigError, DocumentError
from elite_lib.models import DispatchLine, Establishment, Period
from elite_lib.selection import months

_WIDTH = 900  # pixels of the page that is shown


def read(home: Home) -> str:
    """Give the text of the home's file, or the one as delivered."""
    file = home.root / template.FILE
    try:
        return file.read_bytes().decode("utf-8-sig") if file.exists() else template.default_text()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError("toml_unreadable", file=str(file), detail=str(error)) from error


def check(text: str) -> None:
    """Refuse words that cannot be used.

    Raises:
        ConfigError, TemplateError: as ``documents.template.parse``.
    """
    if text.strip():
        template.parse(text, file=template.FILE)


def save(home: Home, text: str) -> None:
    """Write the home's file; an empty text, or the delivered one, is none.

    Raises:
        ConfigError, TemplateError: as :func:`check`. StorageError.
    """
    check(text)
    file = home.root / template.FILE
    if text.strip() and text.strip() != template.default_text().strip():
        storage.replace(file, text.replace("\r\n", "\n").encode())
        return
    with storage.writing(file):
        file.unlink(missing_ok=True)


def preview(office: Office, establishment: Establishment, text: str) -> list[bytes]:
    """Draw an invoice of the workbook's newest month with these words; nothing is stored.

    Raises:
        ConfigError, TemplateError, DocumentError, SourceError: why there is nothing to show.
    """
    check(text)
    line = _sample(office)
    home = office.settings.home.root
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if text.strip():
            (folder / template.FILE).write_text(text, encoding="utf-8")
        if establishment.logo and (home / establishment.logo).is_file():
            kept = folder / f"logo{Path(establishment.logo).suffix}"
            shutil.copyfile(home / establishment.logo, kept)
            establishment = replace(establishment, logo=kept.name)
        return drawn(render_invoice(line, establishment=establishment, home=folder))


def _sample(office: Office) -> DispatchLine:
    tables = batches.load_tables(office)
    for month in reversed(months(tables)):
        for line in batches.survey(office, Period.parse(month), tables=tables).plan.lines:
            if line.invoice is not None and line.invoice.lines:
                return line
    raise DocumentError("pile_empty")


def drawn(pdf: bytes) -> list[bytes]:
    """Draw the pages of a PDF as PNGs: the browser's own viewer would need the file at an address."""
    import pypdfium2  # noqa: PLC0415 (only who looks at a PDF pays)

    document = pypdfium2.PdfDocument(pdf)
    pictures = []
    try:
        for page in document:
            image = page.render(scale=_WIDTH / max(1.0, page.get_width())).to_pil()
            kept = io.BytesIO()
            image.convert("P", colors=64).save(kept, "PNG")
            pictures.append(kept.getvalue())
    finally:
        document.close()
    return pictures
