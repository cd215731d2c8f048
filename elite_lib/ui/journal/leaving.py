"""A single on its way: by our account in a process of its own, or into a mail program; what came of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import ipywidgets as widgets
from markupsafe import Markup

from elite_lib import batch as batches
from elite_lib import launcher
from elite_lib.batch import Office, Single, run_of
from elite_lib.handover import Handed
from elite_lib.labels import N_, _, explain, word
from elite_lib.labels.history import tell_entry
from elite_lib.launcher import Launched
from elite_lib.models import Batch, EntryKind, Status, Way
from elite_lib.ui import panels
from elite_lib.ui.downloads import Download, File

Tell = Callable[[str], None]  # says on the page how it stands
_LOOK = 0.3  # seconds between two looks at the journal
_HANDED: Mapping[Way, str] = {
    Way.DRAFT: N_("The draft is in the mailbox, among the drafts: open it there, read it, send it."),
    Way.EML: N_("The message is a file: open it with your mail program, read it, send it."),
    Way.THUNDERBIRD: N_("Thunderbird opens the message: read it, send it there."),
    Way.OUTLOOK: N_("Outlook opens the message: read it, send it there."),
    Way.MAILTO: N_(
        "Save the files, open the message with the link, attach the files there, read it, send it."
    ),
    Way.MAPI: N_("The mail program opened the message: what you sent there has left."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What came of it, for a person."""

    sentence: str
    kind: str = "good"  # of the notice
    files: tuple[File, ...] = ()  # to be saved
    at_once: bool = False  # the browser saves them without being asked
    links: tuple[str, ...] = ()

    @property
    def good(self) -> bool:
        return self.kind == "good"


class Leaving:
    """What a person takes along: files to save, links to click."""

    def __init__(self) -> None:
        self.saver = Download("", lambda: None)  # unseen: it saves at once
        self.saver.layout.display = "none"
        self.buttons, self.links = panels.row(style="elite-actions"), widgets.HTML()
        self.widget = panels.column(self.links, self.buttons, self.saver)

    def show(self, done: Done) -> None:
        """Offer what there is, and save at once what is to be."""
        self.buttons.children = [
            Download(_("Save {name}").format(name=file.name), partial(_same, file)) for file in done.files
        ]
        links = [
            Markup('<a class="elite-mailto" href="{}">{}</a>').format(link, _("Open the message"))
            for link in done.links
        ]
        self.links.value = str(Markup("<br>").join(links))
        for file in done.files if done.at_once else ():
            self.saver.hand_over(file)


def _same(file: File) -> File:
    return file


# -- by our account ----------------------------------------------------------------------------------


async def sent(office: Office, single: Single, _way: Way, *, confirmed: bool, tell: Tell) -> Done:
    """Freeze it here, send it in a process of its own, and wait for what the journal says.

    The page never sends: its kernel dies with its tab. What was launched goes on.
    """
    waits = False
    frozen = await asyncio.to_thread(_frozen, office, single, confirmed=confirmed)
    launched = launcher.start(office, frozen.period.key, batch=frozen.id, single=True)
    while True:
        gone = launched.process.poll() is not None  # before the look: its last entry is there then
        if (done := _ended(office, launched)) is not None:
            return done
        if gone:
            return _vanished(launched)
        if not waits and (waits := _queued(office, launched)):
            tell(
                _(
                    "A sending is under way with this account: it takes this invoice between two messages. "
                    "You may close the page."
                )
            )
        await asyncio.sleep(_LOOK)


def _frozen(office: Office, single: Single, *, confirmed: bool) -> Batch:
    with batches.open_home(office.settings.home.root, operator=office.operator) as mine:
        return batches.freeze_single(mine, single, confirmed=confirmed)


def _ended(office: Office, launched: Launched) -> Done | None:
    entries = office.journal.entries(run=launched.launch.run)
    end = next((entry for entry in entries if entry.kind is EntryKind.RUN_ENDED), None)
    if end is None:
        return None
    verdicts = [entry for entry in entries if entry.kind is EntryKind.VERDICT]
    said = [tell_entry(entry) for entry in verdicts]
    stop = run_of(end).stopped
    if stop is not None:
        said.append(explain(stop.error) if stop.error else f"{word(stop.reason)} {stop.detail}".strip())
    statuses = {outcome.status for entry in verdicts for outcome in entry.recipients}
    if stop is None and statuses == {Status.ACCEPTED}:
        return Done(sentence="\n".join(said))
    return Done(sentence="\n".join(said) or _("Nothing left."), kind="error")


def _queued(office: Office, launched: Launched) -> bool:
    return bool(office.journal.entries(kinds=[EntryKind.QUEUED], run=launched.launch.run))


def _vanished(launched: Launched) -> Done:
    if launched.process.returncode == launcher.BUSY:
        return Done(
            sentence=_(
                "A sending is under way with this account and did not take this invoice. It did not leave: "
                "send it when that has ended."
            ),
            kind="warn",
        )
    broken = _("The sending broke off; the history says what is known. Its log: {path}")
    return Done(sentence=broken.format(path=str(launched.launch.folder)), kind="error")


# -- by a mail program -------------------------------------------------------------------------------


async def handed(office: Office, single: Single, way: Way, *, confirmed: bool, tell: Tell) -> Done:
    """Open it in a mail program, beside the page: a program may take its time, a mailbox as well."""
    tell(_("The message is being handed over…"))
    found = await asyncio.to_thread(_hand, office, single, way, confirmed=confirmed)
    how = _(_HANDED[way])
    when = _("It counts as sent when its copy arrives, or when you say so here (“Checked: it left”).")
    return Done(
        sentence=f"{how}\n{when}",
        files=_files(found, single, listed=way is Way.MAILTO),
        at_once=way is Way.EML,
        links=tuple(one.link for one in found if one.link),
    )


def _hand(office: Office, single: Single, way: Way, *, confirmed: bool) -> tuple[Handed, ...]:
    with batches.open_home(office.settings.home.root, operator=office.operator) as mine:
        method = batches.handover_methods(mine)[way]
        return batches.hand_over(mine, single, method, confirmed=confirmed)


def _files(found: Sequence[Handed], single: Single, *, listed: bool) -> tuple[File, ...]:
    number = single.line.number
    several = len(found) > 1
    letters = [
        File(
            name=f"{number}-{n}.eml" if several else f"{number}.eml",
            content=one.content,
            media_type="message/rfc822",
        )
        for n, one in enumerate(found, start=1)
        if one.content
    ]
    if not listed:
        return tuple(letters)
    items = {item.name: item for message in single.messages for item in message.draft.attachments}
    papers = [File(name=i.name, content=i.content, media_type=i.media_type) for i in items.values()]
    return (*letters, *papers)
