"""The tagged return path: ``compta+<token>@…`` tells which message it is that came back (RFC 5233).

About one returned message in ten quotes neither our Message-ID nor our ENVID (measured on real ones); the
address that it comes to is then all that says what it is about. The token is the beginning of the
Message-ID, a hash: no name, no number, and no second thing to look up.
"""

from __future__ import annotations

LENGTH = 12  # hexadecimal digits: 48 bits tell a home's messages apart for longer than it keeps them
_LOCAL_PART = 64  # octets, RFC 5321 4.5.3.1.1


def tagged(sender: str, message_id: str) -> str:
    """Write the envelope's sender of one message; ``message_id`` with its angle brackets."""
    local, _, domain = sender.rpartition("@")
    return f"{local}+{message_id.strip('<>')[:LENGTH]}@{domain}"


def token_of(sender: str) -> str:
    """Give the token of an envelope's sender; "" where it carries none of ours."""
    local, _, _ = sender.rpartition("@")
    token = local.rpartition("+")[2] if "+" in local else ""
    ours = len(token) == LENGTH and set(token.lower()) <= set("0123456789abcdef")
    return token.lower() if ours else ""


def is_about(token: str, message_id: str) -> bool:
    """Tell whether a token is that of the message with this Message-ID; case is not kept everywhere."""
    return len(token) == LENGTH and message_id.strip("<>").lower().startswith(token.lower())


def may_be_tagged(sender: str) -> bool:
    """Tell whether a tag can be put to an address: it has none yet, and stays short enough."""
    local, _, _ = sender.rpartition("@")
    return "+" not in local and len(local) + 1 + LENGTH <= _LOCAL_PART
