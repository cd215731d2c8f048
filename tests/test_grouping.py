"""One message to a guardian of several residents: each invoice keeps its own state, and leaves once."""

from __future__ import annotations

import datetime as dt
import email
import email.policy
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from elite_lib import batch as batches
from elite_lib import composition, config, outcomes
from elite_lib.batch import Office
from elite_lib.batch.previewing import Previewer
from elite_lib.batch.testing import prepare_test
from elite_lib.exceptions import TemplateError
from elite_lib.labels.history import tell_entry
from elite_lib.mailbox import SENT
from elite_lib.mailbox.fake import FakeMailbox
from elite_lib.mailbox.folder import FolderSource
from elite_lib.mailbox.opening import Mailboxes
from elite_lib.models import (
    Batch,
    Box,
    Entry,
    EntryKind,
    Reply,
    Resolution,
    Slip,
    Stage,
    Status,
)
from elite_lib.transports.fake import Answers, FakeTransport
from elite_lib.ui.following import Follower
from elite_lib.ui.month import Month
from elite_lib.ui.preview import PreviewPanel
from tests.support import offices, returns, workbooks
from tests.support.offices import OCTOBER, address, code, invoice_number

GUARDIAN = "factures@tutelle.example"
WARDS = (1, 2, 4)  # the third has a family
F1, F2, F3, F4 = map(invoice_number, range(1, 5))
DOUBT = Answers(cut=Stage.DOT)
LATER = Answers(rcpt=Reply(code=451, text="4.3.0 later"))
UNKNOWN = Answers(rcpt=Reply(code=550, text="5.1.1 unknown user"))


def guardian(number: int, **other: object) -> workbooks.Row:
    organisation = {"Nom": "Association Tutélaire", "Prénom": "", "Civilité": "", "Qualité": "organisme"}
    return workbooks.contact(code(number), **organisation | {"E-mail": GUARDIAN} | other)


def contacts(*wards: int, count: int = 4, **other: object) -> list[workbooks.Row]:
    return [
        guardian(n, **other) if n in wards else workbooks.contact(code(n), **{"E-mail": address(n)})
        for n in range(1, count + 1)
    ]


def home(root: Path, *, mail: Mapping[str, object] = {}, group: bool = True, **sheets: Any) -> Path:
    sheets = {"contacts": contacts(*WARDS)} | sheets
    made = offices.make_home(root, 4, settings={"message": {"group": group}}, **sheets)
    if mail:
        config.save(config.Home(made), {"mail": dict(mail)})
    return made


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with offices.open_office(home(tmp_path / "home")) as opened:
        yield opened


def send(office: Office, script: Any = (), **options: Any) -> FakeTransport:
    transport = FakeTransport(script)
    offices.run(office, batches.prepare(office, OCTOBER).batch, transport, **options)
    return transport


def files(transport: FakeTransport) -> list[list[str]]:
    """List what each message carried, in order."""
    return [_names(sent.content) for sent in transport.stored]


def _names(content: bytes) -> list[str]:
    names = [part.get_filename("") for part in _mail(content).iter_attachments()]
    return [name.partition("_Dupont")[0] for name in names]


def _mail(content: bytes) -> EmailMessage:
    return email.message_from_bytes(content, policy=email.policy.default)  # type: ignore[return-value]


def pdf(*numbers: str) -> list[str]:
    return [f"Facture_{number}" for number in numbers]


def statuses(office: Office) -> dict[str, Status]:
    states = outcomes.fold(office.journal.entries(period=OCTOBER))
    return {state.line: state.status for state in states.values() if state.address}


def slip_of(office: Office) -> Slip:
    return batches.survey(office, OCTOBER).slip


def boxes(slip: Slip) -> dict[Box, int]:
    return {box: total.count for box, total in slip.boxes.items() if total.count}


def grouped(batch: Batch) -> list[list[str]]:
    return [[part.line for part in batch.parts(lead)] for lead in batch.departures if lead.group]


# -- what leaves -----------------------------------------------------------------------------------


def test_one_message_carries_what_three_residents_owe(office: Office) -> None:
    transport = send(office)
    assert [sent.envelope.recipients for sent in transport.stored] == [(GUARDIAN,), (address(3),)]
    assert files(transport) == [pdf(F1, F2, F4), pdf(F3)]
    message = _mail(transport.stored[0].content)
    text = message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    for number, owed in ((1, F1), (2, F2), (4, F4)):
        assert f"DUPONT{number}\u00a0: {owed}, 2\u00a0000,00\u00a0€" in text.replace("\u202f", "\u00a0")
    assert "6\u00a0000,00\u00a0€" in text.replace("\u202f", "\u00a0")
    assert F3 not in text
    assert "3 résidents" in str(message["Subject"])
    assert boxes(slip_of(office)) == {Box.ACCEPTED: 4}
    assert send(office).calls == []


def test_each_invoice_has_an_attempt_and_a_verdict_of_its_own_written_together(office: Office) -> None:
    send(office)
    for kind in (EntryKind.ATTEMPTING, EntryKind.VERDICT):
        first, second, third, alone = office.journal.entries(kinds=[kind])
        assert [first.line, second.line, third.line, alone.line] == [F1, F2, F4, F3]
        assert first.at == second.at == third.at
        assert [entry.follows for entry in (first, second, third, alone)] == [False, True, True, False]
        assert [entry.data["documents"] for entry in (first, second, third)] == [F1, F2, F4]
        assert len({entry.data["message_id"] for entry in (first, second, third)}) == 1
    attempts = office.journal.entries(kinds=[EntryKind.ATTEMPTING])
    verdicts = office.journal.entries(kinds=[EntryKind.VERDICT])
    assert [entry.attempt for entry in verdicts] == [entry.id for entry in attempts]
    assert "d’autres résidents" in tell_entry(verdicts[1])
    assert "d’autres résidents" not in tell_entry(verdicts[3])


def test_a_shared_message_counts_once(office: Office) -> None:
    """In the quota that holds across restarts, in the run's own figures, and on the page that follows it."""
    batch = batches.prepare(office, OCTOBER).batch
    assert len(batch.messages) == 4
    assert len(batch.departures) == 2
    assert batch.size == sum({m.file: m.size for m in batch.messages}.values())
    assert len({m.file for m in batch.messages}) == 2
    follower = Follower(office)
    ended = offices.run(office, batch)
    assert (ended.sent, ended.attempted) == (2, 2)
    assert (
        len(office.journal.attempt_times(office.account.key, since=dt.datetime(2000, 1, 1, tzinfo=dt.UTC)))
        == 2
    )
    follower.fresh()
    view = follower.view()
    assert view is not None
    assert (view.planned, view.done, view.sent) == (2, 2, 2)


def test_the_page_asks_for_as_many_messages_as_leave(office: Office) -> None:
    month = Month(office, batches.load_tables(office), OCTOBER)
    intent = month.intent([F1, F2, F3, F4], ())
    assert (intent.messages, intent.shared, intent.recipients, intent.invoices) == (2, 1, 4, 4)


def test_preparing_again_gives_the_same_batch(office: Office) -> None:
    assert batches.prepare(office, OCTOBER).batch.id == batches.prepare(office, OCTOBER).batch.id


def test_a_frozen_shared_message_is_read_back_whole(office: Office) -> None:
    batch = batches.prepare(office, OCTOBER).batch
    assert office.outbox.read(batch.id) == batch
    assert grouped(batch) == [[F1, F2, F4]]
    assert [m.recipients[0].contact for m in batch.messages if m.group] == [f"{code(n)}/1" for n in WARDS]


def test_what_goes_with_every_message_is_in_it_once_and_last(office: Office) -> None:
    folder = office.settings.home.root / "attachments" / "tous" / "2026-10"
    folder.mkdir(parents=True)
    (folder / "menu.txt").write_text("menu")
    assert files(send(office))[0] == [*pdf(F1, F2, F4), "menu.txt"]


# -- who is never grouped --------------------------------------------------------------------------

ALONE: Mapping[str, Any] = {
    "the setting is off": {"group": False},
    "families": {"contacts": contacts(*WARDS, Qualité="famille")},
    "curators": {"contacts": contacts(*WARDS, Qualité="curateur")},
    "another name": {
        "contacts": [guardian(1), guardian(2, Nom="Mme Autre"), *contacts(count=4)[2:]],
    },
    "another address": {
        "contacts": [guardian(1), guardian(2, **{"E-mail": "autre@tutelle.example"}), *contacts()[2:]],
    },
    "a second contact, jointly": {
        "residents": [workbooks.resident(code(n), Nom=f"Dupont{n}", Message="joint") for n in range(1, 5)],
        "contacts": [
            row
            for n in range(1, 5)
            for row in (guardian(n), workbooks.contact(code(n), 2, **{"E-mail": address(n)}))
        ],
    },
    "one resident with two invoices": {
        "contacts": contacts(1),
        "factures": [workbooks.invoice(invoice_number(n), code(max(1, n - 1))) for n in range(1, 5)],
    },
    "after a death": {
        "residents": [
            workbooks.resident(
                code(n), Nom=f"Dupont{n}", **{"Date de décès": dt.date(2026, 10, 20)} if n != 1 else {}
            )
            for n in range(1, 5)
        ]
    },
}


@pytest.mark.parametrize("case", ALONE)
def test_nobody_else_is_grouped(tmp_path: Path, case: str) -> None:
    with offices.open_office(home(tmp_path / "home", **ALONE[case])) as office:
        batch = batches.prepare(office, OCTOBER).batch
        assert batch.messages
        assert grouped(batch) == []


@pytest.mark.parametrize("quality", ["tuteur", "organisme"])
def test_guardians_and_organisations_are(tmp_path: Path, quality: str) -> None:
    with offices.open_office(home(tmp_path / "home", contacts=contacts(*WARDS, Qualité=quality))) as office:
        assert grouped(batches.prepare(office, OCTOBER).batch) == [[F1, F2, F4]]


def test_both_addresses_of_a_guardian_receive_it(tmp_path: Path) -> None:
    rows = contacts(*WARDS, **{"E-mail 2": "double@tutelle.example"})
    with offices.open_office(home(tmp_path / "home", contacts=rows)) as office:
        later = Answers(rcpt={"double@tutelle.example": Reply(code=451, text="4.3.0 later")})
        transport = send(office, [later, later])  # put off for one of the two; the same run tries it again
        assert files(transport) == [pdf(F1, F2, F4), pdf(F3), pdf(F1, F2, F4)]
        assert offices.recipients(transport) == [GUARDIAN, address(3), "double@tutelle.example"]
        assert send(office).calls == []


def test_what_one_of_two_addresses_still_needs_goes_alone(tmp_path: Path) -> None:
    rows = contacts(*WARDS, **{"E-mail 2": "double@tutelle.example"})
    with offices.open_office(home(tmp_path / "home", contacts=rows)) as office:
        send(office, [Answers(rcpt={"double@tutelle.example": Reply(code=550, text="5.1.1 unknown user")})])
        batches.prepare(office, OCTOBER)
        batches.retry_refused(office, OCTOBER)
        again = send(office)
        assert offices.recipients(again) == ["double@tutelle.example"] * 3
        assert files(again) == [pdf(F1), pdf(F2), pdf(F4)]


def test_what_is_held_or_left_out_does_not_travel_with_the_others(office: Office) -> None:
    office.journal.append(Entry(kind=EntryKind.UNTICKED, operator="Claire", month="2026-10", line=F2))
    assert grouped(batches.prepare(office, OCTOBER).batch) == [[F1, F4]]
    assert grouped(batches.prepare(office, OCTOBER, only=[F1, F2, F3]).batch) == []


def test_too_much_for_one_message_is_several(tmp_path: Path) -> None:
    with offices.open_office(home(tmp_path / "home")) as office:
        whole = next(
            m.size for m in batches.prepare(office, OCTOBER, freeze=False).batch.departures if m.group
        )
        limit = round(whole * 0.85 / 1_000_000, 3)
        small = replace(
            office, settings=replace(office.settings, mail=replace(office.account, max_size=limit))
        )
        batch = batches.prepare(small, OCTOBER).batch
        assert grouped(batch) == [[F1, F2]]
        assert all(m.size <= limit * 1_000_000 for m in batch.messages)


def test_two_files_of_one_name_never_travel_together(office: Office) -> None:
    for number in (F1, F2):
        folder = office.settings.home.root / "attachments" / number
        folder.mkdir(parents=True)
        (folder / "note.txt").write_text(f"de {number}")
    assert grouped(batches.prepare(office, OCTOBER).batch) == [[F2, F4]]


# -- what becomes of it ----------------------------------------------------------------------------


def test_a_doubt_is_about_all_of_them_and_nothing_is_sent_again(office: Office) -> None:
    send(office, {GUARDIAN: DOUBT})
    assert statuses(office) == dict.fromkeys((F1, F2, F4), Status.UNCERTAIN) | {F3: Status.ACCEPTED}
    assert send(office).calls == []
    for released in (F2, F4):
        batches.settle(office, OCTOBER, released, resolution=Resolution.RESEND)
    again = send(office)
    assert files(again) == [pdf(F2), pdf(F4)]  # what a person released goes alone, and replaces the earlier
    assert statuses(office)[F1] is Status.UNCERTAIN


def test_a_later_invoice_goes_alone_and_the_others_are_not_sent_again(tmp_path: Path) -> None:
    root = home(tmp_path / "home")
    with offices.open_office(root) as office:
        send(office)
    more = [workbooks.invoice(invoice_number(n), code(n)) for n in range(1, 5)]
    more.append(workbooks.invoice(invoice_number(5), code(2)))
    lines = [workbooks.line(invoice_number(n), amount=2000.0) for n in range(1, 6)]
    offices.write_workbook(root / "factures.xlsx", 4, contacts=contacts(*WARDS), factures=more, lignes=lines)
    with offices.open_office(root) as office:
        assert files(send(office)) == [pdf(invoice_number(5))]


def test_a_corrected_invoice_is_held_alone(tmp_path: Path) -> None:
    root = home(tmp_path / "home")
    with offices.open_office(root) as office:
        send(office, {GUARDIAN: LATER})
        assert statuses(office)[F1] is Status.DEFERRED
        send(office)
    other = [workbooks.invoice(invoice_number(n), code(n)) for n in range(1, 5)]
    other[1] = {**other[1], "Net à payer": 1990.0, "Total HT": 1990.0, "Total TTC": 1990.0}
    lines = [workbooks.line(invoice_number(n), amount=1990.0 if n == 2 else 2000.0) for n in range(1, 5)]
    offices.write_workbook(root / "factures.xlsx", 4, contacts=contacts(*WARDS), factures=other, lignes=lines)
    with offices.open_office(root) as office:
        assert boxes(slip_of(office))[Box.ACCEPTED] == 4
        assert [line.key for line in batches.prepare(office, OCTOBER).held] == [F2]
        assert send(office).calls == []


def test_put_off_it_goes_together_again(office: Office) -> None:
    send(office, {GUARDIAN: LATER})
    assert statuses(office)[F4] is Status.DEFERRED
    assert files(send(office)) == [pdf(F1, F2, F4)]


def test_refused_it_is_tried_again_when_somebody_asks(office: Office) -> None:
    send(office, {GUARDIAN: UNKNOWN})
    assert {statuses(office)[n] for n in (F1, F2, F4)} == {Status.REFUSED}
    assert send(office).calls == []
    batches.prepare(office, OCTOBER)
    assert len(batches.retry_refused(office, OCTOBER)) == 3
    assert files(send(office)) == [pdf(F1, F2, F4)]


def test_settled_by_somebody_meanwhile_the_others_wait_for_a_new_batch(office: Office) -> None:
    """What was frozen for three does not leave once one of them had it by post."""
    batch = batches.prepare(office, OCTOBER).batch
    batches.settle(office, OCTOBER, F2, resolution=Resolution.POSTED)
    transport = FakeTransport()
    offices.run(office, batch, transport)
    assert files(transport) == [pdf(F3)]
    assert files(send(office)) == [pdf(F1, F4)]


def test_all_or_none_of_the_intents_are_in_the_journal(office: Office) -> None:
    good = Entry(kind=EntryKind.TICKED, line=F1)
    before = office.journal.mark()
    with pytest.raises(TypeError):
        office.journal.append_together([good, replace(good, data={"x": object()})])  # type: ignore[dict-item]
    assert office.journal.mark() == before


def test_a_run_killed_after_the_dot_leaves_all_of_them_in_doubt(office: Office) -> None:
    class Killed(BaseException):
        pass

    def kill(entry: Entry) -> None:
        if entry.kind is EntryKind.ATTEMPTING:
            raise Killed

    with pytest.raises(Killed):
        send(office, on_entry=kill)
    assert statuses(office) == dict.fromkeys((F1, F2, F4), Status.UNCERTAIN)
    assert [sent.envelope.recipients for sent in send(office).calls] == [(address(3),)]


def test_a_return_is_about_all_that_the_message_carried(office: Office) -> None:
    send(office)
    entry = office.journal.entries(kinds=[EntryKind.ATTEMPTING])[0]
    report = returns.report(GUARDIAN, message_id=str(entry.data["message_id"]))
    for _ in range(2):
        batches.collect(
            office, sources=[FolderSource(FakeMailbox({"INBOX": [report]}), "INBOX", key="imap:x")]
        )
    back = office.journal.entries(kinds=[EntryKind.RETURNED])
    assert [(one.line, one.recipients[0].contact, one.follows) for one in back] == [
        (F1, f"{code(1)}/1", False),
        (F2, f"{code(2)}/1", True),
        (F4, f"{code(4)}/1", True),
    ]
    assert statuses(office) == dict.fromkeys((F1, F2, F4), Status.BOUNCED) | {F3: Status.ACCEPTED}
    assert batches.addresses_set_aside(office)[GUARDIAN].score == 1


def test_a_return_without_identity_is_tied_by_the_address(office: Office) -> None:
    send(office)
    report = returns.report(GUARDIAN, message_id="")
    batches.collect(office, sources=[FolderSource(FakeMailbox({"INBOX": [report]}), "INBOX", key="imap:x")])
    assert {statuses(office)[n] for n in (F1, F2, F4)} == {Status.BOUNCED}


def test_one_copy_proves_all_that_the_message_carried(office: Office) -> None:
    batch = batches.prepare(office, OCTOBER).batch
    offices.run(office, batch, FakeTransport({GUARDIAN: DOUBT}))
    copy = office.outbox.content(batch, batch.departures[0])
    mailbox = FakeMailbox({"INBOX": [], "Sent": [copy]}, marks={SENT: "Sent"})
    batches.settle_by_evidence(office, OCTOBER, mailboxes=Mailboxes(own=mailbox, archive=mailbox))
    assert set(statuses(office).values()) == {Status.ACCEPTED}
    assert send(office).calls == []


def test_a_test_to_oneself_shows_it_as_it_leaves(office: Office) -> None:
    batch = prepare_test(office, OCTOBER, [F1, F2], to="compta@tilleuls.example")
    (lead,) = batch.departures
    assert [part.recipients[0].address for part in batch.parts(lead)] == ["compta@tilleuls.example"] * 2
    assert _names(office.outbox.content(batch, lead)) == pdf(F1, F2)


def test_the_preview_shows_it_as_it_leaves(office: Office) -> None:
    month = Month(office, batches.load_tables(office), OCTOBER)
    previewer = Previewer(office, month.plan, wording=office.settings.wording, states=month.states)
    line = month.line(F2)
    assert line is not None

    def shown(*ticked: str) -> list[list[str]]:
        drafts = previewer.line(line, ticked=ticked).drafts
        return [[item.name.partition("_Dupont")[0] for item in draft.attachments] for draft in drafts]

    assert shown() == shown(F2) == shown(F2, F3) == [pdf(F2)]
    assert shown(F1, F4) == shown(F1, F2, F3, F4) == [pdf(F1, F2, F4)]
    (draft,) = previewer.line(line, ticked=[F1, F2, F4]).drafts
    sent = send(office).stored[0]
    assert draft.subject == _mail(sent.content)["Subject"]
    assert draft.recipients[0].address == GUARDIAN
    panel = PreviewPanel(office, on_step=lambda _by: None)
    panel.show(month, line, office.settings.wording, ticked=[F1, F2, F4])
    assert all(number in panel.body.value for number in (F1, F2, F4))
    panel.show(month, line, office.settings.wording)
    assert F2 in panel.body.value and F1 not in panel.body.value


SCRIPTS = st.lists(
    st.lists(st.sampled_from([Answers(), DOUBT, LATER, UNKNOWN, Answers(cut=Stage.DATA)]), max_size=4),
    min_size=1,
    max_size=3,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(scripts=SCRIPTS, settled=st.lists(st.sampled_from([F1, F2, F4]), max_size=2))
def test_no_invoice_leaves_twice_whatever_happens(
    tmp_path_factory: pytest.TempPathFactory, scripts: list[list[Answers]], settled: list[str]
) -> None:
    with offices.open_office(home(tmp_path_factory.mktemp("home") / "home")) as office:
        left: Counter[str] = Counter()
        for script in [*scripts, []]:
            left.update(name for names in files(send(office, script)) for name in names)
            for number in settled[:1]:
                batches.settle(office, OCTOBER, number, resolution=Resolution.POSTED)
        assert set(left.values()) <= {1}
        slip = slip_of(office)
        assert slip.balanced
        accepted = {line.key for line in slip.lines if line.box is Box.ACCEPTED}
        assert set(pdf(*accepted)) <= set(left)


# -- its words -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "text", "code"),
    [
        ("grouped_text", "Pour {{ resident }}", "placeholder_unknown"),
        ("grouped_text", "Pour {{ numero }}", "placeholder_unknown"),
        ("grouped_subject", "{{ nom }}", "placeholder_unknown"),
        ("signature", "{{ nom }}", "placeholder_unknown"),
        ("grouped_text", " ", "wording_missing"),
        ("text", "Les {{ nombre }}", "placeholder_unknown"),
    ],
)
def test_words_that_are_about_one_resident_are_refused(
    office: Office, field: str, text: str, code: str
) -> None:
    wording = office.settings.wording
    composition.check(wording)
    with pytest.raises(TemplateError) as caught:
        composition.check(replace(wording, **{field: text}))
    assert caught.value.code == code
