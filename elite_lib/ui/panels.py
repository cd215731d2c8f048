"""Pieces that several panels are made of: headings, notices, sections, actions that explain their errors."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Any

import ipywidgets as widgets
from markupsafe import Markup

from elite_lib.exceptions import EliteError
from elite_lib.labels import explain

Action = Callable[[], None]
Widget = Any  # a widget of ipywidgets, which has no types

_LOG = logging.getLogger(__name__)


_LONGEST = 160  # characters of another's text in a line of ours
# Marks that turn the direction of what follows (UAX #9): a name must not rewrite the sentence around it.
_TURNING = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C))


def quoted(text: str) -> str:
    """Make a text of the workbook fit to stand in a line of ours: no turning marks, not endless."""
    kept = " ".join(text.translate(_TURNING).split())
    return kept if len(kept) <= _LONGEST else f"{kept[:_LONGEST]}…"


def heading(text: str, *, level: int = 2) -> Any:
    """Make a heading; a screen reader jumps from one to the next."""
    return widgets.HTML(str(Markup("<h{0}>{1}</h{0}>").format(level, text)))


def section(title: str, *children: Any, style: str = "") -> Any:
    """Make a part of the page: a card with its heading."""
    return column(heading(title), *children, style=f"elite-card {style}".strip())


def facts(pairs: Iterable[tuple[str, str]]) -> str:
    """Draw names and values side by side."""
    items = Markup("").join(
        Markup("<div><dt>{}</dt><dd>{}</dd></div>").format(name, value) for name, value in pairs
    )
    return str(Markup('<dl class="elite-facts">{}</dl>').format(items))


def column(*children: Any, style: str = "") -> Any:
    """Stack widgets; ``style`` is a class of page.css."""
    return _boxed(widgets.VBox(children), style)


def row(*children: Any, style: str = "") -> Any:
    """Put widgets side by side, wrapping where the window is narrow."""
    return _boxed(widgets.HBox(children), style)


def _boxed(box: Any, style: str) -> Any:
    box.add_class("elite-box")
    for name in style.split():
        box.add_class(name)
    return box


def button(text: str, action: Callable[[], None], *, style: str = "") -> Any:
    """Make a button; ``action`` explains its own errors (see :meth:`Notice.guarded`)."""
    made = widgets.Button(description=text)
    made.add_class("elite-button")
    if style:
        made.add_class(style)
    made.on_click(lambda _button: action())
    return made


def show(widget: Any, visible: bool) -> None:
    """Show or hide a widget, for screen readers too."""
    widget.layout.display = "" if visible else "none"


class Notice(widgets.HTML):  # type: ignore[misc]
    """A sentence where it is needed: an error, or how something ended."""

    def tell(self, text: str, *, kind: str = "error") -> None:
        """Show the text; an error is read out at once, ``good``, ``warn``, ``info`` when there is time."""
        role = "alert" if kind == "error" else "status"
        lines = Markup("<br>").join(text.splitlines())
        self.value = (
            str(
                Markup('<div class="elite-notice elite-{kind}" role="{role}">{lines}</div>').format(
                    kind=kind, role=role, lines=lines
                )
            )
            if text
            else ""
        )

    def add(self, text: str, *, kind: str = "error") -> None:
        """Say one more thing below what is said already."""
        before = self.value
        self.tell(text, kind=kind)
        self.value = before + self.value

    def clear(self) -> None:
        self.value = ""

    def guarded(self, action: Callable[..., None]) -> Callable[..., None]:
        """Make an action whose errors are told here, in a sentence, never as a traceback."""

        def run(*arguments: Any) -> None:
            try:
                action(*arguments)
            except Exception as error:
                self.fail(error)

        return run

    def fail(self, error: BaseException) -> None:
        """Tell an error; one that is not ours goes to the log with its traceback."""
        if not isinstance(error, EliteError):
            _LOG.error("unexpected error on the page", exc_info=error)
        self.tell(explain(error))
