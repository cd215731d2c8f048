"""A notebook executed and written as one HTML file that fetches nothing and runs no script."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from html import escape
from pathlib import Path

from elite_lib import storage
from elite_lib.exceptions import RunError

_PAGE = """<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<title>{title}</title>
<meta http-equiv="Content-Security-Policy"
  content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<style>
body {{ color: #1b1f23; font: 15px/1.5 Lato, Carlito, "Segoe UI", "Noto Sans", sans-serif; margin: 2rem auto;
  max-width: 62rem; padding: 0 1rem; }}
h1, h2, h3 {{ color: #1f5673; line-height: 1.25; }}
table {{ border-collapse: collapse; font-size: 13px; margin: 0.5rem 0 1.5rem; }}
th, td {{ border-bottom: 1px solid #dbe2e7; padding: 0.25rem 0.75rem 0.25rem 0; vertical-align: top; }}
figure {{ margin: 1rem 0 0.25rem; }}
figcaption {{ font-weight: 650; }}
.elite-scroll {{ overflow-x: auto; }}
@page {{ size: A4 landscape; margin: 12mm; }}
@media print {{
  body {{ margin: 0; max-width: none; }}
  h2, h3, figcaption {{ break-after: avoid; }}
  figure, tr {{ break-inside: avoid; }}
  thead {{ display: table-header-group; }}
}}
</style>
</head>
<body>
{body}
</body>
</html>
"""


_QUIET = ["--log-level=40"]  # ipykernel 7 warns of its loopback TCP, on every terminal


def print_notebook(
    notebook: Path,
    target: Path,
    *,
    parameters: Mapping[str, object],
    cwd: Path,
    title: str,
    language: str = "fr",
) -> Path:
    """Execute ``notebook`` with papermill and write ``target``, readable by its owner alone.

    Only texts and outputs are kept. Nothing is left of a run that fails.

    Raises:
        RunError: ``stopped``: a cell failed; its words are in ``why``.
        StorageError: it cannot be written.
    """
    import papermill  # noqa: PLC0415 (papermill and nbconvert take seconds: only who prints pays)
    from papermill.exceptions import PapermillExecutionError  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        executed = Path(folder) / notebook.name
        try:
            papermill.execute_notebook(
                str(notebook),
                str(executed),
                parameters=dict(parameters),
                kernel_name="python3",
                cwd=str(cwd),
                progress_bar=False,
                extra_arguments=_QUIET,
            )
        except PapermillExecutionError as error:
            raise RunError("stopped", why=f"{error.ename}: {error.evalue}", detail="") from error
        body = _body(executed)
    page = _PAGE.format(language=escape(language), title=escape(title), body=body)
    storage.make_folder(target.parent)
    storage.replace(target, page.encode())
    return target


def _body(executed: Path) -> str:
    """Give the texts and outputs of an executed notebook."""
    import nbformat  # noqa: PLC0415
    from nbconvert import HTMLExporter  # noqa: PLC0415

    # "basic" is the body alone: the other templates bring scripts from elsewhere
    exporter = HTMLExporter(  # type: ignore[no-untyped-call]
        template_name="basic",
        exclude_input=True,
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        exclude_anchor_links=True,
    )
    cells = nbformat.read(executed, as_version=4)  # type: ignore[no-untyped-call]
    return str(exporter.from_notebook_node(cells)[0])
