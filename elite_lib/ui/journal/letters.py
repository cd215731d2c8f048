"""The messages of one invoice as they were sent: words, pages of the attachments, files to keep."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence

import ipywidgets as widgets

from elite_lib import batch as batches
from elite_lib import formats
from elite_lib.batch import Office, SentMessage
from elite_lib.labels import _
from elite_lib.models import Entry, EntryKind
from elite_lib.ui import panels
from elite_lib.ui.downloads import Download, File
from elite_lib.ui.preview import framed, paper, plain
from elite_lib.ui.rows import instant

_CARRIES = frozenset({EntryKind.VERDICT, EntryKind.HANDED_OVER, EntryKind.ATTEMPTING})
_MESSAGE, _PLAIN, _FILE = "", "text", "file:"


class LetterPanel:
    """Choose one of the messages that left, and what of it is shown."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self._entries: dict[int, Entry] = {}
        self._message: SentMessage | None = None
        self._silent = False
        self.notice = panels.Notice()
        self.which = widgets.Dropdown(description=_("Message as it was sent"))
        self.which.add_class("elite-field")
        self.which.add_class("elite-broad")
        self.what = widgets.Dropdown(description=_("Show"))
        self.what.add_class("elite-field")
        self.body = widgets.HTML()
        self.save = Download(_("Save this file"), self._file)
        guarded: Callable[[Callable[[], None]], Callable[[], None]] = self.notice.guarded
        take, draw = guarded(self._take), guarded(self._draw)
        self.which.observe(lambda _change: self._chosen(take), names="value")
        self.what.observe(lambda _change: self._chosen(draw), names="value")
        self.widget = panels.column(
            panels.heading(_("Messages"), level=3),
            panels.row(self.which, self.what, self.save, style="elite-actions elite-end"),
            self.notice,
            self.body,
            style="elite-preview",
        )

    def show(self, entries: Sequence[Entry]) -> None:
        """Offer the messages that these entries are about, the newest first."""
        self.notice.clear()
        found = [entry for entry in reversed(entries) if entry.kind in _CARRIES and entry.batch]
        self._entries = {entry.id: entry for entry in found}
        self._silent = True
        self.which.options = [(_title(entry), entry.id) for entry in found]
        self.which.value = found[0].id if found else None
        self._silent = False
        panels.show(self.widget, bool(found))
        self.notice.guarded(self._take)()

    def _chosen(self, act: Callable[[], None]) -> None:
        if not self._silent:
            act()

    def _take(self) -> None:
        """Read the message that is chosen.

        Raises:
            OutboxError: ``batch_altered``: it is not shown as if it were the one.
        """
        self._message, self.body.value = None, ""
        self.notice.clear()
        entry = self._entries.get(self.which.value or 0)
        try:
            self._message = batches.sent_message(self.office, entry) if entry is not None else None
        finally:
            self._offer()
        if self._message is None and entry is not None:
            self.notice.tell(
                _("This message is not kept any more, or is on another machine: only its history is."),
                kind="info",
            )
        self._draw()

    def _offer(self) -> None:
        message, options = self._message, []
        if message is not None:
            options = [(_("the message"), _MESSAGE), (_("the text alone"), _PLAIN)]
            options += [(item.name, f"{_FILE}{item.name}") for item in message.attachments]
        self._silent = True
        self.what.options = options
        self.what.value = _MESSAGE if options else None
        self._silent = False
        panels.show(self.what, message is not None)

    def _draw(self) -> None:
        message, what = self._message, self.what.value
        panels.show(self.save, bool(what and what.startswith(_FILE)))
        if message is None or what is None:
            return
        for item in message.attachments:
            if what == f"{_FILE}{item.name}":
                self.body.value = paper(item)
                return
        body = plain(message.text) if what == _PLAIN or not message.html else framed(_page(message))
        self.body.value = _head(message) + body

    def _file(self) -> File | None:
        items = self._message.attachments if self._message is not None else ()
        found = next((item for item in items if self.what.value == f"{_FILE}{item.name}"), None)
        if found is None:
            return None
        return File(name=found.name, content=found.content, media_type=found.media_type)


def _title(entry: Entry) -> str:
    whom = ", ".join(outcome.address for outcome in entry.recipients)
    return panels.quoted(f"{instant(entry.at)} – {whom}" if entry.at else whom)


def _head(message: SentMessage) -> str:
    names = ", ".join(f"{item.name} ({formats.size(len(item.content))})" for item in message.attachments)
    pairs = [
        (_("To"), message.recipients),
        (_("Subject"), message.subject),
        (_("Attachments"), names or _("none")),
    ]
    return panels.facts(pairs)


def _page(message: SentMessage) -> str:
    page = message.html
    for identity, item in message.pictures.items():
        data = base64.b64encode(item.content).decode()
        page = page.replace(f"cid:{identity}", f"data:{item.media_type};base64,{data}")
    return page
