from __future__ import annotations

import datetime as dt
import os
import stat
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from elite_lib.exceptions import JournalLockedError, StorageError
from elite_lib.journal import LockHolder, is_locked, lock_account
from tests.support.disks import on_small_disk
from tests.support.processes import Child, child, holder

ACCOUNT = "compta@example.com@smtp.example.com:587"
OTHER = "direction@example.com@smtp.example.com:587"


@contextmanager
def another_run(folder: Path, account: str = ACCOUNT) -> Iterator[Child]:
    """A real process that holds the account until its pipe is closed."""
    with child(holder, folder, account) as run:
        assert run.pipe.recv() == "held"
        yield run


def test_free_account_is_taken_at_once(tmp_path: Path) -> None:
    start = time.monotonic()
    with lock_account(tmp_path / "locks", ACCOUNT, wait=60, run="r1", operator="Claire"):
        assert time.monotonic() - start < 1


def test_one_run_at_a_time_per_sending_account(tmp_path: Path) -> None:
    with another_run(tmp_path) as run:
        with (
            pytest.raises(JournalLockedError) as raised,
            lock_account(tmp_path, ACCOUNT, wait=0, run="r2", operator="Paul"),
        ):
            pytest.fail("two runs at once")
        fields = raised.value.fields
        assert raised.value.code == "locked"
        assert (fields["account"], fields["run"], fields["operator"]) == (ACCOUNT, "r1", "Claire Martin")
        assert isinstance(fields["since"], dt.datetime)
        assert fields["since"].tzinfo is not None
        held = is_locked(tmp_path, ACCOUNT)
        assert held is not None
        assert (held.run, held.operator, held.pid) == ("r1", "Claire Martin", run.process.pid)


def test_other_accounts_are_free(tmp_path: Path) -> None:
    with another_run(tmp_path):
        assert is_locked(tmp_path, OTHER) is None
        with lock_account(tmp_path, OTHER, wait=0):
            held = is_locked(tmp_path, OTHER)
            assert held is not None
            assert held.pid == os.getpid()


def test_killed_holder_frees_the_account_at_once(tmp_path: Path) -> None:
    with another_run(tmp_path) as run:
        run.process.kill()
        run.process.join()
        start = time.monotonic()
        assert is_locked(tmp_path, ACCOUNT) is None
        with lock_account(tmp_path, ACCOUNT, wait=0, run="r2", operator="Paul"):
            assert time.monotonic() - start < 0.2
            held = is_locked(tmp_path, ACCOUNT)
            assert held is not None
            assert (held.run, held.operator) == ("r2", "Paul")


def test_waiting_ends_with_the_other_run(tmp_path: Path) -> None:
    seen: list[LockHolder] = []
    with another_run(tmp_path) as run:

        def ask_it_to_end(holder: LockHolder) -> None:
            seen.append(holder)
            run.pipe.send("end")

        with lock_account(tmp_path, ACCOUNT, wait=30, run="r2", on_wait=ask_it_to_end):
            run.process.join()
            assert run.process.exitcode == 0
    assert [holder.run for holder in seen] == ["r1"]


def test_nobody_is_told_to_wait_for_a_free_account(tmp_path: Path) -> None:
    seen: list[LockHolder] = []
    with lock_account(tmp_path, ACCOUNT, wait=5, on_wait=seen.append):
        assert seen == []


def test_asking_never_counts_as_a_run(tmp_path: Path) -> None:
    """The page asks again and again whether a run is under way; a run that starts meanwhile must start."""
    done = threading.Event()

    def ask() -> None:
        while not done.is_set():
            is_locked(tmp_path, ACCOUNT)

    asking = [threading.Thread(target=ask) for _ in range(2)]
    for thread in asking:
        thread.start()
    taken = 0
    try:
        for _ in range(30):
            with lock_account(tmp_path, ACCOUNT, wait=0):
                taken += 1
    finally:
        done.set()
        for thread in asking:
            thread.join()
    assert taken == 30


def test_asking_makes_nothing(tmp_path: Path) -> None:
    assert is_locked(tmp_path / "locks", ACCOUNT) is None
    assert not (tmp_path / "locks").exists()


def test_account_is_freed_when_the_run_fails(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), lock_account(tmp_path, ACCOUNT, wait=0):
        _ = 1 / 0
    assert is_locked(tmp_path, ACCOUNT) is None


def test_second_run_in_one_process_is_refused_too(tmp_path: Path) -> None:
    with (
        lock_account(tmp_path, ACCOUNT, wait=0, run="r1"),
        pytest.raises(JournalLockedError) as raised,
        lock_account(tmp_path, ACCOUNT, wait=0, run="r2"),
    ):
        pytest.fail("two runs at once")
    assert raised.value.fields["run"] == "r1"


@pytest.mark.parametrize("written", [b"", b"{", b"[]", b'{"since": "hier"}', b'{"since": "", "unknown": 1}'])
def test_unreadable_details_do_not_hide_the_holder(tmp_path: Path, written: bytes) -> None:
    with lock_account(tmp_path, ACCOUNT, wait=0, run="r1"):
        (details,) = tmp_path.glob("*.json")
        details.write_bytes(written)
        assert is_locked(tmp_path, ACCOUNT) == LockHolder()


@pytest.mark.skipif(os.name == "nt", reason="mode bits do not decide on Windows")
def test_files_are_private_and_name_no_account(tmp_path: Path) -> None:
    with lock_account(tmp_path / "locks", ACCOUNT, wait=0, operator="Claire"):
        files = list((tmp_path / "locks").iterdir())
        assert len(files) == 2
        assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
        assert not any("compta" in file.name for file in files)
    assert stat.S_IMODE((tmp_path / "locks").stat().st_mode) == 0o700


def test_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError), lock_account(tmp_path / "file" / "locks", ACCOUNT, wait=0):
        pytest.fail("no lock, no run")


def test_full_disk_gives_no_lock_and_keeps_none(tmp_path: Path) -> None:
    script = """
    from elite_lib.exceptions import StorageError
    from elite_lib.journal import is_locked, lock_account
    with lock_account(disk, "a", wait=0):
        pass
    fill()
    try:
        with lock_account(disk, "a", wait=0):
            print("locked")
    except StorageError as error:
        print(error.code)
    print(is_locked(disk, "a"))
    """
    assert on_small_disk(tmp_path / "disk", script) == ["disk_full", "None"]
