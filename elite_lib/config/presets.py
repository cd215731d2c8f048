"""Mail providers that homes send through: server, security and published caps.

A figure that the provider does not publish, or that was not found in a source that can be named, is
not here: the office asks for it. Sources: [ISPDB] Thunderbird's autoconfiguration database,
github.com/thunderbird/autoconfig; the others are named beside the row. [clients]: the value that public
client configurations agree on; the provider's own page was not read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from elite_lib.models import Security


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """What a preset fills in. 0 is a cap that is unknown, ``login`` how the provider names its accounts."""

    host: str = ""
    port: int = 0
    security: Security = Security.STARTTLS
    login: str = ""  # "address", "local": its part before the @; "": unknown, or none
    per_minute: int = 0
    per_hour: int = 0
    per_day: int = 0


PRESETS: Mapping[str, Preset] = MappingProxyType(
    {
        # [ISPDB office365.com]. 30 messages a minute, 10,000 recipients a day: learn.microsoft.com, Exchange
        # Online limits, "Sending limits"; 3 connections at once, of which a run uses one.
        "microsoft365": Preset(
            host="smtp.office365.com", port=587, login="address", per_minute=30, per_day=10_000
        ),
        # [ISPDB googlemail.com]. 2,000 messages a day (500 on trial), 100 recipients per message by SMTP:
        # support.google.com/a/answer/166852. Per minute: unknown.
        "google_workspace": Preset(host="smtp.gmail.com", port=587, login="address", per_day=2_000),
        # [ISPDB googlemail.com]. 500 a day: many guides say so (serversmtp.com, 2026: recipients); Google's
        # page names 500 for trial accounts. Per minute: unknown.
        "gmail": Preset(host="smtp.gmail.com", port=587, login="address", per_day=500),
        # github.com/ovh/docs, mx_plan/email_generalities. It blocks on frequency, without a figure (mail.md).
        "ovh": Preset(host="ssl0.ovh.net", port=465, security=Security.TLS, login="address"),
        # Host: docs.gandi.net, gandimail/standard_email_settings; port [clients]. Rate: unknown; at most 40
        # recipients per message: docs.gandi.net, gandimail/limitations.
        "gandi": Preset(host="mail.gandi.net", port=587, login="address"),
        # [ISPDB orange.fr]. Caps: none published (mail.md).
        "orange": Preset(host="smtp.orange.fr", port=465, security=Security.TLS, login="address"),
        # [ISPDB free.fr]: the login is what stands before the @. Caps: none published (mail.md).
        "free": Preset(host="smtp.free.fr", port=465, security=Security.TLS, login="local"),
        # [clients]. Caps: none published (mail.md).
        "laposte": Preset(host="smtp.laposte.net", port=465, security=Security.TLS),
        # [clients]. Caps: unknown.
        "sfr": Preset(host="smtp.sfr.fr", port=465, security=Security.TLS),
        # [ISPDB ionos.fr]. Per hour: 50 in the first week of a contract, 100 in the second, 400 in the first
        # month, then 500: ionos.com/help, "What are the mass mailing limits".
        "ionos": Preset(host="smtp.ionos.fr", port=465, security=Security.TLS, login="address", per_hour=500),
        # A server of the office's own: nothing can be known of it.
        "own": Preset(),
    }
)
