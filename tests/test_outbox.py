from __future__ import annotations

import datetime as dt
import email
import json
import os
import re
import shutil
import stat
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from elite_lib import composition
from elite_lib.exceptions import JournalError, OutboxError
from elite_lib.models import (
    Attachment,
    Batch,
    BatchLine,
    Disposition,
    Draft,
    Fingerprint,
    JournalMark,
    LineKind,
    Period,
    ProblemCode,
    Recipient,
)
from elite_lib.outbox import Freezing, Outbox, PreparedMessage
from tests.support.disks import on_small_disk
from tests.support.processes import child, freezer

NOON = dt.datetime(2026, 10, 31, 12, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
OCTOBER = Period.parse("2026-10")
PDF = b"%PDF-1.7\n" + bytes(range(256)) * 40


def draft(number: int = 1, **changes: object) -> Draft:
    facts: dict[str, object] = {
        "sender": "compta@example.com",
        "sender_name": "Résidence Les Tilleuls",
        "reply_to": "",
        "recipients": (Recipient(contact=f"R{number}/1", address=f"f{number}@example.org", name="Mme BŒUF"),),
        "subject": f"Facture d’octobre n° {number}",
        "text": "Bonjour,\n",
        "html": "<p>Bonjour,</p>",
        "attachments": (Attachment(name=f"Facture_F{number}.pdf", content=PDF + bytes([number])),),
        **changes,
    }
    return Draft(**facts)  # type: ignore[arg-type]


def message(number: int = 1, **changes: object) -> PreparedMessage:
    written = draft(number, **changes)
    return PreparedMessage(
        key=f"F{number}~1",
        line=f"F{number}",
        month="2026-10",
        draft=written,
        documents=(f"F{number}",),
        fingerprint=composition.fingerprint(written),
        sender="compta@example.com",
    )


def line(number: int = 1, **changes: object) -> BatchLine:
    facts: dict[str, object] = {
        "key": f"F{number}",
        "kind": LineKind.INVOICE,
        "month": "2026-10",
        "amount": Decimal("1234.56"),
        "resident": f"R{number}",
        "disposition": Disposition.MAIL,
        **changes,
    }
    return BatchLine(**facts)  # type: ignore[arg-type]


HELD = line(
    9,
    disposition=Disposition.HELD,
    reasons=(ProblemCode.NET_SUM, ProblemCode.PDF_MISSING),
    amount=Decimal("-0.10"),
    paper=True,
)

FREEZING = Freezing(
    lines=(line(1), line(2), HELD),
    messages=(message(1), message(2)),
    establishment="tilleuls",
    account="compta@example.com@smtp.example.com:587",
    archive="archive@example.com",
    period=OCTOBER,
    operator="Claire",
    created=NOON,
    lifetime=15 * DAY,
    journal=JournalMark(journal="j1", entry=7),
)


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    return Outbox(tmp_path / "outbox")


def code_of(act: Callable[[], object]) -> str:
    with pytest.raises(OutboxError) as raised:
        act()
    return raised.value.code


def files(outbox: Outbox) -> dict[str, tuple[bytes, int]]:
    """Every file of the batches, with its bytes and the time it was written."""
    return {
        str(path.relative_to(outbox.folder)): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in sorted(outbox.folder.glob("2*/*"))
    }


# -- freezing ------------------------------------------------------------------------------------------


def test_batch_comes_back_as_it_was_frozen(outbox: Outbox) -> None:
    batch = outbox.freeze(FREEZING)
    assert re.fullmatch(r"2026-10-[0-9a-f]{12}", batch.id)
    assert batch.lines == FREEZING.lines
    assert (batch.establishment, batch.account, batch.archive, batch.operator) == (
        FREEZING.establishment, FREEZING.account, FREEZING.archive, "Claire",
    )  # fmt: skip
    assert (batch.period, batch.created, batch.expires) == (OCTOBER, NOON, NOON + 15 * DAY)
    assert batch.journal == FREEZING.journal
    assert outbox.read(batch.id) == batch
    assert outbox.batches() == (batch,)


def test_message_is_what_its_entry_in_the_manifest_says(outbox: Outbox) -> None:
    batch = outbox.freeze(FREEZING)
    for frozen, prepared in zip(batch.messages, FREEZING.messages, strict=True):
        content = outbox.content(batch, frozen)
        assert len(content) == frozen.size
        assert content == composition.assemble(prepared.draft, message_id=frozen.message_id, date=NOON)
        parsed = email.message_from_bytes(content)
        assert parsed["Message-ID"] == frozen.message_id
        assert (frozen.key, frozen.line, frozen.month) == (prepared.key, prepared.line, "2026-10")
        assert frozen.recipients == prepared.draft.recipients
        assert (frozen.subject, frozen.fingerprint) == (prepared.draft.subject, prepared.fingerprint)
        assert frozen.attachments == tuple(item.name for item in prepared.draft.attachments)
    assert batch.size == sum(frozen.size for frozen in batch.messages)


def test_ids_of_messages_are_unique_and_bear_the_sender_s_domain(outbox: Outbox) -> None:
    batch = outbox.freeze(FREEZING)
    for frozen in batch.messages:
        assert re.fullmatch(r"<[0-9a-f]{24}@example\.com>", frozen.message_id)
        assert frozen.envid == frozen.message_id[1:-1]
    assert len({frozen.message_id for frozen in batch.messages}) == 2


def test_same_input_gives_the_same_batch_and_touches_no_file(outbox: Outbox, tmp_path: Path) -> None:
    batch = outbox.freeze(FREEZING)
    before = files(outbox)
    later = replace(
        FREEZING,
        created=NOON + DAY,
        operator="Paul",
        lifetime=DAY,
        journal=JournalMark(journal="j1", entry=99),
    )
    assert outbox.freeze(later) == batch
    assert files(outbox) == before
    elsewhere = Outbox(tmp_path / "elsewhere")
    assert elsewhere.freeze(FREEZING) == batch
    assert {name: content for name, (content, _) in files(elsewhere).items()} == {
        name: content for name, (content, _) in before.items()
    }


OTHER_INPUT = [
    replace(FREEZING, establishment="lilas"),
    replace(FREEZING, account="other@example.com@smtp.example.com:587"),
    replace(FREEZING, archive=""),
    replace(FREEZING, period=Period.parse("2026-10..2026-11")),
    replace(FREEZING, lines=(line(1), line(2))),
    replace(FREEZING, lines=(line(1), line(2, disposition=Disposition.UNTICKED), HELD)),
    replace(FREEZING, lines=(line(1), line(2, amount=Decimal("1234.57")), HELD)),
    replace(FREEZING, messages=(message(1),)),
    replace(FREEZING, messages=(message(1), message(2, text="Bonsoir,\n"))),
    replace(FREEZING, messages=(message(1), message(2, html="<p>Bonsoir</p>"))),
    replace(FREEZING, messages=(message(1), message(2, subject="Autre"))),
    replace(FREEZING, messages=(message(1), message(2, receipt=True))),
    replace(FREEZING, messages=(message(1), message(2, reply_to="direction@example.com"))),
    replace(FREEZING, messages=(message(1), message(2, sender_name="Les Lilas"))),
    replace(FREEZING, messages=(message(1), message(2, logo=Attachment(name="l.png", content=b"x")))),
    replace(
        FREEZING,
        messages=(message(1), message(2, recipients=(Recipient(contact="R2/1", address="x@example.org"),))),
    ),
    replace(
        FREEZING,
        messages=(message(1), message(2, attachments=(Attachment(name="Facture_F2.pdf", content=PDF),))),
    ),
    replace(FREEZING, messages=(message(1), replace(message(2), replaces="<old@example.com>"))),
    replace(
        FREEZING,
        messages=(
            message(1),
            replace(message(2), fingerprint=Fingerprint(addresses="a", documents="b", text="c")),
        ),
    ),
]


@pytest.mark.parametrize("other", OTHER_INPUT, ids=map(str, range(len(OTHER_INPUT))))
def test_other_input_gives_another_batch(outbox: Outbox, other: Freezing) -> None:
    batch = outbox.freeze(FREEZING)
    second = outbox.freeze(other)
    assert second.id != batch.id
    assert not {m.message_id for m in second.messages} & {m.message_id for m in batch.messages}
    assert {outbox.read(batch.id), outbox.read(second.id)} == {batch, second}


def test_description_is_what_freezing_gives_and_writes_nothing(outbox: Outbox) -> None:
    described = outbox.describe(FREEZING)
    assert not outbox.folder.exists()
    assert outbox.freeze(FREEZING) == described


def test_expired_batch_is_not_given_again(outbox: Outbox) -> None:
    first = outbox.freeze(FREEZING)
    just_before = replace(FREEZING, created=first.expires - dt.timedelta(seconds=1))
    assert outbox.freeze(just_before) == first
    renewed = outbox.freeze(replace(FREEZING, created=first.expires))
    assert renewed.id != first.id
    assert renewed.expires == first.expires + 15 * DAY
    assert not {m.message_id for m in renewed.messages} & {m.message_id for m in first.messages}
    assert outbox.freeze(replace(FREEZING, created=first.expires + DAY)) == renewed


def test_one_parcel_is_never_two_messages(outbox: Outbox) -> None:
    twice = replace(FREEZING, messages=(message(1), message(1, text="Encore\n")))
    assert code_of(lambda: outbox.freeze(twice)) == "message_twice"
    assert outbox.batches() == ()
    assert list(outbox.folder.glob(".new-*")) == []


def test_batch_without_messages_is_a_batch(outbox: Outbox) -> None:
    batch = outbox.freeze(replace(FREEZING, messages=()))
    assert outbox.read(batch.id) == batch


@pytest.mark.skipif(os.name == "nt", reason="mode bits do not decide on Windows")
def test_everything_is_private(outbox: Outbox) -> None:
    outbox.freeze(FREEZING)
    for path in (outbox.folder, *outbox.folder.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_two_processes_freeze_one_batch(outbox: Outbox) -> None:
    with child(freezer, outbox.folder, FREEZING) as one, child(freezer, outbox.folder, FREEZING) as two:
        ids = one.rest() + two.rest()
    (batch,) = outbox.batches()
    assert ids == [batch.id] * 2
    assert outbox.read(batch.id) == batch


# -- altered, missing ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["00001.eml", "00002.eml", "manifest.json", "seal.json"])
@pytest.mark.parametrize("how", ["byte", "cut", "longer", "empty", "gone"])
def test_altered_batch_is_refused(outbox: Outbox, name: str, how: str) -> None:
    batch = outbox.freeze(FREEZING)
    path = outbox.folder / batch.id / name
    content = bytearray(path.read_bytes())
    if how == "byte":
        content[len(content) // 2] ^= 1
    elif how == "cut":
        del content[-1]
    elif how == "longer":
        content += b" "
    elif how == "empty":
        content.clear()
    path.write_bytes(content)
    if how == "gone":
        path.unlink()
    assert code_of(lambda: outbox.read(batch.id)) == "batch_altered"
    assert code_of(lambda: outbox.freeze(FREEZING)) == "batch_altered"
    if name.endswith(".json"):
        assert code_of(outbox.batches) == "batch_altered"
        assert code_of(lambda: outbox.newest(OCTOBER)) == "batch_altered"


def test_every_byte_of_a_manifest_counts(outbox: Outbox) -> None:
    batch = outbox.freeze(FREEZING)
    path = outbox.folder / batch.id / "manifest.json"
    content = path.read_bytes()
    for position in range(0, len(content), 37):
        altered = bytearray(content)
        altered[position] ^= 0x04
        path.write_bytes(altered)
        assert code_of(lambda: outbox.read(batch.id)) == "batch_altered"
    path.write_bytes(content)
    assert outbox.read(batch.id) == batch


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("created", "2026-10-30T12:00:00+00:00"),
        ("journal", {"journal": "j1", "entry": 6}),
        ("journal", {"journal": "j2", "entry": 7}),
    ],
)
def test_edited_seal_is_refused(outbox: Outbox, field: str, value: object) -> None:
    batch = outbox.freeze(FREEZING)
    path = outbox.folder / batch.id / "seal.json"
    path.write_text(json.dumps({**json.loads(path.read_bytes()), field: value}))
    assert code_of(lambda: outbox.read(batch.id)) == "batch_altered"


def test_content_is_proved_again_when_it_is_sent(outbox: Outbox) -> None:
    batch = outbox.freeze(FREEZING)
    first, second = batch.messages
    path = outbox.folder / batch.id / first.file
    path.write_bytes(path.read_bytes().replace(b"f1@example.org", b"f2@example.org"))
    assert code_of(lambda: outbox.content(batch, first)) == "batch_altered"
    assert outbox.content(batch, second)


def test_copied_batch_is_no_batch(outbox: Outbox) -> None:
    batch = outbox.freeze(FREEZING)
    copy = "2026-10-000000000000"
    shutil.copytree(outbox.folder / batch.id, outbox.folder / copy)
    assert code_of(lambda: outbox.read(copy)) == "batch_altered"


@pytest.mark.parametrize(
    "batch_id", ["2026-10-000000000000", "", ".", "..", "../outbox", "2026-10-ABCDEF012345", "/etc"]
)
def test_missing_batch(outbox: Outbox, batch_id: str) -> None:
    outbox.freeze(FREEZING)
    assert code_of(lambda: outbox.read(batch_id)) == "batch_missing"


def test_empty_outbox(outbox: Outbox) -> None:
    assert outbox.batches() == ()
    assert outbox.newest(OCTOBER) is None
    assert outbox.mark() is None
    assert not outbox.folder.exists()


def test_batches_are_listed_by_creation(outbox: Outbox) -> None:
    def frozen(**changes: object) -> Batch:
        return outbox.freeze(replace(FREEZING, **changes))  # type: ignore[arg-type]

    late = frozen(created=NOON + 2 * DAY)
    early = frozen(lines=(), created=NOON)
    other = frozen(lines=(), period=Period.parse("2026-09..2026-10"), created=NOON + DAY)
    assert outbox.batches() == (early, other, late)
    assert outbox.newest(OCTOBER) == late
    assert outbox.newest(other.period) == other
    assert outbox.newest(Period.parse("2026-11")) is None


def test_damaged_batch_of_another_month_stops_no_one(outbox: Outbox) -> None:
    other = outbox.freeze(replace(FREEZING, period=Period.parse("2026-09")))
    batch = outbox.freeze(FREEZING)
    (outbox.folder / other.id / "manifest.json").unlink()
    assert outbox.newest(OCTOBER) == batch
    assert outbox.mark() == FREEZING.journal


# -- crashes and full disks ----------------------------------------------------------------------------


def test_what_a_crash_left_is_ignored_then_cleaned(outbox: Outbox) -> None:
    batch = outbox.freeze(FREEZING)
    leftover = outbox.folder / ".new-x1y2"
    shutil.copytree(outbox.folder / batch.id, leftover)
    (leftover / "manifest.json").unlink()
    assert outbox.batches() == (batch,)
    assert outbox.mark() == FREEZING.journal
    outbox.freeze(replace(FREEZING, lines=()))
    assert not leftover.exists()


def test_killed_freezer_leaves_no_half_batch(outbox: Outbox) -> None:
    messages = tuple(message(n) for n in range(1, 120))
    interrupted = 0
    for month in range(1, 6):
        heavy = replace(FREEZING, messages=messages, period=Period.parse(f"2026-{month:02}"))
        with child(freezer, outbox.folder, heavy) as run:
            while not list(outbox.folder.glob(".new-*/00010.eml")) and not outbox.newest(heavy.period):
                assert run.process.exitcode is None
            run.process.kill()
        batch = outbox.newest(heavy.period)
        interrupted += batch is None
        assert batch is None or outbox.read(batch.id) == batch
        frozen = outbox.freeze(heavy)
        assert len(outbox.read(frozen.id).messages) == 119
        assert list(outbox.folder.glob(".new-*")) == []
    assert interrupted


FREEZE = """
from dataclasses import replace
from elite_lib.exceptions import EliteError
from elite_lib.outbox import Outbox
from tests.test_outbox import FREEZING, message
outbox = Outbox(disk / "outbox")
heavy = replace(FREEZING, messages=tuple(message(n) for n in range(1, 80)))
def told(act):
    try:
        return act().id
    except EliteError as error:
        return f"{type(error).__name__}:{error.code}"
"""


def test_full_disk_leaves_nothing_half_done(tmp_path: Path) -> None:
    script = f"""{FREEZE}
small = outbox.freeze(FREEZING)
fill(spare=200_000)
print(told(lambda: outbox.freeze(heavy)), [batch.id == small.id for batch in outbox.batches()])
print(list(outbox.folder.glob(".new-*")), outbox.read(small.id) == small)
empty()
print(len(outbox.freeze(heavy).messages))
freeze_disk("ro")
print(told(lambda: outbox.freeze(replace(FREEZING, lines=()))), outbox.read(small.id) == small)
"""
    assert on_small_disk(tmp_path / "disk", script, size="3m") == [
        "StorageError:disk_full [True]",
        "[] True",
        "79",
        "StorageError:read_only True",
    ]


# -- the journal that belongs to it --------------------------------------------------------------------


def mark(entry: int, journal: str = "j1") -> JournalMark:
    return JournalMark(journal=journal, entry=entry)


def test_furthest_mark_counts(outbox: Outbox) -> None:
    outbox.freeze(FREEZING)
    assert outbox.mark() == mark(7)
    outbox.remember(mark(9))
    assert outbox.mark() == mark(9)
    outbox.freeze(replace(FREEZING, lines=(), journal=mark(12)))
    assert outbox.mark() == mark(12)


def test_mark_is_never_lowered(outbox: Outbox) -> None:
    outbox.remember(mark(9), durable=True)
    outbox.remember(mark(3), durable=True)
    outbox.remember(mark(8))
    assert outbox.mark() == mark(9)


@pytest.mark.parametrize("damage", ["gone", "empty", "torn", "other"])
def test_batches_still_tell_when_the_note_is_lost(outbox: Outbox, damage: str) -> None:
    outbox.freeze(FREEZING)
    outbox.freeze(replace(FREEZING, lines=(), journal=mark(12)))
    path = outbox.folder / "journal.json"
    content = path.read_bytes()
    path.write_bytes({"empty": b"", "torn": content[:-3], "other": b"[1]"}.get(damage, content))
    if damage == "gone":
        path.unlink()
    assert outbox.mark() == mark(12)
    outbox.remember(mark(13))
    assert outbox.mark() == mark(13)


def test_foreign_journal_is_refused_unless_adopted(outbox: Outbox) -> None:
    outbox.freeze(FREEZING)
    before = files(outbox)
    for act in (
        lambda: outbox.remember(mark(99, "j2"), durable=True),
        lambda: outbox.freeze(replace(FREEZING, lines=(), journal=mark(99, "j2"))),
    ):
        with pytest.raises(JournalError) as raised:
            act()
        assert raised.value.code == "journal_foreign"
        assert (raised.value.fields["known"], raised.value.fields["found"]) == ("j1", "j2")
    assert (outbox.mark(), files(outbox)) == (mark(7), before)
    outbox.remember(mark(2, "j2"), durable=True, adopted=True)
    assert outbox.mark() == mark(2, "j2")
    outbox.freeze(replace(FREEZING, lines=(), journal=mark(5, "j2")))
    assert outbox.mark() == mark(5, "j2")


def test_foreign_journal_is_refused_when_only_the_batches_tell(outbox: Outbox) -> None:
    outbox.freeze(FREEZING)
    (outbox.folder / "journal.json").unlink()
    with pytest.raises(JournalError):
        outbox.remember(mark(99, "j2"))


def test_restored_journal_once_adopted_is_the_known_one(outbox: Outbox) -> None:
    """Same identity, fewer entries: the batches name entries that it no longer has."""
    outbox.freeze(FREEZING)
    outbox.remember(mark(50), durable=True)
    outbox.remember(mark(4), durable=True, adopted=True)
    assert outbox.mark() == mark(4)
    outbox.remember(mark(5))
    assert outbox.mark() == mark(5)
