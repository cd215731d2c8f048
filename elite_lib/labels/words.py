"""Every member of every closed vocabulary that reaches a screen, in the office's words."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from elite_lib.labels.catalogue import N_, _
from elite_lib.labels.returns import RETURN_WORDS
from elite_lib.models import (
    Auth,
    Box,
    ChangeKind,
    CheckStep,
    CheckVerdict,
    Delivery,
    Disposition,
    DocumentKind,
    EntryKind,
    EvidencePlace,
    LineKind,
    Period,
    ProblemCode,
    Resolution,
    Severity,
    Status,
    StopReason,
    Way,
)

WORDS: Mapping[type[StrEnum], Mapping[StrEnum, str]] = {
    **RETURN_WORDS,
    Box: {
        Box.UNCERTAIN: N_("uncertain"),
        Box.REFUSED: N_("refused or returned"),
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
        Status.BOUNCED: N_("returned"),
        Status.UNCERTAIN: N_("uncertain"),
        Status.POSTED: N_("posted"),
        Status.HANDED: N_("handed to the mail program"),
    },
    Disposition: {
        Disposition.MAIL: N_("by e-mail"),
        Disposition.HELD: N_("held"),
        Disposition.TO_PRINT: N_("to print"),
        Disposition.UNTICKED: N_("unticked"),
        Disposition.EXCLUDED: N_("excluded (draft or cancelled)"),
    },
    ChangeKind: {
        ChangeKind.SHARED: N_("address of another resident too"),
        ChangeKind.MISSPELT: N_("address perhaps misspelt"),
        ChangeKind.CHANGED: N_("changed address"),
        ChangeKind.NEW: N_("new address"),
        ChangeKind.FIRST: N_("written to for the first time"),
        ChangeKind.VANISHED: N_("address that is gone"),
        ChangeKind.NO_INVOICE: N_("no invoice this month"),
    },
    Delivery: {
        Delivery.UNSET: N_("not said"),
        Delivery.MAIL: N_("by e-mail"),
        Delivery.PAPER: N_("the family wants paper"),
        Delivery.BOTH: N_("by e-mail and on paper"),
    },
    DocumentKind: {
        DocumentKind.INVOICE: N_("invoice"),
        DocumentKind.STATEMENT: N_("statement of disbursements"),
        DocumentKind.CERTIFICATE: N_("tax certificate"),
    },
    LineKind: {
        LineKind.INVOICE: N_("invoice"),
        LineKind.STATEMENT: N_("statement of disbursements alone"),
        LineKind.CERTIFICATE: N_("tax certificate"),
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
        EntryKind.HANDED_OVER: N_("handed to the mail program"),
        EntryKind.VERDICT: N_("answer"),
        EntryKind.RESOLVED: N_("settled"),
        EntryKind.UNTICKED: N_("unticked"),
        EntryKind.TICKED: N_("ticked"),
        EntryKind.PRINTED: N_("printed"),
        EntryKind.RETURNED: N_("return"),
        EntryKind.COLLECTED: N_("returns collected"),
        EntryKind.CLEARED: N_("address cleared"),
        EntryKind.PURGED: N_("put away"),
        EntryKind.MAILBOX: N_("mailbox"),
        EntryKind.NOTICED: N_("notice"),
        EntryKind.QUEUED: N_("waits for the run"),
        EntryKind.STOP: N_("stop asked for"),
        EntryKind.PAUSE: N_("pause asked for"),
        EntryKind.RESUME: N_("resumed"),
    },
    Way: {
        Way.INTERNAL: N_("by this program"),
        Way.DRAFT: N_("draft in the mailbox"),
        Way.EML: N_(".eml file to open"),
        Way.THUNDERBIRD: "Thunderbird",
        Way.OUTLOOK: N_("classic Outlook"),
        Way.MAILTO: N_("default mail program, files attached by hand"),
        Way.MAPI: N_("default mail program of Windows"),
    },
    Auth: {
        Auth.PASSWORD: N_("password"),
        Auth.MICROSOFT: N_("Microsoft 365 login"),
        Auth.GOOGLE: N_("Google login"),
    },
    EvidencePlace: {
        EvidencePlace.ARCHIVE: N_("a copy is in the archive mailbox"),
        EvidencePlace.SENT: N_("a copy is among the sent messages"),
        EvidencePlace.REPORT: N_("a report about it came back"),
        EvidencePlace.COPY: N_("its blind copy arrived in our mailbox"),
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
            "blocked. Read the refusals before starting again."
        ),
        StopReason.CANARY: N_(
            "One of the first messages was refused or came back: the others did not leave. Read why; start "
            "again to send them all the same."
        ),
        StopReason.QUOTA: N_("The account's quota is reached. Start again later: what remains will go then."),
        StopReason.SUPERSEDED: N_(
            "A newer batch was prepared for this month: this one is not sent any more."
        ),
        StopReason.JOURNAL: N_("The journal cannot be used: nothing is sent without it."),
        StopReason.OUTBOX: N_("The batch is missing, altered or expired: prepare the month again."),
    },
    CheckStep: {
        CheckStep.DNS: N_("Server's name"),
        CheckStep.TCP: N_("Port"),
        CheckStep.GREETING: N_("Server"),
        CheckStep.TLS: N_("Encryption"),
        CheckStep.AUTH: N_("Login"),
        CheckStep.SIZE: N_("Size of messages"),
        CheckStep.DSN: N_("Delivery reports"),
        CheckStep.MAIL_FROM: N_("Sender"),
        CheckStep.SPF: N_("Allowed senders (SPF)"),
        CheckStep.DKIM: N_("Signature (DKIM)"),
        CheckStep.DMARC: N_("Policy (DMARC)"),
        CheckStep.PTR: N_("Name of the address (PTR)"),
        CheckStep.MX: N_("Families' domains (MX)"),
        CheckStep.MISSPELT: N_("Misspelt domains"),
    },
    CheckVerdict: {
        CheckVerdict.OK: N_("well"),
        CheckVerdict.WARNING: N_("to be checked"),
        CheckVerdict.FAILED: N_("failed"),
        CheckVerdict.SKIPPED: N_("not examined"),
    },
    # in one or two words, where a list of reasons is shown; ``describe_problem`` says the rest
    ProblemCode: {
        ProblemCode.FILE_MISSING: N_("file missing"),
        ProblemCode.FILE_UNREADABLE: N_("file unreadable"),
        ProblemCode.FILE_PROTECTED: N_("file protected by a password"),
        ProblemCode.FILE_OPEN: N_("file open in a spreadsheet"),
        ProblemCode.SHEET_MISSING: N_("sheet missing"),
        ProblemCode.COLUMN_MISSING: N_("column missing"),
        ProblemCode.COLUMN_TWICE: N_("column there twice"),
        ProblemCode.SHEET_TWICE: N_("sheet there twice"),
        ProblemCode.HIDDEN_ROWS: N_("hidden rows"),
        ProblemCode.VALUE_MISSING: N_("cell empty"),
        ProblemCode.VALUE_UNKNOWN: N_("word unknown"),
        ProblemCode.NUMBER_INVALID: N_("number unreadable"),
        ProblemCode.NUMBER_AMBIGUOUS: N_("number ambiguous"),
        ProblemCode.DATE_INVALID: N_("date unreadable"),
        ProblemCode.FORMULA_WITHOUT_VALUE: N_("formula without result"),
        ProblemCode.CELL_ERROR: N_("formula in error"),
        ProblemCode.EMAIL_INVALID: N_("e-mail address invalid"),
        ProblemCode.EMAIL_NOT_ASCII: N_("e-mail address with an accent"),
        ProblemCode.DUPLICATE_NUMBER: N_("number there twice"),
        ProblemCode.DUPLICATE_RESIDENT: N_("resident there twice"),
        ProblemCode.DUPLICATE_CONTACT: N_("contact there twice"),
        ProblemCode.RESIDENT_UNKNOWN: N_("resident unknown"),
        ProblemCode.INVOICE_UNKNOWN: N_("invoice unknown"),
        ProblemCode.PAYER_UNKNOWN: N_("recipient unknown"),
        ProblemCode.LINES_SUM: N_("lines do not add up"),
        ProblemCode.TOTAL_SUM: N_("total does not add up"),
        ProblemCode.NET_SUM: N_("net to pay does not add up"),
        ProblemCode.LINES_MISSING: N_("lines missing"),
        ProblemCode.PERIOD_REVERSED: N_("period reversed"),
        ProblemCode.CREDIT_NOTE_POSITIVE: N_("credit note positive"),
        ProblemCode.CREDITOR_ID_MISSING: N_("creditor id missing"),
        ProblemCode.MANDATE_MISSING: N_("mandate missing"),
        ProblemCode.NO_CONTACT: N_("nobody marked to receive"),
        ProblemCode.NO_ADDRESS: N_("no e-mail address"),
        ProblemCode.NO_USABLE_ADDRESS: N_("no e-mail address that can be used"),
        ProblemCode.ADDRESS_SET_ASIDE: N_("address set aside after returns"),
        ProblemCode.RESIDENT_DECEASED: N_("resident deceased"),
        ProblemCode.PDF_MISSING: N_("PDF missing"),
        ProblemCode.PDF_NOT_PROVED: N_("PDF not proved"),
        ProblemCode.PDF_NOT_PROTECTED: N_("PDF without password"),
        ProblemCode.ATTACHMENT_MISSING: N_("attachment missing"),
        ProblemCode.ATTACHMENT_FORMAT: N_("attachment of another kind"),
        ProblemCode.MESSAGE_TOO_BIG: N_("message too heavy"),
        ProblemCode.HEADER_INVALID: N_("name or subject unusable"),
        ProblemCode.CHANGED_AFTER_ACCEPTANCE: N_("changed after it was sent"),
    },
}


def total_of(period: Period) -> str:
    """Say what the boxes of a period's dispatch slip add up to."""
    return _("Certified for the year") if period.year else _("Month's billing")


def word(member: StrEnum) -> str:
    """Say a member of a closed vocabulary in the current language."""
    return _(WORDS[type(member)][member])
