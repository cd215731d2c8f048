"""What has been kept for its time: shown first, put away when a person confirms what was shown."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from elite_lib import batch as batches
from elite_lib import formats
from elite_lib.batch import Kept, Office, Purge
from elite_lib.batch.purging import first_kept
from elite_lib.labels import _, explain, ngettext
from elite_lib.models import RetentionRule
from elite_lib.ui.settings.form import Act, Block, Form, action, buttons, notice, table
from elite_lib.ui.settings.words import KEPT
from elite_lib.ui.spawning import spawn

PLACE = "retention"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Looked:
    """What is past its time; files and bytes of each kind that is on the disk."""

    found: Purge
    rule: RetentionRule
    files: Mapping[Kept, int]
    sizes: Mapping[Kept, int]

    def count(self, kind: Kept) -> int:
        """Count files, and of the journal entries."""
        return self.files.get(kind, 0) or self.found.counts[kind]


class RetentionPanel:
    """Look, show, and put away what was shown, under the name of who confirms."""

    def __init__(self, form: Form) -> None:
        self._form = form
        self._shown: _Looked | None = None

    def look(self, office: Office, act: Act) -> None:
        """Show what is past its time by the settings as they are saved; nothing is changed."""
        self._shown = None
        if any(key.startswith("retention.") for key in act.values):
            self._form.done(act.name)
            self._form.show(PLACE, notice(_("Save the settings first: what is shown follows what is saved.")))
            return
        self._form.show(PLACE, notice(_("What is kept is being looked through…"), tone="info"))
        spawn(self._look(office))

    def put_away(self, office: Office) -> None:
        """Put away what is shown."""
        if self._shown is not None:
            spawn(self._put_away(office, self._shown))

    async def _look(self, office: Office) -> None:
        try:
            self._show(await asyncio.to_thread(_looked, office))
        except Exception as error:
            self._form.show(PLACE, notice(explain(error)))
        finally:
            self._form.done("purge_look")

    async def _put_away(self, office: Office, shown: _Looked) -> None:
        try:
            other = await asyncio.to_thread(_put_away, office, shown)
            if other is not None:
                text = _("What is past its time is not the same any more. Look again, then confirm.")
                self._show(other, notice(text))
            else:
                self._shown = None
                self._form.show(PLACE, notice(_said(shown), tone="good"))
        except (
            Exception
        ) as error:  # a run that holds the account: what was shown is still there to be confirmed
            self._form.show(PLACE, notice(explain(error)), append=True)
        finally:
            self._form.done("purge")

    def _show(self, looked: _Looked, *first: Block) -> None:
        found = looked.found
        self._shown = None if found.empty else looked
        blocks = [*first, _table(looked)]
        if found.kept:
            blocks.append(notice(_staying(len(found.kept)), tone="info"))
        if found.empty:
            blocks.append(notice(_("Nothing is past its time."), tone="good"))
        else:
            text = _("Nothing was changed yet. What is put away does not come back.")
            confirm = action("purge", _("Put it away for good"), once=True)
            blocks += [notice(text, tone="info"), buttons(confirm)]
        self._form.show(PLACE, *blocks)


def _said(gone: _Looked) -> str:
    files = sum(gone.files.values())
    text = ngettext("{n} file was put away.", "{n} files were put away.", files).format(n=files)
    if entries := len(gone.found.entries):
        text += " " + ngettext(
            "In {n} entry of the journal a mask took the address's place.",
            "In {n} entries of the journal a mask took the address's place.",
            entries,
        ).format(n=entries)
    return text + " " + _("The journal says so, with your name.")


def _staying(count: int) -> str:
    text = ngettext(
        "{n} batch stays for now: it may still be sent, or something in it is in doubt.",
        "{n} batches stay for now: they may still be sent, or something in them is in doubt.",
        count,
    )
    return text.format(n=count)


def _table(looked: _Looked) -> Block:
    head = [_("What"), _("Kept for"), _("What is from before"), _("Files or entries"), _("Weight")]
    now = dt.datetime.now(dt.UTC)
    rows = []
    for kind in Kept:
        months = int(getattr(looked.rule, kind.value))
        before = first_kept(months, now)
        rows.append(
            [
                _(KEPT[kind]),
                ngettext("{n} month", "{n} months", months).format(n=months) if months else _("ever"),
                formats.month(before) if before else "–",
                str(looked.count(kind)),
                formats.size(looked.sizes[kind]) if kind in looked.sizes else "–",
            ]
        )
    return table(_("What would be put away"), head, rows)


def _looked(office: Office) -> _Looked:
    """Look in a thread, with a journal of its own."""
    with batches.open_home(office.settings.home.root, operator=office.operator) as mine:
        return _weighed(batches.look_for_purge(mine), mine.settings.retention)


def _put_away(office: Office, shown: _Looked) -> _Looked | None:
    """Put away what was shown; where it is no longer the same, give what it is by now and do nothing."""
    with batches.open_home(office.settings.home.root, operator=office.operator) as mine:
        found = batches.look_for_purge(mine)
        if _facts(found) != _facts(shown.found):
            return _weighed(found, mine.settings.retention)
        batches.purge(mine, found)
    return None


def _facts(found: Purge) -> tuple[object, ...]:
    return found.places, found.batches, [entry.id for entry in found.entries]


def _weighed(found: Purge, rule: RetentionRule) -> _Looked:
    files, sizes = dict[Kept, int](), dict[Kept, int]()
    for kind, place in found.places:
        held = [file for file in (place.rglob("*") if place.is_dir() else [place]) if file.is_file()]
        files[kind] = files.get(kind, 0) + len(held)
        sizes[kind] = sizes.get(kind, 0) + sum(file.lstat().st_size for file in held)
    return _Looked(found=found, rule=rule, files=files, sizes=sizes)
