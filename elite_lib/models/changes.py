"""What changed since the last month that was sent, as far as addresses go."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ChangeKind(StrEnum):
    """In the order in which they are worth a look."""

    SHARED = "shared"  # the address is another resident's too, and not a guardian's or an organisation's
    MISSPELT = "misspelt"  # its domain looks like a provider's, misspelt
    CHANGED = "changed"  # the contact had another address
    NEW = "new"  # the resident was written to, and not at this address
    FIRST = "first"  # the resident was not written to at all
    VANISHED = "vanished"  # written to then; receives nothing this month, though there is an invoice
    NO_INVOICE = "no_invoice"  # written to then; no invoice this month


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing to look at before sending."""

    kind: ChangeKind
    resident: str  # code
    name: str = ""  # of the resident, where the workbook has it
    line: str = ""  # key of the dispatch line, where there is one
    contact: str = ""  # Contact.key
    address: str = ""
    before: str = ""  # CHANGED: the address then
    meant: str = ""  # MISSPELT: the provider that is meant, perhaps
    others: tuple[str, ...] = ()  # SHARED: the other residents' names
    month: str = ""  # the month that it is compared with; "" where no month was sent before
    known: bool = False  # it was so then already: nothing new, and still worth a look
