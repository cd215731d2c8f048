"""A button that makes a file when it is pressed, and hands it to the browser.

Not through the server's files, which ask for no login, nor as an address in the page: the bytes come by
the page's own connection.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anywidget
import traitlets

_STATIC = Path(__file__).parent / "static"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """What the browser saves."""

    name: str
    content: bytes
    media_type: str


class Download(anywidget.AnyWidget):
    """Show a button; ``make`` gives the file, or None when there is none (and says why itself)."""

    _esm = _STATIC / "download.js"

    label = traitlets.Unicode().tag(sync=True)
    main = traitlets.Bool(False).tag(sync=True)
    disabled = traitlets.Bool(False).tag(sync=True)

    def __init__(self, label: str, make: Callable[[], File | None], **traits: Any) -> None:
        super().__init__(label=label, **traits)
        self._make = make
        self.on_msg(self._on_message)

    def hand_over(self, file: File) -> None:
        """Let the browser save a file."""
        self.send({"type": "file", "name": file.name, "media_type": file.media_type}, [file.content])

    def _on_message(self, _widget: object, content: dict[str, Any], _buffers: object) -> None:
        if content.get("type") == "ask":
            file = self._make()
            if file is not None:
                self.hand_over(file)
