"""What came back, in the states, in the slip and in the next month's selection."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elite_lib import batch as batches
from elite_lib import selection
from elite_lib.models import (
    Box,
    DispatchLine,
    Disposition,
    Entry,
    EntryKind,
    Plan,
    ProblemCode,
    Recipient,
    RecipientOutcome,
    Reply,
    Resolution,
    ReturnClass,
    ReturnKind,
    ReturnRule,
    SetAside,
    SlipLine,
    Status,
)
from elite_lib.outcomes import fold, pending, set_aside, slip
from tests.support import offices
from tests.support.billing import (
    OCTOBER,
    Story,
    batch,
    contact_row,
    invoice_row,
    line,
    message,
    outcome,
    parcel,
    plan,
    recipient,
    resident_row,
    tables,
)

UNHURRIED = settings(deadline=None, max_examples=100)  # a busy machine is no failure
GONE = Reply(code=550, text="5.1.1 no such user")
ACCEPTED, BOUNCED, REFUSED = Status.ACCEPTED, Status.BOUNCED, Status.REFUSED
UNCERTAIN, PENDING, POSTED = Status.UNCERTAIN, Status.PENDING, Status.POSTED
ANN, BOB = recipient(), recipient("b@example.com", "R1/2")
OURS = "<F1@example.org>"  # Story's message
RULE = ReturnRule()
NOW = dt.datetime(2026, 11, 30, 12, 0, tzinfo=dt.UTC)


def came_back(story: Story, who: Recipient = ANN, *, status: Status = BOUNCED, **data: Any) -> Entry:
    """Add a RETURNED: the mailbox does not exist, unless told otherwise."""
    known = {
        "kind": "bounce",
        "class": "hard",
        "final": True,
        "ours": False,
        "message_id": OURS,
        "reason": "no",
    }
    one = RecipientOutcome(contact=who.contact, address=who.address, status=status, reply=GONE)
    return story.add(EntryKind.RETURNED, recipients=(one,), data=known | data)


def status(story: Story, who: Recipient = ANN) -> Status:
    return fold(story.entries)["F1", who.contact, who.address].status


def bob(state: Status) -> RecipientOutcome:
    return outcome(state, BOB.address, BOB.contact)


# -- states ----------------------------------------------------------------------------------------


def test_a_permanent_failure_takes_the_acceptance_back() -> None:
    story = Story()
    story.sent()
    came_back(story)
    assert status(story) is BOUNCED
    assert fold(story.entries)["F1", ANN.contact, ANN.address].reply == GONE


def test_a_permanent_failure_ends_a_doubt_without_sending_again() -> None:
    """The message had left: it is not pending, and only a person sends it again (invariant 4)."""
    story = Story()
    story.attempting()
    came_back(story)
    states = fold(story.entries)
    assert status(story) is BOUNCED
    assert pending(batch(message()), states) == ()


@pytest.mark.parametrize("kind", [Status.DEFERRED, ACCEPTED])
def test_a_delay_or_a_receipt_changes_nothing(kind: Status) -> None:
    story = Story()
    story.sent()
    came_back(story, status=kind, final=False)
    assert status(story) is ACCEPTED


def test_a_return_about_an_earlier_message_does_not_speak_of_the_later_one() -> None:
    story = Story()
    story.sent()
    came_back(story, message_id="<earlier@example.org>")
    assert status(story) is ACCEPTED


def test_what_a_person_decided_outlives_a_return() -> None:
    for resolution, expected in ((Resolution.POSTED, POSTED), (Resolution.RESEND, PENDING)):
        story = Story()
        story.sent()
        came_back(story)
        story.resolved(resolution)
        assert status(story) is expected
        came_back(story)  # once more, late
        assert status(story) is expected


def test_a_return_concerns_the_recipient_that_it_names() -> None:
    story = Story()
    story.sent("F1", outcome(ACCEPTED), bob(ACCEPTED))
    came_back(story, BOB)
    assert (status(story), status(story, BOB)) == (ACCEPTED, BOUNCED)


def test_a_return_about_nobody_known_changes_nothing() -> None:
    story = Story()
    story.sent()
    before = fold(story.entries)
    came_back(story, recipient("stranger@example.com", ""))
    assert fold(story.entries) == before


def test_what_came_back_goes_out_again_when_a_person_says_so() -> None:
    story = Story()
    story.sent()
    came_back(story)
    one = message()
    assert pending(batch(one), fold(story.entries)) == ()
    story.resolved(Resolution.RESEND, "F1", outcome(PENDING))
    assert pending(batch(one), fold(story.entries)) == (one,)


# -- the slip --------------------------------------------------------------------------------------


def drawn(story: Story, one: DispatchLine) -> SlipLine:
    found = slip(plan(one), fold(story.entries), entries=story.entries)
    assert found.balanced
    return found.lines[0]


def aside_line(*aside: Recipient, parcels: Sequence[Recipient] = ()) -> DispatchLine:
    made = [parcel(f"F1~{n}", who) for n, who in enumerate(parcels, start=1)]
    disposition = Disposition.MAIL if made else Disposition.TO_PRINT
    return line("F1", *made, disposition=disposition, set_aside=aside, paper=not made)


def test_the_line_is_in_the_box_of_the_refused_and_remains() -> None:
    story = Story()
    story.sent()
    came_back(story)
    found = drawn(story, line())
    assert (found.box, found.box.remainder, found.note) == (Box.REFUSED, True, "550 5.1.1 no such user")
    assert found.recipients == ((ANN.address, BOUNCED),)


def test_the_line_stays_there_when_its_only_address_is_set_aside() -> None:
    """It would be "to print", which is no remainder, as if nobody waited for it."""
    story = Story()
    story.sent()
    came_back(story)
    assert drawn(story, aside_line(ANN)).box is Box.REFUSED
    story.resolved(Resolution.POSTED)
    assert drawn(story, aside_line(ANN)).box is Box.POSTED


def test_the_line_stays_there_when_another_recipient_has_it() -> None:
    story = Story()
    story.sent("F1", outcome(ACCEPTED), bob(ACCEPTED))
    came_back(story)
    found = drawn(story, aside_line(ANN, parcels=[BOB]))
    assert found.box is Box.REFUSED
    assert dict(found.recipients) == {ANN.address: BOUNCED, BOB.address: ACCEPTED}
    story.resolved(Resolution.POSTED, "F1", outcome(POSTED))
    assert drawn(story, aside_line(ANN, parcels=[BOB])).box is Box.ACCEPTED


def test_an_address_set_aside_before_the_month_is_printed_for() -> None:
    found = drawn(Story(), aside_line(ANN))
    assert (found.box, found.paper) == (Box.TO_PRINT, True)


def test_a_corrected_address_is_to_be_sent() -> None:
    story = Story()
    story.sent()
    came_back(story)
    corrected = recipient("corrected@example.com")
    assert drawn(story, line("F1", parcel("F1~1", corrected))).box is Box.PENDING
    one = message("F1~1", corrected)
    assert pending(batch(one), fold(story.entries)) == (one,)


# -- addresses set aside ---------------------------------------------------------------------------


def aside(story: Story, rule: ReturnRule = RULE, *, now: dt.datetime = NOW) -> dict[str, float]:
    return {address: found.score for address, found in set_aside(story.entries, rule, now=now).items()}


def days_later(story: Story, days: float) -> Story:
    """Continue a story some days later: its next entries are dated from there."""
    story.start += dt.timedelta(days=days)
    return story


def test_a_permanent_failure_sets_the_address_aside() -> None:
    story = Story()
    came_back(story, recipient("Ann@example.com"), reason="no such user")
    (found,) = set_aside(story.entries, ReturnRule(), now=NOW).values()
    assert found == SetAside(
        address="Ann@example.com",
        score=1.0,
        since=story.entries[0].at or NOW,
        cls=ReturnClass.HARD,
        reason="no such user",
        entry=1,
    )


@pytest.mark.parametrize(
    ("data", "score"),
    [
        ({"class": "hard"}, 1.0),
        ({"class": "hard", "ours": True}, 0),
        ({"class": "hard", "final": False}, 0),
        ({"class": "mailbox_full"}, 0.5),
        ({"class": "soft"}, 0.5),
        ({"class": "unknown"}, 0.5),
        ({"class": "block"}, 0),
        ({"class": "rate_limited"}, 0),
        ({"class": "auto_reply", "kind": "auto_reply"}, 0),
        ({"class": "complaint", "kind": "complaint"}, 0),
    ],
)
def test_what_each_class_weighs(data: dict[str, object], score: float) -> None:
    story = Story()
    came_back(story, **data)
    assert aside(story, ReturnRule(threshold=0.5)) == ({ANN.address: score} if score else {})


def test_transient_failures_add_up_once_a_day() -> None:
    story = Story()
    came_back(story, **{"class": "soft"})
    came_back(story, **{"class": "mailbox_full"})
    assert aside(story) == {}
    came_back(days_later(story, 1), **{"class": "soft"})
    assert aside(story) == {ANN.address: 1.0}


def test_old_transient_failures_are_forgotten_and_permanent_ones_are_not() -> None:
    story = Story()
    came_back(story, **{"class": "soft"})
    came_back(days_later(story, 1), **{"class": "soft"})
    came_back(story, BOB)
    later = NOW + dt.timedelta(days=90)
    assert aside(story, now=later) == {BOB.address: 1.0}


def test_a_person_who_clears_an_address_and_a_proof_of_delivery_start_it_afresh() -> None:
    for end in (
        lambda s: s.add(EntryKind.CLEARED, "", recipients=(outcome(PENDING, ANN.address.upper(), ""),)),
        lambda s: came_back(s, status=ACCEPTED, kind=ReturnKind.DELIVERED.value),
        lambda s: came_back(s, status=ACCEPTED, kind=ReturnKind.MDN.value, **{"class": ""}),
    ):
        story = Story()
        came_back(story)
        end(story)
        assert aside(story) == {}
        came_back(days_later(story, 1))
        assert aside(story) == {ANN.address: 1.0}


def test_a_report_that_is_tied_to_nothing_sets_nothing_aside() -> None:
    story = Story()
    entry = came_back(story)
    story.entries[-1] = Entry(
        kind=entry.kind, id=entry.id, at=entry.at, recipients=entry.recipients, data=entry.data
    )
    assert aside(story) == {}


@UNHURRIED
@given(
    reports=st.lists(st.tuples(st.sampled_from(["hard", "soft", "block"]), st.integers(0, 400)), max_size=12),
    threshold=st.sampled_from([0.5, 1.0, 2.0]),
)
def test_the_score_is_the_worst_of_each_day_that_still_counts(
    reports: list[tuple[str, int]], threshold: float
) -> None:
    story, rule = Story(), ReturnRule(threshold=threshold)
    worst: dict[dt.date, float] = {}
    for cls, ago in sorted(reports, key=lambda one: -one[1]):
        story.start = NOW - dt.timedelta(days=ago, hours=2)
        entry = came_back(story, **{"class": cls})
        score = {"hard": 1.0, "soft": 0.5, "block": 0.0}[cls]
        if entry.at is not None and (score == 1 or entry.at >= NOW - dt.timedelta(days=rule.forget_days)):
            worst[entry.at.date()] = max(worst.get(entry.at.date(), 0.0), score)
    total = sum(worst.values())
    assert aside(story, rule) == ({ANN.address: total} if total >= threshold else {})


# -- the next month --------------------------------------------------------------------------------


def select(*gone: str, **sheets: Any) -> Plan:
    rows = {"residents": [resident_row()], "contacts": [contact_row()], "invoices": [invoice_row()]} | sheets
    known = {
        address: SetAside(address=address, score=1.0, since=NOW, cls=ReturnClass.HARD, reason="no such user")
        for address in gone
    }
    return selection.select(tables(**rows), OCTOBER, set_aside=known)


def test_who_has_no_other_address_is_printed_for_with_the_reason() -> None:
    (found,) = select("r1.1@example.com").lines
    assert (found.disposition, found.paper, found.parcels) == (Disposition.TO_PRINT, True, ())
    assert [reason.code for reason in found.reasons] == [ProblemCode.NO_USABLE_ADDRESS]
    (warning,) = [p for p in found.warnings if p.code is ProblemCode.ADDRESS_SET_ASIDE]
    assert (warning.value, warning.facts["reason"]) == ("r1.1@example.com", "no such user")
    assert warning.sheet == "Contacts"
    assert [(r.contact, r.address) for r in found.set_aside] == [("R1/1", "r1.1@example.com")]


def test_who_has_another_address_receives_there_alone() -> None:
    contacts = [contact_row(email=("R1.1@example.com", "other@example.com"))]
    (found,) = select("r1.1@example.com", contacts=contacts).lines
    assert [r.address for p in found.parcels for r in p.recipients] == ["other@example.com"]
    assert [r.address for r in found.set_aside] == ["R1.1@example.com"]
    assert ProblemCode.ADDRESS_SET_ASIDE in {p.code for p in found.warnings}
    assert found.reasons == ()


def test_an_address_of_a_contact_who_does_not_receive_is_no_matter() -> None:
    contacts = [contact_row(), contact_row(rank=2, gets_invoices=False, email=("b@example.com",))]
    plan_ = select("b@example.com", contacts=contacts)
    (found,) = plan_.lines
    assert (found.set_aside, found.warnings) == ((), ())
    assert plan_.problems == ()


def test_a_home_plans_without_what_came_back(tmp_path: Path) -> None:
    """The journal's reports reach the next plan, and a person's word takes them away."""
    with offices.open_office(offices.make_home(tmp_path / "home", 2)) as office:
        address = offices.address(1)
        one = RecipientOutcome(contact="R00001/1", address=address, status=BOUNCED, reply=GONE)
        data = {"digest": "a", "part": 0, "kind": "bounce", "class": "hard", "final": True, "ours": False}
        report = Entry(kind=EntryKind.RETURNED, month="2026-09", line="F0", recipients=(one,), data=data)
        office.journal.append_once(report)
        found, _ = batches.read_plan(office, OCTOBER)
        assert [line.disposition for line in found.lines] == [Disposition.TO_PRINT, Disposition.MAIL]
        again = RecipientOutcome(contact="", address=address, status=PENDING)
        office.journal.append(Entry(kind=EntryKind.CLEARED, recipients=(again,)))
        found, _ = batches.read_plan(office, OCTOBER)
        assert [line.disposition for line in found.lines] == [Disposition.MAIL, Disposition.MAIL]
