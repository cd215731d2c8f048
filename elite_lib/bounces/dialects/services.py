"""Providers', carriers' and filters' free-text notices."""

from __future__ import annotations

from elite_lib.bounces.dialects.rows import Dialect

SERVICES: tuple[Dialect, ...] = (
    Dialect(
        name="gmail",
        known=r"delivery to the following recipients? (?:has )?(?:failed|been delayed)|technical details of (?:permanent|temporary) failure"
        r"|your message wasn't delivered to|message not delivered|your message to .{3,260} (?:has been blocked|couldn't be delivered)",
        anchor=r"^[ \t]{2,}\*?[ \t]*(?P<to>{a})[ \t]*$|(?:delivered to|message to) (?P<inline>{a})",
        source="Gmail, before and after 2016",
    ),
    Dialect(
        name="yahoo",
        known=r"sorry,? we were unable to deliver your message to the following address|this is a temporary error|message from yahoo",
        anchor=r"^<(?P<to>{a})>:",
        source="Yahoo Mail",
    ),
    Dialect(
        name="mimecast",
        known=r"an email that you (?:attempted to send|sent) to the following address",
        anchor=r"^-- ?(?P<to>{a})[ \t]*$",
        source="Mimecast",
    ),
    Dialect(
        name="message-labs",
        known=r"this is the mail delivery agent at",
        anchor=r"^(?P<to>{a})[ \t]*$",
        source="Symantec Email Security.cloud",
    ),
    Dialect(
        name="status-list",
        known=r"the following addresses had delivery (?:errors|problems)|failed addresses follow|failure reasons|delivery to the following recipients|"
        r"(?:unable to|could not|couldn't) (?:be )?deliver(?:ed)?(?: your| the)?(?: message| mail)? (?:to|for)|following (?:recipients?|address(?:es)?)",
        anchor=r"^[ \t*|>-]*<?(?P<to>{a})>?[ \t]*(?:$|\[|\.\.\.|\(|:|;|-)|(?:deliver(?:ed|y)?(?: your| the)?(?: message| mail)? (?:to|for)|message to):?[ \t]*[<'\"]?(?P<inline>{a})",
        source="lists of addresses under a heading: gateways and carriers",
    ),
    Dialect(
        name="envelope",
        known=r"^[ \t]*rcpt to:",
        anchor=r"^[ \t]*rcpt to:[ \t]*<?(?P<to>{a})",
        source="notices that show the envelope: mobile carriers' gateways",
    ),
)
