"""What the DNS says: may this server send for the home's domain, and can the families' domains receive."""

from __future__ import annotations

import ipaddress
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from elite_lib.doctor import providers
from elite_lib.doctor.providers import Provider
from elite_lib.doctor.resolving import Answer, AnswerKind, Resolver
from elite_lib.doctor.signing import Letters, examine_signature
from elite_lib.doctor.spf import LOOKUPS, Spf, evaluate
from elite_lib.doctor.telling import told
from elite_lib.misspelling import meant_provider
from elite_lib.models import CheckStep, CheckVerdict, Diagnosis, MailAccount

_V = CheckVerdict
_BROKEN = ("multiple", "syntax", "broken_include", "too_many_lookups")
_SILENCES = 3  # domains that time out, one after the other: it is our DNS then, not theirs
# Written out: is_private also means the documentation's addresses, and not a provider's shared ones.
_INSIDE = tuple(
    ipaddress.ip_network(text)
    for text in (
        *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"),  # RFC 1918, RFC 6598
        *("127.0.0.0/8", "169.254.0.0/16", "::1/128", "fc00::/7", "fe80::/10"),
    )
)


def examine_sender(
    account: MailAccount, *, resolver: Resolver, addresses: Sequence[str], letters: Letters | None = None
) -> Iterator[Diagnosis]:
    """Examine the sender's domain; ``addresses``: of the mail server; ``letters``: what arrived from it."""
    domain = account.sender.rpartition("@")[2].lower()
    facts = {"domain": domain, "host": account.host}
    provider = providers.of_host(account.host)
    mailbox = providers.of_mailbox(domain)
    if mailbox is not None:
        foreign = provider is None or provider.name != mailbox.name
        verdict, code = (_V.FAILED, "foreign") if foreign else (_V.OK, "mailbox")
        yield told(CheckStep.SPF, verdict, code, **facts, provider=mailbox.name)
    else:
        found = evaluate(domain, resolver=resolver, addresses=addresses)
        yield _spf(found, account, provider, domain=domain)
    yield examine_signature(account, letters, resolver=resolver)
    if mailbox is not None:
        yield told(CheckStep.DMARC, _V.OK, "mailbox", **facts, provider=mailbox.name)
    else:
        yield _dmarc(domain, resolver)
    yield from _ptr(account, domain, resolver=resolver, addresses=addresses)


def _spf(found: Spf, account: MailAccount, provider: Provider | None, *, domain: str) -> Diagnosis:
    facts = {
        "domain": domain,
        "host": account.host,
        "record": found.record,
        "lookups": str(found.lookups),
        "most": str(LOOKUPS),
        "where": found.where,
        "include": provider.includes[0] if provider and provider.includes else "",
        "provider": provider.name if provider else account.host,
    }
    if found.problem:
        verdict = _V.FAILED if found.problem in _BROKEN else _V.WARNING
        return told(CheckStep.SPF, verdict, found.problem, **facts)
    if found.open:
        return told(CheckStep.SPF, _V.WARNING, "open", **facts)
    named = provider.includes if provider else ()
    owner = providers.organisation(account.host)
    others = {providers.organisation(included) for included in found.domains}
    if found.allows or found.domains.intersection(named) or owner in others:
        return told(CheckStep.SPF, _V.OK, "passed", **facts)
    if named:
        return told(CheckStep.SPF, _V.FAILED, "not_included", **facts)
    return told(CheckStep.SPF, _V.WARNING, "unsure", **facts)


def _dmarc(domain: str, resolver: Resolver) -> Diagnosis:
    """Look for a policy at the domain, then upwards: a home may send from a domain under its group's."""
    labels = domain.split(".")
    for start in range(max(1, len(labels) - 1)):
        name = ".".join(labels[start:])
        answer = resolver.ask(f"_dmarc.{name}", "TXT")
        if not answer.certain:
            return told(CheckStep.DMARC, _V.WARNING, "unanswered", domain=domain)
        # RFC 7489 6.6.3: other records are discarded; of several policies none is applied
        records = [text for text in answer.records if re.match(r"v\s*=\s*DMARC1\s*(;|$)", text)]
        if len(records) > 1:
            return told(CheckStep.DMARC, _V.WARNING, "multiple", domain=name)
        if records:
            policy = re.search(r";\s*p\s*=\s*(none|quarantine|reject)\s*(?:;|$)", records[0], re.IGNORECASE)
            if policy is None:
                return told(CheckStep.DMARC, _V.WARNING, "syntax", domain=name, record=records[0])
            return told(CheckStep.DMARC, _V.OK, policy[1].lower(), domain=name)
    return told(CheckStep.DMARC, _V.WARNING, "missing", domain=domain)


# -- the home's own server -------------------------------------------------------------------------


def _ptr(
    account: MailAccount, domain: str, *, resolver: Resolver, addresses: Sequence[str]
) -> Iterator[Diagnosis]:
    """Check that the address of the home's own server has a name that leads back to it.

    Gmail and others refuse mail from addresses without one. A provider's server is the provider's affair.
    """
    facts = {"host": account.host}
    inside = [address for address in addresses if _is_inside(address)]
    own = providers.organisation(account.host) == providers.organisation(domain)
    if providers.of_host(account.host) is not None or not (own or inside):
        yield told(CheckStep.PTR, _V.SKIPPED, "provider", **facts)
    elif inside or not addresses:
        yield told(CheckStep.PTR, _V.SKIPPED, "inside" if inside else "no_address", **facts)
    else:
        yield from (_reverse(address, resolver, host=account.host) for address in addresses)


def _reverse(address: str, resolver: Resolver, *, host: str) -> Diagnosis:
    answer = resolver.ask(ipaddress.ip_address(address).reverse_pointer, "PTR")
    facts = {"host": host, "address": address, "name": ", ".join(answer.records)}
    if not answer.certain:
        return told(CheckStep.PTR, _V.WARNING, "unanswered", **facts)
    if not answer.records:
        return told(CheckStep.PTR, _V.WARNING, "missing", **facts)
    kind = "AAAA" if ":" in address else "A"
    if any(address in resolver.ask(name, kind).records for name in answer.records):
        return told(CheckStep.PTR, _V.OK, "passed", **facts)
    return told(CheckStep.PTR, _V.WARNING, "mismatch", **facts)


def _is_inside(address: str) -> bool:
    parsed = ipaddress.ip_address(address.partition("%")[0])
    return any(parsed in network for network in _INSIDE if network.version == parsed.version)


# -- the families' domains -------------------------------------------------------------------------


def examine_recipients(addresses: Iterable[str], *, resolver: Resolver) -> Iterator[Diagnosis]:
    """Say which of the addresses' domains cannot receive, and which look misspelt."""
    domains: defaultdict[str, list[str]] = defaultdict(list)
    for address in dict.fromkeys(addresses):
        domains[address.rpartition("@")[2].lower()].append(address)
    if not domains:
        yield told(CheckStep.MX, _V.SKIPPED, "no_addresses")
        yield told(CheckStep.MISSPELT, _V.SKIPPED, "no_addresses")
        return
    yield from _receiving(domains, resolver)
    found = [(domain, meant) for domain in sorted(domains) if (meant := meant_provider(domain))]
    for domain, meant in found:
        facts = {"domain": domain, "meant": meant, "addresses": ", ".join(domains[domain])}
        yield told(CheckStep.MISSPELT, _V.WARNING, "looks_like", **facts)
    if not found:
        yield told(CheckStep.MISSPELT, _V.OK, "passed", count=str(len(domains)))


def _receiving(domains: dict[str, list[str]], resolver: Resolver) -> Iterator[Diagnosis]:
    unanswered: list[str] = []
    silences = trouble = 0
    for domain in sorted(domains):
        kind, code = _mx(domain, resolver)
        silences = silences + 1 if kind is AnswerKind.TIMEOUT else 0
        if kind in (AnswerKind.TIMEOUT, AnswerKind.FAILED):
            unanswered.append(domain)
        elif code:
            trouble += 1
            yield told(CheckStep.MX, _V.WARNING, code, domain=domain, addresses=", ".join(domains[domain]))
        if silences == _SILENCES:
            break
    if silences == _SILENCES:
        yield told(CheckStep.MX, _V.WARNING, "gave_up", domains=", ".join(unanswered))
    elif unanswered:
        yield told(CheckStep.MX, _V.WARNING, "unanswered", domains=", ".join(unanswered))
    elif not trouble:
        yield told(CheckStep.MX, _V.OK, "passed", count=str(len(domains)))


def _mx(domain: str, resolver: Resolver) -> tuple[AnswerKind, str]:
    """Ask who receives for a domain: its MX, else the domain's own address (RFC 5321 5.1)."""
    answer = resolver.ask(domain, "MX")
    if answer.kind is AnswerKind.NO_DOMAIN:
        return answer.kind, "no_domain"
    if answer.kind is AnswerKind.FOUND:
        return answer.kind, "null" if answer.records == ("",) else ""
    if answer.kind is not AnswerKind.EMPTY:
        return answer.kind, ""
    own: list[Answer] = [resolver.ask(domain, record) for record in ("A", "AAAA")]
    if any(found.records for found in own):
        return AnswerKind.FOUND, ""
    silent = next((found.kind for found in own if not found.certain), None)
    return silent or AnswerKind.EMPTY, "none"
