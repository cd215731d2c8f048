"""The settings on the page: the tab *Réglages*, and the first use of a home that is not there yet."""

from elite_lib.ui.settings.tab import SettingsTab

__all__ = ["SettingsTab"]
