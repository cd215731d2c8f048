"""Providers', carriers' and filters' free-text notices."""

from __future__ import annotations

from elite_lib.bounces.dialects.rows import Dialect

SERVICES: tuple[Dialect, ...] = (
    Dialect(
        name="gmail",
        known="delivery to the following recipient failed|"
        "delivery to the following recipient has been delayed|"
        "technical details of permanent failure|technical details of temporary failure|"
        "your message wasn't delivered to|message not delivered|"
        "your message to*has been blocked|your message to*couldn't be delivered",
        anchor=r"^[ \t]{2,}\*?[ \t]*(?P<to>{a})[ \t]*$|(?:delivered to|message to) (?P<inline>{a})",
        source="Gmail, before and after 2016",
    ),
    Dialect(
        name="yahoo",
        known="we were unable to deliver your message to the following address|message from yahoo",
        anchor=r"^<(?P<to>{a})>:",
        source="Yahoo Mail",
    ),
    Dialect(
        name="ezweb",
        known="each of the following recipients was rejected|the user(s) account is|"
        "following recipients did not receive this message",
        anchor=r"^[ \t]*(?:recipient: )?<(?P<to>{a})>[ \t]*$",
        source="au/KDDI ezweb",
    ),
    Dialect(
        name="mimecast",
        known="an email that you attempted to send|an email that you sent to the following",
        anchor=r"^-- ?(?P<to>{a})[ \t]*$",
        source="Mimecast",
    ),
    Dialect(
        name="message-labs",
        known="this is the mail delivery agent at",
        anchor=r"^(?P<to>{a})[ \t]*$",
        source="Symantec Email Security.cloud",
    ),
    Dialect(
        name="aol",
        known="they are not accepting mail from",
        anchor=r"^[ \t]+(?:(?P<to>{a})|(?P<name>[\w.-]{2,64}))[ \t]*$",
        source="AOL AIRmail, which names its members without a domain",
        local=True,
    ),
    Dialect(
        name="status-list",
        known="addresses had delivery errors|addresses had delivery problems|failed addresses follow|"
        "failure reasons|delivery to the following recipients|unable to deliver|"
        "could not deliver|couldn't deliver|could not be delivered|couldn't be delivered|"
        "following recipient|following address|folgende empfanger|nachstehenden empfanger",
        anchor=r"^[ \t*|>-]+[^\n<>@:]{1,60}<(?P<named>{a})>[ \t]*$|"
        r"^[ \t*|>-]*<?(?P<to>{a})>?[ \t]*(?:$|\[|\.\.\.|\(|:|;|-)|(?:deliver(?:ed|y)?(?: your|"
        r" the)?(?: message| mail)? (?:to|for)|message to):?[ \t]*[<'\"]?(?P<inline>{a})",
        source="lists of addresses under a heading: gateways and carriers",
    ),
    Dialect(
        name="envelope",
        known="rcpt to:",
        anchor=r"^[ \t]*(?:050 )?rcpt to:[ \t]*<?(?P<to>{a})(?![^\n]*\n250 )",
        source="notices that show the envelope: mobile carriers' gateways, of their own subscribers",
        local=True,
    ),
)
