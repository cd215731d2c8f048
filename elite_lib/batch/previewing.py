"""Previews: what a line's messages would be now, and what would hold it. Nothing is stored."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from elite_lib import composition
from elite_lib.batch.composing import Composer
from elite_lib.batch.office import Office
from elite_lib.batch.rendering import render_documents
from elite_lib.models import Attachment, DispatchLine, Disposition, Draft, Plan, Problem, Wording
from elite_lib.outcomes import States

_DATE = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)  # Message-ID and Date have a fixed length


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One line as it would leave now."""

    drafts: tuple[Draft, ...] = ()
    problems: tuple[Problem, ...] = ()  # what would hold it, or leaves it to paper
    documents: tuple[Attachment, ...] = ()  # of a line without a message

    @property
    def size(self) -> int:
        """Give the bytes of the heaviest message, as it would be sent."""
        return max(map(weight, self.drafts), default=0)


class Previewer:
    """Write one line after the other with the same wording."""

    def __init__(self, office: Office, plan: Plan, *, wording: Wording, states: States) -> None:
        self._office = office
        self._composer = Composer(office, wording=wording, states=states, store=False)
        self._composer.foresee(plan)

    def line(self, line: DispatchLine, *, papers: bool = False) -> Written:
        """Write the messages of one line; ``papers``: make the documents of a line without any, too.

        Raises:
            TemplateError: the wording itself is wrong.
        """
        if line.disposition in (Disposition.MAIL, Disposition.UNTICKED) and line.parcels:
            decided, messages = self._composer.line(line)
            found = decided.reasons if decided.disposition is Disposition.HELD else ()
            return Written(drafts=tuple(message.draft for message in messages), problems=found)
        made: tuple[Attachment, ...] = ()
        if papers:
            rendered, _trouble = render_documents(self._office, line, papers=self._composer.papers)
            made = tuple(rendered.values())
        return Written(problems=line.reasons, documents=made)


def weight(draft: Draft) -> int:
    """Weigh a message as it will leave, in bytes."""
    message_id = f"<{'0' * 24}@{draft.sender.rpartition('@')[2]}>"
    return len(composition.assemble(draft, message_id=message_id, date=_DATE))
