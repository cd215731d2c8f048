"""The shape of a dialect: how one family of servers writes a bounce for people."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

# Loose: what stands in an address' place. Whole (?>…): what follows is never a piece of it.
_A = r"""(?>(?:[^\s<>"',;:()\[\]@]|(?<=\w)'(?=\w)){1,128}@(?:(?!\.\.)[^\s<>"',;:()\[\]@]){1,255})"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """``known`` are phrases of the folded notice as in `classes.rows.Words`; ``anchor`` is an expression that
    finds each recipient (its first group that matched): ``{a}`` stands for an address, ``^`` for a
    line's start; the group ``name`` is a mailbox of the server's own, without its domain."""

    name: str
    known: str
    anchor: str
    source: str
    local: bool = False  # it writes of its own mailboxes
    elsewhere: str = ""  # phrases with which it tells what another server said; else it speaks itself


@cache
def expression(text: str) -> re.Pattern[str]:
    return re.compile(text.replace("{a}", _A), re.IGNORECASE | re.MULTILINE)
