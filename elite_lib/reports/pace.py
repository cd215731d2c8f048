"""What the providers thought of our speed: deferrals run by run, and the pace that they suggest."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import pandas as pd

from elite_lib.batch import Office
from elite_lib.labels import _, ngettext
from elite_lib.models import Entry, EntryKind, Period, ReturnClass, Status
from elite_lib.notices.findings import findings, lane_table
from elite_lib.pacing import LaneTable
from elite_lib.reports.frames import frame

FEW = 20  # attempts: fewer without a deferral tell nothing
_MINUTE, _HOUR = dt.timedelta(minutes=1), dt.timedelta(hours=1)
_SLOW = 2  # a minute: who is deferred at this pace is helped by a cap per hour only


@dataclass(slots=True)
class _Traffic:
    """What one lane saw, in one run or in all of them."""

    times: list[dt.datetime] = field(default_factory=list)
    accepted: int = 0
    deferred: list[dt.datetime] = field(default_factory=list)  # attempts
    reports: list[dt.datetime] = field(default_factory=list)  # attempts that a report told the delay of
    slow: list[dt.datetime] = field(default_factory=list)  # of both, those that the pace caused
    code: int | None = None
    reason: str = ""

    @property
    def waited(self) -> list[dt.datetime]:
        return sorted([*self.deferred, *self.reports])


def _traffic(office: Office, period: Period | None) -> dict[tuple[str, str], _Traffic]:
    """Gather the attempts by run and lane."""
    table = lane_table(office)
    verdicts = [
        entry
        for entry in office.journal.entries(period=period, kinds=[EntryKind.VERDICT])
        if entry.line and entry.at is not None and not entry.data.get("test")
    ]
    found: dict[tuple[str, str], _Traffic] = {}
    runs: dict[str, tuple[str, dt.datetime]] = {}
    for entry in verdicts:
        for lane, traffic in _lanes(entry, table, found):
            _note(traffic, entry, table, lane)
        if entry.at is not None:
            runs[str(entry.data.get("message_id") or "")] = (entry.run, entry.at)
    for one in findings(office, period):
        run, at = runs.get(one.message_id, ("", None))
        slow = one.delayed or one.cls is ReturnClass.RATE_LIMITED
        if slow and one.tied is not None and at is not None and (run, one.lane) in found:
            found[run, one.lane].reports.append(at)
            if one.cls is ReturnClass.RATE_LIMITED:
                found[run, one.lane].slow.append(at)
    return found


def _lanes(
    entry: Entry, table: LaneTable, found: dict[tuple[str, str], _Traffic]
) -> Iterable[tuple[str, _Traffic]]:
    for lane in table.lanes(outcome.address for outcome in entry.recipients):
        yield lane, found.setdefault((entry.run, lane), _Traffic())


def _note(traffic: _Traffic, entry: Entry, table: LaneTable, lane: str) -> None:
    at = entry.at or dt.datetime.min.replace(tzinfo=dt.UTC)
    mine = [outcome for outcome in entry.recipients if table.of(outcome.address) == lane]
    traffic.times.append(at)
    traffic.accepted += any(outcome.status is Status.ACCEPTED for outcome in mine)
    for outcome in mine:
        if outcome.status is Status.DEFERRED and outcome.reply is not None:
            traffic.deferred.append(at)
            if table.spoke(lane, outcome.reply):
                traffic.slow.append(at)
            traffic.code, traffic.reason = outcome.reply.code, outcome.reply.text
            break


def deferral_table(office: Office, period: Period | None = None) -> pd.DataFrame:
    """List, run by run, the providers that made us wait: how often, from when to when, in what words.

    Columns: ``run``, ``provider``, ``attempted``, ``accepted``, ``deferred`` (replies), ``reports`` (delays
    that a report told later), ``first`` and ``last`` (aware UTC), ``code``, ``reason`` of the last one.

    Raises:
        JournalError: it cannot be read.
    """
    rows = [
        (run, lane, len(seen.times), seen.accepted, len(seen.deferred), len(seen.reports),
         seen.waited[0], seen.waited[-1], seen.code, seen.reason)
        for (run, lane), seen in _traffic(office, period).items()
        if seen.waited
    ]  # fmt: skip
    columns = "run provider attempted accepted deferred reports first last code reason"
    return frame(sorted(rows, key=lambda row: (row[6], row[1])), columns.split())


def suggested_pace(office: Office, period: Period | None = None) -> pd.DataFrame:
    """Say for each provider whether the pace can stay as it is, or what it should be, and why.

    What counts is a provider's own word about our speed, as a run hears it (``pacing.LaneTable.spoke``),
    or a report classed as a limit; a full mailbox or a server that is away says nothing of the pace.
    Half of what had left in the minute before the first; where that was next to nothing,
    half of what had left in the hour. ``setting`` is the line for ``elite.toml``.

    Columns: ``provider``, ``attempted``, ``deferred``, ``reports``, ``peak`` (most in a minute),
    ``advice`` (``keep``, ``slow``), ``per_minute``, ``per_hour``, ``why``, ``setting``.

    Raises:
        JournalError: it cannot be read.
    """
    lanes: dict[str, _Traffic] = {}
    for (_run, lane), seen in _traffic(office, period).items():
        total = lanes.setdefault(lane, _Traffic())
        total.times += seen.times
        total.deferred += seen.deferred
        total.reports += seen.reports
        total.slow += seen.slow
    rows = [_suggest(lane, seen) for lane, seen in lanes.items()]
    columns = "provider attempted deferred reports peak advice per_minute per_hour why setting"
    return frame(sorted(rows, key=lambda row: (row[5] == "keep", -int(str(row[1])), row[0])), columns.split())


def _suggest(lane: str, seen: _Traffic) -> tuple[object, ...]:
    times = sorted(seen.times)
    peak = _peak(times)
    facts = (lane, len(times), len(seen.deferred), len(seen.reports), peak)
    if not seen.slow:
        text = ngettext(
            "{n} message, never found too fast.", "{n} messages, never found too fast.", len(times)
        )
        why = text.format(n=len(times))
        if len(times) < FEW:
            why += " " + _("Too few to say more.")
        return (*facts, "keep", None, None, why, "")
    per_minute: int | None = None
    per_hour: int | None = None
    minute, hour = (_within(times, min(seen.slow), span) for span in (_MINUTE, _HOUR))
    waited = ngettext(
        "{n} message of {total} was found too fast,",
        "{n} messages of {total} were found too fast,",
        len(seen.slow),
    ).format(n=len(seen.slow), total=len(times))
    if minute > _SLOW:
        name, per_minute = "per_minute", minute // 2
        text = _("{waited} the first when {n} had left within a minute: half of it, {limit} a minute.")
        why = text.format(waited=waited, n=minute, limit=per_minute)
    else:
        name, per_hour = "per_hour", max(1, hour // 2)
        text = _("{waited} the first when {n} had left within an hour: half of it, {limit} an hour.")
        why = text.format(waited=waited, n=hour, limit=per_hour)
    table = lane if lane.replace("-", "").replace("_", "").isalnum() else f'"{lane}"'
    return (*facts, "slow", per_minute, per_hour, why, f"[lanes.{table}] {name} = {per_minute or per_hour}")


def _within(times: Sequence[dt.datetime], at: dt.datetime, span: dt.timedelta) -> int:
    """Count the attempts in the ``span`` up to ``at``, that one included."""
    return sum(at - span < time <= at for time in times)


def _peak(times: Sequence[dt.datetime]) -> int:
    """Give the most attempts within any minute; ``times`` ascend."""
    most = first = 0
    for last, at in enumerate(times):
        while at - times[first] >= _MINUTE:
            first += 1
        most = max(most, last - first + 1)
    return most
