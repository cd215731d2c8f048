"""Attachments: for everybody of the month, and for the line that is pointed at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import ipywidgets as widgets

from elite_lib import formats
from elite_lib.batch import Office
from elite_lib.batch.enclosing import ADVISED, Enclosed, enclose, enclosed, encoded, take_out
from elite_lib.batch.enclosures import line_folder, month_folder
from elite_lib.exceptions import ConfigError
from elite_lib.labels import _, explain
from elite_lib.models import DispatchLine, Period
from elite_lib.ui import panels
from elite_lib.ui.dropzone import Dropzone

_ROUGHLY = 60_000  # bytes of a message whose weight is not known yet: text and one invoice


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """What files go with: one line by its key, or (None) everybody."""

    key: str | None
    folders: tuple[Path, ...]


class EnclosurePanel:
    """Two places for files. ``on_change`` is told the lines concerned; None: all of them."""

    def __init__(
        self,
        office: Office,
        *,
        on_change: Callable[[Sequence[str] | None], None],
        weight: Callable[[str | None], int],
    ) -> None:
        self.office, self._on_change, self._weight = office, on_change, weight
        self._months: tuple[str, ...] = ()
        self._line: DispatchLine | None = None
        self.notice, self.own_notice = panels.Notice(), panels.Notice()
        self.general = self._zone(self.notice, None)
        self.own = self._zone(self.own_notice, "")
        self.general.label = _("Add a file for everybody")
        self.general.list_label = _("Files for everybody")
        self.own_title = widgets.HTML()
        self.widget = panels.row(
            panels.column(
                panels.heading(_("For everybody, this month"), level=3),
                self.general,
                self.notice,
                style="elite-half",
            ),
            panels.column(self.own_title, self.own, self.own_notice, style="elite-half"),
            style="elite-halves",
        )

    def _zone(self, notice: panels.Notice, key: str | None) -> Dropzone:
        general = key is None

        def add(name: str, content: bytes, owner: object) -> None:
            try:
                self._add(name, content, owner if isinstance(owner, _Place) else self._place(general=general))
            except Exception as error:  # of each file of one pick, below the others'
                notice.add(explain(error))

        return Dropzone(
            on_begin=notice.clear,
            on_file=add,
            on_remove=notice.guarded(lambda name: self._remove(name, general=general)),
            on_big=lambda name, size: notice.add(explain(self._refusal(name, size))),
        )

    def adopt(self, office: Office) -> None:
        """Take changed settings."""
        self.office = office
        self._refresh()

    def show_period(self, period: Period, months: Sequence[str]) -> None:
        """Show what goes to everybody in this period."""
        self._months = tuple(month for month in months if month in period) or (period.first,)
        self.notice.clear()
        self._refresh()

    def show_line(self, line: DispatchLine | None) -> None:
        """Show what goes with one line only."""
        if line is not None and self._line is not None and line.key == self._line.key:
            return
        self._line = line
        self.own_notice.clear()
        self._refresh()

    @property
    def names(self) -> tuple[str, ...]:
        """Name what goes to everybody, the settings' files included."""
        always = tuple(Path(name).name for name in self.office.settings.attachments)
        return always + tuple(one.name for one in self._everybodys())

    def _everybodys(self) -> tuple[Enclosed, ...]:
        found = {
            one.name: one
            for month in self._months
            for one in enclosed(month_folder(self.office.settings, month))
        }
        return tuple(found.values())

    def _place(self, *, general: bool) -> _Place:
        settings = self.office.settings
        if general:
            return _Place(key=None, folders=tuple(month_folder(settings, month) for month in self._months))
        if self._line is None:
            return _Place(key="", folders=())
        return _Place(key=self._line.key, folders=(line_folder(settings, self._line.key),))

    @property
    def _limit(self) -> int:
        return self.office.settings.message_limit

    def _refresh(self) -> None:
        # a file goes with the line that was pointed at when it was chosen, however long it takes to arrive
        self.general.owner, self.own.owner = self._place(general=True), self._place(general=False)
        limit = self._limit * 57 // 78
        self.general.limit = self.own.limit = limit
        self.general.show(self._everybodys())
        line = self._line
        name = panels.quoted(line.resident.name) if line is not None and line.resident else ""
        title = _("Only with {number}, {resident}") if line is not None else _("Only with one line")
        self.own_title.value = panels.heading(
            title.format(number=panels.quoted(line.number) if line is not None else "", resident=name),
            level=3,
        ).value
        self.own.disabled = line is None
        self.own.label = _("Add a file for this line")
        self.own.list_label = _("Files for this line")
        self.own.show(enclosed(line_folder(self.office.settings, line.key)) if line is not None else ())

    def _add(self, name: str, content: bytes, place: _Place) -> None:
        notice = self.notice if place.key is None else self.own_notice
        total = (self._weight(place.key or None) or _ROUGHLY) + encoded(len(content))
        if total > self._limit:
            raise self._refusal(name, len(content))
        for folder in place.folders:
            enclose(folder, name, content)
        self._changed(place)
        if len(content) > ADVISED:
            words = _(
                "“{name}” weighs {size}: each message would weigh about {total}. Under 1 MB is safer: "
                "small mailboxes refuse more, and some families read on a telephone."
            )
            shown = {"size": formats.size(len(content)), "total": formats.size(total)}
            notice.add(words.format(name=name, **shown), kind="warn")

    def _remove(self, name: str, *, general: bool) -> None:
        (self.notice if general else self.own_notice).clear()
        place = self._place(general=general)
        for folder in place.folders:
            take_out(folder, name)
        self._changed(place)

    def _refusal(self, name: str, size: int) -> ConfigError:
        return ConfigError(
            "attachment_big", name=name, size=formats.size(size), limit=formats.size(self._limit)
        )

    def _changed(self, place: _Place) -> None:
        self._refresh()
        self._on_change([place.key] if place.key else None)
