"""A sentence for every exception: what is wrong, where, what to do next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from elite_lib.exceptions import (
    AuthenticationError,
    ConfigError,
    DocumentError,
    EliteError,
    JournalError,
    JournalLockedError,
    OutboxError,
    RunError,
    ServerUnavailableError,
    SourceError,
    StorageError,
    TemplateError,
    TransportError,
)
from elite_lib.labels.catalogue import N_, _
from elite_lib.labels.problems import describe_problem
from elite_lib.labels.terms import EXPECTED, HINTS, WHERE, WHY

_ADOPT = N_("“elite adopt-journal”: what may have left then becomes uncertain, and you settle it.")

ERRORS: Mapping[type[EliteError], Mapping[str, str]] = {
    ConfigError: {
        "month_invalid": N_("“{value}” is not a month. Write it like 2026-10, or 2026-09..2026-10."),
        "mail_missing": N_("{file}: the [mail] section is not filled in. Give sender, host and login there."),
        "line_unknown": N_(
            "there is no invoice “{value}” in {period}. “elite check {period}” lists what is there."
        ),
        "address_unknown": N_(
            "“{value}” is not an address of this invoice. Check it, or correct the workbook."
        ),
        "address_invalid": N_("“{value}” is not an e-mail address that can be used. Check it."),
        "nothing_sent": N_("nothing of {value} was ever sent: there is nothing to settle as accepted."),
        "nothing_to_print": N_("there is nothing to print for {period}."),
        "no_invoice": N_("{file}: there is no invoice in it yet. Fill it in, then reload."),
        "logo_unreadable": N_("{file}, {key}: the logo “{value}” is missing, or is neither PNG nor JPEG."),
        "home_missing": N_(
            "no home at {path} (a folder with elite.toml). Name it with --home or ELITE_HOME, "
            "or make one: “elite init FOLDER”."
        ),
        "home_exists": N_("{path} is a home already: choose another folder."),
        "example_missing": N_("the installation is incomplete: {file} is missing. Install again."),
        "toml_unreadable": N_("{file} cannot be read: {detail}"),
        "toml_syntax": N_("{file}, line {line}, column {column}: {detail}"),
        "secret_in_file": N_(
            "{file}, {key}: no password in this file. Remove it: see “Mot de passe” in the guide."
        ),
        "key_unknown": N_("{file}: “{key}” is not a setting. Did you mean “{nearest}”?"),
        "value_missing": N_("{file}: “{key}” must be filled in."),
        "value_invalid": N_("{file}: “{key}” cannot be “{value}”. Expected: {expected}."),
        "secret_missing": N_(
            "the password “{name}” is nowhere to be found. Put it in the system's keyring, in {file} "
            "(readable by you alone), or in the variable {variable}."
        ),
        "secret_unreadable": N_("{path} cannot be read: {detail}"),
        "secret_empty": N_("{path} is empty: write the password in it."),
        "secret_readable_by_others": N_("{path} can be read by others (mode {mode}). Run: chmod 600 {path}"),
        "keyring_unusable": N_("the system's keyring cannot keep a password safely ({reason})."),
        "password_missing": N_("the dashboard has no password: it is never open without one."),
        "port_taken": N_("the port {port} of {host} is taken. Choose another one with --port."),
        "dashboard_failed": N_("the dashboard did not start. Its log: {log}"),
    },
    SourceError: {
        "unusable": N_("{file} cannot be used as it is:"),
    },
    TemplateError: {
        "placeholder_unknown": N_(
            "{where}, line {line}: “{name}” is not a placeholder. Did you mean “{nearest}”? Known: {known}."
        ),
        "template_syntax": N_("{where}, line {line}: {detail}"),
        "template_forbidden": N_("{where}, line {line}: “{construct}” is not allowed in a template."),
        "wording_missing": N_("{where}: this text is empty. Write it in the settings."),
        "header_invalid": N_(
            "{header}: “{value}” has a line break or characters that a message cannot carry."
        ),
    },
    DocumentError: {
        "invoice_missing": N_("{number}: there is no invoice to print."),
        "statement_missing": N_("{number}: there is no statement of disbursements to print."),
        "logo_unreadable": N_("the logo {name} cannot be read ({detail}). Save it as PNG or JPEG."),
        "pdf_unreadable": N_("the PDF {name} cannot be read ({detail})."),
        "pile_empty": N_("there is nothing to print."),
    },
    OutboxError: {
        "batch_missing": N_("the batch {batch} is not in the outbox. Prepare the month again."),
        "batch_altered": N_(
            "the batch {batch} was altered ({file}): nothing of it is sent. Move its folder away, "
            "then prepare the month again."
        ),
        "batch_superseded": N_("the batch {batch} was superseded by {newest}: it is not sent any more."),
        "batch_expired": N_("the batch {batch} expired on {expires}. Prepare the month again."),
        "batch_of_other_account": N_(
            "the batch {batch} was frozen for the account {account}. Prepare it again."
        ),
        "message_twice": N_("{key} would be two messages. Report this."),
    },
    JournalError: {
        "journal_missing": N_(
            "the journal {path} is missing, although messages were prepared with it. Nothing is sent. Put it back; "
            "if it is lost for good: {adopt}"
        ),
        "journal_foreign": N_(
            "the journal {path} is not the one that this home's outbox knows. Nothing is sent. Put the right one back; "
            "if it is lost for good: {adopt}"
        ),
        "journal_short": N_(
            "the journal {path} is older than what was sent already ({found} entries, {known} are known): a restored "
            "copy? Nothing is sent. Put the right one back; if it is lost for good: {adopt}"
        ),
        "journal_unreadable": N_(
            "the journal {path} is damaged: {detail}. Nothing is sent. Put a copy back."
        ),
        "journal_newer": N_("the journal {path} was written by a newer version. Update the program."),
        "journal_busy": N_("the journal {path} is in use by another program. Try again in a moment."),
        "journal_place": N_(
            "the journal {path} cannot be kept safely there ({mode}). Move the home to a local disk."
        ),
        "journal_url": N_("journals of the kind “{dialect}” are not supported yet."),
        "journal_failed": N_("the journal {path} failed: {detail}"),
    },
    JournalLockedError: {
        "locked": N_(
            "{operator} is sending with this account since {since}. Wait for the end of that run, or stop it."
        ),
    },
    RunError: {
        "unbalanced": N_("THE BOXES DO NOT ADD UP to {invoices} invoices and {euros} euros. Report this."),
        "stopped": N_("{why} {detail}"),
        "remainder": N_("{count} lines remain: see the slip."),
    },
    StorageError: {
        "disk_full": N_("the disk is full: {path} was not written. Free some space; nothing is lost."),
        "read_only": N_("{path} is on a disk that cannot be written to."),
        "no_permission": N_("{path} cannot be written: you have no permission there."),
        "write_failed": N_("{path} cannot be written ({detail})."),
        "journal_full": N_(
            "the disk is full: the journal {path} cannot be written, so nothing more is sent. Free some space."
        ),
        "journal_read_only": N_(
            "the journal {path} is on a disk that cannot be written to: nothing is sent."
        ),
        "journal_no_permission": N_("the journal {path} cannot be written: you have no permission there."),
        "journal_write_failed": N_("the journal {path} cannot be written ({detail}): nothing more is sent."),
    },
    TransportError: {
        "envelope_invalid": N_(
            "“{address}” cannot be an address of a message. Correct it and prepare the month again."
        ),
        "content_invalid": N_("a frozen message is not fit for sending. Prepare the month again."),
    },
    AuthenticationError: {
        "refused": N_("the mail server refuses the login or the password ({reply_code} {text}). {hint}"),
        "insecure": N_(
            "the password is not sent to {host} without encryption. Use security = “starttls” or “tls” in [mail]."
        ),
        "not_offered": N_("the mail server {host} offers no login that this program knows ({mechanisms})."),
        "password_missing": N_("the password of {login} is missing."),
    },
    ServerUnavailableError: {
        "dns": N_(
            "the mail server's name {host} is not known. Check [mail] host, and the internet connection."
        ),
        "refused": N_(
            "nothing answers at {host}, port {port}. Check [mail] host and port; a firewall, an antivirus or the "
            "internet box may block it."
        ),
        "timeout": N_(
            "{host}, port {port}, does not answer. A firewall, an antivirus or the internet box often blocks that port."
        ),
        "cut": N_("{host} closed the connection ({detail}). Nothing went; try again later."),
        "greeting": N_("what answers at {host}, port {port}, is not a mail server ready to work ({detail})."),
        "starttls_missing": N_(
            "{host}, port {port}, offers no encryption. Use the port and security that the provider gives."
        ),
        "tls": N_("the encrypted connection with {host} failed ({detail}). Check [mail] port and security."),
        "tls_expired": N_(
            "the certificate of {host} is out of date. Check this computer's clock; if it is right, ask the provider."
        ),
        "tls_name": N_(
            "the certificate of {host} is another server's. Check [mail] host: nothing was sent to it."
        ),
        "tls_untrusted": N_(
            "the certificate of {host} is not signed by a known authority ({detail}). An antivirus that reads the mail? "
            "Or set [mail] ca_file."
        ),
    },
}


class _Fields(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "…"


def explain(error: BaseException) -> str:
    """Say an error in the current language; one that is not ours is named as a bug."""
    if not isinstance(error, EliteError):
        return _("Unexpected error ({name}). Nothing more is done; please report it with the log.").format(
            name=type(error).__name__
        )
    lines = [_sentence(error)]
    if isinstance(error, SourceError):
        lines += [f"  {describe_problem(problem)}" for problem in error.problems]
    others = error.fields.get("others")
    if isinstance(others, tuple):
        lines += [_sentence(other) for other in others if isinstance(other, EliteError)]
    return "\n".join(lines)


def _sentence(error: EliteError) -> str:
    for kind in type(error).__mro__:
        template = ERRORS.get(kind, {}).get(error.code)
        if template is not None:
            fields = {name: _field(name, value) for name, value in error.fields.items()}
            return _(template).format_map(_Fields({"adopt": _(_ADOPT)} | fields)).strip()
    return str(error)


def _field(name: str, value: object) -> str:
    text = f"{value.astimezone():%d/%m/%Y %H:%M}" if isinstance(value, dt.datetime) else str(value)
    if isinstance(value, tuple | list):
        text = ", ".join(map(str, value))
    if name in ("since", "expires"):
        return _local(text)
    table = {"expected": EXPECTED, "hint": HINTS, "keyring": WHY, "reason": WHY, "where": WHERE}.get(name)
    if table is None:
        return text
    word, _colon, rest = text.partition(":")
    return _(table[word]).format(rest.replace("..", "–")) if word in table else text


def _local(text: str) -> str:
    """Show an instant that the journal keeps as ISO text in the office's time."""
    try:
        return f"{dt.datetime.fromisoformat(text).astimezone():%d/%m/%Y %H:%M}"
    except ValueError:
        return text
