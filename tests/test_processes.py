"""Real processes that send a month and are killed, stopped or started twice in the middle of it."""

from __future__ import annotations

import email
import json
import os
import signal
import subprocess
import sys
import weakref
from email import policy
from pathlib import Path

import nbformat
import pytest

from elite_lib import batch as batches
from elite_lib import launcher, reports
from elite_lib.cli import signalling
from elite_lib.demo import deliveries
from elite_lib.exceptions import RunError
from elite_lib.launcher import notebook_path
from elite_lib.models import Box, EntryKind, StopReason
from tests.support import needs, offices, workbooks
from tests.support.campaigns import Campaign, campaign, end, parent, until
from tests.support.command import boxes, elite
from tests.support.offices import OCTOBER, address, code, invoice_number

pytestmark = pytest.mark.slow
COUNT = 16  # invoices: enough for every accident to find a middle
linux = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="finds processes by /proc")


def executed(folder: Path) -> nbformat.NotebookNode:
    """Read the evidence that a run left: the executed notebook, with its HTML beside it."""
    assert (folder / "monthly_batch.html").stat().st_size > 1000
    return nbformat.read(folder / "monthly_batch.ipynb", as_version=4)


def stopped(month: Campaign) -> list[str | None]:
    return [str(entry.data["stopped"]) if entry.data["stopped"] else None for entry in month.endings()]


def test_a_rehearsal_sends_and_freezes_nothing_and_leaves_an_executed_notebook(tmp_path: Path) -> None:
    with campaign(tmp_path / "home", 3) as month:
        said = elite("send", "2026-10", "--json", home=month.root)
        assert (said.code, said.json["sent"], said.json["stopped"]) == (0, 0, None)
        assert said.json["boxes"]["pending"] == {"count": 3, "euros": "6000.00"}
        assert month.received() == 0
        assert list((month.root / "outbox").glob("2*")) == []
        assert list((month.root / "documents").rglob("*.pdf")) == []
        with offices.open_office(month.root) as office:
            assert office.journal.entries() == []
        (folder,) = month.folders()
        assert "pm" not in executed(folder)["metadata"]
        assert oct(folder.stat().st_mode)[-3:] == "700"
        assert {oct(file.stat().st_mode)[-3:] for file in folder.iterdir()} == {"600"}


@linux
def test_kill_9_anywhere_sends_nothing_twice_and_loses_nothing(tmp_path: Path) -> None:
    with campaign(tmp_path / "home", COUNT, delay=0.25) as month:
        # The CLI: the run that it attended stops between two messages.
        process = month.start()
        month.middle(process)
        process.kill()
        end(process)
        until(lambda: len(month.endings()) == 1, "the run notices that nobody attends it")
        page = month.folders()[-1] / "monthly_batch.html"
        until(page.exists, "its notebook is written")
        assert stopped(month) == [StopReason.REQUESTED]
        assert month.in_doubt() == []
        executed(month.folders()[-1])

        # The launcher: its kernel ends a moment later.
        launched = month.launch()
        month.middle(launched.process)
        launched.process.kill()
        launched.wait()
        month.settled()
        assert len(month.in_doubt()) <= 1

        # The kernel: the launcher says so, and writes what there is of the notebook.
        launched = month.launch()
        month.middle(launched.process)
        os.kill(month.kernel(), signal.SIGKILL)
        assert launched.wait() == launcher.BUG
        executed(launched.launch.folder)
        assert len(month.in_doubt()) <= 2

        # All of them.
        process = month.start()
        month.middle(process)
        kernel = month.kernel()
        for pid in (parent(kernel), kernel, process.pid):
            os.kill(pid, signal.SIGKILL)
        end(process)

        # Again: a few seconds for the lock of a dying run, then the rest.
        returned, out, err = end(month.start())
        doubts = month.in_doubt()
        assert returned == (3 if doubts else 0), err
        assert len(doubts) <= 3
        assert json.loads(out)["stopped"] is None
        assert month.counts() == {"accepted": COUNT - len(doubts)} | (
            {"uncertain": len(doubts)} if doubts else {}
        )
        families = month.families()
        assert set(families.values()) == {1}
        doubted = {address(int(key[-5:])) for key in doubts}
        assert {address(n) for n in range(1, COUNT + 1)} - doubted <= set(families)

        # A person settles the doubts by what the families have.
        for key in doubts:
            arrived = address(int(key[-5:])) in families
            word = "--accepted" if arrived else "--resend"
            assert elite("settle", "2026-10", key, word, home=month.root).code == 0
        with offices.open_office(month.root) as office:
            batches.send(office, batches.prepare(office, OCTOBER).batch.id)
        assert month.counts() == {"accepted": COUNT}
        assert month.families() == {address(n): 1 for n in range(1, COUNT + 1)}


@linux
def test_signals_stop_between_two_messages_and_a_later_send_goes_on(tmp_path: Path) -> None:
    with campaign(tmp_path / "home", COUNT, delay=0.25) as month:
        for number in (signal.SIGINT, signal.SIGTERM):
            process = month.start()
            month.middle(process)
            process.send_signal(number)
            process.send_signal(number)  # an impatient second time
            returned, out, err = end(process)
            assert returned == 130, err
            assert json.loads(out)["stopped"]["code"] == "requested"
            executed(month.folders()[-1])
            assert month.in_doubt() == []

        launched = month.launch()
        month.middle(launched.process)
        with offices.open_office(month.root) as office:  # meanwhile nobody else sends
            another = batches.send(office, batches.newest_batch(office, OCTOBER).id, lock_wait=0)
        assert another.stopped.reason is StopReason.LOCKED
        launched.process.terminate()
        assert launched.wait() == 0
        executed(launched.launch.folder)
        assert [why for why in stopped(month) if why != StopReason.LOCKED] == [StopReason.REQUESTED] * 3
        assert month.counts().keys() == {"accepted", "pending"}

        left = month.counts()["pending"]
        with offices.open_office(month.root) as office:
            assert batches.send(office, batches.prepare(office, OCTOBER).batch.id).sent == left
        assert month.counts() == {"accepted": COUNT}
        assert month.families() == {address(n): 1 for n in range(1, COUNT + 1)}
        letters_are_what_was_frozen(month)


def letters_are_what_was_frozen(month: Campaign) -> None:
    """Message-ID, attachments and text as the families have them."""
    pdftotext = needs.program("pdftotext")
    with offices.open_office(month.root) as office:
        batch = batches.newest_batch(office, OCTOBER)
    assert batch is not None
    known = {message.recipients[0].address: message for message in batch.messages}
    for delivery in deliveries(month.mailbox):
        frozen = known[delivery.recipient]
        letter = email.message_from_bytes(delivery.content, policy=policy.default)
        assert letter["Message-ID"] == frozen.message_id
        assert letter["Auto-Submitted"] == "auto-generated"
        assert delivery.content == (month.root / "outbox" / batch.id / frozen.file).read_bytes()
        (attachment,) = letter.iter_attachments()
        assert (attachment.get_filename(),) == frozen.attachments
        read = subprocess.run(
            [pdftotext, "-", "-"], input=attachment.get_content(), capture_output=True, check=True
        )
        assert frozen.line in read.stdout.decode()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_preparation_leaves_nothing(tmp_path: Path, number: signal.Signals) -> None:
    # so many that seconds lie between the first PDF and the last: the signal may come late
    root = offices.make_home(tmp_path / "home", 1500)
    month = Campaign(root=root, mailbox=root / "mailbox")
    process = month.start()
    until(lambda: any((root / "documents").rglob("*.pdf")) or process.poll() is not None, "the first PDF")
    process.send_signal(number)
    returned, out, err = end(process)
    assert (returned, out) == (130, "")
    assert err.strip() == "Interrompu."
    assert list((root / "outbox").glob(".new*")) == []
    assert list((root / "outbox").glob("2*")) == []
    with offices.open_office(root) as office:
        assert office.journal.entries() == []


@linux
def test_an_interruption_that_a_finalizer_loses_comes_once_more() -> None:
    """Python can raise nothing there: the month would have been sent after a Ctrl-C."""

    class Document:
        pass

    came: list[int] = []
    with pytest.raises(KeyboardInterrupt), signalling.interruptible(came):
        signalling.heed()
        weakref.finalize(Document(), os.kill, os.getpid(), signal.SIGTERM)
        assert came == [signal.SIGTERM], "and nothing was raised"
        with pytest.raises(KeyboardInterrupt):
            signalling.heed()
        until(lambda: False, "the interruption")
    assert came == [signal.SIGTERM] * 2
    signalling.heed()  # that command's signals are not the next one's


@linux
def test_two_sendings_at_once_are_one(tmp_path: Path) -> None:
    with campaign(tmp_path / "home", 8, delay=0.1) as month:
        processes = [month.start("--operator", name) for name in ("Claire", "Paul")]
        ended = [end(process) for process in processes]
        month.settled()
        # The second one waits for the first, or says that it is under way.
        assert {returned for returned, _, _ in ended} <= {0, 4}, ended
        assert 0 in {returned for returned, _, _ in ended}
        assert month.families() == {address(n): 1 for n in range(1, 9)}
        assert month.counts() == {"accepted": 8}


def test_a_refused_login_stops_the_sending_and_is_explained(tmp_path: Path) -> None:
    with campaign(tmp_path / "home", 2) as month:
        returned, out, err = end(month.start(ELITE_MAIL_PASSWORD="un faux"))
        view = json.loads(out)
        assert (returned, view["stopped"]["code"], view["sent"]) == (4, "authentication", 0), err
        assert "535" in view["stopped"]["message"]
        assert "535" in err
        assert "un faux" not in out + err
        assert month.received() == 0
        assert view["boxes"]["pending"]["count"] == 2
        executed(month.folders()[-1])

        # What the notebook says of it, papermill's exit code says too.
        slip = month.slip()
        with pytest.raises(RunError, match="535"):
            reports.conclude(slip, batches.run_of(month.endings()[-1]))


def papermill(month: Campaign, output: Path, *parameters: str) -> int:
    """Run the monthly notebook as any scheduler does, from another directory."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "papermill", str(notebook_path("monthly_batch.ipynb")), str(output)),
            *("-r", "month", "2026-10", *parameters, "--no-progress-bar"),
        ],
        cwd=output.parent,
        env={**os.environ, "ELITE_HOME": str(month.root)},
        capture_output=True,
        text=True,
        check=False,
    )
    print(done.stderr[-2000:])  # shown where the test fails
    return done.returncode


def test_plain_papermill(tmp_path: Path) -> None:
    elsewhere = tmp_path / "ailleurs"
    elsewhere.mkdir()
    factures = [workbooks.invoice(invoice_number(n), code(n)) for n in (1, 2)]
    factures.append(workbooks.invoice(invoice_number(3), code(3), Statut="inconnu"))
    with campaign(tmp_path / "home", 3, factures=factures) as month:
        assert papermill(month, elsewhere / "rehearsal.ipynb") == 0
        assert (month.received(), list((month.root / "outbox").glob("2*"))) == (0, [])

        send = ("-p", "send", "True")
        assert papermill(month, elsewhere / "sent.ipynb", *send) == 0  # with a remainder: one is held
        assert _raised(elsewhere / "sent.ipynb") is None
        assert month.families() == {address(1): 1, address(2): 1}
        assert boxes(month.root) == {Box.ACCEPTED: 2, Box.HELD: 1}

        # It fails when it is asked to; what failed is in the copy all the same, and nothing left again.
        assert papermill(month, elsewhere / "strict.ipynb", *send, "-p", "strict", "True") != 0
        assert _raised(elsewhere / "strict.ipynb") == "RunError"
        assert month.families() == {address(1): 1, address(2): 1}
        with offices.open_office(month.root) as office:
            assert len(office.journal.entries(kinds=[EntryKind.RUN_ENDED])) == 2


def _raised(notebook: Path) -> str | None:
    """Name the exception that an executed notebook ends with."""
    found = nbformat.read(notebook, as_version=4)
    outputs = [output for cell in found.cells for output in cell.get("outputs", ())]
    return next((str(output.ename) for output in outputs if output.output_type == "error"), None)
