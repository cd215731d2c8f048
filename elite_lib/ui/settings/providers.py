"""What choosing a mail provider fills in, and what is said of it: its figures, where they come from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from elite_lib.config.presets import PRESETS, Preset
from elite_lib.labels import _
from elite_lib.ui.settings.words import CHOICES

# Where each row of ``config.presets`` was read; "" where no page of the provider's own was.
SOURCES: Mapping[str, str] = {
    "microsoft365": "learn.microsoft.com, Exchange Online limits",
    "google_workspace": "support.google.com/a/answer/166852",
    "gmail": "",
    "ovh": "github.com/ovh/docs, mx_plan",
    "gandi": "docs.gandi.net",
    "orange": "",
    "free": "",
    "laposte": "",
    "sfr": "",
    "ionos": "ionos.com/help",
    "own": "",
}


def fills() -> dict[str, Any]:
    """Give, for each provider, the values that go into other fields, and the sentence below the choice."""
    return {
        name: {"values": _values(name, preset), "said": _said(name, preset)}
        for name, preset in PRESETS.items()
    }


def _values(name: str, preset: Preset) -> dict[str, str]:
    if name == "own":
        return {}
    server = {"mail.host": preset.host, "mail.port": str(preset.port), "mail.security": preset.security.value}
    return server | {
        f"pace.{cap}": str(getattr(preset, cap)) for cap in ("per_minute", "per_hour", "per_day")
    }


def _said(name: str, preset: Preset) -> str:
    if name == "own":
        return _("Fill in the server yourself; its administrator knows its limits.")
    caps = _("Caps: {minute} a minute, {hour} an hour, {day} a day.").format(
        minute=_figure(preset.per_minute), hour=_figure(preset.per_hour), day=_figure(preset.per_day)
    )
    source = SOURCES.get(name, "")
    where = _("Source: {source}.").format(source=source) if source else _("Source: unknown.")
    text = _("{provider}: server, port, security and caps are filled in below.")
    said = [text.format(provider=CHOICES["mail.preset"][name]), caps, where]
    if not (preset.per_minute and preset.per_hour and preset.per_day):
        said.append(_("What is unknown, ask the provider for, and write it under Pace."))
    if preset.login == "address":
        said.append(_("The login is the sender's address, unless you write another one."))
    elif preset.login == "local":
        said.append(_("The login is what stands before the @ of the sender's address."))
    return " ".join(said)


def _figure(cap: int) -> str:
    return f"{cap:,}".replace(",", "\u202f") if cap else _("unknown")
