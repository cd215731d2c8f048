"""Tabs: an accessible tablist (WAI-ARIA Authoring Practices, "Tabs") over panels of widgets.

A tab is an object with ``title``, ``widget`` and ``opened()``. Switching happens in the page itself, at
once, whatever Python is doing; Python is told afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import anywidget
import ipywidgets as widgets
import traitlets

from elite_lib.labels import _

_STATIC = Path(__file__).parent / "static"


class Tab(Protocol):
    """One part of the page."""

    @property
    def title(self) -> str: ...

    @property
    def widget(self) -> Any: ...

    def opened(self) -> None:
        """Be told that the tab is shown, each time; the first one at the opening of the page."""


class TabList(anywidget.AnyWidget):
    """The row of tabs. Its script marks the panels (class ``elite-panel``) as what they are."""

    _esm = _STATIC / "tabs.js"

    titles = traitlets.List(traitlets.Unicode()).tag(sync=True)
    chosen = traitlets.Int(0).tag(sync=True)
    label = traitlets.Unicode().tag(sync=True)


class Tabs:
    """Show one tab at a time. A single tab has no tablist: there is nothing to choose."""

    def __init__(self, tabs: Sequence[Tab]) -> None:
        self.tabs = list(tabs)
        self.list = TabList(titles=[tab.title for tab in self.tabs], label=_("Parts of the page"))
        panels = [widgets.VBox([tab.widget]) for tab in self.tabs]
        for number, panel in enumerate(panels):
            panel.add_class("elite-box")
            panel.add_class("elite-panel")
            panel.add_class(f"elite-panel-{number}")
        self.widget = widgets.VBox([self.list, *panels])
        self.widget.add_class("elite-box")
        self.widget.add_class("elite-tabs")
        self.list.observe(lambda _change: self.opened(), names="chosen")

    def opened(self) -> None:
        """Tell the tab that is shown."""
        if 0 <= self.list.chosen < len(self.tabs):
            self.tabs[self.list.chosen].opened()

    def choose(self, tab: Tab) -> None:
        """Show this tab."""
        self.list.chosen = self.tabs.index(tab)
