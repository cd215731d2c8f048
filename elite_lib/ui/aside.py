"""Addresses that are set aside after returns, each with a button that takes it up again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from elite_lib.labels import _, word
from elite_lib.models import SetAside
from elite_lib.notices import Returned

_STATIC = Path(__file__).parent / "static"


class AsideList(anywidget.AnyWidget):
    """The table; ``clear`` is called with the address whose button was pressed."""

    _esm = _STATIC / "aside.js"

    rows = traitlets.List(traitlets.Dict()).tag(sync=True)
    titles = traitlets.List(traitlets.Unicode()).tag(sync=True)
    caption = traitlets.Unicode().tag(sync=True)
    action = traitlets.Unicode().tag(sync=True)
    empty = traitlets.Unicode().tag(sync=True)

    def __init__(self, clear: Callable[[str], None], **traits: Any) -> None:
        super().__init__(
            titles=[_("Address"), _("Whose"), _("Why"), _("Since"), _("What to do")],
            caption=_("Nothing is written to these addresses"),
            action=_("Take up again"),
            empty=_("No address is set aside."),
            **traits,
        )
        self._clear = clear
        self.on_msg(self._on_message)

    def _on_message(self, _widget: object, content: dict[str, Any], _buffers: object) -> None:
        if content.get("type") == "clear":
            self._clear(str(content.get("address", "")))


def rows(aside: Mapping[str, SetAside], found: Sequence[Returned]) -> list[dict[str, Any]]:
    """Make the rows, the newest first; ``found`` tells whose an address is."""
    whose = {one.address.lower(): one for one in found}
    made = []
    for key, one in sorted(aside.items(), key=lambda item: item[1].since, reverse=True):
        about = whose.get(key)
        people = (about.name, about.resident_name or about.resident) if about else ()
        why = " · ".join(filter(None, (word(one.cls), one.reason)))
        cells = [one.address, " · ".join(filter(None, people)), why, f"{one.since.astimezone():%d/%m/%Y}"]
        made.append({"address": one.address, "cells": cells})
    return made
