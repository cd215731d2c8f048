"""What the doctor reads in the DNS: SPF, DMARC, PTR, and the families' domains, over a DNS server of ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from elite_lib.doctor.domains import examine_recipients, examine_sender
from elite_lib.doctor.providers import of_host, of_mailbox, organisation
from elite_lib.doctor.resolving import Answer, AnswerKind, DnsResolver
from elite_lib.doctor.spf import evaluate
from elite_lib.labels.doctor import SENTENCES, describe_diagnosis
from elite_lib.models import CheckStep, CheckVerdict, Diagnosis, MailAccount
from tests.support.dns_server import REFUSED, SERVFAIL, SILENT, DnsServer, txt

HOME = "tilleuls.example"
SERVER = "192.0.2.25"
OK, WARNING, FAILED, SKIPPED = (
    CheckVerdict.OK,
    CheckVerdict.WARNING,
    CheckVerdict.FAILED,
    CheckVerdict.SKIPPED,
)
GOOGLE = {"_spf.google.com": txt("v=spf1 ip4:198.51.100.0/24 ~all")}


def sentence(diagnosis: Diagnosis) -> str:
    """Say it; a code without a sentence and a sentence with a hole are faults."""
    assert diagnosis.code in SENTENCES[diagnosis.step], diagnosis
    said = describe_diagnosis(diagnosis)
    assert "…" not in said, diagnosis
    return said


def sender(
    zone: Mapping[str, Any],
    *,
    address: str = f"compta@{HOME}",
    host: str = "smtp.gmail.com",
    patience: float = 5,
) -> dict[CheckStep, Diagnosis]:
    account = MailAccount(sender=address, host=host, port=587)
    with DnsServer(zone) as names:
        told = list(examine_sender(account, resolver=names.resolver(patience), addresses=[SERVER]))
    for diagnosis in told:
        sentence(diagnosis)
    assert [diagnosis.step for diagnosis in told] == [
        CheckStep.SPF,
        CheckStep.DKIM,
        CheckStep.DMARC,
        CheckStep.PTR,
    ]
    return {diagnosis.step: diagnosis for diagnosis in told}


# -- the resolver ----------------------------------------------------------------------------------


def test_every_kind_of_answer() -> None:
    zone = {
        "a.example": {"A": ["192.0.2.1"], "MX": ["20 b.example.", "10 A.example."], "AAAA": ["2001:db8::1"]},
        "long.example": txt("x" * 300),
        "null.example": {"MX": ["0 ."]},
        "broken.example": SERVFAIL,
        "closed.example": REFUSED,
        "1.2.0.192.in-addr.arpa": {"PTR": ["A.example."]},
    }
    with DnsServer(zone) as names:
        ask = names.resolver().ask
        assert ask("a.example", "A") == Answer(kind=AnswerKind.FOUND, records=("192.0.2.1",))
        assert ask("a.example.", "AAAA").records == ("2001:db8::1",)
        assert ask("a.example", "MX").records == ("a.example", "b.example")
        assert ask("long.example", "TXT").records == ("x" * 300,)
        assert ask("null.example", "MX").records == ("",)
        assert ask("1.2.0.192.in-addr.arpa", "PTR").records == ("a.example",)
        assert ask("a.example", "TXT") == Answer(kind=AnswerKind.EMPTY)
        assert ask("none.example", "A") == Answer(kind=AnswerKind.NO_DOMAIN)
        for name in ("broken.example", "closed.example", "a..example", f"{'x' * 64}.example"):
            assert ask(name, "A") == Answer(kind=AnswerKind.FAILED)


def test_silence_ends_and_a_closed_port_is_no_exception() -> None:
    with DnsServer({HOME: SILENT}) as names:
        assert names.resolver(0.2).ask(HOME, "MX").kind is AnswerKind.TIMEOUT
    gone = DnsResolver(["127.0.0.1"], names.port, patience=0.2).ask(HOME, "MX")
    assert gone.kind in (AnswerKind.FAILED, AnswerKind.TIMEOUT)


# -- SPF -------------------------------------------------------------------------------------------


def test_a_provider_that_is_included() -> None:
    zone = GOOGLE | {HOME: txt("google-site-verification=x", "v=spf1 include:_spf.google.com -all")}
    told = sender(zone)[CheckStep.SPF]
    assert (told.verdict, told.code, told.facts["lookups"]) == (OK, "passed", "1")


def test_an_include_within_an_include_counts() -> None:
    zone = GOOGLE | {
        HOME: txt("v=spf1 redirect=_spf.groupe.example"),
        "_spf.groupe.example": txt("v=spf1 include:_spf.google.com ~all"),
    }
    told = sender(zone)[CheckStep.SPF]
    assert (told.code, told.facts["lookups"]) == ("passed", "2")


@pytest.mark.parametrize(
    "record",
    [
        f"v=spf1 ip4:{SERVER} -all",
        "v=spf1 +ip4:192.0.2.0/24 -all",
        "v=spf1 a:mail.tilleuls.example -all",
        "v=spf1 a:mail.tilleuls.example/24//64 -all",
        "v=spf1 mx ~all",
        "V=SPF1 MX ~ALL",
        "v=spf1 ip6:2001:db8::/32 include:autre.example -all",
    ],
)
def test_the_servers_own_address_is_recognised(record: str) -> None:
    zone = {
        HOME: {**txt(record), "MX": ["10 mail.tilleuls.example."]},
        "mail.tilleuls.example": {"A": [SERVER]},
        "autre.example": txt(f"v=spf1 ip4:{SERVER} ~all"),
    }
    told = sender(zone, host="smtp.hebergeur.example")[CheckStep.SPF]
    assert (told.verdict, told.code) == (OK, "passed")


def test_an_unknown_host_that_includes_its_own_name() -> None:
    zone = {
        HOME: txt("v=spf1 include:spf.hebergeur.example ~all"),
        "spf.hebergeur.example": txt("v=spf1 -all"),
    }
    assert sender(zone, host="smtp.hebergeur.example")[CheckStep.SPF].code == "passed"


@pytest.mark.parametrize(
    ("record", "host", "verdict", "code"),
    [
        ("v=spf1 ip4:198.51.100.1 -all", "smtp.gmail.com", FAILED, "not_included"),
        ("v=spf1 -ip4:192.0.2.25 ip4:198.51.100.1 -all", "smtp.hebergeur.example", WARNING, "unsure"),
        ("v=spf1 include:_spf.google.com +all", "smtp.gmail.com", WARNING, "open"),
        ("v=spf1 all", "smtp.gmail.com", WARNING, "open"),
        ("v=spf1 ip4:300.1.2.3 -all", "smtp.gmail.com", FAILED, "syntax"),
        ("v=spf1 incldue:_spf.google.com -all", "smtp.gmail.com", FAILED, "syntax"),
        ("v=spf1 include: -all", "smtp.gmail.com", FAILED, "syntax"),
        ("v=spf1 include:nulle.example -all", "smtp.gmail.com", FAILED, "broken_include"),
        ("v=spf1 a:x1.example a:x2.example a:x3.example -all", "smtp.gmail.com", WARNING, "void_lookups"),
        ("v=spf1 include:tilleuls.example -all", "smtp.gmail.com", FAILED, "too_many_lookups"),
        ("v=spf10 -all", "smtp.gmail.com", WARNING, "missing"),
        ("", "smtp.gmail.com", WARNING, "missing"),
    ],
)
def test_a_record_that_does_not_do(record: str, host: str, verdict: CheckVerdict, code: str) -> None:
    told = sender(GOOGLE | {HOME: txt(record)}, host=host)[CheckStep.SPF]
    assert (told.verdict, told.code) == (verdict, code)


def test_what_to_add_is_said() -> None:
    record = "v=spf1 mx -all"
    told = sender({HOME: {**txt(record), "MX": ["10 mx.example."]}, "mx.example": {"A": ["198.51.100.9"]}})
    assert "include:_spf.google.com" in sentence(told[CheckStep.SPF])
    assert record in sentence(told[CheckStep.SPF])


@pytest.mark.parametrize(("count", "code"), [(10, "passed"), (11, "too_many_lookups")])
def test_ten_lookups_and_no_more(count: int, code: str) -> None:
    others = {f"s{n}.example": txt("v=spf1 ip4:198.51.100.7 -all") for n in range(1, count)}
    record = " ".join(f"include:{name}" for name in others)
    told = sender(GOOGLE | others | {HOME: txt(f"v=spf1 {record} include:_spf.google.com -all")})[
        CheckStep.SPF
    ]
    assert (told.code, told.facts["lookups"]) == (code, str(count))


def test_several_records_and_no_answer() -> None:
    two = {HOME: txt("v=spf1 -all", "v=spf1 include:_spf.google.com -all")}
    assert sender(two)[CheckStep.SPF].code == "multiple"
    assert sender({HOME: SERVFAIL})[CheckStep.SPF].code == "unanswered"
    assert sender({HOME: SILENT}, patience=0.2)[CheckStep.SPF].code == "unanswered"
    within = GOOGLE | {
        HOME: txt("v=spf1 include:_spf.google.com include:lent.example -all"),
        "lent.example": SERVFAIL,
    }
    told = sender(within)[CheckStep.SPF]
    assert (told.code, told.facts["where"]) == ("unanswered", "lent.example")


def test_macros_are_counted_and_not_followed() -> None:
    with DnsServer(
        {HOME: txt("v=spf1 exists:%{i}.spf.example include:%{d}.spf.example exp=x.example ?all")}
    ) as names:
        found = evaluate(HOME, resolver=names.resolver())
        assert names.asked == [(HOME, "TXT")]
    assert (found.lookups, found.problem, found.open) == (2, "", False)


@pytest.mark.parametrize(
    ("address", "host", "verdict", "code"),
    [
        ("maison@orange.fr", "smtp.orange.fr", OK, "mailbox"),
        ("maison@wanadoo.fr", "smtp.orange.fr", OK, "mailbox"),
        ("maison@gmail.com", "smtp.gmail.com", OK, "mailbox"),
        ("maison@orange.fr", "smtp.hebergeur.example", FAILED, "foreign"),
        ("maison@gmail.com", "smtp.orange.fr", FAILED, "foreign"),
    ],
)
def test_a_mailbox_of_a_provider(address: str, host: str, verdict: CheckVerdict, code: str) -> None:
    told = sender({}, address=address, host=host)
    assert (told[CheckStep.SPF].verdict, told[CheckStep.SPF].code) == (verdict, code)
    assert told[CheckStep.DMARC].code == "mailbox"


# -- DKIM, DMARC -----------------------------------------------------------------------------------


def test_dkim_is_not_examined_and_says_why() -> None:
    told = sender({})[CheckStep.DKIM]
    assert (told.verdict, told.code) == (SKIPPED, "needs_message")


@pytest.mark.parametrize(
    ("records", "verdict", "code"),
    [
        ((), WARNING, "missing"),
        (("v=DMARC1; p=none; rua=mailto:dmarc@tilleuls.example",), OK, "none"),
        (("v=DMARC1;p=quarantine",), OK, "quarantine"),
        (("v=DMARC1; sp=none; p=REJECT;",), OK, "reject"),
        (("v=DMARC1; p=rien",), WARNING, "syntax"),
        (("v=DMARC1; sp=none",), WARNING, "syntax"),
        (("v=DMARC1; p=none", "v=DMARC1; p=reject"), WARNING, "multiple"),
        (("v=DMARC1; p=none", "other"), OK, "none"),
    ],
)
def test_dmarc(records: tuple[str, ...], verdict: CheckVerdict, code: str) -> None:
    told = sender({f"_dmarc.{HOME}": txt(*records) if records else {}})[CheckStep.DMARC]
    assert (told.verdict, told.code) == (verdict, code)


def test_dmarc_of_the_group_counts_and_silence_is_no_absence() -> None:
    zone = {f"_dmarc.{HOME}": txt("v=DMARC1; p=reject")}
    told = sender(zone, address=f"compta@ehpad.lyon.{HOME}")[CheckStep.DMARC]
    assert (told.code, told.facts["domain"]) == ("reject", HOME)
    assert sender({f"_dmarc.{HOME}": SERVFAIL})[CheckStep.DMARC].code == "unanswered"


# -- PTR -------------------------------------------------------------------------------------------

REVERSE = "25.2.0.192.in-addr.arpa"
MAIL = f"mail.{HOME}"


@pytest.mark.parametrize(
    ("zone", "verdict", "code"),
    [
        ({REVERSE: {"PTR": [f"{MAIL}."]}, MAIL: {"A": [SERVER]}}, OK, "passed"),
        ({REVERSE: {"PTR": [f"{MAIL}."]}, MAIL: {"A": ["192.0.2.26"]}}, WARNING, "mismatch"),
        ({REVERSE: {"PTR": ["client-25.acces.example."]}}, WARNING, "mismatch"),
        ({}, WARNING, "missing"),
        ({REVERSE: SERVFAIL}, WARNING, "unanswered"),
    ],
)
def test_ptr_of_the_homes_own_server(zone: Mapping[str, Any], verdict: CheckVerdict, code: str) -> None:
    told = sender(zone, host=MAIL)[CheckStep.PTR]
    assert (told.verdict, told.code) == (verdict, code)


def test_ptr_is_a_providers_affair_and_unseen_from_inside() -> None:
    assert sender({}, host="smtp.office365.com")[CheckStep.PTR].code == "provider"
    assert sender({}, host="smtp.hebergeur.example")[CheckStep.PTR].code == "provider"
    inside = MailAccount(sender=f"compta@{HOME}", host="serveur", port=25)
    with DnsServer({}) as names:
        for addresses, code in ((["192.168.1.10"], "inside"), (["fd00::1"], "inside"), ([], "provider")):
            *_, told = examine_sender(inside, resolver=names.resolver(), addresses=addresses)
            assert (told.step, told.verdict, told.code) == (CheckStep.PTR, SKIPPED, code)
        own = MailAccount(sender=f"compta@{HOME}", host=MAIL, port=25)
        *_, told = examine_sender(own, resolver=names.resolver(), addresses=[])
    assert told.code == "no_address"


# -- the families' domains -------------------------------------------------------------------------


def recipients(zone: Mapping[str, Any], *addresses: str, patience: float = 5) -> list[Diagnosis]:
    with DnsServer(zone) as names:
        told = list(examine_recipients(addresses, resolver=names.resolver(patience)))
    for diagnosis in told:
        sentence(diagnosis)
    return told


def test_domains_that_receive() -> None:
    zone = {
        "mx.example": {"MX": ["10 a.mx.example."]},
        "a.example": {"A": ["192.0.2.1"]},  # RFC 5321 5.1: without MX, the domain's own address receives
        "aaaa.example": {"AAAA": ["2001:db8::1"]},
    }
    told = recipients(zone, "x@MX.example", "y@mx.example", "x@a.example", "x@aaaa.example")
    assert [(d.step, d.verdict) for d in told] == [(CheckStep.MX, OK), (CheckStep.MISSPELT, OK)]
    assert told[0].facts["count"] == "3"


@pytest.mark.parametrize(
    ("zone", "code"),
    [
        ({}, "no_domain"),
        ({"famille.example": {}}, "none"),
        ({"famille.example": {"MX": ["0 ."]}}, "null"),
        ({"famille.example": SERVFAIL}, "unanswered"),
    ],
)
def test_a_domain_that_does_not_receive(zone: Mapping[str, Any], code: str) -> None:
    told = recipients(zone, "anne@famille.example", "bernard@famille.example")
    assert [(d.step, d.verdict, d.code) for d in told if d.step is CheckStep.MX] == [
        (CheckStep.MX, WARNING, code)
    ]
    if code != "unanswered":
        assert "anne@famille.example, bernard@famille.example" in sentence(told[0])


def test_one_bad_domain_hides_no_other() -> None:
    zone = {"b.example": SERVFAIL, "c.example": {"MX": ["10 mx.c.example."]}, "d.example": {}}
    told = recipients(zone, "x@a.example", "x@b.example", "x@c.example", "x@d.example")
    assert [d.code for d in told] == ["no_domain", "none", "unanswered", "passed"]


def test_a_dead_dns_is_given_up_soon() -> None:
    zone = {f"f{n}.example": SILENT for n in range(9)}
    with DnsServer(zone) as names:
        told = list(examine_recipients([f"x@{name}" for name in zone], resolver=names.resolver(0.1)))
        assert len({name for name, _ in names.asked}) == 3
    assert [(d.step, d.code) for d in told] == [(CheckStep.MX, "gave_up"), (CheckStep.MISSPELT, "passed")]


def test_misspelt_domains_are_told_even_if_somebody_receives_there() -> None:
    zone = {"gmial.com": {"MX": ["10 mx.example."]}, "orange.com": {"MX": ["10 mx.example."]}}
    told = recipients(zone, "anne@gmial.com", "b@orange.com")
    assert [(d.code, d.facts.get("meant")) for d in told] == [
        ("passed", None),
        ("looks_like", "gmail.com"),
        ("looks_like", "orange.fr"),
    ]
    assert "anne@gmial.com" in sentence(told[1])


# -- the table -------------------------------------------------------------------------------------


def test_providers_are_known_by_host_and_mailbox() -> None:
    assert getattr(of_host("smtp.office365.com"), "name", "") == "Microsoft 365"
    assert getattr(of_host("SSL0.OVH.net"), "name", "") == "OVHcloud"
    assert of_host("smtp.notgmail.com") is None
    assert getattr(of_mailbox("Wanadoo.fr"), "name", "") == "Orange"
    assert of_mailbox(HOME) is None


def test_organisation_is_what_somebody_registered() -> None:
    assert organisation("smtp.mail.tilleuls.fr") == "tilleuls.fr"
    assert organisation("mail.tilleuls.asso.fr") == "tilleuls.asso.fr"
    assert organisation("serveur") == "serveur"
