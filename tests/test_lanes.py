"""Lanes: who leaves next, how a lane slows down and recovers, the forecast, the canary."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elite_lib import batch as batches
from elite_lib import config, outcomes
from elite_lib.batch import Means, Office, Outlook, Run
from elite_lib.batch.queueing import Queue, Rules
from elite_lib.journal import open_journal
from elite_lib.models import (
    Batch,
    BatchMessage,
    Canary,
    Entry,
    EntryKind,
    Lane,
    Pace,
    Reply,
    ReturnClass,
    ReturnKind,
    StopReason,
)
from elite_lib.pacing import (
    PROVIDERS,
    Departure,
    Heard,
    LaneTable,
    Slowness,
    Traffic,
    Waiting,
    about_mailbox,
    choose,
    departures,
    expected_end,
    pick_canaries,
    slowed,
)
from elite_lib.pacing.slowing import RECOVERY
from elite_lib.transports.fake import Answers, FakeTransport
from tests.support import offices, returns, workbooks
from tests.support.clocks import START, ManualClock

UNHURRIED = settings(deadline=None, max_examples=100)  # a busy machine is no failure

NOW = START
FREE = Pace(between=0, every=0, pause=0)
WINDOWS = {"per_minute": 60, "per_hour": 3600, "per_day": 86400}


def after(seconds: float) -> dt.datetime:
    return NOW + dt.timedelta(seconds=seconds)


def seconds(at: dt.datetime) -> float:
    return (at - NOW).total_seconds()


def waiting(*lanes: str) -> list[Waiting]:
    """Give one message per word; ``gmail+orange`` goes to both."""
    return [Waiting(key=f"m{n}", lanes=tuple(word.split("+"))) for n, word in enumerate(lanes)]


def left(found: Iterable[Departure]) -> list[str]:
    return [departure.lane for departure in found]


def refusal(lane: str, at: float, *, attempted: float | None = None) -> Heard:
    return Heard(
        lane=lane, at=after(at), attempted=after(at if attempted is None else attempted), deferred=True
    )


def acceptance(lane: str, at: float) -> Heard:
    return Heard(lane=lane, at=after(at), attempted=after(at), deferred=False)


# -- the table -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "lane"),
    [
        ("a@gmail.com", "gmail"),
        ("a@googlemail.com", "gmail"),
        ("a@wanadoo.fr", "orange"),
        ("a@libertysurf.fr", "free"),
        ("a@aliceadsl.fr", "free"),
        ("a@freesbee.fr", "free"),
        ("a@online.fr", "free"),
        ("a@laposte.net", "laposte"),
        ("a@neuf.fr", "sfr"),
        ("a@cegetel.net", "sfr"),
        ("a@club-internet.fr", "sfr"),
        ("a@numericable.fr", "sfr"),
        ("a@bbox.fr", "bbox"),
        ("a@hotmail.fr", "outlook"),
        ("a@live.fr", "outlook"),
        ("a@msn.com", "outlook"),
        ("a@ymail.com", "yahoo"),
        ("a@yahoo.fr", "yahoo"),
        ("A.B@Wanadoo.FR", "orange"),
        ("a@ma-mairie.example", "ma-mairie.example"),
        ("a@notgmail.com", "notgmail.com"),
    ],
)
def test_an_address_is_in_its_provider_s_lane(address: str, lane: str) -> None:
    assert LaneTable().of(address) == lane


def test_no_domain_is_in_two_lanes() -> None:
    domains = Counter(domain for known in PROVIDERS.values() for domain in known.domains)
    assert max(domains.values()) == 1


def test_the_office_has_the_last_word() -> None:
    table = LaneTable(
        [
            Lane(name="orange", domains=("ma-mairie.example",)),
            Lane(name="own", domains=("free.fr",), pace=Pace(between=5, every=0, pause=0)),
        ]
    )
    assert table.lanes(["a@ma-mairie.example", "b@orange.fr", "c@free.fr"]) == ("orange", "own")
    assert table.paces["own"].between == 5


@pytest.mark.parametrize(
    ("lane", "code", "text", "spoke"),
    [
        ("gmail", 450, "4.7.28 our system detected an unusual rate - gsmtp", True),
        (
            "free",
            421,
            "Too many spams from your IP (192.0.2.1), please visit http://postmaster.free.fr/",
            True,
        ),
        ("orange", 450, "mwinf5c04 ME Adresse IP source bloquee OFR_104", True),
        ("mairie.example", 451, "4.7.1 mx.mairie.example says slow down", True),
        ("gmail", 452, "4.2.2 The account is over quota gsmtp", False),  # the mailbox, not us
        ("orange", 450, "4.7.1 <a@orange.fr>: Recipient address rejected: greylisted", False),  # our server
        ("gmail", 450, "4.7.1 Too many messages from this account", False),
        ("gmail", 550, "5.7.1 blocked - gsmtp", False),  # not temporary
    ],
)
def test_only_what_a_provider_says_of_our_mail_slows_its_lane(
    lane: str, code: int, text: str, spoke: bool
) -> None:
    assert LaneTable(host="smtp.example.com").spoke(lane, Reply(code=code, text=text)) is spoke


def test_what_our_own_server_signs_is_not_the_provider_s_word() -> None:
    reply = Reply(code=451, text="4.7.0 Try again later - gsmtp")
    assert LaneTable(host="smtp.example.com").spoke("gmail", reply)
    assert not LaneTable(host="smtp.gmail.com").spoke("gmail", reply)


def test_mailboxes_are_told_from_senders() -> None:
    texts = ["5.1.1 unknown", "5.2.2 full", "5.1.8 bad sender", "5.7.1 blocked", "unknown user"]
    assert [about_mailbox(Reply(code=550, text=text)) for text in texts] == [True, True, False, False, False]


# -- turns -----------------------------------------------------------------------------------------------


def test_one_lane_keeps_the_order_of_the_batch() -> None:
    found = list(departures(waiting(*["gmail"] * 25), NOW, Traffic(Pace())))
    assert [d.waiting.key for d in found] == [f"m{n}" for n in range(25)]
    gaps = [(b.at - a.at).total_seconds() for a, b in pairwise(found)]
    assert gaps == ([2.0] * 9 + [12.0]) * 2 + [2.0] * 4


def test_a_lane_with_more_messages_comes_more_often() -> None:
    lanes = left(departures(waiting(*["gmail"] * 6, *["orange"] * 3, "free"), NOW, Traffic(FREE)))
    assert " ".join(lanes) == "gmail orange gmail gmail orange gmail free gmail orange gmail"


def test_a_message_to_several_waits_in_the_slowest_of_its_lanes() -> None:
    traffic = Traffic(FREE)
    traffic.hear([refusal("orange", 0)])
    found = list(departures(waiting("gmail", "gmail+orange", "gmail"), NOW, traffic))
    assert [(d.waiting.key, d.lane, seconds(d.at)) for d in found] == [
        ("m0", "gmail", 0),
        ("m2", "gmail", 0),
        ("m1", "orange", 10),
    ]


def test_what_was_never_tried_goes_before_deferrals_and_nobody_waits_for_a_slow_lane() -> None:
    traffic = Traffic(FREE)
    traffic.hear([refusal("orange", 0)])
    again = Waiting(key="again", lanes=("free",), due=after(3))
    early = Waiting(key="early", lanes=("gmail",), due=after(-5))
    found = list(departures([early, again, *waiting("orange", "gmail")], NOW, traffic))
    assert [(d.waiting.key, seconds(d.at)) for d in found] == [
        ("m1", 0),
        ("early", 0),
        ("again", 3),
        ("m0", 10),
    ]


def test_nothing_waits() -> None:
    assert choose([], NOW, Traffic(Pace())) is None
    assert expected_end([], NOW, Traffic(Pace())) == NOW


def test_a_lane_has_its_own_pace_within_the_account_s() -> None:
    traffic = Traffic(Pace(between=1, every=0, pause=0), lanes={"orange": Pace(between=5, every=0, pause=0)})
    found = list(departures(waiting("orange", "orange", "gmail", "gmail"), NOW, traffic))
    assert [(d.lane, seconds(d.at)) for d in found] == [
        ("orange", 0),
        ("gmail", 1),
        ("gmail", 2),
        ("orange", 5),
    ]


# -- slowing down and recovering -------------------------------------------------------------------------


def test_the_waits_grow_and_stay_at_the_longest() -> None:
    state = Slowness()
    waits = []
    at = 0.0
    for _ in range(7):
        state = slowed(state, refusal("free", at))
        assert state.until is not None
        waits.append(seconds(state.until) - at)
        at = seconds(state.until)
    assert waits == [10, 30, 60, 300, 900, 900, 900]


def test_a_lane_recovers_by_degrees() -> None:
    state = Slowness()
    for at in (0, 10, 40):
        state = slowed(state, refusal("free", at))
    gaps = []
    for n in range(3 * RECOVERY):
        gaps.append(state.gap.total_seconds())
        state = slowed(state, acceptance("free", 100 + n))
    assert gaps == [60] * RECOVERY + [30] * RECOVERY + [10] * RECOVERY
    assert state.gap == dt.timedelta()


def test_one_acceptance_ends_a_long_wait() -> None:
    state = Slowness()
    for at in (0, 10, 40, 100, 400):
        state = slowed(state, refusal("free", at))
    gaps = [state.gap.total_seconds()]
    for n in range(2):
        state = slowed(state, acceptance("free", 2000 + n))
        gaps.append(state.gap.total_seconds())
    assert gaps == [900, 300, 60]


def test_reports_about_one_burst_are_one_step() -> None:
    traffic = Traffic(FREE)
    traffic.hear(refusal("free", 600 + n, attempted=n) for n in range(10))
    assert traffic.slowness["free"].step == 1
    traffic.hear([refusal("free", 1300, attempted=700)])
    assert traffic.slowness["free"].step == 2


def test_what_our_server_takes_proves_nothing_until_a_report_would_have_come() -> None:
    """Reports take 10 minutes to come back: what leaves within them counts for nothing."""
    state = slowed(Slowness(), refusal("free", 600, attempted=0))
    for at in range(601, 1200, 10):
        state = slowed(state, acceptance("free", at))
    assert state.step == 1
    for at in range(1200, 1200 + 10 * RECOVERY, 10):
        state = slowed(state, acceptance("free", at))
    assert state.step == 0


# -- properties ------------------------------------------------------------------------------------------

_LANES = ("gmail", "orange", "free", "sfr", "ma-mairie.example")
_PACES = st.builds(
    Pace,
    between=st.sampled_from([0, 0.5, 2, 30]),
    every=st.integers(0, 4),
    pause=st.sampled_from([0, 10, 100]),
    per_minute=st.integers(0, 5),
    per_hour=st.integers(0, 12),
    per_day=st.integers(0, 30),
    reserve=st.integers(0, 5),
)
_OF_LANES = st.dictionaries(
    st.sampled_from(_LANES),
    st.builds(
        Pace,
        between=st.sampled_from([0, 1, 7]),
        every=st.just(0),
        pause=st.just(0),
        per_minute=st.integers(0, 3),
        per_hour=st.integers(0, 10),
        per_day=st.integers(0, 20),
    ),
)
_WAITING = st.lists(
    st.tuples(st.lists(st.sampled_from(_LANES), min_size=1, max_size=3, unique=True), st.integers(-1, 400)),
    max_size=30,
).map(
    lambda rows: [
        Waiting(key=f"m{n}", lanes=tuple(lanes), due=after(due) if due >= 300 else None)
        for n, (lanes, due) in enumerate(rows)
    ]
)
_PAST = st.lists(st.floats(0, 90000), max_size=20).map(lambda ago: sorted(after(-s) for s in ago))
_FACTS = st.lists(
    st.builds(
        lambda lane, at, lag, deferred: Heard(
            lane=lane, at=after(-at), attempted=after(-at - lag), deferred=deferred
        ),
        st.sampled_from(_LANES),
        st.integers(0, 3600),
        st.integers(0, 600),
        st.booleans(),
    ),
    max_size=8,
).map(lambda facts: sorted(facts, key=lambda fact: fact.at))


def traffic_of(
    pace: Pace, lanes: dict[str, Pace], past: Sequence[dt.datetime], facts: Sequence[Heard]
) -> Traffic:
    traffic = Traffic(pace, lanes=lanes, times=past)
    for n, at in enumerate(past):
        traffic.left_earlier([_LANES[n % len(_LANES)]], at)
    traffic.hear(facts)
    return traffic


def over_quota(times: Sequence[dt.datetime], new: Iterable[dt.datetime], pace: Pace) -> bool:
    """Tell whether a new message is in a window that holds more than its cap."""
    for name, window in WINDOWS.items():
        cap = getattr(pace, name)
        if name == "per_day" and cap:
            cap = max(1, cap - pace.reserve)
        for at in new if cap else ():
            within = [t for t in times if at - dt.timedelta(seconds=window) < t <= at]
            if len(within) > cap:
                return True
    return False


@UNHURRIED
@given(_WAITING, _PACES, _OF_LANES, _PAST, _FACTS)
def test_no_window_is_ever_over_its_quota(
    messages: list[Waiting],
    pace: Pace,
    lanes: dict[str, Pace],
    past: list[dt.datetime],
    facts: list[Heard],
) -> None:
    traffic = traffic_of(pace, lanes, past, facts)
    found = list(departures(messages, NOW, traffic))
    new = [d.at for d in found]
    assert new == sorted(new)
    assert not over_quota([*past, *new], new, pace)
    for lane, own in lanes.items():
        mine = [d.at for d in found if lane in d.waiting.lanes]
        assert not over_quota([*traffic.of_lane.get(lane, ()), *mine], mine, own)
        both = sorted([*traffic.of_lane.get(lane, ()), *mine])
        gaps = [(b - a).total_seconds() for a, b in pairwise(both) if b in mine]
        assert all(gap >= own.between for gap in gaps)


@UNHURRIED
@given(_WAITING, _PACES, _OF_LANES, _PAST, _FACTS)
def test_every_message_leaves_once_and_a_lane_keeps_its_order(
    messages: list[Waiting],
    pace: Pace,
    lanes: dict[str, Pace],
    past: list[dt.datetime],
    facts: list[Heard],
) -> None:
    found = list(departures(messages, NOW, traffic_of(pace, lanes, past, facts)))
    assert sorted(d.waiting.key for d in found) == sorted(m.key for m in messages)
    assert all(d.at >= (d.waiting.due or NOW) for d in found)
    for lane in _LANES:
        alone = [int(d.waiting.key[1:]) for d in found if d.waiting.lanes == (lane,) and not d.waiting.due]
        assert alone == sorted(alone)


@UNHURRIED
@given(_WAITING, _PACES, _OF_LANES, _PAST, _FACTS)
def test_the_forecast_is_the_simulated_run(
    messages: list[Waiting],
    pace: Pace,
    lanes: dict[str, Pace],
    past: list[dt.datetime],
    facts: list[Heard],
) -> None:
    """A run asks for one message after the other, waits, sends, hears that it was taken."""
    traffic = traffic_of(pace, lanes, past, facts)
    forecast = expected_end(messages, NOW, traffic)
    foreseen = list(departures(messages, NOW, traffic))
    now, remaining, met = NOW, list(messages), []
    while (turn := choose(remaining, now, traffic)) is not None:
        now = turn.at
        remaining.remove(turn.waiting)
        traffic.left(turn, now)
        traffic.hear(Heard(lane=lane, at=now, attempted=now, deferred=False) for lane in turn.waiting.lanes)
        met.append(turn)
    assert met == foreseen
    assert forecast == now


@UNHURRIED
@given(st.lists(st.sampled_from(_LANES), max_size=60), _PACES)
def test_no_lane_starves(lanes: list[str], pace: Pace) -> None:
    """A lane that nothing slows down is served in proportion: never much more than its share apart."""
    found = left(departures(waiting(*lanes), NOW, Traffic(pace)))
    for lane, total in Counter(lanes).items():
        places = [-1, *(n for n, served in enumerate(found) if served == lane)]
        longest = max(b - a for a, b in pairwise(places))
        assert longest <= 2 * len(lanes) / total + len(set(lanes))


@UNHURRIED
@given(st.lists(st.sampled_from(_LANES[1:]), min_size=1, max_size=40), st.integers(1, 20))
def test_a_slow_lane_does_not_hold_the_others_up(others: list[str], slow: int) -> None:
    pace = Pace(between=2, every=0, pause=0)
    traffic = Traffic(pace)
    for at in (0, 10, 40, 100):
        traffic.hear([refusal("gmail", at - 100)])  # 300 s between two messages from now on
    found = list(departures(waiting(*["gmail"] * slow, *others), NOW, traffic))
    free = [d.at for d in found if d.lane != "gmail"]
    assert seconds(free[-1]) <= 2 * (len(others) + slow)


# -- a run over a fake server ----------------------------------------------------------------------------

DOMAINS = ("gmail.com", "orange.fr", "free.fr")


def address(number: int) -> str:
    return f"famille{number}@{DOMAINS[number % 3]}"


def make_office(root: Path, count: int, clock: ManualClock) -> Office:
    """Open a home whose families are at three providers, with a journal on our clock."""
    contacts = [workbooks.contact(offices.code(n), **{"E-mail": address(n)}) for n in range(1, count + 1)]
    office = offices.open_office(offices.make_home(root / "home", count, contacts=contacts))
    office.journal.close()
    journal = open_journal(office.settings.home.journal, establishment="tilleuls", clock=clock.now)
    return Office(settings=office.settings, outbox=office.outbox, journal=journal, operator="Claire")


def send(
    office: Office,
    batch: Batch,
    transport: FakeTransport,
    clock: ManualClock,
    *,
    on_entry: Callable[[Entry], None] = lambda _entry: None,
    **means: object,
) -> Run:
    given_means = {"pace": Pace(between=2, every=0, pause=0), **means}
    return batches.run(
        batch,
        Means(
            transport=transport,
            journal=office.journal,
            outbox=office.outbox,
            clock=clock,
            **given_means,  # type: ignore[arg-type]
        ),
        run_id=batches.new_run_id(),
        operator="Claire",
        on_entry=on_entry,
    )


SLOW_DOWN = Reply(code=450, text="4.7.1 postmaster.free.fr says: slow down")


def test_a_run_interleaves_its_lanes(tmp_path: Path) -> None:
    clock = ManualClock()
    with make_office(tmp_path, 9, clock) as office:
        transport = FakeTransport()
        send(office, batches.prepare(office, offices.OCTOBER).batch, transport, clock)
    domains = [a.partition("@")[2] for a in offices.recipients(transport)]
    assert len(domains) == 9
    assert all(len(set(domains[n : n + 3])) == 3 for n in (0, 3, 6))


def test_a_provider_that_wants_less_is_left_alone_while_the_others_go_on(tmp_path: Path) -> None:
    clock = ManualClock()
    with make_office(tmp_path, 12, clock) as office:
        seen: list[tuple[float, str]] = []
        batch = batches.prepare(office, offices.OCTOBER).batch
        script = {m.recipients[0].address: Answers() for m in batch.messages}
        script[next(a for a in script if a.endswith("free.fr"))] = Answers(rcpt=SLOW_DOWN)
        means = Means(
            transport=FakeTransport(script),
            journal=office.journal,
            outbox=office.outbox,
            pace=Pace(between=2, every=0, pause=0),
            clock=clock,
        )
        batches.run(
            batch,
            means,
            run_id="r",
            operator="Claire",
            on_entry=lambda e: (
                seen.append((seconds(clock.now()), e.recipients[0].address))
                if e.kind is EntryKind.VERDICT
                else None
            ),
        )
    times = [at for at, a in seen if a.endswith("free.fr")]
    others = [at for at, a in seen if not a.endswith("free.fr")]
    assert max(others) <= 2 * 12
    assert times[1] - times[0] >= 10


def of_provider(batch: Batch, domain: str) -> BatchMessage:
    return next(m for m in batch.messages if m.recipients[0].address.endswith(domain))


def test_a_report_that_comes_back_slows_its_lane(tmp_path: Path) -> None:
    """The message whose turn was chosen before it came waits as well."""
    clock, quiet = ManualClock(), ManualClock()
    usual: list[str] = []
    with make_office(tmp_path / "usual", 12, quiet) as office:
        batch = batches.prepare(office, offices.OCTOBER).batch
        send(office, batch, FakeTransport(), quiet, on_entry=lambda e: note(e, usual))
    before = usual[2:].index("free.fr") + 2  # how many leave before the second turn of this lane
    with make_office(tmp_path / "home", 12, clock) as office:
        batch = batches.prepare(office, offices.OCTOBER).batch
        came = [returns.entry(batch, of_provider(batch, "free.fr"), attempted=clock.now())]
        left: list[str] = []

        class Passing(ManualClock):
            def sleep(self, seconds: float) -> None:
                clock.sleep(seconds)
                if len(left) == before and came:
                    returns.append(office, came.pop())

            def now(self) -> dt.datetime:
                return clock.now()

        send(office, batch, FakeTransport(), Passing(), on_entry=lambda e: note(e, left))
    assert left[:before] == usual[:before]
    assert left[before] != "free.fr"
    assert left[before:].index("free.fr") >= 3  # the others left meanwhile
    assert sorted(left) == sorted(usual)


def note(entry: Entry, left: list[str]) -> None:
    if entry.kind is EntryKind.VERDICT:
        left.append(entry.recipients[0].address.partition("@")[2])


@pytest.mark.parametrize(
    "facts",
    [
        {"cls": ReturnClass.MAILBOX_FULL, "status": "4.2.2"},
        {"cls": ReturnClass.SOFT, "status": "4.2.1"},
        {"cls": ReturnClass.BLOCK, "ours": True},
        {"cls": ReturnClass.HARD, "final": True, "status": "5.1.1"},
        {"cls": ReturnClass.BLOCK, "final": True, "status": "5.7.1"},
        {"cls": ReturnClass.UNKNOWN, "final": True, "status": "5.0.0"},
        {"cls": ReturnClass.DELIVERED, "kind": ReturnKind.DELIVERED, "status": "2.0.0"},
    ],
    ids=lambda facts: f"{facts['cls']} {facts.get('status', 'ours')}",
)
def test_what_is_about_one_mailbox_or_about_us_slows_nothing(
    tmp_path: Path, facts: dict[str, object]
) -> None:
    clock = ManualClock()
    with make_office(tmp_path, 3, clock) as office:
        batch = batches.prepare(office, offices.OCTOBER).batch
        queue = Queue(batch, office.journal, Rules(pace=Pace()), now=NOW)
        entry = returns.entry(batch, batch.messages[0], attempted=NOW, **facts)  # type: ignore[arg-type]
        queue.returned([entry], NOW)
        assert queue.traffic.slowness == {}


@pytest.mark.parametrize(
    "facts",
    [
        {},  # delayed, our rate
        {"cls": ReturnClass.SOFT, "status": "4.4.1"},  # delayed
        {"cls": ReturnClass.BLOCK, "status": "4.7.1"},  # delayed: by policy
        {"final": True, "status": "5.7.0"},
        {
            "cls": ReturnClass.UNKNOWN,
            "final": True,
            "status": "4.3.0",
        },  # given up, and no cause was ever named
    ],
    ids=str,
)
def test_what_is_delayed_or_limited_slows_its_lane(tmp_path: Path, facts: dict[str, object]) -> None:
    clock = ManualClock()
    with make_office(tmp_path, 3, clock) as office:
        batch = batches.prepare(office, offices.OCTOBER).batch
        message = of_provider(batch, "free.fr")
        entry = returns.entry(batch, message, attempted=NOW, **facts)  # type: ignore[arg-type]
        queue = Queue(batch, office.journal, Rules(pace=Pace()), now=NOW)
        queue.returned([replace(entry, account="another@smtp.example:25")], NOW)
        assert queue.traffic.slowness == {}
        queue.returned([entry], NOW)
        assert {lane: slow.step for lane, slow in queue.traffic.slowness.items()} == {"free": 1}
        returns.append(office, entry)  # and a restart remembers it
        again = Queue(batch, office.journal, Rules(pace=Pace()), now=NOW)
        assert again.traffic.slowness["free"].step == 1


# -- past months -----------------------------------------------------------------------------------------


def seasoned(office: Office, clock: ManualClock, *, reports: int, days: int = 30) -> Batch:
    """Send a month to three providers, let one of them delay some of it, and come back days later."""
    batch = batches.prepare(office, offices.OCTOBER).batch
    send(office, batch, FakeTransport(), clock)
    free = [m for m in batch.messages if m.recipients[0].address.endswith("free.fr")]
    returns.append(office, *(returns.entry(batch, m, attempted=clock.now()) for m in free[:reports]))
    clock.advance(days * 86400)
    return batch


@pytest.mark.parametrize(
    ("count", "reports", "days", "steps"),
    [
        (72, 1, 30, {}),  # one of 24
        (72, 2, 30, {"free": 1}),  # one of twelve
        (72, 3, 30, {"free": 1}),
        (36, 1, 30, {"free": 1}),  # one of twelve
        (36, 3, 70, {}),  # too long ago
    ],
)
def test_a_lane_that_was_limited_last_month_begins_slower(
    tmp_path: Path, count: int, reports: int, days: int, steps: dict[str, int]
) -> None:
    clock = ManualClock()
    with make_office(tmp_path, count, clock) as office:
        batch = seasoned(office, clock, reports=reports, days=days)
        queue = Queue(batch, office.journal, Rules(pace=Pace()), now=clock.now())
        assert {lane: slow.step for lane, slow in queue.traffic.slowness.items()} == steps


def test_the_forecast_knows_the_lane_that_begins_slower(tmp_path: Path) -> None:
    clock = ManualClock()
    with make_office(tmp_path, 9, clock) as office:
        seasoned(office, clock, reports=2)
        november = [(f"m{n}", [f"famille{n}@free.fr"]) for n in range(4)]
        end = batches.expected_end(office, november, now=clock.now())
        assert (end - clock.now()).total_seconds() == 30  # 10 seconds between two


def test_a_restart_remembers_a_slow_lane(tmp_path: Path) -> None:
    clock = ManualClock()
    with make_office(tmp_path, 6, clock) as office:
        batch = batches.prepare(office, offices.OCTOBER).batch
        script = {address(n): Answers(rcpt=SLOW_DOWN) for n in range(1, 7) if address(n).endswith("free.fr")}
        stop = {"asked": False}

        def seen(entry: object) -> None:
            stop["asked"] = len(office.journal.entries(kinds=[EntryKind.VERDICT])) >= 3

        means = Means(
            transport=FakeTransport(script), journal=office.journal, outbox=office.outbox,
            pace=Pace(between=2, every=0, pause=0), clock=clock,
        )  # fmt: skip
        batches.run(
            batch, means, run_id="r", operator="Claire", on_entry=seen, should_stop=lambda: stop["asked"]
        )
        queue = Queue(batch, office.journal, Rules(pace=Pace()), now=clock.now())
        assert queue.traffic.slowness["free"].step == 1
        assert queue.traffic.lane_slot("free", clock.now()) > clock.now()
        assert queue.traffic.lane_slot("gmail", clock.now()) == clock.now()
        forgotten = Queue(batch, office.journal, Rules(pace=Pace()), now=clock.now() + dt.timedelta(days=2))
        assert forgotten.traffic.slowness == {}


def test_the_expected_end_is_when_the_run_ends(tmp_path: Path) -> None:
    clock = ManualClock()
    rules = {"pace": Pace(), "lanes": (Lane(name="orange", pace=Pace(between=7, every=0, pause=0)),)}
    with make_office(tmp_path, 24, clock) as office:
        batch = batches.prepare(office, offices.OCTOBER).batch
        queue = Queue(batch, office.journal, Rules(**rules), now=clock.now())  # type: ignore[arg-type]
        states = outcomes.fold([])
        end = expected_end(queue.waiting(states)[1], clock.now(), queue.traffic)
        send(office, batch, FakeTransport(), clock, **rules)
        assert abs((clock.now() - end).total_seconds()) < 1


def test_who_follows_a_run_foresees_its_end(tmp_path: Path) -> None:
    clock = ManualClock()
    with make_office(tmp_path, 12, clock) as office:
        batch = batches.prepare(office, offices.OCTOBER).batch
        office.settings.home.toml.write_text(
            office.settings.home.toml.read_text().replace("between = 0", "between = 4", 1)
        )
        with offices.open_office(office.settings.home.root) as other:
            followed = Office(
                settings=other.settings, outbox=office.outbox, journal=office.journal, operator="Claire"
            )
            outlooks: list[Outlook] = []
            ends: list[dt.datetime] = []

            def seen(entry: object) -> None:
                if not outlooks:
                    outlooks.append(Outlook(followed, batch, "r", now=clock.now()))
                outlooks[0].absorb([entry], now=clock.now())  # type: ignore[list-item]
                ends.append(outlooks[0].end(clock.now()))

            means = Means(
                transport=FakeTransport(), journal=office.journal, outbox=office.outbox,
                pace=other.settings.pace, clock=clock,
            )  # fmt: skip
            batches.run(batch, means, run_id="r", operator="Claire", on_entry=seen)
            late = Outlook(followed, batch, "r", now=clock.now()).end(clock.now())
    assert other.settings.pace.between == 4
    assert {round(seconds(end)) for end in ends} == {44}
    assert late == clock.now()


# -- the canary ------------------------------------------------------------------------------------------

CANARY = Canary(messages=3, minutes=10, least=6)


def test_canaries_are_of_different_lanes_the_biggest_first() -> None:
    messages = waiting("a.example", "free", "gmail", "gmail", "gmail+orange", "free", "orange")
    assert pick_canaries(messages, 3) == {"m2", "m1", "m6"}
    assert pick_canaries(messages, 3, flown=["gmail"]) == {"m1", "m6", "m0"}
    assert pick_canaries(waiting("gmail", "gmail"), 3) == {"m0"}


def test_all_others_wait_for_the_canaries(tmp_path: Path) -> None:
    clock = ManualClock()
    with make_office(tmp_path, 9, clock) as office:
        batch = batches.prepare(office, offices.OCTOBER).batch
        queue = Queue(batch, office.journal, Rules(pace=FREE, canary=CANARY), now=NOW)
        end = expected_end(queue.waiting(outcomes.fold([]))[1], NOW, queue.traffic)
        transport = FakeTransport()
        ended = send(office, batch, transport, clock, pace=FREE, canary=CANARY)
        times = [e.at for e in office.journal.entries(kinds=[EntryKind.ATTEMPTING])]
    assert (ended.sent, ended.stopped) == (9, None)
    assert [seconds(at) for at in times if at] == [0] * 3 + [600] * 6
    assert end == after(600)
    assert len({a.partition("@")[2] for a in offices.recipients(transport)[:3]}) == 3


@pytest.mark.parametrize(
    ("refused", "stops"),
    [
        ({1: "5.7.1 blocked"}, True),
        ({1: "refused"}, True),
        ({1: "5.1.1 no such user"}, False),  # one address says nothing of the others
        ({1: "5.1.1 unknown", 2: "5.1.1 unknown", 3: "5.1.1 unknown"}, True),  # all of them do
    ],
)
def test_a_refused_canary_stops_the_run_before_the_others(
    tmp_path: Path, refused: dict[int, str], stops: bool
) -> None:
    clock = ManualClock()
    script = {address(n): Answers(rcpt=Reply(code=550, text=text)) for n, text in refused.items()}
    with make_office(tmp_path, 9, clock) as office:
        batch = batches.prepare(office, offices.OCTOBER).batch
        ended = send(office, batch, FakeTransport(script), clock, pace=FREE, canary=CANARY)
        if stops:
            assert ended.stopped is not None
            assert ended.stopped.reason is StopReason.CANARY
            assert next(iter(refused.values())) in ended.stopped.detail
            assert ended.attempted <= 3
            # a person read why and starts again: the others go
            again = send(office, batch, FakeTransport(script), clock, pace=FREE, canary=CANARY)
            assert again.stopped is None
            assert ended.attempted + again.attempted == 9
        else:
            assert (ended.attempted, ended.stopped) == (9, None)


def watched(
    office: Office, clock: ManualClock, facts: dict[str, object], *, back: int = 1, at: float = 120
) -> Run:
    """Send; some of the canaries come back while the others wait."""
    batch = batches.prepare(office, offices.OCTOBER).batch
    attempts: list[str] = []

    class Passing(ManualClock):
        def sleep(self, seconds: float) -> None:
            clock.sleep(seconds)
            if clock.now() >= after(at) and attempts:
                flown = [m for m in batch.messages if m.key in attempts]
                attempts.clear()
                returns.append(
                    office,
                    *(returns.entry(batch, m, attempted=NOW, **facts) for m in flown[:back]),  # type: ignore[arg-type]
                )

        def now(self) -> dt.datetime:
            return clock.now()

    def seen(entry: Entry) -> None:
        if entry.kind is EntryKind.ATTEMPTING and clock.now() == NOW:
            attempts.append(entry.message)

    return send(office, batch, FakeTransport(), Passing(), pace=FREE, canary=CANARY, on_entry=seen)


@pytest.mark.parametrize(
    ("facts", "back", "stops"),
    [
        ({"cls": ReturnClass.BLOCK, "final": True, "status": "5.7.1", "said": "spam"}, 1, True),
        ({"cls": ReturnClass.HARD, "final": True, "ours": True, "status": "5.1.8", "said": "spf"}, 1, True),
        ({"cls": ReturnClass.RATE_LIMITED, "final": False, "said": "too fast"}, 1, True),
        ({"cls": ReturnClass.UNKNOWN, "final": True, "status": "5.0.0", "said": "no"}, 1, True),
        ({"cls": ReturnClass.HARD, "final": True, "status": "5.1.1"}, 1, False),  # one address
        ({"cls": ReturnClass.MAILBOX_FULL, "final": True, "status": "5.2.2"}, 1, False),
        ({"cls": ReturnClass.SOFT, "final": False, "status": "4.4.1"}, 1, False),  # may still arrive
        ({"cls": ReturnClass.HARD, "final": True, "status": "5.1.1", "said": "unknown"}, 3, True),  # all
        ({"cls": ReturnClass.BLOCK, "kind": ReturnKind.AUTO_REPLY, "final": True}, 1, False),
    ],
    ids=str,
)
def test_a_canary_that_comes_back_stops_the_run(
    tmp_path: Path, facts: dict[str, object], back: int, stops: bool
) -> None:
    clock = ManualClock()
    with make_office(tmp_path, 9, clock) as office:
        ended = watched(office, clock, facts, back=back)
        if not stops:
            assert (ended.attempted, ended.stopped) == (9, None)
            return
        assert ended.stopped is not None
        assert (ended.attempted, ended.stopped.reason) == (3, StopReason.CANARY)
        assert str(facts["said"]) in ended.stopped.detail
        assert seconds(clock.now()) == pytest.approx(120, abs=1)


def test_what_came_back_between_two_runs_stops_the_second(tmp_path: Path) -> None:
    """The first run was cut while it waited; what came back then was collected by another command."""
    clock = ManualClock()
    with make_office(tmp_path, 9, clock) as office:
        batch = batches.prepare(office, offices.OCTOBER).batch
        means = Means(
            transport=FakeTransport(), journal=office.journal, outbox=office.outbox, pace=FREE, clock=clock,
            canary=CANARY,
        )  # fmt: skip
        batches.run(batch, means, run_id="r", operator="Claire", should_stop=lambda: clock.now() > after(200))
        tried = {e.message for e in office.journal.entries(kinds=[EntryKind.ATTEMPTING])}
        message = next(m for m in batch.messages if m.key in tried)
        blocked = returns.entry(batch, message, cls=ReturnClass.BLOCK, final=True, attempted=NOW, said="spam")
        returns.append(office, blocked)
        ended = send(office, batch, FakeTransport(), clock, pace=FREE, canary=CANARY)
    assert ended.stopped is not None
    assert (ended.attempted, ended.stopped.reason) == (0, StopReason.CANARY)


def test_who_follows_sees_that_the_others_wait(tmp_path: Path) -> None:
    clock = ManualClock()
    with make_office(tmp_path, 9, clock) as office:
        config.save(office.settings.home, {"canary": {"from": 6}})
        batch = batches.prepare(office, offices.OCTOBER).batch
        with offices.open_office(office.settings.home.root) as other:
            followed = Office(
                settings=other.settings, outbox=office.outbox, journal=office.journal, operator="Claire"
            )
            seen: list[tuple[dt.datetime | None, dt.datetime]] = []
            outlook = Outlook(followed, batch, "r", now=NOW)

            def follow(entry: Entry) -> None:
                outlook.absorb([entry], now=clock.now())
                late = Outlook(followed, batch, "r", now=clock.now())
                assert (late.held_until, late.end(clock.now())) == (
                    outlook.held_until,
                    outlook.end(clock.now()),
                )
                if entry.kind is EntryKind.VERDICT:
                    seen.append((outlook.held_until, outlook.end(clock.now())))

            means = Means(
                transport=FakeTransport(), journal=office.journal, outbox=office.outbox, pace=FREE,
                clock=clock, canary=other.settings.canary,
            )  # fmt: skip
            batches.run(batch, means, run_id="r", operator="Claire", on_entry=follow)
    assert [held and seconds(held) for held, _end in seen] == [None] * 2 + [600] + [None] * 6
    assert {seconds(end) for _held, end in seen} == {600}


def test_no_canary_in_a_small_batch(tmp_path: Path) -> None:
    clock = ManualClock()
    with make_office(tmp_path, 5, clock) as office:
        batch = batches.prepare(office, offices.OCTOBER).batch
        send(office, batch, FakeTransport(), clock, pace=FREE, canary=CANARY)
    assert clock.now() == NOW


def test_a_run_cut_short_while_it_waited_goes_on_waiting(tmp_path: Path) -> None:
    clock = ManualClock()
    with make_office(tmp_path, 9, clock) as office:
        batch = batches.prepare(office, offices.OCTOBER).batch
        means = Means(
            transport=FakeTransport(), journal=office.journal, outbox=office.outbox, pace=FREE, clock=clock,
            canary=CANARY,
        )  # fmt: skip
        batches.run(batch, means, run_id="r", operator="Claire", should_stop=lambda: clock.now() > after(200))
        assert len(office.journal.entries(kinds=[EntryKind.ATTEMPTING])) == 3
        send(office, batch, FakeTransport(), clock, pace=FREE, canary=CANARY)
        times = [e.at for e in office.journal.entries(kinds=[EntryKind.ATTEMPTING])]
    assert [seconds(at) for at in times if at] == [0] * 3 + [600] * 6


# -- too many connections --------------------------------------------------------------------------------


def test_432_has_waits_of_its_own(tmp_path: Path) -> None:
    clock = ManualClock()
    busy = Answers(final=Reply(code=432, text="4.3.2 Concurrent connections limit exceeded"))
    with make_office(tmp_path, 3, clock) as office:
        batch = batches.prepare(office, offices.OCTOBER).batch
        ended = send(office, batch, FakeTransport([busy, busy, busy]), clock, pace=FREE)
        times = [e.at for e in office.journal.entries(kinds=[EntryKind.VERDICT]) if e.at]
    assert (ended.sent, ended.stopped) == (3, None)
    assert [(b - a).total_seconds() for a, b in pairwise(times)][:3] == [30, 40, 50]
