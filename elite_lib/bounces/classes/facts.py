"""What is known of a recipient in numbers: status, reply code, command."""

from __future__ import annotations

from typing import NamedTuple

from elite_lib.bounces import evidence
from elite_lib.bounces.evidence import Evidence


class Facts(NamedTuple):
    seen: Evidence
    status: str
    code: str
    host: str
    temporary: bool

    @property
    def permanent(self) -> bool:
        return self.code.startswith("5") or self.status.startswith("5")

    @property
    def detail(self) -> str:
        return self.status.partition(".")[2]

    @property
    def vague(self) -> bool:
        """Tell whether the status names no cause: "other or undefined", or a policy's x.7.1."""
        return self.detail.endswith(".0") or self.detail in ("", "7.1")

    @property
    def command(self) -> str:
        return self.seen.command


def status_of(seen: Evidence) -> str:
    """Prefer the status that the remote server spoke to the one that the reporting one filled in."""
    spoken = evidence.status_in(seen.text) or evidence.status_in(seen.context)
    if spoken.endswith(".0.0") and seen.status and not seen.status.endswith(".0.0"):
        return seen.status
    return spoken or seen.status
