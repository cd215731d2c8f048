"""Replies -> verdicts, entries -> states, and the guards against sending twice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elite_lib.models import (
    Entry,
    EntryKind,
    Fingerprint,
    RecipientState,
    Reply,
    Resolution,
    Stage,
    Status,
    Transaction,
)
from elite_lib.outcomes import (
    Effect,
    States,
    attempting,
    changed,
    effect,
    fold,
    pending,
    printed,
    released,
    remaining,
    replaced,
    too_many_failures,
    unticked,
    verdict,
)
from tests.support.billing import FINGERPRINT, NO, NOW, OK, Story, batch, message, outcome, recipient

UNHURRIED = settings(deadline=None, max_examples=100)  # a busy machine is no failure

ANN, BOB = recipient("ann@example.com", "R1/1"), recipient("bob@example.com", "R1/2")
BOTH = (ANN, BOB)
GO = Reply(code=354, text="End data")
ACCEPTED, DEFERRED, REFUSED = Status.ACCEPTED, Status.DEFERRED, Status.REFUSED
UNCERTAIN, PENDING, POSTED = Status.UNCERTAIN, Status.PENDING, Status.POSTED


def reply(code: int) -> Reply:
    return Reply(code=code, text="words")


def rcpt(ann: int | None = 250, bob: int | None = 250) -> tuple[tuple[str, Reply], ...]:
    asked = ((ANN.address, ann), (BOB.address, bob))
    return tuple((address, reply(code)) for address, code in asked if code is not None)


def dotted(final: int | None, ann: int | None = 250, bob: int | None = 250) -> Transaction:
    return Transaction(
        stage=Stage.DOT, mail=OK, rcpt=rcpt(ann, bob), data=GO, final=reply(final) if final else None
    )


CUT = "ConnectionResetError"
C, B, S = Effect.CONTINUE, Effect.BACK_OFF, Effect.STOP

# The retry table of mail.md, row by row: transaction, verdict on Ann and Bob, effect on the run.
TABLE: list[tuple[Transaction, tuple[Status, Status], Effect]] = [
    (Transaction(stage=Stage.CONNECT, error=CUT), (DEFERRED, DEFERRED), B),
    (Transaction(stage=Stage.MAIL, error=CUT), (DEFERRED, DEFERRED), B),
    (Transaction(stage=Stage.MAIL, mail=reply(421)), (DEFERRED, DEFERRED), B),
    (Transaction(stage=Stage.MAIL, mail=reply(450)), (DEFERRED, DEFERRED), B),
    (Transaction(stage=Stage.MAIL, mail=reply(550)), (DEFERRED, DEFERRED), S),
    (Transaction(stage=Stage.MAIL, mail=reply(530)), (DEFERRED, DEFERRED), S),
    (Transaction(stage=Stage.MAIL, mail=reply(552)), (REFUSED, REFUSED), C),  # RFC 1870 6.1
    (Transaction(stage=Stage.RCPT, mail=OK, error=CUT), (DEFERRED, DEFERRED), B),
    (Transaction(stage=Stage.RCPT, mail=OK, rcpt=rcpt(250, None), error=CUT), (DEFERRED, DEFERRED), B),
    (Transaction(stage=Stage.RCPT, mail=OK, rcpt=rcpt(550, 550)), (REFUSED, REFUSED), C),
    (Transaction(stage=Stage.RCPT, mail=OK, rcpt=rcpt(450, 550)), (DEFERRED, REFUSED), C),
    (Transaction(stage=Stage.RCPT, mail=OK, rcpt=rcpt(451, 452)), (DEFERRED, DEFERRED), C),
    (Transaction(stage=Stage.RCPT, mail=OK, rcpt=rcpt(550, 421), error=CUT), (REFUSED, DEFERRED), B),
    (Transaction(stage=Stage.RCPT, mail=OK, rcpt=rcpt(432, 432)), (DEFERRED, DEFERRED), B),
    (
        Transaction(stage=Stage.RCPT, mail=OK, rcpt=rcpt(), archive=reply(421), error=CUT),
        (DEFERRED, DEFERRED),
        B,
    ),
    (Transaction(stage=Stage.RCPT, mail=OK, rcpt=rcpt(250, 354), error=CUT), (DEFERRED, DEFERRED), B),
    (Transaction(stage=Stage.DATA, mail=OK, rcpt=rcpt(), error=CUT), (DEFERRED, DEFERRED), B),
    (Transaction(stage=Stage.DATA, mail=OK, rcpt=rcpt(250, 550), error=CUT), (DEFERRED, REFUSED), B),
    (Transaction(stage=Stage.DATA, mail=OK, rcpt=rcpt(), data=GO, error=CUT), (DEFERRED, DEFERRED), B),
    (Transaction(stage=Stage.DATA, mail=OK, rcpt=rcpt(), data=OK, error=CUT), (DEFERRED, DEFERRED), B),
    (Transaction(stage=Stage.DATA, mail=OK, rcpt=rcpt(), data=reply(554)), (REFUSED, REFUSED), C),
    (
        Transaction(stage=Stage.DATA, mail=OK, rcpt=rcpt(), data=reply(552), error="answered early"),
        (REFUSED, REFUSED),
        C,
    ),
    (Transaction(stage=Stage.DATA, mail=OK, rcpt=rcpt(450), data=reply(554)), (DEFERRED, REFUSED), C),
    (Transaction(stage=Stage.DATA, mail=OK, rcpt=rcpt(), data=reply(451)), (DEFERRED, DEFERRED), C),
    (Transaction(stage=Stage.DATA, mail=OK, rcpt=rcpt(), data=reply(421)), (DEFERRED, DEFERRED), B),
    (Transaction(stage=Stage.DATA, mail=OK, rcpt=rcpt(), data=reply(452)), (DEFERRED, DEFERRED), B),
    (dotted(250), (ACCEPTED, ACCEPTED), C),
    (dotted(250, 251, 252), (ACCEPTED, ACCEPTED), C),
    (dotted(250, 250, 550), (ACCEPTED, REFUSED), C),
    (dotted(250, 450, 250), (DEFERRED, ACCEPTED), C),
    (dotted(550), (REFUSED, REFUSED), C),
    (dotted(554, 250, 450), (REFUSED, DEFERRED), C),
    (dotted(451), (DEFERRED, DEFERRED), C),
    (dotted(451, 550, 250), (REFUSED, DEFERRED), C),
    (dotted(421), (DEFERRED, DEFERRED), B),
    (dotted(432), (DEFERRED, DEFERRED), B),
    (dotted(452), (DEFERRED, DEFERRED), B),
    (dotted(None), (UNCERTAIN, UNCERTAIN), B),
    (dotted(None, 550, 250), (REFUSED, UNCERTAIN), B),
    (dotted(None, 250, 450), (UNCERTAIN, DEFERRED), B),
    (dotted(None, 250, None), (UNCERTAIN, UNCERTAIN), B),  # no evidence: not sent again
    (dotted(250, 250, None), (ACCEPTED, UNCERTAIN), C),
    (dotted(354), (UNCERTAIN, UNCERTAIN), C),  # no answer to a dot
    (dotted(650), (UNCERTAIN, UNCERTAIN), C),
]


@pytest.mark.parametrize(("transaction", "statuses", "_effect"), TABLE)
def test_verdict_table(transaction: Transaction, statuses: tuple[Status, ...], _effect: Effect) -> None:
    outcomes = verdict(BOTH, transaction)
    assert [(o.contact, o.address) for o in outcomes] == [(r.contact, r.address) for r in BOTH]
    assert tuple(o.status for o in outcomes) == statuses


@pytest.mark.parametrize(("transaction", "_statuses", "expected"), TABLE)
def test_effect_table(transaction: Transaction, _statuses: object, expected: Effect) -> None:
    assert effect(transaction) is expected


def test_the_deciding_reply_is_kept() -> None:
    ann, bob = verdict(BOTH, dotted(250, 250, 550))
    assert (ann.reply, bob.reply) == (reply(250), reply(550))
    (lost, _) = verdict(BOTH, Transaction(stage=Stage.CONNECT, error=CUT))
    assert lost.reply is None
    (sender, _) = verdict(BOTH, Transaction(stage=Stage.MAIL, mail=reply(553)))
    assert sender.reply == reply(553)
    (early, _) = verdict(BOTH, Transaction(stage=Stage.DATA, mail=OK, rcpt=rcpt(), data=reply(554)))
    assert early.reply == reply(554)


@pytest.mark.parametrize(
    ("ann", "bob", "statuses"),
    [
        (250, 250, (UNCERTAIN, UNCERTAIN)),
        (550, 250, (REFUSED, UNCERTAIN)),
        (250, 450, (UNCERTAIN, DEFERRED)),
        (250, None, (UNCERTAIN, UNCERTAIN)),
        (None, None, (UNCERTAIN, UNCERTAIN)),
    ],
)
def test_attempting_says_what_is_true_if_nothing_more_is_written(
    ann: int | None, bob: int | None, statuses: tuple[Status, ...]
) -> None:
    outcomes = attempting(BOTH, rcpt(ann, bob))
    assert tuple(o.status for o in outcomes) == statuses
    assert [o.reply.code if o.reply else None for o in outcomes] == [ann, bob]


_CODES = st.sampled_from([None, 211, 250, 251, 354, 421, 432, 450, 451, 452, 500, 550, 552, 554])
_REPLIES = _CODES.map(lambda code: None if code is None else reply(code))
_TRANSACTIONS = st.builds(
    Transaction,
    stage=st.sampled_from(Stage),
    mail=_REPLIES,
    rcpt=st.builds(rcpt, _CODES, _CODES),
    archive=_REPLIES,
    data=_REPLIES,
    final=_REPLIES,
    error=st.sampled_from(["", CUT]),
)


@UNHURRIED
@given(_TRANSACTIONS)
def test_never_accepted_without_a_2xx_after_the_dot(transaction: Transaction) -> None:
    went = transaction.stage is Stage.DOT and transaction.final is not None and transaction.final.accepted
    for found in verdict(BOTH, transaction):
        if found.status is ACCEPTED:
            assert went
            assert dict(transaction.rcpt)[found.address].accepted


@UNHURRIED
@given(_TRANSACTIONS)
def test_after_the_dot_only_a_refusal_allows_another_try(transaction: Transaction) -> None:
    if transaction.stage is not Stage.DOT:
        assert all(o.status in (DEFERRED, REFUSED) for o in verdict(BOTH, transaction))
        return
    for found in verdict(BOTH, transaction):
        if found.status is DEFERRED:
            assert found.reply is not None
            assert not found.reply.accepted


@UNHURRIED
@given(_TRANSACTIONS)
def test_a_run_stops_only_on_a_refused_sender(transaction: Transaction) -> None:
    if effect(transaction) is Effect.STOP:
        assert transaction.mail is not None
        assert 500 <= transaction.mail.code < 600


@pytest.mark.parametrize(
    ("failures", "attempts", "planned", "stop"),
    [
        (10, 10, 10, False),
        (11, 11, 11, True),
        (11, 11, 33, True),
        (11, 11, 34, False),
        (33, 100, 100, False),
        (34, 100, 100, True),
        (11, 30, 0, True),
        (11, 34, 0, False),
        (0, 0, 0, False),
    ],
)
def test_too_many_failures(failures: int, attempts: int, planned: int, stop: bool) -> None:
    assert too_many_failures(failures, attempts, planned) is stop


# -- the fold --------------------------------------------------------------------------------------

KEY = ("F1", "R1/1", "r1.1@example.com")


def state(entries: Sequence[Entry]) -> RecipientState | None:
    return fold(entries).get(KEY)


def status(story: Story) -> Status | None:
    found = state(story.entries)
    return found.status if found else None


def test_nothing_is_known_of_nothing() -> None:
    assert fold([]) == {}


def test_an_attempt_without_verdict_is_uncertain() -> None:
    story = Story()
    entry = story.attempting(message="F1~1")
    found = state(story.entries)
    assert found == RecipientState(
        line="F1",
        contact="R1/1",
        address="r1.1@example.com",
        status=UNCERTAIN,
        at=entry.at,
        entry=entry.id,
        batch="2026-10-0123456789ab",
        message="F1~1",
        message_id="<F1@example.org>",
        fingerprint=str(FINGERPRINT),
        month="2026-10",
    )


@pytest.mark.parametrize("ended", [ACCEPTED, DEFERRED, REFUSED, UNCERTAIN])
def test_the_verdict_of_the_attempt_replaces_it(ended: Status) -> None:
    story = Story()
    entry = story.sent("F1", outcome(ended, reply=OK))
    found = state(story.entries)
    assert found is not None
    assert (found.status, found.at, found.reply) == (ended, entry.at, OK)
    assert (found.message_id, found.fingerprint) == ("<F1@example.org>", str(FINGERPRINT))


def test_refused_recipients_of_an_attempt_are_known_before_the_verdict() -> None:
    story = Story()
    story.attempting("F1", outcome(REFUSED, reply=NO), outcome(UNCERTAIN, "b@example.com", "R1/2"))
    states = fold(story.entries)
    assert states[KEY].status is REFUSED
    assert states["F1", "R1/2", "b@example.com"].status is UNCERTAIN


def test_a_verdict_without_attempt_is_a_cut_before_the_dot() -> None:
    story = Story()
    story.verdict("F1", outcome(DEFERRED))
    assert status(story) is DEFERRED


@pytest.mark.parametrize("later", [DEFERRED, REFUSED])
@pytest.mark.parametrize("first", [ACCEPTED, UNCERTAIN])
def test_that_another_attempt_did_not_go_undoes_nothing(first: Status, later: Status) -> None:
    story = Story()
    story.sent("F1", outcome(first))
    story.verdict("F1", outcome(later))
    story.attempting("F1", outcome(later))
    assert status(story) is first


def test_a_late_verdict_of_an_older_attempt_does_not_end_a_newer_doubt() -> None:
    story = Story()
    first = story.attempting()
    story.resolved(Resolution.RESEND)
    story.attempting()
    story.verdict("F1", outcome(DEFERRED), of=first)
    assert status(story) is UNCERTAIN
    story.verdict("F1", outcome(ACCEPTED), of=first)
    assert status(story) is ACCEPTED


def test_a_verdict_that_comes_after_a_person_s_word_still_counts() -> None:
    story = Story()
    attempt = story.attempting()
    story.resolved(Resolution.RESEND)
    story.verdict("F1", outcome(ACCEPTED, reply=OK), of=attempt)
    assert status(story) is ACCEPTED


@pytest.mark.parametrize(
    ("resolution", "expected"),
    [(Resolution.ACCEPTED, ACCEPTED), (Resolution.RESEND, PENDING), (Resolution.POSTED, POSTED)],
)
@pytest.mark.parametrize("named", [True, False])
def test_resolutions(resolution: Resolution, expected: Status, named: bool) -> None:
    story = Story()
    story.attempting()
    entry = story.resolved(resolution, "F1", *([outcome(expected)] if named else []))
    found = state(story.entries)
    assert found is not None
    assert (found.status, found.at, found.reply, found.deferrals) == (expected, entry.at, None, 0)
    assert found.message_id == "<F1@example.org>"


def test_a_resolution_that_names_recipients_leaves_the_others() -> None:
    story = Story()
    story.attempting("F1", outcome(UNCERTAIN), outcome(UNCERTAIN, "b@example.com", "R1/2"))
    story.resolved(Resolution.ACCEPTED, "F1", outcome(ACCEPTED, "b@example.com", "R1/2"))
    states = fold(story.entries)
    assert states[KEY].status is UNCERTAIN
    assert states["F1", "R1/2", "b@example.com"].status is ACCEPTED


@pytest.mark.parametrize(
    ("resolution", "expected"),
    [(Resolution.ACCEPTED, ACCEPTED), (Resolution.RESEND, PENDING), (Resolution.POSTED, POSTED)],
)
def test_a_resolution_of_a_line_never_tried_is_kept(resolution: Resolution, expected: Status) -> None:
    story = Story()
    story.resolved(resolution)
    assert {key: found.status for key, found in fold(story.entries).items()} == {("F1", "", ""): expected}


def test_posting_a_line_settles_the_rest_and_keeps_what_was_accepted() -> None:
    story = Story()
    story.sent("F1", outcome(ACCEPTED), outcome(REFUSED, "b@example.com", "R1/2"))
    story.resolved(Resolution.POSTED)
    assert {key[1]: found.status for key, found in fold(story.entries).items()} == {
        "R1/1": ACCEPTED,
        "R1/2": POSTED,
        "": POSTED,
    }
    story.resolved(Resolution.RESEND)
    assert {found.status for found in fold(story.entries).values()} == {PENDING}


def test_consecutive_deferrals_are_counted() -> None:
    story = Story()
    counts = []
    for ended in (DEFERRED, DEFERRED, DEFERRED, REFUSED, DEFERRED):
        story.sent("F1", outcome(ended))
        counts.append(fold(story.entries)[KEY].deferrals)
    story.verdict("F1", outcome(DEFERRED))
    counts.append(fold(story.entries)[KEY].deferrals)
    story.resolved(Resolution.RESEND)
    counts.append(fold(story.entries)[KEY].deferrals)
    assert counts == [1, 2, 3, 0, 1, 2, 0]


def test_entries_are_taken_in_the_order_of_their_ids() -> None:
    story = Story()
    story.sent("F1", outcome(DEFERRED))
    assert fold(reversed(story.entries)) == fold(story.entries)


def test_tests_and_entries_of_no_line_change_nothing() -> None:
    story = Story()
    story.attempting("")
    story.attempting("F1", data={"test": True})
    story.add(EntryKind.RUN_STARTED, "")
    story.add(EntryKind.PRINTED, "F1")
    assert fold(story.entries) == {}


@st.composite
def stories(draw: st.DrawFn, line: str = "F1") -> list[Entry]:
    """Any order of facts about a line of two recipients, sensible or not."""
    story = Story()
    attempts: list[Entry | None] = [None]
    people = [("r1.1@example.com", "R1/1"), ("b@example.com", "R1/2")]
    for _ in range(draw(st.integers(0, 8))):
        kind = draw(st.sampled_from([EntryKind.ATTEMPTING, EntryKind.VERDICT, EntryKind.RESOLVED]))
        chosen = draw(st.lists(st.sampled_from(people), min_size=1, max_size=2, unique=True))
        if kind is EntryKind.ATTEMPTING:
            found = st.sampled_from([UNCERTAIN, DEFERRED, REFUSED])
            attempts.append(story.attempting(line, *(outcome(draw(found), *who) for who in chosen)))
        elif kind is EntryKind.VERDICT:
            found = st.sampled_from([ACCEPTED, DEFERRED, REFUSED, UNCERTAIN])
            ended = [outcome(draw(found), *who) for who in chosen]
            story.verdict(line, *ended, of=draw(st.sampled_from(attempts)))
        else:
            whole = draw(st.booleans())
            resolution = draw(st.sampled_from(Resolution))
            story.resolved(resolution, line, *(() if whole else (outcome(PENDING, *who) for who in chosen)))
    return story.entries


@UNHURRIED
@given(stories("F1"), stories("F2"), st.randoms())
def test_the_fold_is_insensitive_to_unrelated_entries(
    mine: list[Entry], others: list[Entry], random: object
) -> None:
    mixed = mine + others
    random.shuffle(mixed)  # type: ignore[attr-defined]
    both = fold(mixed)
    assert {key: found for key, found in both.items() if key[0] == "F1"} == fold(mine)
    assert both.of_line("F1") == list(fold(mine).values())


@UNHURRIED
@given(stories(), st.integers(0, 8))
def test_folding_on_is_folding_at_once(entries: list[Entry], cut: int) -> None:
    first = fold(entries[:cut])
    before = dict(first)
    whole = fold(entries[cut:], onto=first)
    assert whole == fold(entries)
    assert whole.of_line("F1") == fold(entries).of_line("F1")
    assert first == before


@UNHURRIED
@given(stories())
def test_a_doubt_never_becomes_pending_without_a_resolution(entries: list[Entry]) -> None:
    """Invariant 4: only RESOLVED, or the verdict of the very attempt, ends a doubt."""
    for count in range(1, len(entries) + 1):
        before, after, entry = fold(entries[: count - 1]), fold(entries[:count]), entries[count - 1]
        for key, found in before.items():
            if found.status is not UNCERTAIN or after[key].status is UNCERTAIN:
                continue
            if after[key].status in (PENDING, POSTED):
                assert entry.kind is EntryKind.RESOLVED
            elif after[key].status in (DEFERRED, REFUSED):
                attempt = next(e for e in entries if e.id == entry.attempt)
                assert key[2] in {o.address for o in attempt.recipients if o.status is UNCERTAIN}
            else:
                assert after[key].status is ACCEPTED


@UNHURRIED
@given(stories())
def test_pending_is_only_ever_said_by_a_person(entries: list[Entry]) -> None:
    for key, found in fold(entries).items():
        if found.status is PENDING:
            last = [e for e in entries if e.kind is EntryKind.RESOLVED and e.at == found.at]
            assert last, key
            assert last[0].data["resolution"] == "resend"


# -- what is still to be sent ----------------------------------------------------------------------


def keys(*messages: object, story: Story) -> list[str]:
    return [m.key for m in pending(batch(*messages), fold(story.entries))]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("ended", "again"),
    [(ACCEPTED, False), (DEFERRED, True), (REFUSED, False), (UNCERTAIN, False)],
)
def test_pending_after_an_attempt(ended: Status, again: bool) -> None:
    story = Story()
    story.sent("F1", outcome(ended))
    assert keys(message("F1~1"), message("F2~1"), story=story) == (["F1~1"] if again else []) + ["F2~1"]


@pytest.mark.parametrize(
    ("resolution", "again"),
    [(Resolution.ACCEPTED, False), (Resolution.RESEND, True), (Resolution.POSTED, False)],
)
@pytest.mark.parametrize("tried", [True, False])
def test_pending_after_a_resolution(resolution: Resolution, again: bool, tried: bool) -> None:
    story = Story()
    if tried:
        story.attempting()
    story.resolved(resolution)
    assert keys(message("F1~1"), story=story) == (["F1~1"] if again else [])


def test_only_those_who_still_need_it_receive() -> None:
    story = Story()
    story.sent(
        "F1",
        outcome(ACCEPTED),
        outcome(REFUSED, "b@example.com", "R1/2"),
        outcome(DEFERRED, "c@example.com", "R1/3"),
    )
    people = [recipient(), recipient("b@example.com", "R1/2"), recipient("c@example.com", "R1/3")]
    frozen = message("F1~1+2+3+4", *people, recipient("d@example.com", "R1/4"))
    assert [r.address for r in remaining(frozen, fold(story.entries))] == ["c@example.com", "d@example.com"]
    assert keys(frozen, story=story) == ["F1~1+2+3+4"]


def test_a_message_with_a_recipient_in_doubt_is_not_sent_to_the_others() -> None:
    story = Story()
    story.attempting("F1", outcome(UNCERTAIN), outcome(DEFERRED, "b@example.com", "R1/2"))
    joint = message("F1~1+2", recipient(), recipient("b@example.com", "R1/2"))
    assert keys(joint, story=story) == []
    assert keys(message("F1~2", recipient("b@example.com", "R1/2")), story=story) == ["F1~2"]


def test_a_corrected_address_does_not_end_a_doubt() -> None:
    story = Story()
    story.attempting()
    assert keys(message("F1~1", recipient("new@example.com", "R1/1")), story=story) == []
    assert keys(message("F1~x", recipient("new@example.com", "")), story=story) == ["F1~x"]


# -- what changed since it left --------------------------------------------------------------------


def differing(*parts: str) -> Fingerprint:
    named = {name: getattr(FINGERPRINT, name) for name in ("addresses", "documents", "text")}
    return Fingerprint(**named | dict.fromkeys(parts, "0" * 16))


@pytest.mark.parametrize(
    "parts", [(), ("text",), ("addresses", "documents"), ("addresses", "documents", "text")]
)
@pytest.mark.parametrize("ended", [ACCEPTED, UNCERTAIN])
@pytest.mark.parametrize("plain", [True, False])
def test_changed_says_what_differs(parts: tuple[str, ...], ended: Status, plain: bool) -> None:
    story = Story()
    story.sent("F1", outcome(ended))
    states = fold(story.entries)
    known = dict(states) if plain else states
    assert changed(differing(*parts), message("F1~1"), "F1", known) == parts


@pytest.mark.parametrize("ended", [REFUSED, DEFERRED])
def test_what_did_not_go_may_change(ended: Status) -> None:
    story = Story()
    story.sent("F1", outcome(ended))
    assert changed(differing("text"), message("F1~1"), "F1", fold(story.entries)) == ()


def test_the_guard_is_on_line_and_contact_not_on_the_address() -> None:
    story = Story()
    story.sent("F1")
    states = fold(story.entries)
    corrected = message("F1~1", recipient("new@example.com", "R1/1"))
    assert changed(differing("addresses"), corrected, "F1", states) == ("addresses",)
    assert changed(differing("text"), message("F1~2", recipient("x@example.com", "R1/2")), "F1", states) == ()
    assert changed(differing("text"), message("F2~1"), "F2", states) == ()


def test_addresses_typed_by_hand_are_each_their_own() -> None:
    story = Story()
    story.sent("F1", outcome(ACCEPTED, "x@example.com", ""))
    states = fold(story.entries)
    assert changed(differing("text"), message("F1~a", recipient("x@example.com", "")), "F1", states) == (
        "text",
    )
    assert changed(differing("text"), message("F1~b", recipient("y@example.com", "")), "F1", states) == ()


@pytest.mark.parametrize("named", [True, False])
def test_a_person_may_let_a_change_replace_what_went(named: bool) -> None:
    story = Story()
    story.sent("F1")
    story.resolved(Resolution.RESEND, "F1", *([outcome(PENDING)] if named else []))
    states = fold(story.entries)
    assert changed(differing("text"), message("F1~1"), "F1", states) == ()
    assert replaced(message("F1~1"), "F1", states) == "<F1@example.org>"


def test_the_permission_holds_for_the_next_message_only() -> None:
    story = Story()
    story.sent("F1")
    story.resolved(Resolution.RESEND)
    story.sent("F1")
    states = fold(story.entries)
    assert changed(differing("text"), message("F1~1"), "F1", states) == ("text",)
    assert replaced(message("F1~1"), "F1", states) == ""


@pytest.mark.parametrize("released_last", [True, False])
def test_what_is_later_is_told_by_the_order_and_not_by_the_clock(released_last: bool) -> None:
    story, early = Story(), NOW - dt.timedelta(days=1)  # the clock was set back before the last entry
    other = outcome(PENDING, "old@example.com", "R1/1")
    if released_last:
        story.sent("F1")
        story.resolved(Resolution.RESEND, "F1", other)
    else:
        story.resolved(Resolution.RESEND, "F1", other)
        story.sent("F1")
    story.entries[-1] = replace(story.entries[-1], at=early)
    states = fold(story.entries)
    assert changed(differing("text"), message("F1~1"), "F1", states) == (() if released_last else ("text",))


def test_releasing_a_new_address_of_the_contact_confirms_the_change() -> None:
    story = Story()
    story.sent("F1")
    story.resolved(Resolution.RESEND, "F1", outcome(PENDING, "new@example.com", "R1/1"))
    corrected = message("F1~1", recipient(), recipient("new@example.com", "R1/1"))
    assert changed(differing("addresses"), corrected, "F1", fold(story.entries)) == ()


def test_what_never_left_is_not_replaced() -> None:
    story = Story()
    story.sent("F1", outcome(REFUSED))
    story.resolved(Resolution.RESEND)
    assert replaced(message("F1~1"), "F1", fold(story.entries)) == ""
    story.resolved(Resolution.RESEND)
    assert replaced(message("F1~1"), "F1", States()) == ""


def test_asking_twice_keeps_what_is_replaced() -> None:
    story = Story()
    story.sent("F1")
    story.resolved(Resolution.RESEND)
    story.resolved(Resolution.RESEND)
    assert replaced(message("F1~1"), "F1", fold(story.entries)) == "<F1@example.org>"


# -- decisions about lines -------------------------------------------------------------------------


def test_unticked_is_the_last_word() -> None:
    story = Story()
    for kind, line in [
        (EntryKind.UNTICKED, "F1"),
        (EntryKind.UNTICKED, "F2"),
        (EntryKind.TICKED, "F2"),
        (EntryKind.TICKED, "F3"),
        (EntryKind.TICKED, "F4"),
        (EntryKind.UNTICKED, "F4"),
    ]:
        story.add(kind, line)
    assert unticked(story.entries) == {"F1", "F4"}


def test_printed() -> None:
    story = Story()
    story.add(EntryKind.PRINTED, "F1")
    story.add(EntryKind.UNTICKED, "F2")
    assert printed(story.entries) == {"F1"}


def test_released_is_the_last_choice() -> None:
    story = Story()
    chosen = [outcome(PENDING, f"{name}@example.com", "") for name in ("wrong", "a", "b")]
    story.resolved(Resolution.RESEND, "F1", chosen[0], deceased=True)
    story.resolved(Resolution.RESEND, "F1", *chosen[1:], deceased=True)
    story.resolved(Resolution.POSTED, "F2", outcome(POSTED, "c@example.com", ""), deceased=True)
    story.resolved(Resolution.RESEND, "F3", deceased=True)
    assert released(story.entries) == {"F1": ("a@example.com", "b@example.com")}


def test_what_was_released_before_the_death_was_known_is_no_choice() -> None:
    """Sent again to the family in October says nothing of whom it goes to once the resident died."""
    story = Story()
    story.resolved(Resolution.RESEND, "F1", outcome(PENDING, "a@example.com", ""))
    assert released(story.entries) == {}


def test_sending_once_more_to_one_drops_no_other() -> None:
    story = Story()
    both = [outcome(PENDING, a, "") for a in ("a@example.com", "b@example.com")]
    story.resolved(Resolution.RESEND, "F1", *both, deceased=True)
    story.attempting("F1", *(outcome(UNCERTAIN, o.address, "") for o in both))
    story.resolved(Resolution.RESEND, "F1", both[0], deceased=True)
    assert released(story.entries) == {"F1": ("a@example.com", "b@example.com")}
    story.resolved(Resolution.RESEND, "F1", outcome(PENDING, "c@example.com", ""), deceased=True)
    assert released(story.entries) == {"F1": ("c@example.com",)}
