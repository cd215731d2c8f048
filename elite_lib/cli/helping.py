"""Help in the office's language: annotations carry msgids, which are worded when the command is built."""

from __future__ import annotations

from collections.abc import Iterator

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from elite_lib.labels import N_, _

# Typer's own words; its "Usage", "Options" and "Arguments" are French as they are.
_OWN_HELP = N_("Show this message and exit.")
_SUBCOMMAND = N_("COMMAND [ARGUMENTS]…")


def worded(app: typer.Typer, *, help_asked: bool) -> TyperGroup:
    """Make the command of ``app`` with every help text and metavar in the current language."""
    group = typer.main.get_group(app)
    group.subcommand_metavar = _(_SUBCOMMAND)
    for command in _commands(group):
        own = command.get_help_option(typer.Context(command))
        if own is not None:
            own.help = _OWN_HELP
        for parameter in (*command.params, own):
            if isinstance(parameter, TyperArgument | TyperOption):
                parameter.help = _(parameter.help) if parameter.help else None
                parameter.metavar = _(parameter.metavar) if parameter.metavar else None
    if help_asked:
        _word_panels()
    return group


def _commands(group: TyperGroup) -> Iterator[TyperCommand | TyperGroup]:
    """List the group, its commands, and those of the groups within."""
    yield group
    for command in group.commands.values():
        if isinstance(command, TyperGroup):
            yield from _commands(command)
        elif isinstance(command, TyperCommand):
            yield command


def _word_panels() -> None:
    """Word what Typer puts around the texts; it reads these names when help is drawn."""
    from typer import rich_utils  # noqa: PLC0415 (rich, 0.3 s: only who asks for help pays)

    rich_utils.COMMANDS_PANEL_TITLE = _("Commands")
    rich_utils.REQUIRED_LONG_STRING = _("[required]")
    rich_utils.DEFAULT_STRING = _("[default: {}]")
