"""A sentence and an advice for every problem: where, what, and what to do next."""

from __future__ import annotations

from collections.abc import Mapping

from elite_lib.labels.catalogue import N_, _
from elite_lib.labels.terms import WHY
from elite_lib.models import Problem, ProblemCode

_C = ProblemCode

# Filled in with the problem's value and facts; a fact that is missing is shown as "…".
PROBLEMS: Mapping[ProblemCode, str] = {
    _C.FILE_MISSING: N_("the file is not there. Put it back, or correct [data] source in elite.toml."),
    _C.FILE_UNREADABLE: N_("the file cannot be read ({why}). Open it, save it as .xlsx and try again."),
    _C.FILE_PROTECTED: N_("the file is protected by a password. Save a copy without a password."),
    _C.SHEET_MISSING: N_("the sheet “{value}” is missing. Add it, or name it in [data.aliases]."),
    _C.SHEET_TWICE: N_("several sheets can be “{value}” ({sheets}). Keep one, or rename the others."),
    _C.COLUMN_MISSING: N_("the column “{value}” is missing. Add it, or name it in [data.aliases]."),
    _C.COLUMN_TWICE: N_("the column “{value}” is there twice. Remove or rename one of them."),
    _C.HIDDEN_ROWS: N_("hidden rows were read like the others. Show them and check them."),
    _C.VALUE_MISSING: N_("the cell is empty. Fill it in."),
    _C.VALUE_UNKNOWN: N_("“{value}” is not a known word. Use one of: {allowed}."),
    _C.NUMBER_INVALID: N_("“{value}” is not a number. Type it like 1234,56."),
    _C.NUMBER_AMBIGUOUS: N_(
        "“{value}” can be read in two ways. Type it with a decimal comma and two decimals, like 1234,00."
    ),
    _C.DATE_INVALID: N_("“{value}” is not a date. Type it like 31/10/2026."),
    _C.FORMULA_WITHOUT_VALUE: N_(
        "the formula has no stored result. Open the file in Excel or LibreOffice, save it, and try again."
    ),
    _C.CELL_ERROR: N_("the cell shows the error {value}. Correct its formula."),
    _C.EMAIL_INVALID: N_("“{value}” is not an e-mail address. Correct it: nothing is sent to it."),
    _C.EMAIL_NOT_ASCII: N_(
        "“{value}” has an accent before the @: most servers cannot deliver it, and the refusal can be lost. "
        "Ask the family for the address without accents."
    ),
    _C.DUPLICATE_NUMBER: N_(
        "the number “{value}” is there several times. Give each document its own number."
    ),
    _C.DUPLICATE_RESIDENT: N_("the resident's code “{value}” is there several times. Keep one row."),
    _C.DUPLICATE_CONTACT: N_(
        "two contacts of this resident have the same rank “{value}”. Number them differently."
    ),
    _C.RESIDENT_UNKNOWN: N_(
        "the resident “{value}” is not in the sheet Résidents. Add them or correct the code."
    ),
    _C.INVOICE_UNKNOWN: N_(
        "the invoice “{value}” is not in the sheet Factures. Add it or correct the number."
    ),
    _C.PAYER_UNKNOWN: N_(
        "the resident has no contact of rank “{value}”. Correct Destinataire or add the contact."
    ),
    _C.LINES_SUM: N_("the lines add up to {sum}, the invoice says {expected}. Correct one of them."),
    _C.TOTAL_SUM: N_("before tax plus VAT makes {sum}, the invoice says {expected}. Correct one of them."),
    _C.NET_SUM: N_(
        "total less deductions and down payments makes {sum}, the invoice says {expected}. Correct it."
    ),
    _C.LINES_MISSING: N_("the invoice has no line and no PDF. Add its lines or its PDF."),
    _C.PERIOD_REVERSED: N_("the period ends before it begins. Correct its dates."),
    _C.CREDIT_NOTE_POSITIVE: N_(
        "a credit note must have a negative net; this one says {value}. Correct the sign."
    ),
    _C.CREDITOR_ID_MISSING: N_(
        "invoices are paid by direct debit, and the home's creditor id (ICS) is not set. Fill in [letterhead] creditor_id."
    ),
    _C.MANDATE_MISSING: N_("paid by direct debit, but the resident has no mandate reference (RUM). Add it."),
    _C.NO_CONTACT: N_("nobody is marked to receive this invoice: it goes to the print pile. Mark a contact."),
    _C.NO_ADDRESS: N_("no e-mail address for the recipient: the invoice goes to the print pile."),
    _C.NO_USABLE_ADDRESS: N_(
        "no usable e-mail address (“{value}”): the invoice goes to the print pile. Correct the address."
    ),
    _C.RESIDENT_DECEASED: N_(
        "the resident has died: say to whom the invoice goes (“elite settle MONTH INVOICE --resend --to ADDRESS”), "
        "or settle it by post."
    ),
    _C.PDF_MISSING: N_("the PDF “{path}” cannot be made or read ({detail}). Put it where the sheet says."),
    _C.PDF_NOT_PROVED: N_(
        "the PDF of {document} is not proved to be this resident's: {why}. Check the file."
    ),
    _C.ATTACHMENT_MISSING: N_(
        "the attachment “{value}” cannot be read ({detail}). Put it back or remove it."
    ),
    _C.ATTACHMENT_FORMAT: N_(
        "the attachment “{value}” is of a kind that families may not be able to open, or is not what its name says. "
        "Save it as PDF (accepted: {allowed})."
    ),
    _C.MESSAGE_TOO_BIG: N_("the message weighs {size}; the limit is {limit}. Make the attachments lighter."),
    _C.HEADER_INVALID: N_("a line break or a control character in “{value}” ({header}). Remove it."),
    _C.CHANGED_AFTER_ACCEPTANCE: N_(
        "already sent, and changed since ({changes}). If the new one replaces it: “elite settle MONTH INVOICE --resend”."
    ),
}


class _Facts(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "…"


def describe_problem(problem: Problem) -> str:
    """Say a problem in one line: ``file, sheet “Contacts”, row 37, “E-mail”: … what to do``."""
    facts = {name: _fact(text) for name, text in problem.facts.items()}
    sentence = _(PROBLEMS[problem.code]).format_map(_Facts(facts | {"value": problem.value}))
    where = ", ".join(_where(problem))
    return _("{where}: {sentence}").format(where=where, sentence=sentence) if where else sentence


def _fact(text: str) -> str:
    """Translate a fact that is one or several words of the closed list; leave free text as it is."""
    parts = text.split(",")
    return ", ".join(_(WHY[part]) for part in parts) if all(part in WHY for part in parts) else text


def _where(problem: Problem) -> list[str]:
    parts = [problem.file] if problem.file else []
    if problem.sheet:
        parts.append(_("sheet “{name}”").format(name=problem.sheet))
    if problem.row is not None:
        parts.append(_("row {number}").format(number=problem.row))
    if problem.column:
        parts.append(_("“{name}”").format(name=problem.column))
    return parts
