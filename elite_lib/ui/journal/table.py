"""The table of the invoice journal; it says which line is opened, and which is to be written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from elite_lib.labels import _
from elite_lib.ui.journal.rows import filters
from elite_lib.ui.scripts import script

_STATIC = Path(__file__).parent.parent / "static"


class JournalTable(anywidget.AnyWidget):
    """Show rows; ``on_open`` and ``on_write`` are told the key of a line that is there."""

    _esm = script("make", "rowtable", "journal")
    _css = _STATIC / "checklist.css"

    rows = traitlets.List(traitlets.Dict()).tag(sync=True)
    current = traitlets.Unicode().tag(sync=True)
    caption = traitlets.Unicode().tag(sync=True)
    texts = traitlets.Dict().tag(sync=True)
    filters = traitlets.List(traitlets.Dict()).tag(sync=True)
    locale = traitlets.Unicode("fr").tag(sync=True)

    def __init__(self, *, on_open: Callable[[str], None], on_write: Callable[[str], None]) -> None:
        texts = {
            "search": _("Search"),
            "filter": _("Show"),
            "count": _("{shown} of {total} invoices"),
            "hint": _("Click or Space: its history. Double click or Enter: send it by e-mail."),
            "nothing_shown": _("No line matches."),
            "open_row": _("Open {number} – {resident}, {label}"),
            "column_envelope": _("Dispatch"),
            "column_number": _("No."),
            "column_resident": _("Resident"),
            "column_month": _("Month"),
            "column_amount": _("Amount"),
            "column_sent": _("Sent on"),
            "column_recipients": _("To whom"),
            "column_received": _("Received on"),
        }
        super().__init__(texts=texts, filters=filters(), caption=_("Invoice journal"))
        self._on = {"open": on_open, "write": on_write}
        self.on_msg(self._on_message)

    def reach(self, where: str) -> None:
        """Put the keyboard on what a CSS selector finds, as soon as it is there."""
        self.send({"type": "reach", "where": where})

    def back(self, key: str) -> None:
        """Put the keyboard back on a line."""
        self.send({"type": "back", "key": key})

    def _on_message(self, _widget: object, content: dict[str, Any], _buffers: object) -> None:
        key = str(content.get("key", ""))
        wanted = self._on.get(str(content.get("type")))
        if wanted is not None and any(row["key"] == key for row in self.rows):
            wanted(key)
