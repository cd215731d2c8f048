"""Read what concerns mail providers: the lanes of the families' ones, the preset of one's own."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from typing import Any

from elite_lib.config.checks import Unusable
from elite_lib.config.keys import LANE
from elite_lib.config.presets import PRESETS
from elite_lib.models import Lane, Pace
from elite_lib.pacing import PROVIDERS

Tell = Callable[..., None]  # code, dotted key, fields


def read_lane(name: str, table: object, error: Tell) -> Lane | None:
    """Check one table ``[lanes.name]``: a provider of ours, a new one with its domains, or a domain."""
    dotted = f"lanes.{name}"
    if not isinstance(table, dict):
        error("value_invalid", dotted, value=table, expected="table")
        return None
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key not in LANE:
            nearest = difflib.get_close_matches(key, LANE, n=1)
            error("key_unknown", f"{dotted}.{key}", nearest=f"{dotted}.{nearest[0]}" if nearest else "")
            continue
        try:
            values[key] = LANE[key](value)
        except Unusable as reason:
            error("value_invalid", f"{dotted}.{key}", value=value, expected=reason.expected)
    domains = values.pop("domains", ())
    if name not in PROVIDERS and not domains and "." not in name:
        nearest = difflib.get_close_matches(name, PROVIDERS, n=1)
        if nearest:
            error("key_unknown", dotted, nearest=f"lanes.{nearest[0]}")
        else:
            error("value_missing", f"{dotted}.domains")
    pace = Pace(**{"between": 0, "every": 0, "pause": 0} | values)
    return Lane(name=name, domains=domains, pace=pace)


def check_lanes(lanes: Mapping[str, Lane], error: Tell) -> None:
    """Refuse a domain that stands in two lanes: one could not say whose pace binds it."""
    owners: dict[str, str] = {}
    for lane in lanes.values():
        for domain in lane.domains:
            if owners.setdefault(domain, lane.name) != lane.name:
                expected = f"elsewhere:lanes.{owners[domain]}"
                error("value_invalid", f"lanes.{lane.name}.domains", value=domain, expected=expected)


def fill_in(values: Mapping[str, dict[str, Any]]) -> None:
    """Let the preset give what the file leaves empty or at 0; without one, security is STARTTLS.

    Nothing is filled in before there is a sender: the account does not exist yet.
    """
    mail, pace = values["mail"], values["pace"]
    preset = PRESETS.get(mail["preset"])
    if preset is not None and mail["sender"]:
        named = {"address": mail["sender"], "local": mail["sender"].rpartition("@")[0], "": ""}
        if not mail["security"]:
            # the port belongs to the security that it is the preset's of
            mail["security"] = preset.security.value
            mail["port"] = mail["port"] or preset.port
        mail["host"] = mail["host"] or preset.host
        mail["login"] = mail["login"] or named[preset.login]
        for cap in ("per_minute", "per_hour", "per_day"):
            pace[cap] = pace[cap] or getattr(preset, cap)
    mail["security"] = mail["security"] or "starttls"
