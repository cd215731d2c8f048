"""A reply keeps its meaning in whatever a server writes around it: each published reply, in seven notices."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from elite_lib import bounces

REPLIES = Path(__file__).parent / "data" / "bounces" / "replies.tsv"
ROWS = [
    line.split("\t")
    for line in REPLIES.read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#") and line.split("\t")[2] != "-"
]
WHO = "a@b.example"
US = "compta@tilleuls.example"
OURS = f"From: {US}\nTo: {WHO}\nMessage-ID: <m1@tilleuls.example>\nReceived: by tilleuls\n\nBonjour\n"
# What each server says of the command that was refused.
COMMANDS = ("RCPT", "DATA", "MAIL", "CONN", "HELO")
QMAIL = (
    "192.0.2.1 does not like recipient.",
    "192.0.2.1 failed after I sent the message.",
    "Connected to 192.0.2.1 but sender was rejected.",
    "Connected to 192.0.2.1 but greeting failed.",
    "Connected to 192.0.2.1 but my name was rejected.",
)
EXIM = (
    f"RCPT TO:<{WHO}>",
    "end of data",
    f"MAIL FROM:<{US}> SIZE=9000",
    "initial connection",
    "EHLO y.example",
)
POSTFIX = ("RCPT TO", "end of DATA", "MAIL FROM", "", "EHLO")
DMA = ("RCPT TO", "final DATA", "MAIL FROM", "initial connection", "EHLO")
SENDMAIL = (f">>> RCPT To:<{WHO}>\n", ">>> DATA\n", f">>> MAIL From:<{US}>\n", "", ">>> EHLO y.example\n")
GMAIL = ("13", "18", "9", "2", "7")


def head(subject: str, more: str = "") -> str:
    return f"Return-Path: <>\nFrom: MAILER-DAEMON@y.example\nTo: {US}\nSubject: {subject}\n{more}\n"


def exim(reply: str, command: int) -> str:
    return (
        head("Mail delivery failed: returning message to sender", f"X-Failed-Recipients: {WHO}\n")
        + "This message was created automatically by mail delivery software.\n\nA message that you sent "
        f"could not be delivered to one or more of its\nrecipients. "
        f"The following address(es) failed:\n\n  {WHO}\n"
        f"    host mx.b.example [192.0.2.1]\n    SMTP error from remote mail server after {EXIM[command]}:\n"
        f"    {reply}\n\n------ This is a copy of the message, including all the headers. ------\n\n{OURS}"
    )


def qmail(reply: str, command: int) -> str:
    return (
        head("failure notice") + "Hi. This is the qmail-send program at y.example.\n"
        f"I'm afraid I wasn't able to deliver your message to the following addresses.\n\n<{WHO}>:\n"
        f"{QMAIL[command]}\nRemote host said: {reply}\nGiving up on 192.0.2.1.\n\n"
        f"--- Below this line is a copy of the message.\n\n{OURS}"
    )


def dma(reply: str, command: int) -> str:
    return (
        head("Mail delivery failed") + "This is the DragonFly Mail Agent v0.13 at y.example.\n\n"
        f"There was an error delivering your mail to <{WHO}>.\n\nmx.b.example [192.0.2.1] did not like our "
        f"{DMA[command]}:\n{reply}\n\nMessage headers follow.\n\n{OURS}"
    )


def sendmail(reply: str, command: int) -> str:
    return (
        head("Returned mail: see transcript for details")
        + "   ----- The following addresses had permanent fatal errors -----\n"
        f"<{WHO}>\n\n   ----- Transcript of session follows -----\n... while talking to mx.b.example.:\n"
        f"{SENDMAIL[command]}<<< {reply}\n554 5.0.0 Service unavailable\n\n"
        f"   ----- Original message follows -----\n\n{OURS}"
    )


def said(reply: str, command: int) -> str:
    if not POSTFIX[command]:
        return f"host mx.b.example[192.0.2.1] refused to talk to me: {reply}"
    return f"host mx.b.example[192.0.2.1] said: {reply} (in reply to {POSTFIX[command]} command)"


def postfix(reply: str, command: int) -> str:
    return (
        head("Undelivered Mail Returned to Sender") + "This is the mail system at host y.example.\n\n"
        "I'm sorry to have to inform you that your message could not\nbe delivered to one or more "
        f"recipients.\n\n"
        f"                   The mail system\n\n<{WHO}>: {said(reply, command)}\n\n{OURS}"
    )


def report(reply: str, command: int) -> str:
    kind = 'MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary="B"\n'
    return (
        head("Undelivered Mail Returned to Sender", kind)
        + f"--B\nContent-Type: text/plain\n\n<{WHO}>: {said(reply, command)}\n\n"
        f"--B\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; y.example\n\n"
        f"Final-Recipient: rfc822; {WHO}\nAction: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp; {reply}\n\n"
        f"--B\nContent-Type: message/rfc822\n\n{OURS}\n--B--\n"
    )


def gmail(reply: str, command: int) -> str:
    return (
        head("Delivery Status Notification (Failure)", f"X-Failed-Recipients: {WHO}\n")
        + f"Delivery to the following recipient failed permanently:\n\n     {WHO}\n\nTechnical details of "
        "permanent failure:\nGoogle tried to deliver your message, but it was rejected by the recipient "
        f"domain. The error that the other server returned was: {reply} (state {GMAIL[command]}).\n\n"
        f"----- Original message -----\n\n{OURS}"
    )


def zoho(reply: str, _: int) -> str:
    return (
        head("Undelivered Mail Returned to Sender")
        + "This message was created automatically by mail delivery software.\n A message that you sent could "
        "not be delivered to one or more of its recipients.\n\n"
        f"{WHO} Invalid Address, ERROR_CODE :{reply}\n\n{OURS}"
    )


def test_what_zoho_says_before_every_reply_is_not_the_reply() -> None:
    for reply, wanted in (
        ("550 5.2.1 This account has been deactivated", "hard"),
        ("552 mailbox full", "mailbox_full"),
        ("554 5.7.1 rejected as spam", "block"),
    ):
        (found,) = bounces.classify(zoho(reply, 0).encode()).reports
        assert (found.recipient, found.cls) == (WHO, wanted)


# Said of another address, or in no words at all: not what a notice can change.
ODD = ("a@yahoo.example", "DT:SPM", "5.2.1 Subject is Mandatory.")


@pytest.mark.parametrize("notice", [exim, qmail, dma, sendmail, postfix, report, gmail])
def test_a_reply_keeps_its_meaning_in_a_notice(notice: Callable[[str, int], str]) -> None:
    assert len(ROWS) > 500
    wrong = []
    for wanted, _, command, reply, _ in ROWS:
        if any(odd in reply for odd in ODD):
            continue
        found = bounces.classify(notice(reply, COMMANDS.index(command)).encode()).reports
        if [(f.recipient, f.cls) for f in found] != [(WHO, wanted)]:
            wrong.append((reply, wanted, [f.rule for f in found]))
    assert not wrong
