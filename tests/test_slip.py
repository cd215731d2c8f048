"""The dispatch slip: every line in exactly one box, and the euros add up."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elite_lib.models import (
    Batch,
    Box,
    BoxTotal,
    DispatchLine,
    Disposition,
    EntryKind,
    LineKind,
    ProblemCode,
    RecipientOutcome,
    Resolution,
    Slip,
    SlipLine,
    Status,
)
from elite_lib.outcomes import fold, slip
from tests.support.billing import (
    BUSY,
    NO,
    NOW,
    OK,
    Story,
    batch,
    batch_line,
    by_key,
    line,
    outcome,
    parcel,
    plan,
    problem,
    recipient,
)

UNHURRIED = settings(deadline=None, max_examples=100)  # a busy machine is no failure

ACCEPTED, DEFERRED, REFUSED = Status.ACCEPTED, Status.DEFERRED, Status.REFUSED
UNCERTAIN, PENDING, POSTED = Status.UNCERTAIN, Status.PENDING, Status.POSTED
ANN, BOB = recipient(), recipient("b@example.com", "R1/2")


def bob(status: Status) -> RecipientOutcome:
    return outcome(status, "b@example.com", "R1/2")


Month = tuple[list[DispatchLine], Story, Batch | None]


def draw(story: Story, *lines: DispatchLine, frozen: Batch | None = None) -> Slip:
    return slip(plan(*lines), fold(story.entries), batch=frozen, entries=story.entries)


def only(story: Story, one: DispatchLine, *, frozen: Batch | None = None) -> SlipLine:
    drawn = draw(story, one, frozen=frozen)
    assert drawn.balanced
    (found,) = drawn.lines
    assert sum(total.count for total in (*drawn.boxes.values(), *drawn.statements.values())) == 1
    return found


def printable(story: Story | None = None) -> DispatchLine:
    return line(
        "F1", disposition=Disposition.TO_PRINT, paper=True, reasons=(problem(ProblemCode.NO_ADDRESS),)
    )


def two(disposition: Disposition = Disposition.MAIL) -> DispatchLine:
    return line("F1", parcel("F1~1", ANN), parcel("F1~2", BOB), disposition=disposition)


# -- what was decided, nothing sent ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("disposition", "box", "remainder"),
    [
        (Disposition.MAIL, Box.PENDING, True),
        (Disposition.HELD, Box.HELD, True),
        (Disposition.TO_PRINT, Box.TO_PRINT, False),
        (Disposition.UNTICKED, Box.UNTICKED, False),
        (Disposition.EXCLUDED, Box.EXCLUDED, False),
    ],
)
def test_before_anything_is_sent(disposition: Disposition, box: Box, remainder: bool) -> None:
    found = only(Story(), line("F1", disposition=disposition))
    assert (found.box, found.box.remainder) == (box, remainder)


def test_the_boxes_and_every_status_are_there_even_empty() -> None:
    drawn = draw(Story())
    assert list(drawn.boxes) == list(drawn.statements) == list(Box)
    assert set(drawn.boxes.values()) == {BoxTotal()}
    assert drawn.recipients == dict.fromkeys(Status, 0)
    assert (drawn.balanced, drawn.remainder) == (True, 0)


def test_counts_euros_and_recipients() -> None:
    story = Story()
    story.sent("F1", outcome(ACCEPTED))
    story.sent("F2", outcome(REFUSED))
    drawn = draw(
        story,
        line("F1", amount=Decimal("10.10")),
        line("F2", amount=Decimal("20.20")),
        line("A1", amount=Decimal("-3.00")),
        line("F3", disposition=Disposition.EXCLUDED, amount=Decimal("99.00")),
        line("D1", kind=LineKind.STATEMENT, amount=Decimal("7.00")),
    )
    assert drawn.boxes[Box.ACCEPTED] == BoxTotal(count=1, euros=Decimal("10.10"))
    assert drawn.boxes[Box.REFUSED] == BoxTotal(count=1, euros=Decimal("20.20"))
    assert drawn.boxes[Box.PENDING] == BoxTotal(count=1, euros=Decimal("-3.00"))
    assert drawn.statements[Box.PENDING] == BoxTotal(count=1, euros=Decimal("7.00"))
    assert (drawn.invoices, drawn.euros, drawn.balanced) == (4, Decimal("126.30"), True)
    assert drawn.remainder == 3
    assert drawn.recipients == dict.fromkeys(Status, 0) | {ACCEPTED: 1, REFUSED: 1, PENDING: 2}


def test_a_line_that_is_missing_unbalances_the_slip() -> None:
    whole = plan(line("F1"), line("F2"))
    short = plan(line("F1"))
    drawn = slip(
        type(whole)(period=whole.period, lines=short.lines, problems=(), invoices=2, euros=whole.euros), {}
    )
    assert not drawn.balanced


# -- the table: disposition x what the journal says ------------------------------------------------

MAIL, HELD, TO_PRINT = Disposition.MAIL, Disposition.HELD, Disposition.TO_PRINT
UNTICKED, EXCLUDED = Disposition.UNTICKED, Disposition.EXCLUDED


@pytest.mark.parametrize(
    ("ended", "boxes"),
    [
        # in the order MAIL, HELD, TO_PRINT, UNTICKED, EXCLUDED
        (ACCEPTED, (Box.ACCEPTED, Box.HELD, Box.ACCEPTED, Box.ACCEPTED, Box.ACCEPTED)),
        (DEFERRED, (Box.DEFERRED, Box.HELD, Box.TO_PRINT, Box.UNTICKED, Box.EXCLUDED)),
        (REFUSED, (Box.REFUSED, Box.HELD, Box.TO_PRINT, Box.REFUSED, Box.EXCLUDED)),
        (UNCERTAIN, (Box.UNCERTAIN,) * 5),
    ],
)
def test_box_after_an_attempt(ended: Status, boxes: tuple[Box, ...]) -> None:
    story = Story()
    story.sent("F1", outcome(ended))
    found = tuple(
        only(story, line("F1", disposition=d)).box for d in (MAIL, HELD, TO_PRINT, UNTICKED, EXCLUDED)
    )
    assert found == boxes


@pytest.mark.parametrize(
    ("resolution", "boxes"),
    [
        (Resolution.ACCEPTED, (Box.ACCEPTED,) * 5),
        (Resolution.POSTED, (Box.POSTED,) * 5),
        (Resolution.RESEND, (Box.PENDING, Box.HELD, Box.TO_PRINT, Box.UNTICKED, Box.EXCLUDED)),
    ],
)
def test_box_after_a_person_settled_a_line_never_tried(
    resolution: Resolution, boxes: tuple[Box, ...]
) -> None:
    story = Story()
    story.resolved(resolution)
    found = tuple(
        only(story, line("F1", disposition=d)).box for d in (MAIL, HELD, TO_PRINT, UNTICKED, EXCLUDED)
    )
    assert found == boxes


@pytest.mark.parametrize("ended", [DEFERRED, REFUSED, UNCERTAIN])
@pytest.mark.parametrize("disposition", list(Disposition))
def test_posting_a_line_settles_every_remainder(ended: Status, disposition: Disposition) -> None:
    story = Story()
    story.sent("F1", outcome(ended))
    story.resolved(Resolution.POSTED)
    assert only(story, line("F1", disposition=disposition)).box is Box.POSTED


_ORDER = [Box.UNCERTAIN, Box.REFUSED, Box.DEFERRED, Box.PENDING, Box.POSTED, Box.ACCEPTED]


@pytest.mark.parametrize("first", _ORDER)
@pytest.mark.parametrize("second", _ORDER)
def test_a_line_is_in_the_box_of_its_worst_recipient(first: Box, second: Box) -> None:
    story = Story()
    for box, who in ((first, outcome), (second, bob)):
        if box is Box.POSTED:
            story.resolved(Resolution.POSTED, "F1", who(POSTED))
        elif box is not Box.PENDING:
            story.sent("F1", who(Status(box.value)))
    found = only(story, two())
    assert found.box is min(first, second, key=list(Box).index)
    assert [status.value for _, status in found.recipients] == [first.value, second.value]


def test_a_posted_recipient_hides_no_other() -> None:
    story = Story()
    story.sent("F1", outcome(REFUSED), bob(REFUSED))
    story.resolved(Resolution.POSTED, "F1", outcome(POSTED))
    assert only(story, two()).box is Box.REFUSED


def test_a_posted_line_stays_posted_for_contacts_that_were_never_tried() -> None:
    story = Story()
    story.sent("F1", outcome(REFUSED))
    story.resolved(Resolution.POSTED)
    assert only(story, two()).box is Box.POSTED


def test_a_recipient_released_after_posting_is_pending_again() -> None:
    story = Story()
    story.resolved(Resolution.POSTED)
    story.resolved(Resolution.RESEND, "F1", outcome(PENDING))
    assert only(story, two()).box is Box.PENDING


@pytest.mark.parametrize("disposition", [TO_PRINT, UNTICKED])
def test_partly_accepted_is_not_accepted(disposition: Disposition) -> None:
    story = Story()
    story.sent("F1", outcome(ACCEPTED), bob(DEFERRED))
    one = two(disposition) if disposition is UNTICKED else printable()
    assert only(story, one).box is Box(disposition.value)


def test_an_unticked_line_whose_second_contact_was_never_tried() -> None:
    story = Story()
    story.sent("F1", outcome(ACCEPTED))
    found = only(story, two(UNTICKED))
    assert (found.box, found.recipients) == (Box.UNTICKED, (("r1.1@example.com", ACCEPTED),))


# -- addresses that changed ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ended", "box"),
    [
        (UNCERTAIN, Box.UNCERTAIN),  # a doubt does not end because the address was corrected
        (REFUSED, Box.PENDING),
        (DEFERRED, Box.PENDING),
        (ACCEPTED, Box.PENDING),
    ],
)
def test_states_of_an_address_that_the_line_no_longer_has(ended: Status, box: Box) -> None:
    story = Story()
    story.sent("F1", outcome(ended, "old@example.com"))
    found = only(story, line("F1"))
    assert found.box is box
    assert ("old@example.com" in dict(found.recipients)) == (ended is UNCERTAIN)


# -- held by the batch -----------------------------------------------------------------------------


def held_by_batch(*reasons: ProblemCode, minutes: int = 30) -> Batch:
    created = NOW + dt.timedelta(minutes=minutes)
    return batch(lines=[batch_line("F1", HELD, reasons=reasons)], created=created)


@pytest.mark.parametrize(
    "code",
    [
        ProblemCode.PDF_MISSING,
        ProblemCode.PDF_NOT_PROVED,
        ProblemCode.ATTACHMENT_MISSING,
        ProblemCode.ATTACHMENT_FORMAT,
        ProblemCode.MESSAGE_TOO_BIG,
        ProblemCode.HEADER_INVALID,
        ProblemCode.CHANGED_AFTER_ACCEPTANCE,
    ],
)
def test_what_only_freezing_sees_holds_the_line(code: ProblemCode) -> None:
    found = only(Story(), line("F1"), frozen=held_by_batch(code))
    assert (found.box, found.reasons) == (Box.HELD, (code,))


def test_what_selection_sees_is_asked_of_the_plan() -> None:
    """A batch that held for the workbook's sake holds no more once the workbook is right."""
    assert only(Story(), line("F1"), frozen=held_by_batch(ProblemCode.LINES_SUM)).box is Box.PENDING


def test_a_resolution_newer_than_the_batch_lifts_it() -> None:
    story = Story()
    story.sent("F1")  # minutes 1 and 2
    story.resolved(Resolution.RESEND)  # minute 3
    code = ProblemCode.CHANGED_AFTER_ACCEPTANCE
    assert only(story, line("F1"), frozen=held_by_batch(code, minutes=2)).box is Box.PENDING
    assert only(story, line("F1"), frozen=held_by_batch(code, minutes=3)).box is Box.HELD


def test_held_after_acceptance_is_held() -> None:
    story = Story()
    story.sent("F1")
    found = only(story, line("F1"), frozen=held_by_batch(ProblemCode.CHANGED_AFTER_ACCEPTANCE))
    assert (found.box, found.recipients) == (Box.HELD, (("r1.1@example.com", ACCEPTED),))


@pytest.mark.parametrize(
    ("ended", "box"), [(UNCERTAIN, Box.UNCERTAIN), (REFUSED, Box.REFUSED), (DEFERRED, Box.HELD)]
)
def test_worse_than_held_stays_worse(ended: Status, box: Box) -> None:
    story = Story()
    story.sent("F1", outcome(ended))
    assert only(story, line("F1"), frozen=held_by_batch(ProblemCode.PDF_NOT_PROVED)).box is box


def test_a_posted_line_is_not_held_again_by_the_next_batch() -> None:
    story = Story()
    story.resolved(Resolution.POSTED)
    assert only(story, line("F1"), frozen=held_by_batch(ProblemCode.PDF_NOT_PROVED)).box is Box.POSTED


# -- what a person needs to act --------------------------------------------------------------------


def test_the_words_of_the_server_and_the_newest_fact() -> None:
    story = Story()
    story.sent("F1", outcome(REFUSED, reply=NO), bob(ACCEPTED))
    story.sent("F1", outcome(REFUSED, reply=NO))
    found = only(story, two())
    assert (found.note, found.at) == ("550 5.1.1 No such user", story.entries[-1].at)
    assert (found.resident, found.name) == ("R1", "Geneviève BŒUF")


def test_a_doubt_has_no_words() -> None:
    story = Story()
    story.attempting("F1", outcome(UNCERTAIN, reply=OK))
    assert only(story, line("F1")).note == ""


def test_a_deferral_and_its_words() -> None:
    story = Story()
    story.sent("F1", outcome(DEFERRED, reply=BUSY))
    assert only(story, line("F1")).note == "451 4.3.0 Try again later"


def test_reasons_are_shown_until_the_line_is_settled() -> None:
    assert only(Story(), printable()).reasons == (ProblemCode.NO_ADDRESS,)
    story = Story()
    story.resolved(Resolution.POSTED)
    assert only(story, printable()).reasons == ()


def test_paper_is_said_until_it_was_printed() -> None:
    story = Story()
    assert only(story, printable()).paper
    story.add(EntryKind.PRINTED, "F1")
    assert not only(story, printable()).paper


def test_a_line_without_resident_has_no_name() -> None:
    found = only(Story(), line("F1@3", disposition=HELD, resident=None))
    assert (found.resident, found.name, found.at) == ("", "", None)


# -- what always holds -----------------------------------------------------------------------------

_OUTCOMES = st.sampled_from([ACCEPTED, DEFERRED, REFUSED, UNCERTAIN])


@st.composite
def months(draw_: st.DrawFn) -> Month:
    lines, story = [], Story()
    for number in range(draw_(st.integers(0, 6))):
        key = f"F{number}"
        disposition = draw_(st.sampled_from(Disposition))
        kind = draw_(st.sampled_from([LineKind.INVOICE, LineKind.INVOICE, LineKind.STATEMENT]))
        amount = draw_(st.decimals(-500, 500, places=2))
        parcels = (
            (parcel(f"{key}~1", ANN), parcel(f"{key}~2", BOB)) if disposition in (MAIL, UNTICKED) else ()
        )
        lines.append(line(key, *parcels, disposition=disposition, kind=kind, amount=amount))
        people = [outcome(PENDING), bob(PENDING), outcome(PENDING, "old@example.com")]
        for _ in range(draw_(st.integers(0, 3))):
            who = draw_(st.sampled_from(people))
            if draw_(st.booleans()):
                story.sent(key, outcome(draw_(_OUTCOMES), who.address, who.contact))
            else:
                named = [who] if draw_(st.booleans()) else []
                story.resolved(draw_(st.sampled_from(Resolution)), key, *named)
    held = draw_(st.lists(st.sampled_from([one.key for one in lines]), max_size=2)) if lines else []
    reasons = (ProblemCode.PDF_NOT_PROVED,)
    minutes = dt.timedelta(minutes=draw_(st.integers(0, 20)))
    frozen = batch(lines=[batch_line(key, HELD, reasons=reasons) for key in held], created=NOW + minutes)
    return lines, story, draw_(st.sampled_from([None, frozen]))


@UNHURRIED
@given(months())
def test_the_slip_always_balances(month: Month) -> None:
    """Invariant 7: every line in exactly one box, and the euros add up."""
    lines, story, frozen = month
    drawn = draw(story, *lines, frozen=frozen)
    assert drawn.balanced
    assert [found.key for found in drawn.lines] == [one.key for one in lines]
    for kind, boxes in ((LineKind.INVOICE, drawn.boxes), (LineKind.STATEMENT, drawn.statements)):
        for box, total in boxes.items():
            inside = [found for found in drawn.lines if found.box is box and found.kind is kind]
            assert total == BoxTotal(count=len(inside), euros=sum((i.amount for i in inside), Decimal(0)))
    everybody = [status for found in drawn.lines for _, status in found.recipients]
    assert drawn.recipients == {status: everybody.count(status) for status in Status}


@UNHURRIED
@given(months())
def test_a_doubt_is_always_in_the_uncertain_box(
    month: Month,
) -> None:
    lines, story, frozen = month
    doubted = {key[0] for key, state in fold(story.entries).items() if state.status is UNCERTAIN}
    drawn = draw(story, *lines, frozen=frozen)
    assert {found.key for found in drawn.lines if found.box is Box.UNCERTAIN} == doubted


@UNHURRIED
@given(months())
def test_accepted_means_that_nobody_is_left(month: Month) -> None:
    lines, story, frozen = month
    for found in draw(story, *lines, frozen=frozen).lines:
        if found.box is Box.ACCEPTED and by_key(lines)[found.key].disposition is not EXCLUDED:
            assert all(status is ACCEPTED for _, status in found.recipients)


@UNHURRIED
@given(months())
def test_a_mailed_line_that_is_no_remainder_reached_everybody(
    month: Month,
) -> None:
    lines, story, frozen = month
    for found in draw(story, *lines, frozen=frozen).lines:
        if by_key(lines)[found.key].disposition is MAIL and not found.box.remainder:
            assert {status for _, status in found.recipients} <= {ACCEPTED, POSTED}
            assert len(found.recipients) >= 2
