"""The outbox: frozen messages and the manifest of a batch, written before anything is sent."""

from elite_lib.outbox.folder import Outbox
from elite_lib.outbox.freezing import Freezing, PreparedMessage

__all__ = ["Freezing", "Outbox", "PreparedMessage"]
