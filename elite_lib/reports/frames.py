"""What all tables have in common: how they are made, and how they are laid out for the eye.

Columns have English names, stable for whoever works on with them; :func:`shown` writes them, and the
words in the cells, in the office's language.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from math import isnan

import pandas as pd
from markupsafe import Markup, escape
from pandas.io.formats.style import Styler

from elite_lib import formats
from elite_lib.labels import N_, _, word
from elite_lib.labels.words import WORDS

TITLES: Mapping[str, str] = {
    "sent": N_("Sent on"),
    "received": N_("Came back on"),
    "hours": N_("After"),
    "month": N_("Month"),
    "line": N_("Document"),
    "resident": N_("Resident"),
    "contact": N_("Contact"),
    "address": N_("Address"),
    "provider": N_("Provider"),
    "kind": N_("What it is"),
    "class": N_("Class"),
    "final": N_("For good"),
    "status": N_("Status"),
    "code": N_("Code"),
    "reason": N_("Words of the server"),
    "ours": N_("Ours to mend"),
    "remote": N_("Server"),
    "rule": N_("Rule"),
    "tied": N_("Tied"),
    "digest": N_("Message"),
    "happened": N_("What happened"),
    "todo": N_("What to do"),
    "phone": N_("Telephone"),
    "accepted": N_("Accepted messages"),
    "returned": N_("Came back for good"),
    "rate": N_("Rate"),
    "hard": N_("Wrong addresses"),
    "mailbox_full": N_("Mailboxes full"),
    "blocked": N_("Blocked"),
    "other": N_("Others"),
    "delayed": N_("Delayed"),
    "untied": N_("Not tied"),
    "count": N_("Returns"),
    "first": N_("The first on"),
    "soonest": N_("Soonest"),
    "longest": N_("Longest"),
    "median": N_("Half within"),
    "most": N_("Nine in ten within"),
    "last": N_("The last on"),
    "attempted": N_("Attempts"),
    "deferred": N_("Deferred"),
    "reports": N_("Delays told later"),
    "peak": N_("Most in a minute"),
    "advice": N_("Suggestion"),
    "per_minute": N_("Messages a minute"),
    "why": N_("Reason"),
    "per_hour": N_("Messages an hour"),
    "setting": N_("Setting"),
    "run": N_("Execution"),
    "asked": N_("Receipt asked for"),
    "receipt": N_("Read receipt"),
    "known": N_("So last time already"),
    "delivered": N_("Taken by the family's server"),
    "disposition": N_("By the receipt"),
    "set_aside": N_("Set aside"),
    "operator": N_("By whom"),
}
_SCROLL = Markup('<div class="elite-scroll" role="region" tabindex="0" aria-label="{title}">{table}</div>')
_MONTH = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])")
_ADVICE: Mapping[str, str] = {"keep": N_("keep"), "slow": N_("slow down")}


def _advice(value: object) -> str:
    return _(_ADVICE[str(value)])


def _share(value: object) -> str:
    return formats.percent(float(value)) if isinstance(value, int | float) and not isnan(value) else ""


def _duration(value: object) -> str:
    return (
        formats.duration(float(value) * 3600) if isinstance(value, int | float) and not isnan(value) else ""
    )


def _month(value: object) -> str:
    key = str(value or "")
    return formats.month(key) if _MONTH.fullmatch(key) else key


_WRITERS: Mapping[str, Callable[[object], str]] = {
    "rate": _share,
    "hours": _duration,
    "soonest": _duration,
    "median": _duration,
    "most": _duration,
    "longest": _duration,
    "advice": _advice,
    "month": _month,
}


def frame(rows: Iterable[Sequence[object]], columns: Sequence[str]) -> pd.DataFrame:
    """Make a table of objects: nothing is guessed, a missing value stays None."""
    return pd.DataFrame(list(rows), columns=list(columns), dtype=object)


def shown(table: pd.DataFrame) -> Styler:
    """Lay a table out for the eye: every row, no index, French titles, amounts and local times, nothing cut.

    An executed notebook is evidence: pandas' own display leaves rows and words out.
    """
    titled = table.rename(columns={name: _(title) for name, title in TITLES.items() if name in table})
    style = titled.style.hide(axis="index").format(_escaped(_cell))
    for name, write in _WRITERS.items():
        if name in table:
            style = style.format(_escaped(write), subset=[_(TITLES[name])])
    return style.set_table_styles(
        [{"selector": "th, td", "props": "text-align: left; white-space: pre-wrap"}]
    )


def laid(title: str, table: pd.DataFrame) -> str:
    """Lay a table out in HTML, to be scrolled by keyboard too where it is wide."""
    if table.empty:
        return str(Markup("<p>{}</p>").format(_("Nothing to show.")))
    drawn = Markup(shown(table).to_html())  # noqa: S704 (``shown`` escapes the cells)
    return str(_SCROLL.format(title=title, table=drawn))


def _escaped(write: Callable[[object], str]) -> Callable[[object], str]:
    """Let nothing that a workbook or a server wrote be markup.

    Not by the styler's own ``escape``: that makes texts of our words before they are written.
    """
    return lambda value: str(escape(write(value)))


def _cell(value: object) -> str:
    if isinstance(value, Decimal):
        return formats.amount(value)
    if isinstance(value, dt.datetime):
        return f"{value.astimezone():%d/%m/%Y %H:%M:%S}"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, StrEnum) and type(value) in WORDS:
        return word(value)
    return "" if value is None or (isinstance(value, float) and isnan(value)) else str(value)
