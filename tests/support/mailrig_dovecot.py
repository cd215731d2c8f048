"""Dovecot's part of the rig: mailboxes, IMAP, LMTP, and the passwords that Postfix asks it for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

PASSWORD = "s3cret"
DAEMON = "/usr/sbin/dovecot"
PROGRAMS = (DAEMON, "/usr/lib/dovecot/imap", "/usr/lib/dovecot/lmtp")
FULL = "plein@famille.test"  # over its quota from the start: 5.2.2
MAILBOXES = (
    *("compta@maison.test", "parc@maison.test"),
    *("fille@famille.test", "fils@famille.test", "hélène@famille.test", FULL),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dovecot:
    """Where its files are, and its ports. ``oauth_port``: of a token introspection service, or 0; ``pop3``
    and ``pop3s``: 0 as well where nobody asks for POP3."""

    base: Path
    certificate: Path
    key: Path
    imap: int
    imaps: int
    oauth_port: int = 0
    pop3: int = 0
    pop3s: int = 0


def users(mailboxes: Iterable[str], *, mail: Path, uid: int, gid: int) -> str:
    """Write the password file; all maildirs belong to one account without privileges."""
    lines = []
    for user in mailboxes:
        quota = "userdb_quota_rule=*:bytes=1" if user == FULL else ""
        lines.append(f"{user}:{{PLAIN}}{PASSWORD}:{uid}:{gid}::{mail}/{user}::{quota}\n")
    return "".join(lines)


def oauth(dovecot: Dovecot) -> str:
    return f"""\
introspection_url = http://127.0.0.1:{dovecot.oauth_port}/introspect?token=
introspection_mode = get
username_attribute = email
active_attribute = active
active_value = true
"""


_OAUTH_PASSDB = """
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {base}/dovecot/oauth2.conf
}}
"""

_POP3_LOGIN = """
service pop3-login {{
  inet_listener pop3 {{
    port = {pop3}
  }}
  inet_listener pop3s {{
    port = {pop3s}
    ssl = yes
  }}
  chroot =
}}
"""

_SETTINGS = """\
base_dir = {base}/drun
state_dir = {base}/drun
log_path = {base}/dovecot.log
auth_verbose = yes
auth_failure_delay = 0
shutdown_clients = yes
protocols = {protocols}
listen = 127.0.0.1
ssl = yes
ssl_cert = <{certificate}
ssl_key = <{key}
disable_plaintext_auth = no
auth_mechanisms = {mechanisms}
auth_username_chars =
mail_location = maildir:~/Maildir
first_valid_uid = 1
mail_plugins = quota
recipient_delimiter = +
lmtp_save_to_detail_mailbox = no

plugin {{
  quota = maildir:User quota
  quota_rule = *:storage=1G
  quota_grace = 0
}}

namespace inbox {{
  inbox = yes
  mailbox Drafts {{
    special_use = \\Drafts
    auto = subscribe
  }}
  mailbox Sent {{
    special_use = \\Sent
    auto = subscribe
  }}
  mailbox Junk {{
    special_use = \\Junk
  }}
}}
{oauth_passdb}
passdb {{
  driver = passwd-file
  mechanisms = plain login
  args = scheme=PLAIN username_format=%u {base}/dovecot/users
}}

userdb {{
  driver = passwd-file
  args = username_format=%u {base}/dovecot/users
}}

service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
  chroot =
}}

{pop3_login}
service anvil {{
  chroot =
}}

service auth {{
  unix_listener {base}/q/private/auth {{
    mode = 0660
    user = postfix
    group = postfix
  }}
}}

service lmtp {{
  unix_listener {base}/q/private/dovecot-lmtp {{
    mode = 0600
    user = postfix
    group = postfix
  }}
}}

protocol imap {{
  mail_plugins = quota imap_quota
  mail_max_userip_connections = 50
}}

protocol lmtp {{
  mail_plugins = quota
}}
"""


def settings(dovecot: Dovecot) -> str:
    """Write dovecot.conf (Dovecot 2.3)."""
    return _SETTINGS.format(
        base=dovecot.base,
        certificate=dovecot.certificate,
        key=dovecot.key,
        imap=dovecot.imap,
        imaps=dovecot.imaps,
        protocols="imap lmtp pop3" if dovecot.pop3s else "imap lmtp",
        pop3_login=_POP3_LOGIN.format(pop3=dovecot.pop3, pop3s=dovecot.pop3s) if dovecot.pop3s else "",
        mechanisms="plain login xoauth2 oauthbearer" if dovecot.oauth_port else "plain login",
        oauth_passdb=_OAUTH_PASSDB.format(base=dovecot.base) if dovecot.oauth_port else "",
    )
