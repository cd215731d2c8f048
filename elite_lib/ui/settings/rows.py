"""Tables of tables as rows of a form: ``[lanes.…]``, ``[data.sheets]``, ``[data.aliases.…]``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from elite_lib.config import Changes
from elite_lib.config.keys import LANE
from elite_lib.config.spelling import plain
from elite_lib.labels import _
from elite_lib.models import SHEETS, TABLE
from elite_lib.pacing import PROVIDERS
from elite_lib.ui.settings.fields import Field

Row = dict[str, str]

_LANE = {
    name: Field(key=f"lanes.{name}", kind="lines" if name == "domains" else "number", default=None)
    for name in LANE
}
_OTHER_TITLES = {"famille": "Contacts"}


def lanes_spec() -> dict[str, Any]:
    """Describe the rows of ``[lanes]`` to the page."""
    labels = {
        "name": _("Provider, or domain"),
        "domains": _("Further domains"),
        "between": _("Seconds between two"),
        "per_minute": _("At most a minute"),
        "per_hour": _("At most an hour"),
        "per_day": _("At most a day"),
    }
    return {
        "key": "lanes",
        "kind": "rows",
        "label": _("Slow a provider of the families down"),
        "help": _(
            "Known: {names}. A new name needs its domains; a domain alone is a provider of its own. "
            "Several domains: separate them by spaces."
        ).format(names=", ".join(PROVIDERS)),
        "add": _("Add a provider"),
        "columns": [{"name": name, "label": label} for name, label in labels.items()],
    }


def aliases_spec() -> dict[str, Any]:
    """Describe the rows of ``[data.aliases]`` to the page."""
    titles = [{"value": sheet.title, "label": sheet.title} for sheet in (*SHEETS, TABLE)]
    return {
        "key": "data.aliases",
        "kind": "rows",
        "label": _("Columns that have other titles in your workbook"),
        "help": _("Only where a title is not recognised: yours, and ours as the guide names it."),
        "add": _("Add a title"),
        "columns": [
            {"name": "sheet", "label": _("Sheet"), "choices": titles},
            {"name": "theirs", "label": _("Your title")},
            {"name": "ours", "label": _("Our title")},
        ],
    }


def sheets_spec() -> dict[str, Any]:
    """Describe the rows of ``[data.sheets]`` to the page."""
    titles = [{"value": sheet.title, "label": sheet.title} for sheet in SHEETS]
    return {
        "key": "data.sheets",
        "kind": "rows",
        "label": _("Sheets that have other names in your workbook"),
        "help": "",
        "add": _("Add a sheet"),
        "columns": [
            {"name": "theirs", "label": _("Your sheet")},
            {"name": "ours", "label": _("Our sheet"), "choices": titles},
        ],
    }


def sheets_shown(sheets: Mapping[str, Any]) -> list[Row]:
    """Give the file's other names of sheets as rows."""
    return [{"theirs": theirs, "ours": str(ours)} for theirs, ours in sheets.items()]


def sheets_changed(before: Mapping[str, Any], rows: Iterable[Row]) -> Changes:
    """Give what must be written so that the file has these names."""
    after = {row.get("theirs", "").strip(): row.get("ours") or SHEETS[0].title for row in rows}
    after.pop("", None)
    if after == before:
        return {}
    return {("data", "sheets"): dict.fromkeys(before) | after if after else None}


def lanes_shown(lanes: Mapping[str, Any]) -> list[Row]:
    """Give the file's lanes as rows."""
    return [
        {"name": name} | {key: _shown(key, values[key]) if key in values else "" for key in LANE}
        for name, values in lanes.items()
    ]


def _shown(key: str, value: Any) -> str:
    return " ".join(value) if key == "domains" else str(_LANE[key].shown(value))


def lanes_changed(before: Mapping[str, Any], rows: Iterable[Row]) -> Changes:
    """Give what must be written so that the file has these lanes.

    Raises:
        ValueError: two rows have one name, or a row has none; its text is the sentence.
    """
    after: dict[str, dict[str, Any]] = {}
    for row in rows:
        name = row.get("name", "").strip()
        given = {key: text for key in LANE if (text := row.get(key, "").strip())}
        if not name and not given:
            continue
        if not name or name in after:
            raise ValueError(_("Each row needs a name of its own."))
        after[name] = {key: _raw(key, text) for key, text in given.items()}
    changes: dict[str | tuple[str, ...], Mapping[str, object] | None] = {}
    for name in before.keys() - after.keys():
        changes["lanes", name] = None
    for name, values in after.items():
        if values != before.get(name):
            changes["lanes", name] = dict.fromkeys(before.get(name, {})) | values
    return changes


def _raw(key: str, text: str) -> Any:
    return text.replace(",", " ").replace(";", " ").split() if key == "domains" else _LANE[key].raw(text)


def aliases_shown(aliases: Mapping[str, Any]) -> list[Row]:
    """Give the file's other titles as rows."""
    return [
        {"sheet": _title(sheet), "theirs": theirs, "ours": str(ours)}
        for sheet, columns in aliases.items()
        for theirs, ours in columns.items()
    ]


def _title(sheet: str) -> str:
    titles = {plain(known.title): known.title for known in (*SHEETS, TABLE)} | _OTHER_TITLES
    return titles.get(plain(sheet), sheet)


def aliases_changed(before: Mapping[str, Any], rows: Iterable[Row]) -> Changes:
    """Give what must be written so that the file has these titles.

    Raises:
        ValueError: a row lacks a title; its text is the sentence.
    """
    after: dict[str, dict[str, str]] = {}
    for row in rows:
        theirs, ours = row.get("theirs", "").strip(), row.get("ours", "").strip()
        if theirs and ours:
            after.setdefault(row.get("sheet") or SHEETS[0].title, {})[theirs] = ours
        elif theirs or ours:
            raise ValueError(_("Each row needs both titles."))
    names = {_title(sheet): sheet for sheet in before}  # as the file spells them
    changes: dict[str | tuple[str, ...], Mapping[str, object] | None] = {}
    for title in names.keys() - after.keys():
        changes["data", "aliases", names[title]] = None
    for title, columns in after.items():
        sheet = names.get(title, title)
        if columns != before.get(sheet):
            changes["data", "aliases", sheet] = dict.fromkeys(before.get(sheet, {})) | columns
    return changes
