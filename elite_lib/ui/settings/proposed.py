"""A proposal of which sheet and column is which: as tables that a person can change, and as settings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from elite_lib import formats
from elite_lib.labels import _
from elite_lib.models import SHEETS, TABLE, Sheet
from elite_lib.ui import panels
from elite_lib.ui.settings.form import Block, choice, notice, table

if TYPE_CHECKING:
    from elite_lib.sources import Proposal, ProposedColumn, ProposedSheet

Rows = list[dict[str, str]]  # of data.sheets or data.aliases, as ``rows`` has them
_IN_CLEAR = ("date", "amount", "empty")  # what the cells are: nobody is known by these
_SHOWN = 4  # characters of a longer code


class ContradictionError(Exception):
    """Two are said to be the same; its text is the sentence."""


def blocks(proposal: Proposal, aliases: Rows) -> Iterator[Block]:
    """Show the tabs, then the columns of each, with what is not known yet; ``aliases``: of the settings."""
    if len(proposal.tabs) > 1:
        yield _tabs(proposal)
    for number, sheet in enumerate(proposal.sheets):
        yield {"kind": "title", "text": _heading(sheet)}
        yield _columns(sheet, number, _said(sheet, aliases))
    unsure = list(_unsure(proposal, aliases))
    if unsure:
        text = _("Say what these are, or that they are not used: {names}")
        yield notice(text.format(names=", ".join(unsure)), tone="info")
    for text in _missing(proposal):
        yield notice(text)
    if any(sheet.sheet is TABLE for sheet in proposal.sheets):
        text = _("A table with a row per invoice: another program makes its PDFs, see [documents] folder.")
        yield notice(text, tone="info")


def _tabs(proposal: Proposal) -> Block:
    theirs = {sheet.title: sheet.sheet for sheet in proposal.sheets}
    rows: list[list[str | Block]] = []
    for number, title in enumerate(proposal.tabs):
        by_name = _named(title)
        offered = [(sheet.title, sheet.title) for sheet in SHEETS]
        offered.append((TABLE.title, _("a table with a row per invoice")))
        if by_name is None or title not in theirs:
            offered.insert(0, ("", _("not used")))
        value = theirs[title].title if title in theirs else ""
        why = _("by its name") if by_name is theirs.get(title) and by_name else ""
        label = _("What the sheet “{name}” is").format(name=panels.quoted(title))
        cell = choice(f"tab:{number}", label, choices=offered, value=value)
        rows.append([panels.quoted(title), cell, why or (_("by its columns") if value else "–")])
    return table(_("The sheets of the file"), [_("Your sheet"), _("Our sheet"), _("Why")], rows)


def _heading(sheet: ProposedSheet) -> str:
    text = _("“{theirs}” → {ours}, titles in row {row}")
    return text.format(theirs=panels.quoted(sheet.title), ours=sheet.sheet.title, row=sheet.header)


def _columns(sheet: ProposedSheet, number: int, said: Mapping[str, str]) -> Block:
    rows: list[list[str | Block]] = []
    for place, column in enumerate(sheet.columns):
        told = said.get(_plain(column.title), "")
        label = _("What the column “{name}” is").format(name=panels.quoted(column.title))
        offered = [(one.title, one.title) for one in sheet.sheet.columns]
        if told or column.certainty != "sure":  # what a known title is cannot be left unread
            offered.insert(0, ("", _("not used")))
        value = told or ("" if column.certainty == "unsure" else column.ours)
        cell = choice(f"col:{number}:{place}", label, choices=offered, value=value)
        examples = " · ".join(masked(column, text) for text in column.examples)
        rows.append([panels.quoted(column.title), cell, *_known(column, told), examples])
    head = [_("Your column"), _("Our column"), _("Why"), _("How sure"), _("Its first cells, masked")]
    return table(_("The columns of “{name}”").format(name=panels.quoted(sheet.title)), head, rows)


def _known(column: ProposedColumn, told: str) -> tuple[str | Block, str | Block]:
    """Say why a column is taken for what it is, and how sure that is."""
    if told:
        return _("by the settings"), {"mark": "✓", "text": _("sure"), "tone": "good"}
    if column.certainty == "sure":
        return _("by its title"), {"mark": "✓", "text": _("sure"), "tone": "good"}
    if column.certainty == "likely":
        why = _("by a title that is nearly ours") if column.near else _("by what it holds")
        return why, {"mark": "≈", "text": _("probable"), "tone": "wait"}
    if column.certainty == "unsure":
        why = _("perhaps “{name}”, like others").format(name=column.ours)
        return why, {"mark": "?", "text": _("TO BE SAID"), "tone": "wait"}
    return "–", "–"


def _unsure(proposal: Proposal, aliases: Rows) -> Iterator[str]:
    for sheet in proposal.sheets:
        said = _said(sheet, aliases)
        for column in sheet.columns:
            if column.certainty == "unsure" and _plain(column.title) not in said:
                yield panels.quoted(column.title)


def _missing(proposal: Proposal) -> Iterator[str]:
    for title in proposal.missing:
        yield _("the sheet “{name}” is missing").format(name=title)
    for sheet in proposal.sheets:
        for title in sheet.missing:
            yield f"{sheet.sheet.title} – " + _("the column “{name}” is missing").format(name=title)


def _said(sheet: ProposedSheet, aliases: Rows) -> dict[str, str]:
    """Give what the settings say of a sheet's columns already."""
    titles = {column.title for column in sheet.sheet.columns}
    return {
        _plain(row["theirs"]): row["ours"]
        for row in aliases
        if row["sheet"] == sheet.sheet.title and row["ours"] in titles
    }


def masked(column: ProposedColumn, text: str) -> str:
    """Show what a cell is like, and not whose: names and addresses are masked, long codes cut."""
    if column.content in _IN_CLEAR:
        return text
    if "@" in text:
        return formats.masked(text)
    if any(map(str.isdigit, text)):
        return text if len(text) <= 2 * _SHOWN else f"{text[:_SHOWN]}•••"
    return re.sub(r"(\w)\w*", r"\1•••", panels.quoted(text))


# -- what a person said, as settings -------------------------------------------------------------------


def tabs_said(proposal: Proposal, choices: Mapping[str, str]) -> dict[str, str]:
    """Give what each tab is said to be.

    Raises:
        ContradictionError: two are one sheet.
    """
    said = {title: choices.get(f"tab:{number}", "") for number, title in enumerate(proposal.tabs)}
    _each_once(said)
    if TABLE.title in said.values() and sum(map(bool, said.values())) > 1:
        raise ContradictionError(
            _("A table with a row per invoice stands alone: the other sheets are not used.")
        )
    return said


def settings(
    proposal: Proposal, choices: Mapping[str, str], *, sheets: Rows, aliases: Rows
) -> dict[str, Any]:
    """Give the names that make the file understood, as the tab's fields; other files' names stay.

    Raises:
        ContradictionError: two columns of a sheet are said to be the same.
    """
    shown = {_plain(title) for title in proposal.tabs}
    kept = [row for row in sheets if _plain(row["theirs"]) not in shown]
    titles = list(aliases)
    tables = ""
    for number, sheet in enumerate(proposal.sheets):
        if sheet.sheet is TABLE:
            tables = sheet.title
        elif _named(sheet.title) is not sheet.sheet:
            kept.append({"theirs": sheet.title, "ours": sheet.sheet.title})
        said = {
            column.title: choices.get(f"col:{number}:{place}", "")
            for place, column in enumerate(sheet.columns)
        }
        _each_once(said)
        titles = [*_without(titles, sheet, said), *_aliases(sheet, said)]
    return {"data.table": tables, "data.sheets": kept, "data.aliases": titles}


def _without(titles: Rows, sheet: ProposedSheet, said: Mapping[str, str]) -> Iterator[dict[str, str]]:
    spoken = set(map(_plain, said))
    for row in titles:
        if row["sheet"] != sheet.sheet.title or _plain(row["theirs"]) not in spoken:
            yield row


def _aliases(sheet: ProposedSheet, said: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Name what is not understood by its title alone."""
    by_title = {column.title: column.ours for column in sheet.columns if column.certainty == "sure"}
    for theirs, ours in said.items():
        if ours and by_title.get(theirs) != ours:
            yield {"sheet": sheet.sheet.title, "theirs": theirs, "ours": ours}


def _each_once(said: Mapping[str, str]) -> None:
    for ours in filter(None, said.values()):
        same = [panels.quoted(theirs) for theirs, other in said.items() if other == ours]
        if len(same) > 1:
            text = _("These cannot all be “{name}”: {theirs}. Choose one.")
            raise ContradictionError(text.format(name=ours, theirs=", ".join(same)))


def _named(title: str) -> Sheet | None:
    from elite_lib.sources import headers  # noqa: PLC0415 (pandas, 0.8 s: only who looks at a file pays)

    return headers.sheet_named(title)


def _plain(title: str) -> str:
    from elite_lib.sources import headers  # noqa: PLC0415 (as above)

    return headers.normalised(title)
