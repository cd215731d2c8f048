"""The mail server: name, port, greeting, encryption, login, what it takes, whether it takes the sender."""

from __future__ import annotations

import contextlib
import datetime as dt
import ssl
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from elite_lib import tagging
from elite_lib.doctor.telling import told
from elite_lib.exceptions import AuthenticationError, ConfigError, EliteError, ServerUnavailableError
from elite_lib.models import CheckStep, CheckVerdict, Diagnosis, MailAccount, Security
from elite_lib.transports import certificates
from elite_lib.transports.certificates import Certificate
from elite_lib.transports.opening import Reached, opening, resolve
from elite_lib.transports.refusals import hint
from elite_lib.transports.session import Session
from elite_lib.transports.smtp import ask_return, ask_sender

PATIENCE = 15.0  # seconds per reply: a person waits, and a healthy server answers within one
_ENDS_SOON = dt.timedelta(days=7)  # certificates are renewed weeks before their end; this one was not
_SMALL = 5_000_000  # bytes: an invoice, its statement and an information sheet, encoded, may come near to it
_TRIED = 200_000  # bytes: an invoice as it is sent

_STEPS = {
    Reached.CONNECTED: CheckStep.TCP,
    Reached.GREETED: CheckStep.GREETING,
    Reached.ENCRYPTED: CheckStep.TLS,
    Reached.LOGGED_IN: CheckStep.AUTH,
}
_SESSION = (CheckStep.SIZE, CheckStep.DSN, CheckStep.MAIL_FROM)
_V = CheckVerdict
_Password = Callable[[], str] | str | None


def examine_server(account: MailAccount, password: _Password, *, now: dt.datetime) -> Iterator[Diagnosis]:
    """Take the way of every message up to MAIL FROM, then RSET and QUIT."""
    account = replace(account, timeout=min(account.timeout, PATIENCE))
    place = {"host": account.host, "port": str(account.port)}
    try:
        found = resolve(account)
    except ServerUnavailableError:
        yield told(CheckStep.DNS, _V.FAILED, "unknown", **place)
        yield from _not_reached([CheckStep.TCP, *_planned(account), *_SESSION])
        return
    yield told(CheckStep.DNS, _V.OK, "known", **place, addresses=", ".join(found))
    steps = [CheckStep.TCP, *_planned(account)]
    session: Session | None = None
    try:
        with contextlib.closing(opening(account, password)) as reached_steps:
            for reached, session in reached_steps:
                step = _STEPS[reached]
                steps.remove(step)
                yield _reached(step, session, account, now=now)
    except (AuthenticationError, ServerUnavailableError, ConfigError) as error:
        step, *later = _where(error, steps)
        yield _failure(step, error, account, now=now)
        yield from _not_reached([*later, *_SESSION])
        return
    if session is not None:
        try:
            yield from _missing_by_choice(account, place)
            yield from _abilities(session, account)
            yield _sender(session, account)
            if account.tag_returns and session.sock is not None:
                yield _tagged(session, account)
        finally:
            session.leave()


def _planned(account: MailAccount) -> list[CheckStep]:
    encrypted = account.security is not Security.PLAIN
    steps = [CheckStep.GREETING, CheckStep.TLS] if encrypted else [CheckStep.GREETING]
    if account.security is Security.TLS:
        steps.reverse()
    return [*steps, CheckStep.AUTH] if account.login else steps


def _where(error: EliteError, steps: list[CheckStep]) -> list[CheckStep]:
    """Give the steps from the one that failed: the first that was not told, unless the error says better."""
    if isinstance(error, ConfigError) and error.code == "value_invalid":  # the file of authorities
        return [CheckStep.TLS, *(step for step in steps if step is not CheckStep.TLS)]
    return steps


def _reached(step: CheckStep, session: Session, account: MailAccount, *, now: dt.datetime) -> Diagnosis:
    facts = {"host": account.host, "port": str(account.port), "login": account.login}
    if step is not CheckStep.TLS:
        return told(step, _V.OK, "passed", **facts)
    certificate = certificates.of_session(session)
    facts |= _certificate(certificate)
    facts["version"] = (session.sock.version() or "") if isinstance(session.sock, ssl.SSLSocket) else ""
    if certificate is not None and certificate.not_after - now < _ENDS_SOON:
        return told(step, _V.WARNING, "ends_soon", **facts)
    return told(step, _V.OK, "passed", **facts)


def _missing_by_choice(account: MailAccount, place: Mapping[str, str]) -> Iterator[Diagnosis]:
    if account.security is Security.PLAIN:
        yield told(CheckStep.TLS, _V.WARNING, "plain", **place)
    if not account.login:
        yield told(CheckStep.AUTH, _V.SKIPPED, "no_login", **place)


def _abilities(session: Session, account: MailAccount) -> Iterator[Diagnosis]:
    facts = {"host": account.host}
    announced = session.esmtp_features.get("size", "").strip()
    limit = int(announced) if announced.isdigit() else 0  # RFC 1870, 4: 0 is no fixed limit
    facts["limit"] = str(limit)
    if not limit:
        yield told(CheckStep.SIZE, _V.OK, "unannounced", **facts)
    elif limit < _SMALL:
        yield told(CheckStep.SIZE, _V.WARNING, "small", **facts)
    else:
        yield told(CheckStep.SIZE, _V.OK, "passed", **facts)
    yield told(CheckStep.DSN, _V.OK, "passed" if session.has_extn("dsn") else "absent", **facts)


def _sender(session: Session, account: MailAccount) -> Diagnosis:
    facts = {"host": account.host, "sender": account.sender}
    try:
        reply = ask_sender(session, account, size=_TRIED)
    except OSError as error:
        return told(CheckStep.MAIL_FROM, _V.FAILED, "cut", **facts, detail=str(error))
    facts |= {"reply": f"{reply.code} {reply.text}"}
    if reply.accepted:
        return told(CheckStep.MAIL_FROM, _V.OK, "passed", **facts)
    if reply.temporary:
        return told(CheckStep.MAIL_FROM, _V.WARNING, "busy", **facts)
    return told(CheckStep.MAIL_FROM, _V.FAILED, hint(reply) or "refused", **facts)


def _tagged(session: Session, account: MailAccount) -> Diagnosis:
    """Ask for a return address as each message would have it; no message of ours has this token."""
    address = tagging.tagged(account.sender, "<000000000000@")
    facts = {"host": account.host, "sender": account.sender, "tagged": address}
    try:
        reply = ask_return(session, address)
    except OSError as error:
        return told(CheckStep.MAIL_FROM, _V.FAILED, "cut", **facts, detail=str(error))
    facts |= {"reply": f"{reply.code} {reply.text}"}
    if reply.accepted:
        return told(CheckStep.MAIL_FROM, _V.OK, "tagged", **facts)
    busy = reply.temporary
    return told(
        CheckStep.MAIL_FROM, _V.WARNING if busy else _V.FAILED, "tag_busy" if busy else "tag_refused", **facts
    )


# -- failures --------------------------------------------------------------------------------------


def _failure(step: CheckStep, error: EliteError, account: MailAccount, *, now: dt.datetime) -> Diagnosis:
    fields = {name: str(value) for name, value in error.fields.items() if isinstance(value, str | int)}
    facts = {"host": account.host, "port": str(account.port), "login": account.login} | fields
    if step is CheckStep.AUTH:
        return _login_failure(error, facts)
    code = error.code
    if step is CheckStep.TCP:
        code = "filtered" if code == "timeout" else "refused"
    elif step is CheckStep.GREETING and code in ("timeout", "cut"):
        encrypted_at_once = replace(account, security=Security.TLS)
        wrong_mode = account.security is not Security.TLS and certificates.shown(encrypted_at_once)
        code = "wants_tls" if wrong_mode else "silent" if code == "timeout" else code
    elif step is CheckStep.TLS:
        code, more = _tls_failure(code, account, now=now, detail=facts.get("detail", ""))
        facts |= more
    return told(step, _V.FAILED, code, **facts)


def _tls_failure(
    code: str, account: MailAccount, *, now: dt.datetime, detail: str
) -> tuple[str, dict[str, str]]:
    if code == "tls" and account.security is Security.TLS and "WRONG_VERSION_NUMBER" in detail:
        return "wants_starttls", {}  # OpenSSL's word for an answer that is no TLS: a greeting in clear
    if code not in ("tls_expired", "tls_name", "tls_untrusted"):
        return "ca_file" if code == "value_invalid" else code, {}
    certificate = certificates.shown(account)
    if code == "tls_expired" and certificate is not None and certificate.not_before > now:
        code = "tls_not_yet"
    return code, _certificate(certificate)


def _login_failure(error: EliteError, facts: dict[str, str]) -> Diagnosis:
    code = error.code
    if isinstance(error, AuthenticationError) and code == "refused":
        reply_code = int(facts["reply_code"])
        facts["reply"] = f"{reply_code} {facts['text']}"
        # RFC 4954, 6: 454 and 421 say nothing of the password
        code = "busy" if 400 <= reply_code < 500 else facts.get("hint") or "refused"
    elif isinstance(error, ServerUnavailableError):
        code = "busy" if code == "greeting" else "cut"
        facts["reply"] = facts.get("detail", "")
    elif code == "not_offered":
        facts["mechanisms"] = ", ".join(map(str, error.fields.get("mechanisms", ()) or ("–",)))  # type: ignore[call-overload]
    return told(CheckStep.AUTH, _V.FAILED, code, **facts)


def _certificate(certificate: Certificate | None) -> dict[str, str]:
    if certificate is None:
        return {}
    return {
        "names": ", ".join(certificate.names[:4]),
        "issuer": certificate.issuer,
        "since": certificate.not_before.isoformat(),
        "until": certificate.not_after.isoformat(),
    }


def _not_reached(steps: Iterable[CheckStep]) -> Iterator[Diagnosis]:
    return (told(step, _V.SKIPPED, "not_reached") for step in steps)
