"""What was refused for good is tried again because somebody asks: those recipients, and nothing twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from elite_lib import batch as batches
from elite_lib import outcomes
from elite_lib.batch import Office
from elite_lib.models import Entry, EntryKind, RecipientOutcome, Reply, Resolution, Stage, Status
from elite_lib.transports.fake import Answers, FakeTransport
from tests.support import offices, workbooks
from tests.support.campaigns import campaign
from tests.support.command import boxes, elite
from tests.support.offices import OCTOBER, address, code, invoice_number

UNKNOWN = Answers(rcpt=Reply(code=550, text="5.1.1 unknown user"))
DOUBT = Answers(cut=Stage.DOT)


def joint(root: Path) -> Path:
    """Two contacts of one resident in one message: addresses 1 and 2."""
    contacts = [workbooks.contact(code(1), n, Nom=f"Parent{n}", **{"E-mail": address(n)}) for n in (1, 2)]
    residents = [workbooks.resident(code(1), Message="joint")]
    return offices.make_home(root, 1, residents=residents, contacts=contacts)


def send(office: Office, script: Any = ()) -> list[str]:
    """Prepare and send as a run does; give whom the pretended server took it for."""
    transport = FakeTransport(script)
    offices.run(office, batches.prepare(office, OCTOBER).batch, transport)
    return offices.recipients(transport)


def statuses(office: Office) -> dict[str, Status]:
    return {state.address: state.status for state in outcomes.fold(office.journal.entries()).values()}


def retry(office: Office) -> list[Entry]:
    batches.prepare(office, OCTOBER)
    return batches.retry_refused(office, OCTOBER)


def test_only_refused_recipients_are_tried_again(tmp_path: Path) -> None:
    with offices.open_office(offices.make_home(tmp_path / "home", 4)) as office:
        send(office, {address(1): UNKNOWN, address(2): DOUBT, address(3): UNKNOWN})
        assert send(office) == []  # an ordinary run does not
        entries = retry(office)
        assert [
            (e.kind, e.line, e.month, e.operator, e.data, [(r.contact, r.address) for r in e.recipients])
            for e in entries
        ] == [
            (
                EntryKind.RESOLVED,
                invoice_number(n),
                "2026-10",
                "Claire",
                {"resolution": Resolution.RESEND, "by": "retry"},
                [(f"{code(n)}/1", address(n))],
            )
            for n in (1, 3)
        ]
        assert send(office) == [address(1), address(3)]
        assert statuses(office) == {
            address(1): Status.ACCEPTED,
            address(2): Status.UNCERTAIN,
            address(3): Status.ACCEPTED,
            address(4): Status.ACCEPTED,
        }
        assert retry(office) == []


def test_of_a_joint_message_the_others_get_nothing_twice(tmp_path: Path) -> None:
    with offices.open_office(joint(tmp_path / "home")) as office:
        send(office, [Answers(rcpt={address(2): Reply(code=550, text="5.1.1 unknown user")})])
        assert statuses(office) == {address(1): Status.ACCEPTED, address(2): Status.REFUSED}
        assert len(retry(office)) == 1
        assert send(office) == [address(2)]


def test_a_doubt_in_the_same_message_is_settled_first(tmp_path: Path) -> None:
    with offices.open_office(joint(tmp_path / "home")) as office:
        send(office, [Answers(cut=Stage.DOT, rcpt={address(2): Reply(code=550, text="5.1.1 no")})])
        assert statuses(office) == {address(1): Status.UNCERTAIN, address(2): Status.REFUSED}
        assert retry(office) == []
        batches.settle(office, OCTOBER, invoice_number(1), resolution=Resolution.ACCEPTED, to=[address(1)])
        assert len(retry(office)) == 1
        assert send(office) == [address(2)]


def test_what_is_refused_again_is_refused_again(tmp_path: Path) -> None:
    with offices.open_office(offices.make_home(tmp_path / "home", 1)) as office:
        send(office, {address(1): UNKNOWN})
        retry(office)
        assert send(office, {address(1): UNKNOWN}) == []
        assert statuses(office) == {address(1): Status.REFUSED}
        assert len(retry(office)) == 1


def test_what_came_back_is_replaced_by_a_message_of_its_own(tmp_path: Path) -> None:
    with offices.open_office(offices.make_home(tmp_path / "home", 2)) as office:
        send(office)
        first = batches.prepare(office, OCTOBER).batch.messages[0]
        outcome = RecipientOutcome(contact=f"{code(1)}/1", address=address(1), status=Status.BOUNCED)
        office.journal.append(
            Entry(
                kind=EntryKind.RETURNED,
                operator="Claire",
                month="2026-10",
                line=invoice_number(1),
                recipients=(outcome,),
                data={"message_id": first.message_id, "digest": "d1", "part": 0},
            )
        )
        assert statuses(office) == {address(1): Status.BOUNCED, address(2): Status.ACCEPTED}
        assert send(office) == []
        assert [entry.line for entry in retry(office)] == [invoice_number(1)]
        again = batches.prepare(office, OCTOBER).batch.messages[0]
        assert again.replaces == first.message_id
        assert again.message_id != first.message_id  # a second report about the first says nothing of it
        assert send(office) == [address(1)]


def test_a_corrected_address_is_no_retry(tmp_path: Path) -> None:
    root = offices.make_home(tmp_path / "home", 1)
    with offices.open_office(root) as office:
        send(office, {address(1): UNKNOWN})
        offices.write_workbook(
            root / "factures.xlsx", 1, contacts=[workbooks.contact(code(1), **{"E-mail": "b@example.com"})]
        )
        assert retry(office) == []
        assert send(office) == ["b@example.com"]


@pytest.mark.parametrize("how", ["held", "unticked", "paper"])
def test_what_is_not_to_leave_is_not_released(tmp_path: Path, how: str) -> None:
    root = offices.make_home(tmp_path / "home", 1)
    with offices.open_office(root) as office:
        send(office, {address(1): UNKNOWN})
        if how == "unticked":
            batches.untick(office, OCTOBER, [invoice_number(1)])
        else:
            change = {"Date de décès": "2026-10-20"} if how == "held" else {"Envoi": "courrier"}
            offices.write_workbook(
                root / "factures.xlsx", 1, residents=[workbooks.resident(code(1), **change)]
            )
        assert retry(office) == []
        assert send(office) == []


# -- the command ---------------------------------------------------------------------------------------


def test_a_rehearsal_says_what_would_be_tried_again_and_writes_nothing(tmp_path: Path) -> None:
    root = offices.make_home(tmp_path / "home", 2)
    with offices.open_office(root) as office:
        send(office, {address(1): UNKNOWN})
        before = office.journal.mark()
    assert elite("send", "2026-10", home=root).code == 3
    said = elite("send", "2026-10", "--retry", "refused", home=root)
    assert said.code == 0  # sending would change it
    assert "1 message refusé serait réessayé" in said.err
    assert f"{invoice_number(1)}  {address(1)}" in said.err
    assert address(2) not in said.err
    with offices.open_office(root) as office:
        assert office.journal.mark() == before


@pytest.mark.slow
def test_send_retry_refused_sends_it(tmp_path: Path) -> None:
    with campaign(tmp_path / "home", 3) as month:
        with offices.open_office(month.root) as office:
            send(office, {address(2): UNKNOWN, address(3): DOUBT})
        assert boxes(month.root) == {"accepted": 1, "refused": 1, "uncertain": 1}
        said = elite("send", "2026-10", "--retry", "refused", "--yes", "--operator", "Paul", home=month.root)
        assert said.code == 3, said.err
        assert "1 message refusé est réessayé" in said.err
        assert boxes(month.root) == {"accepted": 2, "uncertain": 1}
        assert month.families() == {address(2): 1}
        with offices.open_office(month.root) as office:
            (entry,) = office.journal.entries(kinds=[EntryKind.RESOLVED])
            assert (entry.operator, entry.line) == ("Paul", invoice_number(2))
        again = elite("send", "2026-10", "--retry", "refused", "--yes", home=month.root)
        assert "Rien n’a été refusé" in again.err
        assert month.families() == {address(2): 1}


def test_only_refused_can_be_retried(tmp_path: Path) -> None:
    said = elite("send", "2026-10", "--retry", "uncertain", home=offices.make_home(tmp_path / "home", 1))
    assert said.code == 2


def test_a_retry_does_not_release_a_line_that_is_held_later(tmp_path: Path) -> None:
    root = offices.make_home(tmp_path / "home", 1)
    with offices.open_office(root) as office:
        send(office, {address(1): UNKNOWN})
        assert len(retry(office)) == 1
        resident = workbooks.resident(code(1), **{"Date de décès": "2026-10-20"})
        offices.write_workbook(root / "factures.xlsx", 1, residents=[resident])
        assert send(office) == []  # nobody has said that the family of the deceased gets it
