"""What came back is tied to the attempt that it is about, or to nothing: never to a guess."""

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
    Finding,
    MailReport,
    RecipientOutcome,
    ReturnClass,
    ReturnKind,
    Status,
    Tie,
)
from elite_lib.outcomes import WINDOW, Tied, fold, tie
from elite_lib.outcomes.tying import SLACK, plain

UNHURRIED = settings(deadline=None, max_examples=200)
NOON = dt.datetime(2026, 11, 2, 12, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
ANN, BOB, ARCHIVE = "ann@example.com", "bob@example.com", "archive@tilleuls.example"
ACCEPTED, UNCERTAIN, REFUSED, DEFERRED = (
    Status.ACCEPTED, Status.UNCERTAIN, Status.REFUSED, Status.DEFERRED,
)  # fmt: skip


def attempted(
    number: int,
    *people: tuple[str, Status],
    line: str = "F1",
    message_id: str = "<m1@tilleuls.example>",
    at: dt.datetime = NOON,
    token: str = "",
    answered: bool = True,
) -> list[Entry]:
    """An attempt and, unless it was killed, its verdict."""
    outcomes = tuple(
        RecipientOutcome(contact=f"R1/{n}", address=address, status=status)
        for n, (address, status) in enumerate(people, start=1)
    )
    asked = tuple(
        replace(one, status=UNCERTAIN if one.status is not REFUSED else REFUSED) for one in outcomes
    )
    facts = {"message_id": message_id, "token": token}
    attempt = Entry(
        kind=EntryKind.ATTEMPTING,
        id=number,
        at=at,
        line=line,
        message=f"{line}~1",
        recipients=asked,
        data=facts,
    )
    verdict = replace(
        attempt, kind=EntryKind.VERDICT, id=number + 1, attempt=number, recipients=outcomes, at=at
    )
    return [attempt, verdict] if answered else [attempt]


def finding(recipient: str = ANN, *aliases: str, cls: ReturnClass = ReturnClass.HARD) -> Finding:
    return Finding(recipient=recipient, aliases=aliases, cls=cls)


def report(*findings: Finding, kind: ReturnKind = ReturnKind.BOUNCE, **identity: str) -> MailReport:
    return MailReport(kind=kind, reports=findings or (finding(),), **identity)  # type: ignore[arg-type]


def tied(
    about: MailReport, entries: Sequence[Entry], *, received: dt.datetime = NOON + HOUR
) -> list[tuple[str, str, Tie] | None]:
    found = tie(about, entries, received=received, ours=[ARCHIVE])
    return [(one.attempt.line, one.address, one.by) if one else None for one in found]


ONE = attempted(1, (ANN, ACCEPTED))
BOTH = attempted(1, (ANN, ACCEPTED), (BOB, ACCEPTED))
MINE = {"message_id": "<m1@tilleuls.example>"}


# -- by identity -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("identity", "by"),
    [
        ({"message_id": "<m1@tilleuls.example>"}, Tie.MESSAGE_ID),
        ({"envid": "m1@tilleuls.example"}, Tie.ENVID),
        ({"envid": "<m1@tilleuls.example>"}, Tie.ENVID),
        ({"token": "t1"}, Tie.TOKEN),
        ({"token": "t1", "message_id": "<m1@tilleuls.example>"}, Tie.TOKEN),
        ({"token": "another", "message_id": "<m1@tilleuls.example>"}, Tie.MESSAGE_ID),
        ({"message_id": "<rewritten@relay.example>", "envid": "m1@tilleuls.example"}, Tie.ENVID),
    ],
)
def test_an_identity_of_ours_ties(identity: dict[str, str], by: Tie) -> None:
    assert tied(report(**identity), attempted(1, (ANN, ACCEPTED), token="t1")) == [("F1", ANN, by)]


@pytest.mark.parametrize(
    "identity",
    [
        {"message_id": "<m2@tilleuls.example>"},
        {"envid": "m2"},
        {"token": "t2"},
        {"message_id": "<M1@tilleuls.example>"},
    ],
)
def test_another_identity_ties_to_nothing_though_the_address_is_right(identity: dict[str, str]) -> None:
    assert tied(report(**identity), attempted(1, (ANN, ACCEPTED), token="t1")) == [None]


def test_the_recipient_is_found_among_those_of_the_message_in_any_case_and_by_alias() -> None:
    findings = (finding("BOB@Example.COM"), finding("x@relay.example", "ann@EXAMPLE.com"))
    assert tied(report(*findings, **MINE), BOTH) == [
        ("F1", BOB, Tie.MESSAGE_ID),
        ("F1", ANN, Tie.MESSAGE_ID),
    ]


def test_an_accented_domain_is_its_punycode() -> None:
    entries = attempted(1, ("ann@xn--hlne-6oae.example", ACCEPTED), (BOB, ACCEPTED))
    found = tied(report(finding("ann@hélène.example"), **MINE), entries)
    assert found == [("F1", "ann@xn--hlne-6oae.example", Tie.MESSAGE_ID)]
    assert plain("A@HÉLÈNE.example") == "a@xn--hlne-6oae.example"
    assert plain(f"a@{'é' * 70}.example")  # no domain at all, and no exception


@pytest.mark.parametrize("named", ["", "ann.privé@forward.example"])
def test_what_went_to_one_mailbox_is_about_that_one(named: str) -> None:
    assert tied(report(finding(named), **MINE), ONE) == [("F1", ANN, Tie.MESSAGE_ID)]


@pytest.mark.parametrize("named", ["", "someone@forward.example"])
def test_of_several_and_none_named_the_message_is_known_and_its_recipient_is_not(named: str) -> None:
    assert tied(report(finding(named), **MINE), BOTH) == [("F1", "", Tie.MESSAGE_ID)]


@pytest.mark.parametrize("named", [ARCHIVE, BOB])
def test_what_names_our_archive_or_whom_our_server_refused_is_not_about_the_family(named: str) -> None:
    entries = attempted(1, (ANN, ACCEPTED), (BOB, REFUSED))
    assert tied(report(finding(named), **MINE), entries) == [("F1", "", Tie.MESSAGE_ID)]


@pytest.mark.parametrize("status", [REFUSED, DEFERRED])
def test_what_never_left_cannot_come_back(status: Status) -> None:
    assert tied(report(**MINE), attempted(1, (ANN, status))) == [None]
    assert tied(report(), attempted(1, (ANN, status))) == [None]


def test_what_is_in_doubt_can() -> None:
    assert tied(report(**MINE), attempted(1, (ANN, UNCERTAIN))) == [("F1", ANN, Tie.MESSAGE_ID)]
    killed = attempted(1, (ANN, ACCEPTED), answered=False)
    assert tied(report(**MINE), killed) == [("F1", ANN, Tie.MESSAGE_ID)]


def test_a_message_sent_twice_is_tied_to_the_attempt_before_the_report() -> None:
    entries = [*ONE, *attempted(3, (ANN, ACCEPTED), at=NOON + 4 * HOUR)]
    for received, attempt in ((NOON + HOUR, 1), (NOON + 5 * HOUR, 3), (NOON - HOUR, 3)):
        (found,) = tie(report(**MINE), entries, received=received)
        assert found is not None
        assert found.attempt.id == attempt


def test_a_receipt_is_about_its_message() -> None:
    receipt = MailReport(kind=ReturnKind.MDN, recipient=BOB, **MINE)
    assert tied(receipt, BOTH) == [("F1", BOB, Tie.MESSAGE_ID)]


# -- by address --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("received", "known"),
    [
        (NOON, True),
        (NOON - SLACK, True),  # two clocks
        (NOON - SLACK - dt.timedelta(seconds=1), False),
        (NOON + WINDOW, True),
        (NOON + WINDOW + dt.timedelta(seconds=1), False),
    ],
)
def test_without_any_identity_the_address_and_the_time_tie(received: dt.datetime, known: bool) -> None:
    expected = [("F1", ANN, Tie.ADDRESS)] if known else [None]
    assert tied(report(finding("Ann@example.com")), ONE, received=received) == expected


@pytest.mark.parametrize(
    ("kind", "known"),
    [
        (ReturnKind.BOUNCE, True),
        (ReturnKind.DELIVERED, True),
        (ReturnKind.COMPLAINT, True),
        (ReturnKind.AUTO_REPLY, False),
        (ReturnKind.CHALLENGE, False),
        (ReturnKind.MDN, False),
        (ReturnKind.NONE, False),
    ],
)
def test_only_what_a_machine_writes_is_tied_by_the_address(kind: ReturnKind, known: bool) -> None:
    assert tied(report(kind=kind), ONE) == [("F1", ANN, Tie.ADDRESS) if known else None]


def test_an_address_of_two_lines_is_ambiguous() -> None:
    """A guardian has many residents: which invoice came back, nobody knows."""
    entries = [*ONE, *attempted(3, (ANN, ACCEPTED), line="F2", message_id="<m2@tilleuls.example>")]
    assert tied(report(), entries) == [None]
    old = attempted(3, (ANN, ACCEPTED), line="F0", message_id="<m0@x>", at=NOON - WINDOW - 2 * HOUR)
    assert tied(report(), [*ONE, *old]) == [("F1", ANN, Tie.ADDRESS)]


def test_of_one_line_the_newest_attempt_before_counts() -> None:
    entries = [
        *ONE,
        *attempted(3, (ANN, ACCEPTED), at=NOON + HOUR),
        *attempted(5, (ANN, ACCEPTED), at=NOON + 9 * HOUR),
    ]
    (found,) = tie(report(), entries, received=NOON + 2 * HOUR)
    assert found is not None
    assert found.attempt.id == 3


def test_an_unknown_address_ties_to_nothing() -> None:
    assert tied(report(finding("")), ONE) == [None]
    assert tied(report(finding("ann@example.com.evil.example")), ONE) == [None]


# -- whatever comes ----------------------------------------------------------------------------------

ADDRESSES = st.sampled_from(["", ANN, BOB, "Ann@EXAMPLE.com", "eve@example.net", ARCHIVE, "no address"])
IDS = st.sampled_from(
    ["", "<m1@tilleuls.example>", "<m2@tilleuls.example>", "<foreign@evil.example>", "junk"]
)
STATUSES = st.sampled_from([ACCEPTED, UNCERTAIN, REFUSED, DEFERRED])
ATTEMPTS = st.lists(
    st.tuples(
        st.sampled_from(["F1", "F2"]),
        st.lists(st.tuples(st.sampled_from([ANN, BOB, "eve@example.net"]), STATUSES), min_size=1, max_size=3),
        st.integers(-500, 500),  # hours
        st.booleans(),
    ),
    max_size=5,
).map(
    lambda rows: [
        entry
        for n, (line, people, hours, answered) in enumerate(rows)
        for entry in attempted(
            1 + 2 * n, *people, line=line, message_id=f"<m{line[1]}@tilleuls.example>",
            at=NOON + hours * HOUR, token=f"t{n}", answered=answered,
        )
    ]
)  # fmt: skip
REPORTS = st.builds(
    MailReport,
    kind=st.sampled_from(ReturnKind),
    reports=st.lists(
        st.builds(
            Finding,
            recipient=ADDRESSES,
            aliases=st.lists(ADDRESSES, max_size=2).map(tuple),
            cls=st.sampled_from(ReturnClass),
            final=st.booleans(),
        ),
        max_size=3,
    ).map(tuple),
    message_id=IDS,
    envid=IDS,
    token=st.sampled_from(["", "t0", "t1", "foreign"]),
    recipient=ADDRESSES,
)


@UNHURRIED
@given(REPORTS, ATTEMPTS)
def test_nobody_is_named_who_was_not_written_to(about: MailReport, entries: list[Entry]) -> None:
    """Each tie names a recipient to whom that attempt left, or none; and every finding has its answer."""
    found = tie(about, entries, received=NOON, ours=[ARCHIVE])
    assert len(found) == max(1, len(about.reports))
    for one in filter(None, found):
        answer = next((e for e in entries if e.attempt == one.attempt.id), one.attempt)
        left = {(o.contact, o.address) for o in answer.recipients if o.status in (ACCEPTED, UNCERTAIN)}
        assert (one.contact, one.address) in left | {("", "")}
        assert left


@UNHURRIED
@given(REPORTS, ATTEMPTS)
def test_a_foreign_report_changes_nothing(about: MailReport, entries: list[Entry]) -> None:
    """It bears an identity that is none of ours: it is tied to nothing, whatever else it says."""
    forged = replace(about, message_id="<foreign@evil.example>", envid="foreign", token="foreign")
    assert not any(tie(forged, entries, received=NOON))


@UNHURRIED
@given(REPORTS, ATTEMPTS)
def test_what_came_back_never_makes_anything_open_again(about: MailReport, entries: list[Entry]) -> None:
    """Read after everything, or before the last verdict, it takes back what had left, and nothing else."""
    before = fold(entries)
    found = [one for one in tie(about, entries, received=NOON, ours=[ARCHIVE]) if one]
    told = [_entry(one, 1000 + n) for n, one in enumerate(found)]
    last = entries[-1:] if entries and entries[-1].kind is EntryKind.VERDICT else []
    early = fold(last, onto=fold([*entries[: len(entries) - len(last)], *told]))
    for states in (fold([*entries, *told]), early):
        assert states.keys() == before.keys()
        for key, state in states.items():
            if state.status is not before[key].status:
                assert state.status is Status.BOUNCED
                assert before[key].status in (ACCEPTED, UNCERTAIN)


def _entry(one: Tied, number: int) -> Entry:
    outcome = RecipientOutcome(contact=one.contact, address=one.address, status=Status.BOUNCED)
    return Entry(
        kind=EntryKind.RETURNED,
        id=number,
        at=NOON,
        line=one.attempt.line,
        attempt=one.attempt.id,
        recipients=(outcome,),
        data={"message_id": one.message_id, "kind": "bounce", "final": True},
    )


def test_a_report_that_is_faster_than_the_servers_reply_counts() -> None:
    """The bounce was read before the verdict was written: the family did not get it."""
    attempt, verdict = attempted(1, (ANN, ACCEPTED))
    (one,) = tie(report(**MINE), [attempt], received=NOON)
    assert one is not None
    key = ("F1", "R1/1", ANN)
    early = replace(_entry(one, 2), attempt=1)
    for status in (ACCEPTED, UNCERTAIN):
        late = replace(verdict, id=3, recipients=(replace(verdict.recipients[0], status=status),))
        assert fold([attempt, early, late])[key].status is Status.BOUNCED
    again = attempted(5, (ANN, ACCEPTED))
    assert fold([attempt, early, *again])[key].status is ACCEPTED  # sent once more, with the same Message-ID
    assert fold([attempt, verdict, *again, replace(_entry(one, 7), attempt=1)])[key].status is ACCEPTED
    assert fold([attempt, verdict, *again, replace(_entry(one, 7), attempt=5)])[key].status is Status.BOUNCED
