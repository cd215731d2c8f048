"""Files that go along with one invoice this once; they stay on the page, and leave nothing in the home."""

from __future__ import annotations

from collections.abc import Callable

from elite_lib import batch as batches
from elite_lib import formats
from elite_lib.batch import Office
from elite_lib.batch.enclosing import Enclosed
from elite_lib.exceptions import ConfigError
from elite_lib.labels import _, explain
from elite_lib.models import Attachment
from elite_lib.ui import panels
from elite_lib.ui.dropzone import Dropzone

_BASE64 = 57 / 78  # bytes of a file to bytes of the message (RFC 2045 6.8: lines of 76, and their ends)


class ExtraFiles:
    """A place for files; :attr:`attachments` gives them."""

    def __init__(self, office: Office, *, on_change: Callable[[], None]) -> None:
        self._on_change = on_change
        self._files: dict[str, Attachment] = {}
        self._limit = office.settings.message_limit
        self.notice = panels.Notice()
        self.zone = Dropzone(
            on_begin=self.notice.clear,
            on_file=self._add,
            on_remove=self._remove,
            on_big=self._refuse,
            label=_("Add a file for this sending"),
            list_label=_("Files for this sending"),
            limit=int(self._limit * _BASE64),
        )
        self.widget = panels.column(self.zone, self.notice)

    @property
    def attachments(self) -> tuple[Attachment, ...]:
        return tuple(self._files.values())

    def _add(self, name: str, content: bytes, _owner: object) -> None:
        try:
            made = batches.as_attachment(name, content)
            total = len(content) + sum(len(one.content) for one in self._files.values())
            if total > self._limit * _BASE64:
                self._refuse(name, len(content))
                return
            self._files[made.name] = made
            self._shown()
        except Exception as error:
            self.notice.add(explain(error))

    def _remove(self, name: str) -> None:
        self._files.pop(name, None)
        self._shown()

    def _refuse(self, name: str, size: int) -> None:
        limit = formats.size(self._limit)
        self.notice.add(
            explain(ConfigError("attachment_big", name=name, size=formats.size(size), limit=limit))
        )

    def _shown(self) -> None:
        self.zone.show(Enclosed(name=one.name, size=len(one.content)) for one in self.attachments)
        self._on_change()
