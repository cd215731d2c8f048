"""The words of the printed documents: ``elite documents`` writes the file that changes them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from elite_lib import config, storage
from elite_lib.cli import views
from elite_lib.cli.options import Home
from elite_lib.labels import N_, _


def documents(
    preview: Annotated[
        Path | None,
        typer.Option("--preview", metavar=N_("FOLDER"), help=N_("Show sample documents, as pictures.")),
    ] = None,
    home: Home = None,
) -> None:
    """Write documents.toml, with every word of the printed documents, unless it is there; or show them."""
    from elite_lib.documents import template  # noqa: PLC0415 (reportlab: only who prints pays)
    from elite_lib.documents.picturing import preview as draw  # noqa: PLC0415

    root = config.find_home(home, environ=os.environ, cwd=Path.cwd())
    file = root / template.FILE
    if preview is None and not file.exists():
        storage.replace(file, template.default_text().encode())
        views.say(
            _("Written: {file}. Change it, then look: elite documents --preview FOLDER").format(file=file)
        )
        return
    template.load(root)
    if preview is None:
        views.say(_("{file} is in order.").format(file=file))
        return
    pages = draw(config.load(root))
    storage.make_folder(preview)
    for place, page in enumerate(pages, start=1):
        storage.replace(preview / f"document-{place}.png", page, durable=False)
    views.say(_("Written to {folder}").format(folder=preview))
