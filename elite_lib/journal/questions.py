"""Questions that the journal answers, as conditions: what carried a document, what a return may be about."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from sqlalchemy import ColumnElement, CompoundSelect, Select, and_, bindparam, select, true, union

from elite_lib.journal import schema
from elite_lib.journal.rows import LEAVING, RETURN, instant, text, token_key
from elite_lib.models import EntryKind

_ENTRY, _RECIPIENT, _DOCUMENT = schema.entry, schema.entry_recipient, schema.entry_document
_KEY = schema.entry_key
_LEAVING = tuple(kind.value for kind in LEAVING)

TIMES = (
    select(_ENTRY.c.at)
    .where(
        _ENTRY.c.account == bindparam("account"),
        _ENTRY.c.kind == EntryKind.ATTEMPTING.value,
        _ENTRY.c.at >= bindparam("since"),
        _ENTRY.c.data.not_like('%"part_of"%'),  # Entry.follows: it left with the one before
    )
    .order_by(_ENTRY.c.at)
)


def carrying(establishment: str, documents: Collection[str]) -> CompoundSelect[str]:
    """The lines under which a document was attempted: its own, and those that carried it beside theirs."""
    under_its_own = select(_ENTRY.c.line).where(
        _ENTRY.c.establishment == establishment,
        _ENTRY.c.line.in_(documents),
        _ENTRY.c.kind.in_(_LEAVING),
    )
    with_another = (
        select(_ENTRY.c.line)
        .join(_DOCUMENT, _DOCUMENT.c.entry == _ENTRY.c.id)
        .where(_DOCUMENT.c.establishment == establishment, _DOCUMENT.c.document.in_(documents))
    )
    return union(under_its_own, with_another)


def known_by(establishment: str, *, message_id: str, token: str) -> ColumnElement[bool]:
    """The attempts that a returned message names."""
    keys = [text(key) for key in (message_id, token_key(token)) if key]
    return and_(
        _ENTRY.c.kind.in_(_LEAVING),
        _ENTRY.c.id.in_(_with_key(establishment, _KEY.c.key.in_(keys))),
    )


def written_to(establishment: str, address: str, *, since: dt.datetime | None) -> ColumnElement[bool]:
    """The attempts to an address, as it is written or in small letters, since an instant."""
    names = {text(address), text(address).lower()}
    return and_(
        _ENTRY.c.establishment == establishment,
        _ENTRY.c.kind.in_(_LEAVING),
        _ENTRY.c.at >= instant(since) if since is not None else true(),
        _ENTRY.c.id.in_(select(_RECIPIENT.c.entry).where(_RECIPIENT.c.address.in_(names))),
    )


def returned(establishment: str) -> ColumnElement[bool]:
    """What came back, of all times."""
    read = and_(_KEY.c.key >= RETURN, _KEY.c.key < RETURN[:-1] + ";")
    return _ENTRY.c.id.in_(_with_key(establishment, read))


def appended(establishment: str, keys: Collection[str]) -> Select[int]:
    """An entry that bears one of these keys."""
    return _with_key(establishment, _KEY.c.key.in_(keys)).limit(1)


def _with_key(establishment: str, condition: ColumnElement[bool]) -> Select[int]:
    return select(_KEY.c.entry).where(_KEY.c.establishment == establishment, condition)
