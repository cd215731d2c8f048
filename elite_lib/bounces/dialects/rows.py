"""The shape of a dialect: how one family of servers writes a bounce for people."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

_A = r"""[^\s<>"',;:()\[\]@]{1,128}@[^\s<>"',;:()\[\]@]{1,255}"""  # loose: what stands in an address' place


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """``known`` is searched in the notice, ``anchor`` finds each recipient (group ``to``).

    In both, ``{a}`` stands for an address; they are searched without case, ``^`` is a line's start.
    """

    name: str
    known: str
    anchor: str
    source: str


@cache
def expression(text: str) -> re.Pattern[str]:
    return re.compile(text.replace("{a}", _A), re.IGNORECASE | re.MULTILINE)
