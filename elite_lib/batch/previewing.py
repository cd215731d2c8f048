"""Previews: what a line's messages would be now, and what would hold it. Nothing is stored."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from elite_lib import composition
from elite_lib.batch.composing import Composer
from elite_lib.batch.grouping import mate
from elite_lib.batch.office import Office
from elite_lib.batch.rendering import render_documents
from elite_lib.models import Attachment, DispatchLine, Disposition, Draft, Plan, Problem, Wording
from elite_lib.outbox import PreparedMessage
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
        self._office, self._plan = office, plan
        self._composer = Composer(office, wording=wording, states=states, store=False)
        self._composer.foresee(plan)

    def line(self, line: DispatchLine, *, papers: bool = False, ticked: Collection[str] = ()) -> Written:
        """Write the messages of one line; ``papers``: make the documents of a line without any, too.

        What a guardian would receive in one message with those of ``ticked`` lines is shown so.

        Raises:
            TemplateError: the wording itself is wrong.
        """
        if line.disposition in (Disposition.MAIL, Disposition.UNTICKED) and line.parcels:
            decided, messages = self._together(line, ticked)
            found = decided.reasons if decided.disposition is Disposition.HELD else ()
            return Written(drafts=tuple(message.draft for message in messages), problems=found)
        made: tuple[Attachment, ...] = ()
        if papers:
            rendered, _trouble = render_documents(self._office, line, papers=self._composer.papers)
            made = tuple(rendered.values())
        return Written(problems=line.reasons, documents=made)

    def _together(
        self, line: DispatchLine, ticked: Collection[str]
    ) -> tuple[DispatchLine, tuple[PreparedMessage, ...]]:
        known = [(one, parcel) for one in self._plan.lines if one.key in ticked for parcel in one.parcels]
        mine = {mate(line, parcel) for parcel in line.parcels if parcel.guardian}
        others = {one.key for one, parcel in known if parcel.guardian and mate(one, parcel) in mine} - {
            line.key
        }
        if not (others and self._composer.wording.group and line.disposition is Disposition.MAIL):
            return self._composer.line(line)
        plan, messages = self._composer.month(self._plan, only={line.key, *others})
        decided = next(one for one in plan.lines if one.key == line.key)
        return decided, tuple(message for message in messages if message.line == line.key)


def weight(draft: Draft) -> int:
    """Weigh a message as it will leave, in bytes."""
    message_id = f"<{'0' * 24}@{draft.sender.rpartition('@')[2]}>"
    return len(composition.assemble(draft, message_id=message_id, date=_DATE))
