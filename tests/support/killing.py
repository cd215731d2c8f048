"""Months sent through the rig's Postfix by processes that are killed again and again, until they are done.

What is true is read where the families read: in their mailboxes, by Message-ID. What the program believes
is read in its journal. After each kill both are compared; what is in doubt is settled by what the mailboxes
show, and the next process goes on.
"""

from __future__ import annotations

import random
import shutil
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from email.parser import BytesHeaderParser
from multiprocessing.connection import Connection
from pathlib import Path

from elite_lib import batch as batches
from elite_lib import outcomes
from elite_lib.batch import Office
from elite_lib.models import (
    Batch,
    Box,
    Entry,
    EntryKind,
    RecipientOutcome,
    RecipientState,
    Resolution,
    Status,
)
from elite_lib.transports.smtp import SmtpTransport
from tests.support import offices, workbooks
from tests.support.mailrig import PASSWORD, MailRig
from tests.support.offices import OCTOBER, code
from tests.support.processes import child

LOGIN = "compta@maison.test"
_JOINT = 5  # every fifth resident has two contacts, in one message
_WARD, _WARDS = 8, 3  # every eighth has a guardian, who has three of them in one message
_JITTER = 0.06  # seconds after an entry: longer than a message takes, so that no instant is spared


def families(residents: int) -> list[tuple[int, int, str]]:
    """List resident, rank and address of each contact."""
    ranks = {n: (1, 2) if n % _JOINT == 0 else (1,) for n in range(1, residents + 1)}
    return [(n, rank, _address(n, rank)) for n, of_n in ranks.items() for rank in of_n]


def mailboxes(residents: int) -> list[str]:
    """List each contact's mailbox once."""
    return list(dict.fromkeys(address for _n, _rank, address in families(residents)))


def _address(number: int, rank: int) -> str:
    name = f"tutelle{number // _WARD // _WARDS}" if _is_ward(number) else f"famille{number}-{rank}"
    return f"{name}@famille.test"


def _is_ward(number: int) -> bool:
    return number % _WARD == 0 and number % _JOINT != 0


def _capacity(number: int) -> dict[str, str]:
    return {"Qualité": "organisme", "Nom": "Tutelle", "Prénom": ""} if _is_ward(number) else {}


def make_home(root: Path, residents: int, rig: MailRig) -> Path:
    """Make a home that sends to the rig, and freeze its month."""
    offices.make_home(
        root,
        residents,
        settings={
            "mail": {
                "sender": LOGIN,
                "host": "127.0.0.1",
                "login": LOGIN,
                "port": rig.submission,
                "security": "starttls",
                "ca_file": str(rig.ca_pem),
                "timeout": 20.0,
            },
            "pace": {"between": 0.01, "every": 0, "pause": 0},
            "canary": {"messages": 0},
            "message": {"group": True},
        },
        residents=[
            workbooks.resident(code(n), Nom=f"Dupont{n}", Message="joint") for n in range(1, residents + 1)
        ],
        contacts=[
            workbooks.contact(code(n), rank, **_capacity(n), **{"E-mail": address})
            for n, rank, address in families(residents)
        ],
    )
    with offices.open_office(root) as office:
        batch = batches.prepare(office, OCTOBER).batch
    assert len(batch.messages) == residents
    assert len(batch.departures) < residents, "no guardian has several residents in one message"
    return root


def sender(pipe: Connection, root: Path, batch_id: str) -> None:
    """Send what remains of the month, and tell each entry once it is durable."""
    with offices.open_office(root) as office:
        pipe.send("open")
        ended = batches.send(
            office,
            batch_id,
            transport=SmtpTransport(office.account, PASSWORD),
            on_entry=lambda entry: pipe.send(entry.kind.value),
        )
        pipe.send(("ended", ended.stopped.reason.value if ended.stopped else None))


@dataclass(kw_only=True)
class Figures:
    """What was counted; recipients where nothing else is said."""

    kills: int = 0
    months: int = 0
    messages: int = 0
    recipients: int = 0
    doubts: Counter[int] = field(default_factory=Counter)  # messages in doubt after a kill -> kills
    kept: int = 0  # messages in doubt that a mailbox held
    resent: int = 0  # and those that none did
    copies: Counter[int] = field(default_factory=Counter)  # of one Message-ID in one mailbox -> recipients
    twice: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)  # accepted in the journal, in no mailbox
    unknown: list[str] = field(default_factory=list)  # in a mailbox, neither accepted nor in doubt
    stopped_at: Counter[str] = field(default_factory=Counter)  # last entry told before the kill -> kills

    def lines(self) -> Iterator[str]:
        yield f"kills                         {self.kills}"
        yield f"months, messages, recipients  {self.months}, {self.messages}, {self.recipients}"
        yield f"delivered twice               {len(self.twice)}  {self.twice or ''}"
        yield f"lost                          {len(self.lost)}  {self.lost or ''}"
        yield f"delivered without a trace     {len(self.unknown)}  {self.unknown or ''}"
        yield f"in doubt after a kill         {dict(sorted(self.doubts.items()))} (messages: kills)"
        yield f"of these kept, not kept       {self.kept}, {self.resent}"
        yield f"killed after                  {dict(self.stopped_at.most_common())}"


class Killer:
    """Sends copies of one frozen home through one rig, and kills; the same seed chooses the same instants."""

    def __init__(self, rig: MailRig, frozen: Path, *, seed: int, entries: int) -> None:
        self.rig, self.frozen, self.entries = rig, frozen, entries
        self.random = random.Random(seed)
        self.figures = Figures()

    def month(self, root: Path) -> None:
        """Send one month, with as many kills as it takes, and count."""
        self.rig.empty()
        shutil.copytree(self.frozen, root)
        with offices.open_office(root) as office:
            (batch,) = office.outbox.batches()
        figures = self.figures
        figures.months += 1
        figures.messages += len(batch.departures)
        while self._killed(root, batch):
            figures.kills += 1
            with offices.open_office(root) as office:
                self._compare(office, batch)
        with offices.open_office(root) as office:
            assert self._compare(office, batch) == 0, "a run that ended by itself left a doubt"
            slip = batches.survey(office, OCTOBER).slip
        assert slip.balanced
        assert slip.boxes[Box.ACCEPTED].count == len(batch.messages)
        for of_recipient in self._mailboxes(batch).values():
            figures.recipients += 1
            figures.copies[sum(of_recipient.values())] += 1

    def _killed(self, root: Path, batch: Batch) -> bool:
        """Let a process send until it is killed; False when it ended before its turn came."""
        wanted, jitter = self.random.randrange(self.entries), self.random.uniform(0, _JITTER)
        with child(sender, root, batch.id) as sending:
            last = ""
            try:
                for _ in range(1 + wanted):
                    last = sending.pipe.recv()
                    if isinstance(last, tuple):
                        assert last == ("ended", None)
                        return False
                # not a wait for something to happen: the instant of the kill is what is drawn
                time.sleep(jitter)
                sending.process.kill()
                told = [last, *sending.rest()]
            finally:
                sending.process.kill()
                sending.process.join()
        if any(isinstance(one, tuple) for one in told):
            return False  # it had ended a moment before
        self.figures.stopped_at[str(told[-1])] += 1
        return True

    def _compare(self, office: Office, batch: Batch) -> int:
        """Compare journal and mailboxes, settle what is in doubt; give how many messages were."""
        figures = self.figures
        self.rig.settle()
        held = self._mailboxes(batch)
        states = outcomes.fold(office.journal.entries())
        doubts: dict[str, list[RecipientState]] = {}
        for message in batch.messages:
            for recipient in message.recipients:
                state = states.get((message.line, recipient.contact, recipient.address))
                status = state.status if state else Status.PENDING
                copies = held[recipient.address][message.message_id]
                where = f"{message.key} {recipient.address}"
                if copies > 1 and where not in figures.twice:
                    figures.twice.append(where)
                if status is Status.ACCEPTED and not copies:
                    figures.lost.append(where)
                if copies and status not in (Status.ACCEPTED, Status.UNCERTAIN):
                    figures.unknown.append(where)
                if state is not None and status is Status.UNCERTAIN:
                    doubts.setdefault(message.message_id, []).append(state)
        for message_id, of_message in doubts.items():
            self._settle(office, of_message, message_id=message_id, held=held)
        figures.doubts[len(doubts)] += 1
        return len(doubts)

    def _settle(
        self,
        office: Office,
        doubted: list[RecipientState],
        *,
        message_id: str,
        held: Mapping[str, Counter[str]],
    ) -> None:
        """Settle a message by what the mailboxes hold: nothing is on its way any more."""
        found = {bool(held[state.address][message_id]) for state in doubted}
        assert len(found) == 1, "Postfix kept a message for one recipient and not for the other"
        kept = found.pop()
        self.figures.kept += kept
        self.figures.resent += not kept
        resolution, status = (
            (Resolution.ACCEPTED, Status.ACCEPTED) if kept else (Resolution.RESEND, Status.PENDING)
        )
        for line in dict.fromkeys(state.line for state in doubted):
            office.journal.append(
                Entry(
                    kind=EntryKind.RESOLVED,
                    operator=office.operator,
                    month=doubted[0].month,
                    line=line,
                    recipients=tuple(
                        RecipientOutcome(contact=state.contact, address=state.address, status=status)
                        for state in doubted
                        if state.line == line
                    ),
                    data={"resolution": resolution.value, "by": "evidence" if kept else "person"},
                )
            )
        office.outbox.remember(office.journal.mark())

    def _mailboxes(self, batch: Batch) -> dict[str, Counter[str]]:
        """Count each recipient's messages by Message-ID, as they are in its maildir."""
        return {
            recipient.address: _message_ids(self.rig.base / "mail" / recipient.address / "Maildir")
            for message in batch.messages
            for recipient in message.recipients
        }


def _message_ids(maildir: Path) -> Counter[str]:
    found: Counter[str] = Counter()
    for folder in ("new", "cur"):
        for file in (maildir / folder).glob("*"):
            with file.open("rb") as content:
                found[str(BytesHeaderParser().parse(content)["Message-ID"])] += 1
    return found
