from __future__ import annotations

import datetime as dt
import os
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from elite_lib import batch as batches
from elite_lib.cli import keeping
from elite_lib.exceptions import JournalError, JournalLockedError, StorageError
from elite_lib.journal import Journal, lock_account, open_journal
from elite_lib.journal.backup import back_up, restore
from elite_lib.models import Box, Entry, EntryKind, Resolution
from elite_lib.transports.fake import FakeTransport
from tests.support import databases, offices
from tests.support.disks import on_small_disk
from tests.support.offices import OCTOBER
from tests.support.processes import appender, backer, child, restorer

NOON = dt.datetime(2026, 10, 31, 12, 0, tzinfo=dt.UTC)


def at(minutes: int) -> dt.datetime:
    return NOON + dt.timedelta(minutes=minutes)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite"


@pytest.fixture
def backups(tmp_path: Path) -> Path:
    return tmp_path / "backups"


def filled(path: Path, count: int = 3) -> None:
    with open_journal(path, establishment="t", create=True) as journal:
        add(journal, count)


def add(journal: Journal, count: int) -> None:
    for _ in range(count):
        journal.append(Entry(kind=EntryKind.STOP, data={"x": "y" * 200}))


def count_of(path: Path) -> int:
    with open_journal(path, establishment="t") as journal:
        return len(journal.entries())


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir() if not file.name.startswith("."))


# -- copies --------------------------------------------------------------------------------------------


def test_copy_is_a_whole_journal_in_one_private_file(path: Path, backups: Path) -> None:
    filled(path)
    made = back_up(path, backups, keep=10, clock=lambda: NOON)
    assert made == backups / "journal-20261031T120000Z.sqlite"
    assert names(backups) == [made.name]
    assert count_of(made) == 3
    if os.name != "nt":
        assert stat.S_IMODE(made.stat().st_mode) == 0o600
        assert stat.S_IMODE(backups.stat().st_mode) == 0o700


def test_copy_holds_what_is_still_in_the_log(path: Path, backups: Path) -> None:
    with open_journal(path, establishment="t", create=True) as journal:
        add(journal, 5)
        assert path.with_name("journal.sqlite-wal").stat().st_size > 0
        assert count_of(back_up(path, backups, keep=10)) == 5
        add(journal, 1)  # the journal is written on
        assert len(journal.entries()) == 6


def test_the_last_copies_are_kept_and_nothing_else_is_touched(path: Path, backups: Path) -> None:
    filled(path)
    backups.mkdir()
    other = backups / "journal-de-la-directrice.sqlite"
    other.write_bytes(b"")
    for minute in range(5):
        back_up(path, backups, keep=3, clock=lambda minute=minute: at(minute))  # type: ignore[misc]
    assert names(backups) == [f"journal-20261031T120{n}00Z.sqlite" for n in (2, 3, 4)] + [other.name]


def test_copy_just_made_stays_when_the_clock_was_set_back(path: Path, backups: Path) -> None:
    filled(path)
    for minute in (3, 4, 0):
        made = back_up(path, backups, keep=2, clock=lambda minute=minute: at(minute))  # type: ignore[misc]
    assert made.exists()
    assert len(names(backups)) == 2


def test_damaged_journal_drives_out_no_good_copy(path: Path, backups: Path) -> None:
    filled(path, 200)
    good = back_up(path, backups, keep=1, clock=lambda: NOON)
    content = bytearray(path.read_bytes())
    middle = len(content) // 2 // 4096 * 4096
    content[middle : middle + 4096] = b"\xa5" * 4096
    path.write_bytes(content)
    with pytest.raises(JournalError) as raised:
        back_up(path, backups, keep=1, clock=lambda: at(1))
    assert raised.value.code == "journal_unreadable"
    assert names(backups) == [good.name]


def test_missing_journal_is_not_made_by_its_backup(path: Path, backups: Path) -> None:
    with pytest.raises(StorageError):
        back_up(path, backups, keep=1)
    assert not path.exists()
    assert names(backups) == []


def test_copies_made_while_another_process_appends_are_whole(path: Path, backups: Path) -> None:
    filled(path)
    with child(appender, path, "a", 200) as writer:
        writer.pipe.recv()
        found = [count_of(back_up(path, backups, keep=99, clock=lambda n=n: at(n))) for n in range(5)]  # type: ignore[misc]
        writer.rest()
    assert found == sorted(found)
    assert count_of(path) == 203


def test_killed_backup_leaves_only_whole_copies(path: Path, backups: Path) -> None:
    filled(path, 300)
    for _ in range(8):
        with child(backer, path, backups) as run:
            run.pipe.recv()  # at least one is made, and it goes on
            run.process.kill()
        copies = list(backups.glob("journal-*.sqlite"))
        assert copies
        for copy in copies:
            assert count_of(copy) == 300
            copy.unlink()
    back_up(path, backups, keep=5)
    assert [file for file in backups.iterdir() if file.name.startswith(".new")] == []


def test_full_disk_keeps_the_earlier_copies(tmp_path: Path) -> None:
    script = """
    from elite_lib.exceptions import StorageError
    from elite_lib.journal import open_journal
    from elite_lib.journal.backup import back_up
    from elite_lib.models import Entry, EntryKind
    with open_journal(disk / "journal.sqlite", establishment="t", create=True) as journal:
        for _ in range(50):
            journal.append(Entry(kind=EntryKind.STOP, data={"x": "y" * 2000}))
    first = back_up(disk / "journal.sqlite", disk / "backups", keep=1)
    fill(spare=50_000)
    try:
        back_up(disk / "journal.sqlite", disk / "backups", keep=1)
    except StorageError as error:
        print(error.code)
    print([file.name for file in (disk / "backups").glob("*.sqlite")] == [first.name])
    """
    assert on_small_disk(tmp_path / "disk", script, size="4m") == ["journal_full", "True"]


# -- putting back --------------------------------------------------------------------------------------


def test_restored_copy_takes_the_place_and_the_old_one_is_kept(path: Path, backups: Path) -> None:
    filled(path)
    copy = back_up(path, backups, keep=10)
    filled(path, 2)
    found = restore(copy, path, backups, clock=lambda: NOON)
    assert (found.entry, count_of(path)) == (3, 3)
    assert found.replaced == backups / "replaced-20261031T120000.000000Z.sqlite"
    assert count_of(found.replaced) == 5
    assert copy.exists()
    assert sorted(file.name for file in path.parent.iterdir() if file.is_file()) == [
        "journal.sqlite",
        "journal.sqlite.lock",
    ]


@pytest.mark.parametrize("damage", ["truncated", "page", "text", "empty", "other"])
def test_copy_that_is_not_whole_changes_nothing(path: Path, backups: Path, damage: str) -> None:
    filled(path, 200)
    copy = back_up(path, backups, keep=10)
    content = bytearray(copy.read_bytes())
    if damage == "truncated":
        del content[len(content) // 2 :]
    elif damage == "page":
        middle = len(content) // 2 // 4096 * 4096
        content[middle : middle + 4096] = b"\xa5" * 4096
    elif damage == "text":
        content = bytearray(b"ceci n'est pas un journal" * 999)
    elif damage == "empty":
        content.clear()
    copy.write_bytes(content)
    if damage == "other":
        copy.unlink()
        with closing(sqlite3.connect(copy)) as raw:
            raw.execute("CREATE TABLE factures (numero TEXT)")
    before = path.read_bytes()
    with pytest.raises(JournalError) as raised:
        restore(copy, path, backups)
    assert raised.value.code == "backup_unusable"
    assert raised.value.fields["path"] == str(copy)
    assert path.read_bytes() == before
    assert count_of(path) == 200
    assert names(backups) == [copy.name]


def test_file_that_is_not_there_is_told(path: Path, backups: Path) -> None:
    with pytest.raises(JournalError) as raised:
        restore(backups / "none.sqlite", path, backups)
    assert raised.value.code == "backup_missing"


def test_journal_that_somebody_has_open_is_not_replaced(path: Path, backups: Path) -> None:
    filled(path)
    copy = back_up(path, backups, keep=10)
    with open_journal(path, establishment="t") as opened:
        add(opened, 1)
        with pytest.raises(JournalError) as raised:
            restore(copy, path, backups)
        assert raised.value.code == "journal_open"
        add(opened, 1)
    assert count_of(path) == 5
    assert restore(copy, path, backups).entry == 3


def test_damaged_journal_is_replaced_and_kept_with_its_log(path: Path, backups: Path) -> None:
    filled(path)
    copy = back_up(path, backups, keep=10)
    path.write_bytes(b"\xa5" * 8192)
    path.with_name("journal.sqlite-wal").write_bytes(b"log")
    found = restore(copy, path, backups)
    assert found.replaced is not None
    assert found.replaced.read_bytes() == b"\xa5" * 8192
    assert found.replaced.with_name(f"{found.replaced.name}-wal").read_bytes() == b"log"
    assert count_of(path) == 3


def test_log_that_a_crash_left_alone_is_never_read_into_another_journal(path: Path) -> None:
    filled(path)
    with open_journal(path, establishment="t") as journal:
        add(journal, 30)
        log = path.with_name("journal.sqlite-wal").read_bytes()
    path.unlink()
    path.with_name("journal.sqlite-wal").write_bytes(log)
    filled(path, 1)
    assert count_of(path) == 1
    assert path.with_name("journal.sqlite.stray-wal").read_bytes() == log


def test_killed_restore_leaves_the_old_journal_the_new_one_or_none(path: Path, backups: Path) -> None:
    filled(path, 300)
    copy = back_up(path, backups, keep=10)
    filled(path, 100)
    seen = set()
    for pause in range(12):
        with child(restorer, copy, path, backups) as run:
            run.pipe.recv()
            run.pipe.poll(pause * 0.004)  # ends at once when it is done, and then it starts again
            run.process.kill()
        seen.add(count_of(path) if path.exists() else None)
        assert seen <= {300, 400, None}
    assert restore(copy, path, backups).entry == 300
    assert count_of(path) == 300


# -- a home --------------------------------------------------------------------------------------------


def test_each_run_leaves_a_copy_that_knows_it(tmp_path: Path) -> None:
    root = offices.make_home(tmp_path / "home", 2, settings={"backup": {"keep": 2}})
    with offices.open_office(root) as office:
        batch = batches.prepare(office, OCTOBER).batch
        for _ in range(3):
            batches.send(office, batch.id, transport=FakeTransport())
        expected = office.journal.mark().entry
    copies = names(root / "backups")
    assert 1 <= len(copies) <= 2  # of one second: the last
    with open_journal(root / "backups" / copies[-1], establishment="tilleuls") as copy:
        assert copy.mark().entry == expected


def test_no_copy_where_none_is_wanted(tmp_path: Path) -> None:
    root = offices.make_home(tmp_path / "home", 1, settings={"backup": {"keep": 0}})
    with offices.open_office(root) as office:
        batches.send(office, batches.prepare(office, OCTOBER).batch.id, transport=FakeTransport())
        assert not (root / "backups").exists()
        assert batches.back_up(office).exists()  # asked for by hand


def test_failing_copy_never_marks_the_send_as_failed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    root = offices.make_home(tmp_path / "home", 1)
    (root / "backups").write_text("in the way")
    with offices.open_office(root) as office:
        ended = batches.send(office, batches.prepare(office, OCTOBER).batch.id, transport=FakeTransport())
        assert (ended.sent, ended.stopped) == (1, None)
        assert batches.survey(office, OCTOBER).slip.boxes[Box.ACCEPTED].count == 1
    (record,) = [record for record in caplog.records if record.name.startswith("elite_lib")]
    assert str(root / "backups") in record.getMessage()


def test_copies_are_made_after_runs_only_that_were_let_begin(tmp_path: Path) -> None:
    """Ten refused runs over a restored journal would else drive out ten good copies."""
    root = offices.make_home(tmp_path / "home", 1)
    with offices.open_office(root) as office:
        batch = batches.prepare(office, OCTOBER).batch
        with office.journal.hold_account(batch.account, wait=0):
            batches.send(office, batch.id, transport=FakeTransport(), lock_wait=0)
    assert not (root / "backups").exists()


def test_restored_shorter_journal_stops_everything_until_a_person_adopts_it(tmp_path: Path) -> None:
    root = offices.make_home(tmp_path / "home", 2)
    with offices.open_office(root) as office:
        batch = batches.prepare(office, OCTOBER).batch
        copy = batches.back_up(office)
        offices.run(office, batch)
    found = batches.restore_journal(root, copy, operator="Claire")
    assert found.entry < found.known
    with pytest.raises(JournalError) as raised:
        offices.open_office(root)
    assert raised.value.code == "journal_short"
    assert batches.adopt_journal(root, operator="Claire") == 2
    with offices.open_office(root) as office:
        transport = FakeTransport()
        offices.run(office, batches.prepare(office, OCTOBER).batch, transport)
        assert transport.calls == []
        batches.settle(office, OCTOBER, offices.invoice_number(1), resolution=Resolution.ACCEPTED)
        assert batches.survey(office, OCTOBER).slip.boxes[Box.ACCEPTED].count == 1


def test_restored_journal_that_knows_everything_goes_on(tmp_path: Path) -> None:
    root = offices.make_home(tmp_path / "home", 2)
    with offices.open_office(root) as office:
        batches.send(office, batches.prepare(office, OCTOBER).batch.id, transport=FakeTransport())
    (copy,) = (root / "backups").glob("journal-*.sqlite")
    (root / "journal.sqlite").write_bytes(b"lost")
    found = batches.restore_journal(root, copy, operator="Claire")
    assert found.entry >= found.known
    with offices.open_office(root) as office:
        assert batches.survey(office, OCTOBER).slip.boxes[Box.ACCEPTED].count == 2


def test_journal_of_another_home_stops_everything(tmp_path: Path) -> None:
    root = offices.make_home(tmp_path / "home", 1)
    with offices.open_office(root) as office:
        batches.prepare(office, OCTOBER)
    other = tmp_path / "other.sqlite"
    filled(other, 50)
    batches.restore_journal(root, other, operator="Claire")
    with pytest.raises(JournalError) as raised:
        offices.open_office(root)
    assert raised.value.code == "journal_foreign"


def test_nothing_is_restored_while_a_run_holds_the_account(tmp_path: Path) -> None:
    root = offices.make_home(tmp_path / "home", 1)
    with offices.open_office(root) as office:
        copy = batches.back_up(office)
        account, locks = office.account.key, office.settings.home.locks
    before = (root / "journal.sqlite").read_bytes()
    with (
        lock_account(locks, account, wait=0, run="r1", operator="Paul"),
        pytest.raises(JournalLockedError) as raised,
    ):
        batches.restore_journal(root, copy, operator="Claire")
    assert raised.value.fields["operator"] == "Paul"
    assert (root / "journal.sqlite").read_bytes() == before


def test_commands_say_what_was_done_and_what_comes_next(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = offices.make_home(tmp_path / "home", 2)
    with offices.open_office(root) as office:
        batches.prepare(office, OCTOBER)
    keeping.backup(root)
    (copy,) = (root / "backups").glob("journal-*.sqlite")
    assert str(copy) in capsys.readouterr().out
    with offices.open_office(root) as office:
        offices.run(office, batches.prepare(office, OCTOBER).batch)
        known = office.journal.mark().entry
    keeping.restore(copy, root)
    said = capsys.readouterr().out
    assert str(root / "backups" / "replaced-") in said
    assert str(known) in said
    assert "adopt-journal" in said


def test_database_on_a_server_is_backed_up_there(tmp_path: Path) -> None:
    url = databases.new_database()
    root = offices.make_home(tmp_path / "home", 1, settings={"journal": {"url": url}})
    with offices.open_office(root) as office:
        with pytest.raises(JournalError) as raised:
            batches.back_up(office)
        assert raised.value.code == "journal_on_server"
        ended = batches.send(office, batches.prepare(office, OCTOBER).batch.id, transport=FakeTransport())
        assert (ended.sent, ended.stopped) == (1, None)
    with pytest.raises(JournalError) as raised:
        batches.restore_journal(root, Path(__file__), operator="Claire")
    assert raised.value.code == "journal_on_server"
    assert not (root / "journal.sqlite").exists()
