"""What came back, as tables: every finding, the addresses that fail most, one message to be read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from elite_lib import formats
from elite_lib.batch import Office
from elite_lib.batch.preparing import addresses_set_aside
from elite_lib.bounces import parsing
from elite_lib.exceptions import ConfigError
from elite_lib.models import Period, ReturnKind, SetAside, Tables
from elite_lib.notices.findings import Returned, findings
from elite_lib.reports.frames import frame

COLUMNS = (
    "sent", "received", "hours", "month", "line", "resident", "contact", "address", "provider", "kind",
    "class", "final", "status", "code", "reason", "ours", "remote", "rule", "tied", "happened", "todo",
    "phone", "digest",
)  # fmt: skip
_ADDRESS = re.compile(r"[^\s<>@,;:\"']+@[^\s<>@,;:\"']+")
_DIGEST = re.compile(r"[0-9a-f]{64}")


def bounce_table(
    office: Office, period: Period | None = None, *, tables: Tables | None = None, masked: bool = False
) -> pd.DataFrame:
    """List what came back, one row per finding, in the order in which it was read.

    ``period`` is that of the documents (months may be of several years); None: of all times. What is
    tied to no message of ours is in the period whose sending it followed, with an empty ``line``.
    ``tables`` (``load_tables``) add the contact's name and telephone. ``masked`` hides them and whose
    the addresses are, for a table that leaves the house.

    Columns: ``sent``, ``received`` (aware UTC), ``hours`` between them, ``month``, ``line``,
    ``resident`` (code), ``contact``, ``address``, ``provider`` (lane), ``kind``, ``class``, ``final``,
    ``status`` (RFC 3463), ``code`` (RFC 5321), ``reason``, ``ours``, ``remote``, ``rule``, ``tied``,
    ``happened`` and ``todo`` (in the office's language), ``phone``, ``digest`` (see ``returned_message``).

    Raises:
        JournalError: it cannot be read.
    """
    found = findings(office, period, tables=None if masked else tables)
    return frame((_row(one, masked) for one in found), COLUMNS)


def _row(one: Returned, masked: bool) -> tuple[object, ...]:
    happened, todo = one.saying
    return (
        one.sent, one.received, one.seconds / 3600 if one.seconds is not None else None, one.month, one.line,
        one.resident, one.name or one.contact, formats.masked(one.address) if masked else one.address,
        one.lane, one.kind, one.cls, one.final, one.status, one.code,
        _hidden(one.reason) if masked else one.reason, one.ours, one.remote, one.rule, one.tied, happened,
        todo, one.phone, one.digest,
    )  # fmt: skip


def _hidden(text: str) -> str:
    return _ADDRESS.sub(lambda found: formats.masked(found[0]), text)


def worst_addresses(
    office: Office,
    period: Period | None = None,
    *,
    most: int = 20,
    tables: Tables | None = None,
    masked: bool = False,
) -> pd.DataFrame:
    """List the addresses that failed most often, at most ``most`` of them, and whether they are set aside.

    Columns: ``address``, ``provider``, ``resident`` (code), ``contact``, ``phone``, ``returned`` and
    ``delayed`` (times), ``class``, ``reason``, ``last`` (aware UTC), ``todo`` of the newest, ``set_aside``.
    What is our own fault counts against no address.

    Raises:
        JournalError: it cannot be read.
    """
    failures = [
        one
        for one in findings(office, period, tables=None if masked else tables)
        if one.kind is ReturnKind.BOUNCE and one.tied is not None and not one.ours
    ]
    groups: dict[str, list[Returned]] = {}
    for one in failures:
        groups.setdefault(one.address.lower(), []).append(one)
    aside = addresses_set_aside(office)
    worst = sorted(groups.values(), key=lambda g: (-sum(one.final for one in g), -len(g), g[-1].address))
    columns = (
        "address", "provider", "resident", "contact", "phone", "returned", "delayed", "class", "reason",
        "last", "todo", "set_aside",
    )  # fmt: skip
    return frame((_worst(group, aside, masked=masked) for group in worst[:most]), columns)


def _worst(group: list[Returned], aside: Mapping[str, SetAside], *, masked: bool) -> tuple[object, ...]:
    newest = group[-1]
    failed = sum(one.final for one in group)
    return (
        formats.masked(newest.address) if masked else newest.address, newest.lane, newest.resident,
        newest.name or newest.contact, newest.phone, failed, len(group) - failed, newest.cls,
        _hidden(newest.reason) if masked else newest.reason, newest.received, newest.saying.todo,
        newest.address.lower() in aside,
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnedMessage:
    """A message that came back, taken apart for reading. Plain text only: nothing in it can act."""

    sender: str
    subject: str
    date: str  # as it is written in it
    text: str  # what a person would read
    machine: tuple[tuple[str, str], ...]  # what its machine-readable part says
    original: tuple[tuple[str, str], ...]  # headers of our message that it brings back
    size: int  # bytes


def returned_message(office: Office, digest: str) -> ReturnedMessage:
    """Read a message that came back, as it is kept in the home's ``returns``.

    ``digest`` is that of :func:`bounce_table`. HTML is read as text, control characters are left out.

    Raises:
        ConfigError: ``return_missing``: it is not kept, or not any more.
    """
    if not _DIGEST.fullmatch(digest):
        raise ConfigError("return_missing", value=digest)
    file = office.settings.home.returns / f"{digest}.eml"
    try:
        content = file.read_bytes()
    except OSError as error:
        raise ConfigError("return_missing", value=digest[:12]) from error
    mail = parsing.parse(content)
    blocks = [pair for block in mail.blocks.values() for part in block for pair in part.items()]
    return ReturnedMessage(
        sender=_plain(mail.header("from")),
        subject=_plain(mail.header("subject")),
        date=_plain(mail.header("date")),
        text=_plain(mail.notice, lines=True),
        machine=tuple((_plain(name), _plain(value)) for name, value in blocks),
        original=tuple((_plain(name), _plain(value)) for name, value in mail.returned.items()),
        size=len(content),
    )


def _plain(text: str, *, lines: bool = False) -> str:
    kept = "".join(c for c in text if c.isprintable() or (lines and c in "\n\t"))
    return kept.strip() if lines else " ".join(kept.split())
