"""The ``elite`` command, called in this process: fast, and every word of it kept."""

from __future__ import annotations

import contextlib
import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from elite_lib.cli import main


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one object of ``--json``: anything beside it on standard output fails."""
        return json.loads(self.out)


def elite(*arguments: str | Path, home: Path | None = None) -> Said:
    """Run ``elite ARGUMENTS [--home HOME]`` and catch its exit."""
    given = [str(argument) for argument in arguments] + (["--home", str(home)] if home else [])
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main(given)
        except SystemExit as ended:
            return Said(code=int(ended.code or 0), out=out.getvalue(), err=err.getvalue())
    raise AssertionError("elite did not exit")


def boxes(root: Path, month: str = "2026-10") -> dict[str, int]:
    """Ask ``elite status`` for the boxes that hold something; the slip must balance."""
    said = elite("status", month, "--json", home=root)
    assert said.json["balanced"], said.out
    return {box: total["count"] for box, total in said.json["boxes"].items() if total["count"]}
