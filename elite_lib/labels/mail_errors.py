"""The sentences for what a mail server, a mailbox or a mail program refuses."""

from __future__ import annotations

from collections.abc import Mapping

from elite_lib.exceptions import (
    AuthenticationError,
    EliteError,
    HandoverError,
    ServerUnavailableError,
    TransportError,
)
from elite_lib.labels.catalogue import N_

MAIL_ERRORS: Mapping[type[EliteError], Mapping[str, str]] = {
    HandoverError: {
        "program_missing": N_("{program} is not on this computer. Choose another way to send."),
        "program_failed": N_("{program} did not open ({detail}). Nothing was handed over."),
    },
    TransportError: {
        "envelope_invalid": N_(
            "“{address}” cannot be an address of a message. Correct it, then prepare the month again."
        ),
        "content_invalid": N_("A frozen message is not fit for sending. Prepare the month again."),
    },
    AuthenticationError: {
        "refused": N_("The mail server refuses the login or the password ({reply_code} {text}). {hint}"),
        "insecure": N_(
            "The password is not sent to {host} without encryption. Set [mail] security to starttls or tls."
        ),
        "not_offered": N_("The mail server {host} offers no login that this program knows ({mechanisms})."),
        "password_missing": N_("The password of {login} is missing."),
        "oauth_login_needed": N_(
            "This program is not allowed to use the mailbox yet. Allow it once: “elite login”."
        ),
        "oauth_refused": N_(
            "The provider refuses to let this program use the mailbox ({text}). Allow it again: “elite login”."
        ),
        "imap_refused": N_(
            "The mailbox at {host} refuses the login {login} or its password ({text}). Check [imap] login, and the password."
        ),
        "pop3_refused": N_(
            "The mailbox at {host} refuses the login {login} or its password ({text}). Check [returns] sources, and the password in secrets/pop3."
        ),
        "imap_insecure": N_(
            "The mailbox's password is not sent to {host} without encryption. Set [imap] security to tls or starttls."
        ),
    },
    ServerUnavailableError: {
        "dns": N_(
            "The mail server's name {host} is not known. Check [mail] host, and the internet connection."
        ),
        "refused": N_(
            "Nothing answers at {host}, port {port}. Check [mail] host and port; a firewall, an antivirus or the "
            "internet box may block it."
        ),
        "timeout": N_(
            "{host}, port {port}, does not answer. A firewall, an antivirus or the internet box often blocks that port."
        ),
        "cut": N_("{host} closed the connection ({detail}). Nothing went; try again later."),
        "greeting": N_("What answers at {host}, port {port}, is not a mail server ready to work ({detail})."),
        "oauth_unreachable": N_(
            "{host}, which allows the login, does not answer ({detail}). Try again later."
        ),
        "mailbox_dns": N_(
            "The mailbox's server {host} is not known. Check [imap] host (or [returns] sources), and the internet connection."
        ),
        "mailbox_refused": N_(
            "Nothing answers at {host}, port {port}, where the mailbox should be read. Check [imap] host and port (or "
            "[returns] sources); a firewall, an antivirus or the internet box may block it."
        ),
        "mailbox_timeout": N_(
            "The mailbox's server {host}, port {port}, does not answer. A firewall, an antivirus or the internet box "
            "often blocks that port. Messages leave all the same."
        ),
        "mailbox_cut": N_("The mailbox's server {host} closed the connection ({detail}). Try again later."),
        "mailbox_greeting": N_(
            "What answers at {host}, port {port}, is no mailbox that can be read ({detail}). Check [imap] port and security."
        ),
        "mailbox_tls": N_(
            "The encrypted connection with the mailbox's server {host} failed ({detail}). Check [imap] port and security."
        ),
        "mailbox_tls_expired": N_(
            "The certificate of the mailbox's server {host} is out of date. Check this computer's clock; if it is right, "
            "ask the provider."
        ),
        "mailbox_tls_name": N_(
            "The certificate of the mailbox's server {host} is another server's. Check [imap] host: no password was sent to it."
        ),
        "mailbox_tls_untrusted": N_(
            "The certificate of the mailbox's server {host} is not signed by a known authority ({detail}). An antivirus "
            "that reads the mail? Or set [mail] ca_file."
        ),
        "pop3_failed": N_("The mailbox at {host} does not do what is asked ({detail})."),
        "imap_failed": N_("The mailbox at {host} does not do what is asked ({command}: {detail})."),
        "starttls_missing": N_(
            "{host}, port {port}, offers no encryption. Use the port and security that the provider gives."
        ),
        "tls": N_("The encrypted connection with {host} failed ({detail}). Check [mail] port and security."),
        "tls_expired": N_(
            "The certificate of {host} is out of date. Check this computer's clock; if it is right, ask the provider."
        ),
        "tls_name": N_(
            "The certificate of {host} is another server's. Check [mail] host: nothing was sent to it."
        ),
        "tls_untrusted": N_(
            "The certificate of {host} is not signed by a known authority ({detail}). An antivirus that reads the mail? "
            "Or set [mail] ca_file."
        ),
    },
}
