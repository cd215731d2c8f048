"""Compose: a wording, a dispatch line and its attachments become a draft, then bytes.

Pure: the date and the Message-ID are arguments, so that the same input gives the same bytes.
"""

from elite_lib.composition.addresses import canonical_address
from elite_lib.composition.assembly import assemble, assemble_unsent
from elite_lib.composition.drafts import documents_digest, envelope, fingerprint, write, write_grouped
from elite_lib.composition.names import file_name, safe_name
from elite_lib.composition.templates import PLACEHOLDERS, check

__all__ = [
    "PLACEHOLDERS",
    "assemble",
    "assemble_unsent",
    "canonical_address",
    "check",
    "documents_digest",
    "envelope",
    "file_name",
    "fingerprint",
    "safe_name",
    "write",
    "write_grouped",
]
