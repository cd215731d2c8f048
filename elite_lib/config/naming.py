"""Read how a home calls its sheets and columns: ``[data.sheets]`` and ``[data.aliases]``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from elite_lib.config.spelling import nearest, plain
from elite_lib.models import SHEETS, TABLE

# The workbook's other names for our sheets ("Famille" is the tab of the program that homes come from).
_SHEETS = {"famille": "Contacts"}

Complain = Callable[..., None]  # code, key, facts of a ConfigError


def read_aliases(value: object, complain: Complain) -> Mapping[str, Mapping[str, str]]:
    """Read our sheet title -> their column title -> our column title."""
    titles = {plain(sheet.title): sheet.title for sheet in (*SHEETS, TABLE)} | _SHEETS
    found: dict[str, dict[str, str]] = {}
    if not isinstance(value, dict):
        complain("value_invalid", "data.aliases", value=value, expected="table")
        return found
    for name, table in value.items():
        dotted, sheet = f"data.aliases.{name}", titles.get(plain(name))
        if sheet is None:
            near = nearest(name, titles.values())
            complain("key_unknown", dotted, nearest=near and f"data.aliases.{near}")
        elif isinstance(table, dict):
            found.setdefault(sheet, {}).update(_columns(sheet, dotted, table, complain=complain))
        else:
            complain("value_invalid", dotted, value=table, expected="table")
    return found


def read_sheets(value: object, complain: Complain) -> Mapping[str, str]:
    """Read their title of a tab (or name of a CSV) -> our sheet title."""
    titles = {plain(sheet.title): sheet.title for sheet in SHEETS} | _SHEETS
    found: dict[str, str] = {}
    if not isinstance(value, dict):
        complain("value_invalid", "data.sheets", value=value, expected="table")
        return found
    for theirs, ours in value.items():
        title = titles.get(plain(ours)) if isinstance(ours, str) else None
        if title is None:
            expected = f"sheet:{nearest(str(ours), titles.values())}"
            complain("value_invalid", f"data.sheets.{theirs}", value=ours, expected=expected)
        else:
            found[theirs] = title
    return found


def _columns(
    sheet: str, above: str, table: Mapping[str, object], *, complain: Complain
) -> Iterator[tuple[str, str]]:
    columns = next(known.columns for known in (*SHEETS, TABLE) if known.title == sheet)
    titles = {plain(column.title): column.title for column in columns}
    for theirs, ours in table.items():
        title = titles.get(plain(ours)) if isinstance(ours, str) else None
        if title is None:
            expected = f"column:{nearest(str(ours), titles.values())}"
            complain("value_invalid", f"{above}.{theirs}", value=ours, expected=expected)
        else:
            yield theirs, title
