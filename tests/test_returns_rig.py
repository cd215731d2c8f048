"""What a real Postfix and a real Dovecot send back, collected, tied, and what becomes of it next month."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from elite_lib import batch as batches
from elite_lib import config, outcomes, secrets
from elite_lib.batch import Office
from elite_lib.models import (
    Batch,
    BatchMessage,
    Box,
    Disposition,
    Entry,
    EntryKind,
    Period,
    ProblemCode,
    Status,
)
from elite_lib.transports.smtp import SmtpTransport
from tests.support import mailrig, needs, offices, returns, workbooks
from tests.support.command import boxes, elite
from tests.support.deaf import Dying, Killed
from tests.support.mailrig import PASSWORD, MailRig, wait_for
from tests.support.offices import OCTOBER, code, invoice_number
from tests.support.processes import child

LOGIN = "compta@maison.test"
FAMILIES = ("famille1@famille.test", "famille2@famille.test", "famille3@famille.test")
UNKNOWN, FULL, AWAY = "inconnue@famille.test", "plein@famille.test", "anne@panne.test"
NOVEMBER = Period.parse("2026-11")


@pytest.fixture(scope="module")
def running() -> Iterator[MailRig]:
    mailrig.installed()
    needs.program("/usr/lib/dovecot/pop3")
    with MailRig(FAMILIES, pop3=True) as servers:
        yield servers


@pytest.fixture
def delaying() -> Iterator[MailRig]:
    """A rig of its own: what goes to panne.test stays in its queue; a delay is reported after a second."""
    mailrig.installed()
    with MailRig(FAMILIES, delay_warning="1s") as servers:
        yield servers


@pytest.fixture
def rig(running: MailRig) -> MailRig:
    running.empty()
    return running


def make_home(rig: MailRig, root: Path, addresses: tuple[str, ...], **returned: object) -> Path:
    """A home that sends to the rig and reads its mailbox there; one family for each address."""
    offices.make_home(
        root,
        len(addresses),
        settings={
            "mail": {
                "sender": LOGIN,
                "host": "127.0.0.1",
                "port": rig.submission,
                "security": "starttls",
                "login": LOGIN,
                "ca_file": str(rig.ca_pem),
                "timeout": 20.0,
            },
            "imap": {"host": "127.0.0.1", "port": rig.imaps},
            "returns": returned,
        },
        contacts=_contacts(addresses),
    )
    secrets.store("mail", PASSWORD, home=config.Home(root=root))
    return root


def _contacts(addresses: tuple[str, ...]) -> list[workbooks.Row]:
    return [workbooks.contact(code(n), **{"E-mail": a}) for n, a in enumerate(addresses, start=1)]


def send(office: Office) -> Batch:
    """Send the month, and leave what comes back to the command."""
    batch = batches.prepare(office, OCTOBER).batch
    ended = batches.send(office, batch.id, sources=lambda _office: ())
    assert (ended.sent, ended.stopped) == (len(batch.messages), None)
    return batch


def message_of(batch: Batch, address: str) -> BatchMessage:
    return next(m for m in batch.messages if m.recipients[0].address == address)


def returned(office: Office) -> dict[tuple[str, str, bool], Entry]:
    """Give what came back by address, kind, and whether it is the last word.

    Never by its order: what Dovecot stores beside another message may get its UID only at the next reading.
    """
    entries = office.journal.entries(kinds=[EntryKind.RETURNED])
    keys = [(str(e.data["kind"]), e.data["final"] is True) for e in entries]
    return {(o.address, *key): e for e, key in zip(entries, keys, strict=True) for o in e.recipients}


def came_back(rig: MailRig, count: int) -> None:
    """Wait until the office has so many messages."""
    wait_for(lambda: len(rig.received(LOGIN)) >= count, 30)


def came_back_about(rig: MailRig, actions: dict[str, str]) -> None:
    """Wait until each address was reported with its action; a slow machine may report a delay before it."""

    def reported(item: tuple[str, str]) -> bool:
        address, action = item
        texts = map(str, rig.received(LOGIN))
        return any(address in text and f"\nAction: {action}\n" in text for text in texts)

    wait_for(lambda: all(map(reported, actions.items())), 30)


def test_a_month_its_returns_and_the_next_month(delaying: MailRig, tmp_path: Path) -> None:
    rig = delaying
    addresses = (FAMILIES[0], UNKNOWN, FULL, AWAY, FAMILIES[1])
    root = make_home(rig, tmp_path / "home", addresses)
    with offices.open_office(root) as office:
        batch = send(office)
        actions = ("relayed", "failed", "failed", "delayed", "relayed")
        came_back_about(rig, dict(zip(addresses, actions, strict=True)))
        rig.deliver(LOGIN, returns.receipt(FAMILIES[1], message_of(batch, FAMILIES[1]).message_id))
        rig.deliver(LOGIN, returns.letter(FAMILIES[0], "Merci, bien reçu."), sender=FAMILIES[0])
        said = elite("collect", "--json", home=root)
        assert said.code == 0
        came = returned(office)
        slow = {(a, "bounce", False) for a in addresses if a != AWAY}
        assert set(came) - slow == {
            (FAMILIES[0], "delivered", True),
            (UNKNOWN, "bounce", True),
            (FULL, "bounce", True),
            (AWAY, "bounce", False),
            (FAMILIES[1], "delivered", True),
            (FAMILIES[1], "mdn", True),
        }
        assert [came[a, "bounce", True].data["class"] for a in (UNKNOWN, FULL)] == ["hard", "mailbox_full"]
        assert {e.data["tied"] for e in came.values()} == {"message_id"}
        receipt = came[FAMILIES[1], "mdn", True].data
        assert receipt["disposition"] == "displayed"
        assert came[FAMILIES[0], "delivered", True].data["relayed"] is True  # Dovecot's LMTP knows no DSN
        assert came[UNKNOWN, "bounce", True].line == message_of(batch, UNKNOWN).line
        read = dt.datetime.fromisoformat(str(receipt["received"]))
        assert abs(read - dt.datetime.now(dt.UTC)) < dt.timedelta(minutes=5)
        _slip(office)
        _again(office, root)
    _next_month(root, addresses)


def _slip(office: Office) -> None:
    """The invoices that came back are refused, the others accepted, and the euros add up."""
    slip = batches.survey(office, OCTOBER).slip
    assert slip.balanced
    assert {box: (t.count, t.euros) for box, t in slip.boxes.items() if t.count} == {
        Box.REFUSED: (2, Decimal(4000)),
        Box.ACCEPTED: (3, Decimal(6000)),
    }
    assert (slip.recipients[Status.BOUNCED], slip.remainder) == (2, 2)
    notes = {line.key: line.note for line in slip.lines}
    assert "5.1.1" in notes[invoice_number(2)]
    pile = batches.print_pile(office, OCTOBER, file=office.settings.home.root / "pile.pdf")
    assert [line.key for line in pile.lines] == [invoice_number(2), invoice_number(3)]


def _again(office: Office, root: Path) -> None:
    """Nothing new came: nothing changes, and nothing is sent again."""
    before = office.journal.mark()
    assert elite("collect", home=root).code == 0
    assert office.journal.mark() == before
    batch = batches.prepare(office, OCTOBER).batch
    assert batches.send(office, batch.id).attempted == 0  # which collects by itself


def _next_month(root: Path, addresses: tuple[str, ...]) -> None:
    """The address that does not exist is set aside, with the server's words; clearing it brings it back."""
    dates = {
        "Date": dt.date(2026, 11, 30),
        "Échéance": dt.date(2026, 12, 10),
        "Début période": dt.date(2026, 11, 1),
        "Fin période": dt.date(2026, 11, 30),
    }
    numbers = range(1, len(addresses) + 1)
    offices.write_workbook(
        root / "factures.xlsx",
        len(addresses),
        contacts=_contacts(addresses),
        factures=[workbooks.invoice(f"F2026-11-{n:05}", code(n), **dates) for n in numbers],
        lignes=[workbooks.line(f"F2026-11-{n:05}", amount=2000.0) for n in numbers],
    )
    with offices.open_office(root) as office:
        plan, _ = batches.read_plan(office, NOVEMBER)
        decided = [line.disposition for line in plan.lines]
        assert decided == [Disposition.MAIL, Disposition.TO_PRINT, *[Disposition.MAIL] * 3]
        said = {p.code: p for p in (*plan.lines[1].reasons, *plan.lines[1].warnings)}
        assert "5.1.1" in str(said[ProblemCode.ADDRESS_SET_ASIDE].facts["reason"])
        assert elite("bounces", "clear", UNKNOWN, home=root).code == 0
        plan, _ = batches.read_plan(office, NOVEMBER)
        assert {line.disposition for line in plan.lines} == {Disposition.MAIL}


def test_forged_returns_change_nothing(rig: MailRig, tmp_path: Path) -> None:
    root = make_home(rig, tmp_path / "home", FAMILIES[:2])
    with offices.open_office(root) as office:
        send(office)
        came_back(rig, 2)
        rig.deliver(LOGIN, returns.report(FAMILIES[0], message_id="<autre@maison.test>", to=LOGIN))
        person = f"Votre message à {FAMILIES[1]} n'a pas pu être remis : 550 5.1.1 User unknown"
        rig.deliver(LOGIN, returns.letter("quelqu-un@example.net", person), sender="quelqu-un@example.net")
        said = elite("collect", "--json", home=root)
        assert (said.json["tied"], said.json["untied"]) == (2, 1)
        assert batches.addresses_set_aside(office) == {}
    assert boxes(root) == {"accepted": 2}


def test_what_was_killed_after_the_dot_is_settled_by_its_report(rig: MailRig, tmp_path: Path) -> None:
    root = make_home(rig, tmp_path / "home", FAMILIES[:2])
    with offices.open_office(root) as office:
        batch = batches.prepare(office, OCTOBER).batch
        with pytest.raises(Killed):
            transport = Dying(SmtpTransport(office.account, PASSWORD), deaf_to=FAMILIES[0])
            batches.send(office, batch.id, transport=transport, sources=lambda _office: ())
        assert boxes(root)["uncertain"] == 1
        came_back(rig, 1)
        said = elite("collect", "--json", home=root)
        assert (said.code, said.json["settled"]) == (0, [invoice_number(1)])
        (entry,) = office.journal.entries(kinds=[EntryKind.RESOLVED])
        assert (entry.data["where"], entry.data["by"]) == ("report", "evidence")
        ended = batches.send(office, batch.id)
        assert ended.attempted == 1  # the other one
    rig.settle()
    assert [len(rig.received(address)) for address in FAMILIES[:2]] == [1, 1]
    assert boxes(root) == {"accepted": 2}


def test_killed_while_collecting_nothing_is_lost_or_doubled(rig: MailRig, tmp_path: Path) -> None:
    """SIGKILL at drawn instants, until a collection ends by itself."""
    root = make_home(rig, tmp_path / "home", FAMILIES[:1])
    with offices.open_office(root) as office:
        batch = send(office)
        message = batch.messages[0]
        for number in range(25):
            others = (f"b{number}@relais.test",) if number % 3 == 0 else ()
            rig.deliver(
                LOGIN,
                returns.report(
                    f"a{number}@relais.test", message_id=message.message_id, others=others, to=LOGIN
                ),
            )
        rig.settle()
        delivered = len(rig.received(LOGIN))
        wanted = delivered + 9
        chance, kills = random.Random(7), 0
        while _killed(root, after=chance.randrange(1, 12)):
            kills += 1
        assert kills >= 3
        entries = office.journal.entries(kinds=[EntryKind.RETURNED])
        found = Counter((entry.data["digest"], entry.data["part"]) for entry in entries)
        assert (len(found), set(found.values())) == (wanted, {1})
        assert len(list((root / "returns").glob("*.eml"))) == delivered
        assert {s.status for s in outcomes.fold(office.journal.entries()).values()} == {Status.BOUNCED}


def _killed(root: Path, *, after: int) -> bool:
    """Kill a collection after some entries; False when it ended before."""
    with child(returns.collector, root) as collecting:
        try:
            for _ in range(1 + after):
                if collecting.pipe.recv() == "ended":
                    return False
            collecting.process.kill()
            return "ended" not in collecting.rest()
        finally:
            collecting.process.kill()
            collecting.process.join()


def test_returns_are_moved_by_imap_when_asked(rig: MailRig, tmp_path: Path) -> None:
    root = make_home(rig, tmp_path / "home", (UNKNOWN, FAMILIES[0]), move_to="Junk")
    with offices.open_office(root) as office:
        send(office)
    came_back(rig, 2)
    rig.deliver(LOGIN, returns.letter(FAMILIES[0], "Bonjour"), sender=FAMILIES[0])
    rig.create(LOGIN, "Junk")
    assert elite("collect", home=root).code == 0
    assert [m["Subject"] for m in rig.received(LOGIN)] == ["Bonjour"]
    assert len(rig.received(LOGIN, folder="Junk")) == 2


def test_the_same_returns_by_pop3_are_known(rig: MailRig, tmp_path: Path) -> None:
    root = make_home(rig, tmp_path / "home", (UNKNOWN, FAMILIES[0]))
    with offices.open_office(root) as office:
        send(office)
        came_back(rig, 2)
        secrets.store("pop3", PASSWORD, home=config.Home(root=root))
        place = f"pop3://{LOGIN}@127.0.0.1:{rig.pop3s}"
        said = elite("collect", "--from", place, "--json", home=root)
        assert (said.code, said.json["read"], said.json["tied"]) == (0, 2, 2)
        again = elite("collect", "--from", place, "--json", home=root)
        assert (again.json["read"], again.json["returns"]) == (0, 0)  # its UIDL is known
        by_imap = elite("collect", "--json", home=root)
        assert (by_imap.json["read"], by_imap.json["returns"]) == (2, 0)  # and so are its bytes
        assert len(office.journal.entries(kinds=[EntryKind.RETURNED])) == 2
        assert len(rig.received(LOGIN)) == 2
    assert elite("collect", "--from", "pop3://x@127.0.0.1:1", home=root).code == 4
