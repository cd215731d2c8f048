"""What a scheduler runs: ``elite watch``, and the notice that ``--notify`` sends when a command ends."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from elite_lib import batch as batches
from elite_lib import config, notices
from elite_lib.batch import Office, Run
from elite_lib.cli import views
from elite_lib.cli.options import Home, Json, Month, Operator
from elite_lib.exceptions import EliteError
from elite_lib.labels import N_, _
from elite_lib.models import Entry, Period, Slip
from elite_lib.notices import Heartbeat, News

Notify = Annotated[
    bool, typer.Option("--notify", help=N_("Tell [notice] to by e-mail how it ended: for schedulers."))
]


class Telling:
    """The one notice of one command."""

    def __init__(self, period: Period, *, wanted: bool) -> None:
        self.period, self.wanted = period, wanted
        self.environ: Mapping[str, str] = {}  # the password that somebody typed

    def ended(self, office: Office, run: Run | int, slip: Slip) -> None:
        """Tell how a run ended."""
        trouble = _("The run ended abruptly.") if isinstance(run, int) else ""
        known = run if isinstance(run, Run) else None
        returns = notices.sheet_for_notice(office, self.period) if self.wanted else None
        self.tell(office, News(period=self.period, slip=slip, run=known, trouble=trouble, returns=returns))

    def tell(self, office: Office, news: News) -> None:
        """Send the notice, if it is wanted and was not sent yet."""
        if not self.wanted:
            return
        self.wanted = False
        say_sent(
            notices.send_notice(
                office.settings,
                news,
                journal=office.journal,
                operator=office.operator,
                environ={**os.environ, **self.environ},
            )
        )

    def failed(self, home: Path | None, operator: str, error: Exception) -> None:
        """Tell what kept the run from starting, if the account can be used at all."""
        if not self.wanted:
            return
        news = News(period=self.period, error=error)
        try:
            with batches.open_home(home, operator=operator) as office:
                self.tell(office, news)
        except EliteError:  # the journal is what is wrong: the account may be good all the same
            self._without_journal(home, news)

    def _without_journal(self, home: Path | None, news: News) -> None:
        try:
            settings = config.load(config.find_home(home, environ=os.environ, cwd=Path.cwd()))
        except EliteError:
            return  # no account is known; the exit code and standard error tell
        self.wanted = False
        environ = {**os.environ, **self.environ}
        say_sent(notices.send_notice(settings, news, journal=None, operator="", environ=environ))


@contextmanager
def telling(home: Path | None, period: Period, *, operator: str, wanted: bool) -> Iterator[Telling]:
    """Tell of an error that ends the block, then let it pass: the exit code stays what it was."""
    told = Telling(period, wanted=wanted)
    try:
        yield told
    except (typer.Exit, typer.Abort):
        raise
    except Exception as error:
        told.failed(home, operator, error)
        raise


def say_sent(entry: Entry | None) -> None:
    """Say on standard error what became of a notice."""
    if entry is None or entry.data["ok"] is None:
        return
    to, detail = str(entry.data["to"]), str(entry.data["detail"])
    if entry.data["ok"]:
        views.note(_("Notice sent to {address}.").format(address=to))
    else:
        views.note(
            _("The notice to {address} could not be sent. {why}").format(address=to, why=detail).strip()
        )


def watch(
    month: Month, home: Home = None, operator: Operator = "", json: Json = False, notify: Notify = False
) -> None:
    """Exit 0 when the month's run took place and nothing waits to be sent, else 3."""
    period = Period.parse(month)
    with (
        telling(home, period, operator=operator, wanted=notify) as told,
        batches.open_home(home, operator=operator) as office,
    ):
        slip = batches.survey(office, period).slip
        beat = notices.heartbeat(office, slip)
        sentence = notices.beat_sentence(beat)
        if not beat.done:
            told.tell(office, News(period=period, slip=slip, trouble=sentence))
    if json:
        views.emit(heartbeat_json(beat))
    else:
        views.say(sentence)
    raise typer.Exit(0 if beat.done else views.REMAINDER)


def heartbeat_json(beat: Heartbeat) -> dict[str, object]:
    """Give the object of ``watch --json``, which is ``heartbeat`` of ``status --json``."""
    return {
        "month": beat.period.key,
        "code": beat.beat.value,
        "waiting": beat.waiting,
        "message": notices.beat_sentence(beat),
    }
