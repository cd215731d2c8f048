"""Compose: make a line's documents, prove them, write its messages; or say what holds the line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from elite_lib import composition, formats, outcomes
from elite_lib.batch.enclosures import general_enclosures, mail_logo, month_enclosures, own_enclosures
from elite_lib.batch.grouping import Part, grouped
from elite_lib.batch.office import Office
from elite_lib.batch.papers import Papers
from elite_lib.batch.protecting import protected
from elite_lib.batch.rendering import document_numbers, held, render_documents, store_documents
from elite_lib.exceptions import TemplateError
from elite_lib.models import (
    Attachment,
    DispatchLine,
    Disposition,
    DocumentKind,
    Draft,
    Parcel,
    Plan,
    Problem,
    ProblemCode,
    RecipientState,
    Wording,
)
from elite_lib.outbox import PreparedMessage
from elite_lib.outcomes import States


class Composer:
    """Render, prove and compose one line after the other."""

    def __init__(self, office: Office, *, wording: Wording, states: States, store: bool) -> None:
        self.office, self.wording, self.states, self.store = office, wording, states, store
        self.general, self.trouble = general_enclosures(office.settings)
        self.logo = mail_logo(office.settings)
        self.gone: tuple[RecipientState, ...] = ()
        self.papers: Papers | None = None
        self._months: dict[str, tuple[tuple[Attachment, ...], tuple[Problem, ...]]] = {}

    def month(
        self, plan: Plan, *, only: Collection[str] | None = None
    ) -> tuple[Plan, tuple[PreparedMessage, ...]]:
        """Compose the lines that go by mail (of these, ``only`` the ones with such a key): what became of
        each line, and the messages."""
        self.foresee(plan)
        lines: list[DispatchLine] = []
        messages: list[PreparedMessage] = []
        for line in plan.lines:
            wanted = line.disposition is Disposition.MAIL and (only is None or line.key in only)
            decided, mine = self.line(line) if wanted else (line, ())
            lines.append(decided)
            messages.extend(mine)
        plan = replace(plan, lines=tuple(lines))
        return plan, self._grouped(plan, messages) if self.wording.group else tuple(messages)

    def _grouped(self, plan: Plan, messages: Sequence[PreparedMessage]) -> tuple[PreparedMessage, ...]:
        def write(parts: Sequence[Part], attachments: Sequence[Attachment]) -> Draft:
            return composition.write_grouped(
                parts,
                attachments,
                wording=self.wording,
                account=self.office.account,
                establishment=self.office.settings.establishment,
                logo=self.logo,
            )

        limit = self.office.settings.message_limit
        return grouped(plan, messages, states=self.states, write=write, weigh=_weigh, limit=limit)

    def foresee(self, plan: Plan) -> None:
        """Note what left and is not in ``plan`` any more, before its lines are written one by one."""
        self.gone = outcomes.vanished(self.states, {line.key for line in plan.lines})
        self.papers = Papers(self.office.settings, plan.lines)

    def line(self, line: DispatchLine) -> tuple[DispatchLine, tuple[PreparedMessage, ...]]:
        own, own_trouble = own_enclosures(self.office.settings, line.key)
        of_month, month_trouble = self._of_month(line.month)
        found = (*self.trouble, *month_trouble, *own_trouble)
        problems = [replace(problem, held=(line.key,)) for problem in found]
        made, trouble = render_documents(self.office, line, papers=self.papers)
        problems += trouble
        papers, unprotected = protected(self.office.settings, line, made)
        problems += unprotected
        numbers = dict(document_numbers(line))
        left = outcomes.left_elsewhere(numbers.values(), line.key, self.states)
        left += outcomes.renumbered(line, self.gone, self.states)
        if left:
            facts = {"changes": "documents", "left": ", ".join(left)}
            problems.append(held(ProblemCode.CHANGED_AFTER_ACCEPTANCE, line, **facts))
        messages: list[PreparedMessage] = []
        if not problems:
            for parcel in line.parcels:
                enclosures = [papers[kind] for kind in parcel.documents] + [*self.general, *of_month, *own]
                message, problem = self._message(line, parcel, enclosures, numbers=numbers)
                if problem is not None and problem not in problems:
                    problems.append(problem)
                elif message is not None:
                    messages.append(message)
        if problems:
            return replace(line, disposition=Disposition.HELD, reasons=line.reasons + tuple(problems)), ()
        if self.store:
            store_documents(self.office.settings.home.documents / line.month, made.values())
        return line, tuple(messages)

    def _of_month(self, month: str) -> tuple[tuple[Attachment, ...], tuple[Problem, ...]]:
        if month not in self._months:
            self._months[month] = month_enclosures(self.office.settings, month)
        return self._months[month]

    def _message(
        self,
        line: DispatchLine,
        parcel: Parcel,
        attachments: Sequence[Attachment],
        *,
        numbers: Mapping[DocumentKind, str],
    ) -> tuple[PreparedMessage | None, Problem | None]:
        try:
            draft = self._draft(line, parcel, attachments)
        except TemplateError as error:
            if error.code != "header_invalid":
                raise  # the wording itself is wrong: no message can be written
            facts = {name: str(value) for name, value in error.fields.items()}
            return None, held(ProblemCode.HEADER_INVALID, line, **facts)
        weight, limit = _weigh(draft), self.office.settings.message_limit
        if weight > limit:
            facts = {"size": formats.size(weight), "limit": formats.size(limit)}
            return None, held(ProblemCode.MESSAGE_TOO_BIG, line, **facts)
        fingerprint = composition.fingerprint(draft)
        documents = tuple(numbers[kind] for kind in parcel.documents)
        changes = outcomes.changed(fingerprint, parcel, line.key, self.states, documents=documents)
        if changes:
            return None, held(ProblemCode.CHANGED_AFTER_ACCEPTANCE, line, changes=",".join(changes))
        return (
            PreparedMessage(
                key=parcel.key,
                line=line.key,
                month=line.month,
                draft=draft,
                documents=documents,
                fingerprint=fingerprint,
                sender=self.office.account.sender,
                replaces=outcomes.replaced(parcel, line.key, self.states),
            ),
            None,
        )

    def _draft(self, line: DispatchLine, parcel: Parcel, attachments: Sequence[Attachment]) -> Draft:
        return composition.write(
            line,
            parcel,
            attachments,
            wording=self.wording,
            account=self.office.account,
            establishment=self.office.settings.establishment,
            logo=self.logo,
        )


def _weigh(draft: Draft) -> int:
    """Weigh the message as it will leave: Message-ID and Date have a fixed length."""
    message_id = f"<{'0' * 24}@{draft.sender.rpartition('@')[2]}>"
    return len(
        composition.assemble(draft, message_id=message_id, date=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    )
