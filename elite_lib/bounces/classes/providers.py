"""Codes that a provider defines itself: certain where they occur, so they are heard first.

Sources: the providers' postmaster pages as named in each row.
"""

from __future__ import annotations

import re

from elite_lib.bounces.classes.rows import Code
from elite_lib.models import ReturnClass as C

# Orange and La Poste write LPN007_426, OFR_417, OFR006_102, OUK_…: the digits decide.
FRENCH = re.compile(r"\b(?:lpn|lpnaaa|ofr|ouk)(?:\w{0,3}[-_])?(\d{3})\b")
FRENCH_CODES: dict[str, tuple[C, bool]] = {
    "102": (C.BLOCK, True),  # address of the server blocked for spam
    "103": (C.BLOCK, True),  # blocked by the provider's list
    "104": (C.RATE_LIMITED, True),  # too many connections
    "107": (C.BLOCK, True),  # no PTR record
    "108": (C.BLOCK, True),
    "109": (C.RATE_LIMITED, True),  # too many at a time
    "416": (C.HARD, False),  # no such mailbox
    "417": (C.MAILBOX_FULL, False),
    "420": (C.HARD, False),  # suspended
    "426": (C.HARD, False),  # blocked account
    "505": (C.SOFT, False),
    "506": (C.BLOCK, False),  # spam
    "510": (C.BLOCK, False),
    "515": (C.BLOCK, True),  # DMARC
    "517": (C.BLOCK, True),  # DMARC
    "630": (C.BLOCK, False),  # policy
}

CODES: tuple[Code, ...] = (
    # SFR (postmaster.sfr.fr, "Codes retour SMTP")
    Code(rule="sfr-101", needle="sfr_in", cls=C.BLOCK, text=r"\bsfr_in_101\b", source="SFR: spam"),
    Code(rule="sfr-102", needle="sfr_in", cls=C.BLOCK, text=r"\bsfr_in_102\b", source="SFR: virus"),
    Code(
        rule="sfr-103",
        needle="sfr_in",
        cls=C.BLOCK,
        text=r"\bsfr_in_103\b",
        source="SFR: protocol",
        ours=True,
    ),
    Code(
        rule="sfr-104",
        needle="sfr_in",
        cls=C.RATE_LIMITED,
        text=r"\bsfr_in_104\b",
        source="SFR: too many unknown users",
        ours=True,
    ),
    Code(
        rule="sfr-105",
        needle="sfr_in",
        cls=C.RATE_LIMITED,
        text=r"\bsfr_in_105\b",
        source="SFR: volume",
        ours=True,
    ),
    Code(
        rule="sfr-gu",
        needle="gu_eib",
        cls=C.BLOCK,
        text=r"\bgu_eib_0[24]\b",
        source="SFR: address of the server refused",
        ours=True,
    ),
    # Free (postmaster.free.fr): plain words
    Code(
        rule="free-spam",
        needle="spam detected",
        cls=C.BLOCK,
        text=r"550 (?:5\.7\.1 )?spam detected",
        source="Free",
    ),
    Code(
        rule="free-ip",
        needle="from your ip",
        cls=C.BLOCK,
        text=r"too many spams? from your ip",
        source="Free: block up to 24 h",
        ours=True,
    ),
    # Gmail (support.google.com/a/answer/3726730)
    Code(
        rule="gmail-rate",
        needle="4.7.28|4.2.1|too quickly|unusual rate",
        cls=C.RATE_LIMITED,
        text=r"\b4\.7\.28\b|\b4\.2\.1\b.*\brate\b|receiving mail too quickly|unusual rate",
        host="google|gsmtp",
        source="Gmail",
        ours=True,
    ),
    Code(
        rule="gmail-auth",
        needle=".7.2|.7.3|.7.40",
        cls=C.BLOCK,
        text=r"\b[45]\.7\.(?:2[05679]|3[02]|40)\b",
        host="google|gsmtp",
        source="Gmail",
        ours=True,
    ),
    Code(
        rule="gmail-disabled",
        needle="5.2.1",
        cls=C.HARD,
        text=r"\b5\.2\.1\b.*\bdisabled\b",
        host="google|gsmtp",
        source="Gmail",
    ),
    Code(
        rule="gmail-reputation",
        needle=".7.0|5.7.1",
        cls=C.BLOCK,
        text=r"\b[45]\.7\.0\b|\b5\.7\.1\b",
        host="google|gsmtp",
        source="Gmail",
    ),
    Code(
        rule="google-groups",
        needle="google.",
        cls=C.BLOCK,
        text=r"groups\.google\.|support\.google\.[a-z]+/a?/?[^ ]*group",
        host="googlegroups",
        source="Google Groups: no such group, or no right to post; in forty languages",
    ),
    # Microsoft (learn.microsoft.com, "NDR error codes in Exchange Online"; Outlook.com postmaster)
    Code(
        rule="microsoft-blocked",
        needle="5.7.6|(s3|5.7.511|5.7.708|5.7.750",
        cls=C.BLOCK,
        text=r"\b5\.7\.(?:60[6-9]|6[1-4]\d)\b|\(s(?:3150|3140)\)|\b5\.7\.(?:511|708|750)\b",
        source="Microsoft",
        ours=True,
    ),
    Code(
        rule="microsoft-rate",
        needle="4.7.6|4.7.5|(s775|thread limit|4.5.3",
        cls=C.RATE_LIMITED,
        text=r"\b4\.7\.(?:65[0-2]|50[01])\b.*(?:busy|rate|ip|messages)|\(s775b?\)|recipient thread limit",
        source="Microsoft",
        ours=True,
    ),
    Code(
        rule="microsoft-auth",
        needle="5.7.5|5.7.23|5.7.60",
        cls=C.BLOCK,
        text=r"\b5\.7\.(?:509|515|23|60)\b",
        source="Microsoft",
        ours=True,
    ),
    Code(
        rule="microsoft-restricted",
        needle="resolver.rst",
        cls=C.BLOCK,
        text=r"resolver\.rst\.(?!\w*sizelimit)",
        source="Microsoft: the address takes known senders only",
    ),
    Code(
        rule="microsoft-unknown",
        needle="5.1.10|5.1.351|resolver.adr|5.4.1|5.5.0",
        cls=C.HARD,
        text=r"\b5\.1\.10\b|\b5\.1\.351\b|resolver\.adr\.|"
        r"\b5\.4\.1\b.*recipient address rejected: access denied|"
        r"\b550 5\.5\.0 requested action not taken: mailbox unavailable",
        host="outlook|microsoft|hotmail|resolver|access denied|unavailable|5.1.351|5.1.10",
        source="Microsoft",
    ),
    Code(
        rule="microsoft-quota",
        needle="storedrv",
        cls=C.MAILBOX_FULL,
        text=r"storedrv\.deliver.*(?:quota|full)|mailbox full; storedrv",
        source="Microsoft",
    ),
    # Yahoo, AOL (senders.yahooinc.com/smtp-error-codes)
    Code(
        rule="yahoo-rate",
        needle="[ts|[gl01]|temporarily deferred",
        cls=C.RATE_LIMITED,
        text=r"(?!.*permanently deferred)(?:\[(?:ts0[12]|tss0[4-8]|gl01)\]|"
        r"messages? from \(?[\da-f.:]+\)? temporarily deferred)",
        source="Yahoo",
        ours=True,
    ),
    Code(
        rule="yahoo-blocked",
        needle="[ts|[bl|[ph|[ip",
        cls=C.BLOCK,
        text=r"\[(?:ts03|tss06(?=\] all )|tss?09|tss?1[01]|bl\d\d|ph01|ip\d\d|ipts04)\]",
        source="Yahoo",
        ours=True,
    ),
    Code(
        rule="yahoo-disabled",
        needle="554.30|yahoo|error: dd",
        cls=C.HARD,
        text=r"554\.30\b|doesn't have a yahoo|delivery error: dd (?:this user|"
        r"sorry, your message(?!.*quota))",
        source="Yahoo",
    ),
    # Apple (support.apple.com/102322)
    Code(
        rule="apple-policy",
        needle="[cs01]|[hm",
        cls=C.BLOCK,
        text=r"\[(?:cs01|hm0[78]|hm\d\d)\]",
        source="Apple",
    ),
    # Comcast (postmaster.comcast.net, "Mail delivery error codes")
    Code(
        rule="comcast-rate",
        needle="rl00",
        cls=C.RATE_LIMITED,
        text=r"\brl0000\d\d\b",
        source="Comcast: too many messages or recipients",
        ours=True,
    ),
    Code(
        rule="comcast-blocked",
        needle="bl00|es00|ph00|dm00|pt00",
        cls=C.BLOCK,
        text=r"\b(?:bl|es|ph|dm|pt)0\d{5}\b",
        source="Comcast: lists, dynamic addresses, phishing, policy",
        ours=True,
    ),
    # Cox, AT&T, Charter: "acceptable use policy" and a number
    Code(
        rule="aup",
        needle="aup#",
        cls=C.BLOCK,
        text=r"\baup#[\w-]+",
        source="Cox (cox.com, 'Email error codes'), AT&T, Charter",
        ours=True,
    ),
    # AOL before it was Yahoo's (postmaster.aol.com, "SMTP error messages")
    Code(
        rule="aol-blocked",
        needle="(rtr:|(con:|(dyn:|(hvu:|(rly:|(dns:|(spf:|(snd:",
        cls=C.BLOCK,
        text=r"\((?:rtr|con|dyn|hvu|rly|dns|spf|snd):[a-z0-9]{2,3}\)",
        source="AOL",
        ours=True,
    ),
    # EarthLink (postmaster-earthlink.vadesecure.com, "SMTP error codes")
    Code(
        rule="earthlink-rate",
        needle="elnk",
        cls=C.RATE_LIMITED,
        text=r"\belnk\d{0,3}_1[13]\d\b",
        source="EarthLink: connections, volume",
        ours=True,
    ),
    # NetEase: 163.com, 126.com (its help, "退信代码说明")
    Code(
        rule="netease-rate",
        needle="hl:|mi:|rp:",
        cls=C.RATE_LIMITED,
        text=r"\b(?:hl:i[cf]c|mi:dmc|mi:sfq|rp:drc)\b",
        source="NetEase: connections, messages, recipients",
        ours=True,
    ),
    Code(
        rule="netease-listed",
        needle="hl:rep|dt:rbl|wm:",
        cls=C.BLOCK,
        text=r"\b(?:hl:rep|dt:rbl|wm:bl[iu])\b",
        source="NetEase: conduct of the server, lists",
        ours=True,
    ),
    Code(
        rule="netease-blocked",
        needle="hl:mep|dt:spm",
        cls=C.BLOCK,
        text=r"\b(?:hl:mep|dt:spm)\b",
        source="NetEase: content",
    ),
    # GMX, WEB.DE, IONOS (postmaster.gmx.net)
    Code(
        rule="ionos-ptr",
        needle="&c=",
        cls=C.BLOCK,
        text=r"ip=.*&c=rdns|postmaster.*&c=(?:bip|bl)\b",
        source="IONOS",
        ours=True,
    ),
)
NEEDLES = "|".join(row.needle for row in CODES)  # most replies hold none
