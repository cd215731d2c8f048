"""Help in the office's language: annotations carry msgids, which are worded when the command is built."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from elite_lib.labels import N_, _

# Typer's own words; its "Usage", "Options" and "Arguments" are French as they are.
_OWN_HELP = N_("Show this message and exit.")
_SUBCOMMAND = N_("COMMAND [ARGUMENTS]…")


def worded(app: typer.Typer, arguments: Sequence[str]) -> TyperGroup:
    """Make the command of ``app`` with every help text and metavar in the current language."""
    group = typer.main.get_group(app)
    say = _drawn() if _draws_help(group, arguments) else _
    for command in _commands(group):
        if isinstance(command, TyperGroup):
            command.subcommand_metavar = _(_SUBCOMMAND)
        own = command.get_help_option(typer.Context(command))
        if own is not None:
            own.help = _OWN_HELP
        for parameter in (*command.params, own):
            if isinstance(parameter, TyperArgument | TyperOption):
                parameter.help = say(parameter.help) if parameter.help else None
                parameter.metavar = _(parameter.metavar) if parameter.metavar else None
    return group


def _draws_help(group: TyperGroup, arguments: Sequence[str]) -> bool:
    """Tell whether help is drawn: who asks for it, or names a group without one of its commands."""
    groups = [name for name, command in group.commands.items() if isinstance(command, TyperGroup)]
    return "--help" in arguments or not arguments or (len(arguments) == 1 and arguments[0] in groups)


def _commands(group: TyperGroup) -> Iterator[TyperCommand | TyperGroup]:
    """List the group, its commands, and those of the groups within."""
    yield group
    for command in group.commands.values():
        if isinstance(command, TyperGroup):
            yield from _commands(command)
        elif isinstance(command, TyperCommand):
            yield command


def _drawn() -> Callable[[str], str]:
    """Word what Typer puts around the texts, and give how a text is written to be drawn as it is."""
    from rich.markup import escape  # noqa: PLC0415 (rich, 0.3 s: only who asks for help pays)
    from typer import rich_utils  # noqa: PLC0415

    rich_utils.COMMANDS_PANEL_TITLE = _("Commands")
    rich_utils.REQUIRED_LONG_STRING = _("[required]")
    rich_utils.DEFAULT_STRING = _("[default: {}]")
    return lambda text: escape(_(text))  # "[notice] to" names a setting, no colour
