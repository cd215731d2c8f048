"""Ask for the password of a protected workbook, where somebody sits at the terminal."""

from __future__ import annotations

import os
import sys

import typer

from elite_lib.cli import views
from elite_lib.exceptions import EliteError, SourceError
from elite_lib.labels import _, advise
from elite_lib.models import ProblemCode

_VARIABLE = "ELITE_WORKBOOK_PASSWORD"  # where secrets looks first; a run that this command starts inherits it
_ASKED = ("", "wrong_password")  # what another password can mend


def workbook_password(error: EliteError) -> bool:
    """Ask for the password that the workbook lacked, for this command alone; tell whether one was given."""
    if not isinstance(error, SourceError) or not sys.stdin.isatty():
        return False
    protected = [p for p in error.problems if p.code is ProblemCode.FILE_PROTECTED]
    if not protected or protected[0].facts.get("why", "") not in _ASKED:
        return False
    if protected[0].facts:
        views.note(advise(protected[0]))
    prompt = _("Password of {file}").format(file=protected[0].file)
    given = str(typer.prompt(prompt, default="", hide_input=True, show_default=False, err=True))
    os.environ[_VARIABLE] = given
    return bool(given)
