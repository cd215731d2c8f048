"""What is said, and of what: a predicate in any of a dozen languages, and the nearest noun around it.

The phrases of the other tables are what servers are known to write; this is for what nobody has listed.
"unknown" said of a mailbox, a domain or a sender are three things, and the nearest noun tells which.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from elite_lib.bounces.classes.lexicon import (
    BARRED,
    CLOSED,
    CROWDED,
    DOWN,
    EXCEEDS,
    EXPIRED,
    FULL,
    LACKING,
    LARGE,
    LATER,
    MANY,
    MISSING,
    NOUNS,
    OF,
    REFUSED,
    Lexeme,
)  # fmt: skip

REACH = 48  # characters between predicate and noun
NOTHING = "nothing"  # in a noun's place: none is near
_IDEOGRAMS = "\u2e80"  # from here on, words have no spaces between them
Saying = tuple[Lexeme, str, str]  # predicate, the nouns that it may be said of, what this means (`deciding`)

RECIPIENT: tuple[Saying, ...] = (
    (EXCEEDS, "rate", "rate"),
    (FULL, "box person", "full"),
    (CLOSED, "box person domain", "closed"),
    (EXPIRED, "box", "closed"),
    (BARRED, "box", "closed"),
    (MISSING, "host domain", "no-such-domain"),
    (EXPIRED, "domain", "no-such-domain"),
    (MISSING, "box person email", "unknown-user"),
)
SENDER: tuple[Saying, ...] = (
    (MISSING, "sender", "sender-refused"),
    (CLOSED, "sender", "sender-refused"),
    (BARRED, "sender", "sender-refused"),
    (REFUSED, "sender", "sender-refused"),
    (REFUSED, "relay", "relay-denied"),
    (MISSING, "client", "blocklisted"),
)
CROWD: tuple[Saying, ...] = (
    (CROWDED, "link", "rate"),
    (CROWDED, "person", "many-recipients"),
)
RESOLVER: tuple[Saying, ...] = ((LATER, "host domain", "resolver"),)
SIZE: tuple[Saying, ...] = (
    (LARGE, "message email size", "too-large"),
    (EXCEEDS, "message email size", "too-large"),
)
MESSAGE: tuple[Saying, ...] = (
    (MANY, "message email link box person command host domain system client sender", "rate"),
    (FULL, "system", "system"),
    (FULL, "loop", "network"),
    (MISSING, "route", "network"),
    (LACKING, "tls", "tls"),
    (REFUSED, "link", "connection-refused"),
    (DOWN, "link system host domain", "network"),
    (REFUSED, "client", "blocklisted"),
    (LATER, "link system host domain box person", "later"),
    (LATER, f"message email command {NOTHING}", "put-off"),
)


def heard(rows: tuple[Saying, ...], text: str) -> str:
    """Return what the first row that holds in a folded text means, "" when none does."""
    for predicate, of, meaning in rows:
        if not _subjects(predicate, text).isdisjoint(of.split()):
            return meaning
    return ""


# A server, a line or a hop cannot be unknown or full of inactivity: the noun behind it is meant. Nor is a
# server refused: it is who refuses.
_PASSED: dict[str, frozenset[str]] = {
    "missing": frozenset({"system", "link", "size", "loop", "rate"}),
    "closed": frozenset({"size", "loop", "rate"}),
    "refused": frozenset({"system"}),
}


@lru_cache(maxsize=64)
def _subjects(predicate: Lexeme, text: str) -> frozenset[str]:
    """Name the nouns that a predicate is said of; several rows ask for the same ones."""
    passed = _PASSED.get(predicate.name, frozenset())
    found = set()
    for word, inner, whole in _stems(predicate.words):
        if word not in text:
            continue
        at = text.find(word)
        while at >= 0:
            end = at + len(word)
            begins = inner or at == 0 or not text[at - 1].isalnum()
            if begins and not (whole and text[end : end + 1].isalnum()):
                found.add(_nearest(text, at, end, passed=passed))
            at = text.find(word, end)
    return frozenset(found)


@cache
def _stems(words: str) -> tuple[tuple[str, bool, bool], ...]:
    """Give each stem, whether it may begin inside a word, and whether it must end with one (``full.``)."""
    return tuple(
        (word.removesuffix("."), word[0] >= _IDEOGRAMS or word.startswith("n't"), word.endswith("."))
        for word in words.split("|")
    )


def _nearest(text: str, at: int, end: int, *, passed: frozenset[str]) -> str:
    """Name the noun that is nearest to a predicate; of two at the same distance the one before; NOTHING.

    A noun right before one that is passed over ("recipient server") only says which one is meant.
    """
    best, name, before = REACH + 1, "", None
    kept = best, name
    for match in _nouns(NOUNS).finditer(text, *_sentence(text, at, end)):
        gap = at - match.end() if match.start() < at else match.start() - end
        owned = before is not None and text[before.end() : match.start()] in OF
        meant = before if owned and before is not None else match
        compound = before is not None and not owned and match.start() - before.end() == 1
        if compound and match.lastgroup in passed:
            best, name = kept
        kept = best, name
        before = match
        if meant.lastgroup not in passed and (gap < best or (match.start() < at and gap == best)):
            best, name = max(gap, 0), meant.lastgroup or ""
    return name or NOTHING


def _sentence(text: str, at: int, end: int) -> tuple[int, int]:
    """Give where to look for a noun: near, and in the same sentence."""
    start, stop = max(0, at - REACH - 20), min(len(text), end + REACH + 20)
    full_stop = text.find(". ", end, stop)
    return max(start, text.rfind(". ", start, at) + 1), full_stop if full_stop >= 0 else stop


@cache
def _nouns(lexemes: tuple[Lexeme, ...]) -> re.Pattern[str]:
    groups = []
    for lexeme in lexemes:
        words = [re.escape(word) for word in sorted(lexeme.words.split("|"), key=len, reverse=True)]
        latin = "|".join(word for word in words if word[-1] < _IDEOGRAMS)
        other = "|".join(word for word in words if word[-1] >= _IDEOGRAMS)
        parts = [rf"(?<![^\W_])(?:{latin})"] if latin else []
        groups.append(f"(?P<{lexeme.name}>{'|'.join([*parts, *filter(None, [other])])})")
    return re.compile("|".join(groups))
