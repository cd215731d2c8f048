"""Mail providers as a table: their sending servers, what they want in SPF, the domains of their mailboxes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    name: str
    hosts: tuple[str, ...]  # ends of the names of their SMTP servers
    includes: tuple[str, ...] = ()  # any of these in the SPF record; the first is the one to add
    domains: tuple[str, ...] = ()  # mailboxes under the provider's own name: its SPF, not the home's


# From the providers' help pages. Those that rewrite the return path (Brevo, Mailjet, Amazon SES) are left
# out: receivers check their SPF then, not the home's.
_PROVIDERS = (
    Provider(
        name="Microsoft 365",
        hosts=("office365.com", "outlook.com"),
        includes=("spf.protection.outlook.com",),
        domains=("outlook.com", "outlook.fr", "hotmail.com", "hotmail.fr", "live.com", "live.fr", "msn.com"),
    ),
    Provider(
        name="Google",
        hosts=("gmail.com", "google.com", "googlemail.com"),
        includes=("_spf.google.com",),
        domains=("gmail.com", "googlemail.com"),
    ),
    Provider(name="OVHcloud", hosts=("ovh.net", "ovh.com"), includes=("mx.ovh.com",)),
    Provider(name="Gandi", hosts=("gandi.net",), includes=("_mailcust.gandi.net",)),
    Provider(
        name="IONOS",
        hosts=("ionos.fr", "ionos.com", "ionos.de", "1and1.fr", "kundenserver.de"),
        includes=("_spf-eu.ionos.com", "_spf.perfora.net", "_spf.kundenserver.de"),
    ),
    Provider(name="Infomaniak", hosts=("infomaniak.com", "infomaniak.ch"), includes=("spf.infomaniak.ch",)),
    Provider(
        name="Proton",
        hosts=("protonmail.ch", "proton.me"),
        includes=("_spf.protonmail.ch",),
        domains=("proton.me", "protonmail.com", "pm.me"),
    ),
    Provider(
        name="Apple", hosts=("me.com",), includes=("icloud.com",), domains=("icloud.com", "me.com", "mac.com")
    ),
    Provider(
        name="Orange", hosts=("orange.fr", "wanadoo.fr"), domains=("orange.fr", "wanadoo.fr", "sosh.fr")
    ),
    Provider(name="Free", hosts=("free.fr",), domains=("free.fr", "aliceadsl.fr", "libertysurf.fr")),
    Provider(
        name="SFR",
        hosts=("sfr.fr", "neuf.fr"),
        domains=("sfr.fr", "neuf.fr", "cegetel.net", "club-internet.fr", "numericable.fr", "noos.fr"),
    ),
    Provider(name="Bouygues Telecom", hosts=("bbox.fr",), domains=("bbox.fr",)),
    Provider(name="La Poste", hosts=("laposte.net",), domains=("laposte.net",)),
    Provider(name="Yahoo", hosts=("yahoo.com",), domains=("yahoo.com", "yahoo.fr", "ymail.com")),
)
# Ends under which anybody can have a domain, beside the one-word ones. The whole list (publicsuffix.org)
# changes every week; what is missing here makes two homes look like one, for the advice of one line.
_TWO_WORDS = ("asso.fr", "com.fr", "gouv.fr", "nom.fr", "prd.fr", "tm.fr", "co.uk", "ac.be")


def of_host(host: str) -> Provider | None:
    """Find whose server ``host`` is."""
    return next((p for p in _PROVIDERS if any(is_within(host, end) for end in p.hosts)), None)


def of_mailbox(domain: str) -> Provider | None:
    """Find the provider that gives mailboxes under ``domain`` to everybody."""
    return next((p for p in _PROVIDERS if domain.lower() in p.domains), None)


def is_within(name: str, end: str) -> bool:
    """Say whether ``name`` is ``end`` or a name under it."""
    return f".{name.lower()}".endswith(f".{end}")


def organisation(name: str) -> str:
    """Cut a name down to the domain that somebody registered: ``mail.tilleuls.fr`` -> ``tilleuls.fr``."""
    labels = name.lower().rstrip(".").split(".")
    kept = 3 if ".".join(labels[-2:]) in _TWO_WORDS else 2
    return ".".join(labels[-kept:])
