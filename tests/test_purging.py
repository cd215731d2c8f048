"""Keep no longer than needed: what goes, what stays, and that nothing leaves twice because of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from elite_lib import batch as batches
from elite_lib.batch import Kept, Office
from elite_lib.exceptions import ConfigError
from elite_lib.handover.mailto import DefaultClient
from elite_lib.models import (
    Box,
    Entry,
    EntryKind,
    Period,
    RecipientOutcome,
    Reply,
    Status,
)
from elite_lib.outcomes import pseudonyms
from elite_lib.transports.fake import FakeTransport
from tests.support import databases, offices, workbooks
from tests.support.command import elite

OCTOBER = offices.OCTOBER
LATER = dt.datetime(2030, 6, 15, 12, 0, tzinfo=dt.UTC)
KEY = b"k" * 32


@pytest.fixture(params=["sqlite", "postgresql"])
def office(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Office]:
    """A home whose October was sent, on each kind of journal."""
    if request.param == "postgresql":
        monkeypatch.setenv("ELITE_JOURNAL_URL", databases.new_database())
    root = offices.make_home(tmp_path / "home", 3)
    with offices.open_office(root) as opened:
        send_october(opened)
        yield opened


@pytest.fixture
def filed(tmp_path: Path) -> Iterator[Office]:
    """The same with a journal that is a file."""
    with offices.open_office(offices.make_home(tmp_path / "home", 3)) as opened:
        send_october(opened)
        yield opened


def send_october(office: Office) -> None:
    prepared = batches.prepare(office, OCTOBER)
    with office.journal.hold_account(office.account.key, wait=0):
        offices.run(office, prepared.batch)


def report_about(office: Office, number: int) -> None:
    """A returned message whose words name the address."""
    address = offices.address(number)
    said = Reply(code=550, text=f"<{address}>: no such user, ask postmaster@mx.example.com")
    one = RecipientOutcome(
        contact=f"{offices.code(number)}/1", address=address, status=Status.DEFERRED, reply=said
    )
    data = {"digest": f"d{number}", "part": 0, "kind": "bounce", "class": "hard", "reason": said.text}
    office.journal.append_once(
        Entry(
            kind=EntryKind.RETURNED,
            month="2026-10",
            line=offices.invoice_number(number),
            recipients=(one,),
            data=data,
        )
    )
    folder = office.settings.home.returns
    folder.mkdir(exist_ok=True)
    (folder / f"d{number}.eml").write_bytes(b"To: famille@example.com\r\n\r\n")


def everything(office: Office) -> list[Entry]:
    return office.journal.entries()


def clear_addresses(office: Office) -> set[str]:
    """Every family's address that the journal still holds in any field."""
    words = [[*(o.address for o in e.recipients), *map(str, e.data.values())] for e in everything(office)]
    words += [[o.reply.text] for e in everything(office) for o in e.recipients if o.reply]
    text = " ".join(word for some in words for word in some)
    return {offices.address(n) for n in range(1, 9) if offices.address(n) in text}


# -- pseudonyms ------------------------------------------------------------------------------------


def test_a_pseudonym_tells_addresses_apart_and_names_nobody() -> None:
    one = pseudonyms.pseudonym("Helene.Lefevre@example.com", KEY)
    assert one.startswith("H•••@example.com#")
    assert "elene" not in one
    assert pseudonyms.pseudonym("helene.lefevre@example.com", KEY).partition("#")[2] == one.partition("#")[2]
    assert pseudonyms.pseudonym("helene.lefebvre@example.com", KEY) != one
    assert pseudonyms.pseudonym("Helene.Lefevre@example.com", b"another") != one
    assert pseudonyms.pseudonym(one, KEY) == one
    assert pseudonyms.pseudonym("", KEY) == ""
    assert pseudonyms.is_pseudonym(one)
    assert not pseudonyms.is_pseudonym("helene.lefevre@example.com")


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("<ann@example.com>: unknown", "<a•••@example.com>: unknown"),
        ("5.1.1 ann.b+c@mx.example.com... User unknown", "5.1.1 a•••@mx.example.com... User unknown"),
        ("no address here", "no address here"),
        ("a@b is no address, a@b.c is", "a@b is no address, a•••@b.c is"),
    ],
)
def test_what_a_server_quotes_is_masked(said: str, kept: str) -> None:
    assert pseudonyms.without_addresses(said) == kept


# -- what is past its time -------------------------------------------------------------------------


def test_nothing_goes_before_its_time(office: Office) -> None:
    assert batches.look_for_purge(office).empty


def test_a_year_of_certificates_is_kept_from_its_end(filed: Office) -> None:
    year = Period.parse("ATT-2026")
    batch = batches.prepare(filed, year).batch
    with filed.journal.hold_account(filed.account.key, wait=0):
        offices.run(filed, batch)
    runs = filed.settings.home.runs / "ATT-2026_0123"
    runs.mkdir(parents=True)

    def found(*day: int) -> set[str]:
        looked = batches.look_for_purge(filed, now=dt.datetime(*day, 12, tzinfo=dt.UTC))  # type: ignore[arg-type]
        return {path.name for _kind, path in looked.places if path.name.startswith("ATT-")}

    assert found(2028, 1, 31) == set(), "thirteen months after December"
    assert found(2028, 2, 1) == {batch.id, "ATT-2026", "ATT-2026_0123"}


def test_looking_changes_nothing(office: Office) -> None:
    before = everything(office)
    found = batches.look_for_purge(office, now=LATER)
    assert found.counts[Kept.MESSAGES] == 1
    assert found.counts[Kept.DOCUMENTS] == 1
    assert found.counts[Kept.ADDRESSES] == 6  # an attempt and a verdict for each family
    assert everything(office) == before
    assert office.outbox.batches()


def test_a_purge_leaves_which_invoice_left_when_and_a_mask(office: Office) -> None:
    report_about(office, 1)
    before = everything(office)
    batches.purge(office, batches.look_for_purge(office, now=LATER))
    after = everything(office)
    assert clear_addresses(office) == set()
    assert [(e.id, e.at, e.kind, e.line, e.month) for e in after[: len(before)]] == [
        (e.id, e.at, e.kind, e.line, e.month) for e in before
    ]
    assert [o.status for e in after for o in e.recipients] == [o.status for e in before for o in e.recipients]
    assert after[-1].kind is EntryKind.PURGED
    assert (after[-1].operator, after[-1].data["messages"]) == ("Claire", 1)
    assert office.outbox.batches() == ()
    assert not list(office.settings.home.documents.glob("2026-10"))
    assert not list(office.settings.home.returns.glob("*.eml"))
    assert batches.look_for_purge(office, now=LATER).empty


def test_after_a_purge_the_month_is_still_known_and_nothing_leaves_twice(office: Office) -> None:
    """The slip shows the old month as accepted, and preparing it again sends to nobody."""
    batches.purge(office, batches.look_for_purge(office, now=LATER))
    slip = batches.survey(office, OCTOBER).slip
    assert (slip.balanced, slip.boxes[Box.ACCEPTED].count) == (True, 3)
    transport = FakeTransport()
    prepared = batches.prepare(office, OCTOBER)
    with office.journal.hold_account(office.account.key, wait=0):
        offices.run(office, prepared.batch, transport)
    assert offices.recipients(transport) == []


def test_without_the_key_the_contact_is_still_known(office: Office) -> None:
    """A lost key costs the addresses, not the guard: it is keyed on the contact as well."""
    batches.purge(office, batches.look_for_purge(office, now=LATER))
    (office.settings.home.secrets / "addresses.key").unlink()
    transport = FakeTransport()
    prepared = batches.prepare(office, OCTOBER)
    with office.journal.hold_account(office.account.key, wait=0):
        offices.run(office, prepared.batch, transport)
    assert offices.recipients(transport) == []


def test_a_contact_with_another_rank_is_known_by_the_mask(tmp_path: Path) -> None:
    """The run reads the journal as it is: what preparing recognised by the key, it must not send either."""
    with offices.open_office(offices.make_home(tmp_path / "home", 1)) as office:
        send_october(office)
        batches.purge(office, batches.look_for_purge(office, now=LATER))
        contacts = [workbooks.contact(offices.code(1), rank=2, **{"E-mail": offices.address(1)})]
        offices.write_workbook(office.settings.home.root / "factures.xlsx", 1, contacts=contacts)
        transport = FakeTransport()
        prepared = batches.prepare(office, OCTOBER)
        with office.journal.hold_account(office.account.key, wait=0):
            offices.run(office, prepared.batch, transport)
        assert offices.recipients(transport) == []


def test_the_journal_refuses_changes_again_after_a_purge(office: Office) -> None:
    """Invariant 3 holds before and after; the purge alone goes through, and leaves no door open."""
    from sqlalchemy import text  # noqa: PLC0415
    from sqlalchemy.exc import DBAPIError  # noqa: PLC0415

    batches.purge(office, batches.look_for_purge(office, now=LATER))
    for statement in ("UPDATE entry SET data = '{}'", "UPDATE entry_recipient SET address = 'x'"):
        with pytest.raises(DBAPIError, match="append-only"), office.journal.engines.writer.begin() as raw:
            raw.execute(text(statement))


def test_a_purge_that_fails_changes_no_entry_and_keeps_the_guards(office: Office) -> None:
    from elite_lib.journal import purging  # noqa: PLC0415

    before = everything(office)
    entries = purging.due(office.journal, before=LATER)

    def fails(entry: Entry) -> Entry:
        if entry.id == entries[-1].id:
            raise ZeroDivisionError
        return pseudonyms.put_away(entry, KEY)

    with pytest.raises(ZeroDivisionError):
        purging.rewrite(office.journal, entries, fails)
    assert everything(office) == before
    test_the_journal_refuses_changes_again_after_a_purge(office)


def test_the_file_itself_holds_the_addresses_no_more(filed: Office) -> None:
    """Overwritten pages, the write-ahead log and the copies would still tell."""
    batches.back_up(filed)
    home = filed.settings.home
    batches.purge(filed, batches.look_for_purge(filed, now=LATER))
    files = [*home.root.glob("journal.sqlite*"), *home.backups.glob("*")]
    assert len(files) >= 2
    for file in files:
        assert offices.address(1).encode() not in file.read_bytes(), file.name


def test_a_batch_in_doubt_stays(tmp_path: Path) -> None:
    with offices.open_office(offices.make_home(tmp_path / "home", 2)) as office:
        prepared = batches.prepare(office, OCTOBER)
        in_doubt(office, prepared.batch.id)
        found = batches.look_for_purge(office, now=LATER)
        assert (found.batches, found.kept) == ((), (prepared.batch.id,))


def in_doubt(office: Office, batch: str) -> None:
    message = office.outbox.read(batch).messages[0]
    office.journal.append(
        Entry(
            kind=EntryKind.ATTEMPTING,
            account=office.account.key,
            month=message.month,
            batch=batch,
            line=message.line,
            message=message.key,
            recipients=tuple(
                RecipientOutcome(contact=r.contact, address=r.address, status=Status.UNCERTAIN)
                for r in message.recipients
            ),
            data={"message_id": message.message_id, "fingerprint": str(message.fingerprint)},
        )
    )


def test_what_a_mail_program_was_given_goes_with_the_messages(filed: Office, tmp_path: Path) -> None:
    single = batches.write_single(filed, offices.invoice_number(1), to=["tante@example.com"])
    batches.hand_over(filed, single, DefaultClient())
    handed = filed.settings.home.handed
    assert len(list(handed.rglob("*.pdf"))) == 1
    assert batches.look_for_purge(filed).counts[Kept.MESSAGES] == 0
    found = batches.look_for_purge(filed, now=LATER)
    batches.purge(filed, found)
    assert list(handed.rglob("*.pdf")) == []


def test_zero_months_keeps_for_ever(tmp_path: Path) -> None:
    never = {"messages": 0, "documents": 0, "notebooks": 0, "returns": 0, "addresses": 0}
    home = offices.make_home(tmp_path / "home", 1, settings={"retention": never})
    with offices.open_office(home) as office:
        send_october(office)
        assert batches.look_for_purge(office, now=LATER).empty


def test_a_month_counts_from_its_end(filed: Office) -> None:
    """13 months after October 2026: kept throughout November 2027, gone in December."""
    november = dt.datetime(2027, 11, 30, 23, 0, tzinfo=dt.UTC)
    december = dt.datetime(2027, 12, 1, 0, 0, tzinfo=dt.UTC)
    assert batches.look_for_purge(filed, now=november).counts[Kept.DOCUMENTS] == 0
    assert batches.look_for_purge(filed, now=december).counts[Kept.DOCUMENTS] == 1


# -- one person ------------------------------------------------------------------------------------


def test_who_asks_to_be_erased_is_alone(filed: Office) -> None:
    """The resident's own entries, PDF and returned messages go; the others' stay."""
    for number in (1, 2):
        report_about(filed, number)
    found = batches.look_for_person(filed, offices.code(1), now=LATER)
    assert found.counts[Kept.MESSAGES] == 1
    batches.purge(filed, found)
    assert clear_addresses(filed) == {offices.address(2), offices.address(3)}
    assert [file.name for file in filed.settings.home.returns.glob("*")] == ["d2.eml"]
    left = {file.name for file in filed.settings.home.documents.rglob("*.pdf")}
    assert not any(offices.invoice_number(1) in name for name in left)
    assert any(offices.invoice_number(2) in name for name in left)
    slip = batches.survey(filed, OCTOBER).slip
    assert slip.balanced


def test_messages_of_a_batch_that_may_still_be_sent_stay_for_now(filed: Office) -> None:
    found = batches.look_for_person(filed, offices.code(1))
    assert found.counts[Kept.MESSAGES] == 0
    assert found.kept == (filed.outbox.batches()[0].id,)


def test_a_resident_whose_code_begins_like_anothers_is_another(filed: Office) -> None:
    with pytest.raises(ConfigError) as raised:
        batches.look_for_person(filed, offices.code(1)[:-1])
    assert raised.value.code == "resident_unknown_here"
    with pytest.raises(ConfigError):
        batches.look_for_person(filed, "%")


# -- the commands ----------------------------------------------------------------------------------


def test_the_command_shows_first_and_acts_with_yes(filed: Office) -> None:
    home = filed.settings.home.root
    assert elite("purge", home=home).out.rstrip().endswith("Rien n’a fait son temps.")
    shown = elite("forget", offices.code(1), home=home)
    assert "écritures du journal d’envoi avec une adresse\u00a0: 2" in shown.out
    assert "Rien n’a été changé" in shown.out
    assert offices.address(1) in clear_addresses(filed)
    assert elite("forget", offices.code(1), "--yes", home=home).out.rstrip().endswith("C’est fait.")
    assert offices.address(1) not in clear_addresses(filed)
    said = elite("purge", "--json", home=home).json
    assert said == {
        "done": False,
        "messages": 0,
        "documents": 0,
        "notebooks": 0,
        "returns": 0,
        "addresses": 0,
        "kept": [],
    }


def test_a_code_that_the_journal_does_not_know_is_said(filed: Office) -> None:
    said = elite("forget", "R9", home=filed.settings.home.root)
    assert said.code == 1
    assert "« R9 »".replace(" ", "\u00a0") in said.err
