"""Propose what the sheets and columns of another program's export are, and write it to elite.toml."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from elite_lib import batch as batches
from elite_lib import config
from elite_lib.cli import views
from elite_lib.cli.options import Home
from elite_lib.config import Changes
from elite_lib.exceptions import ConfigError
from elite_lib.labels import N_, _

if TYPE_CHECKING:
    from elite_lib.sources import Proposal, ProposedColumn

_CERTAINTY = {
    "sure": N_("by its title"),
    "likely": N_("by what it holds"),
    "unsure": N_("TO BE SAID"),
    "unused": N_("not used"),
}


def map_(
    file: Annotated[Path, typer.Argument(metavar=N_("FILE"), help=N_("The export: a workbook or a CSV."))],
    home: Home = None,
    column: Annotated[
        list[str] | None,
        typer.Option(
            "--column",
            metavar=N_("THEIRS=OURS"),
            help=N_("What a column is, where the program is not sure: “Montant=Net à payer”."),
        ),
    ] = None,
    write: Annotated[
        bool, typer.Option("--write", help=N_("Write the names to elite.toml; comments stay."))
    ] = False,
) -> None:
    """Propose which sheet and column is which; exit 3 when something is missing or unsure."""
    from elite_lib import sources  # noqa: PLC0415 (pandas, 0.8 s: only who reads a workbook pays)

    file = file.resolve()
    place = _home(home, needed=write)
    proposal = sources.propose(file, password=lambda: batches.workbook_password(place) if place else "")
    try:
        proposal = proposal.told(dict(_words(column or [])))
    except KeyError as unknown:
        raise ConfigError("column_unknown", file=file.name, value=unknown.args[0]) from None
    _show(proposal)
    if write and place is not None:
        config.save(place, _changes(proposal, place))
        views.say()
        views.say(_("Written to {path}.").format(path=place.toml))
    raise typer.Exit(0 if proposal.complete else views.REMAINDER)


def _home(home: Path | None, *, needed: bool) -> config.Home | None:
    with contextlib.nullcontext() if needed else contextlib.suppress(ConfigError):
        return config.Home(root=config.find_home(home, environ=os.environ, cwd=Path.cwd()))
    return None


def _words(given: list[str]) -> Iterator[tuple[str, str]]:
    for text in given:
        theirs, equals, ours = text.rpartition("=")
        if not equals:
            raise typer.BadParameter(_("Write --column like “Montant=Net à payer”."))
        yield theirs.strip(), ours.strip()


def _changes(proposal: Proposal, home: config.Home) -> Changes:
    layout, source = proposal.layout, proposal.source
    within = source.relative_to(home.root) if source.is_relative_to(home.root) else source
    changes: dict[str | tuple[str, ...], dict[str, object] | None] = {
        "data": {"source": str(within), "table": layout.table}
    }
    if layout.sheets:
        changes["data", "sheets"] = dict(layout.sheets)
    for sheet, names in layout.aliases.items():
        changes["data", "aliases", sheet] = dict(names)
    return changes


def _show(proposal: Proposal) -> None:
    for sheet in proposal.sheets:
        views.say(
            _("“{theirs}” → {ours}, titles in row {row}").format(
                theirs=sheet.title, ours=sheet.sheet.title, row=sheet.header
            )
        )
        views.table(_row(column) for column in sheet.columns)
        for title in sheet.missing:
            views.say("  ✗ " + _("the column “{name}” is missing").format(name=title))
        views.say()
    for title in proposal.missing:
        views.say("✗ " + _("the sheet “{name}” is missing").format(name=title))
    unsure = [c.title for sheet in proposal.sheets for c in sheet.columns if c.certainty == "unsure"]
    if unsure:
        views.say(_("Say what these are with --column: {names}").format(names=", ".join(unsure)))
    if proposal.sheets and proposal.layout.table:
        views.say(
            _("A table with a row per invoice: another program makes its PDFs, see [documents] folder.")
        )


def _row(column: ProposedColumn) -> tuple[str, ...]:
    return (
        column.title,
        f"→ {column.ours}" if column.ours else "",
        _(_CERTAINTY[column.certainty]),
        " · ".join(column.examples)[:60],
    )
