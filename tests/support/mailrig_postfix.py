"""Postfix's part of the rig: submission with login, a plain MX, and destinations that fail in their way.

Mail for refus.test goes to our own MX, which relays for nobody; it has another name there, as Postfix would
take itself for a loop.
"""

from __future__ import annotations

import grp
import os
import pwd
from dataclasses import dataclass
from pathlib import Path

LIBEXEC = "/usr/lib/postfix/sbin"
PROGRAMS = (f"{LIBEXEC}/master", f"{LIBEXEC}/smtpd")
HOSTED = ("compta@maison.test", "parc@maison.test")  # others of maison.test are refused at RCPT TO


@dataclass(frozen=True, slots=True, kw_only=True)
class Postfix:
    """Where its files are, its ports, and what it does with what stays in the queue."""

    base: Path
    certificate: Path
    key: Path
    submission: int
    smtps: int
    mx: int
    dead: int  # a port where nobody listens
    trusted: int  # takes anything from this machine, without TLS and login
    size_limit: int
    lifetime: str
    delay_warning: str


_TRANSPORT = """\
maison.test  dlmtp:unix:private/dovecot-lmtp
famille.test dlmtp:unix:private/dovecot-lmtp
panne.test   smtp:[127.0.0.1]:{dead}
refus.test   smtp:[127.0.0.1]:{mx}
*            discard:
"""

_MAIN = """\
compatibility_level = 3.6
queue_directory = {base}/q
data_directory = {base}/pfdata
command_directory = /usr/sbin
daemon_directory = {libexec}
mail_owner = postfix
setgid_group = postdrop
maillog_file = {base}/postfix.log
maillog_file_prefixes = {base}
myhostname = mx.maison.test
mydestination =
mynetworks =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtp_host_lookup = native
smtp_dns_support_level = disabled
alias_maps =
alias_database =
local_recipient_maps =
local_transport = error:local delivery is off
notify_classes =
virtual_mailbox_domains = maison.test
virtual_mailbox_maps = texthash:{base}/postfix/virtual_mailboxes
virtual_transport = dlmtp:unix:private/dovecot-lmtp
transport_maps = texthash:{base}/postfix/transport
recipient_delimiter = +
message_size_limit = {size_limit}
queue_minfree = 0
smtputf8_enable = yes
smtpd_tls_cert_file = {certificate}
smtpd_tls_key_file = {key}
smtpd_tls_loglevel = 0
smtpd_sasl_type = dovecot
smtpd_sasl_path = private/auth
smtpd_sasl_security_options = noanonymous
smtpd_peername_lookup = no
smtpd_error_sleep_time = 0
smtpd_client_connection_rate_limit = 0
smtpd_client_connection_count_limit = 0
smtpd_client_message_rate_limit = 0
smtpd_client_auth_rate_limit = 0
in_flow_delay = 0
bounce_queue_lifetime = 1d
maximal_queue_lifetime = {lifetime}
minimal_backoff_time = 2s
maximal_backoff_time = 4s
queue_run_delay = 2s
delay_warning_time = {delay_warning}
"""

_LOGIN = """\
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_client_restrictions=
  -o smtpd_helo_restrictions=
  -o smtpd_sender_restrictions=
  -o smtpd_relay_restrictions=permit_sasl_authenticated,reject
  -o smtpd_recipient_restrictions=permit_sasl_authenticated,reject
"""

_MASTER = """\
127.0.0.1:{mx} inet n - n - - smtpd
  -o myhostname=mx.refus.test
  -o smtpd_relay_restrictions=reject_unauth_destination
127.0.0.1:{trusted} inet n - n - - smtpd
  -o smtpd_relay_restrictions=permit_mynetworks,reject
  -o smtpd_recipient_restrictions=permit_mynetworks,reject
  -o mynetworks=127.0.0.0/8
127.0.0.1:{submission} inet n - n - - smtpd
  -o smtpd_tls_security_level=encrypt
{login}127.0.0.1:{smtps} inet n - n - - smtpd
  -o smtpd_tls_wrappermode=yes
{login}pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 5 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
dlmtp unix - - n - 20 lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


def files(postfix: Postfix) -> dict[str, str]:
    """Write its configuration files, by name."""
    return {
        "virtual_mailboxes": "".join(f"{address} ok\n" for address in HOSTED),
        "transport": _TRANSPORT.format(dead=postfix.dead, mx=postfix.mx),
        "main.cf": _MAIN.format(
            base=postfix.base,
            libexec=LIBEXEC,
            certificate=postfix.certificate,
            key=postfix.key,
            size_limit=postfix.size_limit,
            lifetime=postfix.lifetime,
            delay_warning=postfix.delay_warning,
        ),
        "master.cf": _MASTER.format(
            mx=postfix.mx,
            submission=postfix.submission,
            smtps=postfix.smtps,
            trusted=postfix.trusted,
            login=_LOGIN,
        ),
    }


_PRIVATE = (
    *("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "private"),
    *("saved", "trace"),
)


def make_queue(queue: Path) -> None:
    """Make the queue's folders with the owners that Postfix wants, as ``postfix check`` does, only faster."""
    owner, group = pwd.getpwnam("postfix").pw_uid, grp.getgrnam("postdrop").gr_gid
    queue.chmod(0o755)
    for name in _PRIVATE:
        _folder(queue / name, 0o700, owner, -1)
    _folder(queue / "pid", 0o755, -1, -1)
    _folder(queue / "public", 0o710, owner, group)
    _folder(queue / "maildrop", 0o730, owner, group)


def _folder(folder: Path, mode: int, owner: int, group: int) -> None:
    folder.mkdir(exist_ok=True)
    folder.chmod(mode)
    os.chown(folder, owner, group)
