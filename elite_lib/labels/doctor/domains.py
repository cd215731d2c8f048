"""What the steps about domains found, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping

from elite_lib.labels.catalogue import N_
from elite_lib.models import CheckStep

_S = CheckStep

DOMAINS: Mapping[CheckStep, Mapping[str, str]] = {
    _S.SPF: {
        "passed": N_("{domain} names {provider} as its sender ({lookups} lookups of {most})."),
        "mailbox": N_(
            "{domain} is {provider}'s own domain: its settings are theirs, there is nothing to do."
        ),
        "foreign": N_(
            "the sender's address is of {provider}, the server {host} is not: families' providers will take the messages "
            "for forged. Send through {provider}'s server, or from an address of the home's own domain."
        ),
        "missing": N_(
            "{domain} does not say who may send for it: families' providers may take the messages for spam. Ask whoever "
            "manages the domain's DNS to publish what the mail provider {provider} gives for SPF."
        ),
        "not_included": N_(
            "{domain} does not name {provider} among its senders: families' providers will take the messages for forged. "
            "Ask whoever manages the domain's DNS to add “include:{include}” to the SPF record: {record}"
        ),
        "unsure": N_(
            "{domain} says who may send, but whether {host} is among them cannot be seen from here. Ask the mail provider "
            "what it wants in SPF, and compare: {record}"
        ),
        "open": N_(
            "{domain} lets everybody send in its name (“+all”): spammers will. Ask whoever manages the domain's DNS to end "
            "the SPF record by “~all”: {record}"
        ),
        "multiple": N_(
            "{where} has several SPF records: receivers ignore them all. Ask whoever manages the domain's DNS to make one "
            "of them."
        ),
        "syntax": N_(
            "the SPF record of {domain} cannot be read at “{where}”: receivers ignore it. Ask whoever manages the "
            "domain's DNS to correct it: {record}"
        ),
        "broken_include": N_(
            "the SPF record of {domain} includes {where}, which has none: receivers take the whole for broken. Ask whoever "
            "manages the domain's DNS to remove it."
        ),
        "too_many_lookups": N_(
            "the SPF record of {domain} needs {lookups} lookups, receivers stop at {most} and take it for broken. Ask "
            "whoever manages the domain's DNS to remove the services that are not used any more."
        ),
        "void_lookups": N_(
            "the SPF record of {domain} names servers that do not exist ({where}): some receivers take it for broken. Ask "
            "whoever manages the domain's DNS to remove them."
        ),
        "unanswered": N_("the DNS did not answer about {where}. Try again later."),
    },
    _S.DKIM: {
        "needs_message": N_(
            "whether messages are signed is only seen on a received one. Send a test message to yourself, and look for "
            "“dkim=pass” in its source; if it is missing, ask the mail provider to sign for {domain}. With [imap] filled in, "
            "this is examined here."
        ),
        "no_mailbox": N_("the mailbox could not be read: whether messages are signed is not known."),
        "no_message": N_(
            "no message from {sender} was received in the last weeks. Send a test message to yourself, then start the "
            "doctor again."
        ),
        "passed": N_(
            "messages arrive signed for {signer} (selector {selector}): they are not taken for forged."
        ),
        "unsigned": N_(
            "messages arrive without a signature: Gmail, Outlook and Yahoo trust them less. Ask the mail provider to sign "
            "(DKIM) for {domain}. If the message that was read had not left the provider's own server, send a test to an "
            "address elsewhere first, and look for “dkim=pass” in its source."
        ),
        "other": N_(
            "messages are signed for {other}, not for {domain}: that does not count for {domain}. Ask the mail provider to "
            "sign (DKIM) for {domain}: it gives a record for the domain's DNS."
        ),
        "no_key": N_(
            "messages are signed, but {name} does not exist in the DNS: receivers cannot check the signature, and may take "
            "the messages for forged. Ask whoever manages the domain's DNS to publish there the key that the mail provider gives."
        ),
        "revoked": N_(
            "messages are signed with a key that was withdrawn ({name} is empty): receivers take the signature for invalid. "
            "Ask the mail provider for a new key, and whoever manages the domain's DNS to publish it."
        ),
        "broken": N_(
            "the signature for {signer} does not fit the message that was received: something changed it on its way "
            "(an antivirus, a footer that is added), or the key at {name} is not the right one. Ask the mail provider."
        ),
        "unanswered": N_("the DNS did not answer about {name}. Try again later."),
    },
    _S.DMARC: {
        "none": N_("{domain} has a policy, which only observes (p=none)."),
        "quarantine": N_("{domain} has a policy: what is forged goes to the spam folder."),
        "reject": N_("{domain} has a policy: what is forged is refused."),
        "mailbox": N_(
            "{domain} is {provider}'s own domain: its settings are theirs, there is nothing to do."
        ),
        "missing": N_(
            "{domain} has no policy: Gmail, Outlook and Yahoo want one from regular senders. Ask whoever manages the "
            "domain's DNS to publish at _dmarc.{domain}: v=DMARC1; p=none"
        ),
        "multiple": N_(
            "{domain} has several policies: receivers ignore them all. Ask whoever manages the domain's DNS to keep one."
        ),
        "syntax": N_(
            "the policy of {domain} cannot be read: {record}. Ask whoever manages the domain's DNS to correct it, for "
            "instance: v=DMARC1; p=none"
        ),
        "unanswered": N_("the DNS did not answer about {domain}. Try again later."),
    },
    _S.PTR: {
        "passed": N_("{address} has a name, {name}, which leads back to it."),
        "provider": N_("{host} is the provider's server: its address is the provider's affair."),
        "inside": N_(
            "{host} stands in the home's own network: the address that families' providers see is not known here. Ask the "
            "internet provider whether that address has a name (PTR) that leads back to it; without one Gmail refuses."
        ),
        "no_address": N_("the address of {host} is not known."),
        "missing": N_(
            "{address} ({host}) has no name: Gmail and others refuse its messages. Ask the internet provider or host of "
            "this address to set its PTR record to {host}."
        ),
        "mismatch": N_(
            "{address} is called {name}, and that name does not lead back to it: Gmail and others refuse its messages. Ask "
            "the internet provider or host of this address to set its PTR record to {host}."
        ),
        "unanswered": N_("the DNS did not answer about {address}. Try again later."),
    },
    _S.MX: {
        "passed": N_("the domains of all addresses can receive ({count})."),
        "no_addresses": N_("no address was read: “elite check” says what is in the workbook."),
        "no_domain": N_("{domain} does not exist. Ask the family for the right address: {addresses}"),
        "none": N_("{domain} receives no mail. Ask the family for the right address: {addresses}"),
        "null": N_("{domain} says that it receives no mail. Ask the family for another address: {addresses}"),
        "unanswered": N_("the DNS did not answer about {domains}. Try again later."),
        "gave_up": N_(
            "the DNS does not answer: the families' domains were not examined. Check the internet connection; if it "
            "works, ask whoever looks after the network whether DNS (port 53) is allowed."
        ),
    },
    _S.MISSPELT: {
        "passed": N_("no domain looks misspelt (domains: {count})."),
        "no_addresses": N_("no address was read: “elite check” says what is in the workbook."),
        "looks_like": N_("{domain}: was {meant} meant? Ask the family: {addresses}"),
    },
}
