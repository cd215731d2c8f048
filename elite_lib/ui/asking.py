"""A question in place, with the keyboard on its answer."""

from __future__ import annotations

from collections.abc import Callable

import ipywidgets as widgets
from markupsafe import Markup

from elite_lib.ui import panels


class Question:
    """Hidden until it is asked; one answer does something, the other leaves everything as it is."""

    def __init__(self, yes: str, no: str) -> None:
        self._action: Callable[[], None] = lambda: None
        self._after: Callable[[], None] = lambda: None
        self.text = widgets.HTML()
        self.yes = panels.button(yes, lambda: self._answer(self._action), style="elite-main")
        self.no = panels.button(no, lambda: self._answer(lambda: None))
        self.widget = panels.row(self.text, self.yes, self.no, style="elite-ask")
        panels.show(self.widget, False)

    def ask(self, text: str, action: Callable[[], None], *, after: Callable[[], None] = lambda: None) -> None:
        """Ask; ``after`` is called whatever the answer was."""
        self._action, self._after = action, after
        self.text.value = str(Markup('<p role="alert">{}</p>').format(text))
        panels.show(self.widget, True)
        self.yes.focus()

    def drop(self) -> None:
        """Take the question back: what it was about is no longer shown."""
        panels.show(self.widget, False)
        self.text.value = ""

    def _answer(self, action: Callable[[], None]) -> None:
        self.drop()
        action()
        self._after()
