"""A sentence for everything that changed since the last month that was sent: what to look at, and why."""

from __future__ import annotations

from collections.abc import Mapping

from elite_lib import formats
from elite_lib.labels.catalogue import N_, _
from elite_lib.models import Change, ChangeKind

_K = ChangeKind
CHANGES: Mapping[ChangeKind, str] = {
    _K.SHARED: N_("{address} is also an address of {others}. Check that it is right for both."),
    _K.MISSPELT: N_("{address}: perhaps {meant} is meant. Ask the family."),
    _K.CHANGED: N_("{address} instead of {before} in {month}. Check that the change is the family's."),
    _K.NEW: N_("{address} is new since {month}. Check it."),
    _K.FIRST: N_("{address} is written to for the first time: nothing went in {month}. Check it."),
    _K.VANISHED: N_(
        "{address} was written to in {month}, and receives nothing this month. Check that this is meant."
    ),
    _K.NO_INVOICE: N_(
        "{address} was written to in {month}; there is no invoice this month. Is it forgotten?"
    ),
}


def describe_change(change: Change) -> str:
    """Say what changed and what to do, without naming the resident."""
    return _(CHANGES[change.kind]).format(
        address=change.address,
        before=change.before,
        meant=change.meant,
        others=", ".join(change.others),
        month=formats.month(change.month) if change.month else "",
    )
