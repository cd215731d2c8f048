"""The default mail program of Windows by Simple MAPI (learn.microsoft.com: MAPISendMailW), with the files.

Written against the documented interface and tried with a stand-in that records calls, never on Windows.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from elite_lib.exceptions import HandoverError
from elite_lib.handover import Handed, Letter
from elite_lib.handover.thunderbird import write_files
from elite_lib.models import Way

_DIALOG = 0x8 | 0x1  # MAPI_DIALOG | MAPI_LOGON_UI: the person looks at it, and logs in if need be
_FORCE_UNICODE = 0x40000  # Windows 8: refuses a client that would garble accents
_TO, _BCC = 1, 3
_CANCELLED = 1  # MAPI_E_USER_ABORT: the person closed the window
_NO_POSITION = 0xFFFFFFFF


class Recipient(ctypes.Structure):
    """``MapiRecipDescW``."""

    _fields_ = (
        ("reserved", ctypes.c_ulong),
        ("kind", ctypes.c_ulong),
        ("name", ctypes.c_wchar_p),
        ("address", ctypes.c_wchar_p),
        ("entry_size", ctypes.c_ulong),
        ("entry", ctypes.c_void_p),
    )


class File(ctypes.Structure):
    """``MapiFileDescW``."""

    _fields_ = (
        ("reserved", ctypes.c_ulong),
        ("flags", ctypes.c_ulong),
        ("position", ctypes.c_ulong),
        ("path", ctypes.c_wchar_p),
        ("name", ctypes.c_wchar_p),
        ("kind", ctypes.c_void_p),
    )


class Message(ctypes.Structure):
    """``MapiMessageW``."""

    _fields_ = (
        ("reserved", ctypes.c_ulong),
        ("subject", ctypes.c_wchar_p),
        ("text", ctypes.c_wchar_p),
        ("kind", ctypes.c_wchar_p),
        ("received", ctypes.c_wchar_p),
        ("conversation", ctypes.c_wchar_p),
        ("flags", ctypes.c_ulong),
        ("sender", ctypes.POINTER(Recipient)),
        ("recipient_count", ctypes.c_ulong),
        ("recipients", ctypes.POINTER(Recipient)),
        ("file_count", ctypes.c_ulong),
        ("files", ctypes.POINTER(File)),
    )


class SimpleMapi:
    """``send`` is MAPISendMailW; the system's on Windows."""

    way = Way.MAPI

    def __init__(self, *, send: Callable[..., int] | None = None) -> None:
        self._send = send

    def available(self) -> bool:
        """Tell whether this is Windows."""
        return self._send is not None or sys.platform == "win32"

    def hand_over(self, letter: Letter, folder: Path) -> Handed:
        """Open a filled window. Closing it is no failure: the message is still to be sent."""
        if not self.available():
            raise HandoverError("program_missing", program="MAPI")
        files = write_files(letter.draft, folder)
        send: Any = self._send or ctypes.WinDLL("mapi32").MAPISendMailW  # type: ignore[attr-defined]
        code = send(0, 0, ctypes.byref(_message(letter, files)), _DIALOG | _FORCE_UNICODE, 0)
        if code not in (0, _CANCELLED):
            raise HandoverError("program_failed", program="MAPI", detail=f"MAPISendMailW: {code}")
        return Handed(files=files)


def _message(letter: Letter, files: tuple[Path, ...]) -> Message:
    draft = letter.draft
    people = [(_TO, to.address) for to in draft.recipients] + ([(_BCC, letter.bcc)] if letter.bcc else [])
    recipients = (Recipient * len(people))(
        *(Recipient(kind=kind, name=address, address=f"SMTP:{address}") for kind, address in people)
    )
    enclosed = (File * len(files))(
        *(File(position=_NO_POSITION, path=str(file), name=file.name) for file in files)
    )
    return Message(
        subject=draft.subject,
        text=draft.text,
        recipient_count=len(people),
        recipients=recipients,
        file_count=len(files),
        files=enclosed,
    )
