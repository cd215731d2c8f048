"""The pace of this sending, and when it would end. What is typed binds the run: it is written to the settings
when the sending is confirmed, for the run reads them there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import ipywidgets as widgets
from markupsafe import Markup

from elite_lib.config.checks import Unusable
from elite_lib.config.keys import KEYS
from elite_lib.labels import N_, _
from elite_lib.models import Pace
from elite_lib.ui import panels

_FIELDS = {
    "between": N_("Seconds between two messages"),
    "every": N_("Pause every … messages"),
    "pause": N_("Length of that pause, in seconds"),
    "per_hour": N_("At most per hour (0: no limit)"),
    "per_day": N_("At most per day (0: no limit)"),
}
_SECONDS = ("between", "pause")


class CadencePanel:
    """Five numbers and the expected end, told again as one types."""

    def __init__(self, pace: Pace, *, on_change: Callable[[], None]) -> None:
        self._pace, self._on_change = pace, on_change
        self._fields = {name: self._field(name, text) for name, text in _FIELDS.items()}
        self._errors = {name: panels.Notice() for name in _FIELDS}
        self.end = widgets.HTML()
        columns = [panels.column(self._fields[name], self._errors[name]) for name in _FIELDS]
        self.widget = panels.column(
            panels.row(*columns, style="elite-numbers"),
            self.end,
            style="elite-cadence",
        )

    def _field(self, name: str, text: str) -> Any:
        made = widgets.Text(description=_(text), value=_shown(getattr(self._pace, name)))
        made.add_class("elite-field")
        made.observe(lambda _change: self._changed(), names="value")
        return made

    @property
    def valid(self) -> bool:
        return all(self._read(name) is not None for name in _FIELDS)

    @property
    def pace(self) -> Pace:
        """Give the pace as typed; what cannot be read counts as it was."""
        return replace(self._pace, **self.changes)  # type: ignore[arg-type]

    @property
    def changes(self) -> dict[str, object]:
        """Give the settings of ``[pace]`` that differ from the home's."""
        read = {name: self._read(name) for name in _FIELDS}
        return {
            name: value
            for name, value in read.items()
            if value is not None and value != getattr(self._pace, name)
        }

    def adopt(self, pace: Pace) -> None:
        """Take the home's changed pace."""
        self._pace = pace
        for name, field in self._fields.items():
            field.value = _shown(getattr(pace, name))

    def expect(self, end: dt.datetime | None) -> None:
        """Say when the sending would end if it began now."""
        text = ""
        if end is not None:
            local = end.astimezone()
            same_day = local.date() == dt.datetime.now().astimezone().date()
            clock = f"{local:%H:%M}" if same_day else f"{local:%d/%m %H:%M}"
            text = _("Begun now, the sending would end at about {time}.").format(time=clock)
            if self.changes:
                text += " " + _("The changed pace is saved when you confirm, for scheduled sendings too.")
        self.end.value = str(Markup('<p class="elite-quiet" role="status">{}</p>').format(text))

    def _read(self, name: str) -> float | int | None:
        text = self._fields[name].value.strip().replace(",", ".").replace("\u00a0", "")
        try:
            value: object = float(text) if name in _SECONDS else int(text)
            return KEYS["pace"][name](value)  # type: ignore[return-value]
        except (ValueError, Unusable):
            return None

    def _changed(self) -> None:
        for name, notice in self._errors.items():
            wrong = self._read(name) is None
            (self._fields[name].add_class if wrong else self._fields[name].remove_class)("elite-invalid")
            if not wrong:
                notice.clear()
            elif not notice.value:
                notice.tell(
                    _("A number from 0 on, such as 2 or 2,5.") if name in _SECONDS else _("A whole number.")
                )
        self._on_change()


def _shown(value: float) -> str:
    return f"{value:g}".replace(".", ",")
