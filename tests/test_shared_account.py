"""Two homes that send by one account, each with a journal of its own: one run at a time on this computer."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from elite_lib import batch as batches
from elite_lib.exceptions import JournalLockedError
from elite_lib.journal import open_journal
from elite_lib.journal.lock import shared_folder
from elite_lib.models import StopReason
from elite_lib.transports.fake import FakeTransport
from tests.support import offices
from tests.support.offices import OCTOBER
from tests.support.processes import account_holder, child

ACCOUNT = "compta@example.com@smtp.example.com:587"
OTHER = "direction@example.com@smtp.example.com:587"


def test_a_run_of_another_home_holds_the_account(tmp_path: Path) -> None:
    mine = open_journal(tmp_path / "mine" / "journal.sqlite", establishment="t", create=True)
    theirs = str(tmp_path / "theirs" / "journal.sqlite")
    with mine as journal, child(account_holder, theirs, ACCOUNT) as run:
        assert run.pipe.recv() == "held"
        with pytest.raises(JournalLockedError) as raised, journal.hold_account(ACCOUNT, wait=0, run="r2"):
            pytest.fail("two runs of one account at once")
        assert (raised.value.fields["run"], raised.value.fields["operator"]) == ("r1", "Claire Martin")
        with journal.hold_account(OTHER, wait=0, run="r2"):
            pass
        assert journal.account_holder(ACCOUNT) is None  # in this home nobody sends
        run.process.kill()
        run.process.join()
        with journal.hold_account(ACCOUNT, wait=5, run="r2"):
            assert journal.account_holder(ACCOUNT) is not None


def test_a_sending_waits_for_the_other_home_s_and_preparing_does_not(tmp_path: Path) -> None:
    root, theirs = offices.make_home(tmp_path / "home", 2), str(tmp_path / "theirs" / "journal.sqlite")
    with offices.open_office(root) as office, child(account_holder, theirs, office.account.key) as run:
        assert run.pipe.recv() == "held"
        batch = batches.prepare(office, OCTOBER).batch
        transport = FakeTransport()
        locked = batches.send(office, batch.id, transport=transport, lock_wait=0)
        assert locked.stopped is not None
        assert (locked.stopped.reason, transport.calls) == (StopReason.LOCKED, [])
        run.pipe.send("end")
        assert batches.send(office, batch.id, transport=transport).sent == 2


def test_the_locks_are_private_and_name_no_account(tmp_path: Path) -> None:
    with (
        open_journal(tmp_path / "journal.sqlite", establishment="t", create=True) as journal,
        journal.hold_account(ACCOUNT, wait=0),
    ):
        files = list(shared_folder().iterdir())
        assert files
        assert stat.S_IMODE(shared_folder().stat().st_mode) == 0o700
        assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
        assert not any("example" in file.name for file in files)


def test_a_user_without_a_place_has_the_home_s_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))  # no folder can be made in a file
    place = str(tmp_path / "journal.sqlite")
    with (
        open_journal(place, establishment="t", create=True) as journal,
        journal.hold_account(ACCOUNT, wait=0),
        open_journal(place, establishment="t") as again,
    ):
        with pytest.raises(JournalLockedError), again.hold_account(ACCOUNT, wait=0):
            pytest.fail("two runs at once")
        assert list((tmp_path / "locks").iterdir())
