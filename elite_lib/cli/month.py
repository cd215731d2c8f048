"""The month's commands: check, prepare, send, status."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Annotated

import typer

from elite_lib import batch as batches
from elite_lib import launcher, secrets
from elite_lib.batch import Office, Prepared, Retry, Run
from elite_lib.cli import views
from elite_lib.cli.following import follow, noted
from elite_lib.cli.options import Home, Json, Month, Operator
from elite_lib.cli.signalling import heed
from elite_lib.cli.unattended import Notify, heartbeat_json, telling
from elite_lib.exceptions import ConfigError, JournalLockedError, RunError
from elite_lib.labels import N_, _, ngettext
from elite_lib.models import Auth, Batch, Box, Period, Severity, Slip, StopReason
from elite_lib.notices import beat_sentence, heartbeat


class Again(StrEnum):
    """What ``send --retry`` takes up again."""

    REFUSED = "refused"  # recipients whom a server refused for good


def check(month: Month, home: Home = None, json: Json = False) -> None:
    """Report every problem of the workbook at once; exit 3 when one holds an invoice of the period."""
    period = Period.parse(month)
    with batches.open_home(home) as office:
        tables = batches.load_tables(office)
        plan, _entries = batches.read_plan(office, period, tables=tables)
        changes = batches.changes_since_last_month(office, period, plan, tables=tables)
        unplaced = batches.Papers(office.settings, plan.lines).unplaced
    holding = [problem for problem in plan.problems if problem.severity is not Severity.WARNING]
    if json:
        views.emit(
            {
                "month": period.key,
                "problems": [views.problem_json(p) for p in plan.problems],
                "changes": [views.change_json(change) for change in changes],
                "unplaced": [{"file": u.file, "pages": list(u.pages), "why": u.why} for u in unplaced],
            }
        )
    else:
        views.problems(plan.problems)
        count = len(plan.problems)
        views.say(ngettext("{n} problem", "{n} problems", count).format(n=count))
        views.changes(changes)
        views.unplaced(unplaced)
    raise typer.Exit(views.REMAINDER if holding else 0)


def prepare(month: Month, home: Home = None, operator: Operator = "", json: Json = False) -> None:
    """Make the PDFs and freeze the batch; nothing is sent. Exit 3 when something is held."""
    with batches.open_home(home, operator=operator) as office:
        prepared = batches.prepare(office, Period.parse(month))
    if json:
        views.emit(
            {
                "batch": prepared.batch.id,
                "messages": len(prepared.batch.departures),
                "bytes": prepared.batch.size,
                "held": [line.key for line in prepared.held],
            }
        )
    else:
        views.problems(prepared.problems)
        views.batch(prepared.batch)
    raise typer.Exit(views.REMAINDER if prepared.held else 0)


def send(
    month: Month,
    home: Home = None,
    operator: Operator = "",
    json: Json = False,
    yes: Annotated[bool, typer.Option("--yes", help=N_("Really send. Without it: a rehearsal."))] = False,
    retry: Annotated[
        Again | None,
        typer.Option(
            "--retry",
            help=N_("Also try again what was refused for good (5xx), once its cause is mended."),
        ),
    ] = None,
    notify: Notify = False,
) -> None:
    """Send the month by papermill, or rehearse it: everything but the sending."""
    if notify and not yes:
        raise typer.BadParameter(_("--notify goes with --yes: a rehearsal tells nobody."))
    period = Period.parse(month)
    with (
        telling(home, period, operator=operator, wanted=notify) as told,
        batches.open_home(home, operator=operator) as office,
    ):
        password = _password(office) if yes else {}  # first: without one, nothing is frozen in vain
        prepared, retries = _prepared(office, period, sending=yes, retry=retry)
        if not json:
            views.problems(prepared.problems, to_stderr=True)
            views.batch(prepared.batch)
        if retry:
            _say_retries(retries, sending=yes)
        if not yes:
            raise typer.Exit(_rehearse(office, prepared, retries=retries, json=json))
        heed()  # nothing leaves after a Ctrl-C, wherever it struck
        told.environ = password
        run = run_batch(office, prepared.batch, quiet=json, environ=password)
        slip = batches.survey(office, period).slip
        told.ended(office, run, slip)
    raise typer.Exit(_conclude(run, slip, json=json))


def _prepared(
    office: Office, period: Period, *, sending: bool, retry: Again | None
) -> tuple[Prepared, Sequence[Retry]]:
    """Prepare the month (once more after what is tried again was released), or rehearse that."""
    prepared = batches.prepare(office, period, freeze=sending)
    heed()
    retries = batches.refused(office, prepared.batch) if retry else ()
    if retries and sending:
        batches.retry_refused(office, period)
        prepared = batches.prepare(office, period)
    return prepared, retries


def _say_retries(retries: Sequence[Retry], *, sending: bool) -> None:
    """Say beside the result which recipients are tried again, one a line."""
    if not retries:
        views.note(_("Nothing was refused: there is nothing to try again."))
        return
    count = len(retries)
    text = (
        ngettext("{n} refused message is tried again:", "{n} refused messages are tried again:", count)
        if sending
        else ngettext(
            "{n} refused message would be tried again:", "{n} refused messages would be tried again:", count
        )
    )
    views.note(text.format(n=count))
    for retry in retries:
        views.note(f"  {retry.message.line}  {', '.join(r.address for r in retry.recipients)}")


def _rehearse(office: Office, prepared: Prepared, *, retries: Sequence[Retry], json: bool) -> int:
    """Run the notebook without sending, as evidence, and say what would go."""
    period = prepared.plan.period
    launched = launcher.start(office, period.key, attended=True)
    failed = launched.wait()
    slip = batches.survey(office, period, batch=prepared.batch).slip
    if json:
        views.emit(views.slip_json(slip) | {"sent": 0, "stopped": None})
    else:
        views.say(_("Rehearsal: nothing was sent. “--yes” sends."))
        views.slip(slip)
        views.say(_("Executed notebook: {path}").format(path=launched.notebook))
    if failed:
        views.note(_("The notebook failed: see {path}.").format(path=launched.notebook))
        return _failure(failed)
    against = (Box.UNCERTAIN, Box.REFUSED, Box.HELD)  # what sending would not change: a person must
    again = {(Box.REFUSED, retry.message.line) for retry in retries}
    remaining = {(line.box, line.key) for line in (*slip.lines, *slip.vanished) if line.box in against}
    return views.REMAINDER if remaining - again else 0


def run_batch(
    office: Office, batch: Batch, *, quiet: bool, environ: Mapping[str, str] | None = None
) -> Run | int:
    """Send a frozen batch by the notebook and follow it; an exit code if the run never said how it ended."""
    with noted() as asked:
        launched = launcher.start(
            office, batch.period.key, batch=batch.id, send=True, attended=True, environ=environ
        )
        run = follow(office, batch, launched, asked=asked, quiet=quiet)
    code = launched.wait()
    if run is None:
        views.note(_("The run ended without saying how: see {path}.").format(path=launched.launch.folder))
        with contextlib.suppress(JournalLockedError):  # the kernel of a killed launcher ends a little later
            batches.wait_for_account(office)
        return _failure(code)
    if not quiet:
        views.say(_("Executed notebook: {path}").format(path=launched.notebook))
    return run


def _failure(code: int) -> int:
    """Give the exit code of a notebook that failed: of our own error, else 70, of a bug or a kill."""
    return code if code in (ConfigError.exit_code, RunError.exit_code) else launcher.BUG


def _password(office: Office) -> dict[str, str]:
    """Ask for the password here if nothing holds it: the notebook has no terminal."""
    if not office.account.login or office.account.auth is not Auth.PASSWORD:
        return {}
    try:
        secrets.find("mail", home=office.settings.home, environ=os.environ)
    except ConfigError as error:
        if error.code != "secret_missing" or not sys.stdin.isatty():
            raise
        question = _("Password of {login}").format(login=office.account.login)
        return {"ELITE_MAIL_PASSWORD": typer.prompt(question, hide_input=True, err=True)}
    return {}


def _conclude(run: Run | int, slip: Slip, *, json: bool) -> int:
    if json:
        crashed = {"code": "crashed", "message": _("The run ended abruptly.")}
        stopped = views.stop_json(run) if isinstance(run, Run) else crashed
        sent = run.sent if isinstance(run, Run) else 0
        views.emit(views.slip_json(slip) | {"sent": sent, "stopped": stopped})
    else:
        views.slip(slip)
    return exit_code(run, slip)


def exit_code(run: Run | int, slip: Slip) -> int:
    """Give the exit code: 70 a bug, 130 stopped on request, 4 stopped, 3 a remainder, 0."""
    if isinstance(run, int):
        return run
    if not slip.balanced:
        return launcher.BUG
    if run.stopped is not None and run.stopped.reason is StopReason.REQUESTED:
        return views.INTERRUPTED
    if run.stopped is not None and run.stopped.reason is not StopReason.QUOTA:
        return views.STOPPED
    return views.REMAINDER if slip.remainder else 0


def status(month: Month, home: Home = None, json: Json = False) -> None:
    """Show the dispatch slip of the month as it stands; exit 3 when something remains."""
    with batches.open_home(home) as office:
        slip = batches.survey(office, Period.parse(month)).slip
        beat = heartbeat(office, slip)
    if json:
        views.emit(views.slip_json(slip) | {"heartbeat": heartbeat_json(beat)})
    else:
        views.slip(slip)
        views.say()
        views.say(beat_sentence(beat))
    if not slip.balanced:
        raise typer.Exit(launcher.BUG)
    raise typer.Exit(views.REMAINDER if slip.remainder else 0)
