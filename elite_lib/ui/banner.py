"""What nobody was there to see: a month that did not leave, told when the page is opened."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from elite_lib import batch as batches
from elite_lib import notices
from elite_lib.batch import Office, run_of, testing
from elite_lib.labels import _
from elite_lib.models import Entry, EntryKind, Period, StopReason, Tables
from elite_lib.notices import Beat, Heartbeat
from elite_lib.ui import broken_off, panels


class Banner:
    """One notice at the top of the page; empty when all is well."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.widget = panels.Notice()

    def look(self, tables: Tables) -> None:
        """Read the journal, and say what went wrong while nobody watched."""
        self.widget.guarded(self._show)(tables)

    def _show(self, tables: Tables) -> None:
        said = [
            *broken_off.sentences(self.office),
            *sentences(self.office, tables, now=dt.datetime.now(dt.UTC)),
        ]
        self.widget.tell("\n".join(said))


def sentences(office: Office, tables: Tables, *, now: dt.datetime) -> list[str]:
    """Say what went wrong of late, month by month, then why nobody was told.

    Raises:
        JournalError, OutboxError: the month cannot be surveyed.
    """
    trouble, due = notices.last_trouble(office, now), _due(office, now)
    wanted = [due, _stopped(office, now), _troubled(trouble)]
    beats = {
        period: notices.heartbeat(office, batches.survey(office, period, tables=tables).slip)
        for period in dict.fromkeys(filter(None, wanted))
    }
    said = [notices.beat_sentence(beat) for beat in beats.values() if _alarming(office, beat, now)]
    if trouble is not None:
        settled = beats[Period.parse(trouble.month)].beat in (Beat.DONE, Beat.UNDER_WAY)
        said += [text for text in _of(trouble, settled=settled) if not any(text in known for known in said)]
    return said + [fault.sentence for fault in notices.recent_faults(office, now - notices.RECENT)]


def _due(office: Office, now: dt.datetime) -> Period | None:
    return notices.due_period(now.astimezone().date(), office.settings.notice.due_day)


def _stopped(office: Office, now: dt.datetime) -> Period | None:
    """Name the month of the newest run, if that was stopped, and not by a person."""
    found = office.journal.entries(kinds=[EntryKind.RUN_ENDED], since=now - notices.RECENT)
    ended = [entry for entry in found if not testing.is_test(entry)]
    stop = run_of(ended[-1]).stopped if ended else None
    return Period.parse(ended[-1].month) if stop and stop.reason is not StopReason.REQUESTED else None


def _troubled(trouble: Entry | None) -> Period | None:
    return Period.parse(trouble.month) if trouble is not None else None


def _alarming(office: Office, beat: Heartbeat, now: dt.datetime) -> bool:
    if beat.beat is Beat.EMPTY:  # an office that sends nothing yet, or nothing any more, misses nothing
        return bool(office.journal.entries(kinds=[EntryKind.RUN_ENDED], since=now - notices.RECENT))
    return beat.beat not in (Beat.DONE, Beat.UNDER_WAY)


def _of(entry: Entry, *, settled: bool) -> Iterator[str]:
    why, to, detail = (str(entry.data.get(name) or "") for name in ("trouble", "to", "detail"))
    if why and not settled:
        time = f"{entry.at.astimezone():%d/%m/%Y %H:%M}" if entry.at else ""
        yield _("Scheduled sending, {time}: {why}").format(time=time, why=why)
    if entry.data.get("ok") is False:
        yield _("The notice to {address} could not be sent. {why}").format(address=to, why=detail).strip()
