"""A form of sections and fields, drawn by a script of our own (``static/settings.js``).

One widget for some hundred fields: as many ipywidgets would take seconds to appear. What it promises:

- what stands in the file is ``values``; what is typed stays on the page until an action takes it along;
- passwords come with the action that keeps them, and are in no trait that the page or a saved notebook holds;
- an error is told at its field, which is marked as wrong and described by it for screen readers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from elite_lib.labels import _

_STATIC = Path(__file__).parent.parent / "static"

Block = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """A button was pressed: what was typed and is not saved comes with it."""

    name: str
    values: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    choices: Mapping[str, str] = field(default_factory=dict)  # of the tables that are shown, by name


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file was chosen."""

    key: str
    name: str
    content: bytes = field(repr=False)


def texts() -> dict[str, str]:
    """Word the form in the current language; names in braces are filled in on the page."""
    return {
        "contents": _("Settings, by part"),
        "show": _("Show"),
        "remove": _("Remove"),
        "in_row": _("{name}, row {n}"),
        "too_big": _("{name} is too big for this page. Put it into the home's folder, and write its name."),
        "none": _("Nothing changed"),
        "one": _("1 change that is not saved"),
        "many": _("{n} changes that are not saved"),
    }


class Form(anywidget.AnyWidget):
    """Show sections of fields; ``on_act`` and ``on_upload`` are told what a person does."""

    _esm = _STATIC / "settings.js"
    _css = _STATIC / "settings.css"

    sections = traitlets.List(traitlets.Dict()).tag(sync=True)
    actions = traitlets.List(traitlets.Dict()).tag(sync=True)
    values = traitlets.Dict().tag(sync=True)
    errors = traitlets.Dict().tag(sync=True)
    blocks = traitlets.Dict().tag(sync=True)
    texts = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        *,
        on_act: Callable[[Act], None],
        on_upload: Callable[[Upload], None] = lambda _upload: None,
        **traits: Any,
    ) -> None:
        self._on_act, self._on_upload = on_act, on_upload
        super().__init__(**({"texts": texts()} | traits))
        self.on_msg(self._on_message)

    def draw(self, sections: Sequence[Block], *, actions: Sequence[Block], values: Mapping[str, Any]) -> None:
        """Show other sections."""
        with self.hold_sync():
            self.errors, self.blocks = {}, {}
            self.values = dict(values)
            self.actions = list(actions)
            self.sections = list(sections)

    def saved(self, values: Mapping[str, Any]) -> None:
        """Show what stands in the file now; what was typed is in it."""
        self.tell({})
        self.values = dict(values)
        self.send({"type": "saved"})

    def type_in(self, values: Mapping[str, Any]) -> None:
        """Write into fields as a person would: not saved yet."""
        self.send({"type": "set", "values": dict(values)})

    def tell(self, errors: Mapping[str, str]) -> None:
        """Say what is wrong at the fields where it is; the keyboard goes to the first."""
        self.errors = dict(errors)
        self.send({"type": "errors", "errors": dict(errors)})

    def show(self, place: str, *blocks: Block, append: bool = False) -> None:
        """Show blocks (:func:`notice`, :func:`table`, :func:`buttons`, …) at a place."""
        before = self.blocks.get(place, []) if append else []
        self.blocks = {**self.blocks, place: [*before, *blocks]}
        self.send({"type": "show", "place": place, "blocks": list(blocks), "append": append})

    def picture(self, place: str, *pictures: bytes, label: str, media: str = "image/png") -> None:
        """Show pictures at a place, described by ``label``."""
        message = {"type": "picture", "place": place, "label": label, "media": media}
        self.send(message, buffers=list(pictures))

    def done(self, name: str) -> None:
        """Let a button that was pressed be pressed again."""
        self.send({"type": "done", "name": name})

    def _on_message(self, _widget: object, content: Mapping[str, Any], buffers: Sequence[Any]) -> None:
        if content.get("type") == "act":
            secrets = {str(name): str(text) for name, text in dict(content.get("secrets") or {}).items()}
            choices = {str(name): str(word) for name, word in dict(content.get("choices") or {}).items()}
            values = dict(content.get("values") or {})
            self._on_act(Act(name=str(content.get("name")), values=values, secrets=secrets, choices=choices))
        elif content.get("type") == "file" and buffers:
            self._on_upload(
                Upload(key=str(content.get("key")), name=str(content.get("name")), content=bytes(buffers[0]))
            )


def notice(text: str, *, tone: str = "error") -> Block:
    """Make a sentence: ``error``, ``good`` or ``info``."""
    return {"kind": "notice", "tone": tone, "text": text}


def table(caption: str, head: Sequence[str], rows: Sequence[Sequence[str | Block]]) -> Block:
    """Make a table; the first column heads the rows. A cell is a text, or a :func:`choice`."""
    return {"kind": "table", "caption": caption, "head": list(head), "rows": [list(row) for row in rows]}


def choice(name: str, label: str, *, choices: Sequence[tuple[str, str]], value: str) -> Block:
    """Make a cell in which one of ``choices`` (word, its label) is chosen; every act tells which."""
    offered = [{"value": word, "label": said} for word, said in choices]
    return {"name": name, "label": label, "choices": offered, "value": value}


def buttons(*actions: Block) -> Block:
    """Make a row of buttons."""
    return {"kind": "actions", "actions": list(actions)}


def action(name: str, label: str, *, main: bool = False, once: bool = False, submits: bool = False) -> Block:
    """Make a button. ``once``: it waits for :meth:`Form.done`; ``submits``: Enter in a field presses it."""
    return {"name": name, "label": label, "main": main, "once": once, "submits": submits}
