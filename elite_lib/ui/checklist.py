"""The checklist: the month's lines in a real table, ticked by keys.

An anywidget table of our own: measured against ipywidgets rows, itables, ipyvuetify and ipydatagrid,
it alone is quick, keyboard-friendly and readable by a screen reader at once. What it promises:

- rows are sent once, each with a stable key; the selection is a list of keys, never of positions;
- a change of one row is a message that patches that row: assigning ``rows`` rebuilds everything;
- Python's state is the authority: a patch sent before the page's table exists is lost, so the table
  says ``ready`` and gets again whatever changed since the rows were given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from elite_lib.labels import _
from elite_lib.ui.scripts import script

_STATIC = Path(__file__).parent / "static"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line as shown. ``state`` chooses the icon's shape; ``label`` says it in words."""

    key: str
    number: str
    resident: str
    addresses: tuple[str, ...] = ()
    attachments: tuple[str, ...] = ()
    amount: str = ""
    cents: int = 0
    state: str = "pending"  # a word of models.Box
    label: str = ""
    when: str = ""
    at: str = ""  # ISO instant, for sorting
    rank: str = ""  # order of the states when sorted by them
    groups: tuple[str, ...] = ()  # filters that show it
    tickable: bool = True
    ask: bool = False  # sent already: ticking it asks first
    reason: str = ""  # why it cannot be mailed, or what the server said
    weight: str = ""  # of the message as it would be sent; comes later than the row
    marks: tuple[str, ...] = ()  # what changed since last month: new address…


_NAMES = tuple(one.name for one in fields(Row))


def _dict(row: Row) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _NAMES}  # asdict copies every value, one by one


def texts() -> dict[str, str]:
    """Word the table in the current language; names in braces are filled in on the page."""
    return {
        "search": _("Search"),
        "filter": _("Show"),
        "tick": _("Tick"),
        "tick_all": _("Tick all"),
        "tick_none": _("Tick none"),
        "tick_unsent": _("Tick what is not sent yet"),
        "tick_shown": _("Tick all lines shown"),
        "tick_row": _("Tick {number} – {resident}"),
        "count": _("{ticked} ticked of {total} · {euros}"),
        "count_shown": _("{ticked} ticked of {total} · {euros} · {shown} shown"),
        "nothing_shown": _("No line matches."),
        "column_number": _("No."),
        "column_resident": _("Resident"),
        "column_addresses": _("E-mail(s)"),
        "column_attachments": _("Attachments"),
        "column_amount": _("Amount"),
        "column_state": _("Dispatch"),
    }


def filters() -> list[dict[str, str]]:
    """List the filters: ``value`` is a group of :attr:`Row.groups`, empty for all."""
    named = (
        ("", _("all lines")),
        ("unsent", _("lines not sent yet")),
        ("held", _("held lines")),
        ("to_print", _("lines to print")),
        ("sent", _("sent lines")),
        ("refused", _("refused or returned lines")),
        ("uncertain", _("uncertain lines")),
        ("changed", _("lines whose address changed")),
        ("enclosed", _("lines with an attachment of their own")),
    )
    return [{"value": value, "label": label} for value, label in named]


class Checklist(anywidget.AnyWidget):
    """Show lines and let a person tick them; read :attr:`selected`, never positions.

    Beware when adding methods: ``send``, ``open``, ``close``, ``comm`` and ``keys`` are ipywidgets'
    own, and overriding one breaks the connection to the page.
    """

    _esm = script("make", "rowtable", "checklist")
    _css = _STATIC / "checklist.css"

    rows = traitlets.List(traitlets.Dict()).tag(sync=True)
    # not echoed: the page knows what it ticked, and 10,000 keys weigh 150 kB
    selected = traitlets.List(traitlets.Unicode()).tag(sync=True, echo_update=False)
    current = traitlets.Unicode().tag(sync=True)  # the line that was pointed at last
    caption = traitlets.Unicode().tag(sync=True)
    texts = traitlets.Dict().tag(sync=True)
    filters = traitlets.List(traitlets.Dict()).tag(sync=True)
    locale = traitlets.Unicode("fr").tag(sync=True)

    def __init__(self, rows: Iterable[Row] = (), *, selected: Iterable[str] = (), **traits: Any) -> None:
        self.on_ask: Callable[[str], None] = lambda _key: None
        self._by_key: dict[str, dict[str, Any]] = {}
        self._changed: set[str] = set()
        traits = {"texts": texts(), "filters": filters(), "caption": _("Invoices of the period")} | traits
        super().__init__(**traits)
        self.on_msg(self._on_message)
        self.fill(rows, selected=selected)

    def fill(self, rows: Iterable[Row], *, selected: Iterable[str]) -> None:
        """Show other rows with these keys ticked; the table is rebuilt."""
        given = [_dict(row) for row in rows]
        self._by_key = {row["key"]: row for row in given}
        self._changed.clear()
        with self.hold_sync():
            self.selected = []
            self.rows = given
            if self.current not in self._by_key:
                first = next((row for row in given if row["tickable"]), given[0] if given else {"key": ""})
                self.current = first["key"]
            self.selected = list(selected)

    def patch(self, rows: Sequence[Row]) -> None:
        """Show what changed of rows that are there, without moving anything on the page."""
        changes = []
        for row in rows:
            known = self._by_key.get(row.key)
            now = _dict(row)
            if known is None or known == now:
                continue
            known.update(now)  # in place: no trait event, a later view starts from it
            self._changed.add(row.key)
            changes.append(now)
        if not changes:
            return
        self.send({"type": "patch", "rows": changes})
        self.selected = list(self.selected)  # drops what can no longer be ticked

    @traitlets.validate("selected")
    def _keep_tickable(self, proposal: Any) -> list[str]:
        """Keep only keys of rows that can be mailed: the page is not trusted with it."""
        return [key for key in dict.fromkeys(proposal["value"]) if self._is_tickable(key)]

    def _is_tickable(self, key: str) -> bool:
        return bool(self._by_key.get(key, {}).get("tickable"))

    def show_group(self, group: str) -> None:
        """Show only the lines of one filter, and bring the table into sight."""
        self.send({"type": "filter", "value": group})

    def focus_row(self, key: str) -> None:
        """Put the keyboard back on a row, after a question about it."""
        self.send({"type": "focus", "key": key})

    def _on_message(self, _widget: object, content: dict[str, Any], _buffers: object) -> None:
        if content.get("type") == "ready" and self._changed:
            self.send({"type": "patch", "rows": [self._by_key[key] for key in sorted(self._changed)]})
        elif content.get("key") in self._by_key:
            key = str(content["key"])
            if content.get("type") == "ask":
                self.on_ask(key)
            elif content.get("type") == "point":
                self.current = key
