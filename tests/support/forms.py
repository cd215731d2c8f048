"""A form of the page without a browser: what it is told, what it sends back."""

from __future__ import annotations

from typing import Any

from elite_lib.ui.settings.form import Form


class Page:
    """What the page does with a form: presses buttons, chooses files, reads what it was told."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self.sent: list[dict[str, Any]] = []
        self.pictures: list[bytes] = []
        form.send = self._hear  # the comm's own: nothing listens in a test

    def _hear(self, content: dict[str, Any], buffers: list[bytes] | None = None) -> None:
        self.sent.append(content)
        self.pictures += buffers or []

    def press(
        self,
        name: str,
        secrets: dict[str, str] | None = None,
        *,
        choices: dict[str, str] | None = None,
        **values: Any,
    ) -> None:
        given = {key.replace("__", "."): value for key, value in values.items()}
        message = {"type": "act", "name": name, "values": given, "secrets": secrets or {}}
        message["choices"] = choices or {}
        self.form._on_message(self.form, message, [])

    def choose(self, key: str, name: str, content: bytes) -> None:
        self.form._on_message(self.form, {"type": "file", "key": key, "name": name}, [content])

    @property
    def errors(self) -> dict[str, str]:
        return dict(self.form.errors)

    def told(self, place: str) -> str:
        return " ".join(str(block.get("text", block)) for block in self.form.blocks.get(place, []))

    @property
    def everything(self) -> str:
        return f"{self.sent} {self.form.values} {self.form.blocks} {self.form.sections} {self.form.errors}"
