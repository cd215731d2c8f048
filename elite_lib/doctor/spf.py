"""SPF (RFC 7208) as far as it can be judged without a message: what it allows, and whether it holds."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from elite_lib.doctor.resolving import Answer, AnswerKind, Resolver

LOOKUPS = 10  # RFC 7208 4.6.4: more, and receivers take the record for broken
_VOIDS = 2  # same paragraph: names that hold nothing
_END = 25  # counting stops here: a record that includes itself would have no end

_TERM = re.compile(r"([-+~?]?)(all|include|a|mx|ptr|ip4|ip6|exists)(?:[:]([^/]\S*?))?((?:/{1,2}\d+)*)", re.I)
_MODIFIER = re.compile(r"([a-z][a-z0-9_.-]*)=(\S*)", re.I)


@dataclass(slots=True, kw_only=True)
class Spf:
    """What was found; filled while the record is walked through.

    ``problem``: "" or why receivers ignore or refuse the record: ``missing``, ``multiple``, ``syntax``,
    ``broken_include``, ``too_many_lookups``, ``void_lookups``; ``unanswered``: the DNS did not say.
    """

    record: str = ""
    domains: set[str] = field(default_factory=set)  # included or redirected to, at any depth
    lookups: int = 0
    voids: int = 0
    allows: bool = False  # one of the given addresses may send
    open: bool = False  # "+all": everybody may
    problem: str = ""
    where: str = ""  # the domain or term of the problem


def evaluate(domain: str, *, resolver: Resolver, addresses: Iterable[str] = ()) -> Spf:
    """Walk through the record of ``domain`` and all that it includes; ``addresses``: of the sending server.

    Macros need a message: such a term is counted, and not followed.
    """
    walk = _Walk(resolver, [ipaddress.ip_address(address.partition("%")[0]) for address in addresses])
    walk.visit(domain, top=True)
    found = walk.found
    if found.lookups > LOOKUPS and found.problem in ("", "void_lookups"):
        found.problem, found.where = "too_many_lookups", domain
    return found


class _Walk:
    def __init__(
        self, resolver: Resolver, addresses: list[ipaddress.IPv4Address | ipaddress.IPv6Address]
    ) -> None:
        self.resolver, self.addresses = resolver, addresses
        self.found = Spf()

    def fail(self, problem: str, where: str) -> None:
        if not self.found.problem:
            self.found.problem, self.found.where = problem, where

    def visit(self, domain: str, *, top: bool = False) -> None:
        answer = self.resolver.ask(domain, "TXT")
        if not answer.certain:
            return self.fail("unanswered", domain)
        records = [text for text in answer.records if re.match(r"v=spf1(?: |$)", text, re.I)]
        if top and records:
            self.found.record = records[0]
        if not records:
            return self.fail("missing" if top else "broken_include", domain)
        if len(records) > 1:
            return self.fail("multiple", domain)
        terms = records[0].split()[1:]
        ends = any(re.fullmatch(r"[-+~?]?all", term, re.I) for term in terms)
        for term in terms:
            self.term(term, domain, ends=ends)
        return None

    def term(self, term: str, domain: str, *, ends: bool) -> None:
        mechanism = _TERM.fullmatch(term)
        modifier = _MODIFIER.fullmatch(term)
        if re.fullmatch(r"[-+~?]?(include|exists)", term, re.I):
            self.fail("syntax", term)
        elif mechanism is not None:
            qualifier, name, target, prefix = mechanism.groups(default="")
            self.mechanism(name.lower(), target or domain, prefix, passes=qualifier in ("", "+"))
        elif modifier is None:
            self.fail("syntax", term)
        elif modifier[1].lower() == "redirect" and not ends:  # RFC 7208 6.1: "all" makes it void
            self.follow(modifier[2])

    def mechanism(self, name: str, target: str, prefix: str, *, passes: bool) -> None:
        if name == "all":
            self.found.open |= passes
        elif name in ("ip4", "ip6"):
            self.network(f"{target}{prefix}", passes=passes)
        elif name == "include":
            self.follow(target)
        else:
            self.found.lookups += 1
            if name in ("a", "mx") and "%" not in target and self.found.lookups < _END:
                hosts = self.ask(target, "MX").records if name == "mx" else (target,)
                for host in hosts[:LOOKUPS]:
                    self.hosts(host, prefix, passes=passes)

    def follow(self, domain: str) -> None:
        self.found.lookups += 1
        if "%" in domain or self.found.lookups >= _END:
            return
        self.found.domains.add(domain.rstrip(".").lower())
        self.visit(domain)

    def ask(self, name: str, record: str) -> Answer:
        answer = self.resolver.ask(name, record)
        if not answer.certain:
            self.fail("unanswered", name)
        return answer

    def hosts(self, host: str, prefix: str, *, passes: bool) -> None:
        answers = [self.ask(host, record) for record in ("A", "AAAA")]
        if all(a.kind in (AnswerKind.EMPTY, AnswerKind.NO_DOMAIN) for a in answers):
            self.found.voids += 1
            if self.found.voids > _VOIDS:
                self.fail("void_lookups", host)
        v4, _, v6 = prefix.partition("//")
        for answer, length in zip(answers, (v4, v6 and f"/{v6}"), strict=True):
            for address in answer.records:
                self.network(f"{address}{length}", passes=passes)

    def network(self, text: str, *, passes: bool) -> None:
        try:
            network = ipaddress.ip_network(text, strict=False)
        except ValueError:
            return self.fail("syntax", text)
        self.found.allows |= passes and any(
            address in network for address in self.addresses if address.version == network.version
        )
        return None
