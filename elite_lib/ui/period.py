"""The period chooser: months that have invoices, newest first; then the years of tax certificates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

import ipywidgets as widgets

from elite_lib import formats
from elite_lib.labels import _
from elite_lib.models import Period
from elite_lib.ui import panels

_LOOKED_AT = 3  # newest months asked for a remainder; older ones are history


def years_over(months: Sequence[str], *, today: dt.date) -> tuple[str, ...]:
    """List the years of the months that are over: the certificates of another would lack invoices."""
    return tuple(sorted({month[:4] for month in months if int(month[:4]) < today.year}))


def default_month(months: Sequence[str], has_remainder: Callable[[str], bool]) -> str:
    """Choose the latest month that is not fully sent; the latest of all when none is, or ``""``."""
    recent = list(reversed(months))[:_LOOKED_AT]
    return next((month for month in recent if has_remainder(month)), recent[0] if recent else "")


class PeriodPanel:
    """One month, or from one to another."""

    def __init__(self, on_change: Callable[[Period], None]) -> None:
        self._on_change = on_change
        self._silent = False
        self._months: tuple[str, ...] = ()
        self.first = self._dropdown(_("Month"))
        self.last = self._dropdown(_("to"))
        self.widget = panels.row(self.first, self.last, style="elite-period")

    def _dropdown(self, description: str) -> Any:
        made = widgets.Dropdown(description=description)
        made.add_class("elite-field")
        made.observe(self._changed, names="value")
        return made

    @property
    def period(self) -> Period | None:
        """Give the chosen period; None when no month has an invoice."""
        if not self.first.value:
            return None
        return Period(first=self.first.value, last=max(self.first.value, self.last.value or ""))

    def fill(self, months: Sequence[str], *, chosen: str, years: Sequence[str] = ()) -> None:
        """Offer these months, and the certificates of these years, without calling back."""
        self._silent = True
        self._months = tuple(months)
        offered = [(formats.month(month), month) for month in reversed(self._months)]
        label = _("tax certificates {year}")
        offered += [(label.format(year=year), f"ATT-{year}") for year in reversed(years)]
        self.first.options = offered
        self.first.value = chosen or None
        self._offer_ends(chosen)
        self._silent = False

    def _offer_ends(self, end: str) -> None:
        later = [month for month in self._months if month >= (self.first.value or "")]
        self.last.options = [(formats.month(month), month) for month in later]
        self.last.value = end if end in later else (later[0] if later else None)
        panels.show(self.last, len(later) > 1)

    def _changed(self, change: dict[str, Any]) -> None:
        if self._silent:
            return
        self._silent = True
        if change["owner"] is self.first:
            self._offer_ends(self.first.value)
        self._silent = False
        if self.period is not None:
            self._on_change(self.period)
