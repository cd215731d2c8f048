"""How much came back, of how much left, and how soon."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Literal

import pandas as pd

from elite_lib.batch import Office
from elite_lib.models import EntryKind, Period, Resolution, ReturnClass, Status
from elite_lib.notices.findings import Returned, findings, lane_table
from elite_lib.reports.frames import frame

By = Literal["provider", "month", "class"]
_SHOWN = {ReturnClass.HARD: "hard", ReturnClass.MAILBOX_FULL: "mailbox_full", ReturnClass.BLOCK: "blocked"}


@dataclass(frozen=True, slots=True)
class Left:
    """A recipient that our server took a message for: what a rate is a share of."""

    line: str
    contact: str
    address: str  # in small letters
    message_id: str
    month: str
    lane: str


def left(office: Office, period: Period | None = None, *, known: Iterable[Returned] = ()) -> set[Left]:
    """List every recipient of every message that left: accepted by our server, settled as accepted, or known
    to have left because something came back.

    Raises:
        JournalError: it cannot be read.
    """
    table = lane_table(office)
    found: set[Left] = set()
    for entry in office.journal.entries(period=period, kinds=[EntryKind.VERDICT, EntryKind.RESOLVED]):
        if not entry.line or entry.data.get("test"):
            continue
        settled = entry.data.get("resolution") == Resolution.ACCEPTED
        for outcome in entry.recipients:
            if settled or (entry.kind is EntryKind.VERDICT and outcome.status is Status.ACCEPTED):
                address, message_id = outcome.address.lower(), str(entry.data.get("message_id") or "")
                lane = table.of(address)
                found.add(Left(entry.line, outcome.contact, address, message_id, entry.month, lane))
    return found | {_of(one) for one in known if one.tied is not None}


def _of(one: Returned) -> Left:
    return Left(one.line, one.contact, one.address.lower(), one.message_id, one.month, one.lane)


def bounce_rates(office: Office, period: Period | None = None, *, by: By = "provider") -> pd.DataFrame:
    """Give the share of recipients whose message came back for good, by provider, month or class.

    A recipient of a message counts once, however many reports came about it. ``accepted`` is read from
    the journal: what our server took. What is tied to no message of ours is counted apart (``untied``).

    Columns: ``provider`` or ``month``, ``accepted``, ``returned``, ``rate`` (0 to 1), of the returned
    ``hard``, ``mailbox_full``, ``blocked``, ``other``, then ``delayed`` and ``untied``; by class:
    ``class``, ``returned``, ``rate`` (of everything accepted), ``delayed``.

    Raises:
        JournalError: it cannot be read.
    """
    found = findings(office, period)
    all_left = left(office, period, known=found)
    failed = {_of(one): one for one in found if one.failed and one.tied is not None}
    delayed = {
        _of(one): one for one in found if one.delayed and one.tied is not None and _of(one) not in failed
    }
    if by == "class":
        return _by_class(failed, delayed, total=len(all_left))
    lost = [one for one in found if one.failed and one.tied is None]
    name: Callable[[Left], str] = (lambda one: one.lane) if by == "provider" else (lambda one: one.month)
    accepted = Counter(map(name, all_left))
    apart = Counter(one.lane if by == "provider" else "" for one in lost)
    order = sorted({*accepted, *(key for key in apart if key)}, key=lambda key: (-accepted[key], key))
    rows = [
        _rate_row(
            key,
            accepted[key],
            [one.cls for where, one in failed.items() if name(where) == key],
            (sum(name(where) == key for where in delayed), apart[key]),
        )
        for key in (order if by == "provider" else sorted(order))
    ]
    columns = "accepted returned rate hard mailbox_full blocked other delayed untied"
    return frame(rows, (by, *columns.split()))


def _rate_row(
    key: str, accepted: int, classes: list[ReturnClass | None], beside: tuple[int, int]
) -> tuple[object, ...]:
    counted = Counter(_SHOWN.get(cls, "other") if cls else "other" for cls in classes)
    rate = len(classes) / accepted if accepted else 0.0
    parts = [counted[name] for name in ("hard", "mailbox_full", "blocked", "other")]
    return (key, accepted, len(classes), rate, *parts, *beside)


def _by_class(failed: dict[Left, Returned], delayed: dict[Left, Returned], *, total: int) -> pd.DataFrame:
    failures, delays = (Counter(one.cls for one in group.values()) for group in (failed, delayed))
    classes = sorted(
        (cls for cls in ReturnClass if failures[cls] or delays[cls]), key=lambda cls: -failures[cls]
    )
    rows = [(cls, failures[cls], failures[cls] / total if total else 0.0, delays[cls]) for cls in classes]
    return frame(rows, ("class", "returned", "rate", "delayed"))


def bounce_delays(office: Office, period: Period | None = None) -> pd.DataFrame:
    """Say how long failures took to come back, by provider: what the first messages of a batch wait for.

    Columns: ``provider``, ``count``, then in hours ``soonest``, ``median``, ``most`` (nine in ten came
    within), ``longest``. Only what is tied to a message, whose instant is known.

    Raises:
        JournalError: it cannot be read.
    """
    hours: dict[str, list[float]] = {}
    for one in findings(office, period):
        if one.failed and one.tied is not None and one.seconds is not None:
            hours.setdefault(one.lane, []).append(one.seconds / 3600)
    rows = [
        (lane, len(times), min(times), median(times), _ninth(times), max(times))
        for lane, times in sorted(hours.items(), key=lambda item: (-len(item[1]), item[0]))
    ]
    return frame(rows, ("provider", "count", "soonest", "median", "most", "longest"))


def _ninth(times: list[float]) -> float:
    return quantiles(times, n=10, method="inclusive")[-1] if len(times) > 1 else times[0]
