"""``elite doctor``: why messages do not leave, or would not arrive."""

from __future__ import annotations

import datetime as dt
import ipaddress
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from elite_lib import config, tokens
from elite_lib.cli import views
from elite_lib.cli.options import Home, Json
from elite_lib.config import Settings
from elite_lib.exceptions import ConfigError
from elite_lib.labels import N_, _, word
from elite_lib.labels.doctor import describe_diagnosis
from elite_lib.models import CheckVerdict, Diagnosis, MailAccount

_MARKS = {
    CheckVerdict.OK: "✓",
    CheckVerdict.WARNING: "!",
    CheckVerdict.FAILED: "✗",
    CheckVerdict.SKIPPED: "·",
}


def doctor(
    home: Home = None,
    json: Json = False,
    dns: Annotated[
        str,
        typer.Option(
            "--dns",
            metavar=N_("ADDRESS"),
            help=N_("Ask this DNS server (ADDRESS or ADDRESS:PORT) instead of the system's."),
        ),
    ] = "",
) -> None:
    """Examine the mail account step by step; nothing is sent. Exit 4 when something failed."""
    from elite_lib import doctor as doctors  # noqa: PLC0415 (DNS and certificates, 0.2 s: only who asks pays)

    settings = config.load(config.find_home(home, environ=os.environ, cwd=Path.cwd()))
    if settings.mail is None:
        raise ConfigError("mail_missing", file=str(settings.home.toml))
    now = dt.datetime.now(dt.UTC)
    told: list[Diagnosis] = []
    for diagnosis in doctors.examine(
        settings.mail,
        _password(settings, settings.mail),
        resolver=doctors.DnsResolver(*_server(dns)),
        addresses=doctors.family_addresses(settings),
        now=now,
        letters=doctors.home_letters(settings, os.environ, now=now),
    ):
        told.append(diagnosis)
        if not json:
            views.say(_line(diagnosis))
    if json:
        views.emit({"steps": [_step(diagnosis) for diagnosis in told]})
    failed = any(diagnosis.verdict is CheckVerdict.FAILED for diagnosis in told)
    raise typer.Exit(views.STOPPED if failed else 0)


def _server(dns: str) -> tuple[tuple[str, ...], int]:
    """Take the DNS server apart; without one the system's are asked."""
    if not dns:
        return (), 53
    host, _colon, port = dns.partition(":") if dns.count(":") == 1 else (dns, "", "53")  # more colons: IPv6
    try:
        address = str(ipaddress.ip_address(host))
        if int(port) not in range(1, 65536):
            raise ValueError
        return (address,), int(port)
    except ValueError:
        raise typer.BadParameter(
            _("“{value}” is not the address of a DNS server.").format(value=dns)
        ) from None


def _line(diagnosis: Diagnosis) -> str:
    sentence = describe_diagnosis(diagnosis)
    said = _("{where}: {sentence}").format(where=word(diagnosis.step), sentence=sentence)
    return f"{_MARKS[diagnosis.verdict]} {said}"


def _step(diagnosis: Diagnosis) -> dict[str, str]:
    return {
        "step": diagnosis.step.value,
        "verdict": diagnosis.verdict.value,
        "code": diagnosis.code,
        "message": describe_diagnosis(diagnosis),
    }


def _password(settings: Settings, account: MailAccount) -> Callable[[], str]:
    """Look the password up when the server asks for it; a terminal is asked where nothing holds one."""
    question = _("Password of {login}").format(login=account.login)
    prompt = (lambda: str(typer.prompt(question, hide_input=True, err=True))) if sys.stdin.isatty() else None
    return tokens.credential(settings, os.environ, prompt=prompt)
