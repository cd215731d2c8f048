"""How one invoice is sent from this workstation: what can be chosen here, and what was chosen last."""

from __future__ import annotations

import ipaddress
import json
import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import platformdirs
from markupsafe import Markup

from elite_lib import batch as batches
from elite_lib import storage
from elite_lib.batch import Office
from elite_lib.exceptions import EliteError
from elite_lib.labels import _, word
from elite_lib.models import Way
from elite_lib.serving.configuring import ADDRESS_VARIABLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """One way, and why it cannot be chosen here; "" when it can."""

    way: Way
    why_not: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workstation:
    """Where the browser is. ``here``: on the machine that serves the page."""

    here: bool
    screen: bool  # a window can be opened there
    file: Path  # what was chosen last, where the browser is here
    chosen: list[Way] = field(default_factory=list)  # on this page

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Workstation:
        """Read it from what the server told the kernel of the request."""
        shown = sys.platform in ("win32", "darwin") or bool(
            environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY")
        )
        folder = platformdirs.user_config_path("elite", appauthor=False)
        here = _is_loopback(environ.get(ADDRESS_VARIABLE, ""))
        return cls(here=here, screen=shown, file=folder / "workstation.json")

    def preferred(self) -> Way:
        """Give the way that was chosen last, on this page or this machine; by this program where none was."""
        if self.chosen:
            return self.chosen[-1]
        if self.here:
            try:
                return Way(json.loads(self.file.read_text(encoding="utf-8"))["way"])
            except (OSError, ValueError, KeyError, TypeError):
                pass
        return Way.INTERNAL

    def prefer(self, way: Way) -> None:
        """Keep it for the next time; a folder that cannot be written to is no reason not to send.

        A browser elsewhere has no place of its own here: the page keeps it while it is open.
        """
        self.chosen.append(way)
        if not self.here:
            return
        try:
            storage.make_folder(self.file.parent)
            storage.replace(self.file, json.dumps({"way": way.value}).encode(), durable=False)
        except EliteError:
            return


def offered(office: Office, station: Workstation) -> tuple[Offered, ...]:
    """List every way, with the reason of those that cannot be chosen here."""
    methods = batches.handover_methods(office)
    return tuple(
        Offered(
            way=way,
            why_not=_why_not(way, station, available=way is Way.INTERNAL or methods[way].available()),
        )
        for way in Way
    )


def _why_not(way: Way, station: Workstation, *, available: bool) -> str:
    if way in batches.LOCAL and not station.here:
        return _("{way}: its window would open on the machine that serves this page, not on yours.").format(
            way=word(way)
        )
    if way in batches.LOCAL and available and not station.screen:
        return _("{way}: the program that serves this page has no screen to open a window on.").format(
            way=word(way)
        )
    if available:
        return ""
    if way is Way.DRAFT:
        return _("{way}: fill in the mailbox (IMAP) in the settings first.").format(way=word(way))
    if way is Way.MAPI:
        return _("{way}: this machine does not run Windows.").format(way=word(way))
    return _("{way}: not found on this machine.").format(way=word(way))


def chosen(ways: Iterable[Offered], wanted: Way) -> Way:
    """Give the wanted way where it can be chosen, else by this program."""
    return wanted if any(one.way is wanted and not one.why_not for one in ways) else Way.INTERNAL


def environment() -> Workstation:
    """Give the workstation of the page that this kernel serves."""
    return Workstation.of(os.environ)


def _is_loopback(address: str) -> bool:
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return (mapped or found).is_loopback


def told(ways: Iterable[Offered]) -> str:
    """Draw why the others cannot be chosen here."""
    reasons = [one.why_not[:1].upper() + one.why_not[1:] for one in ways if one.why_not]
    items = Markup("").join(Markup("<li>{}</li>").format(reason) for reason in reasons)
    title = Markup('<p class="elite-quiet">{}</p>').format(_("Cannot be chosen here:"))
    return str(title + Markup("<ul>{}</ul>").format(items)) if items else ""
