"""Which sheet and column of a file is which: proposed, changed by a person, then written to the settings."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from elite_lib import batch as batches
from elite_lib.config import Settings
from elite_lib.labels import _, explain
from elite_lib.ui.settings import proposed
from elite_lib.ui.settings.editing import Editing
from elite_lib.ui.settings.form import Act, Block, Form, action, buttons, notice
from elite_lib.ui.spawning import spawn

if TYPE_CHECKING:
    from elite_lib.sources import Proposal

PLACE = "mapping"
SAID = "mapping_said"


class MappingPanel:
    """Propose, take a person's word, save. Nothing is written before that."""

    def __init__(self, form: Form) -> None:
        self._form = form
        self._name = ""  # of the file, as the settings have it
        self._proposal: Proposal | None = None

    def propose(self, name: str, editing: Editing) -> None:
        """Look into the file that stands in the field, saved or not.

        Raises:
            WrongFieldsError: no file can have that name.
        """
        self._begin(editing, name, said=None)

    def again(self, act: Act, editing: Editing) -> None:
        """Propose the columns of the sheets as a person says that they are."""
        if self._proposal is None:
            return
        try:
            said = proposed.tabs_said(self._proposal, act.choices)
        except proposed.ContradictionError as wrong:
            self._form.done(act.name)
            self._form.show(SAID, notice(str(wrong)))
            return
        self._begin(editing, self._name, said=said)

    def _begin(self, editing: Editing, name: str, *, said: Mapping[str, str] | None) -> None:
        settings = editing.checked({"data.source": name})
        self._form.show(SAID)
        spawn(self._propose(settings, name, said, aliases=editing.values["data.aliases"]))

    async def _propose(
        self, settings: Settings, name: str, said: Mapping[str, str] | None, *, aliases: proposed.Rows
    ) -> None:
        try:
            self._form.show(PLACE, notice(_("The file is being looked through…"), tone="info"))
            found = await asyncio.to_thread(_proposal, settings, said)
            self._name, self._proposal = name, found
            self._form.show(PLACE, *proposed.blocks(found, aliases), _buttons(found))
        except Exception as error:
            self._proposal = None
            self._form.show(PLACE, notice(explain(error)))
        finally:
            self._form.done("map")
            self._form.done("map_again")

    def save(
        self, act: Act, editing: Editing, *, check: Callable[[Editing, str], list[Block]]
    ) -> dict[str, Any] | None:
        """Write the names that were chosen, and show what is still to be corrected in the file.

        Gives the fields that were written; None where nothing could be.

        Raises:
            WrongFieldsError, ConfigError, StorageError: as ``Editing.save``; nothing was written.
        """
        if self._proposal is None:
            return None
        editing.read()
        sheets, aliases = editing.values["data.sheets"], editing.values["data.aliases"]
        try:
            fields = proposed.settings(self._proposal, act.choices, sheets=sheets, aliases=aliases)
        except proposed.ContradictionError as wrong:
            self._form.show(SAID, notice(str(wrong)))
            return None
        fields["data.source"] = self._name
        editing.save(fields)
        self._proposal = None
        saved = notice(_("Saved in {file}.").format(file=editing.home.toml.name), tone="good")
        self._form.show(SAID)
        self._form.show(PLACE, saved, *check(editing, self._name))  # nothing that was chosen waits any more
        return fields


def _buttons(found: Proposal) -> Block:
    save = action("map_save", _("Save these names"), once=True)
    again = action("map_again", _("Propose again with these sheets"), once=True)
    return buttons(*([again] if len(found.tabs) > 1 else []), save)


def _proposal(settings: Settings, said: Mapping[str, str] | None) -> Proposal:
    from elite_lib import sources  # noqa: PLC0415 (pandas, 0.8 s: only who looks at a file pays)

    home = settings.home
    return sources.propose(settings.data.source, said=said, password=lambda: batches.workbook_password(home))
