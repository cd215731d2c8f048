"""The accountant's page: tabs over one home.

The page never sends (see ``elite_lib.launcher``): closing its tab shuts its kernel down, in the
middle of whatever it did.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import ipywidgets as widgets
from IPython.display import display

from elite_lib import batch as batches
from elite_lib import config
from elite_lib.batch import Office
from elite_lib.exceptions import EliteError
from elite_lib.labels import _, use_language
from elite_lib.serving.configuring import USER_VARIABLE
from elite_lib.ui import panels
from elite_lib.ui.dispatch import DispatchTab
from elite_lib.ui.journal import JournalTab
from elite_lib.ui.returns import ReturnsTab
from elite_lib.ui.settings import SettingsTab, first_use
from elite_lib.ui.spawning import spawn
from elite_lib.ui.tabs import Tab, Tabs

LOOK = 0.5  # seconds between two looks at the journal
_STYLE = Path(__file__).parent / "static" / "page.css"


class Dashboard:
    """The page: its title and its tabs."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.dispatch = DispatchTab(office, on_saved=self.settings_saved)
        # One line for each further tab. A tab that keeps the office takes a changed one by ``adopt(office)``;
        # one that changes the settings calls ``self.settings_saved`` afterwards.
        tabs: list[Tab] = [
            self.dispatch,
            JournalTab(office),
            ReturnsTab(office),
            SettingsTab(office, on_saved=self.settings_saved),
        ]
        self.tabs = Tabs(tabs)
        title = panels.heading(_("Sending of the invoices"), level=1)  # the tab says it to the eye
        title.add_class("elite-title")
        self.widget = panels.column(title, self.tabs.widget, style="elite-dashboard")
        self.tabs.opened()

    def settings_saved(self) -> None:
        """Let every tab work with the settings as they are in ``elite.toml`` now.

        Raises:
            ConfigError: they cannot be used; the page keeps those that it has.
        """
        self.office = replace(self.office, settings=config.load(self.office.settings.home))
        for tab in self.tabs.tabs:
            adopt: Callable[[Office], None] | None = getattr(tab, "adopt", None)
            if adopt is not None:
                adopt(self.office)

    async def follow(self) -> None:
        """Look at the journal twice a second, as long as the kernel lives."""
        failed = False
        while True:
            await asyncio.sleep(LOOK)
            try:
                self.dispatch.look()
                if failed:
                    self.dispatch.notice.clear()
                failed = False
            except Exception as error:  # a look that failed is no reason to stop looking
                if not failed:
                    self.dispatch.notice.fail(error)
                failed = True


def _log_to_server() -> None:
    """Send the page's log to Voila's: the kernel's own standard error would be shown in the page."""
    logger = logging.getLogger("elite_lib")
    if not logger.handlers:
        handler = logging.StreamHandler(sys.__stderr__)
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
        logger.addHandler(handler)


def show(home: str | Path | None = None) -> None:
    """Show the page of a home: ``home``, else ``ELITE_HOME``, else upwards from the current folder."""
    _log_to_server()
    display(widgets.HTML(f"<style>{_STYLE.read_text(encoding='utf-8')}</style>"))  # type: ignore[no-untyped-call]
    page = widgets.VBox()
    page.add_class("elite-box")
    display(page)  # type: ignore[no-untyped-call]
    _begin(page, home)


def _begin(page: widgets.VBox, home: str | Path | None, *, first: bool = True) -> None:
    """Fill the page: the dashboard, the first use where there is no home yet, or why there is neither."""
    office: Office | None = None
    try:
        office = batches.open_home(home, operator=unquote(os.environ.get(USER_VARIABLE, "")))
        root = office.settings.home.root if first and first_use.unfinished(office) else None
    except EliteError as error:
        root = first_use.place(error)
        if root is None:
            notice = panels.Notice()
            notice.fail(error)
            page.children = [panels.column(notice, style="elite-dashboard")]
            return
        if config.Home(root=root).toml.exists():  # the usual home, which nobody had to name
            _begin(page, root)
            return
    if office is None or root is not None:
        if office is not None:
            office.close()
        steps = first_use.FirstUse(root or Path(), on_done=lambda made: _begin(page, made, first=False))
        page.children = [steps.widget]
        return
    use_language(office.settings.language)
    dashboard = Dashboard(office)
    page.children = [dashboard.widget]
    with contextlib.suppress(RuntimeError):  # no loop: nothing to follow with
        asyncio.get_running_loop()
        spawn(dashboard.follow())
