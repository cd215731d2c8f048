"""Every member of every closed vocabulary that reaches a screen, in the office's words."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from elite_lib.labels.catalogue import N_, _
from elite_lib.models import (
    Box,
    Disposition,
    DocumentKind,
    EntryKind,
    LineKind,
    Resolution,
    Severity,
    Status,
    StopReason,
)

WORDS: Mapping[type[StrEnum], Mapping[StrEnum, str]] = {
    Box: {
        Box.UNCERTAIN: N_("uncertain"),
        Box.REFUSED: N_("refused"),
        Box.HELD: N_("held"),
        Box.DEFERRED: N_("deferred"),
        Box.PENDING: N_("to be sent"),
        Box.TO_PRINT: N_("to print"),
        Box.POSTED: N_("posted"),
        Box.UNTICKED: N_("unticked"),
        Box.EXCLUDED: N_("excluded (draft or cancelled)"),
        Box.ACCEPTED: N_("accepted"),
    },
    Status: {
        Status.PENDING: N_("to be sent"),
        Status.ACCEPTED: N_("accepted"),
        Status.DEFERRED: N_("deferred"),
        Status.REFUSED: N_("refused"),
        Status.UNCERTAIN: N_("uncertain"),
        Status.POSTED: N_("posted"),
    },
    Disposition: {
        Disposition.MAIL: N_("by e-mail"),
        Disposition.HELD: N_("held"),
        Disposition.TO_PRINT: N_("to print"),
        Disposition.UNTICKED: N_("unticked"),
        Disposition.EXCLUDED: N_("excluded (draft or cancelled)"),
    },
    DocumentKind: {
        DocumentKind.INVOICE: N_("invoice"),
        DocumentKind.STATEMENT: N_("statement of disbursements"),
    },
    LineKind: {
        LineKind.INVOICE: N_("invoice"),
        LineKind.STATEMENT: N_("statement of disbursements alone"),
    },
    Severity: {
        Severity.FATAL: N_("blocks the month"),
        Severity.HOLD: N_("holds the invoice"),
        Severity.WARNING: N_("to be checked"),
    },
    Resolution: {
        Resolution.ACCEPTED: N_("checked: it left"),
        Resolution.RESEND: N_("send again"),
        Resolution.POSTED: N_("sent by post"),
    },
    EntryKind: {
        EntryKind.JOURNAL_ADOPTED: N_("journal adopted"),
        EntryKind.BATCH_PREPARED: N_("batch prepared"),
        EntryKind.RUN_STARTED: N_("run started"),
        EntryKind.RUN_ENDED: N_("run ended"),
        EntryKind.ATTEMPTING: N_("attempt"),
        EntryKind.VERDICT: N_("answer"),
        EntryKind.RESOLVED: N_("settled"),
        EntryKind.UNTICKED: N_("unticked"),
        EntryKind.TICKED: N_("ticked"),
        EntryKind.PRINTED: N_("printed"),
        EntryKind.STOP: N_("stop asked for"),
        EntryKind.PAUSE: N_("pause asked for"),
        EntryKind.RESUME: N_("resumed"),
    },
    StopReason: {
        StopReason.REQUESTED: N_("Stopped on request, between two messages. Start again to go on."),
        StopReason.LOCKED: N_("Another run is using this mail account. Wait for its end, or stop it."),
        StopReason.AUTHENTICATION: N_(
            "The mail server refused the login or the password. Correct them before trying again: "
            "repeated failures can block the account."
        ),
        StopReason.SERVER: N_(
            "The mail server does not answer any more. Nothing is lost: start again when it is back."
        ),
        StopReason.SENDER_REFUSED: N_(
            "The mail server refuses the sender's address. Check [mail] sender and what the account may send as."
        ),
        StopReason.TOO_MANY_FAILURES: N_(
            "Too many refusals, more than a third of the messages: the run stopped so that the account is not "
            "blocked. Read the refusals below before starting again."
        ),
        StopReason.QUOTA: N_("The account's quota is reached. Start again later: what remains will go then."),
        StopReason.SUPERSEDED: N_(
            "A newer batch was prepared for this month: this one is not sent any more."
        ),
        StopReason.JOURNAL: N_("The journal cannot be used: nothing is sent without it."),
        StopReason.OUTBOX: N_("The batch is missing, altered or expired: prepare the month again."),
    },
}


def word(member: StrEnum) -> str:
    """Say a member of a closed vocabulary in the current language."""
    return _(WORDS[type(member)][member])
