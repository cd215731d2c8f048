"""The office's workbook as the page read it: its date, whether it changed since, what is to be corrected."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from pathlib import Path

import ipywidgets as widgets
from markupsafe import Markup

from elite_lib.labels import _
from elite_lib.models import Problem
from elite_lib.ui import figures, panels
from elite_lib.ui.downloads import XLSX, Download, File
from elite_lib.ui.papers import problem_workbook
from elite_lib.ui.rows import instant


class WorkbookPanel:
    """Say which file is shown and of when; offer to read it again; fold its problems away."""

    def __init__(self, *, on_reload: Callable[[], None]) -> None:
        self._read: float | None = None
        self._problems: Sequence[Problem] = ()
        self.file, self.problems = widgets.HTML(), widgets.HTML()
        self.reload = panels.button(_("Read the workbook again"), on_reload)
        self.download = Download(_("Points to check (.xlsx)"), self._make)
        self.head = panels.row(self.file, self.reload, style="elite-actions elite-end")
        self.widget = panels.row(self.problems, self.download, style="elite-problems")

    def read(self, source: Path) -> None:
        """Note that the file was just read."""
        self._read = _date(source)
        when = "" if self._read is None else instant(dt.datetime.fromtimestamp(self._read, dt.UTC))
        text = _("{file}, changed {when}").format(file=source.name, when=when)
        self.file.value = str(Markup('<p class="elite-quiet">{}</p>').format(text))

    def look(self, source: Path) -> None:
        """Say when the file is no longer the one that is shown."""
        now = _date(source)
        if self._read is None or now == self._read:
            return
        text = _("{file} changed since: read it again.") if now else _("{file} is gone from its folder.")
        self._read = None
        self.file.value = str(
            Markup('<p class="elite-changed" role="status">{}</p>').format(text.format(file=source.name))
        )

    def show(self, found: Sequence[Problem]) -> None:
        """Fold the problems away, worst first."""
        self._problems = found
        self.problems.value = figures.problems(found)
        panels.show(self.download, bool(found))

    def _make(self) -> File:
        return File(name=_("points-to-check.xlsx"), content=problem_workbook(self._problems), media_type=XLSX)


def _date(source: Path) -> float | None:
    try:
        return source.stat().st_mtime
    except OSError:
        return None
