"""Start the monthly notebook in a process session of its own, pass signals on, follow the journal.

Voila shuts a kernel down when its tab closes, and a child of the kernel dies with it; papermill's
kernel dies at once on SIGINT and outlives SIGTERM. So the run is a process of its own
(``python -m elite_lib.launcher``): papermill works in a thread of it, the main thread traps the
signals and appends STOP to the journal, which the run obeys between two messages.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from elite_lib import exceptions, storage
from elite_lib.batch import Office, new_run_id, open_home, send_single, testing
from elite_lib.exceptions import EliteError
from elite_lib.models import Entry, EntryKind, StopReason

NOTEBOOK = "monthly_batch.ipynb"
BUG = 70  # exit code of what nobody foresaw (sysexits.h EX_SOFTWARE)
BUSY = 75  # a single for which another run had no time: it did not leave (sysexits.h EX_TEMPFAIL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """What is asked of the monthly notebook."""

    home: str
    month: str  # period key
    batch: str = ""  # frozen batch to send or to show; empty: prepare (a rehearsal freezes nothing)
    send: bool = False
    operator: str = ""
    run: str = ""
    attended: bool = False  # somebody waits: when that process dies, the run stops cleanly
    test: bool = False  # ``batch`` is a test: to the office's own address, without the notebook
    single: bool = False  # ``batch`` is one invoice, without the notebook

    @property
    def folder(self) -> Path:
        """Give the folder of the executed notebook, ``runs/<month>_<run>``."""
        return Path(self.home) / "runs" / f"{self.month}_{self.run}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Launched:
    launch: Launch
    process: subprocess.Popen[bytes]

    @property
    def notebook(self) -> Path:
        return self.launch.folder / NOTEBOOK

    def wait(self) -> int:
        """Wait for the end, let go of the pipe that an attended run watches, and give the exit code."""
        code = self.process.wait()
        if self.process.stdin is not None:
            self.process.stdin.close()
        return code


def notebook_path(name: str) -> Path:
    """Find a notebook: in the wheel, else in the checkout of an editable install."""
    package = Path(__file__).parent
    for folder in (package / "notebooks", package.parent / "notebooks"):
        if (folder / name).is_file():
            return folder / name
    raise FileNotFoundError(name)


# Windows: ipykernel kills all descendants; a job breakaway keeps the run alive (not tried there).
_BREAKAWAY = getattr(subprocess, "CREATE_BREAKAWAY_FROM_JOB", 0) | getattr(
    subprocess, "CREATE_NEW_PROCESS_GROUP", 0
)


def start(
    office: Office,
    month: str,
    *,
    batch: str = "",
    send: bool = False,
    attended: bool = False,
    test: bool = False,
    single: bool = False,
    environ: Mapping[str, str] | None = None,
) -> Launched:
    """Start the monthly notebook and return at once; what happens is in the journal.

    ``attended``: the child stops cleanly when this process dies (it reads the end of a pipe); else
    it outlives everything that started it. ``environ`` is added to the child's environment.

    Raises:
        StorageError: its folder cannot be made.
    """
    launch = Launch(
        home=str(office.settings.home.root), month=month, batch=batch, send=send, operator=office.operator,
        run=new_run_id(), attended=attended, test=test, single=single,
    )  # fmt: skip
    log = _open_log(launch.folder)
    try:
        process = subprocess.Popen(  # noqa: S603
            # -P: what lies in the home is never imported instead of the library
            [sys.executable, "-P", "-m", "elite_lib.launcher", json.dumps(asdict(launch))],
            stdin=subprocess.PIPE if attended else subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            creationflags=_BREAKAWAY,
            cwd=launch.home,
            env={**os.environ, **(environ or {}), "ELITE_HOME": launch.home, "JUPYTER_PREFER_ENV_PATH": "1"},
        )
    finally:
        os.close(log)
    return Launched(launch=launch, process=_waited_for(process))


def _waited_for(process: subprocess.Popen[bytes]) -> subprocess.Popen[bytes]:
    """Wait for it, whoever goes on looking: nothing of it is left over while this process lives."""
    threading.Thread(target=process.wait, daemon=True).start()
    return process


def _open_log(folder: Path) -> int:
    storage.make_folder(folder)
    with storage.writing(folder):
        return os.open(folder / "launcher.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)


def request(office: Office, kind: EntryKind, *, run: str = "") -> Entry:
    """Ask the running run to STOP, PAUSE or RESUME; it obeys between two messages."""
    return office.journal.append(
        Entry(kind=kind, operator=office.operator, account=office.account.key, run=run)
    )


def ended(office: Office, run: str, *, after: int = 0) -> Entry | None:
    """Find the RUN_ENDED entry of a run, or None while it has not ended (or never wrote one)."""
    found = office.journal.entries(kinds=[EntryKind.RUN_ENDED], after=after)
    return next((entry for entry in reversed(found) if entry.run == run), None)


# -- the process -------------------------------------------------------------------------------------


def execute(launch: Launch) -> int:
    """Execute the notebook; the executed copy and its HTML are written also when a cell fails.

    A test message or a single invoice has no notebook: it is a batch of one or some, told in the journal.

    Returns 0, the exit code of the exception of ours that a cell raised, or 70 for another one.
    """
    if launch.test or launch.single:
        return _send_some(launch)
    import papermill  # noqa: PLC0415 (1.9 s: only the process that runs notebooks pays)
    from papermill.exceptions import PapermillExecutionError  # noqa: PLC0415

    output = launch.folder / NOTEBOOK
    parameters = {
        "month": launch.month,
        "batch": launch.batch,
        "send": launch.send,
        "operator": launch.operator,
        "run": launch.run,
        "home": launch.home,
    }
    try:
        papermill.execute_notebook(
            str(notebook_path(NOTEBOOK)),
            str(output),
            parameters=parameters,
            kernel_name="python3",
            cwd=launch.home,
            progress_bar=False,
        )
    except PapermillExecutionError as error:
        print(error.ename, error.evalue, file=sys.stderr)
        kind = getattr(exceptions, str(error.ename), None)
        return int(getattr(kind, "exit_code", BUG))
    finally:
        if output.exists():
            export_html(output)
    return 0


def _send_some(launch: Launch) -> int:
    with open_home(launch.home, operator=launch.operator) as office:
        if launch.test:
            testing.send_test(office, launch.batch, run_id=launch.run)
            return 0
        stopped = send_single(office, launch.batch, run_id=launch.run).stopped
    # who waits in vain for another run has no entry of its own: the exit code tells it
    return BUSY if stopped is not None and stopped.reason is StopReason.LOCKED else 0


def export_html(notebook: Path) -> Path:
    """Write the executed notebook as HTML beside it."""
    import nbformat  # noqa: PLC0415
    from nbconvert import HTMLExporter  # noqa: PLC0415

    cells = nbformat.read(notebook, as_version=4)  # type: ignore[no-untyped-call]
    page, _ = HTMLExporter().from_notebook_node(cells)  # type: ignore[no-untyped-call]
    target = notebook.with_suffix(".html")
    target.write_text(page, encoding="utf-8")
    return target


def _stop(launch: Launch) -> bool:
    """Append STOP; say whether that was possible, so that it is tried again while a run goes on."""
    try:
        with open_home(launch.home, operator=launch.operator) as office:
            request(office, EntryKind.STOP, run=launch.run)
    except EliteError as error:
        print(error, file=sys.stderr)
        return False
    return True


def _watch_parent(asked: list[int]) -> None:
    """Ask for a stop when whoever attends the run is gone: the pipe it held is closed."""
    with contextlib.suppress(OSError):
        # not sys.stdin: a thread that waits in it aborts the interpreter when it ends
        while os.read(0, 1024):
            pass
    asked.append(0)


def main(arguments: list[str] | None = None) -> int:
    """Run one launch, given as JSON: the target of ``python -m elite_lib.launcher``."""
    os.umask(0o077)  # the executed notebook holds names
    launch = Launch(**json.loads((arguments or sys.argv[1:])[0]))
    code: list[int] = []
    worker = threading.Thread(target=lambda: code.append(execute(launch)), name="papermill")
    asked: list[int] = []  # no Event: its lock may be held by the very thread that a signal interrupts
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda number, _frame: asked.append(number))
    if launch.attended:
        threading.Thread(target=_watch_parent, args=(asked,), daemon=True).start()
    worker.start()
    while worker.is_alive():
        if asked and _stop(launch):
            asked.clear()
        worker.join(0.2)
    return code[0] if code else BUG


if __name__ == "__main__":
    sys.exit(main())
