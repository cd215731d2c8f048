"""RFC 3463 status codes and RFC 5321 reply codes, for when the words say nothing.

5.1.1 holds in nineteen of twenty; most others are used loosely, so that a row is what servers mean by
it and not what the RFC hoped. A generic one (X.0.0) is no evidence and has no row.
"""

from __future__ import annotations

from elite_lib.models import ReturnClass as C

# status without its class digit -> (class when permanent, class when transient, ours to fix)
STATUSES: dict[str, tuple[C, C, bool]] = {
    # IANA, "SMTP Enhanced Status Codes": RFC 3463, 4954, 5248, 6531, 7293, 7372, 7505, 8616, 8689
    "1.0": (C.HARD, C.SOFT, False),  # other address status
    "1.1": (C.HARD, C.HARD, False),  # bad destination mailbox address
    "1.2": (C.HARD, C.SOFT, False),  # bad destination system address
    "1.3": (C.HARD, C.HARD, False),  # bad destination mailbox address syntax
    "1.4": (C.BLOCK, C.SOFT, False),  # ambiguous
    "1.6": (C.HARD, C.HARD, False),  # moved, no forwarding address
    "1.7": (C.BLOCK, C.BLOCK, True),  # bad sender's mailbox address syntax
    "1.8": (C.BLOCK, C.BLOCK, True),  # bad sender's system address
    "1.9": (C.SOFT, C.SOFT, False),  # relayed to a non-compliant mailer
    "1.10": (C.HARD, C.SOFT, False),  # null MX; Exchange Online: recipient not found
    "2.0": (C.BLOCK, C.SOFT, False),  # other mailbox status
    "2.1": (C.BLOCK, C.SOFT, False),  # disabled, not accepting: see phrases for a closed one
    "2.2": (C.MAILBOX_FULL, C.MAILBOX_FULL, False),
    "2.3": (C.BLOCK, C.BLOCK, True),  # length exceeds the administrative limit
    "2.4": (C.BLOCK, C.SOFT, False),  # mailing list expansion
    "3.0": (C.SOFT, C.SOFT, False),
    "3.1": (C.SOFT, C.SOFT, False),  # mail system full
    "3.2": (C.SOFT, C.SOFT, False),  # not accepting network messages
    "3.3": (C.SOFT, C.SOFT, False),
    "3.4": (C.BLOCK, C.BLOCK, True),  # message too big
    "3.5": (C.SOFT, C.SOFT, False),
    "4.0": (C.SOFT, C.SOFT, False),
    "4.1": (C.SOFT, C.SOFT, False),  # no answer from host
    "4.2": (C.SOFT, C.SOFT, False),
    "4.3": (C.SOFT, C.SOFT, False),  # directory server failure
    "4.4": (C.HARD, C.SOFT, False),  # unable to route
    "4.5": (C.SOFT, C.SOFT, False),  # congestion
    "4.6": (C.SOFT, C.SOFT, False),  # loop
    "4.7": (C.SOFT, C.SOFT, False),  # expired
    "4.8": (C.SOFT, C.SOFT, False),
    "5.0": (C.BLOCK, C.SOFT, False),
    "5.1": (C.BLOCK, C.BLOCK, True),  # invalid command
    "5.2": (C.BLOCK, C.BLOCK, True),  # syntax error
    "5.3": (C.RATE_LIMITED, C.RATE_LIMITED, True),  # too many recipients
    "5.4": (C.BLOCK, C.BLOCK, True),
    "5.5": (C.BLOCK, C.BLOCK, True),
    "5.6": (C.BLOCK, C.BLOCK, True),  # authentication exchange line too long
    "6.6": (C.BLOCK, C.SOFT, False),  # message content not available
    "7.4": (C.SOFT, C.SOFT, True),  # security features not supported
    "7.5": (C.SOFT, C.SOFT, True),  # cryptographic failure
    "7.6": (C.SOFT, C.SOFT, True),
    "7.8": (C.BLOCK, C.SOFT, True),  # our login
    "7.10": (C.SOFT, C.SOFT, True),  # encryption needed
    "7.11": (C.SOFT, C.SOFT, True),
    "7.13": (C.HARD, C.SOFT, False),  # user account disabled
    "7.15": (C.BLOCK, C.SOFT, False),  # priority too low
    "7.17": (C.HARD, C.SOFT, False),  # the mailbox has another owner now: never to be written to again
    "7.18": (C.HARD, C.SOFT, False),  # so has the domain
    "7.19": (C.BLOCK, C.SOFT, False),
    "7.28": (C.RATE_LIMITED, C.RATE_LIMITED, True),  # mail flood
    "7.30": (C.SOFT, C.SOFT, True),  # REQUIRETLS
    # Exchange Online (learn.microsoft.com, "Email non-delivery reports and SMTP errors in Exchange Online")
    "0.350": (C.BLOCK, C.SOFT, False),  # a generic refusal of the remote server
    "1.90": (C.RATE_LIMITED, C.RATE_LIMITED, True),  # our daily limit of recipients
    "1.350": (C.HARD, C.SOFT, False),
    "1.351": (C.HARD, C.SOFT, False),  # remote server: unknown recipient
    "2.121": (C.RATE_LIMITED, C.RATE_LIMITED, True),  # the recipient gets too much from us in an hour
    "2.122": (C.RATE_LIMITED, C.RATE_LIMITED, False),  # the recipient gets too much
    "4.310": (C.HARD, C.SOFT, False),  # DNS: the domain does not exist
    "7.320": (C.SOFT, C.SOFT, False),  # certificate, DANE, MTA-STS
    "7.321": (C.SOFT, C.SOFT, False),
    "7.322": (C.SOFT, C.SOFT, False),
    "7.323": (C.SOFT, C.SOFT, False),
    "7.324": (C.SOFT, C.SOFT, False),
    "7.325": (C.SOFT, C.SOFT, False),
    "7.500": (C.BLOCK, C.RATE_LIMITED, True),  # "server busy": the address of the server sends too much
    "7.501": (C.BLOCK, C.RATE_LIMITED, True),
    "7.509": (C.BLOCK, C.BLOCK, True),  # DMARC
    "7.515": (C.BLOCK, C.BLOCK, True),
    "7.650": (C.BLOCK, C.RATE_LIMITED, True),
    "7.651": (C.BLOCK, C.RATE_LIMITED, True),
    "7.652": (C.BLOCK, C.RATE_LIMITED, True),
    "7.705": (C.BLOCK, C.BLOCK, True),  # our tenant sends too much
    "7.708": (C.BLOCK, C.BLOCK, True),
    "7.750": (C.BLOCK, C.BLOCK, True),
}
# by subject, where the detail has no row of its own
SUBJECTS: dict[str, tuple[C, C, bool]] = {
    "1": (C.HARD, C.SOFT, False),
    "2": (C.BLOCK, C.SOFT, False),
    "3": (C.SOFT, C.SOFT, False),
    "4": (C.SOFT, C.SOFT, False),
    "5": (C.BLOCK, C.SOFT, True),
    "6": (C.BLOCK, C.BLOCK, True),  # content, conversion, SMTPUTF8 (RFC 6531 x.6.7)
    "7": (C.BLOCK, C.BLOCK, False),  # security or policy
}
# always our set-up (RFC 7372, 8616; Gmail and Microsoft use them so)
OURS = {
    "1.7", "1.8", "7.20", "7.21", "7.22", "7.23", "7.24", "7.25", "7.26", "7.27", "7.28", "7.29", "7.30",
    "7.32", "7.40", "7.60", "7.501", "7.502", "7.503", "7.509", "7.515", "7.705", "7.708", "7.750",
}  # fmt: skip
# what no notice around an empty reply may contradict: it is boilerplate, or a gateway's footer
SURE = {"1.1", "1.2", "1.3", "1.10", "2.2"}
CERTAIN = {"2.2"}  # a full mailbox in every one of 35 real messages, whatever the words
NEVER = {"521", "556"}  # RFC 7504: the host, the domain takes no mail
CODES: dict[str, C] = {
    "421": C.SOFT, "432": C.RATE_LIMITED, "441": C.SOFT, "442": C.SOFT, "447": C.SOFT, "452": C.SOFT,
    "500": C.BLOCK, "501": C.BLOCK, "502": C.BLOCK, "503": C.BLOCK, "504": C.BLOCK,
    "422": C.MAILBOX_FULL, "454": C.SOFT, "471": C.BLOCK, "541": C.BLOCK, "571": C.BLOCK,
    "525": C.HARD,  # RFC 5248 x.7.13: account disabled
    "521": C.HARD,  # RFC 7504: the host accepts no mail
    "523": C.BLOCK, "530": C.BLOCK, "534": C.BLOCK, "535": C.BLOCK,
    "551": C.HARD, "552": C.MAILBOX_FULL, "556": C.HARD,
}  # fmt: skip
OUR_WAY = {"500", "501", "502", "503", "504", "530", "534", "535"}  # of these: our commands, our login


def by_status(status: str) -> tuple[C, bool] | None:
    """Judge a status code; None when it is generic or there is none."""
    kind, _, rest = status.partition(".")
    if not rest or rest == "0.0":
        return None
    row = STATUSES.get(rest) or SUBJECTS.get(rest.partition(".")[0])
    if row is None:
        return None
    return (row[0] if kind == "5" else row[1]), row[2] or rest in OURS
