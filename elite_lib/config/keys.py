"""Every setting of ``elite.toml`` and what its value must be."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from stdnum import bic as stdnum_bic
from stdnum import iban as stdnum_iban
from stdnum.fr import siret as stdnum_siret
from stdnum.fr import tva as stdnum_tva

from elite_lib.config.checks import (
    Check,
    choice,
    creditor_id,
    domains,
    email,
    filled,
    flag,
    host,
    https,
    journal_url,
    line,
    lines,
    pattern_of,
    seconds,
    standard,
    text,
    whole,
)
from elite_lib.config.presets import PRESETS

KEYS: Mapping[str, Mapping[str, Check]] = MappingProxyType(
    {
        "home": {
            "name": filled(line),
            "establishment": filled(line),
            "language": choice("fr", "en"),
            "operator": line,
        },
        "letterhead": {
            "legal_form": line,
            "address": lines,
            "phone": line,
            "email": email,
            "siret": standard("siret", stdnum_siret.validate),
            "finess": pattern_of("finess", r"[0-9][0-9AB][0-9]{7}", drop=" "),  # 2A, 2B: Corsica
            "vat_number": standard("vat_number", lambda value: f"FR{stdnum_tva.validate(value)}"),
            "ape": pattern_of("ape", r"[0-9]{2}\.?[0-9]{2}[A-Z]", drop=" "),
            "mentions": lines,
            "statement_mentions": lines,
            "mediator": text,
            "iban": standard("iban", stdnum_iban.validate),
            "bic": standard("bic", stdnum_bic.validate),
            "creditor_id": standard("creditor_id", creditor_id),
            "logo": line,
            "colour": filled(pattern_of("colour", r"#[0-9A-Fa-f]{6}")),
        },
        "data": {"source": filled(line), "table": line},  # and sheets, aliases: shapes of their own
        "documents": {"folder": line},
        "mail": {
            "sender": email,
            "name": line,
            "reply_to": email,
            "host": host,
            "port": whole(0, 65535),
            "security": choice("", "starttls", "tls", "plain"),
            "login": line,
            "auth": choice("password", "microsoft", "google"),
            "ca_file": line,
            "archive": email,
            "timeout": seconds(1, 3600),
            "max_size": seconds(0.1, 150),
            "tag_returns": flag,
            "preset": choice("", *PRESETS),
        },
        "oauth": {
            "client_id": line,
            "tenant": pattern_of("line", r"[A-Za-z0-9.-]+"),
            "unattended": flag,
            "endpoint": https,
            "device_endpoint": https,
            "scope": line,
        },
        "imap": {
            "host": host,
            "port": whole(0, 65535),
            "security": choice("tls", "starttls", "plain"),
            "login": line,
            "sent": line,
            "copy": flag,
            "archive_login": line,
            "archive_folder": filled(line),
        },
        "pace": {
            "between": seconds(0, 3600),
            "every": whole(0),
            "pause": seconds(0, 86400),
            "per_minute": whole(0),
            "per_hour": whole(0),
            "per_day": whole(0),
            "reserve": whole(0),
        },
        "message": {
            "subject": filled(line),
            "text": filled(text),
            "signature": text,
            "deceased_subject": line,
            "deceased_text": text,
            "certificate_subject": line,
            "certificate_text": text,
            "group": flag,
            "grouped_subject": filled(line),
            "grouped_text": filled(text),
            "receipt": flag,
            "protect": choice("", "birth_date", "resident_code"),
            "logo": flag,
            "attachments": lines,
        },
        "returns": {
            "sources": lines,
            "folder": filled(line),
            "move_to": line,
            "every": whole(1, 60),
            "threshold": seconds(0.5, 100),
            "forget_days": whole(1, 3660),
        },
        "lanes": {},  # one table per provider, with the keys of LANE
        "canary": {"messages": whole(0, 20), "minutes": whole(0, 60), "from": whole(0)},
        "batch": {"lifetime_days": whole(1, 366)},
        "journal": {"url": journal_url},
        "backup": {"keep": whole(0, 1000)},
        "retention": {
            name: whole(0, 1200) for name in ("messages", "documents", "notebooks", "returns", "addresses")
        },
        "notice": {"to": email, "when": choice("always", "remainder"), "due_day": whole(0, 28)},
    }
)

LANE: Mapping[str, Check] = MappingProxyType(
    {
        "domains": domains,
        "between": seconds(0, 3600),
        "per_minute": whole(0),
        "per_hour": whole(0),
        "per_day": whole(0),
    }
)
