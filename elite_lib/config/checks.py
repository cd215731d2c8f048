"""Check the value of one setting: what the file says, turned into what the program uses."""

from __future__ import annotations

import ipaddress
import math
import re
from collections.abc import Callable
from urllib.parse import parse_qsl, urlsplit

from stdnum.exceptions import ValidationError
from stdnum.iso7064 import mod_97_10

from elite_lib.composition import canonical_address
from elite_lib.exceptions import ConfigError

Check = Callable[[object], object]  # value of the file -> value of the settings, or Unusable


class Unusable(Exception):  # noqa: N818 (never leaves this package; load makes a ConfigError of it)
    """A value is not what its key needs; ``expected`` is a word that labels explain."""

    def __init__(self, expected: str) -> None:
        self.expected = expected
        super().__init__(expected)


def text(value: object) -> str:
    """Take a text of any length; line ends become ``\\n``, blank lines around it go."""
    if not isinstance(value, str):
        raise Unusable("text")
    kept = value.replace("\r\n", "\n").replace("\r", "\n")
    if re.search(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]", kept):
        raise Unusable("text")
    return kept.strip("\n")


def line(value: object) -> str:
    """Take a text of one line: it may end up in a header or in a frame of one line."""
    if not isinstance(value, str) or re.search(r"[\x00-\x1f\x7f\x85\u2028\u2029\ud800-\udfff]", value):
        raise Unusable("line")
    return value.strip()


def lines(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise Unusable("lines")
    try:
        return tuple(filter(None, map(line, value)))
    except Unusable:
        raise Unusable("lines") from None


def flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise Unusable("flag")
    return value


def whole(least: int, most: int | None = None) -> Check:
    expected = f"whole:{least}" + ("" if most is None else f"..{most}")

    def check(value: object) -> int:
        # bool is an int in Python: `port = true` must not become port 1
        if isinstance(value, bool) or not isinstance(value, int):
            raise Unusable(expected)
        if value < least or (most is not None and value > most):
            raise Unusable(expected)
        return value

    return check


def seconds(least: float, most: float) -> Check:
    expected = f"seconds:{least:g}..{most:g}"

    def check(value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise Unusable(expected)
        if not math.isfinite(value) or not least <= value <= most:  # TOML knows inf and nan
            raise Unusable(expected)
        return float(value)

    return check


def choice(*words: str) -> Check:
    def check(value: object) -> str:
        if value not in words:
            raise Unusable(f"choice:{','.join(filter(None, words))}")
        return str(value)

    return check


def pattern_of(expected: str, pattern: str, *, drop: str = "") -> Check:
    compiled = re.compile(pattern)

    def check(value: object) -> str:
        kept = line(value)
        for character in drop:
            kept = kept.replace(character, "")
        if kept and not compiled.fullmatch(kept):
            raise Unusable(expected)
        return kept

    return check


def standard(expected: str, validate: Callable[[str], str]) -> Check:
    """Check a number by its standard's own digits: one wrong digit sends the money elsewhere."""

    def check(value: object) -> str:
        kept = line(value)
        try:
            return validate(kept) if kept else ""
        except ValidationError:
            raise Unusable(expected) from None

    return check


def creditor_id(value: str) -> str:
    """EPC262-08: country, check digits, a free business code of 3, the national identifier."""
    compact = value.replace(" ", "").upper()
    if not re.fullmatch(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{3}[A-Z0-9]{1,28}", compact):
        raise ValidationError
    mod_97_10.validate(compact[7:] + compact[:4])  # the business code is not part of the sum
    return compact


def email(value: object) -> str:
    kept = line(value)
    try:
        return canonical_address(kept) if kept else ""
    except ConfigError:
        raise Unusable("email") from None


def host(value: object) -> str:
    """Take a host name or an address, without port or scheme."""
    kept = line(value).rstrip(".")
    label = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
    if not kept or re.fullmatch(rf"{label}(?:\.{label})*", kept):
        return kept.lower()
    try:
        return str(ipaddress.ip_address(kept))
    except ValueError:
        raise Unusable("host") from None


def domains(value: object) -> tuple[str, ...]:
    """Take domains as addresses have them after the @: lower-case, in punycode."""
    found = []
    for text_ in lines(value):
        name = text_.removeprefix("@")
        try:
            found.append(canonical_address(f"x@{name}").removeprefix("x@"))
        except ConfigError:
            raise Unusable("domain") from None
    return tuple(found)


def journal_url(value: object) -> str:
    """Take the address of a PostgreSQL database, without a password."""
    kept = line(value)
    try:
        parts = urlsplit(kept)
        named = {name.lower() for name, _ in parse_qsl(parts.query)}
    except ValueError:
        raise Unusable("journal_url") from None
    if parts.password is not None or "password" in named:
        raise Unusable("secret")
    if kept and (parts.scheme not in ("postgresql", "postgresql+psycopg") or not parts.path.strip("/")):
        raise Unusable("journal_url")
    return kept


def https(value: object) -> str:
    """Take an address that secrets may be sent to: encrypted, or of this very machine."""
    kept = line(value)
    if kept and not re.match(r"https://[^/@]+/|http://(127\.0\.0\.1|localhost|\[::1\])(:[0-9]+)?/", kept):
        raise Unusable("https")
    return kept


def filled(check: Check) -> Check:
    def strict(value: object) -> object:
        kept = check(value)
        if not kept:
            raise Unusable("filled")
        return kept

    return strict
