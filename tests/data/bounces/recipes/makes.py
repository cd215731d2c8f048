"""The servers of ``servers.py``: packages, settings, how a message is handed over."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Server:
    packages: tuple[str, ...]
    files: dict[str, str]
    begin: tuple[str, ...] = ()  # commands before the first message; the last may stay in the background
    inject: str = ""  # a command that reads one message; else it is handed over by SMTP to 127.0.0.1
    later: tuple[str, ...] = ()  # commands that try again what waits
    waits: float = 6.0


_EXIM = """primary_hostname = mx.hebergeur.example
disable_ipv6 = true
keep_environment =
tls_advertise_hosts =
dsn_advertise_hosts = *
delay_warning = 2s
log_file_path = /var/log/exim4/%slog
acl_smtp_rcpt = all
begin acl
all:
  accept
begin routers
mx:
  driver = dnslookup
  transport = out
  self = send
  no_more
begin transports
out:
  driver = smtp
  allow_localhost
begin retry
*  *  F,6s,1s
"""
_SENDMAIL = """include(`/usr/share/sendmail/cf/m4/cf.m4')dnl
OSTYPE(`debian')dnl
define(`confTO_QUEUEWARN', `1s')dnl
define(`confTO_QUEUERETURN', `5s')dnl
define(`confMIN_QUEUE_AGE', `0')dnl
define(`confDOMAIN_NAME', `mx.hebergeur.example')dnl
define(`confDONT_PROBE_INTERFACES', `True')dnl
FEATURE(`nocanonify')dnl
MAILER(`local')dnl
MAILER(`smtp')dnl
"""
_SM = "/usr/libexec/sendmail/sendmail"
_OPENSMTPD = """listen on 127.0.0.1
queue ttl 8s
bounce warn-interval 2s
smtp max-message-size 35M
action "out" relay helo "mx.hebergeur.example"
match from any for any action "out"
"""

SERVERS = {
    "exim": Server(
        packages=("exim4-daemon-light", "exim4-base", "libidn12"),
        files={"etc/exim4/exim4.conf": _EXIM},
        begin=(
            "mkdir -p /var/log/exim4 /var/spool/exim4; chown -R Debian-exim /var/log/exim4 /var/spool/exim4",
        ),
        inject="/usr/sbin/exim4 -odf -bs",
        later=("/usr/sbin/exim4 -qff", "/usr/sbin/exim4 -qff", "/usr/sbin/exim4 -qff"),
    ),
    "sendmail": Server(
        packages=("sendmail-bin", "sendmail-base", "sendmail-cf", "m4"),
        files={"etc/mail/sendmail.mc": _SENDMAIL, "etc/mail/local-host-names": "", "etc/mail/aliases": ""},
        begin=(
            "mkdir -p /var/spool/mqueue /var/run/sendmail/mta; chmod 700 /var/spool/mqueue;"
            " mkdir -p /var/lib/sendmail/host_status; cd /etc/mail && m4 sendmail.mc > sendmail.cf &&"
            " chmod -R go-w /etc /var/spool",
        ),
        inject=_SM + " -C/etc/mail/sendmail.cf -Odeliverymode=i -f {sender} -N {notify} {case}",
        later=(_SM + " -C/etc/mail/sendmail.cf -q",) * 3,
    ),
    "opensmtpd": Server(
        packages=("opensmtpd",),
        files={"etc/smtpd.conf": _OPENSMTPD, "etc/mailname": "hebergeur.example\n", "etc/aliases": ""},
        begin=(
            "mkdir -p /var/spool/smtpd /var/run /run /var/empty /var/lib/opensmtpd/empty; chmod 711"
            " /var/spool/smtpd; chmod 755 /var/lib/opensmtpd/empty",
            "/usr/sbin/smtpd -d &",
        ),
        waits=16.0,
    ),
    "courier": Server(
        packages=("courier-mta", "courier-base", "courier-authlib", "libidn12", "libcourier-unicode4"),
        files={
            "etc/environment": "",
            "etc/courier/me": "mx.hebergeur.example\n",
            "etc/courier/locals": "hebergeur.example\n",
            "etc/courier/defaultdomain": "hebergeur.example\n",
            "etc/courier/queuetime": "8s\n",
            "etc/courier/warntime": "2s\n",
            "etc/courier/retryalpha": "1\n",
            "etc/courier/retrybeta": "1\n",
            "etc/courier/retrygamma": "1\n",
            "etc/courier/retrymaxdelta": "1\n",
            "etc/courier/esmtpacceptmailfor": "hebergeur.example\n",
            "etc/courier/bofh": "opt BOFHSUPPRESSBACKSCATTER=none\n",
        },
        begin=(
            "mkdir -p /var/lib/courier /run/courier; cd /var/lib/courier; mkdir -p tmp msgs msgq track faxtmp"
            " sts filters allfilters; chown -R courier:courier /var/lib/courier /run/courier /etc/courier;"
            " chmod 770 tmp; chmod 750 msgs msgq; chmod -R a+rX /etc/courier /usr/lib/courier",
            "/usr/lib/courier/makealiases",
            "sh -c 'set -a; . /etc/courier/courierd; exec /usr/lib/courier/courier/courierd' &",
        ),
        inject="/usr/sbin/sendmail -f {sender} -N {notify} {case}",
        waits=25.0,
    ),
    "dma": Server(
        packages=("dma",),
        files={
            "etc/dma/dma.conf": "MAILNAME mx.hebergeur.example\n",
            "etc/dma/auth.conf": "",
            "etc/aliases": "",
        },
        begin=(
            "mkdir -p /var/spool/dma; chgrp mail /var/spool/dma; chmod 2775 /var/spool/dma;"
            " touch /var/spool/dma/flush; chmod 664 /var/spool/dma/flush",
        ),
        inject="/usr/sbin/dma -D -f {sender} {case}",
        later=("/usr/sbin/dma -q1",) * 2,
    ),
    "nullmailer": Server(
        packages=("nullmailer",),
        files={
            "etc/nullmailer/remotes": "192.0.2.3 smtp\n",
            "etc/mailname": "mx.hebergeur.example\n",
            "etc/nullmailer/defaultdomain": "hebergeur.example\n",
            "etc/nullmailer/pausetime": "1\n",
            "etc/nullmailer/maxpause": "2\n",
            "etc/nullmailer/queuelifetime": "8\n",
        },
        begin=(
            "mkdir -p /var/spool/nullmailer/queue /var/spool/nullmailer/tmp /var/spool/nullmailer/failed;"
            " mkfifo /var/spool/nullmailer/trigger; chmod -R 777 /var/spool/nullmailer",
            "/usr/sbin/nullmailer-send &",
        ),
        inject="/usr/bin/nullmailer-inject -f {sender} {case}",
        waits=20.0,
    ),
}
