"""Options that several commands share. Their texts are msgids: see ``helping``, which words them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from elite_lib.labels import N_

Month = Annotated[
    str, typer.Argument(metavar=N_("MONTH"), help=N_("A month, 2026-10, or a period, 2026-09..2026-10."))
]
Home = Annotated[
    Path | None,
    typer.Option("--home", help=N_("The home's folder. Else ELITE_HOME, else the nearest elite.toml.")),
]
Json = Annotated[bool, typer.Option("--json", help=N_("One JSON object on standard output."))]
Operator = Annotated[
    str, typer.Option("--operator", help=N_("By whom, for the journal. Else the settings, else the login."))
]
