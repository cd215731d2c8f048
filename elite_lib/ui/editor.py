"""Subject, text and signature of a message as fields, with a menu of the words that are filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import anywidget
import traitlets

from elite_lib import composition
from elite_lib.labels import _
from elite_lib.ui.scripts import script

_AROUND = 24  # characters shown before and after what is wrong


class Editor(anywidget.AnyWidget):
    """Edit a subject, a text and a signature; :attr:`errors` says what is wrong under which field."""

    _esm = script("make", "editor")

    subject = traitlets.Unicode().tag(sync=True)
    text = traitlets.Unicode().tag(sync=True)
    signature = traitlets.Unicode().tag(sync=True)
    errors = traitlets.Dict().tag(sync=True)
    words = traitlets.List(traitlets.Dict()).tag(sync=True)
    texts = traitlets.Dict().tag(sync=True)

    def __init__(self, **traits: Any) -> None:
        texts = {
            "subject": _("Subject"),
            "text": _("Text"),
            "signature": _("Signature"),
            "words": _("Words that are filled in for each message"),
            "choose": _("choose a word…"),
            "insert": _("Insert"),
            "go": _("Go to that place"),
        }
        words = [{"name": name, "text": _(text)} for name, text in composition.PLACEHOLDERS.items()]
        super().__init__(texts=texts, words=words, **traits)


def place(source: str, fields: Mapping[str, object]) -> tuple[str, str, str] | None:
    """Find what an error of the wording is about: what stands before it, itself, and what follows."""
    found = None
    if name := fields.get("name"):
        found = re.search(rf"{{{{[^{{}}]*\b{re.escape(str(name))}\b[^{{}}]*}}}}", source)
    detail = str(fields.get("detail") or "")
    if found is None and detail.startswith("{"):
        found = re.search(re.escape(detail).replace(r"\{", r"\{\s*").replace(r"\}", r"\s*\}"), source)
    line = fields.get("line")
    if found is None and isinstance(line, int) and 0 < line <= len(source.splitlines()):
        wrong = source.splitlines()[line - 1]
        found = re.search(re.escape(wrong), source) if wrong.strip() else None
    if found is None:
        return None
    before = source[: found.start()].rpartition("\n")[2]
    after = source[found.end() :].partition("\n")[0]
    if len(before) > _AROUND:
        before = f"…{before[-_AROUND:]}"
    if len(after) > _AROUND:
        after = f"{after[:_AROUND]}…"
    return before, found.group(), after
