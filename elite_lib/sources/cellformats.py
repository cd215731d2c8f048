"""Apply the number formats that carry meaning: leading zeros, fixed letters, per cent."""

from __future__ import annotations

import re

# ECMA-376 part 1, 18.8.30 numFmt, and the same numbers in [MS-XLS] 2.4.126: of the formats that have a number
# and no code, those that show more than the value. openpyxl has them all, and takes 0.2 s to load.
BUILT_IN = {9: "0%", 10: "0.00%"}

_LITERAL = re.compile(r'"([^"]*)"|\\(.)|_.|\*.|\[[^\]]*\]|([ \-()\u00a0\u202f])')
_PLACES = frozenset("0#?")


def shown(value: float, form: str) -> str | None:
    """Write a number as its format shows it, or None where the format adds nothing that matters.

    ``000000`` pads with zeros, ``0#" "##`` is a telephone number, ``"F"00000`` puts letters before. Any
    format with decimals, thousands or dates is None: such a cell is a number and no code.
    """
    section = form.partition(";")[0]
    if "%" in section:
        return f"{value * 100:.12g}".replace(".", ",") + "%"
    parts = _parts(section)
    if parts is None or value < 0 or value != int(value) or value >= 1e15:
        return None
    places = sum(part in _PLACES for part, literal in parts if not literal)
    if not any(literal for _, literal in parts) and sum(p == "0" for p, _ in parts) < 2:
        return None
    return _filled(parts, str(int(value)), places)


def _parts(section: str) -> list[tuple[str, bool]] | None:
    """Split a format into digit places and literals; None when it holds anything else."""
    parts: list[tuple[str, bool]] = []
    position = 0
    while position < len(section):
        if section[position] in _PLACES:
            parts.append((section[position], False))
            position += 1
            continue
        match = _LITERAL.match(section, position)
        if match is None:
            return None
        literal = next((group for group in match.groups() if group), "")
        if literal:
            parts.append((literal, True))
        position = match.end()
    return parts if any(not literal for _, literal in parts) else None


def _filled(parts: list[tuple[str, bool]], digits: str, places: int) -> str:
    """Fill the places from the right; what is left of the digits goes before the first place."""
    digits = digits.rjust(places) if digits != "0" else " " * places
    extra, digits = digits[: len(digits) - places], digits[len(digits) - places :]
    written, position = [], 0
    for part, literal in parts:
        if literal:
            written.append(part)
            continue
        digit = digits[position]
        if position == 0:
            written.append(extra)
        position += 1
        written.append(("0" if part == "0" else "") if digit == " " else digit)
    return "".join(written).strip()
