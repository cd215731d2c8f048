"""Every fault has one outcome: the whole engine over real sockets, against a server that fails as a table says.

Four families, three messages: A alone, B and C together in one message, D alone. A row says what a fault
gives: the journal's status of each, what the server stored, why the run stopped, and what a second run, with
a server that works again, then does. Each row is asserted on the journal, on the server and on the slip; and
whatever the row, nothing is stored twice, what was stored is accepted or in doubt, and what was not stored
is never accepted.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from elite_lib import batch as batches
from elite_lib import outcomes
from elite_lib.batch import Office, Run
from elite_lib.journal import open_journal
from elite_lib.models import Batch, Entry, EntryKind, MailAccount, Pace, Security, Status, StopReason
from elite_lib.transports.smtp import SmtpTransport
from tests.support import offices, workbooks
from tests.support.certificates import Certificates, issue
from tests.support.clocks import START, ManualClock
from tests.support.offices import OCTOBER, code
from tests.support.smtp_server import Cut, Hang, Say, Script, Slow, SmtpServer, Step

FAMILIES = {letter: f"famille-{letter.lower()}@example.com" for letter in "ABCD"}
LETTER_OF = {address: letter for letter, address in FAMILIES.items()}
ARCHIVE = "archive@tilleuls.example"
LOGIN, PASSWORD = "compta", "juste"
STATUS_OF = {
    "a": Status.ACCEPTED,
    "d": Status.DEFERRED,
    "r": Status.REFUSED,
    "u": Status.UNCERTAIN,
    "p": Status.PENDING,
}
B, C = f"rcpt:{FAMILIES['B']}", f"rcpt:{FAMILIES['C']}"
SERVER, AUTHENTICATION, SENDER = StopReason.SERVER, StopReason.AUTHENTICATION, StopReason.SENDER_REFUSED


@dataclass(frozen=True, kw_only=True)
class Row:
    """A fault and its one outcome; the defaults are those of a fault that the same run gets over."""

    name: str
    script: Script
    first: tuple[str, ...] = ("aaaa",)  # statuses of A B C D; several where a race on the wire decides
    stored: str = "ABCD"  # by the first run, of the families whose status does not say it already
    stop: StopReason | None = None
    then: str = "aaaa"  # after the second run
    again: str = ""  # what the second run stored
    waits: tuple[float, ...] = ()  # seconds that the run waited, no more and no less, where the table says so
    served: str = ""  # a certificate of tests.support.certificates: STARTTLS and a login
    password: str = PASSWORD
    host: str = "127.0.0.1"
    archive: str = ""
    timeout: float = 10.0


def after(count: int, *steps: Step) -> Sequence[Step | None]:
    """Play the steps after ``count`` ordinary ones; what follows is ordinary again."""
    return (*[None] * count, *steps)


def forever(count: int, step: Step) -> Sequence[Step | None]:
    return after(count, *[step] * 200)


def in_the_middle(**stages: Step | Sequence[Step | None]) -> Script:
    """Cut the second message at MAIL, so that the opening of a second session can fail."""
    return {"mail": after(1, Cut()), **stages}


LADDER = (10.0, 30.0, 60.0, 300.0, 900.0)  # mail.md, retry table
NOTHING: dict[str, object] = {"first": ("pppp",), "stored": "", "again": "ABCD"}
STOPPED = NOTHING | {"stop": SERVER}  # at the first opening: somebody is there to be told
AWAY: dict[str, object] = {"first": ("addd",), "stored": "A", "stop": SERVER, "again": "BCD"}
LEFT = AWAY | {"first": ("addp",)}  # the run stops at once: the last message was not tried
DOUBT: dict[str, object] = {"first": ("auua",), "then": "auua"}


def row(name: str, script: Script, outcome: dict[str, object] | None = None, **fields: object) -> Row:
    return Row(name=name, script=script, **{**(outcome or {}), **fields})  # type: ignore[arg-type]


OPENING = [
    row("nothing goes wrong", {}),
    row("cut at the connection", {"connect": Cut()}, STOPPED),
    row("reset at the connection", {"connect": Cut(reset=True)}, STOPPED),
    row("no banner", {"connect": Hang()}, STOPPED, timeout=0.5),
    row("cut at the banner", {"banner": Cut()}, STOPPED),
    row("554 for a banner", {"banner": Say("554 5.3.2 no service")}, STOPPED),
    row("421 for a banner", {"banner": Say("421 4.3.2 too busy", then_cut=True)}, STOPPED),
    row("not a mail server", {"banner": Say("HTTP/1.1 400 Bad Request")}, STOPPED),
    row("cut at EHLO", {"ehlo": Cut()}, STOPPED),
    row("421 at EHLO", {"ehlo": Say("421 4.3.2 closing", then_cut=True)}, STOPPED),
    row("550 at EHLO", {"ehlo": Say("550 5.7.1 not you")}, STOPPED, served="right"),
    row("cut at STARTTLS", {"starttls": Cut()}, STOPPED, served="right"),
    row("454 at STARTTLS", {"starttls": Say("454 4.7.0 no TLS now")}, STOPPED, served="right"),
    row("cut in the handshake", {"starttls": Say("220 go", then_cut=True)}, STOPPED, served="right"),
    row("cut at the second EHLO", {"ehlo": after(1, Cut())}, STOPPED, served="right"),
    row("certificate expired", {}, STOPPED, served="expired"),
    row("certificate not valid yet", {}, STOPPED, served="unborn"),
    row("certificate of another name", {}, STOPPED, served="misnamed"),
    row("certificate of an unknown authority", {}, STOPPED, served="unknown"),
    row("no such host", {}, STOPPED, host="smtp.nulle-part.invalid"),
    row("cut at AUTH", {"auth": Cut()}, STOPPED, served="right"),
    row("421 at AUTH", {"auth": Say("421 4.7.0 try later", then_cut=True)}, STOPPED, served="right"),
    row("wrong password", {}, NOTHING | {"stop": AUTHENTICATION}, served="right", password="faux"),
    row("530 at AUTH", {"auth": Say("530 5.7.0 no")}, NOTHING | {"stop": AUTHENTICATION}, served="right"),
]

REOPENING = [
    row("cut, then cut at the connection", in_the_middle(connect=after(1, Cut())), waits=LADDER[:2]),
    row("cut, then cut at the banner", in_the_middle(banner=after(1, Cut())), waits=LADDER[:2]),
    row(
        "cut, then 421 for a banner", in_the_middle(banner=after(1, Say("421 4.3.2 busy"))), waits=LADDER[:2]
    ),
    row("cut, then cut at EHLO", in_the_middle(ehlo=after(1, Cut())), waits=LADDER[:2]),
    row("cut, then cut at STARTTLS", in_the_middle(starttls=after(1, Cut())), served="right"),
    row("cut, then 454 at STARTTLS", in_the_middle(starttls=after(1, Say("454 4.7.0 no"))), served="right"),
    row("cut, then cut at AUTH", in_the_middle(auth=after(1, Cut())), served="right"),
    row("cut, then 421 at AUTH", in_the_middle(auth=after(1, Say("421 4.7.0 later"))), served="right"),
    row(
        "cut, then 535 at AUTH",
        in_the_middle(auth=after(1, Say("535 5.7.8 no"))),
        LEFT | {"stop": AUTHENTICATION},
        served="right",
        waits=LADDER[:1],
    ),
    row("cut, and away for good", in_the_middle(connect=forever(1, Cut())), AWAY, waits=LADDER),
]

BEFORE_THE_DOT = [
    row("cut at MAIL", {"mail": after(1, Cut())}, waits=LADDER[:1]),
    row("reset at MAIL", {"mail": after(1, Cut(reset=True))}, waits=LADDER[:1]),
    row("no answer to MAIL", {"mail": after(1, Hang())}, timeout=0.5),
    row("cut at MAIL, always", {"mail": forever(1, Cut())}, AWAY, waits=LADDER),
    row("cut at the first RCPT", {B: after(0, Cut())}, waits=LADDER[:1]),
    row("cut at the second RCPT", {C: after(0, Cut())}, waits=LADDER[:1]),
    row("no answer to the second RCPT", {C: after(0, Hang())}, timeout=0.5),
    row("cut at DATA", {"data": after(1, Cut())}, waits=LADDER[:1]),
    row("no answer to DATA", {"data": after(1, Hang())}, timeout=0.5),
    row("cut at DATA, always", {"data": forever(1, Cut())}, AWAY, waits=LADDER),
    # Whether the cut is seen before the dot is written is decided on the wire; neither answer sends twice.
    row("cut in the body", {"body": after(1, Cut(reset=True))}, first=("aaaa", "auua"), then="?"),
    row(
        "cut before the dot",
        {"data": after(1, Say("354 go", then_cut=True))},
        first=("aaaa", "auua"),
        then="?",
    ),
    row(
        "451 instead of the body",
        {"data": after(1, Say("354 go\r\n451 4.3.0 no"))},
        first=("aaaa", "auua"),
        then="?",
    ),
]

AFTER_THE_DOT = [
    row("cut after the dot, not stored", {"dot": after(1, Cut())}, DOUBT, stored="AD"),
    row("reset after the dot, not stored", {"dot": after(1, Cut(reset=True))}, DOUBT, stored="AD"),
    row("no answer to the dot, not stored", {"dot": after(1, Hang())}, DOUBT, stored="AD", timeout=0.3),
    row("cut after storing", {"stored": after(1, Cut())}, DOUBT),
    row("reset after storing", {"stored": after(1, Cut(reset=True))}, DOUBT),
    row("answer past the timeout", {"stored": after(1, Slow(60))}, DOUBT, timeout=0.3),
    row("stored past the timeout", {"dot": after(1, Slow(60))}, DOUBT, timeout=0.3),
    row("slow, within the timeout", {"stored": after(1, Slow(1.5))}, timeout=1.0),
    row("half an answer to the dot", {"stored": after(1, Say("25", raw=True, then_cut=True))}, DOUBT),
    row("354 to the dot", {"stored": after(1, Say("354 more"))}, DOUBT),
    row("cut after storing, for all", {"stored": Cut()}, first=("uuuu",), then="uuuu"),
    row("cut at QUIT", {"quit": Cut()}),
    row("reset at QUIT", {"quit": Cut(reset=True)}),
    row("421 at QUIT", {"quit": Say("421 4.3.2 closing")}),
]

REPLIES = [
    row("450 at MAIL", {"mail": after(1, Say("450 4.2.0 later"))}, waits=LADDER[:1]),
    row("421 at MAIL", {"mail": after(1, Say("421 4.3.2 closing", then_cut=True))}, waits=LADDER[:1]),
    row("451 at MAIL, always", {"mail": forever(1, Say("451 4.3.0 later"))}, AWAY, waits=LADDER),
    row("550 at MAIL", {"mail": after(1, Say("550 5.7.60 not as this sender"))}, LEFT, stop=SENDER),
    row("530 at MAIL", {"mail": Say("530 5.7.0 log in")}, stop=SENDER, first=("dppp",), stored="", again="ABCD"),
    row("552 at MAIL", {"mail": after(1, Say("552 5.3.4 too big"))}, first=("arra",), stored="AD", then="arra"),
    row("450 at one RCPT", {B: after(0, Say("450 4.2.1 greylisted"))}),
    row("450 at one RCPT, always", {B: forever(0, Say("450 4.2.1 later"))}, first=("adaa",), stored="ACD", again="B"),
    row("450 at every RCPT", {"rcpt": after(1, *[Say("450 4.2.1 later")] * 3)}),
    row("550 at one RCPT", {B: Say("550 5.1.1 unknown")}, first=("araa",), stored="ACD", then="araa"),
    row(
        "550 at one RCPT, 450 at the other",
        {B: Say("550 5.1.1 unknown"), C: after(0, Say("450 4.2.1 later"))},
        first=("araa",),
        stored="ACD",
        then="araa",
    ),
    row("550 at every RCPT", {"rcpt": Say("550 5.7.1 no")}, first=("rrrr",), stored="", then="rrrr"),
    row(
        "550 at every RCPT, cut at RSET",
        {B: Say("550 5.1.1 no"), C: Say("550 5.1.1 no"), "rset": Cut()},
        first=("arra",),
        stored="AD",
        then="arra",
    ),
    row("421 at the second RCPT", {C: after(0, Say("421 4.3.2 closing", then_cut=True))}, waits=LADDER[:1]),
    row("432 at one RCPT", {B: after(0, Say("432 4.3.2 too many connections"))}, waits=(30.0,)),
    row("452 at one RCPT", {C: after(0, Say("452 4.5.3 too many recipients"))}),
    row("451 at DATA", {"data": after(1, Say("451 4.3.0 later"))}),
    row("421 at DATA", {"data": after(1, Say("421 4.3.2 closing", then_cut=True))}, waits=LADDER[:1]),
    row("554 at DATA", {"data": after(1, Say("554 5.6.0 no"))}, first=("arra",), stored="AD", then="arra"),
    row("451 at the dot", {"dot": after(1, Say("451 4.3.0 later"))}),
    row("452 at the dot", {"dot": after(1, Say("452 4.3.1 disk full"))}, waits=LADDER[:1]),
    row("421 at the dot", {"dot": after(1, Say("421 4.3.2 closing", then_cut=True))}, waits=LADDER[:1]),
    row("421 at the dot, always", {"dot": forever(1, Say("421 4.3.2 no", then_cut=True))}, AWAY, waits=LADDER),
    row("554 at the dot", {"dot": after(1, Say("554 5.7.1 spam"))}, first=("arra",), stored="AD", then="arra"),
    row("554 at every dot", {"dot": Say("554 5.7.1 spam")}, first=("rrrr",), stored="", then="rrrr"),
    row("550 for the archive", {f"rcpt:{ARCHIVE}": Say("550 5.1.1 no")}, archive=ARCHIVE),
    row("450 for the archive", {f"rcpt:{ARCHIVE}": Say("450 4.2.1 later")}, archive=ARCHIVE),
    row("421 for the archive", {f"rcpt:{ARCHIVE}": after(1, Say("421 4.3.2 closing"))}, archive=ARCHIVE),
    row("cut at the archive's RCPT", {f"rcpt:{ARCHIVE}": after(1, Cut())}, archive=ARCHIVE),
]  # fmt: skip

ROWS = [*OPENING, *REOPENING, *BEFORE_THE_DOT, *AFTER_THE_DOT, *REPLIES]


# -- the engine over a home --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return issue(tmp_path_factory.mktemp("tls"))


def sheets() -> dict[str, object]:
    numbers = (1, 2, 3)
    wanted = [(1, 1, "A"), (2, 1, "B"), (2, 2, "C"), (3, 1, "D")]
    return {
        "residents": [workbooks.resident(code(n), Nom=f"Dupont{n}", Message="joint") for n in numbers],
        "contacts": [
            workbooks.contact(code(n), r, **{"E-mail": FAMILIES[letter]}) for n, r, letter in wanted
        ],
    }


@pytest.fixture(scope="module")
def frozen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Prepare the month once; each test sends a copy of this home."""
    root = offices.make_home(tmp_path_factory.mktemp("frozen") / "home", 3, **sheets())
    with offices.open_office(root) as office:
        batch = batches.prepare(office, OCTOBER).batch
    assert [len(message.recipients) for message in batch.messages] == [1, 2, 1]
    return root


@dataclass(kw_only=True)
class Bench:
    """A copy of the home, a clock of ours, and every server that its runs had."""

    office: Office
    batch: Batch
    clock: ManualClock
    stored: Counter[str] = field(default_factory=Counter)  # copies per family, of servers that ended

    def run(
        self,
        account: MailAccount,
        password: str = PASSWORD,
        *,
        pace: Pace = offices.FAST,
        on_entry: Callable[[Entry], None] = lambda _entry: None,
    ) -> Run:
        transport = SmtpTransport(account, password)
        return offices.run(self.office, self.batch, transport, pace=pace, clock=self.clock, on_entry=on_entry)

    def ended(self, server: SmtpServer) -> str:
        """Count what a server stored that has ended; give its families."""
        found = Counter(LETTER_OF[a] for one in server.stored for a in one.recipients if a != ARCHIVE)
        self.stored += found
        return "".join(sorted(found.elements()))

    def statuses(self) -> str:
        """Give the journal's status of A, B, C, D; the slip balances, and nothing is worth less than it is."""
        states = {state.address: state for state in outcomes.fold(self.office.journal.entries()).values()}
        known = {
            letter: states[address].status if address in states else Status.PENDING
            for letter, address in FAMILIES.items()
        }
        slip = batches.survey(self.office, OCTOBER).slip
        assert slip.balanced
        assert {LETTER_OF[a]: status for line in slip.lines for a, status in line.recipients} == known
        for letter, status in known.items():
            assert self.stored[letter] <= 1, f"{letter} was stored twice"
            if self.stored[letter]:
                assert status in (Status.ACCEPTED, Status.UNCERTAIN), f"{letter} was stored"
            else:
                assert status is not Status.ACCEPTED, f"{letter} was not stored"
        return "".join(next(key for key, value in STATUS_OF.items() if value is s) for s in known.values())

    def attempts_of_a_doubt(self) -> None:
        """Each message in doubt was attempted once: nothing tried it again."""
        entries = self.office.journal.entries(kinds=[EntryKind.ATTEMPTING])
        lines = Counter(entry.line for entry in entries)
        doubted = {
            s.line
            for s in outcomes.fold(self.office.journal.entries()).values()
            if s.status is Status.UNCERTAIN
        }
        assert {lines[line] for line in doubted} <= {1}


@contextmanager
def bench(
    frozen: Path, place: Path, *, clock: ManualClock | None = None, archive: str = ""
) -> Iterator[Bench]:
    clock = clock or ManualClock()
    shutil.copytree(frozen, place)
    with offices.open_office(place) as office:
        (batch,) = office.outbox.batches()
        with open_journal(place / "journal.sqlite", establishment="tilleuls", clock=clock.now) as journal:
            timed = replace(office, journal=journal)
            yield Bench(office=timed, batch=replace(batch, archive=archive), clock=clock)


def account(port: int, *, authority: str = "", timeout: float = 10.0, host: str = "127.0.0.1") -> MailAccount:
    return MailAccount(
        sender="compta@tilleuls.example",
        host=host,
        port=port,
        security=Security.STARTTLS if authority else Security.PLAIN,
        login=LOGIN if authority else "",
        ca_file=authority,
        timeout=timeout,
    )


def why(ended: Run) -> StopReason | None:
    return ended.stopped.reason if ended.stopped else None


@pytest.mark.parametrize("fault", ROWS, ids=lambda fault: fault.name)
def test_every_fault_has_one_outcome(
    frozen: Path, tmp_path: Path, certificates: Certificates, fault: Row
) -> None:
    with bench(frozen, tmp_path / "home", archive=fault.archive) as engine:
        tls = (
            getattr(certificates, "right" if fault.served == "unknown" else fault.served)
            if fault.served
            else None
        )
        authority = (
            (certificates.other if fault.served == "unknown" else certificates.authority) if tls else ""
        )
        users = {LOGIN: PASSWORD} if tls else {}
        with SmtpServer(fault.script, tls=tls, users=users) as server:
            used = account(server.port, authority=authority, timeout=fault.timeout, host=fault.host)
            first = engine.run(used, fault.password)
        stored = engine.ended(server)
        found = engine.statuses()
        assert found in fault.first
        assert stored == ("".join(sorted(fault.stored)) if found == fault.first[0] else "AD")
        assert why(first) is fault.stop
        if fault.waits:
            assert engine.clock.slept == sum(fault.waits)
        engine.attempts_of_a_doubt()

        # The server is well again, the certificate is right, the password too.
        with SmtpServer() as well:
            second = engine.run(account(well.port))
        assert engine.ended(well) == fault.again
        assert engine.statuses() == (found if fault.then == "?" else fault.then)
        assert why(second) is None
        engine.attempts_of_a_doubt()


# -- faults that are no step of a conversation -----------------------------------------------------------


class Tides(ManualClock):
    """A clock that calls something once, when an instant has passed."""

    def __init__(self) -> None:
        super().__init__()
        self.due: tuple[float, Callable[[], None]] | None = None  # seconds after the start

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        if self.due and (self.instant - START).total_seconds() >= self.due[0]:
            (_, act), self.due = self.due, None
            act()


def test_a_server_that_goes_away_for_a_minute_and_comes_back(frozen: Path, tmp_path: Path) -> None:
    clock = Tides()
    servers = [SmtpServer()]
    servers[0].__enter__()

    def leave(entry: Entry) -> None:
        if entry.kind is EntryKind.VERDICT and len(servers) == 1 and clock.due is None:
            servers[0].stop()
            clock.due = (60, come_back)

    def come_back() -> None:
        servers.append(SmtpServer(port=servers[0].port).__enter__())

    with bench(frozen, tmp_path / "home", clock=clock) as engine:
        ended = engine.run(account(servers[0].port), on_entry=leave)
        servers[1].stop()
        assert [engine.ended(server) for server in servers] == ["A", "BCD"]
        assert engine.statuses() == "aaaa"
        assert (why(ended), clock.slept) == (None, sum(LADDER[:3]))
        tried = [e.recipients[0].status for e in engine.office.journal.entries(kinds=[EntryKind.VERDICT])]
        assert Counter(tried) == {Status.ACCEPTED: 3, Status.DEFERRED: 3}


@pytest.mark.parametrize("hours", [-48, -2, -0.5, 0.5, 48])
def test_a_clock_that_is_set_back_or_forward(frozen: Path, tmp_path: Path, hours: float) -> None:
    clock = ManualClock()

    def jump(entry: Entry) -> None:
        if entry.kind is EntryKind.VERDICT and entry.recipients[0].address == FAMILIES["A"]:
            clock.advance(3600 * hours)

    with bench(frozen, tmp_path / "home", clock=clock) as engine, SmtpServer() as server:
        ended = engine.run(account(server.port), pace=Pace(between=10, every=0, pause=0), on_entry=jump)
        server.stop()
        assert engine.ended(server) == "ABCD"
        assert engine.statuses() == "aaaa"
        assert why(ended) is None
        assert clock.slept <= 20


def test_a_deferral_outlives_a_clock_that_is_set_back(frozen: Path, tmp_path: Path) -> None:
    clock = ManualClock()

    def jump(entry: Entry) -> None:
        # after another message was put off: its due instant is two days away from here on
        if entry.kind is EntryKind.VERDICT and entry.recipients[0].address == FAMILIES["D"]:
            clock.advance(-48 * 3600)

    with bench(frozen, tmp_path / "home", clock=clock) as engine:
        with SmtpServer({"mail": after(1, Say("450 4.3.0 later"))}) as server:
            ended = engine.run(account(server.port), pace=Pace(between=0, every=0, pause=0), on_entry=jump)
        engine.ended(server)
        assert engine.statuses() == "aaaa"
        assert why(ended) is None
        assert clock.slept <= 1000


def test_a_clock_that_was_set_back_between_two_runs(frozen: Path, tmp_path: Path) -> None:
    clock = ManualClock()
    pace = Pace(between=10, every=0, pause=0)
    with bench(frozen, tmp_path / "home", clock=clock) as engine:
        with SmtpServer({"stored": after(1, Cut()), "connect": forever(1, Cut())}) as server:
            engine.run(account(server.port), pace=pace)
        engine.ended(server)
        assert engine.statuses() == "auud"
        clock.advance(-48 * 3600)
        clock.slept = 0.0
        with SmtpServer() as server:
            assert why(engine.run(account(server.port), pace=pace)) is None
        assert engine.ended(server) == "D"
        assert engine.statuses() == "auua"
        assert clock.slept <= 20
