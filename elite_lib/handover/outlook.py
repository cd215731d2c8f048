"""Classic Outlook's compose window by COM (learn.microsoft.com, Outlook object model: MailItem).

Written against the documented interface and tried with a stand-in that records calls, never on a real
Outlook. The new Outlook for Windows has no COM interface: there, take the .eml file or a draft.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from elite_lib.exceptions import HandoverError
from elite_lib.handover import Handed, Letter
from elite_lib.handover.thunderbird import write_files
from elite_lib.models import Way

_MAIL_ITEM = 0  # olMailItem
_BCC = 3  # olBCC
_PLAIN = 1  # olFormatPlain


class Outlook:
    """``dispatch`` gives a COM object by its name; pywin32's on Windows."""

    way = Way.OUTLOOK

    def __init__(self, *, dispatch: Callable[[str], Any] | None = None) -> None:
        self._dispatch = dispatch

    def available(self) -> bool:
        """Tell whether COM can be asked: Windows with pywin32."""
        on_windows = sys.platform == "win32" and importlib.util.find_spec("win32com") is not None
        return self._dispatch is not None or on_windows

    def hand_over(self, letter: Letter, folder: Path) -> Handed:
        """Show a filled message; Outlook copies the files into it."""
        if not self.available():
            raise HandoverError("program_missing", program="Outlook")
        files = write_files(letter.draft, folder)
        dispatch = self._dispatch or importlib.import_module("win32com.client").Dispatch
        try:
            self._show(dispatch("Outlook.Application").CreateItem(_MAIL_ITEM), letter, files)
        except Exception as error:  # pywintypes.com_error is no OSError, and Outlook raises what it likes
            raise HandoverError("program_failed", program="Outlook", detail=str(error)) from error
        return Handed(files=files)

    @staticmethod
    def _show(item: Any, letter: Letter, files: tuple[Path, ...]) -> None:
        draft = letter.draft
        item.BodyFormat = _PLAIN
        item.Subject = draft.subject
        item.Body = draft.text
        for recipient in draft.recipients:
            item.Recipients.Add(recipient.address)
        if letter.bcc:
            item.Recipients.Add(letter.bcc).Type = _BCC
        for file in files:
            item.Attachments.Add(str(file))
        item.ReadReceiptRequested = draft.receipt
        item.Display(False)  # not modal: the page does not wait for it
