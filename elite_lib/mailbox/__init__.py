"""Our own mailboxes, and the places that returned messages are read from: one protocol each.

Nothing is deleted there. What is moved is what a person asked to be moved, after it is in the journal.
"""

from elite_lib.mailbox.protocols import SENT, Fetched, Mailbox, Position, Source
from elite_lib.mailbox.sourcing import source_of, sources_of

__all__ = ["SENT", "Fetched", "Mailbox", "Position", "Source", "source_of", "sources_of"]
