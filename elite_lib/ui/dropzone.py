"""Where files are dropped or chosen; what arrives is given on whole, what is too large is said."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import anywidget
import traitlets

from elite_lib import formats
from elite_lib.batch.enclosing import Enclosed
from elite_lib.batch.enclosures import READABLE
from elite_lib.labels import _
from elite_lib.ui.scripts import script


class Dropzone(anywidget.AnyWidget):
    """Take files in pieces of one megabyte, list what is there, offer to take each away."""

    _esm = script("make", "dropzone")

    label = traitlets.Unicode().tag(sync=True)
    list_label = traitlets.Unicode().tag(sync=True)
    files = traitlets.List(traitlets.Dict()).tag(sync=True)
    limit = traitlets.Int(0).tag(sync=True)  # bytes of one file
    disabled = traitlets.Bool(False).tag(sync=True)
    accept = traitlets.Unicode(",".join(READABLE)).tag(sync=True)
    texts = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        *,
        on_begin: Callable[[], None],
        on_file: Callable[[str, bytes, object], None],
        on_remove: Callable[[str], None],
        on_big: Callable[[str, int], None],
        **traits: Any,
    ) -> None:
        texts = {
            "hint": _("or drop them here: PDF, JPEG, PNG, text; under 1 MB is best"),
            "remove": _("Remove"),
            "remove_file": _("Remove {name}"),
            "progress": _("{name}: {percent} %"),
            "unreadable": _("“{name}” cannot be read."),
        }
        super().__init__(texts=texts, **traits)
        self._on_begin, self._on_file, self._on_remove, self._on_big = on_begin, on_file, on_remove, on_big
        self._arriving: dict[str, bytearray] = {}
        self.owner: object = None  # what files go with that are chosen now; told to ``on_file``
        self._owners: dict[str, object] = {}  # of what was begun, by take
        self.on_msg(self._on_message)

    def show(self, enclosed: Iterable[Enclosed]) -> None:
        """List what is there."""
        self.files = [{"name": one.name, "size": formats.size(one.size)} for one in enclosed]

    def _on_message(self, _widget: object, content: dict[str, Any], buffers: list[memoryview]) -> None:
        kind, name = content.get("type"), str(content.get("name"))
        if kind == "begin":
            self._owners[str(content.get("take"))] = self.owner
            self._on_begin()
        elif kind == "remove":
            self._on_remove(name)
        elif kind == "big":
            self._on_big(name, int(content["size"]))
        elif kind == "piece":
            self._piece(content, name, bytes(buffers[0]) if buffers else b"")

    def _piece(self, content: dict[str, Any], name: str, piece: bytes) -> None:
        transfer = str(content["transfer"])
        arrived = self._arriving.setdefault(transfer, bytearray())
        arrived += piece
        if self.limit and len(arrived) > self.limit:  # the page is not trusted with it
            del self._arriving[transfer]
            self._on_big(name, len(arrived))
        elif content.get("last"):
            owner = self._owners.get(str(content.get("take")))
            self._on_file(name, bytes(self._arriving.pop(transfer)), owner)
