"""One invoice: to whom, with what, never a second time without a word; by our account or a mail program."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from elite_lib import batch as batches
from elite_lib import outcomes
from elite_lib.batch import Already, Means, Office
from elite_lib.batch.queued import await_queued, queue_single, serve
from elite_lib.exceptions import ConfigError, HandoverError
from elite_lib.handover import Handed, Letter
from elite_lib.handover.eml import EmlFile
from elite_lib.mailbox.fake import FakeMailbox
from elite_lib.models import (
    Attachment,
    Box,
    Entry,
    EntryKind,
    Envelope,
    Pace,
    Resolution,
    Status,
    Transaction,
    Way,
)
from elite_lib.transports import BeforeDot
from elite_lib.transports.fake import FakeTransport
from tests.support import offices, workbooks
from tests.support.clocks import ManualClock
from tests.support.command import elite
from tests.support.offices import OCTOBER, invoice_number

ONE, TWO = offices.code(1), offices.code(2)
F1, F2 = invoice_number(1), invoice_number(2)
MOTHER, SON, AUNT = "mere@example.com", "fils@example.com", "tante@example.com"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """Two residents. The first has three contacts: one marked for all, one for invoices, one for nothing."""
    contacts = [
        workbooks.contact(ONE, 1, Prénom="Anne", **{"E-mail": MOTHER}),
        workbooks.contact(ONE, 2, Prénom="Luc", **{"E-mail": SON, "Destinataire débours": "N"}),
        workbooks.contact(
            ONE, 3, Prénom="Zoé", **{"E-mail": AUNT, "Destinataire facture": "N", "Destinataire débours": "N"}
        ),
        workbooks.contact(TWO, 1, **{"E-mail": "autre@example.com"}),
    ]
    debours = [workbooks.disbursement("D1", ONE, **{"N° facture": F1})]
    root = offices.make_home(tmp_path / "home", 2, contacts=contacts, debours=debours)
    with offices.open_office(root) as opened:
        yield opened


def sent(
    office: Office, *to: str, again: bool = False, transport: FakeTransport | None = None
) -> FakeTransport:
    transport = transport or FakeTransport()
    single = batches.write_single(office, F1, to=to)
    frozen = batches.freeze_single(office, single, confirmed=again)
    assert batches.send_single(office, frozen.id, transport=transport).stopped is None
    return transport


def statuses(office: Office) -> dict[str, Status]:
    _, entries = batches.read_plan(office, OCTOBER)
    return {s.address: s.status for s in outcomes.fold(entries).values() if s.line == F1}


def box(office: Office, number: str = F1) -> Box:
    slip = batches.survey(office, OCTOBER).slip
    assert slip.balanced
    return next(line.box for line in slip.lines if line.key == number)


# -- to whom, with what ----------------------------------------------------------------------------


def test_the_family_is_listed_marked_or_not(office: Office) -> None:
    found = batches.addressees(office, F1)
    assert [(one.address, one.marked, one.statement) for one in found] == [
        (MOTHER, True, True),
        (SON, True, False),
        (AUNT, False, False),
    ]


def test_only_who_was_picked_receives(office: Office) -> None:
    transport = sent(office, AUNT)
    assert offices.recipients(transport) == [AUNT]
    assert statuses(office) == {AUNT: Status.ACCEPTED}
    assert box(office) is Box.PENDING  # the contacts of the month have not received theirs


def test_the_statement_goes_to_the_contact_marked_for_it_alone(office: Office) -> None:
    """Two contacts picked together may get different attachments: two messages."""
    single = batches.write_single(office, F1, to=[MOTHER, SON, AUNT])
    carried = {tuple(r.address for r in m.draft.recipients): m.documents for m in single.messages}
    assert carried == {(MOTHER,): (F1, "D1"), (SON, AUNT): (F1,)}


def test_an_address_typed_by_hand_gets_no_statement(office: Office) -> None:
    single = batches.write_single(office, F1, to=["notaire@example.com"])
    (message,) = single.messages
    assert message.documents == (F1,)
    assert [a.name for a in message.draft.attachments] == [f"Facture_{F1}_Dupont1.pdf"]


def test_nobody_named_means_whom_the_month_has(office: Office) -> None:
    transport = sent(office)
    assert sorted(offices.recipients(transport)) == [SON, MOTHER]
    assert box(office) is Box.ACCEPTED


def test_another_family_is_out_of_reach(office: Office) -> None:
    """An address of another resident's contact is one typed by hand: no contact of theirs is touched."""
    single = batches.write_single(office, F1, to=["autre@example.com"])
    assert single.messages[0].draft.recipients[0].contact == ""
    sent(office, "autre@example.com")
    assert box(office, F2) is Box.PENDING


def test_more_files_go_along(office: Office) -> None:
    more = Attachment(name="lettre.pdf", content=b"%PDF-1.4")
    single = batches.write_single(office, F1, to=[SON], attachments=[more])
    assert [a.name for a in single.messages[0].draft.attachments] == [
        f"Facture_{F1}_Dupont1.pdf",
        "lettre.pdf",
    ]


@pytest.mark.parametrize(
    ("number", "to", "code"),
    [
        ("F9", [MOTHER], "invoice_unknown"),
        (F1, ["sans arobase"], "address_invalid"),
        (F1, ["é@example.com"], "address_invalid"),
    ],
)
def test_what_cannot_be_written_is_said(office: Office, number: str, to: list[str], code: str) -> None:
    with pytest.raises(ConfigError) as raised:
        batches.write_single(office, number, to=to)
    assert raised.value.code == code


def homes(tmp_path: Path, **sheets: Any) -> Path:
    return offices.make_home(tmp_path / "home", 1, **sheets)


def test_a_problem_in_the_data_holds_it(tmp_path: Path) -> None:
    wrong = [workbooks.invoice(F1, ONE, **{"Net à payer": 1.0})]
    with offices.open_office(homes(tmp_path, factures=wrong)) as office:
        with pytest.raises(ConfigError) as raised:
            batches.write_single(office, F1, to=[MOTHER])
        assert (raised.value.code, raised.value.fields["codes"]) == ("single_held", ("net_sum",))


def test_a_draft_is_not_sent(tmp_path: Path) -> None:
    draft = [workbooks.invoice(F1, ONE, Statut="brouillon")]
    with offices.open_office(homes(tmp_path, factures=draft)) as office:
        with pytest.raises(ConfigError) as raised:
            batches.write_single(office, F1, to=[MOTHER])
        assert raised.value.code == "single_excluded"


def test_of_a_deceased_resident_it_goes_where_a_person_says_with_its_own_wording(tmp_path: Path) -> None:
    dead = [workbooks.resident(ONE, **{"Date de décès": dt.date(2026, 10, 12)})]
    with offices.open_office(homes(tmp_path, residents=dead)) as office:
        with pytest.raises(ConfigError):
            batches.write_single(office, F1)
        single = batches.write_single(office, F1, to=["notaire@example.com"])
        assert "condoléances" in single.messages[0].draft.text


def test_without_an_address_somebody_must_be_named(tmp_path: Path) -> None:
    with offices.open_office(
        homes(tmp_path, contacts=[workbooks.contact(ONE, **{"E-mail": None})])
    ) as office:
        with pytest.raises(ConfigError) as raised:
            batches.write_single(office, F1)
        assert raised.value.code == "single_nobody"
        assert offices.recipients(sent(office, AUNT)) == [AUNT]


# -- never a second time without a word ------------------------------------------------------------


def test_what_left_already_is_said_and_goes_again_only_when_confirmed(office: Office) -> None:
    first = sent(office, MOTHER)
    single = batches.write_single(office, F1, to=[MOTHER])
    assert single.already == ((MOTHER, Already.ACCEPTED),)
    with pytest.raises(ConfigError) as raised:
        batches.freeze_single(office, single)
    assert raised.value.code == "single_confirm"
    again = sent(office, MOTHER, again=True)
    assert [len(first.stored), len(again.stored)] == [1, 1]
    released = [e for e in office.journal.entries() if e.kind is EntryKind.RESOLVED]
    assert [(e.operator, e.data["resolution"]) for e in released] == [("Claire", Resolution.RESEND.value)]


def test_a_resend_names_what_it_replaces(office: Office) -> None:
    sent(office, MOTHER)
    earlier = [e.data["message_id"] for e in office.journal.entries(kinds=[EntryKind.ATTEMPTING])]
    sent(office, MOTHER, again=True)
    later = office.journal.entries(kinds=[EntryKind.ATTEMPTING])[-1]
    assert [later.data["replaces"]] == earlier


def test_the_month_does_not_send_again_what_a_single_sent(office: Office) -> None:
    sent(office, MOTHER)
    prepared = batches.prepare(office, OCTOBER)
    transport = FakeTransport()
    with office.journal.hold_account(office.account.key, wait=0):
        offices.run(office, prepared.batch, transport)
    assert MOTHER not in offices.recipients(transport)
    assert SON in offices.recipients(transport)


def test_a_single_supersedes_nothing(office: Office) -> None:
    month = batches.prepare(office, OCTOBER).batch
    sent(office, AUNT)
    newest = batches.newest_batch(office, OCTOBER)
    assert newest is not None
    assert newest.id == month.id
    assert batches.send(office, month.id, transport=FakeTransport()).stopped is None


class Timed(FakeTransport):
    """Notes when each message was attempted, by the run's clock."""

    def __init__(self, clock: ManualClock) -> None:
        super().__init__()
        self.clock, self.times = clock, list[dt.datetime]()

    def send(self, envelope: Envelope, content: bytes, before_dot: BeforeDot) -> Transaction:
        self.times.append(self.clock.now())
        return super().send(envelope, content, before_dot)


def during(office: Office, *, pace: Pace) -> Timed:
    """Run the month while a single is queued after its first message."""
    month = batches.prepare(office, OCTOBER).batch
    single = batches.freeze_single(office, batches.write_single(office, F1, to=[AUNT]))
    clock = ManualClock()
    transport = Timed(clock)
    asked: list[str] = []

    def observe(entry: Entry) -> None:
        if entry.kind is EntryKind.VERDICT and not asked:
            asked.append("r-single")
            queue_single(office, single, run_id="r-single")

    with office.journal.hold_account(office.account.key, wait=0, run="r0", operator="Paul"):
        offices.run(office, month, transport, pace=pace, clock=clock, on_entry=observe, serve=True)
    return transport


def test_a_run_takes_a_single_between_two_messages(office: Office) -> None:
    """It leaves on the run's own session, as a run of its own, and the month goes on."""
    transport = during(office, pace=offices.FAST)
    attempts = office.journal.entries(kinds=[EntryKind.ATTEMPTING])
    assert [(e.run == "r-single", e.recipients[0].address) for e in attempts][:2] == [
        (False, MOTHER),
        (True, AUNT),
    ]
    assert len(attempts) == 4
    assert transport.opened == 1
    ended = await_queued(office, "r-single", account=office.account.key)
    assert ended is not None
    assert (ended.sent, ended.stopped) == (1, None)


def test_a_single_taken_by_a_run_counts_in_its_pace_and_caps(office: Office) -> None:
    times = during(office, pace=Pace(between=2, every=0, pause=0, per_minute=2)).times
    assert len(times) == 4
    assert all(later - earlier >= dt.timedelta(seconds=2) for earlier, later in pairwise(times))
    assert all(
        later - earlier >= dt.timedelta(minutes=1) for earlier, later in zip(times, times[2:], strict=False)
    )


def test_a_single_that_nobody_waits_for_any_more_is_passed_over(office: Office) -> None:
    single = batches.freeze_single(office, batches.write_single(office, F1, to=[AUNT]))
    queue_single(office, single, run_id="r-late")
    (entry,) = office.journal.entries(kinds=[EntryKind.QUEUED])
    transport = FakeTransport()
    means = Means(
        transport=transport,
        journal=office.journal,
        outbox=office.outbox,
        pace=offices.FAST,
        clock=ManualClock(dt.datetime.now(dt.UTC) + dt.timedelta(minutes=3)),
    )
    serve(entry, means, on_entry=lambda _e: None, should_stop=bool)
    assert transport.stored == []


def test_who_waits_for_a_run_that_ended_sends_by_itself(office: Office) -> None:
    assert await_queued(office, "nobody", account=office.account.key) is None


# -- a mail program --------------------------------------------------------------------------------


class Recording:
    """A mail program that notes what it was given, or does not open."""

    way = Way.THUNDERBIRD

    def __init__(self, *, fails: bool = False) -> None:
        self.letters: list[Letter] = []
        self.fails = fails

    def available(self) -> bool:
        return True

    def hand_over(self, letter: Letter, folder: Path) -> Handed:
        if self.fails:
            raise HandoverError("program_failed", program="Thunderbird", detail="no display")
        self.letters.append(letter)
        return Handed()


def handed(office: Office, method: Recording, *to: str) -> None:
    batches.hand_over(office, batches.write_single(office, F1, to=to), method)


def test_what_was_handed_over_is_neither_sent_nor_pending(office: Office) -> None:
    method = Recording()
    handed(office, method, MOTHER, SON)
    assert set(statuses(office).values()) == {Status.HANDED}
    assert box(office) is Box.UNCERTAIN
    prepared = batches.prepare(office, OCTOBER)
    transport = FakeTransport()
    with office.journal.hold_account(office.account.key, wait=0):
        offices.run(office, prepared.batch, transport)
    assert offices.recipients(transport) == ["autre@example.com"]


def test_handing_over_again_asks(office: Office) -> None:
    handed(office, Recording(), MOTHER)
    single = batches.write_single(office, F1, to=[MOTHER])
    assert single.already == ((MOTHER, Already.HANDED),)


def test_a_person_says_that_it_left(office: Office) -> None:
    handed(office, Recording(), MOTHER, SON)
    batches.settle(office, OCTOBER, F1, resolution=Resolution.ACCEPTED)
    assert box(office) is Box.ACCEPTED


def test_the_journal_has_it_before_the_program_opens(office: Office) -> None:
    seen: list[EntryKind] = []

    class Looking(Recording):
        def hand_over(self, letter: Letter, folder: Path) -> Handed:
            seen.extend(e.kind for e in office.journal.entries())
            return Handed()

    handed(office, Looking(), MOTHER)
    assert seen[-1] is EntryKind.HANDED_OVER


def test_a_program_that_does_not_open_leaves_it_to_be_sent(office: Office) -> None:
    with pytest.raises(HandoverError):
        handed(office, Recording(fails=True), MOTHER)
    assert statuses(office) == {MOTHER: Status.PENDING}
    assert offices.recipients(sent(office, MOTHER)) == [MOTHER]


def test_the_blind_copy_goes_to_a_tagged_address_where_the_mailbox_takes_tags(tmp_path: Path) -> None:
    account = {"sender": "compta@tilleuls.example", "host": "127.0.0.1", "port": 9, "security": "plain"}
    for tags in (True, False):
        root = offices.make_home(tmp_path / str(tags), 1, settings={"mail": account | {"tag_returns": tags}})
        with offices.open_office(root) as office:
            method = Recording()
            handed(office, method)
            bcc = method.letters[0].bcc
            assert bool(bcc) is tags
            if tags:
                assert bcc.startswith("compta+")
                assert bcc.endswith("@tilleuls.example")


# -- the command -----------------------------------------------------------------------------------


def test_the_command_shows_first(office: Office) -> None:
    said = elite("send-one", F1, "--to", MOTHER, home=office.settings.home.root)
    assert f"{F1} à {MOTHER}" in said.out
    assert "Rien n’a été envoyé" in said.out
    assert (said.code, office.journal.entries()) == (0, [])


def test_the_command_writes_an_eml(office: Office, tmp_path: Path) -> None:
    file = tmp_path / "message.eml"
    said = elite(
        "send-one", F1, "--to", SON, "--method", "eml", "-o", file, "--yes", home=office.settings.home.root
    )
    assert said.code == 0
    content = file.read_bytes()
    assert b"X-Unsent: 1\r\n" in content
    assert b"Auto-Submitted" not in content
    assert statuses(office) == {SON: Status.HANDED}


def test_the_command_refuses_a_way_that_it_does_not_know(office: Office) -> None:
    said = elite("send-one", F1, "--method", "pigeon", home=office.settings.home.root)
    assert said.code == 2
    assert "pigeon" in said.err


def test_the_command_asks_before_a_second_one(office: Office) -> None:
    home = office.settings.home.root
    elite("send-one", F1, "--to", SON, "--method", "eml", "-o", home / "a.eml", "--yes", home=home)
    said = elite("send-one", F1, "--to", SON, "--method", "eml", "-o", home / "b.eml", "--yes", home=home)
    assert said.code == 1
    assert not (home / "b.eml").exists()
    said = elite(
        "send-one", F1, "--to", SON, "--method", "eml", "-o", home / "b.eml", "--yes", "--again", home=home
    )
    assert (said.code, (home / "b.eml").exists()) == (0, True)


def test_every_way_has_its_method(office: Office) -> None:
    methods = batches.handover_methods(office)
    assert set(methods) == set(Way) - {Way.INTERNAL}
    assert all(method.way is way for way, method in methods.items())
    assert methods[Way.EML].available()
    assert not methods[Way.DRAFT].available()  # no [imap]
    assert isinstance(methods[Way.EML], EmlFile)
    assert FakeMailbox().calls == 0
