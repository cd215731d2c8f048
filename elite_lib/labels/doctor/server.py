"""What the steps about the mail server found, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping

from elite_lib.exceptions import ConfigError
from elite_lib.labels.catalogue import N_
from elite_lib.labels.errors import ERRORS
from elite_lib.models import CheckStep

_S = CheckStep
_SECRET = ("secret_missing", "secret_unreadable", "secret_empty", "secret_readable_by_others")

SERVER: Mapping[CheckStep, Mapping[str, str]] = {
    _S.DNS: {
        "known": N_("{host} is known: {addresses}."),
        "unknown": N_(
            "the name {host} is not known. Compare [mail] host with what the mail provider gives, letter by letter; if "
            "it is right, the internet connection is down: ask whoever looks after the network."
        ),
    },
    _S.TCP: {
        "passed": N_("port {port} of {host} answers."),
        "refused": N_(
            "port {port} of {host} refuses the connection. Compare [mail] host and port with what the mail provider "
            "gives; if they are right, a firewall or the antivirus of this computer refuses it: ask whoever looks after "
            "the network to let port {port} out."
        ),
        "filtered": N_(
            "port {port} of {host} does not answer at all: a firewall, the antivirus or the internet box swallows it. Ask "
            "whoever looks after the network, then the internet provider, to let port {port} out. Many boxes block port "
            "25: use 587 or 465 if the mail provider offers them."
        ),
    },
    _S.GREETING: {
        "passed": N_("a mail server answers there, ready to work."),
        "silent": N_(
            "something takes the connection at {host}, port {port}, and says nothing: most often an antivirus that reads "
            "the mail, or a firewall. Switch the reading of outgoing mail off in the antivirus, or ask whoever looks "
            "after the network."
        ),
        "wants_tls": N_(
            "{host}, port {port}, wants encryption from the first word. Write security = “tls” in [mail], or use the "
            "port that the mail provider gives for STARTTLS (587, most often)."
        ),
        "cut": N_(
            "{host} closed the connection without a word. It may be busy, or refuse this internet connection: try again "
            "in an hour, then ask the mail provider, with the home's public IP address."
        ),
        "greeting": N_(
            "what answers at {host}, port {port}, is not a mail server ready to work ({detail}). Compare [mail] host and "
            "port with what the mail provider gives; if they are right, ask the provider what this answer means."
        ),
        "timeout": N_("{host} stopped answering. Try again later; if it lasts, ask the mail provider."),
    },
    _S.TLS: {
        "passed": N_(
            "encrypted ({version}); the certificate for {names}, by {issuer}, is valid until {until}."
        ),
        "ends_soon": N_(
            "encrypted, but the certificate for {names} ends on {until}: nothing will leave after that. Tell the mail "
            "provider, or whoever looks after the server."
        ),
        "plain": N_(
            "no encryption: whoever is on the way can read the messages. Use security = “starttls” or “tls” in [mail], "
            "unless the server stands in the home's own network."
        ),
        "tls_expired": N_(
            "the certificate of {host} (for {names}, by {issuer}) ended on {until}. Check the date of this computer; if "
            "it is right, only the mail provider, or whoever looks after the server, can renew it."
        ),
        "tls_not_yet": N_(
            "the certificate of {host} is only valid from {since} on: the date of this computer is wrong, most likely. "
            "Set it right."
        ),
        "tls_name": N_(
            "the certificate is for {names}, not for {host}. Write in [mail] host the name that the mail provider gives: "
            "often one of these. Nothing was sent to this server."
        ),
        "tls_untrusted": N_(
            "the certificate of {host} is signed by “{issuer}”, which this computer does not trust. If that is the name of "
            "an antivirus, switch the reading of outgoing mail off in it; if the server is the home's own, ask whoever "
            "looks after it for the authority's PEM file, and name it in [mail] ca_file."
        ),
        "tls": N_(
            "encryption with {host}, port {port}, fails ({detail}). Compare [mail] port and security with what the mail "
            "provider gives; if they are right, ask the provider whether the server knows TLS 1.2."
        ),
        "wants_starttls": N_(
            "{host}, port {port}, begins without encryption. Write security = “starttls” in [mail], or use the port that "
            "the mail provider gives for TLS (465, most often)."
        ),
        "starttls_missing": N_(
            "{host}, port {port}, offers no encryption. Use the port that the mail provider gives (587 or 465). If it is "
            "the right one, an antivirus or a firewall hides the offer: switch the reading of outgoing mail off in it."
        ),
        "ca_file": N_(
            "the file of [mail] ca_file ({value}) is not there, or is no PEM certificate. Correct its name, or leave "
            "the setting empty."
        ),
        "cut": N_(
            "{host} closed the connection when encryption began. An antivirus or a firewall does that: ask whoever "
            "looks after the network."
        ),
        "timeout": N_(
            "{host} stopped answering when encryption began. An antivirus or a firewall does that: ask whoever "
            "looks after the network."
        ),
        "greeting": N_("{host} does not go on after encryption began ({detail}). Ask the mail provider."),
    },
    _S.AUTH: {
        "passed": N_("{host} accepts {login} and its password."),
        "no_login": N_("no login is set: the server must know this computer by its address."),
        "refused": N_(
            "{host} refuses {login} or its password ({reply}). Try both in the provider's webmail. If they work there, "
            "ask the provider whether sending by a program (SMTP) must be allowed first. Do not try again and again: "
            "the account could be blocked."
        ),
        "m365_basic_disabled": N_(
            "Microsoft 365 refuses passwords for sending by a program ({reply}). Ask the administrator of Microsoft 365 "
            "to allow “authenticated SMTP” for the mailbox {login}, and to check the security defaults."
        ),
        "google_app_password": N_(
            "Google does not take the account's own password here ({reply}). In the Google account of {login}: security, "
            "two-step verification, then make an app password and use it here. If the page is not there, ask the "
            "administrator of Google Workspace."
        ),
        "client_not_allowed": N_(
            "{login} may not send by a program ({reply}). Ask the administrator of the mail account."
        ),
        "login_needed": N_("{host} wants another login ({reply}). Ask the mail provider which one."),
        "busy": N_(
            "{host} cannot check the password now ({reply}). It says nothing of the password: try again in an hour."
        ),
        "cut": N_(
            "{host} closed the connection at the login ({reply}). Try again later, then ask the provider."
        ),
        "insecure": N_(
            "the password is not sent without encryption. Use security = “starttls” or “tls” in [mail]."
        ),
        "not_offered": N_(
            "{host} takes no password here (it offers: {mechanisms}). Ask the mail provider how a program may log in: "
            "another port, an app password, or OAuth2."
        ),
        "password_missing": N_("there is no password for {login}. Give it in the settings."),
        **{code: ERRORS[ConfigError][code] for code in _SECRET},
    },
    _S.SIZE: {
        "passed": N_("messages of up to {limit} are taken."),
        "unannounced": N_(
            "the server names no limit. Stay under 10 MB per message: families' providers have theirs."
        ),
        "small": N_(
            "only messages of up to {limit} are taken, attachments and their encoding (a third more) included. Keep the "
            "attachments light, or ask the mail provider for more."
        ),
    },
    _S.DSN: {
        "passed": N_("the server reports what became of each message."),
        "absent": N_(
            "the server reports failures only, not deliveries. There is nothing to do: failures still come back to the "
            "sender's mailbox."
        ),
    },
    _S.MAIL_FROM: {
        "passed": N_("{sender} may send. Nothing was sent."),
        "busy": N_(
            "{host} does not take the sender {sender} now ({reply}). Try again in an hour; if it lasts, ask the provider."
        ),
        "client_not_allowed": N_(
            "the account may not send as {sender} ({reply}). Ask the administrator of Microsoft 365 for the permission "
            "“Send as”, or write the account's own address in [mail] sender."
        ),
        "login_needed": N_("{host} wants a login ({reply}). Fill in [mail] login and give the password."),
        "refused": N_(
            "{host} refuses the sender {sender} ({reply}). Write in [mail] sender an address of this account, or ask the "
            "provider to allow this one."
        ),
        "cut": N_("{host} closed the connection when it heard the sender ({detail}). Ask the mail provider."),
        "tagged": N_("a return address of each message's own ({tagged}) is taken as well."),
        "tag_busy": N_(
            "{host} does not take the return address {tagged} now ({reply}). Try again in an hour; if it lasts, write "
            "tag_returns = false in [mail]."
        ),
        "tag_refused": N_(
            "{host} does not take the return address {tagged} ({reply}): nothing would leave, or returned messages would be "
            "lost. Write tag_returns = false in [mail], or ask the mail provider to allow addresses with “+”."
        ),
    },
}
