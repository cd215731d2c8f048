"""Examine the mail account: why messages do not leave, or would not arrive.

``examine`` tells each step as soon as it is over; ``labels.doctor`` says it in the office's words. No message
is ever sent: the dialogue with the server ends after MAIL FROM, or RCPT TO our own address.
"""

from elite_lib.doctor.examining import examine, family_addresses
from elite_lib.doctor.resolving import Answer, AnswerKind, DnsResolver, Resolver
from elite_lib.doctor.signing import Letters, home_letters, letters_of

__all__ = [
    "Answer",
    "AnswerKind",
    "DnsResolver",
    "Letters",
    "Resolver",
    "examine",
    "family_addresses",
    "home_letters",
    "letters_of",
]
