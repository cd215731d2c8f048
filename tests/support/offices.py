"""Small homes that can send: a workbook, settings, an opened office, runs over a fake transport."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from elite_lib import batch as batches
from elite_lib import config
from elite_lib.batch import Means, Office, Run
from elite_lib.batch.sending import server
from elite_lib.models import Batch, Entry, Pace, Period
from elite_lib.transports import Transport
from elite_lib.transports.fake import FakeTransport
from tests.support import workbooks
from tests.support.clocks import ManualClock

OCTOBER = Period.parse("2026-10")
FAST = Pace(between=0, every=0, pause=0)


def code(number: int) -> str:
    return f"R{number:05}"


def invoice_number(number: int) -> str:
    return f"F2026-10-{number:05}"


def address(number: int) -> str:
    return f"famille{number}@example.com"


def write_workbook(path: Path, count: int, **sheets: Any) -> Path:
    """Write a month of ``count`` residents, one contact and one invoice each."""
    numbers = range(1, count + 1)
    standard = {
        "residents": [workbooks.resident(code(n), Nom=f"Dupont{n}") for n in numbers],
        "contacts": [workbooks.contact(code(n), **{"E-mail": address(n)}) for n in numbers],
        "factures": [workbooks.invoice(invoice_number(n), code(n)) for n in numbers],
        "lignes": [workbooks.line(invoice_number(n), amount=2000.0) for n in numbers],
    }
    return workbooks.workbook(path, **(standard | sheets))


def make_home(
    root: Path, count: int = 3, *, settings: Mapping[str, Mapping[str, object]] = {}, **sheets: Any
) -> Path:
    """Make a home with a month of ``count`` residents and a mail account that nobody listens to."""
    home = config.create_home(root, name="Les Tilleuls", establishment="tilleuls")
    write_workbook(root / "factures.xlsx", count, **sheets)
    account = {"sender": "compta@tilleuls.example", "host": "127.0.0.1", "port": 9, "security": "plain"}
    fast = {"between": 0, "every": 0, "pause": 0}
    config.save(home, {"mail": account, "pace": fast} | {k: dict(v) for k, v in settings.items()})
    return root


def open_office(root: Path) -> Office:
    return batches.open_home(root, operator="Claire")


def run(
    office: Office,
    batch: Batch,
    transport: Transport | None = None,
    *,
    pace: Pace = FAST,
    clock: ManualClock | None = None,
    on_entry: Callable[[Entry], None] = lambda _entry: None,
    should_stop: Callable[[], bool] = bool,
    serve: bool = False,
) -> Run:
    """Run a batch over a fake transport in no time; the account's lock is the caller's affair."""
    means = Means(
        transport=transport or FakeTransport(),
        journal=office.journal,
        outbox=office.outbox,
        pace=pace,
        clock=clock or ManualClock(),
    )
    return batches.run(
        batch,
        means,
        run_id=batches.new_run_id(),
        operator="Claire",
        on_entry=on_entry,
        should_stop=should_stop,
        serve=server(means, on_entry) if serve else None,
    )


def recipients(transport: FakeTransport) -> list[str]:
    """List every address that the pretended server has a message for, in order."""
    return [a for sent in transport.stored for a in _accepted(sent.transaction.rcpt)]


def _accepted(rcpt: Iterable[tuple[str, Any]]) -> list[str]:
    return [a for a, reply in rcpt if reply.accepted]
