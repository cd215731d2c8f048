"""A French sentence for every exception: what is wrong, where, what to do next."""

from __future__ import annotations

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
)
from elite_lib.labels.catalogue import N_, _
from elite_lib.labels.problems import describe_problem

ERRORS: Mapping[type[EliteError], Mapping[str, str]] = {
    ConfigError: {
        "month_invalid": N_("“{value}” is not a month. Write it like 2026-10, or 2026-09..2026-10."),
        "mail_missing": N_("{file}: the [mail] section is not filled in. Give sender, host and login there."),
        "line_unknown": N_("there is no invoice “{value}” in {period}. “elite status {period}” lists them."),
        "address_unknown": N_(
            "“{value}” is not an address of this invoice. Check it, or correct the workbook."
        ),
        "nothing_sent": N_("nothing of {value} was ever sent: there is nothing to settle as accepted."),
        "nothing_to_print": N_("there is nothing to print for {period}."),
    },
    SourceError: {},
    TemplateError: {},
    DocumentError: {},
    OutboxError: {
        "batch_superseded": N_("the batch {batch} was superseded by {newest}: it is not sent any more."),
        "batch_expired": N_("the batch {batch} expired on {expires}. Prepare the month again."),
        "batch_of_other_account": N_(
            "the batch {batch} was frozen for the account {account}. Prepare it again."
        ),
    },
    JournalError: {
        "journal_missing": N_(
            "the journal {path} is missing, although messages were prepared with it. Put it back (a copy is best). "
            "If it is lost: “elite adopt-journal”; what may have left then becomes uncertain, and you settle it."
        ),
        "journal_foreign": N_(
            "the journal {path} is not the one that this home's outbox knows. Put the right one back, "
            "or “elite adopt-journal”; what may have left then becomes uncertain, and you settle it."
        ),
        "journal_short": N_(
            "the journal {path} is older than what has already been sent ({found} entries, {known} are known): "
            "a restored copy? Nothing is sent. Put the right one back, or “elite adopt-journal”; "
            "what may have left then becomes uncertain, and you settle it."
        ),
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
        "write_failed": N_("{path} cannot be written ({detail}). Free some space or check the permissions."),
    },
    AuthenticationError: {},
    ServerUnavailableError: {},
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
    for kind in type(error).__mro__:
        template = ERRORS.get(kind, {}).get(error.code)
        if template is not None:
            sentence = _(template).format_map(_Fields(error.fields))
            break
    else:
        sentence = str(error)
    if isinstance(error, SourceError) and error.problems:
        return "\n".join([sentence, *(f"  {describe_problem(problem)}" for problem in error.problems)])
    return sentence
