"""The examination: every step in turn, each told when it is over."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable, Iterable, Iterator

from elite_lib import selection, sources
from elite_lib.config import Settings
from elite_lib.doctor.domains import examine_recipients, examine_sender
from elite_lib.doctor.resolving import Resolver
from elite_lib.doctor.server import examine_server
from elite_lib.doctor.signing import Letters
from elite_lib.exceptions import EliteError, ServerUnavailableError
from elite_lib.models import CheckStep, CheckVerdict, Diagnosis, MailAccount
from elite_lib.transports.opening import resolve


def examine(
    account: MailAccount,
    password: Callable[[], str] | str | None,
    *,
    resolver: Resolver,
    addresses: Iterable[str],
    now: dt.datetime,
    letters: Letters | None = None,
) -> Iterator[Diagnosis]:
    """Examine the account, the sender's domain and the domains of ``addresses``; nothing is sent.

    ``letters`` finds what we sent and received (``letters_of``): without it no signature is examined.

    Never raises: what goes wrong is a diagnosis. A bug of ours is one too (``unexpected``), and the other
    steps follow.
    """
    yield from _guarded(CheckStep.TCP, examine_server(account, password, now=now))
    found: tuple[str, ...] = ()
    with contextlib.suppress(ServerUnavailableError):
        found = resolve(account)
    sender = examine_sender(account, resolver=resolver, addresses=found, letters=letters)
    yield from _guarded(CheckStep.SPF, sender)
    yield from _guarded(CheckStep.MX, examine_recipients(addresses, resolver=resolver))


def _guarded(step: CheckStep, diagnoses: Iterator[Diagnosis]) -> Iterator[Diagnosis]:
    try:
        yield from diagnoses
    except Exception as error:
        facts = {"name": type(error).__name__, "detail": str(error)}
        yield Diagnosis(step=step, verdict=CheckVerdict.FAILED, code="unexpected", facts=facts)


def family_addresses(settings: Settings) -> tuple[str, ...]:
    """Read every contact's addresses from the workbook; none where it cannot be used: ``check`` says why."""
    try:
        data = settings.data
        layout = sources.Layout(aliases=data.aliases, sheets=data.sheets, table=data.table)
        tables = sources.load(data.source, layout=layout)
    except EliteError:
        return ()
    return selection.addresses(tables)
