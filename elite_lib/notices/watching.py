"""The heartbeat: whether a month's run happened. Read from the journal and the slip, never marked.

A run that did not happen leaves no entry, so it can only be missed by who knows the day: a second
timer (``elite watch``), and the page at its opening (``[notice] due_day``).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from elite_lib.batch import Office, Run, run_of
from elite_lib.labels import N_, _, ngettext
from elite_lib.models import Box, Entry, EntryKind, Period, Slip
from elite_lib.notices.composing import months
from elite_lib.notices.stopping import stop_sentence

RECENT = dt.timedelta(days=62)  # a trouble is shown until its month is settled, or this old


class Beat(StrEnum):
    """How the sending of a month stands."""

    DONE = "done"  # a run ended well and nothing waits to be sent
    UNDER_WAY = "under_way"
    EMPTY = "empty"  # the workbook has no invoice of the month
    NEVER = "never"  # no run
    CUT = "cut"  # the newest run never said how it ended
    STOPPED = "stopped"  # the newest run says why
    UNFINISHED = "unfinished"  # runs ended, and lines wait to be sent


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    period: Period
    beat: Beat
    waiting: int = 0  # lines to be sent or to be tried again
    stopped: Run | None = None

    @property
    def done(self) -> bool:
        return self.beat is Beat.DONE


_SENTENCES: Mapping[Beat, str] = {
    Beat.DONE: N_("{month}: the run has ended, nothing waits to be sent."),
    Beat.UNDER_WAY: N_("{month}: a sending is under way."),
    Beat.EMPTY: N_("{month}: nothing left. The workbook has no invoice of this month."),
    Beat.NEVER: N_("{month}: the batch did not leave. No run has taken place."),
    Beat.CUT: N_("{month}: the last run was cut short and never said how it ended."),
    Beat.STOPPED: N_("{month}: the last run stopped. {why}"),
}


def beat_sentence(heartbeat: Heartbeat) -> str:
    """Say the heartbeat in the current language."""
    month, count = months(heartbeat.period), heartbeat.waiting
    month = month[:1].upper() + month[1:]
    if heartbeat.beat is Beat.UNFINISHED:
        text = ngettext("{month}: {n} line waits to be sent.", "{month}: {n} lines wait to be sent.", count)
        return text.format(month=month, n=count)
    why = stop_sentence(heartbeat.stopped) if heartbeat.stopped is not None else ""
    return _(_SENTENCES[heartbeat.beat]).format(month=month, why=why)


def heartbeat(office: Office, slip: Slip) -> Heartbeat:
    """Say whether the run of the slip's period happened.

    It did when a run ended without being stopped and no line waits any more. What is held, refused
    or uncertain is the slip's affair: the run did what it could.

    Raises:
        JournalError: it cannot be read.
    """
    period = slip.period
    waiting = sum(line.box in (Box.PENDING, Box.DEFERRED) for line in slip.lines)
    framing = office.journal.entries(period=period, kinds=[EntryKind.RUN_STARTED, EntryKind.RUN_ENDED])
    beat, stopped = _beat(office, framing, waiting=waiting, empty=not (slip.lines or slip.vanished))
    return Heartbeat(period=period, beat=beat, waiting=waiting, stopped=stopped)


def _beat(office: Office, framing: list[Entry], *, waiting: int, empty: bool) -> tuple[Beat, Run | None]:
    endings = [run_of(entry) for entry in framing if entry.kind is EntryKind.RUN_ENDED]
    if empty or not framing:
        return (Beat.EMPTY if empty else Beat.NEVER), None
    if not waiting and any(run.stopped is None for run in endings):
        return Beat.DONE, None
    ended = {run.id for run in endings}
    if any(entry.run not in ended for entry in framing) and _at_work(office):
        return Beat.UNDER_WAY, None
    if framing[-1].kind is EntryKind.RUN_STARTED:
        return Beat.CUT, None
    stopped = endings[-1] if endings[-1].stopped is not None else None
    return (Beat.STOPPED if stopped else Beat.UNFINISHED), stopped


def _at_work(office: Office) -> bool:
    mail = office.settings.mail
    return mail is not None and office.journal.account_holder(mail.key) is not None


def due_period(today: dt.date, due_day: int) -> Period | None:
    """Name the newest month that should have been sent by ``today``; None when no day is set.

    ``due_day`` is the day of the following month; 5: October is due on 5 November.
    """
    if not due_day:
        return None
    months_ago = 1 if today.day >= due_day else 2
    number = today.year * 12 + today.month - 1 - months_ago
    return Period.parse(f"{number // 12:04d}-{number % 12 + 1:02d}")


def last_trouble(office: Office, now: dt.datetime) -> Entry | None:
    """Find the newest NOTICED entry of late, if it tells of a trouble or did not reach anybody.

    What was told of a run and what was told of returns are asked apart: one does not hide the other.
    """
    found = office.journal.entries(kinds=[EntryKind.NOTICED], since=now - RECENT)
    of_runs = [entry for entry in found if "returns" not in entry.data]
    of_returns = [entry for entry in found if "returns" in entry.data]
    newest = [*of_runs[-1:], *of_returns[-1:]]
    return next((e for e in newest if e.data.get("trouble") or e.data.get("ok") is False), None)
